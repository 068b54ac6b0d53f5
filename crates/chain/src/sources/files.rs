//! The files of a directory in a fixed order, and files that are hashed as they are read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// How many files of one directory are read at most, folders within included.
const FILES_MAX: usize = 1 << 20;
/// How deep folders may lie in each other.
const DEPTH_MAX: usize = 8;

/// The files with one of these endings in a directory and its folders, in the order of their paths; a file itself.
pub(crate) fn files_in(path: &Path, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut open = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_dir() && depth < DEPTH_MAX {
                open.push((path, depth + 1));
            } else if path.is_file() && ending.is_some_and(|ending| endings.contains(&ending)) {
                found.push(path);
            }
            if found.len() > FILES_MAX {
                return Err(io::Error::other("holds more files than are read"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A file that is hashed as it is read.
pub(crate) struct Hashing {
    file: File,
    hasher: Sha256,
}

impl Hashing {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            hasher: Sha256::new(),
        }
    }

    /// The hash of the whole file, what was not read included.
    pub(crate) fn finish(mut self) -> io::Result<[u8; 32]> {
        let mut chunk = vec![0; 1 << 16];
        while self.read(&mut chunk)? > 0 {}
        Ok(self.hasher.finalize().into())
    }
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
