//! Made-up chains and tables with a known truth, each from one seed.
//!
//! - [`random_chain`]: an unstructured chain of outputs that provokes odd amounts, ties, zeros and merges.
//! - [`utxo`]: a chain with a planted theft and its laundering, and the truth of it.
//! - [`bulk`]: a chain of tens of millions of outputs, for measurements.
//! - [`random_table`], [`random_ledger`]: unstructured transfers between accounts.
//! - [`account`]: a transfer table with a planted theft, and the truth of it.
//! - [`world`]: several thefts by several hands on one chain of accounts, among services and people.
//! - [`output_world`]: the same on a chain of outputs.
//!
//! Chains are regtest chains with real identifiers, merkle roots and proof of work, in the node's own files. Their
//! signatures are dummies and coinbases may be spent at once, so a validating node would refuse them.

pub mod block;
mod builder;
pub mod bulk;
mod chain;
pub mod output_world;
mod script;
mod table;
#[cfg(test)]
mod tests;
mod theft_chain;
mod theft_table;
mod truth;
mod unstructured_chain;
mod unstructured_table;
pub mod world;
mod writer;

pub use chain::SimChain;
pub use script::{Form, Script};
pub use table::{Row, SimTable, USD};
pub use theft_chain::{UtxoScenario, utxo};
pub use theft_table::{AccountScenario, account};
pub use truth::{Beginning, End, Fate, SCHEMA, Service, SimSize, Theft, Truth, Typology};
pub use unstructured_chain::random_chain;
pub use unstructured_table::{NATIVE, TableShape, random_ledger, random_table};
pub use writer::WriteOptions;
