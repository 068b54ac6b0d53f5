//! Rows of a table, each asked by its name, address and document (`whither.screen.row/1`).
//!
//! What a row says of birth, country and the like and cannot be read is passed over, and said among the reasons of its
//! hits. A row that cannot be told for certain ends the reading: nobody would see what was not asked. A cell in quotes may
//! go over several lines (RFC 4180). A quote that nobody closed makes one too, out of rows; so each of its lines that is
//! as wide as a row is asked as one, and its hits say so.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;
use whither_screening::lists::quotes::{Watched, as_wide};

use super::decisions::born;
use super::{
    Judged, QUESTION_MAX, Qualifiers, Relations, Searcher, Through, country, is_clean, qualifiers,
    too_long,
};
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
    /// Columns that were not asked: nobody knows what they hold, or it is a second one of names, addresses or ids.
    pub unasked: Vec<String>,
}

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
const NAME: usize = 0;
const ADDRESS: usize = 1;
const ID: usize = 2;
const KIND: usize = 3;
const BORN: usize = 4;
const COUNTRY: usize = 5;
const SEX: usize = 6;
const DOCUMENT: usize = 7;

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
    let columns = Columns::of(&header);
    if [NAME, ADDRESS, DOCUMENT]
        .iter()
        .all(|what| columns.places[*what].is_empty())
    {
        return Err(Error::new(format!("{name}: its header has no column `name`, `address` or `document`"))
            .with_hint("the first row names the columns: name, address, id, type, born, country, sex, document"));
    }
    let mut asking = Asking {
        lists,
        threshold,
        searcher: Searcher::default(),
    };
    let mut counts = RowCounts {
        unasked: columns.unasked(),
        ..RowCounts::default()
    };
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(at)? {
        counts.rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        if let Some(why) = columns.unreadable(&record) {
            return Err(Error::new(format!("{name}: line {line}: {why}")).with_hint(CLOSE));
        }
        let mut answer = asking
            .answer(&columns, &record, counts.rows)
            .map_err(|error| Error::new(format!("{name}: line {line}: {error}")))?;
        if let Some(relations) = relations {
            answer.through = columns.through(&record, relations);
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

/// A row that cannot be told apart into the header's columns.
const LONGER: &str =
    "it has more cells than the header: a cell with a comma in it must stand in quotes";
/// What to do with a table that is damaged.
const CLOSE: &str = "save the table as UTF-8, with a quote at both ends of a cell or at none; nothing after this row was asked";

/// The columns of a table.
struct Columns {
    /// As the header writes them.
    names: Vec<String>,
    /// Where they stand, by what they hold: of names, addresses and ids the first.
    places: [Vec<usize>; 8],
}

impl Columns {
    fn of(header: &csv::ByteRecord) -> Self {
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
    fn unasked(&self) -> Vec<String> {
        let asked = |at: &usize| self.places.iter().flatten().any(|place| place == at);
        let columns = self.names.iter().enumerate();
        let unasked = columns.filter(|(at, _)| !asked(at));
        unasked.map(|(_, name)| name.clone()).collect()
    }

    /// Why a row cannot be asked.
    fn unreadable(&self, record: &csv::ByteRecord) -> Option<&'static str> {
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
    fn row<'a>(&self, cell: impl Fn(usize) -> Option<&'a [u8]>) -> Row {
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

    /// Whom relations lead to from who or what stands in a row.
    fn through(&self, record: &csv::ByteRecord, relations: &Relations) -> Vec<Through> {
        let row = self.row(|at| record.get(at));
        let asked = [NAME, ADDRESS].map(|what| row.cells[what].first());
        let asked = asked.into_iter().flatten();
        let mut through: Vec<Through> = asked.flat_map(|text| relations.from(text)).collect();
        through.dedup();
        through
    }

    /// What may be rows within cells over several lines, and which line of the cell each is.
    fn within(&self, record: &csv::ByteRecord) -> Vec<(usize, Row)> {
        let mut found = Vec::new();
        for cell in record {
            for (number, line) in as_wide(cell, b',', self.names.len()) {
                let cells: Vec<&[u8]> = line
                    .split(|byte| *byte == b',')
                    .map(|cell| cell.strip_prefix(b"\"").unwrap_or(cell))
                    .map(|cell| cell.strip_suffix(b"\"").unwrap_or(cell))
                    .collect();
                let row = self.row(|at| cells.get(at).copied());
                if row.check().is_ok() {
                    found.push((number, row));
                }
            }
        }
        found
    }
}

/// The cells of a row that hold something, by what they hold.
struct Row {
    cells: [Vec<String>; 8],
}

impl Row {
    /// The name, or the address or document of a row without one.
    fn query(&self) -> String {
        let all = [NAME, ADDRESS, DOCUMENT].map(|what| self.cells[what].first());
        all.into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_default()
    }

    /// Whether what is asked for is no longer than a question may be.
    fn check(&self) -> Result<(), Error> {
        let asked = [NAME, ADDRESS, DOCUMENT].map(|what| &self.cells[what]);
        let mut long = asked.into_iter().flatten();
        long.find(|text| text.len() > QUESTION_MAX)
            .map_or(Ok(()), |text| Err(too_long(text)))
    }

    /// What is known of birth, country and the like, and what was passed over. Two columns that say different things say
    /// nothing.
    fn known(&self) -> (Qualifiers, Vec<String>) {
        let (mut known, mut passed) = (Qualifiers::default(), Vec::new());
        for what in [KIND, BORN, COUNTRY, SEX, DOCUMENT] {
            let mut read: BTreeMap<String, Qualifiers> = BTreeMap::new();
            for text in &self.cells[what] {
                let of = |at: usize| (what == at).then_some(text.as_str());
                match qualifiers(of(KIND), of(BORN), of(COUNTRY), of(SEX), of(DOCUMENT)) {
                    Ok(one) if what != DOCUMENT => drop(read.insert(form(&one), one)),
                    Ok(_) => {}
                    Err(error) => passed.push(format!("passed over: {error}")),
                }
            }
            if read.len() > 1 {
                let (column, said) = (COLUMNS[what].0, self.cells[what].join(" and "));
                passed.push(format!("passed over: `{column}` is said to be {said}"));
                continue;
            }
            for one in read.into_values() {
                known.kind = known.kind.or(one.kind);
                known.birth = known.birth.take().or(one.birth);
                known.country = known.country.take().or(one.country);
                known.gender = known.gender.or(one.gender);
            }
        }
        known.document = self.cells[DOCUMENT].first().cloned();
        (known, passed)
    }
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

/// Lists that are asked row by row.
struct Asking<'a> {
    lists: &'a OpenLists,
    threshold: u8,
    searcher: Searcher,
}

impl Asking<'_> {
    /// What a row comes to, with what may be rows within its cells.
    fn answer(
        &mut self,
        columns: &Columns,
        record: &csv::ByteRecord,
        number: u64,
    ) -> Result<RowAnswer, Error> {
        let row = columns.row(|at| record.get(at));
        row.check()?;
        let mut hits = self.hits(&row);
        for (line, row) in columns.within(record) {
            let doubt = format!(
                "in line {line} of a cell over several lines: if it is a row, a quote before it is not closed"
            );
            self.add(&mut hits, &row, &doubt);
        }
        Ok(RowAnswer {
            schema: "whither.screen.row/1",
            row: number,
            id: row.cells[ID].first().cloned(),
            query: row.query(),
            hits,
            through: Vec::new(),
        })
    }

    /// All hits of a row: by its address, by its name, by each of its documents.
    fn hits(&mut self, row: &Row) -> Vec<Judged> {
        let (known, passed) = row.known();
        let Self {
            lists,
            threshold,
            searcher,
        } = self;
        let (screen, decisions) = (&lists.screen, &lists.decisions);
        let mut hits = Vec::new();
        if let Some(address) = row.cells[ADDRESS].first() {
            let found = screen.ask_address(address).into_iter();
            hits.extend(found.map(|hit| decisions.judge(address, &known, hit)));
        }
        let name = row.cells[NAME].first();
        if let Some(name) = name {
            let found = screen.ask(name, &known, *threshold, searcher).into_iter();
            hits.extend(found.map(|hit| decisions.judge(name, &known, hit)));
        }
        // With a name the first document is asked together with it.
        for number in row.cells[DOCUMENT].iter().skip(usize::from(name.is_some())) {
            let known = Qualifiers {
                document: Some(number.clone()),
                ..known.clone()
            };
            let found = screen.ask_name("", &known, *threshold, searcher);
            let new = found.into_iter().filter(|hit| !is_among(&hits, hit));
            let new: Vec<_> = new
                .map(|hit| decisions.judge(number, &known, hit))
                .collect();
            hits.extend(new);
        }
        for hit in &mut hits {
            hit.hit.why.extend(passed.iter().cloned());
        }
        hits
    }

    /// Adds the hits of what may be a row of its own.
    fn add(&mut self, hits: &mut Vec<Judged>, row: &Row, doubt: &str) {
        for mut hit in self.hits(row) {
            if !is_among(hits, &hit.hit) {
                hit.hit.why.push(doubt.to_owned());
                hits.push(hit);
            }
        }
    }
}

/// Whether an entry is a hit already.
fn is_among(hits: &[Judged], hit: &super::Hit) -> bool {
    hits.iter()
        .any(|known| known.hit.list == hit.list && known.hit.entry == hit.entry)
}
