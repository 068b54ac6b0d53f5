//! Claims made for tests, traces along them, and what every such answer keeps.

use std::collections::BTreeMap;

use whither_analysis::trace::result::EdgeWhy;
use whither_analysis::trace::{
    Arrival, Continuation, Departure, OriginPlace, Request, Trace, follow_claims, trace_utxo,
};
use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::transaction_id::TransactionId;
use whither_testkit::naive::Policy;

use crate::outputs::chain;

pub const CONSERVING: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho];

pub fn coin() -> Asset {
    let id = format!("{}", chain());
    Asset::native(&chain()).unwrap_or_else(|| format!("{id}/native").parse().unwrap())
}

pub fn output_place(name: &str) -> OriginPlace {
    let (id, vout) = name.split_once(':').unwrap();
    OriginPlace::Output(
        TransactionId::parse(&chain(), id).unwrap(),
        vout.parse().unwrap(),
    )
}

/// `from → to, amount`, between places of the chain of outputs.
pub fn claim(name: &str, from: Arrival, to: OriginPlace, amount: u128) -> Continuation {
    Continuation {
        claim: name.to_owned(),
        words: (format!("{from:?}"), format!("{to:?}")),
        chain: chain(),
        from,
        asset: coin(),
        amount: U256::from(amount),
        to: Departure {
            chain: chain(),
            place: to,
            height: None,
            time: None,
        },
        to_asset: coin(),
        to_amount: U256::from(amount),
    }
}

pub fn from_output(name: &str, to: &str, amount: u128) -> Continuation {
    claim(
        &format!("{name}>{to}"),
        Arrival::Output(name.to_owned(), None),
        output_place(to),
        amount,
    )
}

pub fn follow(view: &MemoryUtxo, request: Request, claims: &[Continuation]) -> Trace {
    follow_claims(vec![(chain(), request)], claims, |_, request| {
        trace_utxo(view, request)
    })
    .unwrap()
}

pub fn number(text: &str) -> u128 {
    text.parse().unwrap()
}

/// Endpoint amounts by kind and place, whatever the origin.
pub fn ends(trace: &Trace) -> BTreeMap<(&'static str, String), u128> {
    let mut ends = BTreeMap::new();
    for end in &trace.endpoints {
        let place = end
            .output
            .clone()
            .or_else(|| end.transaction.clone())
            .unwrap();
        *ends.entry((end.kind.name(), place)).or_default() += number(&end.amount);
    }
    ends
}

/// Per origin and asset: what went in, by origins and claims, is what is left at the ends; and as the totals say.
pub fn assert_conserved(trace: &Trace, what: &str) {
    let mut left: BTreeMap<(String, String), i128> = BTreeMap::new();
    let mut add = |origin: &str, asset: &str, amount: i128| {
        *left
            .entry((origin.to_owned(), asset.to_owned()))
            .or_default() += amount;
    };
    let signed = |text: &str| text.parse::<i128>().unwrap();
    for row in &trace.origins {
        add(&row.origin, &row.asset, signed(&row.amount));
    }
    for end in &trace.endpoints {
        for share in &end.origins {
            add(&share.origin, &end.asset, -signed(&share.amount));
        }
    }
    for row in trace.claims.iter().flatten() {
        for share in &row.origins {
            add(&share.origin, &row.asset, -signed(&share.amount));
        }
    }
    // What arrives is not told by origin, so over all origins.
    let mut assets: BTreeMap<String, i128> = BTreeMap::new();
    for ((_, asset), amount) in left {
        *assets.entry(asset).or_default() += amount;
    }
    for row in trace.claims.iter().flatten() {
        *assets.entry(row.to_asset.clone()).or_default() += signed(&row.arrived);
    }
    for row in &trace.conversions {
        for side in &row.taken {
            *assets.entry(side.asset.clone()).or_default() -= signed(&side.tainted);
        }
        for side in &row.given {
            *assets.entry(side.asset.clone()).or_default() += signed(&side.tainted);
        }
    }
    assert!(
        assets.values().all(|rest| *rest == 0),
        "{assets:?} in {what}"
    );
    for row in &trace.totals {
        let by_kind: i128 = row.by_kind.values().map(|sum| signed(sum)).sum();
        let paid_in = signed(&row.origin) + signed(&row.converted_in) - signed(&row.converted_out);
        assert_eq!(paid_in, by_kind, "{} in {what}", row.asset);
    }
}

/// What every answer with claims keeps.
pub fn assert_sound(trace: &Trace, what: &str) {
    assert_conserved(trace, what);
    for row in trace.claims.iter().flatten() {
        assert!(
            number(&row.carried) <= number(&row.amount),
            "{what}: {row:?}"
        );
        assert!(
            number(&row.arrived) <= number(&row.to_amount),
            "{what}: {row:?}"
        );
        let edges = || {
            let of_claim =
                |onward: &&whither_analysis::trace::result::Onward| onward.claim == row.claim;
            let edges = trace.edges.iter();
            edges.filter(move |edge| edge.onward.as_ref().filter(of_claim).is_some())
        };
        let carried: u128 = edges().map(|edge| number(&edge.amount)).sum();
        let arrived: u128 = edges()
            .map(|edge| number(&edge.onward.as_ref().unwrap().to_amount))
            .sum();
        assert_eq!(
            (carried, arrived),
            (number(&row.carried), number(&row.arrived)),
            "{what}"
        );
        assert!(edges().all(|edge| edge.why == EdgeWhy::Claim && edge.transaction.is_none()));
    }
    for end in &trace.endpoints {
        let (min, amount, max) = (number(&end.min), number(&end.amount), number(&end.max));
        assert!(
            min <= amount && amount <= max && amount > 0,
            "{what}: {end:?}"
        );
        let shares: u128 = end.origins.iter().map(|share| number(&share.amount)).sum();
        assert_eq!(shares, amount, "{what}");
    }
}
