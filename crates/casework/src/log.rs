//! One author's log: its lines read one by one, each checked against the one before it.
//!
//! Reading goes on after a fault, so that a check names all of them. A file that does not end in a line
//! break ends in a line that a crash cut short: its writer was never told that the entry stands. It is left
//! out here, and cut by the next writer.

use std::io::{self, BufRead};

use crate::entry::{Entry, LINE_LENGTH_MAX, beginning};
use crate::error::Fault;
use crate::hash::Hash;
use crate::ledger::ENTRIES_MAX;
use crate::lines::{self, Line};
use crate::words::{Author, CaseId, Time};

/// A log, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// The sound entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
    /// How many whole lines there are, sound or not.
    pub lines: usize,
    /// Where the last whole line begins.
    pub last_at: u64,
    /// Length of all whole lines, in bytes.
    pub whole: u64,
    /// Length of the line that was cut short, in bytes.
    pub torn: u64,
}

/// What a reader knows of the line to come. Of the line before it nothing is known after one that cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    number: u64,
    previous: Option<Hash>,
    /// The time before which it may not be.
    since: Option<Time>,
}

impl Expected {
    /// The first line of a log.
    pub(crate) fn first(case: &CaseId, author: &Author) -> Self {
        Self {
            number: 1,
            previous: Some(beginning(case, author)),
            since: None,
        }
    }

    /// The line after an entry.
    pub(crate) fn after(entry: &Entry) -> Self {
        Self {
            number: entry.number().saturating_add(1),
            previous: Some(entry.hash()),
            since: Some(entry.time().clone()),
        }
    }
}

impl Log {
    /// Reads a log, with up to `entries_max` lines.
    pub(crate) fn read(
        file: impl BufRead,
        case: &CaseId,
        author: &Author,
        entries_max: usize,
    ) -> io::Result<Self> {
        Self::read_on(file, author, Expected::first(case, author), entries_max)
    }

    /// Reads what follows in a log, given what is known of the next line.
    pub(crate) fn read_on(
        mut file: impl BufRead,
        author: &Author,
        mut expected: Expected,
        entries_max: usize,
    ) -> io::Result<Self> {
        let mut log = Self::default();
        let mut line = Vec::new();
        loop {
            let length = match lines::read(&mut file, &mut line, LINE_LENGTH_MAX)? {
                Line::End => return Ok(log),
                Line::Torn(length) => {
                    log.torn = length;
                    // No crash writes another byte where the line's break belongs.
                    if line.pop().is_some() && Entry::read(&line).is_ok() {
                        let why = "another byte stands where its line ends".to_owned();
                        log.fault(author, expected.number, why);
                    }
                    return Ok(log);
                }
                Line::Whole(length) | Line::TooLong(length) => length,
            };
            log.lines += 1;
            if log.lines > entries_max {
                let why = format!("the case has more entries than the {ENTRIES_MAX} that are read");
                log.fault(author, expected.number, why);
                return Ok(log);
            }
            log.last_at = log.whole;
            log.whole += length;
            log.take(&line, author, &mut expected);
        }
    }

    fn take(&mut self, line: &[u8], author: &Author, expected: &mut Expected) {
        let number = expected.number;
        let entry = match Entry::read(line) {
            Ok(entry) => entry,
            Err(why) => {
                self.fault(author, number, why);
                expected.number += 1;
                expected.previous = None;
                return;
            }
        };
        if entry.author() != author {
            self.fault(
                author,
                number,
                format!("it was written by {}", entry.author()),
            );
        } else if entry.number() != number {
            let why = format!("entry {} stands in its place", entry.number());
            self.fault(author, number, why);
        } else if expected
            .previous
            .is_some_and(|hash| hash != entry.previous())
        {
            let why = match number {
                1 => "its log was begun in another case".to_owned(),
                _ => format!(
                    "it does not follow entry {}: one of both was written anew",
                    number - 1
                ),
            };
            self.fault(author, number, why);
        } else if expected
            .since
            .as_ref()
            .is_some_and(|since| since > entry.time())
        {
            let why = "it is older than the entry before it";
            self.fault(author, number, why.to_owned());
        }
        *expected = Expected::after(&entry);
        if entry.author() == author {
            self.entries.push(entry);
        }
    }

    fn fault(&mut self, author: &Author, entry: u64, why: String) {
        let author = author.clone();
        self.faults.push(Fault::Entry { author, entry, why });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Hundreds of logs of broken lines may not take more memory than one of sound ones.
    #[test]
    fn a_log_is_read_up_to_its_share_of_the_lines_and_no_further() {
        let (case, author) = (CaseId::new("c").unwrap(), Author::new("a").unwrap());
        let read =
            |text: &str, room: usize| Log::read(text.as_bytes(), &case, &author, room).unwrap();
        let log = read("x\n\nx\n", 3);
        assert_eq!(
            (log.lines, log.faults.len(), log.whole, log.torn),
            (3, 3, 5, 0)
        );
        let log = read(&"x\n".repeat(1000), 3);
        assert_eq!((log.lines, log.faults.len()), (4, 4));
        assert!(log.faults[3].to_string().contains("more entries"));
        let log = read("", 0);
        assert_eq!(log, Log::default());
        assert_eq!(read("torn", 0).torn, 4);
    }
}
