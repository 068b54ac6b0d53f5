//! Tables of addresses: CSV with a header, or one address a line, as issuers publish their blacklists.
//!
//! Columns are told by their headers, in any order; what a row does not say, the caller's defaults do.

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
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut reading = Reading {
        form: "table",
        ..Reading::default()
    };
    let mut columns: Option<Vec<Option<&str>>> = None;
    let mut record = StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        let line = record.position().map_or(0, csv::Position::line);
        match more {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(format!("line {line}: {error}")),
        }
        if record.iter().all(str::is_empty) || record[0].starts_with('#') {
            continue;
        }
        let Some(columns) = &columns else {
            let found = header(&record, &mut reading)?;
            let is_header = found.is_some();
            columns = Some(found.unwrap_or_else(|| vec![Some("address")]));
            if !is_header {
                take(&record, line, &[Some("address")], defaults, &mut reading);
            }
            continue;
        };
        if reading.rows == ROWS_MAX {
            return Err(format!("line {line}: it has more than {ROWS_MAX} rows"));
        }
        take(&record, line, columns, defaults, &mut reading);
    }
    if reading.rows == 0 {
        return Err("it has no rows".to_owned());
    }
    Ok(reading)
}

/// What each column is; `None` where the first line is no header but an address, in a table of one column.
fn header(
    record: &StringRecord,
    reading: &mut Reading,
) -> Result<Option<Vec<Option<&'static str>>>, String> {
    let column = |cell: &str| {
        let cell = cell.to_ascii_lowercase().replace([' ', '-'], "_");
        let found = COLUMNS
            .iter()
            .find(|(_, words)| words.contains(&cell.as_str()));
        found.map(|(column, _)| *column)
    };
    let columns: Vec<Option<&str>> = record.iter().map(column).collect();
    if columns.contains(&Some("address")) {
        for (place, column) in columns.iter().enumerate() {
            match column {
                Some(column) if columns[..place].contains(&Some(column)) => {
                    return Err(format!(
                        "two columns are the {column}: {:?}",
                        cut(&record[place])
                    ));
                }
                Some(_) => {}
                None => reading.unknown.push((cut(&record[place]), 0)),
            }
        }
        return Ok(Some(columns));
    }
    let is_address = record.len() == 1 && record[0].len() >= 20 && !record[0].contains(' ');
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
        let what = cut(&record[0]);
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
        let cell = place.and_then(|place| record.get(place));
        cell.unwrap_or_default().to_owned()
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
    };
    match row.statement(defaults) {
        Ok(statement) => reading.statements.push(statement),
        Err(refused) => reading.refused.push(refused),
    }
}
