//! A reader of Bitcoin Core's undo files, written for these tests alone.
//!
//! It gives the outputs that each block spent as the node wrote them down, to be held against what the
//! store finds among the blocks.

use crate::made::{MAGIC, double_sha256};

/// One spent output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coin {
    pub height: u64,
    pub coinbase: bool,
    pub value: u64,
    /// None where only a curve would tell it (uncompressed keys).
    pub script: Option<Vec<u8>>,
}

/// One record: what each transaction but the coinbase spends, and the sum over it.
pub struct Record {
    pub transactions: Vec<Vec<Coin>>,
    body: Vec<u8>,
    checksum: [u8; 32],
}

impl Record {
    /// Whether this is the record of the block after one of this hash.
    pub fn follows(&self, previous: &[u8; 32]) -> bool {
        double_sha256(&[&previous[..], &self.body].concat()) == self.checksum
    }
}

/// Reads a whole file, already revealed.
pub fn records(bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while let Some(record) = rest.strip_prefix(&MAGIC) {
        let size: [u8; 4] = record[..4].try_into().unwrap();
        let end = 4 + usize::try_from(u32::from_le_bytes(size)).unwrap();
        let body = &record[4..end];
        records.push(Record {
            transactions: block(body),
            body: body.to_vec(),
            checksum: record[end..end + 32].try_into().unwrap(),
        });
        rest = &record[end + 32..];
    }
    records
}

fn block(body: &[u8]) -> Vec<Vec<Coin>> {
    let mut bytes = body.iter().copied();
    let transactions = (0..compact_size(&mut bytes))
        .map(|_| {
            (0..compact_size(&mut bytes))
                .map(|_| coin(&mut bytes))
                .collect()
        })
        .collect();
    assert_eq!(bytes.next(), None, "the record is read to its end");
    transactions
}

type Bytes<'body> = std::iter::Copied<std::slice::Iter<'body, u8>>;

fn coin(bytes: &mut Bytes<'_>) -> Coin {
    let code = varint(bytes);
    if code >> 1 > 0 {
        varint(bytes);
    }
    let value = decompress(varint(bytes));
    let kind = varint(bytes);
    let mut take = |count: u64| -> Vec<u8> { (0..count).map(|_| bytes.next().unwrap()).collect() };
    let script = match kind {
        0 => Some([&[0x76, 0xa9, 20], &take(20)[..], &[0x88, 0xac]].concat()),
        1 => Some([&[0xa9, 20], &take(20)[..], &[0x87]].concat()),
        2 | 3 => {
            let prefix = u8::try_from(kind).unwrap();
            Some([&[33, prefix], &take(32)[..], &[0xac]].concat())
        }
        4 | 5 => {
            take(32);
            None
        }
        length => Some(take(length - 6)),
    };
    Coin {
        height: code >> 1,
        coinbase: code & 1 == 1,
        value,
        script,
    }
}

fn compact_size(bytes: &mut Bytes<'_>) -> u64 {
    let count = match bytes.next().unwrap() {
        0xfd => 2,
        0xfe => 4,
        0xff => 8,
        small => return u64::from(small),
    };
    (0..count).fold(0, |number, place| {
        number | u64::from(bytes.next().unwrap()) << (8 * place)
    })
}

/// Bitcoin Core's own variable-length number, which is not a `CompactSize`.
fn varint(bytes: &mut Bytes<'_>) -> u64 {
    let mut number = 0;
    loop {
        let byte = bytes.next().unwrap();
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return number;
        }
        number += 1;
    }
}

fn decompress(number: u64) -> u64 {
    if number == 0 {
        return 0;
    }
    let number = number - 1;
    let (exponent, number) = (u32::try_from(number % 10).unwrap(), number / 10);
    let digits = if exponent < 9 {
        number / 9 * 10 + number % 9 + 1
    } else {
        number + 1
    };
    digits * 10_u64.pow(exponent)
}
