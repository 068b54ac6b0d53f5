//! Which column files there are, how wide their records are, and how many a chain of given counts has.
//!
//! All numbers are little-endian and of fixed width, so that a record lies at id × width; a file's size
//! follows from the counts alone, and a cut file is seen when it is opened. The table in
//! `docs/reference/store.md` is this one.

use serde::{Deserialize, Serialize};

/// One sample per this many rows finds the transaction of an output, and the block of a transaction; and
/// one whole number per this many transactions carries the small ones of the others.
pub(super) const STRIDE: u64 = 64;

/// How many of each thing a chain has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    pub(crate) inputs: u64,
    pub(crate) outputs: u64,
    /// Outputs that are spent here and were made elsewhere.
    pub(crate) outside: u64,
    pub(crate) addresses: u64,
    /// Addresses of 32 bytes, half of which lie in a column of their own.
    pub(crate) rests: u64,
    /// Addresses of a form that the short record has no room for.
    pub(crate) longs: u64,
    /// All that comes into the blocks, in satoshi: new coins, and known outputs made elsewhere.
    pub(crate) entering: u64,
}

/// The width of what a block's record keeps of the counts before it.
const KEPT: usize = 39;
/// Header, height, claimed height, counts.
pub(super) const HEAD: usize = 80 + 4 + 4 + KEPT;

impl Counts {
    /// The counts before a block, as its record keeps them; the number of blocks is its row.
    pub(super) fn to_record(self) -> [u8; KEPT] {
        let mut record = [0; KEPT];
        let mut at = 0;
        let fields = [
            (self.transactions, 4),
            (self.inputs, 5),
            (self.outputs, 5),
            (self.outside, 5),
            (self.addresses, 4),
            (self.rests, 4),
            (self.longs, 4),
            (self.entering, 8),
        ];
        for (number, width) in fields {
            let bytes = number.to_le_bytes();
            let (kept, rest) = bytes.split_at(width);
            assert!(rest.iter().all(|byte| *byte == 0), "ids fit their columns");
            record[at..at + width].copy_from_slice(kept);
            at += width;
        }
        record
    }

    /// Reads them back.
    pub(super) fn from_record(blocks: u64, record: &[u8; KEPT]) -> Self {
        let mut at = 0;
        let mut next = |width: usize| {
            let mut bytes = [0; 8];
            bytes[..width].copy_from_slice(&record[at..at + width]);
            at += width;
            u64::from_le_bytes(bytes)
        };
        Self {
            blocks,
            transactions: next(4),
            inputs: next(5),
            outputs: next(5),
            outside: next(5),
            addresses: next(4),
            rests: next(4),
            longs: next(4),
            entering: next(8),
        }
    }
}

/// A column file that is only ever appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    BlockHead,
    TxId,
    TxBase,
    TxStep,
    TxBlock,
    OutValue,
    OutAddress,
    OutTx,
    InPrev,
    Outside,
    Address,
    AddressRest,
    AddressLong,
}

impl Kind {
    pub(super) const ALL: [Self; 13] = [
        Self::BlockHead,
        Self::TxId,
        Self::TxBase,
        Self::TxStep,
        Self::TxBlock,
        Self::OutValue,
        Self::OutAddress,
        Self::OutTx,
        Self::InPrev,
        Self::Outside,
        Self::Address,
        Self::AddressRest,
        Self::AddressLong,
    ];

    /// The file's name and the width of its records.
    fn form(self) -> (&'static str, usize) {
        match self {
            Self::BlockHead => ("block.head", HEAD),
            Self::TxId => ("tx.id", 32),
            Self::TxBase => ("tx.base", 10),
            Self::TxStep => ("tx.step", 6),
            Self::TxBlock => ("tx.block", 4),
            Self::OutValue => ("out.value", 7),
            Self::OutAddress => ("out.address", 4),
            Self::OutTx => ("out.tx", 4),
            Self::InPrev => ("in.prev", 5),
            Self::Outside => ("outside.output", 52),
            Self::Address => ("address.key", 21),
            Self::AddressRest => ("address.rest", 16),
            Self::AddressLong => ("address.long", 42),
        }
    }

    /// The file's name.
    pub(super) fn name(self) -> &'static str {
        self.form().0
    }

    /// The width of its records in bytes.
    pub(super) fn width(self) -> usize {
        self.form().1
    }

    /// How many records it has.
    pub(super) fn rows(self, counts: &Counts) -> u64 {
        match self {
            Self::BlockHead => counts.blocks,
            Self::TxId | Self::TxStep => counts.transactions,
            Self::TxBase | Self::TxBlock => counts.transactions.div_ceil(STRIDE),
            Self::OutValue | Self::OutAddress => counts.outputs,
            Self::OutTx => counts.outputs.div_ceil(STRIDE),
            Self::InPrev => counts.inputs,
            Self::Outside => counts.outside,
            Self::Address => counts.addresses,
            Self::AddressRest => counts.rests,
            Self::AddressLong => counts.longs,
        }
    }
}

/// The file that says which transaction spends an output: one more than its id, four bytes an output.
pub(super) const OUT_SPENT: &str = "out.spent";
