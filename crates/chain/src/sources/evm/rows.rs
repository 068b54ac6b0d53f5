//! The rows of a block: what each transaction paid and moved, and what the block itself made.
//!
//! Coins move by frames where there are traces, else by the transaction's own value alone. A coin's place is its
//! number among the frames that move any, which every tracer gives alike, whatever else it lists. What a block
//! makes stands behind its transactions, in transactions of its own: `row:reward-N`, `row:withdrawals-N`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{RowKind, TableRow};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::error::EvmFault;
use super::frames;
use super::settle::address;
use super::told::{Block, Has, Transaction};
use super::{Account, Frame, FrameKind, has_mainnet_rules};

const NOBODY: Account = [0; 20];
/// No chain's coin has amounts of more bits: of ether there are fewer than 2^90 wei.
const COIN_BITS: usize = 127;

/// Makes rows, block by block.
#[derive(Debug)]
pub(super) struct Rows {
    chain: Chain,
    coin: Asset,
    assets: HashMap<Account, Asset>,
    contracts: BTreeSet<Account>,
    pub(super) fees: U256,
    pub(super) burned: U256,
    /// Transactions of which nobody says whether they succeeded.
    pub(super) unknown_outcomes: u64,
    /// Transactions of which nobody says what they paid.
    pub(super) unpaid: u64,
    /// Transactions without a receipt.
    pub(super) unreceipted: u64,
    /// Blocks of which nobody says what they destroyed.
    pub(super) unburned: u64,
}

/// Where rows stand.
#[derive(Clone, Debug)]
struct At {
    id: TransactionId,
    height: u32,
    index: u32,
    time: Timestamp,
}

impl Rows {
    pub(super) fn new(chain: &Chain, coin: &Asset) -> Self {
        Self {
            chain: chain.clone(),
            coin: coin.clone(),
            assets: HashMap::new(),
            contracts: BTreeSet::new(),
            fees: U256::ZERO,
            burned: U256::ZERO,
            unknown_outcomes: 0,
            unpaid: 0,
            unreceipted: 0,
            unburned: 0,
        }
    }

    /// The contracts that frames showed, and others.
    pub(super) fn contracts_and(self, others: BTreeSet<Account>) -> BTreeSet<Address> {
        self.contracts
            .into_iter()
            .chain(others)
            .map(address)
            .collect()
    }

    /// The rows of one block.
    pub(super) fn block(
        &mut self,
        has: Has,
        height: u32,
        block: &Block,
    ) -> Result<Vec<TableRow>, EvmFault> {
        let seconds = block.header.as_ref().map_or(0, |header| header.time);
        let time = Timestamp::from_seconds(seconds).map_err(|_| EvmFault::Time(seconds))?;
        let mut rows = Vec::new();
        let count = u32::try_from(block.transactions.len()).unwrap_or(u32::MAX);
        let (mut paid, mut all_paid) = (Paid::default(), has.receipts);
        for (index, transaction) in &block.transactions {
            let hash = transaction.hash.ok_or_else(|| EvmFault::Missing {
                what: format!("the hash of transaction {index}"),
            })?;
            let at = At {
                id: TransactionId::Hash(hash),
                height,
                index: *index,
                time,
            };
            all_paid &= self.fee(&at, transaction, block, &mut paid, &mut rows)?;
            self.coins(has, &at, transaction, &mut rows)?;
            self.tokens(&at, transaction, &mut rows)?;
        }
        self.fees = sum(self.fees, paid.fees)?;
        // What a block makes is known of these alone.
        let tipped = has_mainnet_rules(&self.chain);
        let header = block.header.as_ref().filter(|_| tipped && has.transactions);
        let mut made: Vec<(Account, U256)> = Vec::new();
        if let Some(header) = header.filter(|_| all_paid) {
            self.burned = sum(self.burned, paid.burned)?;
            made.extend(header.miner.map(|miner| (miner, paid.tips)));
        } else {
            self.unburned += 1;
        }
        made.extend_from_slice(&block.rewards);
        let at = |name: &str, index| At {
            id: TransactionId::Other(format!("row:{name}-{height}").into()),
            height,
            index,
            time,
        };
        self.made(&at("reward", count), &made, &mut rows);
        let withdrawals = block.header.iter().flat_map(|header| &header.withdrawals);
        let withdrawals: Vec<(Account, U256)> = withdrawals.copied().collect();
        let after = at("withdrawals", count.saturating_add(1));
        self.made(&after, &withdrawals, &mut rows);
        Ok(rows)
    }

    /// What accounts had before the first block: in one transaction before all others. Its time is not told, and
    /// the same whoever tells of it.
    pub(super) fn genesis(&self, known: &BTreeMap<Account, U256>) -> Vec<TableRow> {
        let at = At {
            id: TransactionId::Other("row:genesis".into()),
            height: 0,
            index: 0,
            time: Timestamp::from(0),
        };
        let known: Vec<(Account, U256)> = known.iter().map(|(one, had)| (*one, *had)).collect();
        let mut rows = Vec::new();
        self.made(&at, &known, &mut rows);
        // No source tells of all: a place among those it tells of would be no place.
        rows.iter_mut().for_each(|row| row.log_index = None);
        rows
    }

    /// What is made out of nothing.
    fn made(&self, at: &At, made: &[(Account, U256)], rows: &mut Vec<TableRow>) {
        for (place, (account, amount)) in (0..).zip(made) {
            if !amount.is_zero() && *account != NOBODY {
                let row = self.row(at, RowKind::Transfer, NOBODY, *account, *amount);
                rows.push(TableRow {
                    log_index: Some(place),
                    ..row
                });
            }
        }
    }

    /// A row of the chain's coin.
    fn row(&self, at: &At, kind: RowKind, from: Account, to: Account, amount: U256) -> TableRow {
        TableRow {
            transaction: Some(at.id.clone()),
            height: Some(at.height),
            index: Some(at.index),
            time: at.time,
            log_index: None,
            kind,
            from: address(from),
            to: address(to),
            asset: self.coin.clone(),
            amount,
        }
    }

    /// Gas; whether what the miner got of it is known.
    fn fee(
        &mut self,
        at: &At,
        transaction: &Transaction,
        block: &Block,
        paid: &mut Paid,
        rows: &mut Vec<TableRow>,
    ) -> Result<bool, EvmFault> {
        let (Some(receipt), Some(call)) = (&transaction.receipt, &transaction.call) else {
            if transaction.receipt.is_some() {
                self.unpaid += 1;
            } else {
                self.unreceipted += 1;
            }
            return Ok(false);
        };
        let ran = call
            .bare_gas
            .is_some_and(|bare| bare.is_exceeded_by(receipt.gas_used));
        if let Some(to) = call.to.filter(|_| ran) {
            self.contracts.insert(to);
        }
        let Some(price) = receipt.price.or(call.gas_price) else {
            self.unpaid += 1;
            return Ok(false);
        };
        let base = block.header.as_ref().and_then(|header| header.base_fee);
        let base = base.unwrap_or(U256::ZERO);
        let gas = product(receipt.gas_used, price)?;
        let fee = sum(gas, receipt.beside_gas)?;
        let tip = price.checked_sub(base);
        let destroyed = sum(
            product(receipt.gas_used, base.min(price))?,
            receipt.beside_gas,
        )?;
        paid.fees = sum(paid.fees, fee)?;
        paid.burned = sum(paid.burned, destroyed)?;
        paid.tips = sum(
            paid.tips,
            product(receipt.gas_used, tip.unwrap_or(U256::ZERO))?,
        )?;
        if !fee.is_zero() {
            rows.push(self.row(at, RowKind::Fee, call.from, call.from, fee));
        }
        Ok(true)
    }

    fn coins(
        &mut self,
        has: Has,
        at: &At,
        transaction: &Transaction,
        rows: &mut Vec<TableRow>,
    ) -> Result<(), EvmFault> {
        let frames = transaction.frames.iter().filter(|frame| !frame.failed);
        let values = frames.filter_map(|frame| frame.value);
        let values = values.chain(transaction.call.as_ref().map(|call| call.value));
        // A call that fails may name any value; one that succeeds had it.
        let had = transaction
            .receipt
            .as_ref()
            .and_then(|receipt| receipt.status)
            != Some(false);
        if let Some(value) = values
            .filter(|value| had && value.bit_len() > COIN_BITS)
            .max()
        {
            return Err(EvmFault::Coins(value.to_string()));
        }
        if has.traces {
            return self.frames(at, transaction, rows);
        }
        let Some(call) = &transaction.call else {
            return Ok(());
        };
        match outcome(transaction) {
            Some(true) => {}
            Some(false) => return Ok(()),
            None => {
                self.unknown_outcomes += 1;
                return Ok(());
            }
        }
        let created = transaction
            .receipt
            .as_ref()
            .and_then(|receipt| receipt.created);
        match call.to.or(created) {
            _ if call.value.is_zero() => {}
            None => {
                return Err(EvmFault::Missing {
                    what: format!("the contract that transaction {} created", at.index),
                });
            }
            Some(to) => {
                let row = self.row(at, RowKind::Transfer, call.from, to, call.value);
                rows.push(TableRow {
                    log_index: Some(0),
                    ..row
                });
            }
        }
        Ok(())
    }

    /// Coins that frames move, in the order in which they do.
    fn frames(
        &mut self,
        at: &At,
        transaction: &Transaction,
        rows: &mut Vec<TableRow>,
    ) -> Result<(), EvmFault> {
        let mut frames: Vec<&Frame> = transaction.frames.iter().collect();
        frames.sort_by(|a, b| a.path.cmp(&b.path));
        let repeats = frames
            .windows(2)
            .find(|pair| pair[0].path == pair[1].path && pair[0] != pair[1]);
        if repeats.is_some() {
            return Err(EvmFault::Twice {
                what: format!("a frame of transaction {}", at.index),
            });
        }
        frames.dedup();
        self.is_of(at, transaction, &frames)?;
        frames::are_whole(at.index, &frames)?;
        // The outermost frame that failed: all within it is undone.
        let mut failed: Option<&[u32]> = None;
        let mut place = 0;
        for frame in frames {
            if failed.is_some_and(|outer| frame.path.starts_with(outer)) {
                continue;
            }
            if frame.failed {
                failed = Some(&frame.path);
                continue;
            }
            let (Some(from), Some(to)) = (frame.from, frame.to) else {
                continue;
            };
            if frame.kind == FrameKind::Create {
                self.contracts.insert(to);
            }
            if !frame.path.is_empty() {
                self.contracts.insert(from);
            }
            let value = frame.value.unwrap_or(U256::ZERO);
            if frame.kind == FrameKind::Borrowed || value.is_zero() {
                continue;
            }
            let row = self.row(at, RowKind::Transfer, from, to, value);
            rows.push(TableRow {
                log_index: Some(place),
                ..row
            });
            place += 1;
        }
        Ok(())
    }

    /// Whether the frames are those of the transaction.
    fn is_of(&self, at: &At, transaction: &Transaction, frames: &[&Frame]) -> Result<(), EvmFault> {
        let (Some(call), Some(top)) = (&transaction.call, frames.first()) else {
            return Ok(());
        };
        let differs =
            |what, found: String, known: String| Err(EvmFault::Differs { what, found, known });
        if !top.path.is_empty() {
            return Err(EvmFault::Missing {
                what: format!("the outermost frame of transaction {}", at.index),
            });
        }
        if let Some(from) = top.from.filter(|from| *from != call.from) {
            return differs(
                "the sender in its trace",
                super::told::shown(&from),
                super::told::shown(&call.from),
            );
        }
        if let (Some(to), Some(called)) = (top.to.filter(|_| top.kind == FrameKind::Call), call.to)
            && to != called
        {
            return differs(
                "the receiver in its trace",
                super::told::shown(&to),
                super::told::shown(&called),
            );
        }
        let status = transaction
            .receipt
            .as_ref()
            .and_then(|receipt| receipt.status);
        if status == Some(top.failed) {
            let word = |ok: bool| if ok { "it succeeded" } else { "it failed" }.to_owned();
            return differs(
                "the outcome in its trace",
                word(!top.failed),
                word(top.failed),
            );
        }
        match top.value.unwrap_or(U256::ZERO) {
            value if value != call.value => differs(
                "the value in its trace",
                value.to_string(),
                call.value.to_string(),
            ),
            _ => Ok(()),
        }
    }

    fn tokens(
        &mut self,
        at: &At,
        transaction: &Transaction,
        rows: &mut Vec<TableRow>,
    ) -> Result<(), EvmFault> {
        let mut moves = transaction.moves.clone();
        moves.sort_by_key(|moved| (moved.index, moved.contract));
        moves.dedup();
        let twice = moves.windows(2).find(|pair| pair[0].index == pair[1].index);
        if let Some(pair) = twice {
            return Err(EvmFault::Twice {
                what: format!("log {}", pair[0].index),
            });
        }
        for moved in moves {
            let asset = self.token(moved.contract);
            let row = self.row(at, moved.kind, moved.from, moved.to, moved.amount);
            rows.push(TableRow {
                log_index: Some(moved.index),
                asset,
                ..row
            });
        }
        Ok(())
    }

    fn token(&mut self, contract: Account) -> Asset {
        let chain = &self.chain;
        let made = || Asset::erc20(chain, contract).expect("the chain is of Ethereum's kind");
        self.assets.entry(contract).or_insert_with(made).clone()
    }
}

/// What the transactions of a block paid, in wei.
#[derive(Debug, Default)]
struct Paid {
    fees: U256,
    burned: U256,
    tips: U256,
}

/// Whether a transaction without a trace succeeded. Before Byzantium receipts do not say; then one that left gas
/// over, or whose logs stand, did not fail, since a failure took all gas and undid all logs.
fn outcome(transaction: &Transaction) -> Option<bool> {
    let receipt = transaction.receipt.as_ref()?;
    let has_left_gas = || {
        let limit = transaction.call.as_ref()?.gas_limit?;
        (receipt.gas_used < limit || !transaction.logs.is_empty()).then_some(true)
    };
    receipt.status.or_else(has_left_gas)
}

fn sum(a: U256, b: U256) -> Result<U256, EvmFault> {
    a.checked_add(b).ok_or(EvmFault::Overflow)
}

fn product(a: U256, b: U256) -> Result<U256, EvmFault> {
    a.checked_mul(b).ok_or(EvmFault::Overflow)
}
