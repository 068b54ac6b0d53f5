//! The two sides of a transaction of outputs, in the direction of the trace.

use whither_ledger::view::{AddressIx, OutputIx, Prevout, TxIx, UtxoView};

use super::{COIN, Driver};
use crate::trace::collect::Place;
use crate::trace::policy::Direction;

/// One side's entry of a transaction.
pub(super) struct Slot {
    pub(super) place: Place,
    pub(super) value: Option<u64>,
}

impl<V: UtxoView> Driver<'_, V> {
    /// The debits; forward without their values, for those of tainted debits are known already.
    pub(super) fn debits(&self, tx: TxIx, slots: &mut Vec<Slot>) {
        slots.clear();
        if self.request.direction == Direction::Forward {
            let slot = |place| Slot { place, value: None };
            return slots.extend(self.prevouts(tx).map(slot));
        }
        self.outputs(tx, slots);
        let value = if self.view.is_coinbase(tx) {
            Some(0)
        } else {
            let mut inputs = Vec::new();
            self.inputs(tx, &mut inputs);
            fee(&inputs, slots)
        };
        slots.push(Slot {
            place: Place::Fee(tx, COIN),
            value,
        });
    }

    pub(super) fn credits(&self, tx: TxIx, slots: &mut Vec<Slot>) {
        slots.clear();
        match self.request.direction {
            Direction::Forward => self.outputs(tx, slots),
            Direction::Backward => self.inputs(tx, slots),
        }
    }

    fn inputs(&self, tx: TxIx, slots: &mut Vec<Slot>) {
        slots.extend(self.prevouts(tx).map(|place| Slot {
            place,
            value: self.value(place),
        }));
    }

    fn prevouts(&self, tx: TxIx) -> impl Iterator<Item = Place> {
        self.view.inputs(tx).map(|prevout| match prevout {
            Prevout::Inside(output) => Place::Output(output),
            Prevout::Outside(ix) => Place::Outside(ix),
        })
    }

    fn outputs(&self, tx: TxIx, slots: &mut Vec<Slot>) {
        let outputs = self.view.outputs(tx).map(OutputIx);
        slots.extend(outputs.map(|output| Slot {
            place: Place::Output(output),
            value: Some(self.view.value(output)),
        }));
    }

    pub(super) fn value(&self, place: Place) -> Option<u64> {
        match place {
            Place::Output(output) => Some(self.view.value(output)),
            Place::Outside(ix) => self.view.outside(ix).value,
            _ => None,
        }
    }

    pub(super) fn owner(&self, place: Place) -> Option<AddressIx> {
        match place {
            Place::Output(output) => self.view.owner(output),
            Place::Outside(ix) => self.view.outside(ix).owner,
            _ => None,
        }
    }
}

/// What the debits hold beyond the credits, where all are known.
pub(super) fn fee(debits: &[Slot], credits: &[Slot]) -> Option<u64> {
    let sum = |slots: &[Slot]| {
        slots
            .iter()
            .try_fold(0_u64, |sum, slot| sum.checked_add(slot.value?))
    };
    sum(debits)?.checked_sub(sum(credits)?)
}
