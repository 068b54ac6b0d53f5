//! Keeping a case: checking it, publishing its head, merging another copy, making one for somebody else.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use serde::Serialize;
use whither_casework::{
    Attachment, CaseError, Copied, Fault, Handling, Head, Json, Kind, Ledger, Withhold, Writer,
    verify,
};

use super::rows::AttachmentRow;
use super::{named, refused};
use crate::error::Error;

/// A head is far shorter than this, in bytes.
const HEAD_LENGTH_MAX: u64 = 1 << 20;

/// What a check of a case found (`whither.evidence-verify/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    schema: &'static str,
    /// Whether all that is here is what was written.
    pub clean: bool,
    /// Whether it was held against a head that somebody kept.
    pub against_head: bool,
    /// Sound entries.
    pub entries: usize,
    /// Payloads that are here and sound.
    pub payloads: usize,
    /// Payloads that are here and were altered.
    pub altered: usize,
    /// Payloads that are not here.
    pub withheld: usize,
    /// Attachments that are here and sound.
    pub attachments: usize,
    /// Attachments that are not here.
    pub attachments_withheld: usize,
    /// Last lines that a crash cut short, by file and byte.
    pub torn: Vec<String>,
    /// Files and lines that no entry knows.
    pub unused: Vec<String>,
    /// What is not what it was.
    pub faults: Vec<FaultRow>,
    /// The state of the case.
    pub revision: Option<String>,
}

/// Something that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultRow {
    /// `entry`, `payload`, `attachment`, `truncated`, `rewritten`, `head`, `file`.
    pub what: &'static str,
    /// Whose log.
    pub author: Option<String>,
    /// Which entry.
    pub entry: Option<u64>,
    /// All of it in words.
    pub why: String,
}

/// What a merge brought in (`whither.evidence-merge/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MergedCase {
    schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state after this.
    pub revision: String,
    /// Entries that were not here.
    pub entries: usize,
    /// Payloads that were not here.
    pub payloads: usize,
    /// Attachments that were not here.
    pub attachments: usize,
}

/// A copy that was made (`whither.evidence-copy/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopiedCase {
    schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state, which is the copy's too.
    pub revision: String,
    /// Where the copy lies.
    pub dir: String,
    /// Entries of the copy: all there are.
    pub entries: usize,
    /// Payloads of the copy.
    pub payloads: usize,
    /// Payloads that were left out.
    pub withheld: usize,
    /// Attachments of the copy.
    pub attachments: usize,
}

impl FaultRow {
    fn of(fault: &Fault) -> Self {
        let (what, author, entry) = match fault {
            Fault::Entry { author, entry, .. } => ("entry", Some(author), Some(*entry)),
            Fault::Payload { author, entry, .. } => ("payload", Some(author), Some(*entry)),
            Fault::PayloadLine { author, .. } => ("payload", Some(author), None),
            Fault::Attachment { author, entry, .. } => ("attachment", Some(author), Some(*entry)),
            Fault::Truncated { author, entry, .. } => ("truncated", Some(author), Some(*entry)),
            Fault::Rewritten { author, entry } => ("rewritten", Some(author), Some(*entry)),
            Fault::OtherHead { .. } => ("head", None, None),
            _ => ("file", None, None),
        };
        Self {
            what,
            author: author.map(ToString::to_string),
            entry,
            why: fault.to_string(),
        }
    }
}

/// Checks every entry, payload and attachment of a case, and a head that was kept if there is one. It reads
/// the files alone, and no index over them.
///
/// # Errors
/// Where there is no case, or the head's file holds none. A fault is not an error.
pub fn check(dir: &Path, head: Option<&Path>) -> Result<Checked, Error> {
    let head = head.map(read_head).transpose()?;
    let found = verify(dir, head.as_ref())?;
    let torn = found.torn.iter();
    let torn = torn.map(|torn| {
        let (folder, author, at) = (torn.folder, &torn.author, torn.at);
        format!("{folder}/{author}.jsonl, from byte {at} on")
    });
    Ok(Checked {
        schema: "whither.evidence-verify/1",
        clean: found.is_clean(),
        against_head: head.is_some(),
        entries: found.entries,
        payloads: found.payloads,
        altered: found.altered,
        withheld: found.withheld,
        attachments: found.attachments,
        attachments_withheld: found.attachments_withheld,
        torn: torn.collect(),
        unused: found.unused.clone(),
        faults: found.faults.iter().map(FaultRow::of).collect(),
        revision: found.head.as_ref().map(Head::revision),
    })
}

fn read_head(path: &Path) -> Result<Head, Error> {
    use std::io::Read as _;
    let wrong = |error: &dyn std::fmt::Display| {
        Error::new(format!("{}: {error}", path.display()))
            .with_hint("`whither evidence head > FILE` writes the head of a case")
    };
    let mut text = String::new();
    let file = File::open(path).map_err(|error| wrong(&error))?;
    file.take(HEAD_LENGTH_MAX)
        .read_to_string(&mut text)
        .map_err(|error| wrong(&error))?;
    Head::read(&text).map_err(|error| wrong(&error))
}

/// The head of a case: what to publish, so that nobody can cut its end off unseen.
///
/// # Errors
/// Where the case cannot be read.
pub fn head(dir: &Path) -> Result<String, Error> {
    Ok(Ledger::open(dir)?.head().canonical())
}

/// Brings in what another copy of the case has.
///
/// # Errors
/// Where the two are not copies of one case, or one of them is damaged.
pub fn merge(dir: &Path, other: &Path) -> Result<MergedCase, Error> {
    let other = Ledger::open(other)?;
    let mut writer = Writer::open(dir)?;
    let merged = writer.merge(&other).map_err(|error| {
        let hint = match &error {
            CaseError::Diverged { .. } => {
                Some("somebody wrote under one name in two places, or wrote a log anew; nothing was merged")
            }
            CaseError::OtherCase { .. } => Some("only copies of one case can be merged"),
            _ => None,
        };
        match hint {
            Some(hint) => Error::new(error).with_hint(hint),
            None => refused(error),
        }
    })?;
    Ok(MergedCase {
        schema: "whither.evidence-merge/1",
        case: writer.ledger().id().to_string(),
        revision: writer.ledger().revision(),
        entries: merged.entries,
        payloads: merged.payloads,
        attachments: merged.attachments,
    })
}

/// Copies a case into an empty directory, without what is withheld: claims by name or by kind, and claims more closed
/// than a mark. What is not marked counts as closed.
///
/// # Errors
/// Where a name names no claim or several, a kind or a mark is none, or the directory is not empty.
pub fn copy(
    dir: &Path,
    to: &Path,
    name: Option<&str>,
    (claims, kinds, above): (&[String], &[String], Option<&str>),
) -> Result<CopiedCase, Error> {
    let ledger = Ledger::open(dir)?;
    let mut withhold = Withhold {
        claims: BTreeSet::new(),
        kinds: BTreeSet::new(),
        above: above.map(handling).transpose()?,
    };
    for claim in claims {
        withhold.claims.insert(named(&ledger, claim)?);
    }
    for kind in kinds {
        let kind = Kind::new(kind).ok().filter(Kind::is_claim);
        let kind = kind.ok_or_else(|| {
            Error::new("what is withheld by kind is a kind of claim")
                .with_hint("for example `source`")
        })?;
        withhold.kinds.insert(kind);
    }
    let Copied {
        entries,
        payloads,
        withheld,
        attachments,
    } = ledger.copy(to, name, &withhold)?;
    Ok(CopiedCase {
        schema: "whither.evidence-copy/1",
        case: ledger.id().to_string(),
        revision: ledger.revision(),
        dir: to.display().to_string(),
        entries,
        payloads,
        withheld,
        attachments,
    })
}

fn handling(text: &str) -> Result<Handling, Error> {
    Handling::parse(text).ok_or_else(|| {
        Error::new(format!("{text:?} is not a mark of TLP 2.0"))
            .with_hint("one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED")
    })
}

/// Brings a file into a case, and gives what a claim's `attachments` says of it.
///
/// # Errors
/// Where the file cannot be read, or its name or media type is none.
pub fn attach(dir: &Path, file: &Path, media_type: &str) -> Result<AttachmentRow, Error> {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let open = File::open(file)
        .map_err(|error| Error::new(format!("cannot read {}: {error}", file.display())))?;
    let mut attachment = Attachment {
        sha256: whither_casework::Hash::of(b""),
        name: name.unwrap_or_default(),
        media_type: media_type.to_owned(),
    };
    let list = Json::List(vec![attachment.json()]);
    let fields = std::iter::once(("attachments".to_owned(), list));
    Attachment::list(&Json::Object(fields.collect())).map_err(Error::new)?;
    attachment.sha256 = Writer::open(dir)?.attach(open)?;
    Ok(AttachmentRow::of(&attachment))
}
