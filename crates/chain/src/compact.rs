//! Writes a store anew from itself: the columns of each chain are made again, and what no manifest names goes.
//!
//! Of a store without damage the same bytes come out. Tables, spends and posting runs that were damaged are made whole
//! from the columns that they follow from; those are held against their checksums first, so that damage is told
//! and never sealed. A crash at any moment leaves the columns before or the new ones: they are made in a folder of their
//! own and put in place as those of an ingest are.
//!
//! Not here: sources. What the columns do not hold cannot be made again.

use std::fs;
use std::path::Path;

use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::OutsideValue;

use crate::blocks::data::BlockData;
use crate::error::ChainError;
use crate::flat::ColumnUtxo;
use crate::flat::append::{AppendError, Known, Undo};
use crate::flat::check::check_sources;
use crate::flat::writer::Writer;
use crate::ingest::Progress;
use crate::store::{Store, StoreError, Transaction, chain_of_folder};

/// What a store's files came to before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes of all files of its chains, before.
    pub bytes_before: u64,
    /// And after.
    pub bytes_after: u64,
}

/// Writes a store anew from itself. Needs room for the largest chain twice.
///
/// # Errors
/// When the store is damaged, which the error names, or cannot be written; it is then as it was.
pub fn compact(store: &mut Store, progress: &dyn Progress) -> Result<Compacted, ChainError> {
    let bytes_before = bytes_of_chains(store.path())?;
    for chain in store.chains() {
        // What a writer left when it died is put back before the lock is taken.
        store.columns(&chain)?;
        let mut transaction = Transaction::begin(store, &chain)?;
        match chain.kind() {
            ChainKind::Utxo => again(&mut transaction, &chain, progress)?,
            ChainKind::Account => transaction.store().rebuild_columns(&chain)?,
        }
    }
    Ok(Compacted {
        bytes_before,
        bytes_after: bytes_of_chains(store.path())?,
    })
}

/// Makes the columns of a chain of outputs again.
fn again(
    transaction: &mut Transaction<'_>,
    chain: &Chain,
    progress: &dyn Progress,
) -> Result<(), ChainError> {
    let Some(view) = transaction.store().columns(chain)? else {
        return Ok(());
    };
    let content = transaction.store().content(chain);
    let committed = content.columns.expect("columns were opened");
    if committed.posted < committed.counts.blocks {
        return Err(StoreError::Unfinished {
            path: transaction.columns_folder(),
            posted: committed.posted,
            blocks: committed.counts.blocks,
        }
        .into());
    }
    check_sources(&transaction.columns_folder(), &view, progress)?;
    let folder = transaction.moving_folder();
    let mut writer = Writer::open(&folder, None)?;
    if let Err(error) = refill(&mut writer, &view, progress) {
        drop(writer);
        transaction.leave(&folder)?;
        return Err(error);
    }
    writer.note_again(&committed)?;
    let notes = committed.notes_of_all()?;
    let state = writer.finish(chain, committed.coverage(), &notes, true)?;
    if state.content_id() != committed.content_id() || state.counts != committed.counts {
        drop(writer);
        transaction.leave(&folder)?;
        let why = "columns made again from these have another content".to_owned();
        let path = transaction.columns_folder();
        return Err(StoreError::Contradiction { path, why }.into());
    }
    transaction.set_columns(state.clone(), content.heights, true);
    transaction.commit()?;
    writer.clean(&state)?;
    drop((writer, view));
    Ok(transaction.end_move()?)
}

/// Takes all blocks of a view in, in its order.
fn refill(
    writer: &mut Writer,
    view: &ColumnUtxo,
    progress: &dyn Progress,
) -> Result<(), ChainError> {
    let counts = view.counts();
    writer.expect(counts.transactions, counts.addresses)?;
    let mut undo = Again {
        view,
        first_input: 0,
    };
    // Bytes as far as outputs tell: a measure of the work.
    let total = view.bytes();
    for row in 0..view.block_count() {
        let done = u128::from(total) * u128::from(writer.counts().outputs)
            / u128::from(counts.outputs.max(1));
        let done = u64::try_from(done).expect("a part of the total");
        progress.report(done, total, "making columns again");
        let data = view.read_back(row);
        let height = view.block(row).1;
        writer.append_always(&data, height, &mut undo)?;
        undo.first_input = writer.counts().inputs;
    }
    Ok(())
}

/// Tells of outside outputs what the columns tell.
struct Again<'view> {
    view: &'view ColumnUtxo,
    /// Of the block that is being taken in.
    first_input: u64,
}

impl Undo for Again<'_> {
    fn spent(&mut self, _: &BlockData, input: usize) -> Result<Known, AppendError> {
        let first = usize::try_from(self.first_input).expect("a row of a mapped file");
        Ok(self.view.known_of(first + input))
    }

    /// What differed was noted when it was told, and the notes are taken over.
    fn told_of(&self, _: [u8; 32]) -> Vec<(u32, OutsideValue)> {
        Vec::new()
    }
}

/// The bytes of all files in the folders of chains.
fn bytes_of_chains(root: &Path) -> Result<u64, StoreError> {
    let mut bytes = 0;
    let entries = fs::read_dir(root).map_err(StoreError::io(root, "cannot be read"))?;
    for entry in entries {
        let entry = entry.map_err(StoreError::io(root, "cannot be read"))?;
        if chain_of_folder(&entry.file_name().to_string_lossy()).is_some() {
            bytes += bytes_under(&entry.path())?;
        }
    }
    Ok(bytes)
}

fn bytes_under(path: &Path) -> Result<u64, StoreError> {
    let metadata = fs::symlink_metadata(path).map_err(StoreError::io(path, "cannot be read"))?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let mut bytes = 0;
    for entry in fs::read_dir(path).map_err(StoreError::io(path, "cannot be read"))? {
        let entry = entry.map_err(StoreError::io(path, "cannot be read"))?;
        bytes += bytes_under(&entry.path())?;
    }
    Ok(bytes)
}
