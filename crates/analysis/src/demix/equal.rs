//! Shapes that rest on equal outputs alone: JoinMarket, BlockSci's generic rule, and Stonewall, which imitates them.
//!
//! Sources: Kalodner et al., *BlockSci* (USENIX Security 2020) for the generic rule; Möser and Böhme (2017) and
//! Stütz et al. (AFT 2022) for JoinMarket; Samourai's documents for Stonewall. They fail on batch payouts of equal sums.

use super::shape::{Shape, Sums, runs};
use super::{Make, Match};

/// Values that colour schemes and dust limits use; equal outputs of these say nothing.
const DUST: [u64; 2] = [546, 2730];
const JOINMARKET_DUST: u64 = 2730;
const JOINMARKET_LARGE: usize = 50;
const STONEWALL_MIN: u64 = 5_000;

/// JoinMarket: half of the outputs or more are equal, at least three, of as many input addresses; the rest is change.
pub(super) fn joinmarket(shape: &Shape, sums: &Sums) -> Option<Match> {
    let (value, equal) = sums.most_common(JOINMARKET_DUST + 1..=u64::MAX)?;
    let outputs = shape.outputs.len();
    let inputs = shape.inputs.len();
    let fits = 2 * equal >= outputs
        && (3..=sums.owners_in).contains(&equal)
        && sums.outputs_differ
        && equal < outputs;
    // Of a large round each brings a few inputs and takes about two outputs; a payout of an exchange does neither.
    let is_like_a_payout =
        inputs >= JOINMARKET_LARGE && (inputs > 20 * equal || 10 * outputs < 17 * equal);
    (fits && !is_like_a_payout).then(|| Match {
        make: Make::JoinMarket,
        anonymity_set: u32::try_from(equal).unwrap_or(u32::MAX),
        denominations: vec![value],
        confidence: 49,
    })
}

/// The generic rule: with k the outputs' half rounded up, k inputs of k addresses, and one value that exactly k outputs
/// have, which is no dust.
pub(super) fn generic(shape: &Shape, sums: &Sums) -> Option<Match> {
    let outputs = shape.outputs.len() + shape.bare_outputs.len();
    let parties = outputs.div_ceil(2);
    if outputs < 3 || parties > shape.inputs_count || parties > sums.owners_in {
        return None;
    }
    let (value, equal) = most_common_of_all(shape, sums)?;
    let fits = equal == parties && !DUST.contains(&value);
    fits.then(|| Match {
        make: Make::Generic,
        anonymity_set: u32::try_from(parties).unwrap_or(u32::MAX),
        denominations: vec![value],
        confidence: 30,
    })
}

/// The value that most outputs have, those without an address included.
fn most_common_of_all(shape: &Shape, sums: &Sums) -> Option<(u64, usize)> {
    if shape.bare_outputs.is_empty() {
        return sums.most_common(0..=u64::MAX);
    }
    let addressed = shape.outputs.iter().filter_map(|side| side.value);
    let mut values: Vec<u64> = addressed
        .chain(shape.bare_outputs.iter().copied())
        .collect();
    values.sort_unstable();
    let all = runs(values);
    all.into_iter()
        .max_by_key(|(value, count)| (*count, std::cmp::Reverse(*value)))
}

/// A Stonewall: three or four outputs of different addresses, exactly two of them equal, and change that differs. One
/// payer makes it alone to look like two.
pub(super) fn is_stonewall(shape: &Shape, sums: &Sums) -> bool {
    let outputs = shape.outputs.len();
    if !(3..=4).contains(&outputs) || shape.inputs.len() < 2 || !sums.outputs_differ {
        return false;
    }
    let mut pairs = sums.values.iter().filter(|(_, equal)| *equal == 2);
    let pair = pairs.next();
    pairs.next().is_none() && pair.is_some_and(|(value, _)| *value >= STONEWALL_MIN)
}
