//! What a holding has at a moment, in the direction of the trace.

use whither_ledger::U256;
use whither_ledger::view::{AccountView, HoldingIx, Posting, TxIx};

use super::Driver;
use crate::trace::policy::Direction;

impl<V: AccountView> Driver<'_, V> {
    /// The balance of a holding before a transaction, in the direction of the trace.
    pub(super) fn balance_before(&self, holding: HoldingIx, tx: TxIx) -> U256 {
        let before = match self.request.direction {
            Direction::Forward => self.view.movements_before(holding, |at| at.tx < tx),
            Direction::Backward => self.view.movements_before(holding, |at| at.tx <= tx),
        };
        self.view.balance_after(holding, before)
    }

    /// The balance of a holding just before a leg, in the direction of the trace.
    pub(super) fn balance_before_leg(&self, holding: HoldingIx, at: Posting) -> U256 {
        let before = match self.request.direction {
            Direction::Forward => self.view.movements_before(holding, |other| other < at),
            Direction::Backward => self.view.movements_before(holding, |other| other <= at),
        };
        self.view.balance_after(holding, before)
    }

    /// The balance of a holding when the trace is over.
    pub(super) fn balance_at_end(&self, holding: HoldingIx) -> U256 {
        match self.request.direction {
            Direction::Forward => self.view.final_balance(holding),
            Direction::Backward => self.view.opening(holding),
        }
    }
}
