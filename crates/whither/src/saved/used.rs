//! The claims that a total or an assessment rests on: those that would make it another if they were struck.
//!
//! A trace names its claims in its answer. A total names incidents, and rests on all that is said of them; so it is told
//! here, where the claims are at hand.

use std::collections::BTreeSet;

use whither_casework::claims::{Body, Finding};
use whither_casework::incidents::{Folded, Published, Same, Total, fold};
use whither_casework::{Case, Hash, Lies};

/// The claims of a total: on the incidents that it counts, sets aside or compares, on who are one, on published totals,
/// and on the sources that it names.
pub(crate) fn of_total(case: &Case, total: &Total) -> BTreeSet<Hash> {
    let claims = case.claims();
    let same = Same::of(claims);
    let incidents = incidents(case, total, &same);
    let cited: BTreeSet<&str> = total.cited.iter().map(|row| row.claim.as_str()).collect();
    let of_rows = total.rows.iter().filter_map(|row| row.source.as_deref());
    let of_cited = total.cited.iter().filter_map(|row| row.source.as_deref());
    let sources: BTreeSet<&str> = of_rows.chain(of_cited).collect();
    let about = |id: &str| incidents.contains(same.one(id));
    let is_used = |body: &Body, name: String| match body {
        Body::Incident(said) => about(said.incident.as_str()),
        Body::Loss(said) => about(said.incident.as_str()),
        Body::Attribution(said) => about(said.incident.as_str()),
        Body::SameIncident(said) => said.incidents.iter().any(|id| about(id.as_str())),
        Body::DistinctIncidents(said) => said.incidents.iter().any(|id| about(id.as_str())),
        Body::Cited(_) => cited.contains(name.as_str()),
        Body::Source(said) => sources.contains(said.record.as_str()),
        Body::Descriptor(said) => sources.contains(said.of.as_str()),
        _ => false,
    };
    let used = claims.iter();
    let used = used.filter(|claim| is_used(&claim.body, claim.name()));
    used.map(|claim| claim.says).collect()
}

/// The incidents that a total rests on, also those of the periods of published totals.
fn incidents(case: &Case, total: &Total, same: &Same) -> BTreeSet<String> {
    let mut incidents: BTreeSet<String> = BTreeSet::new();
    incidents.extend(total.rows.iter().map(|row| row.incident.clone()));
    incidents.extend(total.straddling.iter().map(|row| row.incident.clone()));
    incidents.extend(total.undated.iter().cloned());
    incidents.extend(total.caveats.iter().filter_map(|row| row.incident.clone()));
    let published = Published::of(case.claims());
    let periods: Vec<_> = published
        .iter()
        .filter(|published| {
            let mut rows = total.cited.iter();
            rows.any(|row| row.claim == published.cite.claim)
        })
        .map(|published| published.days)
        .collect();
    for view in fold(case.claims(), same) {
        let days = Folded::of(&view).days();
        let touches = days.is_some_and(|days| {
            let mut periods = periods.iter();
            periods.any(|period| days.lies(*period) != Lies::Outside)
        });
        if touches {
            incidents.insert(view.incident);
        }
    }
    incidents
}

/// The claims of an assessment: its hypotheses, its evidence, its sentences, the findings that the evidence rests on, and
/// the claims that those were computed from.
pub(crate) fn of_assessment(case: &Case, incident: &str) -> BTreeSet<Hash> {
    let mut used = BTreeSet::new();
    let mut names = BTreeSet::new();
    for claim in case.claims() {
        let of = match &claim.body {
            Body::Hypothesis(said) => &said.incident,
            Body::Evidence(said) => &said.incident,
            Body::Assessment(said) => &said.incident,
            _ => continue,
        };
        if of.as_str() != incident {
            continue;
        }
        used.insert(claim.says);
        if let Body::Evidence(said) = &claim.body {
            names.extend(said.finding.as_ref());
        }
    }
    let is_named = |finding: &Finding| names.contains(&finding.finding);
    for (claim, finding) in case.findings().filter(|(_, finding)| is_named(finding)) {
        used.insert(claim.says);
        used.extend(&finding.claims);
    }
    used
}
