//! Where a trace over outputs ends: before a transaction, at a place, or not yet.

use std::collections::BTreeSet;

use whither_ledger::view::{AddressIx, OutputIx, Prevout, TxIx, UtxoView};

use super::{Driver, Tainted, Work};
use crate::demix;
use crate::shape::of_owner;
use crate::trace::collect::{Arrival, Place, Why};
use crate::trace::policy::{Direction, Policy};
use crate::trace::result::{Caveat, EndpointKind};
use crate::trace::stop;
use crate::trace::taint::Piece;

impl<V: UtxoView> Driver<'_, V> {
    /// Ends the trace at the debits of a transaction that cannot, or must not, be passed.
    pub(super) fn ends_at_transaction(&mut self, tx: TxIx, work: &Work) -> bool {
        let stop = self.stop_at_transaction(tx, work);
        let Some((kind, why)) = stop else {
            return false;
        };
        for tainted in &work.tainted {
            self.drain(tainted.place, kind);
            self.end_debit(tx, (kind, why.clone()), tainted, work);
        }
        true
    }

    /// Backward under poison: money from an input of unknown value was last seen where it arrived.
    pub(super) fn reach_outside(&mut self, tx: TxIx, work: &Work) {
        if work.credits.iter().all(|slot| slot.value.is_some()) {
            return;
        }
        for tainted in &work.tainted {
            let why = Why::fact("missing-prevouts");
            self.end_debit(tx, (EndpointKind::Horizon, why), tainted, work);
        }
    }

    fn end_debit(
        &mut self,
        tx: TxIx,
        (kind, why): (EndpointKind, Why),
        tainted: &Tainted,
        work: &Work,
    ) {
        let arrival = Arrival {
            tx: Some(tx),
            hops: tainted.hops,
            via: BTreeSet::new(),
        };
        let pieces = &work.queue[tainted.pieces.clone()];
        self.collector
            .end_once(kind, tainted.place, pieces, arrival, why);
    }

    fn stop_at_transaction(&mut self, tx: TxIx, work: &Work) -> Option<(EndpointKind, Why)> {
        if self.request.stops.coinjoin
            && let Some(found) = demix::coinjoin(self.view, tx)
        {
            let why = Why {
                anonymity_set: Some(found.anonymity_set),
                ..Why::inference(format!("coinjoin:{}", found.make.name()))
            };
            return Some((EndpointKind::Mixer, why));
        }
        let unknown = work
            .debits
            .iter()
            .chain(&work.credits)
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

    /// Taint comes to a place: it goes on from there, or the trace ends.
    pub(super) fn arrive(
        &mut self,
        (place, value): (Place, Option<u64>),
        pieces: &[Piece<u64>],
        arrival: Arrival,
        is_origin: bool,
    ) {
        let amount = self.amount(pieces);
        if amount == 0 {
            return;
        }
        match self.end_of(place, amount, &arrival, is_origin) {
            Ok(next) => {
                let at = (place, value);
                self.pending.put(next, at, arrival.hops, pieces);
            }
            Err((kind, why)) => {
                self.drain(place, kind);
                self.collector.end_once(kind, place, pieces, arrival, why);
            }
        }
    }

    /// The transaction that moves a place's money on, or why the trace ends there.
    fn end_of(
        &mut self,
        place: Place,
        amount: u64,
        arrival: &Arrival,
        is_origin: bool,
    ) -> Result<TxIx, (EndpointKind, Why)> {
        let view = self.view;
        let Place::Output(output) = place else {
            return Err((EndpointKind::Horizon, Why::fact("end-of-data")));
        };
        if !is_origin && let Some(stop) = self.stop_at(output, arrival.tx) {
            return Err(stop);
        }
        let next = match self.request.direction {
            Direction::Forward => view.spender(output).ok_or_else(|| self.unspent(output))?,
            Direction::Backward => {
                let creator = view.creator(output);
                if view.is_coinbase(creator) {
                    return Err((EndpointKind::Coinbase, Why::fact("coinbase")));
                }
                creator
            }
        };
        let stop = if is_origin {
            stop::out_of_time(view, self.request, next)
        } else {
            stop::on_the_way(view, self.request, next, arrival.hops, amount)
        };
        stop.map_or(Ok(next), Err)
    }

    /// A stop at whose an output is, or at who paid it.
    fn stop_at(&mut self, output: OutputIx, from: Option<TxIx>) -> Option<(EndpointKind, Why)> {
        let (view, request) = (self.view, self.request);
        let knowledge = &request.knowledge;
        let moved = match request.direction {
            Direction::Forward => view.creator(output),
            Direction::Backward => from.unwrap_or_else(|| view.creator(output)),
        };
        let asks_owner = request.stops.degree.is_some()
            || request.stops.shape.is_some()
            || (request.stops.services && !knowledge.services.is_empty());
        if asks_owner
            && let Some(address) = view.owner(output)
            && let Some(stop) = stop::at_address(view, request, (address, moved), |limit| {
                of_owner(view, address, limit)
            })
        {
            return Some(stop);
        }
        if knowledge.deposits.is_empty() || request.direction == Direction::Backward {
            return None;
        }
        // All outputs of a transaction have the same payers.
        let creator = from.unwrap_or_else(|| view.creator(output));
        if let Some((tx, stop)) = &self.swept
            && *tx == creator
        {
            return stop.clone();
        }
        let stop = stop::after_deposit(view, request, self.payers(creator), creator);
        self.swept = Some((creator, stop.clone()));
        stop
    }

    /// Whose money a transaction spends, tainted or not.
    fn payers(&self, tx: TxIx) -> impl Iterator<Item = AddressIx> {
        let prevouts = self.view.inputs(tx);
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
}
