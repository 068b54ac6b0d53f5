//! What amounts are worth: price series, how they are read, and values computed from them.
//!
//! The same theft is 541.6 or 616.1 million dollars, depending on the day and the price that are taken. So a value never
//! stands alone here: it names its price, the day, the convention, the source and the file, and what it would have
//! been by the others. A price that is missing is said to be missing; nothing is interpolated, no stablecoin is taken
//! for a dollar, and no division is rounded but the last one. `docs/methods/valuation.md` says what is decided and why.
//!
//! Pure: files are bytes here. Where they lie, and which are in force, is the front door's.

mod book;
mod cell;
mod day;
mod header;
mod price;
mod pricer;
mod read;
mod remark;
mod rows;
mod series;
mod text;

use thiserror::Error;
use whither_ledger::asset::AssetError;

pub use book::{Book, Choice, Missing, Quote, Rate, Why};
pub use day::{Day, Period, moment};
pub use price::{DECIMALS_MAX, Price, PriceFault, usd};
pub use pricer::{NamedSeries, Priced, Pricer, Pricing, Worth};
pub use read::{FILE_LENGTH_MAX, Read, Skipped, read};
pub use remark::Remark;
pub use series::{Convention, Currency, Pair, Series, SeriesKey};
pub use text::{from_text, to_text};

/// Why there is no series.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// None of the conventions.
    #[error("{0:?} is not a convention: open, close or mid")]
    Convention(String),
    /// No currency's code.
    #[error("{0:?} is not a currency: three capital letters (ISO 4217)")]
    Currency(String),
    /// What is to be priced is no asset.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// A pair names one quote currency, and the caller another.
    #[error("the pair is quoted in {written}, and not in {quote}")]
    TwoQuotes {
        /// What the pair says.
        written: String,
        /// What the caller says.
        quote: String,
    },
    /// A currency in itself is one for one.
    #[error("{0} is not priced in itself")]
    InItself(String),
    /// A note that cannot be kept.
    #[error("the {what} {text:?} cannot be kept: {why}")]
    Text {
        /// Which note.
        what: &'static str,
        /// What was given, shortened.
        text: String,
        /// What is wrong.
        why: &'static str,
    },
    /// Decimals that differ from what a standard fixes, or that no asset has.
    #[error("{asset} has {known} decimals, and not {stated}")]
    Decimals {
        /// CAIP-19.
        asset: String,
        /// What is known.
        known: String,
        /// What the caller says.
        stated: u8,
    },
    /// The file as a whole cannot be read.
    #[error("{0}")]
    File(String),
    /// A kept series is not what was written.
    #[error("a kept price series is damaged: {0}")]
    Damaged(String),
}

impl SeriesError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Asset(error) => error.hint(),
            Self::Currency(_) => Some("US dollars are USD, euros EUR"),
            Self::File(_) => Some(
                "a price file is CSV in UTF-8 whose first line names its columns: Date,Open,High,Low,Close or date,price",
            ),
            _ => None,
        }
    }
}
