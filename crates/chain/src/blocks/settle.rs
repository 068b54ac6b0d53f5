//! Matches each input with the output it spends, in memory, and holds the sums: for a run that writes nothing.
//!
//! The same rules as [`crate::flat::append`] and `whither_ledger::memory::MemoryUtxo`: an outpoint names the
//! latest transaction of its id, an output is spent once, and what undo data tells is only asked for what
//! the blocks do not hold. Memory grows with the outputs that are not spent, not with the chain's length.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use thiserror::Error;
use whither_ledger::memory::{Outpoint, OutsideValue};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::Hash;
use super::data::BlockData;
use crate::flat::append::{AppendError, Known, Tally, Undo};
use crate::prevout::dispute;
use crate::sources::bitcoin::SUPPLY_MAX;
use crate::text::show_hash;

/// All that ever comes into the blocks of a view, so that sums over several origins fit with room to spare.
pub(crate) const ENTERING_MAX: u64 = u64::MAX / 4;

/// Sums that no chain has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SumFault {
    /// A transaction that makes more than it spends.
    #[error("transaction {} spends {spent} and makes {made}", show_hash(txid))]
    OutputsExceedInputs {
        /// The transaction.
        txid: Hash,
        /// The sum of its inputs.
        spent: u64,
        /// The sum of its outputs.
        made: u64,
    },
    /// A transaction that spends more than can exist.
    #[error(
        "transaction {} spends {spent}, more than 21 million coins",
        show_hash(txid)
    )]
    BeyondSupply {
        /// The transaction.
        txid: Hash,
        /// The sum of its inputs.
        spent: u64,
    },
    /// More comes into the blocks than can be added up.
    #[error("more than 2^62 satoshi come into these blocks: no chain has as many")]
    BeyondCounting,
}

/// What stands after the blocks so far.
#[derive(Debug, Default)]
pub(crate) struct Settlement {
    unspent: HashMap<Outpoint, u64>,
    made: HashSet<Hash>,
    /// What the blocks so far spend and do not hold, as far as undo data tells of it.
    pub(crate) outside: BTreeMap<Outpoint, OutsideValue>,
    /// What must be said with every answer.
    pub(crate) notes: BTreeSet<Note>,
}

impl Settlement {
    /// Settles the next block in chain order.
    pub(crate) fn settle(
        &mut self,
        data: &BlockData,
        undo: &mut dyn Undo,
    ) -> Result<Tally, AppendError> {
        let mut tally = Tally {
            blocks: 1,
            ..Tally::default()
        };
        let (mut input, mut output) = (0, 0);
        for (place, txid) in data.txids.iter().enumerate() {
            let (inputs, outputs) = (
                input..data.input_ends[place],
                output..data.output_ends[place],
            );
            (input, output) = (inputs.end, outputs.end);
            let (mut spent, mut unresolved) = (0_u64, 0);
            tally.inputs += as_u64(inputs.len());
            for input in inputs {
                match self.spend(data, input, *txid, undo)? {
                    Some(value) => spent = spent.saturating_add(value),
                    None => unresolved += 1,
                }
            }
            let made = data.values[outputs.clone()].iter().sum();
            let fault = |fault| AppendError::Sum(place, fault);
            if spent > SUPPLY_MAX {
                return Err(fault(SumFault::BeyondSupply { txid: *txid, spent }));
            }
            if unresolved == 0 && place > 0 {
                let fee = spent.checked_sub(made).ok_or_else(|| {
                    fault(SumFault::OutputsExceedInputs {
                        txid: *txid,
                        spent,
                        made,
                    })
                })?;
                tally.fees += u128::from(fee);
            }
            tally.transactions += 1;
            tally.outputs += as_u64(outputs.len());
            tally.unresolved += unresolved;
            self.make(data, place, outputs, undo);
        }
        Ok(tally)
    }

    /// Spends an output; gives its value, where it is known.
    fn spend(
        &mut self,
        data: &BlockData,
        input: usize,
        spender: Hash,
        undo: &mut dyn Undo,
    ) -> Result<Option<u64>, AppendError> {
        let outpoint = data.spends[input];
        if let Some(value) = self.unspent.remove(&outpoint) {
            return Ok(Some(value));
        }
        if self.made.contains(&outpoint.txid) {
            self.notes.insert(double_spend(&outpoint, spender));
        }
        match undo.spent(data, input)? {
            Known::Nothing => Ok(None),
            Known::Disputed => {
                self.notes.insert(dispute(&outpoint));
                Ok(None)
            }
            Known::Told(told) => {
                let value = told.value;
                self.outside.insert(outpoint, told);
                Ok(Some(value))
            }
        }
    }

    fn make(
        &mut self,
        data: &BlockData,
        place: usize,
        outputs: std::ops::Range<usize>,
        undo: &dyn Undo,
    ) {
        let txid = data.txids[place];
        for (vout, output) in (0..).zip(outputs.clone()) {
            self.unspent
                .insert(Outpoint { txid, vout }, data.values[output]);
        }
        self.made.insert(txid);
        self.notes
            .extend(contradictions(data, place, outputs, undo));
    }
}

/// What undo data tells of a transaction's outputs otherwise than the block that makes them.
pub(crate) fn contradictions(
    data: &BlockData,
    place: usize,
    outputs: std::ops::Range<usize>,
    undo: &dyn Undo,
) -> Vec<Note> {
    let txid = data.txids[place];
    let told = undo.told_of(txid).into_iter();
    let contradicted = told.filter(|(vout, told)| {
        let vout = usize::try_from(*vout).unwrap_or(usize::MAX);
        let output = outputs.clone().nth(vout);
        output.is_none_or(|output| {
            (data.values[output], &data.owners[output]) != (told.value, &told.owner)
        })
    });
    contradicted
        .map(|(vout, _)| contradicts(&Outpoint { txid, vout }))
        .collect()
}

/// An input spends what is spent already, or never was.
pub(crate) fn double_spend(outpoint: &Outpoint, spender: Hash) -> Note {
    let transaction = TransactionId::Bitcoin(spender);
    Note {
        kind: "double-spend",
        what: format!(
            "transaction {transaction} spends output {}:{}, which an earlier transaction spent or which does not \
             exist; the earlier one counts",
            show_hash(&outpoint.txid),
            outpoint.vout
        ),
        transaction: Some(transaction),
    }
}

/// Undo data tells of an output otherwise than the block that made it.
pub(crate) fn contradicts(outpoint: &Outpoint) -> Note {
    let transaction = TransactionId::Bitcoin(outpoint.txid);
    Note {
        kind: "disagreement",
        what: format!(
            "undo data tells of output {transaction}:{} otherwise than the block that made it; the block is used",
            outpoint.vout
        ),
        transaction: Some(transaction),
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).expect("memory is addressed by 64 bits")
}
