//! What any value-conserving policy could have said of an endpoint: the interval `min`..`max`.
//!
//! Every value-conserving policy is a flow: taint enters at the origins, never exceeds the amount of a
//! place it passes, and leaves at the ends. So the most that can end at a place is a maximum flow to it,
//! and the least is what remains when everything else has taken as much as it can (law 14). The
//! network is what poison reaches, for no policy goes farther.
//!
//! Maximum flow by Dinic (1970), exact in integers. Where it would cost too much, or where the network
//! depends on the policy (dust and depth stops, origins that overlap), the interval is loose.

use std::collections::{BTreeMap, VecDeque};

use whither_ledger::amount::Amount;
use whither_ledger::view::TxIx;

use super::collect::Place;
use super::request::Request;
use super::result::EndpointKind;

/// Networks beyond this many edges are not built to the end: the bounds are then loose.
const EDGES_MAX: usize = 40_000;
/// All flows of a trace together look at this many edges at the most; beyond, the bounds are loose.
const LOOKS_MAX: usize = 20_000_000;

/// Whether the network of a request is the same for every policy.
pub fn applies(request: &Request) -> bool {
    request.stops.dust.is_none() && request.stops.depth.is_none() && request.may_enter.is_empty()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NodeName {
    Place(Place),
    Transaction(TxIx),
}

/// A node of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node(usize);

#[derive(Clone, Copy, Debug)]
struct Edge<A> {
    from: Node,
    to: Node,
    capacity: A,
    /// What flows here may be more than the capacity says, because of an unknown opening balance.
    open: bool,
}

/// An end of flow: from which node, how much at the most, and whether that is open (see [`Edge`]).
type Drain<A> = (Node, A, bool);

/// Where taint can flow.
#[derive(Clone, Debug)]
pub struct Network<A> {
    nodes: usize,
    named: BTreeMap<NodeName, Node>,
    edges: Vec<Edge<A>>,
    entries: Vec<(Node, A)>,
    drains: BTreeMap<(EndpointKind, Place), Vec<Drain<A>>>,
    /// Where taint flows into what an origin claims whole.
    absorbed: Vec<(Node, A)>,
    /// An origin claims a part of what taint flows into: how much then depends on the policy.
    overlapping: bool,
}

/// How an origin's claim meets what flows in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claiming {
    /// No taint can have come there.
    Untouched,
    /// Taint may have come there, and all of the amount is claimed.
    Whole,
    /// Taint may have come there, and a part is claimed.
    Part,
}

impl Claiming {
    /// How a claim on `wanted` of `amount` meets what flows in.
    pub fn of<A: Amount>(is_reached: bool, wanted: A, amount: A, is_limited: bool) -> Self {
        match (is_reached, wanted == amount && !is_limited) {
            (false, _) => Self::Untouched,
            (true, true) => Self::Whole,
            (true, false) => Self::Part,
        }
    }
}

impl<A: Amount> Network<A> {
    pub fn new() -> Self {
        Self {
            nodes: 0,
            named: BTreeMap::new(),
            edges: Vec::new(),
            entries: Vec::new(),
            drains: BTreeMap::new(),
            absorbed: Vec::new(),
            overlapping: false,
        }
    }

    pub fn is_too_large(&self) -> bool {
        self.edges.len() > EDGES_MAX
    }

    pub fn node(&mut self) -> Node {
        self.nodes += 1;
        Node(self.nodes - 1)
    }

    fn named(&mut self, name: NodeName) -> Node {
        if let Some(node) = self.named.get(&name) {
            return *node;
        }
        let node = self.node();
        self.named.insert(name, node);
        node
    }

    pub fn edge(&mut self, from: Node, to: Node, capacity: A, open: bool) {
        self.edges.push(Edge {
            from,
            to,
            capacity,
            open,
        });
    }

    /// An origin claims `amount` of what comes into a place.
    pub fn claim(&mut self, place: Place, amount: A, claim: Claiming) {
        let name = NodeName::Place(place);
        let node = self.named(name);
        let fresh = self.claim_at(node, amount, claim);
        self.named.insert(name, fresh);
    }

    /// An origin claims `amount` of what comes into a node; the node that its money goes on from.
    ///
    /// What flowed into the node keeps its own origin, but is part of what is now tainted whole: it is
    /// counted out here, and the whole amount enters afresh. So every policy brings in the same sum.
    pub fn claim_at(&mut self, node: Node, amount: A, claim: Claiming) -> Node {
        match claim {
            Claiming::Untouched => {
                self.entries.push((node, amount));
                node
            }
            Claiming::Whole => {
                let fresh = self.node();
                self.absorbed.push((node, amount));
                self.entries.push((fresh, amount));
                fresh
            }
            Claiming::Part => {
                self.overlapping = true;
                node
            }
        }
    }

    /// A place's money enters a transaction.
    pub fn join(&mut self, place: Place, tx: TxIx, capacity: A) {
        let (from, to) = (
            self.named(NodeName::Place(place)),
            self.named(NodeName::Transaction(tx)),
        );
        self.edge(from, to, capacity, false);
    }

    /// A transaction's money enters a place.
    pub fn leave(&mut self, tx: TxIx, place: Place, capacity: A) {
        let (from, to) = (
            self.named(NodeName::Transaction(tx)),
            self.named(NodeName::Place(place)),
        );
        self.edge(from, to, capacity, false);
    }

    /// Money in a place ends there.
    pub fn drain(&mut self, place: Place, kind: EndpointKind, capacity: A) {
        let node = self.named(NodeName::Place(place));
        self.drain_at(node, place, kind, capacity, false);
    }

    /// Money in a node ends, at the endpoint of this kind and place.
    pub fn drain_at(
        &mut self,
        node: Node,
        place: Place,
        kind: EndpointKind,
        capacity: A,
        open: bool,
    ) {
        self.drains
            .entry((kind, place))
            .or_default()
            .push((node, capacity, open));
    }

    /// What enters; `None` where origins name the same money so often that the sum does not fit.
    fn total(&self) -> Option<A> {
        let mut entries = self.entries.iter();
        entries.try_fold(A::ZERO, |sum, (_, amount)| sum.checked_add(*amount))
    }

    /// The interval of each endpoint, or `None` where it cannot be computed as a flow.
    pub fn intervals(&self, ends: &[(EndpointKind, Place)]) -> Option<Vec<(A, A)>> {
        let known = ends.iter().all(|end| self.drains.contains_key(end));
        if self.overlapping || !known {
            return None;
        }
        let total = self.total()?;
        let mut looks = LOOKS_MAX;
        let mut interval = |end: &(EndpointKind, Place)| {
            let most = self.flow(total, |drain| drain == Some(end), false, &mut looks)?;
            let elsewhere = self.flow(total, |drain| drain != Some(end), true, &mut looks)?;
            Some((total.minus(elsewhere), most))
        };
        ends.iter().map(&mut interval).collect()
    }

    /// The maximum flow from all origins to the chosen ends (the end `None` is what later claims absorb);
    /// nothing where it takes more looks than are left.
    fn flow(
        &self,
        total: A,
        chosen: impl Fn(Option<&(EndpointKind, Place)>) -> bool,
        open: bool,
        looks: &mut usize,
    ) -> Option<A> {
        let (source, sink) = (self.nodes, self.nodes + 1);
        let cap = |capacity: A, is_open: bool| if open && is_open { total } else { capacity };
        let mut graph = Residual::new(self.nodes + 2);
        for (node, amount) in &self.entries {
            graph.add(source, node.0, *amount);
        }
        for edge in &self.edges {
            graph.add(edge.from.0, edge.to.0, cap(edge.capacity, edge.open));
        }
        for (_, drains) in self.drains.iter().filter(|(end, _)| chosen(Some(end))) {
            for (node, capacity, is_open) in drains {
                graph.add(node.0, sink, cap(*capacity, *is_open));
            }
        }
        for (node, capacity) in self.absorbed.iter().filter(|_| chosen(None)) {
            graph.add(node.0, sink, *capacity);
        }
        *looks = looks.checked_sub(self.edges.len())?;
        graph.maximum(source, sink, looks)
    }
}

/// A residual graph: edge `e` and its reverse `e ^ 1` stand side by side.
struct Residual<A> {
    to: Vec<usize>,
    left: Vec<A>,
    of: Vec<Vec<usize>>,
}

impl<A: Amount> Residual<A> {
    fn new(nodes: usize) -> Self {
        Self {
            to: Vec::new(),
            left: Vec::new(),
            of: vec![Vec::new(); nodes],
        }
    }

    fn add(&mut self, from: usize, to: usize, capacity: A) {
        for (from, to, capacity) in [(from, to, capacity), (to, from, A::ZERO)] {
            self.of[from].push(self.to.len());
            self.to.push(to);
            self.left.push(capacity);
        }
    }

    fn maximum(&mut self, source: usize, sink: usize, looks: &mut usize) -> Option<A> {
        let mut flow = A::ZERO;
        while let Some(level) = self.levels(source, sink, looks)? {
            let mut next = vec![0; self.of.len()];
            while let Some(path) = self.path(source, sink, &level, &mut next) {
                *looks = looks.checked_sub(path.len())?;
                flow = flow.plus(self.push_along(&path));
            }
        }
        Some(flow)
    }

    /// How many edges each node is away, if the sink can be reached; nothing where looks run out.
    fn levels(&self, source: usize, sink: usize, looks: &mut usize) -> Option<Option<Vec<usize>>> {
        let mut level = vec![usize::MAX; self.of.len()];
        level[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            *looks = looks.checked_sub(self.of[node].len())?;
            for edge in &self.of[node] {
                let to = self.to[*edge];
                if !self.left[*edge].is_zero() && level[to] == usize::MAX {
                    level[to] = level[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        Some((level[sink] != usize::MAX).then_some(level))
    }

    /// A path of edges that go one level on, each with capacity left; without recursion, for a peel
    /// chain is as deep as it is long.
    fn path(
        &self,
        source: usize,
        sink: usize,
        level: &[usize],
        next: &mut [usize],
    ) -> Option<Vec<usize>> {
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            let edges = &self.of[node];
            let usable = |edge: usize| {
                !self.left[edge].is_zero() && level[self.to[edge]] == level[node].wrapping_add(1)
            };
            while next[node] < edges.len() && !usable(edges[next[node]]) {
                next[node] += 1;
            }
            if let Some(edge) = edges.get(next[node]) {
                path.push(*edge);
                node = self.to[*edge];
            } else {
                let back = path.pop()?;
                node = self.to[back ^ 1];
                next[node] += 1;
            }
        }
        Some(path)
    }

    fn push_along(&mut self, path: &[usize]) -> A {
        let amount = path
            .iter()
            .map(|edge| self.left[*edge])
            .min()
            .unwrap_or(A::ZERO);
        for edge in path {
            self.left[*edge] = self.left[*edge].minus(amount);
            self.left[edge ^ 1] = self.left[edge ^ 1].plus(amount);
        }
        amount
    }
}

#[cfg(test)]
mod tests {
    use whither_ledger::view::OutputIx;

    use super::*;

    fn output(row: u64) -> Place {
        Place::Output(OutputIx(row))
    }

    #[test]
    fn one_transaction_gives_the_interval_of_the_page() {
        // Inputs 6 tainted and 4 clean; outputs 7 and 2, fee 1: min = max(0, v - clean), max = min(v, taint).
        let mut network: Network<u64> = Network::new();
        network.claim(output(0), 6, Claiming::Untouched);
        network.join(output(0), TxIx(1), 6);
        for (row, value) in [(1, 7), (2, 2), (3, 1)] {
            network.leave(TxIx(1), output(row), value);
            network.drain(output(row), EndpointKind::Unspent, value);
        }
        let ends = [1, 2, 3].map(|row| (EndpointKind::Unspent, output(row)));
        assert_eq!(network.intervals(&ends), Some(vec![(3, 6), (0, 2), (0, 1)]));
    }

    #[test]
    fn a_neck_on_the_way_bounds_the_most() {
        // 10 enter; 3 of them can pass to a second transaction that also takes 5 clean; out 4 and 4.
        let mut network: Network<u64> = Network::new();
        network.claim(output(0), 10, Claiming::Untouched);
        network.join(output(0), TxIx(1), 10);
        network.leave(TxIx(1), output(1), 3);
        network.leave(TxIx(1), output(2), 7);
        network.drain(output(2), EndpointKind::Unspent, 7);
        network.join(output(1), TxIx(2), 3);
        for row in [3, 4] {
            network.leave(TxIx(2), output(row), 4);
            network.drain(output(row), EndpointKind::Unspent, 4);
        }
        let ends = [2, 3, 4].map(|row| (EndpointKind::Unspent, output(row)));
        assert_eq!(network.intervals(&ends), Some(vec![(7, 7), (0, 3), (0, 3)]));
    }
}
