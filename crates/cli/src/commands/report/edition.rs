//! Editions: giving one out, opening what it withheld, checking such an opening.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use whither::Handling;
use whither::report::{Publication, check_opening, open, publish};

use super::read;
use super::text::Edition;
use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::{self, Answer};

const PUBLISH_EXAMPLES: &str = "\
Writes a directory: the report as HTML, Markdown and JSON, its figures, the case as far as these readers
may see it, a manifest over every byte, and a seal over the manifest. `whither verify DIRECTORY` checks
it on any machine, offline.

A public edition calls sources by their descriptors alone. What it withholds stands there as a hash with
a salt, and can be opened later, one by one. Before anything is given out, all bytes and file names are
looked through for what must not leave; where something is found, nothing is.

Examples:
  whither report publish final-2026 --edition public --out final-2026-public
  whither report publish final-2026 --edition disclosure --out for-the-defence --with-store
  whither report publish final-2026 --edition public --to pdf --sign key --out signed
  whither report open final-2026 public-1 p-3f2a91bc > opening.json
  whither report check-opening final-2026-public opening.json";

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One page that loads nothing; always written
    Html,
    /// Markdown; always written
    Md,
    /// JSON; always written
    Json,
    /// Set in type, PDF/A-3; needs a program built with the feature pdf
    Pdf,
}

/// Give an edition out
#[derive(Debug, Args)]
#[command(after_long_help = PUBLISH_EXAMPLES)]
pub struct Publish {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// For whom
    #[arg(long, value_enum)]
    edition: Edition,
    /// Write it into this directory, which is made
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A form in which it is to be written, beside those that always are
    #[arg(long, value_enum, value_name = "FORM", value_delimiter = ',')]
    to: Vec<Form>,
    /// Which revision [default: the last]
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
    /// Show nothing more closed than this mark [default: by the readers]
    #[arg(long, value_name = "TLP")]
    ceiling: Option<String>,
    /// What the edition is called [default: the readers and a number]
    #[arg(long, value_name = "WORD")]
    called: Option<String>,
    /// Let the chain data go with it, so that nobody needs a store to check it
    #[arg(long)]
    with_store: bool,
    /// Sign the seal with the key in this file: 64 hexadecimal digits, Ed25519
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
    #[command(flatten)]
    recording: Recording,
}

/// Open a piece that an edition withheld
#[derive(Debug, Args)]
pub struct Open {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// The edition
    #[arg(value_name = "EDITION")]
    edition: String,
    /// The piece, as the edition's manifest names it
    #[arg(value_name = "PIECE")]
    piece: String,
}

/// Check an opening against the edition that withheld it
#[derive(Debug, Args)]
pub struct CheckOpening {
    /// The directory of the edition
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The opening; `-` reads it from stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

impl Publish {
    /// Gives it out.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        let ceiling = self.ceiling.as_deref().map(|text| {
            Handling::parse(text).ok_or_else(|| {
                CommandError::new(format!("`--ceiling {text}` is not a mark of TLP 2.0"))
                    .with_hint("one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED")
            })
        });
        let store = context.open_store()?;
        let asked = Publication {
            report: self.name,
            revision: self.revision,
            audience: self.edition.audience(),
            ceiling: ceiling.transpose()?,
            name: self.called,
            out: self.out,
            store: Some(context.store_dir()?.to_owned()),
            with_store: self.with_store,
            pdf: self.to.contains(&Form::Pdf),
            key: self.sign,
            secret: None,
        };
        let published = publish(&store, dir, &self.recording.recorder()?, &asked)?;
        match context.format {
            Format::Table => Ok(format!(
                "{} {} of {}: {} files in {}, {} parts withheld, none of {} private strings in its bytes\nmanifest {}\n",
                published.audience,
                published.edition,
                published.report,
                published.files,
                whither::text::visible(&published.dir),
                published.withheld,
                published.looked_for,
                published.manifest
            )),
            Format::Json => output::json(&published),
            Format::Jsonl => output::json_line(&published),
            Format::Csv => {
                let row = vec![published.edition, published.dir, published.manifest];
                Ok(output::csv(&["edition", "dir", "manifest"], &[row]))
            }
        }
    }
}

impl Open {
    /// Opens it. The opening is JSON in every format: it is a file for somebody else.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let store = context.open_store()?;
        let dir = context.needed_case_dir()?;
        output::json(&open(
            &store,
            dir,
            (&self.name, &self.edition),
            &self.piece,
        )?)
    }
}

impl CheckOpening {
    /// Checks it; the exit code is 1 where it is not what was committed to.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let checked = check_opening(&self.dir, &read(&self.file)?)?;
        let text = match context.format {
            Format::Table => {
                let words = if checked.matches { "is" } else { "is not" };
                format!(
                    "what was opened {words} what the edition committed to as {}\n",
                    checked.piece
                )
            }
            Format::Json => output::json(&checked)?,
            Format::Jsonl => output::json_line(&checked)?,
            Format::Csv => {
                let row = vec![checked.piece.clone(), checked.matches.to_string()];
                output::csv(&["piece", "matches"], &[row])
            }
        };
        Ok(Answer::checked(text, checked.matches))
    }
}
