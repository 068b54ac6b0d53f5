//! Holds both ends of a claim together once a chain was traced with what was carried to it.
//!
//! A place may hold less than a claim says, or an earlier claim may have it: then less was carried, and the
//! rest stays where it was. And what is claimed at one place can push back what came to another (law 1, or
//! TIHO, where tainted money makes room for itself): what no longer comes to an end is not carried from there.
//! Amounts only ever shrink here, so it comes to an end.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::chain::Chain;

use super::Walk;
use super::lane::End;
use crate::trace::policy::Policy;
use crate::trace::request::{Request, TraceError};
use crate::trace::result::Trace;

/// After so many rounds of shrinking, what does not fit is let go of whole.
const ROUNDS_MAX: usize = 32;

impl<R: FnMut(&Chain, &Request) -> Result<Trace, TraceError>> Walk<'_, R> {
    /// Shrinks what is carried until it is no more than what ends there and no more than what arrives.
    pub(super) fn settle(&mut self) -> Result<(), TraceError> {
        if self.policy == Policy::Poison {
            return Ok(());
        }
        for round in 0.. {
            self.take_less();
            let lanes = self.bring_less(round >= ROUNDS_MAX);
            if lanes.is_empty() {
                return Ok(());
            }
            self.trace(&lanes)?;
        }
        Ok(())
    }

    /// Where less arrived than was to, less is taken.
    fn take_less(&mut self) {
        for label in 0..self.labels.len() {
            let known = &self.labels[label];
            let Some(claim) = known.path.last().copied() else {
                continue;
            };
            let arrived = self.lanes[known.lane].claimed(known.place);
            if arrived >= known.amount {
                continue;
            }
            self.full.insert(claim);
            let into = self.moves.iter().filter(|known| known.to == label);
            let taken = into.fold(U256::ZERO, |sum, known| sum.plus(known.amount));
            let kept = self.claims[claim].back(arrived).min(taken);
            self.give_back(label, taken.minus(kept));
            self.limit(label, arrived);
        }
    }

    /// Where less ends than was taken, less is brought; the chains where that changes something. Who took last
    /// loses first; `wholly`, whoever loses loses all.
    fn bring_less(&mut self, wholly: bool) -> BTreeSet<usize> {
        let mut left: BTreeMap<(usize, End, usize), U256> = BTreeMap::new();
        let mut lost: BTreeSet<usize> = BTreeSet::new();
        for known in self
            .moves
            .iter_mut()
            .filter(|known| !known.amount.is_zero())
        {
            let (lane, end) = &known.end;
            let comes = || self.lanes[*lane].share(end, known.from);
            let left = left
                .entry((*lane, end.clone(), known.from))
                .or_insert_with(comes);
            let kept = known.amount.min(*left);
            let kept = if wholly && kept < known.amount {
                U256::ZERO
            } else {
                kept
            };
            *left = left.minus(kept);
            if kept < known.amount {
                lost.insert(known.to);
                known.amount = kept;
            }
        }
        let mut lanes = BTreeSet::new();
        for label in lost {
            let Some(claim) = self.labels[label].path.last().copied() else {
                continue;
            };
            // It is not tried again: what shrinks may make room for what would shrink it once more.
            self.full.insert(claim);
            let into = self.moves.iter().filter(|known| known.to == label);
            let taken = into.fold(U256::ZERO, |sum, known| sum.plus(known.amount));
            let arriving = self.claims[claim]
                .onward(taken)
                .min(self.labels[label].amount);
            if arriving.is_zero() {
                self.give_back(label, taken);
            }
            self.limit(label, arriving);
            lanes.insert(self.labels[label].lane);
        }
        lanes
    }

    /// Takes less for a label, the last first.
    fn give_back(&mut self, label: usize, amount: U256) {
        let mut left = amount;
        for known in self
            .moves
            .iter_mut()
            .rev()
            .filter(|known| known.to == label)
        {
            let part = known.amount.min(left);
            known.amount = known.amount.minus(part);
            left = left.minus(part);
        }
    }

    /// Sets how much is carried to a label.
    fn limit(&mut self, label: usize, amount: U256) {
        let known = &mut self.labels[label];
        known.amount = amount;
        self.lanes[known.lane].request.origins[known.place].limit = Some(amount);
    }
}
