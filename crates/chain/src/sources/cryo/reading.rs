//! Reads the files of one range of heights side by side, in the order of heights, and hands on what they tell in parts.

use std::fs::File;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use whither_ledger::U256;
use whither_ledger::chain::Chain;

use super::{Piece, Reader, Table, columns, need};
use crate::sources::evm::hex::small;
use crate::sources::evm::told::{Has, Told};
use crate::sources::evm::{EvmError, EvmFault};
use crate::sources::files::Hashing;
use crate::sources::parquet::{self, Batch};

/// So many rows are gathered before they are handed on, and those of the last block among them.
const PART: usize = 1 << 16;

/// A piece that is being read: its files side by side, block by block.
pub(crate) struct Reading<'a> {
    name: String,
    files: Vec<Opened>,
    wanted: Option<&'a Chain>,
    /// Of all files' bytes.
    pub(crate) digest: [u8; 32],
    chain: Option<Chain>,
    has: Has,
    /// Rows of a file that is not in the order of heights are of any block: then the piece is one part.
    ordered: bool,
    done: bool,
}

/// A file, and its next rows.
struct Opened {
    table: Table,
    name: String,
    file: parquet::Table,
    batch: Option<Batch>,
    /// The next row of the batch, and its height.
    row: usize,
    height: Option<u32>,
}

impl Opened {
    fn error(&self, fault: EvmFault) -> EvmError {
        let read = self.batch.as_ref().map_or(0, Batch::len);
        let first = self.file.row() - u64::try_from(read).unwrap_or(0);
        let row = first + u64::try_from(self.row).unwrap_or(0);
        EvmError::new(&self.name, Some(format!("row {row}")), fault)
    }

    /// Goes to the next row, if it is there, and reads its height.
    fn step(&mut self) -> Result<(), EvmError> {
        self.row += 1;
        while self
            .batch
            .as_ref()
            .is_none_or(|batch| self.row >= batch.len())
        {
            let next = self.file.next().map_err(|(row, fault)| {
                EvmError::new(&self.name, row.map(|row| format!("row {row}")), fault)
            })?;
            self.row = 0;
            self.batch = next;
            if self.batch.is_none() {
                self.height = None;
                return Ok(());
            }
        }
        let batch = self.batch.as_ref().expect("it has a row");
        let height = batch.number("block_number", self.row);
        let height = height.and_then(|height| small(need(height, "block_number")?));
        self.height = Some(height.map_err(|fault| self.error(fault))?);
        Ok(())
    }
}

impl<'a> Reading<'a> {
    /// Opens the files of a piece; its digest is that of their hashes.
    pub(crate) fn open(
        directory: &Path,
        Piece(mut files): Piece,
        chain: Option<&'a Chain>,
        tell: &dyn Fn(&Path),
    ) -> Result<Self, EvmError> {
        let name = directory.display().to_string();
        let here = |fault| EvmError::new(&name, None, fault);
        files.sort();
        let has = |table| files.iter().any(|(one, _)| *one == table);
        if has(Table::NativeTransfers) && !has(Table::Traces) && !has(Table::Transactions) {
            return Err(here(EvmFault::NativeTransfersAlone));
        }
        if !has(Table::Blocks) {
            return Err(here(EvmFault::NoTimes));
        }
        let mut hashes: Vec<[u8; 32]> = Vec::new();
        for (_, path) in &files {
            tell(path);
            let name = path.display().to_string();
            let io = |error| EvmError::new(&name, None, EvmFault::Io(error));
            let hash = Hashing::new(File::open(path).map_err(io)?).finish();
            hashes.push(hash.map_err(io)?);
        }
        hashes.sort_unstable();
        let mut digest = Sha256::new();
        hashes.iter().for_each(|hash| digest.update(hash));
        files.retain(|(table, _)| *table != Table::NativeTransfers);
        let mut reading = Self {
            name,
            files: Vec::with_capacity(files.len()),
            wanted: chain,
            digest: digest.finalize().into(),
            chain: None,
            has: Has::default(),
            ordered: true,
            done: false,
        };
        let mut ordered = true;
        for (table, path) in &files {
            ordered &= is_ordered(*table, path)?;
        }
        reading.ordered = ordered;
        for (table, path) in files {
            let mut opened = open(table, &path)?;
            reading.saw(table, &opened.file);
            opened.step()?;
            reading.files.push(opened);
        }
        Ok(reading)
    }

    /// Notes what a table is there to tell, whether any row does.
    fn saw(&mut self, table: Table, file: &parquet::Table) {
        match table {
            Table::Blocks => self.has.blocks = true,
            Table::Transactions => {
                self.has.transactions = true;
                self.has.receipts |= file.has("gas_used");
            }
            Table::Logs => self.has.logs = true,
            Table::Traces => self.has.traces = true,
            Table::Erc20Transfers | Table::NativeTransfers => {}
        }
    }

    /// The next blocks; none at the end.
    pub(crate) fn part(&mut self) -> Result<Option<Told>, EvmError> {
        let mut rows = 0;
        let mut told = None;
        while rows < PART || !self.ordered {
            let heights = self.files.iter().filter_map(|file| file.height);
            let Some(height) = heights.min() else {
                break;
            };
            for file in &mut self.files {
                while file
                    .height
                    .is_some_and(|own| own == height || !self.ordered)
                {
                    let batch = file.batch.as_ref().expect("it has a row");
                    let mut reader = Reader {
                        wanted: self.wanted,
                        chain: &mut self.chain,
                        told: &mut told,
                    };
                    let taken = reader.row(file.table, batch, file.row);
                    taken.map_err(|fault| file.error(fault))?;
                    file.step()?;
                    rows += 1;
                }
            }
        }
        if told.is_none() && !self.done && self.chain.is_none() {
            // All tables are empty.
            let here = |fault| EvmError::new(&self.name, None, fault);
            let chain = self.wanted.ok_or_else(|| here(EvmFault::NoChain))?;
            told = Some(Told::new(chain).map_err(here)?);
        }
        self.done = true;
        if let Some(told) = &mut told {
            told.has = self.has;
        }
        Ok(told)
    }
}

fn open(table: Table, path: &Path) -> Result<Opened, EvmError> {
    let name = path.display().to_string();
    let here = |fault| EvmError::new(&name, None, fault);
    let file = File::open(path).map_err(|error| here(EvmFault::Io(error)))?;
    let (names, required) = columns(table);
    let file = parquet::Table::open(file, names, required).map_err(here)?;
    Ok(Opened {
        table,
        name,
        file,
        batch: None,
        row: 0,
        height: None,
    })
}

/// Whether the rows of a file are in the order of their heights, as cryo writes them.
fn is_ordered(table: Table, path: &Path) -> Result<bool, EvmError> {
    let name = path.display().to_string();
    let here = |fault| EvmError::new(&name, None, fault);
    let file = File::open(path).map_err(|error| here(EvmFault::Io(error)))?;
    let (_, required) = columns(table);
    let mut file = parquet::Table::open(file, &["block_number"], required).map_err(here)?;
    let mut before = U256::ZERO;
    let at = |(row, fault): parquet::RowFault| {
        EvmError::new(&name, row.map(|row| format!("row {row}")), fault)
    };
    while let Some(batch) = file.next().map_err(at)? {
        for row in 0..batch.len() {
            let height = batch.number("block_number", row).map_err(here)?;
            let height = height.unwrap_or(U256::MAX);
            if height < before {
                return Ok(false);
            }
            before = height;
        }
    }
    Ok(true)
}
