//! `whither freeze`: what was asked of whom, how far it is, and how long it takes.

use clap::{Args, Subcommand};
use serde::Serialize;
use whither::freeze::{FreezeList, RequestRow, Step, list, record};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
A request has steps: requested, acknowledged, frozen, refused, expired, recovered. Each is a claim of whoever
takes it, with its time. Later steps take place, asset and whom from the step before. `frozen` and `recovered`
say how much; with `--claims` that much becomes an end of its own in a trace and in a list of off-ramps.

Examples:
  whither freeze step okx-1 requested --to OKX --place ethereum:0x0d8f… --asset eip155:1/slip44:60 --amount 5000000000000000000
  whither freeze step okx-1 acknowledged --at 2022-03-29T18:05:00Z --why 'ticket 4711'
  whither freeze step okx-1 frozen --amount 3500000000000000000
  whither freeze list --at 2022-03-30T00:00:00Z";

/// Keep the clock of requests to freeze: asked, acknowledged, frozen, refused, lapsed, given back
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Freeze {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Claim a step of a request
    Step(Box<StepArgs>),
    /// List requests with their clocks
    List(ListArgs),
}

#[derive(Debug, Args)]
struct StepArgs {
    /// Names the request: a-z, 0-9 and hyphens
    #[arg(value_name = "REQUEST")]
    request: String,
    /// requested, acknowledged, frozen, refused, expired or recovered
    #[arg(value_name = "STEP")]
    state: String,
    /// Of whom it is asked: a service, or the issuer of a token
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Where the money is: an address or an output, with its chain
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// Of which asset (CAIP-19)
    #[arg(long, value_name = "ASSET")]
    asset: Option<String>,
    /// How much is asked for, frozen, or came back with this step, in smallest units
    #[arg(long, value_name = "N")]
    amount: Option<String>,
    /// When the step was taken [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// A reference number, a reason
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Tell how long open requests have waited at this time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// A request on a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    item: &'a RequestRow,
}

impl Freeze {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        let case = context
            .open_case()?
            .ok_or_else(|| CommandError::new("no case is open"))?;
        match self.command {
            Command::Step(step) => {
                let recorder = step.recording.recorder()?;
                let step = Step {
                    request: step.request,
                    state: step.state,
                    at: step.at,
                    to: step.to,
                    place: step.place,
                    asset: step.asset,
                    amount: step.amount,
                    why: step.why,
                };
                let written = record(dir, &case, &recorder, step)?;
                super::evidence::written(context, &written)
            }
            Command::List(of) => {
                let list = list(&case, of.at.as_deref())?;
                match context.format {
                    Format::Table => Ok(tables::freeze::render(&list, context.style)),
                    Format::Json => output::json(&list),
                    Format::Jsonl => {
                        let schema = "whither.freeze.request/1";
                        let items = list.requests.iter();
                        items
                            .map(|item| output::json_line(&Line { schema, item }))
                            .collect()
                    }
                    Format::Csv => Ok(rows(&list)),
                }
            }
        }
    }
}

fn rows(list: &FreezeList) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let row = |row: &RequestRow| {
        vec![
            row.request.clone(),
            row.state.to_owned(),
            row.since.clone(),
            row.to.clone(),
            row.place.clone(),
            row.asset.clone(),
            text(&row.asked),
            row.frozen.clone(),
            row.recovered.clone(),
            text(&row.requested),
            number(row.acknowledged_after),
            number(row.answered_after),
            number(row.open_for),
        ]
    };
    let rows: Vec<Vec<String>> = list.requests.iter().map(row).collect();
    let header = [
        "request",
        "state",
        "since",
        "to",
        "place",
        "asset",
        "asked",
        "frozen",
        "recovered",
        "requested",
        "acknowledged_after",
        "answered_after",
        "open_for",
    ];
    output::csv(&header, &rows)
}
