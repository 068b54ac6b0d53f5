//! The clustering of a whole chain, in one pass in chain order.

use std::collections::BTreeMap;

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::change::Rules;
use super::forest::Forest;
use super::links::{Claimed, Constraints, Joined, Rule, all_transactions, payers};
use crate::demix::Make;

/// Clusters of all addresses of a view.
#[derive(Clone, Debug)]
pub struct Clusters {
    /// The lowest address of each address's cluster: it names the cluster.
    lowest: Vec<u32>,
    /// CoinJoins that were left out, in chain order. Only those that would have joined something.
    pub excluded: Vec<(TxIx, Make)>,
    /// Links that were refused, in chain order, claims first.
    pub refused: Vec<Refused>,
}

/// A link that was refused, for somebody to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The transaction, unless it is a claim.
    pub transaction: Option<TxIx>,
    /// By what rule.
    pub rule: Rule,
    /// The two addresses that it would have joined. Of a transaction's payers the first one is joined to each other.
    pub link: (AddressIx, AddressIx),
    /// The lowest address of the cluster of either, as it was then.
    pub between: (AddressIx, AddressIx),
    /// Why.
    pub why: Why,
}

/// Why a link was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Both sides have more addresses than the guard allows: so many.
    Large(usize, usize),
    /// Both sides are services, which are called so.
    Services(String, String),
    /// This claim says that two of their addresses are not in one hand.
    NotSame(String),
}

impl Clusters {
    /// The cluster of an address, named by its lowest address.
    #[must_use]
    pub fn of(&self, address: AddressIx) -> AddressIx {
        AddressIx(self.lowest[address.row()])
    }

    /// The lowest address of each address's cluster, in the order of addresses.
    #[must_use]
    pub fn lowest(&self) -> &[u32] {
        &self.lowest
    }

    /// All addresses of a cluster, in order.
    #[must_use]
    pub fn members(&self, cluster: AddressIx) -> Vec<AddressIx> {
        let all = (0..).zip(&self.lowest);
        let mine = all.filter(|(_, lowest)| **lowest == cluster.0);
        mine.map(|(id, _)| AddressIx(id)).collect()
    }
}

/// Clusters all addresses of a view.
#[must_use]
pub fn cluster<V: UtxoView>(view: &V, rules: &Rules, said: &Constraints) -> Clusters {
    if rules.change.is_empty() && said.is_empty() {
        return plain(view, rules);
    }
    let mut guarded = Guarded::new(view.address_count(), rules, said);
    for claimed in &said.same {
        let between = (claimed.a, claimed.b);
        guarded.join(None, Rule::Claim, between);
    }
    let mut excluded = Vec::new();
    for tx in all_transactions(view) {
        let joined = Joined::of(view, rules, &said.struck, tx);
        if let Some(make) = joined.mixing {
            excluded.push((tx, make));
        }
        if let Some((first, rest)) = joined.payers.split_first() {
            for other in rest {
                guarded.join(Some(tx), Rule::MultiInput, (*first, *other));
            }
            if let Some((change, rule)) = joined.change {
                guarded.join(Some(tx), Rule::Change(rule), (*first, change));
            }
        }
    }
    Clusters {
        lowest: guarded.forest.flatten(),
        excluded,
        refused: guarded.refused,
    }
}

/// Without guard or claims there is nothing to ask before two sets are joined.
fn plain<V: UtxoView>(view: &V, rules: &Rules) -> Clusters {
    let mut forest = Forest::new(view.address_count());
    let mut excluded = Vec::new();
    let mut owners = Vec::new();
    for tx in all_transactions(view) {
        if view.is_coinbase(tx) || view.inputs(tx).len() < 2 {
            continue;
        }
        payers(view, tx, &mut owners);
        let Some((first, rest)) = owners.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            continue;
        };
        let mixing = if rules.skip_coinjoin {
            crate::demix::coinjoin(view, tx)
        } else {
            None
        };
        if let Some(found) = mixing {
            excluded.push((tx, found.make));
            continue;
        }
        for other in rest {
            forest.join(first.0, other.0);
        }
    }
    Clusters {
        lowest: forest.flatten(),
        excluded,
        refused: Vec::new(),
    }
}

/// A forest whose joins are asked for.
struct Guarded<'a> {
    forest: Forest,
    large: usize,
    sizes: Vec<u32>,
    /// What a set's service is called, by its lowest address.
    services: BTreeMap<u32, &'a str>,
    /// Sets that are not in one hand, by the lowest address of either.
    apart: BTreeMap<u32, Vec<&'a Claimed>>,
    refused: Vec<Refused>,
}

impl<'a> Guarded<'a> {
    fn new(count: usize, rules: &Rules, said: &'a Constraints) -> Self {
        let mut apart: BTreeMap<u32, Vec<&Claimed>> = BTreeMap::new();
        for claimed in &said.not_same {
            apart.entry(claimed.a.0).or_default().push(claimed);
            apart.entry(claimed.b.0).or_default().push(claimed);
        }
        let services = said.services.iter();
        Self {
            forest: Forest::new(count),
            large: rules.large,
            sizes: vec![1; count],
            services: services
                .map(|(address, name)| (address.0, name.as_str()))
                .collect(),
            apart,
            refused: Vec::new(),
        }
    }

    fn join(&mut self, transaction: Option<TxIx>, rule: Rule, link: (AddressIx, AddressIx)) {
        let (a, b) = (self.forest.find(link.0.0), self.forest.find(link.1.0));
        if a == b {
            return;
        }
        if let Some(why) = self.why_not(rule, a, b) {
            self.refused.push(Refused {
                transaction,
                rule,
                link,
                between: (AddressIx(a), AddressIx(b)),
                why,
            });
            return;
        }
        let (low, Some(high)) = self.forest.join(a, b) else {
            return;
        };
        let gone = self.sizes[high as usize];
        self.sizes[low as usize] += gone;
        if let Some(name) = self.services.remove(&high) {
            self.services.entry(low).or_insert(name);
        }
        if let Some(claims) = self.apart.remove(&high) {
            self.apart.entry(low).or_default().extend(claims);
        }
    }

    fn why_not(&mut self, rule: Rule, a: u32, b: u32) -> Option<Why> {
        let (one, other) = (self.services.get(&a), self.services.get(&b));
        if let (Some(one), Some(other)) = (one, other)
            && one != other
        {
            return Some(Why::Services((*one).to_owned(), (*other).to_owned()));
        }
        for claimed in self.apart.get(&a).cloned().unwrap_or_default() {
            let ends = (self.forest.find(claimed.a.0), self.forest.find(claimed.b.0));
            if ends == (a, b) || ends == (b, a) {
                return Some(Why::NotSame(claimed.claim.clone()));
            }
        }
        let size = |id: u32| self.sizes[id as usize] as usize;
        let (one, other) = (size(a), size(b));
        let is_large = rule != Rule::MultiInput && one > self.large && other > self.large;
        is_large.then_some(Why::Large(one, other))
    }
}
