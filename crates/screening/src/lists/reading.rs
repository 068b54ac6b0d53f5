//! A list while it is read: entries, and what the reader must tell of the file.

use std::collections::BTreeMap;

use super::dates;
use super::entry::{Document, Entry, Listed, Wallet, tidy};
use super::error::ListError;
use super::xml::Element;

/// What OFAC puts before a digital-currency address.
const WALLET: &str = "Digital Currency Address";
/// The most remarks on a file that are kept one by one.
const PROBLEMS_MAX: usize = 200;

/// How the remark begins that a publisher's date cannot be read.
pub const UNDATED: &str = "the publisher's date cannot be read";
/// How much of such a date is shown.
const DATE_SHOWN: usize = 60;

/// A list as read from the files of its publisher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The list: `un`, `ofac-sdn`, `ofac-consolidated`, `eu`, `uk`, or the name of a file.
    pub list: String,
    /// Who publishes it.
    pub publisher: String,
    /// The publisher's date, `YYYY-MM-DD`, where the file bears one.
    pub date: Option<String>,
    /// How many entries the file says it holds.
    pub declared: Option<u64>,
    /// The entries, in the order of the file.
    pub entries: Vec<Listed>,
    /// Elements, attributes or columns that the reader does not know, kept as facts: how often, and the line of
    /// the first.
    pub unknown: BTreeMap<String, Unknown>,
    /// What is odd about the file, with its place.
    pub problems: Vec<String>,
}

/// How often something unknown was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    /// How often.
    pub count: u64,
    /// The line of the first.
    pub line: u64,
}

impl Listing {
    /// An empty list of a publisher.
    pub(crate) fn new(list: &str, publisher: &str) -> Self {
        Self {
            list: list.to_owned(),
            publisher: publisher.to_owned(),
            ..Self::default()
        }
    }

    /// Counts something unknown.
    pub(crate) fn unknown(&mut self, what: &str, line: u64) {
        let seen = self.unknown.entry(what.to_owned()).or_default();
        if seen.count == 0 {
            seen.line = line;
        }
        seen.count += 1;
    }

    /// Takes the publisher's date. One that cannot be read is said: the list will be of the day it is brought in, and is older.
    pub(crate) fn dated(&mut self, text: &str, month_first: bool) {
        self.date = dates::day(text, month_first);
        if self.date.is_none() {
            let text: String = tidy(text).chars().take(DATE_SHOWN).collect();
            self.problem(format!("{UNDATED}: `{text}`"));
        }
    }

    /// Says what is odd.
    pub(crate) fn problem(&mut self, what: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(what);
        }
    }

    /// Keeps all leaves of an element that no field holds: those not in `taken`. Those not in `known` either
    /// are counted as unknown.
    pub(crate) fn facts(
        &mut self,
        element: &Element,
        taken: &[&str],
        known: &[&str],
    ) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        element.leaves(&mut |path, text, line| {
            if taken.contains(&path) {
                return;
            }
            facts.push((path.to_owned(), text.to_owned()));
            if !known.contains(&path) {
                let separator = if path.starts_with('@') { "" } else { "/" };
                self.unknown(&format!("{}{separator}{path}", element.name), line);
            }
        });
        facts
    }

    /// Adds an entry; one without an id is told by its place.
    pub(crate) fn push(&mut self, mut entry: Entry, facts: Vec<(String, String)>, line: u64) {
        if entry.id.is_empty() {
            entry.id = format!("line-{line}");
            self.problem(format!("line {line}: an entry without an id"));
        }
        if entry.reference.is_empty() {
            entry.reference.clone_from(&entry.id);
        }
        if entry.names.is_empty() && entry.wallets.is_empty() {
            self.problem(format!("line {line}: entry {} has no name", entry.id));
        }
        self.entries.push(Listed { entry, facts });
    }

    /// A remark on what was outside of entries: kept as unknown.
    pub(crate) fn outside(&mut self, path: &str, element: &Element, known: &[&str]) {
        let place = [path, &element.name]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/");
        let mut found = Vec::new();
        element.leaves(&mut |leaf, _, line| found.push((format!("{place}{leaf}"), line)));
        for (what, line) in found {
            if !known.contains(&what.as_str()) {
                self.unknown(&what, line);
            }
        }
    }

    /// Gives ids that occur twice a number, so that each entry can be named.
    pub(crate) fn number_duplicates(&mut self) {
        let mut seen: BTreeMap<String, u64> = BTreeMap::new();
        let mut problems = Vec::new();
        for listed in &mut self.entries {
            let times = seen.entry(listed.entry.id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                problems.push(format!("the id {} occurs {times} times", listed.entry.id));
                // The EU's own number of the record, where there is one, stays when others go.
                let own = listed.facts.iter().find(|(place, _)| place == "@logicalId");
                let own = own.map_or_else(|| times.to_string(), |(_, number)| number.clone());
                listed.entry.id = format!("{}#{own}", listed.entry.id);
            }
        }
        for problem in problems {
            self.problem(problem);
        }
    }

    /// Ends the reading of a file.
    pub(crate) fn done(mut self, file: &str) -> Result<Self, ListError> {
        if self.entries.is_empty() {
            return Err(ListError::Empty {
                file: file.to_owned(),
            });
        }
        self.number_duplicates();
        Ok(self)
    }
}

impl Entry {
    /// Takes a numbered identifier of OFAC's apart: an address, a gender, or a document. Any code is kept, also
    /// one that nobody has seen before.
    pub(crate) fn identifier(&mut self, kind: &str, number: &str, country: &str) {
        if let Some(code) = wallet_code(kind) {
            self.wallet(code, number);
        } else if kind == "Gender" {
            self.gender = super::entry::Gender::read(number).or(self.gender);
        } else if kind.is_empty() {
            self.documents.push(Document {
                kind: String::new(),
                number: super::entry::tidy(number),
                country: String::new(),
            });
        } else {
            self.document(kind, number, country);
        }
    }

    /// Adds a digital-currency address.
    pub(crate) fn wallet(&mut self, code: &str, address: &str) {
        let address: String = address.split_whitespace().collect();
        if !address.is_empty() {
            self.wallets.push(Wallet {
                code: code.trim().to_uppercase(),
                address,
            });
        }
    }
}

/// The code of `Digital Currency Address - XBT`.
pub(crate) fn wallet_code(kind: &str) -> Option<&str> {
    let rest = kind.trim().strip_prefix(WALLET)?;
    Some(rest.trim_start_matches([' ', '-', '–']).trim())
}
