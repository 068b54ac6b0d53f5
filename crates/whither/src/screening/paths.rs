//! How the persons, organisations and addresses of a case lead to one another, as screening asks.
//!
//! A step is a relation, or a label, a service or a deposit that names the entity of its address. The latter is shown as
//! `member-of`, the address belonging to the entity, and is worth as much as the claim that says so.
//!
//! Whether a way goes on behind somebody who is listed depends on how certain that is. Behind one who is proven to be
//! nothing can matter more; a name that is alike must not hide who is proven.
//!
//! An address of which no more is said than whose it is ends every way. It is kept out of the graph, and its ways are
//! those of its entity with one step more: cases have hundreds of thousands of them.
//!
//! Not here: who is listed.

use std::collections::{BTreeMap, BTreeSet};

use whither_casework::claims::{Relation, RelationEnd, RelationKind};
use whither_casework::relations::{Graph, Path, Target, Tie};
use whither_casework::{Case, Claim};
use whither_ledger::address::parse_account;

use crate::related::{Names, PathsRows};

/// The most paths that are shown of one subject to one who is listed.
const PATHS_MAX: usize = 3;

/// Whom ways may lead to, and whether they end there.
pub(super) type Targets = BTreeMap<RelationEnd, bool>;

/// By subject, whom it is led to and how.
pub(super) type Ways = BTreeMap<RelationEnd, Vec<(RelationEnd, PathsRows)>>;

/// What a claim says of two ends.
type Said<'a> = (&'a Claim, &'a Relation);

/// One who ways lead to, with the shortest of them.
struct Found<'a> {
    to: RelationEnd,
    paths: Vec<Path<'a>>,
    is_cut: bool,
}

/// A case with the entities that its addresses are said to belong to.
pub(super) struct Ties<'a> {
    case: &'a Case,
    said: Vec<(&'a Claim, Relation)>,
    names: Names,
}

impl<'a> Ties<'a> {
    /// Those of a case.
    pub(super) fn of(case: &'a Case) -> Self {
        let mut said = Vec::new();
        let labels = case.services().chain(case.deposits()).chain(case.labels());
        for (claim, label) in labels {
            let Ok(account) = parse_account(&label.address, None) else {
                continue;
            };
            if let Some(entity) = &label.entity {
                let tie = Relation {
                    from: RelationEnd::Account(account),
                    relation: RelationKind::MemberOf,
                    to: RelationEnd::Entity(entity.clone()),
                    share: None,
                };
                said.push((claim, tie));
            }
        }
        Self {
            case,
            said,
            names: Names::of(case),
        }
    }

    /// The addresses and entities that are tied.
    pub(super) fn ends(&self) -> impl Iterator<Item = &RelationEnd> {
        self.said.iter().flat_map(|(_, tie)| [&tie.from, &tie.to])
    }

    /// Whom each subject is led to: by the shortest few ways, none of which passes one where ways end.
    pub(super) fn ways(&self, subjects: &BTreeSet<RelationEnd>, targets: &Targets) -> Ways {
        let leaves = self.leaves(targets);
        let kept = self
            .said
            .iter()
            .filter(|(_, tie)| !leaves.contains_key(&tie.from))
            .map(|(claim, tie)| (*claim, tie));
        let graph = Graph::from_claims(self.case.relations().chain(kept));
        let mut of_entities: BTreeMap<&RelationEnd, Vec<Found<'_>>> = BTreeMap::new();
        let mut ways = Ways::new();
        for from in subjects {
            let found = match leaves.get(from) {
                Some(ties) => {
                    let entity = &ties[0].1.to;
                    let further = of_entities
                        .entry(entity)
                        .or_insert_with(|| all(&graph, entity, targets));
                    longer(ties, further, targets)
                }
                None => all(&graph, from, targets),
            };
            if !found.is_empty() {
                let rows = found.into_iter().map(|one| {
                    let paths = one.paths.iter().filter_map(|path| self.names.path(path));
                    let rows = PathsRows {
                        paths: paths.collect(),
                        cut: one.is_cut,
                    };
                    (one.to, rows)
                });
                ways.insert(from.clone(), rows.collect());
            }
        }
        ways
    }

    /// Addresses of which no more is said than that they belong to one entity, with the claims. One that is listed is none:
    /// ways lead there.
    fn leaves(&self, targets: &Targets) -> BTreeMap<&RelationEnd, Vec<Said<'_>>> {
        let relations = self.case.relations();
        let related: BTreeSet<&RelationEnd> = relations
            .flat_map(|(_, relation)| [&relation.from, &relation.to])
            .collect();
        let mut leaves: BTreeMap<&RelationEnd, Vec<Said<'_>>> = BTreeMap::new();
        for (claim, tie) in &self.said {
            if !related.contains(&tie.from) && !targets.contains_key(&tie.from) {
                leaves.entry(&tie.from).or_default().push((*claim, tie));
            }
        }
        leaves.retain(|_, ties| ties.iter().all(|(_, tie)| tie.to == ties[0].1.to));
        leaves
    }
}

/// Whom an end of the graph is led to.
fn all<'g>(graph: &Graph<'g>, from: &RelationEnd, targets: &Targets) -> Vec<Found<'g>> {
    let mut all = Vec::new();
    for to in targets.keys().filter(|to| *to != from) {
        let mut found = graph.paths(from, Target::End(to));
        found.paths.retain(|path| {
            let mut between = path.ends[1..path.ends.len() - 1].iter();
            !between.any(|end| ends_at(targets, end))
        });
        if found.paths.is_empty() {
            continue;
        }
        let is_cut = found.is_cut || found.paths.len() > PATHS_MAX;
        found.paths.truncate(PATHS_MAX);
        all.push(Found {
            to: to.clone(),
            paths: found.paths,
            is_cut,
        });
    }
    all
}

fn ends_at(targets: &Targets, end: &RelationEnd) -> bool {
    targets.get(end).is_some_and(|ends| *ends)
}

/// Whom an address is led to by its entity: the entity itself, and, unless ways end there, whom that is led to.
fn longer<'s>(ties: &[Said<'s>], further: &[Found<'s>], targets: &Targets) -> Vec<Found<'s>> {
    let (account, entity) = (&ties[0].1.from, &ties[0].1.to);
    let graph = Graph::from_claims(ties.iter().copied());
    let step: Vec<Tie<'s>> = graph.ties_of(account).into_iter().cloned().collect();
    let mut found = Vec::new();
    if targets.contains_key(entity) {
        let path = Path {
            ends: vec![account, entity],
            ties: step.clone(),
        };
        found.push(Found {
            to: entity.clone(),
            paths: vec![path],
            is_cut: false,
        });
    }
    if ends_at(targets, entity) {
        return found;
    }
    for one in further {
        let paths = one.paths.iter().map(|path| Path {
            ends: [&[account][..], &path.ends[..]].concat(),
            ties: [&step[..], &path.ties[..]].concat(),
        });
        found.push(Found {
            to: one.to.clone(),
            paths: paths.collect(),
            is_cut: one.is_cut,
        });
    }
    found
}
