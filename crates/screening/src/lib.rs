//! Screening: who is on a sanctions list, under which names and addresses, and how sure that is.
//!
//! [`lists`] reads what publishers ship into one shape, [`wallet`] finds addresses in it, [`matching`] names, and
//! [`explain`] says why. (`match` is a word of the language.) Everything is a function of the lists and the
//! question: no file, network, clock or order of a hash map is in any answer, and scores are integers.
//!
//! Not here: where lists lie, and what people decide about a hit.

pub mod explain;
pub mod lists;
pub mod matching;
pub mod wallet;
