//! The hashes by which rows are found: of a transaction's id, of an address.
//!
//! Ids are hashes themselves: their first bytes serve as they are, until somebody has ground ids that
//! crowd; from the next seed on they are hashed again. Whose address it is can be chosen freely, so addresses
//! are always hashed.

use super::address::Whole;
use super::sip::Key;

/// Of a transaction's id.
pub(super) fn of_transaction(txid: &[u8; 32], seed: u32) -> u64 {
    match seed {
        0 => u64::from_le_bytes(*txid.first_chunk().expect("32 bytes")),
        _ => Key(u64::from(seed), 0).fingerprint(txid),
    }
}

/// Of an address.
pub(super) fn of_address(whole: &Whole, seed: u32) -> u64 {
    let length = usize::from(whole[1]).min(40);
    Key(u64::from(seed), 1).fingerprint(&whole[..2 + length])
}
