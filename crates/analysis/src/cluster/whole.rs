//! The multi-input clustering of a whole chain, by as many hands as there are.
//!
//! Without guesses and claims nothing can be refused, so the order of links does not matter.

use std::ops::Range;

use whither_ledger::view::{AddressIx, TxIx, UtxoView};

use super::crew::{Crew, joined};
use super::forest::Forest;
use super::join::{Clusters, Unions};
use super::links::payers;
use crate::demix::Make;

/// So many payers are gathered before they are joined.
const GATHERED_MAX: usize = 1024;

/// All multi-input clusters of a view, by a crew. The answer does not depend on who is in it.
#[must_use]
pub fn by_crew<V: UtxoView + Sync>(view: &V, skip_coinjoin: bool, crew: &impl Crew) -> Clusters {
    let count = view.transaction_count();
    let share = |share: usize, shares: usize, forest: &mut Forest| {
        let range = count * share / shares..count * (share + 1) / shares;
        gather(view, skip_coinjoin, range, |sets| {
            forest.join_sets(&sets.bounds, &sets.members);
        })
    };
    let (lowest, excluded) = joined(crew, view.address_count(), share);
    Clusters::new(None, lowest, excluded.into_iter().flatten().collect())
}

/// The same alone, in chain order, with every union.
pub(super) fn proven<V: UtxoView>(view: &V, skip_coinjoin: bool) -> Clusters {
    let mut forest = Forest::new(view.address_count());
    let mut unions = Vec::new();
    let all = 0..view.transaction_count();
    let excluded = gather(view, skip_coinjoin, all, |sets| {
        forest.join_sets_telling(&sets.bounds, &sets.members, |links| {
            let links = links.iter();
            unions.extend(links.map(|(set, to)| (sets.of[*set as usize], AddressIx(*to))));
        });
    });
    let clusters = Clusters::new(None, forest.flatten(), excluded);
    clusters.with_unions(Unions::MultiInput(unions))
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
