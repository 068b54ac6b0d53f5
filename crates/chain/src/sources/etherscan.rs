//! What Etherscan and its kin export of an account: CSV of both generations, and the API's JSON; normal, internal and
//! token transfers.
//!
//! Headers are matched by pattern: the coin's name stands in them, and in one a live price. Amounts in CSV are decimals
//! with separators, and those of tokens come without the token's decimals: only well-known tokens can be read exactly,
//! and others are left out and counted. Two equal transfers in one transaction are two: none has a log index.

use std::path::Path;

use serde_json::Value;
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::amount::{Rounding, parse_decimal};
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::known_tokens::known;
use whither_ledger::memory::{RowKind, TokenFact};

use super::evm::cells::{self, Cells};
use super::evm::hex::{decimal, short, small};
use super::evm::{EvmError, EvmFault, FrameKind, json};
use super::explorer::{Export, Moment, time};

const NO_DECIMALS: &str =
    "transfers of tokens whose decimals the export does not tell: take the API's JSON";
const THINGS: &str = "movements of things that are no amounts (ERC-721)";

/// Coins of the chain have so many decimals in CSV.
const COIN_DECIMALS: u8 = 18;

/// Which export a header is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Normal,
    Internal,
    Token,
}

fn kind_of(names: &[String]) -> Option<Kind> {
    let has = |wanted: &str| names.iter().any(|name| name.starts_with(wanted));
    if !(has("Txhash") || has("Transaction Hash")) || !has("UnixTimestamp") {
        None
    } else if has("TokenValue") {
        Some(Kind::Token)
    } else if has("ParentTxFrom") {
        Some(Kind::Internal)
    } else {
        has("Value_IN(").then_some(Kind::Normal)
    }
}

/// Whether a file begins like one of this source's.
pub(crate) fn is_one(path: &Path) -> bool {
    let Ok(file) = std::fs::File::open(path) else {
        return false;
    };
    let mut found = false;
    let begin = |names: &Vec<String>| {
        found = kind_of(names).is_some();
        Ok(false)
    };
    let read = cells::read(file, "", begin, |_| Ok(()));
    read.is_ok() && found
}

/// Whether a document of JSON is one of this source's.
pub(crate) fn is_document(value: &Value) -> bool {
    let first = value
        .get("result")
        .and_then(Value::as_array)
        .and_then(|all| all.first());
    first.is_some_and(|one| one.get("timeStamp").is_some() && one.get("blockNumber").is_some())
        || (value.get("status").is_some() && value.get("message").is_some())
}

/// Reads a CSV file.
pub(crate) fn read_csv(path: &Path, export: &mut Export) -> Result<(), EvmError> {
    let name = path.display().to_string();
    let io = |error| EvmError::new(&name, None, EvmFault::Io(error));
    let file = std::fs::File::open(path).map_err(io)?;
    let mut layout: Option<(Kind, Vec<String>)> = None;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let begin = |names: &Vec<String>| {
        layout = kind_of(names).map(|kind| (kind, names.clone()));
        Ok(layout.is_some())
    };
    cells::read(file, &name, begin, |row| {
        if let Cells::Csv { record, .. } = row {
            rows.push(record.cells().map(str::to_owned).collect());
        }
        Ok(())
    })?;
    let Some((kind, names)) = layout else {
        return Err(EvmError::new(&name, None, EvmFault::NoTables));
    };
    for (number, cells) in (2_u64..).zip(&rows) {
        let row = Row {
            names: &names,
            cells,
        };
        let taken = take_csv(kind, &row, export);
        taken.map_err(|fault| EvmError::new(&name, Some(format!("row {number}")), fault))?;
    }
    Ok(())
}

/// A row whose columns are found by what their names begin with.
struct Row<'a> {
    names: &'a [String],
    cells: &'a [String],
}

impl Row<'_> {
    fn get(&self, wanted: &str) -> Option<&str> {
        let place = self
            .names
            .iter()
            .position(|name| name.starts_with(wanted))?;
        let text = self.cells.get(place)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn need(&self, wanted: &'static str) -> Result<&str, EvmFault> {
        self.get(wanted).ok_or(EvmFault::Empty(wanted))
    }

    /// A decimal with separators, in the smallest unit.
    fn amount(&self, wanted: &str, decimals: u8) -> Result<U256, EvmFault> {
        let Some(text) = self.get(wanted) else {
            return Ok(U256::ZERO);
        };
        let plain = text.replace(',', "");
        parse_decimal(&plain, decimals, Rounding::Refuse)
            .map_err(|_| EvmFault::Decimal(short(text)))
    }
}

fn take_csv(kind: Kind, row: &Row<'_>, export: &mut Export) -> Result<(), EvmFault> {
    let id = row.get("Txhash").or_else(|| row.get("Transaction Hash"));
    let seconds = decimal(row.need("UnixTimestamp")?)?;
    let seconds = i64::try_from(seconds).map_err(|_| EvmFault::TooLarge(seconds.to_string()))?;
    let moment = Moment {
        id: export.transaction(id.ok_or(EvmFault::Empty("Txhash"))?)?,
        height: row
            .get("Blockno")
            .map(|text| small(decimal(text)?))
            .transpose()?,
        index: None,
        time: time(seconds)?,
    };
    let from = export.address(row.need("From")?)?;
    let status = row.get("Status").unwrap_or_default();
    match kind {
        Kind::Normal => {
            let before = export.rows.len();
            let fee = row.amount("TxnFee(", COIN_DECIMALS)?;
            export.push(
                &moment,
                RowKind::Fee,
                (from.clone(), from.clone()),
                None,
                (None, fee),
            );
            if status.starts_with("Error") || row.get("ErrCode").is_some() {
                return export.once(&moment.id, "", before);
            }
            let to = row.get("To").or_else(|| row.get("ContractAddress"));
            let to = export.address(to.ok_or(EvmFault::Empty("To"))?)?;
            let amount = coins(row)?;
            export.push(
                &moment,
                RowKind::Transfer,
                (from, to),
                None,
                (Some(0), amount),
            );
            export.once(&moment.id, "", before)?;
        }
        Kind::Internal => {
            let has_failed =
                status.starts_with("Error") || status == "1" || row.get("ErrCode").is_some();
            let borrowed = row.get("Type").and_then(FrameKind::of) == Some(FrameKind::Borrowed);
            if has_failed || borrowed {
                return Ok(());
            }
            let to = row.get("TxTo").or_else(|| row.get("ContractAddress"));
            let to = export.address(to.ok_or(EvmFault::Empty("TxTo"))?)?;
            let amount = coins(row)?;
            export.push(&moment, RowKind::Transfer, (from, to), None, (None, amount));
        }
        Kind::Token => token_csv(row, &moment, from, export)?,
    }
    Ok(())
}

/// A token's movement, if its decimals are known.
fn token_csv(
    row: &Row<'_>,
    moment: &Moment,
    from: Address,
    export: &mut Export,
) -> Result<(), EvmFault> {
    let contract = export.address(row.need("ContractAddress")?)?;
    let asset = Asset::token(&export.chain, &contract).ok_or(EvmFault::NoChain)?;
    let Some(token) = known(&asset) else {
        export.leave(NO_DECIMALS);
        return Ok(());
    };
    let to = export.address(row.need("To")?)?;
    let amount = row.amount("TokenValue", token.decimals)?;
    let pair = (from, to);
    export.push(moment, RowKind::Transfer, pair, Some(asset), (None, amount));
    Ok(())
}

/// What a row of coins moves: into the account or out of it, and both where it is one's own.
fn coins(row: &Row<'_>) -> Result<U256, EvmFault> {
    let into = row.amount("Value_IN(", COIN_DECIMALS)?;
    let out = row.amount("Value_OUT(", COIN_DECIMALS)?;
    Ok(into.max(out))
}

/// Takes an answer of the API.
pub(crate) fn take_document(value: &Value, export: &mut Export) -> Result<(), EvmFault> {
    let result = value.get("result").unwrap_or(&Value::Null);
    let Some(rows) = result.as_array() else {
        let said = result
            .as_str()
            .or_else(|| value.get("message").and_then(Value::as_str));
        return Err(EvmFault::Node(short(said.unwrap_or_default())));
    };
    rows.iter().try_for_each(|row| take_row(row, export))
}

fn take_row(value: &Value, export: &mut Export) -> Result<(), EvmFault> {
    let row = json::object(value, "a row")?;
    let get = |name: &str| {
        row.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let need = |name: &'static str| get(name).ok_or(EvmFault::Empty(name));
    let number = |name: &'static str| decimal(need(name)?);
    let seconds = number("timeStamp")?;
    let seconds = i64::try_from(seconds).map_err(|_| EvmFault::TooLarge(seconds.to_string()))?;
    let moment = Moment {
        id: export.transaction(need("hash")?)?,
        height: Some(small(number("blockNumber")?)?),
        index: get("transactionIndex")
            .map(|text| small(decimal(text)?))
            .transpose()?,
        time: time(seconds)?,
    };
    let from = export.address(need("from")?)?;
    let to = |export: &Export| -> Result<_, EvmFault> {
        let to = get("to").or_else(|| get("contractAddress"));
        export.address(to.ok_or(EvmFault::Empty("to"))?)
    };
    if get("tokenID").is_some() {
        export.leave(THINGS);
        return Ok(());
    }
    if get("tokenDecimal").is_some() || get("tokenSymbol").is_some() {
        let to = export.address(need("to")?)?;
        return token_row(row, &moment, (from, to), export);
    }
    let has_failed = get("isError") == Some("1") || get("txreceipt_status") == Some("0");
    let before = export.rows.len();
    if let Some(price) = get("gasPrice") {
        let fee = number("gasUsed")?
            .checked_mul(decimal(price)?)
            .ok_or(EvmFault::Overflow)?;
        export.push(
            &moment,
            RowKind::Fee,
            (from.clone(), from.clone()),
            None,
            (None, fee),
        );
        if !has_failed {
            let (to, amount) = (to(export)?, number("value")?);
            export.push(
                &moment,
                RowKind::Transfer,
                (from, to),
                None,
                (Some(0), amount),
            );
        }
        return export.once(&moment.id, "", before);
    }
    let borrowed = get("type").and_then(FrameKind::of) == Some(FrameKind::Borrowed);
    if !has_failed && !borrowed {
        let (to, amount) = (to(export)?, number("value")?);
        export.push(&moment, RowKind::Transfer, (from, to), None, (None, amount));
        if let Some(trace) = get("traceId") {
            return export.once(&moment.id, trace, before);
        }
    }
    Ok(())
}

/// A token's movement, and what the token is called.
fn token_row(
    row: &serde_json::Map<String, Value>,
    moment: &Moment,
    pair: (Address, Address),
    export: &mut Export,
) -> Result<(), EvmFault> {
    let get = |name: &str| row.get(name).and_then(Value::as_str);
    let need = |name: &'static str| get(name).ok_or(EvmFault::Empty(name));
    let contract = export.address(need("contractAddress")?)?;
    let asset = Asset::token(&export.chain, &contract).ok_or(EvmFault::NoChain)?;
    let decimals = get("tokenDecimal").and_then(|text| text.parse().ok());
    let cut = |text: &str| text.chars().take(256).collect();
    export.tokens.insert(TokenFact {
        asset: asset.clone(),
        height: None,
        symbol: get("tokenSymbol").map(cut),
        name: get("tokenName").map(cut),
        decimals: decimals.filter(|decimals| *decimals <= 36),
    });
    let amount = decimal(need("value")?)?;
    export.push(moment, RowKind::Transfer, pair, Some(asset), (None, amount));
    Ok(())
}

/// An export of a chain that must be named.
pub(crate) fn export(chain: Option<&Chain>) -> Result<Export, EvmFault> {
    let chain = chain.ok_or(EvmFault::NoChain)?;
    match chain {
        Chain::Evm(_) => Export::new(chain),
        other => Err(EvmFault::NotEvm(other.clone())),
    }
}
