//! Files as memory: the only module of Whither with `unsafe` in it.
//!
//! A mapped file costs nothing to open and is read by the page, so a chain larger than memory can be
//! asked at once. Two kinds: [`Map`] for bytes that nobody changes, [`Shared`] for numbers that a writer may
//! change while others read them. An empty file cannot be mapped and needs no map.
//!
//! Not here: which files are mapped, what their bytes mean, and the locks that keep a cut away from readers.
#![allow(unsafe_code)]

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Deref;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use memmap2::{Mmap, MmapMut, MmapOptions, MmapRaw};

/// The first bytes of a file, which nobody changes while they are mapped.
pub(crate) struct Map(Option<Mmap>);

impl Map {
    /// Maps a whole file.
    pub(crate) fn whole(file: &File) -> io::Result<Self> {
        let bytes = usize::try_from(file.metadata()?.len());
        Self::open(file, bytes.map_err(io::Error::other)?)
    }

    /// Maps the first `bytes` of a file that has as many.
    pub(crate) fn open(file: &File, bytes: usize) -> io::Result<Self> {
        if bytes == 0 {
            return Ok(Self(None));
        }
        if file.metadata()?.len() < u64::try_from(bytes).unwrap_or(u64::MAX) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // SAFETY: the bytes are only sound to borrow while nobody changes them. Committed bytes of a column
        // are appended to and never overwritten; only a writer that cuts a chain back overwrites them, and it
        // holds the chain's `readers` lock alone, which each reader of them holds shared. Other files that
        // are mapped here are written under another name, renamed, and never changed. Who overwrites or cuts a
        // file of a store with another program breaks this; no reader of mapped files can hold against that.
        let map = unsafe { MmapOptions::new().len(bytes).map(file)? };
        Ok(Self(Some(map)))
    }

    /// Maps the first `bytes` of a file that is still growing towards that size.
    ///
    /// What lies beyond the file's end must not be touched: the system would end the process. The one caller,
    /// a growing column, reads no row that it has not handed to the file.
    pub(crate) fn reserve(file: &File, bytes: usize) -> io::Result<Self> {
        // SAFETY: as above; the one writer of the file is who maps it here, and it overwrites nothing that it
        // has handed to the file. Bytes beyond the file's end are in the map and never read, as said above.
        let map = unsafe { MmapOptions::new().len(bytes.max(1)).map(file)? };
        Ok(Self(Some(map)))
    }

    /// How many bytes are mapped, whether the file has them yet or not.
    pub(crate) fn reserved(&self) -> usize {
        self.0.as_ref().map_or(0, |map| map.len())
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
        write!(formatter, "{} mapped bytes", self.reserved())
    }
}

/// A file of numbers that a writer may change while others read: each byte or word is read and written whole.
pub(crate) struct Shared {
    map: Option<MmapRaw>,
    writable: bool,
}

impl Shared {
    /// Maps the first `bytes` of a file, which must have as many before they are asked for.
    pub(crate) fn open(file: &File, bytes: usize, writable: bool) -> io::Result<Self> {
        let mut options = MmapOptions::new();
        options.len(bytes);
        let map = match bytes {
            0 => None,
            _ if writable => Some(options.map_raw(file)?),
            _ => Some(options.map_raw_read_only(file)?),
        };
        Ok(Self { map, writable })
    }

    /// Zeros in memory that belong to no file, in large pages where the system has them: places that are asked for
    /// at random are found several times as fast.
    pub(crate) fn in_memory(bytes: usize) -> io::Result<Self> {
        let map = MmapMut::map_anon(bytes.max(1))?;
        #[cfg(target_os = "linux")]
        // Advice may be refused; then pages are small.
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self {
            map: Some(map.into()),
            writable: true,
        })
    }

    /// Writes all bytes to a file.
    pub(crate) fn write_to(&self, file: &mut File) -> io::Result<()> {
        let Some(map) = &self.map else {
            return Ok(());
        };
        // SAFETY: the bytes lie in the map. It is written through this value alone, in this thread: it is one
        // that nobody else has mapped, being in memory.
        let bytes = unsafe { std::slice::from_raw_parts(map.as_ptr(), map.len()) };
        file.write_all(bytes)
    }

    /// How many bytes are mapped.
    pub(crate) fn len(&self) -> usize {
        self.map.as_ref().map_or(0, MmapRaw::len)
    }

    /// The number of four bytes in a row.
    #[inline]
    pub(crate) fn word(&self, row: usize) -> u32 {
        u32::from_le(self.word_at(row).load(Ordering::Relaxed))
    }

    /// All numbers of four bytes, in order.
    pub(crate) fn words(&self) -> impl Iterator<Item = u32> {
        let words = match &self.map {
            None => &[],
            // SAFETY: the map is aligned to a page and has at least as many bytes; they are only ever read and
            // written as atomic words, by whichever process.
            Some(map) => unsafe {
                std::slice::from_raw_parts(map.as_ptr().cast::<AtomicU32>(), map.len() / 4)
            },
        };
        words
            .iter()
            .map(|word| u32::from_le(word.load(Ordering::Relaxed)))
    }

    /// Writes a number of four bytes.
    #[inline]
    pub(crate) fn set_word(&self, row: usize, word: u32) {
        assert!(self.writable, "the file was mapped to be written");
        self.word_at(row).store(word.to_le(), Ordering::Relaxed);
    }

    #[inline]
    fn word_at(&self, row: usize) -> &AtomicU32 {
        let map = self
            .map
            .as_ref()
            .expect("a row of a file that is not empty");
        assert!((row + 1) * 4 <= map.len(), "a row of this file");
        // SAFETY: the four bytes lie in the map, as was just compared; a map begins at a page, so they are
        // aligned. They are only ever read and written as one atomic word, by whichever process.
        unsafe { AtomicU32::from_ptr(map.as_mut_ptr().add(row * 4).cast()) }
    }

    /// The first of five bytes in a row.
    #[inline]
    pub(crate) fn first_of_five(&self, row: usize) -> u8 {
        self.five_at(row)[0].load(Ordering::Relaxed)
    }

    /// Five bytes in a row, each read whole.
    #[inline]
    pub(crate) fn five(&self, row: usize) -> [u8; 5] {
        let bytes = self.five_at(row);
        std::array::from_fn(|place| bytes[place].load(Ordering::Relaxed))
    }

    /// Writes five bytes, the last first.
    #[inline]
    pub(crate) fn set_five(&self, row: usize, five: [u8; 5]) {
        assert!(self.writable, "the file was mapped to be written");
        for (place, byte) in five.into_iter().enumerate().rev() {
            self.five_at(row)[place].store(byte, Ordering::Relaxed);
        }
    }

    #[inline]
    fn five_at(&self, row: usize) -> &[AtomicU8; 5] {
        let map = self
            .map
            .as_ref()
            .expect("a row of a file that is not empty");
        assert!((row + 1) * 5 <= map.len(), "a row of this file");
        // SAFETY: the five bytes lie in the map, as was just compared; a byte needs no alignment. They are
        // only ever read and written as atomic bytes.
        unsafe { &*map.as_ptr().add(row * 5).cast::<[AtomicU8; 5]>() }
    }

    /// Hands all changes to the disk.
    pub(crate) fn flush(&self) -> io::Result<()> {
        self.map.as_ref().map_or(Ok(()), MmapRaw::flush)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} shared bytes", self.len())
    }
}
