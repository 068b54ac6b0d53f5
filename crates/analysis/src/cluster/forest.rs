//! Sets of addresses that are joined and never parted, each named by its lowest address.
//!
//! The higher root always goes under the lower, so which sets there are in the end, and what they are called, does not
//! depend on the order of joins.
//!
//! The time goes into two kinds of waiting, and the inner loop is laid out for both: for memory, so many ways are begun at
//! once before the first of them is needed; for branches that nobody can foresee, so sets are joined in one flat run over
//! their members and not set by set.
//!
//! Source: Tarjan and van Leeuwen (J. ACM 1984), path halving; links by lowest id.

use super::table::{Rows, Table};

/// So many ways to roots are begun at once.
const BEGUN_MAX: usize = 256;

/// A forest of sets over dense ids.
#[derive(Debug)]
pub struct Forest {
    /// How far below each its parent is; a root's is zero. A parent is never above its child, so the root is the lowest of
    /// its set. A forest in which nothing is joined is all zeros, which memory that was never touched is anyway.
    steps: Table,
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
        Self {
            steps: Table::new(count),
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

    /// The lowest id of a set.
    #[must_use]
    pub fn root(&self, id: u32) -> u32 {
        let mut id = id;
        loop {
            match self.steps.at(id) {
                0 => return id,
                step => id -= step,
            }
        }
    }

    /// The lowest id of a set. Halves the way there for whoever comes next.
    pub fn find(&mut self, id: u32) -> u32 {
        Steps(self.steps.rows()).find(id)
    }

    /// Joins the sets of two ids; gives the lowest of both, and what was a root and is none any more.
    pub fn join(&mut self, a: u32, b: u32) -> (u32, Option<u32>) {
        let mut steps = Steps(self.steps.rows());
        let (a, b) = (steps.find(a), steps.find(b));
        let (low, high) = (a.min(b), a.max(b));
        steps.shorten(high, low);
        (low, (low != high).then_some(high))
    }

    /// Joins the members of each set: set `i` is `members[bounds[i]..bounds[i + 1]]`.
    ///
    /// # Panics
    /// Where bounds do not ascend within the members.
    pub fn join_sets(&mut self, bounds: &[u32], members: &[u32]) {
        self.join_all::<false>(bounds, members, |_| {});
    }

    /// The same. `joined` is told, block after block, of every member that was in another set than those before it when its
    /// turn came, with the place of what brought it in.
    ///
    /// # Panics
    /// Where bounds do not ascend within the members.
    pub fn join_sets_telling(
        &mut self,
        bounds: &[u32],
        members: &[u32],
        joined: impl FnMut(&[(u32, u32)]),
    ) {
        self.join_all::<true>(bounds, members, joined);
    }

    #[inline]
    fn join_all<const TELL: bool>(
        &mut self,
        bounds: &[u32],
        members: &[u32],
        mut joined: impl FnMut(&[(u32, u32)]),
    ) {
        let mut steps = Steps(self.steps.rows());
        let mut blocks = Blocks::new(bounds, members);
        let mut links = Vec::new();
        while let Some(block) = blocks.next(&steps) {
            if TELL && links.len() < block.members.len() {
                links.resize(block.members.len(), (0, 0));
            }
            // One more than the place of the set.
            let (mut root, mut count, mut set) = (0, 0, block.first_set);
            for (member, ancestor, starts) in block.rows() {
                let other = steps.find(ancestor);
                let one = if starts > 0 { other } else { root };
                root = one.min(other);
                let high = one.max(other);
                // Written whether there is something to join or not: a root gets the zero that it has.
                steps.shorten(high, root);
                steps.shorten(member, root);
                if TELL {
                    set += starts;
                    links[count] = (set - 1, member);
                    count += usize::from(root != high);
                }
            }
            if TELL {
                joined(&links[..count]);
            }
        }
    }

    /// The lowest id of each id's set. One pass does: a parent stands before its child.
    #[must_use]
    pub fn flatten(mut self) -> Table {
        let mut lowest = self.steps.rows();
        for id in 0..lowest.len() {
            let parent = id - lowest.at(id);
            lowest.put(id, id);
            let root = lowest.at(parent);
            lowest.put(id, root);
        }
        self.steps
    }
}

/// The steps of a forest, to go along.
struct Steps<'a>(Rows<'a>);

impl Steps<'_> {
    #[inline]
    fn find(&mut self, id: u32) -> u32 {
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

    /// A step is never more than its id; that is not checked again in the innermost loop.
    #[inline]
    fn parent(&self, id: u32) -> u32 {
        id.wrapping_sub(self.0.at(id))
    }

    /// Writes an ancestor over the parent.
    #[inline]
    fn shorten(&mut self, id: u32, ancestor: u32) {
        self.0.put(id, id.wrapping_sub(ancestor));
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
    first_set: u32,
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
    #[inline]
    fn next(&mut self, steps: &Steps<'_>) -> Option<Block<'_>> {
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
        self.begin(steps, members);
        self.starts.clear();
        // A last set that is empty starts behind the last member.
        self.starts.resize(members.len() + 1, 0);
        for bound in &bounds[first..self.set] {
            self.starts[*bound as usize - start] += 1;
        }
        Some(Block {
            first_set: u32::try_from(first).expect("there are fewer sets than members"),
            members,
            ancestors: &self.ancestors,
            starts: &self.starts,
        })
    }

    /// Goes up from all members together, a step a pass, while half of them or more still move. Each pass asks memory for
    /// many places, none of which waits for another.
    #[inline]
    fn begin(&mut self, steps: &Steps<'_>, members: &[u32]) {
        let ancestors = &mut self.ancestors;
        ancestors.clear();
        ancestors.extend(members.iter().map(|member| steps.parent(*member)));
        loop {
            let mut moved = 0;
            for at in &mut *ancestors {
                let parent = steps.parent(*at);
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
