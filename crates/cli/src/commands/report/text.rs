//! The text of a report: drafts, revisions, checks, forms, redlines.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use whither::report::{
    Audience, Checked, Compared, Desk, Output, Written, as_remarks, check_text, compare, draft,
    remarks, render, revise, revisions, start, text_of,
};
use whither::{Case, Ledger};

use super::{read, write_new};
use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::{self, Answer};
use crate::tables;

const DRAFT_EXAMPLES: &str = "\
Examples:
  whither report draft final-2026 text.txt
  whither report draft final-2026 --new --title \"Thefts of virtual assets in 2026\"";

const LINT_EXAMPLES: &str = "\
A number, a date, an address or a hash that is typed is refused: it is to be a reference. So is a
reference that comes to nothing, and a sentence that is stronger than its assessment. The exit code is
1 where something was found.

Examples:
  whither report lint final-2026
  whither report lint --file text.txt
  whither report lint final-2026 --edition public     what the public edition could not show";

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Edition {
    /// Those who work on the case
    Internal,
    /// Those who were asked to comment
    Review,
    /// Everybody
    Public,
    /// The expert of the other side
    Disclosure,
}

impl Edition {
    pub(super) fn audience(self) -> Audience {
        match self {
            Self::Internal => Audience::Internal,
            Self::Review => Audience::Review,
            Self::Public => Audience::Public,
            Self::Disclosure => Audience::Disclosure,
        }
    }
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// One page that loads nothing
    Html,
    /// Markdown
    Md,
    /// JSON
    Json,
    /// The text as it is kept, to be revised
    Source,
}

/// Write the first revision of a report
#[derive(Debug, Args)]
#[command(after_long_help = DRAFT_EXAMPLES)]
pub struct Draft {
    /// Names the report
    #[arg(value_name = "NAME")]
    name: String,
    /// Its text; `-` reads it from stdin
    #[arg(
        value_name = "FILE",
        required_unless_present = "new",
        conflicts_with = "new"
    )]
    file: Option<PathBuf>,
    /// Start from the incidents, findings and assessments of the case
    #[arg(long)]
    new: bool,
    /// The title, with `--new`
    #[arg(long, value_name = "TEXT", requires = "new")]
    title: Option<String>,
    /// What there is to say of this revision
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

/// Write the next revision of a report
#[derive(Debug, Args)]
pub struct Revise {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// Its text; `-` reads it from stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What was changed, and why
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

/// Show a report, with what its references come to
#[derive(Debug, Args)]
pub struct Show {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// Which revision [default: the last]
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
    /// In which form
    #[arg(long, value_enum, default_value_t = To::Md)]
    to: To,
    /// Call sources as an edition for these readers does; what it would withhold is shown
    #[arg(long, value_enum, default_value_t = Edition::Internal)]
    edition: Edition,
    /// Write it into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Find what cannot stay in a report as it is
#[derive(Debug, Args)]
#[command(after_long_help = LINT_EXAMPLES)]
pub struct Lint {
    /// The report
    #[arg(value_name = "NAME", required_unless_present = "file")]
    name: Option<String>,
    /// A text that is not kept yet; `-` reads it from stdin
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    file: Option<PathBuf>,
    /// Which revision [default: the last]
    #[arg(long, value_name = "N", requires = "name")]
    revision: Option<u32>,
    /// For these readers
    #[arg(long, value_enum, default_value_t = Edition::Internal)]
    edition: Edition,
}

/// List reports and their revisions
#[derive(Debug, Args)]
pub struct List {}

/// Show what changed between two revisions
#[derive(Debug, Args)]
pub struct Redline {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// The earlier revision [default: the one before the last]
    #[arg(long, value_name = "N")]
    from: Option<u32>,
    /// The later revision [default: the last]
    #[arg(long, value_name = "N")]
    to: Option<u32>,
}

impl Draft {
    /// Writes it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        let text = match &self.file {
            Some(file) => read(file)?,
            None => start(
                &Case::open(dir).map_err(whither::Error::from)?,
                self.title.as_deref(),
            ),
        };
        let recorder = self.recording.recorder()?;
        let written = draft(dir, &recorder, (&self.name, &text), self.note.as_deref())?;
        told(context, &written)
    }
}

impl Revise {
    /// Writes it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        let recorder = self.recording.recorder()?;
        let text = read(&self.file)?;
        let written = revise(dir, &recorder, (&self.name, &text), self.note.as_deref())?;
        told(context, &written)
    }
}

fn told(context: &Context, written: &Written) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::report::written(written)),
        Format::Json => output::json(written),
        Format::Jsonl => output::json_line(written),
        Format::Csv => {
            let row = vec![written.report.clone(), written.revision.to_string()];
            Ok(output::csv(&["report", "revision"], &[row]))
        }
    }
}

/// The case of a command that only reads.
fn open(context: &Context) -> Result<(Ledger, Case), CommandError> {
    let ledger = Ledger::open(context.needed_case_dir()?).map_err(whither::Error::from)?;
    let case = Case::of(&ledger).map_err(whither::Error::from)?;
    Ok((ledger, case))
}

impl Show {
    /// Renders it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let (ledger, case) = open(context)?;
        let store = context.open_store()?;
        let revision = text_of(&case, &self.name, self.revision)?;
        let audience = self.edition.audience();
        let desk = Desk::new((&ledger, &case), &store, audience, audience.ceiling());
        let form = match self.to {
            To::Source => None,
            To::Html => Some(Output::Html),
            To::Md => Some(Output::Markdown),
            To::Json => Some(Output::Json),
        };
        let text = match form {
            None => revision.text,
            Some(form) => {
                let document = whither::report::read(&revision.text);
                let said = as_remarks(&remarks(&case, &self.name));
                render(&desk, document, said).output(form)?
            }
        };
        match &self.out {
            None => Ok(text),
            Some(file) => {
                write_new(file, &text)?;
                Ok(format!("{}\n", file.display()))
            }
        }
    }
}

impl Lint {
    /// Checks it; anything that was found makes the exit code 1.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let (ledger, case) = open(context)?;
        let store = context.open_store()?;
        let audience = self.edition.audience();
        let desk = Desk::new((&ledger, &case), &store, audience, audience.ceiling());
        let text = match (&self.file, &self.name) {
            (Some(file), _) => read(file)?,
            (None, name) => {
                let name = name.as_deref().unwrap_or_default();
                text_of(&case, name, self.revision)?.text
            }
        };
        let checked = check_text(&desk, &text);
        let clean = checked.is_clean();
        Ok(Answer::checked(faults(context, &checked)?, clean))
    }
}

fn faults(context: &Context, checked: &Checked) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::report::faults(checked, context.style)),
        Format::Json => output::json(checked),
        Format::Jsonl => output::json_line(checked),
        Format::Csv => {
            let rows = checked.faults.iter().map(|fault| {
                let place = [fault.line.to_string(), fault.column.to_string()];
                let words = [
                    fault.kind.to_owned(),
                    fault.what.clone(),
                    fault.hint.clone(),
                ];
                place.into_iter().chain(words).collect()
            });
            let rows: Vec<Vec<String>> = rows.collect();
            Ok(output::csv(
                &["line", "column", "kind", "what", "hint"],
                &rows,
            ))
        }
    }
}

impl List {
    /// Lists them.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let (_, case) = open(context)?;
        let listed = whither::report::list(&case);
        match context.format {
            Format::Table => Ok(tables::report::listed(&listed, context.style)),
            Format::Json => output::json(&listed),
            Format::Jsonl => output::json_line(&listed),
            Format::Csv => {
                let rows = listed.reports.iter().flat_map(|report| {
                    let row = |revision: &whither::report::RevisionRow| {
                        let (number, author) =
                            (revision.revision.to_string(), revision.author.clone());
                        vec![report.report.clone(), number, author, revision.time.clone()]
                    };
                    report.revisions.iter().map(row)
                });
                let rows: Vec<Vec<String>> = rows.collect();
                Ok(output::csv(
                    &["report", "revision", "author", "time"],
                    &rows,
                ))
            }
        }
    }
}

impl Redline {
    /// Compares them.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let (_, case) = open(context)?;
        let last = revisions(&case, &self.name)?;
        let last = last.last().map_or(1, |revision| revision.revision);
        let to = self.to.unwrap_or(last);
        let from = self.from.unwrap_or(to.saturating_sub(1));
        let compared = compare(&case, &self.name, from, to)?;
        redlined(context, &compared)
    }
}

fn redlined(context: &Context, compared: &Compared) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::report::redline(compared, context.style)),
        Format::Json => output::json(compared),
        Format::Jsonl => output::json_line(compared),
        Format::Csv => {
            let rows = compared.changes.iter().map(|change| {
                let words = change
                    .words
                    .iter()
                    .map(|(mark, text)| format!("[{mark}] {text}"));
                let words: Vec<String> = words.collect();
                vec![
                    change.part.clone(),
                    change.change.to_owned(),
                    words.join(" "),
                ]
            });
            let rows: Vec<Vec<String>> = rows.collect();
            Ok(output::csv(&["part", "change", "words"], &rows))
        }
    }
}
