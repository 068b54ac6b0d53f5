//! Forward over a table of transfers, front to back (laws 2, 3, 4, 6, 8, 10 and 12).
//!
//! Every holding is kept as a list of segments from its opening to the end, tainted or not.

use super::movement::{self, Movement};
use super::{Ledger, NaiveTable, Origin, ZERO_ADDRESS};
use crate::naive::money::{Label, Money};
use crate::naive::{Kind, Policy};
use std::collections::BTreeMap;

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
    for movement in &movements {
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
