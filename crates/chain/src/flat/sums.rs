//! Checksums of a column that grows at its end: the CRC-32 of each chunk of 64 KiB, in a file beside it.
//!
//! `NAME.sum` has a u32, little-endian, for each full chunk of `NAME` and for the last one, if it is not full.
//! So an append reads one chunk again and no more, and a check names the place of a fault. A CRC finds what
//! decays; it does not find what somebody changed on purpose.
//!
//! Not here: how many bytes of a column are committed.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Bytes of a chunk.
const CHUNK: u64 = 1 << 16;
/// Bytes of a checksum.
const SUM: u64 = 4;

/// The file of a column's checksums.
pub(crate) fn path(column: &Path) -> PathBuf {
    let mut name = OsString::from(column);
    name.push(".sum");
    name.into()
}

/// Brings the checksums from `old_bytes` of a column to `new_bytes` of it, and to disk.
///
/// The column has at least `new_bytes` by now. What was summed before is not read again, but for the last
/// chunk. If the program stops before it is done, or before the new size is committed, the same call again
/// gives the right checksums; so does one from the committed size to itself, after a cut back to it.
///
/// # Errors
/// When a file cannot be read or written, or is shorter than it must be.
pub(crate) fn update(column: &Path, old_bytes: u64, new_bytes: u64) -> Result<(), StoreError> {
    let first = old_bytes.min(new_bytes) / CHUNK;
    let mut sums = Vec::new();
    let mut input = open(column, new_bytes)?;
    chunks(&mut input, column, first, new_bytes, |_, crc| {
        sums.extend(crc.to_le_bytes());
        Ok(())
    })?;
    let path = path(column);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let found = file.metadata()?.len();
        if found < first * SUM {
            return Ok(Some(found));
        }
        file.seek(SeekFrom::Start(first * SUM))?;
        file.write_all(&sums)?;
        file.set_len(new_bytes.div_ceil(CHUNK) * SUM)?;
        file.sync_all()?;
        Ok(None)
    };
    match write().map_err(StoreError::io(&path, "cannot be written"))? {
        Some(found) => Err(short(&path, found, first * SUM)),
        None => Ok(()),
    }
}

/// Reads the first `bytes` of a column and compares them with their checksums.
///
/// Gives a fault of the last chunk, if it is not full: a writer may have summed more of it since.
///
/// # Errors
/// At the first chunk that is damaged, which the error names with its place; when a file is missing or short.
pub(crate) fn check(column: &Path, bytes: u64) -> Result<Option<StoreError>, StoreError> {
    let path = path(column);
    let mut input = open(column, bytes)?;
    if bytes == 0 {
        // Of a long import that is not done nothing is summed yet.
        return Ok(None);
    }
    let mut sums = io::BufReader::new(open(&path, bytes.div_ceil(CHUNK) * SUM)?);
    let mut last = None;
    chunks(&mut input, column, 0, bytes, |chunk, crc| {
        let mut sum = [0; 4];
        let read = sums.read_exact(&mut sum);
        read.map_err(|error| StoreError::io(&path, "cannot be read")(error))?;
        if u32::from_le_bytes(sum) == crc {
            return Ok(());
        }
        let fault = StoreError::ChunkDamaged {
            path: column.to_owned(),
            from: chunk * CHUNK,
            to: bytes.min((chunk + 1) * CHUNK),
        };
        if (chunk + 1) * CHUNK <= bytes {
            return Err(fault);
        }
        last = Some(fault);
        Ok(())
    })?;
    Ok(last)
}

/// Opens a file that has at least so many bytes.
fn open(path: &Path, bytes: u64) -> Result<File, StoreError> {
    let open = || {
        let file = File::open(path)?;
        let found = file.metadata()?.len();
        Ok((file, found))
    };
    let (file, found) = open().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::MissingColumn(path.to_owned()),
        _ => StoreError::io(path, "cannot be opened")(error),
    })?;
    if found < bytes {
        return Err(short(path, found, bytes));
    }
    Ok(file)
}

fn short(path: &Path, found: u64, expected: u64) -> StoreError {
    StoreError::ColumnSize {
        path: path.to_owned(),
        found,
        expected,
    }
}

/// Gives number and checksum of each chunk, from the `first` up to the byte `end`.
fn chunks(
    input: &mut File,
    path: &Path,
    first: u64,
    end: u64,
    mut give: impl FnMut(u64, u32) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let io = |error| StoreError::io(path, "cannot be read")(error);
    input.seek(SeekFrom::Start(first * CHUNK)).map_err(io)?;
    let mut buffer = Vec::new();
    for chunk in first..end.div_ceil(CHUNK) {
        let length = CHUNK.min(end - chunk * CHUNK);
        buffer.resize(usize::try_from(length).expect("at most 64 KiB"), 0);
        input.read_exact(&mut buffer).map_err(io)?;
        give(chunk, crc32fast::hash(&buffer))?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
