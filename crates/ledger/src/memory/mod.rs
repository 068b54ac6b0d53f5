//! In-memory views of a chain: what tests, pasted tables and small cases are traced over.
//!
//! They are built whole from canonical content and never change. The column store answers the same
//! questions from disk; differential tests hold the two together.

mod account;
mod addresses;
mod alike;
mod facts;
mod legs;
mod merge;
pub mod merged;
mod promised;
mod tables;
mod utxo;
mod wrap;

pub use account::MemoryAccounts;
pub use tables::{BlockFact, Facts, RowKind, TableRow, TableSource, TokenFact};
pub use utxo::{
    Block, BlocksHasher, MemoryUtxo, Outpoint, OutsideValue, UtxoOutput, UtxoTransaction,
};

use thiserror::Error;

use crate::transaction_id::TransactionId;

/// Why content cannot be a chain.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A transaction that makes more than it spends.
    #[error("transaction {transaction} spends {spent} and makes outputs of {made}")]
    OutputsExceedInputs {
        /// The transaction.
        transaction: TransactionId,
        /// The sum of its inputs, smallest units.
        spent: u128,
        /// The sum of its outputs, smallest units.
        made: u128,
    },
    /// A transaction whose inputs are more than will ever exist.
    #[error("transaction {transaction} moves {sum}, more than 21 million coins")]
    BeyondSupply {
        /// The transaction.
        transaction: TransactionId,
        /// The sum, smallest units.
        sum: u128,
    },
    /// Blocks into which more money comes, over all their time, than can be added up.
    #[error(
        "what these blocks create and spend from elsewhere adds up to {sum} or more, beyond what sums of \
         amounts can hold ({})",
        utxo::ENTERING_MAX
    )]
    BeyondCounting {
        /// The sum so far, smallest units.
        sum: u128,
    },
}
