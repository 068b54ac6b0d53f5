//! What positions are worth, each by the price of the day on which the money arrived.

use std::collections::BTreeMap;

use whither_analysis::offramp::{CashOut, Position};
use whither_casework::valuation::{Pricer as _, Pricing, Worth};
use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::time::Timestamp;

use super::rows::{CashOutRow, PriceRow, UnpricedRow};
use crate::error::Error;
use crate::prices::{Book, Choice, Day, Period};

/// Where positions are priced, and what has no price is counted.
pub(super) struct Desk<'a> {
    pricing: Pricing<'a>,
    missing: BTreeMap<String, (U256, usize, String)>,
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

    /// The value of a position, and the price it rests on.
    pub(super) fn value(
        &mut self,
        position: &Position,
    ) -> Result<(Option<String>, Option<PriceRow>), Error> {
        let day = position
            .arrived
            .as_deref()
            .map(Timestamp::parse)
            .transpose();
        let day = day.map_err(Error::new)?.map(Day::of);
        match self.worth(&position.asset, position.amount, day)? {
            Ok(worth) => Ok((Some(worth.usd.to_string()), Some(price(&worth)))),
            Err(why) => {
                let row = self.missing.entry(position.asset.clone());
                let row = row.or_insert((U256::ZERO, 0, why));
                row.0 = row.0.saturating_add(position.amount);
                row.1 += 1;
                Ok((None, None))
            }
        }
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
