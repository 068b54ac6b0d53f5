//! What TronGrid answers of an account: its transactions with coins and internal transfers, and transfers of TRC-20
//! tokens.
//!
//! Times are in milliseconds. Addresses stand in base58 and in hex; both are one. What a transaction asks a contract
//! to do says nothing of what it did: tokens are taken from the answers on TRC-20 alone.

use serde_json::Value;
use whither_ledger::U256;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{RowKind, TokenFact};

use super::evm::hex::{decimal, small};
use super::evm::{EvmFault, json};
use super::explorer::{Export, Moment, time};

const OTHER: &str = "transactions of kinds that move no TRX between accounts, or stake it";
const APPROVALS: &str = "approvals, which move nothing";
const UNKNOWN_INTERNAL: &str = "internal transfers that do not say what they moved";

/// Whether a document is one of this source's.
pub(crate) fn is_document(value: &Value) -> bool {
    let first = value
        .get("data")
        .and_then(Value::as_array)
        .and_then(|all| all.first());
    first.is_some_and(|one| one.get("token_info").is_some() || one.get("raw_data").is_some())
}

/// Takes an answer.
pub(crate) fn take_document(value: &Value, export: &mut Export) -> Result<(), EvmFault> {
    let rows = json::array(value.get("data").unwrap_or(&Value::Null), "data")?;
    for row in rows {
        if row.get("token_info").is_some() {
            token(row, export)?;
        } else {
            transaction(row, export)?;
        }
    }
    Ok(())
}

/// An export of Tron.
pub(crate) fn export(chain: Option<&Chain>) -> Result<Export, EvmFault> {
    match chain {
        None | Some(Chain::Tron) => Export::new(&Chain::Tron),
        Some(other) => Err(EvmFault::WrongChain {
            found: Chain::Tron,
            wanted: other.clone(),
        }),
    }
}

fn text<'a>(value: &'a Value, name: &'static str) -> Result<&'a str, EvmFault> {
    value
        .get(name)
        .and_then(Value::as_str)
        .ok_or(EvmFault::Empty(name))
}

/// Milliseconds as a time; what is less than a second is dropped.
fn moment(value: &Value, id: &'static str, export: &Export) -> Result<Moment, EvmFault> {
    let milliseconds = value.get("block_timestamp").and_then(Value::as_i64);
    let milliseconds = milliseconds.ok_or(EvmFault::Empty("block_timestamp"))?;
    let height = value.get("blockNumber").and_then(Value::as_u64);
    Ok(Moment {
        id: export.transaction(text(value, id)?)?,
        height: height.map(|height| small(U256::from(height))).transpose()?,
        index: None,
        time: time(milliseconds.div_euclid(1000))?,
    })
}

fn token(row: &Value, export: &mut Export) -> Result<(), EvmFault> {
    if text(row, "type")? != "Transfer" {
        export.leave(APPROVALS);
        return Ok(());
    }
    let info = row.get("token_info").unwrap_or(&Value::Null);
    let contract = export.address(text(info, "address")?)?;
    let asset = Asset::token(&export.chain, &contract).ok_or(EvmFault::NoChain)?;
    let cut = |name| {
        info.get(name)
            .and_then(Value::as_str)
            .map(|text: &str| text.chars().take(256).collect())
    };
    let decimals = info.get("decimals").and_then(Value::as_u64);
    let decimals = decimals.and_then(|decimals| u8::try_from(decimals).ok());
    let fact = TokenFact {
        asset: asset.clone(),
        height: None,
        symbol: cut("symbol"),
        name: cut("name"),
        decimals: decimals.filter(|decimals| *decimals <= 36),
    };
    export.tokens.insert(fact);
    let moment = moment(row, "transaction_id", export)?;
    let pair = (
        export.address(text(row, "from")?)?,
        export.address(text(row, "to")?)?,
    );
    let amount = decimal(text(row, "value")?)?;
    export.push(
        &moment,
        RowKind::Transfer,
        pair,
        Some(asset),
        (None, amount),
    );
    Ok(())
}

fn transaction(row: &Value, export: &mut Export) -> Result<(), EvmFault> {
    let moment = moment(row, "txID", export)?;
    let outcome = row.pointer("/ret/0").unwrap_or(&Value::Null);
    let Some(contract) = row.pointer("/raw_data/contract/0") else {
        return Err(EvmFault::Empty("raw_data.contract"));
    };
    let value = contract.pointer("/parameter/value").unwrap_or(&Value::Null);
    let owner = export.address(text(value, "owner_address")?)?;
    let fee = outcome.get("fee").and_then(Value::as_u64).unwrap_or(0);
    let payer = (owner.clone(), owner.clone());
    export.push(&moment, RowKind::Fee, payer, None, (None, U256::from(fee)));
    if outcome.get("contractRet").and_then(Value::as_str) != Some("SUCCESS") {
        return Ok(());
    }
    let sun = |name: &str| value.get(name).and_then(Value::as_u64).map(U256::from);
    match text(contract, "type")? {
        "TransferContract" => {
            let to = export.address(text(value, "to_address")?)?;
            let amount = sun("amount").ok_or(EvmFault::Empty("amount"))?;
            export.push(
                &moment,
                RowKind::Transfer,
                (owner, to),
                None,
                (Some(0), amount),
            );
        }
        "TriggerSmartContract" => {
            let to = export.address(text(value, "contract_address")?)?;
            let amount = sun("call_value").unwrap_or(U256::ZERO);
            export.push(
                &moment,
                RowKind::Transfer,
                (owner, to),
                None,
                (Some(0), amount),
            );
        }
        _ => export.leave(OTHER),
    }
    let inside = row.get("internal_transactions").and_then(Value::as_array);
    for one in inside.into_iter().flatten() {
        internal(one, &moment, export)?;
    }
    Ok(())
}

/// A transfer inside a contract, unless it was undone.
fn internal(one: &Value, moment: &Moment, export: &mut Export) -> Result<(), EvmFault> {
    if one.pointer("/data/rejected").and_then(Value::as_bool) == Some(true) {
        return Ok(());
    }
    let Some(amount) = one.pointer("/data/call_value/_").and_then(Value::as_u64) else {
        export.leave(UNKNOWN_INTERNAL);
        return Ok(());
    };
    let from = export.address(text(one, "from_address")?)?;
    let to = export.address(text(one, "to_address")?)?;
    export.push(
        moment,
        RowKind::Transfer,
        (from, to),
        None,
        (None, U256::from(amount)),
    );
    Ok(())
}
