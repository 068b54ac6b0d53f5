//! Holds what a source has told against itself, and makes the rows of it: one source of the ledger for each run of
//! heights without a gap.
//!
//! Refused is what must not be mended by guessing: transactions without receipts where there are receipts, logs that
//! the header does not commit to, blocks that do not hang together, traces of another transaction. What a source
//! cannot tell at all is left out, said, and takes the promise to be complete away.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use sha2::{Digest as _, Sha256};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{BlockFact, Facts, TableRow, TableSource};
use whither_ledger::time::Timestamp;

use super::error::{EvmError, EvmFault};
use super::rows::Rows;
use super::told::{Block, Has, Told, shown};

/// What a source amounts to.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) sources: Vec<TableSource>,
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    /// Whether receipts tell what was paid.
    pub(crate) paid: bool,
    /// Gas and what is asked beside it, in wei.
    pub(crate) fees: U256,
    /// What of it was destroyed, in wei.
    pub(crate) burned: U256,
    /// What was left out, and why.
    pub(crate) left_out: Vec<String>,
}

/// Makes rows of what was told; of the blocks at these heights alone, if any are named.
pub(crate) fn settle(
    told: Told,
    name: &str,
    digest: [u8; 32],
    heights: Option<&RangeInclusive<u32>>,
) -> Result<Settled, EvmError> {
    let has = told.has;
    let mut settled = Settled::default();
    let mut rows = Rows::new(&told.chain, &told.coin);
    let mut runs: Vec<Run> = Vec::new();
    let mut before: Option<(u32, [u8; 32])> = None;
    for (height, block) in &told.blocks {
        if heights.is_some_and(|heights| !heights.contains(height)) {
            continue;
        }
        let place = |fault| EvmError::new(name, Some(format!("block {height}")), fault);
        check(has, block).map_err(place)?;
        follows(*height, block, before).map_err(place)?;
        before = block.hash.map(|hash| (*height, hash));
        let made = rows.block(has, *height, block).map_err(place)?;
        settled.blocks += u64::from(block.header.is_some());
        settled.transactions += u64::try_from(block.transactions.len()).unwrap_or(u64::MAX);
        let last = runs
            .last_mut()
            .filter(|run| run.last.checked_add(1) == Some(*height));
        let run = match last {
            Some(run) => run,
            None => {
                runs.push(Run::at(*height));
                runs.last_mut().expect("one was pushed")
            }
        };
        run.last = *height;
        run.rows.extend(made);
        run.facts.blocks.extend(fact(*height, block));
    }
    settled.paid = has.receipts;
    let genesis = rows.genesis(&told.genesis);
    if runs.is_empty() && !genesis.is_empty() {
        runs.push(Run::at(0));
    }
    (settled.fees, settled.burned) = (rows.fees, rows.burned);
    settled.left_out = left_out(&told, &rows);
    let is_whole = has.blocks
        && has.transactions
        && has.receipts
        && has.logs
        && rows.unknown_outcomes == 0
        && told.blocks.values().all(|block| block.header.is_some());
    let internal = has.traces && told.vague_frames == 0;
    let everywhere = Facts {
        blocks: Vec::new(),
        tokens: told.tokens.into_values().collect(),
        contracts: rows.contracts_and(told.contracts),
    };
    for (number, run) in (0..).zip(runs) {
        let (facts, first) = if number == 0 {
            (everywhere.clone(), &genesis[..])
        } else {
            (Facts::default(), &[][..])
        };
        let source = run.source(digest, is_whole, internal, facts, first);
        settled.sources.extend(source);
    }
    Ok(settled)
}

/// Blocks without a gap between them.
struct Run {
    first: u32,
    last: u32,
    rows: Vec<TableRow>,
    facts: Facts,
}

impl Run {
    fn at(height: u32) -> Self {
        Self {
            first: height,
            last: height,
            rows: Vec::new(),
            facts: Facts::default(),
        }
    }

    fn source(
        self,
        digest: [u8; 32],
        is_whole: bool,
        internal: bool,
        everywhere: Facts,
        genesis: &[TableRow],
    ) -> Option<TableSource> {
        let times = self.rows.iter().map(|row| row.time);
        let times = times.chain(self.facts.blocks.iter().map(|block| block.time));
        let first = genesis.first().map(|row| row.time);
        let (from, to) = (times.clone().min().or(first)?, times.max().or(first)?);
        let mut hasher = Sha256::new();
        hasher.update(digest);
        hasher.update(self.first.to_le_bytes());
        hasher.update(self.last.to_le_bytes());
        let coverage = if is_whole {
            Coverage::Blocks {
                first: Some(self.first),
                last: Some(self.last),
                internal,
            }
        } else {
            Coverage::Rows { from, to }
        };
        Some(TableSource {
            digest: hasher.finalize().into(),
            coverage,
            rows: if genesis.is_empty() {
                self.rows
            } else {
                [genesis, &self.rows].concat()
            },
            facts: Facts {
                blocks: self.facts.blocks,
                ..everywhere
            },
        })
    }
}

/// Whether what was told of one block goes together, so far as rows can be made of it.
pub(crate) fn check_block(told: &Told, height: u32) -> Result<(), EvmFault> {
    let missing = || EvmFault::Missing {
        what: "this block".to_owned(),
    };
    let block = told.blocks.get(&height).ok_or_else(missing)?;
    check(told.has, block)?;
    Rows::new(&told.chain, &told.coin)
        .block(told.has, height, block)
        .map(|_| ())
}

/// Whether the parts of a block go together.
fn check(has: Has, block: &Block) -> Result<(), EvmFault> {
    let missing = |what: &str| {
        Err(EvmFault::Missing {
            what: what.to_owned(),
        })
    };
    let transactions = block.transactions.len();
    if let Some(header) = &block.header {
        let counted = header
            .transactions
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        if has.transactions && counted.is_some_and(|counted| counted != transactions) {
            let counted = counted.unwrap_or_default();
            return missing(&format!(
                "one of its {counted} transactions ({transactions} are told)"
            ));
        }
    } else if transactions > 0 {
        return Err(EvmFault::NoTimes);
    }
    for (place, (index, transaction)) in (0_u32..).zip(&block.transactions) {
        if has.transactions && (transaction.call.is_none() || *index != place) {
            return missing(&format!("transaction {place}"));
        }
    }
    let receipts = block
        .transactions
        .values()
        .filter(|one| one.receipt.is_some())
        .count();
    if has.receipts && receipts != transactions {
        return Err(EvmFault::Receipts {
            receipts,
            transactions,
        });
    }
    let bloom = block
        .header
        .as_ref()
        .and_then(|header| header.bloom.as_ref());
    if has.logs && bloom.is_some_and(|bloom| **bloom != block.bloom) {
        return Err(EvmFault::Bloom);
    }
    let untraced = |(_, one): &(&u32, &super::told::Transaction)| one.frames.is_empty();
    if has.traces
        && let Some((index, _)) = block.transactions.iter().find(untraced)
    {
        return missing(&format!("the trace of transaction {index}"));
    }
    Ok(())
}

/// Whether a block is built on the one before it, where both say.
fn follows(height: u32, block: &Block, before: Option<(u32, [u8; 32])>) -> Result<(), EvmFault> {
    let parent = block.header.as_ref().and_then(|header| header.parent);
    match (parent, before) {
        (Some(parent), Some((at, hash))) if at + 1 == height && parent != hash => {
            Err(EvmFault::Parent {
                parent: shown(&parent),
                before: shown(&hash),
            })
        }
        _ => Ok(()),
    }
}

/// The block as the ledger keeps it, if its hash is told.
fn fact(height: u32, block: &Block) -> Option<BlockFact> {
    let header = block.header.as_ref()?;
    Some(BlockFact {
        height,
        hash: block.hash?,
        parent: header.parent,
        time: Timestamp::from_seconds(header.time).ok()?,
        transactions: u32::try_from(block.transactions.len()).ok()?,
    })
}

/// What was passed over, with counts.
fn left_out(told: &Told, rows: &Rows<'_>) -> Vec<String> {
    let said: BTreeMap<u8, (u64, &str)> = [
        (0, (rows.unknown_outcomes, "transactions without a receipt or a trace: whether they moved anything is not known, and nothing of them is taken")),
        (1, (told.things, "movements of things that are no amounts (ERC-721)")),
        (2, (told.odd, "logs that are called transfers and are of no form of a token")),
        (3, (told.vague_frames, "frames that do not say what they moved: transfers inside contracts are not complete")),
        (5, (told.unsure_tokens, "token transfers of which no table says whether they are amounts: export the logs as well")),
        (4, (rows.unpaid, "transactions whose price of gas is not told: their fees are missing")),
    ]
    .into();
    let said = said.into_values().filter(|(count, _)| *count > 0);
    said.map(|(count, what)| format!("{count} {what}"))
        .collect()
}

/// Addresses of accounts.
pub(crate) fn address(account: [u8; 20]) -> Address {
    Address::Evm(account)
}
