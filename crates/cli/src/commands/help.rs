//! `whither help`: of a command, or of what all commands share.

use clap::{Args, Command, CommandFactory as _};

use crate::args::{Cli, PLANNED_COMMANDS};
use crate::context::Context;
use crate::error::CommandError;

/// Topics that are no command, with their texts.
const TOPICS: &[(&str, &str)] = &[
    ("exit-codes", include_str!("../topics/exit-codes.txt")),
    ("environment", include_str!("../topics/environment.txt")),
    ("formats", include_str!("../topics/formats.txt")),
];

const EXAMPLES: &str = "\
Topics:
  exit-codes     what a script may conclude from how a command ends
  environment    the variables that are read
  formats        table, json, jsonl and csv

Examples:
  whither help trace
  whither help store check
  whither help formats";

/// Tell more of a command or a topic
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Help {
    /// A command, or exit-codes, environment, formats
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

impl Help {
    /// Gives the text.
    pub fn run(self, _context: &Context) -> Result<String, CommandError> {
        let mut cli = Cli::command();
        cli.build();
        let name = self.topic.join(" ");
        if let Some((_, text)) = TOPICS.iter().find(|(topic, _)| *topic == name) {
            return Ok((*text).to_owned());
        }
        let within = |command, name: &String| Command::find_subcommand_mut(command, name);
        if let Some(command) = self.topic.iter().try_fold(&mut cli, within) {
            return Ok(command.render_long_help().to_string());
        }
        if PLANNED_COMMANDS.contains(&name.as_str()) {
            return Err(CommandError::new(format!(
                "`whither {name}` is planned and not in this release"
            ))
            .with_hint("`whither help` lists what there is"));
        }
        Err(
            CommandError::new(format!("`{name}` is neither a command nor a topic")).with_hint(
                "`whither help` lists the commands; topics are exit-codes, environment, formats",
            ),
        )
    }
}
