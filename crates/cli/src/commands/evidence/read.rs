//! What shows claims: all that stand, or one with its history.

use clap::Args;
use whither::evidence::{self, ClaimRow};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const LIST_EXAMPLES: &str = "\
Examples:
  whither evidence list
  whither evidence list --kind label --format csv
  whither evidence list --as-of 2026-11-22";

const SHOW_EXAMPLES: &str = "\
Examples:
  whither evidence show ronin-bridge-2022
  whither evidence show 9c1e44aa --json";

/// List the claims that stand
#[derive(Debug, Args)]
#[command(after_long_help = LIST_EXAMPLES)]
pub struct List {
    /// Only claims of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// As known at the end of this day, or at this time
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

/// Show a claim with all that was ever said of it
#[derive(Debug, Args)]
#[command(after_long_help = SHOW_EXAMPLES)]
pub struct Show {
    /// The claim, by its id, its hash, or the first eight digits of its hash or more
    #[arg(value_name = "ID")]
    id: String,
}

const HEADER: &[&str] = &[
    "claim",
    "hash",
    "kind",
    "author",
    "time",
    "state",
    "source",
    "reference",
    "confidence",
    "handling",
    "date",
    "published",
    "accessed",
    "about",
    "fields",
];

impl List {
    /// Lists them.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        let list = evidence::list(
            dir,
            context.index_dir().as_deref(),
            self.kind.as_deref(),
            self.as_of.as_deref(),
        )?;
        match context.format {
            Format::Table => Ok(tables::evidence::list(&list, context.style)),
            Format::Json => output::json(&list),
            Format::Jsonl => list.claims.iter().map(output::json_line).collect(),
            Format::Csv => {
                let rows = list.claims.iter().map(cells);
                Ok(output::csv(HEADER, &rows.collect::<Vec<_>>()))
            }
        }
    }
}

impl Show {
    /// Shows it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let page = evidence::show(context.needed_case_dir()?, &self.id)?;
        match context.format {
            Format::Table => Ok(tables::evidence::page(&page, context.style)),
            Format::Json => output::json(&page),
            Format::Jsonl => output::json_line(&page),
            Format::Csv => {
                let header = [
                    "hash", "author", "entry", "time", "act", "target", "struck", "payload",
                ];
                let rows = page.history.iter().map(|row| {
                    vec![
                        row.hash.clone(),
                        row.author.clone(),
                        row.entry.to_string(),
                        row.time.clone(),
                        row.act.to_owned(),
                        row.target.clone().unwrap_or_default(),
                        row.struck.to_string(),
                        row.payload
                            .as_ref()
                            .map(|payload| payload.canonical())
                            .unwrap_or_default(),
                    ]
                });
                Ok(output::csv(&header, &rows.collect::<Vec<_>>()))
            }
        }
    }
}

fn cells(row: &ClaimRow) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        row.claim.clone(),
        row.hash.clone(),
        row.kind.clone(),
        row.author.clone(),
        row.time.clone(),
        row.state.to_owned(),
        text(&row.source),
        text(&row.reference),
        text(&row.confidence),
        text(&row.handling),
        text(&row.date),
        text(&row.published),
        text(&row.accessed),
        row.about.join(" "),
        row.fields
            .as_ref()
            .map(|fields| fields.canonical())
            .unwrap_or_default(),
    ]
}
