//! Totals over incidents, beside what others published.
//!
//! A total is computed from the incidents that lie wholly within the period. Values that claims give and values
//! computed from quantities and prices are kept apart; what has neither is listed, and never zero. A date across an edge,
//! two incidents that may be one, and every published total with its difference stand beside the sum. Nothing is forced to
//! fit. See `docs/concepts/totals.md`.

mod caveats;
mod shape;
mod worth;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::alike::{NEAREST, Traits, alike};
use super::beside::{self, Published};
use super::folded::{Decimals, Folded, Held};
use super::same::Same;
use crate::period::{Lies, Period};
use crate::words::Date;
use caveats::date_conflict;

pub(crate) use worth::Worth;

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
    /// How many days the date covers.
    pub days: u32,
    /// How many of them have a price.
    pub days_priced: u32,
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
    let mut dated: Vec<Dated> = incidents.iter().map(Dated::of).collect();
    if let Some(actor) = &asked.actor
        && !dated.iter().any(|it| it.is_of(Some(actor)))
    {
        let what =
            format!("no claim attributes an incident to {actor:?}: an entity is named by its id");
        total.caveats.push(Caveat::new("actor", None, what));
    }
    let mut counted: Vec<usize> = Vec::new();
    for (at, it) in dated.iter().enumerate() {
        let folded = it.folded;
        if !it.is_of(asked.actor.as_ref()) {
            continue;
        }
        match it.days.map(|days| days.lies(asked.period)) {
            None => total.undated.push(folded.incident.clone()),
            Some(Lies::Outside) => date_conflict(folded, asked, &mut total, false),
            Some(Lies::Across) => total.straddling.push(Straddling {
                incident: folded.incident.clone(),
                date: folded.date.clone().unwrap_or_default(),
                usd: it.worth(asked).usd,
            }),
            Some(Lies::Within) => {
                date_conflict(folded, asked, &mut total, true);
                counted.push(at);
            }
        }
    }
    total.cited = beside::cited(&dated, published, asked)?;
    counted.sort_by_key(|at| (dated[*at].days, &dated[*at].folded.incident));
    total.rows.reserve(counted.len());
    for at in &counted {
        let worth = dated[*at].take_worth(asked);
        let row = row(dated[*at].folded, worth, &mut total);
        total.rows.push(row);
    }
    let counted: Vec<&Dated> = counted.into_iter().map(|at| &dated[at]).collect();
    total.incidents = total.rows.len();
    total.sums()?;
    total.groups = asked.by.map_or(Ok(Vec::new()), |by| {
        groups(&total.rows, &counted, by, &mut total.caveats)
    })?;
    total.straddling.sort_by(|a, b| a.incident.cmp(&b.incident));
    total.undated.sort();
    duplicates(&counted, same, &mut total);
    total.say(same);
    Ok(total)
}

/// An incident, its days and its worth, which are worked out once: each published total asks for them again.
pub(crate) struct Dated<'a> {
    pub days: Option<Period>,
    pub folded: &'a Folded,
    worth: OnceCell<Worth>,
}

impl<'a> Dated<'a> {
    fn of(folded: &'a Folded) -> Self {
        Self {
            days: folded.days(),
            folded,
            worth: OnceCell::new(),
        }
    }

    /// Whether a claim attributes it to an actor, if one is asked for.
    pub(crate) fn is_of(&self, actor: Option<&String>) -> bool {
        actor.is_none_or(|actor| self.folded.actors.contains(actor))
    }

    pub(crate) fn worth(&self, asked: &Asked) -> &Worth {
        self.worth
            .get_or_init(|| Worth::of(self.folded, asked.pricing))
    }

    /// The same, for its row, which keeps it.
    fn take_worth(&mut self, asked: &Asked) -> Worth {
        let worked_out = self.worth.take();
        worked_out.unwrap_or_else(|| Worth::of(self.folded, asked.pricing))
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
            counted: zero,
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
        self.counted = of(|row| row.counted)?;
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

fn row(folded: &Folded, worth: Worth, total: &mut Total) -> TotalRow {
    let figure = folded.claimed.as_ref();
    if worth.usd.is_none() {
        total.without_value.push(folded.incident.clone());
    }
    total.caveats.extend(worth.caveats);
    total.unpriced.extend(worth.unpriced);
    let prices = worth.assets.iter().find_map(|asset| asset.priced.as_ref());
    let prices = prices.map(|priced| priced.price_source.clone());
    let [recovered, frozen, reissued] = worth.after;
    TotalRow {
        incident: folded.incident.clone(),
        date: folded.date.clone(),
        title: folded.title.clone(),
        victim: folded.victim.clone(),
        usd: worth.usd,
        basis: worth.basis,
        source: match figure {
            Some(figure) => figure.source.clone(),
            None => prices,
        },
        claim: figure.map(|figure| figure.claim.clone()),
        min: worth.min,
        max: worth.max,
        values: figure.map_or(0, |figure| figure.values),
        claimed: figure.map(|figure| figure.usd),
        computed: worth.computed,
        counted: worth.counted,
        assets: worth.assets,
        recovered,
        frozen,
        reissued,
        net: worth.net,
    }
}

fn groups(
    rows: &[TotalRow],
    counted: &[&Dated],
    by: By,
    caveats: &mut Vec<Caveat>,
) -> Result<Vec<Group>, String> {
    let mut parts: BTreeMap<String, Vec<Option<Decimals>>> = BTreeMap::new();
    let mut overlap = false;
    for (row, it) in rows.iter().zip(counted) {
        let keys: Vec<String> = match by {
            By::Source => row.source.clone().into_iter().collect(),
            By::Year => {
                let days = it.days.filter(|days| days.first.year() == days.last.year());
                days.map(|days| format!("{:04}", days.first.year()))
                    .into_iter()
                    .collect()
            }
            By::Chain => it.folded.chains.clone(),
            By::Vector => it.folded.vectors.clone(),
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

fn duplicates(counted: &[&Dated], same: &Same, total: &mut Total) {
    let traits: Vec<Traits> = counted.iter().map(|it| it.folded.traits()).collect();
    let found = alike(&traits);
    for pair in found.pairs {
        let (a, b) = (&total.rows[pair.first], &total.rows[pair.second]);
        if same.are_distinct(&a.incident, &b.incident) {
            continue;
        }
        let smaller = a.usd.zip(b.usd).map(|(a, b)| a.min(b));
        total.duplicates.push(Duplicate {
            incidents: [a.incident.clone(), b.incident.clone()],
            why: pair.why.words(),
            total_if_one: smaller.map(|smaller| Decimals(total.usd.0 - smaller.0)),
        });
    }
    if found.cut > 0 {
        let what = format!(
            "{} incidents share a transaction, a victim or a figure with more than {NEAREST} before them: pairs of theirs that may be one are not all listed",
            found.cut
        );
        total
            .caveats
            .push(Caveat::new("duplicates-cut", None, what));
    }
}
