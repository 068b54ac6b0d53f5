//! How often the rules of clustering are wrong on the simulator's truth. The lines printed stand in `docs/methods/clusters.md`:
//! `cargo test -p whither-analysis --test it cluster_errors -- --nocapture`.
//!
//! What is known of a simulated chain is which addresses the thief controls. So a rule is judged on what it says of him: of
//! transactions that he pays whether the change is his, and of others whether they are given something of his.

use std::collections::BTreeSet;

use whither_analysis::cluster::{ChangeRule, Constraints, Rules, change, cluster};
use whither_analysis::demix::coinjoin;
use whither_ledger::address::Address;
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, ChainView as _, TxIx};
use whither_testkit::simulator::{SimSize, utxo};

use crate::clusters::payers;
use crate::outputs;

const SEEDS: u64 = 20;

/// A chain, the thief's addresses, and whether the round in which he mixes is seen for one.
fn scenario(seed: u64) -> (MemoryUtxo, BTreeSet<AddressIx>, bool) {
    let scenario = utxo(seed, SimSize::MEDIUM);
    let view = outputs::view(&scenario.chain.to_naive());
    let service = &scenario.truth.service;
    // A deposit address is used by the thief, and its key is the service's.
    let is_service = |text: &String| {
        *text == service.hot || *text == service.unswept || service.deposits.contains(text)
    };
    let thief = scenario.truth.thief.iter().filter(|text| !is_service(text));
    let thief = thief.map(|text| Address::parse(&outputs::chain(), text).unwrap());
    let thief = thief.filter_map(|address| view.find_address(&address));
    let thief = thief.collect();
    let mixing = scenario.truth.typologies.iter();
    let mixing = mixing.filter(|typology| typology.kind == "mixing");
    let mixing = mixing.flat_map(|typology| &typology.transactions);
    let is_seen = mixing
        .map(|text| TransactionId::parse(&outputs::chain(), text).unwrap())
        .flat_map(|id| view.find_transaction(&id))
        .all(|tx| coinjoin(&view, tx).is_some());
    (view, thief, is_seen)
}

#[test]
fn change_rules_on_the_thief_of_the_simulator() {
    let chains: Vec<_> = (0..SEEDS).map(scenario).collect();
    for name in [
        "one-time",
        "fresh",
        "optimal",
        "type",
        "round",
        "reuse",
        "fresh+optimal",
        "fresh+round",
        "optimal+type+round",
    ] {
        let rule: ChangeRule = name.parse().unwrap();
        let (mut right, mut wrong, mut silent, mut missed, mut given) = (0, 0, 0, 0, 0);
        for (view, thief, _) in &chains {
            for tx in (0..view.transaction_count()).map(TxIx::of) {
                let payers = payers(view, tx);
                if payers.is_empty() || coinjoin(view, tx).is_some() {
                    continue;
                }
                let said = change(view, tx, rule).filter(|owner| !payers.contains(owner));
                let is_his = said.map(|owner| thief.contains(&owner));
                if payers.is_subset(thief) {
                    let has_change = outputs::owners(view, tx).any(|owner| thief.contains(&owner));
                    match is_his {
                        Some(true) => right += 1,
                        Some(false) => wrong += 1,
                        None if has_change => missed += 1,
                        None => silent += 1,
                    }
                } else if is_his == Some(true) {
                    given += 1;
                }
            }
        }
        let spoke = right + wrong;
        println!(
            "{name}: of {} transactions of the thief it spoke of {spoke}, {right} right, {wrong} wrong; silent {silent}, and \
             {missed} where something came back; {given} times it gave a stranger something of his",
            spoke + silent + missed
        );
        assert!(spoke + silent + missed >= 200, "{name}");
    }
}

#[test]
fn multi_input_on_the_thief_of_the_simulator() {
    let mut told = Vec::new();
    for skip_coinjoin in [true, false] {
        let (mut his, mut clusters, mut strangers, mut seen) = (0, 0, 0, 0);
        for seed in 0..SEEDS {
            let (view, thief, is_seen) = scenario(seed);
            seen += usize::from(is_seen);
            let rules = Rules {
                skip_coinjoin,
                ..Rules::default()
            };
            let found = cluster(&view, &rules, &Constraints::default());
            let of: BTreeSet<AddressIx> = thief.iter().map(|address| found.of(*address)).collect();
            his += thief.len();
            clusters += of.len();
            let members = of.into_iter().flat_map(|cluster| found.members(cluster));
            let others = members.filter(|member| !thief.contains(member)).count();
            assert!(others == 0 || !is_seen || !skip_coinjoin, "seed {seed}");
            strangers += others;
        }
        println!(
            "multi-input, CoinJoins {}: {his} addresses of thieves in {clusters} clusters, {strangers} addresses of others in them; {seen} of {SEEDS} CoinJoins seen",
            if skip_coinjoin { "left out" } else { "joined" }
        );
        told.push(strangers);
    }
    assert!(told[0] < told[1], "a CoinJoin joins strangers: {told:?}");
}
