//! The columns of a chain of outputs: flat files of fixed-width records, mapped into memory.
//!
//! [`build`] writes them from a store's blocks, [`open`] maps them in time that does not grow with the chain,
//! and [`ColumnUtxo`] answers all that a view answers, as the view in memory does. Ids are dense and in chain
//! order, so a record lies at id × width and nothing is searched but hashes. [`check`] reads every byte and
//! holds it against the checksums of the commit; opening does not, or it would not be quick.
//!
//! Columns are derived data: whatever befalls them, the blocks of the store make them again. Layout and sizes:
//! `docs/reference/store.md`. Not here: account chains, appending to columns, which blocks count.

mod address;
mod build;
mod column;
mod derive;
mod index;
mod layout;
mod manifest;
pub(crate) mod map;
mod notes;
mod rank;
mod sip;
mod view;

use std::path::Path;

use crate::store::{Store, StoreError};
use manifest::Manifest;
use whither_ledger::chain::Chain;

pub use build::build;
pub use view::ColumnUtxo;

/// What [`check`] has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many files.
    pub files: usize,
    /// How many bytes they have together.
    pub bytes: u64,
}

/// Opens the columns in a directory: maps every file and compares its size, and reads no more of it.
///
/// # Errors
/// When there are none, or a file is missing or has another size than was committed; the error names it.
pub fn open(root: &Path) -> Result<ColumnUtxo, StoreError> {
    let mut manifest = Manifest::read(root)?;
    loop {
        let Some(current) = &manifest else {
            return Err(StoreError::NoColumns(root.to_owned()));
        };
        match ColumnUtxo::open(root, current) {
            // A builder may have put a new generation in the place of this one.
            Err(StoreError::MissingColumn(path)) => {
                let now = Manifest::read(root)?;
                if now == manifest {
                    return Err(StoreError::MissingColumn(path));
                }
                manifest = now;
            }
            opened => return opened,
        }
    }
}

/// Reads every file of the columns in a directory and compares it with what was committed.
///
/// # Errors
/// When a file is missing or has other bytes than were committed; the error names it.
pub fn check(root: &Path) -> Result<Checked, StoreError> {
    let manifest = Manifest::read(root)?.ok_or_else(|| StoreError::NoColumns(root.to_owned()))?;
    let folder = manifest.folder(root);
    let mut checked = Checked::default();
    for (name, sealed) in &manifest.files {
        let path = folder.join(name);
        let found = build::measure(&path)?;
        if found.bytes != sealed.bytes {
            return Err(StoreError::ColumnSize {
                path,
                found: found.bytes,
                expected: sealed.bytes,
            });
        }
        if found.sha256 != sealed.sha256 {
            return Err(StoreError::ColumnDamaged {
                path,
                found: found.sha256,
                expected: sealed.sha256.clone(),
            });
        }
        checked.files += 1;
        checked.bytes += sealed.bytes;
    }
    open(root).map(|_| checked)
}

/// Whether the columns in a directory were made from exactly what a store holds of a chain.
#[must_use]
pub fn is_current(root: &Path, store: &Store, chain: &Chain) -> bool {
    let manifest = Manifest::read(root).ok().flatten();
    manifest.is_some_and(|manifest| manifest.made_from == store.fingerprint(chain))
}
