//! Forward over a chain of outputs, front to back (laws 3, 4, 7, 8 and 12).
//!
//! Every output of the chain is kept as a list of segments from its making to its spending, tainted or not.

use super::{Ledger, NaiveChain, NaiveTransaction, Origin, spent_name};
use crate::naive::money::{Label, Money};
use crate::naive::{Kind, Policy};
use std::collections::BTreeMap;

/// The outputs that nobody has spent yet, by name.
type Unspent = BTreeMap<String, Money>;

/// Walks the chain.
pub(super) fn run(chain: &NaiveChain, origins: &[Origin], policy: Policy, ledger: &mut Ledger) {
    let mut unspent = Unspent::new();
    for block in &chain.blocks {
        for transaction in &block.transactions {
            let outputs = pass(transaction, policy, &mut unspent, ledger);
            for (index, mut money) in outputs.into_iter().enumerate() {
                claim(&mut money, transaction, index, origins, ledger);
                let name = transaction.output_name(index);
                let address = transaction.outputs[index].address.as_ref();
                if address.is_some_and(|address| chain.services.contains(address)) {
                    ledger.end_all(Kind::Service, &name, &money.taint());
                    money = Money::new(policy, Label::Clean, money.amount());
                }
                unspent.insert(name, money);
            }
        }
    }
    for (name, money) in &unspent {
        ledger.end_all(Kind::Unspent, name, &money.taint());
    }
}

/// What the outputs of a transaction get from its inputs.
fn pass(
    transaction: &NaiveTransaction,
    policy: Policy,
    unspent: &mut Unspent,
    ledger: &mut Ledger,
) -> Vec<Money> {
    let values: Vec<u128> = transaction
        .outputs
        .iter()
        .map(|output| output.value)
        .collect();
    if transaction.coinbase {
        // Law 8: coinbase credits are clean.
        return clean(policy, &values);
    }
    let mut inputs = Vec::new();
    let mut all_known = true;
    for input in &transaction.inputs {
        let name = spent_name(input);
        match unspent.remove(&name) {
            Some(money) => inputs.push((name, money)),
            None => all_known = false,
        }
    }
    if !all_known && policy != Policy::Poison {
        // Law 7: how the inputs mixed cannot be said, so what was tainted was last seen here.
        for (name, money) in &inputs {
            ledger.end_all(Kind::Horizon, name, &money.taint());
        }
        return clean(policy, &values);
    }
    let mut pool = Money::none(policy);
    for (_, money) in inputs {
        pool.append(money);
    }
    let mut slots = values;
    if all_known {
        let out: u128 = slots.iter().sum();
        let fee = pool
            .amount()
            .checked_sub(out)
            .expect("a transaction pays out more than it has");
        slots.push(fee);
    }
    let mut parts = split(pool, &slots, policy);
    if all_known {
        let fee = parts.pop().expect("the fee is the last slot");
        ledger.end_all(Kind::Fee, &transaction.txid, &fee.taint());
    }
    parts
}

/// All of a pool over the slots: the outputs in their order, then the fee (law 3).
fn split(mut pool: Money, slots: &[u128], policy: Policy) -> Vec<Money> {
    match policy {
        Policy::Haircut => pool.proportional(slots),
        Policy::Fifo | Policy::Lifo => slots.iter().map(|slot| pool.take(policy, *slot)).collect(),
        Policy::Tiho => {
            let fee = slots.len() - 1;
            let mut order: Vec<usize> = (0..fee).collect();
            order.sort_by(|a, b| slots[*b].cmp(&slots[*a]).then(a.cmp(b)));
            order.push(fee);
            let mut parts = vec![Money::none(policy); slots.len()];
            for slot in order {
                parts[slot] = pool.take(policy, slots[slot]);
            }
            parts
        }
        Policy::Poison => {
            let mut parts = Vec::new();
            for slot in slots {
                // Whatever the pool reaches, whole; of an unknown input the amount is not known either.
                let mut source = pool.clone();
                source.append(Money::new(policy, Label::Clean, *slot));
                parts.push(source.take(policy, *slot));
            }
            parts
        }
    }
}

/// The first origin that names an output claims what is not labelled yet (law 1).
fn claim(
    money: &mut Money,
    transaction: &NaiveTransaction,
    index: usize,
    origins: &[Origin],
    ledger: &mut Ledger,
) {
    for (label, origin) in origins.iter().enumerate() {
        if origin.names(transaction, index) {
            ledger.claimed[label] += money.claim(label);
        }
    }
}

/// Outputs without taint.
fn clean(policy: Policy, values: &[u128]) -> Vec<Money> {
    let output = |value: &u128| Money::new(policy, Label::Clean, *value);
    values.iter().map(output).collect()
}
