//! Tables of incidents: every row that is sound becomes claims, every fault is named, and nothing is dropped in silence.
//!
//! Reading is pure: bytes, today's date and what the case knows go in; claims, refusals and warnings come out. A row with
//! an error is refused whole, with all its errors; a warning is imported, and listed. Which columns there are, and which
//! faults are found, stands in `docs/reference/incidents.md`.

mod dates;
mod gather;
mod header;
mod near;
mod number;
mod places;
mod row;
mod said;
mod table;
mod text;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::claims::Statement;
use crate::incidents::alike::Traits;
use crate::period::Day;
use crate::words::Word;
use gather::Names;
use header::{Field, Header};
use row::{Reader, Row};
use table::Record;

pub use table::{FILE_LENGTH_MAX, ROWS_MAX};
pub(crate) use text::treacherous;
pub use words::{name_key, plain, slug};

/// Why a row is looked at that tells of a theft and not of what it took.
pub const MISSING: &str = "what was stolen is missing";

/// What a table is read by.
pub struct Rules<'a> {
    /// Today: what is later is in the future.
    pub today: Day,
    /// Who says it, where a row names nobody.
    pub source: Option<String>,
    /// Whether a catalogue has a technique of this id; without one any id of the right form is taken.
    pub techniques: Option<&'a dyn Fn(&str) -> bool>,
    /// The incidents that the case has.
    pub known: &'a [Known],
}

/// An incident of the case, as far as a table is compared with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its victim, dates and figures.
    pub traits: Traits,
}

/// Something wrong with a table, by its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Flaw {
    /// The line of the file at which the row begins, from 1.
    pub line: u64,
    /// The column, as the header writes it; `None` for what is wrong with a row as a whole.
    pub column: Option<String>,
    /// What stands there (hostile text).
    pub value: Option<String>,
    /// What is wrong, or how it was read.
    pub why: String,
}

/// An incident of a table, and what is claimed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub incident: Word,
    /// The lines of its rows.
    pub lines: Vec<u64>,
    /// The claims, each once.
    pub statements: Vec<Statement>,
}

/// What a table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Rows below the header, without those that are empty.
    pub rows: usize,
    /// Rows that became claims.
    pub imported: usize,
    /// Every error; its row is not imported.
    pub refused: Vec<Flaw>,
    /// What was imported and should be looked at.
    pub warnings: Vec<Flaw>,
    /// The incidents, in the order of their first rows.
    pub incidents: Vec<Told>,
}

/// First words of a line that adds up the others.
const TOTALS: &[&str] = &[
    "total",
    "totals",
    "sum",
    "grand total",
    "subtotal",
    "sub total",
    "overall",
    "summe",
    "gesamt",
    "итого",
    "합계",
    "总计",
    "合计",
    "σ",
    "average",
    "mean",
    "count",
    "all incidents",
];

/// Reads a table.
///
/// # Errors
/// Why it is no table of incidents.
pub fn read(bytes: &[u8], rules: &Rules) -> Result<Reading, String> {
    let table = table::read(bytes, header::known)?;
    let mut header = Header::read(&table.header.cells);
    for column in &mut header.columns {
        let mut cells = table.rows.iter().filter_map(|row| row.cells.get(column.at));
        column.commas = cells.any(|cell| number::has_comma_before_fraction(cell));
    }
    let header = header;
    if !header.has(Field::Date) && rules.known.is_empty() {
        return Err("no column is the date of the theft; name one `date`".to_owned());
    }
    if !header.has(Field::Id) && !header.has(Field::Victim) {
        return Err(
            "no column says which incident a row is of; name one `id` or `victim`".to_owned(),
        );
    }
    let mut reading = Reading::default();
    of_the_header(&table, &header, rules, &mut reading.warnings);
    let mut sound = Vec::new();
    let mut seen: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for record in &table.rows {
        let cells: Vec<&str> = record.cells.iter().map(|cell| cell.trim()).collect();
        if record.broken.is_none() && cells.iter().all(|cell| cell.is_empty()) {
            reading
                .warnings
                .push(of_row(record, None, "the row is empty"));
            continue;
        }
        reading.rows += 1;
        if let Some(flaw) = no_row(record, &header, &cells) {
            reading.refused.push(flaw);
            continue;
        }
        if let Some(line) = seen.get(&cells) {
            reading.refused.push(of_row(
                record,
                None,
                &format!("it repeats line {line} in every cell"),
            ));
            continue;
        }
        seen.insert(cells, record.line);
        sound.extend(read_row(record, &header, rules, &mut reading));
    }
    let names = names(&header);
    let groups = gather::gather(
        sound,
        &mut reading.refused,
        &mut reading.warnings,
        &names,
        rules.known,
    );
    near::near(&groups, rules.known, &mut reading.warnings, &names);
    reading.imported = groups.iter().map(|group| group.rows.len()).sum();
    reading.incidents = groups.iter().map(said::told).collect::<Result<_, _>>()?;
    reading.refused.sort();
    reading.refused.dedup();
    reading.warnings.sort();
    reading.warnings.dedup();
    Ok(reading)
}

fn of_row(record: &Record, value: Option<&str>, why: &str) -> Flaw {
    Flaw {
        line: record.line,
        column: None,
        value: value.map(str::to_owned),
        why: why.to_owned(),
    }
}

/// What is to be said of the table as a whole.
fn of_the_header(table: &table::Table, header: &Header, rules: &Rules, warnings: &mut Vec<Flaw>) {
    let line = table.header.line;
    for record in &table.above {
        let value = record.cells.join(" ");
        warnings.push(of_row(
            record,
            Some(value.trim()),
            "it stands above the header, and is not read",
        ));
    }
    for (_, name) in header.unknown.iter().filter(|(_, name)| !name.is_empty()) {
        let why = "the column is not known, and is not read".to_owned();
        warnings.push(Flaw {
            line,
            column: Some(name.clone()),
            value: None,
            why,
        });
    }
    for column in header.columns.iter().filter(|column| column.power > 0) {
        let why = format!(
            "the header multiplies the column's numbers by 10^{}",
            column.power
        );
        warnings.push(Flaw {
            line,
            column: Some(column.name.clone()),
            value: None,
            why,
        });
    }
    if !header.has(Field::Source) && !header.has(Field::Reference) && rules.source.is_none() {
        let why = "no column says who says so, and no source was named for the table".to_owned();
        warnings.push(Flaw {
            line,
            column: None,
            value: None,
            why,
        });
    }
}

/// Why a record is no row of an incident.
fn no_row(record: &Record, header: &Header, cells: &[&str]) -> Option<Flaw> {
    if let Some(broken) = &record.broken {
        let column = broken
            .cell
            .and_then(|at| header.columns.iter().find(|column| column.at == at));
        let column = column.map(|column| column.name.clone());
        return Some(Flaw {
            line: record.line,
            column,
            value: Some(broken.value.clone()),
            why: broken.why.clone(),
        });
    }
    let compared: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
    let named = cells.iter().filter(|cell| !cell.is_empty()).count();
    let repeats = compared
        .iter()
        .zip(&header.plain)
        .filter(|(cell, name)| cell == name && !name.is_empty())
        .count();
    if repeats >= 2 && repeats == named {
        return Some(of_row(record, None, "the header is repeated here"));
    }
    let first = cells
        .iter()
        .find(|cell| !cell.is_empty())
        .copied()
        .unwrap_or_default();
    let word = plain(first);
    if cells
        .iter()
        .take(3)
        .any(|cell| TOTALS.contains(&plain(cell).as_str()))
        || word.starts_with("total ")
        || word.starts_with("sum of ")
    {
        return Some(of_row(
            record,
            Some(first),
            "it adds up other rows, and is no incident",
        ));
    }
    let columns = header.plain.len();
    if cells.len() < columns || cells.iter().skip(columns).any(|cell| !cell.is_empty()) {
        let why = format!("it has {} cells, and the header has {columns}", cells.len());
        return Some(of_row(record, Some(first), &why));
    }
    let astray = header
        .unknown
        .iter()
        .find(|(at, name)| name.is_empty() && cells.get(*at).is_some_and(|cell| !cell.is_empty()));
    astray.map(|(at, _)| {
        of_row(
            record,
            cells.get(*at).copied(),
            &format!("cell {} stands in a column without a name", at + 1),
        )
    })
}

fn read_row(record: &Record, header: &Header, rules: &Rules, reading: &mut Reading) -> Option<Row> {
    let (row, errors, warnings) = Reader::new(header, rules, record).read();
    if record.cells.len() > header.plain.len() {
        reading.warnings.push(of_row(
            record,
            None,
            "it has empty cells behind the last column",
        ));
    }
    reading.warnings.extend(warnings);
    let sound = errors.is_empty();
    reading.refused.extend(errors);
    sound.then_some(row)
}

fn names(header: &Header) -> Names {
    let name = |fields: &[Field]| {
        fields
            .iter()
            .find_map(|field| header.name(*field))
            .map(str::to_owned)
    };
    Names {
        id: name(&[Field::Id]),
        date: name(&[Field::Date]),
        victim: name(&[Field::Victim]),
        sector: name(&[Field::Sector]),
        discovered: name(&[Field::Discovered]),
        usd: name(&[Field::Usd, Field::Amount]),
        quantity: name(&[Field::Quantity, Field::Amount]),
        transactions: name(&[Field::Transactions]),
        recovered: name(&[Field::Recovered, Field::Frozen, Field::Reissued]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
