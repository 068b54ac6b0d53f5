//! The columns of a chain of accounts: flat files of fixed-width records, mapped into memory.
//!
//! [`build`] writes them from tables, [`open`] maps them, and [`AccountColumns`] answers all that a
//! view answers, as the view in memory does. The postings of a holding lie together in chain order, each
//! with the balance after it, so a question reads what it touches and no more. [`check`] reads every byte
//! and holds it against the checksums of the commit; opening compares sizes alone, or it would not be quick.
//!
//! Columns are derived data: whatever befalls them, the rows of the store make them again. Layout and sizes:
//! `docs/reference/store.md`. Not here: chains of outputs, and by which rules rows of tables become
//! transactions.

mod build;
mod column;
mod gather;
mod layout;
mod manifest;
mod postings;
mod record;
mod said;
mod sort;
mod view;
mod write;

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::sources::bitcoin::records::as_u64;
use crate::store::StoreError;
use crate::text::hex;
use manifest::{Manifest, Sealed};

pub use build::build;
pub(crate) use build::{Prepared, ROOM, prepare};
pub use view::AccountColumns;

/// What [`check`] has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many files.
    pub files: usize,
    /// How many bytes they have together.
    pub bytes: u64,
}

/// Opens the columns in a directory: maps every file and compares its size. Of the files only the notes and
/// the promises of the sources are read, since every answer says them.
///
/// # Errors
/// When there are none, or a file is missing or has another size than was committed; the error names it.
pub fn open(root: &Path) -> Result<AccountColumns, StoreError> {
    let mut manifest = Manifest::read(root)?;
    loop {
        let Some(current) = &manifest else {
            return Err(StoreError::NoColumns(root.to_owned()));
        };
        match AccountColumns::open(root, current) {
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
        let found = measure(&path)?;
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

/// Whether the columns in a directory were made from content of this fingerprint.
#[must_use]
pub fn is_current(root: &Path, made_from: &str) -> bool {
    let manifest = Manifest::read(root).ok().flatten();
    manifest.is_some_and(|manifest| manifest.made_from == made_from)
}

/// Size and hash of a file.
fn measure(path: &Path) -> Result<Sealed, StoreError> {
    let mut file = column::open_file(path)?;
    let read = |file: &mut File| -> io::Result<Sealed> {
        let (mut hasher, mut bytes) = (Sha256::new(), 0);
        let mut chunk = vec![0; 1 << 18];
        loop {
            match io::Read::read(file, &mut chunk) {
                Ok(0) => break,
                Ok(count) => {
                    hasher.update(&chunk[..count]);
                    bytes += as_u64(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let sha256 = hex(&hasher.finalize());
        Ok(Sealed { bytes, sha256 })
    };
    read(&mut file).map_err(StoreError::io(path, "cannot be read"))
}
