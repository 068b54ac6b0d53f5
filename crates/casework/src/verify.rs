//! Verifying a case: every entry, payload and attachment against what commits to it, every fault by name.
//!
//! What it can and cannot show: a chain shows that nothing *within* it was changed. That its end was cut off,
//! or all of it written anew, shows only against a head that somebody kept. A payload or an attachment that
//! is not here was withheld or lost: that is counted, and no fault.

use std::collections::BTreeMap;
use std::path::Path;

use crate::attachments::{self, Attachment};
use crate::entry::Entry;
use crate::error::{CaseError, Fault};
use crate::folder;
use crate::hash::Hash;
use crate::head::Head;
use crate::ledger::{LOGS, Ledger, Torn};
use crate::payload;

mod payloads;

use payloads::Attached;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Sound entries.
    pub entries: usize,
    /// Payloads that are here and are what their entries commit to.
    pub payloads: usize,
    /// Payloads that are here and are another than was written.
    pub altered: usize,
    /// Payloads that are not here.
    pub withheld: usize,
    /// Attachments that are here and have the bytes that payloads name. Each is counted once.
    pub attachments: usize,
    /// Attachments that payloads name and that are not here.
    pub attachments_withheld: usize,
    /// Last lines that a crash cut short.
    pub torn: Vec<Torn>,
    /// Files of the case that no entry knows: left by a crash, or put there by somebody.
    pub unused: Vec<String>,
    /// What is not what it was.
    pub faults: Vec<Fault>,
    /// How far the logs go: what to publish, if there is no fault.
    pub head: Option<Head>,
}

impl Verification {
    /// Whether all that is here is proven to be what was written. A last line that a crash cut short is no fault: nobody
    /// was told that it was written, and what is before it stands.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Checks all of a case; against a head too, if there is one. Nothing is written.
///
/// # Errors
/// If there is no case, or it cannot be read at all. A fault is not an error.
pub fn verify(dir: &Path, head: Option<&Head>) -> Result<Verification, CaseError> {
    let ledger = Ledger::open_damaged(dir)?;
    let mut found = Verification {
        faults: ledger.log_faults().cloned().collect(),
        torn: ledger.torn(),
        head: Some(ledger.head()),
        ..Verification::default()
    };
    found.entries = ledger.count();
    let mut attached = BTreeMap::new();
    for author in ledger.logs.keys() {
        payloads::check(&ledger, author, &mut attached, &mut found)?;
    }
    found.withheld = found.entries - found.payloads - found.altered;
    found.unused.extend(unused(dir, &ledger, &attached)?);
    if let Some(head) = head {
        check_head(&ledger, head, &mut found.faults);
    }
    Ok(found)
}

/// Each attachment is read once, however many payloads name it.
fn check_attachments(
    dir: &Path,
    entry: &Entry,
    list: &[Attachment],
    attached: &mut Attached,
    found: &mut Verification,
) {
    for Attachment { sha256, .. } in list {
        let why = attached.entry(*sha256).or_insert_with(|| {
            let why = match attachments::hash(dir, *sha256) {
                Ok(Some(hash)) if hash == *sha256 => {
                    found.attachments += 1;
                    return None;
                }
                Ok(None) => {
                    found.attachments_withheld += 1;
                    return None;
                }
                Ok(Some(_)) => "it was altered: its bytes do not have this hash".to_owned(),
                Err(CaseError::File { why, .. }) => why,
                Err(error) => error.to_string(),
            };
            Some(why)
        });
        if let Some(why) = why {
            found.faults.push(Fault::Attachment {
                author: entry.author().clone(),
                entry: entry.number(),
                attachment: *sha256,
                why: why.clone(),
            });
        }
    }
}

/// Compares the logs with a head that somebody kept.
pub(crate) fn check_head(ledger: &Ledger, head: &Head, faults: &mut Vec<Fault>) {
    if head.case != ledger.id {
        let (head, case) = (head.case.clone(), ledger.id.clone());
        return faults.push(Fault::OtherHead { head, case });
    }
    for (author, (number, hash)) in &head.last {
        let (author, entry) = (author.clone(), *number);
        let log = ledger.logs.get(&author);
        let entries = log.map_or(&[][..], |log| &log.entries);
        let has = entries.last().map_or(0, Entry::number);
        if has < entry {
            faults.push(Fault::Truncated { author, has, entry });
        } else if !entries
            .iter()
            .any(|entry| entry.hash() == *hash && entry.number() == *number)
        {
            faults.push(Fault::Rewritten { author, entry });
        }
    }
}

fn unused(dir: &Path, ledger: &Ledger, attached: &Attached) -> Result<Vec<String>, CaseError> {
    let mut unused = Vec::new();
    let mut look = |folder: &str, used: &dyn Fn(&str) -> bool| {
        let names = folder::names(&dir.join(folder))?.into_iter();
        unused.extend(
            names
                .filter(|name| !used(name))
                .map(|name| format!("{folder}/{name}")),
        );
        Ok::<(), CaseError>(())
    };
    let of_author = |name: &str| {
        let author = name.strip_suffix(".jsonl");
        author.is_some_and(|author| ledger.logs.keys().any(|known| known.as_str() == author))
    };
    look(LOGS, &of_author)?;
    look(payload::FOLDER, &of_author)?;
    look(attachments::FOLDER, &|name| {
        Hash::parse(name).is_some_and(|hash| attached.contains_key(&hash))
    })?;
    Ok(unused)
}
