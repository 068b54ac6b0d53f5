//! Which transaction made an output, which block holds a transaction: a rank over the column of starts.
//!
//! Nothing is stored per row. A sample for every 64th row names its holder, and a search between two
//! samples finds the rest within a cache line or two.

use super::column::{Column, four, index};
use super::layout::STRIDE;
use crate::store::StoreError;

/// The holder of `row`: the last whose start is not beyond it. `holders` is how many there are.
pub(super) fn holder(
    samples: &Column<4>,
    rows: u64,
    holders: usize,
    row: u64,
    start: impl Fn(usize) -> u64,
) -> usize {
    let sample = |number: u64| usize::try_from(samples.get(index(number))).unwrap_or(usize::MAX);
    let number = row / STRIDE;
    let mut low = sample(number);
    let next = number + 1;
    let mut high = if next < rows.div_ceil(STRIDE) {
        sample(next)
    } else {
        holders - 1
    };
    // The holder is in low..=high.
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if start(middle) <= row {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// Gives the samples in order: the holder of each 64th row.
pub(super) fn samples(
    rows: u64,
    holders: usize,
    start: impl Fn(usize) -> u64,
    mut give: impl FnMut(u32) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut row = 0;
    for holder in 0..holders {
        let end = if holder + 1 < holders {
            start(holder + 1)
        } else {
            rows
        };
        while row < end {
            give(four(holder))?;
            row += STRIDE;
        }
    }
    Ok(())
}
