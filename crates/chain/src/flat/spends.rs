//! Which transaction spends an output: the one column in which old rows change.
//!
//! A row is zero, or one more than the spending transaction's id. Whoever knows of fewer transactions reads a
//! later one as none.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use super::column::{index, open_column};
use super::layout::OUT_SPENT;
use super::map::Shared;
use super::slots::extend;
use crate::store::StoreError;

/// The file grows by as many bytes at least.
const STEP: u64 = 1 << 22;
const RESERVE_MIN: usize = 1 << 24;

/// The column as readers have it.
#[derive(Debug)]
pub(super) struct Spends {
    map: Shared,
    /// Transactions from this one on are not known here.
    limit: u32,
}

impl Spends {
    pub(super) fn open(folder: &Path, outputs: u64, limit: u32) -> Result<Self, StoreError> {
        let path = folder.join(OUT_SPENT);
        let bytes = index(outputs * 4);
        let file = open_column(&path, bytes)?;
        let map =
            Shared::open(&file, bytes, false).map_err(StoreError::io(&path, "cannot be mapped"))?;
        Ok(Self { map, limit })
    }

    /// Whether no row names a transaction that is not known here.
    pub(super) fn is_clean(&self) -> bool {
        (0..self.map.len() / 4).all(|row| self.map.word(row) <= self.limit)
    }

    /// The spenders of all outputs, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = Option<u32>> {
        self.map.words().map(|word| {
            let spender = word.checked_sub(1)?;
            (spender < self.limit).then_some(spender)
        })
    }

    /// The transaction that spends an output.
    #[inline]
    pub(super) fn spender(&self, output: usize) -> Option<u32> {
        let spender = self.map.word(output).checked_sub(1)?;
        (spender < self.limit).then_some(spender)
    }
}

/// The column as its one writer has it.
#[derive(Debug)]
pub(super) struct SpendsMut {
    path: PathBuf,
    file: File,
    map: Shared,
    /// How many rows the file has: zeros up to here at least.
    rows: u64,
}

impl SpendsMut {
    /// Opens the column of as many committed outputs, and drops what lies behind them.
    pub(super) fn open(folder: &Path, outputs: u64) -> Result<Self, StoreError> {
        let path = folder.join(OUT_SPENT);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let io = |doing| StoreError::io(&path, doing);
        let file = options.open(&path).map_err(io("cannot be opened"))?;
        let found = file.metadata().map_err(io("cannot be read"))?.len();
        let expected = outputs * 4;
        if found < expected {
            return Err(StoreError::ColumnSize {
                path,
                found,
                expected,
            });
        }
        file.set_len(expected).map_err(io("cannot be cut"))?;
        let reserved = RESERVE_MIN.max(index(expected).saturating_mul(2));
        let map = Shared::open(&file, reserved, true).map_err(io("cannot be mapped"))?;
        Ok(Self {
            map,
            file,
            path,
            rows: outputs,
        })
    }

    /// Makes room for as many outputs, and for more to come; new ones are unspent.
    pub(super) fn extend(&mut self, outputs: u64) -> Result<(), StoreError> {
        if outputs <= self.rows {
            return Ok(());
        }
        self.grow((outputs * 4).next_multiple_of(STEP))
    }

    /// Makes room for as many outputs and no more: what was cut off a full disk fits there again.
    pub(super) fn put_back(&mut self, outputs: u64) -> Result<(), StoreError> {
        self.grow(outputs * 4)
    }

    fn grow(&mut self, bytes: u64) -> Result<(), StoreError> {
        extend(&mut self.file, bytes).map_err(StoreError::io(&self.path, "cannot be written"))?;
        self.rows = bytes / 4;
        if index(bytes) > self.map.len() {
            self.map = Shared::open(&self.file, 2 * index(bytes), true)
                .map_err(StoreError::io(&self.path, "cannot be mapped"))?;
        }
        Ok(())
    }

    /// One more than the spending transaction, or zero.
    pub(super) fn get(&self, output: u64) -> u32 {
        self.map.word(index(output))
    }

    pub(super) fn set(&self, output: u64, spender_plus_one: u32) {
        self.map.set_word(index(output), spender_plus_one);
    }

    /// Forgets all spends by transactions from this one on, among the first outputs.
    pub(super) fn clear_from(&self, transaction: u64, outputs: u64) {
        for output in 0..outputs {
            if u64::from(self.get(output)) > transaction {
                self.set(output, 0);
            }
        }
    }

    /// Cuts the file to as many outputs.
    pub(super) fn cut(&mut self, outputs: u64) -> Result<(), StoreError> {
        let cut = self.file.set_len(outputs * 4);
        cut.map_err(StoreError::io(&self.path, "cannot be cut"))?;
        self.rows = outputs;
        Ok(())
    }

    /// Brings the file to disk.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        // The map may reach beyond the file, and only the file is brought to disk.
        self.file
            .sync_data()
            .map_err(StoreError::io(&self.path, "cannot be brought to disk"))
    }
}
