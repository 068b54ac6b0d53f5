//! Persons, organisations and how they belong together: a graph over the standing `relation` claims.
//!
//! Address, trader, front company, listed bureau: a path is worth as much as its weakest claim, and shows which
//! that is. Names decide nothing here, ids do: two entities are one only where a claim says `same-as`, and that
//! claim is a step of the path like any other. What several people say of one pair stands side by side.

mod entity;
mod paths;

use std::cmp::Reverse;
use std::collections::BTreeMap;

pub use entity::{Disagreement, EntityView};
pub use paths::{LENGTH_MAX, PATHS_MAX, Paths, Target};

use crate::case::Case;
use crate::claims::{Claim, Relation, RelationEnd, RelationKind};
use crate::marks::{Confidence, Handling};

/// How weak a claim is, the strongest first: by Admiralty code, reliability before credibility; then by handling,
/// for what fewer may see carries less. Unmarked is weakest in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weakness {
    confidence: (bool, Option<Confidence>),
    handling: (bool, Option<Handling>),
}

impl Weakness {
    /// Of a claim.
    #[must_use]
    pub fn of(claim: &Claim) -> Self {
        let (confidence, handling) = (claim.marks.confidence, claim.marks.handling);
        Self {
            confidence: (confidence.is_none(), confidence),
            handling: (handling.is_none(), handling),
        }
    }
}

/// One relation between two ends, with everybody who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related<'a> {
    /// Who owns, controls, works for, … the other.
    pub from: &'a RelationEnd,
    /// How.
    pub relation: RelationKind,
    /// The other.
    pub to: &'a RelationEnd,
    /// The claims, the strongest first.
    pub claims: Vec<(&'a Claim, &'a Relation)>,
}

impl Related<'_> {
    /// How weak the strongest of its claims is.
    #[must_use]
    pub fn weakness(&self) -> Weakness {
        Weakness::of(self.claims[0].0)
    }
}

/// All that is said between two ends: the relation that rests on the strongest claim first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie<'a> {
    /// At least one.
    pub relations: Vec<Related<'a>>,
}

impl Tie<'_> {
    /// How weak the strongest claim between the two is.
    #[must_use]
    pub fn weakness(&self) -> Weakness {
        self.relations[0].weakness()
    }
}

/// Who belongs to whom.
#[derive(Clone, Debug, Default)]
pub struct Graph<'a> {
    /// Ends in their order.
    nodes: Vec<&'a RelationEnd>,
    /// Per node its neighbours in their order, with the tie between.
    around: Vec<Vec<(usize, usize)>>,
    ties: Vec<Tie<'a>>,
}

impl<'a> Graph<'a> {
    /// The graph of a case.
    #[must_use]
    pub fn of(case: &'a Case) -> Self {
        Self::from_claims(case.relations())
    }

    /// The graph of these claims.
    pub fn from_claims(claims: impl IntoIterator<Item = (&'a Claim, &'a Relation)>) -> Self {
        type Key<'a> = (&'a RelationEnd, RelationKind, &'a RelationEnd);
        let mut said: BTreeMap<Key<'a>, Vec<(&'a Claim, &'a Relation)>> = BTreeMap::new();
        for (claim, relation) in claims {
            let (from, to) = (&relation.from, &relation.to);
            // Another name of it is as much the other's: one relation, whoever is named first.
            let is_turned = relation.relation == RelationKind::SameAs && from > to;
            let (from, to) = if is_turned { (to, from) } else { (from, to) };
            let key = (from, relation.relation, to);
            said.entry(key).or_default().push((claim, relation));
        }
        let mut pairs: BTreeMap<(&RelationEnd, &RelationEnd), Vec<Related<'a>>> = BTreeMap::new();
        for ((from, relation, to), mut claims) in said {
            claims.sort_by_key(|(claim, _)| {
                (Weakness::of(claim), Reverse(claim.marks.published.clone()))
            });
            let related = Related {
                from,
                relation,
                to,
                claims,
            };
            pairs
                .entry((from.min(to), from.max(to)))
                .or_default()
                .push(related);
        }
        Self::from_pairs(pairs)
    }

    fn from_pairs(pairs: BTreeMap<(&'a RelationEnd, &'a RelationEnd), Vec<Related<'a>>>) -> Self {
        let mut nodes: Vec<&RelationEnd> = pairs.keys().flat_map(|(a, b)| [*a, *b]).collect();
        nodes.sort();
        nodes.dedup();
        let mut graph = Self {
            around: vec![Vec::new(); nodes.len()],
            nodes,
            ties: Vec::new(),
        };
        for ((a, b), mut relations) in pairs {
            relations.sort_by_key(Related::weakness);
            let (a, b) = (graph.node(a), graph.node(b));
            if let (Some(a), Some(b)) = (a, b) {
                graph.around[a].push((b, graph.ties.len()));
                graph.around[b].push((a, graph.ties.len()));
                graph.ties.push(Tie { relations });
            }
        }
        for neighbours in &mut graph.around {
            neighbours.sort_unstable();
        }
        graph
    }

    /// All ends that relations name, in their order.
    #[must_use]
    pub fn ends(&self) -> &[&'a RelationEnd] {
        &self.nodes
    }

    /// What is said between an end and all others.
    #[must_use]
    pub fn ties_of(&self, end: &RelationEnd) -> Vec<&Tie<'a>> {
        let neighbours = self.node(end).map(|node| &self.around[node]);
        let ties = neighbours.into_iter().flatten();
        ties.map(|(_, tie)| &self.ties[*tie]).collect()
    }

    fn node(&self, end: &RelationEnd) -> Option<usize> {
        self.nodes.binary_search(&end).ok()
    }
}

/// A way from one end to another that passes no end twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// Where it leads, first to last.
    pub ends: Vec<&'a RelationEnd>,
    /// What is said between each of them and the next.
    pub ties: Vec<Tie<'a>>,
}

impl<'a> Path<'a> {
    /// The step that carries least: of several, the first.
    #[must_use]
    pub fn weakest(&self) -> usize {
        let weakest = (0..self.ties.len()).min_by_key(|step| Reverse(self.ties[*step].weakness()));
        weakest.unwrap_or_default()
    }

    /// The claim that the path is worth as much as: the strongest of its weakest step.
    #[must_use]
    pub fn weakest_claim(&self) -> Option<&'a Claim> {
        let tie = self.ties.get(self.weakest())?;
        Some(tie.relations[0].claims[0].0)
    }

    /// How weak its weakest step is.
    #[must_use]
    pub fn weakness(&self) -> Option<Weakness> {
        self.ties.get(self.weakest()).map(Tie::weakness)
    }

    /// Whether the path rests on a claim: without it, it breaks or grows weaker.
    #[must_use]
    pub fn uses(&self, claim: &Claim) -> bool {
        let relations = self.ties.iter().flat_map(|tie| &tie.relations);
        let mut claims = relations.flat_map(|related| &related.claims);
        claims.any(|(known, _)| known.id == claim.id)
    }

    /// Shorter first, then stronger, then in the order of its ends.
    fn order(&self) -> (usize, Option<Weakness>, Vec<&'a RelationEnd>) {
        (self.ends.len(), self.weakness(), self.ends.clone())
    }
}
