//! Merging two copies of a case: each author's log is the longer of both, payloads and attachments are united.
//!
//! Each author writes one log, so of two honest copies one has the beginning of the other. Anything else is
//! an error that names the author and the first entry that differs, and nothing is merged: somebody wrote
//! under one name in two places, or wrote a log anew. Which of the two is right is not for a program to say.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::attachments::{self, Attachment};
use crate::canonical::Json;
use crate::entry::Entry;
use crate::error::{CaseError, Fault};
use crate::folder;
use crate::hash::Hash;
use crate::ledger::{ENTRIES_MAX, LOGS, Ledger, log_path};
use crate::payload::{self, Payloads};
use crate::words::Author;
use crate::writer::Writer;

/// What a merge brought into the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Entries that were not here.
    pub entries: usize,
    /// Payloads that were not here, of these entries or of others.
    pub payloads: usize,
    /// Attachments that were not here.
    pub attachments: usize,
}

impl Writer {
    /// Brings in what another copy of the case has and this one has not. A payload that is withheld here and
    /// not there comes in too. What is here already stays, `case.json` included.
    ///
    /// # Errors
    /// [`CaseError::OtherCase`], [`CaseError::Diverged`]: before anything is written. [`CaseError::Damaged`] if a
    /// payload or an attachment of the other copy is; then some payloads may have come in, and no entry.
    pub fn merge(&mut self, other: &Ledger) -> Result<Merged, CaseError> {
        self.trusted()?;
        if self.ledger.id != other.id {
            let (ours, theirs) = (self.ledger.id.clone(), other.id.clone());
            return Err(CaseError::OtherCase { ours, theirs });
        }
        if let Some(fault) = other.log_faults().next() {
            return Err(CaseError::Damaged(fault.clone()));
        }
        let mut longer = Vec::new();
        let mut merged = Merged::default();
        for (author, theirs) in &other.logs {
            let ours = self.ledger.logs.get(author);
            let ours = ours.map_or(&[][..], |log| &log.entries);
            let new = beyond(author, ours, &theirs.entries)?;
            merged.entries += new.len();
            if !new.is_empty() {
                longer.push(author);
            }
        }
        if self.ledger.count() + merged.entries > ENTRIES_MAX {
            let why = format!("the two copies together have more than {ENTRIES_MAX} entries");
            return Err(CaseError::Refused(why));
        }
        for author in other.logs.keys() {
            self.take_payloads(other, author, &mut merged)?;
        }
        for author in longer {
            self.take_log(other, author)?;
        }
        Ok(merged)
    }

    /// Brings in an author's payloads that only the other copy has, and attachments that they name.
    fn take_payloads(
        &mut self,
        other: &Ledger,
        author: &Author,
        merged: &mut Merged,
    ) -> Result<(), CaseError> {
        let new = self.new_payloads(other, author, merged)?;
        if new.is_empty() {
            return Ok(());
        }
        merged.payloads += new.len();
        let dir = self.ledger.dir.clone();
        folder::make(&dir.join(payload::FOLDER))?;
        self.suspect = true;
        let ours = self.ledger.payloads.entry(author.clone());
        let ours = ours.or_insert_with(|| Payloads::in_case(&dir, author));
        folder::place(&dir, |file, incoming| {
            let mut output = std::io::BufWriter::new(file);
            let mut new = new.iter().peekable();
            let failed = CaseError::write(incoming);
            let mut write = |line: &[u8]| {
                let written = output
                    .write_all(line)
                    .and_then(|()| output.write_all(b"\n"));
                written.map_err(CaseError::write(incoming))
            };
            ours.each(|met| {
                let number = payload::Line::number(met.bytes).unwrap_or_default();
                while let Some((_, line)) = new.next_if(|(entry, _)| **entry < number) {
                    write(line)?;
                }
                write(met.bytes)
            })?;
            new.try_for_each(|(_, line)| write(line))?;
            output.flush().map_err(failed)?;
            Ok((payload::path(&dir, author), ()))
        })?;
        ours.forget();
        self.suspect = false;
        Ok(())
    }

    /// The lines of payloads that only the other copy has, by entry. Their attachments come in.
    fn new_payloads(
        &self,
        other: &Ledger,
        author: &Author,
        merged: &mut Merged,
    ) -> Result<BTreeMap<u64, Vec<u8>>, CaseError> {
        let mut new = BTreeMap::new();
        let (Some(log), Some(theirs)) = (other.logs.get(author), other.payloads.get(author)) else {
            return Ok(new);
        };
        if let Some(fault) = theirs.fault(&*theirs.scan()?) {
            return Err(CaseError::Damaged(fault));
        }
        let ours = self.ledger.payloads.get(author);
        let ours = ours.map(Payloads::scan).transpose()?;
        theirs.each(|met| {
            let number = payload::Line::number(met.bytes);
            // Entries are numbered from 1 without a gap, since the log has no fault.
            let place = number.and_then(|number| usize::try_from(number - 1).ok());
            let Some(entry) = place.and_then(|place| log.entries.get(place)) else {
                // A crash left it.
                return Ok(());
            };
            let read =
                payload::Line::read(met.bytes).and_then(|line| line.payload(entry.payload()));
            let read = read.map_err(|why| Fault::of_payload(entry, met.number, why));
            let payload = read.map_err(CaseError::Damaged)?;
            self.take_attachments(other, entry, &payload, merged)?;
            if !ours.as_ref().is_some_and(|ours| ours.has(entry.number())) {
                new.insert(entry.number(), met.bytes.to_vec());
            }
            Ok(())
        })?;
        Ok(new)
    }

    fn take_attachments(
        &self,
        other: &Ledger,
        entry: &Entry,
        payload: &Json,
        merged: &mut Merged,
    ) -> Result<(), CaseError> {
        let dir = &self.ledger.dir;
        let list = Attachment::list(payload).unwrap_or_default();
        for Attachment { sha256, .. } in list {
            if self.ledger.attachment(sha256)?.is_some() {
                continue;
            }
            if let Some(file) = other.attachment(sha256)? {
                let kept = attachments::keep(dir, file, Some(sha256));
                kept.map_err(|error| match error {
                    CaseError::File { why, .. } => attachment_fault(entry, sha256, why),
                    error => error,
                })?;
                merged.attachments += 1;
            }
        }
        Ok(())
    }

    /// Replaces a log by a longer one that begins with it, in one step.
    fn take_log(&mut self, other: &Ledger, author: &Author) -> Result<(), CaseError> {
        let Some(log) = other.logs.get(author) else {
            return Ok(());
        };
        self.suspect = true;
        let dir = &self.ledger.dir;
        folder::make(&dir.join(LOGS))?;
        folder::place(dir, |file, incoming| {
            let mut output = std::io::BufWriter::new(file);
            let mut lines = log.entries.iter();
            let written = lines.try_for_each(|entry| writeln!(output, "{}", entry.line()));
            let written = written.and_then(|()| output.flush());
            written.map_err(CaseError::write(incoming))?;
            Ok((log_path(dir, author), ()))
        })?;
        let mut log = log.clone();
        log.torn = 0;
        self.ledger.logs.insert(author.clone(), log);
        let payloads = self.ledger.payloads.entry(author.clone());
        payloads.or_insert_with(|| Payloads::in_case(&self.ledger.dir, author));
        self.kinds = None;
        self.suspect = false;
        Ok(())
    }
}

fn attachment_fault(entry: &Entry, attachment: Hash, why: String) -> CaseError {
    CaseError::Damaged(Fault::Attachment {
        author: entry.author().clone(),
        entry: entry.number(),
        attachment,
        why,
    })
}

/// The entries of one copy of a log beyond those of another. None if it is the shorter one.
fn beyond<'a>(
    author: &Author,
    ours: &[Entry],
    theirs: &'a [Entry],
) -> Result<&'a [Entry], CaseError> {
    let pairs = ours.iter().zip(theirs);
    let mut differing = pairs.filter(|(ours, theirs)| ours != theirs);
    if let Some((first, _)) = differing.next() {
        let (author, entry) = (author.clone(), first.number());
        return Err(CaseError::Diverged { author, entry });
    }
    Ok(theirs.get(ours.len()..).unwrap_or_default())
}
