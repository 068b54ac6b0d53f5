//! What a case says of labels, and what it said once, as far as a pack can say it: so that nothing comes in twice.
//!
//! A pack has no field for a grade, for most dates and for most of handling; and where a claim names no source or no
//! pack, a pack written of the case gives it the case's own. What differs in that alone is the same statement.

use std::collections::{BTreeMap, BTreeSet};

use whither_casework::claims::AddressClaim;
use whither_casework::{
    Body, Case, Entry, Handling, Hash, Kind, Ledger, Marks, Standing, Statement,
};
use whither_ledger::address::parse_account;

use crate::error::Error;

/// What the case says.
pub(super) fn said(case: &Case) -> Result<BTreeSet<Hash>, Error> {
    let mut said = BTreeSet::new();
    for claim in case.claims().iter().filter(|claim| is_label(&claim.body)) {
        for statement in alike(case, &claim.marks, &claim.body) {
            said.insert(digest(&statement)?);
        }
    }
    Ok(said)
}

/// What the case said once: what was retracted, and what a correction replaced.
pub(super) fn fallen(case: &Case, ledger: &Ledger) -> Result<BTreeSet<Hash>, Error> {
    let state = ledger.replay(None);
    let stands = state
        .claims
        .iter()
        .map(|standing| Standing::says(standing).hash());
    let stands: BTreeSet<Hash> = stands.collect();
    let entries = ledger.entries();
    let claims = entries.iter().filter(|entry| entry.kind().is_claim());
    let kinds: BTreeMap<Hash, &Kind> = claims.map(|entry| (entry.hash(), entry.kind())).collect();
    let mut fell: Vec<(&Entry, &Kind)> = Vec::new();
    for entry in entries.iter().copied() {
        // A correction says anew what the claim says that it names; a retraction says nothing of an address.
        let claim = match entry.kind().as_str() {
            "retract" => None,
            "correct" => entry.target(),
            _ => Some(entry.hash()),
        };
        let kind = claim.and_then(|claim| kinds.get(&claim).copied());
        if let Some(kind) = kind.filter(|kind| KINDS.contains(&kind.as_str()))
            && !stands.contains(&entry.hash())
        {
            fell.push((entry, kind));
        }
    }
    let entries: Vec<&Entry> = fell.iter().map(|(entry, _)| *entry).collect();
    let mut digests = BTreeSet::new();
    ledger.payloads(&entries, |place, payload| {
        let statement = fell
            .get(place)
            .map(|(_, kind)| Statement::read_any(kind, &payload));
        // What cannot be read is no statement that a pack could say again.
        if let Some(statement) = statement.filter(|statement| is_label(&statement.body)) {
            let alike = alike(case, &statement.marks, &statement.body);
            digests.extend(alike.iter().filter_map(|statement| digest(statement).ok()));
        }
        Ok(())
    })?;
    Ok(digests)
}

/// What names a statement among those of its kind.
pub(super) fn digest(statement: &Statement) -> Result<Hash, Error> {
    let payload = statement.payload().map_err(Error::new)?;
    let text = format!("{} {}", statement.body.kind_word(), payload.canonical());
    Ok(Hash::of(text.as_bytes()))
}

/// The kinds of claims that packs bring.
const KINDS: &[&str] = &["label", "service", "deposit", "entity"];

fn is_label(body: &Body) -> bool {
    matches!(
        body,
        Body::Label(_) | Body::Service(_) | Body::Deposit(_) | Body::Entity(_)
    )
}

/// What a pack says that says the same as a claim.
fn alike(case: &Case, marks: &Marks, body: &Body) -> Vec<Statement> {
    let packed = packed(marks, body);
    let exported = exported(case, &packed);
    [Some(packed), exported].into_iter().flatten().collect()
}

/// A claim as far as a pack can say it.
fn packed(marks: &Marks, body: &Body) -> Statement {
    let is_closed = marks.handling.is_some_and(|mark| mark > Handling::Green);
    let marks = Marks {
        source: marks.source.clone(),
        reference: marks.reference.clone(),
        published: marks.published.clone(),
        handling: is_closed.then_some(Handling::AmberStrict),
        ..Marks::default()
    };
    let mut body = body.clone();
    if let Some(of) = address(&mut body)
        && let Ok(account) = parse_account(&of.address, None)
    {
        of.address = account.to_string();
    }
    Statement {
        handle: None,
        marks,
        body,
    }
}

/// A claim as it comes back from a pack that was written of the case, where that is another.
fn exported(case: &Case, statement: &Statement) -> Option<Statement> {
    let mut statement = statement.clone();
    let of = address(&mut statement.body)?;
    if of.pack.is_some() && statement.marks.source.is_some() {
        return None;
    }
    let pack = of.pack.take();
    of.pack = pack.or_else(|| Some(case.name().to_owned()));
    let source = statement.marks.source.take();
    statement.marks.source = source.or_else(|| Some(case.id().to_string()));
    Some(statement)
}

fn address(body: &mut Body) -> Option<&mut AddressClaim> {
    match body {
        Body::Label(of) | Body::Service(of) | Body::Deposit(of) => Some(of),
        _ => None,
    }
}
