//! Files of a case's directory: the one place that touches them, and that never follows a link out of it.
//!
//! A case may come from anybody. Names that lead to a path are checked words and hashes; here it is seen to
//! that what lies under such a name is a plain file or a plain folder of this directory, of a bounded size.
//! Nothing is opened because a case names it, and nothing is fetched or run.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::error::CaseError;

/// Where a file is written before it gets its name. There is one writer, so there is one such file.
const INCOMING: &str = "incoming";

/// More names than this in one folder are refused.
const NAMES_MAX: usize = 1 << 21;

/// Opens a plain file to read; `None` if there is none.
pub(crate) fn open(path: &Path) -> Result<Option<File>, CaseError> {
    if !is_plain_file(path)? {
        return Ok(None);
    }
    File::open(path).map(Some).map_err(CaseError::read(path))
}

/// Opens a plain file with options that may write; a new one is made where they say so.
pub(crate) fn open_to_write(path: &Path, options: &OpenOptions) -> Result<File, CaseError> {
    is_plain_file(path)?;
    options.open(path).map_err(CaseError::write(path))
}

/// The length of a plain file, in bytes; 0 if there is none.
pub(crate) fn length(path: &Path) -> Result<u64, CaseError> {
    let file = open(path)?;
    let length = file.map(|file| file.metadata().map(|found| found.len()));
    let length = length.transpose().map_err(CaseError::read(path))?;
    Ok(length.unwrap_or(0))
}

/// All of a file of limited size; `None` if there is none.
pub(crate) fn read(path: &Path, length_max: usize) -> Result<Option<Vec<u8>>, CaseError> {
    let Some(file) = open(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let room = u64::try_from(length_max).unwrap_or(u64::MAX);
    let limited = file.take(room.saturating_add(1)).read_to_end(&mut bytes);
    limited.map_err(CaseError::read(path))?;
    if bytes.len() > length_max {
        let why = format!("it is longer than {length_max} bytes");
        return Err(CaseError::file(path, why));
    }
    Ok(Some(bytes))
}

/// The names in a folder, sorted; none if there is no folder. A name that is not text is shown as well as
/// it can be, and is no name of ours.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, CaseError> {
    if !is_plain_folder(path)? {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(CaseError::read(path))? {
        let entry = entry.map_err(CaseError::read(path))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
        if names.len() > NAMES_MAX {
            let why = format!("it holds more than {NAMES_MAX} files");
            return Err(CaseError::file(path, why));
        }
    }
    names.sort();
    Ok(names)
}

/// Makes a folder unless it is there.
pub(crate) fn make(path: &Path) -> Result<(), CaseError> {
    if is_plain_folder(path)? {
        return Ok(());
    }
    fs::create_dir(path).map_err(CaseError::write(path))?;
    path.parent().map_or(Ok(()), sync)
}

/// Writes a file whole: under another name, brought to disk, and then renamed. `write` says, once it has
/// written, where the file belongs. A crash leaves the file there or not there, never a part of it.
pub(crate) fn place<T>(
    case: &Path,
    write: impl FnOnce(&mut File, &Path) -> Result<(PathBuf, T), CaseError>,
) -> Result<T, CaseError> {
    let incoming = case.join(INCOMING);
    remove(&incoming)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&incoming)
        .map_err(CaseError::write(&incoming))?;
    let placed = write(&mut file, &incoming).and_then(|(path, result)| {
        file.sync_all().map_err(CaseError::write(&path))?;
        fs::rename(&incoming, &path).map_err(CaseError::write(&path))?;
        path.parent().map_or(Ok(()), sync)?;
        Ok(result)
    });
    if placed.is_err() {
        // The next writer removes it too; the first error is the one to tell.
        let _ = fs::remove_file(&incoming);
    }
    placed
}

/// Removes what a writer that was killed left behind.
pub(crate) fn remove_incoming(case: &Path) -> Result<(), CaseError> {
    remove(&case.join(INCOMING))
}

fn remove(path: &Path) -> Result<(), CaseError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CaseError::write(path)(error)),
        _ => Ok(()),
    }
}

/// Brings the names in a folder to disk, where the system lets one.
pub(crate) fn sync(path: &Path) -> Result<(), CaseError> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|folder| folder.sync_all());
        synced.map_err(CaseError::write(path))?;
    }
    Ok(())
}

/// The lock of a case. It goes with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing the file would do, but for a program that another thread is just starting: it holds the same
    /// file until it runs.
    fn drop(&mut self) {
        // If this fails, closing it is what is left.
        let _ = self.0.unlock();
    }
}

/// Takes the lock of a case, for as long as what it gives is held.
pub(crate) fn lock(case: &Path) -> Result<Lock, CaseError> {
    let path = case.join("lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let lock = open_to_write(&path, &options)?;
    match lock.try_lock() {
        Ok(()) => Ok(Lock(lock)),
        Err(TryLockError::WouldBlock) => Err(CaseError::Locked(case.to_owned())),
        Err(TryLockError::Error(error)) => Err(CaseError::write(&path)(error)),
    }
}

/// Whether a file is there; anything else under its name is refused.
pub(crate) fn is_plain_file(path: &Path) -> Result<bool, CaseError> {
    is_plain(path, "it is not a plain file", fs::Metadata::is_file)
}

/// Whether a folder is there; a link to one is refused.
pub(crate) fn is_plain_folder(path: &Path) -> Result<bool, CaseError> {
    is_plain(path, "it is not a plain folder", fs::Metadata::is_dir)
}

fn is_plain(path: &Path, why: &str, right: fn(&fs::Metadata) -> bool) -> Result<bool, CaseError> {
    match fs::symlink_metadata(path) {
        Ok(found) if right(&found) => Ok(true),
        Ok(_) => Err(CaseError::file(path, why)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CaseError::read(path)(error)),
    }
}
