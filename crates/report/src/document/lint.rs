//! What cannot stay as it is, as far as the text alone tells.
//!
//! Whether a reference can be computed, and whether a sentence is borne by its assessment, the front door says; both come
//! out as the same kind of fault.

use std::collections::{BTreeMap, BTreeSet};

use super::bare::bare;
use super::{Body, Document, Fault, Numbers, Reference, Run};

/// Looks at a report that was read.
pub fn lint(document: &Document) -> Vec<Fault> {
    let mut faults = Vec::new();
    document.each_runs(|runs| {
        for run in runs {
            if let Run::Text(text, place) | Run::Stressed(text, _, place) = run {
                faults.extend(bare(text, *place));
            }
        }
    });
    within(document, &mut faults);
    notes(document, &mut faults);
    abbreviations(document, &mut faults);
    for block in &document.blocks {
        let empty = match &block.body {
            Body::Paragraph(runs) | Body::Recommendation(runs) => runs.is_empty(),
            _ => false,
        };
        if empty {
            let what = format!("the {} is empty", block.word());
            faults.push(Fault::new(
                block.place,
                "form",
                what,
                "write it, or take it out",
            ));
        }
    }
    faults.sort();
    faults
}

/// References to parts of the report itself.
fn within(document: &Document, faults: &mut Vec<Fault>) {
    let numbers = Numbers::of(document);
    let names: Vec<&str> = numbers.by_id.keys().map(String::as_str).collect();
    let inside = document.references();
    for reference in inside.iter().filter(|reference| reference.is_within()) {
        let Reference { kind, subject, .. } = reference;
        let fault = |what: String, hint: &str| Fault::new(reference.place, "reference", what, hint);
        match numbers.by_id.get(subject) {
            None => {
                let near: Vec<&str> = names
                    .iter()
                    .filter(|name| name.starts_with(subject.get(..1).unwrap_or_default()))
                    .take(4)
                    .copied()
                    .collect();
                let hint = format!("names of parts: {}", near.join(", "));
                faults.push(fault(
                    format!("no part of this report is named {subject:?}"),
                    &hint,
                ));
            }
            Some(found) if found.word != *kind => faults.push(fault(
                format!("{subject:?} is a {}, and not a {kind}", found.word),
                "name it by what it is",
            )),
            Some(_) => {}
        }
    }
}

fn notes(document: &Document, faults: &mut Vec<Fault>) {
    let known: BTreeSet<&str> = document.notes.iter().map(|note| note.id.as_str()).collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    document.each_runs(|runs| {
        for run in runs {
            let Run::NoteMark(id, place) = run else {
                continue;
            };
            used.insert(id);
            if !known.contains(id.as_str()) {
                let what = format!("there is no footnote {id:?}");
                let hint = format!("write it as `[^{id}]: …` on a line of its own");
                faults.push(Fault::new(*place, "footnote", what, &hint));
            }
        }
    });
    for note in &document.notes {
        if note.withheld.is_none() && !used.contains(note.id.as_str()) {
            let what = format!("nothing in the text has the footnote {:?}", note.id);
            faults.push(Fault::new(
                note.place,
                "footnote",
                what,
                "set its mark, or take it out",
            ));
        }
        if note.withheld.is_none() && note.runs.is_empty() {
            let what = format!("the footnote {:?} says nothing", note.id);
            faults.push(Fault::new(
                note.place,
                "footnote",
                what,
                "write it, or take it out",
            ));
        }
    }
}

/// Abbreviations that are listed and never used.
fn abbreviations(document: &Document, faults: &mut Vec<Fault>) {
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    document.each_runs(|runs| {
        for run in runs {
            if let Run::Text(text, _) | Run::Stressed(text, _, _) | Run::Literal(text, _) = run {
                for word in text.split(|c: char| !c.is_alphanumeric()) {
                    *words.entry(word.to_owned()).or_default() += 1;
                }
            }
        }
    });
    let withheld = document
        .blocks
        .iter()
        .any(|block| matches!(block.body, Body::Withheld { .. }));
    let places = document.abbreviation_places.iter();
    for ((short, _), place) in document.abbreviations.iter().zip(places) {
        let used = short
            .split(|c: char| !c.is_alphanumeric())
            .all(|part| words.contains_key(part));
        // What an edition withholds may have used it.
        if !used && !withheld {
            let what = format!("the abbreviation {short:?} is listed and never used");
            faults.push(Fault::new(
                *place,
                "abbreviation",
                what,
                "take it out of the list",
            ));
        }
    }
}
