//! Takes in what a node tells: block by block, committed on the way, so that a run that is cut short goes on where it
//! was. What the store has of a branch that lost meanwhile is taken out and fetched again.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::BlockFact;
use whither_ledger::time::Timestamp;

use super::desk::{Brought, Counts, report};
use super::evm::{Gathered, Kept};
use super::{IngestReport, IngestRequest, Progress, Skipped};
use crate::error::{ChainError, RequestError};
use crate::sources::evm::told::{Told, shown};
use crate::sources::evm::{Account, EvmError, EvmFault, Hash};
use crate::sources::rpc::abilities::Tracing;
use crate::sources::rpc::{Node, limits};
use crate::store::{Segment, Store, Transaction};

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
    let known = known(store, &node.chain)?;
    pin(&node, request.chain.as_ref(), &known).map_err(Box::new)?;
    let heights = request.blocks.clone().unwrap_or(0..=node.head);
    if *heights.end() > node.head {
        let what = format!(
            "block {}, and the node's head is {},",
            heights.end(),
            node.head
        );
        return Err(Box::new(node.client.error(None, EvmFault::Missing { what })).into());
    }
    drop(known);
    let mut wanted = vec![heights];
    for _ in 0..ANEW {
        // What a segment had below the place where the branches part goes with it: it is asked for again.
        wanted.extend(drop_lost(store, &mut node, request.dry_run)?);
        let wanted = joined(&wanted);
        let known = self::known(store, &node.chain)?;
        let missing: Vec<_> = wanted
            .iter()
            .flat_map(|heights| missing(&known, heights, node.abilities.tracing))
            .collect();
        match fetch(store, &mut node, request, &missing, known, progress)? {
            Some(report) => return Ok(report),
            // A branch lost while it was read: what is left of it goes, and the rest is fetched anew.
            None => continue,
        }
    }
    let fault = EvmFault::Node("it is reorganised faster than it can be read".to_owned());
    Err(Box::new(node.client.error(None, fault)).into())
}

/// What the store has of a chain, without rows.
fn known(store: &Store, chain: &Chain) -> Result<Vec<Known>, ChainError> {
    let heads = store.heads_of(chain)?.into_iter();
    let known = heads.map(|(segment, opened)| Known {
        segment: Some(segment),
        coverage: opened.head.coverage,
        blocks: opened.head.facts.blocks,
    });
    Ok(known.collect())
}

/// What is known of a segment.
struct Known {
    /// None of one that was just brought.
    segment: Option<Segment>,
    coverage: Coverage,
    blocks: Vec<BlockFact>,
}

/// Refuses a node of another chain than the one asked for, or than the store has.
fn pin(node: &Node, wanted: Option<&Chain>, known: &[Known]) -> Result<(), EvmError> {
    if let Some(wanted) = wanted.filter(|wanted| **wanted != node.chain) {
        return Err(node.client.error(
            None,
            EvmFault::WrongChain {
                found: node.chain.clone(),
                wanted: wanted.clone(),
            },
        ));
    }
    let mut blocks = known.iter().flat_map(|source| &source.blocks);
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

/// Ranges in order, those that touch joined.
fn joined(ranges: &[RangeInclusive<u32>]) -> Vec<RangeInclusive<u32>> {
    let mut sorted = ranges.to_vec();
    sorted.sort_by_key(|range| (*range.start(), *range.end()));
    let mut joined: Vec<RangeInclusive<u32>> = Vec::new();
    for range in sorted {
        match joined.last_mut() {
            Some(last) if *range.start() <= last.end().saturating_add(1) => {
                *last = *last.start()..=*last.end().max(range.end());
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// Takes out of the store what was read of blocks that the node does not have any more; the heights that went.
fn drop_lost(
    store: &mut Store,
    node: &mut Node,
    dry_run: bool,
) -> Result<Vec<RangeInclusive<u32>>, ChainError> {
    let (mut lost, mut heights) = (Vec::new(), Vec::new());
    for source in known(store, &node.chain)? {
        let Some(last) = source.blocks.last() else {
            continue;
        };
        if last.height > node.head {
            continue;
        }
        if node.hash_at(last.height).map_err(Box::new)? != Some(last.hash) {
            lost.extend(source.segment);
            heights.extend(
                source
                    .blocks
                    .first()
                    .map(|first| first.height..=last.height),
            );
        }
    }
    if lost.is_empty() || dry_run {
        return Ok(heights);
    }
    let chain = node.chain.clone();
    let mut transaction = Transaction::begin(store, &chain)?;
    for segment in &lost {
        transaction.remove_rows(segment);
    }
    transaction.commit()?;
    Ok(heights)
}

/// The heights of a range that the store does not have as completely as this node can tell them.
fn missing(
    known: &[Known],
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

/// Fetches ranges, and commits their rows on the way and the columns of all at the end; `None` where a branch lost
/// below what was committed.
fn fetch(
    store: &mut Store,
    node: &mut Node,
    request: &IngestRequest,
    ranges: &[RangeInclusive<u32>],
    mut known: Vec<Known>,
    progress: &dyn Progress,
) -> Result<Option<IngestReport>, ChainError> {
    let mut all = Total::default();
    let url = request.paths[0].clone();
    for piece in ranges.iter().flat_map(pieces) {
        let before = before(&known, *piece.start());
        let tell = |height: u32| {
            progress.report(0, 0, &format!("block {height}"));
        };
        let Some(mut told) = node.fetch(piece.clone(), before, &tell).map_err(Box::new)? else {
            return Ok(None);
        };
        let stored = if *piece.start() == 0 {
            stored_accounts(store, &node.chain)?
        } else {
            BTreeSet::new()
        };
        let mut gathered = Gathered::new(store, request.dry_run);
        node.token_words(*piece.end(), &mut told)
            .map_err(Box::new)?;
        if *piece.start() == 0 || has_first(&known) {
            // What was read before the first block was, is asked for with it.
            let mut accounts = accounts(&told);
            accounts.extend(stored);
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
        known.push(just_brought(&told, &piece));
        gathered.add(&url, told, digest, None)?;
        all.add(gathered.keep(false)?);
    }
    if !request.dry_run {
        store.build_columns(&node.chain)?;
    }
    all.said(store, &node.chain).map(Some)
}

/// What later pieces need to know of one that is committed.
fn just_brought(told: &Told, piece: &RangeInclusive<u32>) -> Known {
    let blocks = told.blocks.iter().filter_map(|(height, block)| {
        Some(BlockFact {
            height: *height,
            hash: block.hash?,
            parent: None,
            time: Timestamp::from(0),
            transactions: 0,
        })
    });
    // Of the pieces before it, one needs its first block and its last.
    let ends = |block: &BlockFact| block.height == 0 || block.height == *piece.end();
    Known {
        segment: None,
        coverage: Coverage::Blocks {
            first: Some(*piece.start()),
            last: Some(*piece.end()),
            internal: told.has.traces,
        },
        blocks: blocks.filter(ends).collect(),
    }
}

/// What all pieces of a run brought.
#[derive(Default)]
struct Total {
    brought: Brought,
    skipped: Vec<Skipped>,
    counts: Option<Counts>,
    /// Whether any piece changed the store.
    changed: bool,
}

impl Total {
    fn add(&mut self, (_, brought, skipped, counts): Kept) {
        let sum = |a: Option<u128>, b: Option<u128>| Some(a?.saturating_add(b?));
        self.brought.transfers += brought.transfers;
        self.brought.segments.extend(brought.segments);
        self.changed |= !brought.unchanged;
        self.skipped.extend(skipped);
        self.counts = Some(match self.counts {
            None => counts,
            Some(before) => Counts {
                blocks: before.blocks + counts.blocks,
                transactions: before.transactions + counts.transactions,
                fees: sum(before.fees, counts.fees),
                burned: sum(before.burned, counts.burned),
            },
        });
    }

    /// Says it, and what the store then holds.
    fn said(mut self, store: &Store, chain: &Chain) -> Result<IngestReport, ChainError> {
        self.skipped
            .sort_by(|a, b| (&a.place, &a.why).cmp(&(&b.place, &b.why)));
        self.skipped.dedup();
        self.brought.unchanged = !self.changed;
        let counts = self.counts.unwrap_or_default();
        report(store, chain, &self.brought, self.skipped, counts)
    }
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
fn before(known: &[Known], height: u32) -> Option<Hash> {
    let below = height.checked_sub(1)?;
    let mut blocks = known.iter().flat_map(|source| &source.blocks);
    blocks
        .find(|block| block.height == below)
        .map(|block| block.hash)
}

/// Whether the store has the first block.
fn has_first(known: &[Known]) -> bool {
    let mut blocks = known.iter().flat_map(|source| &source.blocks);
    blocks.any(|block| block.height == 0)
}

/// The accounts that rows of the store are of.
fn stored_accounts(store: &Store, chain: &Chain) -> Result<BTreeSet<Account>, ChainError> {
    let mut accounts = BTreeSet::new();
    for (_, segment) in store.heads_of(chain)? {
        for row in segment.rows() {
            let row = row?;
            for address in [row.from, row.to] {
                if let Address::Evm(account) = address {
                    accounts.insert(account);
                }
            }
        }
    }
    Ok(accounts)
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
