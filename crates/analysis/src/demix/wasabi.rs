//! Wasabi's three generations: ZeroLink at 0.1 BTC, mixing levels, and WabiSabi with many values.
//!
//! Source: Stütz, Stockinger, Moreno-Sanchez, Haslhofer and Maffei, *Adoption and Actual Privacy of Decentralized CoinJoin
//! Implementations in Bitcoin* (AFT 2022), with the later constants of GraphSense. It fails on rounds whose outputs reuse
//! an address, and on batch payouts of equal sums by somebody with very many input addresses.

use super::shape::{Shape, Sums};
use super::{Make, Match};

const BASE: u64 = 10_000_000;
const TOLERANCE: u64 = 500_000;
const INPUTS_MIN_1: usize = 10;
const INPUTS_MIN_2: usize = 20;
/// So many inputs one participant may bring.
const INPUTS_EACH: usize = 7;
const PARTICIPANTS_MIN: usize = 3;
const VALUE_MIN_2: u64 = 5_000;

/// Wasabi 1.0: one value near 0.1 BTC that half of the outputs have, the coordinator's left aside.
pub(super) fn version_1_0(shape: &Shape, sums: &Sums) -> Option<Match> {
    if !is_round_of_version_1(shape, sums) {
        return None;
    }
    let (value, equal) = sums.most_common(BASE - TOLERANCE..=BASE + TOLERANCE)?;
    let outputs = shape.outputs.len();
    let fits = equal >= PARTICIPANTS_MIN
        && 2 * equal + 1 >= outputs
        && (equal..=INPUTS_EACH * equal).contains(&sums.owners_in);
    fits.then(|| Match {
        make: Make::Wasabi1,
        anonymity_set: count(equal),
        denominations: vec![value],
        confidence: 70,
    })
}

/// Wasabi 1.1: levels of 0.1 BTC times powers of two, at least two outputs on each that counts.
pub(super) fn version_1_1(shape: &Shape, sums: &Sums) -> Option<Match> {
    if !is_round_of_version_1(shape, sums) {
        return None;
    }
    let largest = sums.values.last()?.0;
    let levels = (0..32_u32)
        .map(|level| (BASE << level, TOLERANCE << level))
        .take_while(|(value, _)| *value <= largest);
    let levels =
        levels.map(|(value, off)| (value, sums.count_within(&(value - off..=value + off))));
    let levels: Vec<(u64, usize)> = levels.filter(|(_, equal)| *equal >= 2).collect();
    let most = levels.iter().map(|(_, equal)| *equal).max()?;
    // With the lowest level alone it is a round of version 1.0.
    let is_levelled = levels.iter().any(|(value, _)| *value != BASE);
    let mixed: usize = levels.iter().map(|(_, equal)| equal).sum();
    let (outputs, owners) = (shape.outputs.len(), sums.owners_in);
    let is_half = 2 * mixed + 1 >= outputs;
    let is_rest_change = mixed + owners + 1 >= outputs;
    let fits = is_levelled
        && most >= PARTICIPANTS_MIN
        && (most..=INPUTS_EACH * most).contains(&owners)
        && (is_half || is_rest_change);
    if !fits {
        return None;
    }
    // From 50, where each brings seven inputs, to 100, where each brings one.
    let tight = 50 + 50 * (INPUTS_EACH * most - owners) / ((INPUTS_EACH - 1) * owners);
    let confidence = if is_half && is_rest_change {
        tight
    } else {
        tight / 2
    };
    Some(Match {
        make: Make::Wasabi11,
        anonymity_set: count(most),
        denominations: levels.into_iter().map(|(value, _)| value).collect(),
        confidence: u8::try_from(confidence.min(100)).unwrap_or(100),
    })
}

/// Wasabi 2.0: at least three values that stand more than once, for half of the outputs and not for all.
pub(super) fn version_2(shape: &Shape, sums: &Sums) -> Option<Match> {
    let smallest = sums.values.first()?.0;
    if shape.inputs.len() < INPUTS_MIN_2
        || sums.is_sweep(shape)
        || smallest < VALUE_MIN_2
        || !sums.outputs_differ
    {
        return None;
    }
    let repeated: Vec<(u64, usize)> = sums
        .values
        .iter()
        .copied()
        .filter(|(_, equal)| *equal >= 2)
        .collect();
    let mixed: usize = repeated.iter().map(|(_, equal)| equal).sum();
    let outputs = shape.outputs.len();
    let fits = repeated.len() >= 3 && 2 * mixed + 1 >= outputs && mixed < outputs;
    let most = repeated.iter().map(|(_, equal)| *equal).max()?;
    fits.then(|| Match {
        make: Make::Wasabi2,
        anonymity_set: count(most),
        denominations: repeated.into_iter().map(|(value, _)| value).collect(),
        confidence: 60,
    })
}

/// What both versions of the first generation ask: many inputs of many, outputs that differ, and no plain split.
fn is_round_of_version_1(shape: &Shape, sums: &Sums) -> bool {
    shape.inputs.len() >= INPUTS_MIN_1
        && !sums.is_sweep(shape)
        && sums.outputs_differ
        && !is_plain_split(shape, sums)
}

/// A small round whose outputs add up to a multiple of the commonest value, to a ten-thousandth: somebody divided a
/// sum evenly.
fn is_plain_split(shape: &Shape, sums: &Sums) -> bool {
    if shape.inputs.len() >= INPUTS_MIN_2 || sums.total_out == 0 {
        return false;
    }
    let Some((common, _)) = sums.most_common(1..=u64::MAX) else {
        return false;
    };
    let common = u128::from(common);
    let times = (sums.total_out + common / 2) / common;
    let off = sums.total_out.abs_diff(times * common);
    times > 0 && off * 10_000 <= sums.total_out
}

fn count(equal: usize) -> u32 {
    u32::try_from(equal).unwrap_or(u32::MAX)
}
