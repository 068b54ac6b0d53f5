//! Undo data of a block: the outputs its inputs spend, in the order they are spent.
//!
//! Nothing in a block vouches for undo data: it is believed as far as it fits the block, and an input made in
//! the block itself must agree with it. The file beside a raw block is read here, in bcoin's format: for each
//! input of each transaction but the coinbase, the value as 8 bytes (little-endian), then the script with its
//! length before it. Not here: Bitcoin Core's undo files, see [`super::rev`].

use std::collections::BTreeMap;

use thiserror::Error;

use super::block::{BlockRef, Output, SUPPLY_MAX};
use super::cursor::{Cursor, FaultAt};
use super::fault::BlockFault;
use crate::prevout::KnownPrevout;
use crate::text::show_hash;
use whither_ledger::memory::Outpoint;

/// Why undo data does not fit its block.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UndoFault {
    /// The data itself.
    #[error("the undo data does not fit the block: {0}")]
    Data(BlockFault),
    /// A number of the node's own form that is out of range.
    #[error("the undo data is damaged: {0}: the number is larger than a node writes one")]
    Number(&'static str),
    /// Bytes after the last input's output.
    #[error("{0} bytes of undo data follow that of the block's last input")]
    Trailing(usize),
    /// A transaction that would make more than it spends.
    #[error(
        "by the undo data, transaction {} spends {spent} and makes {made}",
        show_hash(txid)
    )]
    OutputsExceedInputs {
        /// The transaction.
        txid: [u8; 32],
        /// The sum of its inputs by the undo data.
        spent: u64,
        /// The sum of its outputs.
        made: u64,
    },
    /// An output of the same block that the undo data tells otherwise.
    #[error(
        "the undo data contradicts the block: output {}:{vout} is another there",
        show_hash(txid)
    )]
    Contradicts {
        /// The transaction that made the output.
        txid: [u8; 32],
        /// Its index there.
        vout: u32,
    },
}

/// A fault and its offset in the undo data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoFaultAt {
    /// Offset of the first byte of what is wrong.
    pub offset: usize,
    /// What is wrong.
    pub fault: UndoFault,
}

/// What undo data tells of one input.
pub(crate) struct Told<'bytes> {
    /// Where in the undo data.
    pub(crate) offset: usize,
    /// The value in satoshi.
    pub(crate) value: u64,
    /// The script that locks it.
    pub(crate) script: &'bytes [u8],
}

impl From<FaultAt> for UndoFaultAt {
    fn from(FaultAt { offset, fault }: FaultAt) -> Self {
        Self {
            offset,
            fault: UndoFault::Data(fault),
        }
    }
}

/// Reads the undo data of a block; gives the outputs that were not made in the block itself.
pub(crate) fn parse_undo(
    block: &BlockRef<'_>,
    txids: &[[u8; 32]],
    bytes: &[u8],
) -> Result<Vec<KnownPrevout>, UndoFaultAt> {
    let mut cursor = Cursor::new(bytes);
    let known = hold(block, txids, &mut || {
        Ok(Told {
            offset: cursor.offset(),
            value: cursor.u64("the value of a spent output")?,
            script: cursor.sized("the script of a spent output")?,
        })
    })?;
    if cursor.left() > 0 {
        let fault = UndoFault::Trailing(cursor.left());
        return Err(UndoFaultAt {
            offset: cursor.offset(),
            fault,
        });
    }
    Ok(known)
}

/// Holds what undo data tells, input by input, against the block; gives the outputs that were not made in the
/// block itself.
pub(crate) fn hold<'bytes>(
    block: &BlockRef<'_>,
    txids: &[[u8; 32]],
    tell: &mut dyn FnMut() -> Result<Told<'bytes>, UndoFaultAt>,
) -> Result<Vec<KnownPrevout>, UndoFaultAt> {
    let made_here: BTreeMap<&[u8; 32], usize> = txids.iter().zip(0..).collect();
    let mut known = Vec::new();
    for (transaction, txid) in block.transactions.iter().zip(txids).skip(1) {
        let mut first = None;
        let mut spent = 0_u64;
        for input in &transaction.inputs {
            let told = tell()?;
            let offset = told.offset;
            first.get_or_insert(offset);
            spent = spent.saturating_add(told.value);
            if told.value > SUPPLY_MAX || spent > SUPPLY_MAX {
                let fault = UndoFault::Data(BlockFault::Value(spent));
                return Err(UndoFaultAt { offset, fault });
            }
            let Some(creator) = made_here.get(input.txid) else {
                known.push(KnownPrevout {
                    spender: block.header.hash,
                    outpoint: Outpoint {
                        txid: *input.txid,
                        vout: input.vout,
                    },
                    value: told.value,
                    script: told.script.into(),
                });
                continue;
            };
            let vout = usize::try_from(input.vout).unwrap_or(usize::MAX);
            let output = block.transactions[*creator].outputs.get(vout);
            let agrees =
                |output: &&Output<'_>| output.value == told.value && output.script == told.script;
            if output.filter(agrees).is_none() {
                let fault = UndoFault::Contradicts {
                    txid: *input.txid,
                    vout: input.vout,
                };
                return Err(UndoFaultAt { offset, fault });
            }
        }
        let made = transaction.output_sum();
        if made > spent {
            let fault = UndoFault::OutputsExceedInputs {
                txid: *txid,
                spent,
                made,
            };
            return Err(UndoFaultAt {
                offset: first.unwrap_or_default(),
                fault,
            });
        }
    }
    Ok(known)
}
