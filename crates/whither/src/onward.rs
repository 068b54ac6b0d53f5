//! Claims that carry a trace on, read into places of opened chains.
//!
//! Only the chains that claims lead to from the trace's own are opened. A claim that names nothing in the data
//! stops nothing: it is left out, and a caveat says which and why.

use std::collections::BTreeSet;

use whither_analysis::trace::result::Caveat;
use whither_analysis::trace::{
    self, Arrival, Continuation, Departure, Knowledge, OriginPlace, Request, Trace, TraceError,
};
use whither_casework::claims::Continuation as Said;
use whither_casework::{Case, Claim};
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, ChainView, Destination, TxIx, UtxoView};

use crate::error::Error;
use crate::place::{self, Place};
use crate::question::{Chains, Opened};

/// A chain of a trace, opened, with what is asked of it.
pub(crate) struct Lane {
    pub(crate) chain: Chain,
    pub(crate) request: Request,
    pub(crate) opened: Opened,
}

/// A claim with its places.
struct Read<'a> {
    claim: &'a Claim,
    said: &'a Said,
    from: Place,
    to: Place,
}

/// Traces from the first lane on, along the continuations of a case. Gives the chains that were opened, too.
///
/// # Errors
/// Where a chain cannot be opened, or the trace cannot be computed.
pub(crate) fn follow(
    chains: &dyn Chains,
    case: &Case,
    asked: Lane,
    knowledge: &dyn Fn(&Chain) -> Result<Knowledge, Error>,
) -> Result<(Trace, Vec<Lane>), Error> {
    let mut caveats = BTreeSet::new();
    let read = read(chains, case, &mut caveats);
    let mut lanes = vec![asked];
    // Claims from a chain that is reached lead to the next.
    while let Some(next) = next_chain(&lanes, &read) {
        let request = Request {
            origins: Vec::new(),
            knowledge: knowledge(&next)?,
            ..lanes[0].request.clone()
        };
        let opened = chains.open(&next, &[])?;
        lanes.push(Lane {
            chain: next,
            request,
            opened,
        });
    }
    let mut claims = Vec::new();
    for read in &read {
        match on_lanes(read, &lanes) {
            Ok(claim) => claims.extend(claim),
            Err(why) => {
                caveats.insert(unused(read.claim, &why));
            }
        }
    }
    let requests = lanes
        .iter()
        .map(|lane| (lane.chain.clone(), lane.request.clone()));
    let mut trace = trace::follow_claims(requests.collect(), &claims, |chain, request| {
        let lane = lanes.iter().find(|lane| lane.chain == *chain);
        trace_on(
            &lane.expect("only chains of lanes are asked").opened,
            request,
        )
    })?;
    caveats.extend(std::mem::take(&mut trace.caveats));
    trace.caveats = caveats.into_iter().collect();
    Ok((trace, lanes))
}

/// A trace over whichever kind of chain.
pub(crate) fn trace_on(opened: &Opened, request: &Request) -> Result<Trace, TraceError> {
    match opened {
        Opened::Utxo(view) => trace::trace_utxo(view, request),
        Opened::Accounts(view) => trace::trace_accounts(view, request),
        Opened::AccountColumns(view) => trace::trace_accounts(view, request),
    }
}

/// The claims whose places can be read and whose chains are there.
fn read<'a>(chains: &dyn Chains, case: &'a Case, caveats: &mut BTreeSet<Caveat>) -> Vec<Read<'a>> {
    let known = chains.chains();
    let place = |text: &str| {
        let place = place::parse(text, None, &known).map_err(|error| error.to_string())?;
        if place::split_chain(text).0.is_none() {
            return Err(place::needs_chain(text).to_string());
        }
        if !known.contains(&place.chain) {
            return Err(format!("the store does not hold {}", place.chain));
        }
        Ok(place)
    };
    let mut found = Vec::new();
    for (claim, said) in case.continuations() {
        let both = place(&said.from).and_then(|from| Ok((from, place(&said.to)?)));
        match both {
            Ok((from, to)) => found.push(Read {
                claim,
                said,
                from,
                to,
            }),
            Err(why) => {
                caveats.insert(unused(claim, &why));
            }
        }
    }
    found
}

fn unused(claim: &Claim, why: &str) -> Caveat {
    Caveat::general(
        "continuation-unused",
        format!("claim {} carries nothing on: {why}", claim.name()),
    )
}

/// A chain that claims lead to and that is not open yet.
fn next_chain(lanes: &[Lane], claims: &[Read<'_>]) -> Option<Chain> {
    let is_open = |chain: &Chain| lanes.iter().any(|lane| lane.chain == *chain);
    let mut onward = claims.iter().filter(|claim| is_open(&claim.from.chain));
    let next = onward.find(|claim| !is_open(&claim.to.chain))?;
    Some(next.to.chain.clone())
}

/// A claim as the tracer takes it; nothing where its chain is not reached.
fn on_lanes(read: &Read<'_>, lanes: &[Lane]) -> Result<Option<Continuation>, String> {
    let lane = |chain: &Chain| lanes.iter().find(|lane| lane.chain == *chain);
    let (Some(from), Some(to)) = (lane(&read.from.chain), lane(&read.to.chain)) else {
        return Ok(None);
    };
    let said = read.said;
    let (to_asset, to_amount) = match (&said.to_asset, said.to_amount) {
        (Some(asset), Some(amount)) => (asset.0.clone(), amount.0),
        _ => (said.asset.0.clone(), said.amount.0),
    };
    if said.amount.0.is_zero() || to_amount.is_zero() {
        return Err("an amount of it is 0".to_owned());
    }
    for (asset, chain) in [(&said.asset.0, &from.chain), (&to_asset, &to.chain)] {
        if asset.chain().is_some_and(|of| of != *chain) {
            return Err(format!("{asset} does not move on {chain}"));
        }
    }
    let place = |place: &Place, lane: &Lane, asset: &Asset| match &lane.opened {
        Opened::Utxo(view) => on_outputs(place, view),
        Opened::Accounts(view) => on_holdings(place, view, asset),
        Opened::AccountColumns(view) => on_holdings(place, view, asset),
    };
    let arrives = place(&read.from, from, &said.asset.0)?;
    let departs = place(&read.to, to, &to_asset)?;
    Ok(Some(Continuation {
        claim: read.claim.name(),
        words: (said.from.clone(), said.to.clone()),
        chain: from.chain.clone(),
        from: arrives.arrival,
        asset: said.asset.0.clone(),
        amount: said.amount.0,
        to: Departure {
            chain: to.chain.clone(),
            place: departs.place,
            height: read.to.height,
            time: departs.time,
        },
        to_asset,
        to_amount,
    }))
}

/// A place that was found in the data.
struct Found {
    arrival: Arrival,
    place: OriginPlace,
    time: Option<Timestamp>,
}

fn only<V: ChainView>(view: &V, id: &TransactionId, height: Option<u32>) -> Result<TxIx, String> {
    let mut found = view.find_transaction(id);
    found.retain(|tx| height.is_none() || view.position(*tx).height == height);
    match found.as_slice() {
        [tx] => Ok(*tx),
        [] => Err(format!("{id} is not in the store")),
        _ => Err(format!(
            "{id} stands for several transactions: name the block"
        )),
    }
}

fn on_outputs<V: UtxoView>(named: &Place, view: &V) -> Result<Found, String> {
    let place = place::settle(named.place.clone(), view);
    let (arrival, time) = match &place {
        OriginPlace::Output(id, vout) => {
            let tx = only(view, id, named.height)?;
            let outputs = view.outputs(tx);
            if u64::from(*vout) >= outputs.end - outputs.start {
                return Err(format!("{id} has no output {vout}"));
            }
            let output = format!("{id}:{vout}");
            (Arrival::Output(output, named.height), Some(view.time(tx)))
        }
        OriginPlace::Transaction(id) => {
            let tx = only(view, id, named.height)?;
            (
                Arrival::Transaction(id.to_string(), None),
                Some(view.time(tx)),
            )
        }
        OriginPlace::Address(address) => of_address(view, address)?,
        OriginPlace::Transfer(..) => {
            return Err("its chain has outputs: write txid:vout".to_owned());
        }
    };
    Ok(Found {
        arrival,
        place,
        time,
    })
}

fn on_holdings<V: AccountView>(named: &Place, view: &V, asset: &Asset) -> Result<Found, String> {
    let place = place::settle(named.place.clone(), view);
    let (arrival, time) = match &place {
        OriginPlace::Transaction(id) => {
            let tx = only(view, id, named.height)?;
            let moves = |leg: whither_ledger::view::Leg| {
                leg.to != Destination::Fee && *view.asset(leg.asset) == *asset
            };
            if !view.legs(tx).any(moves) {
                return Err(format!("{id} moves no {asset}"));
            }
            (
                Arrival::Transaction(id.to_string(), None),
                Some(view.time(tx)),
            )
        }
        OriginPlace::Transfer(id, number) => {
            let tx = only(view, id, named.height)?;
            let mut legs = view.legs(tx);
            let leg = legs.find(|leg| leg.number == *number && leg.to != Destination::Fee);
            let leg = leg.ok_or_else(|| format!("{id} has no transfer {number}"))?;
            if *view.asset(leg.asset) != *asset {
                return Err(format!("{id}#{number} moves no {asset}"));
            }
            let to = match leg.to {
                Destination::Holding(holding) => {
                    Some(view.address(view.holding(holding).0).display(view.chain()))
                }
                Destination::Burn | Destination::Fee => None,
            };
            (
                Arrival::Transaction(id.to_string(), to),
                Some(view.time(tx)),
            )
        }
        OriginPlace::Address(address) => of_address(view, address)?,
        OriginPlace::Output(..) => {
            return Err("its chain has transfers: write txid#n".to_owned());
        }
    };
    Ok(Found {
        arrival,
        place,
        time,
    })
}

fn of_address<V: ChainView>(
    view: &V,
    address: &whither_ledger::address::Address,
) -> Result<(Arrival, Option<Timestamp>), String> {
    let shown = address.display(view.chain());
    match view.find_address(address) {
        Some(_) => Ok((Arrival::Address(shown), None)),
        None => Err(format!("{shown} is not in the store")),
    }
}
