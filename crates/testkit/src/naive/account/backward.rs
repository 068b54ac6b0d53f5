//! Backward over a table of transfers (law 15): where what the origins name came from.
//!
//! FIFO and LIFO are bijections of coins: the bookkeeping runs forward with numbered coins, then the coins of the
//! origins are looked up. Haircut and poison walk the table back to front, each movement undone. What an origin
//! names is what arrives, as forward; an address also names its opening. The way back ends in openings and mints.

use super::movement::{self, Holding, Movement};
use super::{Ledger, NaiveTable, Origin, ZERO_ADDRESS};
use crate::naive::coins::{Claims, Coins};
use crate::naive::pieces::{take_newest, take_oldest};
use crate::naive::{Kind, Policy, share};
use std::collections::{BTreeMap, BTreeSet};

/// Where coins were born.
struct Birth {
    kind: Kind,
    place: String,
    asset: String,
}

/// FIFO and LIFO: forward with numbered coins, then the look-up.
pub(super) fn coins(table: &NaiveTable, origins: &[Origin], policy: Policy, ledger: &mut Ledger) {
    let movements = movement::all(table);
    let openings = movement::openings(&movements);
    let mut births = Vec::new();
    let mut holdings: BTreeMap<Holding, Vec<Coins>> = BTreeMap::new();
    for (holding, amount) in &openings {
        let coins = Coins::born(births.len(), *amount);
        births.push(birth(Kind::Opening, &holding.0, &holding.1));
        holdings.insert(holding.clone(), coins);
    }
    let first_coins = holdings.clone();
    let mut moved = Vec::new();
    let severed = movement::severed(&movements);
    for (movement, severed) in movements.iter().zip(severed) {
        let mut coins = match movement.debited() {
            Some(holding) => {
                let list = holdings.get_mut(&holding).expect("every debit passes");
                if policy == Policy::Fifo {
                    take_oldest(list, movement.amount)
                } else {
                    take_newest(list, movement.amount)
                }
            }
            None => {
                births.push(birth(Kind::Mint, ZERO_ADDRESS, &movement.asset));
                Coins::born(births.len() - 1, movement.amount)
            }
        };
        if let Some(place) = severed {
            births.push(birth(Kind::Unresolved, &place, &movement.asset));
            coins = Coins::born(births.len() - 1, movement.amount);
        }
        if let Some(holding) = movement.credited() {
            holdings.entry(holding).or_default().extend(coins.clone());
        }
        moved.push((movement, coins));
    }
    let mut claims = Claims::default();
    for (movement, coins) in moved.iter().rev() {
        for (label, origin) in origins.iter().enumerate() {
            if movement.is_named_by(origin) {
                claims.claim(label, coins);
            }
        }
    }
    for (holding, coins) in &first_coins {
        for label in named_openings(holding, origins) {
            claims.claim(label, coins);
        }
    }
    for (number, label, amount) in claims.counts() {
        let birth = &births[number];
        ledger.claim(label, &birth.asset, amount);
        ledger.end(birth.kind, &birth.place, &birth.asset, label, amount);
    }
}

/// Haircut: each credit undone takes its proportion of what its holding owes, and its sender owes it.
pub(super) fn haircut(table: &NaiveTable, origins: &[Origin], ledger: &mut Ledger) {
    let movements = movement::all(table);
    let openings = movement::openings(&movements);
    let mut balances = balances_at_the_end(&movements, &openings);
    let mut owed: BTreeMap<Holding, BTreeMap<usize, u128>> = BTreeMap::new();
    let severed = movement::severed(&movements);
    for (movement, severed) in movements.iter().zip(severed).rev() {
        let mut taint = BTreeMap::new();
        if let Some(holding) = movement.credited() {
            let balance = balances.get_mut(&holding).expect("it has a balance");
            *balance -= movement.amount;
            let all = owed.remove(&holding).unwrap_or_default();
            let mut parts = share::by_label(&all, &[movement.amount, *balance]);
            owed.insert(holding, parts.pop().expect("two parts"));
            taint = parts.pop().expect("two parts");
        }
        for (label, origin) in origins.iter().enumerate() {
            let free = movement.amount - taint.values().sum::<u128>();
            if movement.is_named_by(origin) && free > 0 {
                *taint.entry(label).or_default() += free;
                ledger.claim(label, &movement.asset, free);
            }
        }
        if let Some(place) = &severed {
            ledger.end_all(Kind::Unresolved, place, &movement.asset, &taint);
            taint.clear();
        }
        let Some(holding) = movement.debited() else {
            ledger.end_all(Kind::Mint, ZERO_ADDRESS, &movement.asset, &taint);
            continue;
        };
        *balances.entry(holding.clone()).or_default() += movement.amount;
        let owes = owed.entry(holding).or_default();
        for (label, amount) in taint {
            *owes.entry(label).or_default() += amount;
        }
    }
    for (holding, amount) in openings {
        assert_eq!(balances[&holding], amount, "undone to its beginning");
        let mut taint = owed.remove(&holding).unwrap_or_default();
        for label in named_openings(&holding, origins) {
            let free = amount - taint.values().sum::<u128>();
            if free > 0 {
                *taint.entry(label).or_default() += free;
                ledger.claim(label, &holding.1, free);
            }
        }
        ledger.end_all(Kind::Opening, &holding.0, &holding.1, &taint);
    }
}

/// Poison: every ancestor. Once a holding is reached, all that it received before is.
pub(super) fn poison(table: &NaiveTable, origins: &[Origin], ledger: &mut Ledger) {
    let movements = movement::all(table);
    let mut reached: BTreeMap<Holding, BTreeSet<usize>> = BTreeMap::new();
    let severed = movement::severed(&movements);
    for (place, movement) in movements.iter().enumerate().rev() {
        let last = movements
            .get(place + 1)
            .is_none_or(|next| next.txid != movement.txid);
        if movement.unordered && last {
            movement::reach_over(
                &movements,
                place,
                Movement::credited,
                Movement::debited,
                &severed,
                &mut reached,
            );
        }
        let credited = movement.credited();
        let mut labels = credited
            .and_then(|holding| reached.get(&holding).cloned())
            .unwrap_or_default();
        for (label, origin) in origins.iter().enumerate() {
            if movement.is_named_by(origin) && labels.is_empty() {
                labels.insert(label);
                ledger.claim(label, &movement.asset, movement.amount);
            }
        }
        if let Some(end) = &severed[place] {
            let all = labels
                .iter()
                .map(|label| (*label, movement.amount))
                .collect();
            ledger.end_all(Kind::Unresolved, end, &movement.asset, &all);
            labels.clear();
        }
        match movement.debited() {
            Some(holding) => reached.entry(holding).or_default().extend(labels),
            None => {
                let all = labels
                    .iter()
                    .map(|label| (*label, movement.amount))
                    .collect();
                ledger.end_all(Kind::Mint, ZERO_ADDRESS, &movement.asset, &all);
            }
        }
    }
    for (holding, amount) in movement::openings(&movements) {
        let mut labels = reached.remove(&holding).unwrap_or_default();
        for label in named_openings(&holding, origins) {
            if labels.is_empty() {
                labels.insert(label);
                ledger.claim(label, &holding.1, amount);
            }
        }
        for label in labels {
            ledger.end(Kind::Opening, &holding.0, &holding.1, label, amount);
        }
    }
}

fn birth(kind: Kind, place: &str, asset: &str) -> Birth {
    Birth {
        kind,
        place: place.to_owned(),
        asset: asset.to_owned(),
    }
}

/// The origins that name a holding's opening, in their order.
fn named_openings(holding: &Holding, origins: &[Origin]) -> Vec<usize> {
    let named = |origin: &Origin| *origin == Origin::Address(holding.0.clone());
    let all = origins.iter().enumerate();
    all.filter(|(_, origin)| named(origin))
        .map(|(label, _)| label)
        .collect()
}

/// Opening plus credits less debits.
fn balances_at_the_end(
    movements: &[Movement],
    openings: &BTreeMap<Holding, u128>,
) -> BTreeMap<Holding, u128> {
    let mut balances = openings.clone();
    for movement in movements {
        if let Some(holding) = movement.debited() {
            *balances.get_mut(&holding).expect("every debit passes") -= movement.amount;
        }
        if let Some(holding) = movement.credited() {
            *balances.entry(holding).or_default() += movement.amount;
        }
    }
    balances
}
