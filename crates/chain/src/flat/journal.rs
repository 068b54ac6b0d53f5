//! What a cut takes away, kept until its successor is committed.
//!
//! A reorganisation cuts blocks off and appends others; both count together, or neither. So the bytes behind the
//! cut are written down first, and a crash before the commit puts them back.
//!
//! Layout: a line of format, the tip that stood before (32), the counts left (8 + 39), then of each column
//! its length (8) and bytes, and SHA-256 over all of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::append::count;
use super::column::{Grow, index};
use super::layout::{Counts, Kind};
use super::state::State;
use crate::blocks::Hash;
use crate::store::{StoreError, sync_directory};
use crate::text::show_hash;

pub(super) const JOURNAL: &str = "cut";
const FORMAT: &[u8] = b"whither.cut/1\n";

/// A cut that was not committed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Torn {
    /// The counts that the cut leaves.
    pub(super) base: Counts,
    /// The bytes of each column behind them.
    pub(super) columns: Vec<Vec<u8>>,
}

/// Writes the journal of a cut and brings it to disk.
pub(super) fn write(
    folder: &Path,
    tip: &Hash,
    base: &Counts,
    columns: &[&mut dyn Grow],
) -> Result<(), StoreError> {
    let path = folder.join(JOURNAL);
    let mut hasher = Sha256::new();
    let attempt = || {
        let mut file = File::create(&path)?;
        let mut put = |bytes: &[u8]| {
            hasher.update(bytes);
            file.write_all(bytes)
        };
        put(FORMAT)?;
        put(tip)?;
        put(&base.blocks.to_le_bytes())?;
        put(&base.to_record())?;
        for (kind, column) in Kind::ALL.into_iter().zip(columns) {
            let bytes = column.bytes_from(kind.rows(base));
            put(&count(bytes.len()).to_le_bytes())?;
            put(bytes)?;
        }
        file.write_all(&hasher.finalize())?;
        file.sync_all()
    };
    attempt().map_err(StoreError::io(&path, "cannot be written"))?;
    sync_directory(folder)
}

/// Reads the journal of a cut after which nothing was committed.
///
/// One that is not whole was written before anything was cut. One of another tip is done with.
pub(super) fn read(folder: &Path, state: Option<&State>) -> Result<Option<Torn>, StoreError> {
    let path = folder.join(JOURNAL);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(&path, "cannot be read")(error)),
    };
    let tip = state.and_then(|state| state.tip.clone());
    Ok(parse(&bytes)
        .filter(|(before, _)| tip == Some(show_hash(before)))
        .map(|(_, torn)| torn))
}

fn parse(bytes: &[u8]) -> Option<(Hash, Torn)> {
    let (body, hash) = bytes.split_last_chunk::<32>()?;
    if Sha256::digest(body)[..] != hash[..] {
        return None;
    }
    let body = body.strip_prefix(FORMAT)?;
    let (tip, body) = body.split_first_chunk::<32>()?;
    let (blocks, body) = body.split_first_chunk::<8>()?;
    let (record, mut body) = body.split_first_chunk()?;
    let base = Counts::from_record(u64::from_le_bytes(*blocks), record);
    let mut columns = Vec::new();
    for _ in Kind::ALL {
        let (length, rest) = body.split_first_chunk::<8>()?;
        let (column, rest) = rest.split_at_checked(index(u64::from_le_bytes(*length)))?;
        columns.push(column.to_vec());
        body = rest;
    }
    Some((*tip, Torn { base, columns }))
}
