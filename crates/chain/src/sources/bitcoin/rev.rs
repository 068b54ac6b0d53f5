//! Bitcoin Core's undo files (`rev*.dat`): what a block's inputs spend, also where no block file holds it.
//!
//! A pruned node has deleted its first block files; what later blocks spend of them is told by undo data alone.
//! A record is magic, size, body and a checksum: SHA-256 twice over the hash of the block *before* and the
//! body (`blockstorage.cpp`). It lies in the file of the same number as its block, in the order in which
//! blocks were connected. The node's index would say where; it is locked while the node runs, so the checksum
//! is tried instead. It cannot tell apart two blocks that follow the same one: see [`RevFiles::spent_by`].
//!
//! Where no record stands the rules are those of [`super::records`]: a tail that is not written yet ends the
//! file, other bytes are reported and scanned for the next record. Not here: the body, see [`super::spent`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use whither_ledger::chain::BitcoinNetwork;

use super::cursor::Cursor;
use super::directory::{self, DirectoryFault};
use super::hash::double_sha256;
use super::records::{
    FALSE_BYTES_MAX, RECORD_HEAD, RecordFault, RecordFaultAt, Skip, SkipWhy, as_u64, network_of,
};
use super::scan;
use super::spent::{SpentOutput, is_body, parse_body};
use super::window::{CHUNK, Key, Window};
use crate::error::{At, SourceError, SourceFault};
use crate::ingest::Skipped;

const CHECKSUM_SIZE: usize = 32;
/// Most bytes of a `CompactSize`.
const COUNT_SIZE_MAX: usize = 9;
/// Most bytes of a body, rounded up: a block has room for 24,390 inputs of 41 bytes that count fourfold, and
/// what each spends has a script of up to 10,000 bytes.
const BODY_SIZE_MAX: u32 = 1 << 28;
/// The body of a block whose coinbase stands alone.
const EMPTY_BODY: [u8; 1] = [0];

/// The undo files of a blocks directory, read when they are asked for.
///
/// One file is open at a time. Of each file asked for an index stays in memory, some 56 bytes a block.
#[derive(Debug)]
pub struct RevFiles {
    paths: BTreeMap<u32, PathBuf>,
    key: Key,
    indexes: BTreeMap<u32, Index>,
    /// The file that was asked for last.
    open: Option<(u32, Window<File>)>,
    skipped: Vec<Skipped>,
}

impl RevFiles {
    /// Lists the undo files beside the block files; the same key hides them.
    ///
    /// # Errors
    /// Where the directory or its key cannot be read.
    pub fn open(directory: &Path) -> Result<Self, DirectoryFault> {
        Ok(Self {
            paths: directory::undo_files(directory)?,
            key: directory::read_key(directory)?,
            indexes: BTreeMap::new(),
            open: None,
            skipped: Vec::new(),
        })
    }

    /// What a block's inputs spend, in the order of its inputs, the coinbase left out; `None` where the files
    /// hold no record for it.
    ///
    /// `file` is the number of the block file that holds the block, `previous` the hash of the block before
    /// it, `shape` how many inputs each of its transactions but the coinbase has. Files, and the blocks of a
    /// file, are best asked for in the order of their heights: then each record is found at once.
    ///
    /// A node writes records of blocks that it connected, and no record says whose it is: of two blocks that
    /// follow the same one and have one shape, either may be given the other's. Where such two are known the
    /// answer is not to be believed, nor worth asking for.
    ///
    /// # Errors
    /// Where a file cannot be read, or is none of undo records; where a record has the right checksum and
    /// does not parse.
    pub fn spent_by(
        &mut self,
        file: u32,
        previous: &[u8; 32],
        shape: &[usize],
    ) -> Result<Option<Vec<SpentOutput>>, SourceError> {
        if !self.make_ready(file)? {
            return Ok(None);
        }
        let (Some((_, window)), Some(index)) = (&mut self.open, self.indexes.get_mut(&file)) else {
            return Ok(None);
        };
        if shape.is_empty() {
            let checksum = double_sha256(&[&previous[..], &EMPTY_BODY]);
            return Ok(index.empty.contains(&checksum).then(Vec::new));
        }
        let path = &self.paths[&file];
        let io = |error| SourceError::io(path, error);
        let records = index.by_count.get(&shape.len());
        let records = records.map_or(&[][..], Vec::as_slice);
        let ahead = records.partition_point(|record| record.body < index.next);
        for record in records[ahead..].iter().chain(&records[..ahead]) {
            if checksum(window, previous, record).map_err(io)? != Some(record.checksum) {
                continue;
            }
            let length = usize::try_from(record.size).expect("it was read in full");
            let body = window.get(record.body, length).map_err(io)?;
            let spent = parse_body(body, shape).map_err(|at| {
                let byte = At::Byte(record.body + as_u64(at.offset));
                SourceError::new(path, Some(byte), SourceFault::Undo(at.fault))
            })?;
            // Of another shape it is of another block that follows the same one.
            if spent.is_some() {
                index.next = record.body + u64::from(record.size);
                return Ok(spent);
            }
        }
        Ok(None)
    }

    /// What was passed over in the files that were asked for.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Opens and indexes a file; false where there is none.
    fn make_ready(&mut self, file: u32) -> Result<bool, SourceError> {
        if matches!(self.open, Some((number, _)) if number == file) {
            return Ok(true);
        }
        let Some(path) = self.paths.get(&file) else {
            return Ok(false);
        };
        let mut window = match File::open(path) {
            Ok(opened) => Window::new(opened, self.key),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.skipped.push(Skipped {
                    place: path.display().to_string(),
                    why: "missing: removed while the directory was being read".to_owned(),
                });
                self.paths.remove(&file);
                return Ok(false);
            }
            Err(error) => return Err(SourceError::io(path, error)),
        };
        if !self.indexes.contains_key(&file) {
            let at = |RecordFaultAt { offset, fault }| match fault {
                RecordFault::Io(error) => SourceError::io(path, error),
                fault => SourceError::new(path, Some(At::Byte(offset)), SourceFault::Record(fault)),
            };
            let (index, skips) = index(&mut window).map_err(at)?;
            self.skipped.extend(scan::skipped(path, &skips));
            self.indexes.insert(file, index);
        }
        self.open = Some((file, window));
        Ok(true)
    }
}

/// Where the records of a file are.
#[derive(Debug, Default)]
struct Index {
    /// Checksums of the records of blocks that spend nothing: these can be looked up.
    empty: BTreeSet<[u8; CHECKSUM_SIZE]>,
    /// The others, in the order of the file, by how many transactions spend.
    by_count: BTreeMap<usize, Vec<Record>>,
    /// Where the record that was found last ends; the next is most likely behind it.
    next: u64,
}

#[derive(Debug)]
struct Record {
    /// Offset of the body.
    body: u64,
    /// Bytes of the body.
    size: u32,
    checksum: [u8; CHECKSUM_SIZE],
}

/// The checksum that a record has if its block follows `previous`; `None` where the file has become shorter.
///
/// Taken a chunk at a time: most bodies that are looked at are of other blocks.
fn checksum<R: Read + Seek>(
    window: &mut Window<R>,
    previous: &[u8; 32],
    record: &Record,
) -> io::Result<Option<[u8; CHECKSUM_SIZE]>> {
    let mut hasher = Sha256::new_with_prefix(previous);
    let end = record.body + u64::from(record.size);
    let mut at = record.body;
    while at < end {
        let wanted = usize::try_from(end - at).map_or(CHUNK, |left| left.min(CHUNK));
        let stretch = window.get(at, wanted)?;
        if stretch.len() < wanted {
            return Ok(None);
        }
        hasher.update(stretch);
        at += as_u64(wanted);
    }
    Ok(Some(Sha256::digest(hasher.finalize()).into()))
}

/// Finds the records of a file; hands back what it passed over.
fn index<R: Read + Seek>(window: &mut Window<R>) -> Result<(Index, Vec<Skip>), RecordFaultAt> {
    let mut index = Index::default();
    let Some(network) = network_of(window)? else {
        return Ok((index, Vec::new()));
    };
    let mut indexer = Indexer {
        window,
        network,
        skips: Vec::new(),
        false_bytes: 0,
    };
    let mut at = 0;
    loop {
        let found = match indexer.record_at(at)? {
            Some(found) => Some(found),
            None => indexer.resync(at)?,
        };
        let Some(Found { record, count, end }) = found else {
            return Ok((index, indexer.skips));
        };
        at = end;
        if count == 0 {
            index.empty.insert(record.checksum);
        } else {
            index.by_count.entry(count).or_default().push(record);
        }
    }
}

/// A record, how many transactions it is of, and where it ends.
struct Found {
    record: Record,
    count: usize,
    end: u64,
}

struct Indexer<'window, R> {
    window: &'window mut Window<R>,
    network: BitcoinNetwork,
    skips: Vec<Skip>,
    /// How many bytes were read of what looked like records and was none.
    false_bytes: u64,
}

impl<R: Read + Seek> Indexer<'_, R> {
    /// The record at an offset. Its checksum needs the block before and is not held against it here; so unless
    /// something as good as another record follows, its body must parse.
    fn record_at(&mut self, at: u64) -> Result<Option<Found>, RecordFaultAt> {
        let start = self.window.get(at, RECORD_HEAD + COUNT_SIZE_MAX)?;
        let Some((size, start)) = head(start, self.network) else {
            return Ok(None);
        };
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        let mut cursor = Cursor::new(&start[..start.len().min(length)]);
        let count = cursor.compact_size("transactions that spend");
        let Some(count) = count.ok().and_then(|count| usize::try_from(count).ok()) else {
            return Ok(None);
        };
        let body = at + as_u64(RECORD_HEAD);
        let body_end = body + u64::from(size);
        let end = body_end + as_u64(CHECKSUM_SIZE);
        let tail = self.window.get(body_end, CHECKSUM_SIZE + 4)?;
        let found = tail.split_first_chunk().map(|(checksum, next)| {
            let record = Record {
                body,
                size,
                checksum: *checksum,
            };
            (record, self.network.magic().starts_with(next))
        });
        let Some((record, is_followed)) = found else {
            return self.refuse(at, size);
        };
        if self.window.is_unwritten(end - 4, 4)? {
            return self.refuse(at, size);
        }
        if is_followed
            || self.window.is_unwritten(end, 4)?
            || is_body(self.window.get(body, length)?)
        {
            return Ok(Some(Found { record, count, end }));
        }
        self.refuse(at, size)
    }

    /// Counts what was read in vain: a file full of magics must not cost a body's length, and a chunk for the
    /// way there, for each.
    fn refuse(&mut self, at: u64, size: u32) -> Result<Option<Found>, RecordFaultAt> {
        self.false_bytes += u64::from(size) + as_u64(CHUNK);
        if self.false_bytes > FALSE_BYTES_MAX {
            let fault = RecordFault::Rubbish;
            return Err(RecordFaultAt { offset: at, fault });
        }
        Ok(None)
    }

    /// Looks for the next record, and reports what was passed over since `at`.
    fn resync(&mut self, at: u64) -> Result<Option<Found>, RecordFaultAt> {
        let Some(written) = self.window.first_written(at)? else {
            // The rest was reserved and never written.
            return Ok(None);
        };
        let why = self.why(at)?;
        let mut from = at + 1;
        loop {
            let candidate = match self.window.find(from, self.network.magic())? {
                Ok(candidate) => candidate,
                Err(end) => {
                    self.skips.push(Skip {
                        from: at,
                        to: end,
                        why,
                    });
                    return Ok(None);
                }
            };
            if let Some(found) = self.record_at(candidate)? {
                let why = if written >= candidate {
                    SkipWhy::Zeros
                } else {
                    why
                };
                self.skips.push(Skip {
                    from: at,
                    to: candidate,
                    why,
                });
                return Ok(Some(found));
            }
            from = candidate + 1;
        }
    }

    /// Why no record stands at an offset.
    fn why(&mut self, at: u64) -> io::Result<SkipWhy> {
        let start = self.window.get(at, RECORD_HEAD)?;
        if start.len() < RECORD_HEAD {
            let mut bytes = start.iter().zip(self.network.magic());
            let begins = bytes.all(|(found, wanted)| *found == wanted);
            return Ok(if begins {
                SkipWhy::Cut { needed: None }
            } else {
                SkipWhy::Garbage
            });
        }
        let Some((size, _)) = head(start, self.network) else {
            // The size itself may be written in part.
            let is_unfinished = start.starts_with(&self.network.magic())
                && self
                    .window
                    .first_written(at + as_u64(RECORD_HEAD))?
                    .is_none();
            return Ok(if is_unfinished {
                SkipWhy::Unfinished
            } else {
                SkipWhy::Garbage
            });
        };
        let last = at + as_u64(RECORD_HEAD + CHECKSUM_SIZE - 4) + u64::from(size);
        let held = self.window.get(last, 4)?.len();
        if held < 4 {
            let length = usize::try_from(size).unwrap_or(usize::MAX);
            let needed = Some(length.saturating_add(RECORD_HEAD + CHECKSUM_SIZE));
            return Ok(SkipWhy::Cut { needed });
        }
        Ok(if self.window.first_written(last)?.is_none() {
            SkipWhy::Unfinished
        } else {
            SkipWhy::Garbage
        })
    }
}

/// The size that a record's head gives, and what follows the head; `None` where no record begins.
fn head(bytes: &[u8], network: BitcoinNetwork) -> Option<(u32, &[u8])> {
    let (&[a, b, c, d, ref size @ ..], rest) = bytes.split_first_chunk::<RECORD_HEAD>()?;
    let size = u32::from_le_bytes(*size);
    let begins = [a, b, c, d] == network.magic() && (1..=BODY_SIZE_MAX).contains(&size);
    begins.then_some((size, rest))
}
