//! What came to a place, read off a trace: an index over its edges.

use std::collections::BTreeMap;

use whither_ledger::U256;

use crate::trace::freeze::named_deposit;
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
    /// What was set apart of what a deposit address paid into a place: place, asset, deposit address.
    apart: BTreeMap<(&'a str, &'a str, &'a str), U256>,
}

fn place_of(end: &Endpoint) -> Option<&str> {
    end.output.as_deref().or(end.address.as_deref())
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
        let mut apart: BTreeMap<(&str, &str, &str), U256> = BTreeMap::new();
        for end in &trace.endpoints {
            if let (Some(place), Some(deposit)) = (place_of(end), named_deposit(end)) {
                let sum = apart.entry((place, &end.asset, deposit)).or_default();
                *sum = sum.saturating_add(amount(&end.amount));
            }
        }
        Self {
            into,
            times: times.collect(),
            apart,
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
        let found = place_of(end).and_then(|place| self.into.get(&(place, end.asset.as_str())));
        found.map_or(&[], Vec::as_slice)
    }

    /// How much of what a deposit address paid into the place of an end is frozen, or came back, as claims about that
    /// address say: no other customer's money.
    #[must_use]
    pub(super) fn set_apart(&self, end: &Endpoint, deposit: &str) -> U256 {
        let found =
            place_of(end).and_then(|place| self.apart.get(&(place, end.asset.as_str(), deposit)));
        found.copied().unwrap_or_default()
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
