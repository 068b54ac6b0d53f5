//! Backward over a chain of outputs (law 15).
//!
//! FIFO and LIFO are bijections of coins: the bookkeeping runs forward with numbered coins, then the coins of the
//! origins are looked up. Haircut and poison walk the chain back to front. The way back ends at coinbase outputs,
//! and at `horizon` in an output whose transaction has an input outside the chain: from there on the coins cannot
//! be told apart. Poison ends there too, but also goes on through the inputs that are known.

use super::{Ledger, NaiveChain, NaiveTransaction, Origin, spent_name};
use crate::naive::coins::{Claims, Coins};
use crate::naive::pieces::{take_newest, take_oldest};
use crate::naive::{Kind, Policy, share};
use std::collections::{BTreeMap, BTreeSet};

/// FIFO and LIFO: forward with numbered coins, then the look-up.
pub(super) fn coins(chain: &NaiveChain, origins: &[Origin], policy: Policy, ledger: &mut Ledger) {
    let mut births: Vec<(Kind, String)> = Vec::new();
    let mut outputs: BTreeMap<String, Vec<Coins>> = BTreeMap::new();
    for transaction in chain.blocks.iter().flat_map(|block| &block.transactions) {
        let mut pool = Vec::new();
        let mut end = transaction.coinbase.then_some(Kind::Coinbase);
        for input in &transaction.inputs {
            match outputs.get(&spent_name(input)) {
                Some(coins) => pool.extend(coins.iter().cloned()),
                None => end = Some(Kind::Horizon),
            }
        }
        for (index, output) in transaction.outputs.iter().enumerate() {
            let name = transaction.output_name(index);
            let made = match end {
                Some(kind) => {
                    births.push((kind, name.clone()));
                    Coins::born(births.len() - 1, output.value)
                }
                None if policy == Policy::Fifo => take_oldest(&mut pool, output.value),
                None => take_newest(&mut pool, output.value),
            };
            outputs.insert(name, made);
        }
    }
    let mut claims = Claims::default();
    for (transaction, index) in back_to_front(chain) {
        for (label, origin) in origins.iter().enumerate() {
            if origin.names(transaction, index) {
                claims.claim(label, &outputs[&transaction.output_name(index)]);
            }
        }
    }
    for (birth, label, amount) in claims.counts() {
        let (kind, place) = &births[birth];
        ledger.claimed[label] += amount;
        ledger.end(*kind, place, label, amount);
    }
}

/// Haircut: what a transaction's outputs owe to the origins, over its inputs in proportion.
pub(super) fn haircut(chain: &NaiveChain, origins: &[Origin], ledger: &mut Ledger) {
    let values = values(chain);
    let mut taints: BTreeMap<String, BTreeMap<usize, u128>> = BTreeMap::new();
    for transaction in transactions_back_to_front(chain) {
        let end = end_of(transaction, &values);
        let mut total: BTreeMap<usize, u128> = BTreeMap::new();
        for (index, output) in transaction.outputs.iter().enumerate() {
            let name = transaction.output_name(index);
            let mut taint = taints.remove(&name).unwrap_or_default();
            for (label, origin) in origins.iter().enumerate() {
                let free = output.value - taint.values().sum::<u128>();
                if origin.names(transaction, index) && free > 0 {
                    *taint.entry(label).or_default() += free;
                    ledger.claimed[label] += free;
                }
            }
            if let Some(kind) = end {
                ledger.end_all(kind, &name, &taint);
            }
            for (label, amount) in taint {
                *total.entry(label).or_default() += amount;
            }
        }
        if end.is_none() {
            let inputs: Vec<String> = transaction.inputs.iter().map(spent_name).collect();
            let slots: Vec<u128> = inputs.iter().map(|name| values[name]).collect();
            taints.extend(inputs.into_iter().zip(share::by_label(&total, &slots)));
        }
    }
}

/// Poison: every ancestor, whole.
pub(super) fn poison(chain: &NaiveChain, origins: &[Origin], ledger: &mut Ledger) {
    let values = values(chain);
    let mut reached: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for transaction in transactions_back_to_front(chain) {
        let end = end_of(transaction, &values);
        let mut all = BTreeSet::new();
        for (index, output) in transaction.outputs.iter().enumerate() {
            let name = transaction.output_name(index);
            if output.value == 0 {
                continue;
            }
            let mut labels = reached.remove(&name).unwrap_or_default();
            for (label, origin) in origins.iter().enumerate() {
                if origin.names(transaction, index) && labels.is_empty() {
                    labels.insert(label);
                    ledger.claimed[label] += output.value;
                }
            }
            for label in &labels {
                if let Some(kind) = end {
                    ledger.end(kind, &name, *label, output.value);
                }
            }
            all.extend(labels);
        }
        for input in &transaction.inputs {
            reached.insert(spent_name(input), all.clone());
        }
    }
}

/// The value of every output of the chain.
fn values(chain: &NaiveChain) -> BTreeMap<String, u128> {
    let mut values = BTreeMap::new();
    for transaction in chain.blocks.iter().flat_map(|block| &block.transactions) {
        for (index, output) in transaction.outputs.iter().enumerate() {
            values.insert(transaction.output_name(index), output.value);
        }
    }
    values
}

/// Why the way back ends in a transaction, if it does.
fn end_of(transaction: &NaiveTransaction, values: &BTreeMap<String, u128>) -> Option<Kind> {
    if transaction.coinbase {
        return Some(Kind::Coinbase);
    }
    let known = |input| values.contains_key(&spent_name(input));
    (!transaction.inputs.iter().all(known)).then_some(Kind::Horizon)
}

fn transactions_back_to_front(chain: &NaiveChain) -> impl Iterator<Item = &NaiveTransaction> {
    let blocks = chain.blocks.iter().rev();
    blocks.flat_map(|block| block.transactions.iter().rev())
}

fn back_to_front(chain: &NaiveChain) -> impl Iterator<Item = (&NaiveTransaction, usize)> {
    transactions_back_to_front(chain).flat_map(|transaction| {
        (0..transaction.outputs.len())
            .rev()
            .map(move |index| (transaction, index))
    })
}
