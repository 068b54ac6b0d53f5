//! Blocks, receipts and traces as nodes write them in JSON: what a node answers, and files of such answers.
//!
//! Numbers are quantities (`0x…`); some nodes write whole numbers where they stand, and both are read. A shape
//! that is none of these is refused and never guessed at: one node answers a call for frames with steps of code.

use serde_json::{Map, Value};
use whither_ledger::U256;
use whither_ledger::chain::Chain;

use super::bloom::Bloom;
use super::error::EvmFault;
use super::hex::{bytes, fixed, quantity, short, small};
use super::logs::Log;
use super::told::Told;
use super::{Account, BareGas, Call, Frame, FrameKind, Hash, Header, NamedAhead, Receipt};

/// One gwei in wei.
const GWEI: u64 = 1_000_000_000;
/// How deep calls can be.
const DEPTH_MAX: usize = 1024;

type Object = Map<String, Value>;

/// The object a value is.
pub(crate) fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Object, EvmFault> {
    value.as_object().ok_or_else(|| shape(what, "an object"))
}

/// The array a value is.
pub(crate) fn array<'a>(value: &'a Value, what: &str) -> Result<&'a [Value], EvmFault> {
    let array = value.as_array().map(Vec::as_slice);
    array.ok_or_else(|| shape(what, "an array"))
}

fn shape(what: &str, expected: &'static str) -> EvmFault {
    EvmFault::Shape {
        what: short(what),
        expected,
    }
}

/// A field that is there and not null.
fn field<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn need<'a>(object: &'a Object, name: &'static str) -> Result<&'a Value, EvmFault> {
    field(object, name).ok_or(EvmFault::Empty(name))
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, EvmFault> {
    value.as_str().ok_or_else(|| shape(what, "a text"))
}

/// A quantity, or a whole number.
pub(crate) fn number(value: &Value, what: &str) -> Result<U256, EvmFault> {
    match value {
        Value::Number(number) => {
            let whole = number
                .as_u64()
                .ok_or_else(|| shape(what, "a whole number"))?;
            Ok(U256::from(whole))
        }
        _ => quantity(text(value, what)?),
    }
}

fn opt<T>(
    object: &Object,
    name: &str,
    read: impl FnOnce(&Value, &str) -> Result<T, EvmFault>,
) -> Result<Option<T>, EvmFault> {
    field(object, name)
        .map(|value| read(value, name))
        .transpose()
}

fn hash(value: &Value, what: &str) -> Result<Hash, EvmFault> {
    fixed(text(value, what)?)
}

fn account(value: &Value, what: &str) -> Result<Account, EvmFault> {
    fixed(text(value, what)?)
}

fn index(value: &Value, what: &str) -> Result<u32, EvmFault> {
    small(number(value, what)?)
}

/// Takes a block with its transactions, and says at which height and of which chain, where it says.
pub(crate) fn block(value: &Value, told: &mut Told) -> Result<u32, EvmFault> {
    let block = object(value, "the block")?;
    let height = index(need(block, "number")?, "number")?;
    let listed = array(need(block, "transactions")?, "transactions")?;
    let own = hash(need(block, "hash")?, "hash")?;
    let seconds = number(need(block, "timestamp")?, "timestamp")?;
    let time = i64::try_from(seconds).map_err(|_| EvmFault::TooLarge(seconds.to_string()))?;
    let bloom = opt(block, "logsBloom", |value, what| {
        Ok(Box::new(Bloom(fixed(text(value, what)?)?)))
    })?;
    let mut withdrawals = Vec::new();
    for withdrawal in opt_array(block, "withdrawals")? {
        let withdrawal = object(withdrawal, "a withdrawal")?;
        let to = account(need(withdrawal, "address")?, "address")?;
        let gwei = number(need(withdrawal, "amount")?, "amount")?;
        let wei = gwei
            .checked_mul(U256::from(GWEI))
            .ok_or(EvmFault::Overflow)?;
        withdrawals.push((to, wei));
    }
    let count = u32::try_from(listed.len()).map_err(|_| EvmFault::Overflow)?;
    told.header(
        height,
        Header {
            hash: Some(own),
            parent: opt(block, "parentHash", hash)?,
            time,
            miner: opt(block, "miner", account)?,
            base_fee: opt(block, "baseFeePerGas", number)?,
            transactions: Some(count),
            bloom,
            receipts_root: opt(block, "receiptsRoot", hash)?,
            withdrawals,
        },
    )?;
    told.has.transactions = true;
    for (place, transaction) in (0..).zip(listed) {
        if transaction.is_string() {
            return Err(shape(
                "a transaction",
                "an object: ask for full transactions",
            ));
        }
        call(
            object(transaction, "a transaction")?,
            height,
            own,
            place,
            told,
        )?;
    }
    Ok(height)
}

fn opt_array<'a>(object: &'a Object, name: &str) -> Result<&'a [Value], EvmFault> {
    field(object, name).map_or(Ok(&[]), |value| array(value, name))
}

/// Takes a transaction of a block.
fn call(
    call: &Object,
    height: u32,
    block: Hash,
    place: u32,
    told: &mut Told,
) -> Result<(), EvmFault> {
    if let Some(id) = opt(call, "chainId", number)? {
        same_chain(&told.chain, id)?;
    }
    let of = opt(call, "blockHash", hash)?;
    if let Some(of) = of.filter(|of| *of != block) {
        told.belongs(height, of)?;
    }
    let at = opt(call, "transactionIndex", index)?.unwrap_or(place);
    if at != place {
        return Err(EvmFault::Differs {
            what: "the index of a transaction",
            found: at.to_string(),
            known: place.to_string(),
        });
    }
    // Nodes from before there were types name none.
    let kind = opt(call, "type", index)?.unwrap_or(0);
    let kind = u8::try_from(kind).ok();
    let input = field(call, "input").or_else(|| field(call, "data"));
    let input = input
        .map(|input| bytes(text(input, "input")?))
        .transpose()?;
    let ahead = match opt_array(call, "accessList")? {
        [] => NamedAhead::Nothing,
        _ => NamedAhead::Something,
    };
    told.call(
        (height, place),
        Call {
            kind,
            bare_gas: input.and_then(|input| BareGas::of(kind, &input, ahead)),
            hash: hash(need(call, "hash")?, "hash")?,
            from: account(need(call, "from")?, "from")?,
            to: opt(call, "to", account)?,
            value: number(need(call, "value")?, "value")?,
            gas_limit: opt(call, "gas", number)?,
            gas_price: opt(call, "gasPrice", number)?,
        },
    )
}

/// A chain id must be that of the chain.
pub(crate) fn same_chain(chain: &Chain, id: U256) -> Result<(), EvmFault> {
    let found = u64::try_from(id).map_or(Chain::Evm(u64::MAX), Chain::Evm);
    if found == *chain {
        return Ok(());
    }
    Err(EvmFault::WrongChain {
        found,
        wanted: chain.clone(),
    })
}

/// The chain that the transactions of a block name.
pub(crate) fn chain_of(block: &Value) -> Option<Chain> {
    let transactions = block.get("transactions")?.as_array()?;
    let ids = transactions.iter().filter_map(|one| one.get("chainId"));
    let ids = ids.filter_map(|id| number(id, "chainId").ok());
    ids.filter_map(|id| u64::try_from(id).ok())
        .map(Chain::Evm)
        .next()
}

/// Takes the receipts of a block with their logs.
pub(crate) fn receipts(values: &[Value], told: &mut Told) -> Result<(), EvmFault> {
    told.has.receipts = true;
    told.has.logs = true;
    values.iter().try_for_each(|value| receipt(value, told))
}

fn receipt(value: &Value, told: &mut Told) -> Result<(), EvmFault> {
    let receipt = object(value, "a receipt")?;
    let height = index(need(receipt, "blockNumber")?, "blockNumber")?;
    told.belongs(height, hash(need(receipt, "blockHash")?, "blockHash")?)?;
    let place = index(need(receipt, "transactionIndex")?, "transactionIndex")?;
    let own = hash(need(receipt, "transactionHash")?, "transactionHash")?;
    let status = opt(receipt, "status", number)?;
    let blob = |name| opt(receipt, name, number);
    let blobs = match (blob("blobGasUsed")?, blob("blobGasPrice")?) {
        (Some(used), Some(price)) => used.checked_mul(price).ok_or(EvmFault::Overflow)?,
        _ => U256::ZERO,
    };
    let roll_up = opt(receipt, "l1Fee", number)?.unwrap_or(U256::ZERO);
    told.receipt(
        (height, place),
        Some(own),
        Receipt {
            gas_used: number(need(receipt, "gasUsed")?, "gasUsed")?,
            price: opt(receipt, "effectiveGasPrice", number)?,
            status: status.map(|status| !status.is_zero()),
            state: opt(receipt, "root", hash)?,
            created: opt(receipt, "contractAddress", account)?,
            beside_gas: blobs.checked_add(roll_up).ok_or(EvmFault::Overflow)?,
        },
    )?;
    let listed = array(need(receipt, "logs")?, "logs")?;
    for value in listed {
        log(value, told)?;
    }
    Ok(())
}

/// Takes a log.
pub(crate) fn log(value: &Value, told: &mut Told) -> Result<(), EvmFault> {
    let log = object(value, "a log")?;
    if field(log, "removed").is_some_and(|removed| *removed == Value::Bool(true)) {
        // Retracted: its block is not of the chain any more.
        return Ok(());
    }
    let height = index(need(log, "blockNumber")?, "blockNumber")?;
    if let Some(of) = opt(log, "blockHash", hash)? {
        told.belongs(height, of)?;
    }
    let place = index(need(log, "transactionIndex")?, "transactionIndex")?;
    let own = hash(need(log, "transactionHash")?, "transactionHash")?;
    let topics = array(need(log, "topics")?, "topics")?;
    let topics: Vec<Hash> = topics
        .iter()
        .map(|topic| hash(topic, "a topic"))
        .collect::<Result<_, _>>()?;
    let data = bytes(text(need(log, "data")?, "data")?)?;
    let log = Log {
        index: index(need(log, "logIndex")?, "logIndex")?,
        address: account(need(log, "address")?, "address")?,
        topics: &topics,
        data: &data,
    };
    told.log((height, place), Some(own), &log)
}

/// Takes what `callTracer` gives of all transactions of a block. Where it names no transaction, the n-th is that of
/// the n-th.
pub(crate) fn call_traces(height: u32, values: &[Value], told: &mut Told) -> Result<(), EvmFault> {
    told.has.traces = true;
    for (place, value) in (0..).zip(values) {
        let one = object(value, "a trace")?;
        if let Some(error) = field(one, "error").filter(|_| !one.contains_key("result")) {
            return Err(EvmFault::Node(short(&error.to_string())));
        }
        let own = opt(one, "txHash", hash)?;
        let top = need(one, "result")?;
        call_frames((height, place), own, top, told)?;
    }
    Ok(())
}

/// Takes the frames that `callTracer` gives of one transaction.
pub(crate) fn call_frames(
    place: (u32, u32),
    own: Option<Hash>,
    top: &Value,
    told: &mut Told,
) -> Result<(), EvmFault> {
    let mut open: Vec<(Vec<u32>, &Value)> = vec![(Vec::new(), top)];
    while let Some((path, value)) = open.pop() {
        let frame = object(value, "a frame")?;
        let word = field(frame, "type").and_then(Value::as_str);
        let word = word.ok_or_else(|| shape("a trace", "frames of callTracer"))?;
        let kind = FrameKind::of(word).ok_or_else(|| EvmFault::FrameKind(short(word)))?;
        if path.len() > DEPTH_MAX {
            return Err(EvmFault::Depth);
        }
        for (child, value) in (0..).zip(opt_array(frame, "calls")?) {
            open.push(([&path[..], &[child]].concat(), value));
        }
        let value = opt(frame, "value", number)?;
        let (from, to) = (opt(frame, "from", account)?, opt(frame, "to", account)?);
        let is_vague = kind == FrameKind::Destroy && (value.is_none() || to.is_none());
        told.vague_frames += u64::from(is_vague);
        let failed = field(frame, "error").is_some();
        told.frame(
            place,
            own,
            Frame {
                path,
                kind,
                from,
                to,
                value,
                failed,
                // They stand within each other: none can be missed between them.
                children: None,
            },
        )?;
    }
    Ok(())
}

/// Takes what `trace_block` gives: frames with their paths, and rewards.
pub(crate) fn flat_traces(values: &[Value], told: &mut Told) -> Result<(), EvmFault> {
    told.has.traces = true;
    values.iter().try_for_each(|value| flat_trace(value, told))
}

fn flat_trace(value: &Value, told: &mut Told) -> Result<(), EvmFault> {
    let trace = object(value, "a trace")?;
    let height = index(need(trace, "blockNumber")?, "blockNumber")?;
    if let Some(of) = opt(trace, "blockHash", hash)? {
        told.belongs(height, of)?;
    }
    let action = object(need(trace, "action")?, "action")?;
    let kind = text(need(trace, "type")?, "type")?;
    if kind == "reward" {
        let author = account(need(action, "author")?, "author")?;
        told.reward(height, author, number(need(action, "value")?, "value")?);
        return Ok(());
    }
    let path = array(need(trace, "traceAddress")?, "traceAddress")?;
    let path: Vec<u32> = path
        .iter()
        .map(|step| index(step, "traceAddress"))
        .collect::<Result<_, _>>()?;
    if path.len() > DEPTH_MAX {
        return Err(EvmFault::Depth);
    }
    let place = index(need(trace, "transactionPosition")?, "transactionPosition")?;
    let own = opt(trace, "transactionHash", hash)?;
    let word = match kind {
        "call" => text(need(action, "callType")?, "callType")?,
        other => other,
    };
    let kind = FrameKind::of(word).ok_or_else(|| EvmFault::FrameKind(short(word)))?;
    let result = field(trace, "result").and_then(Value::as_object);
    let created = |result| opt(result, "address", account);
    let (from, to, value) = match kind {
        FrameKind::Destroy => (
            opt(action, "address", account)?,
            opt(action, "refundAddress", account)?,
            opt(action, "balance", number)?,
        ),
        FrameKind::Create => (
            opt(action, "from", account)?,
            result.map_or(Ok(None), created)?,
            opt(action, "value", number)?,
        ),
        FrameKind::Call | FrameKind::Borrowed => (
            opt(action, "from", account)?,
            opt(action, "to", account)?,
            opt(action, "value", number)?,
        ),
    };
    let failed = field(trace, "error").is_some();
    told.frame(
        (height, place),
        own,
        Frame {
            path,
            kind,
            from,
            to,
            value,
            failed,
            children: opt(trace, "subtraces", index)?,
        },
    )
}
