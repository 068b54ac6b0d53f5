//! `whither evidence`: what the case holds, claim by claim, and how it is kept.

mod keep;
mod read;
mod write;

use clap::{Args, Subcommand};

pub(super) use write::told as written;

use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;

const EXAMPLES: &str = "\
Examples:
  whither evidence add label claims.json
  whither evidence list --kind label
  whither evidence show ofac-27307-1
  whither evidence verify --head published.json

`whither help evidence add` and the like tell more.";

/// Add, show, strike and check the claims of the case
///
/// A claim is never edited: it is struck or corrected by another entry, and what stood on any date can
/// be asked for.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Evidence {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(write::Add),
    List(read::List),
    Show(read::Show),
    Retract(write::Retract),
    Correct(write::Correct),
    Attach(write::Attach),
    Verify(keep::Verify),
    Head(keep::Head),
    Merge(keep::Merge),
    Copy(keep::Copy),
}

impl Evidence {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let text = match self.command {
            Command::Add(add) => add.run(context),
            Command::List(list) => list.run(context),
            Command::Show(show) => show.run(context),
            Command::Retract(retract) => retract.run(context),
            Command::Correct(correct) => correct.run(context),
            Command::Attach(attach) => attach.run(context),
            Command::Verify(verify) => return verify.run(context),
            Command::Head(head) => head.run(context),
            Command::Merge(merge) => merge.run(context),
            Command::Copy(copy) => copy.run(context),
        };
        text.map(Answer::clean)
    }
}
