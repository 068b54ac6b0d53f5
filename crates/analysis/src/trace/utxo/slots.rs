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
    pub(super) fn debits(&self, tx: TxIx) -> Vec<Slot> {
        match self.request.direction {
            Direction::Forward => self.inputs(tx),
            Direction::Backward => {
                let (mut outputs, inputs) = (self.outputs(tx), self.inputs(tx));
                let fee = if self.view.is_coinbase(tx) {
                    Some(0)
                } else {
                    fee(&inputs, &outputs)
                };
                outputs.push(Slot {
                    place: Place::Fee(tx, COIN),
                    value: fee,
                });
                outputs
            }
        }
    }

    pub(super) fn credits(&self, tx: TxIx) -> Vec<Slot> {
        match self.request.direction {
            Direction::Forward => self.outputs(tx),
            Direction::Backward => self.inputs(tx),
        }
    }

    pub(super) fn inputs(&self, tx: TxIx) -> Vec<Slot> {
        let place = |prevout: Prevout| match prevout {
            Prevout::Inside(output) => Place::Output(output),
            Prevout::Outside(ix) => Place::Outside(ix),
        };
        let inputs = self.view.inputs(tx).map(place);
        inputs
            .map(|place| Slot {
                place,
                value: self.value(place),
            })
            .collect()
    }

    pub(super) fn outputs(&self, tx: TxIx) -> Vec<Slot> {
        let outputs = self
            .view
            .outputs(tx)
            .map(|row| Place::Output(OutputIx(row)));
        outputs
            .map(|place| Slot {
                place,
                value: self.value(place),
            })
            .collect()
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
