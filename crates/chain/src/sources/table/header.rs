//! The header of a table, and where in it the columns are that a mapping names.
//!
//! A column is found by its whole name, once and only once. Where none fits, it is tried whether the
//! cells are parted by something else than the mapping says, since that is the usual reason.
//!
//! Not here: rows.

use std::io::BufRead;

use super::error::{TableFault, list, quote};
use super::mapping::{DELIMITERS, Mapping, Role};
use super::records::{LineFault, Record, Records};

/// Where the mapped columns are.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
    /// Each mapped column's place, counted from 0.
    columns: Vec<(Role, usize)>,
}

impl Header {
    /// Reads the first record as a header.
    pub(super) fn read<R: BufRead>(
        records: &mut Records<R>,
        mapping: &Mapping,
    ) -> Result<Self, LineFault> {
        let result = match records.next() {
            Ok(None) => return Err((1, TableFault::NoHeader)),
            Ok(Some(record)) => Self::bind(record, mapping).map_err(|fault| (record.line(), fault)),
            Err(fault) => Err(fault),
        };
        result.map_err(|(line, fault)| (line, delimiter_fault(records.last(), mapping, fault)))
    }

    fn bind(record: &Record, mapping: &Mapping) -> Result<Self, TableFault> {
        let names: Vec<String> = record
            .cells()
            .map(|name| name.trim_ascii().to_owned())
            .collect();
        let mut columns = Vec::with_capacity(mapping.columns.len());
        let mut missing = Vec::new();
        for (role, wanted) in &mapping.columns {
            let mut places = (0..names.len()).filter(|place| names[*place] == *wanted);
            match (places.next(), places.next()) {
                (None, _) => missing.push(wanted.as_str()),
                (Some(place), None) => columns.push((*role, place)),
                (Some(first), Some(second)) => {
                    let (name, first, second) = (quote(wanted), first + 1, second + 1);
                    return Err(TableFault::DoubledColumn {
                        name,
                        first,
                        second,
                    });
                }
            }
        }
        if missing.is_empty() {
            return Ok(Self { names, columns });
        }
        let there = list(names.iter().map(String::as_str));
        Err(TableFault::MissingColumns {
            missing: list(missing),
            there,
        })
    }

    /// How many cells a row has.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// A column's name.
    pub(super) fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// The column with that content, if one is mapped.
    pub(super) fn column(&self, role: Role) -> Option<usize> {
        self.columns(role).next()
    }

    /// All columns with that content.
    pub(super) fn columns(&self, role: Role) -> impl Iterator<Item = usize> {
        self.columns
            .iter()
            .filter(move |(mapped, _)| *mapped == role)
            .map(|(_, column)| *column)
    }
}

/// The fault of a header, or, if it binds with another delimiter, that one.
fn delimiter_fault(header: &Record, mapping: &Mapping, fault: TableFault) -> TableFault {
    let explained_by_delimiter = matches!(
        fault,
        TableFault::MissingColumns { .. } | TableFault::TextBesideQuote
    );
    if !explained_by_delimiter {
        return fault;
    }
    let raw = header.raw();
    let binds = |delimiter: u8| {
        let mut records = Records::new(raw.as_bytes(), delimiter, raw.len());
        matches!(records.next(), Ok(Some(record)) if Header::bind(record, mapping).is_ok())
    };
    let name = |delimiter: u8| DELIMITERS.iter().find(|(byte, _)| *byte == delimiter);
    let other = DELIMITERS
        .iter()
        .find(|(delimiter, _)| *delimiter != mapping.delimiter && binds(*delimiter));
    match (other, name(mapping.delimiter)) {
        (Some((_, found)), Some((_, expected))) => TableFault::Delimiter { found, expected },
        _ => fault,
    }
}
