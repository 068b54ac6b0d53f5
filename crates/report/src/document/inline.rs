//! Lines of text, taken apart into runs: words, stress, links, references, marks of footnotes, literals.
//!
//! Each character keeps the place where it stands, so that a fault is pointed at. What begins a run and does not end it
//! is a fault and not plain text: a reference that is not closed would print as text that looks computed.

use super::{Fault, Place, Reference, Run};

/// A character and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub c: char,
    pub place: Place,
}

/// The characters of a line, from a column on.
pub(super) fn spots(text: &str, line: usize, column: usize) -> Vec<Spot> {
    let spot = |(at, c)| Spot {
        c,
        place: Place {
            line,
            column: column + at,
        },
    };
    text.chars().enumerate().map(spot).collect()
}

/// Joins lines of one paragraph. A break stays, so that places can be counted; it prints as a space.
pub(super) fn joined(lines: &[Vec<Spot>]) -> Vec<Spot> {
    let mut all: Vec<Spot> = Vec::new();
    for line in lines {
        if let Some(last) = all.last() {
            let place = last.place;
            all.push(Spot { c: '\n', place });
        }
        all.extend(line);
    }
    all
}

/// A text with each run of white space as one space.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            plain.push(c);
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain
}

/// The text of spots.
pub(super) fn text(spots: &[Spot]) -> String {
    spots.iter().map(|spot| spot.c).collect()
}

/// Takes text apart.
pub(super) fn runs(spots: &[Spot], faults: &mut Vec<Fault>) -> Vec<Run> {
    let mut reader = Reader {
        spots,
        at: 0,
        runs: Vec::new(),
        plain: Vec::new(),
        faults,
    };
    while reader.at < spots.len() {
        reader.step();
    }
    reader.flush();
    reader.runs
}

struct Reader<'a> {
    spots: &'a [Spot],
    at: usize,
    runs: Vec<Run>,
    plain: Vec<Spot>,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let spot = self.spots[self.at];
        let next = self.spots.get(self.at + 1).map(|spot| spot.c);
        match (spot.c, next) {
            ('\\', Some('\\' | '{' | '}' | '*' | '<' | '[' | '|')) => {
                // A run of its own, so that the places after it can be counted.
                self.flush();
                self.plain.push(self.spots[self.at + 1]);
                self.at += 2;
            }
            ('{', _) => self.reference(),
            ('[', Some('^')) => self.note_mark(),
            ('<', Some('h')) if self.starts("<https://") || self.starts("<http://") => self.link(),
            ('*', Some(c)) if !c.is_whitespace() => self.stressed(),
            _ => {
                self.plain.push(spot);
                self.at += 1;
            }
        }
    }

    fn starts(&self, with: &str) -> bool {
        let rest = self.spots[self.at..].iter().map(|spot| spot.c);
        rest.take(with.len()).eq(with.chars())
    }

    fn flush(&mut self) {
        if let Some(first) = self.plain.first() {
            let run = Run::Text(text(&self.plain), first.place);
            self.runs.push(run);
            self.plain.clear();
        }
    }

    /// What stands between here plus `open` characters and the closing text; `None` where it is not closed.
    fn until(&mut self, open: usize, close: &str) -> Option<String> {
        let inner = &self.spots[self.at + open..];
        let close: Vec<char> = close.chars().collect();
        let end = (0..inner.len()).find(|from| {
            let rest = inner[*from..].iter().map(|spot| spot.c);
            rest.take(close.len()).eq(close.iter().copied())
        })?;
        let found = text(&inner[..end]);
        self.flush();
        self.at += open + end + close.len();
        Some(found)
    }

    /// A character that begins something that never ends.
    fn unclosed(&mut self, what: &str, hint: &str) {
        let spot = self.spots[self.at];
        self.faults.push(Fault::new(spot.place, "form", what, hint));
        self.plain.push(spot);
        self.at += 1;
    }

    fn reference(&mut self) {
        let place = self.spots[self.at].place;
        let Some(inner) = self.until(1, "}") else {
            self.unclosed(
                "a reference is not closed",
                "close it with `}`, or write `\\{` for the character itself",
            );
            return;
        };
        match read_reference(&inner, place) {
            Ok(run) => self.runs.push(run),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn note_mark(&mut self) {
        let place = self.spots[self.at].place;
        match self.until(2, "]") {
            Some(id) => self.runs.push(Run::NoteMark(id.trim().to_owned(), place)),
            None => self.unclosed("a mark of a footnote is not closed", "close it with `]`"),
        }
    }

    fn link(&mut self) {
        let place = self.spots[self.at].place;
        match self.until(1, ">") {
            Some(link) if !link.chars().any(char::is_whitespace) => {
                self.runs.push(Run::Link(link, place));
            }
            Some(_) => self.faults.push(Fault::new(
                place,
                "link",
                "a link holds a space",
                "write a space in a link as %20",
            )),
            None => self.unclosed("a link is not closed", "close it with `>`"),
        }
    }

    fn stressed(&mut self) {
        let place = self.spots[self.at].place;
        let (times, close) = if self.starts("**") {
            (2, "**")
        } else {
            (1, "*")
        };
        match self.until(times, close) {
            Some(inner) => self.runs.push(Run::Stressed(inner, times, place)),
            None => self.unclosed(
                "stress is not closed",
                "close it with as many `*`, or write `\\*` for the character itself",
            ),
        }
    }
}

/// Kinds of references, besides those that name a part of the report.
const KINDS: &[&str] = &[
    "finding",
    "incident",
    "total",
    "value",
    "assessment",
    "claim",
    "source",
    "evidence",
    "cited",
];

const FORM: &str =
    "write `{kind:subject#path}`, for example `{finding:ronin-fifo#totals.0.origin}`";

fn read_reference(inner: &str, place: Place) -> Result<Run, Fault> {
    let fault = |what: String, hint: &str| Fault::new(place, "reference", what, hint);
    let Some((kind, rest)) = inner.split_once(':') else {
        return Err(fault(format!("`{{{inner}}}` is no reference"), FORM));
    };
    let kind = kind.trim();
    if kind == "literal" {
        return literal(rest, place);
    }
    if !KINDS.contains(&kind) && !Reference::WITHIN.contains(&kind) {
        let known: Vec<&str> = KINDS.iter().chain(Reference::WITHIN).copied().collect();
        let hint = format!("one of {}, literal", known.join(", "));
        return Err(fault(format!("there is no reference to a {kind:?}"), &hint));
    }
    let (rest, form) = rest.rsplit_once('|').unwrap_or((rest, ""));
    let (subject, path) = rest.split_once('#').unwrap_or((rest, ""));
    if subject.trim().is_empty() {
        return Err(fault(format!("`{{{inner}}}` names no {kind}"), FORM));
    }
    Ok(Run::Reference(Reference {
        kind: kind.to_owned(),
        subject: subject.trim().to_owned(),
        path: path.trim().to_owned(),
        form: form.trim().to_owned(),
        place,
    }))
}

/// A literal cannot smuggle in what must be computed: no address, no hash, nothing long.
fn literal(text: &str, place: Place) -> Result<Run, Fault> {
    let text = text.trim();
    let long = text
        .split_whitespace()
        .any(|word| word.chars().count() > 24);
    if text.is_empty() || long || text.chars().count() > 120 {
        return Err(Fault::new(
            place,
            "reference",
            "a literal is a short name with digits in it, and no address or hash",
            "name an address by a claim, `{claim:ID#address}`, or by a finding",
        ));
    }
    Ok(Run::Literal(text.to_owned(), place))
}
