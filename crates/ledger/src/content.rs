//! The content id: which chain content an answer was computed from.
//!
//! A hash over the canonical content of a chain, independent of file paths, of how the content was cut
//! into files, and of the order of ingest (law 17). Whoever holds the same content gets the same id.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::view::Note;

/// SHA-256 over canonical lines of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(pub [u8; 32]);

impl fmt::Display for ContentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("sha256:")?;
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Builds a [`ContentId`] line by line; the caller gives the lines in their canonical order.
#[derive(Clone, Debug)]
pub struct ContentHasher(Sha256);

impl ContentHasher {
    /// Starts a hash for one purpose (`whither.chain/1`), so that ids of different things never meet.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.line(purpose);
        hasher
    }

    /// Adds one line, prefixed by its length, so that no two lists of lines hash alike.
    pub fn line(&mut self, line: &str) {
        let length = u64::try_from(line.len()).expect("a line fits memory");
        self.0.update(length.to_le_bytes());
        self.0.update(line.as_bytes());
    }

    /// Adds what must be said with every answer: contents that differ only in that give different answers.
    pub fn notes(&mut self, notes: &[Note]) {
        for note in notes {
            let transaction = note
                .transaction
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            self.line(&format!("note {} {transaction} {}", note.kind, note.what));
        }
    }

    /// The id.
    #[must_use]
    pub fn finish(self) -> ContentId {
        ContentId(self.0.finalize().into())
    }
}
