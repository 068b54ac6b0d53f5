//! Takes tables of transfers in.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::{MemoryAccounts, RowKind, TableSource};
use whither_ledger::view::{AccountView, ChainView as _, TxIx};

use super::{IngestReport, IngestRequest, Progress, Skipped};
use crate::blocks::tree::{Extent, gaps_of};
use crate::error::{ChainError, RequestError, SourceError, SourceFault};
use crate::sources::bitcoin::records::as_u64;
use crate::sources::table::{Mapping, Table, guess, read_table};
use crate::status::runs;
use crate::store::{Store, StoreError, Transaction};

pub(super) fn ingest(
    store: &mut Store,
    request: &IngestRequest,
    progress: &dyn Progress,
) -> Result<IngestReport, ChainError> {
    refuse_options(request)?;
    let size = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let total = request.paths.iter().map(size).sum();
    let mut done = 0;
    let mut tables: Vec<Table> = Vec::new();
    let mut skipped = Vec::new();
    for path in &request.paths {
        progress.report(done, total, &path.display().to_string());
        done += size(path);
        let table = read(path, request)?;
        if let Some(other) = tables.first().filter(|other| other.chain != table.chain) {
            let (a, b) = (other.chain.clone(), table.chain);
            return Err(RequestError::SeveralChains(a, b).into());
        }
        report_passed_over(path, &table, &mut skipped);
        tables.push(table);
    }
    let Some(chain) = tables.first().map(|table| table.chain.clone()) else {
        return Err(RequestError::NoSource.into());
    };
    let mut sources: Vec<TableSource> = Vec::new();
    for table in tables {
        if sources
            .iter()
            .all(|other| other.digest != table.source.digest)
        {
            sources.push(table.source);
        }
    }
    commit(store, request.dry_run, &chain, &sources, skipped, None)
}

/// What a source counts that rows do not tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) blocks: u64,
    pub(super) transactions: u64,
    pub(super) fees: Option<u128>,
    pub(super) burned: Option<u128>,
}

/// Adds sources to the store, all or none, and says what they brought.
pub(super) fn commit(
    store: &mut Store,
    dry_run: bool,
    chain: &Chain,
    sources: &[TableSource],
    skipped: Vec<Skipped>,
    counts: Option<Counts>,
) -> Result<IngestReport, ChainError> {
    store.refresh()?;
    let mut report = report(store, chain, sources, skipped, counts)?;
    report.unchanged = store.has_rows(chain, sources)?;
    if dry_run || report.unchanged {
        return Ok(report);
    }
    let planned_for = store.version();
    let mut transaction = Transaction::begin(store, chain)?;
    if transaction.store().version() != planned_for {
        // Somebody else has committed in the meantime: do all tables still go together?
        let skipped = std::mem::take(&mut report.skipped);
        report = self::report(transaction.store(), chain, sources, skipped, counts)?;
    }
    for source in sources {
        transaction.add_rows(source)?;
    }
    transaction.commit()?;
    Ok(report)
}

fn refuse_options(request: &IngestRequest) -> Result<(), RequestError> {
    let options = [
        (request.undo.is_some(), "--undo"),
        (request.height.is_some(), "--height"),
        (request.blocks.is_some(), "--blocks"),
    ];
    match options.into_iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(RequestError::OnlyForBlocks(option)),
        None => Ok(()),
    }
}

fn read(path: &Path, request: &IngestRequest) -> Result<Table, ChainError> {
    let mut file = File::open(path).map_err(|error| SourceError::io(path, error))?;
    let mapping = match &request.mapping {
        Some(mapping) => Mapping::load(mapping)?,
        None => Mapping::load(guess_mapping(path, &mut file)?)?,
    };
    let name = path.display().to_string();
    let table = read_table(file, &mapping, request.chain.as_ref(), &name);
    Ok(table.map_err(Box::new)?)
}

/// The built-in mapping for the header of a table.
fn guess_mapping(path: &Path, file: &mut File) -> Result<&'static str, SourceError> {
    let mut header = Vec::new();
    BufReader::new(&mut *file)
        .take(1 << 16)
        .read_until(b'\n', &mut header)
        .and_then(|_| file.rewind())
        .map_err(|error| SourceError::io(path, error))?;
    let header = String::from_utf8_lossy(&header);
    let names: Vec<&str> = header.trim_end().split(',').collect();
    guess(&names).ok_or_else(|| SourceError::new(path, None, SourceFault::NoMapping))
}

fn report_passed_over(path: &Path, table: &Table, skipped: &mut Vec<Skipped>) {
    let said = [
        (
            table.labels_ignored,
            "cells with labels: they are claims, import them as such",
        ),
        (
            table.rounded,
            "amounts had more digits than the asset has, and were rounded as the mapping says",
        ),
    ];
    for (count, what) in said {
        if count > 0 {
            skipped.push(Skipped {
                place: path.display().to_string(),
                why: format!("{count} {what}"),
            });
        }
    }
}

/// Builds the chain with the new tables, and says what this run brought.
fn report(
    store: &Store,
    chain: &Chain,
    sources: &[TableSource],
    skipped: Vec<Skipped>,
    counts: Option<Counts>,
) -> Result<IngestReport, ChainError> {
    let build = |sources: &[TableSource]| {
        MemoryAccounts::build(chain.clone(), sources).map_err(StoreError::from)
    };
    let known = if store.chains().contains(chain) {
        store.tables(chain)?
    } else {
        Vec::new()
    };
    let other_reading = known.iter().any(|known| {
        sources
            .iter()
            .any(|source| source.digest == known.digest && source != known)
    });
    if other_reading {
        return Err(RequestError::OtherReading.into());
    }
    // A source that counts by itself need not be built alone, and the first needs no copy.
    let transactions = match counts {
        Some(counts) => counts.transactions,
        None => as_u64(build(sources)?.transaction_count()),
    };
    let view = if known.is_empty() {
        build(sources)?
    } else {
        build(&[&known[..], sources].concat())?
    };
    let transfers = sources.iter().flat_map(|source| &source.rows);
    let transfers = transfers
        .filter(|row| row.kind == RowKind::Transfer)
        .count();
    Ok(IngestReport {
        chain: chain.clone(),
        kind: ChainKind::Account,
        blocks: counts.map_or(0, |counts| counts.blocks),
        transactions,
        inputs: 0,
        outputs: 0,
        transfers: as_u64(transfers),
        unresolved_inputs: 0,
        fees: counts.and_then(|counts| counts.fees),
        burned: counts.and_then(|counts| counts.burned),
        skipped,
        extent: extent(&view),
        gaps: gaps_of(&runs(view.coverage())),
        coverage: view.coverage().to_vec(),
        notes: view.notes().to_vec(),
        unchanged: false,
    })
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
