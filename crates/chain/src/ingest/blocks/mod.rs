//! Takes Bitcoin blocks in.
//!
//! The headers of all sources are read first, and a plan is made: which blocks count, which of those the store has
//! stay where they are. Then each block that is to be appended is read and checked once, in chain order, on
//! as many cores as there are. All of that happens under the store's lock; a run that writes nothing takes none.

mod plan;
mod run;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod steps;
mod undo;

use std::fs;
use std::path::Path;

use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::memory::MemoryUtxo;

use super::{IngestReport, IngestRequest, Progress, Silent};
use crate::error::{ChainError, RequestError};
use crate::sources::bitcoin::directory;
use crate::sources::bitcoin::scan::{Form, Scan, Scanner};
use crate::store::{Store, Transaction};
use plan::Plan;

pub(super) fn ingest(
    store: &mut Store,
    request: &IngestRequest,
    forms: &[(&Path, Form)],
    progress: &dyn Progress,
) -> Result<IngestReport, ChainError> {
    let scan = scan(request, forms, progress)?;
    let chain = Chain::Bitcoin(scan.network.unwrap_or(BitcoinNetwork::Main));
    if request.dry_run {
        store.refresh()?;
        let plan = Plan::make(store, &chain, &scan, request)?;
        let mut report = plan.rehearse(&scan, progress)?;
        report.unchanged = !plan.changes();
        return Ok(report);
    }
    let mut transaction = Transaction::begin(store, &chain)?;
    let plan = Plan::make(transaction.store(), &chain, &scan, request)?;
    if plan.changes() {
        return plan.execute(&mut transaction, &scan, progress);
    }
    Ok(plan.confirm(&scan))
}

/// Reads blocks into memory, without a store.
pub(super) fn in_memory(
    request: &IngestRequest,
    forms: &[(&Path, Form)],
) -> Result<MemoryUtxo, ChainError> {
    let scan = scan(request, forms, &Silent)?;
    let chain = Chain::Bitcoin(scan.network.unwrap_or(BitcoinNetwork::Main));
    Plan::make(&Store::nowhere(), &chain, &scan, request)?.in_memory(&scan)
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
    Ok(scanner.finish())
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
