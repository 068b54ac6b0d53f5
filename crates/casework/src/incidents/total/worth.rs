//! What one incident was worth: what claims say of the whole, else the sum of what claims say of its assets and of what
//! prices make of the others; and what of it came back.

use rust_decimal::Decimal;

use super::{AssetRow, Caveat, Priced, Pricing, Unpriced};
use crate::incidents::folded::{Decimals, Folded, Held};
use crate::words::Date;

/// What became of stolen assets, in the order of [`Folded::after`].
const AFTER: [&str; 3] = ["recovered", "frozen", "reissued"];

/// What an incident was worth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worth {
    /// Its assets, and what prices make of each.
    pub assets: Vec<AssetRow>,
    /// Those without a price.
    pub unpriced: Vec<Unpriced>,
    /// The value that counts.
    pub usd: Option<Decimals>,
    /// `claimed`, `computed`, or `both` where prices give what claims leave out.
    pub basis: Option<&'static str>,
    /// The least, over claims, quantities and days.
    pub min: Option<Decimals>,
    /// The most.
    pub max: Option<Decimals>,
    /// What prices make of all its assets that have one.
    pub computed: Option<Decimals>,
    /// The part of it that is in `usd`.
    pub counted: Option<Decimals>,
    /// What was recovered, frozen and reissued.
    pub after: [Option<Decimals>; 3],
    /// `usd` without what was recovered and reissued.
    pub net: Option<Decimals>,
    /// What does not show in the figures.
    pub caveats: Vec<Caveat>,
}

/// Values that are added up: the one that counts, the least and the most.
#[derive(Clone, Copy, Default)]
struct Sum {
    usd: Decimal,
    min: Decimal,
    max: Decimal,
}

impl Sum {
    fn add(self, usd: Decimal, min: Decimal, max: Decimal) -> Self {
        Self {
            usd: self.usd.saturating_add(usd),
            min: self.min.saturating_add(min),
            max: self.max.saturating_add(max),
        }
    }
}

impl Worth {
    pub(crate) fn of(folded: &Folded, pricing: Option<&Pricing<'_>>) -> Self {
        let mut worth = Self::default();
        let date = folded.date.as_ref().and_then(|date| Date::parse(date));
        let mut price = |held: &Held| match (pricing, &date) {
            (Some(pricing), Some(date)) => pricing(held, date),
            (None, _) => Err("no prices are given".to_owned()),
            (_, None) => Err("the incident has no date".to_owned()),
        };
        let figure = folded.claimed.as_ref();
        let mut all: Option<Sum> = None;
        let mut left_out: Option<Sum> = None;
        for held in &folded.stolen {
            let priced = worth.asset(folded, held, &mut price);
            // Where claims value some assets alone, the others count by their prices.
            let counts =
                figure.is_none() || folded.without_value.iter().any(|name| name == held.name());
            if figure.is_some() && counts {
                worth.caveats.push(left(folded, held, priced.as_ref()));
            }
            let Some(sum) = priced else {
                continue;
            };
            let add = |to: Option<Sum>| Some(to.unwrap_or_default().add(sum.usd, sum.min, sum.max));
            all = add(all);
            if counts {
                left_out = add(left_out);
            }
        }
        worth.computed = all.map(|sum| Decimals(sum.usd));
        worth.counted = left_out.map(|sum| Decimals(sum.usd));
        let claimed = figure.map(|figure| (figure.usd.0, figure.min.0, figure.max.0));
        let (sum, basis) = match (claimed, left_out) {
            (Some((usd, min, max)), Some(sum)) => (Some(sum.add(usd, min, max)), Some("both")),
            (Some((usd, min, max)), None) => (Some(Sum { usd, min, max }), Some("claimed")),
            (None, sum) => (sum, sum.map(|_| "computed")),
        };
        worth.basis = basis;
        worth.usd = sum.map(|sum| Decimals(sum.usd));
        worth.min = sum.map(|sum| Decimals(sum.min));
        worth.max = sum.map(|sum| Decimals(sum.max));
        worth.came_back(folded, &mut price);
        worth
    }

    /// Prices an asset, at every quantity that claims give of it.
    fn asset(
        &mut self,
        folded: &Folded,
        held: &Held,
        price: &mut impl FnMut(&Held) -> Result<Priced, String>,
    ) -> Option<Sum> {
        if let (Some(least), Some(most)) = (&held.least, &held.most) {
            let what = format!(
                "claims on {} give from {least} to {most} of {}; {} is used",
                folded.incident,
                held.name(),
                held.quantity
            );
            self.say("quantities", folded, what);
        }
        let priced = match price(held) {
            Ok(priced) => priced,
            Err(why) => {
                self.unpriced.push(Unpriced {
                    incident: folded.incident.clone(),
                    held: held.clone(),
                    why,
                });
                self.assets.push(AssetRow {
                    held: held.clone(),
                    priced: None,
                });
                return None;
            }
        };
        let mut at = |quantity: &Option<String>| {
            let quantity = quantity.clone()?;
            price(&Held {
                quantity,
                ..held.clone()
            })
            .ok()
        };
        let (least, most) = (at(&held.least), at(&held.most));
        let sum = Sum {
            usd: priced.usd.0,
            min: least.map_or(priced.usd.0, |least| least.usd.0),
            max: most.map_or(priced.usd_max.0, |most| most.usd_max.0),
        };
        self.days(folded, held, &priced);
        self.assets.push(AssetRow {
            held: held.clone(),
            priced: Some(priced),
        });
        Some(sum)
    }

    /// What the day does to the value, where it is not known to the day.
    fn days(&mut self, folded: &Folded, held: &Held, priced: &Priced) {
        let date = folded.date.as_deref().unwrap_or_default();
        if priced.usd != priced.usd_max {
            let what = format!(
                "{} is dated {date}; over those days the {} is worth from {} to {} USD, and the least counts",
                folded.incident,
                held.name(),
                priced.usd.0.normalize(),
                priced.usd_max.0.normalize()
            );
            self.say("days", folded, what);
        }
        if priced.days_priced < priced.days {
            let what = format!(
                "{} is dated {date}, and {} of those {} days have no price of {}: the least and the most are over the others",
                folded.incident,
                priced.days - priced.days_priced,
                priced.days,
                held.name()
            );
            self.say("missing-days", folded, what);
        }
    }

    /// What was recovered, frozen and reissued: as claims value it, and units at the price of the theft's day.
    fn came_back(
        &mut self,
        folded: &Folded,
        price: &mut impl FnMut(&Held) -> Result<Priced, String>,
    ) {
        for (at, after) in folded.after.iter().enumerate() {
            let mut sum = after.usd.map(|usd| usd.0);
            for held in &after.units {
                let how = match price(held) {
                    Ok(priced) => {
                        let usd = priced.usd.0;
                        sum = Some(sum.unwrap_or_default().saturating_add(usd));
                        format!(
                            "they count at the price of the theft's day, {}",
                            usd.normalize()
                        )
                    }
                    Err(_) => "no price is known: it is not taken off".to_owned(),
                };
                let what = format!(
                    "{} {} of {} were {}, and no claim values that; {how}",
                    held.quantity,
                    held.name(),
                    folded.incident,
                    AFTER[at]
                );
                self.say("units", folded, what);
            }
            self.after[at] = sum.map(Decimals);
        }
        let [recovered, _, reissued] = self.after.map(|sum| sum.unwrap_or_default().0);
        let back = recovered.saturating_add(reissued);
        self.net = self.usd.map(|usd| Decimals(usd.0 - back));
        if back.is_zero() {
            return;
        }
        let back = back.normalize();
        match self.net {
            None => {
                let what = format!(
                    "{back} USD of {} came back, and it has no value that they could be taken off",
                    folded.incident
                );
                self.say("came-back", folded, what);
            }
            Some(net) if net.0.is_sign_negative() && !net.0.is_zero() => {
                let what = format!(
                    "more of {} came back than was stolen, {back} USD: its net value is below zero",
                    folded.incident
                );
                self.say("came-back", folded, what);
            }
            Some(_) => {}
        }
    }

    fn say(&mut self, kind: &'static str, folded: &Folded, what: String) {
        self.caveats
            .push(Caveat::new(kind, Some(&folded.incident), what));
    }
}

/// An asset that no claim values, while claims value others.
fn left(folded: &Folded, held: &Held, priced: Option<&Sum>) -> Caveat {
    let how = match priced {
        Some(sum) => format!("its price adds {}", sum.usd.normalize()),
        None => "no price is known: it adds nothing".to_owned(),
    };
    let what = format!(
        "no claim values the {} of {}, while claims value its other assets; {how}",
        held.name(),
        folded.incident
    );
    Caveat::new("parts", Some(&folded.incident), what)
}
