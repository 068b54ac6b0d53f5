//! What is found from an address alone, in parts, and after a strike is what the whole chain says anew; and every union
//! that is kept is needed and is true.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::cluster::{
    Alone, ChangeRule, Claimed, Constraints, Crew, Forest, Job, Rule, Rules, Service, Union,
    by_crew, cluster, component, explain, joined, prove, within,
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

/// A crew of so many, who run the last job first.
struct Backwards(usize);

impl Crew for Backwards {
    fn size(&self) -> usize {
        self.0
    }

    fn run(&self, jobs: Vec<Job<'_>>) {
        jobs.into_iter().rev().for_each(|job| job());
    }
}

#[test]
fn a_crew_of_any_size_gives_what_one_alone_gives() {
    for seed in 0..20 {
        let view = build(&random(seed, 700, 600));
        let whole = prove(&view, &Rules::default(), &Constraints::default());
        for size in 1..7 {
            let found = by_crew(&view, true, &Backwards(size));
            assert_eq!(found.sets(), whole.sets(), "seed {seed}, {size}");
            assert_eq!(found.excluded, whole.excluded, "seed {seed}, {size}");
        }
        assert_eq!(
            by_crew(&view, true, &Alone),
            by_crew(&view, true, &Backwards(9))
        );
    }
}

/// Sets of all densities: from hardly any that meet to one that is nearly everything; and chains, of which each share has
/// every other link.
#[test]
fn shares_put_together_are_all_that_was_joined() {
    let mut rng = SplitMix64::new(9);
    for sets in [0, 1, 500, 9_000, 20_000, 40_000] {
        let (mut bounds, mut members) = (vec![0], Vec::new());
        for _ in 0..sets {
            for _ in 0..1 + rng.index(5) {
                members.push(u32::try_from(rng.index(60_000)).unwrap());
            }
            bounds.push(u32::try_from(members.len()).unwrap());
        }
        same_by_any_crew(60_000, &bounds, &members);
    }
    for step in [1, 2, 7] {
        let links = (0..20_000_u32).map(|link| link * 7_919 % 20_000);
        let members: Vec<u32> = links.flat_map(|link| [link, link + step]).collect();
        let bounds: Vec<u32> = (0..=20_000).map(|set| 2 * set).collect();
        same_by_any_crew(20_010, &bounds, &members);
    }
}

fn same_by_any_crew(count: usize, bounds: &[u32], members: &[u32]) {
    let mut alone = Forest::new(count);
    let mut told = 0;
    alone.join_sets_telling(bounds, members, |links| told += links.len());
    let alone = alone.flatten();
    let names: BTreeSet<u32> = alone.iter().collect();
    assert_eq!(told, count - names.len());
    let sets = bounds.len() - 1;
    for size in [1, 2, 3, 4, 8] {
        let shares = |share: usize, shares: usize, forest: &mut Forest| {
            let (from, to) = (sets * share / shares, sets * (share + 1) / shares);
            forest.join_sets(&bounds[from..=to], members);
            share
        };
        let (found, given) = joined(&Backwards(size), count, shares);
        assert_eq!(found, alone, "{size} shares of {sets} sets");
        assert!(
            given.into_iter().eq(0..size.min(4)),
            "shares keep their order"
        );
        // Dealt out one by one.
        let dealt = |share: usize, shares: usize, forest: &mut Forest| {
            for set in (share..sets).step_by(shares) {
                forest.join_sets(&bounds[set..=set + 1], members);
            }
        };
        assert_eq!(joined(&Backwards(size), count, dealt).0, alone, "{size}");
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
                    naive.push((u32::try_from(set).unwrap(), *member));
                    let (low, high) = (one.min(other), one.max(other));
                    for name in &mut names {
                        *name = if *name == high { low } else { *name };
                    }
                }
            }
        }
        let mut forest = Forest::new(1_500);
        let mut told = Vec::new();
        forest.join_sets_telling(&bounds, &members, |links| told.extend_from_slice(links));
        assert_eq!(told, naive, "seed {seed}");
        assert!(forest.flatten().iter().eq(names.clone()), "seed {seed}");
        let mut silent = Forest::new(1_500);
        silent.join_sets(&bounds, &members);
        assert!(silent.flatten().iter().eq(names), "seed {seed}");
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
