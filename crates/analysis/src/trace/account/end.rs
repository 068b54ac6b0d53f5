//! Where an account trace ends: at a stop, outside all holdings, or where nothing moves any more.

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::known_tokens::{Ways, known};
use whither_ledger::view::{AccountKind, AccountView, Destination, HoldingIx, Leg, Posting, TxIx};

use super::Driver;
use crate::shape::of_account;
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
        at: Posting,
        (amount, arrival): (U256, &Arrival),
        is_origin: bool,
        leg: &Leg,
    ) -> Option<(EndpointKind, Why)> {
        if self.severed(at.leg, leg).is_some() {
            let why = Why::inference("conversion-backward");
            return Some((EndpointKind::Unresolved, why));
        }
        if place == Place::Burn(leg.asset) && self.deals_of(at.leg).0.is_some() {
            // Somebody's claim on a pool was destroyed for what came out of it.
            return Some((EndpointKind::Unresolved, Why::inference("redeemed")));
        }
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
        let payer = leg.from.map(|payer| self.view.holding(payer).0);
        let address = self.view.holding(holding).0;
        let shape = |limit| of_account(self.view, address, limit);
        stop::at_address(self.view, self.request, (address, at.tx), shape)
            .or_else(|| {
                let payer = payer.into_iter();
                stop::after_deposit(self.view, self.request, payer, at.tx)
            })
            .or_else(|| {
                let stop = stop::by_depth(self.request, arrival.hops)
                    .or_else(|| stop::by_dust(self.request, amount))?;
                // What is not moved on is not stopped.
                self.moves_after(holding, at).then_some(stop)
            })
    }

    /// Whether a holding pays anything after a moment, in the direction of the trace.
    fn moves_after(&self, holding: HoldingIx, at: Posting) -> bool {
        let view = self.view;
        let mut later = match self.request.direction {
            Direction::Forward => {
                view.movements_before(holding, |other| other <= at)..view.movement_count(holding)
            }
            Direction::Backward => 0..view.movements_before(holding, |other| other < at),
        };
        later.any(|place| self.pays(holding, view.posting(holding, place)))
    }

    /// Whether a holding is the payer of a posting, in the direction of the trace.
    fn pays(&self, holding: HoldingIx, at: Posting) -> bool {
        let leg = self.view.leg(at.tx, at.leg);
        (leg.from == Some(holding)) == (self.request.direction == Direction::Forward)
    }

    /// Taint still in holdings when nothing moves any more.
    pub(super) fn finish(&mut self) {
        let awake = std::mem::take(&mut self.awake);
        for (holding, mut awake) in awake {
            self.collector.held.insert(self.view.holding(holding).0);
            self.note_opening(holding);
            let (kind, why) = self.final_end(holding, &awake.arrival);
            let pieces = awake.pieces.make_contiguous();
            let amount = self.amount(pieces);
            self.note_limits(holding, kind, amount, &awake.arrival);
            let open = self.is_open(holding);
            if let (Some(network), Some(node)) = (&mut self.network, awake.node) {
                network.drain_at(node, Place::Holding(holding), kind, awake.balance, open);
            }
            if !awake.balance.is_zero() {
                self.collector.end(
                    kind,
                    Place::Holding(holding),
                    awake.pieces.make_contiguous(),
                    awake.arrival,
                    why,
                );
            }
        }
    }

    fn final_end(&self, holding: HoldingIx, arrival: &Arrival) -> (EndpointKind, Why) {
        let view = self.view;
        let stopped = |posting: Posting| {
            stop::is_out_of_time(view, self.request, posting.tx) && self.pays(holding, posting)
        };
        if self.request.stops.time.is_some() && view.postings(holding).any(stopped) {
            return stop::by_time(self.request);
        }
        if self.request.direction == Direction::Backward {
            return (EndpointKind::Opening, Why::inference("opening-balance"));
        }
        if self.is_stranded(holding, arrival) {
            return (
                EndpointKind::Unresolved,
                Why::inference("no-internal-transfers"),
            );
        }
        if view.is_covered(view.holding(holding).0) {
            (EndpointKind::Held, Why::fact("held-within-coverage"))
        } else if self.exchanged_unseen(holding, arrival).is_some() {
            let why = Why::inference("exchange-not-shown");
            (EndpointKind::Unresolved, why)
        } else {
            (EndpointKind::Horizon, Why::fact("end-of-data"))
        }
    }

    /// Whether money came to a contract in an exchange and went no further as far as the data tells, while the data
    /// leaves out what contracts pay in coins.
    fn is_stranded(&self, holding: HoldingIx, arrival: &Arrival) -> bool {
        let view = self.view;
        let (address, asset) = view.holding(holding);
        let crossed = |tx| self.collector.crossed.contains(&tx);
        let wraps = known(&view.asset(asset)).is_some_and(|token| token.ways == Ways::Wraps);
        let is_contract = view.account_kind(address) == Some(AccountKind::Contract);
        render::lacks_internal(view) && (wraps || is_contract) && arrival.tx.is_some_and(crossed)
    }

    /// The transaction by which money came here and whoever paid it got another asset, of which rows that nobody promises
    /// to be complete show no more.
    fn exchanged_unseen(&self, holding: HoldingIx, arrival: &Arrival) -> Option<TxIx> {
        let tx = arrival.tx?;
        let is_promised = self.view.is_covered(self.view.holding(holding).0);
        let mut later = self.view.postings(holding).filter(|at| at.tx > tx);
        let moved_on = later.any(|at| self.pays(holding, at));
        let is_seen = is_promised || moved_on || self.collector.crossed.contains(&tx);
        (!is_seen && !render::got_for_it(self.view, holding, tx).is_empty()).then_some(tx)
    }

    /// What must be said of the amount that ends at a holding.
    fn note_limits(
        &mut self,
        holding: HoldingIx,
        kind: EndpointKind,
        amount: U256,
        arrival: &Arrival,
    ) {
        let view = self.view;
        if self.request.direction == Direction::Backward || amount.is_zero() {
            return;
        }
        let (address, asset) = view.holding(holding);
        let caveat = if let Some(tx) = self.exchanged_unseen(holding, arrival) {
            Some(render::unseen_exchange(view, holding, amount, tx))
        } else if kind == EndpointKind::Unresolved {
            Some(render::missing_leg(view, holding, amount, arrival.tx))
        } else {
            let is_contract = view.account_kind(address) == Some(AccountKind::Contract);
            let may_move =
                is_contract && view.asset(asset).is_coin() && render::lacks_internal(view);
            may_move.then(|| render::contract_holds(view, holding, amount))
        };
        self.collector.caveats.extend(caveat);
    }

    pub(super) fn note_opening(&mut self, holding: HoldingIx) {
        let opening = self.view.opening(holding);
        if !opening.is_zero() {
            let mut origins = self.plan.holdings.get(&holding).into_iter().flatten();
            let claimed = origins.any(|origin_ix| self.origin(*origin_ix).carried.is_none());
            self.collector.caveats.insert(render::unknown_opening(
                self.view, holding, opening, claimed,
            ));
            let limit = render::unexplained_opening(self.view, holding, opening);
            self.collector.caveats.extend(limit);
        }
    }

    /// Says where the order of two transactions rests on the order of rows, and taint leaves between them.
    pub(super) fn note_tie(&mut self, tx: TxIx, holding: HoldingIx) {
        let view = self.view;
        let at = view.movements_before(holding, |posting| posting.tx < tx);
        let after = view.movements_before(holding, |posting| posting.tx <= tx);
        let after = (after < view.movement_count(holding)).then_some(after);
        for place in [at.checked_sub(1), after].into_iter().flatten() {
            let other = view.posting(holding, place);
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
