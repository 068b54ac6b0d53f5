//! Payments that accounts sign, and what those of strangers look like beside them.
//!
//! Thieves keep office hours, and so do others: how like two thefts are says as much as how few strangers are as like.
//! So the same is asked of a sample of accounts that have nothing to do with the thefts. A profile of few payments is
//! ragged, and nobody is like it; so all that are compared are cut down to the same number of payments.
//!
//! When it fails: where the store holds few strangers who pay often, nothing is weighed ([`STRANGERS_MIN`]).

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, ChainView as _, TxIx};

use super::fingerprint::Manners;
use super::ground::{Flow, Ground, Manner, is_multiple};
use super::open::Surroundings;
use super::pair::{Found, Pair, Theft};
use super::reach::Reach;
use super::result::Counter;
use super::timing::{Clock, clock};
use super::users::Users;
use super::weigh;

/// How many of a profile's payments are compared: as many as all have.
pub(super) const SIZES: [usize; 3] = [48, 24, 12];
/// On so many days a profile's payments lie at the least.
const DAYS_MIN: usize = 4;
/// So many of a theft's own accounts are looked at, those that came first.
const ACCOUNTS_MAX: usize = 1_000;
/// Accounts with more movements are looked at for no habit: they are machines.
const MOVEMENTS_MAX: usize = 10_000;
/// So many addresses of the store are looked at, evenly spread, and so many movements of theirs.
const LOOKED_AT_MAX: usize = 1 << 16;
const MOVEMENTS_ALL_MAX: usize = 500_000;
/// So many strangers are enough.
const STRANGERS_MAX: usize = 1_024;
/// So many payments of each theft are told.
const SHOWN: usize = 4;
/// Beside fewer strangers nothing is weighed.
pub(super) const STRANGERS_MIN: usize = 32;

/// A transaction in which an account paid somebody more than dust, signed by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payment {
    pub tx: TxIx,
    /// Hours since 1970, in UTC.
    pub hour: i64,
    pub manner: Manner,
}

/// What a theft's own accounts paid.
pub(super) type Payments = BTreeMap<AddressIx, Vec<Payment>>;

/// How somebody pays, of enough payments on enough days.
pub(super) struct Habit {
    /// The hours in which it paid, each once, in order.
    hours: Vec<i64>,
    pub manners: Manners,
    /// Its transactions, in order.
    pub by: Vec<TxIx>,
}

impl Habit {
    fn of<'p>(payments: impl Iterator<Item = &'p Payment>) -> Option<Self> {
        let payments: BTreeMap<TxIx, &Payment> =
            payments.map(|payment| (payment.tx, payment)).collect();
        let hours: BTreeSet<i64> = payments.values().map(|payment| payment.hour).collect();
        let days: BTreeSet<i64> = hours.iter().map(|hour| hour.div_euclid(24)).collect();
        let is_enough = hours.len() >= SIZES[2] && days.len() >= DAYS_MIN;
        is_enough.then(|| Self {
            hours: hours.into_iter().collect(),
            manners: Manners::of(payments.values().map(|payment| payment.manner)),
            by: payments.into_keys().collect(),
        })
    }

    /// Of what a theft's own accounts paid, those left out that another theft shares.
    pub fn without(payments: &Payments, shared: &[AddressIx]) -> Option<Self> {
        let own = payments
            .iter()
            .filter(|(account, _)| shared.binary_search(account).is_err());
        Self::of(own.flat_map(|(_, payments)| payments))
    }

    /// So many of its hours as a clock, where it has as many.
    pub fn clock(&self, size: usize) -> Option<Clock> {
        (self.hours.len() >= size).then(|| clock(spread(&self.hours, size)))
    }
}

/// So many of a list, evenly spread over it.
pub(super) fn spread<T: Copy>(all: &[T], size: usize) -> impl Iterator<Item = T> {
    (0..size).map(move |place| all[place * all.len() / size])
}

/// All numbers below this one, so that any first part of them is spread over all: an address that the chain met early is no
/// stranger of its last days.
fn scattered(count: usize) -> impl Iterator<Item = usize> {
    let size = count.next_power_of_two();
    let shift = usize::BITS - size.trailing_zeros();
    let numbers =
        (0..size).map(move |number| number.reverse_bits().checked_shr(shift).unwrap_or(0));
    numbers.filter(move |number| *number < count)
}

/// Strangers whose habits are known.
#[derive(Default)]
pub(super) struct Strangers {
    /// Their clocks, by the places of [`SIZES`].
    clocks: [Vec<Clock>; 3],
    pub manners: Vec<Manners>,
}

impl Strangers {
    /// A sample of the accounts that are no thief's: less than half of what they received was stolen.
    pub fn of<G: Ground>(around: &mut Surroundings<'_, G>, thefts: &[Theft]) -> Self {
        let view = around.ground.view();
        let count = view.address_count();
        let step = count.div_ceil(LOOKED_AT_MAX).max(1);
        let (mut found, mut left) = (Self::default(), MOVEMENTS_ALL_MAX);
        for place in scattered(count.div_ceil(step)) {
            let address = AddressIx::of(place * step);
            if found.manners.len() == STRANGERS_MAX || left == 0 {
                break;
            }
            let movements = view.posting_count(address);
            if movements < SIZES[2] || movements > MOVEMENTS_MAX {
                continue;
            }
            let is_his = |theft: &Theft| theft.funding.own.contains(&address);
            if thefts.iter().any(is_his) || around.may_be_own(address) || around.is_nobodys(address)
            {
                continue;
            }
            let (payments, read) = around.payments(address);
            left = left.saturating_sub(read);
            if let Some(habit) = Habit::of(payments.iter()) {
                for (clocks, size) in found.clocks.iter_mut().zip(SIZES) {
                    clocks.extend(habit.clock(size));
                }
                found.manners.push(habit.manners);
            }
        }
        found
    }

    /// Clocks of so many payments.
    pub fn clocks(&self, size: usize) -> &[Clock] {
        let place = SIZES.iter().position(|of| *of == size);
        place.map_or(&[], |place| &self.clocks[place])
    }
}

/// How many of how many strangers are as like one of two as the other is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Likeness {
    pub near: u64,
    pub of: u64,
    /// How many are more like it, as well the more of the two.
    pub nearer: u64,
}

impl Likeness {
    /// Of how like the two are, and how like each stranger is to either. The more of the two counts: a theft whose habit is
    /// everybody's is like anyone.
    pub fn of(like: u64, strangers: impl Iterator<Item = [u64; 2]>) -> Self {
        let (mut near, mut nearer, mut of) = ([0; 2], [0; 2], 0);
        for stranger in strangers {
            of += 1;
            for (side, stranger) in stranger.into_iter().enumerate() {
                near[side] += u64::from(stranger >= like);
                nearer[side] += u64::from(stranger > like);
            }
        }
        Self {
            near: near[0].max(near[1]),
            of,
            nearer: nearer[0].max(nearer[1]),
        }
    }

    /// Whether three of four strangers are more like one of the two than the other is.
    pub fn is_unlike(self) -> bool {
        4 * self.nearer > 3 * self.of
    }
}

impl<G: Ground> Pair<'_, '_, G> {
    /// A row of evidence for a likeness, where it is rare enough to weigh.
    pub(super) fn alike(
        &self,
        kind: &'static str,
        likeness: Likeness,
        fact: usize,
        by: [&[TxIx]; 2],
    ) -> Option<Found> {
        let weight = weigh::likeness(likeness.near, likeness.of);
        (weight > 0).then(|| Found {
            address: None,
            kind,
            weight,
            unrelated: Users::Counted(likeness.near),
            what: String::new(),
            falsified_by: String::new(),
            by: some_of(by),
            fact,
        })
    }

    /// That two are less alike than most speaks against one hand.
    pub(super) fn unlike(
        &self,
        kind: &'static str,
        what: String,
        likeness: Likeness,
        by: [&[TxIx]; 2],
    ) -> Counter {
        Counter {
            kind,
            what,
            address: None,
            base_rate: Some(likeness.nearer),
            transactions: self.ids(&some_of(by)),
        }
    }
}

/// The first transactions of each.
fn some_of(by: [&[TxIx]; 2]) -> Vec<TxIx> {
    let first = by.into_iter().flat_map(|by| by.iter().take(SHOWN));
    first.copied().collect()
}

impl<G: Ground> Surroundings<'_, G> {
    /// What a theft's own accounts paid: of those that paid nothing before its money came, which are nobody else's.
    pub fn payments_of(&self, reach: &Reach, own: &BTreeSet<AddressIx>) -> Payments {
        let view = self.ground.view();
        let own = own.iter().take(ACCOUNTS_MAX);
        let own = own.filter(|account| !view.has_more_postings_than(**account, MOVEMENTS_MAX));
        let mut found = Payments::new();
        for account in own {
            let payments = self.payments(*account).0;
            let came = reach.places[account].by.first();
            let is_fresh = payments
                .first()
                .is_none_or(|first| came.is_none_or(|came| *came <= first.tx));
            if is_fresh {
                found.insert(*account, payments);
            }
        }
        found
    }

    /// The payments that an account signs, in chain order, and how many movements were read for it. Anybody can pay dust,
    /// and make a token that nobody knows say that it paid.
    fn payments(&self, account: AddressIx) -> (Vec<Payment>, usize) {
        if self.ground.is_contract(account) {
            return (Vec::new(), 0);
        }
        let mut by: BTreeMap<TxIx, Vec<Flow>> = BTreeMap::new();
        let mut floors = BTreeMap::new();
        let paid = self.ground.outflow(account);
        let read = paid.len().max(self.ground.view().posting_count(account));
        for flow in paid {
            let floor = floors
                .entry(flow.asset)
                .or_insert_with(|| self.ground.floor(flow.asset));
            if floor.is_some_and(|floor| flow.amount >= floor) {
                by.entry(flow.tx).or_default().push(flow);
            }
        }
        let mut payments = Vec::new();
        for (tx, flows) in by {
            if !self.ground.is_signed_by(tx, account) {
                continue;
            }
            let mut manner = self.ground.manner(account, &flows);
            let is_round = |flow: &Flow| {
                let floor = floors.get(&flow.asset).copied().flatten();
                floor.is_some_and(|floor| is_multiple(flow.amount, floor))
            };
            manner[3] = Some(u16::from(flows.iter().any(is_round)));
            payments.push(Payment {
                tx,
                hour: self.ground.view().time(tx).seconds().div_euclid(3600),
                manner,
            });
        }
        (payments, read)
    }
}
