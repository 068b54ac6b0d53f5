//! What a driver finds on its way, by dense ids, before it is named for the outside.
//!
//! Kept apart from the drivers so that a driver says only how taint moves, and apart from [`super::render`]
//! so that no dense id reaches a result. Flat lists in the order of finding, without an allocation per
//! edge: a big cone has millions.

use std::borrow::Cow;
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
    pub rule: Cow<'static, str>,
    /// What it rests on.
    pub basis: Basis,
    /// The claim, where it rests on one.
    pub claim: Option<String>,
    /// Equal outputs among which this one is lost.
    pub anonymity_set: Option<u32>,
}

impl Why {
    /// A rule that the data itself shows.
    pub fn fact(rule: impl Into<Cow<'static, str>>) -> Self {
        Self {
            rule: rule.into(),
            basis: Basis::Fact,
            claim: None,
            anonymity_set: None,
        }
    }

    /// A rule that concludes.
    pub fn inference(rule: impl Into<Cow<'static, str>>) -> Self {
        Self {
            rule: rule.into(),
            basis: Basis::Inference,
            claim: None,
            anonymity_set: None,
        }
    }

    /// A claim.
    pub fn claim(rule: &'static str, claim: &str) -> Self {
        Self {
            rule: rule.into(),
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

/// Amounts per origin, kept by the [`Collector`].
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    first: usize,
    end: usize,
}

/// An end of a trace.
#[derive(Clone, Debug)]
pub struct End {
    pub kind: EndpointKind,
    pub place: Place,
    /// Tainted amount per origin.
    pub shares: Shares,
    /// How it came.
    pub arrival: Arrival,
    /// Why it ends.
    pub why: Why,
}

/// A tainted movement.
#[derive(Clone, Debug)]
pub struct RawEdge {
    pub tx: TxIx,
    pub from: Option<Place>,
    /// Whose, where several debits are mixed but all are of one address.
    pub from_address: Option<AddressIx>,
    pub to: Place,
    pub asset: AssetIx,
    pub shares: Shares,
    pub basis: Basis,
    /// Whether it is no transfer but a crossing: `from_address` turned it into this asset.
    pub is_crossing: bool,
}

/// Taint that a transaction takes from a place, or gives to one.
#[derive(Clone, Copy, Debug)]
pub struct RawFlow<A> {
    pub tx: TxIx,
    /// Whether it goes on to the place.
    pub out: bool,
    pub asset: AssetIx,
    pub place: Place,
    pub amount: A,
}

/// One asset becoming another, for one address.
#[derive(Clone, Debug)]
pub struct RawConversion<A> {
    pub tx: TxIx,
    pub address: Option<AddressIx>,
    pub rule: &'static str,
    /// Asset, amount, and how much of it was tainted.
    pub taken: Vec<(AssetIx, A, A)>,
    pub given: Vec<(AssetIx, A, A)>,
}

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
    /// What at the most could become each asset by conversion, under any policy.
    pub convertible: BTreeMap<AssetIx, A>,
    /// What came into each asset by conversion, and what left it, per origin.
    pub converted: BTreeMap<(OriginIx, AssetIx), [A; 2]>,
    pub conversions: Vec<RawConversion<A>>,
    /// The transactions of those.
    pub crossed: BTreeSet<TxIx>,
    /// The addresses that held taint, on a chain of accounts.
    pub held: BTreeSet<AddressIx>,
    /// Those where it ended, and those it was taken from.
    pub met: BTreeSet<AddressIx>,
    pub ends: Vec<End>,
    /// Where each end stands in `ends`, for drivers that come to one several times.
    known_ends: BTreeMap<(EndpointKind, Place), usize>,
    pub edges: Vec<RawEdge>,
    /// Of one transaction without a gap, in the order in which the driver steps.
    pub flows: Vec<RawFlow<A>>,
    shares: Vec<(OriginIx, A)>,
    pub caveats: BTreeSet<Caveat>,
    /// Under poison the shares of several origins overlap and do not add up.
    pub overlapping: bool,
}

impl<A: Amount> Collector<A> {
    pub fn new(overlapping: bool) -> Self {
        Self {
            claimed: BTreeMap::new(),
            claimable: BTreeMap::new(),
            convertible: BTreeMap::new(),
            converted: BTreeMap::new(),
            conversions: Vec::new(),
            crossed: BTreeSet::new(),
            held: BTreeSet::new(),
            met: BTreeSet::new(),
            ends: Vec::new(),
            known_ends: BTreeMap::new(),
            edges: Vec::new(),
            flows: Vec::new(),
            shares: Vec::new(),
            caveats: BTreeSet::new(),
            overlapping,
        }
    }

    /// Counts what an origin could claim; a sum that does not fit stays where it was.
    pub fn may_claim(&mut self, asset: AssetIx, amount: A) {
        let claimable = self.claimable.entry(asset).or_insert(A::ZERO);
        *claimable = claimable.checked_add(amount).unwrap_or(*claimable);
    }

    /// Counts what could become an asset; a sum that does not fit stays where it was.
    pub fn may_convert(&mut self, asset: AssetIx, amount: A) {
        let convertible = self.convertible.entry(asset).or_insert(A::ZERO);
        *convertible = convertible.checked_add(amount).unwrap_or(*convertible);
    }

    /// Counts what came into an asset and what left it, of one origin.
    pub fn convert(&mut self, key: (OriginIx, AssetIx), came: A, went: A) {
        if came.is_zero() && went.is_zero() {
            return;
        }
        let sums = self.converted.entry(key).or_insert([A::ZERO; 2]);
        *sums = [sums[0].plus(came), sums[1].plus(went)];
    }

    /// Keeps a conversion.
    pub fn conversion(&mut self, conversion: RawConversion<A>) {
        self.crossed.insert(conversion.tx);
        self.conversions.push(conversion);
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
        let Some(row) = self.known_ends.get(&(kind, place)).copied() else {
            let row = self.ends.len();
            self.end_once(kind, place, pieces, arrival, why);
            if self.ends.len() > row {
                self.known_ends.insert((kind, place), row);
            }
            return;
        };
        let known = self.shares(self.ends[row].shares).iter().copied();
        let mut sums: BTreeMap<OriginIx, A> = known.collect();
        for (origin_ix, amount) in by_origin(pieces) {
            let share = sums.entry(origin_ix).or_insert(A::ZERO);
            *share = share.plus(amount);
        }
        let sums: Vec<(OriginIx, A)> = sums.into_iter().collect();
        let shares = self.keep(&sums);
        let end = &mut self.ends[row];
        end.shares = shares;
        end.arrival.tx = end.arrival.tx.max(arrival.tx);
        end.arrival.hops = end.arrival.hops.min(arrival.hops);
        end.arrival.via.extend(arrival.via);
    }

    /// Ends the trace of these pieces at a place where it ends once, as at an output.
    pub fn end_once(
        &mut self,
        kind: EndpointKind,
        place: Place,
        pieces: &[Piece<A>],
        arrival: Arrival,
        why: Why,
    ) {
        let shares = self.keep_sums(pieces);
        if shares.first < shares.end {
            self.ends.push(End {
                kind,
                place,
                shares,
                arrival,
                why,
            });
        }
    }

    /// Keeps amounts per origin, in the order of the origins.
    pub fn keep(&mut self, shares: &[(OriginIx, A)]) -> Shares {
        let first = self.shares.len();
        self.shares.extend_from_slice(shares);
        let end = self.shares.len();
        Shares { first, end }
    }

    /// Keeps the tainted sums of pieces per origin.
    pub fn keep_sums(&mut self, pieces: &[Piece<A>]) -> Shares {
        let first = self.shares.len();
        for piece in pieces.iter().filter(|piece| piece.origin_ix.is_tainted()) {
            let kept = &self.shares[first..];
            match kept.binary_search_by_key(&piece.origin_ix, |(origin_ix, _)| *origin_ix) {
                Ok(row) => {
                    let share = &mut self.shares[first + row].1;
                    *share = share.plus(piece.amount);
                }
                Err(row) => self
                    .shares
                    .insert(first + row, (piece.origin_ix, piece.amount)),
            }
        }
        let end = self.shares.len();
        Shares { first, end }
    }

    /// Amounts per origin, in the order of the origins.
    pub fn shares(&self, shares: Shares) -> &[(OriginIx, A)] {
        &self.shares[shares.first..shares.end]
    }

    /// Records taint on one side of a transaction.
    pub fn flow(&mut self, tx: TxIx, out: bool, asset: AssetIx, place: Place, amount: A) {
        self.flows.push(RawFlow {
            tx,
            out,
            asset,
            place,
            amount,
        });
    }

    /// Which of these transactions move taint.
    pub fn moved(&self, about: &[TxIx]) -> BTreeSet<TxIx> {
        let about: BTreeSet<TxIx> = about.iter().copied().collect();
        if about.is_empty() {
            return about;
        }
        let moving = self.flows.iter().map(|flow| flow.tx);
        moving.filter(|tx| about.contains(tx)).collect()
    }

    /// The amount behind shares: their sum, or under poison the one amount they all reach.
    pub fn amount(&self, shares: Shares) -> A {
        let amounts = self.shares(shares).iter().map(|(_, amount)| *amount);
        if self.overlapping {
            amounts.fold(A::ZERO, A::max)
        } else {
            amounts.fold(A::ZERO, A::plus)
        }
    }
}

/// What was found, transaction by transaction in chain order, in whichever direction it was found.
pub fn by_transaction<T>(found: &[T], tx: impl Fn(&T) -> TxIx) -> Vec<&[T]> {
    let mut groups: Vec<&[T]> = found.chunk_by(|a, b| tx(a) == tx(b)).collect();
    groups.sort_by_key(|group| tx(&group[0]));
    groups
}
