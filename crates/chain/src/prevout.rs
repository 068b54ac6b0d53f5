//! Outputs that are known only because undo data tells of them.

use std::collections::BTreeMap;

use whither_ledger::address::Address;
use whither_ledger::memory::{Outpoint, OutsideValue};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use crate::flat::append::Known;

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

/// What undo data tells, by the output it tells of.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<Outpoint, Known>);

impl Told {
    /// Adds what one source tells. Where two differ neither is believed, whichever came first.
    pub(crate) fn add(&mut self, outpoint: Outpoint, known: Known) {
        match self.0.get_mut(&outpoint) {
            None => {
                self.0.insert(outpoint, known);
            }
            Some(other) if *other != known => *other = Known::Disputed,
            Some(_) => {}
        }
    }

    /// What is known of an output.
    pub(crate) fn get(&self, outpoint: &Outpoint) -> Known {
        self.0.get(outpoint).cloned().unwrap_or(Known::Nothing)
    }

    /// What is known of the outputs of one transaction.
    pub(crate) fn of_transaction(&self, txid: [u8; 32]) -> Vec<(u32, OutsideValue)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let outpoint = |vout| Outpoint { txid, vout };
        let range = self.0.range(outpoint(0)..=outpoint(u32::MAX));
        let told = |(outpoint, known): (&Outpoint, &Known)| match known {
            Known::Told(told) => Some((outpoint.vout, told.clone())),
            Known::Nothing | Known::Disputed => None,
        };
        range.filter_map(told).collect()
    }
}

/// Two sources tell of an output, and not the same.
pub(crate) fn dispute(outpoint: &Outpoint) -> Note {
    let transaction = TransactionId::Bitcoin(outpoint.txid);
    Note {
        kind: "disagreement",
        what: format!(
            "undo data of two sources differ on output {transaction}:{}; neither is used",
            outpoint.vout
        ),
        transaction: Some(transaction),
    }
}
