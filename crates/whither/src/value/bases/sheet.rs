//! The sheet on which a trace is valued: rows in, sums and what has no price out.
//!
//! A row's value is rounded to the cent. A sum is not made of these: amounts that have one price are added up first, and
//! their value is rounded once.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Serialize;
use whither_casework::valuation::{Missing, Price, Priced, Pricer, Pricing, Worth, usd};
use whither_ledger::U256;
use whither_ledger::asset::Asset;

use crate::error::Error;
use crate::prices::Period;

/// The sum of one basis.
#[derive(Clone, Debug, Serialize)]
pub struct Total {
    /// `at-theft`, `at-cash-out`, `at-report-date` (origins), `at-report-date-endpoints`.
    pub basis: &'static str,
    /// US dollars; `null` where dates leave it open.
    pub usd: Option<String>,
    /// The least that it can be.
    pub usd_low: String,
    /// The most that it can be.
    pub usd_high: String,
    /// Rows with a price.
    pub priced: usize,
    /// Rows without.
    pub unpriced: usize,
    /// The sum per kind of endpoint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_kind: BTreeMap<&'static str, String>,
}

/// A price that was used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PriceUsed {
    /// The series, with convention and source.
    pub series: String,
    /// The day.
    pub day: String,
    /// The price, in the series' currency.
    pub price: String,
    /// SHA-256 of the file.
    pub price_file: String,
}

/// Amounts of one asset that have no price on a basis.
#[derive(Clone, Debug, Serialize)]
pub struct Unpriced {
    /// On which basis.
    pub basis: &'static str,
    /// CAIP-19.
    pub asset: String,
    /// Their sum, smallest units.
    pub amount: String,
    /// How many rows.
    pub rows: usize,
    /// Why the first of them has none.
    pub why: String,
}

/// Rows of one basis, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Rows {
    priced: usize,
    unpriced: usize,
}

/// Which end of an interval an amount is summed up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Low,
    High,
}

/// Amounts that are worth one price: they are summed up exactly, and their value is rounded once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    basis: &'static str,
    end: End,
    kind: Option<&'static str>,
    asset: Asset,
    price: Price,
    rate: Option<Price>,
}

/// Where rows are valued, summed up, and missing prices counted.
pub(super) struct Sheet<'book> {
    pricing: &'book Pricing<'book>,
    rows: BTreeMap<&'static str, Rows>,
    groups: BTreeMap<Group, U256>,
    /// Every price that was used.
    pub(super) used: BTreeSet<PriceUsed>,
    missing: BTreeMap<(&'static str, String), (U256, usize, String)>,
}

impl<'book> Sheet<'book> {
    pub(super) fn new(pricing: &'book Pricing<'book>) -> Self {
        Self {
            pricing,
            rows: BTreeMap::new(),
            groups: BTreeMap::new(),
            used: BTreeSet::new(),
            missing: BTreeMap::new(),
        }
    }

    /// Values a row, and puts it into the sum of its basis.
    pub(super) fn priced(
        &mut self,
        basis: &'static str,
        kind: Option<&'static str>,
        asset: &str,
        amount: &str,
        when: Option<Period>,
    ) -> Result<Option<Priced>, Error> {
        let id: Asset = asset.parse().map_err(Error::new)?;
        let units: U256 = amount
            .parse()
            .map_err(|_| Error::new(format!("{amount:?} is no amount")))?;
        let priced = match when {
            Some(when) => self
                .pricing
                .usd(&id, units, when)
                .map_err(|missing: Missing| missing.to_string()),
            None => Err("nothing says when it was".to_owned()),
        };
        let rows = self.rows.entry(basis).or_default();
        match priced {
            Ok(priced) => {
                rows.priced += 1;
                for (end, worth) in [(End::Low, &priced.low), (End::High, &priced.high)] {
                    let group = Group {
                        basis,
                        end,
                        kind,
                        asset: id.clone(),
                        price: worth.price,
                        rate: worth.rate.as_ref().map(|(rate, ..)| *rate),
                    };
                    let sum = self.groups.entry(group).or_default();
                    *sum = plus(*sum, units, asset)?;
                    self.use_prices(worth);
                }
                Ok(Some(priced))
            }
            Err(why) => {
                rows.unpriced += 1;
                let missing = self.missing.entry((basis, asset.to_owned()));
                let (sum, rows, _) = missing.or_insert((U256::ZERO, 0, why));
                *sum = plus(*sum, units, asset)?;
                *rows += 1;
                Ok(None)
            }
        }
    }

    /// Values a row at the date of the report, where there is one.
    pub(super) fn at_report(
        &mut self,
        basis: &'static str,
        kind: Option<&'static str>,
        asset: &str,
        amount: &str,
        report: Option<Period>,
    ) -> Result<Option<String>, Error> {
        if report.is_none() {
            return Ok(None);
        }
        let priced = self.priced(basis, kind, asset, amount, report)?;
        Ok(priced.map(|priced| priced.low.usd.to_string()))
    }

    fn use_prices(&mut self, worth: &Worth) {
        let of_asset = worth
            .series
            .as_ref()
            .map(|series| (worth.price, worth.day, series));
        let of_rate = worth
            .rate
            .as_ref()
            .map(|(price, day, series)| (*price, *day, series));
        for (price, day, series) in of_asset.into_iter().chain(of_rate) {
            self.used.insert(PriceUsed {
                series: series.name.clone(),
                day: day.to_string(),
                price: price.to_string(),
                price_file: series.file.to_string(),
            });
        }
    }

    /// What a basis comes to: the value of each group, rounded once.
    pub(super) fn total(&self, basis: &'static str) -> Result<Total, Error> {
        let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
        let mut by_kind: BTreeMap<&'static str, Decimal> = BTreeMap::new();
        for (group, amount) in self.groups.iter().filter(|(group, _)| group.basis == basis) {
            let decimals = self.pricing.book.decimals(&group.asset);
            let worth = decimals.and_then(|it| usd(*amount, it, group.price, group.rate));
            let worth = worth.ok_or_else(too_large)?;
            match group.end {
                End::Low => low = added(low, worth)?,
                End::High => high = added(high, worth)?,
            }
            // Endpoints have a time, and so one value.
            if let (Some(kind), End::Low) = (group.kind, group.end) {
                let sum = by_kind.entry(kind).or_default();
                *sum = added(*sum, worth)?;
            }
        }
        let Rows { priced, unpriced } = self.rows.get(basis).copied().unwrap_or_default();
        let by_kind = by_kind.into_iter();
        Ok(Total {
            basis,
            usd: (low == high).then(|| in_cents(low)),
            usd_low: in_cents(low),
            usd_high: in_cents(high),
            priced,
            unpriced,
            by_kind: by_kind.map(|(kind, usd)| (kind, in_cents(usd))).collect(),
        })
    }

    pub(super) fn unpriced(&self) -> Vec<Unpriced> {
        let missing = self.missing.iter();
        missing
            .map(|((basis, asset), (amount, rows, why))| Unpriced {
                basis,
                asset: asset.clone(),
                amount: amount.to_string(),
                rows: *rows,
                why: why.clone(),
            })
            .collect()
    }
}

fn plus(sum: U256, units: U256, asset: &str) -> Result<U256, Error> {
    sum.checked_add(units)
        .ok_or_else(|| Error::new(format!("amounts of {asset} add up to 2^256 or more")))
}

fn too_large() -> Error {
    Error::new("a sum of values is larger than can be written")
}

/// A sum of cents. It would round only beyond 7.9 × 10^26 dollars, and is refused before.
fn added(all: Decimal, row: Decimal) -> Result<Decimal, Error> {
    let sum = all.checked_add(row);
    sum.filter(|sum| sum.scale() == 2).ok_or_else(too_large)
}

/// Dollars with their cents.
fn in_cents(usd: Decimal) -> String {
    format!("{usd:.2}")
}
