//! `whither report`: written in the case, checked against it, commented on, and given out in editions.

mod edition;
mod remark;
mod text;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use clap::{Args, Subcommand};
use whither::report::TEXT_LENGTH_MAX;

use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;

const EXAMPLES: &str = "\
Examples:
  whither report draft final-2026 --new         start from the incidents and findings of the case
  whither report lint final-2026                what cannot stay as it is, with line and column
  whither report show final-2026 --to html --out report.html
  whither report comment final-2026 12 \"the amount is disputed\" --by \"the Committee\"
  whither report revise final-2026 text.txt --note \"paragraph 12 after the comment\"
  whither report publish final-2026 --edition public --out final-2026-public
  whither verify final-2026-public

docs/reference/report.md tells how a report is written.";

/// Write a report in which every figure is computed, and give it out in editions
///
/// The text of a report is kept in the case, revision by revision. A figure in a sentence is a reference
/// to a finding, an incident, a total, a claim or an assessment, and is computed each time.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Report {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Draft(text::Draft),
    Revise(text::Revise),
    Show(text::Show),
    Lint(text::Lint),
    List(text::List),
    Comment(remark::Comment),
    Rule(remark::Rule),
    Reply(remark::Reply),
    Comments(remark::Comments),
    Redline(text::Redline),
    Publish(edition::Publish),
    Open(edition::Open),
    CheckOpening(edition::CheckOpening),
}

impl Report {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let text = match self.command {
            Command::Draft(draft) => draft.run(context),
            Command::Revise(revise) => revise.run(context),
            Command::Show(show) => show.run(context),
            Command::Lint(lint) => return lint.run(context),
            Command::List(list) => list.run(context),
            Command::Comment(comment) => comment.run(context),
            Command::Rule(rule) => rule.run(context),
            Command::Reply(reply) => reply.run(context),
            Command::Comments(comments) => comments.run(context),
            Command::Redline(redline) => redline.run(context),
            Command::Publish(publish) => publish.run(context),
            Command::Open(open) => open.run(context),
            Command::CheckOpening(check) => return check.run(context),
        };
        text.map(Answer::clean)
    }
}

/// The text of a file; `-` reads it from stdin.
fn read(file: &Path) -> Result<String, CommandError> {
    let limit = u64::try_from(TEXT_LENGTH_MAX).unwrap_or(u64::MAX);
    let place = file.display().to_string();
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| CommandError::new(error).at(&place))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CommandError::new(format!("the text is not UTF-8 from byte {at} on"))
            .at(place)
            .with_hint("save it as UTF-8")
    })
}

/// Writes a file that must not be there.
fn write_new(file: &Path, text: &str) -> Result<(), CommandError> {
    use std::io::Write as _;
    let made = File::options().write(true).create_new(true).open(file);
    let written = made.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        CommandError::new(format!("cannot write the file: {error}"))
            .at(file.display())
            .with_hint("name a file that is not there yet with `--out FILE`")
    })
}
