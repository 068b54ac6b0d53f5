//! `whither status`: what the store holds.

use clap::Args;
use serde::Serialize;
use whither::status::{ChainRow, status};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Examples:
  whither status
  whither status --store /data/whither --json

The store is the directory that `--store` or WHITHER_STORE names, otherwise whither/store under
$XDG_DATA_HOME or ~/.local/share. A store that is not there yet is an empty one, and no error.";

/// Tell what the store holds
///
/// Lists each chain of the store with its extent, the heights that are missing, and its last block.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Status {}

/// A chain on a line of its own.
#[derive(Serialize)]
struct ChainLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    chain: &'a ChainRow,
}

impl Status {
    /// Reads the store and tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let store = context.open_store()?;
        let status = status(&store)?;
        match context.format {
            Format::Table => Ok(tables::status::render(
                &status,
                store.path(),
                context.case_dir(),
                context.style,
            )),
            Format::Json => output::json(&status),
            Format::Jsonl => status
                .chains
                .iter()
                .map(|chain| {
                    output::json_line(&ChainLine {
                        schema: "whither.status.chain/1",
                        chain,
                    })
                })
                .collect(),
            Format::Csv => Ok(output::csv(
                COLUMNS,
                &status.chains.iter().map(row).collect::<Vec<_>>(),
            )),
        }
    }
}

const COLUMNS: &[&str] = &[
    "chain",
    "kind",
    "blocks",
    "stale_blocks",
    "transactions",
    "outputs",
    "transfers",
    "addresses",
    "first",
    "last",
    "gaps",
    "tip_height",
    "tip_hash",
];

fn row(chain: &ChainRow) -> Vec<String> {
    let height = |height: Option<u32>| height.map(|height| height.to_string()).unwrap_or_default();
    vec![
        chain.chain.clone(),
        chain.kind.to_owned(),
        chain.blocks.to_string(),
        chain.stale_blocks.to_string(),
        chain.transactions.to_string(),
        chain.outputs.to_string(),
        chain.transfers.to_string(),
        chain.addresses.to_string(),
        height(chain.extent.first),
        height(chain.extent.last),
        chain.gaps.len().to_string(),
        height(chain.tip.height),
        chain.tip.hash.clone().unwrap_or_default(),
    ]
}
