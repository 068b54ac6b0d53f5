//! The grammar of a block: read once from its first byte to its last, into flat lists that borrow from it.
//!
//! It accepts one serialisation per block and no bytes after it. Consensus rules that need nothing but
//! the block's own form are held here (counts, values, the place of the coinbase); those over hashes
//! are in [`super::check`]. Scripts and signatures are not judged.

use super::block::{
    HEADER_SIZE, Header, INPUT_SIZE_MIN, Input, OUTPUT_SIZE_MIN, Output, SUPPLY_MAX,
    TRANSACTION_SIZE_MIN, TransactionBytes,
};
use super::cursor::{Cursor, FaultAt};
use super::fault::BlockFault;

/// A block as flat lists: three allocations, however many transactions it has.
#[derive(Debug)]
pub(crate) struct ParsedBlock<'bytes> {
    pub(crate) header: Header,
    /// Its transactions in order; the first is the coinbase.
    pub(crate) transactions: Vec<ParsedTransaction<'bytes>>,
    /// The inputs of all transactions, in order; the first is the coinbase's.
    pub(crate) inputs: Vec<Input<'bytes>>,
    /// The outputs of all transactions, in order.
    pub(crate) outputs: Vec<Output<'bytes>>,
    /// The one item of the coinbase's witness, if it is one.
    pub(super) reserved: Option<&'bytes [u8]>,
}

/// A transaction of a [`ParsedBlock`].
#[derive(Debug)]
pub(crate) struct ParsedTransaction<'bytes> {
    /// Offset of its first byte in the block.
    pub(crate) offset: usize,
    pub(crate) bytes: TransactionBytes<'bytes>,
    /// Where its inputs end in [`ParsedBlock::inputs`].
    pub(crate) input_end: usize,
    /// Where its outputs end in [`ParsedBlock::outputs`].
    pub(crate) output_end: usize,
}

impl<'bytes> ParsedBlock<'bytes> {
    /// Reads a whole block and nothing after it.
    pub(crate) fn parse(bytes: &'bytes [u8]) -> Result<Self, FaultAt> {
        let mut cursor = Cursor::new(bytes);
        let header = Header::parse(cursor.array("the header")?);
        let count = cursor.count(TRANSACTION_SIZE_MIN, "transactions")?;
        if count == 0 {
            return Err(cursor.fault(HEADER_SIZE, BlockFault::NoTransactions));
        }
        let mut block = Self {
            header,
            transactions: Vec::with_capacity(count),
            inputs: Vec::with_capacity(count),
            outputs: Vec::with_capacity(2 * count),
            reserved: None,
        };
        for _ in 0..count {
            block.transaction(&mut cursor)?;
        }
        if cursor.left() > 0 {
            let fault = BlockFault::Trailing(cursor.left());
            return Err(cursor.fault(cursor.offset(), fault));
        }
        Ok(block)
    }

    /// The script of the coinbase's input.
    pub(crate) fn coinbase_script(&self) -> &'bytes [u8] {
        self.inputs.first().map_or(&[], |input| input.script)
    }

    /// The outputs of the coinbase.
    pub(super) fn coinbase_outputs(&self) -> &[Output<'bytes>] {
        let coinbase = self.transactions.first();
        &self.outputs[..coinbase.map_or(0, |coinbase| coinbase.output_end)]
    }

    fn transaction(&mut self, cursor: &mut Cursor<'bytes>) -> Result<(), FaultAt> {
        let offset = cursor.offset();
        cursor.u32("a transaction's version")?;
        let has_witness = cursor.peek() == Some(0);
        if has_witness {
            let [_marker, flag] = *cursor.array("the witness flag")?;
            match flag {
                1 => {}
                // Without a flag the zero counts inputs.
                0 => return Err(cursor.fault(offset, BlockFault::NoInputs)),
                other => {
                    return Err(cursor.fault(cursor.offset() - 1, BlockFault::WitnessFlag(other)));
                }
            }
        }
        let (first_input, first_output) = (self.inputs.len(), self.outputs.len());
        self.take_inputs(cursor)?;
        self.take_outputs(cursor)?;
        let inputs = self.inputs.len() - first_input;
        if inputs == 0 {
            return Err(cursor.fault(offset, BlockFault::NoInputs));
        }
        if self.outputs.len() == first_output {
            return Err(cursor.fault(offset, BlockFault::NoOutputs));
        }
        let moves_end = cursor.offset() - offset;
        if has_witness {
            let witnesses = cursor.offset();
            let (items, lone) = witnesses_of(cursor, inputs)?;
            if items == 0 {
                return Err(cursor.fault(witnesses, BlockFault::SuperfluousWitness));
            }
            if self.transactions.is_empty() {
                self.reserved = lone;
            }
        }
        cursor.take(4, "a lock time")?;
        self.check_place(offset, first_input)?;
        self.transactions.push(ParsedTransaction {
            offset,
            bytes: TransactionBytes {
                whole: cursor.since(offset),
                moves_end: has_witness.then_some(moves_end),
            },
            input_end: self.inputs.len(),
            output_end: self.outputs.len(),
        });
        Ok(())
    }

    /// Holds the transaction that was read last against its place: the coinbase is the first and only the first.
    fn check_place(&self, offset: usize, first_input: usize) -> Result<(), FaultAt> {
        let inputs = &self.inputs[first_input..];
        let fault = if self.transactions.is_empty() {
            match inputs {
                [input] if input.is_null() => match input.script.len() {
                    2..=100 => return Ok(()),
                    length => BlockFault::CoinbaseScript(length),
                },
                _ => BlockFault::FirstNotCoinbase,
            }
        } else if inputs.iter().any(Input::is_null) {
            BlockFault::LateCoinbase
        } else {
            return Ok(());
        };
        Err(FaultAt { offset, fault })
    }

    fn take_inputs(&mut self, cursor: &mut Cursor<'bytes>) -> Result<(), FaultAt> {
        let count = cursor.count(INPUT_SIZE_MIN, "inputs")?;
        for _ in 0..count {
            let txid = cursor.array("an input's output")?;
            let vout = cursor.u32("an input's output")?;
            let script = cursor.sized("an input's script")?;
            cursor.u32("an input's sequence")?;
            self.inputs.push(Input { txid, vout, script });
        }
        Ok(())
    }

    fn take_outputs(&mut self, cursor: &mut Cursor<'bytes>) -> Result<(), FaultAt> {
        let count = cursor.count(OUTPUT_SIZE_MIN, "outputs")?;
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
            self.outputs.push(Output { value, script });
        }
        Ok(())
    }
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
