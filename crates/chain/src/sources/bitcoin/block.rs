//! A block parser of our own that borrows from the bytes it reads.
//!
//! It accepts one serialisation per block and no bytes after it. Consensus rules that need nothing but
//! the block's own form are held here (counts, values, the place of the coinbase); those over hashes
//! are in [`super::check`]. Scripts and signatures are not judged.

use sha2::{Digest as _, Sha256};

use super::cursor::{Cursor, FaultAt};
use super::fault::BlockFault;

/// 21 million coins of 10^8 satoshi.
pub(crate) const SUPPLY_MAX: u64 = 2_100_000_000_000_000;
/// Bytes of a block header.
pub(crate) const HEADER_SIZE: usize = 80;
/// Most bytes a block may have (`MAX_BLOCK_SERIALIZED_SIZE`).
pub(crate) const BLOCK_SIZE_MAX: usize = 4_000_000;
/// In so many bytes are a block's header, its count of transactions and its coinbase's script, which has
/// 100 bytes at most.
pub(crate) const PREFIX_SIZE: usize = 512;

/// Fewest bytes of a transaction, an input and an output.
const TRANSACTION_SIZE_MIN: usize = 60;
const INPUT_SIZE_MIN: usize = 41;
const OUTPUT_SIZE_MIN: usize = 9;

/// A block header and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version, of which BIP 34 wants at least 2 where a height is promised.
    pub version: i32,
    /// Hash of the block before, internal byte order.
    pub previous: [u8; 32],
    /// Root of the tree over the transaction ids.
    pub merkle_root: [u8; 32],
    /// Seconds since 1970.
    pub time: u32,
    /// Compact target.
    pub bits: u32,
    /// This block's hash, internal byte order.
    pub hash: [u8; 32],
}

impl Header {
    /// Reads a header and hashes it.
    #[must_use]
    pub fn parse(bytes: &[u8; HEADER_SIZE]) -> Self {
        let mut cursor = Cursor::new(bytes);
        let mut read = || -> Result<Self, FaultAt> {
            let version = i32::from_le_bytes(*cursor.array("the header")?);
            let previous = *cursor.array("the header")?;
            let merkle_root = *cursor.array("the header")?;
            let time = cursor.u32("the header")?;
            let bits = cursor.u32("the header")?;
            Ok(Self {
                version,
                previous,
                merkle_root,
                time,
                bits,
                hash: double_sha256(&[bytes]),
            })
        };
        read().expect("a header has 80 bytes")
    }
}

/// One input, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input<'bytes> {
    /// The transaction whose output it spends, internal byte order.
    pub txid: &'bytes [u8; 32],
    /// Which of its outputs.
    pub vout: u32,
    /// The script that unlocks it; in a coinbase, what its miner wrote.
    pub script: &'bytes [u8],
}

impl Input<'_> {
    /// Whether it spends nothing, as only a coinbase's input does.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.vout == u32::MAX && self.txid.iter().all(|byte| *byte == 0)
    }
}

/// One output, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output<'bytes> {
    /// Value in satoshi.
    pub value: u64,
    /// The script that locks it.
    pub script: &'bytes [u8],
}

/// One transaction, borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction<'bytes> {
    /// Offset of its first byte in the block.
    pub offset: usize,
    /// What it spends; a coinbase has one null input.
    pub inputs: Vec<Input<'bytes>>,
    /// What it makes.
    pub outputs: Vec<Output<'bytes>>,
    /// All its bytes.
    whole: &'bytes [u8],
    /// Version, inputs and outputs, lock time: what its id is taken over.
    stripped: [&'bytes [u8]; 3],
    /// Whether it is written with witnesses.
    pub(super) has_witness: bool,
    /// The one item of the first input's witness, if it is one.
    pub(super) lone_witness_item: Option<&'bytes [u8]>,
}

impl Transaction<'_> {
    /// Whether it makes new coins: one input, which spends nothing.
    #[must_use]
    pub fn is_coinbase(&self) -> bool {
        matches!(self.inputs.as_slice(), [input] if input.is_null())
    }

    /// Its id, internal byte order; witnesses left out.
    #[must_use]
    pub fn txid(&self) -> [u8; 32] {
        double_sha256(&self.stripped)
    }

    /// The hash of all its bytes.
    #[must_use]
    pub(super) fn wtxid(&self) -> [u8; 32] {
        double_sha256(&[self.whole])
    }

    /// The sum of its outputs, which the parser has held under the supply.
    #[must_use]
    pub fn output_sum(&self) -> u64 {
        self.outputs.iter().map(|output| output.value).sum()
    }
}

/// One block, borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRef<'bytes> {
    /// Its header.
    pub header: Header,
    /// Its transactions in order; the first is the coinbase.
    pub transactions: Vec<Transaction<'bytes>>,
}

impl<'bytes> BlockRef<'bytes> {
    /// Reads a whole block and nothing after it.
    ///
    /// # Errors
    /// With the offset of what is wrong, from the block's first byte.
    pub fn parse(bytes: &'bytes [u8]) -> Result<Self, FaultAt> {
        let mut cursor = Cursor::new(bytes);
        let header = Header::parse(cursor.array("the header")?);
        let count = cursor.count(TRANSACTION_SIZE_MIN, "transactions")?;
        if count == 0 {
            return Err(cursor.fault(HEADER_SIZE, BlockFault::NoTransactions));
        }
        let mut transactions = Vec::with_capacity(count);
        for _ in 0..count {
            let transaction = transaction(&mut cursor)?;
            check_place(&transaction, transactions.is_empty())?;
            transactions.push(transaction);
        }
        if cursor.left() > 0 {
            let fault = BlockFault::Trailing(cursor.left());
            return Err(cursor.fault(cursor.offset(), fault));
        }
        Ok(Self {
            header,
            transactions,
        })
    }

    /// The script of the coinbase's input.
    #[must_use]
    pub fn coinbase_script(&self) -> &'bytes [u8] {
        let coinbase = self.transactions.first();
        let input = coinbase.and_then(|coinbase| coinbase.inputs.first());
        input.map_or(&[], |input| input.script)
    }
}

/// What an index needs of a block, told by its first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix<'bytes> {
    pub(crate) header: Header,
    /// How many transactions the block says it has; as many as its length has room for, at most.
    pub(crate) transactions: u32,
    pub(crate) coinbase_script: &'bytes [u8],
}

/// Reads the first [`PREFIX_SIZE`] bytes of a block of `length` bytes, or all of a shorter one.
///
/// What follows the coinbase's script is not looked at.
pub(crate) fn parse_prefix(bytes: &[u8], length: usize) -> Result<Prefix<'_>, FaultAt> {
    let mut cursor = Cursor::new(bytes);
    let header = Header::parse(cursor.array("the header")?);
    let transactions = cursor.count_within(length, TRANSACTION_SIZE_MIN, "transactions")?;
    if transactions == 0 {
        return Err(cursor.fault(HEADER_SIZE, BlockFault::NoTransactions));
    }
    let coinbase = cursor.offset();
    cursor.u32("a transaction's version")?;
    if cursor.peek() == Some(0) {
        cursor.take(2, "the witness flag")?;
    }
    if cursor.compact_size("inputs")? != 1 {
        return Err(cursor.fault(coinbase, BlockFault::FirstNotCoinbase));
    }
    cursor.take(32 + 4, "an input's output")?;
    Ok(Prefix {
        header,
        transactions: u32::try_from(transactions).expect("a block is small"),
        coinbase_script: cursor.sized("an input's script")?,
    })
}

fn check_place(transaction: &Transaction<'_>, first: bool) -> Result<(), FaultAt> {
    let fault = if first {
        match transaction.inputs.as_slice() {
            [input] if input.is_null() => match input.script.len() {
                2..=100 => return Ok(()),
                length => BlockFault::CoinbaseScript(length),
            },
            _ => BlockFault::FirstNotCoinbase,
        }
    } else if transaction.inputs.iter().any(Input::is_null) {
        BlockFault::LateCoinbase
    } else {
        return Ok(());
    };
    Err(FaultAt {
        offset: transaction.offset,
        fault,
    })
}

fn transaction<'bytes>(cursor: &mut Cursor<'bytes>) -> Result<Transaction<'bytes>, FaultAt> {
    let offset = cursor.offset();
    let version = cursor.take(4, "a transaction's version")?;
    let has_witness = cursor.peek() == Some(0);
    if has_witness {
        let [_marker, flag] = *cursor.array("the witness flag")?;
        match flag {
            1 => {}
            // Without a flag the zero counts inputs.
            0 => return Err(cursor.fault(offset, BlockFault::NoInputs)),
            other => return Err(cursor.fault(cursor.offset() - 1, BlockFault::WitnessFlag(other))),
        }
    }
    let body = cursor.offset();
    let inputs = inputs(cursor)?;
    let outputs = outputs(cursor)?;
    let moves = cursor.since(body);
    if inputs.is_empty() {
        return Err(cursor.fault(offset, BlockFault::NoInputs));
    }
    if outputs.is_empty() {
        return Err(cursor.fault(offset, BlockFault::NoOutputs));
    }
    let lone_witness_item = if has_witness {
        let witnesses = cursor.offset();
        let (items, lone) = witnesses_of(cursor, inputs.len())?;
        if items == 0 {
            return Err(cursor.fault(witnesses, BlockFault::SuperfluousWitness));
        }
        lone
    } else {
        None
    };
    let lock_time = cursor.take(4, "a lock time")?;
    Ok(Transaction {
        offset,
        inputs,
        outputs,
        whole: cursor.since(offset),
        stripped: [version, moves, lock_time],
        has_witness,
        lone_witness_item,
    })
}

fn inputs<'bytes>(cursor: &mut Cursor<'bytes>) -> Result<Vec<Input<'bytes>>, FaultAt> {
    let count = cursor.count(INPUT_SIZE_MIN, "inputs")?;
    let mut inputs = Vec::with_capacity(count);
    for _ in 0..count {
        let txid = cursor.array("an input's output")?;
        let vout = cursor.u32("an input's output")?;
        let script = cursor.sized("an input's script")?;
        cursor.u32("an input's sequence")?;
        inputs.push(Input { txid, vout, script });
    }
    Ok(inputs)
}

fn outputs<'bytes>(cursor: &mut Cursor<'bytes>) -> Result<Vec<Output<'bytes>>, FaultAt> {
    let count = cursor.count(OUTPUT_SIZE_MIN, "outputs")?;
    let mut outputs = Vec::with_capacity(count);
    let mut sum = 0_u64;
    for _ in 0..count {
        let offset = cursor.offset();
        let value = cursor.u64("an output's value")?;
        if value > SUPPLY_MAX {
            return Err(cursor.fault(offset, BlockFault::Value(value)));
        }
        sum = sum.saturating_add(value);
        if sum > SUPPLY_MAX {
            return Err(cursor.fault(offset, BlockFault::ValueSum(sum)));
        }
        let script = cursor.sized("an output's script")?;
        outputs.push(Output { value, script });
    }
    Ok(outputs)
}

/// How many items the witnesses of all inputs have, and the only one of the first input.
fn witnesses_of<'bytes>(
    cursor: &mut Cursor<'bytes>,
    inputs: usize,
) -> Result<(usize, Option<&'bytes [u8]>), FaultAt> {
    let mut total = 0;
    let mut lone = None;
    for input in 0..inputs {
        let items = cursor.count(1, "witness items")?;
        total += items;
        for _ in 0..items {
            let item = cursor.sized("a witness item")?;
            if input == 0 && items == 1 {
                lone = Some(item);
            }
        }
    }
    Ok((total, lone))
}

/// SHA-256 twice over the parts in turn.
pub(crate) fn double_sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Sha256::digest(hasher.finalize()).into()
}
