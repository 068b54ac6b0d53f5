//! From the origins asked for to claims on places, at the moment in chain order when each is made.
//!
//! A claim is made when money enters the place claimed, seen in the direction of the trace. What is
//! already claimed when it gets there stays with the earlier origin (law 1).

use std::collections::BTreeMap;

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::amount::Amount;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, ChainView, HoldingIx, OutputIx, TxIx, UtxoView};

use super::collect::Place;
use super::policy::Direction;
use super::request::{Origin, OriginPlace, Request, TraceError};
use super::taint::OriginIx;

/// An origin's claim on a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<A> {
    pub origin_ix: OriginIx,
    pub place: Place,
    pub limit: A,
}

/// Claims on a UTXO chain, by the transaction after which they hold; `None`: before the first step.
pub type OutputClaims = BTreeMap<Option<TxIx>, Vec<Claim<u64>>>;

/// Finds the outputs that each origin names.
pub fn on_outputs<V: UtxoView>(view: &V, request: &Request) -> Result<OutputClaims, TraceError> {
    let mut claims = OutputClaims::new();
    for (number, origin) in request.origins.iter().enumerate() {
        let origin_ix = origin_ix(number);
        let places = output_places(view, request, origin)?;
        check_limit(request, origin, places.len(), 1)?;
        for (place, limit) in places.into_iter().filter(|(_, value)| *value > 0) {
            let entry = entry_of(view, request.direction, place);
            claims.entry(entry).or_default().push(Claim {
                origin_ix,
                place,
                limit,
            });
        }
    }
    Ok(claims)
}

pub fn origin_ix(number: usize) -> OriginIx {
    OriginIx(u32::try_from(number).expect("fewer than 2^32 origins"))
}

/// The transaction that brings money into a place, in the direction of the trace.
fn entry_of<V: UtxoView>(view: &V, direction: Direction, place: Place) -> Option<TxIx> {
    match (place, direction) {
        (Place::Output(output), Direction::Forward) => Some(view.creator(output)),
        (Place::Output(output), Direction::Backward) => view.spender(output),
        (Place::Outside(ix), Direction::Backward) => Some(view.outside(ix).spender),
        _ => None,
    }
}

fn output_places<V: UtxoView>(
    view: &V,
    request: &Request,
    origin: &Origin,
) -> Result<Vec<(Place, u64)>, TraceError> {
    let all = |tx: TxIx| -> Vec<(Place, u64)> {
        let outputs = view.outputs(tx).map(OutputIx);
        outputs
            .map(|output| (Place::Output(output), view.value(output)))
            .collect()
    };
    match &origin.place {
        OriginPlace::Output(id, vout) => {
            let range = view.outputs(only_transaction(view, origin, id)?);
            let row = range.start + u64::from(*vout);
            if row >= range.end {
                let outputs = range.end - range.start;
                return Err(TraceError::NoSuchOutput {
                    what: origin.what.clone(),
                    outputs,
                });
            }
            Ok(vec![(
                Place::Output(OutputIx(row)),
                view.value(OutputIx(row)),
            )])
        }
        OriginPlace::Transaction(id) => Ok(all(only_transaction(view, origin, id)?)),
        OriginPlace::Transfer(..) => Err(TraceError::WrongKind {
            what: origin.what.clone(),
            chain: view.chain().to_string(),
            why: "its transactions have outputs: write txid:vout",
        }),
        OriginPlace::Address(address) => of_address(view, request, origin, address),
    }
}

/// All an address holds at the window's start, receives in it, and spends of what was made outside.
fn of_address<V: UtxoView>(
    view: &V,
    request: &Request,
    origin: &Origin,
    address: &Address,
) -> Result<Vec<(Place, u64)>, TraceError> {
    let window = request.window;
    let ix = known_address(view, origin, address)?;
    if origin.carried.is_some() {
        let made = |output: &OutputIx| view.time(view.creator(*output));
        let received = view.received(ix);
        let received = received.filter(|output| request.counts(origin, made(output)));
        let places = received.map(|output| (Place::Output(output), view.value(output)));
        return Ok(places.collect());
    }
    let held_at_start = |output: OutputIx| {
        window.since.is_some_and(|since| {
            view.time(view.creator(output)) < since
                && view
                    .spender(output)
                    .is_none_or(|spender| view.time(spender) >= since)
        })
    };
    let outside = view.spent_from_outside(ix).filter_map(|(tx, outside)| {
        let value = view.outside(outside).value?;
        window
            .holds(view.time(tx))
            .then_some((tx, Place::Outside(outside), value))
    });
    let received = view.received(ix).filter_map(|output| {
        let made = view.creator(output);
        (window.holds(view.time(made)) || held_at_start(output)).then_some((
            made,
            Place::Output(output),
            view.value(output),
        ))
    });
    let mut places: Vec<(TxIx, Place, u64)> = outside.chain(received).collect();
    places.sort();
    if places.is_empty() {
        return Err(TraceError::NothingToTrace {
            what: origin.what.clone(),
        });
    }
    Ok(places
        .into_iter()
        .map(|(_, place, value)| (place, value))
        .collect())
}

fn only_transaction<V: ChainView>(
    view: &V,
    origin: &Origin,
    id: &TransactionId,
) -> Result<TxIx, TraceError> {
    let found = view.find_transaction(id);
    let found = match origin.height {
        Some(height) => found
            .into_iter()
            .filter(|tx| view.position(*tx).height == Some(height))
            .collect(),
        None => found,
    };
    match found.as_slice() {
        [] => Err(TraceError::UnknownOrigin {
            what: origin.what.clone(),
        }),
        [tx] => Ok(*tx),
        several => Err(TraceError::AmbiguousTransaction {
            what: origin.what.clone(),
            count: several.len(),
        }),
    }
}

fn known_address<V: ChainView>(
    view: &V,
    origin: &Origin,
    address: &Address,
) -> Result<whither_ledger::view::AddressIx, TraceError> {
    view.find_address(address)
        .ok_or_else(|| TraceError::UnknownOrigin {
            what: origin.what.clone(),
        })
}

/// The outside outputs of each spending transaction that are claimed, for the forward driver.
pub fn outside_spends<V: UtxoView>(
    view: &V,
    claims: &OutputClaims,
) -> BTreeMap<TxIx, Vec<Claim<u64>>> {
    let mut spends: BTreeMap<TxIx, Vec<Claim<u64>>> = BTreeMap::new();
    for claim in claims.values().flatten() {
        if let Place::Outside(ix) = claim.place {
            spends
                .entry(view.outside(ix).spender)
                .or_default()
                .push(*claim);
        }
    }
    spends
}

/// What an origin claims on an account chain.
#[derive(Clone, Debug)]
pub enum HoldingClaim {
    /// The transfers of these places of a transaction.
    Legs(TxIx, Vec<u32>),
    /// All that enters these holdings in the window.
    Holdings(Vec<HoldingIx>),
}

/// Finds the transfers and holdings that an origin names.
pub fn on_holdings<V: AccountView>(view: &V, origin: &Origin) -> Result<HoldingClaim, TraceError> {
    let wanted = |ix| {
        origin
            .asset
            .as_ref()
            .is_none_or(|asset| *view.asset(ix) == *asset)
    };
    match &origin.place {
        OriginPlace::Output(..) => Err(TraceError::WrongKind {
            what: origin.what.clone(),
            chain: view.chain().to_string(),
            why: "its transactions have transfers: write txid#n",
        }),
        OriginPlace::Transaction(id) => {
            let tx = only_transaction(view, origin, id)?;
            let legs = transfers(view, tx)
                .filter(|(_, leg)| wanted(leg.asset))
                .map(|(place, _)| place)
                .collect();
            Ok(HoldingClaim::Legs(tx, legs))
        }
        OriginPlace::Transfer(id, number) => {
            let tx = only_transaction(view, origin, id)?;
            let found = transfers(view, tx).find(|(_, leg)| leg.number == *number);
            let (place, _) = found.ok_or_else(|| TraceError::NoSuchTransfer {
                what: origin.what.clone(),
                numbers: transfers(view, tx).map(|(_, leg)| leg.number).collect(),
            })?;
            Ok(HoldingClaim::Legs(tx, vec![place]))
        }
        OriginPlace::Address(address) => {
            let ix = known_address(view, origin, address)?;
            let holdings = view.holdings(ix);
            Ok(HoldingClaim::Holdings(
                holdings
                    .filter(|holding| wanted(view.holding(*holding).1))
                    .collect(),
            ))
        }
    }
}

fn transfers<V: AccountView>(
    view: &V,
    tx: TxIx,
) -> impl Iterator<Item = (u32, whither_ledger::view::Leg)> {
    (0..)
        .zip(view.legs(tx))
        .filter(|(_, leg)| leg.to != whither_ledger::view::Destination::Fee)
}

/// How much of each origin may still be claimed, and whether it was limited at all.
#[derive(Clone, Debug)]
pub struct Limits(Vec<(U256, bool)>);

impl Limits {
    pub fn of(request: &Request) -> Self {
        let limit = |origin: &Origin| (origin.limit.unwrap_or(U256::MAX), origin.limit.is_some());
        Self(request.origins.iter().map(limit).collect())
    }

    pub fn is_unlimited(&self, origin_ix: OriginIx) -> bool {
        !self.0[place(origin_ix)].1
    }

    /// How much of `amount` the origin still wants.
    pub fn wanted<A: Amount>(&self, origin_ix: OriginIx, amount: A) -> A {
        let (left, _) = self.0[place(origin_ix)];
        if amount.widen() <= left {
            return amount;
        }
        A::narrow(left).expect("what is less than an amount fits its type")
    }

    pub fn take<A: Amount>(&mut self, origin_ix: OriginIx, amount: A) {
        let (left, is_limited) = &mut self.0[place(origin_ix)];
        if *is_limited {
            *left = left.minus(amount.widen());
        }
    }
}

/// The place of an origin in the list of the request.
fn place(origin_ix: OriginIx) -> usize {
    usize::try_from(origin_ix.0).expect("an origin's number fits memory")
}

/// Refuses limits that would not say which part they mean.
pub fn check_limit(
    request: &Request,
    origin: &Origin,
    places: usize,
    assets: usize,
) -> Result<(), TraceError> {
    let what = || origin.what.clone();
    match origin.limit {
        None => Ok(()),
        Some(_) if assets > 1 => Err(TraceError::LimitOfSeveralAssets {
            what: what(),
            assets,
        }),
        Some(_) if places > 1 && request.direction == Direction::Backward => {
            Err(TraceError::LimitBackward { what: what() })
        }
        Some(_) => Ok(()),
    }
}
