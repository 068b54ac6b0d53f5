//! Bytes to rows of cells, whatever wrote them, and whatever happened to them since.
//!
//! RFC 4180 with any of four separators and any line ends. A file that is no table is an error; a row that is broken
//! is a row with a flaw, and reading goes on at the next line of the file: a quote that was left open does not
//! swallow the rows after it. What a cell means is not known here.

/// A file larger than this, in bytes, is refused.
pub const FILE_LENGTH_MAX: usize = 64 << 20;
/// A table of more rows is refused.
pub const ROWS_MAX: usize = 200_000;
/// A row of more cells is refused.
const CELLS_MAX: usize = 500;
/// How many lines down the header may stand.
const HEADER_WITHIN: usize = 20;

/// A row of the table, by the line of the file at which it begins, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub line: u64,
    /// The cells as they stand, without their quotes.
    pub cells: Vec<String>,
    /// Why it is no row.
    pub broken: Option<Broken>,
}

/// What is wrong with the text of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Which cell, from 0, where that is known.
    pub cell: Option<usize>,
    pub value: String,
    pub why: String,
}

/// A table, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// What stands above the header.
    pub above: Vec<Record>,
    pub header: Record,
    pub rows: Vec<Record>,
}

/// Takes a file apart. `known` counts how many of a line's cells name a column.
///
/// # Errors
/// Why it is no table, or not one of incidents.
pub(super) fn read(bytes: &[u8], known: impl Fn(&[String]) -> usize) -> Result<Table, String> {
    let bytes = without_mark(bytes)?;
    let lines = lines(bytes);
    let (separator, lines) = stated_separator(lines);
    let head: Vec<&Line> = lines
        .iter()
        .filter(|line| !line.bytes.trim_ascii().is_empty())
        .take(HEADER_WITHIN)
        .collect();
    let mut best: Option<(usize, u64, u8)> = None;
    for line in head {
        for candidate in separator.map_or(vec![b',', b';', b'\t', b'|'], |one| vec![one]) {
            let cells = Cells::new(line.bytes, candidate).read().cells;
            let count = known(&cells);
            if count >= 2 && best.is_none_or(|(most, ..)| count > most) {
                best = Some((count, line.number, candidate));
            }
        }
    }
    let Some((_, number, separator)) = best else {
        return Err(
            "no line near its beginning names the columns of a table of incidents".to_owned(),
        );
    };
    let split = records(&lines, separator, number)?;
    let (above, mut rest): (Vec<Record>, Vec<Record>) =
        split.into_iter().partition(|record| record.line < number);
    if rest.is_empty() || rest[0].broken.is_some() {
        let why = rest.first().and_then(|header| header.broken.as_ref());
        return Err(format!(
            "its header cannot be read: {}",
            why.map_or("", |broken| &broken.why)
        ));
    }
    let header = rest.remove(0);
    Ok(Table {
        above,
        header,
        rows: rest,
    })
}

fn without_mark(bytes: &[u8]) -> Result<&[u8], String> {
    if bytes.len() > FILE_LENGTH_MAX {
        return Err(format!("it is longer than {FILE_LENGTH_MAX} bytes"));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err("it is a spreadsheet's own file, not CSV; save it as CSV in UTF-8".to_owned());
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is in UTF-16; save it as CSV in UTF-8".to_owned());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(bytes)
}

/// A line of the file, without its end.
struct Line<'bytes> {
    number: u64,
    bytes: &'bytes [u8],
}

fn lines(bytes: &[u8]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let (mut start, mut at, mut number) = (0, 0, 1);
    while at < bytes.len() {
        let length = match &bytes[at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            _ => 0,
        };
        if length == 0 {
            at += 1;
            continue;
        }
        lines.push(Line {
            number,
            bytes: &bytes[start..at],
        });
        at += length;
        start = at;
        number += 1;
    }
    if start < bytes.len() {
        lines.push(Line {
            number,
            bytes: &bytes[start..],
        });
    }
    lines
}

/// A first line `sep=;` is what one spreadsheet tells another.
fn stated_separator(mut lines: Vec<Line<'_>>) -> (Option<u8>, Vec<Line<'_>>) {
    let first = lines.first().map_or(&b""[..], |line| line.bytes);
    let stated = first
        .strip_prefix(b"sep=")
        .and_then(|rest| rest.first().copied());
    if stated.is_some() {
        lines.remove(0);
    }
    (stated, lines)
}

/// Puts the lines together to rows, and goes on at the next line where one is broken.
fn records(lines: &[Line], separator: u8, header: u64) -> Result<Vec<Record>, String> {
    let mut records: Vec<Record> = Vec::new();
    let mut columns = usize::MAX;
    let mut at = 0;
    while at < lines.len() {
        if lines[at].bytes.trim_ascii().is_empty() {
            at += 1;
            continue;
        }
        if records.len() > ROWS_MAX {
            return Err(format!("it has more than {ROWS_MAX} rows"));
        }
        let (record, taken) = record(&lines[at..], separator, columns);
        if record.line == header {
            columns = record.cells.len();
        }
        records.push(record);
        at += taken;
    }
    Ok(records)
}

/// One row from the line at the front, and how many lines it takes.
fn record(lines: &[Line], separator: u8, columns: usize) -> (Record, usize) {
    let line = lines[0].number;
    let mut whole = lines[0].bytes.to_vec();
    let mut taken = 1;
    let mut cells = Cells::new(&whole, separator).read();
    while cells.open && taken < lines.len() && taken < 100 {
        whole.push(b'\n');
        whole.extend_from_slice(lines[taken].bytes);
        taken += 1;
        cells = Cells::new(&whole, separator).read();
    }
    let swallowed = (1..taken).any(|inner| {
        let inner = Cells::new(lines[inner].bytes, separator).read();
        columns >= 3 && inner.cells.len() == columns && inner.broken.is_none()
    });
    if taken > 1
        && (cells.open || cells.broken.is_some() || swallowed || cells.cells.len() != columns)
    {
        let first = Cells::new(lines[0].bytes, separator).read();
        let value = first.cells.last().cloned().unwrap_or_default();
        let why = "a quote opens this cell and does not close it on the line".to_owned();
        let cell = first.cells.len().checked_sub(1);
        return (
            Record {
                line,
                cells: first.cells,
                broken: Some(Broken { cell, value, why }),
            },
            1,
        );
    }
    let open = cells.open.then(|| Broken {
        cell: cells.cells.len().checked_sub(1),
        value: cells.cells.last().cloned().unwrap_or_default(),
        why: "a quote opens this cell and is never closed".to_owned(),
    });
    (
        Record {
            line,
            broken: cells.broken.or(open),
            cells: cells.cells,
        },
        taken,
    )
}

/// Reads the cells of a row.
struct Cells<'bytes> {
    bytes: &'bytes [u8],
    separator: u8,
    at: usize,
}

/// The cells of a row, and what is wrong with them.
#[derive(Default)]
struct Split {
    cells: Vec<String>,
    broken: Option<Broken>,
    /// The last cell's quote was not closed.
    open: bool,
}

impl<'bytes> Cells<'bytes> {
    fn new(bytes: &'bytes [u8], separator: u8) -> Self {
        Self {
            bytes,
            separator,
            at: 0,
        }
    }

    fn read(mut self) -> Split {
        let mut split = Split::default();
        loop {
            let (cell, why) = self.cell(&mut split);
            let text = String::from_utf8_lossy(&cell).into_owned();
            let why = why.or_else(|| bytes_fault(&cell));
            if let (Some(why), None) = (why, &split.broken) {
                let cell = Some(split.cells.len());
                split.broken = Some(Broken {
                    cell,
                    value: text.clone(),
                    why: why.to_owned(),
                });
            }
            split.cells.push(text);
            if split.cells.len() > CELLS_MAX {
                let why = format!("it has more than {CELLS_MAX} cells");
                split.broken = Some(Broken {
                    cell: None,
                    value: String::new(),
                    why,
                });
                return split;
            }
            if self.bytes.get(self.at) != Some(&self.separator) {
                return split;
            }
            self.at += 1;
        }
    }

    /// The bytes of the next cell; stands at the separator after it, or at the end.
    fn cell(&mut self, split: &mut Split) -> (Vec<u8>, Option<&'static str>) {
        let spaces = self.bytes[self.at..]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count();
        if self.bytes.get(self.at + spaces) == Some(&b'"') {
            self.at += spaces + 1;
            return self.quoted(split);
        }
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| *byte == self.separator)
            .unwrap_or(rest.len());
        self.at += length;
        let cell = &rest[..length];
        let stray = cell
            .contains(&b'"')
            .then_some("a quote stands within a cell that does not begin with one");
        (cell.to_vec(), stray)
    }

    fn quoted(&mut self, split: &mut Split) -> (Vec<u8>, Option<&'static str>) {
        let mut cell = Vec::new();
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            if *byte != b'"' {
                cell.push(*byte);
            } else if self.bytes.get(self.at) == Some(&b'"') {
                cell.push(b'"');
                self.at += 1;
            } else {
                let rest = &self.bytes[self.at..];
                let length = rest
                    .iter()
                    .position(|byte| *byte == self.separator)
                    .unwrap_or(rest.len());
                let stray = &rest[..length];
                self.at += length;
                if stray.trim_ascii().is_empty() {
                    return (cell, None);
                }
                cell.extend_from_slice(stray);
                return (
                    cell,
                    Some("text stands behind the quote that closes the cell"),
                );
            }
        }
        split.open = true;
        (cell, None)
    }
}

fn bytes_fault(cell: &[u8]) -> Option<&'static str> {
    if std::str::from_utf8(cell).is_err() {
        return Some("it is not in UTF-8");
    }
    cell.contains(&0).then_some("it holds a NUL byte")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        read(text.as_bytes(), known).unwrap()
    }

    fn known(cells: &[String]) -> usize {
        cells
            .iter()
            .filter(|cell| ["id", "date", "note"].contains(&cell.as_str()))
            .count()
    }

    fn rows(text: &str) -> Vec<(u64, Vec<String>, String)> {
        let rows = table(text).rows.into_iter();
        rows.map(|row| {
            (
                row.line,
                row.cells,
                row.broken.map_or(String::new(), |broken| broken.why),
            )
        })
        .collect()
    }

    #[test]
    fn separators_line_ends_and_marks_are_recognised() {
        for text in [
            "id,date\na,2020\n",
            "id;date\r\na;2020\r\n",
            "id\tdate\ra\t2020",
            "\u{feff}id|date\na|2020",
            "sep=;\nid;date\na;2020",
        ] {
            assert_eq!(rows(text)[0].1, ["a", "2020"], "{text:?}");
        }
        let below = table("Thefts of 2020,,\n\nid,date,note\na,2020,\"x, \"\"y\"\"\nz\"\n");
        assert_eq!((below.above.len(), below.header.line), (1, 3));
        assert_eq!(
            (below.rows[0].line, below.rows[0].cells[2].as_str()),
            (4, "x, \"y\"\nz")
        );
    }

    #[test]
    fn a_quote_left_open_swallows_no_other_row() {
        let found = rows("id,date,note\na,2020,\"open\nb,2020,x\nc,2020,\"closed\"\nd,2020,y\n");
        let lines: Vec<u64> = found.iter().map(|row| row.0).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
        assert!(found[0].2.contains("does not close"), "{found:?}");
        assert!(found[1..].iter().all(|row| row.2.is_empty()), "{found:?}");
        let found = rows("id,date,note\na,2020,\"open\nb,2020,x\n");
        assert_eq!((found.len(), found[1].2.as_str()), (2, ""));
        assert!(
            rows("id,date,note\na,2020,\"open\n")[0]
                .2
                .contains("never closed")
        );
        assert!(
            rows("id,date,note\na,2020,x\"y\nb,2020,z")[0]
                .2
                .contains("does not begin")
        );
        assert!(
            rows("id,date,note\na,2020,\"x\"y\nb,2020,z")[0]
                .2
                .contains("behind the quote")
        );
    }

    #[test]
    fn broken_bytes_are_named_and_no_table_is_an_error() {
        let bytes = b"id,date\na,20\xff\nb,2\x0020\nc,2020\n";
        let table = read(bytes, known).unwrap();
        let why: Vec<Option<&str>> = table
            .rows
            .iter()
            .map(|row| row.broken.as_ref().map(|broken| broken.why.as_str()))
            .collect();
        assert_eq!(
            why,
            [
                Some("it is not in UTF-8"),
                Some("it holds a NUL byte"),
                None
            ]
        );
        for (bytes, why) in [
            (&b""[..], "empty"),
            (b"\n \n", "empty"),
            (b"PK\x03\x04", "spreadsheet"),
            (b"\xff\xfei\0d\0", "UTF-16"),
            (b"a,b\n1,2\n", "names the columns"),
            (b"{\"id\":1}", "names the columns"),
        ] {
            assert!(read(bytes, known).unwrap_err().contains(why));
        }
    }
}
