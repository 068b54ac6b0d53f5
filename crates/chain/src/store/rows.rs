//! Segments of tables: the rows of one table as JSON lines, after a line with what the table promises and lines
//! with what it tells beside rows.
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
use whither_ledger::memory::{
    BlockFact, Facts, MemoryAccounts, RowKind, TableRow, TableSource, TokenFact,
};
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

/// What a source tells beside rows: such a line begins with `{"fact":`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum WrittenFact {
    Block {
        height: u32,
        hash: String,
        parent: Option<String>,
        time: i64,
        transactions: u32,
    },
    Token {
        asset: String,
        height: Option<u32>,
        symbol: Option<String>,
        name: Option<String>,
        decimals: Option<u8>,
    },
    Contract {
        address: String,
    },
}

const FACT: &str = "{\"fact\":";

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenKind {
    Fee,
    Transfer,
    Wrap,
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
    for fact in write_facts(chain, &source.facts) {
        text.push_str(&line(&fact));
    }
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
            RowKind::Wrap => WrittenKind::Wrap,
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
    let (mut facts, mut rows) = (Facts::default(), Vec::new());
    for (text, number) in lines {
        let taken = if text.starts_with(FACT) {
            take_fact(chain, text, &mut facts)
        } else {
            parse_row(chain, text).map(|row| rows.push(row))
        };
        taken.map_err(|why| (number, why))?;
    }
    Ok(TableSource {
        digest,
        coverage,
        rows,
        facts,
    })
}

/// What a source tells beside rows, line by line.
fn write_facts(chain: &Chain, facts: &Facts) -> Vec<WrittenFact> {
    let blocks = facts.blocks.iter().map(|block| WrittenFact::Block {
        height: block.height,
        hash: hex(&block.hash),
        parent: block.parent.map(|parent| hex(&parent)),
        time: block.time.seconds(),
        transactions: block.transactions,
    });
    let tokens = facts.tokens.iter().map(write_token);
    let contracts = facts
        .contracts
        .iter()
        .map(|contract| WrittenFact::Contract {
            address: contract.display(chain),
        });
    blocks.chain(tokens).chain(contracts).collect()
}

pub(crate) fn write_token(token: &TokenFact) -> WrittenFact {
    WrittenFact::Token {
        asset: token.asset.to_string(),
        height: token.height,
        symbol: token.symbol.clone(),
        name: token.name.clone(),
        decimals: token.decimals,
    }
}

fn take_fact(chain: &Chain, text: &str, facts: &mut Facts) -> Result<(), String> {
    let written = serde_json::from_str(text).map_err(|error| error.to_string())?;
    fact(chain, written, facts)
}

/// Adds a fact that was written.
pub(crate) fn fact(chain: &Chain, written: WrittenFact, facts: &mut Facts) -> Result<(), String> {
    let hash = |text: &str| {
        let bytes = decode_hex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| "a block's hash is no hash".to_owned())
    };
    match written {
        WrittenFact::Block {
            height,
            hash: own,
            parent,
            time,
            transactions,
        } => facts.blocks.push(BlockFact {
            height,
            hash: hash(&own)?,
            parent: parent.as_deref().map(hash).transpose()?,
            time: Timestamp::from_seconds(time).map_err(|error| error.to_string())?,
            transactions,
        }),
        WrittenFact::Token {
            asset,
            height,
            symbol,
            name,
            decimals,
        } => facts.tokens.push(TokenFact {
            asset: asset
                .parse()
                .map_err(|error: whither_ledger::asset::AssetError| error.to_string())?,
            height,
            symbol,
            name,
            decimals,
        }),
        WrittenFact::Contract { address } => {
            let address = Address::parse(chain, &address).map_err(|error| error.to_string())?;
            facts.contracts.insert(address);
        }
    }
    Ok(())
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
            WrittenKind::Wrap => RowKind::Wrap,
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
