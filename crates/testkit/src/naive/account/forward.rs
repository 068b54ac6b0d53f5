//! Forward over a table of transfers, front to back (laws 2, 3, 4, 6, 8, 10 and 12).
//!
//! Every holding is kept as a list of segments from its opening to the end, tainted or not.

use super::movement::{self, Movement};
use super::{Ledger, NaiveTable, Origin, ZERO_ADDRESS};
use crate::naive::money::{Label, Money};
use crate::naive::{Kind, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// Walks the table.
pub(super) fn run(table: &NaiveTable, origins: &[Origin], policy: Policy, ledger: &mut Ledger) {
    let movements = movement::all(table);
    let mut holdings = BTreeMap::new();
    for ((address, asset), amount) in movement::openings(&movements) {
        // Law 6: one segment, unknown, the oldest.
        let mut money = Money::new(policy, Label::Unknown, amount);
        for (label, origin) in origins.iter().enumerate() {
            if *origin == Origin::Address(address.clone()) {
                ledger.claim(label, &asset, money.claim(label));
            }
        }
        if table.services.contains(&address) {
            money = stop(&money, &address, &asset, policy, ledger);
        }
        holdings.insert((address, asset), money);
    }
    for (place, movement) in movements.iter().enumerate() {
        let first = place == 0 || movements[place - 1].txid != movement.txid;
        if policy == Policy::Poison && movement.unordered && first {
            reach_over(&movements, place, &table.services, &mut holdings);
        }
        let mut money = match movement.debited() {
            Some(holding) => holdings
                .get_mut(&holding)
                .expect("the opening lets every debit pass")
                .take(policy, movement.amount),
            // Law 10: what the zero address sends is clean.
            None => Money::new(policy, Label::Clean, movement.amount),
        };
        claim(&mut money, movement, origins, ledger);
        match movement.credited() {
            Some((address, asset)) => {
                if table.services.contains(&address) {
                    money = stop(&money, &address, &asset, policy, ledger);
                }
                let holding = holdings.entry((address, asset));
                holding.or_insert_with(|| Money::none(policy)).append(money);
            }
            None if movement.leg.is_none() => {
                ledger.end_all(Kind::Fee, &movement.txid, &movement.asset, &money.taint());
            }
            None => ledger.end_all(Kind::Burn, ZERO_ADDRESS, &movement.asset, &money.taint()),
        }
    }
    for ((address, asset), money) in &holdings {
        ledger.end_all(Kind::Held, address, asset, &money.taint());
    }
}

/// Law 5 for poison: what reached holdings pay in this transaction is reached, whatever the order of legs.
fn reach_over(
    movements: &[Movement],
    start: usize,
    services: &BTreeSet<String>,
    holdings: &mut BTreeMap<movement::Holding, Money>,
) {
    let labels = |money: &Money| match money {
        Money::Reached { labels, .. } => labels.clone(),
        Money::Segments(_) => BTreeSet::new(),
    };
    let mut reached = holdings
        .iter()
        .map(|(holding, money)| (holding.clone(), labels(money)))
        .collect();
    let is_paid = |movement: &Movement| movement.credited();
    movement::reach_over(movements, start, Movement::debited, is_paid, &mut reached);
    for (holding, labels) in reached
        .into_iter()
        .filter(|(holding, _)| !services.contains(&holding.0))
    {
        let money = holdings
            .entry(holding)
            .or_insert_with(|| Money::none(Policy::Poison));
        if let Money::Reached { labels: known, .. } = money {
            known.extend(labels);
        }
    }
}

/// The first origin that names a movement claims what is not labelled yet (law 1).
fn claim(money: &mut Money, movement: &Movement, origins: &[Origin], ledger: &mut Ledger) {
    for (label, origin) in origins.iter().enumerate() {
        if movement.is_named_by(origin) {
            ledger.claim(label, &movement.asset, money.claim(label));
        }
    }
}

/// A service: the trace ends here, and what it pays out is nobody's any more (law 12).
fn stop(money: &Money, address: &str, asset: &str, policy: Policy, ledger: &mut Ledger) -> Money {
    ledger.end_all(Kind::Service, address, asset, &money.taint());
    Money::new(policy, Label::Clean, money.amount())
}
