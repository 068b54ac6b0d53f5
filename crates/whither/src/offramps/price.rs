//! What positions are worth, each part of one by the price of the day on which it arrived.
//!
//! Where a part has no price the whole has no value: a sum over some of its days would look like one.

use std::collections::BTreeMap;

use whither_analysis::offramp::{CashOut, Position, by_day};
use whither_casework::valuation::{Pricer as _, Pricing, Worth};
use whither_ledger::U256;
use whither_ledger::asset::Asset;

use super::rows::{CashOutRow, DayRow, PriceRow, UnpricedRow};
use crate::error::Error;
use crate::prices::{Book, Choice, Day, Period};

/// Where positions are priced, and what has no price is counted.
pub(super) struct Desk<'a> {
    pricing: Pricing<'a>,
    missing: BTreeMap<String, (U256, usize, String)>,
}

/// What a position is worth.
pub(super) struct Value {
    /// US dollars, where each of its days has a price.
    pub(super) usd: Option<String>,
    /// Why it has none.
    pub(super) why: Option<String>,
    /// What the days that have a price come to: by so much a place is put in order.
    pub(super) least: Option<String>,
    /// The price, where it arrived on one day.
    pub(super) price: Option<PriceRow>,
    /// Its days.
    pub(super) days: Vec<DayRow>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(book: &'a Book, choice: &Choice) -> Self {
        Self {
            pricing: Pricing {
                book,
                choice: choice.clone(),
            },
            missing: BTreeMap::new(),
        }
    }

    /// The value of a position, and the prices it rests on.
    pub(super) fn value(&mut self, position: &Position) -> Result<Value, Error> {
        let (mut days, mut worths, mut why) = (Vec::new(), Vec::new(), None);
        for (day, amount) in by_day(position) {
            let worth = self.worth(&position.asset, amount, day.as_deref().and_then(Day::parse))?;
            days.push(DayRow {
                day,
                amount: amount.to_string(),
                usd: worth.as_ref().ok().map(|worth| worth.usd.to_string()),
                price: worth.as_ref().ok().map(price),
            });
            match worth {
                Ok(worth) => worths.push(worth),
                // The first day without one says it for all.
                Err(missing) => why = why.or(Some(missing)),
            }
        }
        let least = sum(&worths);
        let usd = least.clone().filter(|_| why.is_none());
        if usd.is_none() && why.is_none() {
            why = Some("its days add up to more than can be written".to_owned());
        }
        if let Some(why) = &why {
            let row = self.missing.entry(position.asset.clone());
            let row = row.or_insert_with(|| (U256::ZERO, 0, why.clone()));
            row.0 = row.0.saturating_add(position.amount);
            row.1 += 1;
        }
        let price = match &days[..] {
            [day] => day.price.clone(),
            _ => None,
        };
        Ok(Value {
            usd,
            why,
            least,
            price,
            days,
        })
    }

    fn worth(
        &self,
        asset: &str,
        amount: U256,
        day: Option<Day>,
    ) -> Result<Result<Worth, String>, Error> {
        let asset: Asset = asset.parse().map_err(Error::new)?;
        let Some(day) = day else {
            return Ok(Err("nothing says when it arrived".to_owned()));
        };
        let priced = self.pricing.usd(&asset, amount, Period::from(day));
        // A day has one price.
        Ok(priced
            .map(|priced| priced.low)
            .map_err(|missing| missing.to_string()))
    }

    /// Totals with their values.
    pub(super) fn cash_outs(&self, rows: Vec<CashOut>) -> Result<Vec<CashOutRow>, Error> {
        let mut found = Vec::new();
        for row in rows {
            let day = row.day.as_deref().and_then(Day::parse);
            let worth = self.worth(&row.asset, row.amount, day)?;
            found.push(CashOutRow {
                entity: row.entity,
                category: row.category,
                asset: row.asset,
                day: row.day,
                amount: row.amount.to_string(),
                usd: worth.ok().map(|worth| worth.usd.to_string()),
                payments: row.payments,
            });
        }
        Ok(found)
    }

    /// What has no price.
    pub(super) fn unpriced(&self) -> Vec<UnpricedRow> {
        let rows = self.missing.iter();
        let row =
            |(asset, (amount, positions, why)): (&String, &(U256, usize, String))| UnpricedRow {
                asset: asset.clone(),
                amount: amount.to_string(),
                positions: *positions,
                why: why.clone(),
            };
        rows.map(row).collect()
    }
}

/// The sum of values; none of nothing, and none where it cannot be written.
fn sum(worths: &[Worth]) -> Option<String> {
    let (first, rest) = worths.split_first()?;
    let mut rest = rest.iter();
    let sum = rest.try_fold(first.usd, |sum, worth| sum.checked_add(worth.usd))?;
    Some(sum.to_string())
}

fn price(worth: &Worth) -> PriceRow {
    PriceRow {
        price: worth.price.to_string(),
        day: worth.day.to_string(),
        series: worth.series.as_ref().map(|series| series.name.clone()),
        price_file: worth.series.as_ref().map(|series| series.file.to_string()),
    }
}

/// Dollars with up to two decimals as cents.
pub(super) fn cents(usd: &str) -> Option<u128> {
    let (whole, part) = usd.split_once('.').unwrap_or((usd, "0"));
    let part: u128 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    whole
        .parse::<u128>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::cents;

    #[test]
    fn dollars_are_counted_in_cents() {
        for (text, number) in [
            ("0", 0),
            ("1.5", 150),
            ("12.34", 1234),
            ("7.00", 700),
            ("1000000", 100_000_000),
        ] {
            assert_eq!(cents(text), Some(number), "{text}");
        }
        assert_eq!(cents("-1"), None);
    }
}
