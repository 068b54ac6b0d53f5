//! The interval of an endpoint contains what every value-conserving policy says of it, and is exact
//! within one transaction.

use std::collections::BTreeMap;

use whither_analysis::trace::Trace;
use whither_analysis::trace::result::{Bound, Endpoint};
use whither_ledger::view::{ChainView as _, OutputIx, Prevout, TxIx, UtxoView as _};
use whither_testkit::naive::utxo::Origin;
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_chain, random_ledger, random_table};

use crate::accounts::{ledger_view, table_view};
use crate::outputs::{trace, view};

const CONSERVING: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho];

fn key(endpoint: &Endpoint) -> String {
    let place = endpoint
        .output
        .as_ref()
        .or(endpoint.address.as_ref())
        .or(endpoint.transaction.as_ref());
    format!(
        "{} {} {}",
        endpoint.kind.name(),
        place.unwrap(),
        endpoint.asset
    )
}

fn amount(text: &str) -> u128 {
    text.parse().unwrap()
}

/// Checks every interval of every policy against the amounts of all; how many were tight.
pub fn check(traces: &[Trace], what: &str) -> usize {
    let amounts: Vec<BTreeMap<String, u128>> = traces
        .iter()
        .map(|trace| {
            trace
                .endpoints
                .iter()
                .map(|endpoint| (key(endpoint), amount(&endpoint.amount)))
                .collect()
        })
        .collect();
    let mut tight = 0;
    for endpoint in traces.iter().flat_map(|trace| &trace.endpoints) {
        let interval = amount(&endpoint.min)..=amount(&endpoint.max);
        for said in &amounts {
            let said = said.get(&key(endpoint)).copied().unwrap_or(0);
            assert!(
                interval.contains(&said),
                "{said} of {} is outside {interval:?} in {what}",
                key(endpoint)
            );
        }
        tight += usize::from(endpoint.bound == Bound::Tight);
    }
    tight
}

#[test]
fn intervals_of_outputs_contain_every_policy() {
    let mut tight = 0;
    for seed in 0..150 {
        let chain = random_chain(seed, 12, 4).to_naive();
        let view = view(&chain);
        let origins = crate::utxo_naive::some_origins(&chain, &mut SplitMix64::new(seed));
        let traces = CONSERVING.map(|policy| trace(&view, &origins, policy, Direction::Forward));
        tight += check(&traces, &format!("seed {seed}, {origins:?}"));
    }
    assert!(tight > 3000, "all intervals are computed as flows: {tight}");
}

#[test]
fn intervals_of_holdings_contain_every_policy() {
    let mut tight = 0;
    for seed in 0..150 {
        let table = random_ledger(seed, TableShape::default());
        let view = ledger_view(&table);
        let origins = crate::account_naive::some_origins(&table, &mut SplitMix64::new(seed), true);
        let traces: Vec<Trace> = CONSERVING
            .into_iter()
            .filter_map(|policy| {
                crate::accounts::trace(&view, &origins, policy, Direction::Forward).ok()
            })
            .collect();
        tight += check(&traces, &format!("seed {seed}, {origins:?}"));
        let table = random_table(seed, TableShape::default());
        let view = table_view(&table);
        let origins = crate::account_naive::some_origins(
            &table.to_naive(),
            &mut SplitMix64::new(seed),
            false,
        );
        let traces: Vec<Trace> = CONSERVING
            .into_iter()
            .filter_map(|policy| {
                crate::accounts::trace(&view, &origins, policy, Direction::Forward).ok()
            })
            .collect();
        tight += check(&traces, &format!("table {seed}, {origins:?}"));
    }
    assert!(tight > 3000, "all intervals are computed as flows: {tight}");
}

/// min = max(0, v - clean), max = min(v, taint), for the outputs of a transaction that nothing spends.
#[test]
fn one_transaction_is_exact() {
    let mut checked = 0;
    for seed in 0..60 {
        let chain = random_chain(seed, 12, 4).to_naive();
        let view = view(&chain);
        for tx in (0..view.transaction_count()).map(TxIx::of) {
            let unspent = view
                .outputs(tx)
                .all(|row| view.spender(OutputIx(row)).is_none());
            let Some(Prevout::Inside(first)) = view.inputs(tx).next().filter(|_| unspent) else {
                continue;
            };
            let value = |prevout: &Prevout| match prevout {
                Prevout::Inside(output) => view.value(*output),
                Prevout::Outside(_) => unreachable!("the chain is whole"),
            };
            let taint = view.value(first);
            let clean: u64 = view.inputs(tx).skip(1).map(|spent| value(&spent)).sum();
            if taint == 0 {
                continue;
            }
            let creator = view.creator(first);
            let origin = format!(
                "{}:{}",
                view.transaction_id(creator),
                first.0 - view.outputs(creator).start
            );
            for endpoint in trace(
                &view,
                &[Origin::Output(origin)],
                Policy::Fifo,
                Direction::Forward,
            )
            .endpoints
            {
                let Some(output) = &endpoint.output else {
                    continue;
                };
                let vout: u64 = output.split_once(':').unwrap().1.parse().unwrap();
                let value = view.value(OutputIx(view.outputs(tx).start + vout));
                assert_eq!(
                    endpoint.min,
                    value.saturating_sub(clean).to_string(),
                    "seed {seed} {output}"
                );
                assert_eq!(
                    endpoint.max,
                    value.min(taint).to_string(),
                    "seed {seed} {output}"
                );
                assert_eq!(endpoint.bound, Bound::Tight);
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked}");
}
