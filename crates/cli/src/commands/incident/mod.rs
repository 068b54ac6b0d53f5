//! `whither incident`: thefts, as claims tell them; tables of them; what they add up to.

mod add;
mod import;

use clap::{Args, Subcommand};
use serde::Serialize;
use whither::incidents::{
    By, Filter, IncidentLine, Incidents, TotalAnswer, TotalQuestion, kept, list, open, show, total,
};

use whither::prices::{Convention, book};
use whither::saved::Computed;

use crate::args::{Format, Recording};
use crate::commands::prices::conventions;
use crate::commands::show::csv_of;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;
use crate::{output, tables};

const EXAMPLES: &str = "\
Examples:
  whither incident import thefts.csv --source un-panel
  whither incident list --actor dprk
  whither incident show kucoin-2020
  whither incident total --from 2019-01-01 --to 2020-11-30

`whither help incident add` and the like tell more of each.";

const LIST_EXAMPLES: &str = "\
Where claims say different things, the line has the value of the best source, and counts the fields
that differ; `whither incident show ID` shows them side by side.

Examples:
  whither incident list
  whither incident list --from 2020 --to 2020-11 --actor dprk
  whither incident list --victim kucoin --json";

const SHOW_EXAMPLES: &str = "\
Examples:
  whither incident show kucoin-2020
  whither incident show kucoin-2020 --as-of 2021-02-09 --json";

const TOTAL_EXAMPLES: &str = "\
Only incidents whose date lies wholly within the period are added up. Beside the sum stand: every
published total of a period that overlaps, each with its difference to the incidents of its own
period; dates across an edge; incidents that may be one; what has no value; conflicts of claims.
Claimed values are used as they are. Where none is claimed, quantities are computed with the prices of
the store. docs/concepts/totals.md tells how.

Examples:
  whither incident total
  whither incident total --from 2019-01-01 --to 2020-11-30
  whither incident total --from 2017 --to 2020 --actor dprk --by year
  whither incident total --from 2020 --to 2020 --save total-2020
  whither incident total --as-of 2021-02-09 --json";

/// Record thefts, list them, add them up
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Incident {
    #[command(subcommand)]
    command: Part,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made, once")]
enum Part {
    Add(add::Add),
    Import(import::Import),
    List(List),
    Show(Show),
    Total(Total),
}

impl Incident {
    /// Runs the part that was asked for.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        match self.command {
            Part::Add(add) => add.run(context),
            Part::Import(import) => import.run(context),
            Part::List(list) => list.run(context).map(Answer::clean),
            Part::Show(show) => show.run(context).map(Answer::clean),
            Part::Total(total) => total.run(context).map(Answer::clean),
        }
    }
}

/// List thefts, a line each
#[derive(Debug, Args)]
#[command(after_long_help = LIST_EXAMPLES)]
pub struct List {
    /// From this day, month or year on
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Up to this day, month or year, all of it included
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Attributed to this entity by a claim
    #[arg(long, value_name = "ENTITY")]
    actor: Option<String>,
    /// Of victims of this sector
    #[arg(long, value_name = "SECTOR")]
    sector: Option<String>,
    /// On this chain
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// By this technique
    #[arg(long, value_name = "ID")]
    vector: Option<String>,
    /// Whose victim or title holds this text
    #[arg(long, value_name = "TEXT")]
    victim: Option<String>,
    /// The case as it was known on this date
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

/// An incident on a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    incident: &'a IncidentLine,
}

impl List {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let (dir, index) = (context.needed_case_dir()?, context.index_dir());
        let kept = kept(dir, self.as_of.as_deref(), index.as_deref())?;
        let chain = crate::context::chain(self.chain.as_deref())?;
        let filter = Filter {
            from: self.from,
            to: self.to,
            actor: self.actor,
            sector: self.sector,
            chain: chain.map(|chain| chain.to_string()),
            vector: self.vector,
            victim: self.victim,
        };
        let incidents = list(kept, &filter)?;
        match context.format {
            Format::Table => Ok(tables::incident::list::render(&incidents, context.style)),
            Format::Json => output::json(&incidents),
            Format::Jsonl => lines(&incidents),
            Format::Csv => Ok(tables::incident::list::csv(&incidents)),
        }
    }
}

fn lines(incidents: &Incidents) -> Result<String, CommandError> {
    let line = |incident| {
        output::json_line(&Line {
            schema: "whither.incidents.incident/1",
            incident,
        })
    };
    incidents.incidents.iter().map(line).collect()
}

/// Show all that is said of a theft, conflicts side by side
#[derive(Debug, Args)]
#[command(after_long_help = SHOW_EXAMPLES)]
pub struct Show {
    /// The incident
    #[arg(value_name = "ID")]
    id: String,
    /// The case as it was known on this date
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

impl Show {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let case = open(context.needed_case_dir()?, self.as_of.as_deref())?;
        let id = self.id.strip_prefix("incident:").unwrap_or(&self.id);
        let sheet = show(&case, id)?;
        match context.format {
            Format::Table => Ok(tables::incident::show::render(&sheet, context.style)),
            Format::Json => output::json(&sheet),
            Format::Jsonl => output::json_line(&sheet),
            Format::Csv => csv_of(&sheet),
        }
    }
}

/// Add thefts up, beside what others published
#[derive(Debug, Args)]
#[command(after_long_help = TOTAL_EXAMPLES)]
pub struct Total {
    /// From this day, month or year on
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Up to this day, month or year, all of it included
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Only what a claim attributes to this entity
    #[arg(long, value_name = "ENTITY")]
    actor: Option<String>,
    /// Break the sum down
    #[arg(long, value_name = "WHAT", value_parser = ["source", "year", "chain", "vector"])]
    by: Option<String>,
    /// Compute values by this convention alone
    #[arg(long, value_name = "CONVENTION", value_parser = conventions())]
    convention: Option<Convention>,
    /// The case as it was known on this date
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Keep the result in the case under this name, for `whither verify`
    #[arg(long, value_name = "NAME", conflicts_with = "as_of")]
    save: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

impl Total {
    fn run(self, context: &Context) -> Result<String, CommandError> {
        let (dir, index) = (context.needed_case_dir()?, context.index_dir());
        let kept = kept(dir, self.as_of.as_deref(), index.as_deref())?;
        let question = TotalQuestion {
            from: self.from,
            to: self.to,
            actor: self.actor,
            by: self.by.as_deref().and_then(By::of_word),
            convention: self.convention,
        };
        // Without a store, or with an empty one, nothing is computed; what has no price is listed.
        let prices = book(context.store_dir()?)?;
        let answer: TotalAnswer = total(&kept, &question, Some(&prices))?;
        if let Some(name) = &self.save {
            let case = open(dir, self.as_of.as_deref())?;
            let computed = Computed::of_total(&case, &answer)?;
            context.save(dir, &case, &self.recording.recorder()?, (name, &computed))?;
        }
        match context.format {
            Format::Table => Ok(tables::incident::total::render(
                &answer.total,
                context.style,
            )),
            Format::Json => output::json(&answer),
            Format::Jsonl => output::json_line(&answer),
            Format::Csv => Ok(tables::incident::total::csv(&answer.total)),
        }
    }
}
