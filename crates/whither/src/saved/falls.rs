//! What falls when a claim is struck, before anybody strikes it.
//!
//! The findings that used it are computed anew without it, from the case as it was for each of them: what
//! changes is the claim's doing and nothing else's.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use whither_casework::findings::{Kept, differences, kept};
use whither_casework::{Case, Claim, Json, Ledger};

use super::{ASSESS, TOTAL, again};
use crate::error::Error;
use crate::evidence::named;
use crate::question::Chains;

/// No more changes of one finding than this are listed.
const CHANGES_MAX: usize = 100;

/// What rests on a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Falls {
    /// `whither.falls/1`.
    pub schema: &'static str,
    /// The claim, by its handle or hash.
    pub claim: String,
    /// The entry that made it.
    pub entry: String,
    /// What kind of claim.
    pub kind: String,
    /// Findings that used it.
    pub findings: Vec<FallenFinding>,
    /// Evidence that rests on those.
    pub evidence: Vec<FallenEvidence>,
    /// Assessments that weigh that evidence.
    pub assessments: Vec<FallenAssessment>,
    /// Paths to sanctions lists that break, or are worth less.
    pub paths: Vec<FallenPath>,
    /// Whether there may be more paths.
    pub paths_cut: bool,
}

/// A finding that used the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FallenFinding {
    /// Its name.
    pub finding: String,
    /// What computed it.
    pub command: String,
    /// What is another without the claim.
    pub changes: Vec<Change>,
    /// Whether there are more changes.
    pub changes_cut: bool,
    /// Why it cannot be computed without the claim, where it cannot.
    pub error: Option<String>,
}

/// One thing that is another without the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What: an endpoint (kind, place, asset), or a place in the result.
    pub what: String,
    /// What it is with the claim; of an endpoint the amount, smallest units.
    pub with: String,
    /// What it is without.
    pub without: String,
}

/// Evidence that rests on a finding that falls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FallenEvidence {
    /// The claim.
    pub claim: String,
    /// Of which incident.
    pub incident: String,
    /// Its name there.
    pub evidence: String,
    /// What it says (hostile text).
    pub statement: String,
}

/// An assessment that weighs evidence that falls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FallenAssessment {
    /// The claim.
    pub claim: String,
    /// Of which incident.
    pub incident: String,
    /// Of which hypothesis.
    pub hypothesis: String,
    /// What it says (hostile text).
    pub sentence: String,
}

/// A path that the claim carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FallenPath {
    /// Its ends, first to last.
    pub ends: Vec<String>,
    /// Whether it is gone; otherwise it rests on a weaker claim.
    pub gone: bool,
}

impl Falls {
    /// Whether nothing rests on the claim.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.evidence.is_empty()
            && self.assessments.is_empty()
            && self.paths.is_empty()
    }
}

/// What falls when the claim of this name is struck.
///
/// # Errors
/// Where there is no case, or no one claim of that name.
pub fn falls(chains: &dyn Chains, dir: &Path, name: &str) -> Result<Falls, Error> {
    let ledger = Ledger::open(dir)?;
    let case = Case::of(&ledger)?;
    let claim = only(&ledger, &case, name)?;
    let fallen = whither_casework::findings::falls(&case, claim);
    let mut findings = Vec::new();
    for (saved, finding) in &fallen.findings {
        let changes = changes(chains, &ledger, (saved, finding), claim);
        let (changes, error) = match changes {
            Ok(changes) => (changes, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        findings.push(FallenFinding {
            finding: finding.finding.to_string(),
            command: finding.command.clone(),
            changes_cut: changes.len() > CHANGES_MAX,
            changes: changes.into_iter().take(CHANGES_MAX).collect(),
            error,
        });
    }
    Ok(Falls {
        schema: "whither.falls/1",
        claim: claim.name(),
        entry: claim.id.to_string(),
        kind: claim.body.kind_word().to_owned(),
        findings,
        evidence: fallen
            .evidence
            .iter()
            .map(|(claim, said)| FallenEvidence {
                claim: claim.name(),
                incident: said.incident.to_string(),
                evidence: said.evidence.to_string(),
                statement: said.statement.clone(),
            })
            .collect(),
        assessments: fallen
            .assessments
            .iter()
            .map(|(claim, said)| FallenAssessment {
                claim: claim.name(),
                incident: said.incident.to_string(),
                hypothesis: said.hypothesis.to_string(),
                sentence: said.sentence.clone(),
            })
            .collect(),
        paths: fallen
            .paths
            .iter()
            .map(|path| FallenPath {
                ends: path.ends.iter().map(ToString::to_string).collect(),
                gone: path.is_gone,
            })
            .collect(),
        paths_cut: fallen.is_cut,
    })
}

/// The standing claim of a handle or a hash; a correction stands for the claim that it corrects.
fn only<'a>(ledger: &Ledger, case: &'a Case, name: &str) -> Result<&'a Claim, Error> {
    let hash = named(ledger, name)?;
    let mut claims = case.claims().iter();
    let claim = claims.find(|claim| claim.id == hash || claim.says == hash);
    claim.ok_or_else(|| {
        Error::new(format!("no claim {name:?} stands in the case"))
            .with_hint("`whither evidence list` lists those that stand")
    })
}

/// What a finding would be without a claim: the kept result against one computed without it.
fn changes(
    chains: &dyn Chains,
    ledger: &Ledger,
    (saved, finding): (&Claim, &whither_casework::claims::Finding),
    struck: &Claim,
) -> Result<Vec<Change>, Error> {
    let Kept::Here(text) = kept(ledger, saved)? else {
        return Err(Error::new("its result is not in this copy of the case"));
    };
    let with = Json::read(text.as_bytes()).map_err(Error::new)?;
    let head = finding.head().map_err(Error::new)?;
    let then = Case::of(&ledger.clone().at(&head)?)?.without(struck.id);
    let without = again::compute(chains, &then, &finding.command, &finding.parameters)?;
    let (known, nothing) = match finding.command.as_str() {
        "trace" => return Ok(compared(&endpoints(&with), &endpoints(&without), "0")),
        TOTAL => (total_figures as fn(&Json) -> _, "not counted"),
        ASSESS => (assessment_figures as fn(&Json) -> _, "nothing"),
        _ => ((|_| BTreeMap::new()) as fn(&Json) -> _, "nothing"),
    };
    let figures = compared(&known(&with), &known(&without), nothing);
    if !figures.is_empty() {
        return Ok(figures);
    }
    let found = differences(&with, &without, CHANGES_MAX + 1).into_iter();
    let found = found.filter(|at| !at.path.starts_with("provenance") && at.path != "revision");
    Ok(found
        .map(|at| Change {
            what: at.path,
            with: at.expected,
            without: at.found,
        })
        .collect())
}

/// What of two sets of figures differs; what is not in one is told in a word.
fn compared(
    with: &BTreeMap<String, String>,
    without: &BTreeMap<String, String>,
    nothing: &str,
) -> Vec<Change> {
    let amount = |figures: &BTreeMap<String, String>, what: &String| {
        let found = figures.get(what).cloned();
        found.unwrap_or_else(|| nothing.to_owned())
    };
    let mut all: Vec<&String> = with.keys().chain(without.keys()).collect();
    all.sort();
    all.dedup();
    let changes = all.into_iter().map(|what| Change {
        with: amount(with, what),
        without: amount(without, what),
        what: what.clone(),
    });
    changes
        .filter(|change| change.with != change.without)
        .collect()
}

/// The sums of a total, and the value of each incident, in US dollars.
fn total_figures(total: &Json) -> BTreeMap<String, String> {
    let shown = |value: Option<&Json>| match value {
        Some(Json::Text(text)) => text.clone(),
        None | Some(Json::Null) => "no value".to_owned(),
        Some(value) => value.canonical(),
    };
    let sums = ["usd", "min", "max", "net", "incidents"];
    let sums = sums.map(|key| (key.to_owned(), shown(total.field(key))));
    let list = |key: &str| total.field(key).and_then(Json::list).unwrap_or_default();
    let rows = list("rows").iter().map(|row| {
        let incident = row.field("incident").and_then(Json::text);
        let what = format!("incident {}", incident.unwrap_or_default());
        (what, shown(row.field("usd")))
    });
    let cited = list("cited").iter().map(|row| {
        let claim = row.field("claim").and_then(Json::text);
        let what = format!("difference to {}", claim.unwrap_or_default());
        (what, shown(row.field("difference")))
    });
    sums.into_iter().chain(rows).chain(cited).collect()
}

/// The posterior of each hypothesis, and whether each sentence stands.
fn assessment_figures(assessment: &Json) -> BTreeMap<String, String> {
    let list = |key: &str| {
        let list = assessment.field(key).and_then(Json::list);
        list.unwrap_or_default().iter()
    };
    let text = |json: &Json, key: &str| {
        let text = json.field(key).and_then(Json::text);
        text.unwrap_or_default().to_owned()
    };
    let hypotheses = list("hypotheses").map(|row| {
        let range = row.field("posterior").unwrap_or(&Json::Null);
        let ends = format!("{}–{}", text(range, "low"), text(range, "high"));
        (format!("hypothesis {}", text(row, "hypothesis")), ends)
    });
    let sentences = list("sentences").map(|row| {
        let fallen = row.field("rests_on_fallen").and_then(Json::list);
        let stands = row.field("allowed") == Some(&Json::Bool(true))
            && fallen.is_none_or(<[Json]>::is_empty);
        let what = format!(
            "sentence of {}: {}",
            text(row, "hypothesis"),
            text(row, "sentence")
        );
        (what, if stands { "stands" } else { "refused" }.to_owned())
    });
    hypotheses.chain(sentences).collect()
}

/// The endpoints of a trace with their amounts.
fn endpoints(trace: &Json) -> BTreeMap<String, String> {
    let ends = trace
        .field("endpoints")
        .and_then(Json::list)
        .unwrap_or_default();
    let ends = ends.iter().map(|end| {
        let text = |key: &str| end.field(key).and_then(Json::text);
        let place = text("output").or(text("address")).or(text("transaction"));
        let what = [text("kind"), place, text("asset")].map(Option::unwrap_or_default);
        (
            what.join(" "),
            text("amount").unwrap_or_default().to_owned(),
        )
    });
    ends.collect()
}
