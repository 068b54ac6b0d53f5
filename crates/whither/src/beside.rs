//! Directories that a command makes: beside their place first, and put there whole or not at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// So many runs into one place that never ended are passed over.
const TRIES_MAX: u32 = 1_000;

/// A directory that is made beside its place, and goes if it is not put there.
pub(crate) struct Beside {
    dir: PathBuf,
    place: PathBuf,
    /// The option that names the place.
    option: &'static str,
}

impl Beside {
    /// Nothing may lie in its place yet, but for an empty directory.
    ///
    /// # Errors
    /// Where something does, or where nothing can be written.
    pub(crate) fn new(place: &Path, option: &'static str) -> Result<Self, Error> {
        let name = place
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let (true, Some(name)) = (is_free(place), name) else {
            return Err(
                Error::new(format!("{} is there already", place.display())).with_hint(format!(
                    "nothing is ever written over: name another directory with `{option} DIR`"
                )),
            );
        };
        if let Some(parent) = place.parent().filter(|it| !it.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(|error| failed(parent, option, &error))?;
        }
        // One that is there is another run's, or somebody's: it is left alone.
        let mut number = 1_u32;
        let dir = loop {
            let dir = place.with_file_name(format!(".{name}.incoming-{number}"));
            match fs::create_dir(&dir) {
                Ok(()) => break dir,
                Err(error) if error.kind() != ErrorKind::AlreadyExists || number == TRIES_MAX => {
                    return Err(failed(&dir, option, &error));
                }
                Err(_) => number += 1,
            }
        };
        Ok(Self {
            dir,
            place: place.to_owned(),
            option,
        })
    }

    /// Writes a file; its name may name folders, with `/`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.dir.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| self.failed(parent, &error))?;
        }
        fs::write(&path, bytes).map_err(|error| self.failed(&path, &error))
    }

    /// Where the files are so far.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts all of it in its place.
    ///
    /// # Errors
    /// Where the file system does not.
    pub(crate) fn place(self) -> Result<(), Error> {
        if self.place.exists() {
            fs::remove_dir(&self.place).map_err(|error| self.failed(&self.place, &error))?;
        }
        fs::rename(&self.dir, &self.place).map_err(|error| self.failed(&self.place, &error))
    }

    fn failed(&self, path: &Path, error: &std::io::Error) -> Error {
        failed(path, self.option, error)
    }
}

fn failed(path: &Path, option: &str, error: &std::io::Error) -> Error {
    Error::new(format!("cannot write {}: {error}", path.display()))
        .with_hint(format!("name another directory with `{option} DIR`"))
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It is gone where it was put in its place; where it cannot be removed there is nobody to tell.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Whether a place is not there, or an empty directory.
fn is_free(place: &Path) -> bool {
    // What a link leads to would stay where it is, and the link go.
    !place.is_symlink()
        && (!place.exists() || fs::read_dir(place).is_ok_and(|mut files| files.next().is_none()))
}

#[cfg(test)]
mod tests {
    use super::Beside;
    use std::fs;

    #[test]
    fn what_is_not_put_in_its_place_leaves_nothing_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("out");
        let count = || fs::read_dir(folder.path()).expect("it is there").count();
        let beside = Beside::new(&place, "--out").expect("it is free");
        beside.write("a/b.txt", b"1").expect("written");
        assert!(!place.exists());
        drop(beside);
        assert_eq!(count(), 0);
        fs::create_dir(&place).expect("made");
        let beside = Beside::new(&place, "--out").expect("an empty one is free");
        beside.write("a/b.txt", b"2").expect("written");
        beside.place().expect("put there");
        assert_eq!(
            (fs::read(place.join("a/b.txt")).expect("there"), count()),
            (b"2".to_vec(), 1)
        );
        // What somebody has there stays, whatever it is called.
        let other = folder.path().join(".next.incoming-1");
        fs::create_dir(&other).expect("made");
        fs::write(other.join("mine"), b"3").expect("written");
        let next = Beside::new(&folder.path().join("next"), "--out").expect("it is free");
        assert!(next.dir() != other);
        drop(next);
        assert!(other.join("mine").exists());
        let error = Beside::new(&place, "--out").err().expect("it is taken");
        assert!(error.to_string().contains("is there already"), "{error}");
    }
}
