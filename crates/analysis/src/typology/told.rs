//! Patterns that a trace tells of itself: how deep it is, what was exchanged, whom it reaches.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::U256;

use super::{Asked, BaseRate, Pattern};
use crate::offramp::Position;
use crate::trace::result::{EndpointKind, Trace};

/// How common it is around a trace to pay whom the case names, to exchange, and to be like a broker.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    /// Payers of each kind of service.
    pub pay: BTreeMap<EndpointKind, u64>,
    /// Who exchanged.
    pub swaps: u64,
    /// Who is like a broker, of how many busy addresses.
    pub brokers: (u64, u64),
    /// How many paid at all.
    pub of: u64,
    /// Transactions that look like a CoinJoin, of how many; on chains of outputs.
    pub coinjoins: Option<(u64, u64)>,
}

impl Rates {
    fn paying(&self, kind: EndpointKind) -> BaseRate {
        if let Some((found, of)) = self.coinjoins.filter(|_| kind == EndpointKind::Mixer) {
            return BaseRate {
                of_what: "transactions in the window of the trace that look like a CoinJoin",
                found,
                of,
            };
        }
        BaseRate {
            of_what: "payers of the same assets in the window of the trace that pay one whom the case names so",
            found: self.pay.get(&kind).copied().unwrap_or(0),
            of: self.of,
        }
    }
}

/// Them.
pub(super) fn patterns(chain: &str, asked: Asked<'_>, rates: &Rates) -> Vec<Pattern> {
    let mut found = Vec::new();
    found.extend(depth(chain, asked.trace));
    found.extend(swaps(chain, asked.trace, rates));
    for (typology, kind, words) in [
        ("mixer-passage", EndpointKind::Mixer, "enters a mixer"),
        ("chain-hop", EndpointKind::Bridge, "enters a bridge"),
    ] {
        let here = asked
            .positions
            .iter()
            .filter(|position| position.kind == kind);
        found.extend(reached(chain, typology, words, here, rates.paying(kind)));
    }
    let customers = |position: &&Position| {
        position.deposit.is_some()
            || position.kind == EndpointKind::Service && position.entity.is_some()
    };
    let at_services = asked.positions.iter().filter(customers);
    let rate = rates.paying(EndpointKind::Service);
    found.extend(reached(
        chain,
        "deposit",
        "comes to a service",
        at_services,
        rate,
    ));
    for broker in asked.brokers {
        let (like, of) = rates.brokers;
        found.push(Pattern {
            typology: "otc",
            what: format!(
                "passes an address with the profile of an OTC broker, {} of 100 points",
                broker.profile.confidence
            ),
            chain: chain.to_owned(),
            address: Some(broker.address.clone()),
            amounts: broker.received.clone(),
            transactions: broker.transactions.clone(),
            parameters: BTreeMap::from([("points", u64::from(crate::offramp::otc::PROFILE))]),
            base_rate: Some(BaseRate {
                of_what: "addresses around the trace with twenty movements or more",
                found: like,
                of,
            }),
        });
    }
    found
}

/// How many hops lie between theft and end: the most, and that which half of the money reached or passed.
fn depth(chain: &str, trace: &Trace) -> Option<Pattern> {
    let ends = trace
        .endpoints
        .iter()
        .filter(|end| end.chain == chain && end.kind != EndpointKind::Fee);
    let deepest = ends.clone().max_by_key(|end| end.hops)?;
    let mut medians: BTreeMap<&str, Vec<(u32, U256)>> = BTreeMap::new();
    for end in ends.clone() {
        let amount = end.amount.parse().unwrap_or(U256::ZERO);
        medians
            .entry(&end.asset)
            .or_default()
            .push((end.hops, amount));
    }
    let mut words = Vec::new();
    let mut amounts = BTreeMap::new();
    for (asset, mut rows) in medians {
        rows.sort_by_key(|(hops, _)| *hops);
        let all = rows
            .iter()
            .fold(U256::ZERO, |sum, (_, amount)| sum.saturating_add(*amount));
        let mut sum = U256::ZERO;
        let half = rows.iter().find(|(_, amount)| {
            sum = sum.saturating_add(*amount);
            sum >= all / U256::from(2)
        });
        words.push(format!(
            "half of {asset} ends within {}",
            hops(half.map_or(0, |(hops, _)| *hops))
        ));
        amounts.insert(asset.to_owned(), all);
    }
    Some(Pattern {
        typology: "layering-depth",
        what: format!("goes {} deep; {}", hops(deepest.hops), words.join(", ")),
        chain: chain.to_owned(),
        address: None,
        amounts,
        transactions: deepest.transaction.iter().cloned().collect(),
        parameters: BTreeMap::new(),
        // How deep a trace goes is no shape of a place, and nothing around it can be counted.
        base_rate: None,
    })
}

fn hops(count: u32) -> String {
    format!("{count} hop{}", if count == 1 { "" } else { "s" })
}

fn swaps(chain: &str, trace: &Trace, rates: &Rates) -> Option<Pattern> {
    let here: BTreeSet<&str> = trace
        .transactions
        .iter()
        .filter(|row| row.chain == chain)
        .map(|row| row.transaction.as_str())
        .collect();
    let rows = trace
        .conversions
        .iter()
        .filter(|row| here.contains(row.transaction.as_str()));
    let mut amounts: BTreeMap<String, U256> = BTreeMap::new();
    let mut transactions = Vec::new();
    for row in rows {
        for side in &row.taken {
            let sum = amounts.entry(side.asset.clone()).or_default();
            *sum = sum.saturating_add(side.tainted.parse().unwrap_or(U256::ZERO));
        }
        if transactions.last() != Some(&row.transaction) {
            transactions.push(row.transaction.clone());
        }
    }
    if transactions.is_empty() {
        return None;
    }
    Some(Pattern {
        typology: "swap",
        what: format!(
            "was exchanged for another asset in {} transactions",
            transactions.len()
        ),
        chain: chain.to_owned(),
        address: None,
        amounts,
        transactions,
        parameters: BTreeMap::new(),
        base_rate: Some(BaseRate {
            of_what: "payers of the same assets in the window of the trace that got another asset in the same transaction",
            found: rates.swaps,
            of: rates.of,
        }),
    })
}

/// What came to places of one kind, as one pattern.
fn reached<'a>(
    chain: &str,
    typology: &'static str,
    words: &str,
    positions: impl Iterator<Item = &'a Position>,
    rate: BaseRate,
) -> Option<Pattern> {
    let (mut amounts, mut transactions): (BTreeMap<String, U256>, Vec<String>) =
        (BTreeMap::new(), Vec::new());
    let (mut places, mut names, mut seen) = (0, BTreeSet::new(), BTreeSet::new());
    for position in positions {
        places += 1;
        names.extend(position.entity.as_ref().map(|holder| holder.name.clone()));
        let sum = amounts.entry(position.asset.clone()).or_default();
        *sum = sum.saturating_add(position.amount);
        for arrival in &position.arrivals {
            let new = arrival
                .transaction
                .iter()
                .filter(|id| seen.insert((*id).clone()));
            transactions.extend(new.cloned());
        }
    }
    if places == 0 {
        return None;
    }
    let named = match names.is_empty() {
        true => String::new(),
        false => format!(": {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let at = match places {
        1 => "one place".to_owned(),
        places => format!("{places} places"),
    };
    Some(Pattern {
        typology,
        what: format!("{words}, at {at}{named}"),
        chain: chain.to_owned(),
        address: None,
        amounts,
        transactions,
        parameters: BTreeMap::new(),
        base_rate: Some(rate),
    })
}
