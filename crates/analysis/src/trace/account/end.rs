//! Where an account trace ends: at a stop, outside all holdings, or where nothing moves any more.

use whither_ledger::U256;
use whither_ledger::view::{AccountView, Destination, HoldingIx, Leg, TxIx};

use super::Driver;
use crate::trace::collect::{Arrival, Place, Why};
use crate::trace::policy::Direction;
use crate::trace::render;
use crate::trace::result::EndpointKind;
use crate::trace::stop;

impl<V: AccountView> Driver<'_, V> {
    /// Where a leg without a holding on its far side goes to, or comes from.
    pub(super) fn outside(&self, tx: TxIx, leg: &Leg) -> Place {
        match (self.request.direction, leg.to) {
            (Direction::Backward, _) => Place::Mint(leg.asset),
            (Direction::Forward, Destination::Fee) => Place::Fee(tx, leg.asset),
            (Direction::Forward, _) => Place::Burn(leg.asset),
        }
    }

    pub(super) fn end_of(
        &self,
        place: Place,
        amount: U256,
        arrival: &Arrival,
        is_origin: bool,
    ) -> Option<(EndpointKind, Why)> {
        let holding = match place {
            Place::Fee(..) => return Some((EndpointKind::Fee, Why::fact("fee"))),
            Place::Burn(_) => return Some((EndpointKind::Burn, Why::fact("zero-address"))),
            Place::Mint(_) => return Some((EndpointKind::Mint, Why::fact("zero-address"))),
            Place::Holding(holding) => holding,
            Place::Output(_) | Place::Outside(_) => return None,
        };
        if is_origin || amount.is_zero() {
            return None;
        }
        stop::at_address(self.view, self.request, self.view.holding(holding).0)
            .or_else(|| stop::by_depth(self.request, arrival.hops))
            .or_else(|| stop::by_dust(self.request, amount))
    }

    /// Taint still in holdings when nothing moves any more.
    pub(super) fn finish(&mut self) {
        let awake = std::mem::take(&mut self.awake);
        for (holding, awake) in awake {
            self.note_opening(holding);
            let (kind, why) = self.final_end(holding, awake.arrival.tx);
            let open = self.is_open(holding);
            if let (Some(network), Some(node)) = (&mut self.network, awake.node) {
                network.drain_at(node, Place::Holding(holding), kind, awake.balance, open);
            }
            if !awake.balance.is_zero() {
                self.collector.end(
                    kind,
                    Place::Holding(holding),
                    &awake.pieces,
                    awake.arrival,
                    why,
                );
            }
        }
    }

    pub(super) fn final_end(&self, holding: HoldingIx, last: Option<TxIx>) -> (EndpointKind, Why) {
        let view = self.view;
        let forward = self.request.direction == Direction::Forward;
        let moves_on = |posting: &whither_ledger::view::Posting| {
            let leg = &view.legs(posting.tx)[usize::try_from(posting.leg).expect("fits")];
            (leg.from == Some(holding)) == forward
                && stop::is_out_of_time(view, self.request, posting.tx)
        };
        let later = |posting: &&whither_ledger::view::Posting| {
            last.is_none_or(|last| (posting.tx > last) == forward)
        };
        if self.request.stops.time.is_some()
            && view.postings(holding).iter().filter(later).any(moves_on)
        {
            return stop::by_time(self.request);
        }
        if !forward {
            return (EndpointKind::Opening, Why::inference("opening-balance"));
        }
        if view.is_covered(view.holding(holding).0) {
            (EndpointKind::Held, Why::fact("held-within-coverage"))
        } else {
            (EndpointKind::Horizon, Why::fact("end-of-data"))
        }
    }

    pub(super) fn note_opening(&mut self, holding: HoldingIx) {
        let opening = self.view.opening(holding);
        if !opening.is_zero() {
            let claimed = self.plan.holdings.contains_key(&holding);
            self.collector.caveats.insert(render::unknown_opening(
                self.view, holding, opening, claimed,
            ));
        }
    }

    /// Says where the order of two transactions rests on the order of rows, and taint leaves between them.
    pub(super) fn note_tie(&mut self, tx: TxIx, holding: HoldingIx) {
        let postings = self.view.postings(holding);
        let at = postings.partition_point(|posting| posting.tx < tx);
        let after = postings.partition_point(|posting| posting.tx <= tx);
        let neighbours = [at.checked_sub(1), Some(after)];
        for other in neighbours
            .into_iter()
            .flatten()
            .filter_map(|row| postings.get(row))
        {
            if self.view.is_tie(tx, other.tx) {
                self.collector.caveats.insert(render::tie(
                    self.view,
                    holding,
                    tx.min(other.tx),
                    tx.max(other.tx),
                ));
            }
        }
    }
}
