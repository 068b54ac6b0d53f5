//! Random chains without a story, for property tests: odd amounts, ties, zeros, merges, parents and children in one
//! block, addresses that are used again and again.

use super::block::{Coin, Output};
use super::builder::ChainBuilder;
use super::chain::SimChain;
use super::script::{Form, Script};
use crate::rng::SplitMix64;

/// A random chain of `blocks` blocks after the first, each with up to `transactions_per_block` payments.
///
/// Coinbases may be spent in the next block; payments may spend outputs of their own block.
#[must_use]
pub fn random_chain(seed: u64, blocks: usize, transactions_per_block: usize) -> SimChain {
    let mut builder = ChainBuilder::new(seed);
    let scripts = scripts(&mut builder.rng);
    let mut pool: Vec<Coin> = Vec::new();
    for _ in 0..blocks {
        for _ in 0..transactions_per_block {
            let coins = choose_coins(&mut builder.rng, &mut pool);
            if !coins.is_empty() {
                let total = coins.iter().map(|coin| coin.output.value).sum();
                let outputs = outputs(&mut builder.rng, total, &scripts);
                pool.extend(builder.pay(&coins, outputs));
            }
        }
        let count = 1 + builder.rng.index(2);
        let mut miners = Vec::new();
        for _ in 0..count {
            miners.push(builder.rng.pick(&scripts).clone());
        }
        pool.extend(builder.mine(&miners));
    }
    let addresses = scripts.into_iter().filter_map(|script| script.address);
    builder.finish(addresses.collect())
}

/// A dozen scripts of all forms.
fn scripts(rng: &mut SplitMix64) -> Vec<Script> {
    let mut scripts = Vec::new();
    for form in [Form::P2pkh, Form::P2wpkh, Form::P2tr, Form::P2pk] {
        for _ in 0..3 {
            scripts.push(Script::random(form, rng));
        }
    }
    scripts
}

/// One to four coins, the newest oftener than the old.
fn choose_coins(rng: &mut SplitMix64, pool: &mut Vec<Coin>) -> Vec<Coin> {
    let wanted = 1 + rng.index(4);
    let mut coins = Vec::new();
    while coins.len() < wanted && !pool.is_empty() {
        let newest = pool.len().min(8);
        let place = if rng.chance(1, 2) {
            pool.len() - 1 - rng.index(newest)
        } else {
            rng.index(pool.len())
        };
        coins.push(pool.remove(place));
    }
    coins
}

/// The outputs of a payment: a total less a fee, cut in one of several manners, with a zero here and there.
fn outputs(rng: &mut SplitMix64, total: u64, scripts: &[Script]) -> Vec<Output> {
    let fee = match rng.below(3) {
        0 => 0,
        1 => rng.between(1, 7).min(total),
        _ => rng.between(0, total / 10),
    };
    let count = rng.between(1, 5);
    let mut left = total - fee;
    let mut values = Vec::new();
    match rng.below(4) {
        // Equal parts; what does not divide goes to the fee.
        0 => values.extend((0..count).map(|_| left / count)),
        // A few units each, then the rest.
        1 => {
            for _ in 1..count {
                let value = rng.between(1, 5).min(left);
                left -= value;
                values.push(value);
            }
            values.push(left);
        }
        // Anything.
        _ => {
            for _ in 1..count {
                let value = rng.between(0, left);
                left -= value;
                values.push(value);
            }
            values.push(left);
        }
    }
    rng.shuffle(&mut values);
    let mut outputs = Vec::new();
    for value in values {
        outputs.push(Output {
            value,
            script: rng.pick(scripts).clone(),
        });
    }
    if rng.chance(1, 4) {
        let place = rng.index(outputs.len() + 1);
        let script = Script::random(Form::OpReturn, rng);
        outputs.insert(place, Output { value: 0, script });
    }
    outputs
}

#[cfg(test)]
mod tests {
    use super::random_chain;

    #[test]
    fn the_same_seed_makes_the_same_chain() {
        let chain = random_chain(5, 6, 4);
        assert_eq!(chain, random_chain(5, 6, 4));
        assert_ne!(chain, random_chain(6, 6, 4));
        assert_eq!(chain.blocks.len(), 7);
        assert!(chain.blocks[6].transactions.len() > 1);
    }

    #[test]
    fn every_output_spent_was_made_before() {
        let chain = random_chain(9, 20, 6).to_naive();
        let mut known = std::collections::BTreeSet::new();
        for transaction in chain.blocks.iter().flat_map(|block| &block.transactions) {
            for (txid, vout) in &transaction.inputs {
                assert!(
                    known.remove(&format!("{txid}:{vout}")),
                    "made, and spent once"
                );
            }
            for index in 0..transaction.outputs.len() {
                known.insert(transaction.output_name(index));
            }
        }
    }
}
