//! Who owns what in the big chain: one number for each address, and how often an address is used again.

use super::Bulk;
use super::script::Place;
use crate::rng::SplitMix64;
use std::collections::BTreeSet;

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Person,
    /// A customer's address at a service.
    Deposit(usize),
    /// A service's own address, one of a few.
    Hot(usize),
    Peel,
    Thief(usize),
    Miner,
    /// Nobody: it carries data.
    Data,
}

impl Owner {
    fn number(self, which: u64) -> u64 {
        let (kind, who) = match self {
            Self::Person => (0, 0),
            Self::Deposit(service) => (1, service),
            Self::Hot(service) => (2, service),
            Self::Peel => (3, 0),
            Self::Thief(thief) => (4, thief),
            Self::Miner => (5, 0),
            Self::Data => (6, 0),
        };
        let who = u64::try_from(who).expect("a small number");
        (kind << 56) | (who << 40) | which
    }
}

/// How many addresses are out there, of all kinds.
#[derive(Debug)]
pub(super) struct People {
    seed: u64,
    addresses_per_cent: u64,
    /// Those of the people, of each service's customers, and of all others who never use one twice.
    people: u64,
    deposits: Vec<u64>,
    others: u64,
    /// Numbers of the few that are used all the time.
    busy: BTreeSet<u64>,
    /// Distinct addresses so far; scripts that are none are left out.
    pub(super) addresses: u64,
}

impl People {
    pub(super) fn new(bulk: &Bulk) -> Self {
        Self {
            seed: bulk.seed,
            addresses_per_cent: bulk.addresses_per_cent,
            people: 0,
            deposits: vec![0; bulk.services],
            others: 0,
            busy: BTreeSet::new(),
            addresses: 0,
        }
    }

    /// An address to pay an owner at; whether it is a new one is left to chance, which sees to it that there are as
    /// many for all `outputs` as there shall be.
    pub(super) fn place(&mut self, owner: Owner, outputs: u64, rng: &mut SplitMix64) -> Place {
        let few = self.addresses * 100 < outputs * self.addresses_per_cent;
        let fresh = rng.chance(if few { 80 } else { 10 }, 100);
        let which = match owner {
            Owner::Person => next(&mut self.people, 1 << 16, fresh, rng),
            Owner::Deposit(service) => next(&mut self.deposits[service], 1 << 12, fresh, rng),
            Owner::Hot(_) => return self.busy(owner.number(rng.below(4))),
            Owner::Miner => return self.busy(owner.number(rng.below(20))),
            Owner::Peel | Owner::Thief(_) => next(&mut self.others, 1, true, rng),
            Owner::Data => return Place::data(owner.number(rng.below(1 << 40))),
        };
        let place = Place::of(self.seed, owner.number(which.number));
        if which.is_new && place.form.has_address() {
            self.addresses += 1;
        }
        place
    }

    fn busy(&mut self, number: u64) -> Place {
        let place = Place::of(self.seed, number);
        if self.busy.insert(number) && place.form.has_address() {
            self.addresses += 1;
        }
        place
    }
}

/// One of a list of addresses that grows.
struct Which {
    number: u64,
    is_new: bool,
}

/// A new one, or one that is there: four times out of five of the latest `recent`.
fn next(count: &mut u64, recent: u64, fresh: bool, rng: &mut SplitMix64) -> Which {
    if fresh || *count == 0 {
        *count += 1;
        return Which {
            number: *count - 1,
            is_new: true,
        };
    }
    let among = if rng.chance(4, 5) { recent } else { u64::MAX };
    Which {
        number: *count - 1 - rng.below(among.min(*count)),
        is_new: false,
    }
}
