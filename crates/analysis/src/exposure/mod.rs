//! Exposure: how much of an address's money came from, or went to, those whom somebody names.
//!
//! It is read off traces whose origin is the address: backward for what came, forward for what went, once under each
//! policy, each stopping at whoever is named first. So a sum is counted once, at the nearest name. Direct is what a trace
//! of one transaction finds, indirect is the rest. For every row there is an interval over the policies, and a wider
//! one that no value-conserving policy leaves. Per asset and policy all rows, the named and the nameless, add up to
//! what the address had: nothing is lost, nothing is counted twice.
//!
//! Fails where labels fail: a name that is missing sends the money past it, to the next one. Poison has no exposure,
//! since it is a reach and no value. Definition: `docs/methods/exposure.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use whither_ledger::U256;

use crate::trace::Trace;
use crate::trace::result::Endpoint;

/// Whom an address is given to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// Who: an entity, or where claims name none, a name.
    pub identity: String,
    /// A name to show (hostile text).
    pub name: String,
    /// Exchange, mixer, …
    pub category: String,
}

/// One direction under one policy: a trace to the nearest names, and the same after one transaction.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The whole.
    pub whole: &'a Trace,
    /// After one transaction.
    pub direct: &'a Trace,
}

/// What came, or what went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// `incoming` or `outgoing`.
    pub direction: &'static str,
    /// The policies that were asked.
    pub policies: Vec<&'static str>,
    /// By asset, in the order of their ids.
    pub assets: Vec<AssetSide>,
}

/// The same of one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssetSide {
    /// CAIP-19.
    pub asset: String,
    /// What all rows add up to, per policy in their order: what the address had of it, and what conversions brought less
    /// what they took.
    pub totals: Vec<String>,
    /// By category, the largest first.
    pub categories: Vec<Row>,
    /// By whom it is given to, the largest first.
    pub parties: Vec<Row>,
    /// What nobody is named for, by how the trace ends.
    pub nameless: Vec<Row>,
}

/// What came from, or went to, one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Who, among parties.
    pub identity: Option<String>,
    /// A name to show, among parties (hostile text).
    pub name: Option<String>,
    /// The category; of what nobody is named for, the kind of endpoint.
    pub category: String,
    /// Within one transaction, per policy.
    pub direct: Vec<String>,
    /// Beyond it, per policy.
    pub indirect: Vec<String>,
    /// Both together, the least under any of the policies.
    pub low: String,
    /// The most.
    pub high: String,
    /// The least that any value-conserving policy could say.
    pub min: String,
    /// The most.
    pub max: String,
    /// The least and the most as a share of what the address had under the same policy, in percent with two decimals: cut
    /// off below, rounded up above.
    pub share: [String; 2],
    /// How many transactions away the nearest of it is.
    pub hops: u32,
    /// The claims that name them.
    pub claims: Vec<String>,
}

/// Sums of a row while it is read.
#[derive(Clone, Debug, Default)]
struct Sums {
    name: Option<String>,
    whole: Vec<U256>,
    direct: Vec<U256>,
    min: U256,
    max: U256,
    hops: Option<u32>,
    claims: BTreeSet<String>,
}

/// By which a row is told from others: identity (none: of nobody), category.
type Key = (Option<String>, String);

/// One direction, from its traces under several policies, whose endpoints rest on these claims.
///
/// Totals follow from the traces, whose own conservation is asserted where they are made.
///
/// # Panics
/// Where a trace holds an amount that is none, which it never does.
#[must_use]
pub fn side(
    direction: &'static str,
    readings: &[Reading<'_>],
    parties: &BTreeMap<String, Party>,
) -> Side {
    let mut rows: BTreeMap<&str, BTreeMap<Key, Sums>> = BTreeMap::new();
    for (place, reading) in readings.iter().enumerate() {
        for end in &reading.whole.endpoints {
            let (key, name) = key(end, parties);
            let sums = rows.entry(&end.asset).or_default().entry(key).or_default();
            sums.name = name;
            sums.add(place, readings.len(), end);
        }
        for end in &reading.direct.endpoints {
            let (key, _) = key(end, parties);
            let row = rows.get_mut(end.asset.as_str());
            // Of the shorter trace only names count: what it leaves at its one transaction goes on.
            if let Some(sums) = row.and_then(|row| row.get_mut(&key))
                && key.0.is_some()
            {
                sums.direct[place] += units(&end.amount);
            }
        }
    }
    let assets = rows.into_iter();
    let assets = assets.map(|(asset, rows)| of_asset(asset, rows, readings.len()));
    Side {
        direction,
        policies: readings
            .iter()
            .map(|reading| reading.whole.policy)
            .collect(),
        assets: assets.collect(),
    }
}

impl Sums {
    fn add(&mut self, place: usize, count: usize, end: &Endpoint) {
        self.whole.resize(count, U256::ZERO);
        self.direct.resize(count, U256::ZERO);
        self.whole[place] += units(&end.amount);
        if place == 0 {
            // The interval is of no policy: every trace that was asked the same has the same ends.
            self.min += units(&end.min);
            self.max += units(&end.max);
        }
        self.hops = Some(self.hops.map_or(end.hops, |hops| hops.min(end.hops)));
        self.claims.extend(end.reason.claim.clone());
        self.claims
            .extend(end.entity.iter().map(|entity| entity.claim.clone()));
    }

    fn join(&mut self, other: &Self) {
        for (mine, its) in [
            (&mut self.whole, &other.whole),
            (&mut self.direct, &other.direct),
        ] {
            mine.resize(its.len(), U256::ZERO);
            for (sum, more) in mine.iter_mut().zip(its) {
                *sum += *more;
            }
        }
        self.min += other.min;
        self.max += other.max;
        self.hops = self.hops.into_iter().chain(other.hops).min();
        self.claims.extend(other.claims.iter().cloned());
    }
}

fn key(end: &Endpoint, parties: &BTreeMap<String, Party>) -> (Key, Option<String>) {
    let entity = end.entity.as_ref();
    let party = entity.and_then(|entity| parties.get(&entity.claim));
    match party {
        Some(party) => {
            let key = (Some(party.identity.clone()), party.category.clone());
            (key, Some(party.name.clone()))
        }
        None => ((None, end.kind.name().to_owned()), None),
    }
}

fn of_asset(asset: &str, rows: BTreeMap<Key, Sums>, policies: usize) -> AssetSide {
    let mut totals = vec![U256::ZERO; policies];
    for sums in rows.values() {
        for (total, amount) in totals.iter_mut().zip(&sums.whole) {
            *total += *amount;
        }
    }
    let mut categories: BTreeMap<Key, Sums> = BTreeMap::new();
    for ((identity, category), sums) in &rows {
        if identity.is_some() {
            let key = (None, category.clone());
            categories.entry(key).or_default().join(sums);
        }
    }
    let (named, nameless): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|((identity, _), _)| identity.is_some());
    AssetSide {
        asset: asset.to_owned(),
        totals: totals.iter().map(U256::to_string).collect(),
        categories: sorted(categories, &totals),
        parties: sorted(named, &totals),
        nameless: sorted(nameless, &totals),
    }
}

fn sorted(rows: impl IntoIterator<Item = (Key, Sums)>, totals: &[U256]) -> Vec<Row> {
    let mut rows: Vec<(U256, Row)> = rows
        .into_iter()
        .map(|(key, sums)| {
            (
                sums.whole.iter().max().copied().unwrap_or_default(),
                row(key, &sums, totals),
            )
        })
        .collect();
    rows.sort_by(|(a, one), (b, other)| {
        let names = || (&one.identity, &one.category).cmp(&(&other.identity, &other.category));
        b.cmp(a).then_with(names)
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn row((identity, category): Key, sums: &Sums, totals: &[U256]) -> Row {
    let most = totals.iter().max().copied().unwrap_or_default();
    let both = sums.whole.iter().zip(&sums.direct);
    let indirect = both.map(|(whole, direct)| whole.saturating_sub(*direct).to_string());
    let direct = sums.whole.iter().zip(&sums.direct);
    let direct = direct.map(|(whole, direct)| (*direct).min(*whole).to_string());
    let low = sums.whole.iter().min().copied().unwrap_or_default();
    let high = sums.whole.iter().max().copied().unwrap_or_default();
    Row {
        identity,
        name: sums.name.clone(),
        category,
        direct: direct.collect(),
        indirect: indirect.collect(),
        low: low.to_string(),
        high: high.to_string(),
        // Ends that only one policy reaches have no interval of their own.
        min: sums.min.min(low).to_string(),
        max: sums.max.max(high).min(most).to_string(),
        share: share(&sums.whole, totals),
        hops: sums.hops.unwrap_or_default(),
        claims: sums.claims.iter().cloned().collect(),
    }
}

/// The least and the most share over the policies, in percent: the least cut off, the most rounded up.
fn share(whole: &[U256], totals: &[U256]) -> [String; 2] {
    let parts = |up: bool| {
        let both = whole
            .iter()
            .zip(totals)
            .filter(|(_, total)| !total.is_zero());
        both.map(move |(part, total)| {
            // Both shrink alike until a ten-thousandth fits, which only sums near 2^256 need.
            let shift = total.bit_len().saturating_sub(240);
            let (part, total) = (*part >> shift, *total >> shift);
            let product = part * U256::from(10_000_u64);
            let more = up && !(product % total).is_zero();
            product / total + U256::from(u64::from(more))
        })
    };
    let shown = |share: Option<U256>| {
        let digits = format!("{:0>3}", share.unwrap_or_default().to_string());
        let (whole, fraction) = digits.split_at(digits.len() - 2);
        format!("{whole}.{fraction}")
    };
    [shown(parts(false).min()), shown(parts(true).max())]
}

fn units(text: &str) -> U256 {
    text.parse().expect("a trace writes whole numbers")
}
