//! What a store holds, chain by chain.

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::coverage::Coverage;
use whither_ledger::view::{AccountView, ChainView, Destination, TxIx};

use crate::blocks::tree::{Extent, extent_of, gaps_of};
use crate::ingest::extent;
use crate::sources::bitcoin::records::as_u64;
use crate::store::{LoadedChain, Store, StoreError};
use crate::text::{hex, show_hash};

/// What a store holds of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainStatus {
    /// The chain.
    pub chain: Chain,
    /// How it keeps what is owned.
    pub kind: ChainKind,
    /// Blocks on the active chain, or that sources tell of; none of a chain known from tables.
    pub blocks: u64,
    /// Blocks that are kept and do not count: they may come to count once more blocks are known.
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
    if let Some(view) = store.account_columns(chain)? {
        return Ok(of_accounts(chain, &view));
    }
    match store.load(chain)? {
        LoadedChain::Utxo(view) => {
            let mut status = common(chain, &view);
            status.blocks = as_u64(view.block_count());
            status.stale_blocks = as_u64(store.aside(chain)?.len());
            status.outputs = view.output_count();
            let runs = runs(view.coverage());
            status.extent = extent_of(&runs);
            status.gaps = gaps_of(&runs);
            status.tip = view.block_count().checked_sub(1).map(|last| {
                let (hash, height) = view.block(last);
                Tip {
                    height,
                    hash: show_hash(&hash),
                }
            });
            Ok(status)
        }
        LoadedChain::Account(view) => Ok(of_accounts(chain, &view)),
    }
}

/// Counts legs: that grows with the chain, and reads no more of the columns than legs and places.
fn of_accounts(chain: &Chain, view: &impl AccountView) -> ChainStatus {
    let legs = (0..view.transaction_count()).flat_map(|row| view.legs(TxIx::of(row)));
    let transfers = legs.filter(|leg| leg.to != Destination::Fee);
    ChainStatus {
        transfers: as_u64(transfers.count()),
        extent: extent(view),
        blocks: as_u64(view.blocks().len()),
        gaps: gaps(view),
        tip: view.blocks().last().map(|block| Tip {
            height: Some(block.height),
            hash: format!("0x{}", hex(&block.hash)),
        }),
        ..common(chain, view)
    }
}

/// Heights between those that blocks are promised of, or told of at least, at which nothing is known.
pub(crate) fn gaps(view: &impl AccountView) -> Vec<Extent> {
    let mut known = runs(view.coverage());
    known.extend(view.blocks().map(|block| Extent {
        first: block.height,
        last: block.height,
    }));
    known.sort();
    gaps_of(&known)
}

/// Known heights that the blocks promise.
pub(crate) fn runs(coverage: &[Coverage]) -> Vec<Extent> {
    let run = |promise: &Coverage| match promise {
        Coverage::Blocks {
            first: Some(first),
            last: Some(last),
            ..
        } => Some(Extent {
            first: *first,
            last: *last,
        }),
        _ => None,
    };
    let mut runs: Vec<Extent> = coverage.iter().filter_map(run).collect();
    runs.sort();
    runs
}

fn common(chain: &Chain, view: &dyn ChainView) -> ChainStatus {
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
