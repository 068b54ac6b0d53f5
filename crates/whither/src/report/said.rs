//! What people say, as one audience may see it: assessments, claims, sources.
//!
//! A claim's own words are shown only if its mark allows it; outside, what is not marked counts as closed, and a source is
//! called by its descriptor.

use std::collections::BTreeSet;

use whither_casework::claims::Body;
use whither_casework::{Claim, Handling, Json};
use whither_report::document::Reference;
use whither_report::edition::Value;

use super::audience::Refusal;
use super::desk::{Desk, made, row};
use super::path::{Written, walk};
use crate::assess::{Assessment, Options, assess_case};
use crate::saved::used;

impl Desk<'_> {
    /// The assessment of an incident.
    pub(super) fn assessed(&self, incident: &str) -> Result<std::rc::Rc<Assessment>, Refusal> {
        if let Some(known) = self.assessed.borrow().get(incident) {
            return Ok(known.clone());
        }
        let found = assess_case(self.case, incident, &Options::default());
        let found = std::rc::Rc::new(found.map_err(|error| Refusal::of(&error))?);
        self.uses(used::of_assessment(self.case, incident));
        self.assessed
            .borrow_mut()
            .insert(incident.to_owned(), found.clone());
        Ok(found)
    }

    pub(super) fn assessment(&self, reference: &Reference) -> Result<Value, Refusal> {
        let Some((incident, hypothesis)) = reference.subject.split_once('/') else {
            return Err(Refusal::new(
                format!(
                    "{:?} is not an incident and a hypothesis",
                    reference.subject
                ),
                "write `{assessment:INCIDENT/HYPOTHESIS#words}`",
            ));
        };
        let assessed = self.assessed(incident)?;
        let mut outcomes = assessed.assessed.hypotheses.iter();
        let Some(outcome) = outcomes.find(|outcome| outcome.hypothesis == hypothesis) else {
            return Err(Refusal::new(
                format!("incident {incident} has no hypothesis {hypothesis:?}"),
                "`whither assess` lists them",
            ));
        };
        let text = self.assessed_text(&assessed, outcome, reference)?;
        let posterior = outcome.posterior;
        let rows = vec![
            row(
                "From",
                format!("assessment of incident {incident}, hypothesis {hypothesis}"),
            ),
            row(
                "Interval",
                format!("{} to {}", posterior.low, posterior.high),
            ),
            row("In the words of ICD 203", outcome.words.text()),
            row(
                "Rests on",
                self.rests(
                    assessed.assessed.evidence.len(),
                    "item of evidence",
                    "items of evidence",
                ),
            ),
            row("Case", self.case.revision()),
        ];
        let exact = format!("{} to {}", posterior.low, posterior.high);
        Ok(made(reference, Written { text, exact }, rows))
    }

    /// The part of an assessment that a reference asks for.
    fn assessed_text(
        &self,
        assessed: &Assessment,
        outcome: &crate::assess::HypothesisOutcome,
        reference: &Reference,
    ) -> Result<String, Refusal> {
        Ok(match reference.path.as_str() {
            "words" => outcome.words.text(),
            "bound" => String::new(),
            "sentence" => self.sentence(assessed, outcome)?,
            "low" | "high" | "confidence" | "statement" => {
                let json = Json::of(outcome).map_err(Refusal::path)?;
                let all = Json::of(assessed).map_err(Refusal::path)?;
                let (json, path) = match reference.path.as_str() {
                    "confidence" => (&all, "confidence.level".to_owned()),
                    "statement" => (&json, "statement".to_owned()),
                    end => (&json, format!("posterior.{end}")),
                };
                let form = if reference.path.len() <= 4 && reference.form.is_empty() {
                    "percent"
                } else {
                    &reference.form
                };
                walk(json, &path)
                    .and_then(|found| found.written(form))
                    .map_err(Refusal::path)?
                    .text
            }
            other => {
                return Err(Refusal::new(
                    format!("an assessment has no {other:?}"),
                    "one of words, bound, sentence, low, high, confidence, statement",
                ));
            }
        })
    }

    /// The sentence that was recorded, if it may stand; where nobody recorded one, the one that the interval makes.
    fn sentence(
        &self,
        assessed: &Assessment,
        outcome: &crate::assess::HypothesisOutcome,
    ) -> Result<String, Refusal> {
        let mut rows = assessed.sentences.iter();
        match rows.find(|row| row.hypothesis == outcome.hypothesis) {
            None => Ok(outcome.sentence.clone()),
            Some(row) if row.stands() => Ok(row.sentence.clone()),
            Some(row) => Err(Refusal::new(
                format!(
                    "the recorded sentence may not stand: {}",
                    row.checked.why.join("; ")
                ),
                format!("it may say: {}", row.checked.may_say.join(", ")),
            )),
        }
    }

    pub(super) fn claim(&self, reference: &Reference) -> Result<Value, Refusal> {
        let claim = self.one_claim(reference)?;
        self.may_show(claim)?;
        self.uses([claim.says]);
        let statement = whither_casework::Statement {
            handle: claim.handle.clone(),
            marks: claim.marks.clone(),
            body: claim.body.clone(),
        };
        let json = statement.payload().map_err(Refusal::path)?;
        let written = match reference.path.as_str() {
            "source" => {
                let source = claim.marks.source.as_deref();
                let source =
                    source.ok_or_else(|| Refusal::path("the claim names no source".to_owned()))?;
                let text = self.name_of(source)?;
                Written {
                    exact: text.clone(),
                    text,
                }
            }
            path => walk(&json, path)
                .and_then(|found| found.written(&reference.form))
                .map_err(Refusal::path)?,
        };
        let mut rows = vec![
            row(
                "From",
                format!("claim {}, {}", self.claim_name(claim), reference.path),
            ),
            row("Kind", claim.body.kind_word().to_owned()),
            row("Entry", claim.says.to_string()),
        ];
        if let Some(source) = &claim.marks.source {
            rows.push(row(
                "According to",
                self.called(source, "a source that this edition does not name"),
            ));
        }
        rows.extend(
            claim
                .marks
                .reference
                .iter()
                .map(|it| row("Published at", it.clone())),
        );
        rows.extend(
            claim
                .marks
                .confidence
                .map(|mark| row("Confidence", mark.to_string())),
        );
        Ok(made(reference, written, rows))
    }

    /// The one claim that a reference names.
    fn one_claim(&self, reference: &Reference) -> Result<&Claim, Refusal> {
        let name = reference.subject.as_str();
        let of_evidence = |claim: &&Claim| match (&claim.body, name.split_once('/')) {
            (Body::Evidence(said), Some((incident, evidence))) => {
                said.incident.as_str() == incident && said.evidence.as_str() == evidence
            }
            (Body::Evidence(said), None) => said.evidence.as_str() == name,
            _ => false,
        };
        let found: Vec<&Claim> = match reference.kind.as_str() {
            "evidence" => self.case.claims().iter().filter(of_evidence).collect(),
            _ => self.case.named(name),
        };
        let [claim] = found[..] else {
            return Err(Refusal::new(
                format!("{} claims are named {name:?}", found.len()),
                "name one by its hash; `whither evidence list` lists them",
            ));
        };
        Ok(claim)
    }

    fn claim_name(&self, claim: &Claim) -> String {
        if self.audience.is_outside() {
            claim.says.to_string()
        } else {
            claim.name()
        }
    }

    pub(super) fn source(&self, reference: &Reference) -> Result<Value, Refusal> {
        let id = &reference.subject;
        if self.sources.get(id).is_none() {
            return Err(Refusal::new(
                format!("the case has no record of a source {id:?}"),
                "`whither evidence add source` makes one, and `… descriptor` says what it is called in public",
            ));
        }
        let text = self.name_of(id)?;
        let called = self.case.descriptors();
        let called = called.filter(|(_, said)| said.of.as_str() == id);
        self.uses(called.map(|(claim, _)| claim.says).collect::<Vec<_>>());
        let rows = vec![row(
            "From",
            format!(
                "source {}",
                if self.audience.is_outside() { "" } else { id }
            )
            .trim()
            .to_owned(),
        )];
        let exact = text.clone();
        Ok(made(reference, Written { text, exact }, rows))
    }

    /// What a source is called for this audience.
    fn name_of(&self, source: &str) -> Result<String, Refusal> {
        let public = self.sources.public_name(source);
        let private = self.sources.private_name(source);
        let found = match (self.audience.is_outside(), private, public) {
            (false, Some(name), Some(called)) if name != called => {
                Some(format!("{called} ({name})"))
            }
            (false, Some(name), _) => Some(name.to_owned()),
            (false, None, None) => Some(source.to_owned()),
            (_, _, public) => public.map(ToOwned::to_owned),
        };
        found.ok_or_else(|| {
            Refusal::new(
                "a source has no descriptor, and cannot be named in this edition".to_owned(),
                "`whither evidence add descriptor` says what it may be called",
            )
        })
    }

    /// The same, for a derivation: what cannot be named is said not to be.
    pub(super) fn called(&self, source: &str, otherwise: &str) -> String {
        self.name_of(source)
            .unwrap_or_else(|_| otherwise.to_owned())
    }

    /// What a group of a total is called that stands for a source: outside, by no word that is not its descriptor.
    pub(super) fn called_source(&self, key: &str) -> String {
        let otherwise = if self.audience.is_outside() {
            "a source that this edition does not name"
        } else {
            key
        };
        self.called(key, otherwise)
    }

    /// The vectors of some incidents that a claim says which this audience may see; `None` where it may see all.
    ///
    /// Only claims on these incidents count: that another theft was done so in the open tells nobody of these.
    pub(super) fn vectors_shown<'b>(
        &'b self,
        incidents: impl Iterator<Item = &'b str>,
    ) -> Option<BTreeSet<&'b str>> {
        // To those who see everything also what a finding kept, and no claim says any more.
        if !self.audience.is_outside() && self.ceiling >= Handling::Red {
            return None;
        }
        let same = &self.folded().same;
        let counted: BTreeSet<&str> = incidents.map(|id| same.one(id)).collect();
        let mut shown: BTreeSet<&str> = BTreeSet::new();
        for (claim, said) in self.case.incidents() {
            let is_counted = counted.contains(same.one(said.incident.as_str()));
            if is_counted && self.may_show(claim).is_ok() {
                shown.extend(said.vectors.iter().map(String::as_str));
            }
        }
        Some(shown)
    }

    /// Notes that the claim of this name was used.
    pub(super) fn uses_named(&self, name: &str) {
        let named = self.case.named(name);
        self.uses(named.first().map(|claim| claim.says));
    }

    /// Whether the claim of this name may be shown.
    pub(super) fn may_show_named(&self, name: &str) -> bool {
        let named = self.case.named(name);
        named
            .first()
            .is_some_and(|claim| self.may_show(claim).is_ok())
    }

    /// Whether a claim's words may be shown to this audience. What is not marked counts as closed, outside.
    pub(super) fn may_show(&self, claim: &Claim) -> Result<(), Refusal> {
        let mark = claim.marks.handling;
        let open = match mark {
            Some(mark) => mark <= self.ceiling,
            None => !self.audience.is_outside(),
        };
        if open {
            return Ok(());
        }
        let mark = mark.map_or_else(|| "not marked".to_owned(), |mark| mark.to_string());
        Err(Refusal::new(
            format!(
                "the claim {} is {mark}, and this edition shows {} at most",
                claim.name(),
                self.ceiling
            ),
            "mark the part that names it, `{#name TLP:AMBER}`, so that it is withheld; or mark the claim by `whither evidence correct`",
        ))
    }
}
