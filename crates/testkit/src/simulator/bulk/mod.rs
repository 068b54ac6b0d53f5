//! A big chain with Bitcoin's own mix, for measurements: tens of millions of outputs, at a million a second.
//!
//! Services with deposits, sweeps and withdrawals, peel chains, coinjoins, ordinary payments; and a theft whose
//! money can be followed to the chain's end. Bitcoin has 0.37 transactions, 0.94 inputs and 0.40 new addresses for
//! each output, and some 205 to 215 bytes. What it does not have here: history. The mix is the same from the first
//! day to the last. Signatures are random bytes, and coinbases are spent at once.
//!
//! Not here: laundering with all its stations told, which the small scenarios beside this one have.

mod coins;
mod economy;
mod files;
mod people;
mod script;
#[cfg(test)]
mod tests;
mod theft;
mod truth;
mod wire;

use super::block::{Block, COIN, Hash, display};
use crate::rng::SplitMix64;
use economy::Economy;
use files::BlockFiles;
use std::io;
use std::path::Path;

pub use truth::{BULK_SCHEMA, BulkTruth};
pub use wire::merkle_root;

/// What each block makes anew. It never halves, so that a long chain does not run dry.
const SUBSIDY: u64 = 50 * COIN;

/// A big chain to be made; the default is the mix of Bitcoin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Makes the same bytes again.
    pub seed: u64,
    /// How many outputs at least; the last block may bring some more.
    pub outputs: u64,
    /// About how many of them a block has.
    pub outputs_per_block: u64,
    /// How many services, each with half, a third, … of the customers of the first.
    pub services: usize,
    /// Out of 1000 acts, how many are withdrawals, of 2 to 21 outputs, from a service's hot addresses.
    pub withdrawals_per_mille: u64,
    /// How many are a step of a peel chain.
    pub peels_per_mille: u64,
    /// How many peel chains run beside each other.
    pub peel_chains: usize,
    /// How many are coinjoins of 5 to 40 parties. The other acts are payments from 1 to 3 inputs to 2 outputs, and
    /// sweeps of 5 to 85 deposits, which are as many as the deposits want.
    pub coinjoins_per_mille: u64,
    /// Out of 100 payments and steps of peel chains, how many go to a service.
    pub deposits_per_cent: u64,
    /// Out of 100 coins that people spend, how many are recent ones.
    pub recent_per_cent: u64,
    /// How many inputs there shall be for 100 outputs.
    pub inputs_per_cent: u64,
    /// How many new addresses there shall be for 100 outputs.
    pub addresses_per_cent: u64,
    /// How many thieves try; up to 32.
    pub thieves: usize,
    /// After how many of 1000 outputs they steal.
    pub theft_per_mille: u64,
    /// How many inputs and outputs the money of the one that the truth tells of shall reach; never more than 7.5 %
    /// of the chain's outputs.
    pub cone_edges: u64,
}

impl Default for Bulk {
    fn default() -> Self {
        Self {
            seed: 1,
            outputs: 20_000_000,
            outputs_per_block: 4_500,
            services: 40,
            withdrawals_per_mille: 68,
            peels_per_mille: 200,
            peel_chains: 3_000,
            coinjoins_per_mille: 2,
            deposits_per_cent: 60,
            recent_per_cent: 75,
            inputs_per_cent: 94,
            addresses_per_cent: 40,
            thieves: 32,
            theft_per_mille: 600,
            cone_edges: 1_500_000,
        }
    }
}

/// Writes a big chain into a directory: `blocks/`, and gives its truth, which it writes to `truth.json`.
///
/// # Errors
/// What the file system says.
///
/// # Panics
/// If there are no services or no thieves, or more than 32, or fewer than ten outputs to a block.
pub fn write_bulk(directory: &Path, bulk: &Bulk) -> io::Result<BulkTruth> {
    assert!(bulk.services > 0, "money needs somewhere to go");
    assert!((1..=32).contains(&bulk.thieves), "there are 32 bits");
    assert!(bulk.outputs_per_block >= 10, "a block has some outputs");
    let mut keys = SplitMix64::new(bulk.seed);
    let mut files = BlockFiles::create(&directory.join("blocks"), keys.bytes())?;
    let mut economy = Economy::new(bulk);
    let genesis = Block::genesis();
    files.push(&mut genesis.encode(), &mut [])?;
    economy.counts.genesis();
    let mut previous: Hash = genesis.hash();
    while economy.counts.outputs < bulk.outputs {
        let reward = economy.fill_block();
        let height = economy.height;
        let mut head = economy.draft.finish(bulk.seed, height, &previous, reward);
        files.push(&mut head.bytes, &mut economy.draft.bytes)?;
        economy.close_block(head.txid, reward);
        previous = head.hash;
    }
    let truth = truth_of(bulk, &economy, &files);
    let text = serde_json::to_string_pretty(&truth)? + "\n";
    std::fs::write(directory.join("truth.json"), text)?;
    Ok(truth)
}

fn truth_of(bulk: &Bulk, economy: &Economy<'_>, files: &BlockFiles) -> BulkTruth {
    let counts = economy.counts;
    let wanted = bulk.cone_edges.min(counts.outputs * 75 / 1000);
    let theft = economy.thefts.closest(wanted);
    let theft = theft.expect("the chain is longer than the part before the theft");
    let loot = theft
        .loot
        .expect("only thefts that were done are asked for");
    BulkTruth {
        schema: BULK_SCHEMA.to_owned(),
        seed: bulk.seed,
        outputs_wanted: bulk.outputs,
        outputs_per_block: bulk.outputs_per_block,
        blocks: counts.blocks,
        transactions: counts.transactions,
        inputs: counts.inputs,
        outputs: counts.outputs,
        addresses: counts.addresses,
        fees_sat: counts.fees,
        files: files.count,
        bytes: u64::try_from(files.bytes).expect("a size fits 64 bits"),
        theft_outpoint: format!("{}:{}", display(&loot.txid), loot.vout),
        theft_height: theft.height,
        theft_sat: loot.value,
        theft_released_height: theft.released_height.unwrap_or(economy.height),
        cone_transactions: theft.cone.transactions,
        cone_inputs: theft.cone.inputs,
        cone_outputs: theft.cone.outputs,
    }
}
