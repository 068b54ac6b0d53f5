//! The cluster around one address, without looking at the rest of the chain.
//!
//! Where nothing can be refused (no claim and no guess is asked for), an address's cluster is what can be reached from it
//! by links. So the cost grows with the cluster, not with the chain, and the answer equals that of the whole pass.

use std::collections::BTreeSet;

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::change::Rules;
use super::links::{Constraints, Joined, Rule, transactions_of};
use crate::demix::Make;

/// A cluster, found from one of its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Its addresses, in order; the first names it.
    pub addresses: Vec<AddressIx>,
    /// The transactions that join it, in chain order.
    pub transactions: Vec<TxIx>,
    /// CoinJoins of its addresses, which join nothing, in chain order.
    pub excluded: Vec<(TxIx, Make)>,
    /// Whether it has more addresses than were asked for; then these are not all.
    pub is_cut: bool,
}

/// The multi-input cluster around an address, of so many addresses at the most.
#[must_use]
pub fn around<V: UtxoView>(
    view: &V,
    skip_coinjoin: bool,
    address: AddressIx,
    most: usize,
) -> Component {
    let rules = Rules {
        skip_coinjoin,
        ..Rules::default()
    };
    let nothing = BTreeSet::new();
    let mut addresses = BTreeSet::from([address]);
    let mut seen = BTreeSet::new();
    let mut transactions = BTreeSet::new();
    let mut excluded = BTreeSet::new();
    let mut open = vec![address];
    let mut is_cut = false;
    while let Some(next) = open.pop() {
        for tx in transactions_of(view, &rules, next) {
            if !seen.insert(tx) {
                continue;
            }
            let joined = Joined::of(view, &rules, &nothing, tx);
            if let Some(make) = joined.mixing {
                excluded.insert((tx, make));
            }
            if !joined.is_link() {
                continue;
            }
            transactions.insert(tx);
            for payer in joined.payers {
                if addresses.len() >= most && !addresses.contains(&payer) {
                    is_cut = true;
                } else if addresses.insert(payer) {
                    open.push(payer);
                }
            }
        }
    }
    Component {
        addresses: addresses.into_iter().collect(),
        transactions: transactions.into_iter().collect(),
        excluded: excluded.into_iter().collect(),
        is_cut,
    }
}

/// The links among the addresses of one cluster, each transaction and rule once, in chain order.
#[must_use]
pub fn links_of<V: UtxoView>(
    view: &V,
    rules: &Rules,
    said: &Constraints,
    addresses: &[AddressIx],
) -> BTreeSet<(TxIx, Rule)> {
    let mut links = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let is_inside = |address: &AddressIx| addresses.binary_search(address).is_ok();
    for address in addresses {
        for tx in transactions_of(view, rules, *address) {
            if !seen.insert(tx) {
                continue;
            }
            let joined = Joined::of(view, rules, &said.struck, tx);
            let inside = joined
                .payers
                .iter()
                .filter(|payer| is_inside(payer))
                .count();
            if inside > 1 {
                links.insert((tx, Rule::MultiInput));
            }
            let change = joined
                .change
                .filter(|(change, _)| inside > 0 && is_inside(change));
            links.extend(change.map(|(_, rule)| (tx, Rule::Change(rule))));
        }
    }
    links
}
