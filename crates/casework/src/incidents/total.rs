//! Totals over incidents, beside what others published.
//!
//! A total is computed from the incidents that lie wholly within the period. Values that claims give and values
//! computed from quantities and prices are kept apart; what has neither is listed, and never zero. A date across an edge,
//! two incidents that may be one, and every published total with its difference stand beside the sum. Nothing is forced to
//! fit. See `docs/concepts/totals.md`.

mod caveats;
mod shape;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::alike::{Traits, alike};
use super::beside::{self, Published};
use super::folded::{Decimals, Folded, Held};
use super::same::Same;
use crate::period::{Lies, Period};
use crate::words::Date;
use caveats::{date_conflict, row_caveats};

pub use shape::{AssetRow, Caveat, Duplicate, Group, Straddling, Total, TotalRow, Unpriced};

/// What is asked.
pub struct Asked<'a> {
    /// The days that count.
    pub period: Period,
    /// Only incidents that a claim attributes to this actor.
    pub actor: Option<String>,
    /// By what the sum is broken down.
    pub by: Option<By>,
    /// What quantities are worth; without it nothing is computed.
    pub pricing: Option<&'a Pricing<'a>>,
}

/// Finds what a quantity was worth on a date, or why that is not known.
pub type Pricing<'a> = dyn Fn(&Held, &Date) -> Result<Priced, String> + 'a;

/// A value computed from a quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Priced {
    /// The value; the least over the days of the date, where it covers several.
    pub usd: Decimals,
    /// The most over those days; the same on a single day.
    pub usd_max: Decimals,
    /// Of one unit.
    pub price: String,
    /// The day of the price.
    pub day: String,
    /// Where the price is from.
    pub price_source: String,
    /// `open`, `close` or `mid`.
    pub convention: String,
}

/// By what a total is broken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By who gives the value.
    Source,
    /// By the year of the theft.
    Year,
    /// By chain.
    Chain,
    /// By technique.
    Vector,
}

impl By {
    /// Reads its word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Source, Self::Year, Self::Chain, Self::Vector];
        all.into_iter().find(|by| by.word() == word)
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Year => "year",
            Self::Chain => "chain",
            Self::Vector => "vector",
        }
    }
}

/// Adds up incidents. Their order does not matter.
///
/// # Errors
/// Where a sum does not fit 28 digits: a claim says something absurd.
pub fn total(
    incidents: &[Folded],
    published: &[Published],
    same: &Same,
    asked: &Asked,
) -> Result<Total, String> {
    let mut total = Total::empty(asked);
    let dated: Vec<Dated> = incidents.iter().map(Dated::of).collect();
    let mut counted: Vec<Dated> = Vec::new();
    for it in dated.iter().filter(|it| it.is_of(asked.actor.as_ref())) {
        let folded = it.folded;
        match it.days.map(|days| days.lies(asked.period)) {
            None => total.undated.push(folded.incident.clone()),
            Some(Lies::Outside) => date_conflict(folded, asked, &mut total, false),
            Some(Lies::Across) => total.straddling.push(Straddling {
                incident: folded.incident.clone(),
                date: folded.date.clone().unwrap_or_default(),
                usd: value(folded, asked.pricing).0,
            }),
            Some(Lies::Within) => {
                date_conflict(folded, asked, &mut total, true);
                counted.push(*it);
            }
        }
    }
    counted.sort_by_key(|it| (it.days, &it.folded.incident));
    let counted: Vec<&Folded> = counted.into_iter().map(|it| it.folded).collect();
    for folded in &counted {
        let row = row(folded, asked.pricing, &mut total);
        total.rows.push(row);
    }
    total.incidents = total.rows.len();
    total.sums()?;
    total.groups = asked.by.map_or(Ok(Vec::new()), |by| {
        groups(&total.rows, &counted, by, &mut total.caveats)
    })?;
    total.straddling.sort_by(|a, b| a.incident.cmp(&b.incident));
    total.undated.sort();
    total.duplicates = duplicates(&counted, same, &total)?;
    total.cited = beside::cited(&dated, published, asked)?;
    total.say(same);
    Ok(total)
}

/// An incident and its days, which are read once: dates are texts, and each published total asks for them again.
#[derive(Clone, Copy)]
pub(crate) struct Dated<'a> {
    pub days: Option<Period>,
    pub folded: &'a Folded,
}

impl<'a> Dated<'a> {
    fn of(folded: &'a Folded) -> Self {
        Self {
            days: folded.days(),
            folded,
        }
    }

    /// Whether a claim attributes it to an actor, if one is asked for.
    pub(crate) fn is_of(&self, actor: Option<&String>) -> bool {
        actor.is_none_or(|actor| self.folded.actors.contains(actor))
    }
}

impl Total {
    fn empty(asked: &Asked) -> Self {
        let zero = Decimals::default();
        let day = |day, limit| (day != limit).then(|| format!("{day}"));
        Self {
            schema: "whither.total/1",
            from: day(asked.period.first, Period::ALWAYS.first),
            to: day(asked.period.last, Period::ALWAYS.last),
            actor: asked.actor.clone(),
            usd: zero,
            claimed: zero,
            computed: zero,
            min: zero,
            max: zero,
            recovered: zero,
            frozen: zero,
            reissued: zero,
            net: zero,
            incidents: 0,
            rows: Vec::new(),
            by: asked.by.map(By::word),
            groups: Vec::new(),
            cited: Vec::new(),
            unpriced: Vec::new(),
            without_value: Vec::new(),
            straddling: Vec::new(),
            undated: Vec::new(),
            duplicates: Vec::new(),
            caveats: Vec::new(),
        }
    }

    fn sums(&mut self) -> Result<(), String> {
        let of = |value: fn(&TotalRow) -> Option<Decimals>| sum(self.rows.iter().filter_map(value));
        let (usd, claimed, computed) = (
            of(|row| row.usd)?,
            of(|row| row.claimed)?,
            of(|row| row.computed)?,
        );
        let (min, max) = (of(|row| row.min)?, of(|row| row.max)?);
        let (recovered, frozen, reissued) = (
            of(|row| row.recovered)?,
            of(|row| row.frozen)?,
            of(|row| row.reissued)?,
        );
        self.net = of(|row| row.net)?;
        (self.usd, self.claimed, self.computed, self.min, self.max) =
            (usd, claimed, computed, min, max);
        (self.recovered, self.frozen, self.reissued) = (recovered, frozen, reissued);
        Ok(())
    }
}

/// A sum that fits.
pub(crate) fn sum(values: impl Iterator<Item = Decimals>) -> Result<Decimals, String> {
    let mut sum = Decimal::ZERO;
    for value in values {
        sum = sum
            .checked_add(value.0)
            .ok_or("the sum does not fit: a claim says an absurd value")?;
    }
    Ok(Decimals(sum))
}

/// The value that counts: what claims say, else what prices say.
pub(crate) fn value(
    folded: &Folded,
    pricing: Option<&Pricing<'_>>,
) -> (Option<Decimals>, Option<&'static str>) {
    if let Some(claimed) = &folded.claimed {
        return (Some(claimed.usd), Some("claimed"));
    }
    let date = folded.date.as_ref().and_then(|date| Date::parse(date));
    let (Some(pricing), Some(date)) = (pricing, date) else {
        return (None, None);
    };
    let priced = folded
        .stolen
        .iter()
        .filter_map(|held| pricing(held, &date).ok())
        .map(|priced| priced.usd.0);
    let sum = priced.reduce(|sum, usd| sum.saturating_add(usd));
    (sum.map(Decimals), sum.map(|_| "computed"))
}

fn row(folded: &Folded, pricing: Option<&Pricing<'_>>, total: &mut Total) -> TotalRow {
    let assets = assets(folded, pricing, total);
    let priced = || assets.iter().filter_map(|asset| asset.priced.as_ref());
    let computed = priced()
        .map(|priced| priced.usd.0)
        .reduce(|sum, usd| sum.saturating_add(usd))
        .map(Decimals);
    let figure = folded.claimed.as_ref();
    let most = priced()
        .map(|priced| priced.usd_max.0)
        .reduce(|sum, usd| sum.saturating_add(usd))
        .map(Decimals);
    let (usd, basis) = match (figure, computed) {
        (Some(figure), _) => (Some(figure.usd), Some("claimed")),
        (None, Some(usd)) => (Some(usd), Some("computed")),
        (None, None) => (None, None),
    };
    if usd.is_none() {
        total.without_value.push(folded.incident.clone());
    }
    total.caveats.extend(row_caveats(folded, computed, most));
    let [recovered, frozen, reissued] = [0, 1, 2].map(|at: usize| folded.after[at].usd);
    let back = recovered.unwrap_or_default().0 + reissued.unwrap_or_default().0;
    TotalRow {
        incident: folded.incident.clone(),
        date: folded.date.clone(),
        title: folded.title.clone(),
        victim: folded.victim.clone(),
        usd,
        basis,
        source: match figure {
            Some(figure) => figure.source.clone(),
            None => priced().next().map(|priced| priced.price_source.clone()),
        },
        claim: figure.map(|figure| figure.claim.clone()),
        min: figure.map(|figure| figure.min).or(usd),
        max: figure.map(|figure| figure.max).or(most),
        values: figure.map_or(0, |figure| figure.values),
        claimed: figure.map(|figure| figure.usd),
        computed,
        assets,
        recovered,
        frozen,
        reissued,
        net: usd.map(|usd| Decimals(usd.0 - back)),
    }
}

fn assets(folded: &Folded, pricing: Option<&Pricing<'_>>, total: &mut Total) -> Vec<AssetRow> {
    let date = folded.date.as_ref().and_then(|date| Date::parse(date));
    let mut rows = Vec::new();
    for held in &folded.stolen {
        let priced = match (pricing, &date) {
            (Some(pricing), Some(date)) => pricing(held, date),
            (None, _) => Err("no prices are given".to_owned()),
            (_, None) => Err("the incident has no date".to_owned()),
        };
        if let Err(why) = &priced {
            total.unpriced.push(Unpriced {
                incident: folded.incident.clone(),
                held: held.clone(),
                why: why.clone(),
            });
        }
        rows.push(AssetRow {
            held: held.clone(),
            priced: priced.ok(),
        });
    }
    rows
}

fn groups(
    rows: &[TotalRow],
    counted: &[&Folded],
    by: By,
    caveats: &mut Vec<Caveat>,
) -> Result<Vec<Group>, String> {
    let mut parts: BTreeMap<String, Vec<Option<Decimals>>> = BTreeMap::new();
    let mut overlap = false;
    for (row, folded) in rows.iter().zip(counted) {
        let keys: Vec<String> = match by {
            By::Source => row.source.clone().into_iter().collect(),
            By::Year => {
                let days = folded
                    .days()
                    .filter(|days| days.first.year() == days.last.year());
                days.map(|days| format!("{:04}", days.first.year()))
                    .into_iter()
                    .collect()
            }
            By::Chain => folded.chains.clone(),
            By::Vector => folded.vectors.clone(),
        };
        overlap |= keys.len() > 1;
        let keys = if keys.is_empty() {
            vec!["not stated".to_owned()]
        } else {
            keys
        };
        for key in keys {
            parts.entry(key).or_default().push(row.usd);
        }
    }
    if overlap {
        let what = format!(
            "an incident of several {}s counts in full under each: the parts add up to more than the total",
            by.word()
        );
        caveats.push(Caveat::new("groups", None, what));
    }
    let groups = parts.into_iter().map(|(key, values)| {
        let incidents = values.len();
        Ok(Group {
            key,
            usd: sum(values.into_iter().flatten())?,
            incidents,
        })
    });
    groups.collect()
}

fn duplicates(counted: &[&Folded], same: &Same, total: &Total) -> Result<Vec<Duplicate>, String> {
    let traits: Vec<Traits> = counted.iter().map(|folded| folded.traits()).collect();
    let mut found = Vec::new();
    for pair in alike(&traits) {
        let (a, b) = (&total.rows[pair.first], &total.rows[pair.second]);
        if same.are_distinct(&a.incident, &b.incident) {
            continue;
        }
        let smaller = a.usd.zip(b.usd).map(|(a, b)| a.min(b));
        found.push(Duplicate {
            incidents: [a.incident.clone(), b.incident.clone()],
            why: pair.why.words(),
            total_if_one: smaller.map(|smaller| Decimals(total.usd.0 - smaller.0)),
        });
    }
    Ok(found)
}
