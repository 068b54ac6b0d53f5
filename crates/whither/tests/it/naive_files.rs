//! Random chains in real block files and random tables in real CSV files, read, stored, traced through the
//! front door, equal to the naive reference to the unit.

use whither_analysis::trace::Direction;
use whither_testkit::naive::account::{self, Origin as Sender};
use whither_testkit::naive::utxo::{self, Origin};
use whither_testkit::naive::{self, Kind, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{TableShape, WriteOptions, random_chain, random_table};

use crate::support::{Ends, desk, ends, policy};

/// How a seed's chain is cut and stirred on its way into files.
fn stirred(seed: u64) -> WriteOptions {
    WriteOptions {
        shuffle: (!seed.is_multiple_of(3)).then_some(seed),
        stale: usize::from(seed % 5 == 1),
        duplicates: usize::from(seed % 4 == 2),
        xor_key: (seed % 2 == 1).then_some([1, 2, 3, 4, 5, 6, 7, seed.to_le_bytes()[0]]),
        files: 1 + usize::from(seed % 3 == 2),
        ..WriteOptions::default()
    }
}

fn expected(endpoints: &[utxo::Endpoint]) -> Ends {
    let row = |end: &utxo::Endpoint| {
        (
            (end.kind.word().to_owned(), end.place.clone(), end.label),
            end.amount,
        )
    };
    endpoints.iter().map(row).collect()
}

fn name(origin: &Origin) -> String {
    match origin {
        Origin::Output(name) | Origin::Transaction(name) | Origin::Address(name) => name.clone(),
    }
}

#[test]
fn block_files_agree() {
    for seed in 0..120 {
        let chain = random_chain(seed, 10, 3);
        let mut desk = desk();
        let blocks = desk.path("blocks");
        std::fs::create_dir(&blocks).unwrap();
        chain.write_blk(&blocks, &stirred(seed)).unwrap();
        let naive = chain.to_naive();
        let report = desk.ingest(&blocks);
        assert_eq!(
            report.blocks,
            u64::try_from(naive.blocks.len()).unwrap(),
            "seed {seed}"
        );
        let transactions: Vec<_> = naive
            .blocks
            .iter()
            .flat_map(|block| &block.transactions)
            .collect();
        let mut rng = SplitMix64::new(seed);
        let origins: Vec<Origin> = (0..1 + seed % 2)
            .map(|_| {
                let transaction = rng.pick(&transactions[..transactions.len() * 2 / 3]);
                Origin::Output(transaction.output_name(rng.index(transaction.outputs.len())))
            })
            .collect();
        let from: Vec<String> = origins.iter().map(name).collect();
        let from: Vec<&str> = from.iter().map(String::as_str).collect();
        for wanted in Policy::ALL {
            let found = desk.ask(&from, policy(wanted), Direction::Forward);
            let there = utxo::trace(&naive, &origins, wanted, naive::Direction::Forward);
            assert_eq!(
                ends(&found),
                expected(&there),
                "seed {seed} {wanted:?} {from:?}"
            );
        }
        for wanted in Policy::BACKWARD {
            let found = desk.ask(&from, policy(wanted), Direction::Backward);
            let back = utxo::trace(&naive, &origins, wanted, naive::Direction::Backward);
            assert_eq!(
                ends(&found),
                expected(&back),
                "seed {seed} {wanted:?} backward {from:?}"
            );
        }
    }
}

#[test]
fn tables_agree() {
    for seed in 0..200 {
        let table = random_table(seed, TableShape::default()).shuffled(seed);
        let mut desk = desk();
        let file = desk.path("table.csv");
        table.write_mftracer_csv(&file).unwrap();
        desk.ingest(&file);
        let naive = table.to_naive();
        let sender = SplitMix64::new(seed).pick(&table.addresses).clone();
        if sender == account::ZERO_ADDRESS {
            continue;
        }
        let origins = [Sender::Address(sender.clone())];
        for wanted in Policy::ALL {
            let there = account::trace(&naive, &origins, wanted, naive::Direction::Forward);
            if there.is_empty() {
                continue;
            }
            // The table promises its rows and no others, so what is held is said to be last seen.
            let word = |kind: Kind| {
                if kind == Kind::Held {
                    "horizon"
                } else {
                    kind.word()
                }
            };
            let expected: Ends = there
                .iter()
                .map(|end| {
                    (
                        (word(end.kind).to_owned(), end.place.clone(), end.label),
                        end.amount,
                    )
                })
                .collect();
            let found = desk.ask(&[&sender], policy(wanted), Direction::Forward);
            assert_eq!(ends(&found), expected, "seed {seed} {wanted:?} {sender}");
        }
    }
}
