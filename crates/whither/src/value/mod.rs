//! What an amount is worth at a time (`whither.value/1`), and what a trace is worth by each basis ([`bases`]).
//!
//! A value names its price, day, convention, source and file. Beside it stands what the other conventions and sources,
//! and the days before and after, would have made of it: where they differ much, the figure is a choice, and the reader
//! sees it.

pub mod bases;

use std::collections::BTreeSet;

use serde::Serialize;
use whither_casework::valuation::{NamedSeries, Priced, Pricer as _, Pricing, Worth};
use whither_ledger::U256;
use whither_ledger::amount::{Rounding, parse_decimal};
use whither_ledger::asset::Asset;
use whither_ledger::time::Timestamp;

use crate::amount::smallest_units;
use crate::error::Error;
use crate::prices::{Book, Choice, Convention, Day, PriceFile, Remark, files_of};

/// How much.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// A whole number of smallest units.
    Units(String),
    /// A decimal number of whole units.
    Whole(String),
}

/// A question for a value.
#[derive(Clone, Debug)]
pub struct Request {
    /// Of what.
    pub asset: Asset,
    /// How much.
    pub quantity: Quantity,
    /// When; the day is that in UTC.
    pub at: Timestamp,
    /// Decimals of the asset, where no standard fixes them.
    pub decimals: Option<u8>,
    /// Which price.
    pub choice: Choice,
}

/// What an amount is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Value {
    /// `whither.value/1`.
    pub schema: &'static str,
    /// US dollars, to the cent.
    pub usd: String,
    /// Of one whole unit, in `quote`.
    pub price: String,
    /// The day of the price.
    pub day: String,
    /// Who says so.
    pub price_source: String,
    /// `open`, `close` or `mid`.
    pub convention: String,
    /// What the price is counted in.
    pub quote: String,
    /// SHA-256 of the file of the price; `null` of US dollars themselves.
    pub price_file: Option<String>,
    /// On which terms its source lets one use it, as its importer says.
    pub licence: Option<String>,
    /// The rate that made dollars of another currency.
    pub fx: Option<Rate>,
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// How many decimals stand between the smallest and the whole unit.
    pub decimals: u8,
    /// On whose word: `standard` or `stated`.
    pub decimals_basis: &'static str,
    /// The time that was asked for.
    pub at: String,
    /// Its day.
    pub asked_day: String,
    /// What other prices make of it.
    pub spread: Spread,
    /// What must be said with it.
    pub caveats: Vec<Remark>,
    /// From what it was computed.
    pub provenance: Provenance,
}

/// From what a value was computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// What was asked, and with which prices.
    pub parameters: Parameters,
    /// The program's version.
    pub version: &'static str,
}

/// What a value was asked for; with the same prices, all that it depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// CAIP-19.
    pub asset: String,
    /// Smallest units.
    pub amount: String,
    /// The time.
    pub at: String,
    /// Decimals, where they were stated with the question.
    pub decimals: Option<u8>,
    /// Only by this convention.
    pub convention: Option<&'static str>,
    /// Only from this source.
    pub source: Option<String>,
    /// Only in this currency.
    pub quote: Option<String>,
    /// From up to how many days away, as text.
    pub nearest: String,
    /// The price files that could answer.
    pub prices: Vec<PriceFile>,
}

/// An exchange rate, as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Its series, such as `iso4217:EUR/USD`.
    pub pair: String,
    /// US dollars for one unit.
    pub price: String,
    /// Of which day it is.
    pub day: String,
    /// Who says so.
    pub price_source: String,
    /// `open`, `close` or `mid`.
    pub convention: String,
    /// SHA-256 of its file.
    pub price_file: String,
}

/// The same amount at every price of the day and of those beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The least of the asked day.
    pub day_low: Option<String>,
    /// The most of the asked day.
    pub day_high: Option<String>,
    /// The least of all three days.
    pub low: Option<String>,
    /// The most of all three days.
    pub high: Option<String>,
    /// Every price, by day, then in the order of the series.
    pub rows: Vec<SpreadRow>,
    /// Prices that no rate makes dollars of.
    pub unpriced: Vec<String>,
}

/// The amount at another price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpreadRow {
    /// Of which day the price is.
    pub day: String,
    /// `open`, `close` or `mid`.
    pub convention: String,
    /// Who says so.
    pub price_source: String,
    /// What the price is counted in.
    pub quote: String,
    /// The price.
    pub price: String,
    /// US dollars, to the cent.
    pub usd: String,
    /// SHA-256 of its file.
    pub price_file: String,
    /// The rate that made dollars of another currency.
    pub fx: Option<Rate>,
}

/// Computes a value.
///
/// # Errors
/// Where the price, its rate or the asset's decimals are missing: names the series that does not have it.
pub fn value(book: &Book, request: &Request) -> Result<Value, Error> {
    let asset = &request.asset;
    let day = Day::of(request.at);
    let (decimals, basis) = decimals(book, request, day)?;
    let amount = match &request.quantity {
        Quantity::Units(text) => smallest_units(text).map_err(|why| {
            Error::new(format!("the amount {why}"))
                .with_hint("`--quantity` takes a decimal number of whole units")
        })?,
        Quantity::Whole(text) => {
            parse_decimal(text, decimals, Rounding::Refuse).map_err(Error::new)?
        }
    };
    let choice = &request.choice;
    let pricing = Pricing {
        book,
        choice: choice.clone(),
    };
    let (worth, passed_over, licence) = if *asset == Asset::usd() {
        let Priced { low, .. } = pricing.usd(asset, amount, day.into())?;
        (low, Vec::new(), None)
    } else {
        let quote = book.quote(asset, day, choice)?;
        let worth = Pricing::worth(asset, amount, decimals, &quote)?;
        (
            worth,
            quote.passed_over.clone(),
            quote.series.licence.clone(),
        )
    };
    let mut caveats = caveats(&worth, day, &passed_over);
    if basis == "stated" {
        let what = format!("the {decimals} decimals of {asset} are stated, and not verified");
        caveats.push(Remark::new("stated-decimals", what));
    }
    let series = worth.series.as_ref();
    let in_dollars = || "US dollars are counted in themselves".to_owned();
    let convention = series.map(|series| series.convention);
    let convention = convention
        .or(choice.convention)
        .unwrap_or(Convention::Close);
    Ok(Value {
        schema: "whither.value/1",
        usd: worth.usd.to_string(),
        price: worth.price.to_string(),
        day: worth.day.to_string(),
        price_source: series.map_or_else(in_dollars, |series| series.source.clone()),
        convention: convention.to_string(),
        quote: series.map_or_else(|| "USD".to_owned(), |series| series.quote.to_string()),
        price_file: series.map(|series| series.file.to_string()),
        licence,
        fx: worth.rate.as_ref().map(rate),
        asset: asset.to_string(),
        amount: amount.to_string(),
        decimals,
        decimals_basis: basis,
        at: request.at.to_string(),
        asked_day: day.to_string(),
        spread: spread(book, asset, (amount, decimals), day),
        caveats,
        provenance: Provenance {
            parameters: parameters(book, request, amount),
            version: env!("CARGO_PKG_VERSION"),
        },
    })
}

/// What was asked. Prices of every convention count, since the spread shows them all.
fn parameters(book: &Book, request: &Request, amount: U256) -> Parameters {
    let choice = &request.choice;
    let asset = request.asset.to_string();
    Parameters {
        prices: files_of(book, &BTreeSet::from([asset.clone()]), None),
        asset,
        amount: amount.to_string(),
        at: request.at.to_string(),
        decimals: request.decimals,
        convention: choice.convention.map(Convention::name),
        source: choice.source.clone(),
        quote: choice.quote.as_ref().map(ToString::to_string),
        nearest: choice.nearest.to_string(),
    }
}

/// The decimals of the asset, and on whose word.
fn decimals(book: &Book, request: &Request, day: Day) -> Result<(u8, &'static str), Error> {
    let asset = &request.asset;
    match (asset.decimals_hint(), request.decimals) {
        (Some(known), Some(stated)) if known != stated => Err(Error::new(format!(
            "{asset} has {known} decimals, and not {stated}"
        ))),
        (Some(known), _) => Ok((known, "standard")),
        (None, Some(stated)) => Ok((stated, "stated")),
        (None, None) => {
            if let Some(stated) = book.decimals(asset) {
                return Ok((stated, "stated"));
            }
            // Where the price is missing too, that is the thing to say first.
            book.quote(asset, day, &request.choice)?;
            Err(Error::new(format!(
                "nothing says how many smallest units make one {asset}: its decimals are not known"
            ))
            .with_hint(
                "state them with `--decimals N`, here or at `whither prices import`; a token's contract tells them",
            ))
        }
    }
}

fn caveats(worth: &Worth, asked: Day, passed_over: &[String]) -> Vec<Remark> {
    let mut caveats = Vec::new();
    let away = |day: Day| match asked.distance(day) {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    if worth.day != asked {
        let (day, away) = (worth.day, away(worth.day));
        let what = format!("there is no price of {asked}: that of {day}, {away} away, is taken");
        caveats.push(Remark::new("nearest-day", what));
    }
    if let Some((_, day, series)) = worth.rate.as_ref().filter(|(_, day, _)| *day != worth.day) {
        let what = format!("the rate of {} is that of {day}", series.name);
        caveats.push(Remark::new("nearest-day", what));
    }
    let conventions = worth.series.as_ref().zip(worth.rate.as_ref());
    if let Some((series, (_, _, rate))) = conventions
        && series.convention != rate.convention
    {
        let what = format!(
            "the price is of convention {}, and the rate {}",
            series.convention, rate.name
        );
        caveats.push(Remark::new("mixed-conventions", what));
    }
    if !passed_over.is_empty() {
        let what = format!(
            "series that come first have no price of that day: {}",
            passed_over.join("; ")
        );
        caveats.push(Remark::new("passed-over", what));
    }
    caveats
}

fn rate((price, day, series): &(whither_casework::valuation::Price, Day, NamedSeries)) -> Rate {
    Rate {
        pair: series.pair.clone(),
        price: price.to_string(),
        day: day.to_string(),
        price_source: series.source.clone(),
        convention: series.convention.to_string(),
        price_file: series.file.to_string(),
    }
}

/// The amount at every price of a day and of the two beside it.
fn spread(book: &Book, asset: &Asset, (amount, decimals): (U256, u8), asked: Day) -> Spread {
    let mut spread = Spread::default();
    let mut all = Vec::new();
    for day in [asked.plus(-1), Some(asked), asked.plus(1)]
        .into_iter()
        .flatten()
    {
        for quote in book.all_on(asset, day) {
            let worth = quote.and_then(|quote| Pricing::worth(asset, amount, decimals, &quote));
            match worth {
                Ok(worth) => all.push(worth),
                Err(missing) => spread.unpriced.push(missing.to_string()),
            }
        }
    }
    let of_day = || all.iter().filter(|worth| worth.day == asked);
    let shown = |worth: Option<&Worth>| worth.map(|worth| worth.usd.to_string());
    spread.day_low = shown(of_day().min_by_key(|worth| worth.usd));
    spread.day_high = shown(of_day().max_by_key(|worth| worth.usd));
    spread.low = shown(all.iter().min_by_key(|worth| worth.usd));
    spread.high = shown(all.iter().max_by_key(|worth| worth.usd));
    spread.rows = all.iter().filter_map(spread_row).collect();
    spread
}

fn spread_row(worth: &Worth) -> Option<SpreadRow> {
    let series = worth.series.as_ref()?;
    Some(SpreadRow {
        day: worth.day.to_string(),
        convention: series.convention.to_string(),
        price_source: series.source.clone(),
        quote: series.quote.to_string(),
        price: worth.price.to_string(),
        usd: worth.usd.to_string(),
        price_file: series.file.to_string(),
        fx: worth.rate.as_ref().map(rate),
    })
}
