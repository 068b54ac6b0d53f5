//! Addresses as records: a short one for the forms of 20 bytes, a short one and a rest for those of 32,
//! a pointer to a long one for all others.
//!
//! Whole: tag, length, 40 bytes (42). Only Bitcoin's kinds: no other chain has outputs here.

use whither_ledger::address::{Address, WitnessProgram};

use super::column::{Rows, four, index};

/// An address written whole: tag, length, bytes, then zeros.
pub(super) type Whole = [u8; 42];
/// The short record: form, then 20 bytes; or a row and 16 bytes; or a row.
pub(super) type Short = [u8; 21];
/// The other 16 bytes of 32.
pub(super) type Rest = [u8; 16];

const P2PKH: u8 = 0;
const P2SH: u8 = 1;
/// Plus the witness version.
const WITNESS: u8 = 2;

/// Tags and lengths that have a form of their own, numbered from 1: P2PKH, P2SH, P2WPKH, P2WSH, P2TR.
const FORMS: [(u8, u8); 5] = [
    (P2PKH, 20),
    (P2SH, 20),
    (WITNESS, 20),
    (WITNESS, 32),
    (WITNESS + 1, 32),
];

/// An address, whole; `None` for those of other chains.
pub(super) fn whole(address: &Address) -> Option<Whole> {
    let (tag, bytes) = match address {
        Address::P2pkh(hash) => (P2PKH, &hash[..]),
        Address::P2sh(hash) => (P2SH, &hash[..]),
        Address::Witness(witness) => (WITNESS + witness.version(), witness.program()),
        Address::Evm(_) | Address::Tron(_) | Address::Other(_) => return None,
    };
    let mut whole = [0; 42];
    whole[0] = tag;
    whole[1] = u8::try_from(bytes.len()).ok()?;
    whole[2..2 + bytes.len()].copy_from_slice(bytes);
    Some(whole)
}

/// The address of a whole record; `None` where no address is written so.
pub(super) fn read(whole: &Whole) -> Option<Address> {
    let [tag, length, bytes @ ..] = whole;
    let bytes = bytes.get(..usize::from(*length))?;
    match *tag {
        P2PKH => bytes.try_into().ok().map(Address::P2pkh),
        P2SH => bytes.try_into().ok().map(Address::P2sh),
        tag => WitnessProgram::new(tag - WITNESS, bytes).map(Address::Witness),
    }
}

/// How an address is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Short(Short),
    /// With the row of the rest still to be put in.
    Split(Short, Rest),
    Long,
}

/// How a whole address is written.
pub(super) fn written(whole: &Whole) -> Written {
    let mut short = [0; 21];
    let Some(place) = FORMS.iter().position(|form| *form == (whole[0], whole[1])) else {
        return Written::Long;
    };
    short[0] = u8::try_from(place + 1).expect("few forms");
    if whole[1] == 20 {
        short[1..].copy_from_slice(&whole[2..22]);
        return Written::Short(short);
    }
    short[5..].copy_from_slice(&whole[2..18]);
    let rest = whole[18..].first_chunk().expect("32 bytes in all");
    Written::Split(short, *rest)
}

/// Puts a row into a record: of the rest, or of the long record.
pub(super) fn pointing(mut short: Short, row: u64) -> Short {
    short[1..5].copy_from_slice(&four(row).to_le_bytes());
    short
}

/// The three columns that addresses lie in.
pub(super) struct Addresses<'columns, A, B, C> {
    pub(super) short: &'columns A,
    pub(super) rest: &'columns B,
    pub(super) long: &'columns C,
}

impl<A: Rows<21>, B: Rows<16>, C: Rows<42>> Addresses<'_, A, B, C> {
    /// An address, whole.
    pub(super) fn whole(&self, row: usize) -> Whole {
        let record = self.short.record(row);
        let [form, bytes @ ..] = record;
        let Some(form) = usize::from(*form).checked_sub(1) else {
            return *self.long.record(pointed(record));
        };
        let (tag, length) = *FORMS.get(form).expect("one of the forms");
        let mut whole = [0; 42];
        (whole[0], whole[1]) = (tag, length);
        if length == 20 {
            whole[2..22].copy_from_slice(bytes);
        } else {
            whole[2..18].copy_from_slice(&bytes[4..]);
            whole[18..34].copy_from_slice(self.rest.record(pointed(record)));
        }
        whole
    }

    /// Whether a row holds this address.
    pub(super) fn is(&self, row: usize, whole: &Whole, written: &Written) -> bool {
        let record = self.short.record(row);
        match written {
            Written::Short(short) => record == short,
            Written::Split(short, rest) => {
                record[0] == short[0]
                    && record[5..] == short[5..]
                    && self.rest.record(pointed(record)) == rest
            }
            Written::Long => record[0] == 0 && self.long.record(pointed(record)) == whole,
        }
    }
}

/// The row that a record points at.
fn pointed(record: &Short) -> usize {
    let [_, a, b, c, d, ..] = *record;
    index(u64::from(u32::from_le_bytes([a, b, c, d])))
}
