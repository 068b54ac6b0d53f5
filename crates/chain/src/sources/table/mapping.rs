//! A mapping: which column of a table holds what, how it is written, and what the table promises.
//!
//! Whoever hands over a table decides how it looks; a mapping says so in a file that can be read, kept
//! with the case and used again. All is checked here that can be checked without a table, so that a wrong
//! mapping is an error of the mapping, with its line.
//!
//! Not here: the table. The file's format is described in `docs/reference/mappings.md`.

mod checks;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read as _;

use serde::Deserialize;
use whither_ledger::amount::Rounding;
use whither_ledger::chain::Chain;

use super::built_in::built_in;
use super::error::{MappingError, Place};
use super::mapping_file::{KEYS, MappingFile};
use checks::Checks;

/// The longest mapping file that is read, in bytes.
const LENGTH_MAX: u64 = 1 << 20;
/// What may part the cells of a table, and what it is called.
pub(super) const DELIMITERS: &[(u8, &str)] = &[
    (b',', "`,`"),
    (b';', "`;`"),
    (b'\t', "a tab"),
    (b'|', "`|`"),
];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Time,
    Block,
    Index,
    Transaction,
    LogIndex,
    From,
    To,
    Amount,
    Asset,
    Fee,
    FeePayer,
    Status,
    /// Who somebody says an address is: may stand for several columns, and is only counted.
    Label,
}

/// How a table writes times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeFormat {
    /// Date and time with an offset.
    Rfc3339,
    /// Date and time without an offset, in UTC.
    Utc,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970, which must be whole seconds.
    EpochMilliseconds,
}

impl TimeFormat {
    /// A time written so.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Rfc3339 => "2022-03-23T13:29:09Z",
            Self::Utc => "2022-03-23 13:29:09",
            Self::EpochSeconds => "1648042149",
            Self::EpochMilliseconds => "1648042149000",
        }
    }
}

/// A text of the mapping and where it stands, for errors that show only on a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    pub(super) text: String,
    pub(super) place: Place,
}

/// What a table promises to be complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    Rows,
    Addresses {
        addresses: Vec<Located>,
        internal: bool,
    },
}

/// A checked mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// What the file is called in messages.
    pub(super) file: String,
    name: String,
    description: String,
    chain: Option<Chain>,
    pub(super) delimiter: u8,
    /// Names of columns, each with what it holds.
    pub(super) columns: Vec<(Role, String)>,
    pub(super) time_format: TimeFormat,
    pub(super) address_prefix: Option<String>,
    pub(super) asset: Option<Located>,
    pub(super) decimals: Option<u8>,
    pub(super) asset_decimals: Vec<(Located, u8)>,
    pub(super) rounding: Rounding,
    pub(super) fee_asset: Option<Located>,
    /// Decimals of the fee's text, where they are not those of the amounts.
    pub(super) fee_decimals: Option<u8>,
    pub(super) failed: Vec<String>,
    pub(super) promise: Promise,
    /// Where `[columns]` stands.
    pub(super) columns_place: Place,
}

impl Mapping {
    /// Reads the text of a mapping file; `name` is what messages call it.
    ///
    /// # Errors
    /// [`MappingError::Invalid`] with the place, for what is no TOML, has a key no mapping has, lacks one,
    /// or contradicts itself.
    pub fn parse(text: &str, name: &str) -> Result<Self, MappingError> {
        if u64::try_from(text.len()).is_ok_and(|length| length > LENGTH_MAX) {
            return Err(MappingError::TooLong {
                name: name.to_owned(),
                limit: LENGTH_MAX,
            });
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let checks = Checks { text, file: name };
        let file: MappingFile = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            checks.error(at, error.message().replace('\n', ": "), KEYS)
        })?;
        let mapping = checks.mapping(&file)?;
        if let Some(chain) = &mapping.chain {
            mapping.on(chain)?;
        }
        Ok(mapping)
    }

    /// The built-in mapping of that name, or the mapping file at that path.
    ///
    /// # Errors
    /// [`MappingError`] where there is neither, or where the file is no mapping.
    pub fn load(name_or_path: &str) -> Result<Self, MappingError> {
        if let Some(text) = built_in(name_or_path) {
            return Self::parse(text, name_or_path);
        }
        let read = |error| MappingError::Read {
            path: name_or_path.to_owned(),
            error,
        };
        let file = match File::open(name_or_path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(MappingError::Unknown {
                    name: name_or_path.to_owned(),
                });
            }
            Err(error) => return Err(read(error)),
        };
        let mut text = String::new();
        // One byte more than is allowed, so that a longer file shows.
        file.take(LENGTH_MAX + 1)
            .read_to_string(&mut text)
            .map_err(read)?;
        Self::parse(&text, name_or_path)
    }

    /// The mapping's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tables it is for, in its author's words.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The chain its tables are of, unless the caller names another.
    #[must_use]
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// Whether a column with that content is mapped.
    pub(super) fn has(&self, role: Role) -> bool {
        self.columns.iter().any(|(mapped, _)| *mapped == role)
    }
}
