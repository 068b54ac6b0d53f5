//! A hash index over a column of keys: sorted fingerprints in buckets, each with the row it stands for.
//!
//! The top bits of a fingerprint choose the bucket, the next three bytes are kept. A fingerprint says
//! "perhaps": whoever looks up compares the whole key. Rows of equal keys come in row order.

use std::path::Path;

use super::column::{Appender, Column, four, index};
use super::layout::{Counts, Kind, bucket_bits};
use crate::store::StoreError;

/// An index, mapped.
#[derive(Debug)]
pub(super) struct HashIndex {
    bits: u32,
    buckets: Column<4>,
    slots: Column<7>,
}

impl HashIndex {
    /// Opens the index that lies in two columns, over as many keys as the second has rows.
    pub(super) fn open(
        folder: &Path,
        (buckets, slots): (Kind, Kind),
        counts: &Counts,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            bits: bucket_bits(slots.rows(counts)),
            buckets: Column::open(folder, buckets, counts)?,
            slots: Column::open(folder, slots, counts)?,
        })
    }

    /// The rows that may have the key of this fingerprint.
    pub(super) fn candidates(&self, fingerprint: u64) -> impl Iterator<Item = u32> {
        let (bucket, rest) = place(fingerprint, self.bits);
        let bound = |row: usize| usize::try_from(self.buckets.get(row)).unwrap_or(usize::MAX);
        let slots = bound(index(bucket))..bound(index(bucket) + 1);
        slots.filter_map(move |slot| {
            let [a, b, c, row @ ..] = *self.slots.record(slot);
            ([a, b, c] == rest).then(|| u32::from_le_bytes(row))
        })
    }
}

/// The bucket of a fingerprint, and what is kept of the rest.
fn place(fingerprint: u64, bits: u32) -> (u64, [u8; 3]) {
    let bucket = fingerprint.checked_shr(64 - bits).unwrap_or(0);
    let [.., a, b, c] = (fingerprint << bits).to_le_bytes();
    (bucket, [a, b, c])
}

/// Writes the index over keys `0..keys`, whose fingerprints it asks for. Sorts them in memory: 16 bytes a key.
pub(super) fn write(
    folder: &Path,
    (buckets, slots): (Kind, Kind),
    keys: u64,
    fingerprint: impl Fn(usize) -> u64,
) -> Result<(), StoreError> {
    let bits = bucket_bits(keys);
    let rows = 0..index(keys);
    let mut sorted: Vec<(u64, u32)> = rows.map(|row| (fingerprint(row), four(row))).collect();
    sorted.sort_unstable();
    let mut bucket_file = Appender::create(folder, buckets.name())?;
    let mut slot_file = Appender::create(folder, slots.name())?;
    let mut next = 0;
    for (slot, (fingerprint, row)) in sorted.iter().enumerate() {
        let (bucket, rest) = place(*fingerprint, bits);
        while next <= bucket {
            bucket_file.push(&four(slot).to_le_bytes())?;
            next += 1;
        }
        slot_file.push(&rest)?;
        slot_file.push(&row.to_le_bytes())?;
    }
    while next <= 1_u64 << bits {
        bucket_file.push(&four(keys).to_le_bytes())?;
        next += 1;
    }
    bucket_file.finish()?;
    slot_file.finish()
}
