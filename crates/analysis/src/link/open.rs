//! How public a place is: the base rate, counted in the store.
//!
//! Counted are accounts that have nothing to do with the thefts: those that paid the place enough to matter, and
//! half of those that it paid, services left out. Strangers matter where together they paid a thousandth of the stolen
//! money that came there, and those of them who paid a thousandth of that: so dust, which anybody can send, counts for nothing. An account of which half of what it received was stolen is taken for a
//! thief's, and is not counted: else a thief's own fan-out would make his collector look public. But behind an exchange
//! that nobody labels everybody's money is mixed with stolen money; so only accounts count as a thief's that it reached without
//! passing a public place. Which places are public depends on that in turn: both are found in rounds, in each of which
//! fewer accounts are a thief's and more places public, until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, AssetIx, ChainView as _, TxIx};

use super::ground::{Ground, Start, Step};
use super::weigh::{PUBLIC, ratio};

/// An address with more movements than this is public, and its movements are not counted.
const BUSY: usize = 250_000;
/// What strangers together must have paid of the stolen money at a place, and each of them of that, to count: one part of
/// so many.
const MATTERS: u64 = 1_000;
/// What an account must have dealt in before, of what a place paid it, to have been there: one part of so many.
const WAS_THERE: u64 = 100;
/// Strangers who paid too little to matter beside the stolen money count one for so many: many small customers make a
/// service, and a few payments that anybody can send make none.
const SMALL: u64 = 3;
/// For so many accounts that a place pays one that pays it.
const PAYEES: u64 = 2;

/// What is known of the surroundings of the thefts that were asked for.
pub(super) struct Surroundings<'a, G> {
    pub ground: &'a G,
    services: &'a BTreeSet<AddressIx>,
    /// Stolen money that arrived, of all thefts together.
    taint: BTreeMap<(AddressIx, AssetIx), U256>,
    /// Transactions that are thefts, and addresses of which all counts as stolen.
    thefts: BTreeSet<TxIx>,
    all_stolen: BTreeSet<AddressIx>,
    /// Addresses that stolen money came to without passing a place that others use; all of them before anybody looked.
    near: Option<BTreeSet<AddressIx>>,
    diluted: BTreeMap<AddressIx, Option<u64>>,
    open: BTreeMap<AddressIx, u64>,
}

impl<'a, G: Ground> Surroundings<'a, G> {
    pub fn new(ground: &'a G, services: &'a BTreeSet<AddressIx>) -> Self {
        Self {
            ground,
            services,
            taint: BTreeMap::new(),
            thefts: BTreeSet::new(),
            all_stolen: BTreeSet::new(),
            near: None,
            diluted: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }

    /// Says which addresses are near; whether they are others than before. What is public is counted anew.
    pub fn narrow(&mut self, near: BTreeSet<AddressIx>) -> bool {
        let is_other = self.near.as_ref() != Some(&near);
        self.near = Some(near);
        if is_other {
            self.open.clear();
        }
        is_other
    }

    /// Counts the stolen money of a theft.
    pub fn add(&mut self, starts: &[Start], steps: &[Step]) {
        for start in starts {
            let sum = self.taint.entry((start.address, start.asset)).or_default();
            *sum = sum.saturating_add(start.amount);
            self.thefts.extend(start.tx);
            self.all_stolen
                .extend(start.tx.is_none().then_some(start.address));
        }
        for step in steps {
            if let Some(to) = step.to {
                let sum = self.taint.entry((to, step.asset)).or_default();
                *sum = sum.saturating_add(step.amount);
            }
        }
    }

    pub fn is_service(&self, address: AddressIx) -> bool {
        self.services.contains(&address)
    }

    /// Nobody, or somebody who serves everybody: never a thief's.
    fn is_nobodys(&self, address: AddressIx) -> bool {
        self.is_service(address) || self.ground.view().address(address).is_zero_account()
    }

    pub fn is_busy(&self, address: AddressIx) -> bool {
        self.ground.view().has_more_postings_than(address, BUSY)
    }

    /// The assets in which stolen money came to an address, with how much.
    fn tainted(&self, address: AddressIx) -> Vec<(AssetIx, U256)> {
        let all = (address, AssetIx(0))..=(address, AssetIx(u32::MAX));
        self.taint
            .range(all)
            .map(|((_, asset), amount)| (*asset, *amount))
            .collect()
    }

    /// Whether an address is taken for a thief's: at least half of what it received, of some asset, was stolen, and came
    /// there without passing a public place.
    pub fn is_own(&mut self, address: AddressIx) -> bool {
        let is_near = self
            .near
            .as_ref()
            .is_none_or(|near| near.contains(&address));
        is_near
            && !self.is_nobodys(address)
            && self.dilution(address).is_some_and(|less| less <= 100)
    }

    /// How much less of what an address received was stolen than all, in hundredths of a bit, in the asset where that is
    /// least; none where nothing stolen came, or where the address is busy.
    pub fn dilution(&mut self, address: AddressIx) -> Option<u64> {
        if let Some(known) = self.diluted.get(&address) {
            return *known;
        }
        let diluted = self.share_lost(address);
        self.diluted.insert(address, diluted);
        diluted
    }

    fn share_lost(&self, address: AddressIx) -> Option<u64> {
        let tainted = self.tainted(address);
        if tainted.is_empty() || self.is_busy(address) {
            return None;
        }
        if self.all_stolen.contains(&address) {
            return Some(0);
        }
        let mut received: BTreeMap<AssetIx, U256> = BTreeMap::new();
        for flow in self.ground.inflow(address) {
            let sum = received.entry(flow.asset).or_default();
            *sum = sum.saturating_add(flow.amount);
        }
        let less = |(asset, stolen): (AssetIx, U256)| {
            let all = received.get(&asset).copied().unwrap_or_default();
            ratio(all.max(stolen), stolen.max(U256::ONE))
        };
        tainted.into_iter().map(less).min()
    }

    /// How many accounts that have nothing to do with the thefts use a place.
    pub fn open(&mut self, address: AddressIx) -> u64 {
        if let Some(known) = self.open.get(&address) {
            return *known;
        }
        let open = self.count(address);
        self.open.insert(address, open);
        open
    }

    fn count(&mut self, address: AddressIx) -> u64 {
        if self.is_nobodys(address) || self.is_busy(address) {
            return u64::MAX;
        }
        let tainted: BTreeMap<AssetIx, U256> = self.tainted(address).into_iter().collect();
        let mut strangers: BTreeMap<AssetIx, BTreeMap<AddressIx, U256>> = BTreeMap::new();
        for ((payer, asset), (paid, first)) in self.payers(address) {
            if !self.is_own(payer) || self.was_there(payer, asset, paid, first) {
                strangers.entry(asset).or_default().insert(payer, paid);
            }
        }
        let mut unrelated: BTreeSet<AddressIx> = BTreeSet::new();
        let mut small: BTreeSet<AddressIx> = BTreeSet::new();
        for (asset, strangers) in strangers {
            let all = strangers
                .values()
                .fold(U256::ZERO, |sum, paid| sum.saturating_add(*paid));
            let part = |paid: U256| paid.saturating_mul(U256::from(MATTERS));
            let matters = tainted.get(&asset).is_some_and(|sum| part(all) >= *sum);
            let floor = self.ground.floor(asset);
            for (payer, paid) in strangers {
                if matters && part(paid) >= all {
                    unrelated.insert(payer);
                } else if floor.is_some_and(|floor| paid >= floor) {
                    small.insert(payer);
                }
            }
        }
        let small = small.difference(&unrelated).count();
        let count = |number: usize| u64::try_from(number).expect("counted in memory");
        let payees = self.paid_others(address, &tainted);
        count(unrelated.len()) + count(small) / SMALL + count(payees) / PAYEES
    }

    /// Who paid a place, thefts left out: how much of each asset, and when first.
    fn payers(&self, address: AddressIx) -> BTreeMap<(AddressIx, AssetIx), (U256, TxIx)> {
        let mut payers: BTreeMap<(AddressIx, AssetIx), (U256, TxIx)> = BTreeMap::new();
        if self.all_stolen.contains(&address) {
            return payers;
        }
        for flow in self.ground.inflow(address) {
            if self.thefts.contains(&flow.tx) || flow.other.is_none() {
                continue;
            }
            // Of outputs all who sign for their transaction have paid.
            let signers = self.ground.signers(flow.tx);
            let paying: BTreeSet<AddressIx> = signers.into_iter().chain(flow.other).collect();
            for payer in paying.into_iter().filter(|payer| *payer != address) {
                let entry = payers
                    .entry((payer, flow.asset))
                    .or_insert((U256::ZERO, flow.tx));
                *entry = (entry.0.saturating_add(flow.amount), entry.1.min(flow.tx));
            }
        }
        payers
    }

    /// How many who have nothing to do with the thefts a place paid, of an asset that was stolen. That a thief pays many
    /// services makes him no service.
    fn paid_others(&mut self, address: AddressIx, tainted: &BTreeMap<AssetIx, U256>) -> usize {
        let paid = self.ground.outflow(address).into_iter();
        let mut payees: BTreeMap<(AddressIx, AssetIx), (U256, TxIx)> = BTreeMap::new();
        for flow in paid.filter(|flow| tainted.contains_key(&flow.asset)) {
            if let Some(payee) = flow.other.filter(|payee| *payee != address) {
                let entry = payees
                    .entry((payee, flow.asset))
                    .or_insert((U256::ZERO, flow.tx));
                *entry = (entry.0.saturating_add(flow.amount), entry.1.min(flow.tx));
            }
        }
        let mut others: BTreeSet<AddressIx> = BTreeSet::new();
        for ((payee, asset), (amount, first)) in payees {
            let is_other = !self.is_service(payee)
                && (!self.is_own(payee) || self.was_there(payee, asset, amount, first));
            others.extend(is_other.then_some(payee));
        }
        others.len()
    }

    /// Whether an account dealt with somebody who has nothing to do with the thefts, in an asset, before it was first paid
    /// so much of it by a place: a thief's own accounts are fresh.
    fn was_there(&self, account: AddressIx, asset: AssetIx, amount: U256, first: TxIx) -> bool {
        if self.is_busy(account) {
            return true;
        }
        let flows = [self.ground.inflow(account), self.ground.outflow(account)];
        let before = flows.into_iter().flatten().filter(|flow| {
            let is_stolen = |other: AddressIx| self.taint.contains_key(&(other, asset));
            flow.tx < first
                && flow.asset == asset
                && !self.thefts.contains(&flow.tx)
                && flow.other.is_some_and(|other| !is_stolen(other))
        });
        let all = before.fold(U256::ZERO, |sum, flow| sum.saturating_add(flow.amount));
        all.saturating_mul(U256::from(WAS_THERE)) >= amount.max(U256::ONE)
    }

    /// Where an address pays nobody but one service, or one place that many use: that one. It forwards, as a customer's
    /// deposit address does.
    pub fn forwards_to(&mut self, address: AddressIx) -> Option<AddressIx> {
        if self.is_busy(address) {
            return None;
        }
        // Anybody can make a token say that the address paid it.
        let (gas, tainted) = (self.ground.gas(), self.tainted(address));
        let is_real = |asset: AssetIx| {
            Some(asset) == gas || tainted.iter().any(|(stolen, _)| *stolen == asset)
        };
        let paid = self.ground.outflow(address).into_iter();
        let paid = paid.filter(|flow| is_real(flow.asset));
        let payees: BTreeSet<Option<AddressIx>> = paid.map(|flow| flow.other).collect();
        let mut payees = payees.into_iter();
        let (Some(Some(only)), None) = (payees.next(), payees.next()) else {
            return None;
        };
        let is_public = self.is_service(only) || self.open(only) >= PUBLIC / 8;
        (is_public && only != address).then_some(only)
    }

    /// How many accounts a funder pays for gas that are not a thief's.
    pub fn funded(&mut self, funder: AddressIx) -> u64 {
        let Some(gas) = self.ground.gas() else {
            return 0;
        };
        if self.is_nobodys(funder) || self.is_busy(funder) {
            return u64::MAX;
        }
        let paid = self.ground.outflow(funder).into_iter();
        let payees: BTreeSet<AddressIx> = paid
            .filter(|flow| flow.asset == gas)
            .filter_map(|flow| flow.other)
            .collect();
        let others = payees
            .into_iter()
            .filter(|payee| !self.is_own(*payee))
            .count();
        u64::try_from(others).expect("counted in memory")
    }
}
