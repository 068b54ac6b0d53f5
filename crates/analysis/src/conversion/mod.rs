//! Who exchanges one asset for another within a transaction, and in which order its steps then take effect.
//!
//! Protocol-agnostic: no event, name or code is looked at, only who paid what to whom. An exchange is a circle:
//! what an address gives comes back to it, through others, as another asset. Within a circle the address that
//! takes one asset and gives another is the one at which value crosses; everybody else is followed raw. The rules,
//! where they come from and when they fail: `docs/methods/conversions.md`.

mod deals;
mod order;
mod parties;

use whither_ledger::U256;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, HoldingIx, TxIx};

pub use parties::Party;

/// What the legs of a transaction say about exchanges in it.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nobody exchanges.
    Nothing,
    /// Somebody does, but no order of steps explains all balances: it is followed raw.
    Circular,
    /// Somebody does.
    Exchange(Exchange),
}

/// The exchanges of one transaction.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Who exchanges what.
    pub deals: Vec<Deal>,
    /// The legs and the crossings, in the order in which they take effect.
    pub steps: Vec<Step>,
    /// Per leg the deals that its payer's side and its payee's side belong to.
    sides: Vec<[Option<usize>; 2]>,
    /// Who signed the transaction and has others exchange for them.
    pub trader: Option<AddressIx>,
}

/// One step of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The leg of this place.
    Leg(u32),
    /// The crossing of this deal.
    Cross(usize),
}

/// What one party takes and gives, net.
#[derive(Clone, Debug)]
pub struct Deal {
    /// Who.
    pub party: Party,
    /// What it takes, in the order of assets.
    pub gets: Vec<Side>,
    /// What it gives, in the order of assets.
    pub gives: Vec<Side>,
    /// What kind of exchange it is, by its shape.
    pub rule: &'static str,
}

/// One asset on one side of a deal.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// Which.
    pub asset: AssetIx,
    /// How much, net.
    pub amount: U256,
    /// The party's holding of it, where any of it is held.
    pub holding: Option<HoldingIx>,
    /// How much of the amount comes to the holding, or out of it; the rest is made or destroyed.
    pub held: U256,
}

impl Exchange {
    /// The deal that the payer's side of a leg belongs to.
    pub fn payer(&self, leg: u32) -> Option<usize> {
        self.sides[place(leg)][0]
    }

    /// The deal that the payee's side of a leg belongs to.
    pub fn payee(&self, leg: u32) -> Option<usize> {
        self.sides[place(leg)][1]
    }
}

impl Deal {
    /// Whose deal it is, where the view knows the address.
    pub fn address(&self) -> Option<AddressIx> {
        match self.party {
            Party::Address(address) => Some(address),
            Party::Issuer(_) => None,
        }
    }
}

fn place(leg: u32) -> usize {
    usize::try_from(leg).expect("a leg's place fits memory")
}

/// Finds the exchanges of a transaction.
pub fn find<V: AccountView>(view: &V, tx: TxIx) -> Found {
    let mut assets = view.legs(tx).map(|leg| leg.asset);
    let first = assets.next();
    // Most transactions move one asset, and then nothing is exchanged.
    if assets.all(|asset| Some(asset) == first) {
        return Found::Nothing;
    }
    let Some(stage) = parties::Stage::of(view, tx) else {
        return Found::Nothing;
    };
    let Some((deals, sides)) = deals::of(&stage) else {
        return Found::Circular;
    };
    if deals.is_empty() {
        return Found::Nothing;
    }
    match order::of(view, tx, &stage, &deals, &sides) {
        Some(steps) => Found::Exchange(Exchange {
            trader: stage.trader(&deals),
            deals,
            steps,
            sides,
        }),
        None => Found::Circular,
    }
}
