//! The command line of Whither: arguments in, answers out.
//!
//! Parses, runs one command, prints what it gives, and turns an error into `error:`, `hint:` and an exit
//! code. No method is here: commands call the `whither` crate and render.

mod args;
mod commands;
mod context;
mod error;
mod output;
mod progress;
mod style;
mod tables;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use context::Context;
use error::CommandError;
use output::Answer;

/// Answers are made of millions of short texts, which this allocator gives and takes back faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    output::exit_when_interrupted();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return error::of_usage(&error),
    };
    let context = match Context::new(&cli.global) {
        Ok(context) => context,
        Err(error) => return error.report(cli.global.color),
    };
    match run(cli.command, &context).and_then(Answer::print) {
        Ok(code) => code,
        Err(error) => error.report(cli.global.color),
    }
}

fn run(command: Command, context: &Context) -> Result<Answer, CommandError> {
    let text = match command {
        Command::Incident(incident) => return incident.run(context),
        Command::Label(label) => return label.run(context),
        Command::Screen(screen) => return screen.run(context),
        Command::Lists(lists) => lists.run(context),
        Command::Demo(demo) => demo.run(context),
        Command::Ingest(ingest) => ingest.run(context),
        Command::Status(status) => status.run(context),
        Command::Show(show) => show.run(context),
        Command::Init(init) => init.run(context),
        Command::Evidence(evidence) => return evidence.run(context),
        Command::Verify(verify) => return verify.run(context),
        Command::Report(report) => return report.run(context),
        Command::Trace(trace) => trace.run(context),
        Command::Prices(prices) => prices.run(context),
        Command::Value(value) => value.run(context),
        Command::Assess(assess) => return assess.run(context),
        Command::Cluster(cluster) => cluster.run(context),
        Command::Exposure(exposure) => exposure.run(context),
        Command::Link(link) => link.run(context),
        Command::Offramps(offramps) => offramps.run(context),
        Command::Freeze(freeze) => freeze.run(context),
        Command::Export(export) => export.run(context),
        Command::Store(store) => store.run(context),
        Command::Help(help) => help.run(context),
    };
    text.map(Answer::clean)
}
