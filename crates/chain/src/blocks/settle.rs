//! Matches each input with the output it spends, block after block, and holds the sums.
//!
//! The same rules as `whither_ledger::memory::MemoryUtxo`, which it hands over to: an outpoint names the
//! latest transaction of its id, an output is spent once, and what undo data tells is only asked for what
//! the blocks do not hold. Memory grows with the outputs that are not spent, not with the chain's length.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use thiserror::Error;
use whither_ledger::memory::{Outpoint, OutsideValue};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::Hash;
use crate::prevout::KnownPrevouts;
use crate::sources::bitcoin::{SUPPLY_MAX, Transaction};
use crate::text::show_hash;

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
}

/// What one transaction comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Its inputs; a coinbase has none.
    pub(crate) inputs: u64,
    /// Those of unknown value.
    pub(crate) unresolved: u64,
    /// Its fee, where every input is known.
    pub(crate) fee: Option<u64>,
}

/// What stands after the blocks so far.
#[derive(Debug)]
pub(crate) struct Settlement<'known> {
    known: &'known KnownPrevouts,
    /// Value of each, and its number among all outputs so far.
    unspent: HashMap<Outpoint, (u64, u64)>,
    /// How many outputs the blocks so far make.
    outputs: u64,
    /// What the inputs of the last transaction spend: the numbers of outputs, `None` for outside ones.
    pub(crate) spent: Vec<Option<u64>>,
    made: HashSet<Hash>,
    /// What the blocks so far spend and do not hold, as far as undo data tells of it.
    pub(crate) outside: BTreeMap<Outpoint, OutsideValue>,
    /// What must be said with every answer.
    pub(crate) notes: BTreeSet<Note>,
}

impl<'known> Settlement<'known> {
    pub(crate) fn new(known: &'known KnownPrevouts) -> Self {
        Self {
            known,
            unspent: HashMap::new(),
            outputs: 0,
            spent: Vec::new(),
            made: HashSet::new(),
            outside: BTreeMap::new(),
            notes: known.notes().collect(),
        }
    }

    /// Settles the next transaction in chain order.
    pub(crate) fn settle(
        &mut self,
        txid: Hash,
        transaction: &Transaction<'_>,
    ) -> Result<Settled, SumFault> {
        let mut settled = Settled::default();
        let mut spent = 0_u64;
        self.spent.clear();
        if !transaction.is_coinbase() {
            for input in &transaction.inputs {
                let outpoint = Outpoint {
                    txid: *input.txid,
                    vout: input.vout,
                };
                settled.inputs += 1;
                match self.spend(outpoint, txid) {
                    Some(value) => spent = spent.saturating_add(value),
                    None => settled.unresolved += 1,
                }
            }
            if spent > SUPPLY_MAX {
                return Err(SumFault::BeyondSupply { txid, spent });
            }
            if settled.unresolved == 0 {
                let made = transaction.output_sum();
                let fee = spent
                    .checked_sub(made)
                    .ok_or(SumFault::OutputsExceedInputs { txid, spent, made })?;
                settled.fee = Some(fee);
            }
        }
        self.make(txid, transaction);
        Ok(settled)
    }

    /// Spends an output; gives its value, where it is known.
    fn spend(&mut self, outpoint: Outpoint, spender: Hash) -> Option<u64> {
        if let Some((value, number)) = self.unspent.remove(&outpoint) {
            self.spent.push(Some(number));
            return Some(value);
        }
        self.spent.push(None);
        if self.made.contains(&outpoint.txid) {
            let transaction = TransactionId::Bitcoin(spender);
            self.notes.insert(Note {
                kind: "double-spend",
                what: format!(
                    "transaction {transaction} spends output {}:{}, which an earlier transaction spent or which \
                     does not exist; the earlier one counts",
                    show_hash(&outpoint.txid),
                    outpoint.vout
                ),
                transaction: Some(transaction),
            });
        }
        let known = self.known.get(&outpoint)?;
        self.outside.insert(outpoint, known.outside());
        Some(known.value)
    }

    fn make(&mut self, txid: Hash, transaction: &Transaction<'_>) {
        for (vout, output) in (0..).zip(&transaction.outputs) {
            let outpoint = Outpoint { txid, vout };
            self.unspent.insert(outpoint, (output.value, self.outputs));
            self.outputs += 1;
        }
        self.made.insert(txid);
        let contradicted = self.known.of_transaction(txid).filter(|known| {
            let place = usize::try_from(known.outpoint.vout).unwrap_or(usize::MAX);
            let output = transaction.outputs.get(place);
            output.is_none_or(|output| {
                (output.value, output.script) != (known.value, known.script.as_ref())
            })
        });
        for known in contradicted {
            let transaction = TransactionId::Bitcoin(txid);
            self.notes.insert(Note {
                kind: "disagreement",
                what: format!(
                    "undo data tells of output {transaction}:{} otherwise than the block that made it; the block \
                     is used",
                    known.outpoint.vout
                ),
                transaction: Some(transaction),
            });
        }
    }
}
