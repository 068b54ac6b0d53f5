//! Tables of ethereum-etl: a directory with blocks, transactions, receipts, logs and traces together, in CSV or
//! lines of JSON, however they are cut into files. A table is known by its columns.
//!
//! Token transfers alone mix amounts with the numbers of things; where logs are there, they say which is which, and
//! where they are not, only tokens that are known to be amounts are taken. Traces of geth's tracers name no
//! transaction; block and index do.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::known_tokens::known;
use whither_ledger::memory::{RowKind, TokenFact};

use super::evm::bloom::Bloom;
use super::evm::cells::{self, Cells, Names};
use super::evm::hex::{bytes, decimal, fixed, short, small};
use super::evm::logs::{Log, Move};
use super::evm::told::Told;
use super::evm::{
    Account, BareGas, Call, EvmError, EvmFault, Frame, FrameKind, Hash, Header, NamedAhead, Receipt,
};
use super::files::{Hashing, files_in};

/// What a table is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    // In the order in which they are read.
    Tokens,
    Contracts,
    Blocks,
    Transactions,
    Receipts,
    Logs,
    TokenTransfers,
    Traces,
}

impl Table {
    /// The table that has these columns.
    fn of(names: &Names) -> Option<Self> {
        let has = |wanted: &[&str]| {
            wanted
                .iter()
                .all(|one| names.iter().any(|name| name == one))
        };
        [
            (
                Self::Traces,
                &["trace_type", "trace_address", "from_address"][..],
            ),
            (Self::Logs, &["log_index", "topics", "data"]),
            (
                Self::TokenTransfers,
                &["token_address", "log_index", "value"],
            ),
            (
                Self::Blocks,
                &["number", "hash", "parent_hash", "timestamp"],
            ),
            (
                Self::Transactions,
                &["hash", "nonce", "from_address", "value"],
            ),
            (
                Self::Receipts,
                &["transaction_hash", "cumulative_gas_used", "gas_used"],
            ),
            (Self::Tokens, &["address", "symbol", "decimals"]),
            (Self::Contracts, &["address", "bytecode"]),
        ]
        .into_iter()
        .find(|(_, wanted)| has(wanted))
        .map(|(table, _)| table)
    }
}

/// Whether a directory looks like one of this source's.
pub(crate) fn is_one(directory: &Path) -> bool {
    let Ok(paths) = files_in(directory, &["csv", "json", "jsonl"]) else {
        return false;
    };
    paths.iter().any(|path| {
        let table = File::open(path)
            .ok()
            .and_then(|file| table_of(file, "").ok());
        table
            .flatten()
            .is_some_and(|table| table != Table::Contracts)
    })
}

fn table_of(file: File, name: &str) -> Result<Option<Table>, EvmError> {
    let mut found = None;
    let begin = |names: &Names| {
        found = Table::of(names);
        Ok(false)
    };
    cells::read(file, name, begin, |_| Ok(()))?;
    Ok(found)
}

/// Reads all tables of a directory; their digest is that of their files' hashes.
pub(crate) fn read(
    path: &Path,
    chain: Option<&Chain>,
    tell: &dyn Fn(&Path),
) -> Result<(Told, [u8; 32]), EvmError> {
    let name = path.display().to_string();
    let here = |fault| EvmError::new(&name, None, fault);
    let chain = chain.ok_or_else(|| here(EvmFault::NoChain))?;
    let mut told = Told::new(chain).map_err(here)?;
    let mut tables: Vec<(Table, PathBuf)> = Vec::new();
    for path in
        files_in(path, &["csv", "json", "jsonl"]).map_err(|error| here(EvmFault::Io(error)))?
    {
        let name = path.display().to_string();
        let file =
            File::open(&path).map_err(|error| EvmError::new(&name, None, EvmFault::Io(error)))?;
        if let Some(table) = table_of(file, &name)? {
            tables.push((table, path));
        } else {
            told.strange += 1;
        }
    }
    if tables.is_empty() {
        return Err(here(EvmFault::NoTables));
    }
    tables.sort();
    let has_logs = tables.iter().any(|(table, _)| *table == Table::Logs);
    let mut reader = Reader {
        has_logs,
        amounts: BTreeSet::new(),
        unsure: 0,
        told: &mut told,
    };
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    for (table, path) in &tables {
        tell(path);
        let name = path.display().to_string();
        let io = |error| EvmError::new(&name, None, EvmFault::Io(error));
        let mut file = Hashing::new(File::open(path).map_err(io)?);
        cells::read(
            &mut file,
            &name,
            |_| Ok(true),
            |row| reader.row(*table, row),
        )?;
        hashes.push(file.finish().map_err(io)?);
    }
    let unsure = reader.unsure;
    told.unsure_tokens = unsure;
    hashes.sort_unstable();
    let mut digest = Sha256::new();
    hashes.iter().for_each(|hash| digest.update(hash));
    Ok((told, digest.finalize().into()))
}

struct Reader<'a> {
    has_logs: bool,
    /// Contracts whose transfers are amounts, as tables say.
    amounts: BTreeSet<Account>,
    /// Transfers of which nothing says whether they are amounts.
    unsure: u64,
    told: &'a mut Told,
}

impl Reader<'_> {
    fn row(&mut self, table: Table, row: &Cells<'_>) -> Result<(), EvmFault> {
        match table {
            Table::Tokens => self.token(row),
            Table::Contracts => self.contract(row),
            Table::Blocks => self.block(row),
            Table::Transactions => self.transaction(row),
            Table::Receipts => self.receipt(row),
            Table::Logs => self.log(row),
            Table::TokenTransfers => self.token_transfer(row),
            Table::Traces => self.trace(row),
        }
    }

    fn token(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        let contract = row.needed_account("address")?;
        let asset = Asset::erc20(&self.told.chain, contract);
        let decimals = row.get("decimals").and_then(|text| decimal(&text).ok());
        let decimals = decimals.and_then(|number| u8::try_from(number).ok());
        let fact = TokenFact {
            asset: asset.expect("the chain is of Ethereum's kind"),
            height: row.number("block_number")?.map(small).transpose()?,
            symbol: row.get("symbol").map(|text| words(&text)),
            name: row.get("name").map(|text| words(&text)),
            decimals: decimals.filter(|decimals| *decimals <= 36),
        };
        if fact.decimals.is_some_and(|decimals| decimals > 0) {
            self.amounts.insert(contract);
        }
        self.told.token(contract, fact)
    }

    fn contract(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        let contract = row.needed_account("address")?;
        let is = |name| {
            row.get(name)
                .is_some_and(|text| text.eq_ignore_ascii_case("true"))
        };
        if is("is_erc20") && !is("is_erc721") {
            self.amounts.insert(contract);
        }
        self.told.contracts.insert(contract);
        Ok(())
    }

    fn block(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        let height = row.index("number")?;
        let seconds = row.needed_number("timestamp")?;
        let bloom = row.get("logs_bloom").map(|text| fixed(&text)).transpose()?;
        self.told.header(
            height,
            Header {
                hash: Some(row.needed_hash("hash")?),
                parent: row.hash("parent_hash")?,
                time: i64::try_from(seconds)
                    .map_err(|_| EvmFault::TooLarge(seconds.to_string()))?,
                miner: row.account("miner")?,
                base_fee: row.number("base_fee_per_gas")?,
                transactions: row.number("transaction_count")?.map(small).transpose()?,
                bloom: bloom.map(|bloom| Box::new(Bloom(bloom))),
                receipts_root: row.hash("receipts_root")?,
                withdrawals: withdrawals(row)?,
            },
        )
    }

    fn transaction(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        let height = row.index("block_number")?;
        self.belongs(height, row)?;
        let place = (height, row.index("transaction_index")?);
        let hash = row.needed_hash("hash")?;
        let kind = row.number("transaction_type")?;
        let kind = kind.and_then(|kind| u8::try_from(kind).ok());
        let input = row.get("input").map(|text| bytes(&text)).transpose()?;
        let call = Call {
            kind,
            bare_gas: input.and_then(|input| BareGas::of(kind, &input, NamedAhead::Untold)),
            hash,
            from: row.needed_account("from_address")?,
            to: row.account("to_address")?,
            value: row.needed_number("value")?,
            gas_limit: row.number("gas")?,
            gas_price: row.number("gas_price")?,
        };
        self.told.call(place, call)?;
        // Joined tables carry the receipt beside the transaction.
        match row.number("receipt_gas_used")? {
            Some(gas_used) => {
                let receipt = receipt_of(row, gas_used, "receipt_")?;
                self.told.receipt(place, Some(hash), receipt)
            }
            None => Ok(()),
        }
    }

    fn receipt(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        let height = row.index("block_number")?;
        self.belongs(height, row)?;
        let place = (height, row.index("transaction_index")?);
        let hash = row.needed_hash("transaction_hash")?;
        let gas_used = row.needed_number("gas_used")?;
        self.told
            .receipt(place, Some(hash), receipt_of(row, gas_used, "")?)
    }

    fn belongs(&mut self, height: u32, row: &Cells<'_>) -> Result<(), EvmFault> {
        match row.hash("block_hash")? {
            Some(hash) => self.told.belongs(height, hash),
            None => Ok(()),
        }
    }

    fn log(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        self.told.has.logs = true;
        let height = row.index("block_number")?;
        self.belongs(height, row)?;
        let topics: Vec<Hash> = row
            .list("topics")?
            .iter()
            .map(|topic| fixed(topic))
            .collect::<Result<_, _>>()?;
        let data = row
            .get("data")
            .map_or(Ok(Vec::new()), |text| bytes(&text))?;
        let log = Log {
            index: row.index("log_index")?,
            address: row.needed_account("address")?,
            topics: &topics,
            data: &data,
        };
        let place = (height, row.index("transaction_index")?);
        self.told.log(place, row.hash("transaction_hash")?, &log)
    }

    /// Where logs are there, they tell the same and more.
    fn token_transfer(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        if self.has_logs {
            return Ok(());
        }
        let contract = row.needed_account("token_address")?;
        let asset = Asset::erc20(&self.told.chain, contract);
        if !self.amounts.contains(&contract) && asset.as_ref().and_then(known).is_none() {
            self.unsure += 1;
            return Ok(());
        }
        let moved = Move {
            index: row.index("log_index")?,
            contract,
            from: row.needed_account("from_address")?,
            to: row.needed_account("to_address")?,
            amount: row.needed_number("value")?,
            kind: RowKind::Transfer,
        };
        let height = row.index("block_number")?;
        self.told
            .moved_by_hash(height, row.needed_hash("transaction_hash")?, moved)
    }

    fn trace(&mut self, row: &Cells<'_>) -> Result<(), EvmFault> {
        let height = row.index("block_number")?;
        let word = row.need("trace_type")?;
        let (from, to) = (row.account("from_address")?, row.account("to_address")?);
        let value = row.number("value")?;
        match (&*word, to, value) {
            ("reward", Some(author), Some(value)) => {
                self.told.reward(height, author, value);
                return Ok(());
            }
            ("genesis", Some(account), Some(value)) => {
                return self.told.genesis(account, value);
            }
            ("daofork", ..) => {
                return Err(EvmFault::FrameKind(short(&word)));
            }
            _ => {}
        }
        let word = match row.get("call_type") {
            Some(call) if word == "call" => call,
            _ => word,
        };
        let kind = FrameKind::of(&word).ok_or_else(|| EvmFault::FrameKind(short(&word)))?;
        let path = row.list("trace_address")?;
        let path: Vec<u32> = path
            .iter()
            .map(|step| small(decimal(step)?))
            .collect::<Result<_, _>>()?;
        let is_vague = kind == FrameKind::Destroy && (value.is_none() || to.is_none());
        self.told.vague_frames += u64::from(is_vague);
        let failed =
            row.get("error").is_some() || row.get("status").is_some_and(|text| text == "0");
        let place = (height, row.index("transaction_index")?);
        self.told.frame(
            place,
            row.hash("transaction_hash")?,
            Frame {
                path,
                kind,
                from,
                to,
                value,
                failed,
                children: row.number("subtraces")?.map(small).transpose()?,
            },
        )
    }
}

fn receipt_of(row: &Cells<'_>, gas_used: U256, prefix: &str) -> Result<Receipt, EvmFault> {
    let number = |name: &str| row.number(&format!("{prefix}{name}"));
    let blobs = match (number("blob_gas_used")?, number("blob_gas_price")?) {
        (Some(used), Some(price)) => used.checked_mul(price).ok_or(EvmFault::Overflow)?,
        _ => U256::ZERO,
    };
    let roll_up = number("l1_fee")?.unwrap_or(U256::ZERO);
    let status = number("status")?;
    Ok(Receipt {
        gas_used,
        price: number("effective_gas_price")?,
        status: status.map(|status| !status.is_zero()),
        state: row.hash(&format!("{prefix}root"))?,
        created: row.account(&format!("{prefix}contract_address"))?,
        beside_gas: blobs.checked_add(roll_up).ok_or(EvmFault::Overflow)?,
    })
}

/// What the beacon chain credits: objects, in CSV without the brackets around them. Amounts are gwei.
fn withdrawals(row: &Cells<'_>) -> Result<Vec<(Account, U256)>, EvmFault> {
    #[derive(serde::Deserialize)]
    struct Withdrawal {
        address: String,
        amount: u64,
    }
    let Some(text) = row.get("withdrawals") else {
        return Ok(Vec::new());
    };
    let text = if text.starts_with('[') {
        text.into_owned()
    } else {
        format!("[{text}]")
    };
    let listed: Vec<Withdrawal> =
        serde_json::from_str(&text).map_err(|error| EvmFault::Json(error.to_string()))?;
    let wei = |gwei: u64| U256::from(gwei).saturating_mul(U256::from(1_000_000_000_u64));
    let one = |one: &Withdrawal| Ok((fixed(&one.address)?, wei(one.amount)));
    listed.iter().map(one).collect()
}

/// A token's word on itself, cut where it is longer than any name: it is hostile, and stays data.
fn words(text: &str) -> String {
    text.chars().take(256).collect()
}
