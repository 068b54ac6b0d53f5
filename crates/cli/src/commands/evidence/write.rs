//! What writes into the case: claims, corrections, retractions, attachments.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use whither::evidence::{self, Written, read_payloads};
use whither::saved::{Falls, falls};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const ADD_EXAMPLES: &str = "\
A claim is a JSON object: the fields of its kind, and who says so, how far it is believed and how it
may be shared. Several stand one after the other; all are checked before one is written.

  {\"id\": \"ex-hot-1\", \"address\": \"bitcoin:12cbQ…\", \"name\": \"Example Exchange\",
   \"category\": \"exchange\", \"source\": \"s14\", \"confidence\": \"B2\", \"handling\": \"TLP:AMBER\"}

Kinds: incident, loss, attribution, cited, same-incident, distinct-incidents, service, deposit,
label, entity, relation, continuation, decision, source, descriptor, hypothesis, evidence,
assessment, finding.

Examples:
  whither evidence add label exchange.json
  jq -c .[] claims.json | whither evidence add relation -
  whither evidence add source s14.json --author m-weber";

const RETRACT_EXAMPLES: &str = "\
A claim that was struck does not come back: it is added anew. A correction can be struck too, by its
hash; then what was said before it counts again.

Examples:
  whither evidence retract ex-hot-1 --reason \"the exchange says that it is not theirs\"
  whither evidence retract 9c1e44aa --reason typo
  whither evidence retract bridge-match-7 --dry-run

With `--dry-run` the findings that used the claim are computed anew without it, and evidence,
assessments and paths of relations that rest on it are listed.";

const CORRECT_EXAMPLES: &str = "\
A correction says the whole claim anew, as it should be. What was said before stays on record.

Examples:
  whither evidence show ex-hot-1 --json > claim.json
  whither evidence correct ex-hot-1 corrected.json";

const ATTACH_EXAMPLES: &str = "\
Prints what a claim lists among its `attachments`, to be put there. The file is kept under the hash of
its bytes.

Examples:
  whither evidence attach letter.pdf --media-type application/pdf";

/// Add claims
#[derive(Debug, Args)]
#[command(after_long_help = ADD_EXAMPLES)]
pub struct Add {
    /// What kind of claim
    #[arg(value_name = "KIND")]
    kind: String,
    /// The claims as JSON; `-` reads them from stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    recording: Recording,
}

/// Strike a claim
#[derive(Debug, Args)]
#[command(after_long_help = RETRACT_EXAMPLES)]
pub struct Retract {
    /// The claim, by its id or its hash; a correction by its hash
    #[arg(value_name = "ID")]
    id: String,
    /// Why
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    /// Write nothing, and list what would fall with it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    recording: Recording,
}

/// Say a claim anew
#[derive(Debug, Args)]
#[command(after_long_help = CORRECT_EXAMPLES)]
pub struct Correct {
    /// The claim, by its id or its hash
    #[arg(value_name = "ID")]
    id: String,
    /// The claim as it should be, as JSON; `-` reads it from stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    recording: Recording,
}

/// Keep a file that a claim will name
#[derive(Debug, Args)]
#[command(after_long_help = ATTACH_EXAMPLES)]
pub struct Attach {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it is
    #[arg(long, value_name = "TYPE", default_value = "application/octet-stream")]
    media_type: String,
}

impl Add {
    /// Adds them.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let payloads = read(&self.file)?;
        let dir = context.needed_case_dir()?;
        let recorder = self.recording.recorder()?;
        let written = evidence::add(dir, &recorder, &self.kind, &payloads);
        told(
            context,
            &written.map_err(|error| placed(&error, &self.file))?,
        )
    }
}

impl Retract {
    /// Strikes it, or tells what would fall with it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        if self.dry_run {
            return fallen(context, &falls(&context.open_store()?, dir, &self.id)?);
        }
        let recorder = self.recording.recorder()?;
        // Worked out before it is struck; where that cannot be done, the claim is struck all the same.
        let falls = context
            .open_store()
            .ok()
            .and_then(|store| falls(&store, dir, &self.id).ok());
        let written =
            evidence::retract(dir, &recorder, &self.id, &self.reason.unwrap_or_default())?;
        if let Some(falls) = falls.filter(|falls| !falls.is_empty() && !context.quiet) {
            output::say(&tables::saved::falls(&falls, context.style));
        }
        told(context, &written)
    }
}

impl Correct {
    /// Says it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let payloads = read(&self.file)?;
        let [payload] = &payloads[..] else {
            return Err(CommandError::new("a correction is one claim")
                .at(place(&self.file))
                .with_hint("correct one claim at a time"));
        };
        let dir = context.needed_case_dir()?;
        let recorder = self.recording.recorder()?;
        told(
            context,
            &evidence::correct(dir, &recorder, &self.id, payload)?,
        )
    }
}

impl Attach {
    /// Keeps it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let kept = evidence::attach(context.needed_case_dir()?, &self.file, &self.media_type)?;
        match context.format {
            Format::Table | Format::Json => output::json(&kept),
            Format::Jsonl => output::json_line(&kept),
            Format::Csv => Ok(output::csv(
                &["sha256", "name", "media_type"],
                &[vec![kept.sha256, kept.name, kept.media_type]],
            )),
        }
    }
}

fn place(file: &std::path::Path) -> String {
    if file.as_os_str() == "-" {
        "stdin".to_owned()
    } else {
        file.display().to_string()
    }
}

fn placed(error: &whither::Error, file: &std::path::Path) -> CommandError {
    CommandError::new(error)
        .at(place(file))
        .with_hint_of(error.hint())
}

fn read(file: &std::path::Path) -> Result<Vec<whither::evidence::Payload>, CommandError> {
    let open = || -> io::Result<Box<dyn Read>> {
        if file.as_os_str() == "-" {
            return Ok(Box::new(io::stdin().lock()));
        }
        Ok(Box::new(File::open(file)?))
    };
    let from = open().map_err(|error| CommandError::new(error).at(place(file)))?;
    read_payloads(from).map_err(|error| placed(&error, file))
}

/// What would fall.
fn fallen(context: &Context, falls: &Falls) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::saved::falls(falls, context.style)),
        Format::Json => output::json(falls),
        Format::Jsonl => output::json_line(falls),
        Format::Csv => {
            let changes = falls.findings.iter().flat_map(|finding| {
                let row = |change: &whither::saved::Change| {
                    let (with, without) = (change.with.clone(), change.without.clone());
                    vec![finding.finding.clone(), change.what.clone(), with, without]
                };
                finding.changes.iter().map(row)
            });
            let rows: Vec<Vec<String>> = changes.collect();
            Ok(output::csv(&["finding", "what", "with", "without"], &rows))
        }
    }
}

pub(in crate::commands) fn told(
    context: &Context,
    written: &Written,
) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(tables::evidence::written(written, context.style)),
        Format::Json => output::json(written),
        Format::Jsonl => output::json_line(written),
        Format::Csv => {
            let header = ["claim", "hash", "kind", "author", "entry", "time", "target"];
            let rows = written.entries.iter().map(|row| {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let (kind, author, time) = (row.kind.clone(), row.author.clone(), row.time.clone());
                let (claim, target) = (text(&row.claim), text(&row.target));
                let entry = row.entry.to_string();
                vec![claim, row.hash.clone(), kind, author, entry, time, target]
            });
            Ok(output::csv(&header, &rows.collect::<Vec<_>>()))
        }
    }
}
