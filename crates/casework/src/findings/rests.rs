//! Which claims a result rests on, read off the result itself.
//!
//! Results name what they use: claims under `claim` and `entity_claim`, incidents under `incident`. So every
//! command's results are read in one way, and a command that forgets to name a claim shows it in its output.

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical::Json;
use crate::case::Case;
use crate::claims::Claim;
use crate::hash::Hash;

/// Fields that hold the name of a claim: its handle, or its hash.
const CLAIMS: &[&str] = &["claim", "claims", "entity_claim"];
/// Fields that hold the id of an incident: all that is said of it was used.
const INCIDENTS: &[&str] = &["incident", "incidents"];

/// The claims that a result rests on, each by the entry whose payload counts.
#[must_use]
pub fn rests_on(case: &Case, result: &Json) -> BTreeSet<Hash> {
    let mut names: BTreeMap<String, BTreeSet<Hash>> = BTreeMap::new();
    let mut incidents: BTreeMap<String, BTreeSet<Hash>> = BTreeMap::new();
    for claim in case.claims() {
        let mut name = |text: String| {
            names.entry(text).or_default().insert(claim.says);
        };
        name(claim.id.to_string());
        name(claim.says.to_string());
        name(claim.name());
        about_incidents(claim, &mut incidents);
    }
    let mut found = BTreeSet::new();
    walk(result, &mut |field, text| {
        let index = match field {
            field if CLAIMS.contains(&field) => &names,
            field if INCIDENTS.contains(&field) => &incidents,
            _ => return,
        };
        found.extend(index.get(text).into_iter().flatten());
    });
    found
}

fn about_incidents(claim: &Claim, incidents: &mut BTreeMap<String, BTreeSet<Hash>>) {
    // A finding or evidence about an incident is not what a computation over it used.
    if matches!(
        claim.body.kind_word(),
        "evidence" | "hypothesis" | "assessment" | "finding"
    ) {
        return;
    }
    claim.body.subjects(&mut |kind, id| {
        if kind == "incident" {
            incidents
                .entry(id.to_owned())
                .or_default()
                .insert(claim.says);
        }
    });
}

/// Every text of a result, with the field that it, or the list it is in, stands under.
fn walk(value: &Json, tell: &mut impl FnMut(&str, &str)) {
    let Json::Object(fields) = value else {
        if let Json::List(values) = value {
            values.iter().for_each(|value| walk(value, tell));
        }
        return;
    };
    // A claim that was asked and carried nothing is listed, and nothing rests on it.
    if fields.get("carried").and_then(Json::text) == Some("0") {
        return;
    }
    for (field, value) in fields {
        match value {
            Json::Text(text) => tell(field, text),
            Json::List(values) => {
                let texts = values.iter().filter_map(Json::text);
                texts.for_each(|text| tell(field, text));
                walk(value, tell);
            }
            _ => walk(value, tell),
        }
    }
}
