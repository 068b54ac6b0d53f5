//! One claim with all that was ever said of it: made, corrected, struck.

use std::path::Path;

use serde::Serialize;
use whither_casework::{Case, Content, Entry, Hash, Ledger, Statement};

use super::named;
use super::rows::ClaimRow;
use crate::error::Error;

/// A claim and its history (`whither.evidence-show/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimPage {
    schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state.
    pub revision: String,
    /// Whether the claim stands.
    pub stands: bool,
    /// The claim as it stands, or as it was made if it stands no more.
    #[serde(flatten)]
    pub claim: ClaimRow,
    /// All entries about it, in the canonical order.
    pub history: Vec<HistoryRow>,
}

/// An entry about a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryRow {
    /// Names the entry.
    pub hash: String,
    /// Whose log it is in.
    pub author: String,
    /// Its place there.
    pub entry: u64,
    /// When.
    pub time: String,
    /// What it does: `claim`, `correct`, `retract`.
    pub act: &'static str,
    /// The entry that it strikes or corrects.
    pub target: Option<String>,
    /// Whether it was struck.
    pub struck: bool,
    /// What it says, as it was written; the reason of a retraction.
    pub payload: Option<whither_casework::Json>,
}

/// Shows a claim, whether it stands or not.
///
/// # Errors
/// Where the name names none, or several.
pub fn show(dir: &Path, name: &str) -> Result<ClaimPage, Error> {
    let ledger = Ledger::open(dir)?;
    let hash = named(&ledger, name)?;
    let entries = ledger.entries();
    let entry = |hash: Hash| entries.iter().copied().find(|entry| entry.hash() == hash);
    let root = root(hash, &entry);
    let about =
        |entry: &&Entry| self::root(entry.hash(), &|hash| ledger_entry(&entries, hash)) == root;
    let state = ledger.replay(None);
    let struck: Vec<Hash> = state.retracted.iter().map(|one| one.entry.hash()).collect();
    let mut history = Vec::new();
    for entry in entries.iter().copied().filter(about) {
        let payload = match ledger.payload(entry)? {
            Content::Here(payload) => Some(payload),
            Content::Withheld => None,
        };
        history.push(HistoryRow {
            hash: entry.hash().to_string(),
            author: entry.author().to_string(),
            entry: entry.number(),
            time: entry.time().to_string(),
            act: match entry.kind().as_str() {
                "retract" => "retract",
                "correct" => "correct",
                _ => "claim",
            },
            target: entry.target().map(|hash| hash.to_string()),
            struck: struck.contains(&entry.hash()),
            payload,
        });
    }
    let case = Case::of(&ledger)?;
    let standing = case.claims().iter().find(|claim| claim.id == root);
    let claim = match standing {
        Some(claim) => ClaimRow::of(claim),
        None => as_made(&ledger, entry(root).ok_or_else(|| gone(root))?)?,
    };
    Ok(ClaimPage {
        schema: "whither.evidence-show/1",
        case: ledger.id().to_string(),
        revision: ledger.revision(),
        stands: standing.is_some(),
        claim,
        history,
    })
}

fn ledger_entry<'a>(entries: &[&'a Entry], hash: Hash) -> Option<&'a Entry> {
    entries.iter().copied().find(|entry| entry.hash() == hash)
}

/// The claim that an entry makes, corrects or strikes, or whose correction it strikes.
fn root<'a>(hash: Hash, entry: &dyn Fn(Hash) -> Option<&'a Entry>) -> Hash {
    let target = |hash: Hash| entry(hash).and_then(Entry::target).unwrap_or(hash);
    target(target(hash))
}

fn gone(hash: Hash) -> Error {
    Error::new(format!(
        "what it is about is not in this copy of the case: {hash}"
    ))
    .with_hint("merge a copy that has it")
}

/// A claim that stands no more, as it was made.
fn as_made(ledger: &Ledger, entry: &Entry) -> Result<ClaimRow, Error> {
    let kind = entry.kind();
    let statement = match ledger.payload(entry)? {
        Content::Here(payload) => Statement::read_any(kind, &payload),
        Content::Withheld => Statement {
            handle: None,
            marks: whither_casework::Marks::default(),
            body: whither_casework::Body::Withheld { kind: kind.clone() },
        },
    };
    Ok(ClaimRow::of(&whither_casework::Claim {
        id: entry.hash(),
        says: entry.hash(),
        handle: statement.handle,
        author: entry.author().clone(),
        number: entry.number(),
        time: entry.time().clone(),
        marks: statement.marks,
        body: statement.body,
    }))
}
