//! A chain of blocks without the blocks: what is kept in memory of each, where its bytes lie, which count.
//!
//! Blocks of the sources and those that the store has are arranged together: both must come to the same answer.

pub(crate) mod data;
pub(crate) mod files;
pub(crate) mod pipeline;
pub(crate) mod settle;
pub(crate) mod tree;

use std::collections::HashMap;

use whither_ledger::U256;

use files::Place;

/// A hash in internal byte order.
pub(crate) type Hash = [u8; 32];

/// What is kept in memory of a block.
#[derive(Clone, Debug)]
pub(crate) struct IndexedBlock {
    /// Its hash.
    pub(crate) hash: Hash,
    /// The hash of the block before.
    pub(crate) previous: Hash,
    /// Header time, seconds since 1970.
    pub(crate) time: u32,
    /// The work its header stands for.
    pub(crate) work: U256,
    /// The height its coinbase claims.
    pub(crate) claimed_height: Option<u32>,
    /// How many transactions it says it has; not more than its length has room for.
    pub(crate) transactions: u32,
    /// Where its bytes lie.
    pub(crate) place: Place,
}

/// Blocks, each once.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The blocks in the order they were added.
    pub(crate) blocks: Vec<IndexedBlock>,
    by_hash: HashMap<Hash, usize>,
}

impl Index {
    /// Adds a block, unless it is there; says whether it was new.
    pub(crate) fn add(&mut self, block: IndexedBlock) -> bool {
        let next = self.blocks.len();
        if *self.by_hash.entry(block.hash).or_insert(next) != next {
            return false;
        }
        self.blocks.push(block);
        true
    }

    /// Where a block is in [`Index::blocks`].
    pub(crate) fn find(&self, hash: &Hash) -> Option<usize> {
        self.by_hash.get(hash).copied()
    }
}
