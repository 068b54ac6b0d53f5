//! How public a place is: the base rate, counted in the store.
//!
//! Counted are accounts that have nothing to do with the thefts: those that paid the place enough to matter, and
//! half of those that it paid, services left out ([`profile`](super::profile)). An account of which half of what it received was stolen is taken for a
//! thief's, and is not counted: else a thief's own fan-out would make his collector look public. But behind an exchange
//! that nobody labels everybody's money is mixed with stolen money; so only accounts count as a thief's that it reached without
//! passing a public place. Which places are public depends on that in turn: both are found in rounds, in each of which
//! fewer accounts are a thief's and more places public, until nothing changes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, AssetIx, ChainView as _, TxIx};

use super::Taint;
use super::funder::Purse;
use super::ground::Ground;
use super::profile::{Dealings, Profile};
use super::stolen::Stolen;
use super::users::{BUSY, Users};
use super::weigh::{PUBLIC, ratio};

/// Who serves so many forwards nothing for one hand alone: a customer's deposit address forwards to such a place.
const SERVES: u64 = PUBLIC / 8;

/// What is known of the surroundings of the thefts that were asked for.
pub(super) struct Surroundings<'a, G> {
    pub ground: &'a G,
    /// What pays for gas.
    pub gas: Option<AssetIx>,
    services: &'a BTreeSet<AddressIx>,
    /// Those of them that were come to, and changed something.
    met: BTreeSet<AddressIx>,
    pub(super) stolen: Stolen,
    /// Transactions that are thefts, and addresses of which all counts as stolen.
    pub(super) thefts: BTreeSet<TxIx>,
    pub(super) all_stolen: BTreeSet<AddressIx>,
    /// Addresses that stolen money came to without passing a place that others use, in order; all of them before anybody
    /// looked.
    near: Option<Vec<AddressIx>>,
    /// How often it was said who is near.
    round: usize,
    diluted: BTreeMap<AddressIx, Option<u64>>,
    /// Of places that are not public: a public one is not counted again before the rounds are over.
    profiles: BTreeMap<AddressIx, Profile>,
    pub(super) dealings: BTreeMap<AddressIx, Dealings>,
    pub(super) floors: BTreeMap<AssetIx, Option<U256>>,
    /// With the round in which they were counted.
    open: BTreeMap<AddressIx, (usize, Users)>,
    forwards: BTreeMap<AddressIx, Option<AddressIx>>,
    pub(super) purses: BTreeMap<AddressIx, Rc<Purse>>,
}

impl<'a, G: Ground> Surroundings<'a, G> {
    /// Of these thefts.
    pub fn new(ground: &'a G, services: &'a BTreeSet<AddressIx>, taints: &[Taint]) -> Self {
        let starts = || taints.iter().flat_map(|taint| &taint.starts);
        let whole = starts().filter(|start| start.tx.is_none());
        Self {
            ground,
            gas: ground.gas(),
            services,
            met: BTreeSet::new(),
            stolen: Stolen::of(taints),
            thefts: starts().filter_map(|start| start.tx).collect(),
            all_stolen: whole.map(|start| start.address).collect(),
            near: None,
            round: 0,
            diluted: BTreeMap::new(),
            profiles: BTreeMap::new(),
            dealings: BTreeMap::new(),
            floors: BTreeMap::new(),
            open: BTreeMap::new(),
            forwards: BTreeMap::new(),
            purses: BTreeMap::new(),
        }
    }

    /// Says which addresses are near, in order; whether they are others than before. What is public is counted anew.
    pub fn narrow(&mut self, near: Vec<AddressIx>) -> bool {
        let is_other = self.near.as_ref() != Some(&near);
        if is_other {
            self.near = Some(near);
            self.round += 1;
            self.forwards.clear();
            self.purses.clear();
        }
        is_other
    }

    pub fn is_service(&mut self, address: AddressIx) -> bool {
        let is_service = self.services.contains(&address);
        self.met.extend(is_service.then_some(address));
        is_service
    }

    /// The services that were come to.
    pub fn met(&self) -> impl Iterator<Item = AddressIx> {
        self.met.iter().copied()
    }

    /// Nobody, or somebody who serves everybody: never a thief's.
    pub fn is_nobodys(&mut self, address: AddressIx) -> bool {
        self.is_service(address) || self.ground.view().address(address).is_zero_account()
    }

    pub fn is_busy(&self, address: AddressIx) -> bool {
        self.ground.view().has_more_postings_than(address, BUSY)
    }

    fn is_near(&self, address: AddressIx) -> bool {
        is_among(self.near.as_deref(), address)
    }

    /// Whether an address is taken for a thief's: at least half of what it received, of some asset, was stolen, and came
    /// there without passing a public place.
    pub fn is_own(&mut self, address: AddressIx) -> bool {
        self.is_near(address) && self.may_be_own(address)
    }

    /// The same, whatever it passed.
    pub fn may_be_own(&mut self, address: AddressIx) -> bool {
        self.dilution(address).is_some_and(|less| less <= 100) && !self.is_nobodys(address)
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
        if !self.stolen.is_any(address) || self.is_busy(address) {
            return None;
        }
        if self.all_stolen.contains(&address) {
            return Some(0);
        }
        let parts = self.stolen.at(address, &self.ground.inflow(address));
        let parts = parts.into_iter();
        parts.map(|(_, [stolen, all])| ratio(all, stolen)).min()
    }

    /// How many accounts that have nothing to do with the thefts use a place.
    pub fn open(&mut self, address: AddressIx) -> Users {
        match self.open.get(&address) {
            Some((round, users)) if *round == self.round => *users,
            _ => self.count(address),
        }
    }

    /// The same, for whoever asks only as far as a place is not public: what was public before still is, for no more
    /// accounts are a thief's than were.
    pub fn open_if_private(&mut self, address: AddressIx) -> Users {
        match self.open.get(&address) {
            Some((_, users)) if users.is_public() => *users,
            _ => self.open(address),
        }
    }

    fn count(&mut self, address: AddressIx) -> Users {
        let users = if self.is_nobodys(address) {
            Users::Everybodys
        } else if self.is_busy(address) {
            Users::Busy
        } else {
            let profile = match self.profiles.remove(&address) {
                Some(profile) => profile,
                None => Profile::of(self, address),
            };
            let near = self.near.as_deref();
            let users = Users::Counted(profile.count(|account| is_among(near, account)));
            if !users.is_public() {
                self.profiles.insert(address, profile);
            }
            users
        };
        self.open.insert(address, (self.round, users));
        users
    }

    /// Where an address pays nobody but one service, or one place that many use: that one. It forwards, as a customer's
    /// deposit address does.
    pub fn forwards_to(&mut self, address: AddressIx) -> Option<AddressIx> {
        if let Some(known) = self.forwards.get(&address) {
            return *known;
        }
        let forwards = self.only_payee(address);
        self.forwards.insert(address, forwards);
        forwards
    }

    fn only_payee(&mut self, address: AddressIx) -> Option<AddressIx> {
        if self.is_busy(address) {
            return None;
        }
        // Anybody can make a token say that the address paid it.
        let paid = self.ground.outflow(address).into_iter();
        let paid = paid.filter(|flow| {
            Some(flow.asset) == self.gas || self.stolen.is_said(address, flow.asset)
        });
        let payees: BTreeSet<Option<AddressIx>> = paid.map(|flow| flow.other).collect();
        let mut payees = payees.into_iter();
        let (Some(Some(only)), None) = (payees.next(), payees.next()) else {
            return None;
        };
        let is_public = self.is_service(only) || self.open_if_private(only).are(SERVES);
        (is_public && only != address).then_some(only)
    }
}

fn is_among(near: Option<&[AddressIx]>, address: AddressIx) -> bool {
    near.is_none_or(|near| near.binary_search(&address).is_ok())
}
