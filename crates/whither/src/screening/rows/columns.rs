//! What the columns of a table of questions hold, and what a row of it says.
//!
//! Not here: how rows are read, and what is asked of them.

use std::collections::BTreeMap;

use super::super::decisions::{born, plain};
use super::super::{QUESTION_MAX, Qualifiers, country, qualifiers, too_long};
use crate::error::Error;

/// Columns of a table of questions, by what they hold.
const COLUMNS: [(&str, &[&str]); 8] = [
    (
        "name",
        &[
            "name",
            "query",
            "full_name",
            "fullname",
            "customer",
            "label",
        ],
    ),
    (
        "address",
        &["address", "wallet", "crypto_address", "wallet_address"],
    ),
    ("id", &["id", "reference", "customer_id"]),
    ("type", &["type", "kind", "schema"]),
    (
        "born",
        &["born", "dob", "birth_date", "birthdate", "date_of_birth"],
    ),
    ("country", &["country", "nationality", "citizenship"]),
    ("sex", &["sex", "gender"]),
    ("document", &["document", "passport", "document_number"]),
];
pub(super) const NAME: usize = 0;
pub(super) const ADDRESS: usize = 1;
pub(super) const ID: usize = 2;
const KIND: usize = 3;
const BORN: usize = 4;
const COUNTRY: usize = 5;
const SEX: usize = 6;
pub(super) const DOCUMENT: usize = 7;

/// A row that cannot be told apart into the header's columns.
const LONGER: &str =
    "it has more cells than the header: a cell with a comma in it must stand in quotes";

/// The columns of a table.
pub(super) struct Columns {
    /// As the header writes them.
    pub names: Vec<String>,
    /// Where they stand, by what they hold: of names, addresses and ids the first.
    pub places: [Vec<usize>; 8],
}

impl Columns {
    pub(super) fn of(header: &csv::ByteRecord) -> Self {
        let cells = header.iter().map(|cell| {
            let cell = String::from_utf8_lossy(cell);
            cell.trim_start_matches('\u{feff}').trim().to_owned()
        });
        let names: Vec<String> = cells.collect();
        let mut what = 0;
        let places = COLUMNS.map(|(_, called)| {
            let is_called = |(at, cell): (usize, &String)| {
                let cell = cell.to_lowercase().replace([' ', '-'], "_");
                called.contains(&cell.as_str()).then_some(at)
            };
            let all = names.iter().enumerate().filter_map(is_called);
            let most = if what <= ID { 1 } else { usize::MAX };
            what += 1;
            all.take(most).collect()
        });
        Self { names, places }
    }

    /// The names of those that are not asked.
    pub(super) fn unasked(&self) -> Vec<String> {
        let asked = |at: &usize| self.places.iter().flatten().any(|place| place == at);
        let columns = self.names.iter().enumerate();
        let unasked = columns.filter(|(at, _)| !asked(at));
        unasked.map(|(_, name)| name.clone()).collect()
    }

    /// Why a row cannot be asked.
    pub(super) fn unreadable(&self, record: &csv::ByteRecord) -> Option<&'static str> {
        let places = self.places.iter().flatten();
        let mut asked = places.filter_map(|at| record.get(*at));
        let mut beyond = record.iter().skip(self.names.len());
        if asked.any(|cell| std::str::from_utf8(cell).is_err()) {
            return Some("a cell is not UTF-8");
        }
        beyond
            .any(|cell| !cell.trim_ascii().is_empty())
            .then_some(LONGER)
    }

    /// What a row holds; a cell over several lines on one.
    pub(super) fn row<'a>(&self, cell: impl Fn(usize) -> Option<&'a [u8]>) -> Row {
        let text = |at: &usize| {
            let text = String::from_utf8_lossy(cell(*at)?).trim().to_owned();
            let text = if text.contains(['\n', '\r']) {
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            } else {
                text
            };
            (!text.is_empty()).then_some(text)
        };
        Row {
            cells: [0, 1, 2, 3, 4, 5, 6, 7]
                .map(|what: usize| self.places[what].iter().filter_map(text).collect()),
        }
    }

    /// How many cells a row has at least that asks for something.
    pub(super) fn reach(&self) -> usize {
        let asked = [NAME, ADDRESS, DOCUMENT].into_iter();
        let places = asked.flat_map(|what| &self.places[what]);
        places.min().map_or(usize::MAX, |first| first + 1)
    }
}

/// The cells of a row that hold something, by what they hold.
#[derive(PartialEq, Eq)]
pub(super) struct Row {
    pub cells: [Vec<String>; 8],
}

impl Row {
    /// The name, or the address or document of a row without one.
    pub(super) fn query(&self) -> String {
        let all = [NAME, ADDRESS, DOCUMENT].map(|what| self.cells[what].first());
        all.into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_default()
    }

    /// Whether what is asked for is no longer than a question may be.
    pub(super) fn check(&self) -> Result<(), Error> {
        // A cell may hold many addresses; a cell is limited as it is read.
        let addresses = self.cells[ADDRESS].iter();
        let addresses = addresses.flat_map(|text| text.split([',', ';', '|', ' ']));
        let others = [NAME, DOCUMENT].map(|what| &self.cells[what]);
        let others = others.into_iter().flatten().map(String::as_str);
        let mut long = addresses.chain(others);
        long.find(|text| text.len() > QUESTION_MAX)
            .map_or(Ok(()), |text| Err(too_long(text)))
    }

    /// What is known of birth, country and the like. Two columns that say different things say nothing.
    pub(super) fn known(&self) -> Known {
        let mut known = Qualifiers::default();
        let (mut passed, mut beyond) = (Vec::new(), Vec::new());
        for what in [KIND, BORN, COUNTRY, SEX, DOCUMENT] {
            let mut read: BTreeMap<String, Qualifiers> = BTreeMap::new();
            let mut over: Vec<String> = Vec::new();
            for text in &self.cells[what] {
                let of = |at: usize| (what == at).then_some(text.as_str());
                match qualifiers(of(KIND), of(BORN), of(COUNTRY), of(SEX), of(DOCUMENT)) {
                    Ok(one) if what != DOCUMENT => drop(read.insert(form(&one), one)),
                    Ok(_) => {}
                    Err(error) => over.push(error.to_string()),
                }
            }
            if read.len() > 1 {
                let (column, said) = (COLUMNS[what].0, self.cells[what].join(" and "));
                over.push(format!("`{column}` is said to be {said}"));
                read.clear();
            }
            for one in read.into_values() {
                known.kind = known.kind.or(one.kind);
                known.birth = known.birth.take().or(one.birth);
                known.country = known.country.take().or(one.country);
                known.gender = known.gender.or(one.gender);
            }
            // Type and sex are no part of whom a decision is about.
            if matches!(what, BORN | COUNTRY) {
                beyond.extend_from_slice(&over);
            }
            passed.extend(over.iter().map(|said| format!("passed over: {said}")));
        }
        known.document = self.cells[DOCUMENT].first().cloned();
        Known {
            qualifiers: known,
            passed,
            beyond,
        }
    }

    /// Documents that are not asked together with the name, in words.
    pub(super) fn further(&self) -> Vec<String> {
        let mut documents = self.cells[DOCUMENT].iter();
        let first = documents.next().map(|number| plain(number));
        documents
            .filter(|number| first != Some(plain(number)))
            .map(|number| format!("a further document, {number}"))
            .collect()
    }
}

/// What a row says beside whom it asks for.
pub(super) struct Known {
    /// What could be read.
    pub qualifiers: Qualifiers,
    /// What was passed over, in words.
    pub passed: Vec<String>,
    /// What of that would part one person from another, had it been read.
    pub beyond: Vec<String>,
}

/// What is known, in one form, however it was written.
fn form(known: &Qualifiers) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        known.kind,
        known.birth.as_ref().map(born),
        known.country.as_deref().and_then(country),
        known.gender
    )
}
