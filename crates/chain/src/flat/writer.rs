//! The one writer of a chain's columns: opens them as they were committed, grows, cuts, brings to disk.
//!
//! What is committed is what a [`State`] says; bytes behind it do not count, and rows of tables that point
//! behind it are nothing. So a crash needs no repair by hand: who opens the columns to write next drops what
//! is behind, and takes back what points there. A marker file says that this may be needed.

use std::fs;
use std::path::{Path, PathBuf};

use whither_ledger::view::Note;

use super::address::Addresses;
use super::append::{AppendError, Scratch, count};
use super::column::{Grow, Growing, Rows as _, index};
use super::commit::READERS;
use super::layout::{Counts, HEAD, Kind};
use super::slots::{self, Shape, Slots};
use super::spends::SpendsMut;
use super::state::State;
use super::{fail, hash, journal};
use crate::blocks::data::BlockData;
use crate::store::{StoreError, sync_directory};

/// Says that a writer is, or was, at work.
pub(super) const MARKER: &str = "writing";
/// Whether a writer has died in these columns, or is at work.
pub(crate) fn was_interrupted(folder: &Path) -> bool {
    [MARKER, journal::JOURNAL]
        .iter()
        .any(|name| folder.join(name).exists())
}

/// The names of the two tables.
pub(super) const TRANSACTIONS: &str = "tx.slots";
pub(super) const ADDRESSES: &str = "address.slots";

/// A note, and the transaction at which it arose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) note: Note,
    pub(crate) since: u64,
}

/// The columns that are appended to.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) head: Growing<HEAD>,
    pub(super) tx_id: Growing<32>,
    pub(super) tx_base: Growing<10>,
    pub(super) tx_step: Growing<6>,
    pub(super) tx_block: Growing<4>,
    pub(super) out_value: Growing<7>,
    pub(super) out_address: Growing<4>,
    pub(super) out_tx: Growing<4>,
    pub(super) in_prev: Growing<5>,
    pub(super) outside: Growing<52>,
    pub(super) address: Growing<21>,
    pub(super) address_rest: Growing<16>,
    pub(super) address_long: Growing<42>,
}

impl Columns {
    fn open(folder: &Path, counts: &Counts) -> Result<Self, StoreError> {
        Ok(Self {
            head: Growing::open(folder, Kind::BlockHead, counts)?,
            tx_id: Growing::open(folder, Kind::TxId, counts)?,
            tx_base: Growing::open(folder, Kind::TxBase, counts)?,
            tx_step: Growing::open(folder, Kind::TxStep, counts)?,
            tx_block: Growing::open(folder, Kind::TxBlock, counts)?,
            out_value: Growing::open(folder, Kind::OutValue, counts)?,
            out_address: Growing::open(folder, Kind::OutAddress, counts)?,
            out_tx: Growing::open(folder, Kind::OutTx, counts)?,
            in_prev: Growing::open(folder, Kind::InPrev, counts)?,
            outside: Growing::open(folder, Kind::Outside, counts)?,
            address: Growing::open(folder, Kind::Address, counts)?,
            address_rest: Growing::open(folder, Kind::AddressRest, counts)?,
            address_long: Growing::open(folder, Kind::AddressLong, counts)?,
        })
    }

    /// All of them, in the order of [`Kind::ALL`].
    pub(super) fn each(&mut self) -> [&mut dyn Grow; 13] {
        [
            &mut self.head,
            &mut self.tx_id,
            &mut self.tx_base,
            &mut self.tx_step,
            &mut self.tx_block,
            &mut self.out_value,
            &mut self.out_address,
            &mut self.out_tx,
            &mut self.in_prev,
            &mut self.outside,
            &mut self.address,
            &mut self.address_rest,
            &mut self.address_long,
        ]
    }
}

/// A chain's columns, to be written.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) folder: PathBuf,
    pub(super) counts: Counts,
    pub(super) columns: Columns,
    pub(super) spent: SpendsMut,
    pub(super) transactions: Slots,
    pub(super) addresses: Slots,
    pub(super) notes: Vec<Kept>,
    /// Transactions whose id an earlier one has as well (BIP 30).
    pub(super) repeated: Vec<u32>,
    /// The posting runs that there are are those of so many blocks.
    pub(super) had: u64,
    /// How many blocks they cover and are valid for.
    pub(super) posted: u64,
    /// What the checksums cover.
    pub(super) summed: Counts,
    /// The tables are to be made again from the first seed on.
    pub(super) reseed: bool,
    /// Held alone from a cut to its commit.
    pub(super) readers: Option<fs::File>,
    pub(super) scratch: Scratch,
}

impl Writer {
    /// Opens columns as they were committed, or makes empty ones.
    ///
    /// The caller holds the store's lock.
    pub(crate) fn open(folder: &Path, state: Option<&State>) -> Result<Self, StoreError> {
        let io = |doing| StoreError::io(folder, doing);
        fs::create_dir_all(folder).map_err(io("cannot be created"))?;
        let marker = folder.join(MARKER);
        let interrupted = marker.exists() || state.is_none();
        // The journal is read while the manifest still says what it is about.
        let torn = if interrupted {
            journal::read(folder, state)?
        } else {
            None
        };
        for name in [MARKER, READERS] {
            let path = folder.join(name);
            let made = fs::OpenOptions::new().create(true).append(true).open(&path);
            made.map_err(StoreError::io(&path, "cannot be created"))?;
        }
        // The folder, the chain's, and the store's: any of them may be new.
        folder.ancestors().take(3).try_for_each(sync_directory)?;
        fail::point("after the marker")?;
        let fresh = State::default();
        let committed = state.unwrap_or(&fresh);
        let counts = torn.as_ref().map_or(committed.counts, |torn| torn.base);
        let table = |what, shape| match state {
            Some(_) => Slots::open(folder, what, shape, true),
            None => slots::build(folder, what, 0, shape, |_, _| 0),
        };
        let mut writer = Self {
            columns: Columns::open(folder, &counts)?,
            spent: SpendsMut::open(folder, counts.outputs)?,
            transactions: table(TRANSACTIONS, committed.transactions)?,
            addresses: table(ADDRESSES, committed.addresses)?,
            notes: committed.notes()?,
            repeated: committed.repeated.clone(),
            had: committed.posted,
            posted: committed.posted.min(counts.blocks),
            summed: Counts::default(),
            reseed: false,
            readers: None,
            scratch: Scratch::default(),
            folder: folder.to_owned(),
            counts,
        };
        if interrupted {
            writer.spent.clear_from(counts.transactions, counts.outputs);
            fail::point("after spends are taken back")?;
            if !writer.transactions.clear_from(counts.transactions) {
                writer.rebuild_transactions(writer.transactions.shape())?;
            }
            if !writer.addresses.clear_from(counts.addresses) {
                writer.rebuild_addresses(writer.addresses.shape())?;
            }
            fail::point("after rows are taken out of the tables")?;
        }
        if let Some(torn) = torn {
            writer.restore(&torn, committed.counts)?;
        }
        writer.summed = writer.counts_before(writer.posted);
        Ok(writer)
    }

    /// How much there is.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Puts back what a cut had taken away, after a crash.
    fn restore(&mut self, torn: &journal::Torn, counts: Counts) -> Result<(), StoreError> {
        for (column, bytes) in self.columns.each().into_iter().zip(&torn.columns) {
            column.restore(bytes);
            column.flush()?;
            fail::point("after a column is put back")?;
        }
        self.counts = counts;
        self.spent.put_back(counts.outputs)?;
        for (tx, input) in self.inputs_of(torn.base.transactions..counts.transactions) {
            let output = self.columns.in_prev.number(index(input));
            if output & super::column::OUTSIDE == 0 {
                self.spent.set(output, super::column::four(tx + 1));
            }
        }
        fail::point("after spends are put back")?;
        // As they were put in the first time, or the commit would not have been made.
        for row in torn.base.transactions..counts.transactions {
            let _ = self
                .transactions
                .insert(self.hash_of_transaction(row), super::column::four(row));
        }
        for row in torn.base.addresses..counts.addresses {
            let _ = self
                .addresses
                .insert(self.hash_of_address(row), super::column::four(row));
        }
        Ok(())
    }

    /// The inputs of some transactions, each with its transaction.
    pub(super) fn inputs_of(&self, transactions: std::ops::Range<u64>) -> Vec<(u64, u64)> {
        let first = |tx: u64| match tx {
            tx if tx < count(self.columns.tx_step.rows()) => {
                super::starts::first_input(&self.columns.tx_base, &self.columns.tx_step, index(tx))
            }
            _ => count(self.columns.in_prev.rows()),
        };
        let of = |tx: u64| (first(tx)..first(tx + 1)).map(move |input| (tx, input));
        transactions.flat_map(of).collect()
    }

    pub(super) fn hash_of_transaction(&self, row: u64) -> u64 {
        let seed = self.transactions.shape().seed;
        hash::of_transaction(self.columns.tx_id.record(index(row)), seed)
    }

    pub(super) fn hash_of_address(&self, row: u64) -> u64 {
        let seed = self.addresses.shape().seed;
        hash::of_address(&self.whole_address(row), seed)
    }

    pub(super) fn whole_address(&self, row: u64) -> super::address::Whole {
        let columns = Addresses {
            short: &self.columns.address,
            rest: &self.columns.address_rest,
            long: &self.columns.address_long,
        };
        columns.whole(index(row))
    }

    /// Makes the tables large enough for what a block may bring.
    pub(super) fn make_room(&mut self, data: &BlockData) -> Result<(), StoreError> {
        let transactions = self.counts.transactions + count(data.txids.len());
        if !self.transactions.has_room_for(transactions) {
            self.rebuild_transactions(Shape::of(transactions, 0))?;
        }
        let addresses = self.counts.addresses + count(data.values.len() + data.spends.len());
        if !self.addresses.has_room_for(addresses) {
            self.rebuild_addresses(Shape::of(addresses, 0))?;
        }
        Ok(())
    }

    /// Makes the tables large enough for a long import, so that they need not grow on the way.
    pub(crate) fn expect(&mut self, transactions: u64, addresses: u64) -> Result<(), StoreError> {
        let rows = self.counts.transactions + transactions;
        if !self.transactions.has_room_for(rows) {
            self.rebuild_transactions(Shape::of(rows, 0))?;
        }
        let rows = self.counts.addresses + addresses;
        if !self.addresses.has_room_for(rows) {
            self.rebuild_addresses(Shape::of(rows, 0))?;
        }
        Ok(())
    }

    pub(super) fn rebuild_transactions(&mut self, shape: Shape) -> Result<(), StoreError> {
        let column = &self.columns.tx_id;
        let hash = |row, seed| hash::of_transaction(column.record(index(row)), seed);
        let rows = self.counts.transactions;
        self.transactions = slots::build(&self.folder, TRANSACTIONS, rows, shape, hash)?;
        Ok(())
    }

    pub(super) fn rebuild_addresses(&mut self, shape: Shape) -> Result<(), StoreError> {
        let hash = |row, seed| hash::of_address(&self.whole_address(row), seed);
        let rows = self.counts.addresses;
        self.addresses = slots::build(&self.folder, ADDRESSES, rows, shape, hash)?;
        Ok(())
    }

    /// Takes in the next block; where keys crowd a table, makes it again under another seed first.
    pub(crate) fn append_always(
        &mut self,
        data: &BlockData,
        height: Option<u32>,
        undo: &mut dyn super::append::Undo,
    ) -> Result<super::append::Tally, AppendError> {
        let before = self.counts;
        let (notes, repeated) = (self.notes.len(), self.repeated.len());
        loop {
            let table = match self.append(data, height, undo) {
                Err(AppendError::Crowded(table)) => table,
                other => return other,
            };
            self.notes.truncate(notes);
            self.repeated.truncate(repeated);
            self.drop_rows(before)?;
            self.spent.clear_from(before.transactions, before.outputs);
            let next = |shape: Shape| Shape {
                seed: shape.seed + 1,
                ..shape
            };
            // The other table keeps its seed, so that the seeds follow from the rows; it loses the block's rows.
            if table == TRANSACTIONS {
                self.rebuild_transactions(next(self.transactions.shape()))?;
                self.addresses.clear_from(before.addresses);
            } else {
                self.rebuild_addresses(next(self.addresses.shape()))?;
                self.transactions.clear_from(before.transactions);
            }
        }
    }

    /// Drops the rows behind some counts, and nothing that points at them.
    pub(super) fn drop_rows(&mut self, counts: Counts) -> Result<(), StoreError> {
        for (kind, column) in Kind::ALL.into_iter().zip(self.columns.each()) {
            column.cut(kind.rows(&counts))?;
            fail::point("after a column is cut")?;
        }
        self.spent.cut(counts.outputs)?;
        self.counts = counts;
        Ok(())
    }
}
