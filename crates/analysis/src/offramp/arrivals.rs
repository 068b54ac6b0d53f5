//! What came to a place, read off a trace: an index over its edges.

use std::collections::BTreeMap;

use whither_ledger::U256;

use crate::trace::result::{Edge, EdgeEnd, EdgeWhy, Endpoint, Trace};

/// A movement that brought money to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The transaction; none where a claim carries the trace on.
    pub transaction: Option<String>,
    /// When.
    pub time: Option<String>,
    /// Who paid.
    pub from: Option<String>,
    /// How much of the trace's money, smallest units.
    pub amount: U256,
}

/// Edges of a trace by where they go.
#[derive(Debug)]
pub struct Index<'a> {
    into: BTreeMap<(&'a str, &'a str), Vec<&'a Edge>>,
    times: BTreeMap<&'a str, &'a str>,
}

fn place(of: &EdgeEnd) -> Option<&str> {
    of.output.as_deref().or(of.address.as_deref())
}

impl<'a> Index<'a> {
    /// Of a trace.
    #[must_use]
    pub fn of(trace: &'a Trace) -> Self {
        let mut into: BTreeMap<(&str, &str), Vec<&Edge>> = BTreeMap::new();
        // Within an exchange of assets nothing arrives from elsewhere.
        for edge in trace
            .edges
            .iter()
            .filter(|edge| edge.why != EdgeWhy::Conversion)
        {
            if let Some(place) = place(&edge.to) {
                into.entry((place, &edge.asset)).or_default().push(edge);
            }
        }
        let times = trace.transactions.iter();
        let times = times.map(|row| (row.transaction.as_str(), row.time.as_str()));
        Self {
            into,
            times: times.collect(),
        }
    }

    /// When a transaction was.
    #[must_use]
    pub fn time(&self, transaction: &str) -> Option<&'a str> {
        self.times.get(transaction).copied()
    }

    /// The edges into the place where a trace ends.
    #[must_use]
    pub fn edges(&self, end: &'a Endpoint) -> &[&'a Edge] {
        let place = end.output.as_deref().or(end.address.as_deref());
        let found = place.and_then(|place| self.into.get(&(place, end.asset.as_str())));
        found.map_or(&[], Vec::as_slice)
    }

    /// An edge as an arrival.
    #[must_use]
    pub fn arrival(&self, edge: &Edge) -> Arrival {
        let time = edge.transaction.as_deref().and_then(|id| self.time(id));
        Arrival {
            transaction: edge.transaction.clone(),
            time: time.map(ToOwned::to_owned),
            from: edge.from.address.clone(),
            amount: amount(&edge.amount),
        }
    }
}

/// An amount of a trace, which writes them as digits.
pub(crate) fn amount(text: &str) -> U256 {
    text.parse().unwrap_or(U256::ZERO)
}
