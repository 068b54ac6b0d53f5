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
use crate::payload::{self, Content, Met, Payloads};
use crate::replay::{State, replay};
use crate::verify::check_head;
use crate::words::{Author, CaseId, Time};

/// The format of a case.
pub const FORMAT: &str = "whither.case/1";

/// A case with more logs than this is refused.
pub const AUTHORS_MAX: usize = 1000;

/// A case with more entries than this is refused.
pub const ENTRIES_MAX: usize = 1 << 23;

const CASE_LENGTH_MAX: usize = 1 << 16;

/// The folder of the logs.
pub(crate) const LOGS: &str = "log";

/// A case, opened to be read.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) dir: PathBuf,
    pub(crate) id: CaseId,
    name: String,
    pub(crate) logs: BTreeMap<Author, Log>,
    pub(crate) payloads: BTreeMap<Author, Payloads>,
    stray: Vec<Fault>,
}

/// A last line that a crash cut short. It was never an entry: its writer was not told that it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Whose log, or whose payloads.
    pub author: Author,
    /// In which folder of the case: `log` or `payloads`.
    pub folder: &'static str,
    /// Where the line begins in the file, in bytes.
    pub at: u64,
    /// How much of it there is, in bytes.
    pub length: u64,
}

impl Ledger {
    /// Opens a case to read it. Nothing is written, and no lock is needed.
    ///
    /// # Errors
    /// [`CaseError::Unchained`] where `case.json` states no format; [`CaseError::Damaged`] with the first fault of
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
            payloads: BTreeMap::new(),
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
        self.payloads
            .insert(author.clone(), Payloads::in_case(&self.dir, &author));
        self.logs.insert(author, log);
        Ok(lines)
    }

    /// A case that is built into the program: its `case.json`, and by author the log and the payloads. It has no
    /// attachments.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn built_in(case: &[u8], logs: &[(&str, &[u8], &[u8])]) -> Result<Self, CaseError> {
        let dir = PathBuf::new();
        let identity = read_identity(&dir.join("case.json"), case)?;
        let (id, name) = identity.ok_or_else(|| CaseError::Unchained(dir.clone()))?;
        let mut ledger = Self {
            dir,
            id,
            name,
            logs: BTreeMap::new(),
            payloads: BTreeMap::new(),
            stray: Vec::new(),
        };
        for (author, log, payloads) in logs {
            let author = Author::new(author)?;
            let read = Log::read(*log, &ledger.id, &author, ENTRIES_MAX);
            let log = read.map_err(CaseError::read(Path::new(LOGS)))?;
            ledger
                .payloads
                .insert(author.clone(), Payloads::in_memory(&author, payloads));
            ledger.logs.insert(author, log);
        }
        let fault = ledger.log_faults().next().cloned();
        fault.map_or(Ok(ledger), |fault| Err(CaseError::Damaged(fault)))
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

    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.logs.values().map(|log| log.entries.len()).sum()
    }

    /// What an entry says.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] if its line among the payloads is not what the entry commits to.
    pub fn payload(&self, entry: &Entry) -> Result<Content, CaseError> {
        let payloads = self.payloads.get(entry.author());
        payloads.map_or(Ok(Content::Withheld), |payloads| {
            payloads.content(entry.number(), entry.payload())
        })
    }

    /// What many entries say, read in one go: calls with the place of each among them and its payload, in the
    /// order of the files. An entry that is not called with is withheld.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] if a line of the payloads is not what its entry commits to; what the call gives.
    pub fn payloads(
        &self,
        entries: &[&Entry],
        mut with: impl FnMut(usize, Json) -> Result<(), CaseError>,
    ) -> Result<(), CaseError> {
        let mut wanted: BTreeMap<&Author, Vec<(u64, usize)>> = BTreeMap::new();
        for (place, entry) in entries.iter().enumerate() {
            let of_author = wanted.entry(entry.author()).or_default();
            of_author.push((entry.number(), place));
        }
        for (author, mut wanted) in wanted {
            wanted.sort_unstable();
            let mut wanted = wanted.into_iter().peekable();
            let Some(payloads) = self.payloads.get(author) else {
                continue;
            };
            let mut last = 0;
            payloads.each(
                |Met {
                     number: line,
                     bytes,
                     torn,
                     ..
                 }| {
                    if torn {
                        // Of the last entry that stands it is a fault, which `verify` names; of one to come it is none.
                        return Ok(());
                    }
                    let read = payload::Line::read(bytes).map_err(|why| payloads.broken(line, why));
                    let read = read.map_err(CaseError::Damaged)?;
                    let entry = read.entry;
                    if entry <= last {
                        let why = "it is not a payload that follows the one before it".to_owned();
                        return Err(CaseError::Damaged(payloads.broken(line, why)));
                    }
                    last = entry;
                    while wanted.next_if(|(number, _)| *number < entry).is_some() {}
                    let Some((_, place)) = wanted.next_if(|(number, _)| *number == entry) else {
                        return Ok(());
                    };
                    let payload = read.payload(entries[place].payload());
                    let payload =
                        payload.map_err(|why| Fault::of_payload(entries[place], line, why));
                    let payload = payload.map_err(CaseError::Damaged)?;
                    with(place, payload)
                },
            )?;
        }
        Ok(())
    }

    /// The file of an attachment, if this copy of the case has it. Its bytes are not checked; `verify` does.
    ///
    /// # Errors
    /// What lies under its name and is no plain file.
    pub fn attachment(&self, sha256: Hash) -> Result<Option<File>, CaseError> {
        if self.dir.as_os_str().is_empty() {
            return Ok(None);
        }
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
            folder: LOGS,
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

/// Id and name of a case; `None` if its `case.json` states no format.
pub(crate) fn identity(dir: &Path) -> Result<Option<(CaseId, String)>, CaseError> {
    if !folder::is_plain_folder(&dir.join(LOGS))? {
        return Err(CaseError::NotACase(dir.to_owned()));
    }
    let path = dir.join("case.json");
    let Some(bytes) = folder::read(&path, CASE_LENGTH_MAX)? else {
        return Ok(None);
    };
    read_identity(&path, &bytes)
}

/// Id and name that a `case.json` states.
fn read_identity(path: &Path, bytes: &[u8]) -> Result<Option<(CaseId, String)>, CaseError> {
    let wrong = |why: String| CaseError::file(path, why);
    let json = Json::read(bytes).map_err(wrong)?;
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
