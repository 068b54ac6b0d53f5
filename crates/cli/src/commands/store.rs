//! `whither store`: upkeep of the store, which no answer needs.

use clap::{Args, Subcommand};
use serde::Serialize;
use whither::text::units;
use whither::upkeep::{check, compact};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, progress, tables};

const EXAMPLES: &str = "\
Examples:
  whither store check
  whither store compact --store /data/whither

`whither help store check` and `whither help store compact` tell more.";

const CHECK_EXAMPLES: &str = "\
Opening a store compares the sizes of its files and no more. This reads all of them: each byte
against its checksum, tables and columns against each other, and the ids of transactions against the
hashes of their blocks. The first thing that is wrong is the error. Nothing is changed.

Examples:
  whither store check
  whither store check --store /data/whither --json";

const COMPACT_EXAMPLES: &str = "\
Of a store without damage the same bytes come out. Tables that were damaged are made whole, and files
that the store does not need go. Columns that nothing else tells are held against their checksums
first: where they are damaged, the store is left as it was. Needs free space for the largest chain
once more.

Examples:
  whither store compact
  whither store compact --store /data/whither --json";

/// Verify the store, or write it anew
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Store {
    #[command(subcommand)]
    command: Upkeep,
}

#[derive(Debug, Subcommand)]
enum Upkeep {
    /// Read all of the store and tell whether it is whole
    #[command(after_long_help = CHECK_EXAMPLES)]
    Check,
    /// Write the store anew from itself
    #[command(after_long_help = COMPACT_EXAMPLES)]
    Compact,
}

/// A count: its name in CSV, its name for people, and itself.
type Count = (&'static str, &'static str, u64);

impl Store {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.store_dir()?;
        let progress = progress::to_stderr(context.quiet);
        match self.command {
            Upkeep::Check => {
                let checked = check(dir, progress.as_ref())?;
                drop(progress);
                let counts = [
                    ("files", "files", checked.files),
                    ("bytes", "bytes", checked.bytes),
                    (
                        "unverified",
                        "bytes without checksums yet",
                        checked.unverified,
                    ),
                ];
                told(context, &checked, "The store is whole", &counts)
            }
            Upkeep::Compact => {
                let compacted = compact(dir, progress.as_ref())?;
                drop(progress);
                let counts = [
                    ("bytes_before", "bytes before", compacted.bytes_before),
                    ("bytes_after", "bytes after", compacted.bytes_after),
                ];
                told(context, &compacted, "The store is written anew", &counts)
            }
        }
    }
}

fn told(
    context: &Context,
    report: &impl Serialize,
    heading: &str,
    counts: &[Count],
) -> Result<String, CommandError> {
    match context.format {
        Format::Table => {
            let store = context.store_dir()?.display().to_string();
            let mut facts = vec![("store", Some(store))];
            facts.extend(
                counts
                    .iter()
                    .map(|(_, name, number)| (*name, Some(units(&number.to_string(), 0)))),
            );
            let heading = context.style.bold(heading);
            Ok(format!("{heading}\n\n{}", tables::facts(&facts)))
        }
        Format::Json => output::json(report),
        Format::Jsonl => output::json_line(report),
        Format::Csv => {
            let header: Vec<&str> = counts.iter().map(|(name, ..)| *name).collect();
            let row = counts.iter().map(|(.., number)| number.to_string());
            Ok(output::csv(&header, &[row.collect()]))
        }
    }
}
