//! Takes Bitcoin blocks in.
//!
//! Three passes, each over one block at a time: every block of the sources is checked; all blocks that
//! count, the store's and the new ones, are settled in chain order; what is new is copied. A plan is made
//! without a lock, and made again if the store has changed by the time there is something to write.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use whither_ledger::chain::{BitcoinNetwork, Chain, ChainKind};

use super::{IngestReport, IngestRequest, Progress, Skipped};
use crate::blocks::settle::Settlement;
use crate::blocks::tree::{Arrangement, HeightConflict, Stale, arrange};
use crate::blocks::walk::{ReadBackFault, parse_again, read_block};
use crate::blocks::{Hash, IndexedBlock};
use crate::error::{At, ChainError, RequestError, SourceError, SourceFault};
use crate::prevout::KnownPrevouts;
use crate::sources::bitcoin::check;
use crate::sources::bitcoin::directory;
use crate::sources::bitcoin::records::as_u64;
use crate::sources::bitcoin::scan::{Form, Scan, Scanner};
use crate::store::{Store, StoredBlocks, Transaction};
use crate::text::show_hash;

pub(super) fn ingest(
    store: &mut Store,
    request: &IngestRequest,
    forms: &[(&Path, Form)],
    progress: &dyn Progress,
) -> Result<IngestReport, ChainError> {
    let scan = scan(request, forms, progress)?;
    let network = scan.network.unwrap_or(BitcoinNetwork::Main);
    store.refresh()?;
    let mut plan = Plan::make(store, network, &scan, request)?;
    let mut report = plan.report(&scan, progress)?;
    report.unchanged = !plan.changes(store, &scan);
    if request.dry_run || report.unchanged {
        return Ok(report);
    }
    let planned_for = store.version();
    let mut transaction = Transaction::begin(store, &Chain::Bitcoin(network))?;
    if transaction.store().version() == planned_for {
        plan.write(&mut transaction, &scan, progress)?;
        transaction.commit()?;
        return Ok(report);
    }
    // Somebody else has committed in the meantime.
    let mut plan = Plan::make(transaction.store(), network, &scan, request)?;
    let mut report = plan.report(&scan, progress)?;
    plan.write(&mut transaction, &scan, progress)?;
    report.unchanged = !transaction.is_changed();
    transaction.commit()?;
    Ok(report)
}

fn scan(
    request: &IngestRequest,
    forms: &[(&Path, Form)],
    progress: &dyn Progress,
) -> Result<Scan, ChainError> {
    if request.mapping.is_some() {
        return Err(RequestError::OnlyForTables("--mapping").into());
    }
    if let Some(range) = request.blocks.as_ref().filter(|range| range.is_empty()) {
        let (first, last) = (*range.start(), *range.end());
        return Err(RequestError::EmptyRange { first, last }.into());
    }
    let wanted = match &request.chain {
        None => None,
        Some(Chain::Bitcoin(network)) => Some(*network),
        Some(other) => return Err(RequestError::NoBlocksOn(other.clone()).into()),
    };
    let total = forms.iter().map(|(path, form)| size(path, *form)).sum();
    let mut scanner = Scanner::new(wanted, total, progress);
    for (path, form) in forms {
        scanner.read(path, *form)?;
    }
    if let Some(undo) = &request.undo {
        scanner.read_undo(undo)?;
    }
    let scan = scanner.finish();
    scan.check_bodies(progress)?;
    Ok(scan)
}

/// How many bytes a source has; for progress alone.
fn size(path: &Path, form: Form) -> u64 {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    match form {
        Form::Directory => directory::list(path).map_or(0, |listing| {
            listing.files.iter().map(|file| size(file)).sum()
        }),
        _ => size(path),
    }
}

/// All blocks, those of the store and the new ones, and what is to be done with them.
struct Plan {
    network: BitcoinNetwork,
    all: StoredBlocks,
    /// The blocks of this run, whether the store has them or not.
    ours: HashSet<Hash>,
    /// Those the store does not have: places in the index.
    new: Vec<usize>,
    /// Heights to be noted.
    new_heights: BTreeMap<Hash, u32>,
    /// How many blocks are outside the range that was asked for.
    out_of_range: usize,
    arrangement: Arrangement,
    /// The blocks that counted before.
    counted: HashSet<Hash>,
}

impl Plan {
    fn make(
        store: &Store,
        network: BitcoinNetwork,
        scan: &Scan,
        request: &IngestRequest,
    ) -> Result<Self, ChainError> {
        let chain = Chain::Bitcoin(network);
        let stored = store.blocks(&chain)?;
        let before =
            arrange(network, &stored.index, &stored.heights).map_err(RequestError::from)?;
        let counted = before.active.iter();
        let counted = counted.map(|(block, _)| stored.index.blocks[*block].hash);
        let mut plan = Self {
            network,
            counted: counted.collect(),
            all: stored,
            ours: HashSet::new(),
            new: Vec::new(),
            new_heights: BTreeMap::new(),
            out_of_range: 0,
            arrangement: before,
        };
        let said = plan.said_height(scan, request)?;
        plan.add(scan, |_| true);
        plan.arrange(said)?;
        if let Some(range) = &request.blocks {
            let heights = plan.heights();
            plan.all = store.blocks(&chain)?;
            plan.add(scan, |hash| {
                let height = heights.get(hash).copied().flatten();
                height.is_some_and(|height| range.contains(&height))
            });
            plan.arrange(said)?;
            plan.anchor(&heights);
            plan.arrange(said)?;
        }
        Ok(plan)
    }

    /// The block that `--height` is about, and its height.
    fn said_height(
        &self,
        scan: &Scan,
        request: &IngestRequest,
    ) -> Result<Option<(Hash, u32)>, RequestError> {
        let Some(height) = request.height else {
            return Ok(None);
        };
        let blocks = scan.index.blocks.iter();
        let firsts = blocks.filter(|block| scan.index.find(&block.previous).is_none());
        let pieces: BTreeMap<Hash, &IndexedBlock> =
            firsts.map(|first| (first.previous, first)).collect();
        let found = pieces.len();
        let (Some(first), 1) = (pieces.into_values().next(), found) else {
            return Err(RequestError::HeightNeedsOnePiece { found });
        };
        match self.all.heights.get(&first.hash) {
            Some(other) if *other != height => Err(HeightConflict {
                block: first.hash,
                said: height,
                why: format!("an earlier ingest was told that it is at {other}"),
            }
            .into()),
            _ => Ok(Some((first.hash, height))),
        }
    }

    /// Adds the blocks of the sources that are wanted.
    fn add(&mut self, scan: &Scan, wanted: impl Fn(&Hash) -> bool) {
        let first_file = self.all.files.append(&scan.files);
        self.ours.clear();
        self.new.clear();
        self.out_of_range = 0;
        for block in &scan.index.blocks {
            if !wanted(&block.hash) {
                self.out_of_range += 1;
                continue;
            }
            self.ours.insert(block.hash);
            let mut block = block.clone();
            block.place.file += first_file;
            if self.all.index.add(block) {
                self.new.push(self.all.index.blocks.len() - 1);
            }
        }
    }

    /// Sorts all blocks, once without what was said of heights: what the blocks know need not be noted.
    fn arrange(&mut self, said: Option<(Hash, u32)>) -> Result<(), RequestError> {
        let mut heights = self.all.heights.clone();
        heights.extend(&self.new_heights);
        self.arrangement = arrange(self.network, &self.all.index, &heights)?;
        let Some((block, height)) = said.filter(|(block, _)| self.ours.contains(block)) else {
            return Ok(());
        };
        heights.insert(block, height);
        let known = self.heights().get(&block).copied().flatten();
        self.arrangement = arrange(self.network, &self.all.index, &heights)?;
        if known.is_none() {
            self.new_heights.insert(block, height);
        }
        Ok(())
    }

    /// The heights of all blocks, as they are arranged now.
    fn heights(&self) -> HashMap<Hash, Option<u32>> {
        let active = self.arrangement.active.iter().copied();
        let stale = self.arrangement.stale.iter();
        active
            .chain(stale.map(|stale| (stale.block, stale.height)))
            .map(|(block, height)| (self.all.index.blocks[block].hash, height))
            .collect()
    }

    /// Notes the heights that were told by links to blocks which are left behind.
    fn anchor(&mut self, heights: &HashMap<Hash, Option<u32>>) {
        let told = self.heights();
        for block in &self.all.index.blocks {
            let first = self.all.index.find(&block.previous).is_none();
            let height = heights.get(&block.hash).copied().flatten();
            let lost = told.get(&block.hash).copied().flatten() != height;
            if let Some(height) = height.filter(|_| first && lost)
                && self.ours.contains(&block.hash)
            {
                self.new_heights.insert(block.hash, height);
            }
        }
    }

    /// Whether there is anything to write.
    fn changes(&self, store: &Store, scan: &Scan) -> bool {
        let chain = Chain::Bitcoin(self.network);
        !self.new.is_empty()
            || !self.new_heights.is_empty()
            || !store.has_prevouts(&chain, &scan.prevouts)
    }

    /// Settles all blocks that count, and says what this run brought.
    fn report(&mut self, scan: &Scan, progress: &dyn Progress) -> Result<IngestReport, ChainError> {
        let chain = Chain::Bitcoin(self.network);
        let mut report = IngestReport {
            chain: chain.clone(),
            kind: ChainKind::Utxo,
            blocks: 0,
            transactions: 0,
            inputs: 0,
            outputs: 0,
            transfers: 0,
            unresolved_inputs: 0,
            fees: Some(0),
            skipped: scan.skipped.clone(),
            extent: self.arrangement.extent(),
            gaps: self.arrangement.gaps(),
            coverage: self.arrangement.coverage(),
            notes: self.arrangement.notes.clone(),
            unchanged: false,
        };
        self.report_passed_over(&mut report.skipped);
        self.settle(scan, &mut report, progress)?;
        if report.unresolved_inputs > 0 {
            report.fees = None;
        }
        report.notes.sort();
        Ok(report)
    }

    fn report_passed_over(&self, skipped: &mut Vec<Skipped>) {
        let hash = |stale: &Stale| self.all.index.blocks[stale.block].hash;
        for stale in &self.arrangement.stale {
            let why = if self.ours.contains(&hash(stale)) {
                "stale"
            } else if self.counted.contains(&hash(stale)) {
                "stale since this ingest"
            } else {
                continue;
            };
            let place = match stale.height {
                Some(height) => format!("block {} at height {height}", show_hash(&hash(stale))),
                None => format!("block {}", show_hash(&hash(stale))),
            };
            let instead = show_hash(&stale.instead);
            skipped.push(Skipped {
                place,
                why: format!("{why}: block {instead} is on the branch with more work"),
            });
        }
        if self.out_of_range > 0 {
            skipped.push(Skipped {
                place: "--blocks".to_owned(),
                why: format!(
                    "{} blocks are outside the range, or of unknown height",
                    self.out_of_range
                ),
            });
        }
    }

    fn settle(
        &mut self,
        scan: &Scan,
        report: &mut IngestReport,
        progress: &dyn Progress,
    ) -> Result<(), ChainError> {
        let known = self.known_prevouts(scan);
        let mut settlement = Settlement::new(&known);
        let mut bytes = Vec::new();
        let active = self.arrangement.active.iter().map(|(block, _)| *block);
        let total = self.bytes_of(active.clone());
        let mut done = 0;
        for number in active {
            progress.report(done, total, "matching inputs with outputs");
            let block = &self.all.index.blocks[number];
            let place = block.place;
            done += as_u64(place.length);
            let path = self.all.files.path(place.file).to_owned();
            let coding = self.all.files.coding(place.file);
            let (parsed, txids) = read_block(&mut self.all.files, block, &mut bytes)
                .and_then(|()| parse_again(block, &bytes))
                .map_err(|fault| read_back(&path, fault))?;
            let ours = self.ours.contains(&block.hash);
            report.blocks += u64::from(ours);
            for (transaction, txid) in parsed.transactions.iter().zip(txids) {
                let settled = settlement.settle(txid, transaction).map_err(|fault| {
                    let at = At::Byte(place.offset_of(coding, transaction.offset));
                    SourceError::new(&path, Some(at), SourceFault::Sum(fault))
                })?;
                if ours {
                    report.transactions += 1;
                    report.inputs += settled.inputs;
                    report.outputs += as_u64(transaction.outputs.len());
                    report.unresolved_inputs += settled.unresolved;
                    let fee = settled.fee.map(u128::from);
                    report.fees = report.fees.map(|sum| sum + fee.unwrap_or(0));
                }
            }
        }
        report.notes.extend(settlement.notes);
        Ok(())
    }

    /// How many bytes blocks have together.
    fn bytes_of(&self, blocks: impl Iterator<Item = usize>) -> u64 {
        let length = |block: usize| as_u64(self.all.index.blocks[block].place.length);
        blocks.map(length).sum()
    }

    /// What undo data tells of blocks that count.
    fn known_prevouts(&self, scan: &Scan) -> KnownPrevouts {
        let active = self.arrangement.active.iter();
        let active: HashSet<Hash> = active
            .map(|(block, _)| self.all.index.blocks[*block].hash)
            .collect();
        let mut known = KnownPrevouts::default();
        for prevout in self.all.prevouts.iter().chain(&scan.prevouts) {
            if active.contains(&prevout.spender) {
                known.add(prevout.clone());
            }
        }
        known
    }

    /// Copies what is new, in chain order.
    fn write(
        &mut self,
        transaction: &mut Transaction<'_>,
        scan: &Scan,
        progress: &dyn Progress,
    ) -> Result<(), ChainError> {
        for (block, height) in &self.new_heights {
            transaction.add_height(*block, *height);
        }
        transaction.add_prevouts(&scan.prevouts)?;
        let heights = self.heights();
        self.new.sort_by_key(|number| {
            let block = &self.all.index.blocks[*number];
            let height = heights.get(&block.hash).copied().flatten();
            (height.is_none(), height, show_hash(&block.hash))
        });
        let mut writer = transaction.add_blocks(self.network.magic());
        let mut bytes = Vec::new();
        let total = self.bytes_of(self.new.iter().copied());
        let mut done = 0;
        for number in &self.new {
            progress.report(done, total, "writing blocks");
            let block = &self.all.index.blocks[*number];
            done += as_u64(block.place.length);
            let path = self.all.files.path(block.place.file).to_owned();
            read_block(&mut self.all.files, block, &mut bytes)
                .map_err(|fault| read_back(&path, fault))?;
            let same = check(&bytes, self.network)
                .is_ok_and(|checked| checked.block.header.hash == block.hash);
            if !same {
                return Err(read_back(&path, ReadBackFault::Changed));
            }
            writer.write(&bytes)?;
        }
        writer.finish()?;
        Ok(())
    }
}

fn read_back(path: &Path, fault: ReadBackFault) -> ChainError {
    let fault = match fault {
        ReadBackFault::Io(error) => SourceFault::Io(error),
        ReadBackFault::Changed => SourceFault::Changed,
    };
    SourceError::new(path, None, fault).into()
}
