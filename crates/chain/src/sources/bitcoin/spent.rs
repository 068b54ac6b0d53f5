//! The body of an undo record: what each input of a block spends, as Bitcoin Core writes it (`undo.h`).
//!
//! A pure function of bytes. Not here: how outputs are compressed ([`super::compressed`]), and which record is
//! which block's ([`super::rev`]).

use super::block::{BlockRef, SUPPLY_MAX};
use super::compressed::{Compressed, value, varint_u32};
use super::cursor::Cursor;
use super::fault::BlockFault;
use super::undo::{UndoFault, UndoFaultAt};

/// Fewest bytes of a spent output: its height, value, and an empty script.
const COIN_SIZE_MIN: usize = 3;
/// Fewest bytes of a transaction: a count, and one output.
const TRANSACTION_SIZE_MIN: usize = 1 + COIN_SIZE_MIN;

/// What one input spends, as the node wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpentOutput {
    /// Value in satoshi.
    pub value: u64,
    /// The script that locks it.
    pub script: Vec<u8>,
    /// Height of the block that made it. 0 where nodes before 0.15 left it out, as they did for all but the
    /// last output of a transaction to be spent; no output of block 0 can be spent.
    pub height: u32,
    /// Whether a coinbase made it; not told either where the height is 0.
    pub coinbase: bool,
}

/// How many inputs each transaction of a block but the coinbase has.
#[must_use]
pub fn shape_of(block: &BlockRef<'_>) -> Vec<usize> {
    let spenders = block.transactions.iter().skip(1);
    spenders.map(|spender| spender.inputs.len()).collect()
}

/// Reads the body of an undo record for a block of a shape (see [`shape_of`]), in the order of its inputs;
/// `None` where it is of a block of another shape.
///
/// Memory is bounded by the shape, and by twice the bytes.
///
/// # Errors
/// With the offset of what is wrong, from the body's first byte.
pub fn parse_body(bytes: &[u8], shape: &[usize]) -> Result<Option<Vec<SpentOutput>>, UndoFaultAt> {
    // The whole body is looked through before anything is kept of it.
    let mut place = 0;
    let mut fits = true;
    walk(bytes, &mut |part| {
        if let Part::Transaction(inputs) = part {
            fits &= shape.get(place) == Some(&inputs);
            place += 1;
        }
    })?;
    if !fits || place != shape.len() {
        return Ok(None);
    }
    let mut spent = Vec::with_capacity(shape.iter().sum());
    walk(bytes, &mut |part| {
        if let Part::Coin(coin) = part {
            spent.push(SpentOutput {
                value: coin.value,
                script: coin.script.script(),
                height: coin.code >> 1,
                coinbase: coin.code & 1 == 1,
            });
        }
    })?;
    Ok(Some(spent))
}

/// Whether bytes are a body, of a block of whatever shape.
pub(super) fn is_body(bytes: &[u8]) -> bool {
    walk(bytes, &mut |_| {}).is_ok()
}

/// A part of a body.
enum Part<'bytes> {
    /// A transaction of so many inputs; their outputs follow.
    Transaction(usize),
    /// What an input spends.
    Coin(Coin<'bytes>),
}

struct Coin<'bytes> {
    /// Twice the height, and one for a coinbase.
    code: u32,
    value: u64,
    script: Compressed<'bytes>,
}

/// Reads a body to its end, part by part; keeps nothing.
fn walk<'bytes>(
    bytes: &'bytes [u8],
    visit: &mut dyn FnMut(Part<'bytes>),
) -> Result<(), UndoFaultAt> {
    let mut cursor = Cursor::new(bytes);
    let transactions = cursor.count(TRANSACTION_SIZE_MIN, "transactions that spend")?;
    for _ in 0..transactions {
        let offset = cursor.offset();
        let inputs = cursor.count(COIN_SIZE_MIN, "spent outputs")?;
        if inputs == 0 {
            return Err(cursor.fault(offset, BlockFault::NoInputs).into());
        }
        visit(Part::Transaction(inputs));
        let mut sum = 0_u64;
        for _ in 0..inputs {
            let coin = coin(&mut cursor)?;
            sum = sum.saturating_add(coin.value);
            if sum > SUPPLY_MAX {
                return Err(cursor.fault(offset, BlockFault::ValueSum(sum)).into());
            }
            visit(Part::Coin(coin));
        }
    }
    if cursor.left() > 0 {
        return Err(UndoFaultAt {
            offset: cursor.offset(),
            fault: UndoFault::Trailing(cursor.left()),
        });
    }
    Ok(())
}

fn coin<'bytes>(cursor: &mut Cursor<'bytes>) -> Result<Coin<'bytes>, UndoFaultAt> {
    let code = varint_u32(cursor, "the height of a spent output")?;
    if code >> 1 > 0 {
        // Nodes before 0.15 wrote the version of the transaction here; since then it is 0 and means nothing.
        varint_u32(cursor, "the version before a spent output")?;
    }
    Ok(Coin {
        code,
        value: value(cursor)?,
        script: Compressed::read(cursor)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two transactions: a coinbase's coin at height 100 and an old one without a height, then a raw script.
    fn body() -> Vec<u8> {
        let mut bytes = vec![2, 2];
        bytes.extend([0x80, 0x49, 0, 0x32, 0]);
        bytes.extend([7; 20]);
        bytes.extend([0, 9, 1]);
        bytes.extend([8; 20]);
        // Height 1 with a version of two digits, as an old node wrote it.
        bytes.extend([1, 2, 0x80, 0x00, 1, 7, 0x51]);
        bytes
    }

    #[test]
    fn a_body_is_read_in_the_order_of_the_inputs() {
        let spent = parse_body(&body(), &[2, 1]).unwrap().unwrap();
        let told: Vec<_> = spent
            .iter()
            .map(|output| (output.value, output.height, output.coinbase))
            .collect();
        let coin = 100_000_000;
        assert_eq!(
            told,
            [(50 * coin, 100, true), (coin, 0, false), (1, 1, false)]
        );
        assert_eq!(spent[0].script.len(), 25);
        assert_eq!(spent[1].script.len(), 23);
        assert_eq!(spent[2].script, [0x51]);
        assert_eq!(parse_body(&[0], &[]).unwrap(), Some(Vec::new()));
        // Without a height there is no version, whatever is said of a coinbase.
        let spent = parse_body(&[1, 1, 1, 9, 6], &[1]).unwrap().unwrap();
        assert_eq!((spent[0].value, spent[0].coinbase), (coin, true));
    }

    #[test]
    fn a_body_of_another_shape_is_another_blocks() {
        for shape in [&[2][..], &[], &[1, 2], &[2, 1, 1], &[3]] {
            assert_eq!(parse_body(&body(), shape).unwrap(), None, "{shape:?}");
        }
    }

    fn fault(bytes: &[u8]) -> UndoFaultAt {
        parse_body(bytes, &[2, 1]).unwrap_err()
    }

    #[test]
    fn what_no_node_writes_is_refused_with_its_place() {
        let data = |at: UndoFaultAt| match at.fault {
            UndoFault::Data(fault) => (at.offset, fault),
            other => panic!("{other}"),
        };
        let mut more = body();
        more.push(0);
        let end = more.len() - 1;
        assert_eq!(
            fault(&more),
            UndoFaultAt {
                offset: end,
                fault: UndoFault::Trailing(1)
            }
        );
        assert!(matches!(
            data(fault(&[1, 0, 0, 0, 0])),
            (1, BlockFault::NoInputs)
        ));
        assert!(matches!(
            data(fault(&[0xfe, 0, 0, 0, 1, 0, 0])),
            (0, BlockFault::Count { .. })
        ));
        assert!(matches!(
            data(fault(&[1, 0xfd, 0xff, 0xff, 0, 0, 0])),
            (1, BlockFault::Count { .. })
        ));
        // 21 million coins, twice.
        let supply = [0, 0x89, 0x80, 0xdd, 0x40, 6];
        let mut number = Cursor::new(&supply[1..5]);
        assert_eq!(value(&mut number).unwrap(), SUPPLY_MAX);
        let twice = [&[1, 2], &supply[..], &supply].concat();
        assert!(matches!(data(fault(&twice)), (1, BlockFault::ValueSum(_))));
        let once = [&[1, 1], &supply[..]].concat();
        assert!(parse_body(&once, &[1]).unwrap().is_some());
    }

    #[test]
    fn every_cut_is_refused() {
        let body = body();
        for end in 0..body.len() {
            assert!(parse_body(&body[..end], &[2, 1]).is_err(), "{end}");
        }
    }

    #[test]
    fn no_flipped_bit_panics() {
        for bit in 0..8 * body().len() {
            let mut bytes = body();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(Some(spent)) = parse_body(&bytes, &[2, 1]) {
                assert_eq!(spent.len(), 3, "bit {bit}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_a_fault_in_them(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            shape in proptest::collection::vec(1_usize..4, 0..4),
        ) {
            match parse_body(&bytes, &shape) {
                Ok(Some(spent)) => prop_assert_eq!(spent.len(), shape.iter().sum::<usize>()),
                Ok(None) => {}
                Err(at) => prop_assert!(at.offset <= bytes.len()),
            }
        }
    }
}
