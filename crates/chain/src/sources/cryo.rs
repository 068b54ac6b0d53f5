//! Parquet files of cryo: a directory with blocks, transactions, logs and traces, each in files of a range of heights.
//!
//! A file's name says which table it is (`ethereum__logs__00000000_to_00000999.parquet`). Columns are read by name:
//! what a version of cryo leaves out by default is not asked for. `native_transfers` lists what failed and was undone,
//! so it moves nothing here; with traces it is not needed, and alone it is refused.

mod reading;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use whither_ledger::U256;
use whither_ledger::chain::Chain;
use whither_ledger::memory::RowKind;

use super::evm::bloom::Bloom;
use super::evm::hex::{decimal, short, small};
use super::evm::logs::{Log, Move};
use super::evm::told::Told;
use super::evm::{
    BareGas, Call, EvmError, EvmFault, Frame, FrameKind, Header, NamedAhead, Receipt,
};
use super::files::files_in;
use super::parquet::Batch;

pub(crate) use reading::Reading;

/// What a file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Blocks,
    Transactions,
    Logs,
    Erc20Transfers,
    Traces,
    NativeTransfers,
}

/// The table of a file, by its name; none of a file that is not read.
fn table_of(path: &Path) -> Option<Table> {
    let name = path.file_name()?.to_str()?;
    Some(match name.split("__").nth(1)? {
        "blocks" => Table::Blocks,
        "transactions" => Table::Transactions,
        "logs" => Table::Logs,
        "erc20_transfers" => Table::Erc20Transfers,
        "traces" => Table::Traces,
        "native_transfers" => Table::NativeTransfers,
        _ => return None,
    })
}

/// The heights a file's name says, as it writes them.
fn range_of(path: &Path) -> String {
    let name = path
        .file_stem()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.split("__").nth(2).unwrap_or_default().to_owned()
}

/// Whether a directory looks like one of this source's.
pub(crate) fn is_one(directory: &Path) -> bool {
    let files = files_in(directory, &["parquet"]).unwrap_or_default();
    files.iter().any(|path| table_of(path).is_some())
}

/// The files of one range of heights.
#[derive(Debug)]
pub(crate) struct Piece(Vec<(Table, PathBuf)>);

/// The pieces of a directory, in the order of their heights.
pub(crate) fn pieces(path: &Path) -> Result<Vec<Piece>, EvmError> {
    let name = path.display().to_string();
    let here = |fault| EvmError::new(&name, None, fault);
    let files = files_in(path, &["parquet"]).map_err(|error| here(EvmFault::Io(error)))?;
    let mut ranges: BTreeMap<String, Vec<(Table, PathBuf)>> = BTreeMap::new();
    for path in files {
        if let Some(table) = table_of(&path) {
            ranges
                .entry(range_of(&path))
                .or_default()
                .push((table, path));
        }
    }
    if ranges.is_empty() {
        return Err(here(EvmFault::NoTables));
    }
    Ok(ranges.into_values().map(Piece).collect())
}

/// Columns of a table: those that are read, those that must be there.
type Columns = (&'static [&'static str], &'static [&'static str]);

const BLOCKS: Columns = (
    &[
        "block_number",
        "block_hash",
        "parent_hash",
        "timestamp",
        "author",
        "base_fee_per_gas",
        "logs_bloom",
        "receipts_root",
        "chain_id",
    ],
    &["block_number", "timestamp"],
);

const TRANSACTIONS: Columns = (
    &[
        "block_number",
        "transaction_index",
        "transaction_hash",
        "from_address",
        "to_address",
        "value_binary",
        "value_string",
        "gas_limit",
        "gas_used",
        "gas_price",
        "transaction_type",
        "input",
        "success",
        "block_hash",
        "chain_id",
    ],
    &[
        "block_number",
        "transaction_index",
        "transaction_hash",
        "from_address",
        "success",
    ],
);

const LOGS: Columns = (
    &[
        "block_number",
        "transaction_index",
        "log_index",
        "transaction_hash",
        "address",
        "topic0",
        "topic1",
        "topic2",
        "topic3",
        "data",
        "block_hash",
        "chain_id",
    ],
    &[
        "block_number",
        "transaction_index",
        "log_index",
        "address",
        "topic0",
        "data",
    ],
);

const ERC20_TRANSFERS: Columns = (
    &[
        "block_number",
        "transaction_index",
        "log_index",
        "transaction_hash",
        "erc20",
        "from_address",
        "to_address",
        "value_binary",
        "value_string",
        "block_hash",
        "chain_id",
    ],
    &[
        "block_number",
        "transaction_index",
        "log_index",
        "erc20",
        "from_address",
        "to_address",
    ],
);

const TRACES: Columns = (
    &[
        "action_from",
        "action_to",
        "action_value",
        "action_call_type",
        "action_type",
        "result_address",
        "trace_address",
        "transaction_index",
        "transaction_hash",
        "block_number",
        "block_hash",
        "error",
        "subtraces",
        "chain_id",
    ],
    &[
        "action_type",
        "action_value",
        "trace_address",
        "block_number",
        "error",
    ],
);

/// The columns of a table.
fn columns(table: Table) -> Columns {
    match table {
        Table::Blocks => BLOCKS,
        Table::Transactions => TRANSACTIONS,
        Table::Logs => LOGS,
        Table::Erc20Transfers => ERC20_TRANSFERS,
        Table::Traces => TRACES,
        Table::NativeTransfers => (&[], &[]),
    }
}

struct Reader<'a> {
    wanted: Option<&'a Chain>,
    /// That of the rows before.
    chain: &'a mut Option<Chain>,
    told: &'a mut Option<Told>,
}

impl Reader<'_> {
    /// What was told so far, of the chain that a row is of.
    fn told(&mut self, batch: &Batch, row: usize) -> Result<&mut Told, EvmFault> {
        let found = batch.number("chain_id", row)?;
        let found = found
            .map(|id| u64::try_from(id).map(Chain::Evm))
            .transpose();
        let found = found.map_err(|_| EvmFault::NoChain)?;
        if self.told.is_none() {
            let known = self.wanted.or(self.chain.as_ref()).or(found.as_ref());
            let told = Told::new(known.ok_or(EvmFault::NoChain)?)?;
            *self.chain = Some(told.chain.clone());
            *self.told = Some(told);
        }
        let told = self.told.as_mut().expect("it was just made");
        match found.filter(|found| *found != told.chain) {
            Some(found) => Err(EvmFault::WrongChain {
                found,
                wanted: told.chain.clone(),
            }),
            None => Ok(told),
        }
    }

    fn row(&mut self, table: Table, batch: &Batch, row: usize) -> Result<(), EvmFault> {
        let told = self.told(batch, row)?;
        let height = small(need(batch.number("block_number", row)?, "block_number")?)?;
        if let Some(hash) = batch.fixed("block_hash", row)? {
            told.belongs(height, hash)?;
        }
        match table {
            Table::Blocks => block(told, height, batch, row),
            Table::Transactions => transaction(told, height, batch, row),
            Table::Logs => log(told, height, batch, row),
            Table::Erc20Transfers => erc20_transfer(told, height, batch, row),
            Table::Traces => trace(told, height, batch, row),
            Table::NativeTransfers => Ok(()),
        }
    }
}

fn need<T>(value: Option<T>, name: &'static str) -> Result<T, EvmFault> {
    value.ok_or(EvmFault::Empty(name))
}

/// A number that takes 256 bits: exact as bytes or as text. A column of floats is not read.
fn wide(batch: &Batch, row: usize) -> Result<U256, EvmFault> {
    if let Some(bytes) = batch.bytes("value_binary", row)? {
        let bytes: [u8; 32] = bytes
            .try_into()
            .map_err(|_| EvmFault::Empty("value_binary"))?;
        return Ok(U256::from_be_bytes(bytes));
    }
    need(batch.number("value_string", row)?, "value_binary")
}

fn block(told: &mut Told, height: u32, batch: &Batch, row: usize) -> Result<(), EvmFault> {
    let seconds = need(batch.number("timestamp", row)?, "timestamp")?;
    let bloom: Option<[u8; 256]> = batch.fixed("logs_bloom", row)?;
    told.header(
        height,
        Header {
            hash: batch.fixed("block_hash", row)?,
            parent: batch.fixed("parent_hash", row)?,
            time: i64::try_from(seconds).map_err(|_| EvmFault::TooLarge(seconds.to_string()))?,
            miner: batch.fixed("author", row)?,
            base_fee: batch.number("base_fee_per_gas", row)?,
            transactions: None,
            bloom: bloom.map(|bloom| Box::new(Bloom(bloom))),
            receipts_root: batch.fixed("receipts_root", row)?,
            // cryo does not write them.
            withdrawals: Vec::new(),
        },
    )
}

/// A transaction, and with `gas_used` and `success` what its receipt says.
fn transaction(told: &mut Told, height: u32, batch: &Batch, row: usize) -> Result<(), EvmFault> {
    let index = small(need(
        batch.number("transaction_index", row)?,
        "transaction_index",
    )?)?;
    let hash = need(batch.fixed("transaction_hash", row)?, "transaction_hash")?;
    // The price that was paid, as nodes answer it of a transaction that stands in a block.
    let price = batch.number("gas_price", row)?;
    let kind = batch.number("transaction_type", row)?;
    let kind = kind.and_then(|kind| u8::try_from(kind).ok());
    let input = batch.bytes("input", row)?;
    told.call(
        (height, index),
        Call {
            kind,
            bare_gas: input.and_then(|input| BareGas::of(kind, &input, NamedAhead::Untold)),
            hash,
            from: need(batch.fixed("from_address", row)?, "from_address")?,
            to: batch.fixed("to_address", row)?,
            value: wide(batch, row)?,
            gas_limit: batch.number("gas_limit", row)?,
            gas_price: price,
        },
    )?;
    let Some(gas_used) = batch.number("gas_used", row)? else {
        return Ok(());
    };
    told.receipt(
        (height, index),
        Some(hash),
        Receipt {
            gas_used,
            price,
            status: batch.flag("success", row),
            state: None,
            created: None,
            beside_gas: U256::ZERO,
        },
    )
}

fn log(told: &mut Told, height: u32, batch: &Batch, row: usize) -> Result<(), EvmFault> {
    told.has.logs = true;
    let mut topics: Vec<[u8; 32]> = Vec::with_capacity(4);
    for name in ["topic0", "topic1", "topic2", "topic3"] {
        match batch.fixed(name, row)? {
            Some(topic) => topics.push(topic),
            None => break,
        }
    }
    let data = batch.bytes("data", row)?.unwrap_or_default();
    let log = Log {
        index: small(need(batch.number("log_index", row)?, "log_index")?)?,
        address: need(batch.fixed("address", row)?, "address")?,
        topics: &topics,
        data: &data,
    };
    let index = small(need(
        batch.number("transaction_index", row)?,
        "transaction_index",
    )?)?;
    told.log((height, index), batch.fixed("transaction_hash", row)?, &log)
}

fn erc20_transfer(told: &mut Told, height: u32, batch: &Batch, row: usize) -> Result<(), EvmFault> {
    let index = small(need(
        batch.number("transaction_index", row)?,
        "transaction_index",
    )?)?;
    let contract = need(batch.fixed("erc20", row)?, "erc20")?;
    told.contracts.insert(contract);
    let moved = Move {
        index: small(need(batch.number("log_index", row)?, "log_index")?)?,
        contract,
        from: need(batch.fixed("from_address", row)?, "from_address")?,
        to: need(batch.fixed("to_address", row)?, "to_address")?,
        amount: wide(batch, row)?,
        kind: RowKind::Transfer,
    };
    told.moved(
        (height, index),
        batch.fixed("transaction_hash", row)?,
        moved,
    )
}

fn trace(told: &mut Told, height: u32, batch: &Batch, row: usize) -> Result<(), EvmFault> {
    let word = need(batch.text("action_type", row)?, "action_type")?;
    let value = batch.text("action_value", row)?.map(decimal).transpose()?;
    let to = batch.fixed("action_to", row)?;
    if word == "reward" {
        let author = need(to.or(batch.fixed("action_from", row)?), "action_to")?;
        told.reward(height, author, value.unwrap_or(U256::ZERO));
        return Ok(());
    }
    let call = batch.text("action_call_type", row)?;
    let word = call
        .filter(|call| word == "call" && !call.is_empty())
        .unwrap_or(word);
    let kind = FrameKind::of(word).ok_or_else(|| EvmFault::FrameKind(short(word)))?;
    let path = batch.text("trace_address", row)?.unwrap_or_default();
    let steps = path.split('_').filter(|step| !step.is_empty());
    let path: Vec<u32> = steps
        .map(|step| small(decimal(step)?))
        .collect::<Result<_, _>>()?;
    let created = batch.fixed("result_address", row)?;
    let index = need(batch.number("transaction_index", row)?, "transaction_index")?;
    told.frame(
        (height, small(index)?),
        batch.fixed("transaction_hash", row)?,
        Frame {
            path,
            kind,
            from: batch.fixed("action_from", row)?,
            to: if kind == FrameKind::Create {
                created
            } else {
                to
            },
            value,
            failed: batch
                .text("error", row)?
                .is_some_and(|error| !error.is_empty()),
            children: batch.number("subtraces", row)?.map(small).transpose()?,
        },
    )
}
