//! Holds what a source has told against itself, and makes the rows of it, block by block.
//!
//! Refused is what must not be mended by guessing: transactions without receipts where there are receipts, logs that
//! the header does not commit to, blocks that do not hang together, traces of another transaction. What a source
//! cannot tell at all is left out, said, and takes the promise to be complete away.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{BlockFact, Facts, TableRow, TokenFact};
use whither_ledger::time::Timestamp;

use super::bloom::Bloom;
use super::error::{EvmError, EvmFault};
use super::root::{self, Outcome};
use super::rows::Rows;
use super::told::{Block, Has, Told, Transaction, shown};
use super::{Account, has_mainnet_rules};
use crate::store::StoreError;

/// The rows of one block, and what else is known of it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) height: u32,
    pub(crate) rows: Vec<TableRow>,
    pub(crate) fact: Option<BlockFact>,
    /// Whether all of it is told, but for what moves inside contracts.
    pub(crate) whole: bool,
    /// Whether that is told as well.
    pub(crate) internal: bool,
}

/// Takes what becomes of a source.
pub(crate) trait Take {
    /// What accounts had before the first block, before all else.
    fn genesis(&mut self, rows: Vec<TableRow>) -> Result<(), StoreError>;
    /// A block; heights rise.
    fn block(&mut self, made: Made) -> Result<(), StoreError>;
}

/// Why a source was not taken.
#[derive(Debug)]
pub(crate) enum Untaken {
    /// What it tells.
    Told(EvmError),
    /// Where it was to be written.
    Store(StoreError),
}

impl From<StoreError> for Untaken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a source amounts to beside its rows.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    /// Gas and what is asked beside it, in wei, where that is known of all transactions.
    pub(crate) fees: Option<U256>,
    /// What of it was destroyed, in wei, where that is known of all blocks.
    pub(crate) burned: Option<U256>,
    /// What was left out, and why.
    pub(crate) left_out: Vec<String>,
    /// What it tells of tokens and contracts.
    pub(crate) facts: Facts,
}

/// Makes rows of what one source tells, which may come in parts: of blocks, the lower ones first.
#[derive(Debug)]
pub(crate) struct Settling {
    name: String,
    /// Of blocks at these heights alone, if any are named.
    heights: Option<RangeInclusive<u32>>,
    rows: Option<Rows>,
    /// Height, hash and time of the block before.
    before: Option<(u32, [u8; 32], i64)>,
    settled: Settled,
    has_receipts: bool,
    tokens: BTreeMap<Account, TokenFact>,
    contracts: BTreeSet<Account>,
    counts: LeftOut,
}

/// What parts told and no row has.
#[derive(Debug, Default)]
struct LeftOut {
    things: u64,
    odd: u64,
    vague_frames: u64,
    unsure_tokens: u64,
    strange: u64,
    /// Blocks whose headers tell nothing of their logs.
    uncommitted: u64,
}

impl Settling {
    pub(crate) fn new(name: &str, heights: Option<&RangeInclusive<u32>>) -> Self {
        Self {
            name: name.to_owned(),
            heights: heights.cloned(),
            rows: None,
            before: None,
            settled: Settled::default(),
            has_receipts: false,
            tokens: BTreeMap::new(),
            contracts: BTreeSet::new(),
            counts: LeftOut::default(),
        }
    }

    /// Makes rows of a part.
    pub(crate) fn take(&mut self, told: Told, to: &mut impl Take) -> Result<(), Untaken> {
        let has = told.has;
        let rows = self
            .rows
            .get_or_insert_with(|| Rows::new(&told.chain, &told.coin));
        let genesis = rows.genesis(&told.genesis);
        if !genesis.is_empty() {
            to.genesis(genesis)?;
        }
        for (height, block) in told.blocks {
            if self
                .heights
                .as_ref()
                .is_some_and(|heights| !heights.contains(&height))
            {
                continue;
            }
            let place = |fault| {
                let at = Some(format!("block {height}"));
                Untaken::Told(EvmError::new(&self.name, at, fault))
            };
            let has = if told.piecemeal {
                has_of(has, &block)
            } else {
                has
            };
            check(&told.chain, has, &block).map_err(place)?;
            follows(height, &block, self.before).map_err(place)?;
            let time = block.header.as_ref().map(|header| header.time);
            self.before = block
                .hash
                .zip(time)
                .map(|(hash, time)| (height, hash, time));
            self.counts.uncommitted += u64::from(has.logs && tells_nothing_of_logs(&block));
            let unknown = rows.unknown_outcomes;
            let made = rows.block(has, height, &block).map_err(place)?;
            let all = has.blocks && has.transactions && has.receipts && has.logs;
            self.settled.blocks += u64::from(block.header.is_some());
            self.settled.transactions +=
                u64::try_from(block.transactions.len()).unwrap_or(u64::MAX);
            to.block(Made {
                height,
                rows: made,
                fact: fact(height, &block),
                whole: all && block.header.is_some() && rows.unknown_outcomes == unknown,
                internal: has.traces && told.vague_frames == 0,
            })?;
        }
        self.has_receipts |= has.receipts;
        for (contract, fact) in told.tokens {
            let known = self.tokens.entry(contract).or_insert_with(|| fact.clone());
            // The earliest is kept: a contract may change its words.
            if fact < *known {
                *known = fact;
            }
        }
        self.contracts.extend(told.contracts);
        self.counts.things += told.things;
        self.counts.odd += told.odd;
        self.counts.vague_frames += told.vague_frames;
        self.counts.strange += told.strange;
        self.counts.unsure_tokens += told.unsure_tokens;
        Ok(())
    }

    /// What it all came to.
    pub(crate) fn finish(mut self) -> Settled {
        let Some(rows) = self.rows else {
            return self.settled;
        };
        let all_paid = self.has_receipts && rows.unpaid == 0 && rows.unreceipted == 0;
        self.settled.fees = all_paid.then_some(rows.fees);
        self.settled.burned = (all_paid && rows.unburned == 0).then_some(rows.burned);
        self.settled.left_out = left_out(&self.counts, &rows);
        self.settled.facts = Facts {
            blocks: Vec::new(),
            tokens: self.tokens.into_values().collect(),
            contracts: rows.contracts_and(self.contracts),
        };
        self.settled
    }
}

/// Whether what was told of one block goes together, so far as rows can be made of it.
pub(crate) fn check_block(told: &Told, height: u32) -> Result<(), EvmFault> {
    let missing = || EvmFault::Missing {
        what: "this block".to_owned(),
    };
    let block = told.blocks.get(&height).ok_or_else(missing)?;
    check(&told.chain, told.has, block)?;
    Rows::new(&told.chain, &told.coin)
        .block(told.has, height, block)
        .map(|_| ())
}

/// What is told of one block, where not all is told of each.
fn has_of(has: Has, block: &Block) -> Has {
    let any = |is_told: fn(&Transaction) -> bool| {
        block.transactions.is_empty() || block.transactions.values().any(is_told)
    };
    Has {
        receipts: has.receipts && any(|one| one.receipt.is_some()),
        logs: has.logs && any(|one| one.receipt.is_some() || !one.logs.is_empty()),
        traces: has.traces && any(|one| !one.frames.is_empty()),
        ..has
    }
}

/// Whether the parts of a block go together.
fn check(chain: &Chain, has: Has, block: &Block) -> Result<(), EvmFault> {
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
    if has.logs {
        check_logs(block)?;
        if has.receipts && has.transactions && has_mainnet_rules(chain) {
            check_root(block)?;
        }
    }
    let untraced = |(_, one): &(&u32, &Transaction)| one.frames.is_empty();
    if has.traces
        && let Some((index, _)) = block.transactions.iter().find(untraced)
    {
        return missing(&format!("the trace of transaction {index}"));
    }
    Ok(())
}

/// Whether a header has neither the filter of its logs nor the root of its receipts.
fn tells_nothing_of_logs(block: &Block) -> bool {
    let header = block
        .header
        .as_ref()
        .filter(|_| !block.transactions.is_empty());
    header.is_some_and(|header| header.bloom.is_none() && header.receipts_root.is_none())
}

/// Whether all logs are there, as far as their numbers and the header's filter tell.
fn check_logs(block: &Block) -> Result<(), EvmFault> {
    let (mut of_block, mut of_each) = (0, true);
    let mut gap = None;
    let mut bloom = Bloom::default();
    for transaction in block.transactions.values() {
        let mut indexes = transaction.logs.clone();
        indexes.sort_unstable();
        indexes.dedup();
        of_each &= (0..).zip(&indexes).all(|(place, index)| place == *index);
        for index in indexes {
            if index != of_block {
                gap.get_or_insert((of_block, index));
            }
            of_block = index.saturating_add(1);
        }
        if let Some(own) = &transaction.bloom {
            bloom.absorb(own);
        }
    }
    // Logs are numbered through a block; by some nodes through each transaction.
    if let Some((expected, found)) = gap.filter(|_| !of_each) {
        return Err(EvmFault::LogGap { expected, found });
    }
    let header = block.header.as_ref();
    match header.and_then(|header| header.bloom.as_ref()) {
        Some(known) if **known != bloom => Err(EvmFault::Bloom),
        _ => Ok(()),
    }
}

/// Whether receipts and logs are those that the header commits to, where all that goes into them is told.
fn check_root(block: &Block) -> Result<(), EvmFault> {
    let known = block
        .header
        .as_ref()
        .and_then(|header| header.receipts_root);
    let Some(known) = known else {
        return Ok(());
    };
    let mut gas = U256::ZERO;
    let mut receipts = Vec::with_capacity(block.transactions.len());
    for transaction in block.transactions.values() {
        let (Some(call), Some(receipt)) = (&transaction.call, &transaction.receipt) else {
            return Ok(());
        };
        let status = receipt.status.map(Outcome::Status);
        let outcome = status.or(receipt.state.map(Outcome::State));
        // The form of receipts of later types is not known yet.
        let kind = call.kind.filter(|kind| *kind <= 4);
        let (Some(outcome), Some(kind)) = (outcome, kind) else {
            return Ok(());
        };
        gas = gas
            .checked_add(receipt.gas_used)
            .ok_or(EvmFault::Overflow)?;
        let none = Bloom::default();
        let bloom = transaction.bloom.as_deref().unwrap_or(&none);
        let logs: Vec<u8> = transaction.encoded.values().flatten().copied().collect();
        receipts.push(root::receipt(kind, outcome, gas, bloom, &logs));
    }
    let found = root::of_list(&receipts);
    if found == known {
        return Ok(());
    }
    Err(EvmFault::ReceiptsRoot {
        found: shown(&found),
        known: shown(&known),
    })
}

/// Whether a block is built on the one before it, where both say.
fn follows(
    height: u32,
    block: &Block,
    before: Option<(u32, [u8; 32], i64)>,
) -> Result<(), EvmFault> {
    let before = before.filter(|(at, ..)| at.checked_add(1) == Some(height));
    let (Some(header), Some((_, hash, time))) = (&block.header, before) else {
        return Ok(());
    };
    match header.parent.filter(|parent| *parent != hash) {
        Some(parent) => Err(EvmFault::Parent {
            parent: shown(&parent),
            before: shown(&hash),
        }),
        None if header.time < time => Err(EvmFault::TimeRunsBack {
            time: header.time,
            before: time,
        }),
        None => Ok(()),
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
fn left_out(told: &LeftOut, rows: &Rows) -> Vec<String> {
    let said: BTreeMap<u8, (u64, &str)> = [
        (0, (rows.unknown_outcomes, "transactions without a receipt or a trace: whether they moved anything is not known, and nothing of them is taken")),
        (1, (told.things, "movements of things that are no amounts (ERC-721)")),
        (2, (told.odd, "logs that are called transfers and are of no form of a token")),
        (3, (told.vague_frames, "frames that do not say what they moved: transfers inside contracts are not complete")),
        (5, (told.unsure_tokens, "token transfers of which no table says whether they are amounts: export the logs as well")),
        (6, (told.uncommitted, "blocks whose headers tell nothing of their logs: one that is left out behind the others is not missed")),
        (7, (told.strange, "files or documents of no kind that is read")),
        (4, (rows.unpaid, "transactions of which it is not told what they paid: their fees are missing")),
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
