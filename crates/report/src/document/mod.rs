//! The text of a report: sections, paragraphs, notes, tables, figures, and references to what was found.
//!
//! It is written as plain text, much like Markdown ([the form](../../../../docs/reference/report.md)). A figure in a
//! sentence is a reference, `{finding:ronin-fifo#totals.0.origin}`, which is computed whenever the report is rendered:
//! nobody types a number that could be computed. Parsing, linting, numbering, redacting and comparing are here, and all
//! are pure.
//!
//! Not here: what a reference comes to (the front door computes it), and how a page looks (`edition`).

mod bare;
mod blocks;
mod fenced;
mod inline;
mod lint;
mod numbers;
mod redact;
mod redline;
mod sentences;
mod write;

use std::fmt;

pub use blocks::parse;
pub use lint::lint;
pub use numbers::{Numbered, Numbers};
pub use redact::{Piece, redact, whole};
pub use redline::{Change, Mark, Redline, redline};
pub use sentences::{Attribution, attributions};
pub use write::{source, with_ids};

/// More text than this, in bytes, is no report that people read, and is refused.
pub const TEXT_LENGTH_MAX: usize = 900_000;

/// Where something stands in the text: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Something in the text that cannot stay as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// In a word: `form`, `number`, `date`, `address`, `hash`, `link`, `reference`, `attribution`, …
    pub kind: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(place: Place, kind: &'static str, what: impl Into<String>, hint: &str) -> Self {
        Self {
            place,
            kind,
            what: what.into(),
            hint: hint.to_owned(),
        }
    }
}

/// A report, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What stands on its first page.
    pub meta: Vec<Meta>,
    /// What it is made of, in order.
    pub blocks: Vec<Block>,
    /// Footnotes, in the order of the text.
    pub notes: Vec<Note>,
    /// Abbreviations and what they stand for, in the order of the text.
    pub abbreviations: Vec<(String, String)>,
    /// Where each of them stands.
    pub abbreviation_places: Vec<Place>,
}

impl Document {
    /// A line of the first page.
    pub fn meta(&self, key: &str) -> Option<&str> {
        let found = self.meta.iter().find(|meta| meta.key == key);
        found.map(|meta| meta.text.as_str())
    }

    /// Calls with all runs of text, each list once, in the order of the text; footnotes last.
    pub fn each_runs<'a>(&'a self, mut with: impl FnMut(&'a [Run])) {
        for block in &self.blocks {
            block.each_runs(&mut with);
        }
        for note in &self.notes {
            with(&note.runs);
        }
    }

    /// Every reference that has to be computed, in the order of the text; without what figures are drawn from.
    pub fn computed(&self) -> Vec<&Reference> {
        let mut all = Vec::new();
        self.each_runs(|runs| all.extend(references(runs).filter(|it| !it.is_within())));
        all
    }

    /// Every reference, in the order of the text.
    pub fn references(&self) -> Vec<&Reference> {
        let mut all = Vec::new();
        for block in &self.blocks {
            if let Body::Figure { subject, .. } = &block.body {
                all.push(subject);
            }
            block.each_runs(&mut |runs| all.extend(references(runs)));
        }
        for note in &self.notes {
            all.extend(references(&note.runs));
        }
        all
    }
}

fn references(runs: &[Run]) -> impl Iterator<Item = &Reference> {
    runs.iter().filter_map(|run| match run {
        Run::Reference(reference) => Some(reference),
        _ => None,
    })
}

/// A line of the first page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Which: `title`, `symbol`, `date`, …
    pub key: String,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it begins.
    pub place: Place,
    /// Its name, which stays when others come and go. Empty until it is given one.
    pub id: String,
    /// Who may read it, if it says so: a mark of TLP 2.0.
    pub handling: Option<String>,
    /// What it is.
    pub body: Body,
}

/// What a part of a report is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A heading, of level 1 to 3; of level 1 it may begin an annex.
    Heading {
        /// 1 to 3.
        level: usize,
        /// Whether it begins an annex.
        annex: bool,
        /// Its words.
        runs: Vec<Run>,
    },
    /// A paragraph, which has a running number.
    Paragraph(Vec<Run>),
    /// Items below a paragraph.
    List(Vec<Vec<Run>>),
    /// What the authors recommend; has a number of its own.
    Recommendation(Vec<Run>),
    /// A table. Its first row is its head.
    Table {
        /// What it shows.
        caption: Vec<Run>,
        /// Where it is from.
        source: Vec<Run>,
        /// Its rows.
        rows: Vec<Vec<Vec<Run>>>,
    },
    /// A figure, drawn from what was found.
    Figure {
        /// Which: `flow`, `waterfall`, `thefts`, `totals`, `timeline`.
        drawing: String,
        /// From what.
        subject: Reference,
        /// What it shows.
        caption: Vec<Run>,
        /// Where it is from.
        source: Vec<Run>,
    },
    /// What this edition does not show: what kind of part it was, and the hash that commits to it.
    Withheld {
        /// `paragraph`, `table`, …
        was: String,
        /// 64 hexadecimal digits.
        commitment: String,
    },
}

impl Block {
    /// What kind of part it is, in a word.
    pub fn word(&self) -> &str {
        match &self.body {
            Body::Heading { annex: true, .. } => "annex",
            Body::Heading { level: 1, .. } => "section",
            Body::Heading { .. } => "heading",
            Body::Paragraph(_) => "paragraph",
            Body::List(_) => "list",
            Body::Recommendation(_) => "recommendation",
            Body::Table { .. } => "table",
            Body::Figure { .. } => "figure",
            Body::Withheld { was, .. } => was,
        }
    }

    /// Calls with each list of runs.
    pub fn each_runs<'a>(&'a self, with: &mut impl FnMut(&'a [Run])) {
        match &self.body {
            Body::Heading { runs, .. } | Body::Paragraph(runs) | Body::Recommendation(runs) => {
                with(runs);
            }
            Body::List(items) => items.iter().for_each(|runs| with(runs)),
            Body::Table {
                caption,
                source,
                rows,
            } => {
                with(caption);
                rows.iter().flatten().for_each(|runs| with(runs));
                with(source);
            }
            Body::Figure {
                caption, source, ..
            } => {
                with(caption);
                with(source);
            }
            Body::Withheld { .. } => {}
        }
    }
}

/// A footnote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub id: String,
    /// Who may read it, if it says so.
    pub handling: Option<String>,
    /// What it says.
    pub runs: Vec<Run>,
    /// The hash that commits to it, where this edition does not show it.
    pub withheld: Option<String>,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Plain words; hostile, as all text is.
    Text(String, Place),
    /// Words that are stressed; twice for bold.
    Stressed(String, usize, Place),
    /// An address on the web, shown and linked.
    Link(String, Place),
    /// What is computed, or named elsewhere in the case or the report.
    Reference(Reference),
    /// A mark of a footnote, by its name.
    NoteMark(String, Place),
    /// Digits that are a name and no figure, as the author declares.
    Literal(String, Place),
}

/// A typed reference: `{kind:subject#path|form}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// `finding`, `incident`, `total`, …
    pub kind: String,
    /// Which of them.
    pub subject: String,
    /// Which part of it; may be empty.
    pub path: String,
    /// How it is written out; may be empty.
    pub form: String,
    /// Where it stands.
    pub place: Place,
}

impl Reference {
    /// Kinds that name a part of the report itself.
    pub const WITHIN: &[&str] = &[
        "paragraph",
        "section",
        "annex",
        "table",
        "figure",
        "recommendation",
    ];

    /// Whether it names a part of the report itself, and nothing has to be computed.
    pub fn is_within(&self) -> bool {
        Self::WITHIN.contains(&self.kind.as_str())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.subject)?;
        if !self.path.is_empty() {
            write!(formatter, "#{}", self.path)?;
        }
        if !self.form.is_empty() {
            write!(formatter, "|{}", self.form)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
