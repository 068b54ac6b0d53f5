//! All ways from one end to another that pass no end twice: the shortest first, of those the strongest.
//!
//! Length by length, and only where the target can still be reached in the steps that are left. A case of a
//! few thousand relations can have more ways than anybody reads; limits cut the list off, and it says so.

use std::collections::VecDeque;

use super::{Graph, Path};
use crate::claims::RelationEnd;

/// No path of more steps than this is looked for.
pub const LENGTH_MAX: usize = 12;
/// No more paths than this are given.
pub const PATHS_MAX: usize = 100;
/// Of one length no more paths than this are compared, and no more steps than this tried.
const FOUND_MAX: usize = 10_000;
const LOOKS_MAX: usize = 2_000_000;

/// Where paths lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'t> {
    /// One end.
    End(&'t RelationEnd),
    /// Any entry of a sanctions list; a path ends at the first that it comes to.
    Listed,
}

impl Target<'_> {
    fn is(self, end: &RelationEnd) -> bool {
        match self {
            Self::End(wanted) => wanted == end,
            Self::Listed => matches!(end, RelationEnd::Listed { .. }),
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths<'a> {
    /// The shortest first, of those the strongest.
    pub paths: Vec<Path<'a>>,
    /// Whether there may be more.
    pub is_cut: bool,
}

impl<'a> Graph<'a> {
    /// The paths from an end to a target.
    #[must_use]
    pub fn paths(&self, from: &RelationEnd, to: Target<'_>) -> Paths<'a> {
        let mut found = Paths::default();
        let Some(from) = self.node(from).filter(|_| !to.is(from)) else {
            return found;
        };
        let far = self.distances(to);
        let Some(nearest) = far[from] else {
            return found;
        };
        let mut search = Search {
            graph: self,
            far: &far,
            way: vec![from],
            passed: vec![false; self.nodes.len()],
            found: Vec::new(),
            looks: LOOKS_MAX,
        };
        search.passed[from] = true;
        for length in nearest..=LENGTH_MAX {
            search.go(length);
            let mut paths: Vec<Path<'a>> =
                search.found.drain(..).map(|way| self.path(&way)).collect();
            found.is_cut |= paths.len() >= FOUND_MAX || search.looks == 0;
            paths.sort_by_cached_key(Path::order);
            found.paths.extend(paths);
            if found.paths.len() > PATHS_MAX || found.is_cut {
                found.is_cut = true;
                found.paths.truncate(PATHS_MAX);
                return found;
            }
        }
        // Whether there are longer ones is not looked at, where there are that many ends.
        found.is_cut = self.nodes.len() > LENGTH_MAX + 1 && search.is_open(LENGTH_MAX + 1);
        found
    }

    /// Per node the steps to the nearest target, where one can be reached.
    fn distances(&self, to: Target<'_>) -> Vec<Option<usize>> {
        let mut far = vec![None; self.nodes.len()];
        let mut queue = VecDeque::new();
        for (node, end) in self.nodes.iter().enumerate() {
            if to.is(end) {
                far[node] = Some(0);
                queue.push_back((node, 0));
            }
        }
        while let Some((node, steps)) = queue.pop_front() {
            for (next, _) in &self.around[node] {
                if far[*next].is_none() {
                    far[*next] = Some(steps + 1);
                    queue.push_back((*next, steps + 1));
                }
            }
        }
        far
    }

    fn path(&self, way: &[usize]) -> Path<'a> {
        let tie = |pair: &[usize]| {
            let place = self.around[pair[0]]
                .binary_search_by_key(&pair[1], |(next, _)| *next)
                .expect("a way goes from neighbour to neighbour");
            self.ties[self.around[pair[0]][place].1].clone()
        };
        Path {
            ends: way.iter().map(|node| self.nodes[*node]).collect(),
            ties: way.windows(2).map(tie).collect(),
        }
    }
}

struct Search<'s, 'a> {
    graph: &'s Graph<'a>,
    far: &'s [Option<usize>],
    way: Vec<usize>,
    passed: Vec<bool>,
    found: Vec<Vec<usize>>,
    looks: usize,
}

impl Search<'_, '_> {
    /// All ways on from here of so many steps that end at a target, and pass none before.
    fn go(&mut self, left: usize) {
        let graph = self.graph;
        let here = *self.way.last().expect("a way has a beginning");
        for (next, _) in &graph.around[here] {
            if self.looks == 0 || self.found.len() >= FOUND_MAX {
                return;
            }
            self.looks -= 1;
            let far = self.far[*next].filter(|far| !self.passed[*next] && *far < left);
            match (far, left) {
                (Some(0), 1) => {
                    let mut way = self.way.clone();
                    way.push(*next);
                    self.found.push(way);
                }
                (None | Some(0), _) => {}
                (Some(_), _) => {
                    self.way.push(*next);
                    self.passed[*next] = true;
                    self.go(left - 1);
                    self.passed[*next] = false;
                    self.way.pop();
                }
            }
        }
    }

    /// Whether there is a way of exactly so many steps, as far as the looks that are left tell.
    fn is_open(&mut self, length: usize) -> bool {
        self.go(length);
        !self.found.is_empty() || self.looks == 0
    }
}
