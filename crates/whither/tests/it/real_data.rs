//! Real chains and hand-verified thefts, with the answers that are known.

use std::collections::BTreeSet;
use std::path::Path;

use whither::Finding;
use whither_analysis::trace::{Direction, Policy};
use whither_testkit::rng::SplitMix64;

use crate::support::{data, desk};

const BLOCK_9: &str = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0";

/// Every policy ends with 10, 10, 1, 1, 10 and 18 BTC unspent: the transactions mix nothing.
#[test]
fn the_first_payment_is_followed_under_every_policy() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/first-blocks/first-100k-blocks.dat");
    let mut desk = desk();
    let report = desk.ingest(&file);
    let counts = (
        report.blocks,
        report.transactions,
        report.outputs,
        report.unresolved_inputs,
    );
    assert_eq!(counts, (439, 446, 451, 0));
    for policy in Policy::ALL {
        let finding = desk.ask(&[BLOCK_9], policy, Direction::Forward);
        let mut btc: Vec<u64> = finding
            .trace
            .endpoints
            .iter()
            .map(|end| {
                assert_eq!(end.kind.name(), "unspent");
                end.amount.parse::<u64>().unwrap() / 100_000_000
            })
            .collect();
        btc.sort_unstable();
        assert_eq!(btc, [1, 1, 10, 10, 10, 18], "{policy}");
        assert_eq!(finding.trace.totals[0].by_kind["unspent"], "5000000000");
    }
    let back = desk.ask(
        &["828ef3b079f9c23829c56fe86e85b4a69d9e06e5b54ea597eef5fb3ffef509fe:1"],
        Policy::Fifo,
        Direction::Backward,
    );
    assert_eq!(back.trace.endpoints[0].output.as_deref(), Some(BLOCK_9));
    let address = desk.ask(
        &["bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S"],
        Policy::Fifo,
        Direction::Forward,
    );
    assert_eq!(
        address.trace.origins[0].amount, "5000000000",
        "what comes back as change is counted once"
    );
}

fn addresses(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| line.trim().to_lowercase())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Addresses that a trace reaches.
fn reached(finding: &Finding) -> BTreeSet<String> {
    let ends = finding
        .trace
        .endpoints
        .iter()
        .filter_map(|end| end.address.as_ref());
    let passed = finding
        .trace
        .edges
        .iter()
        .filter_map(|edge| edge.to.address.as_ref());
    ends.chain(passed)
        .map(|address| address.to_lowercase())
        .collect()
}

fn terminals_are_exactly_those_listed(case: &str, count: usize) {
    let Some(data) = data() else { return };
    let folder = data.join("cases/mftracer-ground-truth").join(case);
    let text = std::fs::read_to_string(folder.join(format!("{case}.csv"))).unwrap();
    let sources: Vec<String> = addresses(&folder.join("source addresses.csv"))
        .into_iter()
        .collect();
    let from: Vec<&str> = sources.iter().map(String::as_str).collect();
    let listed = addresses(&folder.join("terminal addresses.csv"));
    assert_eq!(listed.len(), count);
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    let senders: BTreeSet<String> = rows
        .iter()
        .map(|row| row.split(',').nth(3).unwrap().to_lowercase())
        .collect();
    for seed in 0..20 {
        let mut desk = desk();
        let file = desk.path("table.csv");
        std::fs::write(&file, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        desk.ingest(&file);
        let finding = desk.ask(&from, Policy::Poison, Direction::Forward);
        let ends: BTreeSet<String> = reached(&finding).difference(&senders).cloned().collect();
        assert_eq!(ends, listed, "{case}, row order {seed}");
        SplitMix64::new(seed).shuffle(&mut rows);
    }
}

#[test]
fn the_54m_theft_ends_at_its_13_listed_terminals() {
    terminals_are_exactly_those_listed("54m", 13);
}

#[test]
fn the_lifi_theft_ends_at_its_33_listed_terminals() {
    terminals_are_exactly_those_listed("LIFI", 33);
}

/// To the cent: what the sources put in is what ends somewhere, and what intermediaries keep is among it.
#[test]
fn published_thefts_are_conserved_to_the_cent() {
    let Some(data) = data() else { return };
    for case in ["54m", "LIFI"] {
        let folder = data.join("cases/mftracer-ground-truth").join(case);
        let listed = addresses(&folder.join("terminal addresses.csv"));
        let mut desk = desk();
        desk.ingest(&folder.join(format!("{case}.csv")));
        let sources: Vec<String> = addresses(&folder.join("source addresses.csv"))
            .into_iter()
            .collect();
        let from: Vec<&str> = sources.iter().map(String::as_str).collect();
        for policy in [Policy::Fifo, Policy::Haircut] {
            let finding = desk.ask(&from, policy, Direction::Forward);
            let cents = |text: &str| text.parse::<u64>().unwrap();
            let origin: u64 = finding
                .trace
                .origins
                .iter()
                .map(|row| cents(&row.amount))
                .sum();
            let ended: u64 = finding
                .trace
                .endpoints
                .iter()
                .map(|end| cents(&end.amount))
                .sum();
            assert_eq!(origin, ended, "{case} {policy}");
            let at_terminals: u64 = finding
                .trace
                .endpoints
                .iter()
                .filter(|end| {
                    end.address
                        .as_ref()
                        .is_some_and(|address| listed.contains(&address.to_lowercase()))
                })
                .map(|end| cents(&end.amount))
                .sum();
            eprintln!(
                "{case} {policy}: {origin} cents in, {at_terminals} at terminals, {} kept on the way",
                origin - at_terminals
            );
            assert!(at_terminals > 0 && at_terminals <= origin);
        }
    }
}

/// The theft of the regtest scenario goes through its 40 peels, and the stale double spend is not followed.
#[test]
fn the_scenario_of_bitcoin_core_is_followed_through_its_peels() {
    let Some(data) = data() else { return };
    let scenario = data.join("scenarios/bitcoin-core-regtest");
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(scenario.join("truth.json")).unwrap())
            .unwrap();
    let mut desk = desk();
    let report = desk.ingest(&scenario.join("blocks"));
    assert_eq!((report.blocks, report.unresolved_inputs), (301, 0));
    assert!(
        report
            .skipped
            .iter()
            .any(|skipped| skipped.why.contains("stale")),
        "{:?}",
        report.skipped
    );
    let theft = truth["theft"].as_str().unwrap();
    let finding = desk.ask(&[theft], Policy::Poison, Direction::Forward);
    let passed: BTreeSet<&str> = finding
        .trace
        .transactions
        .iter()
        .map(|row| row.transaction.as_str())
        .collect();
    let peels = truth["peels"].as_array().unwrap();
    assert_eq!(peels.len(), 40);
    for peel in peels {
        assert!(
            passed.contains(peel.as_str().unwrap()),
            "{peel} is on the way"
        );
    }
    assert!(!passed.contains(truth["stale_double_spend"].as_str().unwrap()));
}
