//! Segments of rows: what one source tells, row by row as it came, then what it promises and tells beside rows.
//!
//! A segment is written while its source is read, and read from its beginning: neither takes memory for rows. What is
//! known only at the end stands at the end. Layout: `docs/reference/store.md`.

pub(crate) mod codec;
mod read;
mod write;

use std::collections::BTreeSet;

use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, TableRow, TableSource};
use whither_ledger::time::Timestamp;

use super::Store;
use super::error::StoreError;
use super::manifest::{Segment, SegmentKind};
pub(crate) use read::RowsSegment;
pub(crate) use write::{Names, RowsWriter, Written};

/// Begins and ends a segment, and names its format.
pub(crate) const MAGIC: &[u8; 8] = b"whirows2";

/// What is said of all rows of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Of the source's bytes.
    pub(crate) digest: [u8; 32],
    pub(crate) coverage: Coverage,
    pub(crate) facts: Facts,
    pub(crate) seen: Seen,
}

/// What the rows of a segment were seen to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) rows: u64,
    /// Those that are transfers.
    pub(crate) transfers: u64,
    /// The times of the earliest and the latest row.
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    /// Whether a row lacks an id or a height: such rows find their place among all others only.
    pub(crate) loose: bool,
    /// Assets that rows of a transfer are of.
    pub(crate) moved: BTreeSet<Asset>,
    /// Assets that contracts say they wrapped.
    pub(crate) wrapped: BTreeSet<Asset>,
    /// Assets that fees were paid in.
    pub(crate) paid: BTreeSet<Asset>,
}

impl Head {
    /// The source without its rows.
    pub(crate) fn bare(&self) -> TableSource {
        TableSource {
            digest: self.digest,
            coverage: self.coverage.clone(),
            rows: Vec::new(),
            facts: self.facts.clone(),
        }
    }
}

impl Store {
    /// The tables that are committed of a chain, with all their rows in memory.
    ///
    /// # Errors
    /// When a segment cannot be read, or holds no rows.
    pub fn tables(&self, chain: &Chain) -> Result<Vec<TableSource>, StoreError> {
        let segments = self.rows_of(chain)?;
        segments.iter().map(RowsSegment::table).collect()
    }

    /// The segments of rows that are committed of a chain, verified.
    pub(crate) fn rows_of(&self, chain: &Chain) -> Result<Vec<RowsSegment>, StoreError> {
        let content = self.content(chain);
        let rows = content.segments.iter();
        let rows = rows.filter(|segment| segment.kind == SegmentKind::Rows);
        rows.map(|segment| self.open_rows(chain, segment)).collect()
    }

    /// The segments of rows that are committed of a chain, not verified: for what is said of all their rows.
    pub(crate) fn heads_of(
        &self,
        chain: &Chain,
    ) -> Result<Vec<(Segment, RowsSegment)>, StoreError> {
        let content = self.content(chain);
        let rows = content.segments.into_iter();
        let rows = rows.filter(|segment| segment.kind == SegmentKind::Rows);
        rows.map(|segment| {
            let opened = RowsSegment::open(chain, &self.segment_path(chain, &segment))?;
            Ok((segment, opened))
        })
        .collect()
    }

    /// One of them.
    pub(crate) fn open_rows(
        &self,
        chain: &Chain,
        segment: &Segment,
    ) -> Result<RowsSegment, StoreError> {
        self.verify(chain, segment)?;
        RowsSegment::open(chain, &self.segment_path(chain, segment))
    }
}

/// A whole table as a segment in memory.
pub(crate) fn in_memory(chain: &Chain, source: &TableSource) -> Result<RowsSegment, StoreError> {
    let mut writer = RowsWriter::in_memory();
    writer.extend(&source.rows)?;
    let written = writer.finish(chain, source.digest, &source.coverage, &source.facts)?;
    let bytes = written.in_memory();
    RowsSegment::of_bytes(chain, bytes.expect("it was written to memory"))
}

impl Written {
    /// The bytes of one that was written to memory.
    pub(crate) fn in_memory(self) -> Option<Vec<u8>> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::File(_) => None,
        }
    }
}

impl RowsWriter {
    /// Adds rows.
    pub(crate) fn extend(&mut self, rows: &[TableRow]) -> Result<(), StoreError> {
        rows.iter().try_for_each(|row| self.push(row))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::made_rows::random_content;

    #[test]
    fn tables_read_back_as_they_were_written_and_damage_is_no_panic() {
        for seed in 0..16 {
            let content = random_content(seed);
            for source in &content.sources {
                let segment = in_memory(&content.chain, source).unwrap();
                assert_eq!(segment.table().unwrap(), *source, "{seed}");
                let bytes = segment.bytes().to_vec();
                for place in (0..bytes.len()).step_by(11) {
                    let mut bad = bytes.clone();
                    bad[place] ^= 0x55;
                    for bad in [&bad[..], &bad[..place]] {
                        let opened = RowsSegment::of_bytes(&content.chain, bad.to_vec());
                        let _ = opened.and_then(|segment| segment.table());
                    }
                }
            }
        }
    }
}
