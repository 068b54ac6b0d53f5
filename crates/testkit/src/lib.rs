//! Test support for Whither: an independent reference of the tracing laws, and chains with a known truth.
//!
//! Two halves that know nothing of the product's code, so that a mistake cannot be made twice in the same way:
//!
//! - [`naive`] answers a trace by walking the whole chain, holding by holding, as the laws are worded. It is slow on
//!   purpose.
//! - [`simulator`] makes chains and tables from a seed: blocks in the node's own file format, transfer tables in CSV,
//!   with a planted theft whose course is written down beside them.
//!
//! And [`measure`], with which the examples that measure say what they used.
//!
//! Nothing here is shipped, nothing reads the network or randomness other than a seed, and nothing but [`measure`]
//! reads a clock. Only the big chain ([`simulator::bulk`]) is made to be fast.

pub mod measure;
pub mod naive;
pub mod rng;
pub mod simulator;
