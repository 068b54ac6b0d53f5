//! Builds the views that analysis works on.

use std::collections::HashSet;

use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::memory::{
    Block, MemoryAccounts, MemoryUtxo, Outpoint, UtxoOutput, UtxoTransaction,
};
use whither_ledger::view::ChainView;

use super::content::StoredBlocks;
use super::error::StoreError;
use crate::blocks::Hash;
use crate::blocks::settle::Settlement;
use crate::blocks::tree::{Arrangement, arrange};
use crate::blocks::walk::{parse_again, read_block};
use crate::prevout::KnownPrevouts;
use crate::sources::bitcoin::Transaction;

/// A chain as analysis sees it.
#[derive(Debug)]
pub enum LoadedChain {
    /// A chain whose holdings are outputs.
    Utxo(MemoryUtxo),
    /// A chain whose holdings are balances.
    Account(MemoryAccounts),
}

impl LoadedChain {
    /// What both kinds have in common.
    #[must_use]
    pub fn view(&self) -> &dyn ChainView {
        match self {
            Self::Utxo(view) => view,
            Self::Account(view) => view,
        }
    }
}

/// A chain of outputs, with what the view does not tell.
#[derive(Debug)]
pub(crate) struct LoadedUtxo {
    pub(crate) view: MemoryUtxo,
    pub(crate) arrangement: Arrangement,
    /// The last block that counts.
    pub(crate) tip: Option<(Option<u32>, Hash)>,
}

/// Arranges blocks and reads those that count.
///
/// Blocks that do not count leave no trace in the view: who never saw them has the same view.
pub(crate) fn load_utxo(
    network: BitcoinNetwork,
    mut stored: StoredBlocks,
) -> Result<LoadedUtxo, StoreError> {
    let arrangement = arrange(network, &stored.index, &stored.heights)?;
    let active = arrangement.active.iter();
    let active: HashSet<Hash> = active
        .map(|(block, _)| stored.index.blocks[*block].hash)
        .collect();
    let mut known = KnownPrevouts::default();
    for prevout in stored.prevouts {
        if active.contains(&prevout.spender) {
            known.add(prevout);
        }
    }
    let mut settlement = Settlement::new(&known);
    let mut blocks = Vec::with_capacity(arrangement.active.len());
    let mut bytes = Vec::new();
    for (number, height) in &arrangement.active {
        let indexed = &stored.index.blocks[*number];
        let path = stored.files.path(indexed.place.file).to_owned();
        let read_back = |fault| StoreError::ReadBack { path, fault };
        let (parsed, txids) = read_block(&mut stored.files, indexed, &mut bytes)
            .and_then(|()| parse_again(indexed, &bytes))
            .map_err(read_back)?;
        let mut transactions = Vec::with_capacity(txids.len());
        for (transaction, txid) in parsed.transactions.iter().zip(txids) {
            settlement.settle(txid, transaction)?;
            transactions.push(ledger_transaction(txid, transaction));
        }
        blocks.push(Block {
            hash: indexed.hash,
            height: *height,
            time: indexed.time,
            transactions,
        });
    }
    let mut notes = arrangement.notes.clone();
    notes.extend(settlement.notes);
    let coverage = arrangement.coverage();
    let chain = Chain::Bitcoin(network);
    Ok(LoadedUtxo {
        view: MemoryUtxo::build(chain, &blocks, &settlement.outside, coverage, notes)?,
        tip: blocks.last().map(|block| (block.height, block.hash)),
        arrangement,
    })
}

fn ledger_transaction(txid: Hash, transaction: &Transaction<'_>) -> UtxoTransaction {
    let coinbase = transaction.is_coinbase();
    let spends = transaction.inputs.iter().filter(|_| !coinbase);
    UtxoTransaction {
        txid,
        inputs: spends
            .map(|input| Outpoint {
                txid: *input.txid,
                vout: input.vout,
            })
            .collect(),
        outputs: transaction
            .outputs
            .iter()
            .map(|output| UtxoOutput {
                value: output.value,
                owner: Address::from_script(output.script),
            })
            .collect(),
        coinbase,
    }
}
