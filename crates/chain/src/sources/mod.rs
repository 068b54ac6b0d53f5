//! Sources of chain data, each of foreign bytes, and the guess at what a file holds.
//!
//! A source says what it promises to be complete, or its reader works it out; it never guesses amounts.

pub mod bitcoin;
pub mod table;

use std::path::Path;
use std::str::FromStr;

use crate::error::SourceError;
use bitcoin::scan::{self, Form};

/// How a source is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A Bitcoin Core `blocks/` directory, a block file, or a raw block.
    BitcoinBlocks,
    /// A table of transfers, read by a mapping.
    Transfers,
}

impl Format {
    /// All formats, in the order they are listed to people.
    pub const ALL: [Self; 2] = [Self::BitcoinBlocks, Self::Transfers];

    /// What the command line calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BitcoinBlocks => "bitcoin-blocks",
            Self::Transfers => "transfers",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let format = Self::ALL.into_iter().find(|format| format.name() == text);
        format.ok_or_else(|| UnknownFormat(text.chars().take(80).collect()))
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no source format; known are bitcoin-blocks and transfers")]
pub struct UnknownFormat(String);

/// A source, and how it is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// Blocks.
    Blocks(Form),
    /// A table.
    Table,
}

/// Says by its content how a source is written, unless the user said so.
pub(crate) fn recognise(path: &Path, format: Option<Format>) -> Result<Recognised, SourceError> {
    if format == Some(Format::Transfers) {
        return Ok(Recognised::Table);
    }
    let form = scan::recognise(path)?;
    Ok(match (form, format) {
        (Some(form), _) => Recognised::Blocks(form),
        // Whatever it looks like, the user says that it is a block.
        (None, Some(Format::BitcoinBlocks)) => Recognised::Blocks(Form::Raw),
        (None, _) => Recognised::Table,
    })
}
