//! Upkeep of a store: verifying it with the prices beside it, and writing its chains anew from themselves.
//!
//! Neither changes an answer. A store that is not there is an error here, and not an empty one: whoever asks whether a
//! store is whole must not be told so of a name that was mistyped.

use std::path::Path;

use serde::Serialize;
use whither_chain::{Progress, Store, StoreError};

use crate::error::Error;
use crate::prices;

/// What a check has read, all of it whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// `whither.store.check/1`.
    pub schema: &'static str,
    /// How many files.
    pub files: u64,
    /// How many bytes of them have checksums.
    pub bytes: u64,
    /// Bytes of an import that was interrupted, which have no checksums until it is ended.
    pub unverified: u64,
}

/// What writing a store anew came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// `whither.store.compact/1`.
    pub schema: &'static str,
    /// Bytes of all files of its chains, before.
    pub bytes_before: u64,
    /// And after.
    pub bytes_after: u64,
}

/// Verifies the store in a directory.
///
/// # Errors
/// At the first thing that is wrong, which the error names; where there is no store.
pub fn check(dir: &Path, progress: &dyn Progress) -> Result<Checked, Error> {
    let prices = prices::check(dir)?;
    let checked = match Store::open(dir) {
        // Prices may be there before any chain data is.
        Err(StoreError::NoStore(_)) if prices.files > 0 => whither_chain::Checked::default(),
        store => store?.check_and_tell(progress)?,
    };
    Ok(Checked {
        schema: "whither.store.check/1",
        files: u64::try_from(checked.files).map_err(Error::new)? + prices.files,
        bytes: checked.bytes.saturating_add(prices.bytes),
        unverified: checked.unverified,
    })
}

/// Writes the store in a directory anew from itself.
///
/// # Errors
/// Where it is damaged or cannot be written; it is then as it was.
pub fn compact(dir: &Path, progress: &dyn Progress) -> Result<Compacted, Error> {
    let compacted = whither_chain::compact(&mut Store::open(dir)?, progress)?;
    Ok(Compacted {
        schema: "whither.store.compact/1",
        bytes_before: compacted.bytes_before,
        bytes_after: compacted.bytes_after,
    })
}
