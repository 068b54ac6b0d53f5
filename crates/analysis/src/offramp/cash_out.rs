//! Cash-out totals: how much came to whom, of which asset, on which day.
//!
//! Read off the arrivals of positions at services, bridges, mixers and what looks like one; a day is that of the
//! transaction, in UTC. Where a position is less than what arrived (some was frozen, or a claim carried it on), its
//! arrivals count in proportion, rounded down, the last taking the rest.

use std::collections::BTreeMap;

use whither_ledger::U256;

use super::Position;
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

/// The totals, in the order of entity, asset, day.
#[must_use]
pub fn cash_outs(positions: &[Position]) -> Vec<CashOut> {
    let mut sums: BTreeMap<Key, (U256, usize)> = BTreeMap::new();
    for position in positions.iter().filter(|position| is_cash_out(position)) {
        let place = position.address.as_ref().or(position.output.as_ref());
        let (entity, category) = match (&position.entity, place) {
            (Some(entity), _) => (entity.name.clone(), entity.category.clone()),
            (None, place) => (
                place.cloned().unwrap_or_default(),
                position.kind.name().to_owned(),
            ),
        };
        let days = days(position);
        for (day, amount, payments) in days {
            let key = (
                entity.clone(),
                category.clone(),
                position.asset.clone(),
                day,
            );
            let sum = sums.entry(key).or_default();
            sum.0 = sum.0.saturating_add(amount);
            sum.1 += payments;
        }
    }
    let row = |((entity, category, asset, day), (amount, payments))| CashOut {
        entity,
        category,
        asset,
        day,
        amount,
        payments,
    };
    sums.into_iter().map(row).collect()
}

/// Whether a position is where money left the chain, or the sight of it.
fn is_cash_out(position: &Position) -> bool {
    let at_somebody = matches!(
        position.kind,
        EndpointKind::Service | EndpointKind::Mixer | EndpointKind::Bridge | EndpointKind::Degree
    );
    at_somebody || position.entity.is_some() && position.kind != EndpointKind::Recovered
}

/// What a position got on each day.
fn days(position: &Position) -> Vec<(Option<String>, U256, usize)> {
    let day = |time: &Option<String>| time.as_ref().map(|time| time.chars().take(10).collect());
    let all = position.arrivals.iter();
    let all = all.fold(U256::ZERO, |sum, arrival| {
        sum.saturating_add(arrival.amount)
    });
    if all.is_zero() {
        return vec![(day(&position.arrived), position.amount, 1)];
    }
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
        found.push((day(&arrival.time), part, 1));
    }
    found
}
