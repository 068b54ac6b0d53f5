//! A report rendered for an audience, as HTML, Markdown or JSON.
//!
//! The same text, case, prices and program give the same bytes; what is needed to compute it again stands at its end.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Any, json};
use whither_report::document::{Body, Document, Numbers};
use whither_report::edition::{Remark, Rendering, Value, html, markdown};

use super::audience::Audience;
use super::desk::Desk;
use super::figures::drawn;
use crate::error::Error;

/// In which form a report is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// One page that loads nothing.
    Html,
    /// Markdown.
    Markdown,
    /// `whither.report/1`.
    Json,
}

/// A report in its forms.
#[derive(Clone, Debug)]
pub struct Shown {
    /// All that it was rendered from.
    pub rendering: Rendering,
    /// What could not be computed, by reference: the edition is not fit to be given out.
    pub missing: Vec<String>,
}

/// Computes what a report refers to and puts it together, for the audience of the desk.
#[must_use]
pub fn render(desk: &Desk<'_>, document: Document, remarks: Vec<Remark>) -> Shown {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut missing = Vec::new();
    let mut drawings = BTreeMap::new();
    for reference in document.computed() {
        let key = reference.to_string();
        if values.contains_key(&key) || missing.contains(&key) {
            continue;
        }
        match desk.value(reference) {
            Ok(value) => {
                values.insert(key, value);
            }
            Err(_) => missing.push(key),
        }
    }
    for block in &document.blocks {
        match drawn(desk, block) {
            Some(Ok(found)) => {
                drawings.insert(block.id.clone(), found);
            }
            Some(Err(_)) => missing.push(format!("figure {}", block.id)),
            None => {}
        }
    }
    // What was said of a part that is withheld would tell what is in it.
    let withheld = |remark: &Remark| {
        let mut blocks = document.blocks.iter();
        blocks.any(|block| block.id == remark.part && matches!(block.body, Body::Withheld { .. }))
    };
    let remarks: Vec<Remark> = if desk.audience.is_outside() {
        Vec::new()
    } else {
        remarks
            .into_iter()
            .filter(|remark| !withheld(remark))
            .collect()
    };
    let rendering = Rendering {
        document,
        values,
        drawings,
        edition: words(desk.audience).to_owned(),
        handling: desk.ceiling.to_string(),
        remarks,
        method: method(desk),
    };
    Shown { rendering, missing }
}

fn words(audience: Audience) -> &'static str {
    match audience {
        Audience::Internal => {
            "Working text. It names sources, and is for those who work on the case."
        }
        Audience::Review => "Text for review. It is for those who were asked to comment on it.",
        Audience::Public => {
            "Public edition. Sources are called by what they may be called; what is withheld is committed to by hash."
        }
        Audience::Disclosure => {
            "Disclosure to the expert of the other side: what was used, and no more."
        }
    }
}

fn method(desk: &Desk<'_>) -> Vec<(String, String)> {
    let row = |name: &str, text: String| (name.to_owned(), text);
    // Outside, what people call the case is nobody's business.
    let case = if desk.audience.is_outside() {
        desk.case.id().to_string()
    } else {
        format!("{} ({})", desk.case.name(), desk.case.id())
    };
    vec![
        row("Case", case),
        row("Revision of the case", desk.case.revision()),
        row("Program", format!("whither {}", env!("CARGO_PKG_VERSION"))),
        row(
            "Check",
            "whither verify DIRECTORY, on any machine, offline".to_owned(),
        ),
    ]
}

impl Shown {
    /// The report in a form.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn output(&self, output: Output) -> Result<String, Error> {
        match output {
            Output::Html => Ok(html(&self.rendering)),
            Output::Markdown => Ok(markdown(&self.rendering)),
            Output::Json => {
                let mut text = serde_json::to_string_pretty(&self.json()).map_err(Error::new)?;
                text.push('\n');
                Ok(text)
            }
        }
    }

    /// `whither.report/1`.
    fn json(&self) -> Any {
        let rendering = &self.rendering;
        let document = &rendering.document;
        let numbers = Numbers::of(document);
        let parts = document.blocks.iter().zip(&numbers.blocks);
        let parts: Vec<Any> = parts
            .map(|(block, label)| {
                let withheld = match &block.body {
                    Body::Withheld { commitment, .. } => Some(commitment),
                    _ => None,
                };
                let source = withheld
                    .is_none()
                    .then(|| whither_report::document::whole(document, &block.id));
                json!({
                    "id": block.id, "kind": block.word(), "number": label, "handling": block.handling,
                    "source": source.flatten(), "withheld": withheld,
                    "table": rendering.drawings.get(&block.id).map(|drawn| &drawn.table),
                })
            })
            .collect();
        let notes: Vec<Any> = document
            .notes
            .iter()
            .zip(1..)
            .map(|(note, number)| json!({"id": note.id, "number": number, "withheld": note.withheld}))
            .collect();
        let meta: BTreeMap<&str, &str> = document
            .meta
            .iter()
            .map(|meta| (meta.key.as_str(), meta.text.as_str()))
            .collect();
        json!({
            "schema": "whither.report/1",
            "meta": meta,
            "edition": rendering.edition,
            "handling": rendering.handling,
            "parts": parts,
            "notes": notes,
            "abbreviations": document.abbreviations,
            "values": rendering.values.iter().map(|(key, value)| Row::of(key, value)).collect::<Vec<_>>(),
            "missing": self.missing,
            "method": rendering.method,
            "source": whither_report::document::source(document),
        })
    }
}

/// A value in the JSON of a report.
#[derive(Serialize)]
struct Row<'a> {
    reference: &'a str,
    text: &'a str,
    exact: &'a str,
    derived: &'a [(String, String)],
}

impl<'a> Row<'a> {
    fn of(reference: &'a str, value: &'a Value) -> Self {
        Self {
            reference,
            text: &value.text,
            exact: &value.derived.exact,
            derived: &value.derived.rows,
        }
    }
}
