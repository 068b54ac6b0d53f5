//! The vocabulary of value transfer: what moves, between whom, in which order.
//!
//! A chain is a list of transactions at positions; a transaction is a set of debits and credits.
//! On a UTXO chain the holding is an output, on an account chain it is (address, asset). This crate
//! gives those words types, parses and prints their ids (CAIP-2, CAIP-10, CAIP-19, and addresses as
//! their chains write them), and draws [`view::ChainView`], all that analysis ever sees of a chain.
//!
//! No I/O here, and no method: nothing in this crate opens a file or knows what taint is.

pub mod address;
pub mod amount;
pub mod asset;
pub mod chain;
pub mod content;
pub mod coverage;
pub mod known_tokens;
pub mod memory;
pub mod time;
pub mod transaction_id;
pub mod view;

pub use ruint::aliases::U256;
