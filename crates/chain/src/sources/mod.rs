//! Sources of chain data, each of foreign bytes, and the guess at what a file holds.
//!
//! A source says what it promises to be complete, or its reader works it out; it never guesses amounts.

pub mod bitcoin;
pub(crate) mod cryo;
pub(crate) mod ethereum_etl;
pub(crate) mod etherscan;
pub mod evm;
pub(crate) mod evm_json;
pub(crate) mod explorer;
pub(crate) mod files;
mod parquet;
pub(crate) mod rpc;
pub mod table;
pub(crate) mod trongrid;

use std::path::Path;
use std::str::FromStr;

use crate::error::SourceError;
use bitcoin::scan::{self, Form};

/// How a source is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A Bitcoin Core `blocks/` directory, a block file, or a raw block.
    BitcoinBlocks,
    /// Tables of ethereum-etl: a directory.
    EthereumEtl,
    /// Parquet files of cryo: a directory.
    Cryo,
    /// Blocks, receipts and traces in JSON: files or a directory.
    EvmJson,
    /// What Etherscan and its kin export of an account: CSV or the API's JSON.
    Etherscan,
    /// What TronGrid answers of an account: JSON.
    TronGrid,
    /// A node's JSON-RPC: a URL.
    Rpc,
    /// A table of transfers, read by a mapping.
    Transfers,
}

impl Format {
    /// All formats, in the order they are listed to people.
    pub const ALL: [Self; 8] = [
        Self::BitcoinBlocks,
        Self::EthereumEtl,
        Self::Cryo,
        Self::EvmJson,
        Self::Etherscan,
        Self::TronGrid,
        Self::Rpc,
        Self::Transfers,
    ];

    /// What the command line calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BitcoinBlocks => "bitcoin-blocks",
            Self::EthereumEtl => "ethereum-etl",
            Self::Cryo => "cryo",
            Self::EvmJson => "evm-json",
            Self::Etherscan => "etherscan",
            Self::TronGrid => "trongrid",
            Self::Rpc => "rpc",
            Self::Transfers => "transfers",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let format = Self::ALL.into_iter().find(|format| format.name() == text);
        format.ok_or_else(|| UnknownFormat {
            name: text.chars().take(80).collect(),
        })
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no source format; known are {}", known_formats())]
pub struct UnknownFormat {
    name: String,
}

fn known_formats() -> String {
    let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
    let (last, others) = names.split_last().expect("there are formats");
    format!("{} and {last}", others.join(", "))
}

/// A source, and how it is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// Blocks of Bitcoin's kind.
    Blocks(Form),
    /// A source of a chain of accounts.
    Accounts(Format),
}

/// Whether a source is an endpoint and no file.
fn is_url(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.starts_with("http://") || text.starts_with("https://")
}

/// Says by its content how a source is written, unless the user said so.
pub(crate) fn recognise(path: &Path, format: Option<Format>) -> Result<Recognised, SourceError> {
    match format {
        Some(Format::BitcoinBlocks) | None => {}
        Some(named) => return Ok(Recognised::Accounts(named)),
    }
    if is_url(path) {
        return Ok(Recognised::Accounts(Format::Rpc));
    }
    if let Some(guessed) = format.is_none().then(|| guess(path)).flatten() {
        return Ok(Recognised::Accounts(guessed));
    }
    let form = scan::recognise(path)?;
    Ok(match (form, format) {
        (Some(form), _) => Recognised::Blocks(form),
        // Whatever it looks like, the user says that it is a block.
        (None, Some(Format::BitcoinBlocks)) => Recognised::Blocks(Form::Raw),
        (None, _) => Recognised::Accounts(Format::Transfers),
    })
}

/// The source of a chain of accounts that a path looks like.
fn guess(path: &Path) -> Option<Format> {
    if path.is_dir() {
        let known = [
            (Format::Cryo, cryo::is_one as fn(&Path) -> bool),
            (Format::EthereumEtl, ethereum_etl::is_one),
            (Format::EvmJson, evm_json::is_one),
        ];
        let found = known.into_iter().find(|(_, is_one)| is_one(path));
        return found.map(|(format, _)| format);
    }
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => etherscan::is_one(path).then_some(Format::Etherscan),
        Some("json" | "jsonl") => {
            let documents = evm_json::documents(path).ok()?;
            let any = |is_one: fn(&serde_json::Value) -> bool| documents.iter().any(is_one);
            if any(trongrid::is_document) {
                Some(Format::TronGrid)
            } else if any(evm_json::is_document) {
                Some(Format::EvmJson)
            } else {
                any(etherscan::is_document).then_some(Format::Etherscan)
            }
        }
        _ => None,
    }
}
