//! What sources promise and tell beside rows, as JSON: in segments of rows, and beside columns.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{BlockFact, Facts, TokenFact};
use whither_ledger::time::Timestamp;

use crate::text::{decode_hex, hex};

/// A promise.
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

/// What a source tells beside rows.
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

/// What a source tells beside rows, line by line.
pub(crate) fn write_facts(chain: &Chain, facts: &Facts) -> impl Iterator<Item = WrittenFact> {
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
    blocks.chain(tokens).chain(contracts)
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
