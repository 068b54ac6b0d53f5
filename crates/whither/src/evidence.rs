//! What a case holds and how it is kept: claims are added, struck, corrected and shown; a case is checked, merged and
//! copied.
//!
//! Here a name that a person gives becomes an entry, and an entry a row that can be printed. What a claim means is
//! not decided here.

mod history;
mod keep;
mod rows;
mod write;

pub use history::{ClaimPage, HistoryRow, show};
pub use keep::{Checked, CopiedCase, FaultRow, MergedCase, attach, check, copy, head, merge};
pub use rows::{AttachmentRow, ClaimList, ClaimRow, list, of_kinds};
pub(crate) use rows::{known_on, worth};
pub use write::{
    Started, Written, WrittenRow, add, correct, init, init_example, read_payloads, retract,
};

pub use whither_casework::Json as Payload;
use whither_casework::{CaseError, Hash, Ledger};

use crate::error::Error;

/// The claim that a person names: by its handle, its hash, or the first eight digits of its hash or more. A hash may
/// also be of a correction. Of claims with one handle, those that stand come first.
///
/// # Errors
/// Where nothing has this name, or several have.
pub(crate) fn named(ledger: &Ledger, name: &str) -> Result<Hash, Error> {
    if name.len() >= 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let mut found: Vec<Hash> = ledger.entries().iter().map(|entry| entry.hash()).collect();
        found.retain(|hash| hash.to_string().starts_with(name));
        if !found.is_empty() {
            return one(found, name);
        }
    }
    let state = ledger.replay(None);
    let standing: Vec<_> = state
        .claims
        .iter()
        .map(|claim| (claim.claim, claim.says()))
        .collect();
    let retracted = state.retracted.iter().map(|retracted| retracted.entry);
    let retracted: Vec<_> = retracted
        .filter(|entry| entry.kind().is_claim())
        .map(|entry| (entry, entry))
        .collect();
    for claims in [standing, retracted] {
        let says: Vec<_> = claims.iter().map(|(_, says)| *says).collect();
        let mut found = Vec::new();
        ledger.payloads(&says, |place, payload| {
            if payload.field("id").and_then(|id| id.text()) == Some(name) {
                found.push(claims[place].0.hash());
            }
            Ok(())
        })?;
        if !found.is_empty() {
            return one(found, name);
        }
    }
    Err(Error::new(format!("the case has no claim {name:?}"))
        .with_hint("`whither evidence list` names them; a hash needs its first eight digits"))
}

fn one(found: Vec<Hash>, name: &str) -> Result<Hash, Error> {
    if let [hash] = found[..] {
        return Ok(hash);
    }
    let hashes: Vec<String> = found.iter().map(ToString::to_string).collect();
    Err(Error::new(format!("{name:?} names {} claims", found.len()))
        .with_hint(format!("name one by its hash: {}", hashes.join(", "))))
}

/// What is refused is refused for a reason that the caller can mend.
pub(crate) fn refused(error: CaseError) -> Error {
    match error {
        CaseError::Refused(why) => Error::new(why),
        error => error.into(),
    }
}
