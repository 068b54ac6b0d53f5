//! Why a case cannot be read or written, and what a check of it can find wrong.
//!
//! A [`Fault`] is about content: something in the case is not what it was. A [`CaseError`] says why a
//! question could not be answered at all; a fault is one reason among others.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::entry::Entry;
use crate::hash::Hash;
use crate::words::{Author, CaseId};

/// Why a case cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The directory has no log.
    #[error("{0} is not a case: it has no `log` folder")]
    NotACase(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A file cannot be written. The case stands as it was before.
    #[error("cannot write {path}: {error}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A file is not what a case may hold: a link, too long, another format.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A word that the caller gave.
    #[error("{input:?} is not {what}: {why}")]
    Input {
        /// What was asked for.
        what: &'static str,
        /// What was given, shortened.
        input: String,
        /// What is wrong.
        why: String,
    },
    /// The directory has a log, and a `case.json` that states no format.
    #[error("{0} is no case that this program reads: its `case.json` states no format")]
    Unchained(PathBuf),
    /// Something in the case is not what it was.
    #[error("the case is damaged: {0}")]
    Damaged(Fault),
    /// Another program writes to the case.
    #[error("{0} is being written by another program")]
    Locked(PathBuf),
    /// An entry cannot be added.
    #[error("the entry is refused: {0}")]
    Refused(String),
    /// An earlier write failed, so what the disk holds is not known.
    #[error("an earlier write to {0} failed; the case must be opened again")]
    Suspect(PathBuf),
    /// Two copies of a case are no longer one case.
    #[error("the two copies differ from entry {entry} of {author} on")]
    Diverged {
        /// Whose log.
        author: Author,
        /// The first entry that differs.
        entry: u64,
    },
    /// Two cases cannot be merged.
    #[error("this is case {ours}, and the other is {theirs}")]
    OtherCase {
        /// The case written to.
        ours: CaseId,
        /// The other.
        theirs: CaseId,
    },
}

impl CaseError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Read { path, error }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Write { path, error }
    }

    pub(crate) fn file(path: &Path, why: impl Into<String>) -> Self {
        let (path, why) = (path.to_owned(), why.into());
        Self::File { path, why }
    }

    pub(crate) fn input(what: &'static str, input: &str, why: impl Into<String>) -> Self {
        let input = input.chars().take(80).collect();
        let why = why.into();
        Self::Input { what, input, why }
    }
}

/// Something in a case that is not what it was, by name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// An entry was altered, removed or put in.
    #[error("entry {entry} of {author}: {why}")]
    Entry {
        /// Whose log.
        author: Author,
        /// Which entry, from 1.
        entry: u64,
        /// What is wrong.
        why: String,
    },
    /// A payload was altered.
    #[error("payload of entry {entry} of {author}, in line {line}: {why}")]
    Payload {
        /// Whose log.
        author: Author,
        /// Which entry.
        entry: u64,
        /// Where it is among the author's payloads, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A line among the payloads was altered, so that it does not tell of which entry it is.
    #[error("line {line} of the payloads of {author}: {why}")]
    PayloadLine {
        /// Whose payloads.
        author: Author,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// An attachment was altered.
    #[error("attachment {attachment} of entry {entry} of {author}: {why}")]
    Attachment {
        /// Whose log.
        author: Author,
        /// Which entry names it.
        entry: u64,
        /// The name of the attachment's file.
        attachment: Hash,
        /// What is wrong.
        why: String,
    },
    /// Entries that were published are gone.
    #[error("the log of {author} has {has} entries, and the head names entry {entry}")]
    Truncated {
        /// Whose log.
        author: Author,
        /// How many sound entries there are.
        has: u64,
        /// Which one was published.
        entry: u64,
    },
    /// An entry that was published is now another.
    #[error("entry {entry} of {author} is not the one that the head names")]
    Rewritten {
        /// Whose log.
        author: Author,
        /// Which entry.
        entry: u64,
    },
    /// The head is of another case.
    #[error("the head is of case {head}, and this is case {case}")]
    OtherHead {
        /// The case of the head.
        head: CaseId,
        /// The case that was checked.
        case: CaseId,
    },
    /// A file that a case may not hold.
    #[error("{file:?}: {why}")]
    Stray {
        /// Its name within the case.
        file: String,
        /// What is wrong.
        why: String,
    },
}

impl Fault {
    /// A payload that is not what its entry commits to.
    pub(crate) fn of_payload(entry: &Entry, line: u64, why: String) -> Self {
        Self::Payload {
            author: entry.author().clone(),
            entry: entry.number(),
            line,
            why,
        }
    }
}
