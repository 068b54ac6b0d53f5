//! What an amount was worth at a time that is known as well as it is: on a day, in a month, in a year.
//!
//! A theft that is dated `2020-09` has a value for each day of that month. The least and the most of them are the value,
//! and both name their prices: the mean of a month is nobody's price.

use ruint::aliases::U256;
use rust_decimal::Decimal;
use whither_ledger::asset::Asset;

use super::book::{Book, Choice, Missing, Quote, Why};
use super::{Convention, Currency, Day, Period, Price, usd};
use crate::hash::Hash;

/// Tells what amounts are worth.
pub trait Pricer {
    /// What an amount, in smallest units, was worth at some time in a period.
    ///
    /// # Errors
    /// The price that is missing, and the series that does not have it.
    fn usd(&self, asset: &Asset, amount: U256, when: Period) -> Result<Priced, Missing>;
}

/// A value, as narrow as its date allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The least.
    pub low: Worth,
    /// The most; the same on a single day.
    pub high: Worth,
    /// How many days of the period have a price.
    pub days_priced: u32,
    /// How many days it has.
    pub days: u32,
}

/// A value with all that it was computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// US dollars, to the cent.
    pub usd: Decimal,
    /// For one whole unit, in the quote currency.
    pub price: Price,
    /// The day of the price.
    pub day: Day,
    /// The price's series; `None` of US dollars themselves.
    pub series: Option<NamedSeries>,
    /// The rate that made dollars of another currency.
    pub rate: Option<(Price, Day, NamedSeries)>,
}

/// Which series a price is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSeries {
    /// The series as it is called.
    pub name: String,
    /// What it prices, in what, as it is called.
    pub pair: String,
    /// What its prices are counted in.
    pub quote: Currency,
    /// Its convention.
    pub convention: Convention,
    /// Its source.
    pub source: String,
    /// SHA-256 of its file.
    pub file: Hash,
}

/// A book, and what is wanted of it.
#[derive(Clone, Debug)]
pub struct Pricing<'book> {
    /// The prices.
    pub book: &'book Book,
    /// Which of them.
    pub choice: Choice,
}

impl Pricing<'_> {
    /// What an amount is worth at a quote.
    ///
    /// # Errors
    /// Where the value cannot be written.
    pub fn worth(
        asset: &Asset,
        amount: U256,
        decimals: u8,
        quote: &Quote<'_>,
    ) -> Result<Worth, Missing> {
        let rate = quote.rate.as_ref();
        let usd = usd(amount, decimals, quote.price, rate.map(|rate| rate.price));
        let usd = usd.ok_or_else(|| Missing {
            asset: asset.clone(),
            series: quote.series.key.to_string(),
            why: Why::TooLarge,
        })?;
        Ok(Worth {
            usd,
            price: quote.price,
            day: quote.day,
            series: Some(NamedSeries::of(quote.series)),
            rate: rate.map(|rate| (rate.price, rate.day, NamedSeries::of(rate.series))),
        })
    }

    /// What US dollars are worth: themselves.
    fn dollars(asset: &Asset, amount: U256, day: Day) -> Result<Worth, Missing> {
        let usd = usd(amount, 2, Price::ONE, None).ok_or_else(|| Missing {
            asset: asset.clone(),
            series: asset.to_string(),
            why: Why::TooLarge,
        })?;
        Ok(Worth {
            usd,
            price: Price::ONE,
            day,
            series: None,
            rate: None,
        })
    }
}

impl Pricer for Pricing<'_> {
    fn usd(&self, asset: &Asset, amount: U256, when: Period) -> Result<Priced, Missing> {
        if *asset == Asset::usd() {
            let worth = Self::dollars(asset, amount, when.first())?;
            return Ok(Priced {
                low: worth.clone(),
                high: worth,
                days_priced: when.days(),
                days: when.days(),
            });
        }
        let quotes = self.book.quotes(asset, when, &self.choice)?;
        let decimals = self.book.decimals(asset).ok_or_else(|| Missing {
            asset: asset.clone(),
            series: quotes[0].series.key.to_string(),
            why: Why::NoDecimals,
        })?;
        let worths = quotes
            .iter()
            .map(|quote| Self::worth(asset, amount, decimals, quote))
            .collect::<Result<Vec<Worth>, Missing>>()?;
        let low = worths.iter().min_by_key(|worth| (worth.usd, worth.day));
        let high = worths
            .iter()
            .max_by_key(|worth| (worth.usd, std::cmp::Reverse(worth.day)));
        let (low, high) = low.zip(high).expect("a period with quotes has one");
        Ok(Priced {
            low: low.clone(),
            high: high.clone(),
            days_priced: u32::try_from(worths.len()).unwrap_or(u32::MAX),
            days: when.days(),
        })
    }
}

impl NamedSeries {
    fn of(series: &super::Series) -> Self {
        let key = &series.key;
        Self {
            name: key.to_string(),
            pair: key.pair.to_string(),
            quote: key.pair.quote.clone(),
            convention: key.convention,
            source: key.source.clone(),
            file: series.file,
        }
    }
}
