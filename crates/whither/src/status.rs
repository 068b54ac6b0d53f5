//! What a store holds, chain by chain (`whither.status/1`).

use serde::Serialize;
use whither_chain::ChainStatus;
use whither_ledger::chain::ChainKind;

use crate::error::Error;
use crate::ingest::Extent;
use crate::lists::ListRow;
use crate::store::Store;

/// What a store holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// `whither.status/1`.
    pub schema: &'static str,
    /// Its chains, in the order of their ids.
    pub chains: Vec<ChainRow>,
    /// Its sanctions lists, each by its last version, in the order of their names.
    pub lists: Vec<HeldList>,
}

/// A sanctions list that the store holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldList {
    /// Its name.
    pub list: String,
    /// The date of the last version.
    pub date: String,
    /// How many entries that has.
    pub entries: u64,
    /// How many versions there are.
    pub versions: u64,
}

/// What it holds of one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainRow {
    /// CAIP-2.
    pub chain: String,
    /// `utxo` or `account`.
    pub kind: &'static str,
    /// Blocks that count; none of a chain known from tables.
    pub blocks: u64,
    /// Blocks that are kept and do not count.
    pub stale_blocks: u64,
    /// Transactions.
    pub transactions: u64,
    /// Outputs.
    pub outputs: u64,
    /// Movements between addresses, on account chains; fees left out.
    pub transfers: u64,
    /// Addresses.
    pub addresses: u64,
    /// First and last known height.
    pub extent: Extent,
    /// Missing heights in between.
    pub gaps: Vec<Extent>,
    /// The last block.
    pub tip: Tip,
}

/// The last block of a chain; nothing in it where the data has no blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tip {
    /// Its height, where it is known.
    pub height: Option<u32>,
    /// Its hash.
    pub hash: Option<String>,
}

/// Says what a store holds.
///
/// # Errors
/// Where a file of the store is missing or damaged, or its content makes no chain.
pub fn status(store: &Store) -> Result<Status, Error> {
    let chains = whither_chain::status(store.inner())?;
    let lists = crate::lists::status(store.path())?.lists;
    Ok(Status {
        schema: "whither.status/1",
        chains: chains.into_iter().map(row).collect(),
        lists: lists.into_iter().filter_map(held).collect(),
    })
}

fn held(list: ListRow) -> Option<HeldList> {
    let last = list.versions.last()?;
    Some(HeldList {
        date: last.date.clone(),
        entries: last.entries,
        versions: list.versions.len() as u64,
        list: list.list,
    })
}

fn row(status: ChainStatus) -> ChainRow {
    ChainRow {
        chain: status.chain.to_string(),
        kind: match status.kind {
            ChainKind::Utxo => "utxo",
            ChainKind::Account => "account",
        },
        blocks: status.blocks,
        stale_blocks: status.stale_blocks,
        transactions: status.transactions,
        outputs: status.outputs,
        transfers: status.transfers,
        addresses: status.addresses,
        extent: status.extent.map(Extent::from).unwrap_or_default(),
        gaps: status.gaps.into_iter().map(Extent::from).collect(),
        tip: status.tip.map_or_else(Tip::default, |tip| Tip {
            height: tip.height,
            hash: Some(tip.hash),
        }),
    }
}
