//! One file of the columns: mapped and read by the record, or written from its beginning.
//!
//! A row that the file does not have is a broken invariant: ids come from the view, and sizes were checked
//! when the file was opened.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::layout::{Counts, Kind};
use super::manifest::Sealed;
use crate::flat::map::Map;
use crate::sources::bitcoin::records::as_u64;
use crate::store::StoreError;
use crate::text::hex;

/// The widest number of five bytes.
const FIVE_MAX: u64 = (1 << 40) - 1;

/// A mapped column of records of `W` bytes.
#[derive(Debug)]
pub(super) struct Column<const W: usize>(Map);

impl<const W: usize> Column<W> {
    /// Maps a file that has the size its counts ask for.
    pub(super) fn open(folder: &Path, kind: Kind, counts: &Counts) -> Result<Self, StoreError> {
        debug_assert_eq!(u64::try_from(W), Ok(kind.width()), "{kind:?}");
        let path = folder.join(kind.name());
        let file = open_file(&path)?;
        let map = Map::whole(&file).map_err(StoreError::io(&path, "cannot be mapped"))?;
        let (found, expected) = (as_u64(map.len()), kind.bytes(counts));
        if found != expected {
            return Err(StoreError::ColumnSize {
                path,
                found,
                expected,
            });
        }
        Ok(Self(map))
    }

    /// One record.
    pub(super) fn record(&self, row: usize) -> &[u8; W] {
        let record = self.0.get(row * W..).and_then(<[u8]>::first_chunk);
        record.expect("a row of this column")
    }
}

impl Column<1> {
    /// Some bytes.
    pub(super) fn slice(&self, start: usize, length: usize) -> &[u8] {
        let rest = self.0.get(start..);
        let slice = rest.and_then(|rest| rest.get(..length));
        slice.expect("bytes of this file")
    }
}

impl Column<4> {
    /// One number.
    pub(super) fn get(&self, row: usize) -> u32 {
        u32::from_le_bytes(*self.record(row))
    }
}

impl Column<5> {
    /// One number.
    pub(super) fn get(&self, row: usize) -> u64 {
        let [a, b, c, d, e] = *self.record(row);
        u64::from_le_bytes([a, b, c, d, e, 0, 0, 0])
    }
}

/// Opens a file that the manifest names.
pub(super) fn open_file(path: &Path) -> Result<File, StoreError> {
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::MissingColumn(path.to_owned()),
        _ => StoreError::io(path, "cannot be opened")(error),
    })
}

/// A number in five bytes.
pub(super) fn five(number: u64) -> [u8; 5] {
    assert!(number <= FIVE_MAX, "fewer than 2^40 rows");
    let [a, b, c, d, e, ..] = number.to_le_bytes();
    [a, b, c, d, e]
}

/// A row as an index of memory.
pub(super) fn index(row: impl TryInto<usize>) -> usize {
    let row = row.try_into().ok();
    row.expect("a mapped file fits the address space")
}

/// A file that is being written from its beginning, and hashed on the way.
pub(super) struct Writer {
    path: PathBuf,
    output: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Writer {
    /// Makes the file.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, StoreError> {
        let path = folder.join(name);
        let file = File::create_new(&path).map_err(StoreError::io(&path, "cannot be created"))?;
        Ok(Self {
            path,
            output: BufWriter::with_capacity(1 << 18, file),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    /// Adds one record, or a part of one.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(bytes);
        self.bytes += as_u64(bytes.len());
        let written = self.output.write_all(bytes);
        written.map_err(|error| StoreError::io(&self.path, "cannot be written")(error))
    }

    /// How many bytes were written.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Brings the file to disk, and says its name and what it holds.
    pub(super) fn finish(mut self) -> Result<(String, Sealed), StoreError> {
        let written = self.output.flush();
        let synced = written.and_then(|()| self.output.get_ref().sync_all());
        synced.map_err(StoreError::io(&self.path, "cannot be brought to disk"))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let sealed = Sealed {
            bytes: self.bytes,
            sha256: hex(&self.hasher.finalize()),
        };
        Ok((name.into_owned(), sealed))
    }
}
