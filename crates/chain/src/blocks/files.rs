//! Files that hold blocks, and the reading of one block from its place.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::{At, SourceError, SourceFault};
use crate::sources::bitcoin::window::{Key, apply_key, read_full};
use crate::sources::bitcoin::{FaultAt, RecordFault};
use crate::text::decode_hex;

/// How many files are kept open at a time.
const OPEN_MAX: usize = 32;

/// How a file writes its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As they are, or under a key that hides them.
    Bytes(Key),
    /// As hex digits.
    Hex,
}

/// Where a block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which of [`Files`].
    pub(crate) file: usize,
    /// Offset of its first byte, or of its first digit.
    pub(crate) offset: u64,
    /// Its length in bytes.
    pub(crate) length: usize,
}

impl Place {
    /// The offset in the file of a byte of the block.
    pub(crate) fn offset_of(&self, coding: Coding, byte: usize) -> u64 {
        let byte = u64::try_from(byte).expect("memory is addressed by 64 bits");
        match coding {
            Coding::Bytes(_) => self.offset + byte,
            Coding::Hex => self.offset + 2 * byte,
        }
    }
}

/// Files that hold blocks.
#[derive(Debug, Default)]
pub(crate) struct Files {
    list: Vec<(PathBuf, Coding)>,
    open: HashMap<usize, File>,
}

impl Files {
    /// Adds a file; gives its number.
    pub(crate) fn add(&mut self, path: PathBuf, coding: Coding) -> usize {
        self.list.push((path, coding));
        self.list.len() - 1
    }

    /// Adds all files of another list; gives what to add to their numbers.
    pub(crate) fn append(&mut self, other: &Self) -> usize {
        let first = self.list.len();
        self.list.extend_from_slice(&other.list);
        first
    }

    /// The path of a file.
    pub(crate) fn path(&self, file: usize) -> &Path {
        &self.list[file].0
    }

    /// How a file writes its bytes.
    pub(crate) fn coding(&self, file: usize) -> Coding {
        self.list[file].1
    }

    /// What is wrong with a block, at its place.
    pub(crate) fn fault(&self, place: &Place, fault: FaultAt) -> SourceError {
        let at = place.offset_of(self.coding(place.file), fault.offset);
        let fault = SourceFault::Record(RecordFault::Block(fault.fault));
        SourceError::new(self.path(place.file), Some(At::Byte(at)), fault)
    }

    /// Reads up to `length` bytes of a block; fewer where the file has become shorter.
    pub(crate) fn read(
        &mut self,
        place: &Place,
        length: usize,
        bytes: &mut Vec<u8>,
    ) -> io::Result<()> {
        let coding = self.coding(place.file);
        let file = self.open(place.file)?;
        file.seek(SeekFrom::Start(place.offset))?;
        let stored = match coding {
            Coding::Bytes(_) => length,
            Coding::Hex => 2 * length,
        };
        bytes.resize(stored, 0);
        let held = read_full(file, bytes)?;
        bytes.truncate(held);
        match coding {
            Coding::Bytes(key) => apply_key(key, place.offset, bytes),
            Coding::Hex => {
                *bytes = decode_hex(&*bytes)
                    .ok_or_else(|| io::Error::other("the hex digits have changed"))?;
            }
        }
        Ok(())
    }

    fn open(&mut self, number: usize) -> io::Result<&mut File> {
        if !self.open.contains_key(&number) {
            if self.open.len() >= OPEN_MAX {
                self.open.clear();
            }
            self.open.insert(number, File::open(&self.list[number].0)?);
        }
        Ok(self.open.get_mut(&number).expect("it was opened"))
    }
}
