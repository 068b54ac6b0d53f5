//! A component: all that a clustering could join to some addresses, found from them without looking at the rest of the
//! chain.
//!
//! It follows every link, those that might be refused or were struck among them, so nothing outside a component bears on
//! what is joined inside, and clusters are then found [`within`](super::within) it alone. The cost grows with the
//! component, not with the chain; that is also all that striking a link costs.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::change::Rules;
use super::links::{Constraints, Joined, Rule, transactions_of};

/// Addresses that links connect, refused and struck ones too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Its addresses, in order.
    pub addresses: Vec<AddressIx>,
    /// The transactions that link them, and CoinJoins that would have, in chain order.
    pub transactions: Vec<TxIx>,
    /// Whether it has more addresses than were asked for; then these are not all.
    pub is_cut: bool,
}

/// What links connect to some addresses, so many addresses at the most.
#[must_use]
pub fn component<V: UtxoView>(
    view: &V,
    rules: &Rules,
    said: &Constraints,
    seeds: &[AddressIx],
    most: usize,
) -> Component {
    let mut claims: BTreeMap<AddressIx, Vec<AddressIx>> = BTreeMap::new();
    for claimed in &said.same {
        claims.entry(claimed.a).or_default().push(claimed.b);
        claims.entry(claimed.b).or_default().push(claimed.a);
    }
    let nothing = BTreeSet::new();
    let mut found = Component::default();
    let mut is_inside = vec![false; view.address_count()];
    let mut is_seen = vec![false; view.transaction_count()];
    let mut open: Vec<AddressIx> = Vec::new();
    let mut reached: Vec<AddressIx> = seeds.to_vec();
    loop {
        for address in reached.drain(..) {
            if is_inside[address.row()] {
                continue;
            }
            if found.addresses.len() >= most {
                found.is_cut = true;
                continue;
            }
            is_inside[address.row()] = true;
            found.addresses.push(address);
            open.push(address);
        }
        let Some(next) = open.pop() else {
            break;
        };
        reached.extend(claims.get(&next).into_iter().flatten());
        for tx in transactions_of(view, rules, next) {
            if std::mem::replace(&mut is_seen[tx.row()], true) {
                continue;
            }
            let joined = Joined::of(view, rules, &nothing, tx);
            if joined.is_link() || joined.mixing.is_some() {
                found.transactions.push(tx);
            }
            if joined.is_link() {
                reached.extend(joined.payers);
                reached.extend(joined.change.map(|(change, _)| change));
            }
        }
    }
    found.addresses.sort_unstable();
    found.transactions.sort_unstable();
    found
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
