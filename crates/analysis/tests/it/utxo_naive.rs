//! Every policy, both directions, equal to the naive reference to the unit, over hundreds of random chains.

use whither_testkit::naive::utxo::{self, NaiveChain, Origin};
use whither_testkit::naive::{Direction, Policy};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::random_chain;

use crate::outputs::{claimed, endpoints, trace, view};

/// Up to three origins of any kind, of the first two thirds of a chain.
pub fn some_origins(chain: &NaiveChain, rng: &mut SplitMix64) -> Vec<Origin> {
    let early = chain.blocks.len() * 2 / 3 + 1;
    let transactions: Vec<_> = chain
        .blocks
        .iter()
        .take(early)
        .flat_map(|block| &block.transactions)
        .collect();
    let count = 1 + rng.below(3);
    (0..count)
        .map(|_| {
            let transaction = rng.pick(&transactions);
            let output = rng.index(transaction.outputs.len());
            match (rng.below(5), &transaction.outputs[output].address) {
                (0, _) => Origin::Transaction(transaction.txid.clone()),
                (1, Some(address)) => Origin::Address(address.clone()),
                _ => Origin::Output(transaction.output_name(output)),
            }
        })
        .collect()
}

fn compare(seed: u64, chain: &NaiveChain) {
    let view = view(chain);
    let mut rng = SplitMix64::new(seed ^ 0x5eed);
    for _ in 0..3 {
        let origins = some_origins(chain, &mut rng);
        for (policy, direction) in Policy::ALL
            .map(|policy| (policy, Direction::Forward))
            .into_iter()
            .chain(Policy::BACKWARD.map(|policy| (policy, Direction::Backward)))
        {
            let expected = utxo::run(chain, &origins, policy, direction);
            let found = trace(&view, &origins, policy, direction);
            let what = format!("seed {seed}, {policy:?} {direction:?}, {origins:?}");
            assert_eq!(claimed(&found), expected.claimed, "claims of {what}");
            assert_eq!(endpoints(&found), expected.endpoints, "{what}");
        }
    }
}

#[test]
fn whole_chains_agree() {
    for seed in 0..200 {
        compare(seed, &random_chain(seed, 12, 4).to_naive());
    }
}

#[test]
fn chains_whose_beginning_is_missing_agree() {
    for seed in 0..100 {
        compare(seed, &random_chain(seed, 14, 4).to_naive_from(6));
    }
}
