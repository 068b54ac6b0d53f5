//! The parts of a block, borrowed from its bytes, and what its first bytes tell.
//!
//! The grammar of the whole is in [`super::parse`].

use super::cursor::{Cursor, FaultAt};
use super::fault::BlockFault;
use super::hash::double_sha256;
use super::parse::{ParsedBlock, ParsedTransaction};

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
pub(super) const TRANSACTION_SIZE_MIN: usize = 60;
pub(super) const INPUT_SIZE_MIN: usize = 41;
pub(super) const OUTPUT_SIZE_MIN: usize = 9;

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

/// The bytes of a transaction, as its ids are taken over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransactionBytes<'bytes> {
    /// All its bytes.
    pub(super) whole: &'bytes [u8],
    /// Where its outputs end in them, if it is written with witnesses.
    pub(super) moves_end: Option<usize>,
}

impl TransactionBytes<'_> {
    /// Its id, internal byte order; witnesses left out.
    pub(crate) fn txid(&self) -> [u8; 32] {
        let whole = self.whole;
        match self.moves_end {
            // Version, inputs and outputs, lock time; without marker and flag.
            Some(end) => double_sha256(&[&whole[..4], &whole[6..end], &whole[whole.len() - 4..]]),
            None => double_sha256(&[whole]),
        }
    }

    /// The hash of all its bytes: its id where it has no witness.
    pub(super) fn wtxid(&self, txid: &[u8; 32]) -> [u8; 32] {
        match self.moves_end {
            Some(_) => double_sha256(&[self.whole]),
            None => *txid,
        }
    }
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
    bytes: TransactionBytes<'bytes>,
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
        self.bytes.txid()
    }

    /// The sum of its outputs, which the parser has held under the supply.
    #[must_use]
    pub fn output_sum(&self) -> u64 {
        self.outputs.iter().map(|output| output.value).sum()
    }
}

/// One block, borrowed, transaction by transaction.
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
        Ok(Self::of(&ParsedBlock::parse(bytes)?))
    }

    pub(super) fn of(parsed: &ParsedBlock<'bytes>) -> Self {
        let (mut first_input, mut first_output) = (0, 0);
        let transaction = |transaction: &ParsedTransaction<'bytes>| {
            let inputs = parsed.inputs[first_input..transaction.input_end].to_vec();
            let outputs = parsed.outputs[first_output..transaction.output_end].to_vec();
            (first_input, first_output) = (transaction.input_end, transaction.output_end);
            Transaction {
                offset: transaction.offset,
                inputs,
                outputs,
                bytes: transaction.bytes,
            }
        };
        Self {
            header: parsed.header.clone(),
            transactions: parsed.transactions.iter().map(transaction).collect(),
        }
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
