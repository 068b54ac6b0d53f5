//! Whirlpool: rounds of equal outputs of a known pool, and the transactions (Tx0) that prepare coins for one.
//!
//! Source: Samourai's protocol as described by Stütz et al. (AFT 2022), pools and fees as GraphSense has them. A round is
//! five to eight inputs and as many outputs, all of the pool's value; those who come in new bring a little more, for the fee.

use super::shape::{Shape, Sums};
use super::{Make, Match};

/// Pools: the value of each output, and the fee for coming in, in satoshi.
const POOLS: [(u64, u64); 4] = [
    (100_000, 5_000),
    (1_000_000, 50_000),
    (5_000_000, 175_000),
    (50_000_000, 1_750_000),
];
/// What an entrant brings beyond the pool's value, at the least and at the most.
const EXTRA_MIN: u64 = 100;
const EXTRA_MAX: u64 = 110_000;
/// So many outputs for a pool a Tx0 makes at the most.
const PREMIX_MAX: usize = 70;

/// A round.
pub(super) fn round(shape: &Shape, sums: &Sums) -> Option<Match> {
    let value = pool_of_round(shape, sums)?;
    Some(Match {
        make: Make::Whirlpool,
        anonymity_set: u32::try_from(shape.outputs.len()).unwrap_or(u32::MAX),
        denominations: vec![value],
        confidence: 60,
    })
}

/// The pool whose round a transaction is, by the value of its outputs.
pub(super) fn pool_of_round(shape: &Shape, sums: &Sums) -> Option<u64> {
    let inputs = shape.inputs.len();
    let [(value, outputs)] = sums.values[..] else {
        return None;
    };
    let fits = (5..=8).contains(&inputs)
        && outputs == inputs
        && sums.owners_in == inputs
        && sums.outputs_differ
        && POOLS.iter().any(|(pool, _)| *pool == value);
    if !fits {
        return None;
    }
    let mut entrants = 0;
    for input in &shape.inputs {
        match input.value?.checked_sub(value)? {
            0 => {}
            EXTRA_MIN..=EXTRA_MAX => entrants += 1,
            _ => return None,
        }
    }
    (1..=4).contains(&entrants).then_some(value)
}

/// The pool that a transaction prepares coins for, by the value of its rounds' outputs; and for how many. It is not a
/// CoinJoin: its inputs are one person's.
pub(super) fn pool_of_preparation(shape: &Shape) -> Option<(u64, usize)> {
    if shape.is_coinbase || shape.bare_outputs.len() != 1 || shape.outputs.len() < 2 {
        return None;
    }
    let sums = Sums::of(shape);
    POOLS.iter().find_map(|(pool, fee)| {
        // Of values that stand equally often, the largest: it leaves the most for fees.
        let range = pool + EXTRA_MIN..=pool + EXTRA_MAX;
        let within = sums
            .values
            .iter()
            .filter(|(value, _)| range.contains(value));
        let (_, premix) = within
            .copied()
            .max_by_key(|(value, equal)| (*equal, *value))?;
        let fees = sums.count_within(&(fee.div_ceil(2)..=3 * fee));
        let fits = premix <= PREMIX_MAX && premix + 2 >= shape.outputs.len() && fees == 1;
        fits.then_some((*pool, premix))
    })
}
