//! The record of an output that is spent here and was made elsewhere.

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    /// The transaction that made it, internal byte order.
    pub(super) txid: [u8; 32],
    /// Its index there.
    pub(super) vout: u32,
    /// In satoshi, or one of the two values beyond all coins that say that it is not known.
    pub(super) value: u64,
    /// Whose it was.
    pub(super) owner: Option<u32>,
    /// The transaction that spends it.
    pub(super) spender: u32,
}

/// Reads a record.
#[inline]
pub(super) fn read(record: &[u8; 52]) -> Outside {
    let (txid, rest) = record.split_first_chunk().expect("52 bytes");
    let (vout, rest) = rest.split_first_chunk().expect("20 bytes");
    let (value, rest) = rest.split_first_chunk().expect("16 bytes");
    let (owner, rest) = rest.split_first_chunk().expect("8 bytes");
    let spender = rest.first_chunk().expect("4 bytes");
    Outside {
        txid: *txid,
        vout: u32::from_le_bytes(*vout),
        value: u64::from_le_bytes(*value),
        owner: u32::from_le_bytes(*owner).checked_sub(1),
        spender: u32::from_le_bytes(*spender),
    }
}
