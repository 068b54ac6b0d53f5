//! Which price files an answer was computed with, so that another price is told and not taken for another result.

use std::collections::BTreeSet;

use serde::Serialize;
use whither_casework::valuation::{Book, Convention, Series};

/// A series in force, as an answer names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceFile {
    /// CAIP-19, or a currency.
    pub asset: String,
    /// The currency of its prices, ISO 4217.
    pub quote: String,
    /// `open`, `close` or `mid`.
    pub convention: String,
    /// In the importer's words.
    pub source: String,
    /// SHA-256 of the file's bytes.
    pub price_file: String,
    /// The columns that the prices are from.
    pub column: String,
    /// Decimals of the asset, as the importer says.
    pub decimals: Option<u8>,
}

impl PriceFile {
    pub(super) fn of(series: &Series) -> Self {
        let key = &series.key;
        Self {
            asset: key.pair.asset.to_string(),
            quote: key.pair.quote.to_string(),
            convention: key.convention.to_string(),
            source: key.source.clone(),
            price_file: series.file.to_string(),
            column: series.column.clone(),
            decimals: series.decimals,
        }
    }
}

/// The series that can answer for assets, and those of the exchange rates that they need, in the order of their keys.
///
/// Also those that were not taken count: had they had the day, they would have been.
#[must_use]
pub fn files_of(
    book: &Book,
    assets: &BTreeSet<String>,
    convention: Option<Convention>,
) -> Vec<PriceFile> {
    let answers = |series: &Series| {
        // A series of another convention gives no price, but it may say the decimals.
        let says = series.decimals.is_some();
        assets.contains(&series.key.pair.asset.to_string())
            && convention.is_none_or(|only| says || only == series.key.convention)
    };
    let direct = book.series().iter().filter(|series| answers(series));
    let currencies: BTreeSet<_> = direct
        .map(|series| &series.key.pair.quote)
        .filter(|quote| !quote.is_usd())
        .map(|quote| quote.asset().to_string())
        .collect();
    let converts = |series: &Series| {
        let pair = &series.key.pair;
        pair.quote.is_usd() && currencies.contains(&pair.asset.to_string())
    };
    let used = book.series().iter();
    let used = used.filter(|series| answers(series) || converts(series));
    used.map(PriceFile::of).collect()
}
