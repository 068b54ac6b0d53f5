//! Labels of a case: brought in from packs and tables, listed beside each other, retracted, written as a pack.
//!
//! A label is a claim (`label`, `service`, `deposit`). What contradicts stands side by side; nothing is averaged, and
//! what was copied from one publication counts once.

mod import;
mod known;
mod list;

pub use import::{FileRow, LabelImport, Options, RefusedKind, import};
pub use list::{AddressRow, Asked, LabelClaim, LabelList, NameRow, list};

use std::collections::BTreeSet;
use std::path::Path;

use whither_casework::labels::{actorpack, is_actor, tagpack};
use whither_casework::{Body, Case, Claim, Ledger, Says, Writer};

use crate::error::Error;
use crate::evidence::refused;
use crate::knowledge::said;
use crate::recorder::Recorder;

/// What is retracted together.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Claims by name, or by hash.
    pub claims: Vec<String>,
    /// All labels of this pack.
    pub pack: Option<String>,
    /// All labels that rest on this publication, and all entities of ActorPacks that do: it is their reference, or their
    /// source where they have none.
    pub reference: Option<String>,
}

impl Selection {
    /// Whether a claim is of the pack, or rests on the publication.
    fn has(&self, claim: &Claim) -> bool {
        let of = said(claim).map(|(_, of)| of);
        let is_pack = self.pack.is_some() && of.is_some_and(|of| of.pack == self.pack);
        let is_ours = match &claim.body {
            Body::Entity(entity) => is_actor(entity),
            _ => of.is_some(),
        };
        let marks = &claim.marks;
        let upstream = marks.reference.as_ref().or(marks.source.as_ref());
        is_pack || is_ours && self.reference.is_some() && upstream == self.reference.as_ref()
    }
}

/// Retracts labels, and tells how many.
///
/// # Errors
/// Where the selection names none, or the case cannot be written.
pub fn retract(
    dir: &Path,
    recorder: &Recorder,
    selection: &Selection,
    reason: &str,
) -> Result<usize, Error> {
    let mut writer = Writer::open(dir)?;
    let case = Case::of(writer.ledger())?;
    let mut found = Vec::new();
    for name in &selection.claims {
        let target = crate::evidence::named(writer.ledger(), name)?;
        let claim = case.claims().iter().find(|claim| claim.id == target);
        if let Some(claim) = claim.filter(|claim| said(claim).is_none()) {
            let kind = claim.body.kind_word();
            return Err(
                Error::new(format!("claim {name} is no label but of kind {kind}"))
                    .with_hint("`whither evidence retract` takes back claims of every kind"),
            );
        }
        found.push(target);
    }
    let labels = case.claims().iter().filter(|claim| selection.has(claim));
    found.extend(labels.map(|claim| claim.id));
    let mut seen = BTreeSet::new();
    found.retain(|target| seen.insert(*target));
    if found.is_empty() {
        return Err(Error::new("no label stands that would be retracted")
            .with_hint("`whither label list` names claims, packs and references; what an ActorPack brought is retracted by `--of` its creator"));
    }
    let drafts = found.iter().map(|target| {
        recorder.draft(Says::Retract {
            target: *target,
            reason: reason.to_owned(),
        })
    });
    let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
    let written = writer.append_all(drafts).map_err(refused)?;
    Ok(written.len())
}

/// The labels of a case as a TagPack, or its organisations as an ActorPack.
///
/// # Errors
/// Where the case cannot be read.
pub fn export(dir: &Path, actors: bool) -> Result<String, Error> {
    let case = Case::of(&Ledger::open(dir)?)?;
    if actors {
        let entities = case
            .entities()
            .map(|(claim, entity)| (&claim.marks, entity));
        return Ok(actorpack(case.name(), case.id().as_str(), entities));
    }
    let claims = case.claims().iter();
    let claims = claims.map(|claim| (&claim.marks, &claim.body));
    Ok(tagpack(case.name(), case.id().as_str(), claims))
}
