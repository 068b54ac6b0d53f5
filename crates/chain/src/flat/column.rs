//! One column: a file of records of one width, to be read where it lies, or to be appended to.
//!
//! A row that the file does not have is a broken invariant: ids come from the view, and sizes were checked
//! when the file was opened.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::layout::{Counts, Kind};
use super::map::Map;
use crate::store::StoreError;

/// The widest number of five bytes.
const FIVE_MAX: u64 = (1 << 40) - 1;

/// Marks an input that spends an output made outside.
pub(crate) const OUTSIDE: u64 = 1 << 39;

/// Appended bytes are handed to the file when they are this many.
const TAIL_MAX: usize = 1 << 20;

/// Address space that a growing column takes at least.
const RESERVE_MIN: usize = 1 << 24;

/// Records of `W` bytes.
pub(super) trait Rows<const W: usize> {
    /// One record.
    fn record(&self, row: usize) -> &[u8; W];

    /// One record, read as a number.
    #[inline]
    fn number(&self, row: usize) -> u64 {
        const { assert!(W <= 8) };
        let mut bytes = [0; 8];
        bytes[..W].copy_from_slice(self.record(row));
        u64::from_le_bytes(bytes)
    }
}

/// The committed rows of a column, mapped.
#[derive(Debug)]
pub(super) struct Column<const W: usize>(Map);

impl<const W: usize> Column<W> {
    /// Maps as many rows of a file as the counts say; it may have more, which are not committed.
    pub(super) fn open(folder: &Path, kind: Kind, counts: &Counts) -> Result<Self, StoreError> {
        debug_assert_eq!(W, kind.width(), "{kind:?}");
        let path = folder.join(kind.name());
        let bytes = size::<W>(kind.rows(counts));
        let file = open_column(&path, bytes)?;
        let map = Map::open(&file, bytes).map_err(StoreError::io(&path, "cannot be mapped"))?;
        Ok(Self(map))
    }

    /// All records.
    pub(super) fn all(&self) -> &[[u8; W]] {
        self.0.as_chunks().0
    }
}

impl<const W: usize> Rows<W> for Column<W> {
    #[inline]
    fn record(&self, row: usize) -> &[u8; W] {
        let record = self.0.get(row * W..).and_then(<[u8]>::first_chunk);
        record.expect("a row of this column")
    }
}

/// Opens a column file that has as many bytes as were committed, or more.
pub(super) fn open_column(path: &Path, bytes: usize) -> Result<File, StoreError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::MissingColumn(path.to_owned()),
        _ => StoreError::io(path, "cannot be opened")(error),
    })?;
    let length = file
        .metadata()
        .map_err(StoreError::io(path, "cannot be read"))?
        .len();
    at_least(path, length, bytes).map(|()| file)
}

fn at_least(path: &Path, found: u64, bytes: usize) -> Result<(), StoreError> {
    let expected = u64::try_from(bytes).unwrap_or(u64::MAX);
    if found < expected {
        return Err(StoreError::ColumnSize {
            path: path.to_owned(),
            found,
            expected,
        });
    }
    Ok(())
}

/// Rows as bytes.
fn size<const W: usize>(rows: u64) -> usize {
    index(rows)
        .checked_mul(W)
        .expect("a column fits the address space")
}

/// A column that its one writer appends to, and reads.
#[derive(Debug)]
pub(super) struct Growing<const W: usize> {
    path: PathBuf,
    file: File,
    map: Map,
    /// How many rows the file has.
    flushed: usize,
    /// The rows after them.
    tail: Vec<u8>,
}

impl<const W: usize> Growing<W> {
    /// Opens a column that has committed rows, and drops what lies behind them.
    pub(super) fn open(folder: &Path, kind: Kind, counts: &Counts) -> Result<Self, StoreError> {
        debug_assert_eq!(W, kind.width(), "{kind:?}");
        let path = folder.join(kind.name());
        let bytes = size::<W>(kind.rows(counts));
        let io = |doing| StoreError::io(&path, doing);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(io("cannot be opened"))?;
        let length = file.metadata().map_err(io("cannot be read"))?.len();
        at_least(&path, length, bytes)?;
        let committed = u64::try_from(bytes).expect("a file's size");
        if length > committed {
            file.set_len(committed).map_err(io("cannot be cut"))?;
        }
        let reserved = RESERVE_MIN.max(bytes.saturating_mul(2));
        let map = Map::reserve(&file, reserved).map_err(io("cannot be mapped"))?;
        Ok(Self {
            map,
            file,
            path,
            flushed: bytes / W,
            tail: Vec::new(),
        })
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        self.flushed + self.tail.len() / W
    }

    /// Adds a row.
    pub(super) fn push(&mut self, record: &[u8; W]) {
        self.tail.extend_from_slice(record);
    }
}

impl<const W: usize> Rows<W> for Growing<W> {
    #[inline]
    fn record(&self, row: usize) -> &[u8; W] {
        let record = match row.checked_sub(self.flushed) {
            None => self.map.get(row * W..).and_then(<[u8]>::first_chunk),
            Some(row) => self.tail.get(row * W..).and_then(<[u8]>::first_chunk),
        };
        record.expect("a row of this column")
    }
}

/// What a writer does with all its columns alike.
pub(super) trait Grow {
    /// Hands appended rows to the file where they are many.
    fn ease(&mut self) -> Result<(), StoreError>;
    /// Hands appended rows to the file.
    fn flush(&mut self) -> Result<(), StoreError>;
    /// Brings the file to disk.
    fn sync(&mut self) -> Result<(), StoreError>;
    /// Drops all rows from one on.
    fn cut(&mut self, rows: u64) -> Result<(), StoreError>;
    /// The bytes from one row on; for a journal.
    fn bytes_from(&self, row: u64) -> &[u8];
    /// Appends rows that [`Grow::bytes_from`] gave.
    fn restore(&mut self, bytes: &[u8]);
}

impl<const W: usize> Grow for Growing<W> {
    fn ease(&mut self) -> Result<(), StoreError> {
        if self.tail.len() < TAIL_MAX {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.tail.is_empty() {
            return Ok(());
        }
        let at = self.flushed * W;
        let offset = u64::try_from(at).expect("a file's size");
        self.file
            .write_all_at(&self.tail, offset)
            .map_err(StoreError::io(&self.path, "cannot be written"))?;
        let end = at + self.tail.len();
        if end > self.map.reserved() {
            self.map = Map::reserve(&self.file, 2 * end)
                .map_err(StoreError::io(&self.path, "cannot be mapped"))?;
        }
        self.flushed = end / W;
        self.tail.clear();
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.file
            .sync_data()
            .map_err(StoreError::io(&self.path, "cannot be brought to disk"))
    }

    fn cut(&mut self, rows: u64) -> Result<(), StoreError> {
        self.flush()?;
        let rows = index(rows);
        assert!(rows <= self.flushed, "a cut leaves fewer rows");
        self.flushed = rows;
        let bytes = u64::try_from(rows * W).expect("a file's size");
        self.file
            .set_len(bytes)
            .map_err(StoreError::io(&self.path, "cannot be cut"))
    }

    fn bytes_from(&self, row: u64) -> &[u8] {
        assert!(
            self.tail.is_empty(),
            "a journal is taken of flushed columns"
        );
        &self.map[index(row) * W..self.flushed * W]
    }

    fn restore(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
    }
}

/// A number in as many bytes as it is given.
pub(super) fn narrow<const W: usize>(number: u64) -> [u8; W] {
    let bytes = number.to_le_bytes();
    let (kept, rest) = bytes.split_at(W);
    assert!(rest.iter().all(|byte| *byte == 0), "a number of {W} bytes");
    *kept.first_chunk().expect("as many bytes")
}

/// A number in five bytes.
pub(super) fn five(number: u64) -> [u8; 5] {
    assert!(number <= FIVE_MAX, "fewer than 2^40 rows");
    narrow(number)
}

/// A row as it is written: an id of four bytes.
pub(super) fn four(row: impl TryInto<u32>) -> u32 {
    row.try_into().ok().expect("fewer than 2^32 - 1 rows")
}

/// A row as an index of memory.
#[inline]
pub(super) fn index(row: u64) -> usize {
    usize::try_from(row).expect("a mapped file fits the address space")
}
