//! The network of what poison reaches over outputs, for the bounds.

use std::collections::BTreeMap;

use whither_ledger::view::{TxIx, UtxoView};

use super::slots::fee;
use super::{COIN, Driver, Work};
use crate::trace::collect::Place;
use crate::trace::policy::Direction;
use crate::trace::result::EndpointKind;
use crate::trace::taint::total;

impl<V: UtxoView> Driver<'_, V> {
    pub(super) fn join(&mut self, tx: TxIx, work: &Work) {
        let Some(network) = &mut self.network else {
            return;
        };
        let values: BTreeMap<Place, u64> = work
            .debits
            .iter()
            .filter_map(|slot| Some((slot.place, slot.value?)))
            .collect();
        for tainted in &work.tainted {
            let place = tainted.place;
            let capacity = values
                .get(&place)
                .copied()
                .unwrap_or_else(|| total(&work.queue[tainted.pieces.clone()]));
            network.join(place, tx, capacity);
        }
    }

    pub(super) fn leave(&mut self, tx: TxIx, place: Place, value: Option<u64>) {
        if let (Some(network), Some(value)) = (&mut self.network, value) {
            network.leave(tx, place, value);
        }
    }

    pub(super) fn leave_fee(&mut self, tx: TxIx, work: &Work) {
        if self.network.is_none() {
            return;
        }
        let forward = self.request.direction == Direction::Forward;
        match (&mut self.network, fee(&work.debits, &work.credits)) {
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

    pub(super) fn drain(&mut self, place: Place, kind: EndpointKind) {
        let value = self.value(place);
        if let (Some(network), Some(value)) = (&mut self.network, value) {
            network.drain(place, kind, value);
        }
    }
}
