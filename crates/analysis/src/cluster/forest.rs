//! Sets of addresses that are joined and never parted, each named by its lowest address.

/// A forest of sets over dense ids.
#[derive(Clone, Debug)]
pub struct Forest {
    /// The parent of each; a root is its own. A parent is never above its child, so the root is the lowest of its set.
    parents: Vec<u32>,
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
            parents: (0..count).collect(),
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
    pub fn find(&mut self, id: u32) -> u32 {
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
            self.set(id, above);
            id = above;
        }
    }

    /// Joins the sets of two ids; gives the lowest of both, and what was a root and is none any more.
    #[inline]
    pub fn join(&mut self, a: u32, b: u32) -> (u32, Option<u32>) {
        let (a, b) = (self.find(a), self.find(b));
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        if low == high {
            return (low, None);
        }
        self.set(high, low);
        (low, Some(high))
    }

    /// The lowest id of each id's set. One pass does: a parent stands before its child.
    #[must_use]
    pub fn flatten(mut self) -> Vec<u32> {
        for id in 0..self.parents.len() {
            let parent = self.parents[id] as usize;
            self.parents[id] = self.parents[parent];
        }
        self.parents
    }

    #[inline]
    fn parent(&self, id: u32) -> u32 {
        self.parents[id as usize]
    }

    #[inline]
    fn set(&mut self, id: u32, parent: u32) {
        self.parents[id as usize] = parent;
    }
}
