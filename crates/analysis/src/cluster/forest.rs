//! Sets of addresses that are joined and never parted, each named by its lowest address.
//!
//! Several threads may join at once: a root becomes another's child by one compare-and-swap, and whoever only shortens a
//! way writes an ancestor over an ancestor. Which sets there are in the end, and what they are called, does not depend on
//! who was first: the higher root always goes under the lower. Whoever has the forest alone needs no swap.
//!
//! The time goes into two kinds of waiting, and the inner loop is laid out for both: for memory, so many ways are begun at
//! once before the first of them is needed; for branches that nobody can foresee, so sets are joined in one flat run over
//! their members and not set by set.
//!
//! Source: Anderson and Woll (STOC 1991), wait-free union-find; path halving, links by lowest id.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// So many ways to roots are begun at once.
const BEGUN_MAX: usize = 256;

/// A forest of sets over dense ids.
#[derive(Debug)]
pub struct Forest {
    /// How far below each its parent is; a root's is zero. A parent is never above its child, so the root is the lowest of
    /// its set. A forest in which nothing is joined is all zeros, which memory that was never touched is anyway.
    steps: Vec<AtomicU32>,
}

impl Forest {
    /// Each id alone.
    ///
    /// # Panics
    /// Where there are more than 2^32 ids, which a view never hands out.
    #[must_use]
    pub fn new(count: usize) -> Self {
        assert!(
            u32::try_from(count).is_ok(),
            "addresses have ids of 32 bits"
        );
        let steps = vec![0_u32; count].into_iter();
        Self {
            steps: steps.map(AtomicU32::new).collect(),
        }
    }

    /// How many ids there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The lowest id of a set. Halves the way there for whoever comes next.
    #[inline]
    pub fn find(&self, id: u32) -> u32 {
        let mut id = id;
        loop {
            let parent = self.parent(id);
            if parent == id {
                return id;
            }
            let above = self.parent(parent);
            if above == parent {
                return parent;
            }
            self.shorten(id, above);
            id = above;
        }
    }

    /// Joins the sets of two ids; gives the lowest of both, and what was a root and is none any more.
    #[inline]
    pub fn join(&self, a: u32, b: u32) -> (u32, Option<u32>) {
        let (mut a, mut b) = (self.find(a), self.find(b));
        loop {
            let (low, high) = (a.min(b), a.max(b));
            if low == high {
                return (low, None);
            }
            match self.link(low, high) {
                Ok(_) => return (low, Some(high)),
                // Somebody else has joined it since.
                Err(step) => (a, b) = (self.find(low), self.find(high - step)),
            }
        }
    }

    /// Puts a root under a lower one, unless it is none any more.
    #[inline]
    fn link(&self, low: u32, high: u32) -> Result<u32, u32> {
        self.steps[high as usize].compare_exchange(0, high - low, Relaxed, Relaxed)
    }

    /// Joins the members of each set: set `i` is `members[bounds[i]..bounds[i + 1]]`. Others may join at the same time.
    ///
    /// # Panics
    /// Where bounds do not ascend within the members.
    pub fn join_sets(&self, bounds: &[u32], members: &[u32]) {
        let mut blocks = Blocks::new(bounds, members);
        while let Some(block) = blocks.next(self) {
            let mut root = 0;
            for (member, ancestor, starts) in block.rows() {
                let other = self.find(ancestor);
                let one = if starts > 0 { other } else { root };
                root = one.min(other);
                let high = one.max(other);
                if root != high && self.link(root, high).is_err() {
                    (root, _) = self.join(root, high);
                }
                // A root may be joined by somebody else just now.
                if member != root {
                    self.shorten(member, root);
                }
            }
        }
    }

    /// The same in order, with nobody else at it. `joined` is told, block after block, of every member that was in another
    /// set than those before it when its turn came, with the place of what brought it in.
    ///
    /// # Panics
    /// Where bounds do not ascend within the members.
    pub fn join_in_order(
        &mut self,
        bounds: &[u32],
        members: &[u32],
        mut joined: impl FnMut(&[(usize, u32)]),
    ) {
        let mut blocks = Blocks::new(bounds, members);
        let mut links = Vec::new();
        while let Some(block) = blocks.next(self) {
            links.resize(links.len().max(block.members.len()), (0, 0));
            // One more than the place of the set.
            let (mut root, mut count, mut set) = (0, 0, block.first_set);
            for (member, ancestor, starts) in block.rows() {
                set += starts as usize;
                let other = self.find(ancestor);
                let one = if starts > 0 { other } else { root };
                root = one.min(other);
                let high = one.max(other);
                // Written whether there is something to join or not: a root gets the zero that it has.
                self.shorten(high, root);
                self.shorten(member, root);
                links[count] = (set - 1, member);
                count += usize::from(root != high);
            }
            joined(&links[..count]);
        }
    }

    /// The lowest id of each id's set. One pass does: a parent stands before its child.
    #[must_use]
    pub fn flatten(self) -> Vec<u32> {
        let steps = self.steps.into_iter();
        let mut lowest: Vec<u32> = steps.map(AtomicU32::into_inner).collect();
        for (id, place) in (0..).zip(0..lowest.len()) {
            let parent: u32 = id - lowest[place];
            lowest[place] = id;
            lowest[place] = lowest[parent as usize];
        }
        lowest
    }

    /// A step is never more than its id; that is not checked again, here and below, in the innermost loop.
    #[inline]
    fn parent(&self, id: u32) -> u32 {
        id.wrapping_sub(self.steps[id as usize].load(Relaxed))
    }

    /// Writes an ancestor over the parent of what is no root.
    #[inline]
    fn shorten(&self, id: u32, ancestor: u32) {
        self.steps[id as usize].store(id.wrapping_sub(ancestor), Relaxed);
    }
}

/// Sets, so many at a time that the ways of all their members can be begun at once.
struct Blocks<'a> {
    bounds: &'a [u32],
    members: &'a [u32],
    set: usize,
    ancestors: Vec<u32>,
    starts: Vec<u32>,
}

/// Some sets that stand one after the other.
struct Block<'a> {
    first_set: usize,
    members: &'a [u32],
    /// An ancestor of each member.
    ancestors: &'a [u32],
    /// How many sets start at each member: several, where all but the last are empty.
    starts: &'a [u32],
}

impl<'a> Blocks<'a> {
    fn new(bounds: &'a [u32], members: &'a [u32]) -> Self {
        Self {
            bounds,
            members,
            set: 0,
            ancestors: Vec::with_capacity(BEGUN_MAX),
            starts: Vec::with_capacity(BEGUN_MAX),
        }
    }

    /// The next sets: one at least, however large.
    fn next(&mut self, forest: &Forest) -> Option<Block<'_>> {
        let (first, bounds) = (self.set, self.bounds);
        let start = *bounds.get(first)? as usize;
        let mut end = *bounds.get(first + 1)? as usize;
        self.set += 1;
        while let Some(bound) = bounds.get(self.set + 1)
            && *bound as usize <= start + BEGUN_MAX
        {
            end = *bound as usize;
            self.set += 1;
        }
        let members = &self.members[start..end];
        self.begin(forest, members);
        self.starts.clear();
        // A last set that is empty starts behind the last member.
        self.starts.resize(members.len() + 1, 0);
        for bound in &bounds[first..self.set] {
            self.starts[*bound as usize - start] += 1;
        }
        Some(Block {
            first_set: first,
            members,
            ancestors: &self.ancestors,
            starts: &self.starts,
        })
    }

    /// Goes up from all members together, a step a pass, while half of them or more still move. Each pass asks memory for
    /// many places, none of which waits for another.
    fn begin(&mut self, forest: &Forest, members: &[u32]) {
        let ancestors = &mut self.ancestors;
        ancestors.clear();
        ancestors.extend(members.iter().map(|member| forest.parent(*member)));
        loop {
            let mut moved = 0;
            for at in &mut *ancestors {
                let parent = forest.parent(*at);
                moved += usize::from(parent != *at);
                *at = parent;
            }
            if 2 * moved < members.len().max(1) {
                break;
            }
        }
    }
}

impl Block<'_> {
    /// Each member with an ancestor and how many sets start with it.
    fn rows(&self) -> impl Iterator<Item = (u32, u32, u32)> + '_ {
        let rows = self.members.iter().zip(self.ancestors).zip(self.starts);
        rows.map(|((member, ancestor), starts)| (*member, *ancestor, *starts))
    }
}
