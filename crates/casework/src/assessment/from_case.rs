//! The question that a case asks of an incident: its standing claims, folded into hypotheses, items and sentences.
//!
//! Several claims may say one thing of one hypothesis or item. One value must be used: that of the best confidence, then the
//! latest, then the first in canonical order; the others are named in a caveat. An item that rests on a finding counts only
//! while that finding stands, and every claim that it was computed from says what it said then.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{Item, ItemKind};
use super::outcome::Caveat;
use super::share::{Likelihood, Range};
use super::{Hypothesis, Question};
use crate::case::Case;
use crate::claims::{self, Body, Claim};
use crate::hash::Hash;
use crate::techniques::Technique;
use crate::words::Word;

/// What a case asks of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The hypotheses and the evidence.
    pub question: Question,
    /// Sentences that were recorded.
    pub sentences: Vec<Recorded>,
    /// The claims that were used, each by the entry whose payload counted.
    pub claims: Vec<Hash>,
    /// What a reader must know of the claims.
    pub caveats: Vec<Caveat>,
}

/// A sentence that somebody recorded of a hypothesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The claim that says it.
    pub claim: String,
    /// Who recorded it.
    pub author: String,
    /// Of which hypothesis.
    pub hypothesis: String,
    /// The sentence.
    pub sentence: String,
}

/// Reads what a case says of who stood behind an incident.
///
/// # Errors
/// Which claim says what cannot be weighed: a likelihood or a prior that is none.
pub fn asked(case: &Case, incident: &str) -> Result<Asked, String> {
    let mut caveats = missing(case);
    let hypotheses = case
        .hypotheses()
        .filter(|(_, said)| said.incident.as_str() == incident);
    let hypotheses = folded(
        "hypothesis",
        hypotheses,
        |said| said.hypothesis.as_str(),
        &mut caveats,
    );
    let evidence = case
        .evidence()
        .filter(|(_, said)| said.incident.as_str() == incident);
    let evidence = folded(
        "evidence",
        evidence,
        |said| said.evidence.as_str(),
        &mut caveats,
    );
    let sentences = case
        .assessments()
        .filter(|(_, said)| said.incident.as_str() == incident);
    let sentences: Vec<_> = sentences.collect();

    let used = hypotheses.iter().map(|(claim, _)| claim.says);
    let used = used.chain(evidence.iter().map(|(claim, _)| claim.says));
    let mut used: Vec<Hash> = used
        .chain(sentences.iter().map(|(claim, _)| claim.says))
        .collect();
    used.sort();
    let findings = Findings::of(
        case,
        evidence
            .iter()
            .filter_map(|(_, said)| said.finding.as_ref()),
    );
    let mut items = Vec::new();
    for (claim, said_of) in evidence {
        let fallen = said_of.finding.as_ref();
        let fallen = fallen.and_then(|name| findings.why_fallen(name.as_str()));
        items.push(item(claim, said_of, fallen, &mut caveats)?);
    }
    caveats.sort();
    Ok(Asked {
        question: Question {
            hypotheses: hypotheses
                .into_iter()
                .map(|(_, said)| hypothesis(said))
                .collect::<Result<_, _>>()?,
            items,
        },
        sentences: sentences
            .into_iter()
            .map(|(claim, said)| recorded(claim, said))
            .collect(),
        claims: used,
        caveats,
    })
}

/// Claims that may be about this incident, and that this copy does not tell.
fn missing(case: &Case) -> Vec<Caveat> {
    const KINDS: [&str; 3] = ["hypothesis", "evidence", "assessment"];
    let mut withheld: BTreeMap<&str, usize> = BTreeMap::new();
    let mut caveats = Vec::new();
    for claim in case
        .claims()
        .iter()
        .filter(|claim| KINDS.contains(&claim.body.kind_word()))
    {
        match &claim.body {
            Body::Withheld { .. } => *withheld.entry(claim.body.kind_word()).or_default() += 1,
            Body::Unreadable { why, .. } => {
                let what = format!(
                    "a claim of kind {} is not read: {why} ({})",
                    claim.body.kind_word(),
                    claim.name()
                );
                caveats.push(Caveat::new("unreadable", what));
            }
            _ => {}
        }
    }
    let withheld = withheld.into_iter().map(|(kind, count)| {
        let what = format!("claims of kind {kind} that are withheld from this copy: {count}; the result may be another with them");
        Caveat::new("withheld", what)
    });
    caveats.extend(withheld);
    caveats
}

/// One claim for each word, the one of most weight, in the order of the words.
fn folded<'a, T: PartialEq>(
    kind: &str,
    claims: impl Iterator<Item = (&'a Claim, &'a T)>,
    word: impl Fn(&'a T) -> &'a str,
    caveats: &mut Vec<Caveat>,
) -> Vec<(&'a Claim, &'a T)> {
    let mut by_word: BTreeMap<&str, Vec<(&Claim, &T)>> = BTreeMap::new();
    for (claim, said) in claims {
        by_word.entry(word(said)).or_default().push((claim, said));
    }
    let mut folded = Vec::new();
    for (word, mut claims) in by_word {
        claims.sort_by(|(a, _), (b, _)| a.weight().cmp(&b.weight()));
        let (first, said) = claims[0];
        let others = claims[1..].iter().filter(|(_, other)| *other != said);
        let others: Vec<String> = others.map(|(claim, _)| claim.name()).collect();
        if !others.is_empty() {
            let what = format!(
                "the {kind} {word} is said in several ways: {} counts, by its confidence and date; beside it {}",
                first.name(),
                others.join(", ")
            );
            caveats.push(Caveat::new("conflict", what));
        }
        folded.push((first, said));
    }
    folded
}

fn hypothesis(said: &claims::Hypothesis) -> Result<Hypothesis, String> {
    let id = said.hypothesis.to_string();
    let prior = said
        .prior
        .map(|prior| Range::parse(&prior.low().to_string(), &prior.high().to_string()));
    let prior = prior
        .transpose()
        .map_err(|error| format!("the prior of hypothesis {id}: {error}"))?;
    Ok(Hypothesis {
        id,
        statement: said.statement.clone(),
        prior,
    })
}

fn item(
    claim: &Claim,
    said: &claims::Evidence,
    fallen: Option<String>,
    caveats: &mut Vec<Caveat>,
) -> Result<Item, String> {
    let id = said.evidence.to_string();
    let kind = ItemKind::parse(&said.kind);
    if kind.is_none() {
        let kinds: Vec<&str> = ItemKind::ALL.iter().map(|kind| kind.text()).collect();
        let what = format!(
            "{id} is of the type {:?}, and was capped as `other`; the types are {}",
            said.kind,
            kinds.join(", ")
        );
        caveats.push(Caveat::new("unknown-type", what));
    }
    if let Some(Err(unknown)) = said.technique.as_deref().map(Technique::find) {
        caveats.push(Caveat::new("unknown-technique", format!("{id}: {unknown}")));
    }
    let mut likelihoods = BTreeMap::new();
    for (hypothesis, range) in &said.likelihoods {
        let likelihood = Likelihood::parse(&range.low().to_string(), &range.high().to_string());
        let likelihood =
            likelihood.map_err(|error| format!("evidence {id} under {hypothesis}: {error}"))?;
        likelihoods.insert(hypothesis.to_string(), likelihood);
    }
    Ok(Item {
        id,
        statement: said.statement.clone(),
        kind: kind.unwrap_or(ItemKind::Other),
        source: claim.marks.source.clone(),
        upstream: said.upstream.clone(),
        group: said.group.clone(),
        finding: said.finding.as_ref().map(ToString::to_string),
        confidence: claim.marks.confidence,
        likelihoods,
        fallen,
    })
}

fn recorded(claim: &Claim, said: &claims::Assessment) -> Recorded {
    Recorded {
        claim: claim.name(),
        author: claim.author.to_string(),
        hypothesis: said.hypothesis.to_string(),
        sentence: said.sentence.clone(),
    }
}

/// The findings that evidence rests on, and which of the claims behind them stand as they were.
struct Findings<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a claims::Finding>>,
    standing: BTreeSet<Hash>,
}

impl<'a> Findings<'a> {
    /// Those of these names, in two passes over the case, however many claims it has.
    fn of(case: &'a Case, names: impl Iterator<Item = &'a Word>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&claims::Finding>> =
            names.map(|name| (name.as_str(), Vec::new())).collect();
        if by_name.is_empty() {
            return Self {
                by_name,
                standing: BTreeSet::new(),
            };
        }
        for (_, finding) in case.findings() {
            if let Some(findings) = by_name.get_mut(finding.finding.as_str()) {
                findings.push(finding);
            }
        }
        let used = by_name
            .values()
            .flatten()
            .flat_map(|finding| &finding.claims);
        let used: BTreeSet<Hash> = used.copied().collect();
        let says = case.claims().iter().map(|claim| claim.says);
        Self {
            standing: says.filter(|hash| used.contains(hash)).collect(),
            by_name,
        }
    }

    /// Why a finding no longer bears what rests on it; none while one of that name stands with all its claims.
    fn why_fallen(&self, name: &str) -> Option<String> {
        let mut fallen = format!(
            "the finding {name} does not stand: it was retracted, or is not in this copy of the case"
        );
        for finding in self.by_name.get(name).into_iter().flatten() {
            let gone = finding
                .claims
                .iter()
                .filter(|hash| !self.standing.contains(hash));
            let gone: Vec<String> = gone.map(ToString::to_string).collect();
            if gone.is_empty() {
                return None;
            }
            fallen = format!(
                "the finding {name} was computed from claims that no longer stand as they were: {}",
                gone.join(", ")
            );
        }
        Some(fallen)
    }
}
