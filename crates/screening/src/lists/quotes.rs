//! Quotes of a CSV file, watched while it is read: a quote that is not closed would take the rows behind it into its cell,
//! and nobody would see them missing.
//!
//! A cell that begins with a quote ends with one, and a separator or the end of the line follows. Where that is not so,
//! or the file ends within a cell, the line on which the quote stands is told. One more sign is looked for in the rows
//! that come out: a cell over several lines of which one is as wide as a row.

use std::io::{self, Read};

/// Why a quote cannot be right.
pub const UNCLOSED: &str =
    "a quote that opens a cell is not closed before the next cell, or not at all";
/// Why a cell cannot be right.
pub const SWALLOWED: &str = "a cell goes over several lines, and one of them is as wide as a row: a quote before it is not closed";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A cell begins.
    Start,
    /// Within one that has no quotes around it.
    Plain,
    /// Within quotes.
    Quoted,
    /// Behind a quote that closes, or is the first of two.
    Closed,
}

/// Watches bytes as they pass.
#[derive(Clone, Debug)]
pub struct Quotes {
    delimiter: u8,
    state: State,
    line: u64,
    opened: u64,
}

impl Quotes {
    /// Watches a file whose cells are parted so.
    #[must_use]
    pub fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::Start,
            line: 1,
            opened: 0,
        }
    }

    /// Passes bytes on.
    ///
    /// # Errors
    /// The line of a quote that cannot be right.
    pub fn pass(&mut self, bytes: &[u8]) -> Result<(), u64> {
        for byte in bytes {
            let ends = *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
            self.state = match (self.state, *byte) {
                (State::Start, b'"') => {
                    self.opened = self.line;
                    State::Quoted
                }
                (State::Quoted, b'"') => State::Closed,
                (State::Quoted, _) => State::Quoted,
                (State::Closed, b'"') => State::Quoted,
                (State::Closed, _) if !ends => return Err(self.opened),
                _ if ends => State::Start,
                _ => State::Plain,
            };
            self.line += u64::from(*byte == b'\n');
        }
        Ok(())
    }

    /// The file ends.
    ///
    /// # Errors
    /// The line of a quote that is open.
    pub fn end(&self) -> Result<(), u64> {
        match self.state {
            State::Quoted => Err(self.opened),
            _ => Ok(()),
        }
    }
}

/// A reader whose quotes are watched; a quote that cannot be right is an error of `InvalidData` that says its line.
#[derive(Debug)]
pub struct Watched<R> {
    source: R,
    quotes: Quotes,
    begun: bool,
}

impl<R: Read> Watched<R> {
    /// Watches a reader of a table parted by commas.
    pub fn new(source: R) -> Self {
        Self {
            source,
            quotes: Quotes::new(b','),
            begun: false,
        }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let taken = self.source.read(into)?;
        let wrong = |line: u64| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("line {line}: {UNCLOSED}"),
            )
        };
        if taken == 0 && !into.is_empty() {
            self.quotes.end().map_err(wrong)?;
        }
        let mut bytes = &into[..taken];
        if !self.begun {
            bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
            self.begun = taken > 0 || self.begun;
        }
        self.quotes.pass(bytes).map_err(wrong)?;
        Ok(taken)
    }
}

/// Whether a cell holds a line behind its first that is as wide as a row of so many cells.
#[must_use]
pub fn swallows(cell: &[u8], delimiter: u8, cells: usize) -> bool {
    lines(cell).skip(1).any(|line| {
        let parts = line.iter().filter(|byte| **byte == delimiter).count() + 1;
        !line.trim_ascii().is_empty() && parts == cells
    })
}

/// The lines of a cell: `\n`, `\r` and both together end one, as they end a row.
pub fn lines(cell: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(cell);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let Some(end) = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            return Some(text);
        };
        let (line, behind) = text.split_at(end);
        let ending = if behind.starts_with(b"\r\n") { 2 } else { 1 };
        rest = Some(&behind[ending..]);
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(text: &str) -> Result<(), u64> {
        let mut quotes = Quotes::new(b',');
        quotes.pass(text.as_bytes())?;
        quotes.end()
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_with_its_line() {
        assert_eq!(
            watched("a,b\n1,\"two\nlines\"\n2,\"say \"\"so\"\"\"\n"),
            Ok(())
        );
        assert_eq!(watched("a,b\r\n1,x \"y\" z\r\n"), Ok(()));
        assert_eq!(watched("a,b\n1,\"open\n2,x\n3,y\n"), Err(2));
        assert_eq!(watched("a,b\n1,x\n2,\"open\n3,\"y\"\n"), Err(3));
        assert!(swallows(b"open\n3,y", b',', 2));
        assert!(!swallows(b"Street 1\nCity\n", b',', 2));
        assert!(swallows(b"open\r3,y", b',', 2));
        assert!(swallows(b"open\r\n3\t\r\n", b'\t', 2));
    }

    #[test]
    fn a_line_ends_with_either_sign_or_both() {
        let parted = |cell: &'static str| lines(cell.as_bytes()).collect::<Vec<_>>();
        assert_eq!(parted("a\rb\nc\r\nd"), [b"a", b"b", b"c", b"d"]);
        assert_eq!(parted("a\r\n\n"), [&b"a"[..], b"", b""]);
        assert_eq!(parted(""), [b""]);
    }
}
