//! A finished chain: its blocks, and the same chain for the naive reference.
//!
//! Writing it to files stands in the writer.

use super::block::{Block, Transaction, display};
use crate::naive::utxo::{NaiveBlock, NaiveChain, NaiveOutput, NaiveTransaction};
use std::collections::BTreeSet;

/// A regtest chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimChain {
    /// The blocks of the main chain; the place in the list is the height.
    pub blocks: Vec<Block>,
    /// Addresses that occur in it and are worth asking about.
    pub addresses: Vec<String>,
}

impl SimChain {
    /// The whole chain for the naive reference, without services.
    #[must_use]
    pub fn to_naive(&self) -> NaiveChain {
        self.to_naive_from(0)
    }

    /// The chain as it looks to one who only has the blocks from a height on.
    #[must_use]
    pub fn to_naive_from(&self, first_height: usize) -> NaiveChain {
        let blocks = self.blocks.iter().skip(first_height);
        let block = |block: &Block| NaiveBlock {
            transactions: block.transactions.iter().map(naive_transaction).collect(),
        };
        NaiveChain {
            blocks: blocks.map(block).collect(),
            services: BTreeSet::new(),
        }
    }
}

fn naive_transaction(transaction: &Transaction) -> NaiveTransaction {
    let coinbase = transaction.is_coinbase();
    let mut inputs = Vec::new();
    if !coinbase {
        for input in &transaction.inputs {
            inputs.push((display(&input.txid), input.vout));
        }
    }
    let mut outputs = Vec::new();
    for output in &transaction.outputs {
        outputs.push(NaiveOutput {
            value: u128::from(output.value),
            address: output.script.address.clone(),
        });
    }
    NaiveTransaction {
        txid: transaction.name(),
        coinbase,
        inputs,
        outputs,
    }
}
