//! All that a case says of one incident (`whither.incident/1`).

use std::collections::BTreeSet;

use serde::Serialize;
use whither_casework::Case;
use whither_casework::incidents::{Caveat, Folded, IncidentView, Kept, alike, used};

use super::missing;
use crate::error::Error;

/// An incident, with every claim about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentSheet {
    /// `whither.incident/1`.
    pub schema: &'static str,
    /// The case.
    pub case: String,
    /// Its state.
    pub revision: String,
    /// What is said, each value with its claims, the value that is used first.
    #[serde(flatten)]
    pub view: IncidentView,
    /// Fields of which claims say different values.
    pub conflicts: Vec<Conflict>,
    /// Who says so.
    pub sources: Vec<SourceLine>,
    /// What a reader must know.
    pub caveats: Vec<Caveat>,
}

/// A field of which claims say different values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The field.
    pub field: String,
    /// How many values there are.
    pub values: usize,
}

/// A source of the incident's claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// As claims name it.
    pub source: String,
    /// Who it is, if there is a record. Private.
    pub name: Option<String>,
    /// What it may be called in public.
    pub descriptor: Option<String>,
}

/// Shows an incident.
///
/// # Errors
/// Where the case has none of that id.
pub fn show(case: &Case, id: &str) -> Result<IncidentSheet, Error> {
    let (kept, views) = Kept::with_views(case);
    let one = kept.same.one(id);
    let view = views.iter().find(|view| view.incident == one);
    let view = view.ok_or_else(|| {
        Error::new(format!("the case has no incident {id:?}"))
            .with_hint("`whither incident list` lists its incidents")
    })?;
    let sources = used(view.claims().into_iter());
    let lines = sources.iter().map(|source| SourceLine {
        source: source.clone(),
        name: kept.sources.private_name(source).map(str::to_owned),
        descriptor: kept.sources.public_name(source).map(str::to_owned),
    });
    let conflicts = view
        .conflicts()
        .into_iter()
        .map(|(field, values)| Conflict { field, values });
    Ok(IncidentSheet {
        schema: "whither.incident/1",
        case: case.id().to_string(),
        revision: case.revision(),
        view: view.clone(),
        conflicts: conflicts.collect(),
        sources: lines.collect(),
        caveats: caveats(&kept, one, &sources),
    })
}

fn caveats(kept: &Kept, incident: &str, sources: &BTreeSet<String>) -> Vec<Caveat> {
    let mut caveats = missing(kept);
    let traits: Vec<_> = kept.folded.iter().map(Folded::traits).collect();
    for pair in alike::alike(&traits).pairs {
        let (a, b) = (&traits[pair.first].incident, &traits[pair.second].incident);
        if (a == incident || b == incident) && !kept.same.are_distinct(a, b) {
            let other = if a == incident { b } else { a };
            let what = format!(
                "it may be the same as {other}: {}; a claim of kind `same-incident` or `distinct-incidents` settles it",
                pair.why.words()
            );
            caveats.push(Caveat {
                kind: "duplicate",
                what,
                incident: Some(other.clone()),
            });
        }
    }
    let warnings = kept
        .sources
        .warnings(None)
        .into_iter()
        .filter(|warning| sources.contains(&warning.source));
    caveats.extend(warnings.map(|warning| Caveat {
        kind: "source",
        what: warning.what,
        incident: None,
    }));
    caveats
}
