//! The source `transfers` from outside: tables of every kind, damaged in every way, and the real ones.
//!
//! Tables that may not be shipped are looked for in the folder that `WHITHER_TEST_DATA` names.

#![allow(clippy::unwrap_used)]

#[path = "table/accepted.rs"]
mod accepted;
#[path = "table/meaning.rs"]
mod meaning;
#[path = "table/properties.rs"]
mod properties;
#[path = "table/real.rs"]
mod real;
#[path = "table/refused_cells.rs"]
mod refused_cells;
#[path = "table/refused_files.rs"]
mod refused_files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use whither_chain::sources::table::{
    Mapping, Table, TableError, TableFault, built_in, guess, read_table,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{MemoryAccounts, RowKind, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView as _, AddressIx, ChainView as _};

const ETHEREUM: Chain = Chain::Evm(1);
const A: &str = "0x1111111111111111111111111111111111111111";
const B: &str = "0x2222222222222222222222222222222222222222";

/// A mapping of four columns of ether with so many decimals, and what a test adds.
fn mapping_with(decimals: usize, top: &str, columns: &str) -> Mapping {
    let text = format!(
        "schema = \"whither.mapping/1\"\nname = \"test\"\nchain = \"ethereum\"\ntime_format = \"epoch-seconds\"\n\
         asset = \"slip44:60\"\ndecimals = {decimals}\n{top}\n[columns]\ntime = \"time\"\nfrom = \"from\"\n\
         to = \"to\"\namount = \"amount\"\n{columns}\n[coverage]\nkind = \"rows\"\n"
    );
    Mapping::parse(&text, "test.toml").unwrap()
}

fn mapping(top: &str, columns: &str) -> Mapping {
    mapping_with(18, top, columns)
}

fn read(text: impl AsRef<[u8]>) -> Result<Table, TableError> {
    read_table(text.as_ref(), &mapping("", ""), None, "t.csv")
}

/// A good row, a row to be tested, a good row.
fn around(row: &str) -> String {
    format!("time,from,to,amount\n1,{A},{B},1\n{row}\n3,{A},{B},1\n")
}

fn amounts(table: &Table) -> Vec<String> {
    table
        .source
        .rows
        .iter()
        .map(|row| row.amount.to_string())
        .collect()
}

fn sum(table: &Table) -> U256 {
    table
        .source
        .rows
        .iter()
        .map(|row| row.amount)
        .fold(U256::ZERO, |sum, amount| sum + amount)
}

#[track_caller]
fn assert_error(result: Result<Table, TableError>, message: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), message);
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
