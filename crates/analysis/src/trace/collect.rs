//! What a driver finds on its way, by dense ids, before it is named for the outside.
//!
//! Kept apart from the drivers so that a driver says only how taint moves, and apart from [`super::render`]
//! so that no dense id reaches a result.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::amount::Amount;
use whither_ledger::view::{AddressIx, AssetIx, HoldingIx, OutputIx, OutsideIx, TxIx};

use super::result::{Basis, Caveat, EndpointKind};
use super::taint::{OriginIx, Piece, by_origin};

/// Where money can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An output of the view.
    Output(OutputIx),
    /// An output made outside the view.
    Outside(OutsideIx),
    /// A holding of an account chain.
    Holding(HoldingIx),
    /// Paid for the inclusion of a transaction.
    Fee(TxIx, AssetIx),
    /// Destroyed.
    Burn(AssetIx),
    /// Created.
    Mint(AssetIx),
}

/// Why a trace ends at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The rule with its parameter.
    pub rule: String,
    /// What it rests on.
    pub basis: Basis,
    /// The claim, where it rests on one.
    pub claim: Option<String>,
    /// Equal outputs among which this one is lost.
    pub anonymity_set: Option<u32>,
}

impl Why {
    /// A rule that the data itself shows.
    pub fn fact(rule: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            basis: Basis::Fact,
            claim: None,
            anonymity_set: None,
        }
    }

    /// A rule that concludes.
    pub fn inference(rule: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            basis: Basis::Inference,
            claim: None,
            anonymity_set: None,
        }
    }

    /// A claim.
    pub fn claim(rule: &str, claim: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            basis: Basis::Claim,
            claim: Some(claim.to_owned()),
            anonymity_set: None,
        }
    }
}

/// How taint came to a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The last transaction that brought some.
    pub tx: Option<TxIx>,
    /// Transactions from the nearest origin.
    pub hops: u32,
    /// Deposit addresses just before.
    pub via: BTreeSet<AddressIx>,
}

/// An end of a trace.
#[derive(Clone, Debug)]
pub struct End<A> {
    /// Tainted amount per origin.
    pub shares: BTreeMap<OriginIx, A>,
    /// How it came.
    pub arrival: Arrival,
    /// Why it ends.
    pub why: Why,
}

/// A tainted movement.
#[derive(Clone, Debug)]
pub struct RawEdge<A> {
    pub tx: TxIx,
    pub from: Option<Place>,
    /// Whose, where several debits are mixed but all are of one address.
    pub from_address: Option<AddressIx>,
    pub to: Place,
    pub asset: AssetIx,
    pub shares: Vec<(OriginIx, A)>,
    pub basis: Basis,
}

/// Taint on one side of a transaction, per asset.
pub type Side<A> = BTreeMap<AssetIx, (A, Vec<Place>)>;

/// What an origin claimed, of one asset.
#[derive(Clone, Debug)]
pub struct Claimed<A> {
    pub amount: A,
    pub addresses: BTreeSet<Option<AddressIx>>,
}

/// What a driver finds.
#[derive(Clone, Debug)]
pub struct Collector<A> {
    pub claimed: BTreeMap<(OriginIx, AssetIx), Claimed<A>>,
    /// What all origins together could claim of each asset at the most, under any policy.
    pub claimable: BTreeMap<AssetIx, A>,
    pub ends: BTreeMap<(EndpointKind, Place), End<A>>,
    pub edges: Vec<RawEdge<A>>,
    pub flows: BTreeMap<TxIx, (Side<A>, Side<A>)>,
    pub caveats: BTreeSet<Caveat>,
    /// Under poison the shares of several origins overlap and do not add up.
    pub overlapping: bool,
}

impl<A: Amount> Collector<A> {
    pub fn new(overlapping: bool) -> Self {
        Self {
            claimed: BTreeMap::new(),
            claimable: BTreeMap::new(),
            ends: BTreeMap::new(),
            edges: Vec::new(),
            flows: BTreeMap::new(),
            caveats: BTreeSet::new(),
            overlapping,
        }
    }

    /// Counts what an origin could claim; a sum that does not fit stays where it was.
    pub fn may_claim(&mut self, asset: AssetIx, amount: A) {
        let claimable = self.claimable.entry(asset).or_insert(A::ZERO);
        *claimable = claimable.checked_add(amount).unwrap_or(*claimable);
    }

    /// Counts what an origin claimed.
    pub fn claim(
        &mut self,
        origin_ix: OriginIx,
        asset: AssetIx,
        address: Option<AddressIx>,
        amount: A,
    ) {
        let claimed = self
            .claimed
            .entry((origin_ix, asset))
            .or_insert_with(|| Claimed {
                amount: A::ZERO,
                addresses: BTreeSet::new(),
            });
        claimed.amount = claimed.amount.plus(amount);
        claimed.addresses.insert(address);
    }

    /// Ends the trace of these pieces at a place; ends of one kind at one place are merged.
    pub fn end(
        &mut self,
        kind: EndpointKind,
        place: Place,
        pieces: &[Piece<A>],
        arrival: Arrival,
        why: Why,
    ) {
        let shares = by_origin(pieces);
        if shares.is_empty() {
            return;
        }
        let end = self.ends.entry((kind, place)).or_insert_with(|| End {
            shares: BTreeMap::new(),
            arrival: arrival.clone(),
            why,
        });
        for (origin_ix, amount) in shares {
            let share = end.shares.entry(origin_ix).or_insert(A::ZERO);
            *share = share.plus(amount);
        }
        end.arrival.tx = end.arrival.tx.max(arrival.tx);
        end.arrival.hops = end.arrival.hops.min(arrival.hops);
        end.arrival.via.extend(arrival.via);
    }

    /// Records taint on one side of a transaction.
    pub fn flow(&mut self, tx: TxIx, out: bool, asset: AssetIx, place: Place, amount: A) {
        let sides = self
            .flows
            .entry(tx)
            .or_insert_with(|| (Side::new(), Side::new()));
        let side = if out { &mut sides.1 } else { &mut sides.0 };
        let entry = side.entry(asset).or_insert_with(|| (A::ZERO, Vec::new()));
        entry.0 = entry.0.plus(amount);
        entry.1.push(place);
    }

    /// The amount behind shares: their sum, or under poison the one amount they all reach.
    pub fn amount<'a>(&self, shares: impl Iterator<Item = &'a A>) -> A {
        if self.overlapping {
            shares.fold(A::ZERO, |most, share| most.max(*share))
        } else {
            sum(shares)
        }
    }
}

fn sum<'a, A: Amount>(amounts: impl Iterator<Item = &'a A>) -> A {
    amounts.fold(A::ZERO, |sum, amount| sum.plus(*amount))
}
