//! Who deals with a place: who paid it, and whom it paid, thefts left out.
//!
//! Strangers matter where together they paid a thousandth of the stolen money that came there, and those of them who paid a
//! thousandth of that: so dust, which anybody can send, counts for nothing. Who deals with a place does not depend on the
//! rounds; which of them are a thief's does ([`open`](super::open)).

use std::collections::BTreeSet;

use whither_ledger::U256;
use whither_ledger::view::{AddressIx, AssetIx, TxIx};

use super::ground::{Flow, Ground};
use super::open::Surroundings;

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

/// Somebody who paid a place, of one asset.
struct Payer {
    asset: AssetIx,
    who: AddressIx,
    paid: U256,
    /// Whether it is a thief's where it is near.
    may_be_own: bool,
    /// Whether it paid more than dust, whatever was stolen.
    is_coin: bool,
}

/// Who deals with a place.
pub(super) struct Profile {
    /// In the order of the assets.
    payers: Vec<Payer>,
    /// The stolen assets that came, and how much.
    stolen: Vec<(AssetIx, U256)>,
    /// How many it paid that are no thief's for sure, and who are where they are near.
    payees: u64,
    own_payees: Vec<AddressIx>,
}

/// What an account dealt in with those to whom nothing stolen came: of each asset, until which transaction, how much by then.
pub(super) type Dealings = Vec<(AssetIx, TxIx, U256)>;

impl Profile {
    pub fn of<G: Ground>(around: &mut Surroundings<'_, G>, address: AddressIx) -> Self {
        let inflow = around.ground.inflow(address);
        let arrived = around.stolen.at(address, &inflow);
        let said = around.stolen.assets(address);
        let amount = |asset: AssetIx| {
            let found = arrived.iter().find(|(of, _)| *of == asset);
            found.map_or(U256::ZERO, |(_, [stolen, _])| *stolen)
        };
        let stolen = said.map(|asset| (asset, amount(asset))).collect();
        let (payees, own_payees) = payees(around, address);
        Self {
            payers: payers(around, address, inflow),
            stolen,
            payees,
            own_payees,
        }
    }

    /// Those who are a thief's where they are near.
    pub fn own(&self) -> impl Iterator<Item = AddressIx> {
        let payers = self.payers.iter().filter(|payer| payer.may_be_own);
        let payers = payers.map(|payer| payer.who);
        payers.chain(self.own_payees.iter().copied())
    }

    /// How many paid it, each for every asset.
    pub fn payer_count(&self) -> usize {
        self.payers.len()
    }

    /// How many accounts that have nothing to do with the thefts use the place, where these are near.
    pub fn count(&self, is_near: impl Fn(AddressIx) -> bool) -> u64 {
        let mut unrelated: BTreeSet<AddressIx> = BTreeSet::new();
        let mut small: BTreeSet<AddressIx> = BTreeSet::new();
        let part = |paid: U256| paid.saturating_mul(U256::from(MATTERS));
        for of_asset in self.payers.chunk_by(|one, next| one.asset == next.asset) {
            let strangers = || {
                let payers = of_asset.iter();
                payers.filter(|payer| !(payer.may_be_own && is_near(payer.who)))
            };
            let all = strangers().fold(U256::ZERO, |sum, payer| sum.saturating_add(payer.paid));
            let mut stolen = self.stolen.iter();
            let stolen = stolen.find(|(asset, _)| *asset == of_asset[0].asset);
            let matters = stolen.is_some_and(|(_, sum)| part(all) >= *sum);
            for payer in strangers() {
                if matters && part(payer.paid) >= all {
                    unrelated.insert(payer.who);
                } else if payer.is_coin {
                    small.insert(payer.who);
                }
            }
        }
        let small = small.difference(&unrelated).count();
        let others = self.own_payees.iter().filter(|payee| !is_near(**payee));
        let payees = self.payees + count(others.count());
        count(unrelated.len()) + count(small) / SMALL + payees / PAYEES
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).expect("counted in memory")
}

/// A payment to or by somebody: who, of what, when, how much.
type Paid = (AddressIx, AssetIx, TxIx, U256);

/// Payments by who and asset: how much in all, and when first.
fn summed(mut paid: Vec<Paid>) -> Vec<(AddressIx, AssetIx, U256, TxIx)> {
    paid.sort_unstable();
    let alike = paid.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1));
    let sum = |rows: &[Paid]| {
        let rows = rows.iter();
        rows.fold(U256::ZERO, |sum, row| sum.saturating_add(row.3))
    };
    alike
        .map(|rows| (rows[0].0, rows[0].1, sum(rows), rows[0].2))
        .collect()
}

/// Who paid a place, in the order of the assets.
fn payers<G: Ground>(
    around: &mut Surroundings<'_, G>,
    address: AddressIx,
    inflow: Vec<Flow>,
) -> Vec<Payer> {
    if around.all_stolen.contains(&address) {
        return Vec::new();
    }
    let mut paid: Vec<Paid> = Vec::new();
    for flow in inflow {
        let other = flow.other.filter(|other| *other != address);
        let Some(other) = other.filter(|_| !around.thefts.contains(&flow.tx)) else {
            continue;
        };
        // Of outputs who sign for one transaction are one, from however many addresses they pay. Where a thief's is among
        // them they may be a service's customers, whose coins are swept together: then each is one.
        let signers = around.ground.signers(flow.tx);
        let mut all = signers.iter();
        if all.any(|signer| around.stolen.is_any(*signer)) {
            let others = signers.into_iter().filter(|signer| *signer != address);
            paid.extend(others.map(|who| (who, flow.asset, flow.tx, flow.amount)));
        } else {
            paid.push((other, flow.asset, flow.tx, flow.amount));
        }
    }
    let payer = |(who, asset, paid, first): (AddressIx, AssetIx, U256, TxIx)| Payer {
        asset,
        who,
        paid,
        may_be_own: around.may_be_own(who) && !around.was_there(who, asset, paid, first),
        is_coin: around.floor(asset).is_some_and(|floor| paid >= floor),
    };
    let mut payers: Vec<Payer> = summed(paid).into_iter().map(payer).collect();
    payers.sort_by_key(|payer| payer.asset);
    payers
}

/// Whom a place paid, of an asset that was stolen: how many who are no thief's for sure, and who are where they are near.
/// That a thief pays many services makes him no service.
fn payees<G: Ground>(
    around: &mut Surroundings<'_, G>,
    address: AddressIx,
) -> (u64, Vec<AddressIx>) {
    let mut paid: Vec<Paid> = Vec::new();
    for flow in around.ground.outflow(address) {
        if let Some(payee) = flow.other.filter(|payee| *payee != address)
            && around.stolen.is_said(address, flow.asset)
        {
            paid.push((payee, flow.asset, flow.tx, flow.amount));
        }
    }
    let (mut others, mut own) = (0, Vec::new());
    for rows in summed(paid).chunk_by(|one, next| one.0 == next.0) {
        let payee = rows[0].0;
        if around.is_service(payee) {
            continue;
        }
        let mut rows = rows.iter();
        let may_be_own = around.may_be_own(payee)
            && rows
                .all(|(_, asset, amount, first)| !around.was_there(payee, *asset, *amount, *first));
        if may_be_own {
            own.push(payee);
        } else {
            others += 1;
        }
    }
    (others, own)
}

impl<G: Ground> Surroundings<'_, G> {
    /// Whether an account dealt with somebody who has nothing to do with the thefts, in an asset, before it was first paid
    /// so much of it by a place: a thief's own accounts are fresh.
    fn was_there(&mut self, account: AddressIx, asset: AssetIx, amount: U256, first: TxIx) -> bool {
        if self.is_busy(account) {
            return true;
        }
        if !self.ground.may_have_moved(account, asset, first) {
            return false;
        }
        if !self.dealings.contains_key(&account) {
            let dealings = self.dealings_of(account);
            self.dealings.insert(account, dealings);
        }
        let dealings = &self.dealings[&account];
        let before = dealings.partition_point(|row| (row.0, row.1) < (asset, first));
        let last = before.checked_sub(1).map(|last| dealings[last]);
        let all = match last {
            Some((of, _, all)) if of == asset => all,
            _ => U256::ZERO,
        };
        all.saturating_mul(U256::from(WAS_THERE)) >= amount.max(U256::ONE)
    }

    fn dealings_of(&self, account: AddressIx) -> Dealings {
        let flows = [self.ground.inflow(account), self.ground.outflow(account)];
        let dealt = flows.into_iter().flatten().filter(|flow| {
            let is_stolen = |other: AddressIx| self.stolen.is_said(other, flow.asset);
            !self.thefts.contains(&flow.tx) && flow.other.is_some_and(|other| !is_stolen(other))
        });
        let mut dealt: Dealings = dealt
            .map(|flow| (flow.asset, flow.tx, flow.amount))
            .collect();
        dealt.sort_unstable();
        for of_asset in dealt.chunk_by_mut(|one, next| one.0 == next.0) {
            let mut all = U256::ZERO;
            for row in of_asset {
                all = all.saturating_add(row.2);
                row.2 = all;
            }
        }
        dealt
    }

    /// See [`Ground::floor`].
    pub(super) fn floor(&mut self, asset: AssetIx) -> Option<U256> {
        let ground = self.ground;
        let floor = || ground.floor(asset);
        *self.floors.entry(asset).or_insert_with(floor)
    }
}
