//! Blocks, receipts and traces in files of JSON, as a node answered them: one document or one a line, a block, an
//! array of receipts, what `callTracer` or `trace_block` gave, in any order and any number of files.
//!
//! What a document is shows in its shape. An answer may stand in its envelope. Frames of `callTracer` must name their
//! transactions, since nothing else in them does. A `genesis.json` with an `alloc` says what was there before.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use whither_ledger::chain::Chain;

use super::evm::hex::{decimal, fixed, quantity};
use super::evm::told::Told;
use super::evm::{EvmError, EvmFault, Hash, deep, json};
use super::files::files_in;

/// The largest file that is read: a block with all frames of callTracer is tens of megabytes.
const BYTES_MAX: u64 = 1 << 30;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    // In the order in which they are read.
    Genesis,
    Block,
    Receipts,
    Logs,
    FlatTraces,
    CallTraces,
}

/// The kind of a document; none of one that is not read.
fn kind_of(value: &Value) -> Option<Kind> {
    let has = |value: &Value, names: &[&str]| names.iter().all(|name| value.get(name).is_some());
    if has(value, &["alloc"]) {
        return Some(Kind::Genesis);
    }
    if has(value, &["number", "hash", "parentHash", "transactions"]) {
        return Some(Kind::Block);
    }
    let first = value.as_array()?.first()?;
    if has(first, &["transactionHash", "gasUsed", "logs"]) {
        Some(Kind::Receipts)
    } else if has(first, &["topics", "data", "logIndex"]) {
        Some(Kind::Logs)
    } else if has(first, &["action", "traceAddress"]) {
        Some(Kind::FlatTraces)
    } else if has(first, &["result"]) {
        Some(Kind::CallTraces)
    } else {
        None
    }
}

/// Whether a file or directory looks like one of this source's.
pub(crate) fn is_one(path: &Path) -> bool {
    let Ok(files) = files_in(path, &["json", "jsonl"]) else {
        return false;
    };
    let first_is = |path: &PathBuf| {
        let begins = File::open(path).ok().and_then(|file| {
            let mut start = Vec::new();
            file.take(1 << 12).read_to_end(&mut start).ok()?;
            start.into_iter().find(|byte| !byte.is_ascii_whitespace())
        });
        matches!(begins, Some(b'{' | b'['))
            && documents(path).is_ok_and(|all| all.iter().any(|one| kind_of(one).is_some()))
    };
    files.iter().take(4).any(first_is)
}

/// Whether a document is a list of nothing, as the receipts and traces of an empty block are.
fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// Whether a document is one of this source's.
pub(crate) fn is_document(value: &Value) -> bool {
    kind_of(value).is_some()
}

/// The documents of a file, out of their envelopes.
pub(crate) fn documents(path: &Path) -> Result<Vec<Value>, EvmFault> {
    let size = fs::metadata(path).map_err(EvmFault::Io)?.len();
    if size > BYTES_MAX {
        return Err(EvmFault::TooMuch {
            what: "bytes",
            limit: BYTES_MAX,
        });
    }
    let text = fs::read(path).map_err(EvmFault::Io)?;
    let mut found = Vec::new();
    for value in deep::values(&text)? {
        open(value, &mut found);
    }
    Ok(found)
}

/// Takes a document out of its envelope, and documents out of an array of them.
fn open(value: Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(mut answer)
            if answer.contains_key("jsonrpc") && answer.contains_key("result") =>
        {
            open(answer.remove("result").unwrap_or_default(), found);
        }
        Value::Array(all)
            if all.first().is_some_and(|one| {
                one.get("jsonrpc").is_some() || kind_of(one) == Some(Kind::Block)
            }) =>
        {
            all.into_iter().for_each(|one| open(one, found));
        }
        other => found.push(other),
    }
}

/// Reads files and directories together; their digest is that of the files' hashes.
pub(crate) fn read(
    paths: &[&Path],
    chain: Option<&Chain>,
    tell: &dyn Fn(&Path),
) -> Result<(Told, [u8; 32]), EvmError> {
    let mut all: Vec<(Kind, String, Value)> = Vec::new();
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    let mut strange = 0;
    for path in paths {
        let name = path.display().to_string();
        let files = files_in(path, &["json", "jsonl"]);
        for file in files.map_err(|error| EvmError::new(&name, None, EvmFault::Io(error)))? {
            tell(&file);
            let name = file.display().to_string();
            let here = |fault| EvmError::new(&name, None, fault);
            let bytes = fs::read(&file).map_err(|error| here(EvmFault::Io(error)))?;
            hashes.push(Sha256::digest(&bytes).into());
            for document in documents(&file).map_err(here)? {
                match kind_of(&document) {
                    Some(kind) => all.push((kind, name.clone(), document)),
                    None => strange += u64::from(!is_empty(&document)),
                }
            }
        }
    }
    let names = || {
        paths
            .first()
            .map(|path| path.display().to_string())
            .unwrap_or_default()
    };
    let nowhere = |fault| EvmError::new(&names(), None, fault);
    if all.is_empty() {
        return Err(nowhere(EvmFault::NoTables));
    }
    all.sort_by_key(|(kind, ..)| *kind);
    let said = all.iter().find_map(|(kind, _, value)| match kind {
        Kind::Block => json::chain_of(value),
        Kind::Genesis => value.pointer("/config/chainId")?.as_u64().map(Chain::Evm),
        _ => None,
    });
    let chain = chain
        .or(said.as_ref())
        .ok_or_else(|| nowhere(EvmFault::NoChain))?;
    let mut told = Told::new(chain).map_err(nowhere)?;
    told.piecemeal = true;
    told.strange = strange;
    let mut by_hash: HashMap<Hash, (u32, u32)> = HashMap::new();
    for (kind, name, value) in &all {
        let taken = take(*kind, value, &mut told, &mut by_hash);
        taken.map_err(|fault| EvmError::new(name, None, fault))?;
    }
    hashes.sort_unstable();
    let mut digest = Sha256::new();
    hashes.iter().for_each(|hash| digest.update(hash));
    Ok((told, digest.finalize().into()))
}

fn take(
    kind: Kind,
    value: &Value,
    told: &mut Told,
    by_hash: &mut HashMap<Hash, (u32, u32)>,
) -> Result<(), EvmFault> {
    match kind {
        Kind::Genesis => genesis(value, told),
        Kind::Block => json::block(value, told).map(|_| ()),
        Kind::Receipts => json::receipts(json::array(value, "receipts")?, told),
        Kind::Logs => {
            told.has.logs = true;
            let logs = json::array(value, "logs")?;
            logs.iter().try_for_each(|log| json::log(log, told))
        }
        Kind::FlatTraces => json::flat_traces(json::array(value, "traces")?, told),
        Kind::CallTraces => {
            if by_hash.is_empty() {
                *by_hash = places(told);
            }
            told.has.traces = true;
            for trace in json::array(value, "traces")? {
                let own = trace.get("txHash").and_then(Value::as_str).map(fixed);
                let own = own.transpose()?.ok_or(EvmFault::Empty("txHash"))?;
                let place = by_hash.get(&own).copied();
                let place = place.ok_or_else(|| EvmFault::Missing {
                    what: "the block of a transaction that is traced".to_owned(),
                })?;
                let top = trace.get("result").ok_or(EvmFault::Empty("result"))?;
                json::call_frames(place, Some(own), top, told)?;
            }
            Ok(())
        }
    }
}

/// Where each transaction stands.
fn places(told: &Told) -> HashMap<Hash, (u32, u32)> {
    let blocks = told.blocks.iter();
    let all = blocks.flat_map(|(height, block)| {
        let transactions = block.transactions.iter();
        transactions.filter_map(|(index, one)| Some((one.hash?, (*height, *index))))
    });
    all.collect()
}

/// What accounts had before the first block, as a genesis file says.
fn genesis(value: &Value, told: &mut Told) -> Result<(), EvmFault> {
    let id = value.pointer("/config/chainId").filter(|id| !id.is_null());
    if let Some(id) = id {
        json::same_chain(&told.chain, json::number(id, "chainId")?)?;
    }
    let alloc = value.get("alloc").ok_or(EvmFault::Empty("alloc"))?;
    for (account, state) in json::object(alloc, "alloc")? {
        let account = if account.starts_with("0x") {
            fixed(account)?
        } else {
            fixed(&format!("0x{account}"))?
        };
        if let Some(balance) = state.get("balance").and_then(Value::as_str) {
            let is_hex = balance.starts_with("0x");
            let amount = if is_hex {
                quantity(balance)?
            } else {
                decimal(balance)?
            };
            told.genesis(account, amount)?;
        }
        if state.get("code").is_some() {
            told.contracts.insert(account);
        }
    }
    Ok(())
}
