//! A block as the columns take it: everything that counts, in flat lists, and none of its bytes.
//!
//! The reading side makes it on any core from a block's bytes; the writing side takes it in chain order and
//! needs no script, no witness and no parser.

use whither_ledger::address::Address;
use whither_ledger::memory::{Block, Outpoint, UtxoOutput, UtxoTransaction};

use super::Hash;
use crate::sources::bitcoin::{HEADER_SIZE, Header, ParsedBlock, claimed};

/// A block in chain order, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockData {
    /// Its hash.
    pub(crate) hash: Hash,
    /// The 80 bytes that the hash is taken over.
    pub(crate) header: Vec<u8>,
    /// The height its coinbase claims.
    pub(crate) claimed_height: Option<u32>,
    /// The ids of its transactions; the first is the coinbase.
    pub(crate) txids: Vec<Hash>,
    /// For each transaction, the offset of its first byte in the block, for errors.
    pub(crate) offsets: Vec<usize>,
    /// For each transaction, where its inputs end in [`BlockData::spends`]; a coinbase has none.
    pub(crate) input_ends: Vec<usize>,
    /// For each transaction, where its outputs end in [`BlockData::values`].
    pub(crate) output_ends: Vec<usize>,
    /// What all inputs spend, in order.
    pub(crate) spends: Vec<Outpoint>,
    /// The values of all outputs, in order, in satoshi.
    pub(crate) values: Vec<u64>,
    /// Whose all outputs are, in order; `None` where the script has no address.
    pub(crate) owners: Vec<Option<Address>>,
}

impl BlockData {
    /// Takes a block apart that was checked; `bytes` are all of it.
    pub(crate) fn of(bytes: &[u8], block: &ParsedBlock<'_>, txids: Vec<Hash>) -> Self {
        let transactions = block.transactions.iter();
        // The first input is the coinbase's, and spends nothing.
        let spends = block.inputs.iter().skip(1).map(|input| Outpoint {
            txid: *input.txid,
            vout: input.vout,
        });
        let outputs = block.outputs.iter();
        Self {
            hash: block.header.hash,
            header: bytes[..HEADER_SIZE].to_vec(),
            claimed_height: claimed(block.header.version, block.coinbase_script()),
            txids,
            offsets: transactions.clone().map(|row| row.offset).collect(),
            input_ends: transactions.clone().map(|row| row.input_end - 1).collect(),
            output_ends: transactions.map(|row| row.output_end).collect(),
            spends: spends.collect(),
            values: outputs.clone().map(|output| output.value).collect(),
            owners: outputs
                .map(|output| Address::from_script(output.script))
                .collect(),
        }
    }

    /// As the ledger in memory takes it.
    pub(crate) fn to_ledger(&self, height: Option<u32>) -> Block {
        let (mut input, mut output) = (0, 0);
        let ends = self.input_ends.iter().zip(&self.output_ends);
        let transactions = self.txids.iter().zip(ends).enumerate();
        let transactions = transactions.map(|(place, (txid, (input_end, output_end)))| {
            let (inputs, outputs) = (input..*input_end, output..*output_end);
            (input, output) = (*input_end, *output_end);
            UtxoTransaction {
                txid: *txid,
                inputs: self.spends[inputs].to_vec(),
                outputs: outputs
                    .map(|output| UtxoOutput {
                        value: self.values[output],
                        owner: self.owners[output].clone(),
                    })
                    .collect(),
                coinbase: place == 0,
            }
        });
        let header = self.header.first_chunk().expect("a header has 80 bytes");
        Block {
            hash: self.hash,
            height,
            time: Header::parse(header).time,
            transactions: transactions.collect(),
        }
    }
}
