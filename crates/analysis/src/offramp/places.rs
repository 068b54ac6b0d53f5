//! The ends of a trace as positions, with what the chain around them tells.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, AddressIx, Destination, OutputIx, UtxoView};

use super::arrivals::{Index, amount};
use super::issuer::issuer;
use super::{Arrival, DepositSeen, Freezer, Holder, How, Position, holds_for_customers};
use crate::deposit::{self, Rule};
use crate::trace::freeze::portions;
use crate::trace::request::Knowledge;
use crate::trace::result::{Basis, Bound, Edge, Endpoint, EndpointKind, Trace};

/// What the chain around an end tells of it.
trait Surround {
    /// The chain.
    fn chain(&self) -> &Chain;
    /// Whether what came to an end has left it, as far as the data tells: of a pool only where it was emptied since.
    fn has_left(&self, end: &Endpoint) -> Option<bool>;
    /// Whether an address is a customer's own at a service, by how it is swept; with the service's address.
    fn deposit(&self, address: &str) -> Option<(DepositSeen, String)>;
    /// How much a transaction moved between two addresses, tainted or not.
    fn moved(&self, transaction: &str, from: &str, to: &str, asset: &str) -> Option<U256>;
}

/// A chain of holdings around a trace.
struct Accounts<'a, V> {
    view: &'a V,
    services: BTreeSet<AddressIx>,
    rule: Rule,
    /// Whether the data tells who pays for gas, which is asked of it once.
    sees_gas: bool,
}

/// A chain of outputs around a trace.
struct Outputs<'a, V> {
    view: &'a V,
}

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
        rule: Rule::default(),
        sees_gas: deposit::gas_is_seen(view),
    };
    positions(&around, trace, knowledge)
}

/// The positions of a trace on a chain of outputs.
#[must_use]
pub fn of_outputs<V: UtxoView>(view: &V, trace: &Trace, knowledge: &Knowledge) -> Vec<Position> {
    positions(&Outputs { view }, trace, knowledge)
}

impl<V: AccountView> Accounts<'_, V> {
    fn find(&self, text: &str) -> Option<AddressIx> {
        self.view
            .find_address(&Address::parse(self.view.chain(), text).ok()?)
    }
}

impl<V: AccountView> Surround for Accounts<'_, V> {
    fn chain(&self) -> &Chain {
        self.view.chain()
    }

    fn has_left(&self, end: &Endpoint) -> Option<bool> {
        let address = self.find(end.address.as_deref()?)?;
        let holding = self.view.holdings(address).find(|holding| {
            let (_, asset) = self.view.holding(*holding);
            self.view.asset(asset).as_str() == end.asset
        })?;
        let is_short = self.view.final_balance(holding) < amount(&end.amount);
        (self.view.is_covered(address) && is_short).then_some(true)
    }

    fn deposit(&self, address: &str) -> Option<(DepositSeen, String)> {
        let ix = self.find(address)?;
        if self.services.is_empty() || self.services.contains(&ix) {
            return None;
        }
        let found = deposit::of(self.view, &self.services, (&self.rule, self.sees_gas), ix).ok()?;
        let seen = DepositSeen {
            address: address.to_owned(),
            basis: Basis::Inference,
            claim: None,
            confidence_millionths: Some(found.confidence_millionths),
            sweeps: found.sweeps.len(),
        };
        Some((
            seen,
            self.view.address(found.service).display(self.view.chain()),
        ))
    }

    fn moved(&self, transaction: &str, from: &str, to: &str, asset: &str) -> Option<U256> {
        let id = TransactionId::parse(self.view.chain(), transaction).ok()?;
        let (from, to) = (self.find(from)?, self.find(to)?);
        let holder = |holding| self.view.holding(holding).0;
        let mut sum = U256::ZERO;
        for tx in self.view.find_transaction(&id) {
            for leg in self.view.legs(tx) {
                let Destination::Holding(into) = leg.to else {
                    continue;
                };
                let is_it = leg.from.map(holder) == Some(from)
                    && holder(into) == to
                    && self.view.asset(leg.asset).as_str() == asset;
                sum = sum.saturating_add(if is_it { leg.amount } else { U256::ZERO });
            }
        }
        Some(sum)
    }
}

impl<V: UtxoView> Surround for Outputs<'_, V> {
    fn chain(&self) -> &Chain {
        self.view.chain()
    }

    fn has_left(&self, end: &Endpoint) -> Option<bool> {
        let (id, vout) = end.output.as_deref()?.rsplit_once(':')?;
        let id = TransactionId::parse(self.view.chain(), id).ok()?;
        let vout: u64 = vout.parse().ok()?;
        let found = self.view.find_transaction(&id);
        let mut found = found.into_iter().filter(|tx| {
            end.height.is_none()
                || self.view.position(*tx).height == end.height
                || end.kind == EndpointKind::Mixer
        });
        let tx = found.next()?;
        let outputs = self.view.outputs(tx);
        let output = outputs
            .start
            .checked_add(vout)
            .filter(|output| *output < outputs.end)?;
        match self.view.spender(OutputIx(output)) {
            Some(_) => Some(true),
            None => self.view.complete_since(tx).then_some(false),
        }
    }

    fn deposit(&self, _address: &str) -> Option<(DepositSeen, String)> {
        None
    }

    fn moved(&self, _transaction: &str, _from: &str, _to: &str, _asset: &str) -> Option<U256> {
        None
    }
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

    /// A deposit address that is claimed.
    fn deposit(&self, address: &str) -> Option<DepositSeen> {
        let parsed = Address::parse(self.chain, address).ok()?;
        let claim = self.knowledge.deposits.get(&parsed)?.first()?;
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

/// An end, divided by the deposit addresses that paid it.
fn of_end(
    around: &impl Surround,
    index: &Index<'_>,
    names: &Names<'_>,
    end: &Endpoint,
) -> Vec<Position> {
    let edges = index.edges(end);
    let divides = matches!(end.kind, EndpointKind::Service | EndpointKind::Degree);
    let mut parts: BTreeMap<Option<&str>, Vec<&Edge>> = BTreeMap::new();
    let mut seen: BTreeMap<&str, Option<DepositSeen>> = BTreeMap::new();
    for edge in edges {
        let payer = edge.from.address.as_deref().filter(|_| divides);
        let deposit = payer.filter(|payer| {
            let known = seen.entry(*payer);
            let known = known.or_insert_with(|| {
                names.deposit(payer).or_else(|| {
                    let (seen, service) = around.deposit(payer)?;
                    (Some(&service) == end.address.as_ref()).then_some(seen)
                })
            });
            known.is_some()
        });
        parts.entry(deposit).or_default().push(edge);
    }
    if parts.is_empty() {
        parts.insert(None, Vec::new());
    }
    let sums: Vec<U256> = parts
        .values()
        .map(|edges| {
            edges.iter().fold(U256::ZERO, |sum, edge| {
                sum.saturating_add(amount(&edge.amount))
            })
        })
        .collect();
    let all = sums
        .iter()
        .fold(U256::ZERO, |sum, part| sum.saturating_add(*part));
    let whole = amount(&end.amount);
    // What came by other ways than edges (an exchange of assets) belongs to no deposit address.
    let is_more = all < whole;
    let amounts = match parts.len() {
        1 if !is_more || parts.contains_key(&None) => vec![whole],
        _ if is_more => sums.clone(),
        _ => portions(&sums, whole),
    };
    let is_one = amounts.len() == 1;
    let mut found = Vec::new();
    for ((deposit, edges), part) in parts.into_iter().zip(&amounts) {
        let arrivals = edges.iter().map(|edge| index.arrival(edge)).collect();
        let deposit = deposit.and_then(|deposit| seen.get(deposit).cloned().flatten());
        let mut position = position(around, names, end, (deposit, arrivals));
        if !is_one {
            narrow(around, &mut position, end, *part);
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
    if let Some(seen) = names.deposit(address) {
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
        // The trace was asked not to follow what moves on from there.
        EndpointKind::Depth | EndpointKind::Dust | EndpointKind::Time | EndpointKind::Recovered => {
            Some(false)
        }
        EndpointKind::Service | EndpointKind::Degree | EndpointKind::Bridge => {
            around.has_left(end).map(|left| !left)
        }
        EndpointKind::Mixer => around.has_left(end).filter(|left| *left).map(|left| !left),
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
    let moved_on = position.still_there == Some(false);
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
