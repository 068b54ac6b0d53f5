//! Where a transaction's outputs and inputs begin, which transaction made an output, which block holds a
//! transaction.
//!
//! Every 64th transaction has whole numbers, the others three bytes beyond them: 64 transactions have fewer than
//! 2^24 outputs, blocks being as small as they are. Which transaction made an output is not stored: a sample
//! for every 64th output names it, and a search between two samples finds the rest within a cache line or two.

use super::column::{Rows, index};
use super::layout::STRIDE;

/// First output and first input of a transaction with whole numbers.
#[inline]
pub(super) fn of_base(base: &[u8; 10]) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, i, j] = *base;
    (
        u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]),
        u64::from_le_bytes([f, g, h, i, j, 0, 0, 0]),
    )
}

/// The first output of a transaction.
#[inline]
pub(super) fn first_output(base: &impl Rows<10>, step: &impl Rows<6>, tx: usize) -> u64 {
    let [a, b, c, ..] = *step.record(tx);
    of_base(base.record(tx / STRIDE_ROWS)).0 + u64::from(u32::from_le_bytes([a, b, c, 0]))
}

/// The first input of a transaction.
#[inline]
pub(super) fn first_input(base: &impl Rows<10>, step: &impl Rows<6>, tx: usize) -> u64 {
    let [.., a, b, c] = *step.record(tx);
    of_base(base.record(tx / STRIDE_ROWS)).1 + u64::from(u32::from_le_bytes([a, b, c, 0]))
}

const STRIDE_ROWS: usize = 64;
const _: () = assert!(STRIDE == 64, "both are one number");

/// The holder of `row`: the last whose start is not beyond it. `holders` is how many there are.
#[inline]
pub(super) fn holder(
    samples: &impl Rows<4>,
    rows: u64,
    holders: usize,
    row: u64,
    start: impl Fn(usize) -> u64,
) -> usize {
    let sample = |number: u64| index(samples.number(index(number)));
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
