//! One column: a mapped file of records of one width, and the ways to read one record.
//!
//! A row that the file does not have is a broken invariant: ids come from the view, and sizes were checked
//! when the file was opened.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::layout::{Counts, Kind};
use super::map::{Map, MapMut};
use crate::store::StoreError;

/// The widest number of five bytes.
const FIVE_MAX: u64 = (1 << 40) - 1;

/// Marks an input that spends an output made outside.
pub(super) const OUTSIDE: u64 = 1 << 39;

/// A mapped column of records of `W` bytes.
#[derive(Debug)]
pub(super) struct Column<const W: usize>(Map);

impl<const W: usize> Column<W> {
    /// Maps a file that has the size its counts ask for.
    pub(super) fn open(folder: &Path, kind: Kind, counts: &Counts) -> Result<Self, StoreError> {
        debug_assert_eq!(u64::try_from(W), Ok(kind.width()), "{kind:?}");
        let path = folder.join(kind.name());
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::MissingColumn(path.clone()),
            _ => StoreError::io(&path, "cannot be opened")(error),
        })?;
        let map = Map::open(&file).map_err(StoreError::io(&path, "cannot be mapped"))?;
        let found = u64::try_from(map.len()).unwrap_or(u64::MAX);
        let expected = kind.bytes(counts);
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

impl Column<8> {
    /// One number.
    pub(super) fn get(&self, row: usize) -> u64 {
        u64::from_le_bytes(*self.record(row))
    }
}

/// A number in five bytes.
pub(super) fn five(number: u64) -> [u8; 5] {
    assert!(number <= FIVE_MAX, "fewer than 2^40 rows");
    let [a, b, c, d, e, ..] = number.to_le_bytes();
    [a, b, c, d, e]
}

/// A row as it is written: an id of four bytes.
pub(super) fn four(row: impl TryInto<u32>) -> u32 {
    row.try_into().ok().expect("fewer than 2^32 - 1 rows")
}

/// A row as an index of memory.
pub(super) fn index(row: u64) -> usize {
    usize::try_from(row).expect("a mapped file fits the address space")
}

/// A column that is being written from its beginning.
#[derive(Debug)]
pub(super) struct Appender {
    path: PathBuf,
    output: BufWriter<File>,
}

impl Appender {
    /// Makes the file.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, StoreError> {
        let path = folder.join(name);
        let file = File::create_new(&path).map_err(StoreError::io(&path, "cannot be created"))?;
        Ok(Self {
            path,
            output: BufWriter::with_capacity(1 << 18, file),
        })
    }

    /// Adds one record, or a part of one.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.output.write_all(bytes);
        written.map_err(|error| StoreError::io(&self.path, "cannot be written")(error))
    }

    /// Hands all to the file.
    pub(super) fn finish(mut self) -> Result<(), StoreError> {
        let written = self.output.flush();
        written.map_err(StoreError::io(&self.path, "cannot be written"))
    }
}

/// A column of `W` bytes that is written out of order.
///
/// Its zeros are written first: a full disk is then an error, and no fault in the middle of a map.
pub(super) struct Scatter<const W: usize> {
    path: PathBuf,
    map: MapMut,
}

impl<const W: usize> Scatter<W> {
    /// Makes the file, all zeros.
    pub(super) fn create(folder: &Path, kind: Kind, counts: &Counts) -> Result<Self, StoreError> {
        debug_assert_eq!(u64::try_from(W), Ok(kind.width()), "{kind:?}");
        let path = folder.join(kind.name());
        let make = || {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)?;
            io::copy(
                &mut io::Read::take(io::repeat(0), kind.bytes(counts)),
                &mut file,
            )?;
            MapMut::open(&file)
        };
        let map = make().map_err(StoreError::io(&path, "cannot be written"))?;
        Ok(Self { path, map })
    }

    /// One record, to be changed.
    pub(super) fn record(&mut self, row: usize) -> &mut [u8; W] {
        let record = self.map.get_mut(row * W..);
        let record = record.and_then(<[u8]>::first_chunk_mut);
        record.expect("a row of this column")
    }

    /// Hands all to the file.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        let flushed = self.map.flush();
        flushed.map_err(StoreError::io(&self.path, "cannot be written"))
    }
}
