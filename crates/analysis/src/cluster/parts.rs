//! The multi-input clustering of a whole chain in parts, which may be done in any order and by several threads at once.
//!
//! Without guesses and claims nothing can be refused, so the order of links does not matter. Who runs the parts is not
//! decided here. The answer is the same however they are run.

use std::ops::Range;

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::forest::Forest;
use super::join::{Clusters, Unions};
use super::links::payers;
use crate::demix::Make;

/// So many payers are gathered before they are joined.
const GATHERED_MAX: usize = 1024;

/// The work there is.
#[derive(Debug)]
pub struct Parts<'a, V> {
    view: &'a V,
    skip_coinjoin: bool,
    size: usize,
    forest: Forest,
}

/// A part that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    part: usize,
    excluded: Vec<(TxIx, Make)>,
}

impl<'a, V: UtxoView> Parts<'a, V> {
    /// A size that keeps threads busy and apart.
    pub const SIZE: usize = 1 << 16;

    /// The parts of a view's clustering, of so many transactions each.
    #[must_use]
    pub fn new(view: &'a V, skip_coinjoin: bool, size: usize) -> Self {
        Self {
            view,
            skip_coinjoin,
            size: size.max(1),
            forest: Forest::new(view.address_count()),
        }
    }

    /// How many parts there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.view.transaction_count().div_ceil(self.size)
    }

    /// Does a part.
    #[must_use]
    pub fn run(&self, part: usize) -> Done {
        let end = ((part + 1) * self.size).min(self.view.transaction_count());
        let range = part * self.size..end;
        let excluded = gather(self.view, self.skip_coinjoin, range, |sets| {
            self.forest.join_sets(&sets.bounds, &sets.members);
        });
        Done { part, excluded }
    }

    /// The clusters, when every part was done once.
    #[must_use]
    pub fn finish(self, mut done: Vec<Done>) -> Clusters {
        done.sort_by_key(|done| done.part);
        let excluded = done.into_iter().flat_map(|done| done.excluded);
        Clusters::new(None, self.forest.flatten(), excluded.collect())
    }

    /// All at once in chain order, every union kept.
    pub(super) fn proven(mut self) -> Clusters {
        let mut unions = Vec::new();
        let all = 0..self.view.transaction_count();
        let excluded = gather(self.view, self.skip_coinjoin, all, |sets| {
            self.forest
                .join_in_order(&sets.bounds, &sets.members, |links| {
                    let links = links.iter();
                    unions.extend(links.map(|(set, to)| (sets.of[*set], AddressIx(*to))));
                });
        });
        let clusters = Clusters::new(None, self.forest.flatten(), excluded);
        clusters.with_unions(Unions::MultiInput(unions))
    }
}

/// Payers of some transactions.
struct Sets {
    bounds: Vec<u32>,
    members: Vec<u32>,
    of: Vec<TxIx>,
}

/// Gives what a range of transactions joins, in order, some sets at a time; the CoinJoins that were left out.
fn gather<V: UtxoView>(
    view: &V,
    skip_coinjoin: bool,
    range: Range<usize>,
    mut give: impl FnMut(&Sets),
) -> Vec<(TxIx, Make)> {
    let mut excluded = Vec::new();
    let mut sets = Sets {
        bounds: vec![0],
        members: Vec::new(),
        of: Vec::new(),
    };
    let mut owners = Vec::new();
    for tx in range.map(TxIx::of) {
        if view.is_coinbase(tx) || view.inputs(tx).len() < 2 {
            continue;
        }
        payers(view, tx, &mut owners);
        if owners.len() < 2 {
            continue;
        }
        if skip_coinjoin && let Some(found) = crate::demix::coinjoin(view, tx) {
            excluded.push((tx, found.make));
            continue;
        }
        sets.members.extend(owners.iter().map(|owner| owner.0));
        let bound = u32::try_from(sets.members.len());
        let bound = bound.expect("a transaction has few inputs");
        sets.bounds.push(bound);
        sets.of.push(tx);
        if sets.members.len() >= GATHERED_MAX {
            give(&sets);
            sets.bounds.truncate(1);
            sets.members.clear();
            sets.of.clear();
        }
    }
    give(&sets);
    excluded
}
