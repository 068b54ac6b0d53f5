//! Chains of steps that each send the larger part of what they have to the next.

use std::collections::{BTreeMap, BTreeSet};

/// Every step in one chain, from its beginning: of each step it is known where its rest goes, as far as a trace goes along.
/// Where two chains meet, the first goes on and the other ends there; a ring begins at the first of its steps.
pub(super) fn chains<T: Copy + Ord>(steps: &BTreeMap<T, Option<T>>) -> Vec<Vec<T>> {
    let reached: BTreeSet<T> = steps.values().flatten().copied().collect();
    let begin = steps.keys().filter(|step| !reached.contains(step));
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    // What no beginning leads to lies in rings.
    for first in begin.chain(steps.keys()) {
        let (mut chain, mut here) = (Vec::new(), Some(*first));
        while let Some(step) = here.filter(|step| told.insert(*step)) {
            let Some(next) = steps.get(&step) else {
                break;
            };
            chain.push(step);
            here = *next;
        }
        if !chain.is_empty() {
            found.push(chain);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::chains;
    use std::collections::BTreeMap;

    fn of(rows: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let rows = rows.iter().map(|(from, to)| (*from, Some(*to)));
        chains(&rows.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn every_step_is_told_once_in_rings_too_and_where_chains_meet() {
        // The last one, to which the rest goes, peels nothing: it is no step.
        assert_eq!(of(&[(5, 3), (3, 4), (4, 9)]), [[5, 3, 4]]);
        assert_eq!(of(&[(7, 2), (2, 8), (8, 7)]), [[2, 8, 7]]);
        assert_eq!(
            of(&[(1, 5), (2, 5), (5, 6)]),
            [vec![1, 5], vec![2]],
            "the one that came later ends where it meets the other"
        );
        // Into a ring, which is told with the way in.
        assert_eq!(of(&[(1, 4), (4, 3), (3, 4)]), [[1, 4, 3]]);
        assert_eq!(chains(&BTreeMap::from([(1, None)])), [[1]]);
    }
}
