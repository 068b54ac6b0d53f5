//! Reads a segment of rows.

use std::fs::File;
use std::path::{Path, PathBuf};

use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::{Facts, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::codec::{Cursor, kind_of};
use super::write::{HAS_LOG, PLACE, ROW, Tail};
use super::{Head, MAGIC, Seen};
use crate::flat::map::Map;
use crate::store::error::StoreError;
use crate::store::words::{WrittenFact, fact, parse_coverage};
use crate::text::decode_hex;

/// A segment, opened: what is said of all rows is read, and rows are as they are asked for.
#[derive(Debug)]
pub(crate) struct RowsSegment {
    path: PathBuf,
    bytes: Bytes,
    /// Where the rows end.
    tail: usize,
    pub(crate) head: Head,
}

#[derive(Debug)]
enum Bytes {
    Mapped(Map),
    Memory(Vec<u8>),
}

impl Bytes {
    fn all(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }
}

impl RowsSegment {
    /// Maps a file.
    pub(crate) fn open(chain: &Chain, path: &Path) -> Result<Self, StoreError> {
        let map = || Map::whole(&File::open(path)?);
        let map = map().map_err(StoreError::io(path, "cannot be mapped"))?;
        Self::new(chain, path.to_owned(), Bytes::Mapped(map))
    }

    /// Bytes in memory.
    pub(crate) fn of_bytes(chain: &Chain, bytes: Vec<u8>) -> Result<Self, StoreError> {
        Self::new(chain, PathBuf::new(), Bytes::Memory(bytes))
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.all()
    }

    fn new(chain: &Chain, path: PathBuf, bytes: Bytes) -> Result<Self, StoreError> {
        let (tail, head) =
            head(chain, bytes.all()).map_err(|(place, why)| StoreError::Segment {
                path: path.clone(),
                place,
                why,
            })?;
        Ok(Self {
            path,
            bytes,
            tail,
            head,
        })
    }

    /// The rows, from the first.
    pub(crate) fn rows(&self) -> Rows<'_> {
        let start = MAGIC.len().min(self.tail);
        Rows {
            segment: self,
            cursor: Cursor::new(&self.bytes.all()[start..self.tail]),
            addresses: Vec::new(),
            assets: Vec::new(),
            place: None,
        }
    }

    /// The whole table.
    pub(crate) fn table(&self) -> Result<TableSource, StoreError> {
        Ok(TableSource {
            rows: self.rows().collect::<Result<_, _>>()?,
            ..self.head.bare()
        })
    }
}

/// Where the rows end, and what is said of them.
fn head(chain: &Chain, bytes: &[u8]) -> Result<(usize, Head), (String, String)> {
    let bad = |place: &str, why: &str| (place.to_owned(), why.to_owned());
    let no_segment = || bad("its end", "it is no segment of rows of this version");
    let body = bytes.strip_suffix(MAGIC).ok_or_else(no_segment)?;
    let (body, tail) = body.split_last_chunk::<8>().ok_or_else(no_segment)?;
    let tail = usize::try_from(u64::from_le_bytes(*tail)).map_err(|_| no_segment())?;
    let text = body.get(tail..).ok_or_else(no_segment)?;
    if !bytes.starts_with(MAGIC) || tail < MAGIC.len() {
        return Err(no_segment());
    }
    let mut lines = text.split(|byte| *byte == b'\n').zip(1..);
    let place = |number: i32| format!("line {number} of its end");
    let (first, _) = lines.next().ok_or_else(no_segment)?;
    let here = |why: String| (place(1), why);
    let written: Tail = serde_json::from_slice(first).map_err(|error| here(error.to_string()))?;
    let (digest, coverage, seen) = said(chain, written).map_err(here)?;
    let mut facts = Facts::default();
    for (line, number) in lines.filter(|(line, _)| !line.is_empty()) {
        let here = |why: String| (place(number), why);
        let told: WrittenFact =
            serde_json::from_slice(line).map_err(|error| here(error.to_string()))?;
        fact(chain, told, &mut facts).map_err(here)?;
    }
    let head = Head {
        digest,
        coverage,
        facts,
        seen,
    };
    Ok((tail, head))
}

type Said = ([u8; 32], whither_ledger::coverage::Coverage, Seen);

fn said(chain: &Chain, tail: Tail) -> Result<Said, String> {
    let digest = decode_hex(&tail.source).and_then(|bytes| bytes.try_into().ok());
    let time = |seconds| Timestamp::from_seconds(seconds).map_err(|error| error.to_string());
    let times = match tail.times {
        Some((first, last)) => Some((time(first)?, time(last)?)),
        None => None,
    };
    let assets = |texts: Vec<String>| {
        let assets = texts.iter().map(|text| text.parse::<Asset>());
        let assets: Result<_, _> = assets.collect();
        assets.map_err(|error| error.to_string())
    };
    let seen = Seen {
        rows: tail.rows,
        transfers: tail.transfers,
        times,
        loose: tail.loose,
        moved: assets(tail.moved)?,
        wrapped: assets(tail.wrapped)?,
        paid: assets(tail.paid)?,
    };
    Ok((
        digest.ok_or_else(|| "the source is no SHA-256".to_owned())?,
        parse_coverage(chain, tail.coverage)?,
        seen,
    ))
}

/// The rows of a segment, one after the other.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    segment: &'a RowsSegment,
    cursor: Cursor<'a>,
    /// Those told so far.
    addresses: Vec<Address>,
    assets: Vec<Asset>,
    place: Option<Place>,
}

type Place = (Option<TransactionId>, Option<u32>, Option<u32>, Timestamp);

impl Rows<'_> {
    /// The next row; the outer `None` where the bytes are no rows, the inner one at the end.
    fn row(&mut self) -> Option<Option<TableRow>> {
        loop {
            match self.cursor.byte()? {
                0 if self.cursor.rest.is_empty() => return Some(None),
                PLACE => {
                    let id = self.cursor.id()?;
                    let (height, index) = (self.cursor.option()?, self.cursor.option()?);
                    self.place = Some((id, height, index, self.cursor.time()?));
                }
                bits if bits & ROW != 0 => return self.rest(bits).map(Some),
                _ => return None,
            }
        }
    }

    fn rest(&mut self, bits: u8) -> Option<TableRow> {
        let log_index = if bits & HAS_LOG == 0 {
            None
        } else {
            Some(self.cursor.small()?)
        };
        let kind = kind_of(bits)?;
        let (from, to) = (self.address()?, self.address()?);
        let asset = self.asset()?;
        let amount = self.cursor.amount()?;
        let (transaction, height, index, time) = self.place.clone()?;
        Some(TableRow {
            transaction,
            height,
            index,
            time,
            log_index,
            kind,
            from,
            to,
            asset,
            amount,
        })
    }

    fn address(&mut self) -> Option<Address> {
        let number = usize::try_from(self.cursor.number()?).ok()?;
        if number == self.addresses.len() {
            self.addresses.push(self.cursor.address()?);
        }
        self.addresses.get(number).cloned()
    }

    fn asset(&mut self) -> Option<Asset> {
        let number = usize::try_from(self.cursor.number()?).ok()?;
        if number == self.assets.len() {
            let length = usize::try_from(self.cursor.number()?).ok()?;
            let text = std::str::from_utf8(self.cursor.take(length)?).ok()?;
            self.assets.push(text.parse().ok()?);
        }
        self.assets.get(number).cloned()
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<TableRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(row) = self.row() {
            return row.map(Ok);
        }
        let read = self.segment.tail - self.cursor.rest.len();
        // Nothing more is read.
        self.cursor = Cursor::new(&[0]);
        Some(Err(StoreError::Segment {
            path: self.segment.path.clone(),
            place: format!("before byte {read}"),
            why: "no rows are written like this".to_owned(),
        }))
    }
}
