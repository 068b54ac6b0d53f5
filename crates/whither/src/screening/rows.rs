//! Rows of a table, each asked by its name, address and document (`whither.screen.row/1`).
//!
//! What a row says of birth, country and the like and cannot be read is passed over, and said among the reasons of its
//! hits. A row that cannot be told for certain ends the reading: nobody would see what was not asked.

use std::io::Read;

use serde::Serialize;
use whither_screening::lists::quotes::{SWALLOWED, Watched, swallows};

use super::{Judged, QUESTION_MAX, Qualifiers, Relations, Searcher, Through, is_clean, qualifiers};
use crate::error::Error;
use crate::ingest::Progress;
use crate::lists::OpenLists;

/// A row of a table and its hits (`whither.screen.row/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowAnswer {
    /// `whither.screen.row/1`.
    pub schema: &'static str,
    /// The row, counted from 1 after the header.
    pub row: u64,
    /// What the table itself tells the row apart by, where it has a column for it.
    pub id: Option<String>,
    /// The name, or the address of a row without one.
    pub query: String,
    /// Who can be meant, by name or address.
    pub hits: Vec<Judged>,
    /// Who is listed and can be reached by relations of the case, where it knows who or what stands in the row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Through>,
}

impl RowAnswer {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty() && self.through.is_empty()
    }
}

/// What rows came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// How many rows.
    pub rows: u64,
    /// How many of them have a hit.
    pub with_hits: u64,
    /// How many of those have no hit but such as the case has decided to be somebody else.
    pub dismissed: u64,
    /// Columns that were not asked, since nobody knows what they hold, or another of the kind stands before them.
    pub unasked: Vec<String>,
}

/// Columns of a table of questions, by what they hold.
const COLUMNS: &[(&str, &[&str])] = &[
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

/// Asks all rows of a CSV table with a header, and gives each row to `visit` as soon as it is answered. What a row
/// says of birth, country and the like and cannot be read is passed over, and said among the reasons of its hits.
///
/// # Errors
/// Where the table has neither names nor addresses, a row is not CSV, or `visit` gives up.
pub fn screen_rows(
    (lists, relations): (&OpenLists, Option<&Relations>),
    (source, total_bytes, name): (impl Read, u64, &str),
    threshold: u8,
    progress: &dyn Progress,
    visit: &mut dyn FnMut(&RowAnswer) -> Result<(), Error>,
) -> Result<RowCounts, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(Watched::new(source));
    let at = |error: csv::Error| {
        Error::new(format!("{name}: {error}")).with_hint(match error.kind() {
            csv::ErrorKind::Io(_) => CLOSE,
            _ => "the table is CSV with commas, in UTF-8",
        })
    };
    let header = reader.byte_headers().map_err(at)?.clone();
    let (places, unasked) = columns(&header);
    if places[0].is_none() && places[1].is_none() && places[7].is_none() {
        return Err(Error::new(format!("{name}: its header has no column `name`, `address` or `document`"))
            .with_hint("the first row names the columns: name, address, id, type, born, country, sex, document"));
    }
    let mut searcher = Searcher::default();
    let mut counts = RowCounts {
        unasked,
        ..RowCounts::default()
    };
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(at)? {
        counts.rows += 1;
        if let Some(why) = unreadable(&record, &places, header.len()) {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(Error::new(format!("{name}: line {line}: {why}")).with_hint(CLOSE));
        }
        let cells = places.map(|place| {
            let cell = place
                .and_then(|place| record.get(place))
                .map(String::from_utf8_lossy);
            cell.map(|cell| cell.trim().to_owned())
                .filter(|cell| !cell.is_empty())
        });
        let mut answer = row(lists, counts.rows, &cells, threshold, &mut searcher);
        if let Some(relations) = relations {
            let asked = cells.iter().take(2).flatten();
            answer.through = asked.flat_map(|text| relations.from(text)).collect();
            answer.through.dedup();
        }
        counts.with_hits += u64::from(!answer.is_empty());
        let dismissed = answer.through.is_empty() && is_clean(&answer.hits);
        counts.dismissed += u64::from(!answer.is_empty() && dismissed);
        visit(&answer)?;
        if counts.rows.is_multiple_of(1000) {
            progress.report(
                record.position().map_or(0, csv::Position::byte),
                total_bytes,
                name,
            );
        }
    }
    Ok(counts)
}

/// Why a row cannot be asked, given how many columns the header has.
fn unreadable(
    record: &csv::ByteRecord,
    places: &[Option<usize>],
    columns: usize,
) -> Option<&'static str> {
    let asked = places.iter().flatten();
    let mut wrong = asked.filter_map(|place| damaged(record.get(*place)?));
    let swallowed = |cell: &[u8]| swallows(cell, b',', columns);
    let mut beyond = record.iter().skip(columns);
    let mut is_longer = || beyond.any(|cell| !cell.trim_ascii().is_empty());
    wrong
        .next()
        .or_else(|| record.iter().any(swallowed).then_some(SWALLOWED))
        .or_else(|| is_longer().then_some(LONGER))
}

/// A row that cannot be told apart into the header's columns.
const LONGER: &str =
    "it has more cells than the header: a cell with a comma in it must stand in quotes";
/// What to do with a table that is damaged.
const CLOSE: &str = "save the table as UTF-8, with a quote at both ends of a cell or at none; nothing after this row was asked";

/// Where the columns stand, by what they hold, and the names of those that are not asked.
fn columns(header: &csv::ByteRecord) -> ([Option<usize>; 8], Vec<String>) {
    let wanted = [
        "name", "address", "id", "type", "born", "country", "sex", "document",
    ];
    let cells: Vec<String> = header
        .iter()
        .map(|cell| {
            let cell = String::from_utf8_lossy(cell);
            cell.trim_start_matches('\u{feff}').trim().to_owned()
        })
        .collect();
    let places = wanted.map(|wanted| {
        let names = COLUMNS.iter().find(|(what, _)| *what == wanted);
        let names = names.map_or(&[][..], |(_, names)| names);
        cells.iter().position(|cell| {
            let cell = cell.to_lowercase().replace([' ', '-'], "_");
            names.contains(&cell.as_str())
        })
    });
    let unasked = cells.iter().enumerate();
    let unasked = unasked.filter(|(at, _)| !places.contains(&Some(*at)));
    let unasked = unasked.map(|(_, cell)| cell.clone()).collect();
    (places, unasked)
}

/// Why a cell cannot be asked for: what it says would be somebody else, and nobody would see it.
fn damaged(cell: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(cell);
    match text {
        Err(_) => Some("a cell is not UTF-8"),
        Ok(text) if text.trim().contains(['\n', '\r']) => {
            Some("a cell goes over several lines: a quote before it is not closed")
        }
        Ok(_) => None,
    }
}

fn row(
    lists: &OpenLists,
    row: u64,
    cells: &[Option<String>; 8],
    threshold: u8,
    searcher: &mut Searcher,
) -> RowAnswer {
    let [name, address, id, kind, born, of, sex, document] = cells;
    let mut unread = Vec::new();
    let mut known = Qualifiers::default();
    let parts = [
        qualifiers(kind.as_deref(), None, None, None, None),
        qualifiers(None, born.as_deref(), None, None, None),
        qualifiers(None, None, of.as_deref(), None, None),
        qualifiers(None, None, None, sex.as_deref(), None),
        qualifiers(None, None, None, None, document.as_deref()),
    ];
    for part in parts {
        match part {
            Ok(part) => {
                known.kind = known.kind.or(part.kind);
                known.birth = known.birth.or(part.birth);
                known.country = known.country.or(part.country);
                known.gender = known.gender.or(part.gender);
                known.document = known.document.or(part.document);
            }
            Err(error) => unread.push(format!("passed over: {error}")),
        }
    }
    let mut hits = Vec::new();
    let short = |text: &&String| text.len() <= QUESTION_MAX;
    if let Some(address) = address.as_ref().filter(short) {
        let found = lists.screen.ask_address(address).into_iter();
        hits.extend(found.map(|hit| lists.decisions.judge(address, hit)));
    }
    if let Some(name) = name.as_ref().filter(short) {
        let found = lists
            .screen
            .ask(name, &known, threshold, searcher)
            .into_iter();
        hits.extend(found.map(|hit| lists.decisions.judge(name, hit)));
    }
    // With a name the document is asked together with it.
    if let Some(number) = document.as_ref().filter(|_| name.is_none()).filter(short) {
        let found = lists
            .screen
            .ask_name("", &known, threshold, searcher)
            .into_iter();
        hits.extend(found.map(|hit| lists.decisions.judge(number, hit)));
    }
    for hit in &mut hits {
        hit.hit.why.extend(unread.iter().cloned());
    }
    RowAnswer {
        schema: "whither.screen.row/1",
        row,
        id: id.clone(),
        query: name
            .as_ref()
            .or(address.as_ref())
            .or(document.as_ref())
            .cloned()
            .unwrap_or_default(),
        hits,
        through: Vec::new(),
    }
}
