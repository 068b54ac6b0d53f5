//! Where price series lie: `prices/` in the store, a file for each version of each series.
//!
//! A file is written beside, brought to disk and renamed, and never written again. A second import of a series makes a
//! second version; the one with the highest number is in force. So a figure that was computed before can be computed
//! again. A lock that dies with its process keeps two writers from taking the same number.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use whither_casework::Hash;
use whither_casework::valuation::{FILE_LENGTH_MAX, Series, SeriesKey, from_text, to_text};

use crate::error::Error;

/// The folder within a store.
const PRICES: &str = "prices";
const LOCK: &str = "lock";
const INCOMING: &str = "incoming";
const EXTENSION: &str = ".prices";
/// How many hexadecimal digits of a key's hash name its files.
const NAME_DIGITS: usize = 32;
/// No folder holds more versions.
const FILES_MAX: usize = 100_000;

/// The price folder of a store, whether it is there yet or not.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
}

/// A version that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub series: Series,
    pub version: u32,
    /// Whether it is the newest of its series.
    pub in_force: bool,
    /// Of its file.
    pub bytes: u64,
}

impl Folder {
    pub(super) fn of(store: &Path) -> Self {
        Self {
            dir: store.join(PRICES),
        }
    }

    /// All versions, or only those in force, in the order of their keys and numbers.
    pub(super) fn read(&self, only_in_force: bool) -> Result<Vec<Kept>, Error> {
        let mut kept = Vec::new();
        for (name, versions) in self.versions()? {
            let newest = versions.last().copied();
            for version in versions {
                let in_force = Some(version) == newest;
                if in_force || !only_in_force {
                    kept.push(self.read_one(&name, version, in_force)?);
                }
            }
        }
        kept.sort_by(|a, b| (&a.series.key, a.version).cmp(&(&b.series.key, b.version)));
        Ok(kept)
    }

    /// Keeps a series as its newest version, unless that is the same already. Says which version it is, and whether
    /// it was there.
    pub(super) fn keep(&self, series: &Series) -> Result<(u32, bool), Error> {
        fs::create_dir_all(&self.dir).map_err(|error| cannot("create", &self.dir, &error))?;
        let _lock = self.lock()?;
        let (version, is_there) = self.next_version(series)?;
        if is_there {
            return Ok((version, true));
        }
        let incoming = self.dir.join(INCOMING);
        let path = self.dir.join(file_name(&name_of(&series.key), version));
        let write = || -> io::Result<()> {
            let mut file = File::create(&incoming)?;
            file.write_all(to_text(series, version).as_bytes())?;
            file.sync_all()?;
            fs::rename(&incoming, &path)?;
            if cfg!(unix) {
                File::open(&self.dir)?.sync_all()?;
            }
            Ok(())
        };
        write().map_err(|error| {
            // What is left of it is no series; the first error is the one to tell.
            let _ = fs::remove_file(&incoming);
            cannot("write", &path, &error)
        })?;
        Ok((version, false))
    }

    /// The number that a series gets, or has where the newest version is the same.
    pub(super) fn next_version(&self, series: &Series) -> Result<(u32, bool), Error> {
        let name = name_of(&series.key);
        let versions = self.versions()?.remove(&name).unwrap_or_default();
        let Some(newest) = versions.last() else {
            return Ok((1, false));
        };
        if self.read_one(&name, *newest, true)?.series == *series {
            return Ok((*newest, true));
        }
        let next = newest.checked_add(1);
        next.map(|next| (next, false))
            .ok_or_else(|| Error::new("there are too many versions of this series"))
    }

    /// The versions of each series, by the name of its files, in the order of their numbers.
    fn versions(&self) -> Result<BTreeMap<String, Vec<u32>>, Error> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            entries => entries.map_err(|error| cannot("read", &self.dir, &error))?,
        };
        let mut versions: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (count, entry) in entries.enumerate() {
            let entry = entry.map_err(|error| cannot("read", &self.dir, &error))?;
            if count > FILES_MAX {
                let dir = self.dir.display();
                return Err(Error::new(format!(
                    "{dir} holds more than {FILES_MAX} files"
                )));
            }
            if let Some((name, version)) = entry.file_name().to_str().and_then(named) {
                versions.entry(name).or_default().push(version);
            }
        }
        for numbers in versions.values_mut() {
            numbers.sort_unstable();
        }
        Ok(versions)
    }

    fn read_one(&self, name: &str, version: u32, in_force: bool) -> Result<Kept, Error> {
        let path = self.dir.join(file_name(name, version));
        let text = String::from_utf8(read_file(&path)?);
        let text = text.map_err(|_| damaged(&path, "it is no text in UTF-8"))?;
        let (series, told) = from_text(&text).map_err(|error| damaged(&path, error))?;
        if told != version || name_of(&series.key) != name {
            return Err(damaged(&path, "it was given the name of another"));
        }
        Ok(Kept {
            bytes: u64::try_from(text.len()).map_err(Error::new)?,
            series,
            version,
            in_force,
        })
    }

    fn lock(&self) -> Result<File, Error> {
        let path = self.dir.join(LOCK);
        let mut options = OpenOptions::new();
        let lock = options.create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| cannot("open", &path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                let dir = self.dir.display();
                Err(
                    Error::new(format!("{dir} is being written by another program"))
                        .with_hint("try again when it is done"),
                )
            }
            Err(TryLockError::Error(error)) => Err(cannot("lock", &path, &error)),
        }
    }
}

/// All of a file, up to the length that is read.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let read = || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(FILE_LENGTH_MAX).unwrap_or(u64::MAX);
        // One byte more, so that a longer file is told and not cut.
        let file = File::open(path)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error: io::Error| cannot("read", path, &error))
}

/// What the files of a series are called: the beginning of its key's hash.
fn name_of(key: &SeriesKey) -> String {
    let SeriesKey {
        pair,
        convention,
        source,
    } = key;
    let text = format!("{}\n{}\n{convention}\n{source}", pair.asset, pair.quote);
    let mut name = Hash::of(text.as_bytes()).to_string();
    name.truncate(NAME_DIGITS);
    name
}

fn file_name(name: &str, version: u32) -> String {
    format!("{name}-{version}{EXTENSION}")
}

/// The series and the version of a file's name; `None` of a file that is no series.
fn named(file: &str) -> Option<(String, u32)> {
    let (name, number) = file.strip_suffix(EXTENSION)?.split_once('-')?;
    let version: u32 = number.parse().ok()?;
    let is_hash = name.len() == NAME_DIGITS && name.bytes().all(|it| it.is_ascii_hexdigit());
    (is_hash && file_name(name, version) == file).then(|| (name.to_owned(), version))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot {what} {}: {error}", path.display()))
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::new(format!("{}: {why}", path.display()))
        .with_hint("move the file away and import its source again")
}
