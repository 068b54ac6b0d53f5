//! The one writer of a case: holds its lock, cuts what a crash tore, appends.
//!
//! An entry is written in an order that a crash cannot spoil: the payload whole and on disk, then one line,
//! on disk before the caller is told. Clock, author and salt are the caller's; nothing here makes one up.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write as _};
use std::path::Path;

use crate::attachments;
use crate::canonical::{Json, object};
use crate::entry::{Entry, Written};
use crate::error::CaseError;
use crate::folder::{self, Lock};
use crate::hash::{Hash, Salt};
use crate::ledger::{ENTRIES_MAX, LOGS, Ledger, case_json, log_path};
use crate::marks::Marks;
use crate::payload;
use crate::replay::acts_on;
use crate::words::{Author, CaseId, Kind, Time};

/// A case, opened to be written. Others may read it meanwhile, and none may write it.
#[derive(Debug)]
pub struct Writer {
    pub(crate) ledger: Ledger,
    pub(crate) suspect: bool,
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
                let path = log_path(dir, author);
                let file = folder::open_to_write(&path, OpenOptions::new().write(true))?;
                let cut = file.set_len(log.whole).and_then(|()| file.sync_all());
                cut.map_err(CaseError::write(&path))?;
                log.torn = 0;
            }
        }
        Ok(Self {
            ledger,
            suspect: false,
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
    /// [`CaseError::Refused`] if the entry is not one, [`CaseError::Write`] if it could not be written. After
    /// the latter the case must be opened again, which tells whether the entry stands.
    pub fn append(&mut self, draft: Draft) -> Result<Entry, CaseError> {
        self.trusted()?;
        let Draft {
            author,
            time,
            salt,
            says,
        } = draft;
        let (kind, target, payload) = parts(says)?;
        let (hash, bytes) = payload::seal(&payload, &salt).map_err(CaseError::Refused)?;
        self.check_payload(&payload)?;
        if self.ledger.unordered().count() >= ENTRIES_MAX {
            let why = format!("the case has {ENTRIES_MAX} entries, and can have no more");
            return Err(CaseError::Refused(why));
        }
        let log = self.ledger.logs.entry(author.clone()).or_default();
        if let Some(last) = log.entries.last().filter(|last| *last.time() > time) {
            let why = format!(
                "it is of {time}, and the author's last entry of {}",
                last.time()
            );
            return Err(CaseError::Refused(why));
        }
        let (number, previous) = log.next(&self.ledger.id, &author);
        let written = Written {
            author,
            time,
            kind,
            target,
            payload: hash,
        };
        let entry = Entry::after(written, number, previous);
        self.check_target(&entry)?;
        payload::keep(&self.ledger.dir, hash, bytes.as_bytes())?;
        self.append_line(&entry)?;
        Ok(entry)
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

    fn check_target(&self, entry: &Entry) -> Result<(), CaseError> {
        let Some(hash) = entry.target() else {
            return Ok(());
        };
        let target = self.ledger.entry(hash);
        let target =
            target.ok_or_else(|| CaseError::Refused(format!("there is no entry {hash}")))?;
        if acts_on(entry, target) {
            return Ok(());
        }
        let why = match entry.kind().is_retract() {
            true => "a retraction cannot be retracted; what it struck is claimed anew",
            false => "a correction names the claim, not an earlier correction or a retraction",
        };
        Err(CaseError::Refused(why.to_owned()))
    }

    fn append_line(&mut self, entry: &Entry) -> Result<(), CaseError> {
        let path = log_path(&self.ledger.dir, entry.author());
        let log = self.ledger.logs.entry(entry.author().clone()).or_default();
        let line = entry.line() + "\n";
        // Until the line is on disk, what is there is not known.
        self.suspect = true;
        let mut options = OpenOptions::new();
        let mut file = folder::open_to_write(&path, options.create(true).append(true))?;
        let length = file.metadata().map_err(CaseError::write(&path))?.len();
        if length != log.whole {
            return Err(CaseError::file(&path, "another program wrote to it"));
        }
        let written = file
            .write_all(line.as_bytes())
            .and_then(|()| file.sync_all());
        if let Err(error) = written {
            // The failed entry should not come to stand later. If this fails too, opening sees what is there.
            let _ = file.set_len(length).and_then(|()| file.sync_all());
            return Err(CaseError::write(&path)(error));
        }
        if length == 0 {
            folder::sync(&self.ledger.dir.join(LOGS))?;
        }
        log.whole += u64::try_from(line.len()).unwrap_or(u64::MAX);
        log.lines += 1;
        log.entries.push(entry.clone());
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
