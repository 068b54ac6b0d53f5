//! Origins claim their money as the trace comes to it; what is claimed already stays with its origin.

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AccountView, HoldingIx, Posting, TxIx};

use super::Driver;
use crate::trace::bounds::{Claiming, Node};
use crate::trace::collect::Arrival;
use crate::trace::policy::{Direction, Policy};
use crate::trace::render;
use crate::trace::request::Origin;
use crate::trace::stop;
use crate::trace::taint::{OriginIx, Piece, Pieces, claim};

impl<V: AccountView> Driver<'_, V> {
    /// Address origins claim what they hold at the window's start.
    pub(super) fn enter(&mut self, at: Option<TxIx>) {
        let plan = self.plan;
        for (holding, origin_ix) in plan.entries.get(&at).into_iter().flatten() {
            let beyond =
                |posting: Posting| stop::is_out_of_time(self.view, self.request, posting.tx);
            if at.is_none() && self.view.postings(*holding).any(beyond) {
                continue;
            }
            let balance = match at {
                Some(tx) => self.balance_before(*holding, tx),
                None => self.balance_at_end(*holding),
            };
            self.wake(*holding, balance, Arrival::default());
            let awake = self.awake.get_mut(holding).expect("just woken");
            let mut pieces = Pieces::from(std::mem::take(&mut awake.pieces));
            let mut node = awake.node;
            self.claim(
                *origin_ix,
                *holding,
                &mut pieces,
                balance,
                (None, &mut node),
            );
            let awake = self.awake.get_mut(holding).expect("just woken");
            awake.pieces = pieces.into();
            awake.node = node;
            awake.arrival.hops = 0;
        }
    }

    /// Claims of what is held at a window's start that no step came to: the window starts after the last
    /// movement, or after the time at which the trace stops.
    pub(super) fn enter_late(&mut self) {
        let plan = self.plan;
        for at in plan.entries.keys() {
            let is_late = at.is_none_or(|tx| stop::is_out_of_time(self.view, self.request, tx));
            if is_late {
                self.enter(*at);
            }
        }
    }

    /// An origin of the request.
    pub(super) fn origin(&self, origin_ix: OriginIx) -> &Origin {
        let place = usize::try_from(origin_ix.0).expect("an origin's number fits memory");
        &self.request.origins[place]
    }

    /// The origins that claim a movement to a receiver.
    pub(super) fn claims_on(
        &self,
        tx: TxIx,
        number: u32,
        receiver: Option<HoldingIx>,
    ) -> Vec<OriginIx> {
        let mut origin_ixs: Vec<OriginIx> = self
            .plan
            .legs
            .get(&(tx, number))
            .cloned()
            .unwrap_or_default();
        let time = self.view.time(tx);
        origin_ixs.extend(
            receiver
                .and_then(|holding| self.plan.holdings.get(&holding))
                .into_iter()
                .flatten()
                .filter(|origin_ix| self.request.counts(self.origin(**origin_ix), time)),
        );
        origin_ixs.sort_unstable();
        origin_ixs
    }

    /// Gives an origin what nobody claimed before.
    pub(super) fn claim(
        &mut self,
        origin_ix: OriginIx,
        holding: HoldingIx,
        pieces: &mut Pieces<U256>,
        amount: U256,
        (tx, node): (Option<TxIx>, &mut Option<Node>),
    ) {
        let wanted = self.limits.wanted(origin_ix, amount);
        if wanted.is_zero() {
            return;
        }
        let is_reached = pieces.iter().any(|piece| piece.origin_ix.is_tainted());
        let others = pieces
            .iter()
            .filter(|piece| piece.origin_ix.is_tainted() && piece.origin_ix != origin_ix);
        let others = others.fold(U256::ZERO, |sum, piece| sum.plus(piece.amount));
        let claimed = match self.policy {
            // What taint reaches is tainted whole, so there is nothing left to claim.
            Policy::Poison if is_reached => U256::ZERO,
            Policy::Poison => {
                *pieces = vec![Piece {
                    debit: 0,
                    origin_ix,
                    amount,
                }];
                wanted
            }
            _ => claim_in_order(self.request.direction, pieces, origin_ix, wanted),
        };
        self.limits.take(origin_ix, claimed);
        let (address, asset) = self.view.holding(holding);
        self.collector.may_claim(asset, wanted);
        if !claimed.is_zero() {
            self.collector
                .claim(origin_ix, asset, Some(address), claimed);
        }
        let lost = wanted.minus(claimed).min(others);
        if !lost.is_zero() {
            let caveat = render::collision_in_holding(
                self.view,
                &self.request.name(origin_ix),
                holding,
                lost,
                tx,
            );
            self.collector.caveats.insert(caveat);
        }
        if let (Some(network), Some(node)) = (&mut self.network, node) {
            let is_limited = !self.limits.is_unlimited(origin_ix);
            let claiming = Claiming::of(is_reached, wanted, amount, is_limited);
            *node = network.claim_at(*node, wanted, claiming);
        }
    }
}

/// Claims the coins that came first: backward, pieces stand newest first.
fn claim_in_order(
    direction: Direction,
    pieces: &mut Pieces<U256>,
    origin_ix: OriginIx,
    wanted: U256,
) -> U256 {
    if direction == Direction::Forward {
        return claim(pieces, origin_ix, wanted);
    }
    pieces.reverse();
    let claimed = claim(pieces, origin_ix, wanted);
    pieces.reverse();
    claimed
}
