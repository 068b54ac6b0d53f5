//! Gas: who paid for the first steps of a thief's accounts.
//!
//! An account without the chain's own asset cannot move. Who gave it, before its first payment, at least an eighth of
//! what it had of that by then, is its funder; less is dust, which anybody can send. What it had before the data begins
//! counts among that. A lead joins nobody; how many accounts the funder pays for says what it is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, ChainView as _, TxIx};

use super::ground::{Flow, Ground};
use super::open::Surroundings;
use super::reach::{Place, Reach};
use super::users::Users;

/// What a funder must have given of an account's first gas: one part of so many.
const SHARE: u64 = 8;
/// Payments to so many are a payout.
const MANY: usize = 8;

/// Who paid for whose gas, of one theft.
#[derive(Clone, Debug, Default)]
pub(super) struct Funding {
    /// By funder: accounts, each with the first payment.
    pub by: BTreeMap<AddressIx, BTreeMap<AddressIx, TxIx>>,
    /// Accounts that are taken for the thief's.
    pub own: BTreeSet<AddressIx>,
}

/// The funders of a theft's accounts.
pub(super) fn funding<G: Ground>(around: &mut Surroundings<'_, G>, reach: &Reach) -> Funding {
    let mut found = Funding::default();
    let dust = around.ground.dust();
    for (address, place) in &reach.places {
        let is_his =
            place.passed.is_private() && !around.is_service(*address) && !around.is_busy(*address);
        if !is_his
            || !(place.is_start || around.is_own(*address))
            || around.forwards_to(*address).is_some()
        {
            continue;
        }
        let inflow = around.ground.inflow(*address);
        if !(place.is_start || is_mostly(place, &inflow)) {
            continue;
        }
        found.own.insert(*address);
        let Some(gas) = around.gas else {
            continue;
        };
        // What came in the chain's own asset pays for its own way on: whoever else paid such an account had no need to.
        if !place.is_start && place.arrived.contains_key(&gas) {
            continue;
        }
        let paid = around.ground.outflow(*address);
        // Anybody can make a token say that the account paid it; and who never paid needed no gas.
        let is_real = |flow: &&Flow| flow.asset == gas || place.arrived.contains_key(&flow.asset);
        let Some(first_paid) = paid.iter().filter(is_real).map(|flow| flow.tx).min() else {
            continue;
        };
        let mut given: BTreeMap<AddressIx, (U256, TxIx)> = BTreeMap::new();
        let mut all = around.ground.opening(*address, gas);
        for flow in inflow {
            // What is stolen itself, of whichever theft, is no gas: where it came to is a place of that theft.
            let is_stolen =
                place.by.contains(&flow.tx) || around.stolen.is_by(*address, flow.asset, flow.tx);
            if flow.asset != gas || flow.tx >= first_paid || is_stolen {
                continue;
            }
            all = all.saturating_add(flow.amount);
            if let Some(from) = flow.other.filter(|from| from != address) {
                let entry = given.entry(from).or_insert((U256::ZERO, flow.tx));
                entry.0 = entry.0.saturating_add(flow.amount);
            }
        }
        for (funder, (amount, tx)) in given {
            if amount < dust {
                continue;
            }
            let is_nobody = around.ground.view().address(funder).is_zero_account();
            if amount.saturating_mul(U256::from(SHARE)) >= all && !is_nobody {
                found.by.entry(funder).or_default().insert(*address, tx);
            }
        }
    }
    found
}

/// Whether at least half of what came of some asset is of this theft. Somebody whom several thieves paid is none of
/// theirs for that: who paid him first would seem to have paid another's gas.
fn is_mostly(place: &Place, inflow: &[Flow]) -> bool {
    place.arrived.iter().any(|(asset, stolen)| {
        let came = inflow.iter().filter(|flow| flow.asset == *asset);
        let all = came.fold(U256::ZERO, |sum, flow| sum.saturating_add(flow.amount));
        stolen.saturating_mul(U256::from(2)) >= all
    })
}

/// Funders that two thefts share, each with the payments: one who paid for accounts of both, or an account of one that paid
/// for an account of the other. Accounts to which money of both came say that by themselves, and who paid for those is
/// shared for no other reason.
pub(super) fn shared(
    one: &Funding,
    other: &Funding,
    (funders, places): (&[AddressIx], &[AddressIx]),
) -> BTreeMap<AddressIx, Vec<TxIx>> {
    let mut shared: BTreeMap<AddressIx, Vec<TxIx>> = BTreeMap::new();
    for (mine, theirs) in [(one, other), (other, one)] {
        for funder in funders {
            let paid = mine.paid(*funder, places);
            let by_other = theirs.paid(*funder, places);
            let is_theirs = theirs.own.contains(funder) && !mine.own.contains(funder);
            if !paid.is_empty() && (!by_other.is_empty() || is_theirs) {
                let all: BTreeSet<TxIx> = paid.into_iter().chain(by_other).collect();
                shared.insert(*funder, all.into_iter().collect());
            }
        }
    }
    shared
}

impl Funding {
    /// What a funder paid for accounts that are not among these.
    fn paid(&self, funder: AddressIx, except: &[AddressIx]) -> Vec<TxIx> {
        let paid = self.by.get(&funder).into_iter().flatten();
        let alone = paid.filter(|(account, _)| except.binary_search(account).is_err());
        alone.map(|(_, tx)| *tx).collect()
    }
}

/// Somebody who pays for gas, with how he pays.
pub(super) struct Purse {
    /// Whose gas it pays that are not a thief's.
    pub users: Users,
    /// Transactions in which it pays many.
    at_once: BTreeSet<TxIx>,
    /// Whether it pays many the same.
    is_alike: bool,
}

impl Purse {
    /// How it paid by these transactions: to many at once, the same to many, or one by one.
    pub fn payout(&self, by: &[TxIx]) -> (&'static str, &'static str) {
        if by.iter().any(|tx| self.at_once.contains(tx)) {
            ("batch-payout", ", many in one transaction")
        } else if self.is_alike {
            ("faucet", ", the same amount to many")
        } else {
            ("popular", "")
        }
    }
}

impl<G: Ground> Surroundings<'_, G> {
    /// What is known of somebody who pays for gas.
    pub fn purse(&mut self, funder: AddressIx) -> Rc<Purse> {
        if let Some(known) = self.purses.get(&funder) {
            return Rc::clone(known);
        }
        let purse = Rc::new(self.look_into(funder));
        self.purses.insert(funder, Rc::clone(&purse));
        purse
    }

    fn look_into(&mut self, funder: AddressIx) -> Purse {
        let mut purse = Purse {
            users: Users::default(),
            at_once: BTreeSet::new(),
            is_alike: false,
        };
        if self.is_busy(funder) {
            purse.users = Users::Busy;
            return purse;
        }
        let paid = self.ground.outflow(funder);
        let mut at_once: BTreeMap<TxIx, usize> = BTreeMap::new();
        let mut alike = BTreeMap::new();
        for flow in &paid {
            *at_once.entry(flow.tx).or_default() += 1;
            *alike.entry((flow.asset, flow.amount)).or_insert(0_usize) += 1;
        }
        at_once.retain(|_, count| *count >= MANY);
        purse.at_once = at_once.into_keys().collect();
        purse.is_alike = alike.values().any(|count| *count >= MANY);
        let payees = paid.iter().filter(|flow| Some(flow.asset) == self.gas);
        let payees: BTreeSet<AddressIx> = payees.filter_map(|flow| flow.other).collect();
        let others = payees.into_iter().filter(|payee| !self.is_own(*payee));
        let others = u64::try_from(others.count()).expect("counted in memory");
        purse.users = match self.is_nobodys(funder) {
            true => Users::Everybodys,
            false => Users::Counted(others),
        };
        purse
    }
}
