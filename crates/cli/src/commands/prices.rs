//! `whither prices`: price series into the store, and what the store has of them.

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use serde::Serialize;
use whither::prices::{
    Convention, Currency, FILE_LENGTH_MAX, Imported, Request, SeriesRow, VersionRow, import, pair,
    status,
};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Examples:
  whither prices import BTC-USD.csv --asset bitcoin --convention close --source \"Yahoo Finance\"
  whither prices status

`whither help prices import` and `whither help prices status` tell more.";

const IMPORT_EXAMPLES: &str = "\
The file is CSV whose first line names its columns: `Date,Open,High,Low,Close,…` as Yahoo writes it, or
`date,price`. Of the first kind the convention says which price of a day is taken; `mid` lies half way
between High and Low. Of the second it says which price the file has.

Rows that cannot be read, or can be read in two ways, are listed with their line and the reason, and
have no price. A second file for the same asset, convention and source does not replace the first: both
are kept, and values are computed with the newer.

Assets are CAIP-19 ids; the name of a chain is its own coin (`bitcoin`, `ethereum`), `iso4217:EUR/USD` the
rate that makes dollars of euros. Decimals of a token are not guessed: state them with `--decimals`.

Examples:
  whither prices import ETH-USD.csv --asset ethereum --convention open --source \"Yahoo Finance\"
  whither prices import EURUSD=X.csv --asset iso4217:EUR/USD --convention close --source \"Yahoo Finance\"
  whither prices import eth-eur.csv --asset ethereum --quote EUR --convention close --source Kraken
  whither prices import usdc.csv --asset eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 \\
      --decimals 6 --convention close --source \"Coin Metrics\" --licence \"CC BY-NC 4.0\"";

const STATUS_EXAMPLES: &str = "\
Examples:
  whither prices status
  whither prices status --format csv";

/// Take price series in, or list them
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Prices {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(Import),
    /// List the price series of the store
    #[command(after_long_help = STATUS_EXAMPLES)]
    Status,
}

/// Read a file of daily prices and keep it as a series
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_EXAMPLES)]
struct Import {
    /// The file of prices, or - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the prices are of
    #[arg(long, value_name = "ASSET")]
    asset: String,
    /// Which price of a day is meant
    #[arg(long, value_name = "CONVENTION", value_parser = conventions())]
    convention: Convention,
    /// Who says so, as it shall stand beside every value
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// On which terms the source lets one use them
    #[arg(long, value_name = "TEXT")]
    licence: Option<String>,
    /// What the prices are counted in [default: USD]
    #[arg(long, value_name = "CURRENCY")]
    quote: Option<String>,
    /// Decimals of the asset, where no standard fixes them
    #[arg(long, value_name = "N")]
    decimals: Option<u8>,
    /// Read and report, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

/// `open`, `close` or `mid`.
pub fn conventions() -> impl TypedValueParser<Value = Convention> {
    PossibleValuesParser::new(["open", "close", "mid"]).try_map(|name| name.parse::<Convention>())
}

/// Reads a currency's code.
pub fn currency(text: &str) -> Result<Currency, CommandError> {
    let read = text.parse::<Currency>().map_err(whither::Error::from);
    read.map_err(|error| {
        CommandError::new(format!("`--quote {text}`: {error}")).with_hint_of(error.hint())
    })
}

impl Prices {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        match self.command {
            Command::Import(import) => import.run(context),
            Command::Status => told(context),
        }
    }
}

impl Import {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let quote = self.quote.as_deref().map(currency).transpose()?;
        let pair = pair(&self.asset, quote.as_ref()).map_err(|error| {
            CommandError::new(format!("`--asset {}`: {error}", self.asset))
                .with_hint_of(error.hint())
        })?;
        let from_stdin = self.file.as_os_str() == "-";
        let dry_run = self.dry_run;
        let request = Request {
            bytes: from_stdin.then(stdin).transpose()?,
            file: if from_stdin {
                "stdin".into()
            } else {
                self.file
            },
            pair,
            convention: self.convention,
            source: self.source,
            licence: self.licence,
            decimals: self.decimals,
            dry_run,
        };
        let store = context.store_dir()?;
        let imported = import(store, request)?;
        match context.format {
            Format::Table => Ok(tables::prices::imported(
                &imported,
                store,
                dry_run,
                context.style,
            )),
            Format::Json => output::json(&imported),
            Format::Jsonl => output::json_line(&imported),
            Format::Csv => Ok(import_csv(&imported)),
        }
    }
}

fn stdin() -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_LENGTH_MAX).unwrap_or(u64::MAX);
    let stdin = io::stdin().lock().take(limit.saturating_add(1));
    let mut stdin = io::BufReader::new(stdin);
    stdin
        .read_to_end(&mut bytes)
        .map_err(|error| CommandError::new(format!("stdin cannot be read: {error}")))?;
    Ok(bytes)
}

/// A version of a series on a line of its own.
#[derive(Serialize)]
struct SeriesLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    series: &'a VersionRow,
}

fn told(context: &Context) -> Result<String, CommandError> {
    let store = context.store_dir()?;
    let status = status(store)?;
    match context.format {
        Format::Table => Ok(tables::prices::status(&status, store, context.style)),
        Format::Json => output::json(&status),
        Format::Jsonl => status
            .series
            .iter()
            .map(|series| {
                output::json_line(&SeriesLine {
                    schema: "whither.prices.series/1",
                    series,
                })
            })
            .collect(),
        Format::Csv => {
            let rows: Vec<Vec<String>> = status.series.iter().map(status_row).collect();
            Ok(output::csv(&[COLUMNS, &["in_force"]].concat(), &rows))
        }
    }
}

const COLUMNS: &[&str] = &[
    "asset",
    "quote",
    "convention",
    "source",
    "licence",
    "decimals",
    "price_file",
    "column",
    "version",
    "days",
    "first",
    "last",
    "gaps",
    "missing_days",
];

fn cells(row: &SeriesRow) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        row.asset.clone(),
        row.quote.clone(),
        row.convention.clone(),
        row.source.clone(),
        text(&row.licence),
        row.decimals.map(|it| it.to_string()).unwrap_or_default(),
        row.price_file.clone(),
        row.column.clone(),
        row.version.to_string(),
        row.days.to_string(),
        text(&row.first),
        text(&row.last),
        row.gaps.len().to_string(),
        row.missing_days.to_string(),
    ]
}

fn status_row(row: &VersionRow) -> Vec<String> {
    let mut cells = cells(&row.series);
    cells.push(row.in_force.to_string());
    cells
}

/// One row of counts.
fn import_csv(imported: &Imported) -> String {
    let mut row = cells(&imported.series);
    row.extend([
        imported.rows.to_string(),
        imported.skipped.len().to_string(),
        imported.remarks.len().to_string(),
        imported.unchanged.to_string(),
    ]);
    let more = ["rows", "skipped", "remarks", "unchanged"];
    output::csv(&[COLUMNS, &more].concat(), &[row])
}
