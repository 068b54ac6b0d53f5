//! What incidents add up to, beside what others published (`whither.total/1`).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::Serialize;
use whither_casework::Date;
use whither_casework::incidents::{
    Asked, By, Caveat, Decimals, Held, Kept, Priced, Pricing, Total, total as add_up,
};
use whither_casework::valuation::{Period as Days, Pricer as _, Pricing as Prices, Series};
use whither_ledger::U256;
use whither_ledger::amount::{Rounding, parse_decimal};
use whither_ledger::asset::Asset;

use super::{missing, period};
use crate::error::Error;
use crate::prices::{Book, Choice, Convention, Day, PriceFile, files_of};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct TotalQuestion {
    /// From this date on: a day, a month or a year.
    pub from: Option<String>,
    /// Up to this date, all of it included.
    pub to: Option<String>,
    /// Only what a claim attributes to this actor.
    pub actor: Option<String>,
    /// By what the sum is broken down.
    pub by: Option<By>,
    /// Compute values by this convention alone.
    pub convention: Option<Convention>,
}

/// A total, and the case it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TotalAnswer {
    /// The total.
    #[serde(flatten)]
    pub total: Total,
    /// The case.
    pub case: String,
    /// Its state, at the time that was asked for.
    pub revision: String,
    /// From what it was computed.
    pub provenance: Provenance,
}

/// From what a total was computed, beside the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// What was asked, and with which prices.
    pub parameters: Parameters,
    /// The program's version.
    pub version: &'static str,
}

/// What a total was asked for; with a case and the same prices, all that it depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// The first date, as it was asked.
    pub from: Option<String>,
    /// The last date, as it was asked.
    pub to: Option<String>,
    /// The actor.
    pub actor: Option<String>,
    /// By what the sum is broken down.
    pub by: Option<&'static str>,
    /// The convention of the prices; `None` for any.
    pub convention: Option<&'static str>,
    /// The price files that could answer for the assets that were asked for.
    pub prices: Vec<PriceFile>,
}

/// Adds up the incidents of a case as [`super::kept`] gives it.
///
/// # Errors
/// Where a date is none, or a claim says a value that no sum can hold.
pub fn total(
    kept: &Kept,
    question: &TotalQuestion,
    prices: Option<&Book>,
) -> Result<TotalAnswer, Error> {
    let period = period(question.from.as_deref(), question.to.as_deref())?;
    let choice = Choice {
        convention: question.convention,
        ..Choice::default()
    };
    let assets: RefCell<BTreeMap<String, Named>> = RefCell::default();
    let pricing = prices.map(|book| {
        let (assets, choice) = (&assets, &choice);
        move |held: &Held, date: &Date| {
            let id = held.asset.as_ref().or(held.symbol.as_ref());
            let known = id.and_then(|id| assets.borrow().get(id).cloned());
            let named = known.unwrap_or_else(|| {
                let named = Named::of(book, choice, held);
                let row = id.map(|id| (id.clone(), named.clone()));
                assets.borrow_mut().extend(row);
                named
            });
            match named {
                Named::Asset(asset) => priced(book, choice, &asset, held, date),
                Named::Never(why) => Err(why.to_string()),
            }
        }
    });
    let pricing = pricing.as_ref().map(|pricing| pricing as &Pricing<'_>);
    let asked = Asked {
        period,
        actor: question.actor.clone(),
        by: question.by,
        pricing,
    };
    let mut total =
        add_up(&kept.folded, &kept.published, &kept.same, &asked).map_err(Error::new)?;
    total.caveats.extend(missing(kept));
    let of_rows = total.rows.iter().filter_map(|row| row.source.clone());
    let sources = of_rows
        .chain(total.cited.iter().filter_map(|row| row.source.clone()))
        .collect();
    let warnings = kept.sources.warnings(Some(&sources)).into_iter();
    total.caveats.extend(warnings.map(|warning| Caveat {
        kind: "source",
        what: warning.what,
        incident: None,
    }));
    total.caveats.sort();
    let asked_for: BTreeSet<String> = assets.take().into_keys().collect();
    let files = prices.map(|book| files_of(book, &asked_for, question.convention));
    Ok(TotalAnswer {
        total,
        provenance: Provenance {
            parameters: Parameters {
                from: question.from.clone(),
                to: question.to.clone(),
                actor: question.actor.clone(),
                by: question.by.map(By::word),
                convention: question.convention.map(Convention::name),
                prices: files.unwrap_or_default(),
            },
            version: env!("CARGO_PKG_VERSION"),
        },
        case: kept.case.to_string(),
        revision: kept.revision.clone(),
    })
}

const NO_DECIMALS: &str =
    "its decimals are not known: state them with `whither prices import --decimals N`";

/// What claims name, read once though a hundred thousand incidents may name it.
#[derive(Clone)]
enum Named {
    /// An asset that may have a price.
    Asset(Rc<Asset>),
    /// Why it has none on any day.
    Never(Rc<str>),
}

impl Named {
    /// The asset of a claim, or the one whose id stands for a symbol.
    fn of(book: &Book, choice: &Choice, held: &Held) -> Self {
        let choice = choice.clone();
        let prices = Prices { book, choice };
        let symbol = held.symbol.as_ref();
        let symbol = symbol.filter(|symbol| symbol.contains('/') || symbol.starts_with("iso4217:"));
        let id = held.asset.as_ref().or(symbol);
        let Some(asset) = id.and_then(|id| id.parse::<Asset>().ok()) else {
            return Self::Never("the symbol identifies no asset".into());
        };
        if held.asset.is_none() && book.decimals(&asset).is_none() {
            return Self::Never(NO_DECIMALS.into());
        }
        let has_series = |series: &Series| series.key.pair.asset == asset;
        if asset != Asset::usd()
            && !book.series().iter().any(has_series)
            && let Some(day) = Day::parse("2020-01-01")
            && let Err(missing) = prices.usd(&asset, U256::ONE, day.into())
        {
            return Self::Never(missing.to_string().into());
        }
        Self::Asset(Rc::new(asset))
    }
}

/// How many smallest units of an asset. Of a symbol that is an asset's id, the quantity is in whole units.
fn amount(book: &Book, asset: &Asset, held: &Held) -> Result<U256, String> {
    if held.asset.is_some() {
        let amount = held.quantity.parse();
        return amount.map_err(|_| "the quantity is no whole number of smallest units".to_owned());
    }
    let decimals = book.decimals(asset).ok_or(NO_DECIMALS)?;
    let amount = parse_decimal(&held.quantity, decimals, Rounding::Refuse);
    amount.map_err(|error| error.to_string())
}

/// What a quantity was worth on a date, or why that is not known.
fn priced(
    book: &Book,
    choice: &Choice,
    asset: &Asset,
    held: &Held,
    date: &Date,
) -> Result<Priced, String> {
    let amount = amount(book, asset, held)?;
    let days = date.days();
    let day = |day: whither_casework::Day| Day::parse(&day.to_string());
    let period = day(days.first)
        .zip(day(days.last))
        .and_then(|(first, last)| Days::new(first, last));
    let period = period.ok_or("there are no prices of that time")?;
    let choice = choice.clone();
    let priced = Prices { book, choice }
        .usd(asset, amount, period)
        .map_err(|missing| missing.to_string())?;
    let low = priced.low;
    let series = low.series.as_ref();
    Ok(Priced {
        usd: Decimals(low.usd),
        usd_max: Decimals(priced.high.usd),
        price: low.price.decimal().normalize().to_string(),
        day: low.day.to_string(),
        price_source: series
            .map_or("US dollars", |series| &series.source)
            .to_owned(),
        convention: series
            .map_or("close", |series| series.convention.name())
            .to_owned(),
        days: priced.days,
        days_priced: priced.days_priced,
    })
}
