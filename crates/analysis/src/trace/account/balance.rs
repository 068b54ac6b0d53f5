//! What a holding has at a moment, in the direction of the trace.

use whither_ledger::U256;
use whither_ledger::view::{AccountView, HoldingIx, Posting, TxIx};

use super::Driver;
use crate::trace::policy::Direction;

impl<V: AccountView> Driver<'_, V> {
    /// The balance of a holding before a transaction, in the direction of the trace.
    pub(super) fn balance_before(&self, holding: HoldingIx, tx: TxIx) -> U256 {
        let postings = self.view.postings(holding);
        self.balance_between(
            holding,
            match self.request.direction {
                Direction::Forward => postings.partition_point(|posting| posting.tx < tx),
                Direction::Backward => postings.partition_point(|posting| posting.tx <= tx),
            },
        )
    }

    /// The balance of a holding just before a leg, in the direction of the trace.
    pub(super) fn balance_before_leg(&self, holding: HoldingIx, at: Posting) -> U256 {
        let postings = self.view.postings(holding);
        self.balance_between(
            holding,
            match self.request.direction {
                Direction::Forward => postings.partition_point(|posting| *posting < at),
                Direction::Backward => postings.partition_point(|posting| *posting <= at),
            },
        )
    }

    /// The balance after the first `count` postings.
    pub(super) fn balance_between(&self, holding: HoldingIx, count: usize) -> U256 {
        match count.checked_sub(1) {
            Some(row) => self.view.balances(holding)[row],
            None => self.view.opening(holding),
        }
    }

    pub(super) fn balance_at_end(&self, holding: HoldingIx) -> U256 {
        self.balance_between(
            holding,
            match self.request.direction {
                Direction::Forward => self.view.postings(holding).len(),
                Direction::Backward => 0,
            },
        )
    }
}
