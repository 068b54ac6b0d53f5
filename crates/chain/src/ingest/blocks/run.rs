//! Carries a plan out: appends what is new behind what stays, or makes the columns again where blocks that the
//! store has must come behind new ones. Or rehearses it, and writes nothing.

use std::collections::HashSet;
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::view::{ChainView as _, Note};

use super::plan::{Counted, From, Plan};
use super::undo::{AllUndo, Beside};
use crate::blocks::Hash;
use crate::blocks::data::BlockData;
use crate::blocks::pipeline::{Wanted, read_in_order};
use crate::blocks::settle::Settlement;
use crate::error::{At, ChainError, SourceError, SourceFault};
use crate::flat::ColumnUtxo;
use crate::flat::append::{AppendError, Known, Tally};
use crate::flat::state::State;
use crate::flat::writer::Writer;
use crate::ingest::{IngestReport, Progress, Silent};
use crate::sources::bitcoin::scan::Scan;
use crate::store::{Aside, StoreError, Transaction};

/// A long import is committed each time that it has read so many bytes: after a crash it goes on from there.
const COMMIT_BYTES: u64 = 1 << 30;
/// New addresses of as many outputs, about: to make their table large enough from the start.
const OUTPUTS_A_TRANSACTION: u64 = 3;

/// Where blocks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Where nothing is.
    Fresh,
    /// Behind the first blocks of those that are stored.
    Behind { kept: usize, stored: usize },
    /// In a folder of their own, with all those before.
    Again,
}

/// What a writer works on.
struct Work<'run> {
    scan: &'run Scan,
    progress: &'run dyn Progress,
    place: Place,
    folder: &'run Path,
    /// The blocks that are kept and do not count.
    aside: &'run [Aside],
}

/// What is done with blocks, one after the other in chain order.
type Take<'take> = dyn FnMut(&Counted, &BlockData) -> Result<(), AppendError> + 'take;

impl Plan {
    /// Settles all blocks that count, in memory, and says what this run brings.
    pub(super) fn rehearse(
        &self,
        scan: &Scan,
        progress: &dyn Progress,
    ) -> Result<IngestReport, ChainError> {
        let mut undo = self.undo(scan, true);
        let mut settlement = Settlement::default();
        let mut ours = Tally::default();
        self.each(&self.counted, scan, progress, &mut |block, data| {
            undo.next(self.beside(block, scan));
            let tally = settlement.settle(data, &mut undo)?;
            if block.ours {
                ours.add(tally);
            }
            Ok(())
        })?;
        let notes = settlement.notes.into_iter().collect();
        Ok(self.report(scan, &undo, &ours, notes))
    }

    /// Says what this run brings where the store has all of it.
    pub(super) fn confirm(&self, scan: &Scan) -> IngestReport {
        let notes = self
            .view
            .as_ref()
            .map_or_else(Vec::new, |view| view.notes().to_vec());
        let mut report = self.report(scan, &AllUndo::default(), &self.tally_kept(true), notes);
        report.unchanged = true;
        report
    }

    /// The blocks that count, in memory.
    pub(super) fn in_memory(&self, scan: &Scan) -> Result<MemoryUtxo, ChainError> {
        let mut undo = self.undo(scan, true);
        let mut settlement = Settlement::default();
        let mut blocks = Vec::new();
        self.each(&self.counted, scan, &Silent, &mut |block, data| {
            undo.next(self.beside(block, scan));
            settlement.settle(data, &mut undo)?;
            blocks.push(data.to_ledger(block.height));
            Ok(())
        })?;
        let mut notes: Vec<Note> = settlement.notes.into_iter().collect();
        notes.extend(self.arrangement.notes.iter().cloned());
        let chain = Chain::Bitcoin(self.network);
        let coverage = self.arrangement.coverage();
        let view = MemoryUtxo::build(chain, &blocks, &settlement.outside, coverage, notes);
        Ok(view.map_err(StoreError::from)?)
    }

    /// Writes what is to be written, commits it, and says what this run brought.
    pub(super) fn execute(
        mut self,
        transaction: &mut Transaction<'_>,
        scan: &Scan,
        progress: &dyn Progress,
    ) -> Result<IngestReport, ChainError> {
        let in_place = self.in_place();
        let stored = self.view.as_ref().map_or(0, ColumnUtxo::block_count);
        let place = if in_place {
            Place::Behind {
                kept: self.kept,
                stored,
            }
        } else if self.view.is_none() {
            Place::Fresh
        } else {
            Place::Again
        };
        let folder = match place {
            Place::Again => transaction.moving_folder(),
            Place::Fresh | Place::Behind { .. } => transaction.columns_folder(),
        };
        let mut ours = self.tally_kept(in_place);
        let mut undo = self.undo(scan, !in_place);
        let aside = self.set_aside(scan)?;
        if in_place {
            // Readers would wait for each other: nobody cuts what is being read.
            self.view = None;
        }
        let work = Work {
            scan,
            progress,
            place,
            folder: &folder,
            aside: &aside,
        };
        match self.write(&work, transaction, &mut undo, &mut ours) {
            Ok(state) => Ok(self.report(scan, &undo, &ours, state.all_notes()?)),
            Err(error) => {
                // What cannot be put right now is put right by whoever opens the chain next.
                let _ = transaction.leave(&folder);
                Err(error)
            }
        }
    }

    /// Writes and commits.
    fn write(
        &self,
        work: &Work<'_>,
        transaction: &mut Transaction<'_>,
        undo: &mut AllUndo,
        ours: &mut Tally,
    ) -> Result<State, ChainError> {
        let (kept, stored, committed) = match work.place {
            Place::Behind { kept, stored } => (kept, stored, transaction.columns_state()),
            Place::Fresh | Place::Again => (0, 0, None),
        };
        let mut writer = Writer::open(work.folder, committed.as_ref())?;
        writer.cut(as_u64(kept))?;
        self.prepare(&mut writer, kept)?;
        let commit_bytes = self.commit_bytes.unwrap_or(COMMIT_BYTES);
        let mut since = 0;
        self.each(
            &self.counted[kept..],
            work.scan,
            work.progress,
            &mut |block, data| {
                undo.next(self.beside(block, work.scan));
                let tally = writer.append_always(data, block.height, undo)?;
                if block.ours {
                    ours.add(tally);
                }
                if let From::Source(place) = block.from {
                    since += as_u64(place.length);
                }
                // A branch that is not longer yet does not take the place of the one before.
                let longer = kept == stored || writer.counts().blocks > as_u64(stored);
                if work.place != Place::Again && longer && since >= commit_bytes {
                    since = 0;
                    let state = self.finish(&mut writer, false)?;
                    self.commit(transaction, state, false)?;
                    writer.let_readers_in()?;
                }
                Ok(())
            },
        )?;
        if work.place == Place::Again
            && let Some(before) = transaction.columns_state()
        {
            writer.keep_disagreements(&before)?;
        }
        let state = self.finish(&mut writer, true)?;
        transaction.set_aside(work.aside)?;
        self.commit(transaction, state.clone(), work.place == Place::Again)?;
        // It is committed; what cannot be tidied up now is tidied up by the next writer.
        let tidied = writer.clean(&state);
        drop(writer);
        let _ = tidied.and_then(|()| transaction.end_move());
        Ok(state)
    }

    /// Where undo data of a block may lie.
    fn beside(&self, block: &Counted, scan: &Scan) -> Option<Beside> {
        match block.from {
            From::Source(place) if !self.has_rival(&block.hash) => {
                Beside::of(scan.files.path(place.file))
            }
            _ => None,
        }
    }

    /// What blocks of this run come to that stay where they are.
    fn tally_kept(&self, in_place: bool) -> Tally {
        let mut ours = Tally::default();
        if let Some(view) = self.view.as_ref().filter(|_| in_place) {
            for (row, block) in self.counted[..self.kept].iter().enumerate() {
                if block.ours {
                    ours.add(view.tally(row));
                }
            }
        }
        ours
    }

    /// Makes the tables large enough from the start.
    fn prepare(&self, writer: &mut Writer, kept: usize) -> Result<(), StoreError> {
        let appended = self.counted[kept..].iter();
        let transactions = appended.map(|block| u64::from(block.transactions)).sum();
        writer.expect(transactions, transactions * OUTPUTS_A_TRANSACTION / 2)
    }

    fn finish(&self, writer: &mut Writer, last: bool) -> Result<State, StoreError> {
        let blocks = usize::try_from(writer.counts().blocks).expect("blocks of this plan");
        let (coverage, notes) = match last {
            true => (self.arrangement.coverage(), self.arrangement.notes.clone()),
            false => (
                coverage_of(&self.counted[..blocks]),
                self.arrangement.notes.clone(),
            ),
        };
        writer.finish(&Chain::Bitcoin(self.network), coverage, &notes, last)
    }

    fn commit(
        &self,
        transaction: &mut Transaction<'_>,
        state: State,
        moving: bool,
    ) -> Result<(), StoreError> {
        transaction.set_columns(state, self.said_heights(), moving);
        transaction.commit()
    }

    /// Reads some blocks in the order given and hands them over.
    fn each(
        &self,
        blocks: &[Counted],
        scan: &Scan,
        progress: &dyn Progress,
        take: &mut Take<'_>,
    ) -> Result<(), ChainError> {
        let total = blocks.iter().map(length).sum();
        let mut done = 0;
        let mut rest = blocks;
        while let Some(block) = rest.first() {
            let like = |other: &&Counted| is_source(other) == is_source(block);
            let (some, others) = rest.split_at(rest.iter().take_while(like).count());
            rest = others;
            let mut step = |block: &Counted, data: &BlockData| {
                progress.report(done, total, "taking blocks in");
                done += length(block);
                take(block, data).map_err(|error| located(error, block, data, scan))
            };
            let places: Vec<Wanted> = some.iter().filter_map(wanted).collect();
            let workers = available_parallelism().map_or(1, NonZero::get);
            read_in_order(
                &scan.files,
                &places,
                self.network,
                workers,
                &mut |number, data| step(&some[number], &data),
            )?;
            for block in some {
                match block.from {
                    From::Source(_) => {}
                    From::Aside(place) => step(block, &self.aside[place].block)?,
                    From::Store(row) => {
                        let view = self.view.as_ref().expect("the view that has the row");
                        step(block, &view.read_back(row))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The blocks that are kept and do not count.
    fn set_aside(&self, scan: &Scan) -> Result<Vec<Aside>, ChainError> {
        let mut blocks = Vec::new();
        self.each(&self.to_keep(), scan, &Silent, &mut |block, data| {
            let mut told = match block.from {
                From::Source(_) => Vec::new(),
                From::Aside(place) => self.aside[place].told.clone(),
                From::Store(row) => self
                    .view
                    .as_ref()
                    .map_or_else(Vec::new, |view| view.told_by(row)),
            };
            let ours = scan
                .prevouts
                .iter()
                .filter(|prevout| prevout.spender == block.hash);
            told.extend(ours.map(|prevout| (prevout.outpoint, prevout.outside())));
            told.sort_by_key(|(outpoint, _)| *outpoint);
            told.dedup();
            blocks.push(Aside {
                block: data.clone(),
                told,
            });
            Ok(())
        })?;
        Ok(blocks)
    }

    /// What undo data tells of blocks that count. `again`: also what it told before.
    fn undo(&self, scan: &Scan, again: bool) -> AllUndo {
        let counted: HashSet<Hash> = self.counted.iter().map(|block| block.hash).collect();
        let mut undo = AllUndo::default();
        if let Some(view) = self.view.as_ref().filter(|_| again) {
            for (outpoint, known) in view.told() {
                undo.told.add(outpoint, known);
            }
        }
        for aside in self
            .aside
            .iter()
            .filter(|aside| counted.contains(&aside.block.hash))
        {
            for (outpoint, told) in &aside.told {
                undo.told.add(*outpoint, Known::Told(told.clone()));
            }
        }
        for prevout in &scan.prevouts {
            if counted.contains(&prevout.spender) {
                undo.told
                    .add(prevout.outpoint, Known::Told(prevout.outside()));
            }
        }
        undo
    }

    fn report(&self, scan: &Scan, undo: &AllUndo, ours: &Tally, notes: Vec<Note>) -> IngestReport {
        let mut report = IngestReport {
            chain: Chain::Bitcoin(self.network),
            kind: ChainKind::Utxo,
            blocks: ours.blocks,
            transactions: ours.transactions,
            inputs: ours.inputs,
            outputs: ours.outputs,
            transfers: 0,
            unresolved_inputs: ours.unresolved,
            fees: (ours.unresolved == 0).then_some(ours.fees),
            burned: None,
            skipped: scan.skipped.clone(),
            extent: self.arrangement.extent(),
            gaps: self.arrangement.gaps(),
            coverage: self.arrangement.coverage(),
            notes,
            unchanged: false,
        };
        report.notes.extend(self.arrangement.notes.iter().cloned());
        report.notes.sort();
        report.notes.dedup();
        report.skipped.extend(undo.skipped());
        self.report_passed_over(&mut report.skipped);
        report
    }
}

/// What the first blocks of a plan promise: for a commit within a long import.
fn coverage_of(counted: &[Counted]) -> Vec<Coverage> {
    let mut runs: Vec<Coverage> = Vec::new();
    for block in counted {
        match (runs.last_mut(), block.height) {
            (
                Some(Coverage::Blocks {
                    last: Some(last), ..
                }),
                Some(height),
            ) if *last + 1 == height => {
                *last = height;
            }
            (Some(Coverage::Blocks { last: None, .. }), None) => {}
            (_, height) => runs.push(Coverage::Blocks {
                first: height,
                last: height,
                internal: true,
            }),
        }
    }
    runs
}

fn is_source(block: &Counted) -> bool {
    matches!(block.from, From::Source(_))
}

fn wanted(block: &Counted) -> Option<Wanted> {
    match block.from {
        From::Source(place) => Some((block.hash, place)),
        From::Store(_) | From::Aside(_) => None,
    }
}

fn length(block: &Counted) -> u64 {
    match block.from {
        From::Source(place) => as_u64(place.length),
        From::Store(_) | From::Aside(_) => 0,
    }
}

/// An error with the file and the byte it is about.
fn located(error: AppendError, block: &Counted, data: &BlockData, scan: &Scan) -> ChainError {
    match (error, block.from) {
        (AppendError::Sum(transaction, fault), From::Source(place)) => {
            let coding = scan.files.coding(place.file);
            let at = place.offset_of(coding, data.offsets[transaction]);
            let path = scan.files.path(place.file);
            SourceError::new(path, Some(At::Byte(at)), SourceFault::Sum(fault)).into()
        }
        (error, _) => error.into(),
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).expect("memory is addressed by 64 bits")
}
