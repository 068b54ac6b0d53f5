//! The checks that make a mapping of a mapping file: which values mean something, and which keys go together.
//!
//! A key without effect is an error as well, since whoever wrote it expected one.
//!
//! Not here: what depends on the chain, which the caller may name later.

use toml::Spanned;
use whither_ledger::chain::{Chain, ChainError, ChainKind};

use super::super::error::{MappingError, Place, quote};
use super::super::mapping_file::{CoverageKind, KEYS, MappingFile, Text};
use super::{DELIMITERS, Located, Mapping, Promise, Role};

/// The version of the format that is read.
const SCHEMA: &str = "whither.mapping/1";
/// More decimals than any amount below 2^256 can have.
const DECIMALS_MAX: u8 = 77;

/// Columns that mean nothing without another, and why: the column, the other.
const NEEDED_BY_COLUMNS: &[(Role, &str, Role, &str, &str)] = &[
    (
        Role::Index,
        "index",
        Role::Block,
        "block",
        "it is the transaction's place in its block",
    ),
    (
        Role::LogIndex,
        "log_index",
        Role::Transaction,
        "transaction",
        "it is the place in a transaction",
    ),
    (
        Role::Fee,
        "fee",
        Role::Transaction,
        "transaction",
        "a fee is paid once for each transaction",
    ),
    (
        Role::FeePayer,
        "fee_payer",
        Role::Fee,
        "fee",
        "it says who pays the fee",
    ),
];

/// Checks a mapping file, and knows where in it things stand.
pub(super) struct Checks<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a str,
}

impl Checks<'_> {
    pub(super) fn error(&self, at: usize, what: impl Into<String>, hint: &str) -> MappingError {
        MappingError::Invalid {
            name: self.file.to_owned(),
            place: Place::of(self.text, at),
            what: what.into(),
            hint: hint.to_owned(),
        }
    }

    fn located(&self, text: &Text) -> Located {
        let place = Place::of(self.text, text.span().start);
        Located {
            text: text.get_ref().trim_ascii().to_owned(),
            place,
        }
    }

    /// The mapping the file describes.
    pub(super) fn mapping(&self, file: &MappingFile) -> Result<Mapping, MappingError> {
        self.schema_and_name(file)?;
        self.columns_that_need_others(file)?;
        self.keys_that_need_columns(file)?;
        let chain = file
            .chain
            .as_ref()
            .map(|text| self.chain(text))
            .transpose()?;
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
            address_prefix: file
                .address_prefix
                .as_ref()
                .map(|text| text.get_ref().clone()),
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

    /// Columns that mean nothing without another.
    fn columns_that_need_others(&self, file: &MappingFile) -> Result<(), MappingError> {
        let roles = file.columns.get_ref().roles();
        let find = |role| {
            roles
                .iter()
                .find(|(mapped, _)| *mapped == role)
                .map(|(_, name)| *name)
        };
        for (role, key, needed, needed_key, why) in NEEDED_BY_COLUMNS {
            if let Some(name) = find(*role).filter(|_| find(*needed).is_none()) {
                let what = format!(
                    "the column `{key}` means nothing without a column `{needed_key}`: {why}"
                );
                let hint = format!("name the column `{needed_key}`, or leave `{key}` out");
                return Err(self.error(name.span().start, what, &hint));
            }
        }
        Ok(())
    }

    /// Keys at the top that mean nothing without a column.
    fn keys_that_need_columns(&self, file: &MappingFile) -> Result<(), MappingError> {
        let roles = file.columns.get_ref().roles();
        let has = |role| roles.iter().any(|(mapped, _)| *mapped == role);
        let fee_asset = file.fee_asset.as_ref().map(Spanned::span);
        let fee_decimals = file.fee_decimals.as_ref().map(Spanned::span);
        let failed = file.failed.as_ref().map(Spanned::span);
        let asset_decimals = file.asset_decimals.keys().next().map(Spanned::span);
        let keys = [
            (fee_asset, "fee_asset", Role::Fee, "fee"),
            (fee_decimals, "fee_decimals", Role::Fee, "fee"),
            (failed, "failed", Role::Status, "status"),
            (asset_decimals, "asset_decimals", Role::Asset, "asset"),
        ];
        for (span, key, needed, needed_key) in keys {
            if let Some(span) = span.filter(|_| !has(needed)) {
                let what = format!("`{key}` means nothing without a column `{needed_key}`");
                let hint =
                    format!("name the column `{needed_key}` under [columns], or leave `{key}` out");
                return Err(self.error(span.start, what, &hint));
            }
        }
        Ok(())
    }

    fn chain(&self, text: &Text) -> Result<Chain, MappingError> {
        let at = text.span().start;
        let chain: Chain = text.get_ref().parse().map_err(|error: ChainError| {
            self.error(at, error.to_string(), error.hint().unwrap_or(KEYS))
        })?;
        if chain.kind() == ChainKind::Utxo {
            let what =
                format!("{chain} is a chain of outputs, which a table of transfers cannot tell");
            return Err(self.error(at, what, "name a chain of accounts, such as `eip155:1`"));
        }
        Ok(chain)
    }

    fn delimiter(&self, text: Option<&Text>) -> Result<u8, MappingError> {
        let Some(text) = text else { return Ok(b',') };
        let known = |(byte, _): &&(u8, &str)| text.get_ref().as_bytes() == [*byte];
        DELIMITERS
            .iter()
            .find(known)
            .map(|(byte, _)| *byte)
            .ok_or_else(|| {
                let what = format!("{} is not a delimiter", quote(text.get_ref()));
                self.error(
                    text.span().start,
                    what,
                    r#"a delimiter is ",", ";", "\t" or "|""#,
                )
            })
    }

    fn decimals(&self, decimals: Option<&Spanned<u8>>) -> Result<Option<u8>, MappingError> {
        decimals
            .map(|decimals| self.checked_decimals(decimals))
            .transpose()
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
                return Err(self.error(
                    at,
                    "a column without a name",
                    "write its name as the header does",
                ));
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
        let values = file
            .failed
            .as_ref()
            .map(|values| values.get_ref().as_slice())
            .unwrap_or_default();
        let status = file
            .columns
            .get_ref()
            .roles()
            .into_iter()
            .find(|(role, _)| *role == Role::Status);
        if let (Some((_, name)), true) = (status, values.is_empty()) {
            let what = "there is a column `status`, and no value of it means failed";
            return Err(self.error(
                name.span().start,
                what,
                "list those that do: `failed = [\"0\"]`",
            ));
        }
        Ok(values
            .iter()
            .map(|value| value.trim_ascii().to_owned())
            .collect())
    }

    fn promise(&self, file: &MappingFile) -> Result<Promise, MappingError> {
        let coverage = file.coverage.get_ref();
        let at = file.coverage.span().start;
        let listed = coverage.addresses.as_deref().unwrap_or_default();
        match coverage.kind {
            CoverageKind::Rows if coverage.addresses.is_none() && coverage.internal.is_none() => {
                Ok(Promise::Rows)
            }
            CoverageKind::Rows => {
                let what =
                    "`kind = \"rows\"` promises nothing about addresses or internal transfers";
                Err(self.error(
                    at,
                    what,
                    "leave `addresses` and `internal` out, or write `kind = \"addresses\"`",
                ))
            }
            CoverageKind::Addresses if listed.is_empty() => {
                let what =
                    "`kind = \"addresses\"` promises all rows of addresses, and none is listed";
                Err(self.error(at, what, "list them: `addresses = [\"0x…\"]`"))
            }
            CoverageKind::Addresses => Ok(Promise::Addresses {
                addresses: listed.iter().map(|address| self.located(address)).collect(),
                internal: coverage.internal.unwrap_or(false),
            }),
        }
    }

    /// Each row has an asset, and each amount a number of decimals.
    fn amounts_are_defined(
        &self,
        file: &MappingFile,
        mapping: &Mapping,
    ) -> Result<(), MappingError> {
        let at = file.columns.span().start;
        if mapping.asset.is_none() && !mapping.has(Role::Asset) {
            let what = "the mapping does not say what moves";
            return Err(self.error(
                at,
                what,
                "set `asset`, or name the column `asset` under [columns]",
            ));
        }
        if mapping.decimals.is_none() && mapping.asset_decimals.is_empty() {
            let what = "the mapping does not say how many decimals the amounts have";
            return Err(self.error(0, what, "set `decimals`: 18 for ether in ETH, 0 for wei"));
        }
        Ok(())
    }
}
