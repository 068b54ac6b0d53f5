//! What a trace is worth: the options for it, and how it stands beside the trace in each format.
//!
//! Without `--value` nothing of this is in an answer, and the answer's bytes are what they are without it.

use clap::Args;
use serde::Serialize;
use whither::prices::{Choice, Convention, Day, Period, book};
use whither::store::Store;
use whither::value::bases::{EndpointValue, Request, TraceValue, value_trace};
use whither::{Case, Finding};

use super::prices::conventions;
use crate::error::CommandError;
use crate::output;

/// The options.
#[derive(Debug, Args)]
#[command(next_help_heading = "What it is worth")]
pub struct Worth {
    /// Set US dollars beside the amounts, by prices of this convention: at theft, hop and cash-out
    #[arg(long, value_name = "CONVENTION", value_parser = conventions())]
    value: Option<Convention>,
    /// Value all of it once more on this day
    #[arg(long, value_name = "DAY", requires = "value")]
    report_date: Option<String>,
    /// When origins were stolen that neither chain nor case dates: 2020, 2020-09, 2020-09-25
    #[arg(long, value_name = "DATE", requires = "value")]
    theft_date: Option<String>,
    /// Only prices from this source, as it was named at the import
    #[arg(long, value_name = "TEXT", requires = "value")]
    price_source: Option<String>,
    /// Where a day has no price, take that of the nearest day up to N days away
    #[arg(long, value_name = "N", requires = "value", default_value_t = 0)]
    nearest: u32,
}

impl Worth {
    /// What the trace is worth, where that is asked for.
    pub fn of(
        self,
        store: &Store,
        case: Option<&Case>,
        finding: &Finding,
    ) -> Result<Option<TraceValue>, CommandError> {
        let Some(convention) = self.value else {
            return Ok(None);
        };
        let date = |option: &str, text: &String| {
            Period::parse(text).ok_or_else(|| {
                CommandError::new(format!("`{option} {text}` is no date")).with_hint(
                    "write it as 2020-09-25, or as precisely as it is known: 2020-09, 2020",
                )
            })
        };
        let report = self.report_date.as_ref().map(|text| {
            Day::parse(text).ok_or_else(|| {
                CommandError::new(format!("`--report-date {text}` is no day"))
                    .with_hint("write it as 2023-03-01")
            })
        });
        let theft = self.theft_date.as_ref();
        let request = Request {
            choice: Choice {
                convention: Some(convention),
                source: self.price_source.clone(),
                quote: None,
                nearest: self.nearest,
            },
            theft: theft.map(|text| date("--theft-date", text)).transpose()?,
            report: report.transpose()?,
        };
        let book = book(store.path())?;
        Ok(Some(value_trace(&book, store, case, finding, &request)?))
    }
}

/// A finding with what it is worth.
#[derive(Serialize)]
struct Valued<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    value: &'a TraceValue,
}

/// One document: the finding as it is, and its value behind.
pub fn json(finding: &Finding, value: &TraceValue) -> Result<String, CommandError> {
    output::json(&Valued { finding, value })
}

/// What an endpoint is worth, beside it on its line.
#[derive(Serialize)]
pub struct OfEndpoint<'a> {
    usd: Option<&'a str>,
    usd_at_report: Option<&'a str>,
}

impl<'a> OfEndpoint<'a> {
    /// Of its value.
    pub fn of(end: &'a EndpointValue) -> Self {
        Self {
            usd: end.usd.as_deref(),
            usd_at_report: end.usd_at_report.as_deref(),
        }
    }
}

/// Columns behind those of the endpoint.
pub const COLUMNS: &[&str] = &["usd", "usd_at_report"];

/// Their cells.
pub fn cells(end: &EndpointValue) -> [String; 2] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [text(&end.usd), text(&end.usd_at_report)]
}
