//! Rows of transfers as a source hands them over, before they become transactions of a view, and what a
//! source tells beside them: blocks, tokens' metadata, which accounts are contracts.

use std::collections::BTreeSet;

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
    /// One asset moved from one address to another. Of no amount it moved nothing, and is kept as said.
    Transfer,
    /// A contract says that it made or destroyed its token for coins of the chain that went in or came out,
    /// with an event that is no transfer. It counts as a mint or a burn where the same transaction moves those
    /// coins to or from that contract, and the contract tells of transfers elsewhere: else it is no token. Of a
    /// well-known contract it counts by itself.
    Wrap,
}

impl RowKind {
    /// The word that content ids and notes use.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fee => "fee",
            Self::Transfer => "transfer",
            Self::Wrap => "wrap",
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
    /// Log index of a token's movement; of a coin of the chain itself, its place among the frames of its
    /// transaction that move any, where given.
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
    /// What it tells beside transfers.
    pub facts: Facts,
}

/// What a source tells beside transfers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Blocks, in the order of their heights.
    pub blocks: Vec<BlockFact>,
    /// Metadata of tokens as they were pinned, in the order of their assets.
    pub tokens: Vec<TokenFact>,
    /// Accounts that hold code, or once did.
    pub contracts: BTreeSet<Address>,
}

impl Facts {
    /// Whether it tells nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.tokens.is_empty() && self.contracts.is_empty()
    }
}

/// A block of a chain of accounts: enough to see that two sources tell of the same chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockFact {
    /// Its height.
    pub height: u32,
    /// Its hash.
    pub hash: [u8; 32],
    /// The hash of the block before, where told.
    pub parent: Option<[u8; 32]>,
    /// When it was made.
    pub time: Timestamp,
    /// How many transactions it has.
    pub transactions: u32,
}

/// What a token says of itself. It may say anything: none of this is identity, and none of it is verified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenFact {
    /// Which token.
    pub asset: Asset,
    /// At which height it was asked, where known.
    pub height: Option<u32>,
    /// Its symbol.
    pub symbol: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its decimals; none where what it says is no number up to 36.
    pub decimals: Option<u8>,
}
