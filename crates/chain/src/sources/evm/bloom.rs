//! The bloom filter of a block's logs: with it a header commits to the addresses and topics of all of them, so
//! that a source which leaves a log out is caught.
//!
//! It misses what sets no bit of its own, a log that is like another of the same block: gaps in the indexes of logs and
//! the root of the receipts ([`super::root`]) tell of those.

use sha3::{Digest as _, Keccak256};

/// 2,048 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bloom(pub(crate) [u8; 256]);

impl Default for Bloom {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Bloom {
    /// Adds an address or a topic.
    pub(crate) fn add(&mut self, item: &[u8]) {
        let hash = Keccak256::digest(item);
        for pair in hash[..6].chunks_exact(2) {
            let bit = usize::from(u16::from_be_bytes([pair[0], pair[1]]) & 0x7ff);
            self.0[255 - bit / 8] |= 1 << (bit % 8);
        }
    }

    /// Takes in all that another holds.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own |= other;
        }
    }
}
