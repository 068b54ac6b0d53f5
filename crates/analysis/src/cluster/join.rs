//! The clustering of a whole chain, or of a component of it: signatures, then claims, then guesses, each in its order.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::change::Rules;
use super::forest::Forest;
use super::links::{Constraints, Joined, Rule, Service, all_transactions, payers};
use super::local::Component;
use super::table::Table;
use super::whole;
use crate::demix::Make;

/// Clusters of all addresses of a view, or of some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clusters {
    /// The addresses that it is about, in order; none: all of the view.
    within: Option<Vec<AddressIx>>,
    /// The place of the lowest address of each address's cluster: it names the cluster.
    lowest: Table,
    /// CoinJoins that were left out, in chain order. Only those that would have joined something.
    pub excluded: Vec<(TxIx, Make)>,
    /// Links that were refused: signatures in chain order, then claims, then guesses in chain order.
    pub refused: Vec<Refused>,
    unions: Unions,
}

/// Links that joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unions {
    /// They were not asked for.
    Dropped,
    /// Multi-input alone, of whole chains: the transaction, and the payer who was in another set than its first payer. They
    /// are many, so they are kept short.
    MultiInput(Vec<(TxIx, AddressIx)>),
    /// By any rule.
    Any(Vec<Union>),
}

/// A link that joined two sets which nothing before it had joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Union {
    /// The two addresses. Of a transaction's payers the first one is joined to each other.
    pub link: (AddressIx, AddressIx),
    /// The transaction, unless it is a claim.
    pub transaction: Option<TxIx>,
    /// By what rule.
    pub rule: Rule,
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
    /// The second address signs with these two, which are not in one hand: it could be either's.
    Torn(AddressIx, AddressIx),
}

impl Clusters {
    pub(super) fn new(
        within: Option<Vec<AddressIx>>,
        lowest: Table,
        excluded: Vec<(TxIx, Make)>,
    ) -> Self {
        Self {
            within,
            lowest,
            excluded,
            refused: Vec::new(),
            unions: Unions::Dropped,
        }
    }

    pub(super) fn with_unions(self, unions: Unions) -> Self {
        Self { unions, ..self }
    }

    /// The links that joined: signatures in chain order, then claims, then guesses in chain order. Of each cluster one less
    /// than it has addresses, so that they prove it and none is more than is needed. None where they were not asked for.
    pub fn unions<V: UtxoView>(&self, view: &V) -> Vec<Union> {
        match &self.unions {
            Unions::Dropped => Vec::new(),
            Unions::Any(unions) => unions.clone(),
            Unions::MultiInput(unions) => {
                let mut owners = Vec::new();
                let union = |(transaction, to): &(TxIx, AddressIx)| {
                    payers(view, *transaction, &mut owners);
                    Union {
                        link: (owners.first().copied().unwrap_or(*to), *to),
                        transaction: Some(*transaction),
                        rule: Rule::MultiInput,
                    }
                };
                unions.iter().map(union).collect()
            }
        }
    }

    /// The cluster of an address, named by its lowest address. Of an address that this is not about, itself.
    #[must_use]
    pub fn of(&self, address: AddressIx) -> AddressIx {
        match place(self.within.as_deref(), address) {
            Some(place) => self.address(self.lowest.at(place)),
            None => address,
        }
    }

    /// All clusters by their lowest address, each with its addresses in order.
    #[must_use]
    pub fn sets(&self) -> BTreeMap<AddressIx, Vec<AddressIx>> {
        let mut sets: BTreeMap<AddressIx, Vec<AddressIx>> = BTreeMap::new();
        for (place, lowest) in (0..).zip(self.lowest.iter()) {
            let of = sets.entry(self.address(lowest)).or_default();
            of.push(self.address(place));
        }
        sets
    }

    /// All addresses of a cluster, in order.
    #[must_use]
    pub fn members(&self, cluster: AddressIx) -> Vec<AddressIx> {
        let all = (0..).zip(self.lowest.iter());
        let mine = all.filter(|(_, lowest)| self.address(*lowest) == cluster);
        mine.map(|(place, _)| self.address(place)).collect()
    }

    fn address(&self, place: u32) -> AddressIx {
        match &self.within {
            Some(within) => within[place as usize],
            None => AddressIx(place),
        }
    }
}

/// Where an address stands among those that a clustering is about.
fn place(within: Option<&[AddressIx]>, address: AddressIx) -> Option<u32> {
    let Some(within) = within else {
        return Some(address.0);
    };
    let place = within.binary_search(&address).ok()?;
    Some(u32::try_from(place).expect("there are fewer addresses than ids"))
}

/// Clusters all addresses of a view.
#[must_use]
pub fn cluster<V: UtxoView>(view: &V, rules: &Rules, said: &Constraints) -> Clusters {
    prove(view, rules, said).with_unions(Unions::Dropped)
}

/// Clusters all addresses of a view, and keeps every union with its transaction and rule.
#[must_use]
pub fn prove<V: UtxoView>(view: &V, rules: &Rules, said: &Constraints) -> Clusters {
    if rules.change.is_empty() && said.is_empty() {
        return whole::proven(view, rules.skip_coinjoin);
    }
    guarded(view, rules, said, None, all_transactions(view))
}

/// Clusters the addresses of a component, looking at nothing else; with every union. It equals what the whole chain says
/// of these addresses: links that reach out of a component there are none, so nothing outside can refuse one inside.
#[must_use]
pub fn within<V: UtxoView>(
    view: &V,
    rules: &Rules,
    said: &Constraints,
    component: &Component,
) -> Clusters {
    let transactions = component.transactions.iter().copied();
    let within = Some(component.addresses.clone());
    guarded(view, rules, said, within, transactions)
}

fn guarded<V: UtxoView>(
    view: &V,
    rules: &Rules,
    said: &Constraints,
    within: Option<Vec<AddressIx>>,
    transactions: impl Iterator<Item = TxIx>,
) -> Clusters {
    let count = within.as_ref().map_or(view.address_count(), Vec::len);
    let mut guarded = Guarded::new(within.as_deref(), count, rules, said);
    let (mut excluded, mut guesses) = (Vec::new(), Vec::new());
    for tx in transactions {
        let joined = Joined::of(view, rules, &said.struck, tx);
        if let Some(make) = joined.mixing {
            excluded.push((tx, make));
        }
        let is_one_hand = guarded.sign(tx, &joined.payers);
        if is_one_hand
            && let (Some(payer), Some((change, rule))) = (joined.payers.first(), joined.change)
        {
            guesses.push((tx, Rule::Change(rule), (*payer, change)));
        }
    }
    // What is known stands before what is said, and what is said before what is guessed: so a guard sees how large
    // clusters are, and nothing weak stands in the way of anything strong.
    for claimed in &said.same {
        guarded.join(None, Rule::Claim, (claimed.a, claimed.b));
    }
    for (tx, rule, link) in guesses {
        guarded.join(Some(tx), rule, link);
    }
    let Guarded {
        forest,
        refused,
        unions,
        ..
    } = guarded;
    let mut clusters = Clusters::new(within, forest.flatten(), excluded);
    clusters.refused = refused;
    clusters.with_unions(Unions::Any(unions))
}

/// A forest whose joins are asked for.
struct Guarded<'a> {
    within: Option<&'a [AddressIx]>,
    forest: Forest,
    large: usize,
    sizes: Vec<u32>,
    /// What a set's services are called, each once, by the place of its lowest address.
    services: BTreeMap<u32, Vec<&'a Service>>,
    /// Sets that are not in one hand, by the place of the lowest address of either.
    apart: BTreeMap<u32, Vec<(u32, u32, &'a str)>>,
    refused: Vec<Refused>,
    unions: Vec<Union>,
}

impl<'a> Guarded<'a> {
    fn new(
        within: Option<&'a [AddressIx]>,
        count: usize,
        rules: &Rules,
        said: &'a Constraints,
    ) -> Self {
        let place = |address| place(within, address);
        let mut apart: BTreeMap<u32, Vec<(u32, u32, &str)>> = BTreeMap::new();
        for claimed in &said.not_same {
            let (Some(a), Some(b)) = (place(claimed.a), place(claimed.b)) else {
                continue;
            };
            let claim = (a, b, claimed.claim.as_str());
            apart.entry(a).or_default().push(claim);
            apart.entry(b).or_default().push(claim);
        }
        let services = said.services.iter();
        Self {
            within,
            forest: Forest::new(count),
            large: rules.large,
            sizes: vec![1; count],
            services: services
                .filter_map(|(address, of)| Some((place(*address)?, of.iter().collect())))
                .collect(),
            apart,
            refused: Vec::new(),
            unions: Vec::new(),
        }
    }

    /// Joins who signs together; whether that is one hand. Where services that are not one, or addresses that are not in one
    /// hand, sign together, each other payer goes to whom alone it fits, and one that fits several is refused.
    fn sign(&mut self, tx: TxIx, payers: &[AddressIx]) -> bool {
        let Some((first, rest)) = payers.split_first() else {
            return false;
        };
        let before = self.refused.len();
        let apart = self.apart_among(payers);
        let [one, others @ ..] = &apart[..] else {
            for other in rest {
                self.join(Some(tx), Rule::MultiInput, (*first, *other));
            }
            return self.refused.len() == before;
        };
        for other in others {
            self.join(Some(tx), Rule::MultiInput, (*one, *other));
        }
        for payer in payers.iter().filter(|payer| !apart.contains(payer)) {
            let mut fitting = apart
                .iter()
                .filter(|one| self.contradiction((**one, *payer)).is_none());
            match (fitting.next(), fitting.next()) {
                (Some(a), Some(b)) => {
                    let why = Why::Torn(*a, *b);
                    let link = (*a, *payer);
                    self.refuse(Some(tx), Rule::MultiInput, link, why);
                }
                // What fits none any more is refused with the first.
                (to, _) => {
                    let link = (*to.unwrap_or(one), *payer);
                    self.join(Some(tx), Rule::MultiInput, link);
                }
            }
        }
        false
    }

    /// Payers of whom each contradicts all others here: the first two that do, and who contradicts them too. Usually there
    /// are none.
    fn apart_among(&self, payers: &[AddressIx]) -> Vec<AddressIx> {
        let told = self.told_of(payers);
        let is_apart = |a: &AddressIx, b: &AddressIx| self.contradiction((*a, *b)).is_some();
        let mut pairs = told.iter().enumerate().flat_map(|(place, a)| {
            let later = told.iter().skip(place + 1);
            later.map(move |b| (*a, *b))
        });
        let Some((a, b)) = pairs.find(|(a, b)| is_apart(a, b)) else {
            return Vec::new();
        };
        let mut apart = vec![a, b];
        for payer in &told {
            if apart.iter().all(|one| one != payer && is_apart(one, payer)) {
                apart.push(*payer);
            }
        }
        apart
    }

    /// Payers of whom something is said that others of them could contradict; of those of whom the same is said, the first.
    fn told_of(&self, payers: &[AddressIx]) -> Vec<AddressIx> {
        let root = |payer: &AddressIx| Some(self.forest.root(place(self.within, *payer)?));
        if self.services.is_empty() && self.apart.is_empty() {
            return Vec::new();
        }
        let roots: BTreeSet<u32> = payers.iter().filter_map(root).collect();
        let mut services: Vec<&Vec<&Service>> = Vec::new();
        let mut told = Vec::new();
        for payer in payers {
            let Some(root) = root(payer) else {
                continue;
            };
            let claims = self.apart.get(&root).into_iter().flatten();
            let mut others =
                claims.flat_map(|(a, b, _)| [self.forest.root(*a), self.forest.root(*b)]);
            let is_claimed = others.any(|other| other != root && roots.contains(&other));
            let of = self.services.get(&root);
            let is_new = of.filter(|of| !services.contains(of));
            services.extend(is_new);
            if is_claimed || is_new.is_some() {
                told.push(*payer);
            }
        }
        told
    }

    /// Why two addresses are not in one hand, if anything says so.
    fn contradiction(&self, link: (AddressIx, AddressIx)) -> Option<Why> {
        let places = (place(self.within, link.0), place(self.within, link.1));
        let (Some(a), Some(b)) = places else {
            return None;
        };
        let (a, b) = (self.forest.root(a), self.forest.root(b));
        if a == b {
            None
        } else {
            self.why_not(Rule::MultiInput, a, b)
        }
    }

    fn join(&mut self, transaction: Option<TxIx>, rule: Rule, link: (AddressIx, AddressIx)) {
        let places = (place(self.within, link.0), place(self.within, link.1));
        let (Some(a), Some(b)) = places else {
            return;
        };
        let (a, b) = (self.forest.find(a), self.forest.find(b));
        if a == b {
            return;
        }
        if let Some(why) = self.why_not(rule, a, b) {
            return self.refuse(transaction, rule, link, why);
        }
        let (low, Some(high)) = self.forest.join(a, b) else {
            return;
        };
        self.unions.push(Union {
            link,
            transaction,
            rule,
        });
        let gone = self.sizes[high as usize];
        self.sizes[low as usize] += gone;
        if let Some(services) = self.services.remove(&high) {
            let known = self.services.entry(low).or_default();
            for service in services {
                if !known.contains(&service) {
                    known.push(service);
                }
            }
        }
        if let Some(claims) = self.apart.remove(&high) {
            self.apart.entry(low).or_default().extend(claims);
        }
    }

    fn refuse(
        &mut self,
        transaction: Option<TxIx>,
        rule: Rule,
        link: (AddressIx, AddressIx),
        why: Why,
    ) {
        let lowest = |address: AddressIx| match place(self.within, address) {
            Some(place) => self.address(self.forest.root(place)),
            None => address,
        };
        let between = (lowest(link.0), lowest(link.1));
        self.refused.push(Refused {
            transaction,
            rule,
            link,
            between,
            why,
        });
    }

    fn address(&self, place: u32) -> AddressIx {
        match self.within {
            Some(within) => within[place as usize],
            None => AddressIx(place),
        }
    }

    fn why_not(&self, rule: Rule, a: u32, b: u32) -> Option<Why> {
        let (one, other) = (self.services.get(&a), self.services.get(&b));
        if let (Some(one), Some(other)) = (one, other)
            && let Some((one, other)) = Service::contradiction(one, other)
        {
            return Some(Why::Services(one.to_owned(), other.to_owned()));
        }
        for (one, other, claim) in self.apart.get(&a).into_iter().flatten() {
            let ends = (self.forest.root(*one), self.forest.root(*other));
            if ends == (a, b) || ends == (b, a) {
                return Some(Why::NotSame((*claim).to_owned()));
            }
        }
        let size = |id: u32| self.sizes[id as usize] as usize;
        let (one, other) = (size(a), size(b));
        let is_large = rule != Rule::MultiInput && one > self.large && other > self.large;
        is_large.then_some(Why::Large(one, other))
    }
}
