//! Poison on accounts: a reach, latched from a holding's first taint, whatever the order of legs.

use whither_ledger::U256;
use whither_ledger::view::{AccountView, HoldingIx, Posting, TxIx};

use super::Driver;
use crate::trace::collect::Place;
use crate::trace::taint::{OriginIx, Piece, Pieces};

impl<V: AccountView> Driver<'_, V> {
    /// Under poison, legs without an order reach each other whatever their order (law 5).
    pub(super) fn reach_within(&mut self, tx: TxIx) {
        let view = self.view;
        loop {
            let mut grown = false;
            for (number, leg) in (0..).zip(view.legs(tx)) {
                let (Some(from), Some(to)) = self.sides(&leg) else {
                    continue;
                };
                if self.deals_of(number) != (None, None) {
                    continue;
                }
                let origin_ixs: Vec<OriginIx> = self.origin_ixs(from);
                let arrival = self.arrival(tx, Some(from), false);
                if origin_ixs.is_empty()
                    || self
                        .end_of(
                            Place::Holding(to),
                            Posting { tx, leg: number },
                            (leg.amount, &arrival),
                            false,
                            &leg,
                        )
                        .is_some()
                {
                    continue;
                }
                let known = self.origin_ixs(to);
                let new: Vec<OriginIx> = origin_ixs
                    .into_iter()
                    .filter(|origin_ix| !known.contains(origin_ix))
                    .collect();
                if new.is_empty() {
                    continue;
                }
                grown = true;
                let before = self.balance_before(to, tx);
                self.wake(to, before, arrival);
                let awake = self.awake.get_mut(&to).expect("just woken");
                awake.pieces.extend(new.into_iter().map(|origin_ix| Piece {
                    debit: 0,
                    origin_ix,
                    amount: before,
                }));
                awake
                    .pieces
                    .make_contiguous()
                    .sort_by_key(|piece| piece.origin_ix);
            }
            if !grown {
                return;
            }
        }
    }

    pub(super) fn origin_ixs(&self, holding: HoldingIx) -> Vec<OriginIx> {
        let pieces = self.awake.get(&holding).map(|awake| awake.pieces.iter());
        pieces
            .into_iter()
            .flatten()
            .filter(|piece| piece.origin_ix.is_tainted())
            .map(|piece| piece.origin_ix)
            .collect()
    }
}

/// Under poison every origin that reaches a holding reaches all of it.
pub(super) fn resize(pieces: &[Piece<U256>], amount: U256) -> Pieces<U256> {
    let mut origin_ixs: Vec<OriginIx> = pieces
        .iter()
        .filter(|piece| piece.origin_ix.is_tainted())
        .map(|piece| piece.origin_ix)
        .collect();
    origin_ixs.sort_unstable();
    origin_ixs.dedup();
    origin_ixs
        .into_iter()
        .map(|origin_ix| Piece {
            debit: 0,
            origin_ix,
            amount,
        })
        .collect()
}
