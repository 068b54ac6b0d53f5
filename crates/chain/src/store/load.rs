//! Builds the views that analysis works on.

use std::collections::{BTreeMap, HashSet};

use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::memory::{
    Block, MemoryAccounts, MemoryUtxo, Outpoint, OutsideValue, UtxoOutput, UtxoTransaction,
};
use whither_ledger::view::{ChainView, Note};

use super::content::StoredBlocks;
use super::error::StoreError;
use crate::blocks::settle::Settlement;
use crate::blocks::tree::{Arrangement, arrange};
use crate::blocks::walk::{parse_again, read_block};
use crate::blocks::{Hash, IndexedBlock};
use crate::prevout::KnownPrevouts;
use crate::sources::bitcoin::{HEADER_SIZE, Transaction};

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

/// Takes the blocks that count, one after the other, settled.
pub(crate) trait Sink {
    /// The next block in chain order, with its 80 bytes of header.
    fn block(
        &mut self,
        block: &IndexedBlock,
        height: Option<u32>,
        header: &[u8],
    ) -> Result<(), StoreError>;
    /// Its next transaction; the settlement has just settled it.
    fn transaction(
        &mut self,
        txid: Hash,
        transaction: &Transaction<'_>,
        settlement: &Settlement<'_>,
    ) -> Result<(), StoreError>;
}

/// What is known once all blocks that count were read.
#[derive(Debug)]
pub(crate) struct Walked {
    pub(crate) arrangement: Arrangement,
    /// What the blocks spend and do not hold, as far as it is known.
    pub(crate) outside: BTreeMap<Outpoint, OutsideValue>,
    pub(crate) notes: Vec<Note>,
}

/// Arranges blocks and reads those that count, one at a time.
///
/// Blocks that do not count leave no trace: who never saw them reads the same.
pub(crate) fn walk(
    network: BitcoinNetwork,
    mut stored: StoredBlocks,
    sink: &mut impl Sink,
) -> Result<Walked, StoreError> {
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
    let mut bytes = Vec::new();
    for (number, height) in &arrangement.active {
        let indexed = &stored.index.blocks[*number];
        let path = stored.files.path(indexed.place.file).to_owned();
        let read_back = |fault| StoreError::ReadBack { path, fault };
        let (parsed, txids) = read_block(&mut stored.files, indexed, &mut bytes)
            .and_then(|()| parse_again(indexed, &bytes))
            .map_err(read_back)?;
        sink.block(indexed, *height, &bytes[..HEADER_SIZE])?;
        for (transaction, txid) in parsed.transactions.iter().zip(txids) {
            settlement.settle(txid, transaction)?;
            sink.transaction(txid, transaction, &settlement)?;
        }
    }
    let mut notes = arrangement.notes.clone();
    notes.extend(settlement.notes);
    Ok(Walked {
        arrangement,
        outside: settlement.outside,
        notes,
    })
}

/// Keeps all blocks in memory.
impl Sink for Vec<Block> {
    fn block(
        &mut self,
        block: &IndexedBlock,
        height: Option<u32>,
        _: &[u8],
    ) -> Result<(), StoreError> {
        self.push(Block {
            hash: block.hash,
            height,
            time: block.time,
            transactions: Vec::new(),
        });
        Ok(())
    }

    fn transaction(
        &mut self,
        txid: Hash,
        transaction: &Transaction<'_>,
        _: &Settlement<'_>,
    ) -> Result<(), StoreError> {
        let block = self.last_mut().expect("a transaction follows its block");
        block
            .transactions
            .push(ledger_transaction(txid, transaction));
        Ok(())
    }
}

/// Loads a chain of outputs into memory.
pub(crate) fn load_utxo(
    network: BitcoinNetwork,
    stored: StoredBlocks,
) -> Result<LoadedUtxo, StoreError> {
    let mut blocks = Vec::new();
    let walked = walk(network, stored, &mut blocks)?;
    let coverage = walked.arrangement.coverage();
    let chain = Chain::Bitcoin(network);
    Ok(LoadedUtxo {
        view: MemoryUtxo::build(chain, &blocks, &walked.outside, coverage, walked.notes)?,
        tip: blocks.last().map(|block| (block.height, block.hash)),
        arrangement: walked.arrangement,
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
