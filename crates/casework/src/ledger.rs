//! The case ledger, opened to be read: every author's log, checked as a chain; payloads only when asked for.
//!
//! Opening reads the lines and nothing else, so its cost does not grow with what was said or attached. What
//! may be written stands in `writer.rs`, what holds together is told in full by `verify.rs`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::attachments;
use crate::canonical::{Json, object};
use crate::entry::Entry;
use crate::error::{CaseError, Fault};
use crate::folder;
use crate::hash::Hash;
use crate::head::Head;
use crate::log::Log;
use crate::payload::{self, Content, PAYLOAD_LENGTH_MAX};
use crate::replay::{State, replay};
use crate::verify::check_head;
use crate::words::{Author, CaseId, Time};

/// The format of a case with a chain.
pub const FORMAT: &str = "whither.case/1";

/// A case with more logs than this is refused.
pub const AUTHORS_MAX: usize = 1000;

/// A case with more entries than this is refused.
pub const ENTRIES_MAX: usize = 1 << 20;

const CASE_LENGTH_MAX: usize = 1 << 16;

/// The folder of the logs.
pub(crate) const LOGS: &str = "log";

/// A case whose entries are chained.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) dir: PathBuf,
    pub(crate) id: CaseId,
    name: String,
    pub(crate) logs: BTreeMap<Author, Log>,
    stray: Vec<Fault>,
}

/// A last line that a crash cut short. It was never an entry: its writer was not told that it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Whose log.
    pub author: Author,
    /// Where the line begins in the file, in bytes.
    pub at: u64,
    /// How much of it there is, in bytes.
    pub length: u64,
}

impl Ledger {
    /// Opens a case to read it. Nothing is written, and no lock is needed.
    ///
    /// # Errors
    /// [`CaseError::Unchained`] for a case of the plain form; [`CaseError::Damaged`] with the first fault of
    /// the logs, all of which `verify` names.
    pub fn open(dir: &Path) -> Result<Self, CaseError> {
        let ledger = Self::open_damaged(dir)?;
        let fault = ledger.log_faults().next().cloned();
        fault.map_or(Ok(ledger), |fault| Err(CaseError::Damaged(fault)))
    }

    /// Opens a case with every entry that can still be read, whatever the others are like. It is to look at
    /// what is left: neither its state nor its head proves anything.
    ///
    /// # Errors
    /// Where there is no case, or a file cannot be read at all.
    pub fn open_damaged(dir: &Path) -> Result<Self, CaseError> {
        let (id, name) = identity(dir)?.ok_or_else(|| CaseError::Unchained(dir.to_owned()))?;
        let mut ledger = Self {
            dir: dir.to_owned(),
            id,
            name,
            logs: BTreeMap::new(),
            stray: Vec::new(),
        };
        let folder = dir.join(LOGS);
        let mut room = ENTRIES_MAX;
        for file in folder::names(&folder)? {
            let Some(author) = file.strip_suffix(".jsonl") else {
                continue;
            };
            if ledger.logs.len() == AUTHORS_MAX {
                let why = format!("it holds more than {AUTHORS_MAX} logs");
                return Err(CaseError::file(&folder, why));
            }
            match ledger.read_log(author, &folder.join(&file), room) {
                Ok(lines) => room = room.saturating_sub(lines),
                Err(CaseError::File { why, .. } | CaseError::Input { why, .. }) => {
                    let file = format!("{LOGS}/{file}");
                    ledger.stray.push(Fault::Stray { file, why });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ledger)
    }

    /// Gives how many lines there are, sound or not: both take up memory.
    fn read_log(&mut self, author: &str, path: &Path, room: usize) -> Result<usize, CaseError> {
        let author = Author::new(author)?;
        let Some(file) = folder::open(path)? else {
            return Ok(0);
        };
        let log = Log::read(BufReader::new(file), &self.id, &author, room);
        let log = log.map_err(CaseError::read(path))?;
        let lines = log.lines;
        self.logs.insert(author, log);
        Ok(lines)
    }

    /// Names the case among all cases.
    #[must_use]
    pub fn id(&self) -> &CaseId {
        &self.id
    }

    /// What people call the case. It is not part of what the chain proves.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All entries in the canonical order: time, author, place in the log.
    #[must_use]
    pub fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.unordered().collect();
        entries.sort_by_key(|entry| entry.order());
        entries
    }

    pub(crate) fn unordered(&self) -> impl Iterator<Item = &Entry> {
        self.logs.values().flat_map(|log| &log.entries)
    }

    /// The entry of a hash.
    #[must_use]
    pub fn entry(&self, hash: Hash) -> Option<&Entry> {
        self.unordered().find(|entry| entry.hash() == hash)
    }

    /// What stands now, or stood as known on a date.
    #[must_use]
    pub fn replay(&self, as_of: Option<&Time>) -> State<'_> {
        replay(self.unordered(), as_of)
    }

    /// What an entry says.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] if the file is not what the entry commits to.
    pub fn payload(&self, entry: &Entry) -> Result<Content, CaseError> {
        let sealed = self.sealed(entry)?;
        Ok(sealed.map_or(Content::Withheld, |(_, payload)| Content::Here(payload)))
    }

    /// The bytes of an entry's payload, and what they say.
    pub(crate) fn sealed(&self, entry: &Entry) -> Result<Option<(Vec<u8>, Json)>, CaseError> {
        let damaged = |why: String| {
            CaseError::Damaged(Fault::Payload {
                author: entry.author().clone(),
                entry: entry.number(),
                payload: entry.payload(),
                why,
            })
        };
        let path = payload::path(&self.dir, entry.payload());
        if !folder::is_plain_folder(&self.dir.join(payload::FOLDER))? {
            return Ok(None);
        }
        let bytes = folder::read(&path, PAYLOAD_LENGTH_MAX).map_err(|error| match error {
            CaseError::File { why, .. } => damaged(why),
            error => damaged(error.to_string()),
        })?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let payload = payload::read(&bytes, entry.payload()).map_err(damaged)?;
        Ok(Some((bytes, payload)))
    }

    /// The file of an attachment, if this copy of the case has it. Its bytes are not checked; `verify` does.
    ///
    /// # Errors
    /// What lies under its name and is no plain file.
    pub fn attachment(&self, sha256: Hash) -> Result<Option<File>, CaseError> {
        attachments::open(&self.dir, sha256)
    }

    /// How far each log goes.
    #[must_use]
    pub fn head(&self) -> Head {
        let last = self.logs.iter().filter_map(|(author, log)| {
            let last = log.entries.last()?;
            Some((author.clone(), (last.number(), last.hash())))
        });
        Head {
            case: self.id.clone(),
            last: last.collect(),
        }
    }

    /// The state of the case as a finding names it: a hash over the head. Copies with the same entries have
    /// the same revision, whatever payloads they withhold.
    #[must_use]
    pub fn revision(&self) -> String {
        self.head().revision()
    }

    /// The case as it was known on a date: entries of that time and before. Of each log that is a beginning,
    /// since time never runs backwards in it.
    #[must_use]
    pub fn until(mut self, time: &Time) -> Self {
        for log in self.logs.values_mut() {
            let known = log.entries.partition_point(|entry| entry.time() <= time);
            log.entries.truncate(known);
        }
        self
    }

    /// The case as it was when it had a head.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] if the head is not of this case, or names entries that are gone or are others now.
    pub fn at(mut self, head: &Head) -> Result<Self, CaseError> {
        let mut faults = Vec::new();
        check_head(&self, head, &mut faults);
        if let Some(fault) = faults.into_iter().next() {
            return Err(CaseError::Damaged(fault));
        }
        for (author, log) in &mut self.logs {
            let last = head.last.get(author).map_or(0, |(number, _)| *number);
            let known = log.entries.partition_point(|entry| entry.number() <= last);
            log.entries.truncate(known);
        }
        Ok(self)
    }

    /// Last lines that a crash cut short. They are left out, and the next writer cuts them.
    #[must_use]
    pub fn torn(&self) -> Vec<Torn> {
        let torn = self.logs.iter().filter(|(_, log)| log.torn > 0);
        let torn = torn.map(|(author, log)| Torn {
            author: author.clone(),
            at: log.whole,
            length: log.torn,
        });
        torn.collect()
    }

    /// What is wrong with the logs, as far as opening tells.
    pub(crate) fn log_faults(&self) -> impl Iterator<Item = &Fault> {
        let faults = self.logs.values().flat_map(|log| &log.faults);
        self.stray.iter().chain(faults)
    }
}

/// The path of an author's log.
pub(crate) fn log_path(dir: &Path, author: &Author) -> PathBuf {
    dir.join(LOGS).join(format!("{author}.jsonl"))
}

/// The text of a `case.json`.
pub(crate) fn case_json(id: &CaseId, name: &str) -> String {
    let case = object([
        ("format", Json::Text(FORMAT.to_owned())),
        ("id", Json::Text(id.to_string())),
        ("name", Json::Text(name.to_owned())),
    ]);
    case.canonical() + "\n"
}

/// Id and name of a case with a chain; `None` for the plain form, whose `case.json` states no format.
pub(crate) fn identity(dir: &Path) -> Result<Option<(CaseId, String)>, CaseError> {
    if !folder::is_plain_folder(&dir.join(LOGS))? {
        return Err(CaseError::NotACase(dir.to_owned()));
    }
    let path = dir.join("case.json");
    let wrong = |why: String| CaseError::file(&path, why);
    let Some(bytes) = folder::read(&path, CASE_LENGTH_MAX)? else {
        return Ok(None);
    };
    let json = Json::read(&bytes).map_err(wrong)?;
    let Some(format) = json.field("format") else {
        return Ok(None);
    };
    if format.text() != Some(FORMAT) {
        let format = format.canonical();
        return Err(wrong(format!(
            "its format is {format}, and this program reads {FORMAT}"
        )));
    }
    let text = |key: &str| {
        let text = json.field(key).and_then(Json::text);
        text.ok_or_else(|| wrong(format!("it lacks the text `{key}`")))
    };
    let id = CaseId::new(text("id")?).map_err(|error| wrong(error.to_string()))?;
    Ok(Some((id, text("name")?.to_owned())))
}
