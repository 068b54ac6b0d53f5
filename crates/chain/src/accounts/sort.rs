//! Sorts more records than there is memory for: runs that fit are sorted and written, and read back merged.
//!
//! A record is bytes, and records are in the order of their bytes. Files lie in a folder of their own; who made it takes
//! it away.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::mem;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// So many runs are merged into one before there are more: each that is read holds a buffer and an open file.
const RUNS_MAX: usize = 64;

/// Takes records in any order.
#[derive(Debug)]
pub(super) struct Sorter {
    folder: PathBuf,
    name: &'static str,
    /// Bytes of records that are held at a time.
    room: usize,
    bytes: Vec<u8>,
    /// The beginning of each held record as a number, where it lies and how long it is.
    held: Vec<(u64, u32, u32)>,
    runs: Vec<PathBuf>,
    made: usize,
}

impl Sorter {
    /// An empty one, whose files will lie in a folder.
    pub(super) fn new(folder: &Path, name: &'static str, room: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            name,
            room: room.min(1 << 31),
            bytes: Vec::new(),
            held: Vec::new(),
            runs: Vec::new(),
            made: 0,
        }
    }

    /// Adds a record.
    pub(super) fn push(&mut self, record: &[u8]) -> Result<(), StoreError> {
        let short = |number: usize| u32::try_from(number).expect("held records fit 2^32 bytes");
        let mut first = [0; 8];
        let known = record.len().min(8);
        first[..known].copy_from_slice(&record[..known]);
        let place = (
            u64::from_be_bytes(first),
            short(self.bytes.len()),
            short(record.len()),
        );
        self.held.push(place);
        self.bytes.extend_from_slice(record);
        let taken = self.bytes.len() + self.held.len() * mem::size_of::<(u64, u32, u32)>();
        if taken < self.room {
            return Ok(());
        }
        self.write_run()?;
        if self.runs.len() < RUNS_MAX {
            return Ok(());
        }
        let runs = mem::take(&mut self.runs);
        let (path, mut file) = self.new_run()?;
        let mut merged = Merge::open(&runs)?;
        let mut record = Vec::new();
        while merged.next(&mut record)? {
            put(&mut file, &record).map_err(StoreError::io(&path, "cannot be written"))?;
        }
        file.flush()
            .map_err(StoreError::io(&path, "cannot be written"))?;
        drop(merged);
        for run in runs {
            fs::remove_file(&run).map_err(StoreError::io(&run, "cannot be removed"))?;
        }
        self.runs.push(path);
        Ok(())
    }

    fn new_run(&mut self) -> Result<(PathBuf, BufWriter<File>), StoreError> {
        let path = self.folder.join(format!("{}-{}", self.name, self.made));
        self.made += 1;
        let file = File::create_new(&path).map_err(StoreError::io(&path, "cannot be created"))?;
        Ok((path, BufWriter::with_capacity(1 << 18, file)))
    }

    /// Sorts what is held.
    fn sort(&mut self) {
        let bytes = &self.bytes;
        let of = |(_, start, length): (u64, u32, u32)| record_at(bytes, start, length);
        self.held
            .sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| of(*a).cmp(of(*b))));
    }

    fn write_run(&mut self) -> Result<(), StoreError> {
        self.sort();
        let (path, mut file) = self.new_run()?;
        let mut write = || {
            for (_, start, length) in &self.held {
                put(&mut file, record_at(&self.bytes, *start, *length))?;
            }
            file.flush()
        };
        write().map_err(StoreError::io(&path, "cannot be written"))?;
        self.runs.push(path);
        self.bytes.clear();
        self.held.clear();
        Ok(())
    }

    /// All records in their order.
    pub(super) fn sorted(mut self) -> Result<Sorted, StoreError> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Held {
                bytes: self.bytes,
                places: self.held.into_iter(),
            });
        }
        if !self.held.is_empty() {
            self.write_run()?;
        }
        drop((self.bytes, self.held));
        Merge::open(&self.runs).map(Sorted::Runs)
    }
}

fn record_at(bytes: &[u8], start: u32, length: u32) -> &[u8] {
    let at = |number: u32| usize::try_from(number).expect("a place in memory");
    &bytes[at(start)..][..at(length)]
}

fn put(file: &mut impl io::Write, record: &[u8]) -> io::Result<()> {
    let length = u32::try_from(record.len()).map_err(io::Error::other)?;
    file.write_all(&length.to_le_bytes())?;
    file.write_all(record)
}

/// Records in their order.
#[derive(Debug)]
pub(super) enum Sorted {
    Held {
        bytes: Vec<u8>,
        places: std::vec::IntoIter<(u64, u32, u32)>,
    },
    Runs(Merge),
}

impl Sorted {
    /// Puts the next record in place of the one before; false at the end.
    pub(super) fn next(&mut self, record: &mut Vec<u8>) -> Result<bool, StoreError> {
        match self {
            Self::Runs(merge) => merge.next(record),
            Self::Held { bytes, places } => {
                let Some((_, start, length)) = places.next() else {
                    return Ok(false);
                };
                record.clear();
                record.extend_from_slice(record_at(bytes, start, length));
                Ok(true)
            }
        }
    }
}

/// Runs that are read side by side.
#[derive(Debug)]
pub(super) struct Merge {
    runs: Vec<(PathBuf, BufReader<File>)>,
    /// The next record of each run.
    next: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Merge {
    fn open(paths: &[PathBuf]) -> Result<Self, StoreError> {
        let mut merge = Self {
            runs: Vec::with_capacity(paths.len()),
            next: BinaryHeap::with_capacity(paths.len()),
        };
        for path in paths {
            let file = File::open(path).map_err(StoreError::io(path, "cannot be opened"))?;
            let file = BufReader::with_capacity(1 << 18, file);
            merge.runs.push((path.clone(), file));
            merge.refill(merge.runs.len() - 1, Vec::new())?;
        }
        Ok(merge)
    }

    /// Reads the next record of a run into a buffer.
    fn refill(&mut self, run: usize, mut record: Vec<u8>) -> Result<(), StoreError> {
        let (path, file) = &mut self.runs[run];
        let mut read = || {
            let mut length = [0; 4];
            match file.read_exact(&mut length) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                read => read?,
            }
            let length = u32::from_le_bytes(length);
            record.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
            file.read_exact(&mut record).map(|()| true)
        };
        if read().map_err(StoreError::io(path, "cannot be read"))? {
            self.next.push(Reverse((record, run)));
        }
        Ok(())
    }

    fn next(&mut self, record: &mut Vec<u8>) -> Result<bool, StoreError> {
        let Some(Reverse((found, run))) = self.next.pop() else {
            return Ok(false);
        };
        let spare = mem::replace(record, found);
        self.refill(run, spare)?;
        Ok(true)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn records_come_in_their_order_however_little_room_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let record = |number: u32| {
            let mixed = number.wrapping_mul(2_654_435_761);
            let mut record = mixed.to_be_bytes().to_vec();
            record.extend(vec![7; usize::try_from(number % 9).unwrap()]);
            record
        };
        let mut expected: Vec<Vec<u8>> = (0..4000).map(record).collect();
        expected.sort();
        for (name, room) in [("all", usize::MAX), ("some", 4000), ("few", 400)] {
            let mut sorter = Sorter::new(folder.path(), name, room);
            for number in 0..4000 {
                sorter.push(&record(number)).unwrap();
            }
            assert!(sorter.runs.len() < RUNS_MAX);
            let mut sorted = sorter.sorted().unwrap();
            let (mut next, mut found) = (Vec::new(), Vec::new());
            while sorted.next(&mut next).unwrap() {
                found.push(next.clone());
            }
            assert!(found == expected, "{name}");
        }
    }
}
