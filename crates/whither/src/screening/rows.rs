//! Rows of a table, each asked by its name, address and document (`whither.screen.row/1`).
//!
//! What a row says of birth, country and the like and cannot be read is passed over, and said among the reasons of its
//! hits. A row that cannot be told for certain ends the reading: nobody would see what was not asked. A cell in quotes may
//! go over several lines (RFC 4180). A quote that nobody closed makes one too, out of rows; so what may be a row within
//! one is asked besides, and its hits say so.
//!
//! A cell of addresses may hold several. What should be an address and is none is asked as a name, and such a row is not
//! simply clean: it says so, as does one with a name of no letter.
//!
//! Not here: which rows those are ([`within`]), what columns hold, and what a decision counts for.

mod columns;
mod within;

use std::io::Read;

use serde::Serialize;
use whither_screening::lists::quotes::Watched;

use super::asked::{Parts, no_address, unscreened};
use super::merged::{add, add_new};
use super::{Judged, Qualifiers, Relations, Searcher, Through, is_clean};
use crate::error::Error;
use crate::ingest::Progress;
use crate::lists::OpenLists;
use columns::{ADDRESS, Columns, DOCUMENT, ID, Known, NAME, Row};
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
    /// What must be said with it: what of the row could not be screened, and entries that relations name and no list that was
    /// asked holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<String>,
    /// Whether something of it could not be screened.
    #[serde(skip)]
    pub is_unscreened: bool,
}

impl RowAnswer {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty() && self.through.is_empty()
    }

    /// Whether something was found that is on a list that was asked.
    fn has_hit(&self) -> bool {
        !self.hits.is_empty() || self.through.iter().any(|one| one.hit.is_some())
    }

    /// Whether nothing was found but what the case has decided to be somebody else.
    fn is_clean(&self) -> bool {
        is_clean(&self.hits) && self.through.iter().all(Through::is_clean)
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
    /// How many rows hold something that could not be screened.
    pub unscreened: u64,
    /// Columns that were not asked: nobody knows what they hold, or it is a second one of names, addresses or ids.
    pub unasked: Vec<String>,
}

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
        counts.with_hits += u64::from(answer.has_hit());
        counts.dismissed += u64::from(answer.has_hit() && answer.is_clean());
        counts.unscreened += u64::from(answer.is_unscreened);
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

/// What to do with a table that is damaged.
const CLOSE: &str = "save the table as UTF-8, with a quote at both ends of a cell or at none; nothing after this row was asked";

/// Lists that are asked row by row.
struct Asking<'a> {
    lists: &'a OpenLists,
    relations: Option<&'a Relations>,
    threshold: u8,
    searcher: Searcher,
}

/// What a row comes to.
#[derive(Default)]
struct Found {
    hits: Vec<Judged>,
    through: Vec<Through>,
    /// What of it could not be screened, in words.
    unscreened: Vec<String>,
    /// What else must be said.
    caveats: Vec<String>,
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
        let mut all = self.ask(&row);
        for part in rows_within(record, columns.names.len(), columns.reach()) {
            let own = columns.row(|at| part.cells.get(at).copied());
            if own == row || own.query().is_empty() {
                continue;
            }
            own.check()
                .map_err(|error| Error::new(format!("in line {} of a cell: {error}", part.line)))?;
            // What of it cannot be screened is not told: most of what may be a row is none.
            let mut found = self.ask(&own);
            for one in &mut found.hits {
                one.hit.why.push(part.doubt());
            }
            add(&mut all.hits, found.hits);
            add_new(&mut all.through, found.through);
            add_new(&mut all.caveats, found.caveats);
        }
        let is_unscreened = !all.unscreened.is_empty();
        let mut caveats = all.unscreened;
        add_new(&mut caveats, all.caveats);
        Ok(RowAnswer {
            schema: "whither.screen.row/1",
            row: number,
            id: row.cells[ID].first().cloned(),
            query: row.query(),
            hits: all.hits,
            through: all.through,
            caveats,
            is_unscreened,
        })
    }

    /// All that a row asks for: its addresses, its name, each of its documents.
    fn ask(&mut self, row: &Row) -> Found {
        let known = row.known();
        let beyond = [&known.beyond[..], &row.further()].concat();
        let mut found = Found::default();
        if let Some(cell) = row.cells[ADDRESS].first() {
            let parts = Parts::of_addresses(&self.lists.screen, cell);
            for address in &parts.addresses {
                self.ask_address(address, &known, &mut found);
            }
            if let Some(rest) = &parts.rest {
                found.unscreened.push(no_address(rest));
                let hits = self.hits(rest, (&known.qualifiers, &beyond));
                add(&mut found.hits, hits);
                self.lead(rest, (&known.qualifiers, &beyond), &mut found);
            }
        }
        if let Some(name) = row.cells[NAME].first() {
            let parts = Parts::of_question(&self.lists.screen, name);
            if parts.are_beside() {
                for address in &parts.addresses {
                    self.ask_address(address, &known, &mut found);
                }
            }
            add_new(
                &mut found.unscreened,
                unscreened(name, &parts).into_iter().collect(),
            );
            if let Some(name) = parts.name(name) {
                let hits = self.hits(name, (&known.qualifiers, &beyond));
                found.hits.extend(hits);
                self.lead(name, (&known.qualifiers, &beyond), &mut found);
            }
        }
        self.ask_documents(row, &known, &mut found);
        for hit in &mut found.hits {
            hit.hit.why.extend(known.passed.iter().cloned());
        }
        found
    }

    fn ask_address(&self, address: &str, known: &Known, found: &mut Found) {
        let hits = self.lists.screen.ask_address(address).into_iter();
        let decisions = &self.lists.decisions;
        let judged = hits.map(|hit| decisions.judge(address, &known.qualifiers, hit));
        found.hits.extend(judged);
        self.lead(address, (&known.qualifiers, &[]), found);
    }

    /// The hits of a name, or of an address that stands as one.
    fn hits(&mut self, name: &str, known: (&Qualifiers, &[String])) -> Vec<Judged> {
        let lists = self.lists;
        let hits = lists
            .screen
            .ask(name, known.0, self.threshold, &mut self.searcher);
        let judged = hits
            .into_iter()
            .map(|hit| lists.decisions.judge_beyond(name, known, hit));
        judged.collect()
    }

    /// The first document too: a name that is an address or the number of an entry is asked without it.
    fn ask_documents(&mut self, row: &Row, known: &Known, found: &mut Found) {
        let lists = self.lists;
        for number in &row.cells[DOCUMENT] {
            let own = Qualifiers {
                document: Some(number.clone()),
                ..known.qualifiers.clone()
            };
            let hits = lists
                .screen
                .ask_name("", &own, self.threshold, &mut self.searcher);
            let judged = hits.into_iter().map(|hit| {
                let known = (&own, &known.beyond[..]);
                lists.decisions.judge_beyond(number, known, hit)
            });
            add(&mut found.hits, judged.collect());
        }
    }

    /// Adds whom relations lead to from who or what is called so.
    fn lead(&self, text: &str, known: (&Qualifiers, &[String]), found: &mut Found) {
        if let Some(relations) = self.relations {
            let through = relations.from(&self.lists.decisions, text, known);
            add_new(&mut found.caveats, relations.caveats(&through));
            add_new(&mut found.through, through);
        }
    }
}
