//! Takes chain data in: sources are read and checked whole, then the store is written, or nothing is.
//!
//! The report counts what *this* run brought, as far as it is on the active chain, whether the store had
//! it already or not; extent, gaps and coverage are those of the chain as the store then holds it.

mod blocks;
mod desk;
mod evm;
mod rows;
mod rpc;
mod stretches;

use std::ops::RangeInclusive;
use std::path::PathBuf;

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::MemoryUtxo;
use whither_ledger::view::Note;

use crate::blocks::tree::Extent;
use crate::error::{ChainError, RequestError};
use crate::sources::{Format, Recognised, recognise};
use crate::store::Store;

pub(crate) use desk::extent;

/// What to take in, and how.
#[derive(Clone, Debug, Default)]
pub struct IngestRequest {
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// The chain they are of; block files know their network by themselves, raw blocks are taken for Bitcoin's.
    pub chain: Option<Chain>,
    /// How they are written; guessed by their content where it is not given.
    pub format: Option<Format>,
    /// For tables: the name of a built-in mapping, or the path of a mapping file.
    pub mapping: Option<String>,
    /// For one block: a file with the outputs that it spends.
    pub undo: Option<PathBuf>,
    /// For blocks that hang together and do not tell: the height of the first.
    pub height: Option<u32>,
    /// Only blocks at these heights, both ends included.
    pub blocks: Option<RangeInclusive<u32>>,
    /// Report, and write nothing.
    pub dry_run: bool,
    /// After how many bytes of blocks a long import is committed on the way; for tests and small disks.
    pub commit_bytes: Option<u64>,
}

/// Something that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where: a file and byte, or a block.
    pub place: String,
    /// Why.
    pub why: String,
}

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestReport {
    /// The chain.
    pub chain: Chain,
    /// How it keeps what is owned.
    pub kind: ChainKind,
    /// Blocks of this run on the active chain.
    pub blocks: u64,
    /// Their transactions, or those of the tables.
    pub transactions: u64,
    /// Their inputs, coinbases left out.
    pub inputs: u64,
    /// Their outputs.
    pub outputs: u64,
    /// Rows of tables that tell of a transfer.
    pub transfers: u64,
    /// Inputs of which the value is not known.
    pub unresolved_inputs: u64,
    /// What was paid for inclusion, in the smallest unit; none where an input is unresolved, and for tables.
    pub fees: Option<u128>,
    /// What of it was destroyed; none where no source tells.
    pub burned: Option<u128>,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// First and last known height of the chain in the store.
    pub extent: Option<Extent>,
    /// Missing heights in between.
    pub gaps: Vec<Extent>,
    /// What the store now promises to be complete.
    pub coverage: Vec<Coverage>,
    /// What must be said with every answer from this chain.
    pub notes: Vec<Note>,
    /// Whether the store had all of it already.
    pub unchanged: bool,
}

/// Is told how far a run has come.
pub trait Progress {
    /// `done` of `total` bytes; `what` is being worked on.
    fn report(&self, done_bytes: u64, total_bytes: u64, what: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _done_bytes: u64, _total_bytes: u64, _what: &str) {}
}

/// Reads blocks into memory, as ingest would take them into an empty store: for few of them, and to hold the
/// store against.
///
/// # Errors
/// [`ChainError`], with file and place; tables are refused.
pub fn read_in_memory(request: &IngestRequest) -> Result<MemoryUtxo, ChainError> {
    let mut forms = Vec::new();
    for path in &request.paths {
        match recognise(path, request.format)? {
            Recognised::Blocks(form) => forms.push((path.as_path(), form)),
            Recognised::Accounts(_) => return Err(RequestError::SeveralKinds.into()),
        }
    }
    blocks::in_memory(request, &forms)
}

/// Takes sources in.
///
/// # Errors
/// [`ChainError`], with file and place; the store is then as it was.
pub fn ingest(
    store: &mut Store,
    request: &IngestRequest,
    progress: &dyn Progress,
) -> Result<IngestReport, ChainError> {
    if request.paths.is_empty() {
        return Err(RequestError::NoSource.into());
    }
    let mut forms = Vec::new();
    let mut formats = Vec::new();
    for path in &request.paths {
        match recognise(path, request.format)? {
            Recognised::Blocks(form) => forms.push((path.as_path(), form)),
            Recognised::Accounts(format) => formats.push(format),
        }
    }
    let Some(format) = formats.first().copied() else {
        return blocks::ingest(store, request, &forms, progress);
    };
    if !forms.is_empty() || formats.iter().any(|other| *other != format) {
        return Err(RequestError::SeveralKinds.into());
    }
    match format {
        Format::Transfers => rows::ingest(store, request, progress),
        Format::Rpc => rpc::ingest(store, request, progress),
        _ => evm::ingest(store, request, format, progress),
    }
}
