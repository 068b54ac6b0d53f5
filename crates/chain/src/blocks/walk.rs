//! Reads blocks back from where they lie, one at a time.
//!
//! A block that is not the one that was indexed stops the walk: its file has changed since.

use std::io;

use thiserror::Error;

use super::files::Files;
use super::{Hash, IndexedBlock};
use crate::sources::bitcoin::{BlockRef, FaultAt, Transaction, commits_to};

/// Why a block cannot be read back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadBackFault {
    /// The file system.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Other bytes than before.
    #[error("has changed while it was being read")]
    Changed,
}

/// Reads one block into `bytes` and checks that it is the one that was indexed.
pub(crate) fn read_block(
    files: &mut Files,
    block: &IndexedBlock,
    bytes: &mut Vec<u8>,
) -> Result<(), ReadBackFault> {
    files.read(&block.place, block.place.length, bytes)?;
    if bytes.len() == block.place.length {
        return Ok(());
    }
    Err(ReadBackFault::Changed)
}

/// Parses a block that was read back, with the ids of its transactions.
pub(crate) fn parse_again<'bytes>(
    block: &IndexedBlock,
    bytes: &'bytes [u8],
) -> Result<(BlockRef<'bytes>, Vec<Hash>), ReadBackFault> {
    let changed = |_: FaultAt| ReadBackFault::Changed;
    let parsed = BlockRef::parse(bytes).map_err(changed)?;
    if parsed.header.hash != block.hash {
        return Err(ReadBackFault::Changed);
    }
    let txids: Vec<Hash> = parsed.transactions.iter().map(Transaction::txid).collect();
    if !commits_to(&parsed.header, &txids) {
        return Err(ReadBackFault::Changed);
    }
    Ok((parsed, txids))
}
