//! Chains of outputs: who signs for inputs of one transaction holds their keys.
//!
//! Where addresses of two thefts sign in one transaction, one hand has the keys of both, unless it is a CoinJoin, or a service that
//! sweeps its customers' outputs. Of an address that pays nobody but one service the service has the keys, and not its customer:
//! what it signs says nothing, however few customers are swept together.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::view::{AddressIx, TxIx};

use super::ground::Ground;
use super::open::Surroundings;
use super::reach::Reach;

/// What a theft's own addresses sign, beside others.
pub(super) type Signed = BTreeMap<TxIx, BTreeSet<AddressIx>>;

/// Of one theft: the transactions that its own addresses sign together with others.
pub(super) fn signed<G: Ground>(around: &mut Surroundings<'_, G>, reach: &Reach) -> Signed {
    let mut found = Signed::new();
    for (address, place) in &reach.places {
        let is_his =
            place.passed.is_private() && !around.is_service(*address) && !around.is_busy(*address);
        let is_his = is_his && around.forwards_to(*address).is_none();
        if is_his && (place.is_start || around.is_own(*address)) {
            for tx in around.ground.signed(*address) {
                found.entry(tx).or_default().insert(*address);
            }
        }
    }
    found
}

/// Transactions that addresses of both sign, each with an address of either; not the same one, which says so by itself.
pub(super) fn together(
    [one, other]: [&Signed; 2],
    transactions: &[TxIx],
) -> Vec<(TxIx, [AddressIx; 2])> {
    let mut found = Vec::new();
    for tx in transactions {
        let Some((mine, theirs)) = one.get(tx).zip(other.get(tx)) else {
            continue;
        };
        let first = mine.iter().find(|address| !theirs.contains(address));
        let alone = theirs.iter().find(|address| !mine.contains(address));
        if let (Some(first), Some(alone)) = (first, alone) {
            found.push((*tx, [*first, *alone]));
        }
    }
    found
}
