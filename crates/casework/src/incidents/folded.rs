//! An incident in short: what lists and totals need of it, small enough to keep a hundred thousand of them.
//!
//! It follows from an [`IncidentView`] alone, so that an index may keep it and a total need not read a claim again.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::str::FromStr as _;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::alike::Traits;
use super::said::Said;
use super::view::{IncidentView, LossView};
use crate::claims::{LossKind, OriginClaim};
use crate::import::name_key;
use crate::period::Period;
use crate::words::Date;

/// An incident in short. Kept as JSON without what is empty: there are many of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Folded {
    /// Its id.
    pub incident: String,
    /// What it is called, as the best claim says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// From whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub victim: Option<String>,
    /// The victim's name as names are compared: without spaces, case, and what a company is called besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub victim_key: Option<String>,
    /// What the victim is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// When it was, as the best claim says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// When else it was, as others say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_dates: Vec<String>,
    /// Who is said to have done it, all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<String>,
    /// By which techniques.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<String>,
    /// On which chains: as claims say, and where its assets and starting points are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<String>,
    /// What it was worth, as claims say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Figure>,
    /// Stolen assets without a value, where the claimed value is a sum over assets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_value: Vec<String>,
    /// What was stolen, by asset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stolen: Vec<Held>,
    /// What was recovered, frozen and reissued.
    #[serde(skip_serializing_if = "nothing_after")]
    pub after: [After; 3],
    /// Transactions where its trace starts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<String>,
    /// How many fields claims contradict each other in.
    pub conflicts: usize,
    /// How many claims there are of it.
    pub claims: usize,
}

fn nothing_after(after: &[After; 3]) -> bool {
    after.iter().all(|after| *after == After::default())
}

/// A value in US dollars that claims give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The value that is used.
    pub usd: Decimals,
    /// The least that a claim says.
    pub min: Decimals,
    /// The most that a claim says.
    pub max: Decimals,
    /// Whose value is used; of a sum over assets, of the largest.
    pub source: Option<String>,
    /// The claim that is used.
    pub claim: String,
    /// How many different values there are.
    pub values: usize,
    /// Whether it is a sum over assets, and no claim of the whole.
    pub of_parts: bool,
}

/// A decimal that is written as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimals(pub Decimal);

impl Serialize for Decimals {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

impl<'de> Deserialize<'de> for Decimals {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// How much of an asset.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// CAIP-19, where it is identified.
    pub asset: Option<String>,
    /// What the sources call it, where it is not.
    pub symbol: Option<String>,
    /// Smallest units of an asset, units of a symbol.
    pub quantity: String,
    /// The least that a claim says, where claims say different quantities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<String>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<String>,
}

impl Held {
    /// What names the asset.
    #[must_use]
    pub fn name(&self) -> &str {
        self.asset
            .as_deref()
            .or(self.symbol.as_deref())
            .unwrap_or("?")
    }
}

/// What became of what was stolen, in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// In dollars, as claims say.
    pub usd: Option<Decimals>,
    /// What is told in units alone.
    pub units: Vec<Held>,
}

impl Folded {
    /// Keeps of a view what lists and totals need.
    #[must_use]
    pub fn of(view: &IncidentView) -> Self {
        let first = |said: &[Said<String>]| said.first().map(|said| said.value.clone());
        let all = |said: &[Said<String>]| {
            said.iter()
                .map(|said| said.value.clone())
                .collect::<Vec<String>>()
        };
        let of = |what: LossKind| {
            view.losses
                .iter()
                .filter(move |loss| loss.what == what)
                .collect::<Vec<&LossView>>()
        };
        let stolen = of(LossKind::Stolen);
        let (claimed, without_value) = claimed(&stolen);
        let after = [LossKind::Recovered, LossKind::Frozen, LossKind::Reissued].map(|what| {
            let losses = of(what);
            let in_units = losses
                .iter()
                .filter(|loss| loss.usd.is_empty())
                .copied()
                .collect::<Vec<_>>();
            After {
                usd: claimed_usd(&losses),
                units: held(&in_units),
            }
        });
        Self {
            incident: view.incident.clone(),
            title: first(&view.title),
            victim: first(&view.victim),
            victim_key: view.victim.first().map(|said| name_key(&said.value)),
            sector: first(&view.sector),
            date: first(&view.date),
            other_dates: all(&view.date).into_iter().skip(1).collect(),
            actors: all(&view.actors),
            vectors: all(&view.vectors),
            chains: chains(view),
            claimed,
            without_value,
            stolen: held(&stolen),
            after,
            transactions: transactions(view),
            conflicts: view.conflicts().len(),
            claims: view.claims().len(),
        }
    }

    /// The days on which it may have been, as the best claim says.
    #[must_use]
    pub fn days(&self) -> Option<Period> {
        Date::parse(self.date.as_ref()?).map(|date| date.days())
    }

    /// All days on which it may have been, as any claim says.
    #[must_use]
    pub fn days_said(&self) -> Option<Period> {
        let others = self.other_dates.iter().filter_map(|date| Date::parse(date));
        let days = self.days()?;
        Some(others.fold(days, |all, date| Period {
            first: all.first.min(date.days().first),
            last: all.last.max(date.days().last),
        }))
    }

    /// By what it is compared with other incidents.
    #[must_use]
    pub fn traits(&self) -> Traits {
        let usd = self
            .claimed
            .iter()
            .map(|figure| format!("USD {}", figure.usd.0.normalize()));
        let held = self
            .stolen
            .iter()
            .map(|held| format!("{} {}", held.name().to_uppercase(), held.quantity));
        Traits {
            incident: self.incident.clone(),
            victim: self.victim_key.clone(),
            days: self.days_said(),
            transactions: self.transactions.clone(),
            figures: usd.chain(held).collect(),
        }
    }
}

fn decimal(said: &Said<String>) -> Option<Decimal> {
    Decimal::from_str(&said.value).ok()
}

/// The value that claims give to the whole, else the sum of what they give to its assets.
fn claimed(stolen: &[&LossView]) -> (Option<Figure>, Vec<String>) {
    let whole = stolen
        .iter()
        .find(|loss| loss.asset.is_none() && loss.symbol.is_none() && !loss.usd.is_empty());
    if let Some(whole) = whole {
        return (figure(&whole.usd), Vec::new());
    }
    let mut sum: Option<Figure> = None;
    let mut largest = Decimal::ZERO;
    let mut without = Vec::new();
    for loss in stolen {
        let Some(part) = figure(&loss.usd) else {
            let name = loss.asset.as_ref().or(loss.symbol.as_ref());
            without.extend(name.cloned());
            continue;
        };
        let before = sum.take().unwrap_or_else(|| Figure {
            values: 0,
            of_parts: true,
            ..Figure::default()
        });
        let (source, claim) = if part.usd.0 > largest {
            (part.source, part.claim)
        } else {
            (before.source, before.claim)
        };
        largest = largest.max(part.usd.0);
        let add = |a: Decimals, b: Decimals| Decimals(a.0.saturating_add(b.0));
        sum = Some(Figure {
            usd: add(before.usd, part.usd),
            min: add(before.min, part.min),
            max: add(before.max, part.max),
            source,
            claim,
            values: before.values.max(part.values),
            of_parts: true,
        });
    }
    if sum.is_none() {
        without.clear();
    }
    (sum, without)
}

fn figure(said: &[Said<String>]) -> Option<Figure> {
    let best = said.first()?;
    let usd = decimal(best)?;
    let all = || said.iter().filter_map(decimal);
    Some(Figure {
        usd: Decimals(usd),
        min: Decimals(all().min()?),
        max: Decimals(all().max()?),
        source: best.claims.first().and_then(|cite| cite.source.clone()),
        claim: best
            .claims
            .first()
            .map(|cite| cite.claim.clone())
            .unwrap_or_default(),
        values: said.len(),
        of_parts: false,
    })
}

fn claimed_usd(losses: &[&LossView]) -> Option<Decimals> {
    claimed(losses).0.map(|figure| figure.usd)
}

fn held(losses: &[&LossView]) -> Vec<Held> {
    let held = losses.iter().filter_map(|loss| {
        let quantity = loss.quantity.first()?.value.clone();
        let differ = loss.quantity.len() > 1;
        let all = || {
            loss.quantity
                .iter()
                .map(|said| said.value.as_str())
                .filter(|_| differ)
        };
        Some(Held {
            asset: loss.asset.clone(),
            symbol: loss.symbol.clone(),
            quantity,
            least: all().min_by(|a, b| by_size(a, b)).map(str::to_owned),
            most: all().max_by(|a, b| by_size(a, b)).map(str::to_owned),
        })
    });
    held.collect()
}

/// Which of two plain decimals is larger, however many digits they have.
fn by_size(a: &str, b: &str) -> Ordering {
    let parts = |text| -> (usize, &str, &str) {
        let (whole, fraction) = str::split_once(text, '.').unwrap_or((text, ""));
        (whole.len(), whole, fraction)
    };
    parts(a).cmp(&parts(b))
}

/// The chain and the rest of a place that names both.
fn place(text: &str) -> Option<(String, &str)> {
    let (first, rest) = text.split_once(':')?;
    if let Ok(chain) = first.parse::<whither_ledger::chain::Chain>() {
        return Some((chain.to_string(), rest));
    }
    let (second, rest) = rest.split_once(':')?;
    let chain: whither_ledger::chain::Chain = format!("{first}:{second}").parse().ok()?;
    Some((chain.to_string(), rest))
}

fn chains(view: &IncidentView) -> Vec<String> {
    let mut chains: BTreeSet<String> = view.chains.iter().map(|said| said.value.clone()).collect();
    for loss in &view.losses {
        // A symbol may be the id of an asset whose decimals were not known to who recorded it.
        let id = loss.asset.as_ref().or(loss.symbol.as_ref());
        let chain = id.and_then(|asset| asset.split_once('/'));
        let chain = chain.filter(|(chain, _)| chain.contains(':'));
        chains.extend(chain.map(|(chain, _)| chain.to_owned()));
    }
    for origin in &view.origins {
        match &origin.value {
            OriginClaim::Transfer(transfer) => chains.extend([transfer.chain.clone()]),
            OriginClaim::Place(said) => chains.extend(place(&said.from).map(|(chain, _)| chain)),
        }
    }
    chains.into_iter().collect()
}

fn transactions(view: &IncidentView) -> Vec<String> {
    let mut found = BTreeSet::new();
    for origin in &view.origins {
        match &origin.value {
            OriginClaim::Transfer(transfer) => {
                found.insert(format!("{}:{}", transfer.chain, transfer.transaction));
            }
            OriginClaim::Place(said) => {
                if let Some((chain, rest)) = place(&said.from) {
                    let id = rest.split([':', '#']).next().unwrap_or_default();
                    let digits = id.strip_prefix("0x").unwrap_or(id);
                    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        found.insert(format!("{chain}:{id}"));
                    }
                }
            }
        }
    }
    found.into_iter().collect()
}
