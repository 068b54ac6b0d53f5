//! `whither exposure`: how much of an address's money came from, or went to, those whom the case names.

use clap::Args;
use serde::Serialize;
use whither::exposure::{Exposure as Found, ExposureList, ExposureQuestion, answer, listed};
use whither::lists::{open, status};
use whither::{Timestamp, Window, parse_stops};

use crate::args::Format;
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Every name that the case gives an address counts, and money counts for the nearest one. Direct is what one
transaction moves, indirect what went on. Each row has what every policy says (haircut, FIFO, LIFO; TIHO of
what went), and the interval that no value-conserving policy leaves. Rows add up to what the address had.
With `--lists`, whoever a sanctions list names stands before all other names: an address that is on no list
is then, say, two hops from one that is, with between 11 and 14 % of what it had. Where no case is open,
lists alone name addresses.

Examples:
  whither exposure ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96
  whither exposure ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96 --lists
  whither exposure 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S --stop depth:10 --json";

/// Tell from whom an address's money came and to whom it went
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Exposure {
    /// Addresses
    #[arg(required = true, value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// The chain of addresses that name none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Stop there too, as a trace does: degree:N, depth:N, dust:N, coinjoin, time:T (can be repeated)
    #[arg(long, value_name = "STOP")]
    stop: Vec<String>,
    /// Count addresses that imported sanctions lists name, before all that the case says
    #[arg(long)]
    lists: bool,
    /// Only what the address received or held from this time on
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what it received or held before this time
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
}

/// An exposure on a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    item: &'a Found,
}

impl Exposure {
    /// Tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        if self.stop.iter().any(|stop| stop == "none") {
            return Err(CommandError::new("`--stop none`: exposure ends at names")
                .with_hint("`whither trace` goes on past them"));
        }
        let time = |option: &str, text: Option<String>| {
            let read = |text: String| {
                Timestamp::parse(&text)
                    .map_err(|error| CommandError::new(format!("`{option} {text}`: {error}")))
            };
            text.map(read).transpose()
        };
        let case = context.open_case()?;
        // Without a case nobody but the lists says who is whose.
        let alone = case.is_none() && !self.lists;
        if alone && status(context.store_dir()?)?.lists.is_empty() {
            return Err(CommandError::new(
                "no case is open, and no sanctions list is there to name addresses",
            )
            .with_hint(
                "name a case by `--case DIR`, or bring a list in by `whither lists import FILE`",
            ));
        }
        if alone && !context.quiet {
            output::say("note: no case is open; sanctions lists alone name addresses\n");
        }
        let listed = match self.lists || alone {
            true => listed(&open(context.store_dir()?, &[], None)?),
            false => Vec::new(),
        };
        let question = ExposureQuestion {
            listed,
            addresses: self.addresses,
            chain: context::chain(self.chain.as_deref())?,
            stops: parse_stops(&self.stop)?,
            window: Window {
                since: time("--since", self.since)?,
                before: time("--before", self.before)?,
            },
        };
        let store = context.open_store()?;
        let list = answer(&store, case.as_ref(), &question)?;
        match context.format {
            Format::Table => Ok(tables::exposure::list(&list, context.style)),
            Format::Json => output::json(&list),
            Format::Jsonl => {
                let schema = "whither.exposure.one/1";
                let items = list.exposures.iter();
                items
                    .map(|item| output::json_line(&Line { schema, item }))
                    .collect()
            }
            Format::Csv => Ok(rows(&list)),
        }
    }
}

fn rows(list: &ExposureList) -> String {
    let mut rows = Vec::new();
    for (address, direction, asset, what, row) in tables::exposure::rows(list) {
        rows.push(vec![
            address.to_owned(),
            direction.to_owned(),
            asset.to_owned(),
            what.to_owned(),
            row.name.clone().unwrap_or_default(),
            row.category.clone(),
            row.low.clone(),
            row.high.clone(),
            row.min.clone(),
            row.max.clone(),
            row.hops.to_string(),
            row.share[0].clone(),
            row.share[1].clone(),
        ]);
    }
    let header = [
        "address",
        "direction",
        "asset",
        "what",
        "name",
        "category",
        "low",
        "high",
        "min",
        "max",
        "hops",
        "share_low",
        "share_high",
    ];
    output::csv(&header, &rows)
}
