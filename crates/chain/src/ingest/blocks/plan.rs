//! What is to be done: which blocks count, which stay where they are, which are appended.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::memory::Outpoint;

use crate::blocks::files::Place;
use crate::blocks::tree::{Arrangement, HeightConflict, Stale, arrange};
use crate::blocks::{Hash, Index, IndexedBlock};
use crate::error::{ChainError, RequestError};
use crate::flat::ColumnUtxo;
use crate::flat::append::Known;
use crate::ingest::{IngestRequest, Skipped};
use crate::prevout::Told;
use crate::sources::bitcoin::scan::Scan;
use crate::sources::bitcoin::{Header, target, work};
use crate::store::{Aside, Store};
use crate::text::show_hash;

/// Where a block comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The store's row.
    Store(usize),
    /// One of the blocks that the store keeps and that did not count.
    Aside(usize),
    /// A place in the sources' files.
    Source(Place),
}

/// A block that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) hash: Hash,
    pub(super) height: Option<u32>,
    pub(super) from: From,
    /// Whether it is one of this run's.
    pub(super) ours: bool,
    pub(super) transactions: u32,
}

/// All blocks, those of the store and the new ones, and what is to be done with them.
pub(super) struct Plan {
    pub(super) network: BitcoinNetwork,
    /// The columns as they stand.
    pub(super) view: Option<ColumnUtxo>,
    /// Blocks that the store keeps and that did not count.
    pub(super) aside: Vec<Aside>,
    /// Where each of them is in that list.
    put_aside: HashMap<Hash, usize>,
    all: Index,
    /// Which of them the store has: their rows.
    stored: HashMap<Hash, usize>,
    /// The blocks of this run, whether the store has them or not.
    ours: HashSet<Hash>,
    /// Heights that blocks do not tell: those the store was told of, and new ones.
    heights: BTreeMap<Hash, u32>,
    /// Heights to be noted.
    new_heights: BTreeMap<Hash, u32>,
    /// How many blocks are outside the range that was asked for.
    out_of_range: usize,
    pub(super) arrangement: Arrangement,
    /// The blocks that count, in chain order.
    pub(super) counted: Vec<Counted>,
    /// How many of them, the first ones, stay where they are.
    pub(super) kept: usize,
    /// Whether undo data tells something new of blocks that stay.
    undo_changes: bool,
    /// Blocks that are not alone in following a block.
    rivals: HashSet<Hash>,
    /// After how many bytes a long import is committed on the way.
    pub(super) commit_bytes: Option<u64>,
}

impl Plan {
    pub(super) fn make(
        store: &Store,
        chain: &Chain,
        scan: &Scan,
        request: &IngestRequest,
    ) -> Result<Self, ChainError> {
        let mut plan = Self {
            network: scan.network.unwrap_or(BitcoinNetwork::Main),
            view: store.columns(chain)?,
            aside: store.aside(chain)?,
            put_aside: HashMap::new(),
            all: Index::default(),
            stored: HashMap::new(),
            ours: HashSet::new(),
            heights: store.content(chain).heights,
            new_heights: BTreeMap::new(),
            out_of_range: 0,
            arrangement: Arrangement::default(),
            counted: Vec::new(),
            kept: 0,
            undo_changes: false,
            rivals: HashSet::new(),
            commit_bytes: request.commit_bytes,
        };
        plan.index_stored();
        let said = plan.said_height(scan, request)?;
        plan.add(scan, |_| true);
        plan.arrange(said)?;
        if let Some(range) = &request.blocks {
            let heights = plan.heights();
            plan.all = Index::default();
            plan.index_stored();
            plan.add(scan, |hash| {
                let height = heights.get(hash).copied().flatten();
                height.is_some_and(|height| range.contains(&height))
            });
            plan.arrange(said)?;
            plan.anchor(&heights);
            plan.arrange(said)?;
        }
        plan.count_blocks();
        plan.find_rivals();
        plan.undo_changes = plan
            .view
            .as_ref()
            .is_some_and(|view| plan.tells_more(view, scan));
        Ok(plan)
    }

    /// The blocks that the store has.
    fn index_stored(&mut self) {
        if let Some(view) = &self.view {
            for row in 0..view.block_count() {
                let block = indexed(view.header(row), view.claimed_height(row), 0);
                self.stored.insert(block.hash, row);
                self.all.add(block);
            }
        }
        for (place, Aside { block, .. }) in self.aside.iter().enumerate() {
            self.put_aside.insert(block.hash, place);
            let header = block.header.first_chunk().expect("a header has 80 bytes");
            self.all
                .add(indexed(header, block.claimed_height, block.txids.len()));
        }
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
        match self.heights.get(&first.hash) {
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
        self.ours.clear();
        self.out_of_range = 0;
        for block in &scan.index.blocks {
            if wanted(&block.hash) {
                self.ours.insert(block.hash);
                self.all.add(block.clone());
            } else {
                self.out_of_range += 1;
            }
        }
    }

    /// Sorts all blocks, once without what was said of heights: what the blocks know need not be noted.
    fn arrange(&mut self, said: Option<(Hash, u32)>) -> Result<(), RequestError> {
        let mut heights = self.heights.clone();
        heights.extend(&self.new_heights);
        self.arrangement = arrange(self.network, &self.all, &heights)?;
        let Some((block, height)) = said.filter(|(block, _)| self.ours.contains(block)) else {
            return Ok(());
        };
        heights.insert(block, height);
        let known = self.heights().get(&block).copied().flatten();
        self.arrangement = arrange(self.network, &self.all, &heights)?;
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
            .map(|(block, height)| (self.all.blocks[block].hash, height))
            .collect()
    }

    /// Notes the heights that were told by links to blocks which are left behind.
    fn anchor(&mut self, heights: &HashMap<Hash, Option<u32>>) {
        let told = self.heights();
        for block in &self.all.blocks {
            let first = self.all.find(&block.previous).is_none();
            let height = heights.get(&block.hash).copied().flatten();
            let lost = told.get(&block.hash).copied().flatten() != height;
            if let Some(height) = height.filter(|_| first && lost)
                && self.ours.contains(&block.hash)
            {
                self.new_heights.insert(block.hash, height);
            }
        }
    }

    fn find_rivals(&mut self) {
        let mut followers: HashMap<Hash, Hash> = HashMap::new();
        for block in &self.all.blocks {
            if let Some(other) = followers.insert(block.previous, block.hash) {
                self.rivals.extend([other, block.hash]);
            }
        }
    }

    fn source_of(&self, block: &IndexedBlock) -> From {
        if let Some(row) = self.stored.get(&block.hash) {
            return From::Store(*row);
        }
        match self.put_aside.get(&block.hash) {
            Some(place) => From::Aside(*place),
            None => From::Source(block.place),
        }
    }

    /// Whether another block follows the same one.
    pub(super) fn has_rival(&self, hash: &Hash) -> bool {
        self.rivals.contains(hash)
    }

    /// The blocks that do not count and are to be kept.
    pub(super) fn to_keep(&self) -> Vec<Counted> {
        let open = self.arrangement.stale.iter().filter(|stale| stale.open);
        let kept = open.map(|stale| {
            let block = &self.all.blocks[stale.block];
            Counted {
                hash: block.hash,
                height: stale.height,
                from: self.source_of(block),
                ours: false,
                transactions: block.transactions,
            }
        });
        kept.collect()
    }

    fn aside_changes(&self) -> bool {
        let before: BTreeSet<Hash> = self.aside.iter().map(|aside| aside.block.hash).collect();
        let after: BTreeSet<Hash> = self.to_keep().iter().map(|block| block.hash).collect();
        before != after
    }

    /// Lists the blocks that count, and finds how many stay where they are.
    fn count_blocks(&mut self) {
        let counted = self.arrangement.active.iter().map(|(number, height)| {
            let block = &self.all.blocks[*number];
            Counted {
                hash: block.hash,
                height: *height,
                from: self.source_of(block),
                ours: self.ours.contains(&block.hash),
                transactions: block.transactions,
            }
        });
        self.counted = counted.collect();
        let Some(view) = &self.view else {
            return;
        };
        let stays = |(row, counted): &(usize, &Counted)| {
            counted.from == From::Store(*row) && view.block(*row).1 == counted.height
        };
        self.kept = self.counted.iter().enumerate().take_while(stays).count();
    }

    /// Whether undo data tells of stored blocks what the store does not know, or otherwise than they do.
    fn tells_more(&self, view: &ColumnUtxo, scan: &Scan) -> bool {
        if scan.prevouts.is_empty() {
            return false;
        }
        let asked: HashSet<Outpoint> = scan.prevouts.iter().map(|known| known.outpoint).collect();
        let mut told = Told::default();
        for (outpoint, known) in view.told().filter(|(outpoint, _)| asked.contains(outpoint)) {
            told.add(outpoint, known);
        }
        let counted: HashSet<Hash> = self.counted.iter().map(|block| block.hash).collect();
        let of_counted = scan.prevouts.iter();
        for prevout in of_counted.filter(|prevout| counted.contains(&prevout.spender)) {
            let held = view.output_at(&prevout.outpoint);
            if held.is_none() && !self.stored.contains_key(&prevout.spender) {
                continue;
            }
            let known = Known::Told(prevout.outside());
            let same = match held {
                Some(held) => held == prevout.outside() || view.is_noted(&prevout.outpoint),
                None => [known, Known::Disputed].contains(&told.get(&prevout.outpoint)),
            };
            if !same {
                return true;
            }
        }
        false
    }

    /// Whether all that is appended comes from the sources, behind blocks that stay.
    pub(super) fn in_place(&self) -> bool {
        let appended = &self.counted[self.kept..];
        let new = |block: &Counted| !matches!(block.from, From::Store(_));
        !self.undo_changes && self.view.is_some() && appended.iter().all(new)
    }

    /// Whether there is anything to write.
    pub(super) fn changes(&self) -> bool {
        let stored = self.view.as_ref().map_or(0, ColumnUtxo::block_count);
        self.undo_changes
            || !self.new_heights.is_empty()
            || self.kept < self.counted.len()
            || self.kept < stored
            || self.aside_changes()
    }

    /// The heights that are to be kept.
    pub(super) fn said_heights(&self) -> BTreeMap<Hash, u32> {
        let counted = self.counted.iter().map(|block| block.hash);
        let kept = self.to_keep().into_iter().map(|block| block.hash);
        let counted: HashSet<Hash> = counted.chain(kept).collect();
        let heights = self.heights.iter().chain(&self.new_heights);
        heights
            .filter(|(block, _)| counted.contains(*block))
            .map(|(block, height)| (*block, *height))
            .collect()
    }

    /// Names the blocks that do not count, those of this run and those that counted before.
    pub(super) fn report_passed_over(&self, skipped: &mut Vec<Skipped>) {
        let hash = |stale: &Stale| self.all.blocks[stale.block].hash;
        for stale in &self.arrangement.stale {
            let why = if self.ours.contains(&hash(stale)) {
                "stale"
            } else if self.stored.contains_key(&hash(stale)) {
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
}

/// What is kept of a block of the store in an index; where it lies is told otherwise.
fn indexed(header: &[u8; 80], claimed_height: Option<u32>, transactions: usize) -> IndexedBlock {
    let header = Header::parse(header);
    let target = target(header.bits).expect("it was checked when it was taken in");
    IndexedBlock {
        hash: header.hash,
        previous: header.previous,
        time: header.time,
        work: work(target),
        claimed_height,
        transactions: u32::try_from(transactions).expect("a block is small"),
        place: Place {
            file: usize::MAX,
            offset: 0,
            length: 0,
        },
    }
}
