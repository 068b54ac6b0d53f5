//! Where rows go while a source is read: into segments of the store that nothing names yet, or, where nothing is to be
//! written, into memory.

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, TableSource};
use whither_ledger::view::{AccountView, TxIx};

use super::{IngestReport, Skipped};
use crate::blocks::tree::Extent;
use crate::error::{ChainError, RequestError};
use crate::status::gaps;
use crate::store::rows::{RowsSegment, RowsWriter};
use crate::store::{Segment, Store, StoreError, Transaction};

/// What a run has brought, before the report is made of it.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) transfers: u64,
    /// Segments in memory, where nothing was to be written.
    pub(super) segments: Vec<RowsSegment>,
    /// Whether the store had all of it.
    pub(super) unchanged: bool,
}

/// What a source counts that rows do not tell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) blocks: u64,
    pub(super) transactions: u64,
    pub(super) fees: Option<u128>,
    pub(super) burned: Option<u128>,
}

/// Takes segments of one chain.
#[derive(Debug)]
pub(super) struct Desk<'store> {
    chain: Chain,
    place: Place<'store>,
    digests: Vec<[u8; 32]>,
    /// Those of the store, whether it had them already or not.
    kept: Vec<Segment>,
    transfers: u64,
}

#[derive(Debug)]
enum Place<'store> {
    Store(Transaction<'store>),
    Memory(&'store Store, Vec<RowsSegment>),
}

impl<'store> Desk<'store> {
    /// Begins; where something is to be written, other writers wait until it ends.
    pub(super) fn begin(
        store: &'store mut Store,
        chain: &Chain,
        dry_run: bool,
    ) -> Result<Self, StoreError> {
        let place = if dry_run {
            store.refresh()?;
            Place::Memory(store, Vec::new())
        } else {
            Place::Store(Transaction::begin(store, chain)?)
        };
        Ok(Self {
            chain: chain.clone(),
            place,
            digests: Vec::new(),
            kept: Vec::new(),
            transfers: 0,
        })
    }

    /// A segment to write rows to.
    pub(super) fn writer(&self) -> Result<RowsWriter, StoreError> {
        match &self.place {
            Place::Store(transaction) => transaction.begin_rows(),
            Place::Memory(..) => Ok(RowsWriter::in_memory()),
        }
    }

    /// Takes a segment whose rows are written.
    pub(super) fn keep(
        &mut self,
        writer: RowsWriter,
        digest: [u8; 32],
        coverage: &Coverage,
        facts: &Facts,
    ) -> Result<(), StoreError> {
        self.digests.push(digest);
        self.transfers += writer.seen().transfers;
        let written = writer.finish(&self.chain, digest, coverage, facts)?;
        match &mut self.place {
            Place::Store(transaction) => {
                self.kept.push(transaction.add_rows(written)?);
                Ok(())
            }
            Place::Memory(_, segments) => {
                let bytes = written.in_memory().expect("nothing is written elsewhere");
                segments.push(RowsSegment::of_bytes(&self.chain, bytes)?);
                Ok(())
            }
        }
    }

    /// Takes a whole table.
    pub(super) fn table(&mut self, source: &TableSource) -> Result<(), StoreError> {
        let mut writer = self.writer()?;
        writer.extend(&source.rows)?;
        self.keep(writer, source.digest, &source.coverage, &source.facts)
    }

    /// Makes all of it part of the store, with columns that answer of it unless those are made later.
    pub(super) fn end(mut self, with_columns: bool) -> Result<Brought, ChainError> {
        let mut brought = Brought {
            transfers: self.transfers,
            ..Brought::default()
        };
        match &mut self.place {
            Place::Memory(store, segments) => {
                brought.unchanged = is_known(store, &self.chain, segments)?;
                brought.segments = std::mem::take(segments);
                let known = store.heads_of(&self.chain)?;
                let new: Vec<&[u8]> = brought.segments.iter().map(RowsSegment::bytes).collect();
                let known = known.iter().filter(|(_, one)| !new.contains(&one.bytes()));
                refuse_other_reading(known.map(|(_, one)| one.head.digest), &self.digests)?;
            }
            Place::Store(transaction) => {
                brought.unchanged = !transaction.is_changed();
                if brought.unchanged {
                    return Ok(brought);
                }
                let known = transaction.store().heads_of(&self.chain)?;
                let known = known.iter().filter(|(one, _)| !self.kept.contains(one));
                refuse_other_reading(known.map(|(_, one)| one.head.digest), &self.digests)?;
                let columns = with_columns.then(|| transaction.prepare_columns());
                let columns = columns.transpose()?;
                transaction.commit()?;
                columns.map_or(Ok(()), crate::accounts::Prepared::commit)?;
            }
        }
        Ok(brought)
    }
}

/// Whether a store has all segments.
fn is_known(store: &Store, chain: &Chain, segments: &[RowsSegment]) -> Result<bool, StoreError> {
    let known = store.heads_of(chain)?;
    let is_known = |one: &RowsSegment| known.iter().any(|(_, known)| known.bytes() == one.bytes());
    Ok(segments.iter().all(is_known))
}

/// The same bytes cannot be read in two ways.
fn refuse_other_reading(
    mut known: impl Iterator<Item = [u8; 32]>,
    brought: &[[u8; 32]],
) -> Result<(), RequestError> {
    if known.any(|digest| brought.contains(&digest)) {
        return Err(RequestError::OtherReading);
    }
    Ok(())
}

/// Says what a run brought, and what the store now holds.
pub(super) fn report(
    store: &Store,
    chain: &Chain,
    brought: &Brought,
    skipped: Vec<Skipped>,
    counts: Counts,
) -> Result<IngestReport, ChainError> {
    let mut report = IngestReport {
        chain: chain.clone(),
        kind: ChainKind::Account,
        blocks: counts.blocks,
        transactions: counts.transactions,
        inputs: 0,
        outputs: 0,
        transfers: brought.transfers,
        unresolved_inputs: 0,
        fees: counts.fees,
        burned: counts.burned,
        skipped,
        extent: None,
        gaps: Vec::new(),
        coverage: Vec::new(),
        notes: Vec::new(),
        unchanged: brought.unchanged,
    };
    if brought.segments.is_empty() {
        if !store.chains().contains(chain) {
            return Ok(report);
        }
        if brought.unchanged {
            // Whoever brings again what is there has columns mended that were damaged or never made.
            store.build_columns(chain)?;
        }
        if let Some(view) = store.account_columns(chain)? {
            complete(&mut report, &view);
            return Ok(report);
        }
    }
    // Columns are not there, or nothing was to be written.
    let mut tables = store.tables(chain)?;
    for segment in &brought.segments {
        tables.push(segment.table()?);
    }
    complete(&mut report, &MemoryAccounts::build(chain.clone(), &tables));
    Ok(report)
}

fn complete(report: &mut IngestReport, view: &impl AccountView) {
    report.extent = extent(view);
    report.gaps = gaps(view);
    report.coverage = view.coverage().to_vec();
    report.notes = view.notes().to_vec();
}

/// First and last height that any row or block tells.
pub(crate) fn extent(view: &impl AccountView) -> Option<Extent> {
    let heights =
        (0..view.transaction_count()).filter_map(|row| view.position(TxIx::of(row)).height);
    let heights = heights.chain(view.blocks().map(|block| block.height));
    heights.fold(None, |extent, height| {
        let extent = extent.unwrap_or(Extent {
            first: height,
            last: height,
        });
        Some(Extent {
            first: extent.first.min(height),
            last: extent.last.max(height),
        })
    })
}
