//! `whither offramps`: where the money of a trace is now, and who can freeze it, in the order in which to call.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use whither::offramps::{
    Offramps as List, OfframpsQuestion, PositionRow, answer, notices, saved_question, write_notices,
};
use whither::prices::{Choice, Convention, book};
use whither::saved::Computed;
use whither::{Direction, Policy, Question, Window, parse_stops};

use super::prices::conventions;
use super::trace::{check_lines, policies, smallest_units, starts, time};
use crate::args::{Format, Recording};
use crate::context::{self, Context};
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
The order is that in which to call: first what somebody can freeze (a service that holds it for a customer,
the issuer of a token), then what somebody nameless has, what lies where nobody can freeze it, what was last
seen, what is gone, and what is frozen or came back. Within each the largest in US dollars stands first, by
the price of the day of arrival; what has no price stands behind, by its share of what was followed.

An end at a service is divided by the deposit addresses that paid it: the service knows its customers by
these. Claims of the case name them, and how they are swept tells others. Services are those that the case
names; with `--stop shape:N` also what looks like one.

A saved trace (`--trace NAME`) gives its question: the answer is computed on the store and the case as they
are now. `whither freeze` keeps what was asked of whom; with `--claims`, what is frozen or came back is a
place of its own.

Examples:
  whither offramps incident:ronin-bridge-2022 --policy fifo
  whither offramps --trace ronin --claims --convention close
  whither offramps 0x098B716B8Aaf21512996dC57EB0615e2383E2f96 --chain ethereum --stop shape:100
  whither offramps --trace ronin --notices notices/";

/// Tell where stolen money is now and who can freeze it, in the order in which to call
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Offramps {
    /// Where the trace starts, as `whither trace` takes it, or -
    #[arg(
        value_name = "FROM",
        required_unless_present = "trace",
        conflicts_with = "trace"
    )]
    from: Vec<String>,
    /// The trace that the case keeps under this name
    #[arg(long, value_name = "NAME", conflicts_with_all = ["policy", "since", "before", "amount", "stop", "chain"])]
    trace: Option<String>,
    /// How taint splits when funds mix
    #[arg(long, value_name = "POLICY", default_value = "haircut", value_parser = policies())]
    policy: Policy,
    /// Of an address, count only what happens from this time on
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Of an address, count only what happens before this time
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// Follow only this much of each starting point, in smallest units, first in, first out
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    amount: Option<String>,
    /// Stop here, as a trace does (can be repeated)
    #[arg(long, value_name = "STOP")]
    stop: Vec<String>,
    /// Go on where a claim says that money went on, and set apart what claims say is frozen or came back
    #[arg(long)]
    claims: bool,
    /// The chain of starting points that name none
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Count ages to this time [default: the last of the data]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Only prices of this convention
    #[arg(long, value_name = "CONVENTION", value_parser = conventions())]
    convention: Option<Convention>,
    /// Where a day has no price, take that of the nearest day up to N days away
    #[arg(long, value_name = "N", default_value_t = 0)]
    nearest: u32,
    /// Write a notice for each of those who can freeze into this directory, which must be new or empty, as JSON and as text to send
    #[arg(long, value_name = "DIR")]
    notices: Option<PathBuf>,
    /// Keep the result in the case under this name, for `whither verify`
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

/// A position on a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    item: &'a PositionRow,
}

impl Offramps {
    /// Tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let at = time("--at", self.at.clone())?;
        let choice = Choice {
            convention: self.convention,
            nearest: self.nearest,
            ..Choice::default()
        };
        let (save, folder, recording) = (
            self.save.clone(),
            self.notices.clone(),
            self.recording.clone(),
        );
        let store = context.open_store()?;
        let case = context.open_case()?;
        let trace = match &self.trace {
            Some(name) => {
                let case = case.as_ref().ok_or_else(|| {
                    CommandError::new("`--trace` names a finding of a case, and no case is open")
                        .with_hint("name its directory with `--case DIR`, or go there")
                })?;
                let kept = saved_question(case, name)?;
                Question {
                    claims: kept.claims || self.claims,
                    ..kept
                }
            }
            None => self.question(&store)?,
        };
        let question = OfframpsQuestion { trace, at, choice };
        let list = answer(&store, case.as_ref(), &book(store.path())?, &question)?;
        // Written before anything is kept, and put in its place after: where one fails the other is not done.
        let notices = notices(&list);
        let written = folder
            .as_ref()
            .map(|folder| write_notices(folder, &notices))
            .transpose()?;
        if let Some(name) = &save {
            let (dir, case) = context.case_to_save_in(case.as_ref())?;
            let computed = Computed::of_offramps(case, &list)?;
            context.save(dir, case, &recording.recorder()?, (name, &computed))?;
        }
        if let Some((written, folder)) = written.zip(folder) {
            written.place()?;
            if !context.quiet {
                let told = tables::count(notices.len(), "notice", "notices");
                output::say(&format!("{told} in {}\n", folder.display()));
            }
        }
        match context.format {
            Format::Table => Ok(tables::offramps::render(&list, context.style)),
            Format::Json => output::json(&list),
            Format::Jsonl => {
                let schema = "whither.offramps.position/1";
                let items = list.positions.iter();
                items
                    .map(|item| output::json_line(&Line { schema, item }))
                    .collect()
            }
            Format::Csv => Ok(rows(&list)),
        }
    }

    fn question(self, store: &whither::store::Store) -> Result<Question, CommandError> {
        let chain = context::chain(self.chain.as_deref())?;
        let window = Window {
            since: time("--since", self.since)?,
            before: time("--before", self.before)?,
        };
        let starts = starts(self.from)?;
        check_lines(&starts, chain.as_ref(), store)?;
        Ok(Question {
            from: starts.into_iter().map(|start| start.text).collect(),
            chain,
            policy: self.policy,
            direction: Direction::Forward,
            window,
            amount: self.amount.as_deref().map(smallest_units).transpose()?,
            stops: parse_stops(&self.stop)?,
            claims: self.claims,
        })
    }
}

const COLUMNS: &[&str] = &[
    "rank",
    "class",
    "kind",
    "chain",
    "entity",
    "category",
    "deposit",
    "address",
    "output",
    "asset",
    "amount",
    "min",
    "max",
    "share",
    "usd",
    "arrived",
    "age",
    "still_there",
    "freezable_by",
    "request",
    "why",
];

fn rows(list: &List) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |row: &PositionRow| {
        vec![
            row.rank.to_string(),
            row.class.to_owned(),
            row.kind.to_owned(),
            row.chain.clone(),
            text(&row.entity),
            text(&row.category),
            row.deposit
                .as_ref()
                .map(|seen| seen.address.clone())
                .unwrap_or_default(),
            text(&row.address),
            text(&row.output),
            row.asset.clone(),
            row.amount.clone(),
            row.min.clone(),
            row.max.clone(),
            row.share.clone(),
            text(&row.usd),
            text(&row.arrived),
            row.age.map(|age| age.to_string()).unwrap_or_default(),
            row.still_there
                .map(|there| there.to_string())
                .unwrap_or_default(),
            text(&row.freezable_by),
            row.request
                .as_ref()
                .map(|it| it.state.to_owned())
                .unwrap_or_default(),
            row.why.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = list.positions.iter().map(row).collect();
    output::csv(COLUMNS, &rows)
}
