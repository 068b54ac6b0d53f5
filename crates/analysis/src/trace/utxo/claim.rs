//! Origins claim their outputs as the trace comes to them; what is claimed already stays with its origin.

use std::collections::BTreeMap;

use whither_ledger::view::{TxIx, UtxoView};

use super::slots::Slot;
use super::{COIN, Driver};
use crate::trace::bounds::Claiming;
use crate::trace::collect::{Arrival, Place};
use crate::trace::origins::Claim;
use crate::trace::policy::{Direction, Policy};
use crate::trace::render;
use crate::trace::taint::{Piece, Pieces, claim, clean};

impl<V: UtxoView> Driver<'_, V> {
    /// Claims on places that no transaction of the view brings money into: backward, what is unspent.
    pub(super) fn start(&mut self) {
        if self.request.direction == Direction::Forward {
            return;
        }
        let mut incoming = BTreeMap::new();
        for claim in self.claims.get(&None).into_iter().flatten() {
            self.claim(&mut incoming, *claim);
        }
        for (place, pieces) in incoming {
            let value = self.value(place);
            self.arrive((place, value), &pieces, Arrival::default(), true);
        }
    }

    /// Gives an origin what it names of a place and nobody claimed before.
    pub(super) fn claim(
        &mut self,
        incoming: &mut BTreeMap<Place, Pieces<u64>>,
        wanted: Claim<u64>,
    ) {
        let value = self.value(wanted.place).unwrap_or(wanted.limit);
        let address = self.owner(wanted.place);
        let pieces = incoming
            .entry(wanted.place)
            .or_insert_with(|| clean(value, 0));
        let limit = self.limits.wanted(wanted.origin_ix, wanted.limit);
        let is_reached = pieces.iter().any(|piece| piece.origin_ix.is_tainted());
        let claimed = match self.policy {
            // What taint reaches is tainted whole, so there is nothing left to claim.
            Policy::Poison if is_reached => 0,
            Policy::Poison => {
                *pieces = vec![Piece {
                    debit: 0,
                    origin_ix: wanted.origin_ix,
                    amount: value,
                }];
                limit
            }
            _ => claim(pieces, wanted.origin_ix, limit),
        };
        self.limits.take(wanted.origin_ix, claimed);
        self.collector.may_claim(COIN, limit);
        if claimed > 0 {
            self.collector
                .claim(wanted.origin_ix, COIN, address, claimed);
        }
        let others: u64 = pieces
            .iter()
            .filter(|piece| piece.origin_ix.is_tainted() && piece.origin_ix != wanted.origin_ix)
            .map(|piece| piece.amount)
            .sum();
        let lost = (limit - claimed).min(others);
        if lost > 0 {
            self.collector.caveats.insert(render::collision(
                self.view,
                &self.request.name(wanted.origin_ix),
                wanted.place,
                lost,
            ));
        }
        if let Some(network) = &mut self.network {
            let is_limited = !self.limits.is_unlimited(wanted.origin_ix);
            let claiming = Claiming::of(is_reached, limit, value, is_limited);
            network.claim(wanted.place, limit, claiming);
        }
    }

    /// An input made outside the store that an address origin claims when it is spent.
    pub(super) fn claim_outside(&mut self, tx: TxIx, slot: &Slot) -> Option<Pieces<u64>> {
        if self.request.direction == Direction::Backward {
            return None;
        }
        let claims: Vec<Claim<u64>> = self.outside_claims.get(&tx)?.clone();
        let mut incoming = BTreeMap::new();
        for wanted in claims.into_iter().filter(|claim| claim.place == slot.place) {
            self.claim(&mut incoming, wanted);
        }
        incoming.remove(&slot.place)
    }
}
