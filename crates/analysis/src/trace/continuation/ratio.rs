//! A claim's own ratio: as how much money arrives, where it goes on as another asset or less a fee.
//!
//! All that a claim carries, taken together, is scaled and rounded down; the parts of it are shared out by largest
//! remainder, ties to the earlier. So a claim that is filled brings exactly what it says.

use std::collections::BTreeMap;

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::chain::Chain;

use super::{Continuation, Taking, Walk};
use crate::trace::policy::Policy;
use crate::trace::request::{Request, TraceError};
use crate::trace::result::Trace;

impl Continuation {
    /// As how much an amount goes on, rounded down.
    pub(super) fn onward(&self, amount: U256) -> U256 {
        let scaled = amount.mul_div(self.to_amount, self.amount);
        scaled
            .expect("a part of the amount scales to a part of what it becomes")
            .0
    }

    /// The least amount that goes on as this much.
    pub(super) fn back(&self, arrived: U256) -> U256 {
        let scaled = arrived.mul_div(self.amount, self.to_amount);
        let (floor, rest) = scaled.expect("a part of what it becomes scales to a part of it");
        if rest.is_zero() {
            floor
        } else {
            floor.plus(U256::ONE)
        }
    }

    /// Whether the two amounts must be told apart in the totals.
    pub(super) fn converts(&self) -> bool {
        self.asset != self.to_asset || self.amount != self.to_amount
    }
}

impl<R: FnMut(&Chain, &Request) -> Result<Trace, TraceError>> Walk<'_, R> {
    /// As how much each label's takings arrive; what would arrive as nothing is not carried.
    pub(super) fn arrivals(&self, claim: usize, found: &[Taking]) -> Vec<(usize, U256)> {
        let said = &self.claims[claim];
        let mut by_label: BTreeMap<usize, U256> = BTreeMap::new();
        for taking in found {
            let sum = by_label.entry(taking.label).or_default();
            *sum = sum.plus(taking.amount);
        }
        if self.policy == Policy::Poison {
            let reached = by_label.into_keys();
            return reached.map(|label| (label, said.to_amount)).collect();
        }
        let taken = by_label
            .values()
            .fold(U256::ZERO, |sum, part| sum.plus(*part));
        let whole = said.onward(self.carried(claim).plus(taken));
        let arriving = whole.saturating_sub(self.arrived(claim));
        let mut left = arriving;
        let mut parts = Vec::new();
        for (label, part) in by_label {
            let share = arriving.mul_div(part, taken);
            let (floor, rest) = share.expect("a share is never larger than the whole");
            left = left.minus(floor);
            parts.push((label, floor, rest));
        }
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|a, b| parts[*b].2.cmp(&parts[*a].2).then(a.cmp(b)));
        for place in order {
            if left.is_zero() {
                break;
            }
            parts[place].1 = parts[place].1.plus(U256::ONE);
            left = left.minus(U256::ONE);
        }
        let parts = parts.into_iter().map(|(label, part, _)| (label, part));
        parts.filter(|(_, part)| !part.is_zero()).collect()
    }
}
