//! Persons, organisations and paths, as pages: who somebody is, whom they belong to, and how they lead to a list.
//!
//! Everything here is what claims say. Each row names its claims, and each path its weakest.

use std::collections::BTreeMap;

use serde::Serialize;
use whither_casework::claims::{Relation, RelationEnd, RelationKind};
use whither_casework::relations::{EntityView, Graph, Path, Paths, Related, Target, Tie};
use whither_casework::{Case, Claim};
use whither_ledger::address::parse_account;
use whither_ledger::chain::Chain;

use crate::error::Error;

/// A claim, with how far it is believed and shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimMark {
    /// Its handle or hash.
    pub claim: String,
    /// Who says so.
    pub source: Option<String>,
    /// Admiralty grade.
    pub confidence: Option<String>,
    /// TLP mark.
    pub handling: Option<String>,
}

/// A name, with the claims that give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NameRow {
    /// The name (hostile text).
    pub name: String,
    /// Who says so.
    pub claims: Vec<ClaimMark>,
}

/// A number by which a document or a register knows somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentifierRow {
    /// Passport, register number, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The number.
    pub number: String,
    /// Who gave it.
    pub issuer: Option<String>,
    /// The claim.
    pub claim: String,
}

/// One thing of which claims say several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisagreementRow {
    /// Which field.
    pub field: &'static str,
    /// What is said: first what counts.
    pub values: Vec<ValueRow>,
}

/// One of several values that are said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueRow {
    /// The value.
    pub value: String,
    /// Who says so.
    pub claims: Vec<ClaimMark>,
}

/// A relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelationRow {
    /// One end.
    pub from: String,
    /// What the case calls it.
    pub from_name: Option<String>,
    /// How.
    pub relation: RelationKind,
    /// The other end.
    pub to: String,
    /// What the case calls it.
    pub to_name: Option<String>,
    /// Of what is owned, in per cent, by the strongest claim that says so.
    pub share: Option<String>,
    /// Who says so, the strongest first.
    pub claims: Vec<ClaimMark>,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityPage {
    /// Its id in the case.
    pub entity: String,
    /// `person`, `organisation`, `group`, `vessel`; null where only relations name it.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it is called; the first is the one to show.
    pub names: Vec<NameRow>,
    /// When a person was born.
    pub born: Option<String>,
    /// Of which state.
    pub nationality: Option<String>,
    /// Numbers that documents and registers give.
    pub identifiers: Vec<IdentifierRow>,
    /// What else is said.
    pub notes: Vec<NameRow>,
    /// Where claims do not agree.
    pub disagreements: Vec<DisagreementRow>,
    /// Whom it belongs to.
    pub relations: Vec<RelationRow>,
    /// The paths to entries of sanctions lists.
    pub listed: PathsRows,
}

/// Paths from one end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PathsRows {
    /// The shortest first, of those the strongest.
    pub paths: Vec<PathRow>,
    /// Whether there may be more.
    pub cut: bool,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathRow {
    /// Its ends, first to last.
    pub ends: Vec<EndRow>,
    /// What is said between each of them and the next: the strongest first.
    pub steps: Vec<Vec<RelationRow>>,
    /// Which step carries least, counted from 0.
    pub weakest_step: usize,
    /// Its strongest claim: the path is worth as much.
    pub weakest: ClaimMark,
}

/// An end of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndRow {
    /// `entity:ID`, `list:LIST/REFERENCE`, `incident:ID` or CAIP-10.
    pub end: String,
    /// What the case calls it (hostile text).
    pub name: Option<String>,
}

/// The paths between two ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathsPage {
    /// From here.
    pub from: EndRow,
    /// To here.
    pub to: EndRow,
    /// The paths.
    #[serde(flatten)]
    pub found: PathsRows,
}

/// Reads an end as a user writes it; a bare address is one of the chain that is named.
///
/// # Errors
/// Where it is none.
pub fn end(text: &str, chain: Option<&Chain>) -> Result<RelationEnd, Error> {
    let is_named = ["entity:", "incident:", "list:"]
        .iter()
        .any(|kind| text.starts_with(kind));
    if is_named {
        return text.parse().map_err(|why: String| Error::new(why));
    }
    let account = parse_account(text, chain).map_err(|error| {
        Error::new(format!("{text:?} is not an end of relations: {error}")).with_hint(
            "write entity:ID, list:LIST/REFERENCE, incident:ID or an address with its chain",
        )
    })?;
    Ok(RelationEnd::Account(account))
}

/// Whether a text names somebody of the case, or an entry of a list, and no thing of a chain.
#[must_use]
pub fn is_end(text: &str) -> bool {
    text.starts_with("entity:") || text.starts_with("list:")
}

/// Somebody, as the case knows them.
///
/// # Errors
/// Where the case says nothing of them.
pub(crate) fn entity_page(case: &Case, id: &str) -> Result<EntityPage, Error> {
    let end: RelationEnd = format!("entity:{id}")
        .parse()
        .map_err(|why: String| Error::new(why))?;
    let desk = Desk::of(case);
    let view = EntityView::of(case, id);
    let relations = desk.relations(&end);
    if view.is_none() && relations.is_empty() {
        return Err(
            Error::new(format!("the case says nothing of entity {id:?}"))
                .with_hint("`whither evidence list --kind entity` lists those it knows"),
        );
    }
    let claims = view.iter().flat_map(|view| &view.claims);
    let identifiers = claims.clone().flat_map(|(claim, entity)| {
        entity.identifiers.iter().map(|known| IdentifierRow {
            kind: known.kind.clone(),
            number: known.number.clone(),
            issuer: known.issuer.clone(),
            claim: claim.name(),
        })
    });
    let notes = claims.clone().filter_map(|(claim, entity)| {
        let name = entity.note.clone()?;
        Some(NameRow {
            name,
            claims: vec![mark(claim)],
        })
    });
    let names = view
        .iter()
        .flat_map(|view| &view.names)
        .map(|(name, by)| NameRow {
            name: (*name).to_owned(),
            claims: by.iter().map(|claim| mark(claim)).collect(),
        });
    let disagreements = view.iter().flat_map(|view| &view.disagreements);
    Ok(EntityPage {
        entity: id.to_owned(),
        kind: claims.clone().next().map(|(_, entity)| word(&entity.kind)),
        names: names.collect(),
        born: claims
            .clone()
            .find_map(|(_, entity)| entity.born.as_ref().map(ToString::to_string)),
        nationality: claims
            .clone()
            .find_map(|(_, entity)| entity.nationality.clone()),
        identifiers: identifiers.collect(),
        notes: notes.collect(),
        disagreements: disagreements
            .map(|said| DisagreementRow {
                field: said.field,
                values: said
                    .values
                    .iter()
                    .map(|(value, by)| ValueRow {
                        value: value.clone(),
                        claims: by.iter().map(|claim| mark(claim)).collect(),
                    })
                    .collect(),
            })
            .collect(),
        relations,
        listed: desk.listed(&end),
    })
}

/// The relations of an end, and its paths to lists; nothing where there is no case.
pub(crate) fn around(case: Option<&Case>, end: &RelationEnd) -> (Vec<RelationRow>, PathsRows) {
    let Some(case) = case else {
        return (Vec::new(), PathsRows::default());
    };
    let desk = Desk::of(case);
    (desk.relations(end), desk.listed(end))
}

/// The paths from one end to another.
#[must_use]
pub fn paths(case: &Case, from: &RelationEnd, to: &RelationEnd) -> PathsPage {
    let desk = Desk::of(case);
    PathsPage {
        from: desk.names.end(from),
        to: desk.names.end(to),
        found: desk.rows(&desk.graph.paths(from, Target::End(to))),
    }
}

/// A case's graph and names.
struct Desk<'a> {
    graph: Graph<'a>,
    names: Names,
}

impl<'a> Desk<'a> {
    fn of(case: &'a Case) -> Self {
        Self {
            graph: Graph::of(case),
            names: Names::of(case),
        }
    }

    fn relations(&self, end: &RelationEnd) -> Vec<RelationRow> {
        let ties = self.graph.ties_of(end);
        let related = ties.into_iter().flat_map(|tie| &tie.relations);
        related
            .map(|related| self.names.relation(related))
            .collect()
    }

    fn listed(&self, end: &RelationEnd) -> PathsRows {
        self.rows(&self.graph.paths(end, Target::Listed))
    }

    fn rows(&self, found: &Paths<'_>) -> PathsRows {
        PathsRows {
            paths: found
                .paths
                .iter()
                .filter_map(|path| self.names.path(path))
                .collect(),
            cut: found.is_cut,
        }
    }
}

/// What a case calls the ends of its relations, and paths told in these names.
pub(crate) struct Names(BTreeMap<RelationEnd, String>);

impl Names {
    pub(crate) fn of(case: &Case) -> Self {
        let mut names: BTreeMap<RelationEnd, String> = BTreeMap::new();
        for (id, name) in EntityView::all(case) {
            if let Ok(end) = format!("entity:{id}").parse() {
                names.insert(end, name.to_owned());
            }
        }
        let labels = case.services().chain(case.deposits()).chain(case.labels());
        for (_, said) in labels {
            if let Ok(account) = parse_account(&said.address, None) {
                names
                    .entry(RelationEnd::Account(account))
                    .or_insert_with(|| said.name.clone());
            }
        }
        Self(names)
    }

    fn end(&self, end: &RelationEnd) -> EndRow {
        EndRow {
            end: end.to_string(),
            name: self.0.get(end).cloned(),
        }
    }

    pub(crate) fn path(&self, path: &Path<'_>) -> Option<PathRow> {
        let step = |tie: &Tie<'_>| {
            let related = tie.relations.iter();
            related.map(|related| self.relation(related)).collect()
        };
        Some(PathRow {
            ends: path.ends.iter().map(|end| self.end(end)).collect(),
            steps: path.ties.iter().map(step).collect(),
            weakest_step: path.weakest(),
            weakest: mark(path.weakest_claim()?),
        })
    }

    fn relation(&self, related: &Related<'_>) -> RelationRow {
        let share =
            |(_, relation): &(&Claim, &Relation)| relation.share.map(|share| share.to_string());
        let name = |end| self.0.get(end).cloned();
        RelationRow {
            from: related.from.to_string(),
            from_name: name(related.from),
            relation: related.relation,
            to: related.to.to_string(),
            to_name: name(related.to),
            share: related.claims.iter().find_map(share),
            claims: related
                .claims
                .iter()
                .map(|(claim, _)| mark(claim))
                .collect(),
        }
    }
}

fn mark(claim: &Claim) -> ClaimMark {
    ClaimMark {
        claim: claim.name(),
        source: claim.marks.source.clone(),
        confidence: claim.marks.confidence.map(|mark| mark.to_string()),
        handling: claim.marks.handling.map(|mark| mark.to_string()),
    }
}

/// A value as claims write it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    let text = value.and_then(|value| value.as_str().map(ToOwned::to_owned));
    text.unwrap_or_default()
}
