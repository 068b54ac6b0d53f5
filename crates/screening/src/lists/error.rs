//! Why a list cannot be read: what is wrong, in which file, and where in it.

use thiserror::Error;

/// Why a list cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListError {
    /// None of the formats that are known.
    #[error("{file} is in none of the formats of sanctions lists that are known")]
    Unrecognised {
        /// The file.
        file: String,
    },
    /// Files that do not belong together.
    #[error("{file} does not belong to the same list as the files before it")]
    Mixed {
        /// The file.
        file: String,
    },
    /// A part of a family of files that does not stand alone.
    #[error("{file} is a part of {of}, and that file is not among those given")]
    Part {
        /// The file.
        file: String,
        /// The file it continues.
        of: &'static str,
    },
    /// Something within the file.
    #[error("{file}, line {line}, byte {offset}: {what}")]
    At {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The byte, counted from 0.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// The file holds no entry.
    #[error("{file} holds no entry")]
    Empty {
        /// The file.
        file: String,
    },
    /// A stored version that is damaged.
    #[error("the stored list {file} is damaged: {what}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        what: String,
    },
}

impl ListError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unrecognised { .. } => {
                "known are: UN consolidated XML; OFAC SDN or consolidated XML, Advanced XML, and the SDN.CSV \
                 family; EU FSF XML 1.1; the UK Sanctions List as XML or CSV; a TagPack; a CSV table with a \
                 column `name` or `address`"
            }
            Self::Mixed { .. } => "import each list by itself",
            Self::Part { .. } => "give all files of the family in one command",
            Self::At { .. } => "a list is refused whole rather than read in part; fetch it anew",
            Self::Empty { .. } => return None,
            Self::Damaged { .. } => "delete the file and import the list again",
        })
    }
}
