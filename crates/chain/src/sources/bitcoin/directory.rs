//! A Bitcoin Core `blocks/` directory: which files it holds, and the key they are hidden under.
//!
//! Undo files (`rev*.dat`) are only listed; [`super::rev`] reads them. The node's index is not read. Nothing
//! in the directory is locked or changed, so a node may go on writing to it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::window::Key;

/// Why a directory cannot be read as one of blocks.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DirectoryFault {
    /// The file system.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// No `blk*.dat`.
    #[error("holds no block files (blk00000.dat and so on)")]
    NoBlockFiles,
    /// The node is changing the key of its files.
    #[error("holds {0}: the node was stopped while it was changing the key of its block files")]
    Reobfuscating(String),
    /// A key that is not 8 bytes long.
    #[error("the key in xor.dat has {0} bytes; it must have 8")]
    KeyLength(usize),
}

impl DirectoryFault {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoBlockFiles => {
                Some("give the directory named `blocks` inside the node's data directory")
            }
            Self::Reobfuscating(_) => {
                Some("start the node, let it finish, stop it, and ingest then")
            }
            Self::KeyLength(_) => {
                Some("copy xor.dat from the node again, together with its block files")
            }
            Self::Io(_) => None,
        }
    }
}

/// What a directory holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Block files in the order of their numbers.
    pub(crate) files: Vec<PathBuf>,
    /// Names of the files that are missing between them, as runs.
    pub(crate) missing: Vec<String>,
    /// The key they are hidden under.
    pub(crate) key: Key,
}

/// Lists a directory.
pub(crate) fn list(directory: &Path) -> Result<Listing, DirectoryFault> {
    let numbered = files(directory, number_of)?;
    if numbered.is_empty() {
        return Err(DirectoryFault::NoBlockFiles);
    }
    Ok(Listing {
        missing: missing(&numbered),
        files: numbered.into_values().collect(),
        key: read_key(directory)?,
    })
}

/// The undo files of a directory by their numbers; none at all is no fault.
pub(crate) fn undo_files(directory: &Path) -> Result<BTreeMap<u32, PathBuf>, DirectoryFault> {
    files(directory, |name| number_after("rev", name))
}

/// The files whose names are numbers, by these.
fn files(
    directory: &Path,
    number: impl Fn(&str) -> Option<u32>,
) -> Result<BTreeMap<u32, PathBuf>, DirectoryFault> {
    let mut numbered = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else {
            continue;
        };
        if name.ends_with(".reobfuscated") {
            return Err(DirectoryFault::Reobfuscating(name.to_owned()));
        }
        numbered.extend(number(name).map(|number| (number, directory.join(name))));
    }
    Ok(numbered)
}

/// The number of a block file by its name.
pub(crate) fn number_of(name: &str) -> Option<u32> {
    number_after("blk", name)
}

fn number_after(kind: &str, name: &str) -> Option<u32> {
    let digits = name.strip_prefix(kind)?.strip_suffix(".dat")?;
    let number: u32 = digits.parse().ok()?;
    (format!("{number:05}") == digits).then_some(number)
}

fn missing(numbered: &BTreeMap<u32, PathBuf>) -> Vec<String> {
    let mut runs = Vec::new();
    let mut next = 0;
    for number in numbered.keys() {
        match number - next {
            0 => {}
            1 => runs.push(format!("blk{next:05}.dat")),
            _ => runs.push(format!("blk{next:05}.dat to blk{:05}.dat", number - 1)),
        }
        next = number + 1;
    }
    runs
}

/// The key that lies in a directory; without one the files are not hidden.
pub(crate) fn read_key(directory: &Path) -> Result<Key, DirectoryFault> {
    let file = match fs::File::open(directory.join("xor.dat")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Key::default()),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::new();
    file.take(4096).read_to_end(&mut bytes)?;
    let length = bytes.len();
    bytes
        .try_into()
        .map_err(|_| DirectoryFault::KeyLength(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_files_are_known_by_name() {
        assert_eq!(number_of("blk00000.dat"), Some(0));
        assert_eq!(number_of("blk04711.dat"), Some(4711));
        assert_eq!(number_of("blk123456.dat"), Some(123_456));
        for name in [
            "blk0000.dat",
            "blk000000.dat",
            "rev00000.dat",
            "blk00000.dat.bak",
            "blk+0001.dat",
            "blk.dat",
            "BLK00000.DAT",
        ] {
            assert_eq!(number_of(name), None, "{name}");
        }
    }

    #[test]
    fn missing_files_are_named_as_runs() {
        let numbered = |numbers: &[u32]| -> BTreeMap<u32, PathBuf> {
            let numbers = numbers.iter();
            numbers.map(|number| (*number, PathBuf::new())).collect()
        };
        assert_eq!(missing(&numbered(&[0, 1, 2])), Vec::<String>::new());
        assert_eq!(
            missing(&numbered(&[3, 4, 6])),
            ["blk00000.dat to blk00002.dat", "blk00005.dat"]
        );
    }
}
