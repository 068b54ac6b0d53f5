//! Takes tables of transfers in.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use whither_ledger::chain::Chain;
use whither_ledger::memory::{MemoryAccounts, TableSource};
use whither_ledger::view::ChainView as _;

use super::desk::{Counts, Desk, report};
use super::{IngestReport, IngestRequest, Progress, Skipped};
use crate::error::{ChainError, RequestError, SourceError, SourceFault};
use crate::sources::bitcoin::records::as_u64;
use crate::sources::table::{Mapping, Table, guess, read_table};
use crate::store::Store;

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
    of_tables(store, request.dry_run, &chain, &sources, skipped)
}

/// Adds whole tables to the store, all or none, and says what they brought.
pub(super) fn of_tables(
    store: &mut Store,
    dry_run: bool,
    chain: &Chain,
    sources: &[TableSource],
    skipped: Vec<Skipped>,
) -> Result<IngestReport, ChainError> {
    let mut desk = Desk::begin(store, chain, dry_run)?;
    sources.iter().try_for_each(|source| desk.table(source))?;
    let brought = desk.end(true)?;
    let alone = MemoryAccounts::build(chain.clone(), sources);
    let counts = Counts {
        transactions: as_u64(alone.transaction_count()),
        ..Counts::default()
    };
    report(store, chain, &brought, skipped, counts)
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
