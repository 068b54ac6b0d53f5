//! The laws of a trace as properties of random chains and ledgers.

use std::collections::BTreeMap;

use whither_analysis::trace::Trace;
use whither_testkit::naive::account::{self, NaiveTable};
use whither_testkit::naive::utxo::{Endpoint, NaiveChain, Origin};
use whither_testkit::naive::{Direction, Kind, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_chain, random_ledger, random_table};

use crate::outputs::{claimed, endpoints, trace, view};
use crate::{account_naive, accounts, utxo_naive};

const CONSERVING: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho];

/// Per asset, what origins claimed and what conversions brought less what they took is the sum of the endpoints.
pub fn assert_conserved(trace: &Trace, what: &str) {
    let number = |text: &String| text.parse::<i128>().unwrap();
    let mut left: BTreeMap<String, i128> = BTreeMap::new();
    for row in &trace.origins {
        *left.entry(row.asset.clone()).or_default() += number(&row.amount);
    }
    for row in &trace.totals {
        *left.entry(row.asset.clone()).or_default() +=
            number(&row.converted_in) - number(&row.converted_out);
    }
    for endpoint in &trace.endpoints {
        for share in &endpoint.origins {
            *left.entry(endpoint.asset.clone()).or_default() -= number(&share.amount);
        }
    }
    assert!(left.values().all(|rest| *rest == 0), "{left:?} in {what}");
}

#[test]
fn taint_is_conserved_per_origin_and_asset() {
    for seed in 0..100 {
        let chain = random_chain(seed, 12, 4).to_naive_from(usize::from(seed % 2 == 0) * 5);
        let origins = utxo_naive::some_origins(&chain, &mut SplitMix64::new(seed));
        let chain = view(&chain);
        let table = random_ledger(seed, TableShape::default());
        let senders = account_naive::some_origins(&table, &mut SplitMix64::new(seed), true);
        let table = accounts::ledger_view(&table);
        for policy in CONSERVING {
            for direction in [Direction::Forward, Direction::Backward] {
                if policy == Policy::Tiho && direction == Direction::Backward {
                    continue;
                }
                let what = format!("seed {seed} {policy:?} {direction:?}");
                assert_conserved(&trace(&chain, &origins, policy, direction), &what);
                if let Ok(found) = accounts::trace(&table, &senders, policy, direction) {
                    assert_conserved(&found, &what);
                }
            }
        }
    }
}

/// Endpoint totals whatever the origin.
fn totals(endpoints: &[Endpoint]) -> BTreeMap<(Kind, String), u128> {
    let mut totals = BTreeMap::new();
    for endpoint in endpoints {
        *totals
            .entry((endpoint.kind, endpoint.place.clone()))
            .or_default() += endpoint.amount;
    }
    totals
}

#[test]
fn several_origins_are_their_sum() {
    for seed in 0..100 {
        let chain = random_chain(seed, 12, 4).to_naive();
        let whole = chain
            .blocks
            .iter()
            .take(6)
            .flat_map(|block| &block.transactions);
        let whole = whole
            .max_by_key(|transaction| transaction.outputs.len())
            .unwrap();
        let parts: Vec<Origin> = (0..whole.outputs.len())
            .map(|row| Origin::Output(whole.output_name(row)))
            .collect();
        let view = view(&chain);
        for policy in [Policy::Fifo, Policy::Lifo, Policy::Tiho] {
            let one = trace(
                &view,
                &[Origin::Transaction(whole.txid.clone())],
                policy,
                Direction::Forward,
            );
            let several = trace(&view, &parts, policy, Direction::Forward);
            assert_eq!(
                totals(&endpoints(&one)),
                totals(&endpoints(&several)),
                "seed {seed} {policy:?}"
            );
            assert_eq!(
                claimed(&one).iter().sum::<u128>(),
                claimed(&several).iter().sum::<u128>()
            );
        }
    }
}

fn coinbases(chain: &NaiveChain) -> Vec<Origin> {
    let transactions = chain
        .blocks
        .iter()
        .flat_map(|block| &block.transactions)
        .filter(|tx| tx.coinbase);
    transactions
        .flat_map(|tx| {
            (0..tx.outputs.len())
                .filter(|row| tx.outputs[*row].value > 0)
                .map(|row| tx.output_name(row))
        })
        .map(Origin::Output)
        .collect()
}

/// What goes from `a` to `x` forward is what comes to `x` from `a` backward, for every pair.
#[test]
fn forward_and_backward_agree_exactly_for_fifo_and_lifo() {
    for seed in 0..40 {
        let chain = random_chain(seed, 10, 4).to_naive();
        let view = view(&chain);
        let starts = coinbases(&chain);
        for policy in [Policy::Fifo, Policy::Lifo] {
            let there = endpoints(&trace(&view, &starts, policy, Direction::Forward));
            let ends: Vec<Origin> = {
                let mut places: Vec<String> = there
                    .iter()
                    .filter(|end| end.kind == Kind::Unspent)
                    .map(|end| end.place.clone())
                    .collect();
                places.dedup();
                places.into_iter().map(Origin::Output).collect()
            };
            let back = endpoints(&trace(&view, &ends, policy, Direction::Backward));
            let name = |origin: &Origin| match origin {
                Origin::Output(name) => name.clone(),
                _ => unreachable!("only outputs"),
            };
            let forward: BTreeMap<(String, String), u128> = there
                .iter()
                .filter(|end| end.kind == Kind::Unspent)
                .map(|end| ((name(&starts[end.label]), end.place.clone()), end.amount))
                .collect();
            let backward: BTreeMap<(String, String), u128> = back
                .iter()
                .filter(|end| end.kind == Kind::Coinbase)
                .map(|end| ((end.place.clone(), name(&ends[end.label])), end.amount))
                .collect();
            assert!(!forward.is_empty());
            assert_eq!(forward, backward, "seed {seed} {policy:?}");
        }
    }
}

/// Openings and mints forward to holdings, and holdings back to openings, for every pair of addresses.
#[test]
fn forward_and_backward_agree_on_accounts() {
    for seed in 0..40 {
        let table = random_table(seed, TableShape::default());
        let view = accounts::table_view(&table);
        let openings = account::openings(&table.to_naive());
        for policy in [Policy::Fifo, Policy::Lifo] {
            for opening in &openings {
                // Backward from each final holding, the share of this opening; forward, where this opening went.
                let mut only = accounts::request(
                    &[account::Origin::Address(opening.address.clone())],
                    policy,
                    Direction::Forward,
                );
                // The first units an address has are its opening.
                only.origins[0].limit = Some(whither_ledger::U256::from(opening.amount));
                let forward = whither_analysis::trace::trace_accounts(&view, &only).unwrap();
                for end in accounts::endpoints(&forward)
                    .iter()
                    .filter(|end| end.kind == Kind::Held)
                {
                    let origins = [account::Origin::Address(end.place.clone())];
                    let back =
                        accounts::trace(&view, &origins, policy, Direction::Backward).unwrap();
                    let share: u128 = accounts::endpoints(&back)
                        .iter()
                        .filter(|back| back.kind == Kind::Opening && back.place == opening.address)
                        .map(|back| back.amount)
                        .sum();
                    assert!(
                        share >= end.amount,
                        "seed {seed} {policy:?} {opening:?} {end:?}: {share}"
                    );
                }
            }
        }
    }
}

/// Two chains in one: the blocks of one beside those of the other, the transactions of a block in turn.
fn beside(a: &NaiveChain, b: &NaiveChain) -> NaiveChain {
    let mut both = a.clone();
    for (block, other) in both.blocks.iter_mut().zip(&b.blocks) {
        let fresh = other.transactions.iter().filter(|transaction| {
            !a.blocks
                .iter()
                .flat_map(|block| &block.transactions)
                .any(|known| known.txid == transaction.txid)
        });
        let fresh: Vec<_> = fresh.cloned().collect();
        block.transactions.splice(0..0, fresh);
    }
    both
}

#[test]
fn innocent_traffic_changes_nothing() {
    for seed in 0..60 {
        let chain = random_chain(seed, 12, 4).to_naive();
        let busy = beside(&chain, &random_chain(seed + 10_000, 12, 4).to_naive());
        let origins = utxo_naive::some_origins(&chain, &mut SplitMix64::new(seed));
        let (quiet, busy) = (view(&chain), view(&busy));
        let table = random_ledger(seed, TableShape::default());
        let mut crowd: NaiveTable = table.clone();
        let other = random_ledger(seed + 10_000, TableShape::default());
        for (place, transaction) in other.transactions.into_iter().enumerate() {
            let place = (2 * place).min(crowd.transactions.len());
            crowd.transactions.insert(place, transaction);
        }
        let senders = account_naive::some_origins(&table, &mut SplitMix64::new(seed), true);
        let (alone, crowd) = (
            accounts::ledger_view(&heights(table)),
            accounts::ledger_view(&heights(crowd)),
        );
        for policy in Policy::ALL {
            let (a, b) = (
                trace(&quiet, &origins, policy, Direction::Forward),
                trace(&busy, &origins, policy, Direction::Forward),
            );
            assert_eq!(endpoints(&a), endpoints(&b), "seed {seed} {policy:?}");
            let a = accounts::trace(&alone, &senders, policy, Direction::Forward);
            let b = accounts::trace(&crowd, &senders, policy, Direction::Forward);
            let both = (
                a.map(|trace| accounts::endpoints(&trace)),
                b.map(|trace| accounts::endpoints(&trace)),
            );
            assert_eq!(both.0, both.1, "seed {seed} {policy:?}");
        }
    }
}

/// Numbers the blocks anew, one transaction each.
fn heights(mut table: NaiveTable) -> NaiveTable {
    for (height, transaction) in (1..).zip(&mut table.transactions) {
        (transaction.height, transaction.time) = (height, 1_700_000_000 + 12 * height);
    }
    table
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for seed in 0..60 {
        let table = random_table(seed, TableShape::default());
        let origins =
            account_naive::some_origins(&table.to_naive(), &mut SplitMix64::new(seed), false);
        let (straight, shuffled) = (
            accounts::table_view(&table),
            accounts::table_view(&table.shuffled(seed + 1)),
        );
        for policy in Policy::ALL {
            for direction in [Direction::Forward, Direction::Backward] {
                let a = accounts::trace(&straight, &origins, policy, direction);
                let b = accounts::trace(&shuffled, &origins, policy, direction);
                assert_eq!(a, b, "seed {seed} {policy:?} {direction:?}");
            }
        }
    }
}
