//! Saved findings: results that were kept, so that a check can compute them anew and compare bytes.
//!
//! A finding is a claim like any other, with its result as an attachment. It names the head of the case that it
//! was computed on, which is from before the finding itself: a finding never depends on its own entry. Saving
//! under a name again corrects the claim, so that both results stay. What computes a result is not known here.

mod compare;
mod falls;
mod rests;

use std::io::Read as _;

pub use compare::{Difference, differences};
pub use falls::{BrokenPath, Falls, falls};
pub use rests::rests_on;

use crate::attachments::{self, Attachment};
use crate::canonical::Json;
use crate::case::Case;
use crate::claims::{Body, Claim, Finding, Statement};
use crate::entry::Entry;
use crate::error::CaseError;
use crate::hash::{Hash, Salt};
use crate::ledger::Ledger;
use crate::marks::Marks;
use crate::words::{Author, Time};
use crate::writer::{Draft, Says, Writer};

/// A result larger than this many bytes is refused when it is kept, and when it is read back.
pub const RESULT_LENGTH_MAX: usize = 1 << 28;

/// Who keeps a finding, when, and the salt for it.
#[derive(Clone, Debug)]
pub struct Keeper {
    /// Whose log it goes to.
    pub author: Author,
    /// Now.
    pub time: Time,
    /// Fresh random bytes.
    pub salt: Salt,
}

/// What is kept of a finding's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Its canonical text.
    Here(String),
    /// It is not in this copy of the case.
    Withheld,
    /// What lies under its name is not what the claim commits to.
    Altered(String),
}

/// Keeps a result under a name: as a new claim, or as a correction of the claim of that name that stands.
///
/// # Errors
/// As [`Writer::attach`] and [`Writer::append`]; [`CaseError::Refused`] for a result that is too large.
pub fn keep(
    writer: &mut Writer,
    keeper: Keeper,
    finding: Finding,
    result: &Json,
) -> Result<Entry, CaseError> {
    let text = result.canonical();
    if text.len() > RESULT_LENGTH_MAX {
        let why = format!("the result has more than {RESULT_LENGTH_MAX} bytes");
        return Err(CaseError::Refused(why));
    }
    let case = Case::of(writer.ledger())?;
    let known = named(&case, finding.finding.as_str());
    let own = known
        .iter()
        .find(|(claim, _)| claim.author == keeper.author);
    let target = own.or(known.first()).map(|(claim, _)| claim.id);
    let attachment = Attachment {
        sha256: writer.attach(text.as_bytes())?,
        name: format!("{}.json", finding.finding),
        media_type: "application/json".to_owned(),
    };
    let statement = Statement {
        handle: None,
        marks: Marks {
            attachments: vec![attachment],
            ..Marks::default()
        },
        body: Body::Finding(finding),
    };
    let says = match target {
        None => statement.says().map_err(CaseError::Refused)?,
        Some(target) => Says::Correct {
            target,
            payload: statement.payload().map_err(CaseError::Refused)?,
        },
    };
    let Keeper { author, time, salt } = keeper;
    writer.append(Draft {
        author,
        time,
        salt,
        says,
    })
}

/// The standing findings of a name, in the canonical order: more than one, where two authors kept one each.
#[must_use]
pub fn named<'a>(case: &'a Case, name: &str) -> Vec<(&'a Claim, &'a Finding)> {
    let findings = case.findings();
    findings
        .filter(|(_, finding)| finding.finding.as_str() == name)
        .collect()
}

/// What is kept of a finding's result.
///
/// # Errors
/// Where the file cannot be read at all.
pub fn kept(ledger: &Ledger, claim: &Claim) -> Result<Kept, CaseError> {
    let Some(attachment) = claim.marks.attachments.first() else {
        return Ok(Kept::Altered("the claim names no result".to_owned()));
    };
    let Some(file) = ledger.attachment(attachment.sha256)? else {
        return Ok(Kept::Withheld);
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(RESULT_LENGTH_MAX).unwrap_or(u64::MAX);
    let path = attachments::path(&ledger.dir, attachment.sha256);
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(CaseError::read(&path))?;
    if Hash::of(&bytes) != attachment.sha256 {
        let why = "the bytes are not those that the claim commits to".to_owned();
        return Ok(Kept::Altered(why));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Kept::Here(text),
        Err(_) => Kept::Altered("it is not text".to_owned()),
    })
}
