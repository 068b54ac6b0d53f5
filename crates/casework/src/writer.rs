//! The one writer of a case: holds its lock, cuts what a crash tore, appends.
//!
//! Entries are written in an order that a crash cannot spoil: the payloads whole and on disk, then the lines,
//! on disk before the caller is told. Payloads of entries that never came are cut by the next writer. Clock, author and salt are the caller's; nothing here makes one up.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write as _};
use std::path::Path;

use crate::attachments;
use crate::canonical::{Json, object};
use crate::entry::{Entry, Written, beginning};
use crate::error::CaseError;
use crate::folder::{self, Lock};
use crate::hash::{Hash, Salt};
use crate::ledger::{ENTRIES_MAX, LOGS, Ledger, case_json, log_path};
use crate::lines::to_u64;
use crate::marks::Marks;
use crate::payload::{self, Payloads, Sealed};
use crate::replay::acts_on_kind;
use crate::words::{Author, CaseId, Kind, Time};

/// A case, opened to be written. Others may read it meanwhile, and none may write it.
#[derive(Debug)]
pub struct Writer {
    pub(crate) ledger: Ledger,
    pub(crate) suspect: bool,
    /// The kind of each entry, once a retraction or a correction asked.
    pub(crate) kinds: Option<BTreeMap<Hash, Kind>>,
    /// Let go of when the writer is dropped, or its process ends in whatever way.
    _lock: Lock,
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose log it goes to.
    pub author: Author,
    /// Now. It may not be before the author's last entry: a clock that went back is the caller's to see.
    pub time: Time,
    /// Thirty-two fresh random bytes.
    pub salt: Salt,
    /// What it says.
    pub says: Says,
}

/// What an entry says.
#[derive(Clone, Debug)]
pub enum Says {
    /// A new claim.
    Claim {
        /// What kind of claim; its fields beyond the marks are up to the kind.
        kind: Kind,
        /// The claim.
        payload: Json,
    },
    /// A claim or a correction no longer stands.
    Retract {
        /// The entry that made it.
        target: Hash,
        /// Why, in words.
        reason: String,
    },
    /// A claim says something else from now on.
    Correct {
        /// The entry that made the claim.
        target: Hash,
        /// The whole claim as it should be.
        payload: Json,
    },
}

impl Writer {
    /// Starts a case in a directory, which is made where there is none.
    ///
    /// # Errors
    /// If a case is there already, or the directory cannot be written.
    pub fn create(dir: &Path, id: &CaseId, name: &str) -> Result<Self, CaseError> {
        fs::create_dir_all(dir).map_err(CaseError::write(dir))?;
        let lock = folder::lock(dir)?;
        let path = dir.join("case.json");
        let there = path.symlink_metadata().is_ok();
        if there || !folder::names(&dir.join(LOGS))?.is_empty() {
            return Err(CaseError::file(&path, "there is a case already"));
        }
        for name in [LOGS, payload::FOLDER, attachments::FOLDER] {
            folder::make(&dir.join(name))?;
        }
        folder::place(dir, |file, incoming| {
            let written = file.write_all(case_json(id, name).as_bytes());
            written.map_err(CaseError::write(incoming))?;
            Ok((path, ()))
        })?;
        Self::locked(dir, lock)
    }

    /// Opens a case to write it, and cuts last lines that a crash tore.
    ///
    /// # Errors
    /// [`CaseError::Locked`] while another program writes; otherwise as [`Ledger::open`].
    pub fn open(dir: &Path) -> Result<Self, CaseError> {
        // Before the lock, which is a file: a directory that is no such case stays untouched.
        Ledger::open_damaged(dir)?;
        let lock = folder::lock(dir)?;
        Self::locked(dir, lock)
    }

    fn locked(dir: &Path, lock: Lock) -> Result<Self, CaseError> {
        let mut ledger = Ledger::open(dir)?;
        folder::remove_incoming(dir)?;
        for (author, log) in &mut ledger.logs {
            if log.torn > 0 {
                cut(&log_path(dir, author), log.whole)?;
                log.torn = 0;
            }
            let Some(payloads) = ledger.payloads.get_mut(author) else {
                continue;
            };
            let scan = payloads.scan()?;
            if let Some(fault) = payloads.fault(&scan) {
                return Err(CaseError::Damaged(fault));
            }
            let end = scan.end_of(log.entries.last().map_or(0, Entry::number));
            if end < scan.whole || scan.torn > 0 {
                cut(&payload::path(dir, author), end)?;
                payloads.forget();
            }
        }
        Ok(Self {
            ledger,
            suspect: false,
            kinds: None,
            _lock: lock,
        })
    }

    /// The case as it stands.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Brings the bytes of an attachment into the case, and gives their hash. A claim can name it then.
    ///
    /// # Errors
    /// [`CaseError::Write`], also where the bytes cannot be read. The case stands as it was.
    pub fn attach(&mut self, bytes: impl Read) -> Result<Hash, CaseError> {
        attachments::keep(&self.ledger.dir, bytes, None)
    }

    /// Appends an entry. When this returns, the entry is on disk.
    ///
    /// # Errors
    /// As [`Writer::append_all`].
    pub fn append(&mut self, draft: Draft) -> Result<Entry, CaseError> {
        let mut entries = self.append_all(vec![draft])?;
        Ok(entries.pop().expect("one draft makes one entry"))
    }

    /// Appends entries, in their order, with one flush of each file: what follows one another by one author is
    /// brought to disk at once. When this returns, all are on disk; a crash leaves a beginning of them.
    ///
    /// # Errors
    /// [`CaseError::Refused`] if one of them is no entry; then none is written. [`CaseError::Write`] if they could
    /// not be written. After that the case must be opened again, which tells how many stand.
    pub fn append_all(&mut self, drafts: Vec<Draft>) -> Result<Vec<Entry>, CaseError> {
        self.trusted()?;
        if self.ledger.count() + drafts.len() > ENTRIES_MAX {
            let why = format!("a case can have {ENTRIES_MAX} entries, and no more");
            return Err(CaseError::Refused(why));
        }
        let mut batch = Batch::default();
        for draft in drafts {
            self.prepare(draft, &mut batch)?;
        }
        for run in batch.runs {
            self.write(&run.entries, &run.payloads)?;
            batch.written.extend(run.entries);
        }
        Ok(batch.written)
    }

    /// Checks a draft, and makes an entry of it that follows those before it.
    fn prepare(&mut self, draft: Draft, batch: &mut Batch) -> Result<(), CaseError> {
        let Draft {
            author,
            time,
            salt,
            says,
        } = draft;
        let (kind, target, payload) = parts(says)?;
        let sealed = Sealed::new(&payload, salt).map_err(CaseError::Refused)?;
        self.check_payload(&payload)?;
        let last = batch.last.get(&author).or_else(|| {
            let log = self.ledger.logs.get(&author)?;
            log.entries.last()
        });
        if let Some(last) = last.filter(|last| *last.time() > time) {
            let why = format!(
                "it is of {time}, and the author's last entry of {}",
                last.time()
            );
            return Err(CaseError::Refused(why));
        }
        let (number, previous) = last.map_or_else(
            || (1, beginning(&self.ledger.id, &author)),
            |last| (last.number() + 1, last.hash()),
        );
        let written = Written {
            author,
            time,
            kind,
            target,
            payload: sealed.hash,
        };
        let entry = Entry::after(written, number, previous);
        self.check_target(&entry, batch)?;
        batch.push(entry, &sealed.line(number));
        Ok(())
    }

    /// What a payload must be besides readable: its marks are marks, its attachments are here.
    fn check_payload(&self, payload: &Json) -> Result<(), CaseError> {
        let marks = Marks::read(payload).map_err(CaseError::Refused)?;
        for attachment in marks.attachments {
            if self.ledger.attachment(attachment.sha256)?.is_none() {
                let why = format!("the case has no attachment {}", attachment.sha256);
                return Err(CaseError::Refused(why));
            }
        }
        Ok(())
    }

    fn check_target(&mut self, entry: &Entry, batch: &Batch) -> Result<(), CaseError> {
        let Some(hash) = entry.target() else {
            return Ok(());
        };
        let known = self.kinds.get_or_insert_with(|| {
            let entries = self.ledger.unordered();
            entries
                .map(|entry| (entry.hash(), entry.kind().clone()))
                .collect()
        });
        let target = known.get(&hash).or_else(|| batch.kinds.get(&hash));
        let target =
            target.ok_or_else(|| CaseError::Refused(format!("there is no entry {hash}")))?;
        if acts_on_kind(entry, target) {
            return Ok(());
        }
        let why = match entry.kind().is_retract() {
            true => "a retraction cannot be retracted; what it struck is claimed anew",
            false => "a correction names the claim, not an earlier correction or a retraction",
        };
        Err(CaseError::Refused(why.to_owned()))
    }

    /// Writes entries of one author: their payloads whole and on disk, then their lines.
    fn write(&mut self, entries: &[Entry], payloads: &str) -> Result<(), CaseError> {
        let Some(first) = entries.first() else {
            return Ok(());
        };
        let author = first.author().clone();
        let dir = self.ledger.dir.clone();
        let log = self.ledger.logs.entry(author.clone()).or_default();
        folder::make(&dir.join(payload::FOLDER))?;
        let kept = self.ledger.payloads.entry(author.clone());
        let kept = kept.or_insert_with(|| Payloads::in_case(&dir, &author));
        // Until all is on disk, what is there is not known.
        self.suspect = true;
        kept.forget();
        let path = log_path(&dir, &author);
        if folder::length(&path)? != log.whole {
            return Err(CaseError::file(&path, "another program wrote to it"));
        }
        let of_payloads = payload::path(&dir, &author);
        if log.entries.is_empty() && folder::length(&of_payloads)? > 0 {
            // A crash came before the author's first entry did: what is there was never an entry's.
            cut(&of_payloads, 0)?;
        }
        append(&of_payloads, payloads)?;
        let mut lines = String::new();
        for entry in entries {
            lines.push_str(&entry.line());
            lines.push('\n');
        }
        append(&path, &lines)?;
        log.whole += to_u64(lines.len());
        log.lines += entries.len();
        log.entries.extend_from_slice(entries);
        if let Some(kinds) = &mut self.kinds {
            kinds.extend(
                entries
                    .iter()
                    .map(|entry| (entry.hash(), entry.kind().clone())),
            );
        }
        self.suspect = false;
        Ok(())
    }

    /// After a write that failed, no second one is tried on hope.
    pub(crate) fn trusted(&self) -> Result<(), CaseError> {
        if self.suspect {
            return Err(CaseError::Suspect(self.ledger.dir.clone()));
        }
        Ok(())
    }
}

/// Entries that are made and not yet written.
#[derive(Default)]
struct Batch {
    /// What follows one another by one author.
    runs: Vec<Run>,
    /// The last entry of each author among them.
    last: BTreeMap<Author, Entry>,
    kinds: BTreeMap<Hash, Kind>,
    written: Vec<Entry>,
}

/// Entries of one author and the lines of their payloads.
struct Run {
    entries: Vec<Entry>,
    payloads: String,
}

impl Batch {
    fn push(&mut self, entry: Entry, payload: &str) {
        self.kinds.insert(entry.hash(), entry.kind().clone());
        self.last.insert(entry.author().clone(), entry.clone());
        let same = self.runs.last_mut().filter(|run| {
            let last = run.entries.last();
            last.is_some_and(|last| last.author() == entry.author())
        });
        match same {
            Some(run) => {
                run.entries.push(entry);
                run.payloads.push_str(payload);
            }
            None => self.runs.push(Run {
                entries: vec![entry],
                payloads: payload.to_owned(),
            }),
        }
    }
}

/// Appends to a file, and brings it to disk.
fn append(path: &Path, text: &str) -> Result<(), CaseError> {
    let mut options = OpenOptions::new();
    let mut file = folder::open_to_write(path, options.create(true).append(true))?;
    let before = file.metadata().map_err(CaseError::write(path))?.len();
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if let Err(error) = written {
        // What failed should not come to stand later. If this fails too, opening sees what is there.
        let _ = file.set_len(before).and_then(|()| file.sync_all());
        return Err(CaseError::write(path)(error));
    }
    match path.parent() {
        Some(folder) if before == 0 => folder::sync(folder),
        _ => Ok(()),
    }
}

/// Cuts what a crash left at the end of a file.
fn cut(path: &Path, length: u64) -> Result<(), CaseError> {
    let file = folder::open_to_write(path, OpenOptions::new().write(true))?;
    let cut = file.set_len(length).and_then(|()| file.sync_all());
    cut.map_err(CaseError::write(path))
}

/// Kind, target and payload of what an entry says.
fn parts(says: Says) -> Result<(Kind, Option<Hash>, Json), CaseError> {
    match says {
        Says::Claim { kind, payload } if kind.is_claim() => Ok((kind, None, payload)),
        Says::Claim { kind, .. } => {
            let why = format!("`{kind}` is not a kind of claim");
            Err(CaseError::Refused(why))
        }
        Says::Retract { reason, .. } if reason.trim().is_empty() => {
            let why = "a retraction says why".to_owned();
            Err(CaseError::Refused(why))
        }
        Says::Retract { target, reason } => {
            let payload = object([("reason", Json::Text(reason))]);
            Ok((Kind::new(Kind::RETRACT)?, Some(target), payload))
        }
        Says::Correct { target, payload } => Ok((Kind::new(Kind::CORRECT)?, Some(target), payload)),
    }
}
