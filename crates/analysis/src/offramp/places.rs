//! The ends of a trace as positions, with what the chain around them tells.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;
use whither_ledger::view::{AccountView, AddressIx, UtxoView};

use super::arrivals::{Index, amount};
use super::issuer::issuer;
use super::surround::{Accounts, Outputs, Surround};
use super::{Arrival, DepositSeen, Freezer, Holder, How, Position, holds_for_customers};
use crate::deposit::{self, Rule};
use crate::trace::freeze::{named_deposit, portions};
use crate::trace::request::Knowledge;
use crate::trace::result::{Basis, Bound, Edge, Endpoint, EndpointKind, Trace};

/// Wallets of services around a trace: those that claims name, and those where it stopped since they look like one.
#[must_use]
pub fn services<V: AccountView>(
    view: &V,
    trace: &Trace,
    knowledge: &Knowledge,
) -> BTreeSet<AddressIx> {
    let looks = trace.endpoints.iter();
    let looks = looks.filter(|end| end.kind == EndpointKind::Degree);
    let looks = looks.filter_map(|end| Address::parse(view.chain(), end.address.as_deref()?).ok());
    let looks: Vec<Address> = looks.collect();
    let services = knowledge.services.keys().chain(&looks);
    let services = services.filter_map(|address| view.find_address(address));
    services.collect()
}

/// The positions of a trace on a chain of holdings.
#[must_use]
pub fn of_accounts<V: AccountView>(
    view: &V,
    trace: &Trace,
    knowledge: &Knowledge,
) -> Vec<Position> {
    let around = Accounts {
        view,
        services: services(view, trace, knowledge),
        rule: Rule::of(view.chain()),
        sees_gas: deposit::gas_is_seen(view),
    };
    positions(&around, trace, knowledge)
}

/// The positions of a trace on a chain of outputs.
#[must_use]
pub fn of_outputs<V: UtxoView>(view: &V, trace: &Trace, knowledge: &Knowledge) -> Vec<Position> {
    positions(&Outputs { view }, trace, knowledge)
}

/// Who is behind each address that the claims name, where they do not say when.
struct Names<'a> {
    by: BTreeMap<String, Holder>,
    knowledge: &'a Knowledge,
    chain: &'a Chain,
}

impl<'a> Names<'a> {
    fn holder(&self, address: &str) -> Option<Holder> {
        if let Some(found) = self.by.get(address) {
            return Some(found.clone());
        }
        let parsed = Address::parse(self.chain, address).ok()?;
        let service = self.knowledge.services.get(&parsed)?.first()?;
        Some(Holder {
            name: service.name.clone(),
            category: service.category.clone(),
            claim: service.claim.clone(),
            basis: Basis::Claim,
        })
    }

    /// Who has an end, as the claim that it stopped by identifies them.
    fn identity(&self, end: &Endpoint) -> Option<&'a str> {
        let entity = end.entity.as_ref()?;
        let address = Address::parse(self.chain, end.address.as_deref()?).ok()?;
        let mut claims = self.knowledge.services.get(&address)?.iter();
        let claim = claims.find(|claim| claim.claim == entity.claim)?;
        Some(&claim.identity)
    }

    /// A deposit address that is claimed: by the first claim that is in force at a time, and that is of whoever has the
    /// end, where that is known. What it was at another time, or of another service, says nothing of this end.
    fn deposit(
        &self,
        address: &str,
        time: Option<&str>,
        entity: Option<&str>,
    ) -> Option<DepositSeen> {
        let parsed = Address::parse(self.chain, address).ok()?;
        let time = time.and_then(|time| Timestamp::parse(time).ok());
        let mut claims = self.knowledge.deposits.get(&parsed)?.iter();
        let claim = claims.find(|claim| {
            time.is_none_or(|time| claim.valid.holds(time))
                && entity.is_none_or(|identity| claim.identity == identity)
        })?;
        Some(DepositSeen {
            address: address.to_owned(),
            basis: Basis::Claim,
            claim: Some(claim.claim.clone()),
            confidence_millionths: None,
            sweeps: 0,
        })
    }
}

fn positions(around: &impl Surround, trace: &Trace, knowledge: &Knowledge) -> Vec<Position> {
    if trace.direction != "forward" {
        return Vec::new();
    }
    let index = Index::of(trace);
    let chain = around.chain().to_string();
    let ends = trace.endpoints.iter().filter(|end| end.chain == chain);
    let mut by = BTreeMap::new();
    for end in ends.clone() {
        if let (Some(address), Some(entity)) = (&end.address, &end.entity) {
            by.entry(address.clone()).or_insert_with(|| Holder {
                name: entity.name.clone(),
                category: entity.category.clone(),
                claim: entity.claim.clone(),
                basis: Basis::Claim,
            });
        }
    }
    let names = Names {
        by,
        knowledge,
        chain: around.chain(),
    };
    let mut found = Vec::new();
    for end in ends {
        // Nobody has what was destroyed or paid for inclusion.
        if !matches!(end.kind, EndpointKind::Burn | EndpointKind::Fee) {
            found.extend(of_end(around, &index, &names, end));
        }
    }
    found
}

/// What one customer's address paid into an end, or what came without one.
#[derive(Default)]
struct Part<'a> {
    deposit: Option<DepositSeen>,
    edges: Vec<&'a Edge>,
}

/// The edges into an end by the deposit addresses that paid them: of an end that was set apart for one such address, the
/// edges of that one alone.
fn parts<'a>(
    around: &impl Surround,
    index: &Index<'a>,
    names: &Names<'_>,
    end: &'a Endpoint,
) -> BTreeMap<Option<&'a str>, Part<'a>> {
    let named = named_deposit(end);
    let divides =
        matches!(end.kind, EndpointKind::Service | EndpointKind::Degree) || named.is_some();
    let entity = names.identity(end);
    let mut swept: BTreeMap<&str, Option<DepositSeen>> = BTreeMap::new();
    let mut found: BTreeMap<Option<&str>, Part<'_>> = BTreeMap::new();
    for edge in index.edges(end).iter().copied() {
        let payer = edge.from.address.as_deref().filter(|_| divides);
        if named.is_some() && payer != named {
            continue;
        }
        let seen = payer.and_then(|payer| {
            let time = edge.transaction.as_deref().and_then(|id| index.time(id));
            names.deposit(payer, time, entity).or_else(|| {
                let rule = swept.entry(payer);
                let rule = rule.or_insert_with(|| {
                    let (seen, service) = around.deposit(payer)?;
                    (Some(&service) == end.address.as_ref()).then_some(seen)
                });
                rule.clone()
            })
        });
        let is_apart = |payer: &str| named.is_some() || !index.set_apart(end, payer).is_zero();
        let part = found.entry(payer.filter(|payer| seen.is_some() || is_apart(payer)));
        let part = part.or_default();
        part.deposit = part.deposit.take().or(seen);
        part.edges.push(edge);
    }
    // Where the claim that the trace went by calls its service by another name, the address is the customer's all the same.
    if let Some(part) = named.and_then(|named| found.get_mut(&Some(named))) {
        let any = || names.deposit(named?, end.time.as_deref(), None);
        part.deposit = part.deposit.take().or_else(any);
    }
    if found.is_empty() {
        found.insert(None, Part::default());
    }
    found
}

/// An end, divided by the deposit addresses that paid it.
fn of_end(
    around: &impl Surround,
    index: &Index<'_>,
    names: &Names<'_>,
    end: &Endpoint,
) -> Vec<Position> {
    let parts = parts(around, index, names, end);
    let is_apart = named_deposit(end).is_some();
    let sums = parts.iter().map(|(payer, part)| {
        let edges = part.edges.iter();
        let paid = edges.fold(U256::ZERO, |sum, edge| {
            sum.saturating_add(amount(&edge.amount))
        });
        // What is frozen for one customer is gone from what that one paid, and from nobody else's.
        let gone = payer.filter(|_| !is_apart);
        let gone = gone.map_or(U256::ZERO, |payer| index.set_apart(end, payer));
        paid.saturating_sub(gone)
    });
    let sums: Vec<U256> = sums.collect();
    let all = sums
        .iter()
        .fold(U256::ZERO, |sum, part| sum.saturating_add(*part));
    let whole = amount(&end.amount);
    // What came by other ways than edges (an exchange of assets) belongs to no deposit address.
    let is_more = all < whole && !is_apart;
    let is_one = parts.len() == 1 && (!is_more || parts.contains_key(&None));
    let amounts = match is_one {
        true => vec![whole],
        false if is_more => sums,
        false => portions(&sums, whole),
    };
    let mut found = Vec::new();
    for (part, share) in parts.into_values().zip(amounts) {
        let arrivals = part.edges.iter().map(|edge| index.arrival(edge));
        let arrivals = arrivals.collect();
        let mut position = position(around, names, end, (part.deposit, arrivals));
        if !is_one {
            narrow(around, &mut position, end, share);
        }
        if !position.amount.is_zero() {
            found.push(position);
        }
    }
    if is_more && !is_one {
        // The rest came by no edge: an exchange of assets made it what it is.
        let mut position = position(around, names, end, (None, Vec::new()));
        position.amount = whole.saturating_sub(all);
        (position.min, position.bound) = (U256::ZERO, Bound::Loose);
        position.origins.clear();
        found.push(position);
    }
    found
}

/// A part of an end: as much as it is, and no more than what was moved.
fn narrow(around: &impl Surround, position: &mut Position, end: &Endpoint, part: U256) {
    position.amount = part;
    position.min = U256::ZERO;
    position.bound = Bound::Loose;
    position.origins.clear();
    let moved = position.arrivals.iter().map(|arrival| {
        let (transaction, from) = (arrival.transaction.as_deref()?, arrival.from.as_deref()?);
        around.moved(transaction, from, end.address.as_deref()?, &end.asset)
    });
    // Several edges of one transaction stand for one movement; counting it twice only makes the interval wider.
    let moved = moved.sum::<Option<U256>>();
    position.max = moved
        .map_or(position.max, |moved| position.max.min(moved))
        .max(part);
}

fn position(
    around: &impl Surround,
    names: &Names<'_>,
    end: &Endpoint,
    (deposit, arrivals): (Option<DepositSeen>, Vec<Arrival>),
) -> Position {
    let own = end.entity.as_ref().map(|entity| Holder {
        name: entity.name.clone(),
        category: entity.category.clone(),
        claim: entity.claim.clone(),
        basis: end.reason.basis.max(Basis::Claim),
    });
    let mut position = Position {
        kind: end.kind,
        chain: end.chain.clone(),
        address: end.address.clone(),
        output: end.output.clone(),
        asset: end.asset.clone(),
        amount: amount(&end.amount),
        min: amount(&end.min),
        max: amount(&end.max),
        bound: end.bound,
        origins: end.origins.clone(),
        deposit,
        entity: own,
        arrived: arrivals
            .iter()
            .filter_map(|arrival| arrival.time.clone())
            .max(),
        arrivals,
        still_there: None,
        freezers: Vec::new(),
        hops: end.hops,
        claim: end.reason.claim.clone(),
        claims: end.claims.clone(),
        why: Vec::new(),
    };
    if position.arrived.is_none() {
        position.arrived.clone_from(&end.time);
    }
    at_customers_address(around, names, end, &mut position);
    position.still_there = still_there(around, end);
    position.freezers = freezers(&position);
    super::why::tell(&mut position, end);
    position
}

/// Money that lies at the deposit address itself, not swept yet: the service has it.
fn at_customers_address(
    around: &impl Surround,
    names: &Names<'_>,
    end: &Endpoint,
    position: &mut Position,
) {
    let lies = matches!(
        end.kind,
        EndpointKind::Held | EndpointKind::Unspent | EndpointKind::Horizon | EndpointKind::Frozen
    );
    let Some(address) = end
        .address
        .as_deref()
        .filter(|_| lies && position.deposit.is_none())
    else {
        return;
    };
    let entity = names.identity(end);
    if let Some(seen) = names.deposit(address, end.time.as_deref(), entity) {
        position.deposit = Some(seen);
        return;
    }
    if let Some((seen, service)) = around.deposit(address) {
        position.deposit = Some(seen);
        let holder = names.holder(&service).map(|holder| Holder {
            basis: Basis::Inference,
            ..holder
        });
        position.entity = position.entity.take().or(holder);
    }
}

/// Whether what came to an end is still there.
fn still_there(around: &impl Surround, end: &Endpoint) -> Option<bool> {
    match end.kind {
        EndpointKind::Held | EndpointKind::Unspent | EndpointKind::Frozen => Some(true),
        EndpointKind::Recovered => Some(false),
        EndpointKind::Service | EndpointKind::Degree | EndpointKind::Bridge => {
            around.has_left(end).map(|left| !left)
        }
        // Something moves on from where the trace was asked to stop; whether it is this, only an emptied place tells.
        EndpointKind::Mixer | EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time => {
            around.has_left(end).filter(|left| *left).map(|left| !left)
        }
        _ => None,
    }
}

/// Who can freeze it: the service that has it, and who issued what lies at nobody's pool.
fn freezers(position: &Position) -> Vec<Freezer> {
    if position.kind == EndpointKind::Recovered {
        return Vec::new();
    }
    let pools = matches!(
        position.kind,
        EndpointKind::Service | EndpointKind::Degree | EndpointKind::Bridge | EndpointKind::Mixer
    );
    let mut found = Vec::new();
    let is_held = position.kind == EndpointKind::Service || position.deposit.is_some();
    if let Some(holder) = position
        .entity
        .as_ref()
        .filter(|holder| is_held && holds_for_customers(&holder.category))
    {
        found.push(Freezer {
            who: holder.name.clone(),
            how: How::Service,
            claim: Some(holder.claim.clone()),
        });
    }
    // What is known to move on is no balance that an issuer could be asked to block.
    let moved_on = position.still_there == Some(false)
        || matches!(
            position.kind,
            EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time
        );
    let asset: Option<Asset> = position.asset.parse().ok();
    // An issuer who blocks a pool blocks its other customers.
    if let Some(issuer) = asset
        .as_ref()
        .and_then(issuer)
        .filter(|_| !pools && !moved_on)
    {
        found.push(Freezer {
            who: issuer.to_owned(),
            how: How::Issuer,
            claim: None,
        });
    }
    found
}
