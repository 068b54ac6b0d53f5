//! Bitcoin Core's compressed outputs, as its undo files hold them: numbers, values, scripts.
//!
//! From Core's `serialize.h` (`ReadVarInt`) and `compressor.cpp`. What Core reads without complaint is read
//! here to the same bytes; the one addition is that a value must be one that can exist. Not here: how outputs
//! make up a record, see [`super::spent`].

use whither_ledger::U256;

use super::block::SUPPLY_MAX;
use super::cursor::{Cursor, FaultAt};
use super::fault::BlockFault;
use super::undo::{UndoFault, UndoFaultAt};

/// Longest script that Core runs (`MAX_SCRIPT_SIZE`).
const SCRIPT_SIZE_MAX: usize = 10_000;
/// What Core reads in place of a longer one.
const OP_RETURN: u8 = 0x6a;
/// Lengths of raw scripts are counted from here; below are the kinds of scripts that are shortened.
const KINDS: u32 = 6;

/// Reads Core's `VARINT`, up to a largest number: base 128, high digit first, one added for each digit
/// before the last so that each number has one form. It is not a `CompactSize`.
pub(super) fn varint(
    cursor: &mut Cursor<'_>,
    largest: u64,
    what: &'static str,
) -> Result<u64, UndoFaultAt> {
    let offset = cursor.offset();
    let fault = UndoFaultAt {
        offset,
        fault: UndoFault::Number(what),
    };
    let mut number = 0_u64;
    loop {
        let [byte] = *cursor.array(what)?;
        if number > largest >> 7 {
            return Err(fault);
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
        if number == largest {
            return Err(fault);
        }
        number += 1;
    }
}

/// A `VARINT` that Core keeps in 32 bits.
pub(super) fn varint_u32(cursor: &mut Cursor<'_>, what: &'static str) -> Result<u32, UndoFaultAt> {
    let number = varint(cursor, u64::from(u32::MAX), what)?;
    Ok(u32::try_from(number).expect("held under the largest"))
}

/// Reads a value in satoshi.
///
/// Core holds values under the supply when it connects a block, before it writes undo data; so must these be.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Result<u64, UndoFaultAt> {
    let offset = cursor.offset();
    let number = varint(cursor, u64::MAX, "the value of a spent output")?;
    let value = decompress_value(number).unwrap_or(u64::MAX);
    if value > SUPPLY_MAX {
        let fault = BlockFault::Value(value);
        return Err(FaultAt { offset, fault }.into());
    }
    Ok(value)
}

/// A value whose trailing zeros were counted instead of written; `None` beyond 64 bits, where Core would wrap.
fn decompress_value(number: u64) -> Option<u64> {
    let Some(number) = number.checked_sub(1) else {
        return Some(0);
    };
    let zeros = u32::try_from(number % 10).expect("one digit");
    let number = number / 10;
    let digits = if zeros < 9 {
        // The last digit is no zero, and is kept as one of nine.
        (number / 9).checked_mul(10)?.checked_add(number % 9 + 1)?
    } else {
        number + 1
    };
    digits.checked_mul(10_u64.pow(zeros))
}

/// A script as it is written down, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compressed<'bytes> {
    /// To the hash of a public key.
    KeyHash(&'bytes [u8; 20]),
    /// To the hash of a script.
    ScriptHash(&'bytes [u8; 20]),
    /// To a public key of 33 bytes, which begin with 2 or 3.
    ShortKey(u8, &'bytes [u8; 32]),
    /// To a public key of 65 bytes, of which x is kept, and whether y is odd.
    LongKey { odd: bool, x: &'bytes [u8; 32] },
    /// As it is.
    Raw(&'bytes [u8]),
    /// Longer than any script that runs.
    TooLong,
}

impl<'bytes> Compressed<'bytes> {
    pub(super) fn read(cursor: &mut Cursor<'bytes>) -> Result<Self, UndoFaultAt> {
        const WHAT: &str = "the script of a spent output";
        let kind = varint_u32(cursor, WHAT)?;
        Ok(match kind {
            0 => Self::KeyHash(cursor.array(WHAT)?),
            1 => Self::ScriptHash(cursor.array(WHAT)?),
            2 => Self::ShortKey(2, cursor.array(WHAT)?),
            3 => Self::ShortKey(3, cursor.array(WHAT)?),
            4 | 5 => Self::LongKey {
                odd: kind == 5,
                x: cursor.array(WHAT)?,
            },
            _ => {
                let length = usize::try_from(kind - KINDS).unwrap_or(usize::MAX);
                let script = cursor.take(length, WHAT)?;
                if length > SCRIPT_SIZE_MAX {
                    Self::TooLong
                } else {
                    Self::Raw(script)
                }
            }
        })
    }

    /// The script in full.
    ///
    /// Core writes a long key down short only if it is a point of the curve; should x be of none, Core reads
    /// an empty script, and so does this.
    pub(super) fn script(self) -> Vec<u8> {
        match self {
            Self::KeyHash(hash) => [&[0x76, 0xa9, 20], &hash[..], &[0x88, 0xac]].concat(),
            Self::ScriptHash(hash) => [&[0xa9, 20], &hash[..], &[0x87]].concat(),
            Self::ShortKey(first, x) => [&[33, first], &x[..], &[0xac]].concat(),
            Self::LongKey { odd, x } => match y_of(x, odd) {
                Some(y) => [&[65, 4], &x[..], &y, &[0xac]].concat(),
                None => Vec::new(),
            },
            Self::Raw(script) => script.to_vec(),
            Self::TooLong => vec![OP_RETURN],
        }
    }
}

/// The y of the point of secp256k1 (SEC 2, section 2.4.1) that has this x; `None` where no point has.
fn y_of(x: &[u8; 32], odd: bool) -> Option<[u8; 32]> {
    // 2^256 - 2^32 - 977.
    let prime = U256::MAX - U256::from(0x1_0000_03d0_u64);
    let x = U256::from_be_bytes(*x);
    if x >= prime {
        return None;
    }
    let cube = x.mul_mod(x, prime).mul_mod(x, prime);
    let square = cube.add_mod(U256::from(7), prime);
    // The prime is 3 modulo 4: a root, if there is one, is the power (prime + 1) / 4.
    let root = square.pow_mod((prime >> 2) + U256::from(1), prime);
    if root.mul_mod(root, prime) != square {
        return None;
    }
    let y = if root.bit(0) == odd {
        root
    } else {
        prime - root
    };
    Some(y.to_be_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::decode_hex;

    /// Core's `WriteVarInt`.
    fn write_varint(mut number: u64) -> Vec<u8> {
        let mut digits = vec![u8::try_from(number & 0x7f).unwrap()];
        while number > 0x7f {
            number = (number >> 7) - 1;
            digits.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        }
        digits.reverse();
        digits
    }

    /// Core's `CompressAmount`.
    fn compress_value(mut value: u64) -> u64 {
        if value == 0 {
            return 0;
        }
        let mut zeros = 0;
        while value.is_multiple_of(10) && zeros < 9 {
            value /= 10;
            zeros += 1;
        }
        if zeros < 9 {
            1 + (value / 10 * 9 + value % 10 - 1) * 10 + zeros
        } else {
            1 + (value - 1) * 10 + 9
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        decode_hex(hex.as_bytes()).unwrap()
    }

    fn script(bytes: &[u8]) -> Result<Vec<u8>, UndoFault> {
        let mut cursor = Cursor::new(bytes);
        let script = Compressed::read(&mut cursor).map_err(|at| at.fault)?;
        assert_eq!(cursor.left(), 0);
        Ok(script.script())
    }

    fn number(bytes: &[u8], largest: u64) -> Result<u64, UndoFault> {
        varint(&mut Cursor::new(bytes), largest, "a test").map_err(|at| at.fault)
    }

    /// The table in Core's `serialize.h`.
    #[test]
    fn numbers_are_those_of_core() {
        for (hex, wanted) in [
            ("00", 0),
            ("01", 1),
            ("7f", 127),
            ("8000", 128),
            ("807f", 255),
            ("8100", 256),
            ("fe7f", 16_383),
            ("ff00", 16_384),
            ("ff7f", 16_511),
            ("82fe7f", 65_535),
            ("8efefeff00", 0x1_0000_0000),
        ] {
            assert_eq!(number(&bytes(hex), u64::MAX), Ok(wanted), "{hex}");
        }
    }

    #[test]
    fn numbers_stay_within_their_width() {
        for largest in [u64::from(u32::MAX), u64::MAX] {
            assert_eq!(number(&write_varint(largest), largest), Ok(largest));
        }
        let over = write_varint(0x1_0000_0000);
        let refused = Err(UndoFault::Number("a test"));
        assert_eq!(number(&over, u64::from(u32::MAX)), refused);
        assert_eq!(number(&[0xff; 11], u64::MAX), refused);
        assert!(matches!(
            number(&[0xff; 3], u64::MAX),
            Err(UndoFault::Data(BlockFault::Ends { .. }))
        ));
    }

    /// The vectors of Core's `compress_tests.cpp`.
    #[test]
    fn values_are_those_of_core() {
        for (number, value) in [
            (0, 0),
            (0x1, 1),
            (0x7, 1_000_000),
            (0x9, 100_000_000),
            (0x32, 50 * 100_000_000),
            (0x140_6f40, SUPPLY_MAX),
        ] {
            assert_eq!(decompress_value(number), Some(value), "{number:#x}");
            assert_eq!(compress_value(value), number, "{value}");
        }
    }

    #[test]
    fn a_value_beyond_the_supply_is_refused() {
        for number in [compress_value(SUPPLY_MAX + 1), u64::MAX] {
            let written = write_varint(number);
            let fault = value(&mut Cursor::new(&written)).unwrap_err();
            assert_eq!(fault.offset, 0);
            assert!(matches!(fault.fault, UndoFault::Data(BlockFault::Value(_))));
        }
    }

    #[test]
    fn the_usual_scripts_are_written_out() {
        let hash: Vec<u8> = (1..=20).collect();
        let key: Vec<u8> = (1..=32).collect();
        let with = |kind: u8, rest: &[u8]| script(&[&[kind], rest].concat()).unwrap();
        assert_eq!(
            with(0, &hash),
            bytes("76a9140102030405060708090a0b0c0d0e0f101112131488ac")
        );
        assert_eq!(
            with(1, &hash),
            bytes("a9140102030405060708090a0b0c0d0e0f101112131487")
        );
        for kind in [2, 3] {
            let wanted = [&[33, kind], &key[..], &[0xac]].concat();
            assert_eq!(with(kind, &key), wanted);
        }
        assert_eq!(with(6, &[]), b"");
        assert_eq!(with(8, &[0x51, 0x52]), [0x51, 0x52]);
    }

    const GENESIS_X: &str = "678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6";
    const GENESIS_Y: &str = "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f";
    const GENERATOR_X: &str = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const GENERATOR_Y: &str = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

    /// The key of the first block's coinbase has an odd y, the curve's generator an even one.
    #[test]
    fn long_keys_get_their_y_back() {
        for (kind, x, y) in [
            ("05", GENESIS_X, GENESIS_Y),
            ("04", GENERATOR_X, GENERATOR_Y),
        ] {
            let written = bytes(&format!("{kind}{x}"));
            assert_eq!(
                script(&written).unwrap(),
                bytes(&format!("4104{x}{y}ac")),
                "{x}"
            );
            let mut other = written;
            other[0] ^= 1;
            let other = script(&other).unwrap();
            assert_eq!(other[..34], bytes(&format!("4104{x}"))[..]);
            let sum = U256::from_be_slice(&other[34..66])
                .overflowing_add(U256::from_be_slice(&bytes(y)))
                .0;
            let prime = U256::MAX - U256::from(0x1_0000_03d0_u64);
            assert_eq!(sum, prime, "the other y is its negative");
        }
    }

    /// x = 5 is on no point of the curve; x must be below the prime.
    #[test]
    fn a_key_that_is_no_point_gives_an_empty_script() {
        let mut five = [0; 32];
        five[31] = 5;
        for x in [five, [0xff; 32]] {
            for kind in [4, 5] {
                assert_eq!(script(&[&[kind], &x[..]].concat()).unwrap(), b"");
            }
        }
        // The prime plus one would be 1, which is on the curve.
        let mut high = bytes("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30");
        assert_eq!(script(&[&[4], &high[..]].concat()).unwrap(), b"");
        high.fill(0);
        high[31] = 1;
        assert_eq!(script(&[&[4], &high[..]].concat()).unwrap().len(), 67);
    }

    #[test]
    fn an_oversized_script_is_passed_over() {
        let of = |length: usize| {
            let kind = write_varint(u64::try_from(length).unwrap() + 6);
            [kind, vec![0x51; length]].concat()
        };
        assert_eq!(script(&of(10_000)).unwrap(), vec![0x51; 10_000]);
        assert_eq!(script(&of(10_001)).unwrap(), [OP_RETURN]);
        let cut = of(10_001);
        assert!(script(&cut[..9_000]).is_err());
        assert!(script(&write_varint(u64::from(u32::MAX))).is_err());
    }

    proptest! {
        #[test]
        fn numbers_read_back(wanted: u64) {
            prop_assert_eq!(number(&write_varint(wanted), u64::MAX), Ok(wanted));
        }

        #[test]
        fn values_read_back(digits in 0..=SUPPLY_MAX, zeros in 0_u32..16) {
            let wanted = digits / 10_u64.pow(zeros) * 10_u64.pow(zeros);
            let written = write_varint(compress_value(wanted));
            prop_assert_eq!(value(&mut Cursor::new(&written)).unwrap(), wanted);
        }

        #[test]
        fn raw_scripts_read_back(wanted in proptest::collection::vec(any::<u8>(), 0..300)) {
            let kind = write_varint(u64::try_from(wanted.len()).unwrap() + 6);
            prop_assert_eq!(script(&[kind, wanted.clone()].concat()).unwrap(), wanted);
        }
    }
}
