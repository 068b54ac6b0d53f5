//! A mapping: which column of a table holds what, how it is written, and what the table promises.
//!
//! Whoever hands over a table decides how it looks; a mapping says so in a file that can be read, kept
//! with the case and used again. All is checked here that can be checked without a table, so that a wrong
//! mapping is an error of the mapping, with its line.
//!
//! Not here: the table. The file's format is described in `docs/reference/mappings.md`.

use std::fs::File;
use std::io::Read as _;

use serde::Deserialize;
use toml::Spanned;
use whither_ledger::amount::Rounding;
use whither_ledger::chain::{Chain, ChainKind};

use super::built_in::built_in;
use super::error::{MappingError, Place, quote};
use super::mapping_file::{CoverageKind, KEYS, MappingFile, Text};

/// The version of the format that is read.
const SCHEMA: &str = "whither.mapping/1";
/// The longest mapping file that is read, in bytes.
const LENGTH_MAX: u64 = 1 << 20;
/// More decimals than any amount below 2^256 can have.
const DECIMALS_MAX: u8 = 77;
/// What may part the cells of a table, and what it is called.
pub(super) const DELIMITERS: &[(u8, &str)] =
    &[(b',', "`,`"), (b';', "`;`"), (b'\t', "a tab"), (b'|', "`|`")];

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
    Addresses { addresses: Vec<Located>, internal: bool },
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
            return Err(MappingError::TooLong { name: name.to_owned(), limit: LENGTH_MAX });
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
        let read = |error| MappingError::Read { path: name_or_path.to_owned(), error };
        let file = match File::open(name_or_path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(MappingError::Unknown { name: name_or_path.to_owned() });
            }
            Err(error) => return Err(read(error)),
        };
        let mut text = String::new();
        // One byte more than is allowed, so that a longer file shows.
        file.take(LENGTH_MAX + 1).read_to_string(&mut text).map_err(read)?;
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

/// Checks a mapping file, and knows where in it things stand.
struct Checks<'a> {
    text: &'a str,
    file: &'a str,
}

impl Checks<'_> {
    fn error(&self, at: usize, what: impl Into<String>, hint: &str) -> MappingError {
        MappingError::Invalid {
            name: self.file.to_owned(),
            place: Place::of(self.text, at),
            what: what.into(),
            hint: hint.to_owned(),
        }
    }

    fn located(&self, text: &Text) -> Located {
        let place = Place::of(self.text, text.span().start);
        Located { text: text.get_ref().trim_ascii().to_owned(), place }
    }

    fn mapping(&self, file: &MappingFile) -> Result<Mapping, MappingError> {
        self.schema_and_name(file)?;
        self.keys_that_need_each_other(file)?;
        let chain = file.chain.as_ref().map(|text| self.chain(text)).transpose()?;
        let decimals = self.decimals(file.decimals.as_ref())?;
        let fee_decimals = self.decimals(file.fee_decimals.as_ref())?;
        let asset_decimals = file.asset_decimals.iter().map(|(asset, decimals)| {
            let decimals = self.checked_decimals(decimals)?;
            Ok((self.located(asset), decimals))
        });
        let mapping = Mapping {
            file: self.file.to_owned(),
            name: file.name.get_ref().clone(),
            description: file.description.clone(),
            chain,
            delimiter: self.delimiter(file.delimiter.as_ref())?,
            columns: self.columns(file)?,
            time_format: file.time_format,
            address_prefix: file.address_prefix.as_ref().map(|text| text.get_ref().clone()),
            asset: file.asset.as_ref().map(|text| self.located(text)),
            decimals,
            asset_decimals: asset_decimals.collect::<Result<_, _>>()?,
            rounding: file.rounding.into(),
            fee_asset: file.fee_asset.as_ref().map(|text| self.located(text)),
            fee_decimals,
            failed: self.failed(file)?,
            promise: self.promise(file)?,
            columns_place: Place::of(self.text, file.columns.span().start),
        };
        self.amounts_are_defined(file, &mapping)?;
        Ok(mapping)
    }

    fn schema_and_name(&self, file: &MappingFile) -> Result<(), MappingError> {
        let schema = &file.schema;
        if schema.get_ref() != SCHEMA {
            let what = format!("the schema {} is not known", quote(schema.get_ref()));
            let hint = format!("this version reads `schema = \"{SCHEMA}\"`");
            return Err(self.error(schema.span().start, what, &hint));
        }
        let name = file.name.get_ref();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_word) {
            let what = format!("{} is not a name for a mapping", quote(name));
            let hint = "a name has 1 to 64 letters, digits, `-`, `_` and `.`";
            return Err(self.error(file.name.span().start, what, hint));
        }
        Ok(())
    }

    /// Keys that mean nothing without a column, and columns that mean nothing without another.
    fn keys_that_need_each_other(&self, file: &MappingFile) -> Result<(), MappingError> {
        let roles = file.columns.get_ref().roles();
        let has = |role| roles.iter().any(|(mapped, _)| *mapped == role);
        let needs = [
            (Role::Index, "index", Role::Block, "block", "it is the transaction's place in its block"),
            (Role::LogIndex, "log_index", Role::Transaction, "transaction", "it is the place in a transaction"),
            (Role::Fee, "fee", Role::Transaction, "transaction", "a fee is paid once for each transaction"),
            (Role::FeePayer, "fee_payer", Role::Fee, "fee", "it says who pays the fee"),
        ];
        for (role, key, needed, needed_key, why) in needs {
            if let Some((_, name)) = roles.iter().find(|(mapped, _)| *mapped == role && !has(needed)) {
                let what = format!("the column `{key}` means nothing without a column `{needed_key}`: {why}");
                let hint = format!("name the column `{needed_key}`, or leave `{key}` out");
                return Err(self.error(name.span().start, what, &hint));
            }
        }
        let fee_asset = file.fee_asset.as_ref().map(Spanned::span);
        let fee_decimals = file.fee_decimals.as_ref().map(Spanned::span);
        let idle = [
            (fee_asset, "fee_asset", Role::Fee, "fee"),
            (fee_decimals, "fee_decimals", Role::Fee, "fee"),
            (file.failed.as_ref().map(Spanned::span), "failed", Role::Status, "status"),
            (file.asset_decimals.keys().next().map(Spanned::span), "asset_decimals", Role::Asset, "asset"),
        ];
        for (span, key, needed, needed_key) in idle {
            if let Some(span) = span.filter(|_| !has(needed)) {
                let what = format!("`{key}` means nothing without a column `{needed_key}`");
                let hint = format!("name the column `{needed_key}` under [columns], or leave `{key}` out");
                return Err(self.error(span.start, what, &hint));
            }
        }
        Ok(())
    }

    fn chain(&self, text: &Text) -> Result<Chain, MappingError> {
        let at = text.span().start;
        let chain: Chain = text.get_ref().parse().map_err(|error: whither_ledger::chain::ChainError| {
            self.error(at, error.to_string(), error.hint().unwrap_or(KEYS))
        })?;
        if chain.kind() == ChainKind::Utxo {
            let what = format!("{chain} is a chain of outputs, which a table of transfers cannot tell");
            return Err(self.error(at, what, "name a chain of accounts, such as `eip155:1`"));
        }
        Ok(chain)
    }

    fn delimiter(&self, text: Option<&Text>) -> Result<u8, MappingError> {
        let Some(text) = text else { return Ok(b',') };
        let known = |(byte, _): &&(u8, &str)| text.get_ref().as_bytes() == [*byte];
        DELIMITERS.iter().find(known).map(|(byte, _)| *byte).ok_or_else(|| {
            let what = format!("{} is not a delimiter", quote(text.get_ref()));
            self.error(text.span().start, what, r#"a delimiter is ",", ";", "\t" or "|""#)
        })
    }

    fn decimals(&self, decimals: Option<&Spanned<u8>>) -> Result<Option<u8>, MappingError> {
        decimals.map(|decimals| self.checked_decimals(decimals)).transpose()
    }

    fn checked_decimals(&self, decimals: &Spanned<u8>) -> Result<u8, MappingError> {
        let number = *decimals.get_ref();
        if number > DECIMALS_MAX {
            let what = format!("{number} decimals are more than an amount can have");
            let hint = format!("0 to {DECIMALS_MAX}: 18 for ether in ETH, 0 for wei");
            return Err(self.error(decimals.span().start, what, &hint));
        }
        Ok(number)
    }

    fn columns(&self, file: &MappingFile) -> Result<Vec<(Role, String)>, MappingError> {
        let mut columns: Vec<(Role, String)> = Vec::new();
        for (role, name) in file.columns.get_ref().roles() {
            let at = name.span().start;
            let trimmed = name.get_ref().trim_ascii();
            if trimmed.is_empty() {
                return Err(self.error(at, "a column without a name", "write its name as the header does"));
            }
            if columns.iter().any(|(_, taken)| taken == trimmed) {
                let what = format!("the column {} is named twice", quote(trimmed));
                return Err(self.error(at, what, "a column holds one thing"));
            }
            columns.push((role, trimmed.to_owned()));
        }
        Ok(columns)
    }

    fn failed(&self, file: &MappingFile) -> Result<Vec<String>, MappingError> {
        let values = file.failed.as_ref().map(|values| values.get_ref().as_slice()).unwrap_or_default();
        let status = file.columns.get_ref().roles().into_iter().find(|(role, _)| *role == Role::Status);
        if let (Some((_, name)), true) = (status, values.is_empty()) {
            let what = "there is a column `status`, and no value of it means failed";
            return Err(self.error(name.span().start, what, "list those that do: `failed = [\"0\"]`"));
        }
        Ok(values.iter().map(|value| value.trim_ascii().to_owned()).collect())
    }

    fn promise(&self, file: &MappingFile) -> Result<Promise, MappingError> {
        let coverage = file.coverage.get_ref();
        let at = file.coverage.span().start;
        let listed = coverage.addresses.as_deref().unwrap_or_default();
        match coverage.kind {
            CoverageKind::Rows if coverage.addresses.is_none() && coverage.internal.is_none() => Ok(Promise::Rows),
            CoverageKind::Rows => {
                let what = "`kind = \"rows\"` promises nothing about addresses or internal transfers";
                Err(self.error(at, what, "leave `addresses` and `internal` out, or write `kind = \"addresses\"`"))
            }
            CoverageKind::Addresses if listed.is_empty() => {
                let what = "`kind = \"addresses\"` promises all rows of addresses, and none is listed";
                Err(self.error(at, what, "list them: `addresses = [\"0x…\"]`"))
            }
            CoverageKind::Addresses => Ok(Promise::Addresses {
                addresses: listed.iter().map(|address| self.located(address)).collect(),
                internal: coverage.internal.unwrap_or(false),
            }),
        }
    }

    /// Each row has an asset, and each amount a number of decimals.
    fn amounts_are_defined(&self, file: &MappingFile, mapping: &Mapping) -> Result<(), MappingError> {
        let at = file.columns.span().start;
        if mapping.asset.is_none() && !mapping.has(Role::Asset) {
            let what = "the mapping does not say what moves";
            return Err(self.error(at, what, "set `asset`, or name the column `asset` under [columns]"));
        }
        if mapping.decimals.is_none() && mapping.asset_decimals.is_empty() {
            let what = "the mapping does not say how many decimals the amounts have";
            return Err(self.error(0, what, "set `decimals`: 18 for ether in ETH, 0 for wei"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
