//! `whither init`: start a case.

use std::path::PathBuf;

use clap::Args;
use whither::evidence;

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Examples:
  whither init kucoin-2020
  whither init --id panel-2020 --name \"Panel of Experts, 2020\"
  whither init /srv/cases/ronin --json
  whither init thefts --example dprk-2017-2020";

/// Start a case
///
/// A case is a directory with what people say: claims, each with its author, time, source, confidence
/// and handling. It is only ever added to. Commands that are run in it or below it find it by
/// themselves.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Init {
    /// Where; made if it is not there [default: where the commands are run]
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Name the case among all cases, for ever and in public [default: the directory's name]
    #[arg(long, value_name = "WORD")]
    id: Option<String>,
    /// What people call it [default: its id]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Begin with a case that is built in: dprk-2017-2020
    #[arg(long, value_name = "NAME", conflicts_with_all = ["id", "name"])]
    example: Option<String>,
}

impl Init {
    /// Starts it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = self.dir.unwrap_or_else(|| PathBuf::from("."));
        let started = match self.example.as_deref() {
            Some(example) => evidence::init_example(&dir, example)?,
            None => evidence::init(&dir, self.id.as_deref(), self.name.as_deref())?,
        };
        match context.format {
            Format::Table => Ok(format!(
                "{}\n\n{}",
                context.style.bold("A case is started"),
                tables::facts(&[
                    ("case", Some(started.case)),
                    ("name", Some(started.name)),
                    ("in", Some(started.dir)),
                ])
            )),
            Format::Json => output::json(&started),
            Format::Jsonl => output::json_line(&started),
            Format::Csv => Ok(output::csv(
                &["case", "name", "dir"],
                &[vec![started.case, started.name, started.dir]],
            )),
        }
    }
}
