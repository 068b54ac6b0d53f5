//! The text of a report, read line by line into parts.
//!
//! Reading goes on after a fault, so that all of them are told at once. Text that is not understood is never dropped in
//! silence: it is a fault, or it is a paragraph.

use std::collections::BTreeMap;

use super::inline::{Spot, joined, runs, spots, text};
use super::{Block, Body, Document, Fault, Meta, Note, Place, Reference, Run, TEXT_LENGTH_MAX};

/// Lines that the first page may have.
const META: &[&str] = &[
    "title",
    "symbol",
    "date",
    "distribution",
    "language",
    "authors",
    "addressee",
    "mandate",
];

/// Marks that a part may have.
const MARKS: &[&str] = &[
    "TLP:CLEAR",
    "TLP:GREEN",
    "TLP:AMBER",
    "TLP:AMBER+STRICT",
    "TLP:RED",
];

/// The drawings there are.
pub(super) const DRAWINGS: &[&str] = &["flow", "waterfall", "thefts", "totals", "timeline"];

/// Reads a report. What cannot be read is among the faults; the rest is read all the same.
pub fn parse(input: &str) -> (Document, Vec<Fault>) {
    let mut reader = Reader::default();
    if input.len() > TEXT_LENGTH_MAX {
        let what = format!("the text has more than {TEXT_LENGTH_MAX} bytes");
        let hint = "put long lists into the case, and refer to them";
        let place = Place { line: 1, column: 1 };
        return (
            Document::default(),
            vec![Fault::new(place, "form", what, hint)],
        );
    }
    let lines: Vec<&str> = input.lines().collect();
    let mut at = reader.front(&lines);
    while at < lines.len() {
        at = reader.block(&lines, at);
    }
    reader.finish()
}

#[derive(Default)]
pub(super) struct Reader {
    document: Document,
    pub(super) faults: Vec<Fault>,
    names: BTreeMap<String, usize>,
}

/// What stands in braces at the end of a part: its name and its mark.
#[derive(Default)]
pub(super) struct Attributes {
    id: String,
    handling: Option<String>,
}

impl Reader {
    pub(super) fn fault(
        &mut self,
        line: usize,
        column: usize,
        what: impl Into<String>,
        hint: &str,
    ) {
        let place = Place { line, column };
        self.faults.push(Fault::new(place, "form", what, hint));
    }

    /// The lines between `---` at the top.
    fn front(&mut self, lines: &[&str]) -> usize {
        if lines.first().map(|line| line.trim_end()) != Some("---") {
            self.fault(
                1,
                1,
                "the text does not begin with its first page",
                "begin with `---`, `title: …` and `---`",
            );
            return 0;
        }
        let mut at = 1;
        while at < lines.len() {
            let line = lines[at].trim_end();
            at += 1;
            if line == "---" {
                break;
            }
            if line.is_empty() {
                continue;
            }
            match line.split_once(':') {
                Some((key, said)) if META.contains(&key.trim()) => {
                    let key = key.trim().to_owned();
                    if self.document.meta(&key).is_some() {
                        self.fault(at, 1, format!("`{key}` stands there twice"), "keep one");
                    }
                    let place = Place {
                        line: at,
                        column: 1,
                    };
                    let text = said.trim().to_owned();
                    self.document.meta.push(Meta { key, text, place });
                }
                _ => {
                    let hint = format!("one of {}, each with `: ` and its text", META.join(", "));
                    self.fault(at, 1, "this is no line of a first page", &hint);
                }
            }
        }
        if self.document.meta("title").is_none_or(str::is_empty) {
            self.fault(
                1,
                1,
                "the report has no title",
                "write `title: …` between the `---`",
            );
        }
        at
    }

    /// Reads what begins at a line; gives the line after it.
    fn block(&mut self, lines: &[&str], at: usize) -> usize {
        let line = lines[at];
        if line.trim().is_empty() {
            return at + 1;
        }
        if line.starts_with('#') {
            self.heading(line, at + 1);
            return at + 1;
        }
        if line.starts_with(":::") {
            return self.fenced(lines, at);
        }
        if defines(line, "[^") {
            return self.note(lines, at);
        }
        if defines(line, "*[") {
            self.abbreviation(line, at + 1);
            return at + 1;
        }
        let end = paragraph_end(lines, at);
        if line.starts_with("- ") {
            self.list(&lines[at..end], at + 1);
        } else {
            let mut all = stretch(&lines[at..end], at + 1);
            let attributes = self.attributes(&mut all);
            let runs = runs(&all, &mut self.faults);
            self.push(at + 1, attributes, Body::Paragraph(runs));
        }
        end
    }

    pub(super) fn push(&mut self, line: usize, attributes: Attributes, body: Body) {
        let Attributes { id, handling } = attributes;
        if !id.is_empty() {
            self.name(&id, line);
        }
        let place = Place { line, column: 1 };
        self.document.blocks.push(Block {
            place,
            id,
            handling,
            body,
        });
    }

    /// Notes that a name is taken.
    fn name(&mut self, id: &str, line: usize) {
        if let Some(first) = self.names.insert(id.to_owned(), line) {
            let what = format!("the name {id:?} is of line {first} already");
            self.fault(line, 1, what, "each part has a name of its own");
        }
    }

    fn heading(&mut self, line: &str, number: usize) {
        let level = line.chars().take_while(|c| *c == '#').count();
        let rest = line.get(level..).unwrap_or_default();
        let told = rest.trim_start();
        if level > 3 || told.is_empty() || told.len() == rest.len() {
            self.fault(
                number,
                1,
                "this is no heading",
                "write one to three `#`, a space and its words",
            );
            return;
        }
        let annex = level == 1 && told.starts_with("Annex:");
        let told = if annex {
            told.trim_start_matches("Annex:").trim_start()
        } else {
            told
        };
        let column = line.chars().count() - told.chars().count() + 1;
        let mut all = spots(told.trim_end(), number, column);
        let attributes = self.attributes(&mut all);
        let runs = runs(&all, &mut self.faults);
        self.push(number, attributes, Body::Heading { level, annex, runs });
    }

    /// Takes `{#name TLP:X}` off the end.
    fn attributes(&mut self, all: &mut Vec<Spot>) -> Attributes {
        let whole = text(all);
        let whole = whole.trim_end();
        let found = whole.rfind('{').filter(|at| {
            whole.ends_with('}')
                && (whole[*at..].starts_with("{#") || whole[*at..].starts_with("{TLP:"))
        });
        let Some(at) = found else {
            return Attributes::default();
        };
        let inner = whole[at + 1..whole.len() - 1].to_owned();
        let kept = whole[..at].chars().count();
        let place = all[kept].place;
        all.truncate(kept);
        while all.last().is_some_and(|spot| spot.c.is_whitespace()) {
            all.pop();
        }
        self.named(&inner, place)
    }

    /// Reads a name and a mark.
    pub(super) fn named(&mut self, inner: &str, place: Place) -> Attributes {
        let mut attributes = Attributes::default();
        for word in inner.split_whitespace() {
            match word.strip_prefix('#') {
                Some(id) if is_name(id) => attributes.id = id.to_owned(),
                None if MARKS.contains(&word) => attributes.handling = Some(word.to_owned()),
                _ => {
                    let what = format!("{word:?} is neither a name nor a mark");
                    let hint = "a name is `#` and a-z, 0-9, hyphens; a mark is one of TLP 2.0: TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED";
                    self.faults.push(Fault::new(place, "form", what, hint));
                }
            }
        }
        attributes
    }

    fn list(&mut self, lines: &[&str], number: usize) {
        let mut items: Vec<Vec<Vec<Spot>>> = Vec::new();
        for (offset, line) in lines.iter().enumerate() {
            match line.strip_prefix("- ") {
                Some(item) => items.push(vec![spots(item.trim_end(), number + offset, 3)]),
                None => {
                    if let Some(item) = items.last_mut() {
                        item.push(spots(line.trim_end(), number + offset, 1));
                    }
                }
            }
        }
        let mut items: Vec<Vec<Spot>> = items.iter().map(|item| joined(item)).collect();
        let attributes = match items.last_mut() {
            Some(last) => self.attributes(last),
            None => Attributes::default(),
        };
        let items = items
            .iter()
            .map(|item| runs(item, &mut self.faults))
            .collect();
        self.push(number, attributes, Body::List(items));
    }

    fn note(&mut self, lines: &[&str], at: usize) -> usize {
        let end = paragraph_end(lines, at);
        let mut all = stretch(&lines[at..end], at + 1);
        let Attributes { handling, id } = self.attributes(&mut all);
        if !id.is_empty() {
            self.fault(
                at + 1,
                1,
                "a footnote has its name at its beginning",
                "leave the other away",
            );
        }
        let whole = text(&all);
        let (head, _) = whole.split_once("]:").unwrap_or((&whole, ""));
        let id = head.trim_start_matches("[^").trim().to_owned();
        let mut skip = head.chars().count() + 2;
        while all.get(skip).is_some_and(|spot| spot.c.is_whitespace()) {
            skip += 1;
        }
        let rest = all.get(skip..).unwrap_or_default();
        let withheld = text(rest);
        let withheld = withheld
            .strip_prefix("withheld ")
            .filter(|hash| is_hash(hash));
        if self.document.notes.iter().any(|note| note.id == id) {
            self.fault(
                at + 1,
                1,
                format!("there are two footnotes {id:?}"),
                "name one otherwise",
            );
        }
        let place = Place {
            line: at + 1,
            column: 1,
        };
        let read = match withheld {
            Some(_) => Vec::new(),
            None => runs(rest, &mut self.faults),
        };
        self.document.notes.push(Note {
            place,
            id,
            handling,
            withheld: withheld.map(ToOwned::to_owned),
            runs: read,
        });
        end
    }

    fn abbreviation(&mut self, line: &str, number: usize) {
        let (short, long) = line.split_once("]:").unwrap_or((line, ""));
        let short = short.trim_start_matches("*[").trim();
        let long = long.trim();
        let known = &self.document.abbreviations;
        if short.is_empty() || long.is_empty() || known.iter().any(|(other, _)| other == short) {
            self.fault(
                number,
                1,
                format!("the abbreviation {short:?} is said twice, or stands for nothing"),
                "write each once, as `*[ABC]: what it stands for`",
            );
            return;
        }
        let row = (short.to_owned(), long.to_owned());
        self.document.abbreviations.push(row);
        let place = Place {
            line: number,
            column: 1,
        };
        self.document.abbreviation_places.push(place);
    }

    fn finish(mut self) -> (Document, Vec<Fault>) {
        self.faults.sort();
        (self.document, self.faults)
    }
}

/// Whether a line says what a footnote's mark (`[^a]: …`) or an abbreviation (`*[ABC]: …`) stands for.
fn defines(line: &str, opening: &str) -> bool {
    let name = line
        .strip_prefix(opening)
        .and_then(|rest| rest.split_once(']'));
    name.is_some_and(|(_, after)| after.starts_with(':'))
}

/// The line after the last of a paragraph. What a mark or an abbreviation stands for may follow without a blank line.
fn paragraph_end(lines: &[&str], at: usize) -> usize {
    let breaks = |line: &str| {
        line.trim().is_empty()
            || line.starts_with('#')
            || line.starts_with(":::")
            || defines(line, "[^")
            || defines(line, "*[")
    };
    (at + 1..lines.len())
        .find(|next| breaks(lines[*next]))
        .unwrap_or(lines.len())
}

/// Lines as one stretch of text.
fn stretch(lines: &[&str], number: usize) -> Vec<Spot> {
    let lines: Vec<Vec<Spot>> = lines
        .iter()
        .enumerate()
        .map(|(offset, line)| spots(line.trim_end(), number + offset, 1))
        .collect();
    joined(&lines)
}

fn is_name(id: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !id.is_empty() && id.len() <= 64 && id.bytes().all(plain) && !id.starts_with('-')
}

pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Block {
    /// What its reference to itself would be, for a table of contents or a comment.
    pub fn is_numbered(&self) -> bool {
        !matches!(
            self.body,
            Body::List(_) | Body::Heading { level: 2..=3, .. }
        )
    }
}

impl Reference {
    /// A reference that text spells, `kind:subject#path|form`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let mut faults = Vec::new();
        let all = spots(&format!("{{{text}}}"), 1, 1);
        match (runs(&all, &mut faults).pop(), faults.pop()) {
            (Some(Run::Reference(reference)), None) => Ok(reference),
            (_, Some(fault)) => Err(fault),
            _ => Err(Fault::new(
                Place { line: 1, column: 1 },
                "reference",
                format!("{text:?} is no reference"),
                "write kind:subject#path",
            )),
        }
    }
}
