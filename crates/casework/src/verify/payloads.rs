//! The lines of an author's payloads, each against the entry that it says it is of.
//!
//! A line left out is no fault: it was withheld. A line that was altered may say that it is of another entry; so
//! each line is looked at for itself, and what is of no entry must be what a crash can leave.

use std::collections::{BTreeMap, BTreeSet};

use super::{Verification, check_attachments};
use crate::entry::Entry;
use crate::error::{CaseError, Fault};
use crate::hash::Hash;
use crate::ledger::{Ledger, Torn};
use crate::log::Log;
use crate::marks::Marks;
use crate::payload::{self, Line, Met, Payloads};
use crate::words::Author;

/// What is known of each attachment that a payload named: what is wrong with it.
pub(super) type Attached = BTreeMap<Hash, Option<String>>;

/// Checks an author's payloads.
///
/// # Errors
/// If the file cannot be read. A fault is not an error.
pub(super) fn check(
    ledger: &Ledger,
    author: &Author,
    attached: &mut Attached,
    found: &mut Verification,
) -> Result<(), CaseError> {
    let (Some(log), Some(payloads)) = (ledger.logs.get(author), ledger.payloads.get(author)) else {
        return Ok(());
    };
    let numbered = log.entries.iter().map(|entry| (entry.number(), entry));
    let mut check = Check {
        ledger,
        author,
        log,
        payloads,
        entries: numbered.collect(),
        last: 0,
        at: 0,
        altered: BTreeSet::new(),
        unknown: None,
        attached,
        found,
    };
    let checked = payloads.each(|met| {
        let fault = check.line(&met);
        check.found.faults.extend(fault);
        Ok(())
    });
    let Check {
        altered, unknown, ..
    } = check;
    found.altered += altered.len();
    let file = format!("{}/{author}.jsonl", payload::FOLDER);
    if let Some(line) = unknown {
        found.unused.push(format!("{file}, from line {line} on"));
    }
    match checked {
        // Not a file that a case may hold: a link, a pipe.
        Err(CaseError::File { why, .. }) => {
            found.faults.push(Fault::Stray { file, why });
            Ok(())
        }
        checked => checked,
    }
}

struct Check<'a> {
    ledger: &'a Ledger,
    author: &'a Author,
    log: &'a Log,
    payloads: &'a Payloads,
    entries: BTreeMap<u64, &'a Entry>,
    /// The entry of the line before.
    last: u64,
    /// Where the next line begins.
    at: u64,
    altered: BTreeSet<u64>,
    /// The first line that is of no entry.
    unknown: Option<u64>,
    attached: &'a mut Attached,
    found: &'a mut Verification,
}

impl Check<'_> {
    /// What is wrong with a line.
    fn line(&mut self, met: &Met<'_>) -> Option<Fault> {
        let begins = self.at;
        self.at += met.length;
        let number = Line::number(met.bytes).filter(|entry| *entry > self.last);
        self.last = number.unwrap_or(self.last);
        let entry = number.and_then(|number| self.entries.get(&number).copied());
        if let Some(entry) = entry {
            return self.of_entry(entry, met);
        }
        if met.torn {
            self.found.torn.push(Torn {
                author: self.author.clone(),
                folder: payload::FOLDER,
                at: begins,
                length: met.length,
            });
            return None;
        }
        match Line::read(met.bytes) {
            Ok(line) => self.of_none(&line, number, met.number),
            Err(why) => Some(self.payloads.broken(met.number, why)),
        }
    }

    /// A line that says that it is of an entry.
    fn of_entry(&mut self, entry: &Entry, met: &Met<'_>) -> Option<Fault> {
        let payload = match Line::read(met.bytes) {
            // It was on disk whole before its entry was: no crash cut it short.
            _ if met.torn => Err("its line was cut short".to_owned()),
            Ok(line) => line.payload(entry.payload()),
            Err(why) => Err(why),
        };
        let payload = match payload {
            Ok(payload) => payload,
            Err(why) => {
                self.altered.insert(entry.number());
                return Some(Fault::of_payload(entry, met.number, why));
            }
        };
        self.found.payloads += 1;
        match Marks::read(&payload) {
            Ok(marks) => {
                let dir = &self.ledger.dir;
                check_attachments(dir, entry, &marks.attachments, self.attached, self.found);
                None
            }
            Err(why) => Some(Fault::of_payload(entry, met.number, why)),
        }
    }

    /// A line that is of no entry. What a crash leaves is of entries that would have come next, and of none that
    /// came under another number.
    fn of_none(&mut self, line: &Line<'_>, number: Option<u64>, place: u64) -> Option<Fault> {
        let end = self.log.entries.last().map_or(0, Entry::number);
        if number.is_none_or(|number| number <= end) {
            let why = "it does not follow the line before it, or its entry is gone";
            return Some(self.payloads.broken(place, why.to_owned()));
        }
        let hash = line.hash();
        let mut entries = self.log.entries.iter();
        if let Some(entry) = entries.find(|entry| entry.payload() == hash) {
            let why = format!("it is of entry {}, and says another", entry.number());
            return Some(self.payloads.broken(place, why));
        }
        self.unknown.get_or_insert(place);
        None
    }
}
