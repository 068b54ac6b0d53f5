//! Which column files there are, how wide their records are, and how many a chain of given counts has.
//!
//! All numbers are little-endian and of fixed width, so that a record lies at id × width; a file's size
//! follows from the counts alone, and a cut file is seen when it is opened. The table in
//! `docs/reference/store.md` is this one.

use serde::{Deserialize, Serialize};

/// How many of each thing a chain has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) transactions: u64,
    pub(super) legs: u64,
    pub(super) holdings: u64,
    pub(super) postings: u64,
    pub(super) addresses: u64,
    pub(super) assets: u64,
    /// Transfers of no amount.
    pub(super) zeros: u64,
    /// Blocks that sources tell of.
    pub(super) blocks: u64,
    /// Amounts that have no room in their record.
    pub(super) wide: u64,
    /// Bytes of text: assets, and the ids and addresses that are not of a known form.
    pub(super) text: u64,
}

/// A column file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TxId,
    TxPlace,
    TxStart,
    TxFind,
    Leg,
    Holding,
    HoldingStart,
    Post,
    PostBalance,
    Address,
    AddressStart,
    AddressHolding,
    AddressFind,
    Asset,
    Zero,
    Block,
    Wide,
    Text,
}

impl Kind {
    /// The file's name and the width of its records.
    fn form(self) -> (&'static str, u64) {
        match self {
            Self::TxId => ("tx.id", 33),
            Self::TxPlace => ("tx.place", 17),
            Self::TxStart => ("tx.start", 5),
            Self::TxFind => ("tx.find", 4),
            Self::Leg => ("leg.leg", 28),
            Self::Holding => ("holding.head", 20),
            Self::HoldingStart => ("holding.start", 5),
            Self::Post => ("post.leg", 8),
            Self::PostBalance => ("post.balance", 12),
            Self::Address => ("address.payload", 22),
            Self::AddressStart => ("address.start", 9),
            Self::AddressHolding => ("address.holding", 4),
            Self::AddressFind => ("address.find", 4),
            Self::Asset => ("asset.text", 12),
            Self::Zero => ("zero.transfer", 21),
            Self::Block => ("block.head", 81),
            Self::Wide => ("amount.wide", 32),
            Self::Text => ("text", 1),
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
    fn rows(self, counts: &Counts) -> u64 {
        match self {
            Self::TxId | Self::TxPlace | Self::TxFind => counts.transactions,
            Self::TxStart => counts.transactions.saturating_add(1),
            Self::Leg => counts.legs,
            Self::Holding | Self::AddressHolding => counts.holdings,
            Self::HoldingStart => counts.holdings.saturating_add(1),
            Self::Post | Self::PostBalance => counts.postings,
            Self::Address | Self::AddressFind => counts.addresses,
            Self::AddressStart => counts.addresses.saturating_add(1),
            Self::Asset => counts.assets,
            Self::Zero => counts.zeros,
            Self::Block => counts.blocks,
            Self::Wide => counts.wide,
            Self::Text => counts.text,
        }
    }

    /// How many bytes it has.
    pub(super) fn bytes(self, counts: &Counts) -> u64 {
        self.rows(counts).saturating_mul(self.width())
    }
}
