//! Takes in what a node tells: block by block, committed on the way, so that a run that is cut short goes on where it
//! was. What the store has of a branch that lost meanwhile is taken out and fetched again.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::TableSource;

use super::evm::Gathered;
use super::{IngestReport, IngestRequest, Progress};
use crate::error::{ChainError, RequestError};
use crate::sources::evm::told::{Told, shown};
use crate::sources::evm::{Account, EvmError, EvmFault, Hash};
use crate::sources::rpc::abilities::Tracing;
use crate::sources::rpc::{Node, limits};
use crate::store::{Store, Transaction};

/// After how many blocks a run is committed on the way.
const COMMIT: u32 = 1000;
/// How often a run begins anew because the chain was reorganised below it.
const ANEW: u32 = 8;

/// The first block of Ethereum's main network: a chain id alone is easily claimed.
const MAINNET: Hash = [
    0xd4, 0xe5, 0x67, 0x40, 0xf8, 0x76, 0xae, 0xf8, 0xc0, 0x10, 0xb8, 0x6a, 0x40, 0xd5, 0xf5, 0x67,
    0x45, 0xa1, 0x18, 0xd0, 0x90, 0x6a, 0x34, 0xe6, 0x9a, 0xec, 0x8c, 0x0d, 0xb1, 0xcb, 0x8f, 0xa3,
];

pub(super) fn ingest(
    store: &mut Store,
    request: &IngestRequest,
    progress: &dyn Progress,
) -> Result<IngestReport, ChainError> {
    let [url] = &request.paths[..] else {
        return Err(RequestError::SeveralKinds.into());
    };
    let url = url.to_string_lossy().into_owned();
    let mut node = Node::meet(&url, request.blocks.as_ref()).map_err(Box::new)?;
    pin(&node, request.chain.as_ref(), &known(store, &node.chain)?).map_err(Box::new)?;
    let heights = request.blocks.clone().unwrap_or(0..=node.head);
    if *heights.end() > node.head {
        let what = format!(
            "block {}, and the node's head is {},",
            heights.end(),
            node.head
        );
        return Err(Box::new(node.client.error(None, EvmFault::Missing { what })).into());
    }
    for _ in 0..ANEW {
        drop_lost(store, &mut node, request.dry_run)?;
        let missing = missing(
            &known(store, &node.chain)?,
            &heights,
            node.abilities.tracing,
        );
        match fetch(store, &mut node, request, &missing, progress)? {
            Some(report) => return Ok(report),
            // A branch lost while it was read: what is left of it goes, and the rest is fetched anew.
            None => continue,
        }
    }
    let fault = EvmFault::Node("it is reorganised faster than it can be read".to_owned());
    Err(Box::new(node.client.error(None, fault)).into())
}

/// What the store has of a chain.
fn known(store: &Store, chain: &Chain) -> Result<Vec<TableSource>, ChainError> {
    if store.chains().contains(chain) {
        Ok(store.tables(chain)?)
    } else {
        Ok(Vec::new())
    }
}

/// Refuses a node of another chain than the one asked for, or than the store has.
fn pin(node: &Node, wanted: Option<&Chain>, known: &[TableSource]) -> Result<(), EvmError> {
    if let Some(wanted) = wanted.filter(|wanted| **wanted != node.chain) {
        return Err(node.client.error(
            None,
            EvmFault::WrongChain {
                found: node.chain.clone(),
                wanted: wanted.clone(),
            },
        ));
    }
    let mut blocks = known.iter().flat_map(|source| &source.facts.blocks);
    let stored = blocks
        .find(|block| block.height == 0)
        .map(|block| block.hash);
    let real = (node.chain == Chain::Evm(1)).then_some(MAINNET);
    match real.or(stored).filter(|first| *first != node.genesis) {
        Some(first) => Err(node.client.error(
            None,
            EvmFault::Differs {
                what: "the hash of its first block",
                found: shown(&node.genesis),
                known: shown(&first),
            },
        )),
        None => Ok(()),
    }
}

/// Takes out of the store what was read of blocks that the node does not have any more.
fn drop_lost(store: &mut Store, node: &mut Node, dry_run: bool) -> Result<(), ChainError> {
    let sources = known(store, &node.chain)?;
    let mut lost = Vec::new();
    for source in &sources {
        let Some(last) = source.facts.blocks.last() else {
            continue;
        };
        if last.height > node.head {
            continue;
        }
        if node.hash_at(last.height).map_err(Box::new)? != Some(last.hash) {
            lost.push(source.clone());
        }
    }
    if lost.is_empty() || dry_run {
        return Ok(());
    }
    let chain = node.chain.clone();
    let mut transaction = Transaction::begin(store, &chain)?;
    for source in &lost {
        transaction.remove_rows(source)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The heights of a range that the store does not have as completely as this node can tell them.
fn missing(
    known: &[TableSource],
    heights: &RangeInclusive<u32>,
    tracing: Tracing,
) -> Vec<RangeInclusive<u32>> {
    let mut covered: Vec<(u32, u32)> = Vec::new();
    for source in known {
        if let Coverage::Blocks {
            first: Some(first),
            last: Some(last),
            internal,
        } = source.coverage
            && (internal || tracing == Tracing::None)
        {
            covered.push((first, last));
        }
    }
    covered.sort_unstable();
    let mut missing = Vec::new();
    let mut next = u64::from(*heights.start());
    let end = u64::from(*heights.end());
    let narrow = |height: u64| u32::try_from(height).unwrap_or(u32::MAX);
    for (first, last) in covered {
        let (first, last) = (u64::from(first), u64::from(last));
        if first > next && next <= end {
            missing.push(narrow(next)..=narrow(end.min(first - 1)));
        }
        next = next.max(last + 1);
    }
    if next <= end {
        missing.push(narrow(next)..=narrow(end));
    }
    missing
}

/// Fetches ranges, and commits on the way; `None` where a branch lost below what was committed.
fn fetch(
    store: &mut Store,
    node: &mut Node,
    request: &IngestRequest,
    ranges: &[RangeInclusive<u32>],
    progress: &dyn Progress,
) -> Result<Option<IngestReport>, ChainError> {
    if ranges.is_empty() {
        // The store has all of it.
        let mut gathered = Gathered::default();
        gathered.chain_is(&node.chain);
        return gathered.commit(store, request).map(Some);
    }
    let mut last = None;
    let url = request.paths[0].clone();
    for piece in ranges.iter().flat_map(pieces) {
        let before = before(&known(store, &node.chain)?, *piece.start());
        let tell = |height: u32| {
            progress.report(0, 0, &format!("block {height}"));
        };
        let Some(mut told) = node.fetch(piece.clone(), before, &tell).map_err(Box::new)? else {
            return Ok(None);
        };
        let mut gathered = Gathered::default();
        node.token_words(*piece.end(), &mut told)
            .map_err(Box::new)?;
        let stored = known(store, &node.chain)?;
        let first = *piece.start() == 0;
        if first || has_first(&stored) {
            // What was read before the first block was, is asked for with it.
            let mut accounts = accounts(&told);
            accounts.extend(stored.iter().filter(|_| first).flat_map(stored_accounts));
            if !node
                .first_balances(&accounts, &mut told)
                .map_err(Box::new)?
            {
                gathered.skip(
                    &url,
                    "the node does not tell what accounts had before the first block",
                );
            }
        }
        if let Some(said) = limits(node) {
            gathered.skip(&url, &said);
        }
        let digest = digest(&told, &node.genesis);
        gathered.add(&url, told, digest, None)?;
        let report = gathered.commit(store, request)?;
        last = Some(match last {
            None => report,
            Some(before) => together(before, report),
        });
    }
    Ok(last)
}

/// A range in pieces that are committed one by one.
fn pieces(range: &RangeInclusive<u32>) -> Vec<RangeInclusive<u32>> {
    let (mut first, last) = (*range.start(), *range.end());
    let mut pieces = Vec::new();
    loop {
        let end = last.min(
            (first / COMMIT)
                .saturating_mul(COMMIT)
                .saturating_add(COMMIT - 1),
        );
        pieces.push(first..=end);
        match end.checked_add(1).filter(|next| *next <= last) {
            Some(next) => first = next,
            None => return pieces,
        }
    }
}

/// The hash of the block below a height, if the store has it.
fn before(known: &[TableSource], height: u32) -> Option<Hash> {
    let below = height.checked_sub(1)?;
    let mut blocks = known.iter().flat_map(|source| &source.facts.blocks);
    blocks
        .find(|block| block.height == below)
        .map(|block| block.hash)
}

/// Whether the store has the first block.
fn has_first(known: &[TableSource]) -> bool {
    let mut blocks = known.iter().flat_map(|source| &source.facts.blocks);
    blocks.any(|block| block.height == 0)
}

/// The accounts of a source of the store.
fn stored_accounts(source: &TableSource) -> impl Iterator<Item = Account> {
    let both = source.rows.iter().flat_map(|row| [&row.from, &row.to]);
    both.filter_map(|address| match address {
        Address::Evm(account) => Some(*account),
        _ => None,
    })
}

/// All accounts that anything moves at.
fn accounts(told: &Told) -> BTreeSet<Account> {
    let mut found = BTreeSet::new();
    for block in told.blocks.values() {
        found.extend(block.header.iter().filter_map(|header| header.miner));
        for transaction in block.transactions.values() {
            found.extend(
                transaction
                    .call
                    .iter()
                    .flat_map(|call| [Some(call.from), call.to])
                    .flatten(),
            );
            found.extend(
                transaction
                    .frames
                    .iter()
                    .flat_map(|frame| [frame.from, frame.to])
                    .flatten(),
            );
        }
    }
    found
}

/// What stands for the bytes of a source that is no file: the blocks that it told of.
fn digest(told: &Told, genesis: &Hash) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let mut hasher = Sha256::new();
    hasher.update(b"whither.rpc/1");
    hasher.update(genesis);
    hasher.update([u8::from(told.has.traces)]);
    for block in told.blocks.values() {
        hasher.update(block.hash.unwrap_or_default());
    }
    hasher.finalize().into()
}

/// One report of two pieces of one run.
fn together(before: IngestReport, after: IngestReport) -> IngestReport {
    let sum = |a: Option<u128>, b: Option<u128>| Some(a?.saturating_add(b?));
    let mut skipped = before.skipped;
    skipped.extend(after.skipped);
    skipped.sort_by(|a, b| (&a.place, &a.why).cmp(&(&b.place, &b.why)));
    skipped.dedup();
    IngestReport {
        blocks: before.blocks + after.blocks,
        transactions: before.transactions + after.transactions,
        transfers: before.transfers + after.transfers,
        fees: sum(before.fees, after.fees),
        burned: sum(before.burned, after.burned),
        skipped,
        unchanged: before.unchanged && after.unchanged,
        ..after
    }
}
