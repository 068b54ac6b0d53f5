//! Every policy, both directions, equal to the naive reference to the unit, over hundreds of random ledgers.

use std::collections::BTreeMap;

use whither_analysis::trace::Trace;
use whither_ledger::memory::MemoryAccounts;
use whither_testkit::naive::account::{self, NaiveTable, Origin};
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, random_ledger, random_table};

use crate::accounts::{endpoints, ledger_view, table_view, trace};

/// Up to three origins: addresses and transactions, and transfers where the table numbers them.
pub fn some_origins(table: &NaiveTable, rng: &mut SplitMix64, transfers: bool) -> Vec<Origin> {
    let moving: Vec<_> = table
        .transactions
        .iter()
        .filter(|transaction| !transaction.legs.is_empty())
        .collect();
    let count = 1 + rng.below(3);
    (0..count)
        .map(|_| {
            let transaction = rng.pick(&moving);
            let leg = rng.pick(&transaction.legs);
            let moves = leg.amount > 0 && leg.from != leg.to;
            match rng.below(4) {
                0 if leg.from != account::ZERO_ADDRESS => Origin::Address(leg.from.clone()),
                1 if transfers && moves => Origin::Transfer {
                    txid: transaction.txid.clone(),
                    index: leg.index,
                },
                _ => Origin::Transaction(transaction.txid.clone()),
            }
        })
        .collect()
}

/// How many traces were compared, and how many were not because tokens of an origin were left out.
fn compare(
    seed: u64,
    table: &NaiveTable,
    view: &MemoryAccounts,
    transfers: bool,
) -> (usize, usize) {
    let mut rng = SplitMix64::new(seed ^ 0x5eed);
    let (mut compared, mut left_out) = (0, 0);
    for _ in 0..3 {
        let origins = some_origins(table, &mut rng, transfers);
        for (policy, direction) in Policy::ALL
            .map(|policy| (policy, Direction::Forward))
            .into_iter()
            .chain(Policy::BACKWARD.map(|policy| (policy, Direction::Backward)))
        {
            let expected = account::run(table, &origins, policy, direction);
            let what = format!("seed {seed}, {policy:?} {direction:?}, {origins:?}");
            let Ok(found) = trace(view, &origins, policy, direction) else {
                assert!(expected.claimed.is_empty(), "nothing is claimed in {what}");
                continue;
            };
            // The reference takes every token at its word.
            if found
                .caveats
                .iter()
                .any(|it| it.kind == "left-out-of-origin")
            {
                left_out += 1;
                continue;
            }
            compared += 1;
            let claimed: BTreeMap<(usize, String), u128> = found
                .origins
                .iter()
                .filter(|row| row.amount != "0")
                .map(|row| {
                    (
                        (
                            row.origin[1..].parse::<usize>().unwrap() - 1,
                            row.asset.clone(),
                        ),
                        row.amount.parse().unwrap(),
                    )
                })
                .collect();
            assert_eq!(claimed, expected.claimed, "claims of {what}");
            assert_eq!(endpoints(&found), expected.endpoints, "{what}");
            if policy != Policy::Poison {
                assert_eq!(
                    conversions(&found),
                    by_asset(&expected.converted),
                    "conversions of {what}"
                );
            }
        }
    }
    (compared, left_out)
}

type Converted = BTreeMap<String, (u128, u128)>;

fn conversions(found: &Trace) -> Converted {
    let rows = found.totals.iter().map(|row| {
        let both = (
            row.converted_in.parse().unwrap(),
            row.converted_out.parse().unwrap(),
        );
        (row.asset.clone(), both)
    });
    rows.filter(|(_, both)| *both != (0, 0)).collect()
}

fn by_asset(converted: &BTreeMap<(usize, String), (u128, u128)>) -> Converted {
    let mut sums = Converted::new();
    for ((_, asset), (came, went)) in converted {
        let sum = sums.entry(asset.clone()).or_default();
        *sum = (sum.0 + came, sum.1 + went);
    }
    sums
}

#[test]
fn ledgers_with_gas_and_ordered_legs_agree() {
    let (mut all, mut skipped) = (0, 0);
    for seed in 0..60 {
        let table = random_ledger(seed, TableShape::default());
        let (compared, left_out) = compare(seed, &table, &ledger_view(&table), true);
        (all, skipped) = (all + compared, skipped + left_out);
    }
    assert!(all > 10 * skipped, "{all} compared, {skipped} not");
}

#[test]
fn markets_agree() {
    let shape = TableShape {
        market: true,
        ..TableShape::default()
    };
    let (mut all, mut converted) = (0, 0);
    for seed in 0..60 {
        let table = random_ledger(seed, shape);
        let view = ledger_view(&table);
        all += compare(seed, &table, &view, true).0;
        let origins = some_origins(&table, &mut SplitMix64::new(seed), true);
        let found = trace(&view, &origins, Policy::Fifo, Direction::Forward);
        converted += found.map_or(0, |found| found.conversions.len());
    }
    assert!(
        all > 1_000 && converted > 60,
        "{all} compared, {converted} conversions"
    );
}

#[test]
fn tables_without_an_order_of_legs_agree() {
    for seed in 0..200 {
        let table = random_table(seed, TableShape::default());
        compare(seed, &table.to_naive(), &table_view(&table), false);
    }
}

#[test]
fn tables_with_ties_agree() {
    for seed in 0..60 {
        let table = random_table(
            seed,
            TableShape {
                ties: true,
                ..TableShape::default()
            },
        );
        compare(seed, &table.to_naive(), &table_view(&table), false);
    }
}
