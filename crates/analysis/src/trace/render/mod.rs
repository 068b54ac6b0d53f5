//! From dense ids to names: the collector's finds become the result of the contract.
//!
//! Sorted by what things are called outside, never by how they lie in memory, so that the same answer
//! is the same bytes. The caveats that hold for a whole answer are added here.

mod caveats;
mod conversions;
mod limits;
mod naming;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, ChainView, TxIx, UtxoView};

use caveats::{account_caveats, general_caveats};
pub use caveats::{collision, collision_in_holding, tie, unknown_opening};
pub use conversions::{circular_conversion, conversion_weights, origin_converts};
pub use limits::{
    contract_holds, got_for_it, lacks_internal, left_out, missing_leg, unexplained_opening,
    unseen_exchange,
};
use naming::{Accounts, Naming, Outputs};

use crate::deception;
use crate::trace::bounds::Network;
use crate::trace::collect::{Collector, End, Place, RawEdge, RawFlow, Shares, by_transaction};
use crate::trace::request::{Request, Window};
use crate::trace::result::{
    Bound, Caveat, Edge, EdgeEnd, EdgeWhy, Endpoint, EndpointKind, EntityRow, Flow, OriginRow,
    OriginShare, Reason, Trace, TransactionRow, Via,
};
use crate::trace::taint::OriginIx;

/// The result of a trace over a UTXO chain.
pub fn utxo<V: UtxoView>(
    view: &V,
    request: &Request,
    found: &Collector<u64>,
    network: Option<&Network<u64>>,
) -> Trace {
    trace(&Outputs::of(view), request, found, network)
}

/// The result of a trace over an account chain.
pub fn accounts<V: AccountView>(
    view: &V,
    request: &Request,
    found: &Collector<U256>,
    network: Option<&Network<U256>>,
) -> Trace {
    let mut trace = trace(&Accounts(view), request, found, network);
    let around = deception::around(view, (&found.held, &found.met), &followed(found));
    trace.deceptions = around.deceptions;
    trace.caveats.extend(around.caveats);
    // Dust that an origin's address claims is in its sums; who sent it is no lead.
    if !around.dust.is_empty() {
        trace.edges.retain(|edge| {
            let ends = edge.from.address.clone().zip(edge.to.address.clone());
            ends.is_none_or(|(from, to)| {
                let transaction = edge.transaction.clone().unwrap_or_default();
                !around.dust.contains(&[transaction, from, to])
            })
        });
    }
    trace.caveats.extend(account_caveats(view, found));
    let assets = followed(found).into_keys();
    trace.caveats.extend(limits::odd_tokens(view, assets));
    trace.caveats.sort();
    trace
}

fn trace<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
    network: Option<&Network<A>>,
) -> Trace {
    let totals = totals::rows(naming, request, found);
    let mut caveats: Vec<Caveat> = found.caveats.iter().cloned().collect();
    caveats.extend(general_caveats(naming, request, found));
    caveats.sort();
    caveats.dedup();
    Trace {
        direction: request.direction.name(),
        policy: request.policy.name(),
        origins: origins(naming, request, found),
        endpoints: endpoints(naming, request, found, network),
        totals,
        edges: edges(naming, found),
        transactions: transactions(naming, found),
        conversions: conversions::rows(naming, found),
        deceptions: Vec::new(),
        caveats,
        claims: None,
    }
}

/// How much of each asset came into the trace.
fn followed(found: &Collector<U256>) -> BTreeMap<AssetIx, U256> {
    let claimed = found.claimed.iter();
    let claimed = claimed.map(|((_, asset), claimed)| (*asset, claimed.amount));
    let converted = found.converted.iter();
    let converted = converted.map(|((_, asset), [came, _])| (*asset, *came));
    let mut sums: BTreeMap<AssetIx, U256> = BTreeMap::new();
    for (asset, amount) in claimed.chain(converted) {
        let sum = sums.entry(asset).or_default();
        *sum = sum.saturating_add(amount);
    }
    sums
}

/// The name of an origin in results.
pub fn origin_name(origin_ix: OriginIx) -> String {
    format!("o{}", u64::from(origin_ix.0) + 1)
}

fn origins<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
) -> Vec<OriginRow> {
    let view = naming.view();
    let mut rows: Vec<OriginRow> = found
        .claimed
        .iter()
        .map(|((origin_ix, asset), claimed)| {
            let origin = &request.origins[usize::try_from(origin_ix.0).expect("fits")];
            let mut addresses = claimed.addresses.iter();
            let address = match (addresses.next(), addresses.next()) {
                (Some(Some(only)), None) => Some(view.address(*only).display(view.chain())),
                _ => None,
            };
            OriginRow {
                origin: origin_name(*origin_ix),
                what: origin.what.clone(),
                incident: origin.incident.clone(),
                chain: view.chain().to_string(),
                address,
                asset: naming.asset(*asset),
                amount: claimed.amount.to_string(),
                basis: origin.basis,
            }
        })
        .collect();
    let claimed: BTreeSet<OriginIx> = found
        .claimed
        .keys()
        .map(|(origin_ix, _)| *origin_ix)
        .collect();
    for (number, origin) in request.origins.iter().enumerate() {
        let origin_ix = crate::trace::origins::origin_ix(number);
        if !claimed.contains(&origin_ix) {
            rows.push(OriginRow {
                origin: origin_name(origin_ix),
                what: origin.what.clone(),
                incident: origin.incident.clone(),
                chain: view.chain().to_string(),
                address: None,
                asset: naming.asset(AssetIx(0)),
                amount: "0".to_owned(),
                basis: origin.basis,
            });
        }
    }
    rows.sort_by(|a, b| {
        (a.origin.len(), &a.origin, &a.asset).cmp(&(b.origin.len(), &b.origin, &b.asset))
    });
    rows
}

fn endpoints<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
    network: Option<&Network<A>>,
) -> Vec<Endpoint> {
    let keys: Vec<(EndpointKind, Place)> =
        found.ends.iter().map(|end| (end.kind, end.place)).collect();
    let intervals = network.and_then(|network| network.intervals(&keys));
    let mut endpoints: Vec<(Option<TxIx>, Endpoint)> = found
        .ends
        .iter()
        .enumerate()
        .map(|(row, end)| {
            let interval = match &intervals {
                Some(intervals) => (intervals[row], Bound::Tight),
                None => (loose(naming, request, end, found), Bound::Loose),
            };
            (
                end.arrival.tx,
                endpoint(naming, request, found, end, interval),
            )
        })
        .collect();
    endpoints.sort_by(|(a_tx, a), (b_tx, b)| {
        (a_tx, a.kind, &a.output, &a.address, &a.asset)
            .cmp(&(b_tx, b.kind, &b.output, &b.address, &b.asset))
    });
    endpoints
        .into_iter()
        .map(|(_, endpoint)| endpoint)
        .collect()
}

/// An interval that holds for every policy without following anything.
fn loose<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    end: &End,
    found: &Collector<A>,
) -> (A, A) {
    let asset = naming.asset_of(end.place);
    let of = |sums: &BTreeMap<AssetIx, A>| sums.get(&asset).copied().unwrap_or(A::ZERO);
    let (claimable, convertible) = (of(&found.claimable), of(&found.convertible));
    let all = claimable.widen().saturating_add(convertible.widen());
    // What no number of this kind can hold bounds nothing.
    let most = A::narrow(all.saturating_add(may_enter(naming, request, asset)));
    let most = match (most, naming.capacity(end.kind, end.place)) {
        (Some(most), Some(capacity)) => capacity.min(most),
        (most, capacity) => most
            .or(capacity)
            .or_else(|| A::narrow(U256::MAX))
            .unwrap_or(claimable.max(convertible)),
    };
    (A::ZERO, most)
}

/// How much of an asset claims may bring in beyond the origins.
fn may_enter<A: Amount, N: Naming<A>>(naming: &N, request: &Request, asset: AssetIx) -> U256 {
    if request.may_enter.is_empty() {
        return U256::ZERO;
    }
    let name = naming.asset(asset);
    let mut entering = request.may_enter.iter();
    let found = entering.find(|(asset, _)| asset.as_str() == name);
    found.map_or(U256::ZERO, |(_, amount)| *amount)
}

fn endpoint<A: Amount, N: Naming<A>>(
    naming: &N,
    request: &Request,
    found: &Collector<A>,
    end: &End,
    ((min, max), bound): ((A, A), Bound),
) -> Endpoint {
    let view = naming.view();
    let place = end.place;
    let address = naming.address_of(place);
    let named = |ix: AddressIx| view.address(ix).display(view.chain());
    let via = end.arrival.via.iter().map(|deposit| Via {
        address: named(*deposit),
        why: "deposit address".to_owned(),
    });
    Endpoint {
        kind: end.kind,
        chain: view.chain().to_string(),
        address: address.map(named),
        output: naming.output_of(place),
        asset: naming.asset(naming.asset_of(place)),
        amount: found.amount(end.shares).to_string(),
        min: min.to_string(),
        max: max.to_string(),
        bound,
        origins: shares(found, end.shares),
        transaction: end.arrival.tx.map(|tx| view.transaction_id(tx).to_string()),
        height: end.arrival.tx.and_then(|tx| view.position(tx).height),
        time: end.arrival.tx.map(|tx| view.time(tx).to_string()),
        hops: end.arrival.hops,
        via: via.collect(),
        reason: Reason {
            rule: end.why.rule.to_string(),
            basis: end.why.basis,
            claim: end.why.claim.clone(),
        },
        entity: address.and_then(|address| entity(view, request, address, end)),
        anonymity_set: end.why.anonymity_set,
        claims: Vec::new(),
    }
}

/// Who is behind an address at the end of a way: by the claim that ended it, else by one on the address that was in force
/// when the money came, else by one on the deposit address that paid it.
fn entity(
    view: &dyn ChainView,
    request: &Request,
    address: AddressIx,
    end: &End,
) -> Option<EntityRow> {
    let address = view.address(address);
    let knowledge = &request.knowledge;
    let claim = end.why.claim.as_deref();
    let at = end.arrival.tx.map(|tx| view.time(tx));
    let is_meant = |of: &str, valid: &Window| match at {
        _ if Some(of) == claim => true,
        Some(at) => valid.holds(at),
        None => true,
    };
    let mut services = knowledge
        .services
        .get(address.as_ref())
        .into_iter()
        .flatten();
    if let Some(service) = services.find(|service| is_meant(&service.claim, &service.valid)) {
        return Some(EntityRow {
            name: service.name.clone(),
            category: service.category.clone(),
            claim: service.claim.clone(),
        });
    }
    let mut own = knowledge
        .deposits
        .get(address.as_ref())
        .into_iter()
        .flatten();
    let swept = || {
        let mut all = knowledge.deposits.values().flatten();
        all.find(|deposit| Some(deposit.claim.as_str()) == claim)
    };
    own.find(|deposit| is_meant(&deposit.claim, &deposit.valid))
        .or_else(swept)
        .map(|deposit| EntityRow {
            name: deposit.name.clone(),
            category: deposit.category.clone(),
            claim: deposit.claim.clone(),
        })
}

fn shares<A: Amount>(found: &Collector<A>, shares: Shares) -> Vec<OriginShare> {
    let share = |(origin_ix, amount): &(OriginIx, A)| OriginShare {
        origin: origin_name(*origin_ix),
        amount: amount.to_string(),
    };
    found.shares(shares).iter().map(share).collect()
}

fn edges<A: Amount, N: Naming<A>>(naming: &N, found: &Collector<A>) -> Vec<Edge> {
    let groups = by_transaction(&found.edges, |edge| edge.tx);
    groups
        .into_iter()
        .flatten()
        .map(|edge| one_edge(naming, found, edge))
        .collect()
}

fn one_edge<A: Amount, N: Naming<A>>(naming: &N, found: &Collector<A>, edge: &RawEdge) -> Edge {
    let view = naming.view();
    let end = |place: Option<Place>, address: Option<AddressIx>| EdgeEnd {
        address: address
            .or_else(|| place.and_then(|place| naming.address_of(place)))
            .map(|address| view.address(address).display(view.chain())),
        output: place.and_then(|place| naming.output_of(place)),
    };
    Edge {
        transaction: Some(view.transaction_id(edge.tx).to_string()),
        from: end(edge.from, edge.from_address),
        to: match edge.is_crossing {
            true => end(None, edge.from_address),
            false => end(Some(edge.to), None),
        },
        asset: naming.asset(edge.asset),
        amount: found.amount(edge.shares).to_string(),
        origins: shares(found, edge.shares),
        why: if edge.is_crossing {
            EdgeWhy::Conversion
        } else {
            naming.why()
        },
        basis: edge.basis,
        onward: None,
    }
}

fn transactions<A: Amount, N: Naming<A>>(naming: &N, found: &Collector<A>) -> Vec<TransactionRow> {
    let view = naming.view();
    let row = |flows: &[RawFlow<A>]| {
        let tx = flows[0].tx;
        TransactionRow {
            transaction: view.transaction_id(tx).to_string(),
            chain: view.chain().to_string(),
            height: view.position(tx).height,
            index: view.position(tx).index,
            time: view.time(tx).to_string(),
            tainted_in: side(naming, flows, false),
            tainted_out: side(naming, flows, true),
        }
    };
    let groups = by_transaction(&found.flows, |flow| flow.tx);
    groups.into_iter().map(row).collect()
}

/// The taint on one side of a transaction, per asset.
fn side<A: Amount, N: Naming<A>>(naming: &N, flows: &[RawFlow<A>], out: bool) -> Vec<Flow> {
    let mut assets: BTreeMap<AssetIx, (A, Vec<String>)> = BTreeMap::new();
    for flow in flows.iter().filter(|flow| flow.out == out) {
        let (amount, outputs) = assets.entry(flow.asset).or_default();
        *amount = amount.plus(flow.amount);
        outputs.extend(naming.output_of(flow.place));
    }
    let flow = |(asset, (amount, outputs)): (AssetIx, (A, Vec<String>))| Flow {
        asset: naming.asset(asset),
        amount: amount.to_string(),
        outputs,
    };
    assets.into_iter().map(flow).collect()
}
