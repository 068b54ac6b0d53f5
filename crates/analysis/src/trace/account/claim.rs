//! Origins claim their money as the trace comes to it; what is claimed already stays with its origin.

use whither_ledger::U256;
use whither_ledger::view::{AccountView, HoldingIx, TxIx};

use super::Driver;
use crate::trace::bounds::{Claiming, Node};
use crate::trace::collect::Arrival;
use crate::trace::policy::{Direction, Policy};
use crate::trace::render;
use crate::trace::taint::{Label, Piece, Pieces, claim};

impl<V: AccountView> Driver<'_, V> {
    /// Address origins claim what they hold at the window's start.
    pub(super) fn enter(&mut self, at: Option<TxIx>) {
        let plan = self.plan;
        for (holding, label) in plan.entries.get(&at).into_iter().flatten() {
            let balance = match at {
                Some(tx) => self.balance_before(*holding, tx),
                None => self.balance_at_end(*holding),
            };
            self.wake(*holding, balance, Arrival::default());
            let awake = self.awake.get_mut(holding).expect("just woken");
            let (mut pieces, mut node) = (std::mem::take(&mut awake.pieces), awake.node);
            self.claim(*label, *holding, &mut pieces, balance, (None, &mut node));
            let awake = self.awake.get_mut(holding).expect("just woken");
            awake.pieces = pieces;
            awake.node = node;
            awake.arrival.hops = 0;
        }
    }

    /// The origins that claim a movement to a receiver.
    pub(super) fn claims_on(
        &self,
        tx: TxIx,
        number: u32,
        receiver: Option<HoldingIx>,
    ) -> Vec<Label> {
        let mut labels: Vec<Label> = self
            .plan
            .legs
            .get(&(tx, number))
            .cloned()
            .unwrap_or_default();
        if self.request.window.holds(self.view.time(tx)) {
            labels.extend(
                receiver
                    .and_then(|holding| self.plan.holdings.get(&holding))
                    .into_iter()
                    .flatten(),
            );
        }
        labels.sort_unstable();
        labels
    }

    /// Gives an origin what nobody claimed before; whether it got any.
    pub(super) fn claim(
        &mut self,
        label: Label,
        holding: HoldingIx,
        pieces: &mut Pieces<U256>,
        amount: U256,
        (tx, node): (Option<TxIx>, &mut Option<Node>),
    ) -> bool {
        let wanted = amount.min(self.limits.left(label));
        if wanted.is_zero() {
            return false;
        }
        let is_reached = pieces.iter().any(|piece| piece.label.is_tainted());
        let others = pieces
            .iter()
            .filter(|piece| piece.label.is_tainted() && piece.label != label);
        let others = others.fold(U256::ZERO, |sum, piece| sum + piece.amount);
        let claimed = match self.policy {
            // What taint reaches is tainted whole, so there is nothing left to claim.
            Policy::Poison if is_reached => U256::ZERO,
            Policy::Poison => {
                *pieces = vec![Piece {
                    debit: 0,
                    label,
                    amount,
                }];
                wanted
            }
            _ => claim_in_order(self.request.direction, pieces, label, wanted),
        };
        self.limits.take(label, claimed);
        self.collector.claimable = self.collector.claimable.saturating_add(wanted);
        let (address, asset) = self.view.holding(holding);
        if !claimed.is_zero() {
            self.collector.claim(label, asset, Some(address), claimed);
        }
        let lost = (wanted - claimed).min(others);
        if !lost.is_zero() {
            let caveat = render::collision_in_holding(self.view, label, holding, lost, tx);
            self.collector.caveats.insert(caveat);
        }
        if let (Some(network), Some(node)) = (&mut self.network, node) {
            let origin = &self.request.origins[usize::try_from(label.0).expect("fits")];
            let is_limited = origin.limit.is_some();
            let claiming = Claiming::of(is_reached, wanted, amount, is_limited);
            *node = network.claim_at(*node, wanted, claiming);
        }
        !claimed.is_zero()
    }
}

/// Claims the coins that came first: backward, pieces stand newest first.
fn claim_in_order(
    direction: Direction,
    pieces: &mut Pieces<U256>,
    label: Label,
    wanted: U256,
) -> U256 {
    if direction == Direction::Forward {
        return claim(pieces, label, wanted);
    }
    pieces.reverse();
    let claimed = claim(pieces, label, wanted);
    pieces.reverse();
    claimed
}
