//! That worlds on chains of outputs are what their truth says.

use super::{OutputParameters, OutputTruth, OutputWorld};
use std::collections::{BTreeMap, BTreeSet};

fn worlds() -> impl Iterator<Item = OutputWorld> {
    let held_out = (0..12).map(|seed| OutputWorld::make(&OutputParameters::held_out(), seed));
    held_out.chain((0..12).map(|seed| OutputWorld::make(&OutputParameters::tuning(), seed)))
}

/// Every transaction of a world by its id, with its height.
fn transactions(world: &OutputWorld) -> BTreeMap<String, (u32, &super::super::block::Transaction)> {
    let blocks = world.chain.blocks.iter();
    let all = blocks.flat_map(|block| block.transactions.iter().map(|told| (block.height, told)));
    all.map(|(height, told)| (told.name(), (height, told)))
        .collect()
}

#[test]
fn the_same_seed_makes_the_same_world_and_spam_changes_nothing_else() {
    let parameters = OutputParameters {
        spam: 0,
        ..OutputParameters::tuning()
    };
    let world = OutputWorld::make(&parameters, 3);
    assert_eq!(world, OutputWorld::make(&parameters, 3));
    assert_ne!(world.chain, OutputWorld::make(&parameters, 4).chain);
    let spammed = OutputParameters {
        spam: 200,
        ..parameters
    };
    let spammed = OutputWorld::make(&spammed, 3);
    assert_eq!(spammed.truth.common.incidents, world.truth.common.incidents);
    let (with, without) = (transactions(&spammed), transactions(&world));
    let without = without.iter().filter(|(_, (_, told))| !told.is_coinbase());
    let mut dust = 0;
    for (id, (_, told)) in &with {
        dust += told.outputs.iter().filter(|side| side.value == 546).count();
        assert!(told.is_coinbase() || !id.is_empty());
    }
    for (id, _) in without {
        assert!(with.contains_key(id), "{id}");
    }
    assert_eq!(dust, 200);
}

/// Nothing is spent that is not there yet, and nothing twice; the truth can be written and read.
#[test]
fn coins_are_made_before_they_are_spent() {
    for world in worlds() {
        let mut there: BTreeSet<(super::super::block::Hash, u32)> = BTreeSet::new();
        let (mut spends, mut time) = (0, 0);
        for block in &world.chain.blocks {
            assert!(block.time() > time, "time goes on");
            time = block.time();
            for told in &block.transactions {
                for input in told.inputs.iter().filter(|_| !told.is_coinbase()) {
                    assert!(there.remove(&(input.txid, input.vout)));
                    spends += 1;
                }
                there.extend(told.coins().iter().map(|coin| (coin.txid, coin.vout)));
            }
        }
        assert!(spends > 300, "{spends}");
        let text = serde_json::to_string(&world.truth).expect("it can be written");
        let read: OutputTruth = serde_json::from_str(&text).expect("it can be read");
        assert_eq!(read, world.truth);
    }
}

/// What the thief took is what arrived, and all of it leaves, stays, or goes to the miners.
#[test]
fn cash_outs_add_up_to_the_theft() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for world in worlds() {
        let told = transactions(&world);
        for incident in &world.truth.common.incidents {
            let outs = world.truth.common.cash_outs.iter();
            let outs = outs.filter(|out| out.incident == incident.id);
            let left: u128 = outs.clone().map(|out| out.amount).sum();
            assert_eq!(left, incident.amount, "{} of {incident:?}", incident.id);
            let thefts = incident.transactions.iter().map(|id| told[id].1);
            let came: u64 = thefts
                .flat_map(|told| &told.outputs)
                .map(|side| side.value)
                .sum();
            assert_eq!(u128::from(came), incident.amount);
            for out in outs {
                *kinds.entry(out.kind.clone()).or_default() += 1;
            }
        }
    }
    let all = [
        "exchange",
        "fee",
        "hot-wallet",
        "kept",
        "merchant",
        "mixer",
        "passer-by",
    ];
    assert_eq!(kinds.keys().map(String::as_str).collect::<Vec<_>>(), all);
    assert!(kinds.values().all(|count| *count >= 20), "{kinds:?}");
}

#[test]
fn pairs_of_one_hand_share_something_and_others_no_address() {
    let (mut ways, mut lures): (BTreeMap<String, usize>, BTreeMap<String, usize>) =
        (BTreeMap::new(), BTreeMap::new());
    let mut others = 0;
    for world in worlds() {
        let truth = &world.truth.common;
        let own: BTreeMap<&str, BTreeSet<&str>> = truth
            .incidents
            .iter()
            .map(|of| (&of.id[..], of.accounts.iter().map(String::as_str).collect()))
            .collect();
        for pair in &truth.pairs {
            let common = own[&pair.a[..]].intersection(&own[&pair.b[..]]).count();
            if pair.same {
                assert!(!pair.ways.is_empty(), "seed {}: {pair:?}", truth.seed);
                for way in &pair.ways {
                    *ways.entry(way.clone()).or_default() += 1;
                }
            } else {
                assert_eq!(common, 0, "seed {}: {pair:?}", truth.seed);
                others += 1;
            }
            for lure in &pair.lures {
                *lures.entry(lure.clone()).or_default() += 1;
            }
        }
    }
    let all = ["change", "co-spend", "collector", "deposit"];
    assert_eq!(ways.keys().map(String::as_str).collect::<Vec<_>>(), all);
    for lure in ["exchange-1", "hot-wallet", "merchant", "mixer", "payout"] {
        assert!(lures[lure] >= 3, "{lures:?}");
    }
    assert!(others > 100);
}

/// The shapes of the plans are in the chain as they are told.
#[test]
fn plans_have_the_shapes_that_they_say() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for world in worlds() {
        let told = transactions(&world);
        let rounds: BTreeSet<&str> = world
            .truth
            .mixings
            .iter()
            .map(|mixing| &mixing.transaction[..])
            .collect();
        let incidents = world.truth.common.incidents.iter();
        for pattern in incidents.flat_map(|incident| &incident.patterns) {
            let size = usize::try_from(pattern.size).expect("a small size");
            let all: Vec<_> = pattern.transactions.iter().map(|id| told[id].1).collect();
            *seen.entry(pattern.typology.clone()).or_default() += 1;
            match &pattern.typology[..] {
                "fan-out" => assert_eq!(all[0].outputs.len(), size),
                "consolidation" => assert_eq!(all[0].inputs.len(), size),
                "peel-chain" => {
                    assert_eq!(all.len(), size);
                    assert!(all.iter().all(|told| told.outputs.len() == 2));
                    assert!(all.windows(2).all(|pair| {
                        pair[1].inputs.len() == 1 && pair[1].inputs[0].txid == pair[0].txid()
                    }));
                }
                "mixer-passage" => assert!(rounds.contains(&pattern.transactions[0][..])),
                "dormancy" => assert_eq!(all.len(), 1),
                other => panic!("{other}"),
            }
        }
    }
    assert!(
        seen.len() == 5 && seen.values().all(|count| *count > 20),
        "{seen:?}"
    );
}
