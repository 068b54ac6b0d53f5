//! Somebody as the case knows them: all names and numbers, and where claims do not agree.
//!
//! Nothing is averaged. Where one value must be shown it is that of the claim of most weight; the others stand
//! beside it with who says them.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::claims::{Claim, Entity};

/// Somebody, as all claims together have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityView<'a> {
    /// The claims, that of most weight first.
    pub claims: Vec<(&'a Claim, &'a Entity)>,
    /// What they are called (hostile text), each with who says so; the first is the one to show.
    pub names: Vec<(&'a str, Vec<&'a Claim>)>,
    /// Where claims do not agree.
    pub disagreements: Vec<Disagreement<'a>>,
}

/// One thing of which claims say several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement<'a> {
    /// Which field.
    pub field: &'static str,
    /// What is said, that of most weight first, each with who says so.
    pub values: Vec<(String, Vec<&'a Claim>)>,
}

impl<'a> EntityView<'a> {
    /// All that a case says of an entity; nothing where it says nothing.
    #[must_use]
    pub fn of(case: &'a Case, id: &str) -> Option<Self> {
        let claims = case
            .entities()
            .filter(|(_, entity)| entity.entity.as_str() == id);
        let mut claims: Vec<(&Claim, &Entity)> = claims.collect();
        claims.sort_by(|(a, _), (b, _)| a.weight().cmp(&b.weight()));
        let mut names: Vec<(&str, Vec<&Claim>)> = Vec::new();
        for (claim, entity) in &claims {
            for name in &entity.names {
                match names.iter_mut().find(|(known, _)| known == name) {
                    Some((_, by)) => by.push(claim),
                    None => names.push((name, vec![claim])),
                }
            }
        }
        let field =
            |field, value: &dyn Fn(&Entity) -> Option<String>| disagreement(field, &claims, value);
        let disagreements = [
            field("type", &|entity| Some(word(&entity.kind))),
            field("born", &|entity| {
                entity.born.as_ref().map(ToString::to_string)
            }),
            field("nationality", &|entity| entity.nationality.clone()),
        ];
        (!claims.is_empty()).then(|| Self {
            disagreements: disagreements.into_iter().flatten().collect(),
            names,
            claims,
        })
    }

    /// The ids of all entities, with the name to show.
    #[must_use]
    pub fn all(case: &'a Case) -> BTreeMap<&'a str, &'a str> {
        let mut best: BTreeMap<&str, (&Claim, &str)> = BTreeMap::new();
        for (claim, entity) in case.entities() {
            let name = entity.names.first().map_or("", String::as_str);
            let known = best.entry(entity.entity.as_str()).or_insert((claim, name));
            if claim.weight() < known.0.weight() {
                *known = (claim, name);
            }
        }
        best.into_iter().map(|(id, (_, name))| (id, name)).collect()
    }
}

fn disagreement<'a>(
    field: &'static str,
    claims: &[(&'a Claim, &'a Entity)],
    value: &dyn Fn(&Entity) -> Option<String>,
) -> Option<Disagreement<'a>> {
    let mut values: Vec<(String, Vec<&Claim>)> = Vec::new();
    for (claim, entity) in claims {
        let Some(value) = value(entity) else { continue };
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, by)) => by.push(claim),
            None => values.push((value, vec![claim])),
        }
    }
    (values.len() > 1).then_some(Disagreement { field, values })
}

/// A value as claims write it.
fn word(value: &impl serde::Serialize) -> String {
    let json = crate::canonical::Json::of(value);
    let text = json
        .ok()
        .and_then(|json| json.text().map(ToOwned::to_owned));
    text.unwrap_or_default()
}
