//! What cannot stay in a report as it is: form, typed figures, references that come to nothing, sentences stronger than
//! their assessment.
//!
//! What the text alone tells, `whither_report` finds; what the case must answer is asked here.

use std::collections::BTreeMap;

use serde::Serialize;
use whither_casework::assessment::check_sentence_about;
use whither_report::document::{
    Attribution, Document, Fault, Reference, attributions, lint, parse,
};

use super::audience::Refusal;
use super::desk::Desk;
use super::figures::drawn;

/// What a check of a report found (`whither.report-lint/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    schema: &'static str,
    /// How many references it has.
    pub references: usize,
    /// How many of its sentences say who did something, or how likely it is.
    pub attributions: usize,
    /// What cannot stay as it is, in the order of the text.
    pub faults: Vec<FaultRow>,
}

/// A fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultRow {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// In a word.
    pub kind: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl Checked {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Checks a text.
#[must_use]
pub fn check_text(desk: &Desk<'_>, text: &str) -> Checked {
    let (document, faults) = parse(text);
    check(desk, &document, faults)
}

/// Checks a report that was read, with the faults of reading it.
#[must_use]
pub fn check(desk: &Desk<'_>, document: &Document, mut faults: Vec<Fault>) -> Checked {
    faults.extend(lint(document));
    let mut known: BTreeMap<String, Option<Refusal>> = BTreeMap::new();
    let references = document.computed();
    for reference in &references {
        let refused = known
            .entry(reference.to_string())
            .or_insert_with(|| desk.value(reference).err());
        if let Some(Refusal { what, hint }) = refused {
            faults.push(Fault::new(
                reference.place,
                "reference",
                format!("{{{reference}}}: {what}"),
                hint,
            ));
        }
    }
    for block in &document.blocks {
        if let Some(Err(Refusal { what, hint })) = drawn(desk, block) {
            faults.push(Fault::new(block.place, "figure", what, &hint));
        }
    }
    let sentences = attributions(document);
    for sentence in &sentences {
        faults.extend(borne(desk, sentence));
    }
    faults.sort();
    let row = |fault: Fault| FaultRow {
        line: fault.place.line,
        column: fault.place.column,
        kind: fault.kind,
        what: fault.what,
        hint: fault.hint,
    };
    Checked {
        schema: "whither.report-lint/1",
        references: references.len(),
        attributions: sentences.len(),
        faults: faults.into_iter().map(row).collect(),
    }
}

/// Whether a sentence is borne by the assessment that it names, or by whose word it gives.
fn borne(desk: &Desk<'_>, sentence: &Attribution) -> Vec<Fault> {
    let bound: Vec<&Reference> = sentence
        .references
        .iter()
        .filter(|reference| reference.kind == "assessment")
        .collect();
    let said =
        |what: String, hint: &str| vec![Fault::new(sentence.place, "attribution", what, hint)];
    if bound.is_empty() {
        let cited = ["claim", "source", "cited", "evidence"];
        let mut references = sentence.references.iter();
        if !sentence.likelihood
            && references.any(|reference| cited.contains(&reference.kind.as_str()))
        {
            return Vec::new();
        }
        return said(
            format!(
                "{:?} says who did it or how likely it is, and no assessment bears it",
                sentence.phrase
            ),
            "name the assessment in the sentence, `{assessment:INCIDENT/HYPOTHESIS#words}`, or `#bound` where the words are yours; or say whose word it is by a claim or a source",
        );
    }
    let mut faults = Vec::new();
    for reference in bound {
        let Some((incident, hypothesis)) = reference.subject.split_once('/') else {
            continue;
        };
        let Ok(assessed) = desk.assessed(incident) else {
            continue;
        };
        let mut outcomes = assessed.assessed.hypotheses.iter();
        let Some(outcome) = outcomes.find(|outcome| outcome.hypothesis == hypothesis) else {
            continue;
        };
        let text = sentence.text(|other| written(desk, other));
        let checked = check_sentence_about(&text, &outcome.statement, outcome.posterior);
        if !checked.allowed {
            faults.extend(said(
                format!(
                    "the sentence is stronger than its assessment ({} to {}): {}",
                    outcome.posterior.low,
                    outcome.posterior.high,
                    checked.why.join("; ")
                ),
                &format!("it may say: {}", checked.may_say.join(", ")),
            ));
        }
    }
    faults
}

/// A reference in a sentence that is weighed: the words of an assessment count, all else is a thing.
fn written(desk: &Desk<'_>, reference: &Reference) -> String {
    if reference.kind != "assessment" {
        return "X".to_owned();
    }
    desk.value(reference)
        .map(|value| value.text)
        .unwrap_or_default()
}
