//! A report for its readers: one page of HTML, or Markdown, in the layout of the reports of UN panels.
//!
//! Paragraphs are numbered through, figures and tables have a source line, footnotes and annexes stand at the end. Each
//! number that was computed leads to how: reference, exact value, and what it was computed from. What an edition withholds
//! is said in its place, with the hash that commits to it.
//!
//! Not here: what a number comes to, and what an edition may show; both are settled before.

mod html;
mod lists;
mod markdown;
mod sheets;

use std::collections::BTreeMap;

use crate::document::{Document, Numbered, Numbers, Reference, Run};

pub use html::html;
pub use markdown::{escape_markdown, markdown};
pub use sheets::sheets;

/// What a reference came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// The words for the sentence; hostile, as all text is. Empty where the reference only binds a sentence.
    pub text: String,
    /// How it was come to.
    pub derived: Derived,
}

/// How a value was come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// The reference.
    pub reference: String,
    /// The value, exact.
    pub exact: String,
    /// From what: a name and a text each.
    pub rows: Vec<(String, String)>,
}

/// A figure, drawn, and the same as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// One `<svg>` element that refers to nothing outside.
    pub svg: String,
    /// How wide it is by nature, in pixels.
    pub width: i64,
    /// The table twin; the first row is its head.
    pub table: Vec<Vec<String>>,
    /// What a reader must know of it.
    pub note: Option<String>,
}

/// What somebody said of a part, or was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// The part, by its name.
    pub part: String,
    /// Who, when, and what kind of remark.
    pub head: String,
    /// What.
    pub text: String,
}

/// All that is rendered.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    /// The text.
    pub document: Document,
    /// What each reference came to, by the reference as it is written.
    pub values: BTreeMap<String, Value>,
    /// Drawings, by the name of their part.
    pub drawings: BTreeMap<String, Drawn>,
    /// For whom, in a sentence.
    pub edition: String,
    /// The mark of the whole: `TLP:CLEAR`, …
    pub handling: String,
    /// What people said of parts; editions for outside have none.
    pub remarks: Vec<Remark>,
    /// What it takes to compute the report again.
    pub method: Vec<(String, String)>,
}

/// A piece of a line, ready to be written out.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Stressed(&'a str, usize),
    Link(&'a str),
    /// A value and the number of its derivation, from 1.
    Value(&'a Value, usize),
    /// A part of the report: its name, what it is and its number.
    Within(&'a str, &'a Numbered),
    /// A footnote's number.
    Note(usize),
    /// A reference that came to nothing.
    Missing(&'a Reference),
}

/// A report with its numbers, as both forms need it.
pub(crate) struct Laid<'a> {
    pub of: &'a Rendering,
    pub numbers: Numbers,
    /// References in the order of their derivations.
    pub derivations: Vec<&'a str>,
    places: BTreeMap<&'a str, usize>,
}

impl<'a> Laid<'a> {
    pub fn new(of: &'a Rendering) -> Self {
        let mut derivations: Vec<&str> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for reference in of.document.references() {
            if let Some((key, _)) = of.values.get_key_value(&reference.to_string())
                && !places.contains_key(key.as_str())
            {
                derivations.push(key);
                places.insert(key, derivations.len());
            }
        }
        Self {
            of,
            numbers: Numbers::of(&of.document),
            derivations,
            places,
        }
    }

    /// The pieces of a line.
    pub fn pieces<'b>(&'b self, runs: &'b [Run]) -> impl Iterator<Item = Piece<'b>> {
        runs.iter().map(|run| match run {
            Run::Text(text, _) | Run::Literal(text, _) => Piece::Text(text),
            Run::Stressed(text, times, _) => Piece::Stressed(text, *times),
            Run::Link(link, _) => Piece::Link(link),
            Run::NoteMark(id, _) => {
                Piece::Note(self.numbers.notes.get(id).copied().unwrap_or_default())
            }
            Run::Reference(reference) => self.reference(reference),
        })
    }

    fn reference<'b>(&'b self, reference: &'b Reference) -> Piece<'b> {
        if reference.is_within() {
            let found = self.numbers.by_id.get(&reference.subject);
            return match found {
                Some(found) => Piece::Within(&reference.subject, found),
                None => Piece::Missing(reference),
            };
        }
        let key = reference.to_string();
        match (self.of.values.get(&key), self.places.get(key.as_str())) {
            (Some(value), Some(place)) => Piece::Value(value, *place),
            _ => Piece::Missing(reference),
        }
    }
}
