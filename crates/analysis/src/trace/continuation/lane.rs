//! One chain of a trace that claims carry on: its request, its last answer, and what ends where in it.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;
use whither_ledger::amount::Amount as _;
use whither_ledger::chain::Chain;
use whither_ledger::time::Timestamp;

use super::{Arrival, Continuation};
use crate::trace::request::Request;
use crate::trace::result::{Edge, Endpoint, EndpointKind, OriginShare, Trace};

/// An end, in the words of the result: the same from one round to the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub kind: EndpointKind,
    pub output: Option<String>,
    pub address: Option<String>,
    pub asset: String,
}

impl End {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            kind: endpoint.kind,
            output: endpoint.output.clone(),
            address: endpoint.address.clone(),
            asset: endpoint.asset.clone(),
        }
    }
}

/// One chain.
pub(super) struct Lane {
    pub chain: Chain,
    pub request: Request,
    /// Per origin of the request its label.
    pub labels: Vec<usize>,
    pub trace: Option<Trace>,
    shares: BTreeMap<End, BTreeMap<usize, U256>>,
    index: Index,
}

/// What of a trace is looked up, so that many claims do not each pass over all of it.
#[derive(Default)]
struct Index {
    /// The rows of endpoints at an output, and of an address.
    places: BTreeMap<String, Vec<usize>>,
    /// The rows of edges in a transaction, of those that come to an endpoint.
    brought: BTreeMap<String, Vec<usize>>,
    /// Per endpoint when tainted money first came there.
    first: Vec<Option<Timestamp>>,
}

impl Lane {
    pub(super) fn new(chain: Chain, request: Request, labels: Vec<usize>) -> Self {
        Self {
            chain,
            request,
            labels,
            trace: None,
            shares: BTreeMap::new(),
            index: Index::default(),
        }
    }

    /// Whether nobody asked for an origin here.
    pub(super) fn is_carried_only(&self) -> bool {
        let mut origins = self.request.origins.iter();
        origins.all(|origin| origin.carried.is_some())
    }

    pub(super) fn read(&mut self, trace: Trace) {
        self.shares = BTreeMap::new();
        for endpoint in trace
            .endpoints
            .iter()
            .filter(|end| end.kind != EndpointKind::Fee)
        {
            let shares = self.by_label(&endpoint.origins);
            self.shares.insert(End::of(endpoint), shares);
        }
        self.index = Index::of(&trace);
        self.trace = Some(trace);
    }

    pub(super) fn clear(&mut self) {
        self.trace = None;
        self.shares.clear();
        self.index = Index::default();
    }

    /// Shares as results name them, by label.
    pub(super) fn by_label(&self, shares: &[OriginShare]) -> BTreeMap<usize, U256> {
        let shares = shares.iter().map(|share| {
            let label = self.labels[place_of(&share.origin)];
            (label, units(&share.amount))
        });
        shares.collect()
    }

    /// What of a label comes to an end.
    pub(super) fn share(&self, end: &End, label: usize) -> U256 {
        let shares = self.shares.get(end);
        let share = shares.and_then(|shares| shares.get(&label));
        share.copied().unwrap_or_default()
    }

    /// How much of the origin at this place of the request was found and not claimed before.
    pub(super) fn claimed(&self, place: usize) -> U256 {
        let rows = self.trace.iter().flat_map(|trace| &trace.origins);
        let rows = rows.filter(|row| place_of(&row.origin) == place);
        rows.fold(U256::ZERO, |sum, row| sum.plus(units(&row.amount)))
    }

    /// The ends where a claim begins, in the order of the result, with when money first came there and what of
    /// each label the claim speaks of.
    pub(super) fn ending_at(
        &self,
        claim: &Continuation,
    ) -> Vec<(End, Option<Timestamp>, BTreeMap<usize, U256>)> {
        let Some(trace) = &self.trace else {
            return Vec::new();
        };
        let rows = self.rows_at(claim).into_iter();
        rows.filter_map(|row| {
            let end = &trace.endpoints[row];
            let shares = self.spoken_of(&claim.from, end, trace)?;
            Some((End::of(end), self.index.first[row], shares))
        })
        .collect()
    }

    /// The rows of endpoints where a claim may begin, in their order.
    pub(super) fn rows_at(&self, claim: &Continuation) -> BTreeSet<usize> {
        let Some(trace) = &self.trace else {
            return BTreeSet::new();
        };
        let places = &self.index.places;
        let at = |place: &String| places.get(place).into_iter().flatten().copied();
        let mut rows: BTreeSet<usize> = match &claim.from {
            Arrival::Output(place, _) | Arrival::Address(place) => at(place).collect(),
            Arrival::Transaction(id, _) => {
                let outputs = places.range(format!("{id}:")..format!("{id};"));
                let brought = self.index.brought.get(id).into_iter().flatten();
                let addresses = brought.filter_map(|edge| trace.edges[*edge].to.address.as_ref());
                let made = outputs.flat_map(|(_, rows)| rows.iter().copied());
                made.chain(addresses.flat_map(at)).collect()
            }
        };
        rows.retain(|row| {
            let end = &trace.endpoints[*row];
            end.kind != EndpointKind::Fee && end.asset == claim.asset.as_str()
        });
        rows
    }

    /// What of an end a claim speaks of, if it does.
    fn spoken_of(
        &self,
        from: &Arrival,
        end: &Endpoint,
        trace: &Trace,
    ) -> Option<BTreeMap<usize, U256>> {
        let whole = || self.by_label(&end.origins);
        match from {
            Arrival::Output(output, height) => {
                let is_block = height.is_none() || *height == end.height;
                (end.output.as_ref() == Some(output) && is_block).then(whole)
            }
            Arrival::Address(address) => (end.address.as_ref() == Some(address)).then(whole),
            Arrival::Transaction(id, to) => {
                if let Some(output) = &end.output {
                    let is_made = output.rsplit_once(':').is_some_and(|(made, _)| made == id);
                    return is_made.then(whole);
                }
                if to.is_some() && *to != end.address {
                    return None;
                }
                let brought = self.index.brought.get(id).into_iter().flatten();
                let brought = brought.map(|edge| &trace.edges[*edge]);
                let brought = brought.filter(|edge| comes_to(edge, end));
                let mut sums: BTreeMap<usize, U256> = BTreeMap::new();
                for (label, amount) in brought.flat_map(|edge| self.by_label(&edge.origins)) {
                    let sum = sums.entry(label).or_default();
                    *sum = sum.plus(amount);
                }
                (!sums.is_empty()).then_some(sums)
            }
        }
    }
}

impl Index {
    fn of(trace: &Trace) -> Self {
        let mut index = Self::default();
        for (row, end) in trace.endpoints.iter().enumerate() {
            for place in [&end.output, &end.address].into_iter().flatten() {
                index.places.entry(place.clone()).or_default().push(row);
            }
            // Where it began there, no edge leads to it.
            let time = end
                .time
                .as_ref()
                .and_then(|time| Timestamp::parse(time).ok());
            index.first.push(time);
        }
        let times = trace.transactions.iter();
        let times: BTreeMap<&String, &String> =
            times.map(|row| (&row.transaction, &row.time)).collect();
        for (number, edge) in trace.edges.iter().enumerate() {
            let place = edge.to.output.as_ref().or(edge.to.address.as_ref());
            let rows = place.and_then(|place| index.places.get(place));
            let rows = rows.into_iter().flatten();
            let rows: Vec<usize> = rows
                .copied()
                .filter(|row| comes_to(edge, &trace.endpoints[*row]))
                .collect();
            let Some(id) = edge.transaction.as_ref().filter(|_| !rows.is_empty()) else {
                continue;
            };
            index.brought.entry(id.clone()).or_default().push(number);
            let time = times.get(id).and_then(|time| Timestamp::parse(time).ok());
            for row in rows {
                let first = &mut index.first[row];
                *first = [*first, time].into_iter().flatten().min();
            }
        }
        index
    }
}

/// Whether an edge leads to where an end is.
fn comes_to(edge: &Edge, end: &Endpoint) -> bool {
    let is_there = match &end.output {
        Some(output) => edge.to.output.as_ref() == Some(output),
        None => edge.to.output.is_none() && edge.to.address == end.address,
    };
    is_there && edge.asset == end.asset
}

/// The place of an origin among those of a request, by its name in a result.
pub(super) fn place_of(origin: &str) -> usize {
    let number = origin
        .strip_prefix('o')
        .and_then(|number| number.parse::<usize>().ok());
    let place = number.and_then(|number| number.checked_sub(1));
    place.expect("origins are named o1, o2, and so on")
}

/// An amount of a result.
pub(super) fn units(text: &str) -> U256 {
    text.parse()
        .expect("results write amounts as whole numbers")
}
