//! Outputs that are known only because undo data tells of them.

use std::collections::{BTreeMap, BTreeSet};

use whither_ledger::address::Address;
use whither_ledger::memory::{Outpoint, OutsideValue};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

/// What undo data tells of one output that a block spends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KnownPrevout {
    /// The block that spends it, internal byte order.
    pub(crate) spender: [u8; 32],
    /// The output.
    pub(crate) outpoint: Outpoint,
    /// Its value in satoshi.
    pub(crate) value: u64,
    /// The script that locks it.
    pub(crate) script: Box<[u8]>,
}

impl KnownPrevout {
    /// What the ledger keeps of it.
    pub(crate) fn outside(&self) -> OutsideValue {
        OutsideValue {
            value: self.value,
            owner: Address::from_script(&self.script),
        }
    }
}

/// What all undo data together tells.
#[derive(Debug, Default)]
pub(crate) struct KnownPrevouts {
    by_outpoint: BTreeMap<Outpoint, KnownPrevout>,
    /// Two sources tell of these, and not the same.
    pub(crate) disputed: BTreeSet<Outpoint>,
}

impl KnownPrevouts {
    /// Adds what one source tells. Where two differ neither is believed, whichever came first.
    pub(crate) fn add(&mut self, known: KnownPrevout) {
        let outpoint = known.outpoint;
        if self.disputed.contains(&outpoint) {
            return;
        }
        match self.by_outpoint.get(&outpoint) {
            Some(other) if (other.value, &other.script) != (known.value, &known.script) => {
                self.by_outpoint.remove(&outpoint);
                self.disputed.insert(outpoint);
            }
            Some(_) => {}
            None => {
                self.by_outpoint.insert(outpoint, known);
            }
        }
    }

    /// What is known of an output.
    pub(crate) fn get(&self, outpoint: &Outpoint) -> Option<&KnownPrevout> {
        self.by_outpoint.get(outpoint)
    }

    /// What is known of the outputs of one transaction.
    pub(crate) fn of_transaction(&self, txid: [u8; 32]) -> impl Iterator<Item = &KnownPrevout> {
        let outpoint = |vout| Outpoint { txid, vout };
        let range = outpoint(0)..=outpoint(u32::MAX);
        self.by_outpoint.range(range).map(|(_, known)| known)
    }

    /// A sentence for each output that two sources tell of differently.
    pub(crate) fn notes(&self) -> impl Iterator<Item = Note> {
        self.disputed.iter().map(|outpoint| {
            let transaction = TransactionId::Bitcoin(outpoint.txid);
            Note {
                kind: "disagreement",
                what: format!(
                    "undo data of two sources differ on output {transaction}:{}; neither is used",
                    outpoint.vout
                ),
                transaction: Some(transaction),
            }
        })
    }
}
