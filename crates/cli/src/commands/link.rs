//! `whither link`: what the thefts of a case share, and how much that says.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde::Serialize;
use whither::link::{LinkList, LinkQuestion, LinkRow, answer};
use whither::saved::Computed;
use whither::{Policy, parse_stops};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Every incident is traced from its origins, and pairs are compared: addresses that money of both came to, balances
where it lay together, customers' deposit addresses, accounts whose first gas one purse paid. How many accounts that
have nothing to do with either use the same place is counted in the store and stands with each row; what many use
says nothing, and services never link. Strength is in hundredths of a bit: none below 150, a lead from there on,
probable from 600, strong from 1100. Facts that rest on each other count once.

Examples:
  whither link ronin-bridge-2022 harmony-2022
  whither link --all --format csv
  whither link --all --stop degree:10000 --save links-2023";

/// Tell which incidents one hand made, and what says so
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Link {
    /// Incidents of the case, two or more
    #[arg(
        value_name = "INCIDENT",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    incidents: Vec<String>,
    /// All incidents that name where they begin
    #[arg(long)]
    all: bool,
    /// How taint splits when funds mix
    #[arg(long, value_name = "POLICY", default_value = "haircut", value_parser = policies())]
    policy: Policy,
    /// Stop traces here (can be repeated)
    #[arg(long, value_name = "STOP")]
    stop: Vec<String>,
    /// Keep the result in the case under this name, for `whither verify`
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

fn policies() -> impl clap::builder::TypedValueParser<Value = Policy> {
    PossibleValuesParser::new(["haircut", "fifo", "lifo", "poison", "tiho"])
        .try_map(|name| name.parse::<Policy>())
}

/// A link on a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    link: &'a LinkRow,
}

impl Link {
    /// Tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let Some(case) = context.open_case()? else {
            return Err(CommandError::new(
                "links are between incidents of a case, and none is open",
            )
            .with_hint("name its directory with `--case DIR`, or go there"));
        };
        let question = LinkQuestion {
            incidents: self.incidents,
            policy: self.policy,
            stops: parse_stops(&self.stop)?,
        };
        let store = context.open_store()?;
        let list = answer(&store, &case, &question)?;
        if let Some(name) = &self.save {
            let (dir, case) = context.case_to_save_in(Some(&case))?;
            let computed = Computed::of_links(case, &list)?;
            let recorder = self.recording.recorder()?;
            context.save(dir, case, &recorder, (name, &computed))?;
        }
        match context.format {
            Format::Table => Ok(tables::link::list(&list, context.style)),
            Format::Json => output::json(&list),
            Format::Jsonl => {
                let schema = "whither.link.pair/1";
                let links = list.links.iter();
                links
                    .map(|link| output::json_line(&Line { schema, link }))
                    .collect()
            }
            Format::Csv => Ok(csv(&list)),
        }
    }
}

fn csv(list: &LinkList) -> String {
    let row = |row: &LinkRow| {
        let link = &row.link;
        let counted = link.evidence.iter().filter(|evidence| evidence.counted);
        let kinds: Vec<&str> = counted.map(|evidence| evidence.kind).collect();
        vec![
            link.a.clone(),
            link.b.clone(),
            row.chain.clone(),
            link.verdict.to_owned(),
            link.strength.to_string(),
            link.facts.to_string(),
            kinds.join(";"),
            link.evidence_count.to_string(),
            link.counter_count.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = list.links.iter().map(row).collect();
    let header = [
        "a",
        "b",
        "chain",
        "verdict",
        "strength",
        "facts",
        "counted",
        "evidence",
        "counter_evidence",
    ];
    output::csv(&header, &rows)
}
