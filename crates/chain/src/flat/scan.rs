//! Everything in order: all outputs, all inputs, column beside column, without a look-up.

use whither_ledger::view::{AddressIx, OutputIx, OutsideIx, Prevout, TxIx};

use super::column::OUTSIDE;
use super::view::ColumnUtxo;

/// An output, as a scan passes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedOutput {
    /// Value in satoshi.
    pub value: u64,
    /// Whose it is.
    pub owner: Option<AddressIx>,
    /// The transaction that spends it.
    pub spender: Option<TxIx>,
}

impl ColumnUtxo {
    /// All outputs, in chain order.
    pub fn scan_outputs(&self) -> impl Iterator<Item = ScannedOutput> {
        let rows = self.out_value.all().iter().zip(self.out_address.all());
        let rows = rows.zip(self.spent.all());
        rows.map(|((value, owner), spender)| {
            let [a, b, c, d, e, f, g] = *value;
            ScannedOutput {
                value: u64::from_le_bytes([a, b, c, d, e, f, g, 0]),
                owner: u32::from_le_bytes(*owner).checked_sub(1).map(AddressIx),
                spender: spender.map(TxIx),
            }
        })
    }

    /// What all inputs spend, in chain order; coinbases left out.
    pub fn scan_inputs(&self) -> impl Iterator<Item = Prevout> {
        self.in_prev.all().iter().map(|record| {
            let [a, b, c, d, e] = *record;
            match u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]) {
                outside if outside & OUTSIDE != 0 => {
                    Prevout::Outside(OutsideIx(outside & !OUTSIDE))
                }
                output => Prevout::Inside(OutputIx(output)),
            }
        })
    }
}
