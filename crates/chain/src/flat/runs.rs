//! Which runs of blocks a derived file is cut into: for each number of blocks, one way alone.
//!
//! A number of blocks is a sum of powers of two; each of them is a run, the largest first. A block more
//! builds one run, of as many blocks as the last bit of the new number says, and each block is written again
//! at most once for each bit of the chain's length. So a chain has few files, the last ones are small, and a
//! store that grew has the same files as one that was built at once.
//!
//! The price: where the number of blocks reaches a power of two, the whole chain is built again, and so it is
//! when a cut steps back over one.
//!
//! Not here: what a run's file holds.

use std::ops::Range;

/// The runs of a chain of so many blocks, in order.
pub(crate) fn runs(blocks: u64) -> Vec<Range<u64>> {
    let (mut runs, mut start) = (Vec::new(), 0);
    while start < blocks {
        let end = start + (1 << (blocks - start).ilog2());
        runs.push(start..end);
        start = end;
    }
    runs
}

/// The name of a run's file.
pub(crate) fn name(run: &Range<u64>) -> String {
    format!("posts-{}-{}", run.start, run.end)
}

/// What leads from the runs that there are to those of another number of blocks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The runs that stay as they are.
    pub(crate) keep: Vec<Range<u64>>,
    /// The runs that are to be built, in order.
    pub(crate) build: Vec<Range<u64>>,
}

/// From runs that there are, in any order, to those of `to` blocks.
///
/// Only the first `valid_until` blocks are still those that the old runs were built of: after a cut, a run
/// that reaches beyond the fork is no good, even if the new chain has a run of the same blocks by number.
pub(crate) fn steps(from: &[Range<u64>], to: u64, valid_until: u64) -> Steps {
    let good = |run: &Range<u64>| run.end <= valid_until && from.contains(run);
    let (keep, build) = runs(to).into_iter().partition(good);
    Steps { keep, build }
}

#[cfg(test)]
// A list of one run is meant as one.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_are_the_bits_of_a_number() {
        assert_eq!(runs(0), []);
        assert_eq!(runs(1), [0..1]);
        assert_eq!(runs(13), [0..8, 8..12, 12..13]);
        assert_eq!(runs(16), [0..16]);
    }

    #[test]
    fn a_block_more_builds_one_run() {
        let build = |from, to| steps(&runs(from), to, from).build;
        assert_eq!(build(12, 13), [12..13]);
        assert_eq!(build(13, 14), [12..14]);
        assert_eq!(build(15, 16), [0..16]);
    }

    #[test]
    fn a_run_beyond_the_fork_is_built_again() {
        // Cut from 14 blocks to 13, and grown to 14 again by another block.
        let steps = steps(&runs(14), 14, 13);
        assert_eq!(steps.keep, [0..8, 8..12]);
        assert_eq!(steps.build, [12..14]);
    }

    proptest! {
        #[test]
        fn runs_follow_each_other_and_shrink(blocks in 0_u64..1 << 40) {
            let mut end = 0;
            let mut size = u64::MAX;
            for run in runs(blocks) {
                prop_assert_eq!(run.start, end);
                end = run.end;
                let length = run.end - run.start;
                prop_assert!(length.is_power_of_two() && length < size);
                size = length;
            }
            prop_assert_eq!(end, blocks);
        }

        #[test]
        fn kept_and_built_are_all_and_kept_are_valid(
            from in 0_u64..1000, to in 0_u64..1000, valid in 0_u64..1000,
        ) {
            let old = runs(from);
            let Steps { keep, build } = steps(&old, to, valid);
            prop_assert!(keep.iter().all(|run| old.contains(run) && run.end <= valid));
            prop_assert!(build.iter().all(|run| !old.contains(run) || run.end > valid));
            let all: Vec<_> = keep.into_iter().chain(build).collect();
            let mut sorted = all.clone();
            sorted.sort_unstable_by_key(|run| run.start);
            prop_assert_eq!(sorted, runs(to));
        }
    }
}
