//! What a store holds, chain by chain.

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::view::{AccountView as _, ChainView as _, Destination, TxIx, UtxoView as _};

use crate::blocks::tree::Extent;
use crate::ingest::extent;
use crate::sources::bitcoin::records::as_u64;
use crate::store::{LoadedChain, Store, StoreError, load_utxo};
use crate::text::show_hash;

/// What a store holds of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainStatus {
    /// The chain.
    pub chain: Chain,
    /// How it keeps what is owned.
    pub kind: ChainKind,
    /// Blocks on the active chain; none of a chain known from tables.
    pub blocks: u64,
    /// Blocks that are kept and do not count.
    pub stale_blocks: u64,
    /// Transactions.
    pub transactions: u64,
    /// Outputs.
    pub outputs: u64,
    /// Movements between addresses, on chains of accounts; gas left out.
    pub transfers: u64,
    /// Addresses.
    pub addresses: u64,
    /// First and last known height.
    pub extent: Option<Extent>,
    /// Missing heights in between.
    pub gaps: Vec<Extent>,
    /// The last block.
    pub tip: Option<Tip>,
}

/// The last block of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its height, where it is known.
    pub height: Option<u32>,
    /// Its hash as people write it.
    pub hash: String,
}

/// Says what a store holds, in the order of the chains' ids.
///
/// # Errors
/// When a file of the store is missing or damaged, or its content makes no chain.
pub fn status(store: &Store) -> Result<Vec<ChainStatus>, StoreError> {
    let chains = store.chains();
    chains
        .iter()
        .map(|chain| chain_status(store, chain))
        .collect()
}

fn chain_status(store: &Store, chain: &Chain) -> Result<ChainStatus, StoreError> {
    if let Chain::Bitcoin(network) = chain {
        let loaded = load_utxo(*network, store.blocks(chain)?)?;
        return Ok(ChainStatus {
            blocks: as_u64(loaded.arrangement.active.len()),
            stale_blocks: as_u64(loaded.arrangement.stale.len()),
            outputs: outputs(&loaded.view),
            extent: loaded.arrangement.extent(),
            gaps: loaded.arrangement.gaps(),
            tip: loaded.tip.map(|(height, hash)| Tip {
                height,
                hash: show_hash(&hash),
            }),
            ..common(chain, &LoadedChain::Utxo(loaded.view))
        });
    }
    let loaded = store.load(chain)?;
    let mut status = common(chain, &loaded);
    if let LoadedChain::Account(view) = &loaded {
        let legs = (0..view.transaction_count()).flat_map(|row| view.legs(TxIx::of(row)));
        let transfers = legs.filter(|leg| leg.to != Destination::Fee);
        status.transfers = as_u64(transfers.count());
        status.extent = extent(view);
    }
    Ok(status)
}

fn outputs(view: &MemoryUtxo) -> u64 {
    let last = view.transaction_count().checked_sub(1);
    last.map_or(0, |last| view.outputs(TxIx::of(last)).end)
}

fn common(chain: &Chain, loaded: &LoadedChain) -> ChainStatus {
    let view = loaded.view();
    ChainStatus {
        chain: chain.clone(),
        kind: chain.kind(),
        blocks: 0,
        stale_blocks: 0,
        transactions: as_u64(view.transaction_count()),
        outputs: 0,
        transfers: 0,
        addresses: as_u64(view.address_count()),
        extent: None,
        gaps: Vec::new(),
        tip: None,
    }
}
