//! What really moves in a table, one after the other (laws 5, 8, 9 and 10), and the openings that follow (law 6).

use super::exchange::{self, Exchange};
use super::{NaiveTable, NaiveTransaction, Origin, ZERO_ADDRESS};
use std::collections::{BTreeMap, BTreeSet};

/// An account's money of one asset: (address, asset).
pub(super) type Holding = (String, String);

/// An amount that leaves one holding and arrives in another.
#[derive(Debug, Clone)]
pub(super) struct Movement {
    /// The transaction.
    pub(super) txid: String,
    /// The number of the leg, or none for gas.
    pub(super) leg: Option<usize>,
    /// What moves.
    pub(super) asset: String,
    /// Who is debited; none where the zero address makes it.
    pub(super) from: Option<String>,
    /// Who is credited; none where it is burnt, and for gas.
    pub(super) to: Option<String>,
    /// How much; never zero.
    pub(super) amount: u128,
    /// Whether the legs of its transaction have no order of their own.
    pub(super) unordered: bool,
}

impl Movement {
    /// The holding that is debited.
    pub(super) fn debited(&self) -> Option<Holding> {
        let address = self.from.clone()?;
        Some((address, self.asset.clone()))
    }

    /// The holding that is credited.
    pub(super) fn credited(&self) -> Option<Holding> {
        let address = self.to.clone()?;
        Some((address, self.asset.clone()))
    }

    /// Whether an origin names what arrives here. Gas is named by none.
    pub(super) fn is_named_by(&self, origin: &Origin) -> bool {
        let Some(leg) = self.leg else {
            return false;
        };
        match origin {
            Origin::Transfer { txid, index } => *txid == self.txid && *index == leg,
            Origin::Transaction(txid) => *txid == self.txid,
            Origin::Address(address) => self.to.as_ref() == Some(address),
        }
    }
}

/// Every movement of a table in order: in each transaction the gas first, then the legs.
pub(super) fn all(table: &NaiveTable) -> Vec<Movement> {
    table.transactions.iter().flat_map(of_transaction).collect()
}

fn of_transaction(transaction: &NaiveTransaction) -> Vec<Movement> {
    let mut movements = Vec::new();
    if let Some(fee) = &transaction.fee {
        movements.push(Movement {
            txid: transaction.txid.clone(),
            leg: None,
            asset: fee.asset.clone(),
            from: somebody(&fee.payer),
            to: None,
            amount: fee.amount,
            unordered: transaction.unordered,
        });
    }
    for leg in &transaction.legs {
        // Law 9: a self-transfer moves nothing.
        if leg.from != leg.to {
            movements.push(Movement {
                txid: transaction.txid.clone(),
                leg: Some(leg.index),
                asset: leg.asset.clone(),
                from: somebody(&leg.from),
                to: somebody(&leg.to),
                amount: leg.amount,
                unordered: transaction.unordered,
            });
        }
    }
    // Law 9: zero moves nothing.
    movements.retain(|movement| movement.amount > 0);
    movements
}

/// Law 5, under poison: in a transaction without an order of legs, whatever a reached holding pays is reached,
/// over and over until nothing changes. `reached` tells and takes the labels of a holding; `pays` and `is_paid`
/// name the two sides of a movement as the walk goes.
pub(super) fn reach_over(
    movements: &[Movement],
    start: usize,
    pays: fn(&Movement) -> Option<Holding>,
    is_paid: fn(&Movement) -> Option<Holding>,
    severed: &[Option<String>],
    reached: &mut BTreeMap<Holding, BTreeSet<usize>>,
) {
    let txid = &movements[start].txid;
    let same: Vec<&Movement> = movements
        .iter()
        .zip(severed)
        // What crosses a deal is said apart.
        .filter(|(movement, severed)| movement.txid == *txid && severed.is_none())
        .map(|(movement, _)| movement)
        .collect();
    loop {
        let before = reached.clone();
        for movement in &same {
            if let (Some(payer), Some(payee)) = (pays(movement), is_paid(movement)) {
                let labels = reached.get(&payer).cloned().unwrap_or_default();
                reached.entry(payee).or_default().extend(labels);
            }
        }
        if *reached == before {
            return;
        }
    }
}

/// The exchanges of all transactions, by the number of their first movement, and how many movements each has.
pub(super) fn exchanges(movements: &[Movement]) -> BTreeMap<usize, (usize, Option<Exchange>)> {
    let mut balances = openings(movements);
    let mut found = BTreeMap::new();
    let mut start = 0;
    while start < movements.len() {
        let txid = &movements[start].txid;
        let same = movements[start..].iter();
        let count = same.take_while(|movement| movement.txid == *txid).count();
        let its = &movements[start..start + count];
        found.insert(start, (count, exchange::find(its, &balances)));
        for movement in its {
            if let Some(holding) = movement.debited() {
                *balances.get_mut(&holding).expect("every debit passes") -= movement.amount;
            }
            if let Some(holding) = movement.credited() {
                *balances.entry(holding).or_default() += movement.amount;
            }
        }
        start += count;
    }
    found
}

/// For each movement where a way back ends because it is part of a deal.
pub(super) fn severed(movements: &[Movement]) -> Vec<Option<String>> {
    let mut severed = vec![None; movements.len()];
    for (start, (count, exchange)) in exchanges(movements) {
        for place in 0..count {
            let exchange = exchange.as_ref();
            severed[start + place] =
                exchange.and_then(|it| it.severed(&movements[start + place], place));
        }
    }
    severed
}

/// Law 10: the zero address is nobody.
fn somebody(address: &str) -> Option<String> {
    (address != ZERO_ADDRESS).then(|| address.to_owned())
}

/// Law 6: for each holding the least opening that keeps its balance from falling below zero, without zeros.
pub(super) fn openings(movements: &[Movement]) -> BTreeMap<Holding, u128> {
    let mut openings: BTreeMap<Holding, u128> = BTreeMap::new();
    let mut balances: BTreeMap<Holding, u128> = BTreeMap::new();
    for movement in movements {
        if let Some(holding) = movement.debited() {
            let balance = balances.entry(holding.clone()).or_default();
            if movement.amount > *balance {
                // What is missing must have been there from the beginning.
                *openings.entry(holding).or_default() += movement.amount - *balance;
                *balance = 0;
            } else {
                *balance -= movement.amount;
            }
        }
        if let Some(holding) = movement.credited() {
            *balances.entry(holding).or_default() += movement.amount;
        }
    }
    openings
}
