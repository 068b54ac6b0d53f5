//! `whither trace`: follow taint from starting points, or back to where the money came from.

use std::io::{self, BufRead, Read as _};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde::Serialize;
use whither::result::Endpoint;
use whither::value::bases::TraceValue;
use whither::{
    Chain, Direction, Finding, Policy, Question, Timestamp, U256, Window, amount, answer,
    parse_stops, place,
};

use whither::saved::Computed;

use super::worth::{self, Worth};
use crate::args::{Format, Recording};
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::output;
use crate::tables;

/// More starting points than this on stdin are a mistake.
const LINES_MAX: usize = 1 << 20;
/// No starting point is as long as this many bytes.
const LINE_LENGTH_MAX: u64 = 1024;

const EXAMPLES: &str = "\
Starting points:
  txid:vout        one output
  txid             all outputs, or all transfers, of a transaction
  txid#n           one transfer, by log or row index
  ADDRESS          all it holds, receives or, where its beginnings are unknown, sends
  incident:ID      what the case says was stolen
  -                starting points from stdin, one a line
A chain may stand before it (`bitcoin:12cbQ…`), and `@height` after an id that occurs twice.

Claims: an exchange's answer or an accepted bridge match (`continuation`) carries the trace on
only with `--claims`. Every edge that rests on one says so, and the answer lists what falls
without each.

Stops (can be repeated):
  services         at what the case says is a service, mixer or bridge: in force unless `none` is given
  none             nowhere
  coinjoin         at transactions that look like a CoinJoin
  degree:N         at addresses with more than N debits and credits
  shape:N          at addresses that look like a service: much comes from many and goes to many, or deposit
                   addresses empty into them
  pass:ADDRESS     not there, whatever degree and shape say
  dust:N           where less than N smallest units would go on
  depth:N          after N transactions
  time:T           before transactions at or after T

Examples:
  whither trace 0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0
  whither trace incident:ronin-bridge-2022 --policy fifo
  whither trace bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S --before 2009-02-01 --stop depth:5
  whither trace incident:ronin-bridge-2022 --claims --save ronin
  whither trace <txid>:<vout> --backward --policy lifo --json
  whither trace incident:ronin-bridge-2022 --value close --report-date 2023-03-01
  cut -d, -f1 outputs.csv | whither trace - --format csv";

/// Follow stolen money to where it is now, or back to where it came from
///
/// Follows taint from its starting points through every transaction, and lists the endpoints: where it
/// is unspent or held, where a service received it, where the data ends. Several starting points make
/// one trace; money that two of them name is counted once. What must be said with the answer stands
/// among its caveats.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Trace {
    /// Where the trace starts: an output, a transaction, a transfer, an address, an incident, or -
    #[arg(required = true, value_name = "FROM")]
    from: Vec<String>,
    /// How taint splits when funds mix
    #[arg(long, value_name = "POLICY", default_value = "haircut", value_parser = policies())]
    policy: Policy,
    /// Trace to where the money came from
    #[arg(long)]
    backward: bool,
    /// Of an address, count only what happens from this time on
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Of an address, count only what happens before this time
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// Follow only this much of each starting point, in smallest units, first in, first out
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    amount: Option<String>,
    /// Stop here (can be repeated)
    #[arg(long, value_name = "STOP")]
    stop: Vec<String>,
    /// Go on where a claim of the case says that money went on
    #[arg(long)]
    claims: bool,
    /// Keep the result in the case under this name, for `whither verify`
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    #[command(flatten)]
    recording: Recording,
    /// The chain of starting points that name none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// What it is worth, where that is asked for
    #[command(flatten)]
    worth: Worth,
}

pub(super) fn policies() -> impl clap::builder::TypedValueParser<Value = Policy> {
    PossibleValuesParser::new(["haircut", "fifo", "lifo", "poison", "tiho"])
        .try_map(|name| name.parse::<Policy>())
}

/// A starting point, and the line of stdin it stood on.
pub(super) struct Start {
    pub(super) text: String,
    line: Option<usize>,
}

impl Trace {
    /// Traces.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let chain = context::chain(self.chain.as_deref())?;
        let stops = parse_stops(&self.stop)?;
        let window = Window {
            since: time("--since", self.since)?,
            before: time("--before", self.before)?,
        };
        let amount = self.amount.as_deref().map(smallest_units).transpose()?;
        let starts = starts(self.from)?;
        let store = context.open_store()?;
        check_lines(&starts, chain.as_ref(), &store)?;
        let question = Question {
            from: starts.into_iter().map(|start| start.text).collect(),
            chain,
            policy: self.policy,
            direction: if self.backward {
                Direction::Backward
            } else {
                Direction::Forward
            },
            window,
            amount,
            stops,
            claims: self.claims,
        };
        let case = context.open_case()?;
        let finding = answer(&store, case.as_ref(), &question)?;
        if let Some(name) = &self.save {
            let (dir, case) = context.case_to_save_in(case.as_ref())?;
            let computed = Computed::of_trace(case, &finding)?;
            let recorder = self.recording.recorder()?;
            context.save(dir, case, &recorder, (name, &computed))?;
        }
        let value = self.worth.of(&store, case.as_ref(), &finding)?;
        match (context.format, &value) {
            (Format::Table, value) => {
                let mut text = tables::trace::render(&finding, case.as_ref(), context.style)?;
                text.extend(
                    value
                        .as_ref()
                        .map(|value| tables::value::of_trace(value, context.style)),
                );
                Ok(text)
            }
            (Format::Json, Some(value)) => worth::json(&finding, value),
            (Format::Json, None) => output::json(&finding),
            (Format::Jsonl, value) => lines(&finding, value.as_ref()),
            (Format::Csv, value) => Ok(csv(&finding, value.as_ref())),
        }
    }
}

pub(super) fn time(option: &str, text: Option<String>) -> Result<Option<Timestamp>, CommandError> {
    let read = |text: String| {
        Timestamp::parse(&text).map_err(|error| {
            CommandError::new(format!("`{option} {text}`: {error}")).with_hint_of(error.hint())
        })
    };
    text.map(read).transpose()
}

pub(super) fn smallest_units(text: &str) -> Result<U256, CommandError> {
    let wrong = |why: String| {
        CommandError::new(format!("`--amount {text}`: {why}"))
            .with_hint("count smallest units: 1 BTC is 100000000, 1 ETH is 1000000000000000000")
    };
    let amount = amount::smallest_units(text).map_err(wrong)?;
    if amount.is_zero() {
        Err(wrong("nothing to follow".to_owned()))
    } else {
        Ok(amount)
    }
}

/// The starting points, with those from stdin in the place of `-`.
pub(super) fn starts(from: Vec<String>) -> Result<Vec<Start>, CommandError> {
    let mut starts = Vec::new();
    for text in from {
        if text == "-" {
            starts.extend(from_lines(io::stdin().lock())?);
        } else {
            starts.push(Start { text, line: None });
        }
    }
    if starts.is_empty() {
        return Err(CommandError::new("stdin names no starting point")
            .with_hint("one a line: txid:vout, txid, an address"));
    }
    Ok(starts)
}

/// Starting points, one a line; empty lines are none.
fn from_lines(mut input: impl BufRead) -> Result<Vec<Start>, CommandError> {
    let mut starts = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        let wrong = |why: &str| CommandError::new(why).at(format!("stdin, line {number}"));
        line.clear();
        let read = input
            .by_ref()
            .take(LINE_LENGTH_MAX)
            .read_until(b'\n', &mut line);
        match read.map_err(|error| wrong(&format!("cannot be read: {error}")))? {
            0 => break,
            _ if number > LINES_MAX => {
                return Err(wrong("more starting points than one trace takes"));
            }
            read if u64::try_from(read).is_ok_and(|read| read == LINE_LENGTH_MAX) => {
                return Err(wrong("too long for a starting point"));
            }
            _ => {}
        }
        let text = std::str::from_utf8(&line)
            .map_err(|_| wrong("not text in UTF-8"))?
            .trim();
        if !text.is_empty() {
            starts.push(Start {
                text: text.to_owned(),
                line: Some(number),
            });
        }
    }
    Ok(starts)
}

/// Blames a line of stdin for itself.
pub(super) fn check_lines(
    starts: &[Start],
    chain: Option<&Chain>,
    store: &whither::store::Store,
) -> Result<(), CommandError> {
    let known = whither::question::Chains::chains(store);
    for start in starts
        .iter()
        .filter(|start| !start.text.starts_with("incident:"))
    {
        if let Some(line) = start.line {
            place::parse(&start.text, chain, &known)
                .map_err(|error| CommandError::from(error).at(format!("stdin, line {line}")))?;
        }
    }
    Ok(())
}

/// An endpoint on a line of its own.
#[derive(Serialize)]
struct EndpointLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    endpoint: &'a Endpoint,
    #[serde(flatten)]
    worth: Option<worth::OfEndpoint<'a>>,
}

/// One line of JSON per endpoint.
fn lines(finding: &Finding, value: Option<&TraceValue>) -> Result<String, CommandError> {
    let line = |(at, endpoint)| {
        output::json_line(&EndpointLine {
            schema: "whither.trace.endpoint/1",
            endpoint,
            worth: value.map(|value| worth::OfEndpoint::of(&value.endpoints[at])),
        })
    };
    finding
        .trace
        .endpoints
        .iter()
        .enumerate()
        .map(line)
        .collect()
}

const COLUMNS: &[&str] = &[
    "kind",
    "chain",
    "address",
    "output",
    "asset",
    "amount",
    "min",
    "max",
    "bound",
    "origins",
    "transaction",
    "height",
    "time",
    "hops",
    "via",
    "rule",
    "basis",
    "claim",
    "entity",
    "category",
    "entity_claim",
    "anonymity_set",
];

/// One row per endpoint.
fn csv(finding: &Finding, value: Option<&TraceValue>) -> String {
    let mut rows: Vec<Vec<String>> = finding.trace.endpoints.iter().map(row).collect();
    let Some(value) = value else {
        return output::csv(COLUMNS, &rows);
    };
    for (row, end) in rows.iter_mut().zip(&value.endpoints) {
        row.extend(worth::cells(end));
    }
    output::csv(&[COLUMNS, worth::COLUMNS].concat(), &rows)
}

fn row(end: &Endpoint) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let origins: Vec<String> = end
        .origins
        .iter()
        .map(|share| format!("{}={}", share.origin, share.amount))
        .collect();
    let via: Vec<String> = end
        .via
        .iter()
        .map(|via| format!("{}={}", via.address, via.why))
        .collect();
    let entity = end.entity.as_ref();
    vec![
        end.kind.name().to_owned(),
        end.chain.clone(),
        text(&end.address),
        text(&end.output),
        end.asset.clone(),
        end.amount.clone(),
        end.min.clone(),
        end.max.clone(),
        output::word(&end.bound),
        origins.join(";"),
        text(&end.transaction),
        number(end.height),
        text(&end.time),
        end.hops.to_string(),
        via.join(";"),
        end.reason.rule.clone(),
        output::word(&end.reason.basis),
        text(&end.reason.claim),
        entity.map(|entity| entity.name.clone()).unwrap_or_default(),
        entity
            .map(|entity| entity.category.clone())
            .unwrap_or_default(),
        entity
            .map(|entity| entity.claim.clone())
            .unwrap_or_default(),
        number(end.anonymity_set),
    ]
}
