//! A table of transfers, read with a mapping: the source `transfers`.
//!
//! An investigator is handed whatever a bank, a researcher or a query tool exported. A [`Mapping`] says
//! which column holds what and what the table promises; [`read_table`] turns the bytes into exact rows, or
//! into an error that names file, line and column. Nothing is returned of a table with a fault in it: a
//! trace over part of a table would be wrong in silence.
//!
//! Not here: the order of transactions, and what several tables make together, which is the ledger's.

mod built_in;
mod cells;
mod error;
mod header;
mod mapping;
mod mapping_file;
mod on_chain;
pub(in crate::sources) mod records;
mod rows;

use std::io::{self, BufReader, Read};

use sha2::{Digest as _, Sha256};
use whither_ledger::chain::{Chain, ChainKind};
use whither_ledger::memory::TableSource;

pub use built_in::{built_in, guess};
pub use error::{MappingError, Place, TableError, TableFault};
pub use mapping::{Mapping, TimeFormat};

use header::Header;
use records::{LENGTH_MAX, Records};
use rows::Rows;

/// A table that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The chain its addresses and assets are of.
    pub chain: Chain,
    /// Its rows and its promise, for the ledger. The digest is the SHA-256 of the file's bytes.
    pub source: TableSource,
    /// How many rows the file has. A row becomes a transfer, a fee, both, or, where it failed, neither.
    pub rows: u64,
    /// How many cells with labels were left out: they are claims, and no chain data.
    pub labels_ignored: u64,
    /// How many rows had digits rounded away, as the mapping said.
    pub rounded: u64,
}

/// How much is read at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    line: usize,
    rows: u64,
}

const LIMITS: Limits = Limits {
    line: LENGTH_MAX,
    rows: 1 << 32,
};

/// Reads a table of transfers.
///
/// `chain_override` goes before the chain of the mapping; `file` is what errors call the table.
///
/// # Errors
/// [`TableError`], at the first thing that is not as the mapping says or not as the chain writes it.
pub fn read_table(
    bytes: impl Read,
    mapping: &Mapping,
    chain_override: Option<&Chain>,
    file: &str,
) -> Result<Table, TableError> {
    read_within(bytes, mapping, chain_override, LIMITS).map_err(|fault| TableError {
        file: file.to_owned(),
        line: fault.line,
        column: fault.column,
        fault: fault.fault,
    })
}

/// A fault without the file it is in.
#[derive(Debug)]
struct Misplaced {
    line: Option<u64>,
    column: Option<String>,
    fault: Box<TableFault>,
}

impl From<TableFault> for Misplaced {
    fn from(fault: TableFault) -> Self {
        Self {
            line: None,
            column: None,
            fault: Box::new(fault),
        }
    }
}

impl From<(u64, TableFault)> for Misplaced {
    fn from((line, fault): (u64, TableFault)) -> Self {
        // These are faults of the file, wherever in it they came to light.
        let of_the_file = matches!(
            fault,
            TableFault::Read(_) | TableFault::NotUtf8Text { .. } | TableFault::NoHeader
        );
        Self {
            line: (!of_the_file).then_some(line),
            column: None,
            fault: Box::new(fault),
        }
    }
}

fn read_within(
    bytes: impl Read,
    mapping: &Mapping,
    chain_override: Option<&Chain>,
    limits: Limits,
) -> Result<Table, Misplaced> {
    let no_chain = || TableFault::NoChain {
        mapping: mapping.name().to_owned(),
    };
    let chain = chain_override
        .or(mapping.chain())
        .cloned()
        .ok_or_else(no_chain)?;
    if chain.kind() == ChainKind::Utxo {
        return Err(TableFault::ChainOfOutputs { chain }.into());
    }
    let on_chain = mapping.on(&chain).map_err(TableFault::from)?;
    let input = BufReader::new(Hashing {
        bytes,
        hasher: Sha256::new(),
    });
    let mut records = Records::new(input, mapping.delimiter, limits.line);
    let header = Header::read(&mut records, mapping)?;
    let mut rows = Rows::new(mapping, &on_chain, &chain, &header);
    while let Some(record) = records.next()? {
        if rows.count() == limits.rows {
            return Err((
                record.line(),
                TableFault::TooManyRows { limit: limits.rows },
            )
                .into());
        }
        rows.push(record)?;
    }
    let content = rows.finish()?;
    let digest = records.into_input().into_inner().hasher.finalize().into();
    Ok(Table {
        source: TableSource {
            digest,
            coverage: content.coverage,
            rows: content.rows,
            facts: whither_ledger::memory::Facts::default(),
        },
        rows: content.count,
        labels_ignored: content.labels,
        rounded: content.rounded,
        chain,
    })
}

/// Hashes all that is read through it.
struct Hashing<R> {
    bytes: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const MAPPING: &str = r#"
        schema = "whither.mapping/1"
        name = "small"
        chain = "ethereum"
        time_format = "epoch-seconds"
        asset = "slip44:60"
        decimals = 0
        columns = { time = "t", from = "f", to = "o", amount = "a" }
        coverage = { kind = "rows" }
    "#;

    fn table(rows: usize) -> String {
        let row = "1,0x098b716b8aaf21512996dc57eb0615e2383e2f96,0xa0e1c89ef1a489c9c7de96311ed5ce5d32c20e4b,5\n";
        format!("t,f,o,a\n{}", row.repeat(rows))
    }

    #[test]
    fn a_table_over_the_limits_is_refused() {
        let mapping = Mapping::parse(MAPPING, "small.toml").unwrap();
        let read = |rows: usize, line: usize| {
            read_within(
                table(rows).as_bytes(),
                &mapping,
                None,
                Limits { line, rows: 3 },
            )
        };
        assert_eq!(read(3, 200).unwrap().rows, 3);
        let too_many = read(4, 200).unwrap_err();
        assert!(matches!(
            (too_many.line, *too_many.fault),
            (Some(5), TableFault::TooManyRows { limit: 3 })
        ));
        let too_long = read(3, 50).unwrap_err();
        assert!(matches!(
            (too_long.line, *too_long.fault),
            (Some(2), TableFault::TooLong { limit: 50 })
        ));
        assert_eq!(LIMITS.rows, 4_294_967_296);
    }

    #[test]
    fn a_file_that_breaks_off_in_reading_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let mapping = Mapping::parse(MAPPING, "small.toml").unwrap();
        let error = read_table(Broken, &mapping, None, "t.csv").unwrap_err();
        assert_eq!(error.to_string(), "t.csv: cannot be read: the disk is gone");
        let half = table(2);
        let bytes = io::Read::chain(half.as_bytes(), Broken);
        assert!(read_table(bytes, &mapping, None, "t.csv").is_err());
    }
}
