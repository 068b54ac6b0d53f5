//! `whither ingest`: chain data from files or a node into the store.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;
use whither::ingest::{Format as SourceFormat, Ingested, Request, ingest};

use crate::args::Format;
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::progress;
use crate::{output, tables};

const EXAMPLES: &str = "\
Source formats, recognised where it is plain:
  bitcoin-blocks   a Bitcoin Core `blocks/` directory, a blk file, or a raw block (bytes or hex)
  ethereum-etl     a directory of ethereum-etl's tables, CSV or JSON lines; needs --chain
  cryo             a directory of cryo's Parquet files
  evm-json         blocks, receipts and traces as a node answers them: JSON files or a directory
  etherscan        what an explorer exports of an account, CSV or the API's JSON; needs --chain
  trongrid         what TronGrid answers of an account, JSON
  rpc              a node's JSON-RPC endpoint, http://HOST:PORT; no other host is asked
  transfers        a CSV table of transfers, read by a mapping (built in: mftracer, ronin-dune)

Sources are read and checked whole before the store is written: it takes all of them, or nothing. The
same bytes taken in twice change nothing.

Examples:
  whither ingest ~/.bitcoin/blocks
  whither ingest blk00000.dat --dry-run
  whither ingest block928816.raw --undo block928816-undo.raw --chain testnet3 --height 928816
  whither ingest export/ --source-format ethereum-etl --chain ethereum
  whither ingest http://127.0.0.1:8545 --blocks 17173049:17173050
  whither ingest transfers.csv --chain ethereum --mapping ronin-dune";

/// Bring chain data into the store
///
/// Reads block files, exports, a node, or tables of transfers, checks them, and adds them to the chain store. Reports what
/// these sources held, what was passed over and why, and what the store now promises to be complete.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Ingest {
    /// Files and directories of one chain, or a node's URL
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The chain they are of; block files know their network by themselves
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// How they are written; recognised where it is plain
    #[arg(long, value_name = "FORMAT")]
    source_format: Option<String>,
    /// Which column of a table holds what: a built-in mapping, or a mapping file
    #[arg(long, value_name = "NAME|FILE")]
    mapping: Option<String>,
    /// For one raw block: a file with the outputs that it spends
    #[arg(long, value_name = "FILE")]
    undo: Option<PathBuf>,
    /// Only blocks at these heights, both ends included
    #[arg(long, value_name = "A:B")]
    blocks: Option<String>,
    /// For blocks that do not tell: the height of the first
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    height: Option<u32>,
    /// Read, check and report, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Ingest {
    /// Reads, checks, writes, reports.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dry_run = self.dry_run;
        let request = self.request()?;
        let mut store = context.open_store()?;
        let progress = progress::to_stderr(context.quiet);
        let ingested = ingest(&mut store, &request, progress.as_ref())?;
        drop(progress);
        match context.format {
            Format::Table => Ok(tables::ingest::render(
                &ingested,
                store.path(),
                dry_run,
                context.style,
            )),
            Format::Json => output::json(&ingested),
            Format::Jsonl => output::json_line(&ingested),
            Format::Csv => Ok(csv(&ingested)),
        }
    }

    fn request(self) -> Result<Request, CommandError> {
        Ok(Request {
            chain: context::chain(self.chain.as_deref())?,
            format: self
                .source_format
                .as_deref()
                .map(source_format)
                .transpose()?,
            blocks: self.blocks.as_deref().map(heights).transpose()?,
            paths: self.sources,
            mapping: self.mapping,
            undo: self.undo,
            height: self.height,
            dry_run: self.dry_run,
            commit_bytes: None,
        })
    }
}

fn source_format(name: &str) -> Result<SourceFormat, CommandError> {
    name.parse().map_err(CommandError::new)
}

/// Reads `A:B`, both ends included.
fn heights(text: &str) -> Result<RangeInclusive<u32>, CommandError> {
    let height = |digits: &str| digits.replace('_', "").parse::<u32>().ok();
    let range = text
        .split_once(':')
        .and_then(|(first, last)| Some((height(first)?, height(last)?)))
        .filter(|(first, last)| first <= last);
    let (first, last) = range.ok_or_else(|| {
        CommandError::new(format!("`--blocks {text}` is not a range of heights"))
            .with_hint("write the first and the last height: `--blocks 100000:100999`")
    })?;
    Ok(first..=last)
}

const COLUMNS: &[&str] = &[
    "chain",
    "blocks",
    "transactions",
    "inputs",
    "outputs",
    "transfers",
    "unresolved_inputs",
    "fees",
    "skipped",
    "first",
    "last",
    "gaps",
    "unchanged",
];

/// One row of counts.
fn csv(ingested: &Ingested) -> String {
    let height = |height: Option<u32>| height.map(|height| height.to_string()).unwrap_or_default();
    let row = vec![
        ingested.chain.clone(),
        ingested.blocks.to_string(),
        ingested.transactions.to_string(),
        ingested.inputs.to_string(),
        ingested.outputs.to_string(),
        ingested.transfers.to_string(),
        ingested.unresolved_inputs.to_string(),
        ingested.fees.clone().unwrap_or_default(),
        ingested.skipped.len().to_string(),
        height(ingested.extent.first),
        height(ingested.extent.last),
        ingested.gaps.len().to_string(),
        ingested.unchanged.to_string(),
    ];
    output::csv(COLUMNS, &[row])
}
