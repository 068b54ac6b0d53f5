//! Block files of a node: up to 128 MiB each, hidden by the key in `xor.dat`.

use crate::simulator::writer::MAGIC;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file is closed before the block that would bring it over this size.
const FILE_BYTES_MAX: usize = 128 << 20;

/// A `blocks/` directory that is being written.
#[derive(Debug)]
pub(super) struct BlockFiles {
    directory: PathBuf,
    key: [u8; 8],
    file: Option<File>,
    /// How many bytes the file has.
    offset: usize,
    /// How many files there are.
    pub(super) count: u32,
    /// How many bytes they have together.
    pub(super) bytes: usize,
}

impl BlockFiles {
    /// Makes the directory, and the key in it.
    pub(super) fn create(directory: &Path, key: [u8; 8]) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        fs::write(directory.join("xor.dat"), key)?;
        Ok(Self {
            directory: directory.to_owned(),
            key,
            file: None,
            offset: 0,
            count: 0,
            bytes: 0,
        })
    }

    /// Adds a block, which is given in two parts; they are hidden where they lie.
    pub(super) fn push(&mut self, head: &mut [u8], rest: &mut [u8]) -> io::Result<()> {
        let size = head.len() + rest.len();
        let stated = u32::try_from(size).expect("a block is small");
        let mut start = [0; 8];
        start[..4].copy_from_slice(&MAGIC);
        start[4..].copy_from_slice(&stated.to_le_bytes());
        if self.file.is_none() || self.offset + 8 + size > FILE_BYTES_MAX {
            let path = self.directory.join(format!("blk{:05}.dat", self.count));
            self.file = Some(File::create(path)?);
            self.offset = 0;
            self.count += 1;
        }
        self.write(&mut start)?;
        self.write(head)?;
        self.write(rest)
    }

    fn write(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        hide(bytes, self.key, self.offset);
        self.offset += bytes.len();
        self.bytes += bytes.len();
        let file = self.file.as_mut().expect("a file was opened before");
        file.write_all(bytes)
    }
}

/// Each byte against the key's byte for its offset in the file, eight at a time.
fn hide(bytes: &mut [u8], mut key: [u8; 8], offset: usize) {
    key.rotate_left(offset % 8);
    let word = u64::from_ne_bytes(key);
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let eight: &mut [u8; 8] = chunk.try_into().expect("a chunk of eight");
        *eight = (u64::from_ne_bytes(*eight) ^ word).to_ne_bytes();
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(key) {
        *byte ^= key;
    }
}
