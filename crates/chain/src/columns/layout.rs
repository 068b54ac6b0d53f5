//! Which column files there are, how wide their records are, and how many a chain of given counts has.
//!
//! All numbers are little-endian and of fixed width, so that a record lies at id × width; a file's size
//! follows from the counts alone, and a cut file is seen when it is opened. The table in
//! `docs/reference/store.md` is this one.

use serde::{Deserialize, Serialize};

/// One sample per this many rows finds the transaction of an output, and the block of a transaction.
pub(super) const STRIDE: u64 = 64;

/// How many of each thing a chain has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) blocks: u64,
    pub(super) transactions: u64,
    pub(super) inputs: u64,
    pub(super) outputs: u64,
    /// Outputs that are spent here and were made elsewhere.
    pub(super) outside: u64,
    /// Those of them whose address is known.
    pub(super) outside_owned: u64,
    pub(super) addresses: u64,
    /// Addresses of a form that the short record has no room for.
    pub(super) long_addresses: u64,
    /// Outputs that have an address.
    pub(super) postings: u64,
}

/// A column file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    BlockHead,
    TxId,
    TxOut,
    TxIn,
    TxBlock,
    TxBucket,
    TxSlot,
    OutValue,
    OutAddress,
    OutSpent,
    OutTx,
    InPrev,
    Outside,
    OutsideOwned,
    Address,
    AddressLong,
    AddressStart,
    AddressPost,
    AddressSpends,
    AddressBucket,
    AddressSlot,
}

impl Kind {
    pub(super) const ALL: [Self; 21] = [
        Self::BlockHead,
        Self::TxId,
        Self::TxOut,
        Self::TxIn,
        Self::TxBlock,
        Self::TxBucket,
        Self::TxSlot,
        Self::OutValue,
        Self::OutAddress,
        Self::OutSpent,
        Self::OutTx,
        Self::InPrev,
        Self::Outside,
        Self::OutsideOwned,
        Self::Address,
        Self::AddressLong,
        Self::AddressStart,
        Self::AddressPost,
        Self::AddressSpends,
        Self::AddressBucket,
        Self::AddressSlot,
    ];

    /// The file's name and the width of its records.
    fn form(self) -> (&'static str, u64) {
        match self {
            Self::BlockHead => ("block.head", 88),
            Self::TxId => ("tx.id", 32),
            Self::TxOut => ("tx.out", 5),
            Self::TxIn => ("tx.in", 5),
            Self::TxBlock => ("tx.block", 4),
            Self::TxBucket => ("tx.bucket", 4),
            Self::TxSlot => ("tx.slot", 7),
            Self::OutValue => ("out.value", 8),
            Self::OutAddress => ("out.address", 4),
            Self::OutSpent => ("out.spent", 4),
            Self::OutTx => ("out.tx", 4),
            Self::InPrev => ("in.prev", 5),
            Self::Outside => ("outside.output", 52),
            Self::OutsideOwned => ("outside.owned", 5),
            Self::Address => ("address.payload", 33),
            Self::AddressLong => ("address.long", 42),
            Self::AddressStart => ("address.start", 5),
            Self::AddressPost => ("address.post", 5),
            Self::AddressSpends => ("address.spends", 4),
            Self::AddressBucket => ("address.bucket", 4),
            Self::AddressSlot => ("address.slot", 7),
        }
    }

    /// The file's name.
    pub(super) fn name(self) -> &'static str {
        self.form().0
    }

    /// The width of its records in bytes.
    pub(super) fn width(self) -> u64 {
        self.form().1
    }

    /// How many records it has.
    pub(super) fn rows(self, counts: &Counts) -> u64 {
        match self {
            Self::BlockHead => counts.blocks,
            Self::TxId | Self::TxSlot => counts.transactions,
            Self::TxOut | Self::TxIn => counts.transactions.saturating_add(1),
            Self::TxBlock => counts.transactions.div_ceil(STRIDE),
            Self::TxBucket => buckets(counts.transactions),
            Self::OutValue | Self::OutAddress | Self::OutSpent => counts.outputs,
            Self::OutTx => counts.outputs.div_ceil(STRIDE),
            Self::InPrev => counts.inputs,
            Self::Outside => counts.outside,
            Self::OutsideOwned => counts.outside_owned,
            Self::Address | Self::AddressSpends | Self::AddressSlot => counts.addresses,
            Self::AddressLong => counts.long_addresses,
            Self::AddressStart => counts.addresses.saturating_add(1),
            Self::AddressPost => counts.postings,
            Self::AddressBucket => buckets(counts.addresses),
        }
    }

    /// How many bytes it has.
    pub(super) fn bytes(self, counts: &Counts) -> u64 {
        self.rows(counts).saturating_mul(self.width())
    }
}

/// By how many bits of its fingerprint a key finds its bucket: 16 to 32 keys in each.
pub(super) fn bucket_bits(keys: u64) -> u32 {
    (keys / 32).checked_ilog2().map_or(0, |bits| bits + 1)
}

/// One start for each bucket, and the end of the last.
fn buckets(keys: u64) -> u64 {
    (1_u64 << bucket_bits(keys)) + 1
}
