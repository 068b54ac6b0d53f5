//! An index over a case, so that a question need not read a million entries: SQLite, rebuilt at any time.
//!
//! It never lies in the case, since a case may come from anybody. It holds the claims in force as far as it has
//! read the logs, and what callers derive from them by subject. Opening it reads what was appended since; where
//! anything else changed (a log is shorter, another entry stands where it ended, payloads were left out or came in) it
//! is made anew. A row that does not have its checksum, or an answer of SQLite that is an error, is such a reason too.
//! Whether the case itself is sound is for [`crate::verify`] to say, which knows no index.
//!
//! Where the folder cannot be written, the same index is made in memory, and goes with the program.

mod fill;
mod read;
mod schema;
mod tally;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::case::Case;
use crate::claims::Claim;
use crate::error::CaseError;
use crate::folder;
use crate::hash::Hash;
use crate::ledger::identity;
use crate::words::CaseId;

pub use tally::Tally;

/// An index file up to this many bytes is checked as a whole when it is opened; of a larger one each row is as it is read.
const CHECKED_LENGTH_MAX: u64 = 1 << 23;

/// Why an index cannot be used.
enum Trouble {
    /// The case itself cannot be read.
    Case(CaseError),
    /// The index is damaged, of another case, or of another past of it.
    Index,
}

impl From<rusqlite::Error> for Trouble {
    fn from(_: rusqlite::Error) -> Self {
        Self::Index
    }
}

impl From<CaseError> for Trouble {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}

/// An index over a case, opened and up to date.
#[derive(Debug)]
pub struct Index {
    dir: PathBuf,
    id: CaseId,
    name: String,
    /// Where the index lies; in memory if nowhere.
    path: Option<PathBuf>,
    connection: Connection,
    rebuilt: bool,
}

impl Index {
    /// Opens the index over a case that lies in a folder of the user's data; makes it, or makes it anew, where that is
    /// needed.
    ///
    /// # Errors
    /// Where the case cannot be read. A folder that cannot be written is no error.
    pub fn open(case: &Path, folder: &Path) -> Result<Self, CaseError> {
        let (id, name) = identity(case)?.ok_or_else(|| CaseError::Unchained(case.to_owned()))?;
        let dir = std::path::absolute(case).map_err(CaseError::read(case))?;
        let dir = dir.canonicalize().unwrap_or(dir);
        let key = Hash::of(format!("{id}\n{}", dir.display()).as_bytes());
        let path = folder.join(format!("{key}.sqlite"));
        if let Some(connection) = opened(&path, &dir, &id)? {
            return Ok(Self {
                dir,
                id,
                name,
                path: Some(path),
                connection,
                rebuilt: false,
            });
        }
        let (connection, kept) = rebuilt(&path, &dir, &id)?;
        Ok(Self {
            dir,
            id,
            name,
            path: kept.then_some(path),
            connection,
            rebuilt: true,
        })
    }

    /// The file of the index; none if it could not be written and is in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether it had to be made anew.
    #[must_use]
    pub fn was_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// The case with the claims of these kinds alone, as [`Case::open`] has them.
    ///
    /// # Errors
    /// Where the case cannot be read.
    pub fn of_kinds(&mut self, kinds: &[&str]) -> Result<Case, CaseError> {
        let claims = self.ask(|connection| {
            let mut claims = Vec::new();
            for kind in kinds {
                claims.append(&mut read::of_kind(connection, kind)?);
            }
            Ok(claims)
        })?;
        self.case(claims)
    }

    /// The case with the claims about a subject alone: `incident:ID`, `entity:ID`, `address:…`, as
    /// [`crate::Body::subjects`] tells them.
    ///
    /// # Errors
    /// Where the case cannot be read.
    pub fn about(&mut self, subject: &str) -> Result<Case, CaseError> {
        let claims = self.ask(|connection| read::about(connection, subject))?;
        self.case(claims)
    }

    /// The case with the claims of a handle or a hash alone.
    ///
    /// # Errors
    /// Where the case cannot be read.
    pub fn named(&mut self, name: &str) -> Result<Case, CaseError> {
        let claims = self.ask(|connection| read::named(connection, name))?;
        self.case(claims)
    }

    /// How many of the claims in force cannot be read, are withheld, and name a source.
    ///
    /// # Errors
    /// Where the case cannot be read.
    pub fn tally(&mut self) -> Result<Tally, CaseError> {
        self.ask(Tally::read)
    }

    /// What a function makes of all claims about a subject, for every subject of a kind (`incident`, `entity`, …), in the
    /// order of the subjects. It is computed for the subjects of which a claim came, changed or went since the last time,
    /// and kept as text for the others. `name` stands for the function and the kind: give it another one when what it
    /// makes changes. `read` makes the answer of a subject's id and the text.
    ///
    /// # Errors
    /// Where the case cannot be read, or what the function gives.
    pub fn derived<T, E: From<CaseError>>(
        &mut self,
        name: &str,
        kind: &str,
        mut make: impl FnMut(&str, &[Claim]) -> Result<Option<String>, E>,
        read: impl Fn(&str, &str) -> T,
    ) -> Result<Vec<T>, E> {
        // Where the index had to be made anew meanwhile, what was derived went with it.
        for _ in 0..4 {
            let stale = self.ask(|connection| read::stale(connection, name, kind))?;
            if stale.is_empty() {
                let kept = self.ask(|connection| read::derived(connection, name, kind, &read))?;
                let stale = self.ask(|connection| read::stale(connection, name, kind))?;
                if !stale.is_empty() {
                    // Reading found damage and made the index anew: nothing is derived yet.
                    continue;
                }
                if let Some(kept) = kept {
                    return Ok(kept);
                }
            }
            let made = self.make(kind, stale, &mut make)?;
            if fill::derive(&mut self.connection, name, kind, &made).is_err() {
                break;
            }
        }
        // It cannot be kept; so be it.
        let all = self.ask(|connection| read::subjects(connection, kind))?;
        let made = self.make(kind, all, &mut make)?;
        let id = |subject: &str| subject.get(kind.len() + 1..).unwrap_or_default().to_owned();
        let made = made.into_iter();
        Ok(made
            .filter_map(|(subject, json)| Some(read(&id(&subject), &json?)))
            .collect())
    }

    /// What a function makes of the claims about each of some subjects.
    fn make<E: From<CaseError>>(
        &mut self,
        kind: &str,
        subjects: Vec<String>,
        make: &mut impl FnMut(&str, &[Claim]) -> Result<Option<String>, E>,
    ) -> Result<Vec<(String, Option<String>)>, E> {
        let mut made = Vec::new();
        for subject in subjects {
            let id = subject.get(kind.len() + 1..).unwrap_or_default().to_owned();
            let mut claims = self.ask(|connection| read::about(connection, &subject))?;
            claims.sort_by(|a, b| read::order(a).cmp(&read::order(b)));
            let json = if claims.is_empty() {
                None
            } else {
                make(&id, &claims)?
            };
            made.push((subject, json));
        }
        Ok(made)
    }

    fn case(&mut self, mut claims: Vec<Claim>) -> Result<Case, CaseError> {
        claims.sort_by(|a, b| read::order(a).cmp(&read::order(b)));
        let id = self.id.clone();
        let head = self.ask(|connection| read::head(connection, &id))?;
        Ok(Case::made(self.id.clone(), self.name.clone(), head, claims))
    }

    /// Asks the index; makes it anew if it cannot answer.
    fn ask<T>(
        &mut self,
        question: impl Fn(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, CaseError> {
        match question(&self.connection) {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Case(error)) => return Err(error),
            Err(Trouble::Index) => {}
        }
        let path = self.path.clone().unwrap_or_default();
        let (connection, kept) = rebuilt(&path, &self.dir, &self.id)?;
        self.path = self.path.take().filter(|_| kept);
        self.connection = connection;
        self.rebuilt = true;
        question(&self.connection).map_err(|trouble| match trouble {
            Trouble::Case(error) => error,
            Trouble::Index => CaseError::file(&path, "an index that was just made cannot be read"),
        })
    }
}

/// The index that lies at a path, brought up to date; none if it cannot be used.
fn opened(path: &Path, case: &Path, id: &CaseId) -> Result<Option<Connection>, CaseError> {
    let open = || -> Result<Connection, Trouble> {
        if !folder::is_plain_file(path).unwrap_or(false) {
            return Err(Trouble::Index);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(path, flags)?;
        schema::prepare(&connection)?;
        let length = fs::metadata(path).map_or(u64::MAX, |found| found.len());
        schema::check(&connection, id, case)?;
        schema::check_pages(&connection, length, length <= CHECKED_LENGTH_MAX)?;
        fill::update(&mut connection, case, id)?;
        Ok(connection)
    };
    match open() {
        Ok(connection) => Ok(Some(connection)),
        // It may be the index that is wrong. If it is the case, that is found again when all of it is read.
        Err(Trouble::Index | Trouble::Case(CaseError::Damaged(_))) => Ok(None),
        Err(Trouble::Case(error)) => Err(error),
    }
}

/// A new index, in its file if that can be written, and else in memory; and whether it is in its file.
fn rebuilt(path: &Path, case: &Path, id: &CaseId) -> Result<(Connection, bool), CaseError> {
    // Two programs may do so at once; the last one's stays, and both are right.
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let make = |mut connection: Connection| -> Result<Connection, Trouble> {
        schema::prepare(&connection)?;
        schema::create(&connection, id, case)?;
        fill::update(&mut connection, case, id)?;
        Ok(connection)
    };
    let in_file = || -> Result<Connection, Trouble> {
        let folder = path.parent().ok_or(Trouble::Index)?;
        fs::create_dir_all(folder).map_err(|_| Trouble::Index)?;
        let _ = fs::remove_file(&new);
        let connection = Connection::open(&new)?;
        // Nothing is lost with it, and no other program knows of it yet.
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        drop(make(connection)?);
        fs::File::open(&new)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&new, path))
            .map_err(|_| Trouble::Index)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags)?;
        schema::prepare(&connection)?;
        Ok(connection)
    };
    if !path.as_os_str().is_empty() {
        match in_file() {
            Ok(connection) => return Ok((connection, true)),
            Err(Trouble::Case(error)) => {
                let _ = fs::remove_file(&new);
                return Err(error);
            }
            Err(Trouble::Index) => {
                let _ = fs::remove_file(&new);
            }
        }
    }
    let in_memory = || make(Connection::open_in_memory()?);
    match in_memory() {
        Ok(connection) => Ok((connection, false)),
        Err(Trouble::Case(error)) => Err(error),
        Err(Trouble::Index) => Err(CaseError::file(
            case,
            "no index over it can be made in memory",
        )),
    }
}
