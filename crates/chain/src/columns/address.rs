//! Addresses as records: a short one for the forms that are common, a long one for the rest.
//!
//! Whole: tag, length, 40 bytes (42). Short: one byte for the common pairs of tag and length, and 32 bytes;
//! or zero and the row of the long record. Only Bitcoin's kinds: no other chain has outputs here.

use whither_ledger::address::{Address, WitnessProgram};

/// An address written whole: tag, length, bytes, then zeros.
pub(super) type Long = [u8; 42];
/// The short record.
pub(super) type Short = [u8; 33];

const P2PKH: u8 = 0;
const P2SH: u8 = 1;
/// Plus the witness version.
const WITNESS: u8 = 2;

/// Tags and lengths that have a short form, numbered from 1: P2PKH, P2SH, P2WPKH, P2WSH, P2TR.
const COMMON: [(u8, u8); 5] = [
    (P2PKH, 20),
    (P2SH, 20),
    (WITNESS, 20),
    (WITNESS, 32),
    (WITNESS + 1, 32),
];

/// An address, whole; `None` for those of other chains.
pub(super) fn whole(address: &Address) -> Option<Long> {
    let (tag, bytes) = match address {
        Address::P2pkh(hash) => (P2PKH, &hash[..]),
        Address::P2sh(hash) => (P2SH, &hash[..]),
        Address::Witness(witness) => (WITNESS + witness.version(), witness.program()),
        Address::Evm(_) | Address::Tron(_) | Address::Other(_) => return None,
    };
    let mut long = [0; 42];
    long[0] = tag;
    long[1] = u8::try_from(bytes.len()).ok()?;
    long[2..2 + bytes.len()].copy_from_slice(bytes);
    Some(long)
}

/// The address of a whole record; `None` where no address is written so.
pub(super) fn read(long: &Long) -> Option<Address> {
    let [tag, length, bytes @ ..] = long;
    let bytes = bytes.get(..usize::from(*length))?;
    match *tag {
        P2PKH => bytes.try_into().ok().map(Address::P2pkh),
        P2SH => bytes.try_into().ok().map(Address::P2sh),
        tag => WitnessProgram::new(tag - WITNESS, bytes).map(Address::Witness),
    }
}

/// The short record of a whole one, where it has one.
pub(super) fn shorten(long: &Long) -> Option<Short> {
    let place = COMMON.iter().position(|form| *form == (long[0], long[1]))?;
    let mut short = [0; 33];
    short[0] = u8::try_from(place + 1).ok()?;
    short[1..].copy_from_slice(&long[2..34]);
    Some(short)
}

/// The short record that points at a long one.
pub(super) fn pointer(row: u64) -> Short {
    let mut short = [0; 33];
    short[1..9].copy_from_slice(&row.to_le_bytes());
    short
}

/// What a short record says: the whole one, or where it lies.
pub(super) fn lengthen(short: &Short) -> Result<Long, u64> {
    let [form, bytes @ ..] = short;
    let form = usize::from(*form).checked_sub(1);
    match form.and_then(|place| COMMON.get(place)) {
        Some((tag, length)) => {
            let mut long = [0; 42];
            (long[0], long[1]) = (*tag, *length);
            long[2..34].copy_from_slice(bytes);
            Ok(long)
        }
        None => {
            let [a, b, c, d, e, f, g, h, ..] = *bytes;
            Err(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back() {
        let witness = |version, length: usize| {
            Address::Witness(WitnessProgram::new(version, &vec![7; length]).unwrap())
        };
        let short = [
            Address::P2pkh([1; 20]),
            Address::P2sh([2; 20]),
            witness(0, 20),
            witness(0, 32),
            witness(1, 32),
        ];
        for address in short {
            let long = whole(&address).unwrap();
            assert_eq!(lengthen(&shorten(&long).unwrap()), Ok(long));
            assert_eq!(read(&long), Some(address));
        }
        for address in [
            witness(1, 2),
            witness(1, 40),
            witness(2, 32),
            witness(16, 20),
        ] {
            let long = whole(&address).unwrap();
            assert_eq!(shorten(&long), None);
            assert_eq!(read(&long), Some(address));
        }
        assert_eq!(lengthen(&pointer(9)), Err(9));
        assert_eq!(whole(&Address::Evm([0; 20])), None);
    }
}
