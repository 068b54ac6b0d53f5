//! The rows of a price file: where its header ends, what sets cells apart, and on which line each row stands.
//!
//! A row has to have as many cells as the header: one more or less, and every cell may be another than it seems.

use super::header::{self, Columns, RECORDS_MAX};
use super::read::{Skipped, wrong};
use super::{Convention, Currency, SeriesError};

/// No more rows are read: five centuries of days.
const ROWS_MAX: usize = 200_000;
/// No row has more cells.
const CELLS_MAX: usize = 256;

/// A row of the file, its cells as text.
pub(super) struct Row {
    /// Its line, counted from 1.
    pub line: u64,
    /// The cell of the day.
    pub date: String,
    /// The cells that make the price.
    pub prices: Vec<String>,
    /// Open, high, low and close, where the file has all of them.
    pub range: Option<[String; 4]>,
}

/// The header, and the rows below it.
pub(super) fn rows(
    text: &str,
    convention: Convention,
    quote: &Currency,
    skipped: &mut Vec<Skipped>,
) -> Result<(Columns, Vec<Row>), SeriesError> {
    let (delimiter, columns) = columns(text, convention, quote)?;
    let lines = Lines::of(text);
    let records = records(text, delimiter).map(|record| cells(record, &lines));
    let mut rows = Vec::new();
    for record in records.skip(columns.data_from) {
        let (line, cells) = record?;
        if rows.len() + skipped.len() == ROWS_MAX {
            return Err(wrong(format!("it has more than {ROWS_MAX} rows")));
        }
        match row(line, &cells, &columns) {
            Ok(row) => rows.push(row),
            Err(why) => skipped.push(Skipped { line, why }),
        }
    }
    Ok((columns, rows))
}

/// The header, under what sets its cells apart. A tab or a semicolon is tried first: where one does, commas may stand
/// within numbers.
fn columns(
    text: &str,
    convention: Convention,
    quote: &Currency,
) -> Result<(u8, Columns), SeriesError> {
    let mut widest = (0, wrong("it is empty"));
    let lines = Lines::of(text);
    for delimiter in [b'\t', b';', b','] {
        let first = records(text, delimiter).take(RECORDS_MAX);
        let first = first.map(|record| Ok(cells(record, &lines)?.1));
        let first = first.collect::<Result<Vec<Vec<String>>, SeriesError>>()?;
        match header::find(&first, convention, quote) {
            Ok(columns) => return Ok((delimiter, columns)),
            Err(why) => {
                let width = first.iter().map(Vec::len).max().unwrap_or(0);
                if width >= widest.0 {
                    widest = (width, wrong(why));
                }
            }
        }
    }
    Err(widest.1)
}

fn records(
    text: &str,
    delimiter: u8,
) -> impl Iterator<Item = csv::Result<csv::StringRecord>> + use<'_> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
        .into_records()
}

/// A record's line and cells.
fn cells(
    record: csv::Result<csv::StringRecord>,
    lines: &Lines,
) -> Result<(u64, Vec<String>), SeriesError> {
    let record = record.map_err(|error| wrong(error.to_string()))?;
    let start = record.position().map_or(0, csv::Position::byte);
    let line = lines.line_at(usize::try_from(start).unwrap_or(usize::MAX));
    if record.len() > CELLS_MAX {
        return Err(wrong(format!(
            "line {line} has more than {CELLS_MAX} cells"
        )));
    }
    Ok((line, record.iter().map(str::to_owned).collect()))
}

/// Where the lines of a text begin. A record's own count is off by those that end it and those that are empty.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = (0..bytes.len()).filter(|at| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|at| at + 1));
        // An empty line holds no record: whoever asks at its start means the next that is none.
        let is_empty = |start: &usize| matches!(bytes.get(*start), Some(b'\n' | b'\r'));
        let mut starts: Vec<usize> = starts.collect();
        for at in (1..starts.len()).rev() {
            if is_empty(&starts[at - 1]) {
                starts[at - 1] = starts[at];
            }
        }
        Self { starts }
    }

    /// The line, counted from 1, of the record that is found from a byte on.
    fn line_at(&self, byte: usize) -> u64 {
        let after = self.starts.partition_point(|start| *start < byte);
        // A record begins where a line does, or at the end of the line before.
        let first = self.starts.get(after).copied();
        let last = self
            .starts
            .partition_point(|start| first.is_some_and(|first| *start <= first));
        u64::try_from(last.max(1)).unwrap_or(u64::MAX)
    }
}

/// The cells that count, of a row that has as many as the header.
fn row(line: u64, cells: &[String], columns: &Columns) -> Result<Row, String> {
    if let Some(cell) = cells.iter().find(|cell| cell.contains(['\n', '\r'])) {
        let lines = cell.lines().count();
        return Err(format!(
            "a quotation mark that is not closed takes in {lines} lines from here on"
        ));
    }
    let mut filled = cells.len();
    while filled > columns.width && cells[filled - 1].trim().is_empty() {
        filled -= 1;
    }
    // One too many may be a comma between thousands: then every cell behind it is another than it seems.
    if filled != columns.width {
        return Err(format!(
            "it has {filled} cells, and the header {}",
            columns.width
        ));
    }
    let cell = |column: usize| cells[column].clone();
    Ok(Row {
        line,
        date: cell(columns.date),
        prices: columns.prices.iter().map(|column| cell(*column)).collect(),
        range: columns.range.map(|range| range.map(cell)),
    })
}
