//! What all of a theft would have become, of each asset that a part of it became.
//!
//! How much of a theft came to a place is asked in the asset in which it came. Where that is not what was stolen, the whole
//! is what came out of the exchanges, times all of the source, over what of it went in: who exchanges one of a million
//! coins and sends what he got to somebody else has sent a millionth. What several assets became is the sum over them;
//! what comes back to an asset that it came from is not counted again. Of assets given together each counts for the same
//! share, as in a trace. Every division is rounded up: a share is never told as more than it is.
//!
//! When it fails: where a trace does not say what went in, all that came out is taken for the whole.

use std::collections::BTreeMap;

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::view::{AssetIx, TxIx};

use super::ground::{Crossing, Start, Step};

/// By asset, and by the stolen asset that it comes from: what all of that would have become.
type Roots = BTreeMap<AssetIx, BTreeMap<AssetIx, U256>>;

/// All of a theft, in each asset that it began as or became.
pub(super) fn wholes(
    starts: &[Start],
    steps: &[Step],
    crossings: &[Crossing],
) -> BTreeMap<AssetIx, U256> {
    let mut roots = Roots::new();
    for start in starts {
        let of = roots.entry(start.asset).or_default();
        let sum = of.entry(start.asset).or_default();
        *sum = sum.saturating_add(start.amount);
    }
    spread(&mut roots, &exchanged(steps, crossings));
    let mut wholes: BTreeMap<AssetIx, U256> = BTreeMap::new();
    for (asset, of) in &roots {
        let all = of
            .values()
            .fold(U256::ZERO, |sum, whole| sum.saturating_add(*whole));
        wholes.insert(*asset, all);
    }
    for step in steps.iter().filter(|step| step.is_crossing) {
        if !roots.contains_key(&step.asset) {
            let sum = wholes.entry(step.asset).or_default();
            *sum = sum.saturating_add(step.amount);
        }
    }
    wholes
}

/// Follows what was stolen through the exchanges, the nearest first; of several ways as near the one that gives more.
fn spread(roots: &mut Roots, exchanged: &BTreeMap<(AssetIx, AssetIx), [U256; 2]>) {
    loop {
        let mut found: BTreeMap<(AssetIx, AssetIx), U256> = BTreeMap::new();
        for ((from, to), [taken, given]) in exchanged {
            for (root, whole) in roots.get(from).into_iter().flatten() {
                let is_known = roots.get(to).is_some_and(|of| of.contains_key(root));
                if !is_known {
                    let most = found.entry((*to, *root)).or_default();
                    *most = (*most).max(scaled(*whole, *given, *taken));
                }
            }
        }
        if found.is_empty() {
            break;
        }
        for ((to, root), whole) in found {
            roots.entry(to).or_default().insert(root, whole);
        }
    }
}

/// What went in of one asset and came out of another, over the whole trace.
fn exchanged(steps: &[Step], crossings: &[Crossing]) -> BTreeMap<(AssetIx, AssetIx), [U256; 2]> {
    let mut given: BTreeMap<(TxIx, AssetIx), U256> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.is_crossing) {
        let sum = given.entry((step.tx, step.asset)).or_default();
        *sum = sum.saturating_add(step.amount);
    }
    let mut taken: BTreeMap<TxIx, BTreeMap<AssetIx, U256>> = BTreeMap::new();
    for crossing in crossings {
        for (asset, amount) in crossing.taken.iter().filter(|(_, it)| !it.is_zero()) {
            let of = taken.entry(crossing.tx).or_default();
            let sum = of.entry(*asset).or_default();
            *sum = sum.saturating_add(*amount);
        }
    }
    let mut sums: BTreeMap<(AssetIx, AssetIx), [U256; 2]> = BTreeMap::new();
    for ((tx, to), given) in given {
        let of = taken.get(&tx).into_iter().flatten();
        let sources: Vec<_> = of.filter(|(from, _)| **from != to).collect();
        let parts = u64::try_from(sources.len()).expect("counted in memory");
        for (from, went) in sources {
            let part = scaled(given, U256::ONE, U256::from(parts));
            let sum = sums.entry((*from, to)).or_default();
            *sum = [sum[0].saturating_add(*went), sum[1].saturating_add(part)];
        }
    }
    sums
}

/// An amount times a ratio, rounded up; where it is more than can be written, the most.
fn scaled(amount: U256, given: U256, taken: U256) -> U256 {
    match amount.mul_div(given, taken) {
        Some((whole, rest)) => whole.saturating_add(U256::from(u64::from(!rest.is_zero()))),
        None => U256::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::wholes;
    use crate::link::ground::{Crossing, Start, Step};
    use std::collections::BTreeMap;
    use whither_ledger::U256;
    use whither_ledger::view::{AddressIx, AssetIx, TxIx};

    fn start(asset: u32, amount: u64) -> Start {
        Start {
            address: AddressIx(0),
            asset: AssetIx(asset),
            amount: U256::from(amount),
            tx: Some(TxIx(0)),
        }
    }

    /// What went in, and what it became.
    type Exchange = (&'static [(u32, u64)], (u32, u64));

    fn all(starts: &[Start], exchanges: &[Exchange]) -> BTreeMap<u32, u64> {
        let (mut steps, mut crossings) = (Vec::new(), Vec::new());
        for (tx, (taken, (asset, amount))) in (1..).map(TxIx).zip(exchanges) {
            steps.push(Step {
                tx,
                from: Some(AddressIx(0)),
                to: Some(AddressIx(0)),
                asset: AssetIx(*asset),
                amount: U256::from(*amount),
                is_crossing: true,
            });
            let taken = taken.iter();
            crossings.push(Crossing {
                tx,
                taken: taken
                    .map(|(asset, amount)| (AssetIx(*asset), U256::from(*amount)))
                    .collect(),
            });
        }
        let wholes = wholes(starts, &steps, &crossings);
        let rows = wholes.iter();
        rows.map(|(asset, whole)| (asset.0, whole.to::<u64>()))
            .collect()
    }

    #[test]
    fn the_whole_of_what_a_part_became_is_the_whole_of_the_theft() {
        let stolen = [start(0, 1_000_000)];
        let once: &[Exchange] = &[(&[(0, 1)], (1, 2))];
        assert_eq!(
            all(&stolen, once),
            BTreeMap::from([(0, 1_000_000), (1, 2_000_000)])
        );
        // On and back again: what was stolen is not more for that.
        let around: &[Exchange] = &[
            (&[(0, 1)], (1, 2)),
            (&[(1, 2)], (2, 6)),
            (&[(2, 3)], (0, 1)),
        ];
        assert_eq!(
            all(&stolen, around),
            BTreeMap::from([(0, 1_000_000), (1, 2_000_000), (2, 6_000_000)])
        );
    }

    #[test]
    fn what_several_assets_became_is_their_sum() {
        let stolen = [start(0, 100), start(1, 30)];
        let apart: &[Exchange] = &[(&[(0, 100)], (2, 10)), (&[(1, 10)], (2, 7))];
        assert_eq!(all(&stolen, apart)[&2], 10 + 21);
        let together: &[Exchange] = &[(&[(0, 100), (1, 30)], (2, 11))];
        assert_eq!(all(&stolen, together)[&2], 6 + 6);
    }

    #[test]
    fn where_nobody_says_what_went_in_all_that_came_is_the_whole() {
        let unsaid: &[Exchange] = &[(&[], (1, 5)), (&[], (1, 6))];
        assert_eq!(all(&[start(0, 9)], unsaid)[&1], 11);
    }
}
