//! Takes a block back out of the columns, as it was put in: for columns that are made again.

use whither_ledger::memory::{Outpoint, OutsideValue};

use super::address::read;
use super::append::{DISPUTED, Known, Tally};
use super::column::{OUTSIDE, Rows as _, index};
use super::outside;
use super::view::ColumnUtxo;
use crate::blocks::data::BlockData;
use crate::blocks::settle::contradicts;
use crate::sources::bitcoin::Header;
use whither_ledger::address::Address;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{ChainView as _, OutputIx, Prevout, TxIx, UtxoView as _};

impl ColumnUtxo {
    /// The block of a row, taken apart. Where in its bytes a transaction lay is not known any more.
    pub(crate) fn read_back(&self, row: usize) -> BlockData {
        let record = self.head.record(row);
        let header = record.first_chunk().expect("a record begins with a header");
        let mut data = BlockData {
            hash: Header::parse(header).hash,
            header: header.to_vec(),
            claimed_height: self.claimed_height(row),
            ..BlockData::default()
        };
        let before = |block: usize| self.counts_before(u64::try_from(block).expect("a row"));
        let (from, to) = (before(row), before(row + 1));
        for tx in index(from.transactions)..index(to.transactions) {
            data.txids.push(*self.tx_id.record(tx));
            data.offsets.push(0);
            let inputs = index(self.first_input(tx))..index(self.first_input(tx + 1));
            data.spends.extend(inputs.map(|input| self.outpoint(input)));
            data.input_ends.push(data.spends.len());
            for output in self.outputs(TxIx::of(tx)) {
                data.values.push(self.value(OutputIx(output)));
                data.owners
                    .push(self.address_of(self.owner(OutputIx(output)).map(|owner| owner.0)));
            }
            data.output_ends.push(data.values.len());
        }
        data
    }

    /// The height that a block's coinbase claims.
    pub(crate) fn claimed_height(&self, row: usize) -> Option<u32> {
        let claimed = self.head.record(row)[84..].first_chunk();
        let claimed = u32::from_le_bytes(*claimed.expect("it follows the height"));
        (claimed != u32::MAX).then_some(claimed)
    }

    /// The 80 bytes of a block's header.
    pub(crate) fn header(&self, row: usize) -> &[u8; 80] {
        self.head
            .record(row)
            .first_chunk()
            .expect("a record begins with a header")
    }

    /// What undo data has told of outputs that a block spends.
    pub(crate) fn told_by(&self, row: usize) -> Vec<(Outpoint, OutsideValue)> {
        let before = |block: usize| self.counts_before(u64::try_from(block).expect("a row"));
        let rows = index(before(row).outside)..index(before(row + 1).outside);
        let told = rows.map(|row| self.told_at(row));
        told.filter_map(|(outpoint, known)| match known {
            Known::Told(told) => Some((outpoint, told)),
            Known::Nothing | Known::Disputed => None,
        })
        .collect()
    }

    /// What undo data has told of outputs that the blocks do not hold.
    pub(crate) fn told(&self) -> impl Iterator<Item = (Outpoint, Known)> {
        let told = (0..index(self.counts.outside)).map(|row| self.told_at(row));
        told.filter(|(_, known)| *known != Known::Nothing)
    }

    /// What is known of the output that an input spends, where the blocks do not hold it.
    pub(crate) fn known_of(&self, input: usize) -> Known {
        match self.in_prev.number(input) {
            outside if outside & OUTSIDE != 0 => self.told_at(index(outside & !OUTSIDE)).1,
            _ => Known::Nothing,
        }
    }

    fn told_at(&self, row: usize) -> (Outpoint, Known) {
        let outside = outside::read(self.outside.record(row));
        let outpoint = Outpoint {
            txid: outside.txid,
            vout: outside.vout,
        };
        let known = match outside.value {
            DISPUTED => Known::Disputed,
            value if value > DISPUTED => Known::Nothing,
            value => Known::Told(OutsideValue {
                value,
                owner: self.address_of(outside.owner),
            }),
        };
        (outpoint, known)
    }

    /// What a block comes to.
    pub(crate) fn tally(&self, row: usize) -> Tally {
        let before = |block: usize| self.counts_before(u64::try_from(block).expect("a row"));
        let (from, to) = (before(row), before(row + 1));
        let mut tally = Tally {
            blocks: 1,
            transactions: to.transactions - from.transactions,
            inputs: to.inputs - from.inputs,
            outputs: to.outputs - from.outputs,
            unresolved: 0,
            fees: 0,
        };
        for tx in (index(from.transactions)..index(to.transactions)).map(TxIx::of) {
            let value = |prevout| match prevout {
                Prevout::Inside(output) => Some(self.value(output)),
                Prevout::Outside(outside) => self.outside(outside).value,
            };
            let spent: Vec<Option<u64>> = self.inputs(tx).map(value).collect();
            let unknown = spent.iter().filter(|value| value.is_none()).count();
            tally.unresolved += u64::try_from(unknown).expect("a count of inputs");
            if unknown == 0 && !self.is_coinbase(tx) {
                let spent: u64 = spent.into_iter().flatten().sum();
                let made: u64 = self.outputs(tx).map(|row| self.value(OutputIx(row))).sum();
                tally.fees += u128::from(spent.saturating_sub(made));
            }
        }
        tally
    }

    /// Value and owner of an output that the blocks make.
    pub(crate) fn output_at(&self, outpoint: &Outpoint) -> Option<OutsideValue> {
        let id = TransactionId::Bitcoin(outpoint.txid);
        let tx = self.find_transaction(&id).pop()?;
        let row = self.outputs(tx).nth(index(u64::from(outpoint.vout)))?;
        Some(OutsideValue {
            value: self.value(OutputIx(row)),
            owner: self.address_of(self.owner(OutputIx(row)).map(|owner| owner.0)),
        })
    }

    /// Whether it is noted already that undo data tells of an output otherwise than its block.
    pub(crate) fn is_noted(&self, outpoint: &Outpoint) -> bool {
        self.notes().contains(&contradicts(outpoint))
    }

    /// The output that an input names.
    pub(crate) fn outpoint(&self, input: usize) -> Outpoint {
        let previous = self.in_prev.number(input);
        if previous & OUTSIDE != 0 {
            let outside = outside::read(self.outside.record(index(previous & !OUTSIDE)));
            return Outpoint {
                txid: outside.txid,
                vout: outside.vout,
            };
        }
        let creator = self.creator(OutputIx(previous));
        let vout = previous - self.outputs(creator).start;
        Outpoint {
            txid: *self.tx_id.record(creator.row()),
            vout: u32::try_from(vout).expect("an index in a transaction"),
        }
    }

    fn address_of(&self, owner: Option<u32>) -> Option<Address> {
        let whole = self.keys().whole(index(u64::from(owner?)));
        Some(read(&whole).expect("an address was written"))
    }
}
