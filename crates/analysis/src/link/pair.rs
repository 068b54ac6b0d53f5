//! Two thefts: what they share, what each of it weighs, and what speaks against it.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, ChainView, TxIx};

use super::deployer::{Callers, Deployed};
use super::funder::{Funding, shared};
use super::ground::Ground;
use super::habit::{Habit, Payments, Strangers};
use super::open::Surroundings;
use super::pattern::{Forms, Patterns};
use super::reach::{Place, Reach, met};
use super::reading::reading;
use super::result::{Counter, Evidence, Link};
use super::signed::{Signed, together};
use super::users::Users;
use super::weigh::{self, PROBABLE};
use crate::trace::{Knowledge, KnownService};

/// No more rows of a kind than these are listed; the weightiest are.
const ROWS_MAX: usize = 20;
/// No more transactions of a row.
const TRANSACTIONS_MAX: usize = 12;

/// A theft, as pairs are made of it.
pub(super) struct Theft {
    pub id: String,
    pub reach: Reach,
    pub funding: Funding,
    /// Who called for it.
    pub callers: Callers,
    /// What its own accounts paid, and of which form that was.
    pub payments: Payments,
    pub patterns: Patterns,
    /// What its own addresses sign together with others.
    pub signed: Signed,
    /// Services that its money was paid to, by name and category: where, and by which transaction first.
    pub served: BTreeMap<(String, String), (AddressIx, TxIx)>,
}

/// What two thefts may share, found without looking at every pair.
#[derive(Default)]
pub(super) struct Shared {
    /// Places that money of both came to, in order.
    pub places: Vec<AddressIx>,
    /// Who paid gas for accounts of both, or is an account of one and paid for the other.
    pub funders: Vec<AddressIx>,
    /// Who deployed contracts of both, or of one and is an account of the other.
    pub deployers: Vec<AddressIx>,
    /// Transactions that addresses of both sign.
    pub signed: Vec<TxIx>,
}

/// A row of evidence before it is counted.
pub(super) struct Found {
    pub address: Option<AddressIx>,
    pub kind: &'static str,
    pub weight: u64,
    pub unrelated: Users,
    pub what: String,
    pub falsified_by: String,
    pub by: Vec<TxIx>,
    /// Which fact it rests on.
    pub fact: usize,
}

/// A pair and its surroundings.
pub(super) struct Pair<'p, 'a, G> {
    pub around: &'p mut Surroundings<'a, G>,
    pub known: &'p Knowledge,
    pub one: &'p Theft,
    pub other: &'p Theft,
    pub deployed: &'p Deployed,
    /// Whom habits are held against.
    pub strangers: &'p Strangers,
    pub forms: &'p Forms,
    /// Claims that say whose a place is that is told of.
    pub claims: &'p mut BTreeSet<String>,
}

impl<G: Ground> Pair<'_, '_, G> {
    /// The link between two thefts, from what they may share.
    pub fn link(mut self, shared: &Shared) -> Link {
        let places = &shared.places[..];
        let facts = self.facts(places);
        let (mut found, mut counter) = (Vec::new(), Vec::new());
        for (place, fact) in places.iter().zip(&facts) {
            let row = self.place(*place, *fact);
            counter.extend(self.public_place(*place, &row));
            found.extend((row.weight > 0).then_some(row));
        }
        let next = facts.iter().max().map_or(0, |last| last + 1);
        self.funders(shared, next, &mut found, &mut counter);
        self.signed((shared, &facts), next + 1, &mut found, &mut counter);
        // Who paid for gas of both and deployed contracts of both is one account all the same.
        let purses = found.iter().filter(|row| row.kind == "shared-funder");
        let purses: BTreeSet<AddressIx> = purses.filter_map(|row| row.address).collect();
        let fact = match shared.deployers.iter().any(|of| purses.contains(of)) {
            true => next,
            false => next + 2,
        };
        let deployers = (&shared.deployers[..], places);
        self.deployers(deployers, fact, &mut found, &mut counter);
        self.habits(places, next + 3, &mut found, &mut counter);
        counter.extend(self.services());
        self.weigh(found, counter)
    }

    /// Which places are one fact: those that the money of either theft went between.
    fn facts(&self, places: &[AddressIx]) -> Vec<usize> {
        let mut parent: Vec<usize> = (0..places.len()).collect();
        for (row, place) in places.iter().enumerate() {
            for theft in [self.one, self.other] {
                for step in theft.reach.by_payer.get(place).into_iter().flatten() {
                    let to = theft.reach.steps[*step].to;
                    if let Some(next) = to.and_then(|to| places.binary_search(&to).ok()) {
                        let (a, b) = (root(&mut parent, row), root(&mut parent, next));
                        parent[a.max(b)] = a.min(b);
                    }
                }
            }
        }
        (0..places.len())
            .map(|row| root(&mut parent, row))
            .collect()
    }

    /// What one place says.
    fn place(&mut self, address: AddressIx, fact: usize) -> Found {
        let (a, b) = (
            &self.one.reach.places[&address],
            &self.other.reach.places[&address],
        );
        let passed = a.passed.max(b.passed);
        let unrelated = passed.max(self.around.open(address));
        let shown = self.shown(address);
        let is_theft = a.is_start && b.is_start;
        let service = self.deposit_of(address);
        let together = met(
            &self.one.reach.presence(address),
            &self.other.reach.presence(address),
        );
        let reading = reading::<G>(&shown, is_theft, service.as_deref(), together.is_some());
        let base = if is_theft {
            weigh::SAME_THEFT_ADDRESS
        } else {
            weigh::SHARED_PLACE
        };
        let less = self
            .one
            .reach
            .less(a)
            .max(self.other.reach.less(b))
            .saturating_sub(reading.free);
        // Half of what a place received may be somebody else's without a word.
        let diluted = self
            .around
            .dilution(address)
            .unwrap_or(u64::MAX)
            .saturating_sub(100);
        let weight = unrelated
            .weight(base)
            .saturating_sub(less)
            .saturating_sub(diluted.saturating_mul(weigh::PER_DOUBLING) / 100);
        Found {
            address: Some(address),
            kind: reading.kind,
            weight,
            unrelated,
            what: reading.what,
            falsified_by: reading.falsified_by,
            by: first_of(a, b, together),
            fact,
        }
    }

    /// A place that weighs little because others use it too.
    fn public_place(&mut self, address: AddressIx, row: &Found) -> Option<Counter> {
        let open = self.around.open(address);
        // Behind a public place everything is public, and says nothing more.
        let is_gate = open >= row.unrelated && open.weight(weigh::SHARED_PLACE) < PROBABLE;
        is_gate.then(|| Counter {
            kind: "popular",
            what: open.told(&self.shown(address)),
            address: Some(self.shown(address)),
            base_rate: open.count(),
            transactions: self.ids(&row.by),
        })
    }

    fn funders(
        &mut self,
        all: &Shared,
        fact: usize,
        found: &mut Vec<Found>,
        counter: &mut Vec<Counter>,
    ) {
        let places = &all.places[..];
        let funders = (&all.funders[..], places);
        for (funder, by) in shared(&self.one.funding, &self.other.funding, funders) {
            if places.binary_search(&funder).is_ok() {
                // What lies there is a fact already.
                continue;
            }
            let shown = self.shown(funder);
            if let Some((name, category)) = self.named(funder) {
                counter.push(Counter {
                    kind: "service",
                    what: format!(
                        "{shown}, which paid gas for accounts of both, is {name} ({category})"
                    ),
                    address: Some(shown),
                    base_rate: None,
                    transactions: self.ids(&by),
                });
                continue;
            }
            let purse = self.around.purse(funder);
            let mut unrelated = purse.users;
            let less = self.taken_less(funder);
            if less.is_some() {
                unrelated = unrelated.max(self.around.open(funder));
            }
            let weight = unrelated
                .weight(weigh::SHARED_FUNDER)
                .saturating_sub(less.unwrap_or(0).saturating_sub(weigh::SHARE_FREE));
            if !unrelated.is_private() {
                let (kind, how) = purse.payout(&by);
                counter.push(Counter {
                    kind,
                    what: unrelated.told_of_gas(&shown, how),
                    address: Some(shown.clone()),
                    base_rate: unrelated.count(),
                    transactions: self.ids(&by),
                });
            }
            let what = match less.is_some() {
                true => format!(
                    "{shown}, where money of one theft lay, paid gas for an account of the other"
                ),
                false => format!("{shown} paid the first gas of accounts of both"),
            };
            found.extend((weight > 0).then_some(Found {
                address: Some(funder),
                kind: "shared-funder",
                weight,
                unrelated,
                what,
                falsified_by: format!(
                    "{shown} pays gas for anybody: a faucet, a seller of gas, a service"
                ),
                by,
                fact,
            }));
        }
    }

    /// Of a funder that is an account of one of them: how much less than all of that theft it took. As far as that was
    /// enough it is his.
    fn taken_less(&self, funder: AddressIx) -> Option<u64> {
        let less = [self.one, self.other].map(|theft| {
            let place = theft.reach.places.get(&funder);
            let own = place.filter(|_| theft.funding.own.contains(&funder));
            own.map(|place| theft.reach.less(place))
        });
        less.into_iter().flatten().max()
    }

    /// Transactions that addresses of both sign.
    fn signed(
        &mut self,
        (shared, facts): (&Shared, &[usize]),
        fact: usize,
        found: &mut Vec<Found>,
        counter: &mut Vec<Counter>,
    ) {
        let signed = [&self.one.signed, &self.other.signed];
        for (tx, [a, b]) in together(signed, &shared.signed) {
            let [a_shown, b_shown] = [a, b].map(|address| self.shown(address));
            if let Some(make) = self.around.ground.mixing(tx) {
                counter.push(Counter {
                    kind: "coinjoin",
                    what: format!(
                        "{a_shown} and {b_shown} sign one transaction, which is a CoinJoin ({make})"
                    ),
                    address: None,
                    base_rate: None,
                    transactions: self.ids(&[tx]),
                });
                continue;
            }
            let signers = self.around.ground.signers(tx).into_iter();
            let others = signers.filter(|signer| {
                let is_theirs = |theft: &Theft| theft.reach.places.contains_key(signer);
                !is_theirs(self.one) && !is_theirs(self.other)
            });
            let others = u64::try_from(others.count()).expect("counted in memory");
            let unrelated = Users::Counted(others);
            let is_spent = |theft: &Theft, address: AddressIx| {
                let paid = theft.reach.by_payer.get(&address).into_iter().flatten();
                paid.into_iter().any(|row| theft.reach.steps[*row].tx == tx)
            };
            let kind = match is_spent(self.one, a) && is_spent(self.other, b) {
                true => "commingling",
                false => "cluster",
            };
            // Where the transaction brought money of either to a place that money of both came to, that place rests on it.
            let brought =
                |theft: &Theft, place: &AddressIx| theft.reach.places[place].by.contains(&tx);
            let is_paid =
                |place: &AddressIx| brought(self.one, place) || brought(self.other, place);
            let row = shared.places.iter().position(is_paid);
            let fact = row.map_or(fact, |row| facts[row]);
            let less = self.signed_less(tx).saturating_sub(weigh::SHARE_FREE);
            let weight = unrelated.weight(weigh::SHARED_PLACE).saturating_sub(less);
            found.extend((weight > 0).then(|| Found {
                address: Some(a),
                kind,
                weight,
                unrelated,
                what: format!("{a_shown} and {b_shown} sign one transaction: one hand has the keys of both"),
                falsified_by: "a service signed for both, or several hands signed together without being a CoinJoin that is known".to_owned(),
                by: vec![tx],
                fact,
            }));
        }
    }

    /// Whether own accounts of both pay at like hours, and alike.
    fn habits(
        &self,
        places: &[AddressIx],
        fact: usize,
        found: &mut Vec<Found>,
        counter: &mut Vec<Counter>,
    ) {
        let habit = |theft: &Theft| Habit::without(&theft.payments, places);
        if let (Some(one), Some(other)) = (habit(self.one), habit(self.other)) {
            self.timing([&one, &other], fact, found, counter);
            if G::POOLS {
                self.fingerprint([&one, &other], fact + 1, found, counter);
            }
        }
        found.extend(self.forms(places, fact + 1));
    }

    /// How much less than all of a theft came to its addresses that sign a transaction, of the theft of which that is more:
    /// somebody whom two thieves paid in passing spends what he got together, too.
    fn signed_less(&self, tx: TxIx) -> u64 {
        let of = |theft: &Theft| {
            let mut all = Place::default();
            for address in theft.signed.get(&tx).into_iter().flatten() {
                for (asset, amount) in &theft.reach.places[address].arrived {
                    let sum = all.arrived.entry(*asset).or_default();
                    *sum = sum.saturating_add(*amount);
                }
            }
            theft.reach.less(&all)
        };
        of(self.one).max(of(self.other))
    }

    /// Services that both paid: they never link.
    fn services(&mut self) -> Vec<Counter> {
        let mut found = Vec::new();
        for (named, (_, first)) in &self.one.served {
            let Some((address, tx)) = self.other.served.get(named) else {
                continue;
            };
            let (name, category) = named;
            self.named(*address);
            found.push(Counter {
                kind: match category.as_str() {
                    "bridge" | "defi_bridge" => "bridge",
                    _ => "service",
                },
                what: format!("money of both went to {name} ({category}), where everybody's goes"),
                address: Some(self.shown(*address)),
                base_rate: None,
                transactions: self.ids(&[*first, *tx]),
            });
        }
        found
    }

    /// Counts every fact once, by its weightiest row.
    fn weigh(&self, mut found: Vec<Found>, mut counter: Vec<Counter>) -> Link {
        let key = |row: &Found| {
            (
                std::cmp::Reverse(row.weight),
                row.kind,
                row.address.map(|address| self.shown(address)),
            )
        };
        found.sort_by_cached_key(key);
        let mut facts: Vec<usize> = Vec::new();
        let (mut weights, mut evidence, mut falsified_by) = (Vec::new(), Vec::new(), Vec::new());
        for row in &found {
            let known = facts.iter().position(|fact| *fact == row.fact);
            let fact = known.unwrap_or(facts.len());
            if known.is_none() {
                facts.push(row.fact);
                weights.push(row.weight);
                falsified_by.push(row.falsified_by.clone());
            }
            evidence.push(Evidence {
                kind: row.kind,
                what: row.what.clone(),
                address: row.address.map(|address| self.shown(address)),
                transactions: self.ids(&row.by),
                base_rate: row.unrelated.count().expect("what weighs was counted"),
                weight: row.weight,
                fact: fact + 1,
                counted: known.is_none(),
            });
        }
        counter.sort();
        counter.dedup();
        let strength = weigh::strength(&weights);
        let (evidence_count, counter_count) = (evidence.len(), counter.len());
        evidence.truncate(ROWS_MAX);
        counter.truncate(ROWS_MAX);
        Link {
            a: self.one.id.clone(),
            b: self.other.id.clone(),
            strength,
            verdict: weigh::verdict(strength),
            facts: facts.len(),
            evidence,
            evidence_count,
            counter_evidence: counter,
            counter_count,
            falsified_by,
        }
    }

    /// As whose service an address is known, with its category, by a claim that the link rests on then.
    pub(super) fn named(&mut self, address: AddressIx) -> Option<(String, String)> {
        let service = service(self.around.ground.view(), self.known, address)?;
        self.claims.insert(service.claim.clone());
        Some((service.name.clone(), service.category.clone()))
    }

    pub(super) fn shown(&self, address: AddressIx) -> String {
        let view = self.around.ground.view();
        view.address(address).display(view.chain())
    }

    pub(super) fn ids(&self, transactions: &[TxIx]) -> Vec<String> {
        let transactions: BTreeSet<TxIx> = transactions.iter().copied().collect();
        let ids = transactions.into_iter().take(TRANSACTIONS_MAX);
        ids.map(|tx| self.around.ground.view().transaction_id(tx).to_string())
            .collect()
    }
}

/// As whose service an address is known.
pub(super) fn service<'k>(
    view: &impl ChainView,
    known: &'k Knowledge,
    address: AddressIx,
) -> Option<&'k KnownService> {
    known.services.get(&*view.address(address))?.first()
}

/// The first transactions that brought money of each, and the one after which both lay there.
fn first_of(a: &Place, b: &Place, together: Option<TxIx>) -> Vec<TxIx> {
    let some = TRANSACTIONS_MAX / 2 - 1;
    let of = |place: &Place| place.by.iter().copied().take(some).collect::<Vec<_>>();
    let mut by = of(a);
    by.extend(of(b));
    by.extend(together);
    by
}

fn root(parent: &mut [usize], mut row: usize) -> usize {
    while parent[row] != row {
        parent[row] = parent[parent[row]];
        row = parent[row];
    }
    row
}
