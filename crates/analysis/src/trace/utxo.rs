//! The output driver: follows taint through the transactions of a UTXO chain.
//!
//! A queue of transactions in chain order; each is stepped once, when all its tainted debits are known.
//! Backward, the same step runs with the roles swapped: outputs and fee are the debits, inputs the
//! credits, and the queue is taken from its end. FIFO and LIFO map coins one to one, so both directions
//! tell the same story (LAWS.md 15).

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, AssetIx, OutputIx, Prevout, TxIx, UtxoView};

use super::bounds::Network;
use super::collect::{Arrival, Collector, Place, RawEdge, Why};
use super::kernel::split;
use super::origins::{self, Claim, OutputClaims};
use super::policy::{Direction, Policy};
use super::render;
use super::request::{Request, TraceError};
use super::result::{Basis, Caveat, EndpointKind, Trace};
use super::stop;
use super::taint::{Label, MIXED, Piece, Pieces, claim, clean, settle, total};

/// The only asset of a UTXO chain.
pub(super) const COIN: AssetIx = AssetIx(0);

/// Traces over a UTXO chain.
///
/// # Errors
/// [`TraceError`] where an origin is not in the view, or the policy has no such direction.
pub fn trace_utxo<V: UtxoView>(view: &V, request: &Request) -> Result<Trace, TraceError> {
    if request.policy == Policy::Tiho && request.direction == Direction::Backward {
        return Err(TraceError::TihoBackward);
    }
    let claims = origins::on_outputs(view, request)?;
    let collector = Driver::new(view, request, request.policy, &claims, None).run().0;
    let network = super::bounds::applies(request).then(|| {
        let driver = Driver::new(view, request, Policy::Poison, &claims, Some(Network::new()));
        driver.run().1
    });
    Ok(render::utxo(view, request, &collector, network.flatten().as_ref()))
}

/// Taint at rest in a place, waiting for the transaction that moves it on.
struct Held {
    pieces: Pieces<u64>,
    hops: u32,
}

/// One side's entry of a transaction.
struct Slot {
    place: Place,
    value: Option<u64>,
}

struct Driver<'a, V> {
    view: &'a V,
    request: &'a Request,
    policy: Policy,
    claims: &'a OutputClaims,
    outside_claims: BTreeMap<TxIx, Vec<Claim<u64>>>,
    held: BTreeMap<Place, Held>,
    queue: BTreeSet<TxIx>,
    collector: Collector<u64>,
    network: Option<Network<u64>>,
}

impl<'a, V: UtxoView> Driver<'a, V> {
    fn new(
        view: &'a V,
        request: &'a Request,
        policy: Policy,
        claims: &'a OutputClaims,
        network: Option<Network<u64>>,
    ) -> Self {
        Self {
            view,
            request,
            policy,
            claims,
            outside_claims: origins::outside_spends(view, claims),
            held: BTreeMap::new(),
            queue: claims.keys().filter_map(|tx| *tx).collect(),
            collector: Collector::new(policy == Policy::Poison),
            network,
        }
    }

    fn run(mut self) -> (Collector<u64>, Option<Network<u64>>) {
        if self.request.direction == Direction::Forward {
            self.queue.extend(self.outside_claims.keys());
        }
        self.start();
        while let Some(tx) = self.next() {
            self.step(tx);
            if self.network.as_ref().is_some_and(Network::is_too_large) {
                self.network = None;
                break;
            }
        }
        (self.collector, self.network)
    }

    fn next(&mut self) -> Option<TxIx> {
        match self.request.direction {
            Direction::Forward => self.queue.pop_first(),
            Direction::Backward => self.queue.pop_last(),
        }
    }

    /// Claims on places that no transaction of the view brings money into: backward, what is unspent.
    fn start(&mut self) {
        if self.request.direction == Direction::Forward {
            return;
        }
        let mut incoming = BTreeMap::new();
        for claim in self.claims.get(&None).into_iter().flatten() {
            self.claim(&mut incoming, *claim);
        }
        for (place, pieces) in incoming {
            self.arrive(place, pieces, Arrival::default(), true);
        }
    }

    fn step(&mut self, tx: TxIx) {
        let mut incoming = BTreeMap::new();
        let hops = self.pass(tx, &mut incoming);
        let mut fresh = BTreeSet::new();
        for claim in self.claims.get(&Some(tx)).into_iter().flatten() {
            fresh.insert(claim.place);
            self.claim(&mut incoming, *claim);
        }
        let (hops, via) = hops.unwrap_or_default();
        for (place, pieces) in incoming {
            let is_origin = fresh.contains(&place);
            let arrival = if is_origin {
                Arrival { tx: Some(tx), ..Arrival::default() }
            } else {
                Arrival { tx: Some(tx), hops, via: via.clone() }
            };
            self.arrive(place, pieces, arrival, is_origin);
        }
    }

    /// Passes taint from the debits of a transaction to its credits; the hops behind it, if any passed.
    fn pass(&mut self, tx: TxIx, incoming: &mut BTreeMap<Place, Pieces<u64>>) -> Option<(u32, BTreeSet<AddressIx>)> {
        let debits = self.debits(tx);
        let mut queue = Vec::new();
        let mut tainted: Vec<(Place, Held)> = Vec::new();
        for (number, slot) in (0_u32..).zip(&debits) {
            let held = self.held.remove(&slot.place).or_else(|| self.claim_outside(tx, slot));
            match held {
                Some(held) => {
                    queue.extend(held.pieces.iter().map(|piece| Piece { debit: number, ..*piece }));
                    tainted.push((slot.place, held));
                }
                None => queue.extend(clean(slot.value.unwrap_or(0), number)),
            }
        }
        let hops = tainted.iter().map(|(_, held)| held.hops).min()? + 1;
        let via = self.deposits(tainted.iter().map(|(place, _)| *place));
        let credits = self.credits(tx);
        if self.ends_at_transaction(tx, &tainted, &debits, &credits) {
            return None;
        }
        for (place, held) in &tainted {
            self.collector.flow(tx, false, COIN, *place, self.amount(&held.pieces));
        }
        self.join(tx, &debits, &tainted);
        self.reach_outside(tx, &tainted, &credits);
        let (taken, fee) = self.divide(queue, &debits, &credits);
        for (credit, pieces) in credits.iter().zip(taken) {
            if self.amount(&pieces) > 0 {
                self.edges(tx, &debits, credit.place, &pieces);
                self.leave(tx, credit.place, credit.value);
                incoming.insert(credit.place, settle(pieces));
            }
        }
        if self.request.direction == Direction::Forward && self.amount(&fee) > 0 {
            let place = Place::Fee(tx, COIN);
            self.collector.flow(tx, true, COIN, place, self.amount(&fee));
            let arrival = Arrival { tx: Some(tx), hops, via: BTreeSet::new() };
            self.collector.end(EndpointKind::Fee, place, &settle(fee), arrival, Why::fact("fee"));
        }
        self.leave_fee(tx, &debits, &credits);
        Some((hops, via))
    }

    /// Credits and rest by the policy in force.
    fn divide(&self, queue: Pieces<u64>, debits: &[Slot], credits: &[Slot]) -> (Vec<Pieces<u64>>, Pieces<u64>) {
        if self.policy != Policy::Poison {
            let values: Vec<u64> = credits.iter().map(|slot| slot.value.expect("checked before")).collect();
            let split = split(self.policy, queue, &values);
            return (split.credits, split.rest);
        }
        let labels: BTreeSet<(Label, u32)> =
            queue.iter().filter(|piece| piece.label.is_tainted()).map(|piece| (piece.label, piece.debit)).collect();
        let reach = |value: u64| -> Pieces<u64> {
            let mut pieces: Pieces<u64> = Vec::new();
            for (label, debit) in labels.iter().filter(|_| value > 0) {
                match pieces.last_mut() {
                    Some(last) if last.label == *label => last.debit = MIXED,
                    _ => pieces.push(Piece { debit: *debit, label: *label, amount: value }),
                }
            }
            pieces
        };
        let fee = fee(debits, credits).unwrap_or(0);
        (credits.iter().map(|slot| reach(slot.value.unwrap_or(0))).collect(), reach(fee))
    }

    /// Backward under poison: money from an input of unknown value was last seen where it arrived.
    fn reach_outside(&mut self, tx: TxIx, tainted: &[(Place, Held)], credits: &[Slot]) {
        if credits.iter().all(|slot| slot.value.is_some()) {
            return;
        }
        for (place, held) in tainted {
            let arrival = Arrival { tx: Some(tx), hops: held.hops, via: BTreeSet::new() };
            self.collector.end(EndpointKind::Horizon, *place, &held.pieces, arrival, Why::fact("missing-prevouts"));
        }
    }

    /// Ends the trace at the debits of a transaction that cannot, or must not, be passed.
    fn ends_at_transaction(&mut self, tx: TxIx, tainted: &[(Place, Held)], debits: &[Slot], credits: &[Slot]) -> bool {
        let stop = self.stop_at_transaction(tx, debits, credits);
        let Some((kind, why)) = stop else { return false };
        for (place, held) in tainted {
            let arrival = Arrival { tx: Some(tx), hops: held.hops, via: BTreeSet::new() };
            self.drain(*place, kind);
            self.collector.end(kind, *place, &held.pieces, arrival, why.clone());
        }
        true
    }

    fn stop_at_transaction(&mut self, tx: TxIx, debits: &[Slot], credits: &[Slot]) -> Option<(EndpointKind, Why)> {
        if self.request.stops.coinjoin
            && let Some(set) = stop::coinjoin(self.view, tx)
        {
            let why = Why { anonymity_set: Some(set), ..Why::inference("coinjoin:generic") };
            return Some((EndpointKind::Mixer, why));
        }
        let unknown = debits.iter().chain(credits).any(|slot| slot.value.is_none());
        if !unknown || self.policy == Policy::Poison {
            return None;
        }
        let id = self.view.transaction_id(tx).to_string();
        self.collector.caveats.insert(Caveat {
            transaction: Some(id),
            ..Caveat::general(
                "missing-prevouts",
                "this transaction spends outputs whose values are not in the store, so how taint passes it is unknown; \
                 the trace ends before it",
            )
        });
        Some((EndpointKind::Horizon, Why::fact("missing-prevouts")))
    }

    fn arrive(&mut self, place: Place, pieces: Pieces<u64>, arrival: Arrival, is_origin: bool) {
        let amount = self.amount(&pieces);
        if amount == 0 {
            return;
        }
        match self.end_of(place, amount, arrival.hops, is_origin) {
            Ok(next) => {
                self.queue.insert(next);
                self.held.insert(place, Held { pieces, hops: arrival.hops });
            }
            Err((kind, why)) => {
                self.drain(place, kind);
                self.collector.end(kind, place, &pieces, arrival, why);
            }
        }
    }

    /// The transaction that moves a place's money on, or why the trace ends there.
    fn end_of(&self, place: Place, amount: u64, hops: u32, is_origin: bool) -> Result<TxIx, (EndpointKind, Why)> {
        let view = self.view;
        let Place::Output(output) = place else {
            return Err((EndpointKind::Horizon, Why::fact("end-of-data")));
        };
        if let Some(address) = view.owner(output).filter(|_| !is_origin)
            && let Some(stop) = stop::at_address(view, self.request, address)
        {
            return Err(stop);
        }
        let next = match self.request.direction {
            Direction::Forward => view.spender(output).ok_or_else(|| self.unspent(output))?,
            Direction::Backward if view.is_coinbase(view.creator(output)) => {
                return Err((EndpointKind::Coinbase, Why::fact("coinbase")));
            }
            Direction::Backward => view.creator(output),
        };
        stop::on_the_way(view, self.request, next, hops, amount).map_or(Ok(next), Err)
    }

    fn unspent(&self, output: OutputIx) -> (EndpointKind, Why) {
        if self.view.complete_since(self.view.creator(output)) {
            (EndpointKind::Unspent, Why::fact("unspent-within-coverage"))
        } else {
            (EndpointKind::Horizon, Why::fact("end-of-data"))
        }
    }

    /// Gives an origin what it names of a place and nobody claimed before.
    fn claim(&mut self, incoming: &mut BTreeMap<Place, Pieces<u64>>, wanted: Claim<u64>) {
        let value = self.value(wanted.place).unwrap_or(wanted.limit);
        let address = self.owner(wanted.place);
        let pieces = incoming.entry(wanted.place).or_insert_with(|| clean(value, 0));
        let claimed = match self.policy {
            // What taint reaches is tainted whole, so there is nothing left to claim.
            Policy::Poison if pieces.iter().any(|piece| piece.label.is_tainted()) => 0,
            Policy::Poison => {
                *pieces = vec![Piece { debit: 0, label: wanted.label, amount: value }];
                wanted.limit
            }
            _ => claim(pieces, wanted.label, wanted.limit),
        };
        self.collector.claimable = self.collector.claimable.saturating_add(wanted.limit);
        if claimed > 0 {
            self.collector.claim(wanted.label, COIN, address, claimed);
        }
        let others: u64 = pieces
            .iter()
            .filter(|piece| piece.label.is_tainted() && piece.label != wanted.label)
            .map(|piece| piece.amount)
            .sum();
        let lost = (wanted.limit - claimed).min(others);
        if lost > 0 {
            self.collector.caveats.insert(render::collision(self.view, wanted.label, wanted.place, lost));
        }
        let overlap = others > 0 || claimed < wanted.limit;
        if let Some(network) = &mut self.network {
            network.enter(wanted.place, claimed, overlap);
        }
    }

    /// An input made outside the store that an address origin claims when it is spent.
    fn claim_outside(&mut self, tx: TxIx, slot: &Slot) -> Option<Held> {
        if self.request.direction == Direction::Backward {
            return None;
        }
        let claims: Vec<Claim<u64>> = self.outside_claims.get(&tx)?.clone();
        let mut incoming = BTreeMap::new();
        for wanted in claims.into_iter().filter(|claim| claim.place == slot.place) {
            self.claim(&mut incoming, wanted);
        }
        let pieces = incoming.remove(&slot.place)?;
        Some(Held { pieces, hops: 0 })
    }

    fn edges(&mut self, tx: TxIx, debits: &[Slot], to: Place, pieces: &[Piece<u64>]) {
        self.collector.flow(tx, true, COIN, to, self.amount(pieces));
        let mut by_debit: BTreeMap<u32, BTreeMap<Label, u64>> = BTreeMap::new();
        for piece in pieces.iter().filter(|piece| piece.label.is_tainted()) {
            *by_debit.entry(piece.debit).or_default().entry(piece.label).or_insert(0) += piece.amount;
        }
        for (debit, shares) in by_debit {
            let from = usize::try_from(debit).ok().and_then(|debit| debits.get(debit)).map(|slot| slot.place);
            self.collector.edges.push(RawEdge {
                tx,
                from,
                from_address: from.and_then(|place| self.owner(place)),
                to,
                asset: COIN,
                shares: shares.into_iter().collect(),
                basis: Basis::Fact,
            });
        }
    }

    fn debits(&self, tx: TxIx) -> Vec<Slot> {
        match self.request.direction {
            Direction::Forward => self.inputs(tx),
            Direction::Backward => {
                let (mut outputs, inputs) = (self.outputs(tx), self.inputs(tx));
                let fee = if self.view.is_coinbase(tx) { Some(0) } else { fee(&inputs, &outputs) };
                outputs.push(Slot { place: Place::Fee(tx, COIN), value: fee });
                outputs
            }
        }
    }

    fn credits(&self, tx: TxIx) -> Vec<Slot> {
        match self.request.direction {
            Direction::Forward => self.outputs(tx),
            Direction::Backward => self.inputs(tx),
        }
    }

    fn inputs(&self, tx: TxIx) -> Vec<Slot> {
        let place = |prevout: &Prevout| match prevout {
            Prevout::Inside(output) => Place::Output(*output),
            Prevout::Outside(ix) => Place::Outside(*ix),
        };
        let inputs = self.view.inputs(tx).iter().map(place);
        inputs.map(|place| Slot { place, value: self.value(place) }).collect()
    }

    fn outputs(&self, tx: TxIx) -> Vec<Slot> {
        let outputs = self.view.outputs(tx).map(|row| Place::Output(OutputIx(row)));
        outputs.map(|place| Slot { place, value: self.value(place) }).collect()
    }

    fn value(&self, place: Place) -> Option<u64> {
        match place {
            Place::Output(output) => Some(self.view.value(output)),
            Place::Outside(ix) => self.view.outside(ix).value,
            _ => None,
        }
    }

    fn owner(&self, place: Place) -> Option<AddressIx> {
        match place {
            Place::Output(output) => self.view.owner(output),
            Place::Outside(ix) => self.view.outside(ix).owner,
            _ => None,
        }
    }

    /// The tainted amount of pieces: their sum, or under poison the amount they all reach.
    fn amount(&self, pieces: &[Piece<u64>]) -> u64 {
        if self.policy == Policy::Poison {
            pieces.iter().filter(|piece| piece.label.is_tainted()).map(|piece| piece.amount).max().unwrap_or(0)
        } else {
            super::taint::tainted(pieces)
        }
    }

    fn deposits(&self, places: impl Iterator<Item = Place>) -> BTreeSet<AddressIx> {
        let known = &self.request.knowledge.deposits;
        places
            .filter_map(|place| self.owner(place))
            .filter(|address| known.contains_key(self.view.address(*address)))
            .collect()
    }

    fn join(&mut self, tx: TxIx, debits: &[Slot], tainted: &[(Place, Held)]) {
        let values: BTreeMap<Place, u64> =
            debits.iter().filter_map(|slot| Some((slot.place, slot.value?))).collect();
        if let Some(network) = &mut self.network {
            for (place, held) in tainted {
                let capacity = values.get(place).copied().unwrap_or_else(|| total(&held.pieces));
                network.join(*place, tx, capacity);
            }
        }
    }

    fn leave(&mut self, tx: TxIx, place: Place, value: Option<u64>) {
        if let (Some(network), Some(value)) = (&mut self.network, value) {
            network.leave(tx, place, value);
        }
    }

    fn leave_fee(&mut self, tx: TxIx, debits: &[Slot], credits: &[Slot]) {
        let forward = self.request.direction == Direction::Forward;
        match (&mut self.network, fee(debits, credits)) {
            (Some(network), Some(fee)) if forward => {
                let place = Place::Fee(tx, COIN);
                network.leave(tx, place, fee);
                network.drain(place, EndpointKind::Fee, fee);
            }
            (Some(_), Some(_)) | (None, _) => {}
            // A transaction of unknown values has no capacities to bound by.
            (Some(_), None) => self.network = None,
        }
    }

    fn drain(&mut self, place: Place, kind: EndpointKind) {
        let value = self.value(place);
        if let (Some(network), Some(value)) = (&mut self.network, value) {
            network.drain(place, kind, value);
        }
    }
}

/// What the debits hold beyond the credits, where all are known.
fn fee(debits: &[Slot], credits: &[Slot]) -> Option<u64> {
    let sum = |slots: &[Slot]| slots.iter().try_fold(0_u64, |sum, slot| sum.checked_add(slot.value?));
    sum(debits)?.checked_sub(sum(credits)?)
}
