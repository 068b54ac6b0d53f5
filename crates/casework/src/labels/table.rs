//! Tables of addresses: CSV with a header, or one address a line, as issuers publish their blacklists.
//!
//! Columns are told by their headers, in any order; what a row does not say, the caller's defaults do.
//!
//! A quote that nobody closed makes one cell of all rows behind it. Labels need no line breaks, so a cell that holds one
//! is refused, and each of its lines with it; and a quote that cannot be right is an error of the file, since nobody can
//! tell which of the lines behind it are rows.

use csv::{ReaderBuilder, StringRecord};

use super::row::{Row, cut};
use super::{Defaults, Reading, Refused};

/// The most rows of a table.
const ROWS_MAX: usize = 2_000_000;

/// Words for columns, the first of each the one to write.
const COLUMNS: &[(&str, &[&str])] = &[
    ("address", &["address", "wallet", "account", "addr"]),
    ("chain", &["chain", "currency", "network", "asset"]),
    ("name", &["name", "label", "nametag"]),
    ("category", &["category", "type"]),
    ("actor", &["entity", "actor", "owner"]),
    ("level", &["level", "confidence"]),
    ("abuse", &["abuse"]),
    (
        "from",
        &["valid_from", "since", "blacklisted", "frozen", "date"],
    ),
    ("until", &["valid_until", "until", "removed", "unfrozen"]),
    ("published", &["published", "lastmod"]),
    ("source", &["source", "creator"]),
    ("reference", &["reference", "url"]),
    ("context", &["context", "note", "transaction", "tx"]),
];

pub(super) fn read(text: &str, defaults: &Defaults) -> Result<Reading, String> {
    check_quotes(text)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut reading = Reading {
        form: "table",
        ..Reading::default()
    };
    let mut columns: Option<Vec<Option<&str>>> = None;
    let mut record = StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        let line = line_of(text, &record);
        match more {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(format!("line {line}: {error}")),
        }
        let is_empty = record.iter().all(|cell| cell.trim().is_empty());
        let is_broken = record.iter().any(|cell| cell.contains(['\n', '\r']));
        if is_empty || !is_broken && cell(&record, 0).starts_with('#') {
            continue;
        }
        if reading.rows >= ROWS_MAX {
            return Err(format!("line {line}: it has more than {ROWS_MAX} rows"));
        }
        let Some(columns) = &columns else {
            if is_broken {
                return Err(format!(
                    "line {line}: a cell of its first row holds a line break"
                ));
            }
            let found = header(&record, &mut reading)?;
            let is_header = found.is_some();
            columns = Some(found.unwrap_or_else(|| vec![Some("address")]));
            if !is_header {
                take(&record, line, &[Some("address")], defaults, &mut reading);
            }
            continue;
        };
        if is_broken {
            refuse_lines(&record, line, &mut reading);
        } else {
            take(&record, line, columns, defaults, &mut reading);
        }
    }
    if reading.rows == 0 {
        return Err("it has no rows".to_owned());
    }
    Ok(reading)
}

/// A cell without what stands around it; empty where there is none.
fn cell(record: &StringRecord, place: usize) -> &str {
    record.get(place).unwrap_or_default().trim()
}

/// The line at which a row begins: the reader names the one at which the row before it ended.
fn line_of(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    let empty = ends.filter(|byte| **byte == b'\n');
    empty.fold(position.line(), |line, _| line + 1)
}

/// Where in a row a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// A cell begins.
    Start,
    /// A cell without quotes around it.
    Plain,
    /// A cell in quotes.
    Quoted,
    /// Behind a quote that closes a cell, or is the first of two.
    Closed,
    /// Among spaces behind a quote that closed a cell.
    Behind,
}

/// Whether each quote that opens a cell is closed at the end of a cell.
///
/// # Errors
/// The line of one that is not.
fn check_quotes(text: &str) -> Result<(), String> {
    let wrong = |line: u64| {
        Err(format!(
            "line {line}: a quote that opens a cell is not closed before the next cell, or not at all"
        ))
    };
    let (mut within, mut line, mut opened) = (Within::Start, 1, 1);
    for byte in text.bytes() {
        let ends = matches!(byte, b',' | b'\n' | b'\r');
        within = match (within, byte) {
            (Within::Start, b'"') => {
                opened = line;
                Within::Quoted
            }
            (Within::Quoted, b'"') => Within::Closed,
            (Within::Quoted, _) | (Within::Closed, b'"') => Within::Quoted,
            _ if ends => Within::Start,
            (Within::Closed | Within::Behind, b' ' | b'\t') => Within::Behind,
            (Within::Closed | Within::Behind, _) => return wrong(opened),
            _ => Within::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    match within {
        Within::Quoted => wrong(opened),
        _ => Ok(()),
    }
}

/// Refuses a row with a line break in a cell, and each line within its cells: it may have been a row.
fn refuse_lines(record: &StringRecord, line: u64, reading: &mut Reading) {
    let mut refuse = |line: u64, text: &str, why: String| {
        reading.rows += 1;
        reading.refused.push(Refused {
            line,
            what: cut(text.trim()),
            kind: "lines",
            why,
        });
    };
    let own = cell(record, 0).lines().next().unwrap_or_default();
    let why = "a cell of it holds a line break: it is of several lines, or a quote before it is not closed";
    refuse(line, own, why.to_owned());
    let mut at = line;
    for cell in record {
        let mut pieces = cell.split('\n');
        pieces.next();
        for piece in pieces {
            at += 1;
            if !piece.trim().is_empty() {
                let why = format!("it stands within a cell of the row that begins in line {line}");
                refuse(at, piece, why);
            }
        }
    }
}

/// What each column is; `None` where the first line is no header but an address, in a table of one column.
fn header(
    record: &StringRecord,
    reading: &mut Reading,
) -> Result<Option<Vec<Option<&'static str>>>, String> {
    let column = |cell: &str| {
        let cell = cell.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        let found = COLUMNS
            .iter()
            .find(|(_, words)| words.contains(&cell.as_str()));
        found.map(|(column, _)| *column)
    };
    let columns: Vec<Option<&str>> = record.iter().map(column).collect();
    if columns.contains(&Some("address")) {
        for (place, column) in columns.iter().enumerate() {
            match column {
                Some(column) if columns.iter().take(place).any(|one| *one == Some(*column)) => {
                    return Err(format!(
                        "two columns are the {column}: {:?}",
                        cut(cell(record, place))
                    ));
                }
                Some(_) => {}
                None => reading.unknown.push((cut(cell(record, place)), 0)),
            }
        }
        return Ok(Some(columns));
    }
    let only = cell(record, 0);
    let is_address = record.len() == 1 && only.len() >= 20 && !only.contains(' ');
    if is_address {
        return Ok(None);
    }
    Err("it is no table of labels: no column of its first line is called `address`, and it is no list of addresses".to_owned())
}

fn take(
    record: &StringRecord,
    line: u64,
    columns: &[Option<&str>],
    defaults: &Defaults,
    reading: &mut Reading,
) {
    reading.rows += 1;
    if record.len() > columns.len() {
        let why = format!(
            "it has {} cells under {} headers",
            record.len(),
            columns.len()
        );
        let what = cut(cell(record, 0));
        reading.refused.push(Refused {
            line,
            what,
            kind: "cells",
            why,
        });
        return;
    }
    let said = |wanted: &str| {
        let place = columns.iter().position(|column| *column == Some(wanted));
        place.map_or("", |place| cell(record, place)).to_owned()
    };
    let row = Row {
        line,
        address: said("address"),
        chain: said("chain"),
        name: said("name"),
        category: said("category"),
        actor: said("actor"),
        level: said("level"),
        concepts: Vec::new(),
        abuse: said("abuse"),
        of_cluster: false,
        valid_from: said("from"),
        valid_until: said("until"),
        published: said("published"),
        source: said("source"),
        reference: said("reference"),
        context: said("context"),
        pack: String::new(),
        closed: false,
        kind: String::new(),
    };
    row.read(defaults, reading);
}
