//! Cash-out totals: how much came to whom, of which asset, on which day.
//!
//! Read off the arrivals of positions at services, bridges, mixers and what looks like one; a day is that of the
//! transaction, in UTC. Where a position is less than what arrived (some was frozen, or a claim carried it on), its
//! arrivals count in proportion, rounded down, the last taking the rest. What is frozen or came back is no part of them.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;

use super::{Arrival, Position};
use crate::trace::result::EndpointKind;

/// What came to somebody on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashOut {
    /// By name; of nobody named, the address.
    pub entity: String,
    /// Exchange, …; of nobody named, how the trace ends.
    pub category: String,
    /// CAIP-19.
    pub asset: String,
    /// The day; none where no transaction tells.
    pub day: Option<String>,
    /// Smallest units.
    pub amount: U256,
    /// How many movements.
    pub payments: usize,
}

/// Entity, category, asset, day.
type Key = (String, String, String, Option<String>);

/// Where to, and by which transaction, from whom and how much: ends at one place have the same arrivals, which count once.
type Movement<'a> = (
    Option<&'a str>,
    Option<(Option<&'a str>, Option<&'a str>, U256)>,
);

/// The totals, in the order of entity, asset, day.
#[must_use]
pub fn cash_outs(positions: &[Position]) -> Vec<CashOut> {
    let mut sums: BTreeMap<Key, (U256, BTreeSet<Movement<'_>>)> = BTreeMap::new();
    for position in positions.iter().filter(|position| is_cash_out(position)) {
        let place = position.address.as_ref().or(position.output.as_ref());
        let at = position.output.as_ref().or(position.address.as_ref());
        let (entity, category) = match (&position.entity, place) {
            (Some(entity), _) => (entity.name.clone(), entity.category.clone()),
            (None, place) => (
                place.cloned().unwrap_or_default(),
                position.kind.name().to_owned(),
            ),
        };
        for (day, amount, arrival) in parts(position) {
            let key = (
                entity.clone(),
                category.clone(),
                position.asset.clone(),
                day,
            );
            let sum = sums.entry(key).or_default();
            sum.0 = sum.0.saturating_add(amount);
            sum.1.insert((
                at.map(String::as_str),
                arrival.map(|one| (one.transaction.as_deref(), one.from.as_deref(), one.amount)),
            ));
        }
    }
    let row =
        |((entity, category, asset, day), (amount, movements)): (Key, (U256, BTreeSet<_>))| {
            CashOut {
                entity,
                category,
                asset,
                day,
                amount,
                payments: movements.len(),
            }
        };
    sums.into_iter().map(row).collect()
}

/// Whether a position is where money left the chain, or the sight of it. What is frozen or came back did not.
fn is_cash_out(position: &Position) -> bool {
    let at_somebody = matches!(
        position.kind,
        EndpointKind::Service | EndpointKind::Mixer | EndpointKind::Bridge | EndpointKind::Degree
    );
    let stayed = matches!(
        position.kind,
        EndpointKind::Frozen | EndpointKind::Recovered
    );
    at_somebody || position.entity.is_some() && !stayed
}

/// What a position got by each of its arrivals: when, how much, and which.
fn parts(position: &Position) -> Vec<(Option<String>, U256, Option<&Arrival>)> {
    let day = |time: &Option<String>| time.as_ref().map(|time| time.chars().take(10).collect());
    let all = position.arrivals.iter();
    let all = all.fold(U256::ZERO, |sum, arrival| {
        sum.saturating_add(arrival.amount)
    });
    if all.is_zero() {
        return vec![(day(&position.arrived), position.amount, None)];
    }
    // Where a claim carried it on no transaction tells the time, and the end's own is the best there is.
    let is_timed = position.arrivals.iter().any(|one| one.time.is_some());
    let mut left = position.amount;
    let last = position.arrivals.len() - 1;
    let mut found = Vec::new();
    for (at, arrival) in position.arrivals.iter().enumerate() {
        let part = match arrival.amount.checked_mul(position.amount) {
            _ if at == last => left,
            Some(product) => product / all,
            None => arrival.amount.min(left),
        };
        let part = part.min(left);
        left = left.saturating_sub(part);
        let time = match is_timed {
            true => &arrival.time,
            false => &position.arrived,
        };
        found.push((day(time), part, Some(arrival)));
    }
    found
}

/// What a position got on each day, in the order of days; what came on no day that is known stands first.
#[must_use]
pub fn by_day(position: &Position) -> BTreeMap<Option<String>, U256> {
    let mut days: BTreeMap<Option<String>, U256> = BTreeMap::new();
    for (day, amount, _) in parts(position) {
        let sum = days.entry(day).or_default();
        *sum = sum.saturating_add(amount);
    }
    // Rounding leaves days with nothing where little came; they have no part in a value.
    if days.len() > 1 {
        days.retain(|_, amount| !amount.is_zero());
    }
    days
}
