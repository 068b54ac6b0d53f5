//! Chains of outputs: who signs for inputs of one transaction holds their keys.
//!
//! Where addresses of two thefts sign in one transaction, one hand has the keys of both, unless it is a CoinJoin, or a service that
//! sweeps many customers' outputs at once: then many sign who have nothing to do with either.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, TxIx};

use super::ground::Ground;
use super::open::Surroundings;
use super::reach::Reach;
use super::weigh::PRIVATE;

/// What a theft's own addresses sign, beside others.
pub(super) type Signed = BTreeMap<TxIx, BTreeSet<AddressIx>>;

/// Of one theft: the transactions that its own addresses sign together with others.
pub(super) fn signed<G: Ground>(around: &mut Surroundings<'_, G>, reach: &Reach) -> Signed {
    let mut found = Signed::new();
    for (address, place) in &reach.places {
        let is_his =
            place.passed <= PRIVATE && !around.is_service(*address) && !around.is_busy(*address);
        if is_his && (place.is_start || around.is_own(*address)) {
            for tx in around.ground.signed(*address) {
                found.entry(tx).or_default().insert(*address);
            }
        }
    }
    found
}

/// Transactions that addresses of both sign, each with an address of either; not the same one, which says so by itself.
pub(super) fn together(one: &Signed, other: &Signed) -> Vec<(TxIx, [AddressIx; 2])> {
    let mut found = Vec::new();
    for (tx, mine) in one {
        let theirs = other.get(tx).into_iter().flatten();
        let alone = theirs.filter(|address| !mine.contains(address)).min();
        let first = mine.iter().find(|address| {
            other
                .get(tx)
                .is_some_and(|theirs| !theirs.contains(address))
        });
        if let (Some(first), Some(alone)) = (first, alone) {
            found.push((*tx, [*first, *alone]));
        }
    }
    found
}
