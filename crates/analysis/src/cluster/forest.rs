//! Sets of addresses that are joined and never parted, each named by its lowest address.
//!
//! Several threads may join at once: a root becomes another's child by one compare-and-swap, and whoever only shortens a
//! way writes an ancestor over an ancestor. Which sets there are in the end, and what they are called, does not depend on
//! who was first: the higher root always goes under the lower. Most of the time goes into waiting for memory, so many
//! ways are begun at once before the first of them is needed.
//!
//! Source: Anderson and Woll (STOC 1991), wait-free union-find; path halving, links by lowest id.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// So many ways to roots are begun at once.
const BEGUN_MAX: usize = 256;

/// A forest of sets over dense ids.
#[derive(Debug)]
pub struct Forest {
    /// The parent of each; a root is its own. A parent is never above its child, so the root is the lowest of its set.
    parents: Vec<AtomicU32>,
}

impl Forest {
    /// Each id alone.
    ///
    /// # Panics
    /// Where there are more than 2^32 ids, which a view never hands out.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let count = u32::try_from(count).expect("addresses have ids of 32 bits");
        Self {
            parents: (0..count).map(AtomicU32::new).collect(),
        }
    }

    /// How many ids there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
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
        self.link(self.find(a), self.find(b))
    }

    /// Joins the sets of two ids that were roots a moment ago.
    #[inline]
    fn link(&self, mut a: u32, mut b: u32) -> (u32, Option<u32>) {
        loop {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            if low == high {
                return (low, None);
            }
            let place = &self.parents[high as usize];
            match place.compare_exchange(high, low, Relaxed, Relaxed) {
                Ok(_) => return (low, Some(high)),
                // Somebody else has joined it since.
                Err(parent) => (a, b) = (self.find(low), self.find(parent)),
            }
        }
    }

    /// Joins the members of each set with its first one: set `i` is `members[bounds[i]..bounds[i + 1]]`. `joined` is told of
    /// every member that was in another set than the first when its turn came, with the set's place.
    ///
    /// # Panics
    /// Where bounds do not ascend within the members.
    pub fn join_sets(
        &self,
        bounds: &[u32],
        members: &[u32],
        mut joined: impl FnMut(usize, (u32, u32)),
    ) {
        let mut begun: Vec<u32> = Vec::with_capacity(2 * BEGUN_MAX);
        let mut set = 0;
        while set + 1 < bounds.len() {
            let (first, start) = (set, bounds[set] as usize);
            set += 1;
            // At least one set, however large.
            while set + 1 < bounds.len() && bounds[set + 1] as usize <= start + BEGUN_MAX {
                set += 1;
            }
            let end = bounds[set] as usize;
            begun.clear();
            // Each pass asks memory for many places, none of which waits for another.
            begun.extend(
                members[start..end]
                    .iter()
                    .map(|member| self.parent(*member)),
            );
            // Where the first step mostly led to roots, further ones would be for nothing.
            let mut moved = begun.len();
            for _ in 0..2 {
                if 4 * moved < begun.len() {
                    break;
                }
                moved = 0;
                for at in &mut begun {
                    let parent = self.parent(*at);
                    moved += usize::from(parent != *at);
                    *at = parent;
                }
            }
            for (set, ends) in (first..set).zip(bounds[first..=set].windows(2)) {
                let (from, to) = (ends[0] as usize, ends[1] as usize);
                let begun = &begun[from - start..to - start];
                self.join_begun(&members[from..to], begun, |link| joined(set, link));
            }
        }
    }

    /// Joins one set, of each of whose members an ancestor is known.
    #[inline]
    fn join_begun(&self, members: &[u32], begun: &[u32], mut joined: impl FnMut((u32, u32))) {
        let Some((first, rest)) = members.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return;
        };
        let mut root = self.find(begun[0]);
        for (member, at) in rest.iter().zip(&begun[1..]) {
            let other = self.find(*at);
            if other != root {
                let (low, gone) = self.link(root, other);
                root = low;
                if gone.is_some() {
                    joined((*first, *member));
                }
            }
        }
        for member in members {
            if *member != root {
                self.shorten(*member, root);
            }
        }
    }

    /// The lowest id of each id's set. One pass does: a parent stands before its child.
    #[must_use]
    pub fn flatten(self) -> Vec<u32> {
        let parents = self.parents.into_iter();
        let mut parents: Vec<u32> = parents.map(AtomicU32::into_inner).collect();
        for id in 0..parents.len() {
            let parent = parents[id] as usize;
            parents[id] = parents[parent];
        }
        parents
    }

    #[inline]
    fn parent(&self, id: u32) -> u32 {
        self.parents[id as usize].load(Relaxed)
    }

    /// Writes an ancestor over the parent of what is no root.
    #[inline]
    fn shorten(&self, id: u32, ancestor: u32) {
        self.parents[id as usize].store(ancestor, Relaxed);
    }
}
