//! A delimited text file as records of cells, each cell with the line of the file it stands on.
//!
//! Stricter than common CSV readers on purpose. Where a quote is not closed, or text stands beside one,
//! a lenient reader guesses, and a guess can swallow rows of money without a word. Here it is an error
//! that names the line. A line has a length limit, so that a file with an open quote is not read into
//! memory whole.
//!
//! Not here: what a cell means, and which columns there are.

use std::io::{self, BufRead};
use std::ops::Range;

use super::error::TableFault;

/// The longest line, and the longest record of several lines, that is read: 1 MiB.
pub(in crate::sources) const LENGTH_MAX: usize = 1 << 20;

/// A byte order mark, which spreadsheets write before UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What begins a file that is no UTF-8 text, and what it is called.
const OTHER_FORMATS: &[(&[u8], &str)] = &[
    (b"\xff\xfe\0\0", "UTF-32 text"),
    (b"\0\0\xfe\xff", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"PK\x03\x04", "a ZIP archive, which spreadsheets are"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
];

/// A fault and the line it is on.
pub(in crate::sources) type LineFault = (u64, TableFault);

/// Reads records one after another.
#[derive(Debug)]
pub(in crate::sources) struct Records<R> {
    input: R,
    delimiter: u8,
    length_max: usize,
    lines_read: u64,
    record: Record,
}

/// One record: its cells, unquoted.
#[derive(Debug, Default)]
pub(in crate::sources) struct Record {
    /// The record as it stands in the file.
    raw: String,
    first_line: u64,
    cells: String,
    places: Vec<(Range<usize>, u64)>,
}

impl Record {
    /// The line the record begins on.
    pub(in crate::sources) fn line(&self) -> u64 {
        self.first_line
    }

    /// How many cells it has.
    pub(in crate::sources) fn len(&self) -> usize {
        self.places.len()
    }

    /// A cell and the line it begins on; nothing beyond the last cell.
    pub(in crate::sources) fn cell(&self, column: usize) -> Option<(&str, u64)> {
        let (range, line) = self.places.get(column)?;
        Some((self.cells.get(range.clone())?, *line))
    }

    /// All cells.
    pub(in crate::sources) fn cells(&self) -> impl Iterator<Item = &str> {
        self.places
            .iter()
            .map(|(range, _)| &self.cells[range.clone()])
    }

    /// The text of the record as it stands in the file, as far as it was read.
    pub(in crate::sources) fn raw(&self) -> &str {
        &self.raw
    }

    fn start(&mut self, line: u64) {
        self.raw.clear();
        self.cells.clear();
        self.places.clear();
        self.first_line = line;
    }
}

impl<R: BufRead> Records<R> {
    /// Records of `input`, whose cells are parted by `delimiter`; no line longer than `length_max` bytes.
    pub(in crate::sources) fn new(input: R, delimiter: u8, length_max: usize) -> Self {
        Self {
            input,
            delimiter,
            length_max,
            lines_read: 0,
            record: Record::default(),
        }
    }

    /// The next record; `None` at the end. Empty lines are no records.
    pub(in crate::sources) fn next(&mut self) -> Result<Option<&Record>, LineFault> {
        loop {
            self.record.start(self.lines_read + 1);
            if !self.read_line()? {
                return Ok(None);
            }
            if !matches!(self.record.raw.as_str(), "" | "\n" | "\r\n") {
                break;
            }
        }
        let mut splitter = Splitter::new(self.delimiter);
        let mut from = 0;
        loop {
            let line = self.lines_read;
            splitter
                .line(&mut self.record, from, line)
                .map_err(|fault| (line, fault))?;
            let Some(opened) = splitter.open_quote() else {
                break;
            };
            from = self.record.raw.len();
            if !self.read_line().map_err(|fault| unclosed(fault, opened))? {
                return Err((opened, TableFault::UnclosedQuote));
            }
        }
        Ok(Some(&self.record))
    }

    /// The record read last, also where reading it failed.
    pub(in crate::sources) fn last(&self) -> &Record {
        &self.record
    }

    /// The input, of which all is read once there is no next record.
    pub(in crate::sources) fn into_input(self) -> R {
        self.input
    }

    /// Appends the next line with its end to the record; `false` at the end of the input.
    fn read_line(&mut self) -> Result<bool, LineFault> {
        let mut bytes = Vec::new();
        let room = self.length_max.saturating_sub(self.record.raw.len());
        let line = self.lines_read + 1;
        let within = read_up_to(&mut self.input, room, &mut bytes)
            .map_err(|error| (line, TableFault::Read(error)))?;
        if bytes.is_empty() {
            return Ok(false);
        }
        self.lines_read = line;
        if line == 1 {
            refuse_other_formats(&bytes).map_err(|fault| (line, fault))?;
        }
        if !within {
            return Err((
                line,
                TableFault::TooLong {
                    limit: self.length_max,
                },
            ));
        }
        if bytes.contains(&0) {
            return Err((line, TableFault::Nul));
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            (
                line,
                TableFault::NotUtf8 {
                    byte: error.valid_up_to() + 1,
                },
            )
        })?;
        let text = text
            .strip_prefix(BYTE_ORDER_MARK)
            .filter(|_| line == 1)
            .unwrap_or(text);
        self.record.raw.push_str(text);
        Ok(true)
    }
}

/// A record that grows too long behind an open quote has, most likely, an unbalanced one.
fn unclosed((line, fault): LineFault, opened: u64) -> LineFault {
    match fault {
        TableFault::TooLong { .. } => (opened, TableFault::UnclosedQuote),
        other => (line, other),
    }
}

/// Reads to the end of the line and over it; `false` when that takes more than `limit` bytes.
fn read_up_to(input: &mut impl BufRead, limit: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = available
            .iter()
            .position(|byte| *byte == b'\n')
            .map(|at| at + 1);
        let used = end.unwrap_or(available.len());
        bytes.extend_from_slice(&available[..used]);
        input.consume(used);
        if bytes.len() > limit {
            return Ok(false);
        }
        if end.is_some() || used == 0 {
            return Ok(true);
        }
    }
}

fn refuse_other_formats(start: &[u8]) -> Result<(), TableFault> {
    let known = OTHER_FORMATS
        .iter()
        .find(|(magic, _)| start.starts_with(magic));
    let format = match (known, start) {
        (Some((_, format)), _) => format,
        // UTF-16 without a mark: every second byte of a plain header is zero.
        (None, [0, 1..=255, ..] | [1..=255, 0, ..]) => "UTF-16 text",
        _ => return Ok(()),
    };
    Err(TableFault::NotUtf8Text { format })
}

/// Where the splitter stands in a record.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Before the first character of a cell.
    Start,
    /// In a cell without quotes.
    Bare,
    /// In a quoted cell whose quote was opened on this line.
    Quoted(u64),
    /// Behind a quote that closes the cell, or is the first of two.
    Closed(u64),
}

/// Cuts a record into cells, line by line.
struct Splitter {
    delimiter: u8,
    state: State,
    cell_start: usize,
    cell_line: u64,
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::Start,
            cell_start: 0,
            cell_line: 0,
        }
    }

    /// The line on which a quote was opened that is open still.
    fn open_quote(&self) -> Option<u64> {
        match self.state {
            State::Quoted(line) => Some(line),
            _ => None,
        }
    }

    /// Takes one line: the text of the record from `from` on.
    fn line(&mut self, record: &mut Record, from: usize, line: u64) -> Result<(), TableFault> {
        let Record {
            raw, cells, places, ..
        } = record;
        let text = &raw[from..];
        let bytes = text.as_bytes();
        // Where the text begins that is not yet copied into the cell.
        let mut run = 0;
        for (at, byte) in bytes.iter().copied().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => matches!(bytes.get(at + 1), None | Some(b'\n')),
                _ => false,
            };
            match self.state {
                State::Quoted(opened) => {
                    if byte == b'"' {
                        cells.push_str(&text[run..at]);
                        self.state = State::Closed(opened);
                    }
                }
                State::Closed(opened) if byte == b'"' => {
                    // The second of two quotes: the text goes on with it.
                    run = at;
                    self.state = State::Quoted(opened);
                }
                _ if byte == self.delimiter || ends_line => {
                    self.close_cell(cells, places, &text[run..at], line);
                    if ends_line {
                        return Ok(());
                    }
                }
                State::Closed(_) => return Err(TableFault::TextBesideQuote),
                _ if byte == b'\r' => return Err(TableFault::BareCarriageReturn),
                State::Bare if byte == b'"' => return Err(TableFault::TextBesideQuote),
                State::Bare => {}
                State::Start => {
                    self.cell_line = line;
                    let quoted = byte == b'"';
                    run = if quoted { at + 1 } else { at };
                    self.state = if quoted {
                        State::Quoted(line)
                    } else {
                        State::Bare
                    };
                }
            }
        }
        if matches!(self.state, State::Quoted(_)) {
            cells.push_str(&text[run..]);
        } else {
            self.close_cell(cells, places, &text[run..], line);
        }
        Ok(())
    }

    /// Ends the cell; `rest` is its last text, unless it is quoted and so complete, or empty.
    fn close_cell(
        &mut self,
        cells: &mut String,
        places: &mut Vec<(Range<usize>, u64)>,
        rest: &str,
        line: u64,
    ) {
        match self.state {
            State::Bare => cells.push_str(rest),
            State::Start => self.cell_line = line,
            State::Quoted(_) | State::Closed(_) => {}
        }
        places.push((self.cell_start..cells.len(), self.cell_line));
        self.cell_start = cells.len();
        self.state = State::Start;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    type Cells = Vec<(String, u64)>;

    fn read(text: &[u8], limit: usize) -> Result<Vec<Cells>, LineFault> {
        // A buffer of three bytes: every boundary falls somewhere inside.
        let input = io::BufReader::with_capacity(3, text);
        let mut records = Records::new(input, b',', limit);
        let mut all = Vec::new();
        while let Some(record) = records.next()? {
            let cell = |column| {
                record
                    .cell(column)
                    .map(|(text, line)| (text.to_owned(), line))
            };
            all.push((0..record.len()).map_while(cell).collect());
        }
        Ok(all)
    }

    fn texts(text: &str) -> Vec<Vec<String>> {
        let records = read(text.as_bytes(), LENGTH_MAX).unwrap();
        records
            .into_iter()
            .map(|record| record.into_iter().map(|(text, _)| text).collect())
            .collect()
    }

    #[test]
    fn cells_are_what_stands_between_delimiters() {
        assert_eq!(texts("a,b\n1,\n"), [["a", "b"], ["1", ""]]);
        assert_eq!(texts("a,b\r\n,2\r\n"), [["a", "b"], ["", "2"]]);
        assert_eq!(texts("a,b"), [["a", "b"]]);
        assert_eq!(texts("a,b\r"), [["a", "b"]]);
        assert_eq!(texts("\u{feff}a,b\n"), [["a", "b"]]);
        assert_eq!(texts("\na,b\n\n\r\n"), [["a", "b"]]);
        assert_eq!(texts(" a ,é\n"), [[" a ", "é"]]);
        assert!(texts("").is_empty());
    }

    #[test]
    fn a_quoted_cell_holds_anything_and_keeps_its_line() {
        let text = "\"a,\"\"b\"\"\",\"c\r\nd\n\",e\n\"\",\"\"\"\",f\n";
        let records = read(text.as_bytes(), LENGTH_MAX).unwrap();
        let cell = |text: &str, line| (text.to_owned(), line);
        assert_eq!(
            records[0],
            [cell("a,\"b\"", 1), cell("c\r\nd\n", 1), cell("e", 3)]
        );
        assert_eq!(records[1], [cell("", 4), cell("\"", 4), cell("f", 4)]);
    }

    #[test]
    fn an_unbalanced_quote_is_an_error_on_its_line() {
        let fault = |text: &str| read(text.as_bytes(), 20).unwrap_err();
        assert!(matches!(
            fault("a\n\"b,c\nd\n"),
            (2, TableFault::UnclosedQuote)
        ));
        assert!(matches!(
            fault("a\n\"b,c\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"),
            (2, TableFault::UnclosedQuote)
        ));
        assert!(matches!(
            fault("a\n\"b\"c\n"),
            (2, TableFault::TextBesideQuote)
        ));
        assert!(matches!(
            fault("a\nb\"c\n"),
            (2, TableFault::TextBesideQuote)
        ));
        assert!(matches!(
            fault("a\n\"b\" ,c\n"),
            (2, TableFault::TextBesideQuote)
        ));
        assert!(matches!(
            fault("a\n\"b\n\"c\n"),
            (3, TableFault::TextBesideQuote)
        ));
    }

    #[test]
    fn what_is_no_text_is_called_by_its_name() {
        let format = |bytes: &[u8]| match read(bytes, 20) {
            Err((1, TableFault::NotUtf8Text { format })) => format,
            other => panic!("{other:?}"),
        };
        assert_eq!(format(b"\xff\xfea\0,\0"), "UTF-16 text");
        assert_eq!(format(b"\xfe\xff\0a\0,"), "UTF-16 text");
        assert_eq!(format(b"a\0,\0b\0\n\0"), "UTF-16 text");
        assert_eq!(format(b"\0a\0,\0b\0\n"), "UTF-16 text");
        assert_eq!(format(b"\xff\xfe\0\0a\0\0\0"), "UTF-32 text");
        assert_eq!(
            format(b"PK\x03\x04 and much more than a line may hold"),
            "a ZIP archive, which spreadsheets are"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_where_they_stand() {
        let fault = |bytes: &[u8]| read(bytes, 20).unwrap_err();
        assert!(matches!(fault(b"ab,c\nd,\0\n"), (2, TableFault::Nul)));
        assert!(matches!(
            fault(b"ab,c\nd,e\xe9\n"),
            (2, TableFault::NotUtf8 { byte: 4 })
        ));
        assert!(matches!(
            fault(b"ab\rcd\r"),
            (1, TableFault::BareCarriageReturn)
        ));
    }

    #[test]
    fn a_line_has_a_longest_length() {
        assert!(read(b"12345678901234567890", 20).is_ok());
        assert!(read(b"1234567890123456789\n12\n", 20).is_ok());
        let fault = read(b"1\n12345678901234567890\n", 20).unwrap_err();
        assert!(matches!(fault, (2, TableFault::TooLong { limit: 20 })));
        let endless = io::BufReader::new(io::Read::take(io::repeat(b'x'), 1 << 40));
        let fault = Records::new(endless, b',', LENGTH_MAX).next().unwrap_err();
        assert!(matches!(
            fault,
            (1, TableFault::TooLong { limit: LENGTH_MAX })
        ));
    }
}
