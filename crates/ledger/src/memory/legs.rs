//! The rows of a transaction that move something, in the order they take effect, and how a user names them.

use std::collections::{BTreeMap, BTreeSet};

use super::merge::{MergedTransaction, is_native};
use super::tables::{RowKind, TableRow};
use crate::asset::Asset;
use crate::chain::Chain;

/// The rows that move something, with the number a user names them by, in the order they take effect;
/// and whether the source gave that order.
///
/// Rows of assets that are `beyond` counting are none.
#[must_use]
pub fn effective_rows<'rows>(
    chain: &Chain,
    transaction: &'rows MergedTransaction,
    beyond: &BTreeSet<Asset>,
) -> (Vec<(u32, &'rows TableRow)>, bool) {
    let of_kind = |kind| {
        let rows = transaction.rows.iter();
        let rows = rows.filter(move |row| row.kind == kind && !row.amount.is_zero());
        rows.filter(|row| beyond.is_empty() || !beyond.contains(&row.asset))
    };
    let fees = of_kind(RowKind::Fee).filter(|row| !row.from.is_zero_account());
    let transfers = of_kind(RowKind::Transfer).filter(|row| row.from != row.to);
    let mut transfers: Vec<&TableRow> = transfers.collect();
    let ordered = transfers.iter().all(|row| row.log_index.is_some());
    if ordered {
        transfers.sort_by_key(|row| row.log_index);
    } else {
        transfers = senders_before_receivers(transfers);
    }
    let numbers = numbers(chain, &transfers);
    let taken: BTreeSet<u32> = numbers.iter().copied().collect();
    let free = (ordinal(transfers.len())..).filter(|number| !taken.contains(number));
    let mut rows: Vec<(u32, &TableRow)> = free.zip(fees).collect();
    rows.extend(numbers.into_iter().zip(transfers));
    (rows, ordered)
}

fn ordinal(place: usize) -> u32 {
    u32::try_from(place).expect("a transaction has fewer than 2^32 rows")
}

/// The number of each transfer: its log index or trace position, or its place where the source gives none.
/// Where a trace position and a log index are the same number, the chain's own coins are numbered after the last
/// log; where log indexes themselves repeat, all are numbered by their places.
fn numbers(chain: &Chain, transfers: &[&TableRow]) -> Vec<u32> {
    let places = 0..ordinal(transfers.len());
    let told = places.clone().zip(transfers);
    let told: Vec<u32> = told
        .map(|(place, row)| row.log_index.unwrap_or(place))
        .collect();
    let are_distinct = |numbers: &[u32]| {
        let distinct: BTreeSet<u32> = numbers.iter().copied().collect();
        distinct.len() == numbers.len()
    };
    if are_distinct(&told) {
        return told;
    }
    let is_coin = |row: &&TableRow| is_native(chain, &row.asset);
    let logs = told.iter().zip(transfers);
    let logs = logs.filter(|(_, row)| !is_coin(row));
    let mut next = logs.map(|(number, _)| *number).max();
    let numbered = told.iter().zip(transfers).map(|(number, row)| {
        if !is_coin(row) {
            return *number;
        }
        let number = next.map_or(0, |last| last.saturating_add(1));
        next = Some(number);
        number
    });
    let numbered: Vec<u32> = numbered.collect();
    if are_distinct(&numbered) {
        return numbered;
    }
    places.collect()
}

/// Puts legs without an order into the canonical one: among those left, the smallest whose sender
/// receives nothing more of that asset; where a circle leaves none, the smallest.
fn senders_before_receivers(mut legs: Vec<&TableRow>) -> Vec<&TableRow> {
    let key = |row: &TableRow| (row.amount, row.log_index);
    legs.sort_by(|a, b| {
        (&a.asset, &a.from, &a.to, key(a)).cmp(&(&b.asset, &b.from, &b.to, key(b)))
    });
    let mut incoming: BTreeMap<_, usize> = BTreeMap::new();
    let mut outgoing: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, row) in legs.iter().enumerate() {
        *incoming.entry((&row.asset, &row.to)).or_insert(0) += 1;
        outgoing
            .entry((&row.asset, &row.from))
            .or_default()
            .push(place);
    }
    let mut left: BTreeSet<usize> = (0..legs.len()).collect();
    let is_free = |place: &usize| {
        let sender = (&legs[*place].asset, &legs[*place].from);
        !incoming.contains_key(&sender)
    };
    let mut free: BTreeSet<usize> = left.iter().copied().filter(is_free).collect();
    let mut order = Vec::with_capacity(legs.len());
    while let Some(place) = free.first().or(left.first()).copied() {
        free.remove(&place);
        left.remove(&place);
        order.push(legs[place]);
        let key = (&legs[place].asset, &legs[place].to);
        let count = incoming.get_mut(&key).expect("every receiver was counted");
        *count -= 1;
        if *count == 0 {
            let ready = outgoing.get(&key).into_iter().flatten();
            free.extend(ready.copied().filter(|place| left.contains(place)));
        }
    }
    order
}
