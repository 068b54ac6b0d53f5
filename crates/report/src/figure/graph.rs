//! A flow as a graph in one fixed order: ids resolved, cycles found, columns assigned.
//!
//! Everything is sorted by id first, so that the order of the input cannot reach the picture. Cycles are broken by a
//! depth-first walk from the origins that takes the largest amounts first: what closes a circle is a return band.
//!
//! Not here: folding (`fold`), the order within a column (`order`), coordinates (`place`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Certainty, Flow, FlowBand, FlowNode, NodeKind, Unit};
use crate::text;

/// A flow with ids resolved to positions in a fixed order.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) bands: Vec<Band>,
}

/// A node and the column it stands in.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) flow: FlowNode,
    /// How many nodes of the flow it stands for: 1, or more when folded.
    pub(super) stands_for: usize,
    pub(super) rank: usize,
}

/// A band between positions of `nodes`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Band {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) unit: Unit,
    pub(super) certainty: Certainty,
    pub(super) digits: String,
    pub(super) amount: u128,
    pub(super) label: String,
    pub(super) count: u32,
}

impl Graph {
    /// Sorts a flow, resolves its ids and assigns columns.
    pub(super) fn new(flow: &Flow) -> Self {
        let mut nodes: BTreeMap<&str, FlowNode> = BTreeMap::new();
        for node in &flow.nodes {
            let kept = nodes.entry(&node.id).or_insert_with(|| node.clone());
            if node < kept {
                *kept = node.clone();
            }
        }
        for id in flow.bands.iter().flat_map(|band| [&band.from, &band.to]) {
            nodes
                .entry(id)
                .or_insert_with(|| FlowNode::new(id, id, NodeKind::Other));
        }
        let position: BTreeMap<&str, usize> =
            nodes.keys().enumerate().map(|(at, &id)| (id, at)).collect();
        let mut bands: Vec<Band> = flow
            .bands
            .iter()
            .map(|band| resolve(band, &position))
            .collect();
        bands.sort();
        let nodes = nodes
            .into_values()
            .map(|flow| Node {
                flow,
                stands_for: 1,
                rank: 0,
            })
            .collect();
        let mut graph = Graph { nodes, bands };
        graph.assign_ranks();
        graph
    }

    /// Whether a band runs against the columns, and is drawn as a return arc.
    pub(super) fn is_return(&self, band: &Band) -> bool {
        self.nodes[band.from].rank >= self.nodes[band.to].rank
    }

    /// The larger of what enters and what leaves each node, to draw by.
    pub(super) fn throughputs(&self) -> Vec<u128> {
        let mut sides = vec![(0_u128, 0_u128); self.nodes.len()];
        for band in &self.bands {
            sides[band.from].1 = sides[band.from].1.saturating_add(band.amount);
            sides[band.to].0 = sides[band.to].0.saturating_add(band.amount);
        }
        sides
            .into_iter()
            .map(|(entering, leaving)| entering.max(leaving))
            .collect()
    }

    /// The larger of what enters and what leaves a node, per unit, exact.
    pub(super) fn amounts_of(&self, node: usize) -> BTreeMap<&Unit, String> {
        let mut sides: BTreeMap<&Unit, (String, String)> = BTreeMap::new();
        for band in self
            .bands
            .iter()
            .filter(|band| band.from == node || band.to == node)
        {
            let (entering, leaving) = sides.entry(&band.unit).or_default();
            if band.to == node {
                *entering = text::add_digits(entering, &band.digits);
            }
            if band.from == node {
                *leaving = text::add_digits(leaving, &band.digits);
            }
        }
        sides
            .into_iter()
            .map(|(unit, (a, b))| (unit, text::larger_digits(&a, &b)))
            .collect()
    }

    /// Numbers the columns without holes, from 0.
    pub(super) fn close_ranks(&mut self) {
        let mut used: Vec<usize> = self.nodes.iter().map(|node| node.rank).collect();
        used.sort_unstable();
        used.dedup();
        for node in &mut self.nodes {
            node.rank = used.binary_search(&node.rank).unwrap_or_default();
        }
    }

    fn assign_ranks(&mut self) {
        let forward = self.forward_bands();
        let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut waiting = vec![0_usize; self.nodes.len()];
        for &(from, to) in &forward {
            leaving[from].push(to);
            waiting[to] += 1;
        }
        let fixed = |node: &Node| {
            node.flow
                .column
                .and_then(|column| usize::try_from(column).ok())
        };
        let mut ready: Vec<usize> = (0..self.nodes.len())
            .filter(|&node| waiting[node] == 0)
            .collect();
        let starts = ready.clone();
        while let Some(node) = ready.pop() {
            if let Some(column) = fixed(&self.nodes[node]) {
                self.nodes[node].rank = column;
            }
            let next = self.nodes[node].rank.saturating_add(1);
            for &to in &leaving[node] {
                self.nodes[to].rank = self.nodes[to].rank.max(next);
                waiting[to] -= 1;
                if waiting[to] == 0 {
                    ready.push(to);
                }
            }
        }
        // What feeds the trace midway stands just before what it feeds, not beside the origins.
        for node in starts {
            let free = self.nodes[node].flow.kind != NodeKind::Origin
                && fixed(&self.nodes[node]).is_none();
            let nearest = leaving[node].iter().map(|&to| self.nodes[to].rank).min();
            if let (true, Some(nearest)) = (free, nearest) {
                self.nodes[node].rank = nearest.saturating_sub(1);
            }
        }
        self.close_ranks();
    }

    /// The bands that remain when circles are broken, as pairs of nodes.
    fn forward_bands(&self) -> Vec<(usize, usize)> {
        let mut leaving: Vec<Vec<(Reverse<u128>, usize)>> = vec![Vec::new(); self.nodes.len()];
        let mut entered = vec![false; self.nodes.len()];
        for band in &self.bands {
            leaving[band.from].push((Reverse(band.amount), band.to));
            entered[band.to] |= band.from != band.to;
        }
        leaving.iter_mut().for_each(|bands| bands.sort_unstable());
        let mut roots: Vec<usize> = (0..self.nodes.len()).collect();
        roots.sort_by_key(|&node| {
            (
                self.nodes[node].flow.kind != NodeKind::Origin,
                entered[node],
                node,
            )
        });

        let mut forward = Vec::new();
        let mut state = vec![Visit::New; self.nodes.len()];
        for root in roots {
            if state[root] != Visit::New {
                continue;
            }
            state[root] = Visit::Open;
            let mut stack = vec![(root, 0_usize)];
            while let Some((node, next)) = stack.last_mut() {
                let node = *node;
                let Some(&(_, to)) = leaving[node].get(*next) else {
                    state[node] = Visit::Done;
                    stack.pop();
                    continue;
                };
                *next += 1;
                if state[to] != Visit::Open {
                    forward.push((node, to));
                }
                if state[to] == Visit::New {
                    state[to] = Visit::Open;
                    stack.push((to, 0));
                }
            }
        }
        forward
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

fn resolve(band: &FlowBand, position: &BTreeMap<&str, usize>) -> Band {
    Band {
        from: position[band.from.as_str()],
        to: position[band.to.as_str()],
        unit: band.unit.clone(),
        certainty: band.certainty,
        digits: band.digits.clone(),
        amount: band.amount,
        label: band.label.clone(),
        count: band.count,
    }
}
