//! Methods: where taint goes, and why. Pure and deterministic.
//!
//! Everything here is a function of a [`whither_ledger::view::ChainView`] and parameters. No file, no
//! network, no clock, no thread, no case: claims come in as arguments and go out again, named, in the
//! result. What a trace is, to the last unit, stands in `docs/concepts/laws.md`; the rules are told in `docs/methods`.

pub mod cluster;
mod conversion;
mod deception;
pub mod demix;
pub mod deposit;
pub mod exposure;
pub mod link;
mod money;
pub mod offramp;
pub mod shape;
pub mod trace;
pub mod typology;
