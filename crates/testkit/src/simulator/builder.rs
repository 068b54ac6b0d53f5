//! Builds a chain block by block: payments are collected, then mined; no coin is spent twice.
//!
//! It keeps the accounts straight and decides nothing: who pays whom is the caller's story.

use super::block::{Block, Coin, GENESIS_TIME, Output, Transaction, subsidy};
use super::chain::SimChain;
use super::script::Script;
use crate::rng::SplitMix64;
use std::collections::BTreeSet;

/// A chain in the making.
pub(super) struct ChainBuilder {
    pub(super) rng: SplitMix64,
    blocks: Vec<Block>,
    pending: Vec<Transaction>,
    fees: u64,
    spent: BTreeSet<String>,
}

impl ChainBuilder {
    /// A chain of the first block alone.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: SplitMix64::new(seed),
            blocks: vec![Block::genesis()],
            pending: Vec::new(),
            fees: 0,
            spent: BTreeSet::new(),
        }
    }

    /// Adds a payment to the next block and gives the coins it makes; what the outputs leave is the fee.
    pub(super) fn pay(&mut self, coins: &[Coin], outputs: Vec<Output>) -> Vec<Coin> {
        let (transaction, fee) = self.draw_up(coins, outputs);
        let made = transaction.coins();
        self.put(transaction, fee);
        made
    }

    /// Makes a payment that is [put](Self::put) into a block later, with its fee: a story need not be told in the order of
    /// its blocks.
    pub(super) fn draw_up(&mut self, coins: &[Coin], outputs: Vec<Output>) -> (Transaction, u64) {
        for coin in coins {
            assert!(self.spent.insert(coin.name()), "a coin is spent once");
        }
        let paid: u64 = coins.iter().map(|coin| coin.output.value).sum();
        let received: u64 = outputs.iter().map(|output| output.value).sum();
        let fee = paid
            .checked_sub(received)
            .expect("nobody pays more than he has");
        (Transaction::payment(coins, outputs), fee)
    }

    /// Adds a payment to the next block.
    pub(super) fn put(&mut self, transaction: Transaction, fee: u64) {
        self.fees += fee;
        self.pending.push(transaction);
    }

    /// Closes the block; subsidy and fees go in equal parts to the miners, what does not divide to the first.
    pub(super) fn mine(&mut self, miners: &[Script]) -> Vec<Coin> {
        let previous = self.blocks.last().expect("a chain has a first block");
        self.mine_at(miners, GENESIS_TIME + 600 * (previous.height + 1))
    }

    /// The same at a time, in seconds since 1970.
    pub(super) fn mine_at(&mut self, miners: &[Script], time: u32) -> Vec<Coin> {
        let previous = self.blocks.last().expect("a chain has a first block");
        let reward = subsidy(previous.height + 1) + self.fees;
        let count = u64::try_from(miners.len()).expect("a few miners");
        let mut outputs = Vec::new();
        for script in miners {
            outputs.push(Output {
                value: reward / count,
                script: script.clone(),
            });
        }
        outputs[0].value += reward % count;
        let pending = std::mem::take(&mut self.pending);
        let block = Block::after_at(previous, time, self.rng.next_u64(), outputs, pending);
        self.fees = 0;
        let made = block.transactions[0].coins();
        self.blocks.push(block);
        made
    }

    /// The finished chain; `addresses` are those worth asking about.
    pub(super) fn finish(self, addresses: Vec<String>) -> SimChain {
        assert!(self.pending.is_empty(), "every payment is mined");
        SimChain {
            blocks: self.blocks,
            addresses,
        }
    }
}
