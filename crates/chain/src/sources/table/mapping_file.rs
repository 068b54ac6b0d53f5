//! The shape of a mapping file, as TOML has it, before anything is checked.
//!
//! Texts keep the place they stand at, so that a wrong one is named with its line and column. A key that
//! is not known is an error: a misspelt `rounding` must not pass for a mapping without one.
//!
//! Not here: which keys go together.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use whither_ledger::amount::Rounding;

use super::mapping::{Role, TimeFormat};

/// A text and where it stands.
pub(super) type Text = Spanned<String>;

/// What a message says when a key is unknown or missing.
pub(super) const KEYS: &str = "keys of a mapping: schema, name, description, chain, delimiter, time_format, \
     address_prefix, asset, decimals, rounding, fee_asset, fee_decimals, failed; under [columns]: time, from, to, \
     amount, block, index, transaction, log_index, asset, fee, fee_payer, status, labels; under [coverage]: kind, \
     addresses, internal; under [asset_decimals]: assets";

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingFile {
    pub(super) schema: Text,
    pub(super) name: Text,
    #[serde(default)]
    pub(super) description: String,
    pub(super) chain: Option<Text>,
    pub(super) delimiter: Option<Text>,
    pub(super) time_format: TimeFormat,
    pub(super) address_prefix: Option<Text>,
    pub(super) asset: Option<Text>,
    pub(super) decimals: Option<Spanned<u8>>,
    #[serde(default)]
    pub(super) asset_decimals: BTreeMap<Text, Spanned<u8>>,
    #[serde(default)]
    pub(super) rounding: RoundingName,
    pub(super) fee_asset: Option<Text>,
    pub(super) fee_decimals: Option<Spanned<u8>>,
    pub(super) failed: Option<Spanned<Vec<String>>>,
    pub(super) columns: Spanned<ColumnNames>,
    pub(super) coverage: Spanned<CoverageFile>,
}

/// `[columns]`: what the header of the table calls each thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnNames {
    time: Text,
    from: Text,
    to: Text,
    amount: Text,
    block: Option<Text>,
    index: Option<Text>,
    transaction: Option<Text>,
    log_index: Option<Text>,
    asset: Option<Text>,
    fee: Option<Text>,
    fee_payer: Option<Text>,
    status: Option<Text>,
    #[serde(default)]
    labels: Vec<Text>,
}

impl ColumnNames {
    /// Each named column with what it holds.
    pub(super) fn roles(&self) -> Vec<(Role, &Text)> {
        let required = [
            (Role::Time, &self.time),
            (Role::From, &self.from),
            (Role::To, &self.to),
            (Role::Amount, &self.amount),
        ];
        let optional = [
            (Role::Block, &self.block),
            (Role::Index, &self.index),
            (Role::Transaction, &self.transaction),
            (Role::LogIndex, &self.log_index),
            (Role::Asset, &self.asset),
            (Role::Fee, &self.fee),
            (Role::FeePayer, &self.fee_payer),
            (Role::Status, &self.status),
        ];
        let named = optional
            .into_iter()
            .filter_map(|(role, name)| Some((role, name.as_ref()?)));
        let labels = self.labels.iter().map(|name| (Role::Label, name));
        required.into_iter().chain(named).chain(labels).collect()
    }
}

/// `[coverage]`: what the table promises.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverageFile {
    pub(super) kind: CoverageKind,
    pub(super) addresses: Option<Vec<Text>>,
    pub(super) internal: Option<bool>,
}

/// The kinds of promise a table can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CoverageKind {
    /// These rows, and nothing about others.
    Rows,
    /// All rows of named addresses.
    Addresses,
}

/// The names of the ways to round.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RoundingName {
    #[default]
    Refuse,
    Down,
    HalfEven,
    HalfUp,
}

impl From<RoundingName> for Rounding {
    fn from(name: RoundingName) -> Self {
        match name {
            RoundingName::Refuse => Self::Refuse,
            RoundingName::Down => Self::Down,
            RoundingName::HalfEven => Self::HalfEven,
            RoundingName::HalfUp => Self::HalfUp,
        }
    }
}
