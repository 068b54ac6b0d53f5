//! Files as memory: the only module of Whither with `unsafe` in it.
//!
//! A mapped file costs nothing to open and is read by the page, so a chain larger than memory can be
//! asked at once. An empty file cannot be mapped and needs no map.
//!
//! Not here: which files are mapped, and what their bytes mean.
#![allow(unsafe_code)]

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};

use memmap2::{Mmap, MmapMut};

/// A file's bytes, to be read.
pub(crate) struct Map(Option<Mmap>);

impl Map {
    /// Maps a whole file.
    pub(crate) fn open(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self(None));
        }
        // SAFETY: the bytes are only sound to borrow while nobody changes them. Only files of a generation
        // are mapped: they are written by one builder under a lock, before a manifest names them, and never
        // again; removing one leaves its pages to those who have it mapped. Who overwrites or cuts a file of
        // a store with another program breaks this; no reader of mapped files can hold against that.
        let map = unsafe { Mmap::map(file)? };
        Ok(Self(Some(map)))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} mapped bytes", self.len())
    }
}

/// A file's bytes, to be written out of order while a generation is built.
pub(super) struct MapMut(Option<MmapMut>);

impl MapMut {
    /// Maps a whole file that was opened for reading and writing.
    pub(super) fn open(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self(None));
        }
        // SAFETY: as above; the file was made by this builder, under the lock, in a folder that no manifest
        // names, and nothing else has it open.
        let map = unsafe { MmapMut::map_mut(file)? };
        Ok(Self(Some(map)))
    }

    /// Hands all changes to the file.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), MmapMut::flush)
    }
}

impl Deref for MapMut {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl DerefMut for MapMut {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}
