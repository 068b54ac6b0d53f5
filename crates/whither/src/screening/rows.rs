//! Rows of a table, each asked by its name, address and document (`whither.screen.row/1`).
//!
//! What a row says of birth, country and the like and cannot be read is passed over, and said among the reasons of its
//! hits. A row that cannot be told for certain ends the reading: nobody would see what was not asked. A cell in quotes may
//! go over several lines (RFC 4180). A quote that nobody closed makes one too, out of rows; so what may be a row within
//! one is asked besides, and its hits say so.
//!
//! Not here: which rows those are ([`within`]), and what a decision counts for.

mod within;

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;
use whither_screening::lists::quotes::Watched;

use super::decisions::{born, plain};
use super::{
    Judged, QUESTION_MAX, Qualifiers, Relations, Searcher, Through, country, is_clean, qualifiers,
    too_long,
};
use crate::error::Error;
use crate::ingest::Progress;
use crate::lists::OpenLists;
use within::rows_within;

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
        relations,
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
        let answer = asking
            .answer(&columns, &record, counts.rows)
            .map_err(|error| Error::new(format!("{name}: line {line}: {error}")))?;
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

    /// How many cells a row has at least that asks for something.
    fn reach(&self) -> usize {
        let asked = [NAME, ADDRESS, DOCUMENT].into_iter();
        let places = asked.flat_map(|what| &self.places[what]);
        places.min().map_or(usize::MAX, |first| first + 1)
    }
}

/// The cells of a row that hold something, by what they hold.
#[derive(PartialEq, Eq)]
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

    /// What is known of birth, country and the like. Two columns that say different things say nothing.
    fn known(&self) -> Known {
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
    fn further(&self) -> Vec<String> {
        let mut documents = self.cells[DOCUMENT].iter();
        let first = documents.next().map(|number| plain(number));
        documents
            .filter(|number| first != Some(plain(number)))
            .map(|number| format!("a further document, {number}"))
            .collect()
    }
}

/// What a row says beside whom it asks for.
struct Known {
    /// What could be read.
    qualifiers: Qualifiers,
    /// What was passed over, in words.
    passed: Vec<String>,
    /// What of that would part one person from another, had it been read.
    beyond: Vec<String>,
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
    relations: Option<&'a Relations>,
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
        let mut through = Vec::new();
        add_new(&mut through, self.through(&row));
        for part in rows_within(record, columns.names.len(), columns.reach()) {
            let own = columns.row(|at| part.cells.get(at).copied());
            if own == row || own.query().is_empty() {
                continue;
            }
            own.check()
                .map_err(|error| Error::new(format!("in line {} of a cell: {error}", part.line)))?;
            let mut found = self.hits(&own);
            for one in &mut found {
                one.hit.why.push(part.doubt());
            }
            add(&mut hits, found);
            add_new(&mut through, self.through(&own));
        }
        Ok(RowAnswer {
            schema: "whither.screen.row/1",
            row: number,
            id: row.cells[ID].first().cloned(),
            query: row.query(),
            hits,
            through,
        })
    }

    /// All hits of a row: by its address, by its name, by each of its documents.
    fn hits(&mut self, row: &Row) -> Vec<Judged> {
        let Known {
            qualifiers: known,
            passed,
            beyond,
        } = row.known();
        let Self {
            lists,
            threshold,
            searcher,
            ..
        } = self;
        let (screen, decisions) = (&lists.screen, &lists.decisions);
        let mut hits = Vec::new();
        if let Some(address) = row.cells[ADDRESS].first() {
            let found = screen.ask_address(address).into_iter();
            hits.extend(found.map(|hit| decisions.judge(address, &known, hit)));
        }
        if let Some(name) = row.cells[NAME].first() {
            let beyond = [&beyond[..], &row.further()].concat();
            let found = screen.ask(name, &known, *threshold, searcher).into_iter();
            hits.extend(found.map(|hit| decisions.judge_beyond(name, (&known, &beyond), hit)));
        }
        // The first too: a name that is an address or the number of an entry is asked without it.
        for number in &row.cells[DOCUMENT] {
            let known = Qualifiers {
                document: Some(number.clone()),
                ..known.clone()
            };
            let found = screen.ask_name("", &known, *threshold, searcher);
            let found = found.into_iter();
            let found = found.map(|hit| decisions.judge_beyond(number, (&known, &beyond), hit));
            add(&mut hits, found.collect());
        }
        for hit in &mut hits {
            hit.hit.why.extend(passed.iter().cloned());
        }
        hits
    }

    /// Whom relations lead to from who or what stands in a row.
    fn through(&self, row: &Row) -> Vec<Through> {
        let Some(relations) = self.relations else {
            return Vec::new();
        };
        let asked = [NAME, ADDRESS].map(|what| row.cells[what].first());
        let asked = asked.into_iter().flatten();
        asked.flat_map(|text| relations.from(text)).collect()
    }
}

/// Adds hits that a row has besides. One that gives no new reason is there already, with the decision about it. Of two of an
/// entry the better is kept, with the reasons of both.
fn add(hits: &mut Vec<Judged>, found: Vec<Judged>) {
    for mut one in found {
        let same =
            |known: &Judged| known.hit.list == one.hit.list && known.hit.entry == one.hit.entry;
        let tells = |known: &Judged| one.hit.why.iter().all(|why| known.hit.why.contains(why));
        if hits.iter().any(|known| same(known) && tells(known)) {
            continue;
        }
        match hits.iter_mut().find(|known| same(known)) {
            Some(known) => {
                if known.rank() < one.rank() {
                    std::mem::swap(known, &mut one);
                }
                known.hit.ofac_score = known.hit.ofac_score.max(one.hit.ofac_score);
                add_new(&mut known.hit.why, one.hit.why);
            }
            None => hits.push(one),
        }
    }
}

/// Adds what is not there.
fn add_new<T: PartialEq>(known: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}
