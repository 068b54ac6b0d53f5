//! Segments of tables: the rows of one table as JSON lines, after a line with what the table promises.
//!
//! A segment is read back before it is committed, so that what a view is built from later is what the
//! table's reader understood.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use super::Store;
use super::error::StoreError;
use crate::text::{decode_hex, hex};

/// The first line of a segment.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHead {
    format: String,
    /// SHA-256 of the table's file.
    source: String,
    coverage: WrittenCoverage,
}

const FORMAT: &str = "whither.rows/1";

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum WrittenCoverage {
    Blocks {
        first: Option<u32>,
        last: Option<u32>,
        internal: bool,
    },
    Addresses {
        addresses: Vec<String>,
        internal: bool,
        from: i64,
        to: i64,
    },
    Rows {
        from: i64,
        to: i64,
    },
}

/// A row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    transaction: Option<String>,
    height: Option<u32>,
    index: Option<u32>,
    time: i64,
    log_index: Option<u32>,
    kind: WrittenKind,
    from: String,
    to: String,
    asset: String,
    amount: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenKind {
    Fee,
    Transfer,
}

impl Store {
    /// Builds the view of a chain of accounts.
    pub(super) fn load_accounts(&self, chain: &Chain) -> Result<MemoryAccounts, StoreError> {
        let sources = self.tables(chain)?;
        Ok(MemoryAccounts::build(chain.clone(), &sources)?)
    }

    /// The tables that are committed of a chain.
    ///
    /// # Errors
    /// When a segment cannot be read, or holds no rows.
    pub fn tables(&self, chain: &Chain) -> Result<Vec<TableSource>, StoreError> {
        let mut sources = Vec::new();
        for segment in &self.content(chain).segments {
            let path = self.segment_path(chain, segment);
            let bad = |line: usize, why: String| StoreError::Segment {
                path: path.clone(),
                place: format!("line {line}"),
                why,
            };
            self.verify(chain, segment)?;
            sources.push(read_file(chain, &path, bad)?);
        }
        Ok(sources)
    }
}

fn read_file(
    chain: &Chain,
    path: &Path,
    bad: impl Fn(usize, String) -> StoreError,
) -> Result<TableSource, StoreError> {
    let text = fs::read_to_string(path).map_err(StoreError::io(path, "cannot be read"))?;
    parse(chain, &text).map_err(|(line, why)| bad(line, why))
}

/// The text of a segment; refused if it would read back as anything else.
pub(crate) fn rows_text(chain: &Chain, source: &TableSource) -> Result<String, StoreError> {
    let mut text = line(&WrittenHead {
        format: FORMAT.to_owned(),
        source: hex(&source.digest),
        coverage: write_coverage(chain, &source.coverage),
    });
    for row in &source.rows {
        text.push_str(&line(&write_row(chain, row)));
    }
    let read = parse(chain, &text).map_err(|(line, _)| StoreError::Unfaithful { row: line - 1 })?;
    if read == *source {
        return Ok(text);
    }
    let mut pairs = read.rows.iter().zip(&source.rows);
    let row = pairs.position(|(read, given)| read != given);
    Err(StoreError::Unfaithful {
        row: row.map_or(0, |row| row + 1),
    })
}

fn line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).expect("strings and numbers are JSON");
    line.push('\n');
    line
}

pub(crate) fn write_coverage(chain: &Chain, coverage: &Coverage) -> WrittenCoverage {
    match coverage {
        Coverage::Blocks {
            first,
            last,
            internal,
        } => WrittenCoverage::Blocks {
            first: *first,
            last: *last,
            internal: *internal,
        },
        Coverage::Addresses {
            addresses,
            internal,
            from,
            to,
        } => WrittenCoverage::Addresses {
            addresses: addresses
                .iter()
                .map(|address| address.display(chain))
                .collect(),
            internal: *internal,
            from: from.seconds(),
            to: to.seconds(),
        },
        Coverage::Rows { from, to } => WrittenCoverage::Rows {
            from: from.seconds(),
            to: to.seconds(),
        },
    }
}

fn write_row(chain: &Chain, row: &TableRow) -> WrittenRow {
    WrittenRow {
        transaction: row.transaction.as_ref().map(ToString::to_string),
        height: row.height,
        index: row.index,
        time: row.time.seconds(),
        log_index: row.log_index,
        kind: match row.kind {
            RowKind::Fee => WrittenKind::Fee,
            RowKind::Transfer => WrittenKind::Transfer,
        },
        from: row.from.display(chain),
        to: row.to.display(chain),
        asset: row.asset.to_string(),
        amount: row.amount.to_string(),
    }
}

/// A line, and what is wrong with it.
type BadLine = (usize, String);

fn parse(chain: &Chain, text: &str) -> Result<TableSource, BadLine> {
    let mut lines = text.lines().zip(1_usize..);
    let (head, _) = lines.next().ok_or((1, "the segment is empty".to_owned()))?;
    let head: WrittenHead = serde_json::from_str(head).map_err(|error| (1, error.to_string()))?;
    if head.format != FORMAT {
        return Err((1, format!("format {:?}, not {FORMAT:?}", head.format)));
    }
    let digest = decode_hex(&head.source)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or((1, "the source is no SHA-256".to_owned()))?;
    let coverage = parse_coverage(chain, head.coverage).map_err(|why| (1, why))?;
    let row = |(text, number): (&str, usize)| parse_row(chain, text).map_err(|why| (number, why));
    Ok(TableSource {
        digest,
        coverage,
        rows: lines.map(row).collect::<Result<_, _>>()?,
    })
}

pub(crate) fn parse_coverage(chain: &Chain, written: WrittenCoverage) -> Result<Coverage, String> {
    let time = |seconds| Timestamp::from_seconds(seconds).map_err(|error| error.to_string());
    Ok(match written {
        WrittenCoverage::Blocks {
            first,
            last,
            internal,
        } => Coverage::Blocks {
            first,
            last,
            internal,
        },
        WrittenCoverage::Addresses {
            addresses,
            internal,
            from,
            to,
        } => Coverage::Addresses {
            addresses: addresses
                .iter()
                .map(|text| Address::parse(chain, text).map_err(|error| error.to_string()))
                .collect::<Result<BTreeSet<_>, _>>()?,
            internal,
            from: time(from)?,
            to: time(to)?,
        },
        WrittenCoverage::Rows { from, to } => Coverage::Rows {
            from: time(from)?,
            to: time(to)?,
        },
    })
}

fn parse_row(chain: &Chain, text: &str) -> Result<TableRow, String> {
    let row: WrittenRow = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let address = |text: &str| Address::parse(chain, text).map_err(|error| error.to_string());
    let transaction = row
        .transaction
        .map(|text| TransactionId::parse(chain, &text).map_err(|error| error.to_string()));
    Ok(TableRow {
        transaction: transaction.transpose()?,
        height: row.height,
        index: row.index,
        time: Timestamp::from_seconds(row.time).map_err(|error| error.to_string())?,
        log_index: row.log_index,
        kind: match row.kind {
            WrittenKind::Fee => RowKind::Fee,
            WrittenKind::Transfer => RowKind::Transfer,
        },
        from: address(&row.from)?,
        to: address(&row.to)?,
        asset: row
            .asset
            .parse()
            .map_err(|error: whither_ledger::asset::AssetError| error.to_string())?,
        amount: U256::from_str_radix(&row.amount, 10).map_err(|error| error.to_string())?,
    })
}
