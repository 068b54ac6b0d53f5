//! The blocks of one source, as segments: one for each stretch of heights without a gap of which the same is told, since
//! each promises that nothing in it is missing.

use sha2::{Digest as _, Sha256};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{BlockFact, Facts, TableRow};
use whither_ledger::time::Timestamp;

use super::desk::Desk;
use crate::sources::evm::settle::{Made, Take};
use crate::store::StoreError;
use crate::store::rows::RowsWriter;

/// Writes the stretches of one source.
pub(super) struct Stretches<'a, 'store> {
    desk: &'a mut Desk<'store>,
    digest: [u8; 32],
    /// It waits for what the source tells of no block.
    first: Option<Stretch>,
    latest: Option<Stretch>,
}

/// Blocks without a gap between them.
struct Stretch {
    first: u32,
    last: u32,
    rows: RowsWriter,
    blocks: Vec<BlockFact>,
    /// Of its blocks, not of what was before the first.
    times: Option<(Timestamp, Timestamp)>,
    whole: bool,
    internal: bool,
    /// Whether it has a block.
    begun: bool,
}

impl<'a, 'store> Stretches<'a, 'store> {
    /// None yet; `digest` is that of the source's bytes.
    pub(super) fn new(desk: &'a mut Desk<'store>, digest: [u8; 32]) -> Self {
        Self {
            desk,
            digest,
            first: None,
            latest: None,
        }
    }

    fn begin(&self, height: u32) -> Result<Stretch, StoreError> {
        Ok(Stretch {
            first: height,
            last: height,
            rows: self.desk.writer()?,
            blocks: Vec::new(),
            times: None,
            whole: true,
            internal: true,
            begun: false,
        })
    }

    /// The stretch that a block belongs to.
    fn at(&mut self, made: &Made) -> Result<&mut Stretch, StoreError> {
        let height = made.height;
        let goes_on = |stretch: &Stretch| {
            let follows = stretch.last.checked_add(1) == Some(height);
            let is_alike = stretch.whole == made.whole && stretch.internal == made.internal;
            !stretch.begun || (follows && is_alike)
        };
        if self.latest.as_ref().is_some_and(|latest| !goes_on(latest)) {
            let ended = self.latest.take();
            if self.first.is_none() {
                self.first = ended;
            } else if let Some(ended) = ended {
                self.keep(ended, Facts::default())?;
            }
        }
        if self.latest.is_none() {
            self.latest = Some(self.begin(height)?);
        }
        let latest = self.latest.as_mut().expect("it was just begun");
        if !latest.begun {
            (latest.first, latest.begun) = (height, true);
            (latest.whole, latest.internal) = (made.whole, made.internal);
        }
        Ok(latest)
    }

    fn keep(&mut self, stretch: Stretch, facts: Facts) -> Result<(), StoreError> {
        // Of what was before the first block alone, that is the time.
        let Some((from, to)) = stretch.times.or(stretch.rows.seen().times) else {
            return Ok(());
        };
        let mut hasher = Sha256::new();
        hasher.update(self.digest);
        hasher.update(stretch.first.to_le_bytes());
        hasher.update(stretch.last.to_le_bytes());
        let coverage = if stretch.begun && stretch.whole {
            Coverage::Blocks {
                first: Some(stretch.first),
                last: Some(stretch.last),
                internal: stretch.internal,
            }
        } else {
            Coverage::Rows { from, to }
        };
        let facts = Facts {
            blocks: stretch.blocks,
            ..facts
        };
        let digest = hasher.finalize().into();
        self.desk.keep(stretch.rows, digest, &coverage, &facts)
    }

    /// Ends the last, and tells the first what belongs to no block.
    pub(super) fn finish(mut self, facts: Facts) -> Result<(), StoreError> {
        let (first, latest) = (self.first.take(), self.latest.take());
        let mut facts = Some(facts);
        for stretch in [first, latest].into_iter().flatten() {
            let facts = facts.take().unwrap_or_default();
            self.keep(stretch, facts)?;
        }
        Ok(())
    }
}

impl Take for Stretches<'_, '_> {
    fn genesis(&mut self, rows: Vec<TableRow>) -> Result<(), StoreError> {
        let mut stretch = self.begin(0)?;
        stretch.rows.extend(&rows)?;
        self.latest = Some(stretch);
        Ok(())
    }

    fn block(&mut self, made: Made) -> Result<(), StoreError> {
        let stretch = self.at(&made)?;
        stretch.last = made.height;
        let times = made.rows.iter().map(|row| row.time);
        for time in times.chain(made.fact.iter().map(|block| block.time)) {
            let (first, last) = stretch.times.unwrap_or((time, time));
            stretch.times = Some((first.min(time), last.max(time)));
        }
        stretch.blocks.extend(made.fact);
        stretch.rows.extend(&made.rows)
    }
}
