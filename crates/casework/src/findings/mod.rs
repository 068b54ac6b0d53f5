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
use crate::error::CaseError;
use crate::hash::Hash;
use crate::ledger::Ledger;
use crate::marks::Marks;
use crate::words::Author;
use crate::writer::{Says, Writer};

/// A result larger than this many bytes is refused when it is kept, and when it is read back.
pub const RESULT_LENGTH_MAX: usize = 1 << 28;

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

/// Brings a result into the case, and gives what an entry must say to keep it under its name: a new claim, or a
/// correction of the claim of that name that stands, the author's own before another's.
///
/// # Errors
/// As [`Writer::attach`]; [`CaseError::Refused`] for a result that is too large, or a finding that is none.
pub fn bring(
    writer: &mut Writer,
    author: &Author,
    finding: Finding,
    result: &Json,
) -> Result<Says, CaseError> {
    let text = result.canonical();
    if text.len() > RESULT_LENGTH_MAX {
        let why = format!("the result has more than {RESULT_LENGTH_MAX} bytes");
        return Err(CaseError::Refused(why));
    }
    let case = Case::of(writer.ledger())?;
    let known = named(&case, finding.finding.as_str());
    let own = known.iter().find(|(claim, _)| claim.author == *author);
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
    match target {
        None => statement.says(),
        Some(target) => statement
            .payload()
            .map(|payload| Says::Correct { target, payload }),
    }
    .map_err(CaseError::Refused)
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
