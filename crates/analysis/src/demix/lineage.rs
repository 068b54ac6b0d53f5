//! Whirlpool's lineage: a round is proven by where its inputs come from, not by its shape alone.
//!
//! What an entrant brings was prepared by a Tx0; what a remixer brings came out of a round of the same pool. Five equal
//! outputs can be chance; five equal outputs all of whose inputs have that ancestry hardly are.

use std::collections::BTreeSet;

use whither_ledger::view::{Prevout, TxIx, UtxoView};

use super::shape::{Shape, Sums};
use super::whirlpool::{pool_of_preparation, pool_of_round};

/// How far the ancestry of a round holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// Each input comes from a Tx0 or from a round of the same pool, as far back as was looked.
    Proven,
    /// An input comes from something else.
    Broken,
    /// An input comes from a transaction that the view does not hold.
    Unknown,
}

/// The ancestry of a round, `depth` rounds back; `None` where the transaction has not the shape of one.
#[must_use]
pub fn whirlpool_lineage<V: UtxoView>(view: &V, tx: TxIx, depth: u32) -> Option<Lineage> {
    let pool = round(view, tx)?;
    let mut seen = BTreeSet::from([tx]);
    let mut here = vec![tx];
    let mut found = Lineage::Proven;
    for _ in 0..depth {
        let mut parents = Vec::new();
        for tx in here {
            for prevout in view.inputs(tx) {
                let Prevout::Inside(output) = prevout else {
                    found = Lineage::Unknown;
                    continue;
                };
                let parent = view.creator(output);
                let is_right = if view.value(output) == pool {
                    round(view, parent) == Some(pool)
                } else {
                    let prepared = pool_of_preparation(&Shape::of(view, parent));
                    prepared.is_some_and(|(of, _)| of == pool)
                };
                if !is_right {
                    return Some(Lineage::Broken);
                }
                if view.value(output) == pool && seen.insert(parent) {
                    parents.push(parent);
                }
            }
        }
        here = parents;
    }
    Some(found)
}

fn round<V: UtxoView>(view: &V, tx: TxIx) -> Option<u64> {
    let shape = Shape::of(view, tx);
    pool_of_round(&shape, &Sums::of(&shape))
}
