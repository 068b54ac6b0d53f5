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
use super::users::Users;
use super::weigh::{PUBLIC, ratio};

/// Who serves so many forwards nothing for one hand alone: a customer's deposit address forwards to such a place.
const SERVES: u64 = PUBLIC / 8;
/// Of a place that more paid than so many it is not kept who they are.
const KEPT: usize = 10_000;

/// A place whose users were counted.
struct Counted {
    users: Users,
    /// Whether they are so many still.
    is_exact: bool,
    /// Those who deal with it and are a thief's where they are near: what the count rests on.
    own: Vec<AddressIx>,
    /// Who they all are, where that is worth keeping.
    profile: Option<Profile>,
}

/// What is known of the surroundings of the thefts that were asked for.
pub(super) struct Surroundings<'a, G> {
    pub ground: &'a G,
    /// What pays for gas.
    pub gas: Option<AssetIx>,
    pub(super) services: &'a BTreeSet<AddressIx>,
    /// With more movements an address is not counted.
    busy: usize,
    /// Those of them that were come to, and changed something.
    met: BTreeSet<AddressIx>,
    pub(super) stolen: Stolen,
    /// Transactions that are thefts, and addresses of which all counts as stolen.
    pub(super) thefts: BTreeSet<TxIx>,
    pub(super) all_stolen: BTreeSet<AddressIx>,
    /// Addresses that stolen money came to without passing a place that others use, in order; all of them before anybody
    /// looked.
    near: Option<Vec<AddressIx>>,
    diluted: BTreeMap<AddressIx, Option<u64>>,
    counted: BTreeMap<AddressIx, Counted>,
    pub(super) dealings: BTreeMap<AddressIx, Dealings>,
    pub(super) floors: BTreeMap<AssetIx, Option<U256>>,
    forwards: BTreeMap<AddressIx, Option<AddressIx>>,
    pub(super) purses: BTreeMap<AddressIx, Rc<Purse>>,
    /// Who deals with contracts where nothing stolen came.
    pub(super) patrons: BTreeMap<AddressIx, Rc<BTreeSet<AddressIx>>>,
}

impl<'a, G: Ground> Surroundings<'a, G> {
    /// Of these thefts.
    pub fn new(
        ground: &'a G,
        services: &'a BTreeSet<AddressIx>,
        taints: &[Taint],
        busy: usize,
    ) -> Self {
        let starts = || taints.iter().flat_map(|taint| &taint.starts);
        let whole = starts().filter(|start| start.tx.is_none());
        Self {
            ground,
            gas: ground.gas(),
            services,
            busy,
            met: BTreeSet::new(),
            stolen: Stolen::of(taints),
            thefts: starts().filter_map(|start| start.tx).collect(),
            all_stolen: whole.map(|start| start.address).collect(),
            near: None,
            diluted: BTreeMap::new(),
            counted: BTreeMap::new(),
            dealings: BTreeMap::new(),
            floors: BTreeMap::new(),
            forwards: BTreeMap::new(),
            purses: BTreeMap::new(),
            patrons: BTreeMap::new(),
        }
    }

    /// Says which addresses are near, in order. Gives the places whose count may be another for it; nothing where the same
    /// are near as before.
    pub fn narrow(&mut self, near: Vec<AddressIx>) -> Option<Vec<AddressIx>> {
        if self.near.as_ref() == Some(&near) {
            return None;
        }
        let before = self.near.replace(near);
        let (before, near) = (before.as_deref(), self.near.as_deref());
        let is_other = |account| is_among(before, account) != is_among(near, account);
        let mut changed = Vec::new();
        for (address, counted) in &mut self.counted {
            if !counted.own.iter().any(|account| is_other(*account)) {
                continue;
            }
            counted.is_exact = false;
            if let Some(profile) = &counted.profile {
                let users = Users::Counted(profile.count(|account| is_among(near, account)));
                let is_same = users == counted.users;
                counted.is_exact = true;
                counted.users = users;
                if is_same {
                    continue;
                }
            }
            changed.push(*address);
        }
        self.forwards.clear();
        self.purses.clear();
        Some(changed)
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
        self.ground
            .view()
            .has_more_postings_than(address, self.busy)
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
        match self.counted.get(&address) {
            Some(counted) if counted.is_exact => counted.users,
            _ => self.count(address),
        }
    }

    fn count(&mut self, address: AddressIx) -> Users {
        let (mut profile, mut own) = (None, Vec::new());
        let users = if self.is_nobodys(address) {
            Users::Everybodys
        } else if self.is_busy(address) {
            Users::Busy
        } else {
            let found = Profile::of(self, address);
            let near = self.near.as_deref();
            let users = found.count(|account| is_among(near, account));
            own = found.own().collect();
            profile = (found.payer_count() <= KEPT).then_some(found);
            Users::Counted(users)
        };
        let counted = Counted {
            users,
            is_exact: true,
            own,
            profile,
        };
        self.counted.insert(address, counted);
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
        let is_public = self.is_service(only) || self.open(only).are(SERVES);
        (is_public && only != address).then_some(only)
    }
}

fn is_among(near: Option<&[AddressIx]>, address: AddressIx) -> bool {
    near.is_none_or(|near| near.binary_search(&address).is_ok())
}
