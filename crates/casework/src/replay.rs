//! Replay: what stands, out of all that was ever written.
//!
//! The answer depends on which entries there are, never on the order in which they came: a retraction counts
//! whether it is read before or after what it strikes. It needs no payload, so a copy with payloads
//! withheld comes to the same claims.
//!
//! - A claim stands until it is retracted. A retracted claim does not come back: it is claimed anew.
//! - A correction names the claim and says all of it again. Of several, the last in the canonical order counts.
//! - A correction can be retracted too; then the one before it counts, or the claim as it was made.
//! - A retraction cannot be retracted, and a correction cannot be corrected.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::Entry;
use crate::hash::Hash;
use crate::words::{Kind, Time};

/// The claims of a case, at its present or as known on a date. All lists are in the canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State<'a> {
    /// Claims in force.
    pub claims: Vec<Standing<'a>>,
    /// Claims and corrections that were retracted.
    pub retracted: Vec<Retracted<'a>>,
    /// Retractions and corrections without effect: what they name is not here, or cannot be struck or corrected.
    pub idle: Vec<&'a Entry>,
}

/// A claim in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The entry that made it. Its hash names the claim, its kind is the claim's.
    pub claim: &'a Entry,
    /// The corrections in force. More than one, by more than one author, is worth a look.
    pub corrections: Vec<&'a Entry>,
}

impl<'a> Standing<'a> {
    /// The entry whose payload counts.
    #[must_use]
    pub fn says(&self) -> &'a Entry {
        self.corrections.last().unwrap_or(&self.claim)
    }
}

/// A claim or a correction that no longer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retracted<'a> {
    /// What was retracted.
    pub entry: &'a Entry,
    /// The retractions.
    pub by: Vec<&'a Entry>,
}

/// The state of the case at its present, or as known on a date: from the entries of that time and before.
#[must_use]
pub fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>, as_of: Option<&Time>) -> State<'a> {
    let known = entries.into_iter();
    let known = known.filter(|entry| as_of.is_none_or(|time| entry.time() <= time));
    let mut ordered: Vec<&Entry> = known.collect();
    ordered.sort_by_key(|entry| (entry.order(), entry.hash()));
    ordered.dedup_by_key(|entry| entry.hash());
    // Of a million entries few are named by others.
    let targets: BTreeSet<Hash> = ordered.iter().filter_map(|entry| entry.target()).collect();
    let named = ordered
        .iter()
        .copied()
        .filter(|entry| targets.contains(&entry.hash()));
    let by_hash: BTreeMap<Hash, &Entry> = named.map(|entry| (entry.hash(), entry)).collect();

    let mut state = State::default();
    let mut struck: BTreeMap<Hash, Vec<&Entry>> = BTreeMap::new();
    let mut corrected: BTreeMap<Hash, Vec<&Entry>> = BTreeMap::new();
    for entry in ordered.iter().copied() {
        let Some(hash) = entry.target() else {
            continue;
        };
        let acts = by_hash
            .get(&hash)
            .is_some_and(|target| acts_on(entry, target));
        if !acts {
            state.idle.push(entry);
        } else if entry.kind().is_retract() {
            struck.entry(hash).or_default().push(entry);
        } else {
            corrected.entry(hash).or_default().push(entry);
        }
    }
    for entry in ordered {
        if let Some(by) = struck.get(&entry.hash()) {
            let by = by.clone();
            state.retracted.push(Retracted { entry, by });
        } else if entry.kind().is_claim() {
            let mut corrections = corrected.remove(&entry.hash()).unwrap_or_default();
            corrections.retain(|correction| !struck.contains_key(&correction.hash()));
            let claim = entry;
            state.claims.push(Standing { claim, corrections });
        }
    }
    state
}

/// Whether a retraction or a correction may name an entry.
fn acts_on(entry: &Entry, target: &Entry) -> bool {
    acts_on_kind(entry, target.kind())
}

/// Whether a retraction or a correction may name an entry of a kind.
pub(crate) fn acts_on_kind(entry: &Entry, target: &Kind) -> bool {
    if entry.kind().is_retract() {
        return !target.is_retract();
    }
    target.is_claim()
}

#[cfg(test)]
mod tests;
