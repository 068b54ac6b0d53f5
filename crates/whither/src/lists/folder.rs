//! The folder of a list: which versions it has, and a new one written into it whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use whither_screening::lists::pack::{Version, decode_version};

use crate::error::Error;

const LISTS: &str = "lists";
/// Held by who writes; it dies with its process. A list cannot be called so, since its name begins with no dot.
const LOCK: &str = ".lock";
const EXTENSION: &str = "list";

/// The folder of a list.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder of a list by its name, which must be one word of a file.
    pub(super) fn new(store: &Path, list: &str) -> Result<Self, Error> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if list.is_empty() || list.len() > 64 || list.starts_with('-') || !list.bytes().all(letter)
        {
            return Err(Error::new(format!("`{list}` is no name of a list"))
                .with_hint("names have lower-case letters, digits and dashes: `un`, `ofac-sdn`"));
        }
        Ok(Self {
            path: store.join(LISTS).join(list),
        })
    }

    /// The names of all lists, in their order.
    pub(super) fn lists(store: &Path) -> Result<Vec<String>, Error> {
        let mut lists = Vec::new();
        for (name, path) in entries(&store.join(LISTS))? {
            if path.is_dir() && Self::new(store, &name).is_ok() {
                lists.push(name);
            }
        }
        Ok(lists)
    }

    /// Its versions, the earliest first; of one day, in the order they came.
    pub(super) fn versions(&self) -> Result<Vec<(PathBuf, Version)>, Error> {
        let mut versions = Vec::new();
        for (name, path) in entries(&self.path)? {
            if path
                .extension()
                .is_none_or(|extension| extension != EXTENSION)
            {
                continue;
            }
            let cannot = |error: std::io::Error| Error::new(format!("{}: {error}", path.display()));
            let mut first = Vec::new();
            BufReader::new(File::open(&path).map_err(cannot)?)
                .read_until(b'\n', &mut first)
                .map_err(cannot)?;
            let version = decode_version(&path.display().to_string(), &first)
                .map_err(|error| Error::new(&error).with_hint_of(error.hint()))?;
            versions.push((name, path, version));
        }
        versions.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(versions
            .into_iter()
            .map(|(_, path, version)| (path, version))
            .collect())
    }

    /// Waits until nobody else writes a list of the store, and keeps others out: two who bring in one file at once would
    /// each find that it is not there yet.
    pub(super) fn lock(store: &Path) -> Result<File, Error> {
        let folder = store.join(LISTS);
        let path = folder.join(LOCK);
        let take = || {
            fs::create_dir_all(&folder)?;
            let mut options = OpenOptions::new();
            let file = options
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            file.lock()?;
            Ok(file)
        };
        take().map_err(|error: std::io::Error| {
            Error::new(format!("{} cannot be locked: {error}", path.display()))
        })
    }

    /// Writes a version, under the lock: beside, to disk, and renamed.
    pub(super) fn write(&self, version: &Version, bytes: &[u8]) -> Result<(), Error> {
        let of_day = self
            .versions()?
            .iter()
            .filter(|(_, held)| held.date == version.date)
            .count();
        let hash = version.hash.get(..16).unwrap_or(&version.hash);
        let name = format!("{}.{:04}.{hash}.{EXTENSION}", version.date, of_day + 1);
        let path = self.path.join(&name);
        let beside = self.path.join(format!(".{name}.new"));
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.path)?;
            let mut file = File::create(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&beside);
            Error::new(format!("{} cannot be written: {error}", path.display()))
        })
    }
}

/// What a folder holds, by name; nothing where there is none.
fn entries(path: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let cannot = |error: std::io::Error| Error::new(format!("{}: {error}", path.display()));
    let read = match fs::read_dir(path) {
        Ok(read) => read,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(error)),
    };
    let mut entries = Vec::new();
    for entry in read {
        let entry = entry.map_err(cannot)?;
        entries.push((
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        ));
    }
    entries.sort();
    Ok(entries)
}
