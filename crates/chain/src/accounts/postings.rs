//! The movements of all holdings, sorted by holding on disk, and the opening balance of each.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use whither_ledger::U256;
use whither_ledger::view::{HoldingIx, TxIx};

use super::sort::Sorter;
use crate::store::StoreError;
use crate::store::codec::{Cursor, put_amount};

/// Which side of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Debit,
    Credit,
}

/// A movement of a holding: transaction (4), leg (4), whether it is a debit (1), amount (32).
const WIDTH: usize = 41;

/// Takes movements in chain order.
#[derive(Debug)]
pub(super) struct Postings {
    folder: PathBuf,
    sorter: Sorter,
    record: Vec<u8>,
}

impl Postings {
    pub(super) fn new(folder: &Path, room: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            sorter: Sorter::new(folder, "by-holding", room),
            record: Vec::new(),
        }
    }

    /// Adds one.
    pub(super) fn push(
        &mut self,
        holding: HoldingIx,
        tx: TxIx,
        leg: u32,
        side: Side,
        amount: U256,
    ) -> Result<(), StoreError> {
        self.record.clear();
        for number in [holding.0, tx.0, leg] {
            self.record.extend_from_slice(&number.to_be_bytes());
        }
        self.record.push(u8::from(side == Side::Debit));
        put_amount(&mut self.record, amount);
        self.sorter.push(&self.record)
    }

    /// Puts them in order.
    pub(super) fn sorted(self) -> Result<SortedPostings, StoreError> {
        Ok(SortedPostings {
            sorted: self.sorter.sorted()?,
            folder: self.folder,
        })
    }
}

/// Movements by holding, those of one in chain order.
#[derive(Debug)]
pub(super) struct SortedPostings {
    sorted: super::sort::Sorted,
    folder: PathBuf,
}

impl SortedPostings {
    /// Goes through them once: gives them again, with the least opening balance that keeps each holding from falling
    /// below zero, and how many movements each has.
    pub(super) fn with_openings(
        mut self,
        holdings: usize,
    ) -> Result<(Movements, Vec<u32>), StoreError> {
        let (of_movements, of_openings) =
            (self.folder.join("movements"), self.folder.join("openings"));
        let mut movements = create(&of_movements)?;
        let mut openings = create(&of_openings)?;
        let mut counts = vec![0_u32; holdings];
        let mut sums = Sums::default();
        let mut at = 0_usize;
        let mut record = Vec::new();
        while self.sorted.next(&mut record)? {
            let (holding, bytes, is_debit, amount) =
                read(&record).expect("a record that was just written");
            while at < holding {
                write(
                    &mut openings,
                    &of_openings,
                    &sums.opening.to_le_bytes::<32>(),
                )?;
                sums = Sums::default();
                at += 1;
            }
            sums.add(is_debit, amount);
            counts[holding] += 1;
            write(&mut movements, &of_movements, &bytes)?;
        }
        if holdings > 0 {
            write(
                &mut openings,
                &of_openings,
                &sums.opening.to_le_bytes::<32>(),
            )?;
        }
        for (file, path) in [(movements, &of_movements), (openings, &of_openings)] {
            let flushed = file.into_inner().map_err(io::IntoInnerError::into_error);
            flushed.map_err(StoreError::io(path, "cannot be written"))?;
        }
        let open = |path: PathBuf| {
            let file = File::open(&path).map_err(StoreError::io(&path, "cannot be opened"))?;
            Ok::<_, StoreError>((BufReader::with_capacity(1 << 18, file), path))
        };
        let movements = Movements {
            movements: open(of_movements)?,
            openings: open(of_openings)?,
        };
        Ok((movements, counts))
    }
}

/// What went in and out of one holding.
#[derive(Debug, Default)]
struct Sums {
    credits: U256,
    debits: U256,
    opening: U256,
}

impl Sums {
    /// Sums of one asset were found to fit.
    fn add(&mut self, is_debit: bool, amount: U256) {
        if is_debit {
            self.debits = self.debits.saturating_add(amount);
        } else {
            self.credits = self.credits.saturating_add(amount);
        }
        let lacking = self.debits.saturating_sub(self.credits);
        self.opening = self.opening.max(lacking);
    }
}

/// Holding, the movement's bytes, side and amount of a record.
fn read(record: &[u8]) -> Option<(usize, [u8; WIDTH], bool, U256)> {
    let mut cursor = Cursor::new(record);
    let holding = u32::from_be_bytes(cursor.fixed()?);
    let tx = u32::from_be_bytes(cursor.fixed()?);
    let leg = u32::from_be_bytes(cursor.fixed()?);
    let is_debit = cursor.byte()?;
    let amount = cursor.amount()?;
    let mut bytes = [0; WIDTH];
    bytes[..4].copy_from_slice(&tx.to_le_bytes());
    bytes[4..8].copy_from_slice(&leg.to_le_bytes());
    bytes[8] = is_debit;
    bytes[9..].copy_from_slice(&amount.to_le_bytes::<32>());
    Some((usize::try_from(holding).ok()?, bytes, is_debit != 0, amount))
}

fn create(path: &Path) -> Result<BufWriter<File>, StoreError> {
    let file = File::create_new(path).map_err(StoreError::io(path, "cannot be created"))?;
    Ok(BufWriter::with_capacity(1 << 18, file))
}

fn write(file: &mut BufWriter<File>, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    file.write_all(bytes)
        .map_err(StoreError::io(path, "cannot be written"))
}

/// A movement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    pub(super) tx: u32,
    pub(super) leg: u32,
    is_debit: bool,
    amount: U256,
}

impl Movement {
    /// The balance after it.
    pub(super) fn after(&self, balance: U256) -> U256 {
        let after = if self.is_debit {
            balance.checked_sub(self.amount)
        } else {
            balance.checked_add(self.amount)
        };
        after.expect("an opening balance keeps it above zero, and sums fit")
    }
}

/// Movements and opening balances, read from their beginnings.
#[derive(Debug)]
pub(super) struct Movements {
    movements: (BufReader<File>, PathBuf),
    openings: (BufReader<File>, PathBuf),
}

impl Movements {
    /// The opening balance of the next holding.
    pub(super) fn opening(&mut self) -> Result<U256, StoreError> {
        fixed::<32>(&mut self.openings).map(U256::from_le_bytes)
    }

    /// The next movement.
    pub(super) fn next(&mut self) -> Result<Movement, StoreError> {
        let bytes = fixed::<WIDTH>(&mut self.movements)?;
        let number = |at: usize| {
            let bytes: [u8; 4] = bytes[at..at + 4].try_into().expect("four bytes");
            u32::from_le_bytes(bytes)
        };
        Ok(Movement {
            tx: number(0),
            leg: number(4),
            is_debit: bytes[8] != 0,
            amount: U256::from_le_slice(&bytes[9..]),
        })
    }
}

fn fixed<const N: usize>(
    (file, path): &mut (BufReader<File>, PathBuf),
) -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    let read = file.read_exact(&mut bytes);
    read.map_err(StoreError::io(path, "cannot be read"))?;
    Ok(bytes)
}
