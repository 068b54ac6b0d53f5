//! What falls when a claim is struck: findings that used it, what rests on those, and paths that break.
//!
//! Only what the case itself tells; what a finding would be without the claim is computed above.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::claims::{Assessment, Body, Claim, Evidence, Finding, Relation, RelationEnd};
use crate::hash::Hash;
use crate::relations::{Graph, Path, Target};
use crate::words::Word;

/// No more paths than this are listed, and they are looked for from no more ends than this.
const PATHS_MAX: usize = 200;
const STARTS_MAX: usize = 500;

/// What rests on a claim.
#[derive(Clone, Debug, Default)]
pub struct Falls<'a> {
    /// Findings that used it.
    pub findings: Vec<(&'a Claim, &'a Finding)>,
    /// Evidence that rests on those findings, or on the struck one.
    pub evidence: Vec<(&'a Claim, &'a Evidence)>,
    /// Assessments of what that evidence weighs on, or of a struck hypothesis.
    pub assessments: Vec<(&'a Claim, &'a Assessment)>,
    /// Paths to sanctions lists that break, or are worth less.
    pub paths: Vec<BrokenPath>,
    /// Whether there may be more of them.
    pub is_cut: bool,
}

/// A path that rests on a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPath {
    /// Its ends, first to last.
    pub ends: Vec<RelationEnd>,
    /// Whether it is gone; otherwise it stands on a weaker claim.
    pub is_gone: bool,
}

/// What falls when a claim is struck.
#[must_use]
pub fn falls<'a>(case: &'a Case, struck: &Claim) -> Falls<'a> {
    let uses = |finding: &Finding| {
        finding.claims.contains(&struck.says) || finding.claims.contains(&struck.id)
    };
    let findings: Vec<(&Claim, &Finding)> = case
        .findings()
        .filter(|(_, finding)| uses(finding))
        .collect();
    let mut names: BTreeSet<&Word> = findings
        .iter()
        .map(|(_, finding)| &finding.finding)
        .collect();
    if let Body::Finding(finding) = &struck.body {
        names.insert(&finding.finding);
    }
    let rests = |claim: &Claim, evidence: &Evidence| {
        claim.id == struck.id
            || evidence
                .finding
                .as_ref()
                .is_some_and(|name| names.contains(name))
    };
    let evidence: Vec<(&Claim, &Evidence)> = case
        .evidence()
        .filter(|(claim, evidence)| rests(claim, evidence))
        .collect();
    let assessments = case.assessments().filter(|(_, assessment)| {
        let weighs = evidence.iter().any(|(_, evidence)| {
            evidence.incident == assessment.incident
                && evidence.likelihoods.contains_key(&assessment.hypothesis)
        });
        weighs || is_of(assessment, struck)
    });
    let (paths, is_cut) = paths(case, struck);
    Falls {
        assessments: assessments.collect(),
        evidence: evidence
            .into_iter()
            .filter(|(claim, _)| claim.id != struck.id)
            .collect(),
        findings,
        paths,
        is_cut,
    }
}

/// Whether an assessment is of a hypothesis that is struck.
fn is_of(assessment: &Assessment, struck: &Claim) -> bool {
    match &struck.body {
        Body::Hypothesis(said) => {
            said.incident == assessment.incident && said.hypothesis == assessment.hypothesis
        }
        _ => false,
    }
}

/// Paths to lists, from accounts and entities, that a struck relation carries; and whether there may be more.
fn paths(case: &Case, struck: &Claim) -> (Vec<BrokenPath>, bool) {
    if !matches!(struck.body, Body::Relation(_)) {
        return (Vec::new(), false);
    }
    let (before, after) = (Graph::of(case), without(case, struck.id));
    let is_start =
        |end: &&&RelationEnd| matches!(end, RelationEnd::Account(_) | RelationEnd::Entity(_));
    let mut starts = before.ends().iter().filter(is_start);
    let mut broken = Vec::new();
    for end in starts.by_ref().take(STARTS_MAX) {
        let found = before.paths(end, Target::Listed).paths.into_iter();
        let carried: Vec<Path<'_>> = found.filter(|path| path.uses(struck)).collect();
        if carried.is_empty() {
            continue;
        }
        let left = after.paths(end, Target::Listed).paths;
        for path in carried {
            if broken.len() >= PATHS_MAX {
                return (broken, true);
            }
            let kept = left.iter().find(|known| known.ends == path.ends);
            if kept.is_none_or(|kept| kept.weakness() > path.weakness()) {
                broken.push(BrokenPath {
                    ends: path.ends.iter().map(|end| (*end).clone()).collect(),
                    is_gone: kept.is_none(),
                });
            }
        }
    }
    let is_cut = starts.next().is_some();
    (broken, is_cut)
}

fn without(case: &Case, struck: Hash) -> Graph<'_> {
    let relations = case.relations();
    let left = relations.filter(|(claim, _): &(&Claim, &Relation)| claim.id != struck);
    Graph::from_claims(left)
}
