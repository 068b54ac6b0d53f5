//! The columns of a chain of outputs: flat files of fixed-width records, mapped into memory.
//!
//! [`Writer`](writer::Writer) appends blocks and cuts them off again; [`ColumnUtxo`] answers all that a view
//! answers, as the view in memory does. Ids are dense and in chain order, so a record lies at id × width and
//! nothing is searched but hashes. The bytes depend on the blocks alone: a chain that grew block by block, or was
//! cut and grown again, has the same files as one taken in at once. Layout and sizes: `docs/reference/store.md`.
//!
//! Not here: account chains, which blocks count, and the manifest that says what is committed.

mod address;
pub(crate) mod append;
pub(crate) mod check;
mod column;
pub(crate) mod commit;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod crowd;
pub(crate) mod fail;
mod hash;
mod journal;
mod layout;
pub(crate) mod map;
mod outside;
mod posts;
mod read_back;
mod runs;
mod scan;
mod sip;
mod slots;
mod spends;
mod starts;
pub(crate) mod state;
mod sums;
mod view;
pub(crate) mod writer;

use std::path::Path;

use whither_ledger::address::Address;
use whither_ledger::chain::Chain;

use crate::store::StoreError;
use crate::text::{decode_hex, hex};
use state::State;

pub use scan::ScannedOutput;
pub use view::ColumnUtxo;

/// An owner as the columns write one, in hex.
pub(crate) fn owner_to_hex(owner: &Address) -> String {
    let whole = address::whole(owner).expect("a script's address is one of Bitcoin's");
    hex(&whole[..2 + usize::from(whole[1])])
}

/// Reads it back.
pub(crate) fn owner_of_hex(text: &str) -> Option<Address> {
    let bytes = decode_hex(text)?;
    let mut whole = [0; 42];
    whole.get_mut(..bytes.len())?.copy_from_slice(&bytes);
    address::read(&whole)
}

/// What stands in the way of opening columns.
#[expect(clippy::large_enum_variant, reason = "few are made, and one at a time")]
pub(crate) enum Opened {
    /// Nothing.
    View(ColumnUtxo),
    /// A writer died while it was cutting; what it took away must be put back first.
    Torn,
}

/// Opens the columns of a committed state: maps every file and compares its size, and reads no more of it.
///
/// Waits for a writer that is cutting. `state` is asked for once nobody can cut any more.
///
/// # Errors
/// When a file is missing or shorter than was committed; the error names it.
pub(crate) fn open(
    folder: &Path,
    chain: &Chain,
    state: impl FnOnce() -> Result<Option<State>, StoreError>,
) -> Result<Option<Opened>, StoreError> {
    let readers = commit::with_others(folder)?;
    let Some(state) = state()? else {
        return Ok(None);
    };
    fail::pause();
    if folder.join(journal::JOURNAL).exists() {
        return Ok(Some(Opened::Torn));
    }
    ColumnUtxo::open(folder, chain, &state, readers).map(|view| Some(Opened::View(view)))
}
