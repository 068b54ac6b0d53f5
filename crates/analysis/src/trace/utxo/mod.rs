//! The output driver: follows taint through the transactions of a UTXO chain.
//!
//! A queue of transactions in chain order; each is stepped once, when all its tainted debits are known.
//! Backward, the same step runs with the roles swapped: outputs and fee are the debits, inputs the
//! credits, and the queue is taken from its end. FIFO and LIFO map coins one to one, so both directions
//! tell the same story (law 15).

mod claim;
mod network;
mod slots;

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, AssetIx, OutputIx, Prevout, TxIx, UtxoView};

use slots::{Slot, fee};

use crate::trace::bounds::Network;
use crate::trace::collect::{Arrival, Collector, Place, RawEdge, Why};
use crate::trace::kernel::split;
use crate::trace::origins::{self, Claim, Limits, OutputClaims};
use crate::trace::policy::{Direction, Policy};
use crate::trace::render;
use crate::trace::request::{Request, TraceError};
use crate::trace::result::{Basis, Caveat, EndpointKind, Trace};
use crate::trace::stop;
use crate::trace::taint::{MIXED, OriginIx, Piece, Pieces, clean, settle};

/// The only asset of a UTXO chain.
pub(in crate::trace) const COIN: AssetIx = AssetIx(0);

/// Traces over a UTXO chain.
///
/// # Errors
/// [`TraceError`] where an origin is not in the view, or the policy has no such direction.
pub fn trace_utxo<V: UtxoView>(view: &V, request: &Request) -> Result<Trace, TraceError> {
    if request.policy == Policy::Tiho && request.direction == Direction::Backward {
        return Err(TraceError::TihoBackward);
    }
    let claims = origins::on_outputs(view, request)?;
    let collector = Driver::new(view, request, request.policy, &claims, None)
        .run()
        .0;
    let network = crate::trace::bounds::applies(request).then(|| {
        let driver = Driver::new(view, request, Policy::Poison, &claims, Some(Network::new()));
        driver.run().1
    });
    Ok(render::utxo(
        view,
        request,
        &collector,
        network.flatten().as_ref(),
    ))
}

/// Taint at rest in a place, waiting for the transaction that moves it on.
struct Held {
    pieces: Pieces<u64>,
    hops: u32,
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
    limits: Limits,
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
            limits: Limits::of(request),
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
                Arrival {
                    tx: Some(tx),
                    ..Arrival::default()
                }
            } else {
                Arrival {
                    tx: Some(tx),
                    hops,
                    via: via.clone(),
                }
            };
            self.arrive(place, pieces, arrival, is_origin);
        }
    }

    /// Passes taint from the debits of a transaction to its credits; the hops behind it, if any passed.
    fn pass(
        &mut self,
        tx: TxIx,
        incoming: &mut BTreeMap<Place, Pieces<u64>>,
    ) -> Option<(u32, BTreeSet<AddressIx>)> {
        let debits = self.debits(tx);
        let mut queue = Vec::new();
        let mut tainted: Vec<(Place, Held)> = Vec::new();
        for (number, slot) in (0_u32..).zip(&debits) {
            let held = self
                .held
                .remove(&slot.place)
                .or_else(|| self.claim_outside(tx, slot));
            match held {
                Some(held) => {
                    queue.extend(held.pieces.iter().map(|piece| Piece {
                        debit: number,
                        ..*piece
                    }));
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
            self.collector
                .flow(tx, false, COIN, *place, self.amount(&held.pieces));
        }
        self.join(tx, &debits, &tainted);
        self.reach_outside(tx, &tainted, &credits);
        let (taken, fee) = self.divide(queue, &debits, &credits);
        for (credit, pieces) in credits.iter().zip(taken) {
            if self.amount(&pieces) > 0 {
                self.edges(tx, (&debits, &tainted), credit.place, &pieces);
                self.leave(tx, credit.place, credit.value);
                incoming.insert(credit.place, settle(pieces));
            }
        }
        if self.request.direction == Direction::Forward && self.amount(&fee) > 0 {
            let place = Place::Fee(tx, COIN);
            self.collector
                .flow(tx, true, COIN, place, self.amount(&fee));
            let arrival = Arrival {
                tx: Some(tx),
                hops,
                via: BTreeSet::new(),
            };
            self.collector.end(
                EndpointKind::Fee,
                place,
                &settle(fee),
                arrival,
                Why::fact("fee"),
            );
        }
        self.leave_fee(tx, &debits, &credits);
        Some((hops, via))
    }

    /// Credits and rest by the policy in force.
    fn divide(
        &self,
        queue: Pieces<u64>,
        debits: &[Slot],
        credits: &[Slot],
    ) -> (Vec<Pieces<u64>>, Pieces<u64>) {
        if self.policy != Policy::Poison {
            let values: Vec<u64> = credits
                .iter()
                .map(|slot| slot.value.expect("checked before"))
                .collect();
            let split = split(self.policy, queue, &values);
            return (split.credits, split.rest);
        }
        let origin_ixs: BTreeSet<(OriginIx, u32)> = queue
            .iter()
            .filter(|piece| piece.origin_ix.is_tainted())
            .map(|piece| (piece.origin_ix, piece.debit))
            .collect();
        let reach = |value: u64| -> Pieces<u64> {
            let mut pieces: Pieces<u64> = Vec::new();
            for (origin_ix, debit) in origin_ixs.iter().filter(|_| value > 0) {
                match pieces.last_mut() {
                    Some(last) if last.origin_ix == *origin_ix => last.debit = MIXED,
                    _ => pieces.push(Piece {
                        debit: *debit,
                        origin_ix: *origin_ix,
                        amount: value,
                    }),
                }
            }
            pieces
        };
        let fee = fee(debits, credits).unwrap_or(0);
        (
            credits
                .iter()
                .map(|slot| reach(slot.value.unwrap_or(0)))
                .collect(),
            reach(fee),
        )
    }

    /// Backward under poison: money from an input of unknown value was last seen where it arrived.
    fn reach_outside(&mut self, tx: TxIx, tainted: &[(Place, Held)], credits: &[Slot]) {
        if credits.iter().all(|slot| slot.value.is_some()) {
            return;
        }
        for (place, held) in tainted {
            let arrival = Arrival {
                tx: Some(tx),
                hops: held.hops,
                via: BTreeSet::new(),
            };
            self.collector.end(
                EndpointKind::Horizon,
                *place,
                &held.pieces,
                arrival,
                Why::fact("missing-prevouts"),
            );
        }
    }

    /// Ends the trace at the debits of a transaction that cannot, or must not, be passed.
    fn ends_at_transaction(
        &mut self,
        tx: TxIx,
        tainted: &[(Place, Held)],
        debits: &[Slot],
        credits: &[Slot],
    ) -> bool {
        let stop = self.stop_at_transaction(tx, debits, credits);
        let Some((kind, why)) = stop else {
            return false;
        };
        for (place, held) in tainted {
            let arrival = Arrival {
                tx: Some(tx),
                hops: held.hops,
                via: BTreeSet::new(),
            };
            self.drain(*place, kind);
            self.collector
                .end(kind, *place, &held.pieces, arrival, why.clone());
        }
        true
    }

    fn stop_at_transaction(
        &mut self,
        tx: TxIx,
        debits: &[Slot],
        credits: &[Slot],
    ) -> Option<(EndpointKind, Why)> {
        if self.request.stops.coinjoin
            && let Some(set) = stop::coinjoin(self.view, tx)
        {
            let why = Why {
                anonymity_set: Some(set),
                ..Why::inference("coinjoin:generic")
            };
            return Some((EndpointKind::Mixer, why));
        }
        let unknown = debits
            .iter()
            .chain(credits)
            .any(|slot| slot.value.is_none());
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
                self.held.insert(
                    place,
                    Held {
                        pieces,
                        hops: arrival.hops,
                    },
                );
            }
            Err((kind, why)) => {
                self.drain(place, kind);
                self.collector.end(kind, place, &pieces, arrival, why);
            }
        }
    }

    /// The transaction that moves a place's money on, or why the trace ends there.
    fn end_of(
        &self,
        place: Place,
        amount: u64,
        hops: u32,
        is_origin: bool,
    ) -> Result<TxIx, (EndpointKind, Why)> {
        let view = self.view;
        let Place::Output(output) = place else {
            return Err((EndpointKind::Horizon, Why::fact("end-of-data")));
        };
        if !is_origin {
            let stop = view
                .owner(output)
                .and_then(|address| stop::at_address(view, self.request, address))
                .or_else(|| stop::after_deposit(view, self.request, self.payers(output)));
            if let Some(stop) = stop {
                return Err(stop);
            }
        }
        let next = match self.request.direction {
            Direction::Forward => view.spender(output).ok_or_else(|| self.unspent(output))?,
            Direction::Backward if view.is_coinbase(view.creator(output)) => {
                return Err((EndpointKind::Coinbase, Why::fact("coinbase")));
            }
            Direction::Backward => view.creator(output),
        };
        let stop = if is_origin {
            stop::out_of_time(view, self.request, next)
        } else {
            stop::on_the_way(view, self.request, next, hops, amount)
        };
        stop.map_or(Ok(next), Err)
    }

    /// Whose money made an output, tainted or not.
    fn payers(&self, output: OutputIx) -> impl Iterator<Item = AddressIx> {
        let prevouts = self.view.inputs(self.view.creator(output));
        prevouts.filter_map(|prevout| match prevout {
            Prevout::Inside(spent) => self.view.owner(spent),
            Prevout::Outside(ix) => self.view.outside(ix).owner,
        })
    }

    fn unspent(&self, output: OutputIx) -> (EndpointKind, Why) {
        if self.view.complete_since(self.view.creator(output)) {
            (EndpointKind::Unspent, Why::fact("unspent-within-coverage"))
        } else {
            (EndpointKind::Horizon, Why::fact("end-of-data"))
        }
    }

    fn edges(
        &mut self,
        tx: TxIx,
        (debits, tainted): (&[Slot], &[(Place, Held)]),
        to: Place,
        pieces: &[Piece<u64>],
    ) {
        // Several inputs mixed are still one address's, where it owns them all.
        let owners: BTreeSet<Option<AddressIx>> = tainted
            .iter()
            .map(|(place, _)| self.owner(*place))
            .collect();
        let owner = owners
            .first()
            .copied()
            .flatten()
            .filter(|_| owners.len() == 1);
        self.collector.flow(tx, true, COIN, to, self.amount(pieces));
        let mut by_debit: BTreeMap<u32, BTreeMap<OriginIx, u64>> = BTreeMap::new();
        for piece in pieces.iter().filter(|piece| piece.origin_ix.is_tainted()) {
            *by_debit
                .entry(piece.debit)
                .or_default()
                .entry(piece.origin_ix)
                .or_insert(0) += piece.amount;
        }
        for (debit, shares) in by_debit {
            let from = usize::try_from(debit)
                .ok()
                .and_then(|debit| debits.get(debit))
                .map(|slot| slot.place);
            self.collector.edges.push(RawEdge {
                tx,
                from,
                from_address: from.map_or(owner, |place| self.owner(place)),
                to,
                asset: COIN,
                shares: shares.into_iter().collect(),
                basis: Basis::Fact,
            });
        }
    }

    /// The tainted amount of pieces: their sum, or under poison the amount they all reach.
    fn amount(&self, pieces: &[Piece<u64>]) -> u64 {
        if self.policy == Policy::Poison {
            pieces
                .iter()
                .filter(|piece| piece.origin_ix.is_tainted())
                .map(|piece| piece.amount)
                .max()
                .unwrap_or(0)
        } else {
            crate::trace::taint::tainted(pieces)
        }
    }

    fn deposits(&self, places: impl Iterator<Item = Place>) -> BTreeSet<AddressIx> {
        let known = &self.request.knowledge.deposits;
        places
            .filter_map(|place| self.owner(place))
            .filter(|address| known.contains_key(self.view.address(*address).as_ref()))
            .collect()
    }
}
