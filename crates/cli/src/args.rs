//! What can be written after `whither`: the commands, and the options that all of them take.
//!
//! Each command's own arguments stand in its file under `commands/`.

use std::env;
use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};
use whither::Recorder;

use crate::commands::{
    assess, cluster, demo, evidence, export, exposure, freeze, help, incident, ingest, init, label,
    link, lists, offramps, prices, report, screen, show, status, store, trace, value, verify,
};
use crate::error::CommandError;

const EXAMPLES: &str = "\
First steps, all offline:
  whither demo                               the main job, on a real theft that is built in
  whither ingest ~/.bitcoin/blocks           bring chain data in
  whither status                             see what the store holds
  whither trace <txid>:<vout>                follow one output to where its money is now

`whither help <command>` tells more of a command; `whither help exit-codes`, `environment` and
`formats` of what all commands share.";

/// Trace stolen virtual assets: where did the money go?
///
/// Whither follows stolen assets from a theft through laundering to the places where they are cashed
/// out or still sit. Amounts are exact, results are deterministic, and what the data does not tell is
/// said. Nothing is fetched but from a node that is named.
#[derive(Debug, Parser)]
#[command(name = "whither", version, after_help = EXAMPLES, disable_help_subcommand = true)]
#[command(
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes
    #[command(flatten)]
    pub global: Global,
}

/// The commands of this release.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made, once")]
pub enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    Ingest(ingest::Ingest),
    Status(status::Status),
    Show(show::Show),
    Trace(trace::Trace),
    Evidence(evidence::Evidence),
    Incident(incident::Incident),
    Prices(prices::Prices),
    Value(value::Value),
    Verify(verify::Verify),
    Assess(assess::Assess),
    Report(report::Report),
    Export(export::Export),
    Cluster(cluster::Cluster),
    Exposure(exposure::Exposure),
    Link(link::Link),
    Offramps(offramps::Offramps),
    Freeze(freeze::Freeze),
    Label(label::Label),
    Lists(lists::Lists),
    Screen(screen::Screen),
    Store(store::Store),
    Help(help::Help),
}

/// Commands of the contract that are not in this release.
pub const PLANNED_COMMANDS: &[&str] = &["serve", "watch"];

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Print data in this format [default: table on a terminal, json otherwise]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Short for `--format json`
    #[arg(long, global = true)]
    pub json: bool,
    /// Chain data lies in this directory [default: whither/store among the user's data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "WHITHER_STORE",
        hide_env_values = true
    )]
    pub store: Option<OsString>,
    /// The case lies in this directory [default: the nearest one upward that is a case]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "WHITHER_CASE",
        hide_env_values = true
    )]
    pub case: Option<OsString>,
    /// Use colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
    /// Say nothing but errors on stderr
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// Who writes into the case, and when. Of every command that does.
#[derive(Clone, Debug, Args)]
pub struct Recording {
    /// Write into this author's log [default: the name of the user]
    #[arg(
        long,
        value_name = "WORD",
        env = "WHITHER_AUTHOR",
        hide_env_values = true
    )]
    author: Option<String>,
    /// Say that it is this time, so that the run can be repeated [default: the clock]
    #[arg(long, value_name = "TIME", env = "WHITHER_NOW", hide_env_values = true)]
    now: Option<String>,
}

impl Recording {
    /// Who records.
    pub fn recorder(&self) -> Result<Recorder, CommandError> {
        let given = self.author.as_deref().filter(|author| !author.is_empty());
        let user = || {
            let names = ["USER", "LOGNAME", "USERNAME"].into_iter();
            let mut words = names.filter_map(|name| Recorder::word(&env::var(name).ok()?));
            words.next().unwrap_or_else(|| "analyst".to_owned())
        };
        let author = given.map_or_else(user, ToOwned::to_owned);
        let now = self.now.as_deref().filter(|now| !now.is_empty());
        Ok(Recorder::new(&author, now)?)
    }
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; its layout is no interface
    Table,
    /// One JSON document
    Json,
    /// One JSON document a line
    Jsonl,
    /// Rows with a header
    Csv,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}
