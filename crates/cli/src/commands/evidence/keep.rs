//! What keeps the case: checks, heads, merges, copies.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use whither::evidence;

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;
use crate::{output, tables};

const VERIFY_EXAMPLES: &str = "\
Every entry, payload and attachment is held against what commits to it, and every fault is named. That
the end of a log was cut off shows only against a head that somebody else kept. Exit code 1 if it does
not come out clean. What is withheld is counted, and no fault.

Examples:
  whither evidence verify
  whither evidence verify --head published.json --case copy/";

const HEAD_EXAMPLES: &str = "\
The head says how far each author's log goes. Publish it with each report: whoever has it can tell
later whether entries were cut off or written anew.

Examples:
  whither evidence head > head.json";

const MERGE_EXAMPLES: &str = "\
Of each author's log the longer one is kept, if it begins with the other; otherwise nothing is merged.
Payloads and attachments that only the other copy has come in.

Examples:
  whither evidence merge /media/usb/kucoin-2020";

const COPY_EXAMPLES: &str = "\
The copy has every entry, the same head and the same revision, and verifies; only what is withheld is
not in it. A claim is withheld with its corrections and the reasons why it was struck. With `--above`
a claim that is not marked at all is withheld too.

Examples:
  whither evidence copy public/ --kind source --above TLP:GREEN
  whither evidence copy for-the-defence/ --withhold s14 --withhold ex-hot-1";

/// Check that nothing in the case was changed
#[derive(Debug, Args)]
#[command(after_long_help = VERIFY_EXAMPLES)]
pub struct Verify {
    /// Hold it against a head that was kept
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
}

/// Print the head of the case, to be kept elsewhere
#[derive(Debug, Args)]
#[command(after_long_help = HEAD_EXAMPLES)]
pub struct Head {}

/// Bring in what another copy of the case has
#[derive(Debug, Args)]
#[command(after_long_help = MERGE_EXAMPLES)]
pub struct Merge {
    /// The other copy
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Make a copy that leaves payloads out
#[derive(Debug, Args)]
#[command(after_long_help = COPY_EXAMPLES)]
pub struct Copy {
    /// Where; empty, or made if it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Leave this claim out (can be repeated)
    #[arg(long, value_name = "ID")]
    withhold: Vec<String>,
    /// Leave claims of this kind out (can be repeated)
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Leave out claims that are more closed than this mark
    #[arg(long, value_name = "MARK")]
    above: Option<String>,
    /// Call the copy this [default: what the case is called]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

impl Verify {
    /// Checks.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let checked = evidence::check(context.needed_case_dir()?, self.head.as_deref())?;
        let text = match context.format {
            Format::Table => tables::evidence::checked(&checked, context.style),
            Format::Json => output::json(&checked)?,
            Format::Jsonl => output::json_line(&checked)?,
            Format::Csv => {
                let rows = checked.faults.iter().map(|fault| {
                    vec![
                        fault.what.to_owned(),
                        fault.author.clone().unwrap_or_default(),
                        fault
                            .entry
                            .map(|entry| entry.to_string())
                            .unwrap_or_default(),
                        fault.why.clone(),
                    ]
                });
                let rows: Vec<_> = rows.collect();
                output::csv(&["what", "author", "entry", "why"], &rows)
            }
        };
        Ok(Answer::checked(text, checked.clean))
    }
}

impl Head {
    /// Prints it: canonical JSON in every format, since its bytes are what is kept.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        Ok(evidence::head(context.needed_case_dir()?)? + "\n")
    }
}

impl Merge {
    /// Merges.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let merged = evidence::merge(context.needed_case_dir()?, &self.dir)?;
        let counts = [
            ("entries", merged.entries),
            ("payloads", merged.payloads),
            ("attachments", merged.attachments),
        ];
        told(context, &merged, "The other copy came in", &counts)
    }
}

impl Copy {
    /// Copies.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let what = (&self.withhold[..], &self.kind[..], self.above.as_deref());
        let dir = context.needed_case_dir()?;
        let copied = evidence::copy(dir, &self.dir, self.name.as_deref(), what)?;
        let counts = [
            ("entries", copied.entries),
            ("payloads", copied.payloads),
            ("withheld", copied.withheld),
            ("attachments", copied.attachments),
        ];
        told(context, &copied, "A copy is made", &counts)
    }
}

fn told(
    context: &Context,
    report: &impl Serialize,
    heading: &str,
    counts: &[(&'static str, usize)],
) -> Result<String, CommandError> {
    match context.format {
        Format::Table => {
            let facts = counts
                .iter()
                .map(|(name, count)| (*name, Some(count.to_string())));
            let facts: Vec<_> = facts.collect();
            let heading = context.style.bold(heading);
            Ok(format!("{heading}\n\n{}", tables::facts(&facts)))
        }
        Format::Json => output::json(report),
        Format::Jsonl => output::json_line(report),
        Format::Csv => {
            let header: Vec<&str> = counts.iter().map(|(name, _)| *name).collect();
            let row = counts.iter().map(|(_, count)| count.to_string());
            Ok(output::csv(&header, &[row.collect()]))
        }
    }
}
