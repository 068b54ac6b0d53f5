//! One row: every cell read, every fault named, and what the row says when it has none.
//!
//! All faults of a row are found, not the first alone, so that a table is mended in one round. What needs other rows to
//! be seen (a repetition, a contradiction) is found where rows are gathered.

mod amounts;
mod identified;

use whither_ledger::chain::Chain;

use super::header::{Column, Field, Header};
use super::number::{self, Number};
use super::places::Thing;
use super::table::Record;
use super::text::{self, Kind};
use super::words::{self, Shape, plain, slug};
use super::{Flaw, Rules, dates};
use crate::marks::{Confidence, Handling};
use crate::period::Day;
use crate::words::Date;

/// What came back of what was stolen, or of which part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub quantity: Option<Number>,
    pub usd: Option<Number>,
}

/// What a row says.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub line: u64,
    pub id: Option<String>,
    pub title: Option<String>,
    pub victim: Option<String>,
    pub sector: Option<String>,
    pub date: Option<Date>,
    pub discovered: Option<Date>,
    pub chains: Vec<Chain>,
    pub vectors: Vec<String>,
    pub thing: Option<Thing>,
    pub stolen: Figures,
    /// Recovered, frozen, reissued.
    pub after: [Figures; 3],
    /// Starting points of a trace.
    pub origins: Vec<String>,
    /// Transactions, whether or not their chain is known.
    pub transactions: Vec<String>,
    pub actors: Vec<String>,
    pub source: Option<String>,
    pub reference: Option<String>,
    pub published: Option<Date>,
    pub confidence: Option<Confidence>,
    pub handling: Option<Handling>,
    pub notes: Vec<String>,
}

/// Reads the cells of one row.
pub(super) struct Reader<'a> {
    header: &'a Header,
    rules: &'a Rules<'a>,
    record: &'a Record,
    row: Row,
    pub errors: Vec<Flaw>,
    pub warnings: Vec<Flaw>,
}

/// The three things that may become of what was stolen: their columns in dollars and in units.
const AFTER: [(Field, Field); 3] = [
    (Field::Recovered, Field::RecoveredQuantity),
    (Field::Frozen, Field::FrozenQuantity),
    (Field::Reissued, Field::ReissuedQuantity),
];

impl<'a> Reader<'a> {
    pub(super) fn new(header: &'a Header, rules: &'a Rules<'a>, record: &'a Record) -> Self {
        let row = Row {
            line: record.line,
            ..Row::default()
        };
        Self {
            header,
            rules,
            record,
            row,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Reads all cells. The row counts only where there are no errors.
    pub(super) fn read(mut self) -> (Row, Vec<Flaw>, Vec<Flaw>) {
        self.names();
        self.dates();
        self.chains_and_assets();
        self.places();
        self.amounts();
        self.words();
        self.sources();
        (self.row, self.errors, self.warnings)
    }

    fn error(&mut self, field: Field, value: &str, why: impl Into<String>) {
        let flaw = self.flaw(field, value, why.into());
        self.errors.push(flaw);
    }

    fn warn(&mut self, field: Field, value: &str, why: impl Into<String>) {
        let flaw = self.flaw(field, value, why.into());
        self.warnings.push(flaw);
    }

    fn flaw(&self, field: Field, value: &str, why: String) -> Flaw {
        let column = self.header.name(field).map(str::to_owned);
        Flaw {
            line: self.record.line,
            column,
            value: (!value.is_empty()).then(|| value.to_owned()),
            why,
        }
    }

    /// The text of a field, from its columns, which must agree.
    fn cell(&mut self, field: Field, kind: Kind) -> Option<(String, Column)> {
        let header = self.header;
        let mut found: Option<(String, Column)> = None;
        for column in header.columns.iter().filter(|column| column.field == field) {
            let cell = self.record.cells.get(column.at).map_or("", String::as_str);
            let mut warnings = Vec::new();
            let read = text::read(cell, kind, &mut warnings);
            let named = |why: String| Flaw {
                line: self.record.line,
                column: Some(column.name.clone()),
                value: Some(cell.trim().to_owned()),
                why,
            };
            self.warnings.extend(warnings.into_iter().map(named));
            match (read, &found) {
                (Err(why), _) => self.errors.push(named(why)),
                (Ok(None), _) => {}
                (Ok(Some(text)), None) => found = Some((text, column.clone())),
                (Ok(Some(text)), Some((other, first)))
                    if text != *other
                        && field != Field::Note
                        && field != Field::Addresses
                        && field != Field::Transactions =>
                {
                    let why = format!(
                        "the column `{}` says the same thing, and says `{other}`",
                        first.name
                    );
                    self.errors.push(named(why));
                }
                (Ok(Some(text)), Some((other, first))) if text != *other => {
                    found = Some((format!("{other}\n{text}"), first.clone()));
                }
                (Ok(Some(_)), Some(_)) => {}
            }
        }
        found
    }

    fn text(&mut self, field: Field, kind: Kind) -> Option<String> {
        self.cell(field, kind).map(|(text, _)| text)
    }

    /// A name, unless it is a word for nothing.
    fn name(&mut self, field: Field) -> Option<String> {
        let text = self.text(field, Kind::Name)?;
        if number::BLANKS.contains(&text.to_lowercase().as_str()) {
            self.warn(
                field,
                &text,
                "it stands for nothing that is known; the cell counts as empty",
            );
            return None;
        }
        Some(text)
    }

    fn names(&mut self) {
        if let Some(id) = self.text(Field::Id, Kind::Strict) {
            let word = slug(&id);
            if word.is_empty() || word.len() > 64 {
                self.error(Field::Id, &id, "an id is 1 to 64 of a-z, 0-9 and hyphens");
            } else {
                if word != id.to_ascii_lowercase() {
                    self.warn(
                        Field::Id,
                        &id,
                        format!("an id is of a-z, 0-9 and hyphens; it is read as {word}"),
                    );
                }
                self.row.id = Some(word);
            }
        }
        self.row.title = self.name(Field::Title);
        self.row.victim = self.name(Field::Victim);
        if let Some(sector) = self.name(Field::Sector) {
            match words::sector(&sector) {
                Some(word) => self.row.sector = Some(word.to_owned()),
                None => {
                    self.warn(
                        Field::Sector,
                        &sector,
                        format!(
                            "the sector is not known, and is kept as it is; known are {}",
                            words::sectors()
                        ),
                    );
                    self.row.sector = Some(sector);
                }
            }
        }
    }

    fn date(&mut self, field: Field) -> Option<Date> {
        let text = self.text(field, Kind::Strict)?;
        match dates::read(&text) {
            Err(why) => self.error(field, &text, why),
            Ok(read) if read.date.days().first > self.rules.today => {
                self.error(
                    field,
                    &text,
                    format!("it is in the future: today is {}", self.rules.today),
                );
            }
            Ok(read) => {
                if let Some(note) = read.note {
                    self.warn(field, &text, note);
                }
                return Some(read.date);
            }
        }
        None
    }

    fn dates(&mut self) {
        self.row.date = self.date(Field::Date);
        self.row.discovered = self.date(Field::Discovered);
        self.row.published = self.date(Field::Published);
        let genesis = Day::new(2009, 1, 3);
        if let Some(date) = self.row.date.clone() {
            if genesis.is_some_and(|genesis| date.days().last < genesis) {
                self.warn(
                    Field::Date,
                    date.as_str(),
                    "it is before there were virtual assets",
                );
            }
            for (field, later) in [
                (Field::Discovered, self.row.discovered.clone()),
                (Field::Published, self.row.published.clone()),
            ] {
                let before = later.filter(|later| is_before(later, &date));
                if let Some(later) = before {
                    let what = if field == Field::Discovered {
                        "discovered"
                    } else {
                        "published"
                    };
                    self.error(
                        field,
                        later.as_str(),
                        format!("it was {what} before the theft, which was on {date}"),
                    );
                }
            }
        }
    }

    fn words(&mut self) {
        if let Some(text) = self.text(Field::Vectors, Kind::Name) {
            for part in text
                .split([';', ',', '|', '/', '+', '\n'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
            {
                self.vector(part);
            }
        }
        if let Some(text) = self.name(Field::Actor) {
            for part in text
                .split([';', '|'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
            {
                let word = slug(part);
                if word.is_empty() || word.len() > 64 || part.starts_with(['=', '+', '@', '-']) {
                    self.error(
                        Field::Actor,
                        part,
                        "an actor is named by the id of its entity: a-z, 0-9 and hyphens",
                    );
                } else {
                    if word != part.to_lowercase().replace(' ', "-") {
                        self.warn(
                            Field::Actor,
                            part,
                            format!("it is read as the entity {word}"),
                        );
                    }
                    self.row.actors.push(word);
                }
            }
        }
        if let Some(note) = self.text(Field::Note, Kind::Prose) {
            self.row.notes.insert(0, note);
        }
    }

    fn vector(&mut self, part: &str) {
        let upper = part.to_ascii_uppercase();
        // An id may stand before its name: `T1566.002 Spearphishing Link`.
        let first = upper.split([' ', ':']).next().unwrap_or_default();
        match words::technique(first) {
            Shape::Technique if self.rules.techniques.is_none_or(|known| known(first)) => self.row.vectors.push(first.to_owned()),
            Shape::Technique => self.error(Field::Vectors, part, "no catalogue of techniques that is built in has this id"),
            Shape::Almost => self.error(Field::Vectors, part, "it looks like a technique's id and is none; one is T1566, T1566.002 or ADT3028.005"),
            Shape::Words => {
                self.warn(Field::Vectors, part, "it is no technique's id; it is kept in the note");
                self.row.notes.push(format!("Vector: {part}."));
            }
        }
    }

    fn sources(&mut self) {
        if let Some(text) = self.text(Field::Confidence, Kind::Strict) {
            match words::confidence(&text) {
                Ok(mark) => self.row.confidence = Some(mark),
                Err(why) => self.error(Field::Confidence, &text, why),
            }
        }
        if let Some(text) = self.text(Field::Handling, Kind::Strict) {
            match words::handling(&text) {
                Ok(mark) => self.row.handling = Some(mark),
                Err(why) => self.error(Field::Handling, &text, why),
            }
        }
        self.row.source = self
            .name(Field::Source)
            .or_else(|| self.rules.source.clone());
        if let Some(link) = self.text(Field::Reference, Kind::Prose) {
            let broken = link
                .split([' ', '\n', ';'])
                .filter(|part| part.contains("://") || part.contains("javascript:"))
                .find(|part| !is_link(part));
            match broken {
                Some(part) => {
                    let part = part.to_owned();
                    self.error(
                        Field::Reference,
                        &part,
                        "it is no link to a page: one begins with https:// and a host's name",
                    );
                }
                None => {
                    let named = self
                        .header
                        .name(Field::Reference)
                        .map(plain)
                        .unwrap_or_default();
                    if (named.contains("url") || named.contains("link")) && !link.contains("://") {
                        self.warn(
                            Field::Reference,
                            &link,
                            "it is no link; it is kept as it is",
                        );
                    }
                    self.row.reference = Some(link);
                }
            }
        }
        if self.row.source.is_none() {
            if (self.header.has(Field::Source) || self.header.has(Field::Reference))
                && self.row.reference.is_none()
            {
                let field = if self.header.has(Field::Source) {
                    Field::Source
                } else {
                    Field::Reference
                };
                self.warn(field, "", "who says so is missing");
            }
            self.row.source = self.row.reference.clone();
        }
    }

    fn given(&self, field: Field) -> bool {
        !self.record_text(field).is_empty()
    }

    fn record_text(&self, field: Field) -> String {
        let columns = self
            .header
            .columns
            .iter()
            .filter(|column| column.field == field);
        let cells = columns
            .filter_map(|column| self.record.cells.get(column.at))
            .map(|cell| cell.trim());
        cells
            .into_iter()
            .find(|cell| !cell.is_empty())
            .unwrap_or_default()
            .to_owned()
    }
}

/// Whether one date is before another, as far as both are known.
fn is_before(date: &Date, other: &Date) -> bool {
    let both = date.as_str().len().min(other.as_str().len());
    let moments = both > 10 && date.as_str().get(..16) < other.as_str().get(..16);
    date.days().last < other.days().first || moments
}

fn is_link(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or_default();
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':'))
}
