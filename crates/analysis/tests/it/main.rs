//! The tracer against the naive reference, and against the laws it must keep.
#![allow(clippy::unwrap_used, missing_docs)]

mod account_naive;
mod accounts;
mod anvil;
mod asked;
mod bounds;
mod cluster_errors;
mod cluster_guards;
mod cluster_proofs;
mod clusters;
mod continuations;
mod continuations_known;
mod continuing;
mod conversions;
mod deceptions;
mod deposits;
mod exchange_unseen;
mod exposures;
mod kernels;
mod laws;
mod outputs;
mod shapes;
mod stops;
mod stops_accounts;
mod stops_in_force;
mod utxo_naive;
