//! What is found from an address alone, in parts, and after a strike is what the whole chain says anew; and every union
//! that is kept is needed and is true.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::cluster::{
    ChangeRule, Claimed, Constraints, Forest, Parts, Rule, Rules, Service, Union, cluster,
    component, explain, prove, within,
};
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::view::{AddressIx, ChainView as _, TxIx};
use whither_testkit::rng::SplitMix64;

use crate::clusters::{build, random};

/// Rules, claims and strikes of all kinds.
fn asked(rng: &mut SplitMix64, view: &MemoryUtxo) -> (Rules, Constraints) {
    let expressions: [&[ChangeRule]; 4] = [
        &[],
        &[ChangeRule::OPTIMAL],
        &[ChangeRule::OPTIMAL, ChangeRule::FRESH],
        &[ChangeRule::ONE_TIME],
    ];
    let rules = Rules {
        skip_coinjoin: rng.chance(1, 2),
        change: rng.pick(&expressions).to_vec(),
        large: 1 + rng.index(5),
    };
    let count = view.address_count();
    let address = |rng: &mut SplitMix64| AddressIx::of(rng.index(count));
    let mut said = Constraints::default();
    for number in 0..rng.index(4) {
        let claimed = Claimed {
            a: address(rng),
            b: address(rng),
            claim: format!("c{number}"),
        };
        match rng.chance(1, 2) {
            true => said.same.push(claimed),
            false => said.not_same.push(claimed),
        }
    }
    for number in 0..rng.index(5) {
        let service = Service::always(&format!("service {}", number / 2));
        said.services.insert(address(rng), vec![service]);
    }
    for _ in 0..rng.index(12) {
        let tx = TxIx::of(rng.index(view.transaction_count()));
        said.struck.insert((tx, Rule::MultiInput));
        if rng.chance(1, 2) {
            let change = rules.change.iter();
            said.struck
                .extend(change.map(|rule| (tx, Rule::Change(*rule))));
        }
    }
    (rules, said)
}

/// A clustering from scratch that shares nothing with the real one but what a link is: the unions of the whole chain,
/// taken as edges.
fn components(unions: &[Union], count: usize) -> Vec<BTreeSet<AddressIx>> {
    let mut sets: Vec<BTreeSet<AddressIx>> = (0..count)
        .map(|row| BTreeSet::from([AddressIx::of(row)]))
        .collect();
    for union in unions {
        let at = |of| sets.iter().position(|set| set.contains(&of));
        let (Some(one), Some(other)) = (at(union.link.0), at(union.link.1)) else {
            unreachable!("every address is in a set")
        };
        assert_ne!(one, other, "a union that joins nothing is none");
        let gone = std::mem::take(&mut sets[other]);
        sets[one].extend(gone);
    }
    sets.retain(|set| !set.is_empty());
    sets
}

#[test]
fn from_an_address_alone_and_after_strikes_it_is_the_whole_chain_anew() {
    for seed in 0..150 {
        let view = build(&random(seed, 60, 90));
        let mut rng = SplitMix64::new(seed ^ 0xe1);
        let (rules, said) = asked(&mut rng, &view);
        let whole = cluster(&view, &rules, &said);
        assert!(whole.unions(&view).is_empty(), "nobody asked for them");
        for _ in 0..12 {
            let address = AddressIx::of(rng.index(view.address_count()));
            let found = component(&view, &rules, &said, &[address], usize::MAX);
            let local = within(&view, &rules, &said, &found);
            for address in &found.addresses {
                let of = whole.of(*address);
                assert_eq!(local.of(*address), of, "seed {seed}, {address:?}");
                assert_eq!(local.members(of), whole.members(of));
            }
            for refused in &local.refused {
                assert!(whole.refused.contains(refused), "seed {seed}");
            }
            let inside = |end| found.addresses.binary_search(end).is_ok();
            let there = whole.refused.iter();
            let there = there.filter(|refused| inside(&refused.link.0) || inside(&refused.link.1));
            assert_eq!(there.count(), local.refused.len(), "seed {seed}");
        }
    }
}

#[test]
fn kept_unions_prove_each_cluster_and_none_is_more_than_needed() {
    for seed in 0..80 {
        let view = build(&random(seed, 60, 90));
        let mut rng = SplitMix64::new(seed ^ 0xe2);
        let (rules, said) = if seed % 4 == 0 {
            (Rules::default(), Constraints::default())
        } else {
            asked(&mut rng, &view)
        };
        let proven = prove(&view, &rules, &said);
        let count = view.address_count();
        let sets: Vec<BTreeSet<AddressIx>> = proven
            .sets()
            .into_values()
            .map(|set| set.into_iter().collect())
            .collect();
        let unions = proven.unions(&view);
        let mut found = components(&unions, count);
        found.sort();
        let mut sets = sets;
        sets.sort();
        assert_eq!(found, sets, "seed {seed}");
        assert_eq!(unions.len(), count - sets.len());
        for union in &unions {
            // Each union is a link of its own: one step explains it.
            let path = explain(&view, &rules, &said, &proven, union.link).expect("it is joined");
            assert_eq!(path.steps.len(), 1, "seed {seed}: {union:?}");
        }
    }
}

#[test]
fn parts_in_any_order_and_on_any_number_of_threads_are_one_answer() {
    let view = build(&random(7, 700, 600));
    let rules = Rules::default();
    let whole = prove(&view, &rules, &Constraints::default());
    let parts = Parts::new(&view, true, 50);
    assert_eq!(parts.count(), 14);
    let done = (0..parts.count()).rev().map(|part| parts.run(part));
    let done = done.collect();
    assert_eq!(parts.finish(done).sets(), whole.sets());

    // Sets that overlap at random, joined by so many threads at once.
    let mut rng = SplitMix64::new(9);
    let (mut bounds, mut members) = (vec![0], Vec::new());
    for _ in 0..40_000 {
        for _ in 0..1 + rng.index(5) {
            members.push(u32::try_from(rng.index(60_000)).unwrap());
        }
        bounds.push(u32::try_from(members.len()).unwrap());
    }
    let mut alone = Forest::new(60_000);
    let mut joined = 0;
    alone.join_in_order(&bounds, &members, |links| joined += links.len());
    let alone = alone.flatten();
    let names: BTreeSet<u32> = alone.iter().copied().collect();
    assert_eq!(joined, 60_000 - names.len());
    for threads in [2, 3, 8] {
        let forest = Forest::new(60_000);
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (forest, bounds, members) = (&forest, &bounds, &members);
                scope.spawn(move || {
                    for set in (thread..bounds.len() - 1).step_by(threads) {
                        forest.join_sets(&bounds[set..=set + 1], members);
                    }
                });
            }
        });
        assert_eq!(forest.flatten(), alone, "{threads} threads");
    }
}

#[test]
fn who_came_in_by_what_is_what_one_by_one_says() {
    for seed in 0..40 {
        let mut rng = SplitMix64::new(seed);
        let (mut bounds, mut members) = (vec![0], Vec::new());
        for set in 0..400 {
            // Empty ones, and one that is larger than what is begun at once.
            let size = if set == 200 { 700 } else { rng.index(6) };
            for _ in 0..size {
                members.push(u32::try_from(rng.index(1_500)).unwrap());
            }
            bounds.push(u32::try_from(members.len()).unwrap());
        }
        let mut names: Vec<u32> = (0..1_500).collect();
        let mut naive = Vec::new();
        for (set, ends) in bounds.windows(2).enumerate() {
            let (from, to) = (ends[0] as usize, ends[1] as usize);
            for member in &members[from..to] {
                let one = names[members[from] as usize];
                let other = names[*member as usize];
                if one != other {
                    naive.push((set, *member));
                    let (low, high) = (one.min(other), one.max(other));
                    for name in &mut names {
                        *name = if *name == high { low } else { *name };
                    }
                }
            }
        }
        let mut forest = Forest::new(1_500);
        let mut told = Vec::new();
        forest.join_in_order(&bounds, &members, |links| told.extend_from_slice(links));
        assert_eq!(told, naive, "seed {seed}");
        assert_eq!(forest.flatten(), names, "seed {seed}");
        let shared = Forest::new(1_500);
        shared.join_sets(&bounds, &members);
        assert_eq!(shared.flatten(), names, "seed {seed}");
    }
}

/// The naive way to strike: the chain without the transaction, from scratch.
#[test]
fn a_struck_transaction_joins_as_if_it_had_one_payer() {
    for seed in 0..60 {
        let view = build(&random(seed, 60, 60));
        let rules = Rules {
            skip_coinjoin: false,
            ..Rules::default()
        };
        let all = prove(&view, &rules, &Constraints::default());
        let Some(tx) = all
            .unions(&view)
            .first()
            .and_then(|union| union.transaction)
        else {
            continue;
        };
        let struck = Constraints {
            struck: BTreeSet::from([(tx, Rule::MultiInput)]),
            ..Constraints::default()
        };
        let found = cluster(&view, &rules, &struck);
        let mut sets: BTreeMap<AddressIx, AddressIx> = BTreeMap::new();
        let mut naive: Vec<BTreeSet<AddressIx>> = Vec::new();
        for other in (0..view.transaction_count()).map(TxIx::of) {
            let payers = crate::clusters::payers(&view, other);
            if other == tx || payers.len() < 2 {
                continue;
            }
            let (touched, rest): (Vec<_>, Vec<_>) = naive
                .into_iter()
                .partition(|set: &BTreeSet<AddressIx>| !set.is_disjoint(&payers));
            naive = rest;
            naive.push(touched.into_iter().flatten().chain(payers).collect());
        }
        for set in &naive {
            let lowest = *set.first().unwrap();
            sets.extend(set.iter().map(|address| (*address, lowest)));
        }
        for address in (0..view.address_count()).map(AddressIx::of) {
            let expected = sets.get(&address).copied().unwrap_or(address);
            assert_eq!(found.of(address), expected, "seed {seed}");
        }
    }
}
