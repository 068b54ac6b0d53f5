//! Chain data: sources of foreign bytes, and the store that keeps what they hold.
//!
//! [`ingest`] reads sources, checks them whole and commits them to a [`Store`]; [`Store::load`] gives the
//! view that analysis works on; [`status`] says what a store holds. A store's answers depend on its
//! content alone: not on file names, on how the content was cut into files, nor on the order of ingests.
//!
//! Not here: what the money did. Analysis sees a chain through `whither_ledger::view` only.

pub mod accounts;
mod blocks;
mod compact;
mod error;
mod flat;
mod ingest;
mod prevout;
pub mod sources;
mod status;
mod store;
mod text;

pub use blocks::settle::SumFault;
pub use blocks::tree::{Extent, HeightConflict};
pub use compact::{Compacted, compact};
pub use error::{At, ChainError, RequestError, SourceError, SourceFault};
pub use flat::{ColumnUtxo, ScannedOutput};
pub use ingest::{IngestReport, IngestRequest, Progress, Silent, Skipped, ingest, read_in_memory};
pub use sources::{Format, UnknownFormat};
pub use status::{ChainStatus, Tip, status};
pub use store::{Checked, LoadedChain, Store, StoreError};

// What tests in here and outside share.
#[cfg(test)]
#[allow(clippy::unwrap_used, dead_code)]
#[path = "../tests/it/made.rs"]
mod made;
#[cfg(test)]
#[allow(clippy::unwrap_used, dead_code)]
#[path = "../tests/it/made_rows.rs"]
mod made_rows;
#[cfg(test)]
#[allow(clippy::unwrap_used, dead_code)]
#[path = "../tests/it/tree.rs"]
mod tree;
