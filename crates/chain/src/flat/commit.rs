//! Cutting back, and the end of a writer's work: posting runs, checksums, everything brought to disk.
//!
//! The order matters: the columns reach the disk before a manifest counts on them, and what only the manifest
//! before needed goes after the new one stands.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::time::{Duration, Instant};

use whither_ledger::chain::Chain;
use whither_ledger::content::ContentId;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{BlocksHasher, Outpoint, OutsideValue};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::Note;

use super::append::{DISPUTED, count};
use super::column::{OUTSIDE, Rows as _, four, index};
use super::journal::{self, JOURNAL};
use super::layout::{Counts, Kind};
use super::posts::{self, Owners};
use super::slots::Shape;
use super::state::{Said, State};
use super::writer::{Kept, MARKER, Writer};
use super::{fail, runs, starts, sums};
use crate::blocks::Hash;
use crate::blocks::settle::contradicts;
use crate::sources::bitcoin::Header;
use crate::store::{StoreError, sync_directory};
use crate::text::show_hash;

/// Held shared by whoever reads the columns, and alone by whoever cuts them.
pub(super) const READERS: &str = "readers";
/// How long a cut waits for readers, and a reader for a cut.
const PATIENCE: Duration = Duration::from_secs(20);

impl Writer {
    /// Drops all blocks from one on; those before it are what counts once this is committed.
    ///
    /// Waits a while until nobody reads the columns.
    pub(crate) fn cut(&mut self, blocks: u64) -> Result<(), StoreError> {
        if blocks >= self.counts.blocks {
            return Ok(());
        }
        self.readers = Some(alone(&self.folder)?);
        for column in self.columns.each() {
            column.flush()?;
        }
        fail::point("after the readers' lock")?;
        let base = self.counts_before(blocks);
        let tip = self.hash_of_block(self.counts.blocks - 1);
        journal::write(&self.folder, &tip, &base, &self.columns.each())?;
        fail::point("after the journal")?;
        for (_, input) in self.inputs_of(base.transactions..self.counts.transactions) {
            let output = self.columns.in_prev.number(index(input));
            if output & OUTSIDE == 0 && output < base.outputs {
                self.spent.set(output, 0);
            }
        }
        fail::point("after spends are cut")?;
        for row in base.transactions..self.counts.transactions {
            self.transactions
                .remove(self.hash_of_transaction(row), four(row));
        }
        for row in base.addresses..self.counts.addresses {
            self.addresses.remove(self.hash_of_address(row), four(row));
        }
        fail::point("after the tables are cut")?;
        self.drop_rows(base)?;
        fail::point("after the columns are cut")?;
        self.notes.retain(|kept| kept.since < base.transactions);
        self.repeated
            .retain(|row| u64::from(*row) < base.transactions);
        if blocks < self.posted {
            (self.posted, self.summed) = (blocks, base);
        }
        self.reseed |= self.transactions.shape().seed + self.addresses.shape().seed > 0;
        Ok(())
    }

    /// The counts before a block.
    pub(super) fn counts_before(&self, block: u64) -> Counts {
        if block >= self.counts.blocks {
            return self.counts;
        }
        let record = self.columns.head.record(index(block));
        let kept = record.last_chunk().expect("a record ends with counts");
        Counts::from_record(block, kept)
    }

    /// The hash of a block.
    fn hash_of_block(&self, block: u64) -> Hash {
        let header = self.columns.head.record(index(block)).first_chunk();
        Header::parse(header.expect("a record begins with a header")).hash
    }

    /// The content id of all blocks.
    fn content(&self, chain: &Chain, coverage: &[Coverage], notes: &[Note]) -> ContentId {
        let mut hasher = BlocksHasher::new(chain);
        for block in 0..self.counts.blocks {
            let record = self.columns.head.record(index(block));
            let height = super::view::height_in(record);
            hasher.block(height, self.hash_of_block(block));
        }
        let read =
            |row: u32| super::outside::read(self.columns.outside.record(index(u64::from(row))));
        let rows = 0..four(self.counts.outside);
        let mut rows: Vec<u32> = rows.filter(|row| read(*row).value < DISPUTED).collect();
        let outpoint = |row: u32| Outpoint {
            txid: read(row).txid,
            vout: read(row).vout,
        };
        // Of what is told twice the later one, as in a map.
        rows.sort_by_key(|row| (outpoint(*row), std::cmp::Reverse(*row)));
        rows.dedup_by_key(|row| outpoint(*row));
        let outside = rows.into_iter().map(|row| {
            let owner = read(row).owner.map(|owner| {
                let whole = self.whole_address(u64::from(owner));
                super::address::read(&whole).expect("an address was written")
            });
            let value = read(row).value;
            (outpoint(row), OutsideValue { value, owner })
        });
        hasher.finish(chain, outside, coverage, notes)
    }

    /// Brings all to disk and says what is to be committed.
    ///
    /// Within a long import, posting runs and checksums are left for the last commit.
    pub(crate) fn finish(
        &mut self,
        chain: &Chain,
        coverage: Vec<Coverage>,
        notes: &[Note],
        last: bool,
    ) -> Result<State, StoreError> {
        if last {
            self.settle_tables()?;
        }
        fail::point("after the tables have their size")?;
        if last {
            self.spent.cut(self.counts.outputs)?;
        }
        self.sync()?;
        if last {
            self.post(self.counts.blocks)?;
            self.sum(self.counts)?;
        }
        sync_directory(&self.folder)?;
        let coverage = Coverage::canonical(coverage);
        let mut all: BTreeSet<Note> = notes.iter().cloned().collect();
        all.extend(self.notes.iter().map(|kept| kept.note.clone()));
        let all: Vec<Note> = all.into_iter().collect();
        let said = Said {
            content: self.content(chain, &coverage, &all),
            coverage,
            notes: notes.to_vec(),
        };
        let tip = self.counts.blocks.checked_sub(1);
        let state = State {
            tip: tip.map(|tip| show_hash(&self.hash_of_block(tip))),
            counts: self.counts,
            transactions: self.transactions.shape(),
            addresses: self.addresses.shape(),
            posted: if last {
                self.posted
            } else {
                self.still_posted()
            },
            repeated: self.repeated.clone(),
            ..State::default()
        };
        Ok(state.said(&said, &self.notes))
    }

    /// Brings all that is not derived to disk.
    fn sync(&mut self) -> Result<(), StoreError> {
        for column in self.columns.each() {
            column.sync()?;
            fail::point("after a column is on disk")?;
        }
        self.spent.sync()?;
        self.transactions.sync()?;
        self.addresses.sync()?;
        fail::point("after the tables are on disk")
    }

    /// Gives the tables the sizes that follow from their counts, and so the bytes.
    fn settle_tables(&mut self) -> Result<(), StoreError> {
        let shape = Shape::of(self.counts.transactions, 0);
        if self.reseed || self.transactions.shape().slots != shape.slots {
            self.rebuild_transactions(shape)?;
        }
        let shape = Shape::of(self.counts.addresses, 0);
        if self.reseed || self.addresses.shape().slots != shape.slots {
            self.rebuild_addresses(shape)?;
        }
        self.reseed = false;
        Ok(())
    }

    /// Writes the posting runs of as many blocks that are missing.
    fn post(&mut self, blocks: u64) -> Result<(), StoreError> {
        for run in runs::steps(&runs::runs(self.had), blocks, self.posted).build {
            let shape = shape_of(&self.counts_before(run.start), &self.counts_before(run.end));
            posts::build::build(
                &self.folder.join(runs::name(&run)),
                self,
                &shape,
                posts::build::BUDGET,
            )?;
            fail::point("after a posting run")?;
        }
        (self.had, self.posted) = (blocks, blocks);
        Ok(())
    }

    /// How many blocks the posting runs cover that there are and that are still valid.
    fn still_posted(&self) -> u64 {
        let runs = runs::runs(self.had).into_iter();
        let valid = runs.take_while(|run| run.end <= self.posted);
        valid.last().map_or(0, |run| run.end)
    }

    /// Brings the checksums of the columns up to date, as far as some counts.
    fn sum(&mut self, until: Counts) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            let width = count(kind.width());
            let bytes = |counts: &Counts| kind.rows(counts) * width;
            sums::update(
                &self.folder.join(kind.name()),
                bytes(&self.summed),
                bytes(&until),
            )?;
            fail::point("after a column's checksums")?;
        }
        self.summed = until;
        Ok(())
    }

    /// Takes the notes over that arose at the same transactions when they were first taken in.
    pub(crate) fn note_again(&mut self, state: &State) -> Result<(), StoreError> {
        self.notes = state.notes()?;
        Ok(())
    }

    /// Takes over what was noted of undo data that told otherwise than a block of those that still count: what it told
    /// is not kept, and blocks that are taken in again do not arouse the note again.
    pub(crate) fn keep_disagreements(&mut self, before: &State) -> Result<(), StoreError> {
        for Kept { note, .. } in before.notes()? {
            if self.notes.iter().any(|kept| kept.note == note) {
                continue;
            }
            if let Some(since) = self.contradicted(&note) {
                self.notes.push(Kept { note, since });
            }
        }
        self.notes.sort_by_key(|kept| kept.since);
        Ok(())
    }

    /// The transaction about one of whose outputs undo data told otherwise, where a note says so.
    fn contradicted(&self, note: &Note) -> Option<u64> {
        let Some(TransactionId::Bitcoin(txid)) = note.transaction else {
            return None;
        };
        let hash = super::hash::of_transaction(&txid, self.transactions.shape().seed);
        let rows = self.transactions.candidates(hash, u32::MAX);
        let its = rows.filter(|row| *self.columns.tx_id.record(index(u64::from(*row))) == txid);
        let row = u64::from(its.last()?);
        let columns = &self.columns;
        let start = |row| starts::first_output(&columns.tx_base, &columns.tx_step, index(row));
        let end = match row + 1 {
            next if next < self.counts.transactions => start(next),
            _ => self.counts.outputs,
        };
        let mut outputs = 0..u32::try_from(end - start(row)).expect("a block is small");
        let is = |vout| *note == contradicts(&Outpoint { txid, vout });
        outputs.any(is).then_some(row)
    }

    /// Ends the repair of columns of which nothing new is to be committed.
    ///
    /// Runs and checksums may be those of what was not committed.
    pub(crate) fn put_back(&mut self, state: &State) -> Result<(), StoreError> {
        self.sync()?;
        self.post(state.posted)?;
        self.sum(self.counts_before(state.posted))?;
        sync_directory(&self.folder)?;
        self.clean(state)
    }

    /// Within a long import, a commit stands: what was cut off before it is not put back any more.
    pub(crate) fn let_readers_in(&mut self) -> Result<(), StoreError> {
        if self.readers.is_some() {
            remove(&self.folder.join(JOURNAL))?;
            sync_directory(&self.folder)?;
            self.readers = None;
        }
        Ok(())
    }

    /// Removes what the manifest that now stands does not need, and gives the readers their lock back.
    pub(crate) fn clean(&mut self, state: &State) -> Result<(), StoreError> {
        sweep(&self.folder, Some(state))?;
        self.readers = None;
        Ok(())
    }
}

/// The rows that a run covers.
pub(super) fn shape_of(from: &Counts, to: &Counts) -> posts::Shape {
    posts::Shape {
        outputs: from.outputs..to.outputs,
        outside: from.outside..to.outside,
        addresses: four(from.addresses)..four(to.addresses),
    }
}

impl Owners for Writer {
    fn owner_of_output(&self, row: u64) -> Option<u32> {
        let owner = self.columns.out_address.number(index(row));
        owner.checked_sub(1).map(four)
    }

    fn owner_of_outside(&self, row: u64) -> Option<u32> {
        super::outside::read(self.columns.outside.record(index(row))).owner
    }
}

/// Takes the readers' lock alone.
fn alone(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(READERS);
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false);
    let lock = options
        .open(&path)
        .map_err(StoreError::io(&path, "cannot be opened"))?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(fs::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(StoreError::BeingRead(folder.to_owned()));
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(StoreError::io(&path, "cannot be locked")(error));
            }
        }
    }
}

/// Takes the readers' lock with others; none where there is no such file, and so nobody who cuts.
pub(super) fn with_others(folder: &Path) -> Result<Option<File>, StoreError> {
    let path = folder.join(READERS);
    match File::open(&path) {
        Ok(file) => {
            let begun = Instant::now();
            loop {
                match file.try_lock_shared() {
                    Ok(()) => return Ok(Some(file)),
                    Err(fs::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    Err(fs::TryLockError::WouldBlock) => {
                        return Err(StoreError::BeingCut(folder.to_owned()));
                    }
                    Err(fs::TryLockError::Error(error)) => {
                        return Err(StoreError::io(&path, "cannot be locked")(error));
                    }
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io(&path, "cannot be opened")(error)),
    }
}

/// Removes files that are not committed; the marker last.
pub(crate) fn sweep(folder: &Path, state: Option<&State>) -> Result<(), StoreError> {
    let mut kept: BTreeSet<String> = state.map(State::files).into_iter().flatten().collect();
    kept.insert(READERS.to_owned());
    let entries = fs::read_dir(folder).map_err(StoreError::io(folder, "cannot be read"))?;
    for entry in entries {
        let entry = entry.map_err(StoreError::io(folder, "cannot be read"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !kept.contains(&name) && name != MARKER && name != JOURNAL {
            remove(&entry.path())?;
            fail::point("after an old file is removed")?;
        }
    }
    // With the journal gone nothing is put back any more; with the marker gone nobody looks.
    for name in [JOURNAL, MARKER] {
        let path = folder.join(name);
        if path.exists() {
            remove(&path)?;
            fail::point("after the journal or the marker is removed")?;
        }
    }
    sync_directory(folder)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(StoreError::io(path, "cannot be removed"))
}
