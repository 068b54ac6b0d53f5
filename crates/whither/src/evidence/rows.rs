//! Claims as rows, in a list of all that stand.

use std::path::Path;

use serde::Serialize;
use whither_casework::{Attachment, Body, Case, Claim, Index, Json, Statement, Time};

use crate::error::Error;

/// A claim, with its marks and what it says (`whither.evidence-list/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimRow {
    /// Its handle, or its hash.
    pub claim: String,
    /// The entry that made it.
    pub hash: String,
    /// The entry whose payload counts.
    pub says: String,
    /// What kind.
    pub kind: String,
    /// Who made it.
    pub author: String,
    /// When.
    pub time: String,
    /// `read`; `other` (a kind that this version does not know); `unreadable`; `withheld`.
    pub state: &'static str,
    /// Why it cannot be read.
    pub why: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// Where that can be read.
    pub reference: Option<String>,
    /// Admiralty grade.
    pub confidence: Option<String>,
    /// TLP mark.
    pub handling: Option<String>,
    /// When it was so.
    pub date: Option<String>,
    /// When the source said so.
    pub published: Option<String>,
    /// When it was read there.
    pub accessed: Option<String>,
    /// Files that belong to it.
    pub attachments: Vec<AttachmentRow>,
    /// What it is about: `incident:ID`, `entity:ID`, `address:…`, …
    pub about: Vec<String>,
    /// The fields of its kind.
    pub fields: Option<Json>,
}

/// A file that a claim names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttachmentRow {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its name where it was taken from (hostile text).
    pub name: String,
    /// What it is.
    pub media_type: String,
}

/// The claims of a case that stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimList {
    schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state.
    pub revision: String,
    /// As known on this date, if not now.
    pub as_of: Option<String>,
    /// The claims, in the canonical order.
    pub claims: Vec<ClaimRow>,
}

impl AttachmentRow {
    pub(super) fn of(attachment: &Attachment) -> Self {
        Self {
            sha256: attachment.sha256.to_string(),
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
        }
    }
}

impl ClaimRow {
    /// A claim as a row.
    #[must_use]
    pub fn of(claim: &Claim) -> Self {
        let (state, why) = match &claim.body {
            Body::Other { .. } => ("other", None),
            Body::Unreadable { why, .. } => ("unreadable", Some(why.clone())),
            Body::Withheld { .. } => ("withheld", None),
            _ => ("read", None),
        };
        let mut about = Vec::new();
        claim
            .body
            .subjects(&mut |kind, id| about.push(format!("{kind}:{id}")));
        let marks = &claim.marks;
        let bare = Statement {
            handle: None,
            marks: whither_casework::Marks::default(),
            body: claim.body.clone(),
        };
        Self {
            claim: claim.name(),
            hash: claim.id.to_string(),
            says: claim.says.to_string(),
            kind: claim.body.kind_word().to_owned(),
            author: claim.author.to_string(),
            time: claim.time.to_string(),
            state,
            why,
            source: marks.source.clone(),
            reference: marks.reference.clone(),
            confidence: marks.confidence.map(|mark| mark.to_string()),
            handling: marks.handling.map(|mark| mark.to_string()),
            date: marks.date.as_ref().map(ToString::to_string),
            published: marks.published.as_ref().map(ToString::to_string),
            accessed: marks.accessed.as_ref().map(ToString::to_string),
            attachments: marks.attachments.iter().map(AttachmentRow::of).collect(),
            about,
            fields: bare.payload().ok(),
        }
    }
}

/// Logs of fewer bytes are read sooner than an index is opened.
const SMALL: u64 = 1 << 22;

/// The index in a folder of the user's data, where a case is so large that it is worth asking.
pub(crate) fn worth<'a>(dir: &Path, index: Option<&'a Path>) -> Option<&'a Path> {
    index.filter(|_| logs_length(dir) > SMALL)
}

/// The claims of some kinds that stand: from an index in a folder of the user's data where the case is large, and else
/// from all of the case.
///
/// # Errors
/// Where the case cannot be read.
pub fn of_kinds(dir: &Path, index: Option<&Path>, kinds: &[&str]) -> Result<Case, Error> {
    match worth(dir, index) {
        Some(index) => Ok(Index::open(dir, index)?.of_kinds(kinds)?),
        None => Ok(Case::open(dir)?),
    }
}

fn logs_length(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir.join("log")).into_iter().flatten();
    let lengths = files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len()));
    lengths.sum()
}

/// Lists the claims that stand, of one kind or of all, now or as known on a date.
///
/// # Errors
/// Where the case cannot be read, or the time is none.
pub fn list(
    dir: &Path,
    index: Option<&Path>,
    kind: Option<&str>,
    as_of: Option<&str>,
) -> Result<ClaimList, Error> {
    let time = as_of.map(known_on).transpose()?;
    let case = match (&time, kind) {
        (Some(time), _) => Case::open_as_of(dir, time)?,
        (None, Some(kind)) => of_kinds(dir, index, &[kind])?,
        (None, None) => Case::open(dir)?,
    };
    let claims = case.claims().iter();
    let claims = claims.filter(|claim| kind.is_none_or(|kind| claim.body.kind_word() == kind));
    Ok(ClaimList {
        schema: "whither.evidence-list/1",
        case: case.id().to_string(),
        revision: case.revision(),
        as_of: time.map(|time| time.to_string()),
        claims: claims.map(ClaimRow::of).collect(),
    })
}

/// A date as of which a case was known: a day means its end.
pub(crate) fn known_on(text: &str) -> Result<Time, Error> {
    let whole = if text.len() == 10 {
        format!("{text}T23:59:59Z")
    } else {
        text.to_owned()
    };
    Time::new(&whole).map_err(|error| {
        Error::new(error)
            .with_hint("write a day like 2026-11-22, or a time like 2026-11-22T09:30:00Z")
    })
}
