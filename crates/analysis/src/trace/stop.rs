//! Where a trace stops before its natural end, and why.
//!
//! By default only what the case says is a service, mixer or bridge; everything else when asked
//! (law 12). An origin is never stopped where it starts.

use whither_ledger::amount::Amount;
use whither_ledger::view::{AddressIx, ChainView, TxIx};

use super::collect::Why;
use super::policy::Direction;
use super::request::Request;
use super::result::EndpointKind;
use crate::shape::Looks;

/// A stop at an address that receives (backward: that sent) in a transaction.
pub fn at_address<V: ChainView>(
    view: &V,
    request: &Request,
    (address, tx): (AddressIx, TxIx),
    shape: impl FnOnce(usize) -> Option<Looks>,
) -> Option<(EndpointKind, Why)> {
    if let Some(stop) = at_service(view, request, address, tx) {
        return Some(stop);
    }
    let rule = by_degree(view, request, address).or_else(|| {
        let limit = request.stops.shape?;
        Some(format!("shape:{limit}:{}", shape(limit)?.name()))
    })?;
    let pass = &request.stops.pass;
    if !pass.is_empty() && pass.contains(&view.address(address).display(view.chain())) {
        return None;
    }
    Some((EndpointKind::Degree, Why::inference(rule)))
}

/// The rule by which an address has too many debits and credits.
fn by_degree<V: ChainView>(view: &V, request: &Request, address: AddressIx) -> Option<String> {
    let limit = request.stops.degree?;
    // Decided before anything is expanded, and without counting farther than the limit.
    let is_beyond = view.has_more_postings_than(address, limit);
    is_beyond.then(|| format!("degree:{limit}"))
}

/// A stop at an address that the case says is a service at the time of a transaction.
pub fn at_service<V: ChainView>(
    view: &V,
    request: &Request,
    address: AddressIx,
    tx: TxIx,
) -> Option<(EndpointKind, Why)> {
    if !request.stops.services || request.knowledge.services.is_empty() {
        return None;
    }
    let known = &request.knowledge;
    let service = known.service(view.address(address).as_ref(), view.time(tx))?;
    Some((service.kind, Why::claim("service", &service.claim)))
}

/// A stop where a deposit address of a service pays: what it pays is the service's (law 12).
///
/// `payers` are all that pay, tainted or not: where a trace stops must not depend on the policy.
pub fn after_deposit<V: ChainView>(
    view: &V,
    request: &Request,
    mut payers: impl Iterator<Item = AddressIx>,
    tx: TxIx,
) -> Option<(EndpointKind, Why)> {
    if !request.stops.services || request.direction == Direction::Backward {
        return None;
    }
    let known = &request.knowledge;
    if known.deposits.is_empty() {
        return None;
    }
    let at = view.time(tx);
    let deposit = payers.find_map(|payer| known.deposit(view.address(payer).as_ref(), at))?;
    let why = Why {
        claim: Some(deposit.claim.clone()),
        ..Why::inference("deposit-sweep")
    };
    Some((EndpointKind::Service, why))
}

/// A stop on what would go on: too many hops, too little, too late.
pub fn on_the_way<V: ChainView, A: Amount>(
    view: &V,
    request: &Request,
    next: TxIx,
    hops: u32,
    amount: A,
) -> Option<(EndpointKind, Why)> {
    if let Some(stop) = by_depth(request, hops).or_else(|| by_dust(request, amount)) {
        return Some(stop);
    }
    out_of_time(view, request, next)
}

/// A stop at a time.
pub fn out_of_time<V: ChainView>(
    view: &V,
    request: &Request,
    next: TxIx,
) -> Option<(EndpointKind, Why)> {
    is_out_of_time(view, request, next).then(|| by_time(request))
}

/// A stop after so many transactions.
pub fn by_depth(request: &Request, hops: u32) -> Option<(EndpointKind, Why)> {
    let depth = request.stops.depth.filter(|depth| hops >= *depth)?;
    Some((EndpointKind::Depth, Why::fact(format!("depth:{depth}"))))
}

/// A stop where too little would go on.
pub fn by_dust<A: Amount>(request: &Request, amount: A) -> Option<(EndpointKind, Why)> {
    let dust = request.stops.dust.filter(|dust| amount.widen() < *dust)?;
    Some((EndpointKind::Dust, Why::fact(format!("dust:{dust}"))))
}

/// Whether a transaction lies beyond the time asked for.
pub fn is_out_of_time<V: ChainView>(view: &V, request: &Request, tx: TxIx) -> bool {
    request
        .stops
        .time
        .is_some_and(|limit| match request.direction {
            Direction::Forward => view.time(tx) >= limit,
            Direction::Backward => view.time(tx) < limit,
        })
}

/// The stop at a time.
pub fn by_time(request: &Request) -> (EndpointKind, Why) {
    let limit = request
        .stops
        .time
        .map_or_else(String::new, |limit| limit.to_string());
    (EndpointKind::Time, Why::fact(format!("time:{limit}")))
}
