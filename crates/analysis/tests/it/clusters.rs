//! Clusters against a naive clustering, against GraphSense's reference, and against themselves from scratch.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::cluster::{
    ChangeRule, Claimed, Clusters, Constraints, Forest, Rule, Rules, Service, cluster, component,
    explain,
};
use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::memory::{Block, MemoryUtxo, Outpoint, UtxoOutput, UtxoTransaction};
use whither_ledger::view::{AddressIx, ChainView as _, OutputIx, Prevout, TxIx, UtxoView as _};
use whither_testkit::rng::SplitMix64;

const CHAIN: Chain = Chain::Bitcoin(BitcoinNetwork::Main);

/// Transactions told as (inputs as (transaction, output), outputs as (address, value)); one a block.
pub type Told = (Vec<(usize, u32)>, Vec<(Option<Address>, u64)>);

fn txid(number: usize) -> [u8; 32] {
    let mut id = [7; 32];
    id[..8].copy_from_slice(&u64::try_from(number).unwrap().to_le_bytes());
    id
}

pub fn build(told: &[Told]) -> MemoryUtxo {
    let mut height = 0;
    let blocks: Vec<Block> = told
        .iter()
        .enumerate()
        .map(|(number, (inputs, outputs))| {
            height += 1;
            Block {
                hash: txid(1_000_000 + number),
                height: Some(height),
                time: 1_600_000_000 + height,
                transactions: vec![UtxoTransaction {
                    txid: txid(number),
                    inputs: inputs
                        .iter()
                        .map(|(of, vout)| Outpoint {
                            txid: txid(*of),
                            vout: *vout,
                        })
                        .collect(),
                    outputs: outputs
                        .iter()
                        .map(|(owner, value)| UtxoOutput {
                            value: *value,
                            owner: owner.clone(),
                        })
                        .collect(),
                    coinbase: inputs.is_empty(),
                }],
            }
        })
        .collect();
    MemoryUtxo::build(CHAIN, &blocks, &BTreeMap::new(), Vec::new(), Vec::new()).unwrap()
}

pub fn nth(number: u64) -> Address {
    let mut hash = [0; 20];
    hash[..8].copy_from_slice(&number.to_le_bytes());
    if number.is_multiple_of(3) {
        Address::P2sh(hash)
    } else {
        Address::P2pkh(hash)
    }
}

/// A random chain of many addresses, with merges, reuse, equal outputs and outputs without an address.
pub fn random(seed: u64, transactions: usize, people: u64) -> Vec<Told> {
    let mut rng = SplitMix64::new(seed);
    let mut told: Vec<Told> = Vec::new();
    let mut coins: Vec<(usize, u32, u64)> = Vec::new();
    for number in 0..transactions {
        let wanted = if rng.chance(1, 4) {
            0
        } else {
            1 + rng.index(4)
        };
        let mut inputs = Vec::new();
        let mut value = 0;
        while inputs.len() < wanted && !coins.is_empty() {
            let (of, vout, worth) = coins.swap_remove(rng.index(coins.len()));
            inputs.push((of, vout));
            value += worth;
        }
        if inputs.is_empty() {
            value = 50_000_000;
        }
        let count = 1 + rng.index(4);
        let share = value / u64::try_from(count).unwrap();
        let is_equal = rng.chance(1, 5);
        let mut outputs = Vec::new();
        for vout in 0..count {
            let part = if is_equal {
                share
            } else {
                share - rng.below(share / 2 + 1)
            };
            let owner = (!rng.chance(1, 12)).then(|| nth(rng.below(people)));
            if part > 0 {
                coins.push((number, u32::try_from(vout).unwrap(), part));
            }
            outputs.push((owner, part));
        }
        told.push((inputs, outputs));
    }
    told
}

/// Who pays in a transaction.
pub fn payers(view: &MemoryUtxo, tx: TxIx) -> BTreeSet<AddressIx> {
    let inputs = view.inputs(tx);
    let owners = inputs.filter_map(|prevout| match prevout {
        Prevout::Inside(output) => view.owner(output),
        Prevout::Outside(_) => None,
    });
    owners.collect()
}

/// The naive way: sets of addresses, joined until nothing changes. The skipped join nothing.
fn naive(view: &MemoryUtxo, skipped: &BTreeSet<TxIx>) -> BTreeSet<BTreeSet<AddressIx>> {
    let mut sets: Vec<BTreeSet<AddressIx>> = (0..view.address_count())
        .map(|row| BTreeSet::from([AddressIx::of(row)]))
        .collect();
    for tx in (0..view.transaction_count())
        .map(TxIx::of)
        .filter(|tx| !skipped.contains(tx))
    {
        let payers = payers(view, tx);
        let (touched, rest): (Vec<_>, Vec<_>) =
            sets.into_iter().partition(|set| !set.is_disjoint(&payers));
        sets = rest;
        sets.push(touched.into_iter().flatten().collect());
    }
    sets.into_iter().filter(|set| !set.is_empty()).collect()
}

fn sets(clusters: &Clusters) -> BTreeSet<BTreeSet<AddressIx>> {
    let sets = clusters.sets();
    for (lowest, set) in &sets {
        let is_named = set.first() == Some(lowest) && set.is_sorted();
        assert!(is_named, "a cluster is named by its lowest address");
    }
    let sets = sets.into_values();
    sets.map(|set| set.into_iter().collect()).collect()
}

#[test]
fn random_chains_cluster_as_the_naive_way_does() {
    for seed in 0..120 {
        let view = build(&random(seed, 60, 90));
        let all = Rules {
            skip_coinjoin: false,
            ..Rules::default()
        };
        let found = cluster(&view, &all, &Constraints::default());
        assert_eq!(sets(&found), naive(&view, &BTreeSet::new()), "seed {seed}");
        let found = cluster(&view, &Rules::default(), &Constraints::default());
        let skipped: BTreeSet<TxIx> = found.excluded.iter().map(|(tx, _)| *tx).collect();
        assert_eq!(
            sets(&found),
            naive(&view, &skipped),
            "seed {seed} without CoinJoins"
        );
    }
}

#[test]
fn a_claim_that_changes_nothing_changes_nothing() {
    for seed in 0..40 {
        let view = build(&random(seed, 60, 90));
        let said = Constraints {
            services: BTreeMap::from([(AddressIx(0), vec![Service::always("one")])]),
            ..Constraints::default()
        };
        let plain = cluster(&view, &Rules::default(), &Constraints::default());
        let guarded = cluster(&view, &Rules::default(), &said);
        assert_eq!(plain, guarded, "seed {seed}");
    }
}

#[test]
fn a_cluster_is_cut_where_it_is_larger_than_asked() {
    let view = build(&GRAPHSENSE());
    let large = index(&view, "1231PgW8KbpwKkvACPhp13fcL6fM5sKGvy");
    let nothing = Constraints::default();
    let found = component(&view, &Rules::default(), &nothing, &[large], 1);
    assert!(found.is_cut);
    assert_eq!(found.addresses.len(), 1);
}

/// The order of transactions that do not spend each other changes no cluster.
#[test]
fn independent_transactions_may_come_in_any_order() {
    for seed in 0..40 {
        let told = random(seed, 50, 60);
        let mut rng = SplitMix64::new(seed ^ 0xabc);
        // A transaction may come before another that it does not depend on: a random topological order.
        let mut order: Vec<usize> = Vec::new();
        while order.len() < told.len() {
            let ready: Vec<usize> = (0..told.len())
                .filter(|tx| !order.contains(tx))
                .filter(|tx| told[*tx].0.iter().all(|(of, _)| order.contains(of)))
                .collect();
            order.push(*rng.pick(&ready));
        }
        let place = |tx: usize| order.iter().position(|at| *at == tx).unwrap();
        let stirred: Vec<Told> = order
            .iter()
            .map(|tx| {
                let (inputs, outputs) = &told[*tx];
                let inputs = inputs
                    .iter()
                    .map(|(of, vout)| (place(*of), *vout))
                    .collect();
                (inputs, outputs.clone())
            })
            .collect();
        assert_eq!(named(&build(&told)), named(&build(&stirred)), "seed {seed}");
    }
}

/// Clusters by the addresses themselves.
fn named(view: &MemoryUtxo) -> BTreeSet<BTreeSet<Address>> {
    let found = cluster(view, &Rules::default(), &Constraints::default());
    sets(&found)
        .into_iter()
        .map(|set| {
            set.into_iter()
                .map(|ix| view.address(ix).into_owned())
                .collect()
        })
        .collect()
}

/// Change rules, claims and services at once, explained and struck: each against the whole computed anew.
#[test]
fn what_is_explained_is_joined_and_what_is_struck_is_not() {
    for seed in 0..60 {
        let view = build(&random(seed, 60, 80));
        let mut rng = SplitMix64::new(seed ^ 0x51);
        let rules = Rules {
            skip_coinjoin: rng.chance(1, 2),
            change: if rng.chance(1, 2) {
                vec![ChangeRule::OPTIMAL, ChangeRule::FRESH]
            } else {
                Vec::new()
            },
            large: 1 + rng.index(6),
        };
        let mut said = said(&mut rng, view.address_count());
        for _ in 0..4 {
            let found = cluster(&view, &rules, &said);
            let count = view.address_count();
            let (a, b) = (
                AddressIx::of(rng.index(count)),
                AddressIx::of(rng.index(count)),
            );
            let path = explain(&view, &rules, &said, &found, (a, b));
            assert_eq!(path.is_some(), found.of(a) == found.of(b), "seed {seed}");
            let Some(path) = path else { continue };
            let ends = path.steps.iter().map(|step| step.from).chain([b]);
            let next = [a].into_iter().chain(path.steps.iter().map(|step| step.to));
            assert!(ends.eq(next), "the steps are a chain from one to the other");
            let Some(struck) = path
                .steps
                .iter()
                .find_map(|step| Some((step.transaction?, step.rule)))
            else {
                continue;
            };
            said.struck.insert(struck);
            let anew = cluster(&view, &rules, &said);
            if let Some(other) = explain(&view, &rules, &said, &anew, (a, b)) {
                let uses = other
                    .steps
                    .iter()
                    .any(|step| step.transaction == Some(struck.0) && step.rule == struck.1);
                assert!(!uses, "a struck link explains nothing");
            }
        }
    }
}

fn said(rng: &mut SplitMix64, count: usize) -> Constraints {
    let mut said = Constraints::default();
    let mut claimed = |claim: &str| Claimed {
        a: AddressIx::of(rng.index(count)),
        b: AddressIx::of(rng.index(count)),
        claim: claim.to_owned(),
    };
    said.same = vec![claimed("s1"), claimed("s2")];
    said.not_same = vec![claimed("n1"), claimed("n2")];
    for (at, name) in ["one", "two", "three"].into_iter().enumerate() {
        said.services
            .insert(AddressIx::of((at * 7) % count), vec![Service::always(name)]);
    }
    said
}

#[test]
fn what_is_not_in_one_hand_is_never_joined() {
    for seed in 0..80 {
        let view = build(&random(seed, 60, 40));
        let mut rng = SplitMix64::new(seed ^ 0x77);
        let said = said(&mut rng, view.address_count());
        let rules = Rules {
            skip_coinjoin: false,
            change: vec![ChangeRule::OPTIMAL],
            large: 3,
        };
        let found = cluster(&view, &rules, &said);
        for claimed in said
            .not_same
            .iter()
            .filter(|claimed| claimed.a != claimed.b)
        {
            assert_ne!(
                found.of(claimed.a),
                found.of(claimed.b),
                "seed {seed}: {claimed:?}"
            );
        }
        let services: Vec<_> = said.services.iter().collect();
        for (one, name) in &services {
            for (other, other_name) in &services {
                assert!(
                    name == other_name || found.of(**one) != found.of(**other),
                    "seed {seed}"
                );
            }
        }
    }
}

#[test]
fn a_forest_names_a_set_by_its_lowest() {
    let mut rng = SplitMix64::new(5);
    let mut forest = Forest::new(200);
    let mut sets: Vec<BTreeSet<u32>> = (0..200).map(|id| BTreeSet::from([id])).collect();
    for _ in 0..150 {
        let (a, b) = (
            u32::try_from(rng.index(200)).unwrap(),
            u32::try_from(rng.index(200)).unwrap(),
        );
        forest.join(a, b);
        let of = |id| {
            sets.iter()
                .position(|set: &BTreeSet<u32>| set.contains(&id))
                .unwrap()
        };
        let (one, other) = (of(a), of(b));
        if one != other {
            let taken = std::mem::take(&mut sets[other]);
            sets[one].extend(taken);
        }
    }
    let lowest = forest.flatten();
    for set in sets.iter().filter(|set| !set.is_empty()) {
        let first = set.first().unwrap();
        assert!(set.iter().all(|id| lowest.at(*id) == *first));
    }
}

fn address(text: &str) -> Address {
    Address::parse(&CHAIN, text).unwrap()
}

fn index(view: &MemoryUtxo, text: &str) -> AddressIx {
    view.find_address(&address(text)).unwrap()
}

/// GraphSense's test chain (graphsense-spark, MIT): ten transactions, one of them marked as a CoinJoin, one output of
/// two keys, which has no address here.
#[allow(non_snake_case)]
fn GRAPHSENSE() -> Vec<Told> {
    let pay = |text: &str, value| (Some(address(text)), value);
    vec![
        (
            vec![],
            vec![pay("138cWsiAGpW9yqfjMVCCsFcnaiSHyoWMnJ", 2_500_000)],
        ),
        (
            vec![],
            vec![pay("1HxbaBMF2jXBVnagoHvaA6rLxmaYL8gb8T", 2_500_000)],
        ),
        (
            vec![(0, 0)],
            vec![
                pay("1FDCgJ8m2xDyVmYuankk13XReVC2Zvs5cz", 1_480_000),
                pay("1FAkhqm95YnV5Mi7Q5j2Wb8CkbK7Z9zpyB", 495_000),
                pay("3Kawbc5pkpQPfmaoGCBiaw5t2uK6WBoVVe", 495_000),
            ],
        ),
        (
            vec![],
            vec![pay("12751KvnaTTPMJbHbbercdTV48kL81BjX8", 2_500_000)],
        ),
        (
            vec![(2, 0), (1, 0)],
            vec![
                (None, 150_000),
                pay("1231PgW8KbpwKkvACPhp13fcL6fM5sKGvy", 1_325_000),
                pay("1Fufjpf9RM2aQsGedhSpbSCGRHrmLMJ7yY", 100_000),
                pay("1iYSYHTpr2wMShaXTTNUzMohkpuV5p5ep", 2_350_000),
            ],
        ),
        (
            vec![(2, 1)],
            vec![
                pay("3Fkx2TFdcHoab4xGgSjhAVh5YBPvbBWjNL", 140_000),
                pay("1FAkhqm95YnV5Mi7Q5j2Wb8CkbK7Z9zpyB", 345_000),
            ],
        ),
        (
            vec![],
            vec![pay("1CjPR7Z5ZSyWk6WtXvSFgkptmpoi4UM9BC", 2_500_000)],
        ),
        (
            vec![(4, 0), (2, 2), (3, 0)],
            vec![
                pay("1AGMAXWELLayCyS1vkLXEszESHEcB3LWqa", 2_900_000),
                pay("3JX79i9xSSmLEDZ8WrUFsy3WqrpvPoQmPv", 149_000),
            ],
        ),
        (
            vec![(5, 1)],
            vec![pay("3Fkx2TFdcHoab4xGgSjhAVh5YBPvbBWjNL", 340_000)],
        ),
        (
            vec![(4, 2), (4, 1)],
            vec![pay("1Fm1rJe1CtGuTKxWjQ4MyU7GEwrgkHYn5k", 1_400_000)],
        ),
    ]
}

/// Its reference clusters with the CoinJoin counted, and without.
#[test]
fn graphsense_reference_clusters_are_these() {
    let view = build(&GRAPHSENSE());
    let of_several = |clusters: &Clusters| -> BTreeSet<BTreeSet<String>> {
        let several = sets(clusters).into_iter().filter(|set| set.len() > 1);
        several
            .map(|set| {
                set.into_iter()
                    .map(|ix| view.address(ix).display(&CHAIN))
                    .collect()
            })
            .collect()
    };
    let both = |a: &str, b: &str| BTreeSet::from([a.to_owned(), b.to_owned()]);
    let spent_together = both(
        "3Kawbc5pkpQPfmaoGCBiaw5t2uK6WBoVVe",
        "12751KvnaTTPMJbHbbercdTV48kL81BjX8",
    );
    let last = both(
        "1231PgW8KbpwKkvACPhp13fcL6fM5sKGvy",
        "1Fufjpf9RM2aQsGedhSpbSCGRHrmLMJ7yY",
    );
    let mixed = both(
        "1FDCgJ8m2xDyVmYuankk13XReVC2Zvs5cz",
        "1HxbaBMF2jXBVnagoHvaA6rLxmaYL8gb8T",
    );
    // Its outputs are all different, so no shape tells the CoinJoin: GraphSense's data marks it.
    let found = cluster(&view, &Rules::default(), &Constraints::default());
    let with = BTreeSet::from([spent_together.clone(), last.clone(), mixed]);
    assert_eq!(of_several(&found), with);
    let marked = Constraints {
        struck: BTreeSet::from([(TxIx(4), Rule::MultiInput)]),
        ..Constraints::default()
    };
    let found = cluster(&view, &Rules::default(), &marked);
    assert_eq!(of_several(&found), BTreeSet::from([spent_together, last]));
    assert_eq!(view.value(OutputIx(0)), 2_500_000);
}
