//! Hand-computed traces for every policy, and what must hold on random chains.

use super::{Endpoint, NaiveBlock, NaiveChain, NaiveOutput, NaiveTransaction, Origin, run, trace};
use crate::naive::{Direction, Kind, Policy};
use crate::simulator::random_chain;
use Direction::{Backward, Forward};
use std::collections::{BTreeMap, BTreeSet};

/// A transaction from inputs like `"a:0"` and outputs like `(5, "address")`; without inputs a coinbase.
fn transaction(txid: &str, inputs: &[&str], outputs: &[(u128, &str)]) -> NaiveTransaction {
    let input = |name: &&str| {
        let (txid, vout) = name.split_once(':').expect("txid:vout");
        (txid.to_owned(), vout.parse().expect("a number"))
    };
    let output = |(value, address): &(u128, &str)| NaiveOutput {
        value: *value,
        address: Some((*address).to_owned()),
    };
    NaiveTransaction {
        txid: txid.to_owned(),
        coinbase: inputs.is_empty(),
        inputs: inputs.iter().map(input).collect(),
        outputs: outputs.iter().map(output).collect(),
    }
}

fn chain(transactions: Vec<NaiveTransaction>) -> NaiveChain {
    NaiveChain {
        blocks: vec![NaiveBlock { transactions }],
        services: BTreeSet::new(),
    }
}

fn output(name: &str) -> Origin {
    Origin::Output(name.to_owned())
}

/// Endpoints as `"kind place label amount"`.
fn lines(endpoints: &[Endpoint]) -> Vec<String> {
    let line = |end: &Endpoint| {
        format!(
            "{} {} {} {}",
            end.kind.word(),
            end.place,
            end.label,
            end.amount
        )
    };
    endpoints.iter().map(line).collect()
}

/// Two coinbases of 10 and 7 merge into outputs of 4, 0 and 9 and a fee of 4; then `u` splits the 9 into 5 and 4.
fn merge_and_split() -> NaiveChain {
    chain(vec![
        transaction("a", &[], &[(10, "thief")]),
        transaction("b", &[], &[(7, "other")]),
        transaction("t", &["a:0", "b:0"], &[(4, "x"), (0, "y"), (9, "z")]),
        transaction("u", &["t:2"], &[(5, "v"), (4, "w")]),
    ])
}

#[test]
fn fifo_by_hand() {
    // t: queue a10 b7. t:0 = a4; t:2 = a6 b3; fee = b4. u: queue a6 b3. u:0 = a5; u:1 = a1 b3.
    let chain = merge_and_split();
    let ends = trace(&chain, &[output("a:0")], Policy::Fifo, Forward);
    assert_eq!(
        lines(&ends),
        ["unspent t:0 0 4", "unspent u:0 0 5", "unspent u:1 0 1"]
    );
    let ends = trace(&chain, &[output("b:0")], Policy::Fifo, Forward);
    assert_eq!(lines(&ends), ["unspent u:1 0 3", "fee t 0 4"]);
    let ends = trace(&chain, &[output("u:1")], Policy::Fifo, Backward);
    assert_eq!(lines(&ends), ["coinbase a:0 0 1", "coinbase b:0 0 3"]);
}

#[test]
fn lifo_by_hand() {
    // t: stack a10 b7, top right. t:0 = b4; t:2 = b3 a6; fee = a4. u: stack b3 a6. u:0 = a5; u:1 = a1 b3.
    let chain = merge_and_split();
    let ends = trace(&chain, &[output("a:0")], Policy::Lifo, Forward);
    assert_eq!(
        lines(&ends),
        ["unspent u:0 0 5", "unspent u:1 0 1", "fee t 0 4"]
    );
    let ends = trace(&chain, &[output("u:0")], Policy::Lifo, Backward);
    assert_eq!(lines(&ends), ["coinbase a:0 0 5"]);
    // Asked for both: on the way back u:1 comes first and holds its 4, so t:2 has the other 5 of its 9.
    let both = [output("t:2"), output("u:1")];
    let answer = run(&chain, &both, Policy::Lifo, Backward);
    assert_eq!(answer.claimed, [5, 4]);
    assert_eq!(
        lines(&answer.endpoints),
        ["coinbase a:0 0 5", "coinbase a:0 1 1", "coinbase b:0 1 3"]
    );
}

#[test]
fn haircut_by_hand() {
    // t: 10 of 17 over 4, 0, 9, 4: 40/17 = 2 r 6, 0, 90/17 = 5 r 5, 40/17 = 2 r 6; one unit left, to slot 0: 3 0 5 2.
    // u: 5 of 9 over 5, 4: 25/9 = 2 r 7, 20/9 = 2 r 2; one unit left, to slot 0: 3 2.
    let chain = merge_and_split();
    let ends = trace(&chain, &[output("a:0")], Policy::Haircut, Forward);
    assert_eq!(
        lines(&ends),
        [
            "unspent t:0 0 3",
            "unspent u:0 0 3",
            "unspent u:1 0 2",
            "fee t 0 2"
        ]
    );
    // Backward from u:1: t:2 owes 4; over 10 and 7: 40/17 = 2 r 6, 28/17 = 1 r 11; the unit to b: 2 and 2.
    let ends = trace(&chain, &[output("u:1")], Policy::Haircut, Backward);
    assert_eq!(lines(&ends), ["coinbase a:0 0 2", "coinbase b:0 0 2"]);
}

#[test]
fn haircut_of_two_origins_by_hand() {
    // Label 0 is b: 7 of 17 over 4, 0, 9, 4: 28/17 = 1 r 11, 0, 63/17 = 3 r 12, 1 r 11;
    // two units left, to slots 2 and 0: 2 0 4 1.
    // Label 1 is a: 10 over what remains, 2, 0, 5, 3: all of it.
    // u holds label 0: 4, label 1: 5. Label 0 over 5, 4: 20/9 = 2 r 2, 16/9 = 1 r 7: 2 2. Label 1: the rest, 3 2.
    let chain = merge_and_split();
    let ends = trace(
        &chain,
        &[output("b:0"), output("a:0")],
        Policy::Haircut,
        Forward,
    );
    let expected = [
        "unspent t:0 0 2",
        "unspent t:0 1 2",
        "unspent u:0 0 2",
        "unspent u:0 1 3",
        "unspent u:1 0 2",
        "unspent u:1 1 2",
        "fee t 0 1",
        "fee t 1 3",
    ];
    assert_eq!(lines(&ends), expected);
}

#[test]
fn tiho_by_hand() {
    // t: the tainted 10 fill t:2 (9) and 1 of t:0. u: tainted 9 fill both.
    let chain = merge_and_split();
    let ends = trace(&chain, &[output("a:0")], Policy::Tiho, Forward);
    assert_eq!(
        lines(&ends),
        ["unspent t:0 0 1", "unspent u:0 0 5", "unspent u:1 0 4"]
    );
    // With a tie the lower index is first: 3 tainted of 8 go to p:0.
    let tie = super::tests::chain(vec![
        transaction("a", &[], &[(5, "x")]),
        transaction("b", &[], &[(3, "x")]),
        transaction("p", &["a:0", "b:0"], &[(4, "x"), (4, "x")]),
    ]);
    let ends = trace(&tie, &[output("b:0")], Policy::Tiho, Forward);
    assert_eq!(lines(&ends), ["unspent p:0 0 3"]);
}

#[test]
fn poison_by_hand() {
    // Everything t makes is reached but the output of zero; its fee is reached whole.
    let chain = merge_and_split();
    let ends = trace(&chain, &[output("a:0")], Policy::Poison, Forward);
    assert_eq!(
        lines(&ends),
        [
            "unspent t:0 0 4",
            "unspent u:0 0 5",
            "unspent u:1 0 4",
            "fee t 0 4"
        ]
    );
    let ends = trace(&chain, &[output("u:1")], Policy::Poison, Backward);
    assert_eq!(lines(&ends), ["coinbase a:0 0 10", "coinbase b:0 0 7"]);
}

#[test]
fn a_service_ends_the_trace() {
    let mut chain = merge_and_split();
    chain.services.insert("z".to_owned());
    let ends = trace(&chain, &[output("a:0")], Policy::Fifo, Forward);
    assert_eq!(lines(&ends), ["unspent t:0 0 4", "service t:2 0 6"]);
}

#[test]
fn what_is_labelled_is_not_claimed_again() {
    let chain = merge_and_split();
    // u:0 and u:1 hold a5 and a1 b3 under FIFO; the address w claims only what a has not.
    let origins = [
        Origin::Address("w".to_owned()),
        Origin::Transaction("a".to_owned()),
    ];
    let answer = run(&chain, &origins, Policy::Fifo, Forward);
    assert_eq!(answer.claimed, [3, 10]);
    assert_eq!(
        lines(&answer.endpoints),
        [
            "unspent t:0 1 4",
            "unspent u:0 1 5",
            "unspent u:1 0 3",
            "unspent u:1 1 1"
        ]
    );
    // Of two that name the same output the first has it.
    let origins = [Origin::Address("thief".to_owned()), output("a:0")];
    let answer = run(&chain, &origins, Policy::Fifo, Forward);
    assert_eq!(answer.claimed, [10, 0]);
}

#[test]
fn an_input_outside_the_chain_is_a_horizon() {
    let chain = chain(vec![
        transaction("a", &[], &[(10, "thief")]),
        transaction("t", &["a:0", "elsewhere:1"], &[(12, "x"), (3, "x")]),
        transaction("u", &["t:0"], &[(12, "x")]),
    ]);
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho] {
        let ends = trace(&chain, &[output("a:0")], policy, Forward);
        assert_eq!(lines(&ends), ["horizon a:0 0 10"]);
    }
    // Poison goes on; the fee is not known, so it is not told.
    let ends = trace(&chain, &[output("a:0")], Policy::Poison, Forward);
    assert_eq!(lines(&ends), ["unspent t:1 0 3", "unspent u:0 0 12"]);
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut] {
        let ends = trace(&chain, &[output("u:0")], policy, Backward);
        assert_eq!(lines(&ends), ["horizon t:0 0 12"]);
    }
    let ends = trace(&chain, &[output("u:0")], Policy::Poison, Backward);
    assert_eq!(lines(&ends), ["horizon t:0 0 12", "coinbase a:0 0 10"]);
}

/// A few origins of every sort from a chain.
fn some_origins(chain: &NaiveChain, seed: u64, address: &str) -> Vec<Origin> {
    let mut rng = crate::rng::SplitMix64::new(seed);
    let mut origins = vec![Origin::Address(address.to_owned())];
    for _ in 0..2 {
        let block = &chain.blocks[1 + rng.index(chain.blocks.len() - 1)];
        let transaction = rng.pick(&block.transactions);
        let index = rng.index(transaction.outputs.len());
        origins.push(Origin::Output(transaction.output_name(index)));
        origins.push(Origin::Transaction(
            rng.pick(&block.transactions).txid.clone(),
        ));
    }
    rng.shuffle(&mut origins);
    origins
}

#[test]
fn nothing_is_lost_and_nothing_is_made() {
    for seed in 0..30 {
        let simulated = random_chain(seed, 12, 5);
        let first = usize::try_from(seed % 4).expect("small");
        let mut chain = simulated.to_naive_from(first);
        chain.services.insert(simulated.addresses[3].clone());
        let origins = some_origins(&chain, seed, &simulated.addresses[0]);
        for direction in [Forward, Backward] {
            for policy in Policy::BACKWARD.into_iter().chain([Policy::Tiho]) {
                let no_way = direction == Backward && policy == Policy::Tiho;
                if policy == Policy::Poison || no_way {
                    continue;
                }
                let answer = run(&chain, &origins, policy, direction);
                let mut sums = vec![0; origins.len()];
                for end in &answer.endpoints {
                    sums[end.label] += end.amount;
                }
                assert_eq!(sums, answer.claimed, "seed {seed} {policy:?} {direction:?}");
            }
        }
    }
}

#[test]
fn poison_reaches_whatever_another_policy_reaches() {
    for seed in 0..20 {
        let simulated = random_chain(seed, 12, 5);
        let chain = simulated.to_naive();
        let coinbase = &chain.blocks[2].transactions[0];
        let origin = [Origin::Transaction(coinbase.txid.clone())];
        let places = |policy| -> BTreeSet<(Kind, String)> {
            let ends = trace(&chain, &origin, policy, Forward);
            ends.into_iter().map(|end| (end.kind, end.place)).collect()
        };
        let reach = places(Policy::Poison);
        for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho] {
            assert!(places(policy).is_subset(&reach), "seed {seed} {policy:?}");
        }
    }
}

#[test]
fn fifo_and_lifo_agree_forward_and_backward() {
    for seed in 0..12 {
        let chain = random_chain(seed, 10, 4).to_naive();
        let transactions: Vec<_> = chain
            .blocks
            .iter()
            .flat_map(|block| &block.transactions)
            .collect();
        for policy in [Policy::Fifo, Policy::Lifo] {
            let mut forward = BTreeMap::new();
            for coinbase in transactions
                .iter()
                .filter(|transaction| transaction.coinbase)
            {
                for index in 0..coinbase.outputs.len() {
                    let from = coinbase.output_name(index);
                    for end in trace(&chain, &[output(&from)], policy, Forward) {
                        if end.kind == Kind::Unspent {
                            forward.insert((from.clone(), end.place), end.amount);
                        }
                    }
                }
            }
            let mut backward = BTreeMap::new();
            let spent: BTreeSet<String> = transactions
                .iter()
                .flat_map(|transaction| transaction.inputs.iter().map(super::spent_name))
                .collect();
            for transaction in &transactions {
                for index in 0..transaction.outputs.len() {
                    let to = transaction.output_name(index);
                    if spent.contains(&to) {
                        continue;
                    }
                    for end in trace(&chain, &[output(&to)], policy, Backward) {
                        assert_eq!(end.kind, Kind::Coinbase);
                        backward.insert((end.place, to.clone()), end.amount);
                    }
                }
            }
            assert_eq!(forward, backward, "seed {seed} {policy:?}");
        }
    }
}

#[test]
fn a_coin_on_its_way_is_the_same_coin_in_both_directions() {
    // As much of an output x as ends in an unspent output y, x alone being the origin, is as much as y takes from x
    // on the way back.
    let mut met = 0;
    for seed in 0..8 {
        let chain = random_chain(seed, 9, 4).to_naive();
        let transactions = chain.blocks.iter().flat_map(|block| &block.transactions);
        let all: Vec<String> = transactions
            .flat_map(|transaction| {
                (0..transaction.outputs.len()).map(|index| transaction.output_name(index))
            })
            .collect();
        for policy in [Policy::Fifo, Policy::Lifo] {
            for x in &all {
                let ends = trace(&chain, &[output(x)], policy, Forward);
                let alone = run(&chain, &[output(x)], policy, Backward).claimed[0];
                let unspent = ends.iter().filter(|end| end.kind == Kind::Unspent);
                for end in unspent.filter(|end| end.place != *x) {
                    let both = [output(x), output(&end.place)];
                    let both = run(&chain, &both, policy, Backward).claimed[0];
                    assert_eq!(end.amount, alone - both, "seed {seed} {policy:?} {x}");
                    met += 1;
                }
            }
        }
    }
    assert!(met > 500, "the outputs hardly ever met");
}
