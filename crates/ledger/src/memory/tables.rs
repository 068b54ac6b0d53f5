//! Rows of transfers as a source hands them over, before they become transactions of a view.

use ruint::aliases::U256;

use crate::address::Address;
use crate::asset::Asset;
use crate::coverage::Coverage;
use crate::time::Timestamp;
use crate::transaction_id::TransactionId;

/// What a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKind {
    /// Gas: the sender's first debit in its transaction, in the native asset.
    Fee,
    /// One asset moved from one address to another.
    Transfer,
}

impl RowKind {
    /// The word that content ids and notes use.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fee => "fee",
            Self::Transfer => "transfer",
        }
    }
}

/// One row of a transfers table, its text already read into exact values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// The transaction, where the table names one; otherwise the row is a transaction of its own.
    pub transaction: Option<TransactionId>,
    /// Block height, where given.
    pub height: Option<u32>,
    /// Index of the transaction in its block, where given.
    pub index: Option<u32>,
    /// When.
    pub time: Timestamp,
    /// Log index or trace position of the movement in its transaction, where given.
    pub log_index: Option<u32>,
    /// Gas or a transfer.
    pub kind: RowKind,
    /// Who pays. The zero address is nobody: a mint.
    pub from: Address,
    /// Who receives; ignored for gas. The zero address is nobody: a burn.
    pub to: Address,
    /// What moves.
    pub asset: Asset,
    /// How much, in the smallest unit.
    pub amount: U256,
}

/// One table of one chain: its rows in the order they stand, and what it promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSource {
    /// Hash of the source's bytes; orders tables where their times do not.
    pub digest: [u8; 32],
    /// What the table promises to be complete.
    pub coverage: Coverage,
    /// The rows in the order they stand in the table.
    pub rows: Vec<TableRow>,
}
