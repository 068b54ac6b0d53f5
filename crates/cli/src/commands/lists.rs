//! `whither lists`: sanctions lists brought into the store, told of, compared.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use whither::lists::{ImportRequest, Imported, ListDiff, ListsStatus, diff, import, status, today};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

const EXAMPLES: &str = "\
Examples:
  whither lists import un_consolidated.xml sdn.xml
  whither lists status
  whither lists diff ofac-sdn

`whither help lists import` and the like tell more.";

const IMPORT_EXAMPLES: &str = "\
Formats, recognised by what stands in the file:
  the consolidated list of the Security Council (XML)
  OFAC's SDN and consolidated lists (XML), Advanced XML, and the SDN.CSV family, all files together
  the EU's financial sanctions (FSF XML 1.1)
  the UK Sanctions List (XML or CSV)
  a TagPack (YAML); a CSV table with a column `name` or `address`

A file is read whole or refused. A list that lost more than 5 % of its entries, names or addresses
since the version before, or holds fewer than its file says, is refused unless `--allow-loss` says
otherwise. Versions stay in the store; the same file brought in twice changes nothing.

Examples:
  whither lists import un_consolidated.xml
  whither lists import SDN.CSV ALT.CSV ADD.CSV SDN_COMMENTS.CSV --date 2024-05-07
  whither lists import watched.csv --name watched --dry-run";

const DIFF_EXAMPLES: &str = "\
A day stands for the last version of that day or before. Without days, the last two are compared.

Examples:
  whither lists diff un
  whither lists diff ofac-sdn --from 2024-01-01 --to 2024-05-07 --json";

/// Sanctions lists: bring them in, see which are there, compare versions
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Lists {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring lists into the store, as their publishers ship them
    #[command(after_long_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Tell which lists the store holds, and of which days
    Status,
    /// Tell what changed between two versions of a list
    #[command(after_long_help = DIFF_EXAMPLES)]
    Diff(Compare),
}

#[derive(Debug, Args)]
struct Import {
    /// Files; those of the SDN.CSV family together are one list
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Keep it under this name instead of its own
    #[arg(long, value_name = "LIST")]
    name: Option<String>,
    /// The day it is of, for files that bear no date [default: that of import]
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Take a list that lost more than 5 % of its entries, names or addresses
    #[arg(long)]
    allow_loss: bool,
    /// Read, check and report, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct Compare {
    /// The list
    #[arg(value_name = "LIST")]
    list: String,
    /// The day of the earlier version
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The day of the later version
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
}

impl Lists {
    /// Does it and tells.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let store = context.store_dir()?;
        match self.command {
            Command::Import(request) => {
                let imported = import(
                    store,
                    &ImportRequest {
                        paths: request.files,
                        name: request.name,
                        date: request.date,
                        allow_loss: request.allow_loss,
                        dry_run: request.dry_run,
                        today: today(),
                    },
                )?;
                match context.format {
                    Format::Table => Ok(tables::lists::imported(&imported, context.style)),
                    Format::Json => output::json(&imported),
                    Format::Jsonl => output::json_line(&imported),
                    Format::Csv => Ok(imported_rows(&imported)),
                }
            }
            Command::Status => {
                let status = status(store)?;
                match context.format {
                    Format::Table => Ok(tables::lists::status(&status, context.style)),
                    Format::Json => output::json(&status),
                    Format::Jsonl => output::json_line(&status),
                    Format::Csv => Ok(status_rows(&status)),
                }
            }
            Command::Diff(request) => {
                let diff = diff(
                    store,
                    &request.list,
                    request.from.as_deref(),
                    request.to.as_deref(),
                )?;
                match context.format {
                    Format::Table => Ok(tables::lists::diff(&diff, context.style)),
                    Format::Json => output::json(&diff),
                    Format::Jsonl => output::json_line(&diff),
                    Format::Csv => Ok(diff_rows(&diff)),
                }
            }
        }
    }
}

const VERSION_COLUMNS: &[&str] = &[
    "list",
    "date",
    "date_basis",
    "format",
    "entries",
    "names",
    "addresses",
    "hash",
];

fn imported_rows(imported: &Imported) -> String {
    let rows = imported.lists.iter().map(|list| {
        let version = &list.version;
        vec![
            version.list.clone(),
            version.date.clone(),
            version.date_basis.clone(),
            version.format.clone(),
            version.entries.to_string(),
            version.names.to_string(),
            list.addresses.to_string(),
            version.hash.clone(),
        ]
    });
    output::csv(VERSION_COLUMNS, &rows.collect::<Vec<_>>())
}

fn status_rows(status: &ListsStatus) -> String {
    let mut rows = Vec::new();
    for list in &status.lists {
        for version in &list.versions {
            rows.push(vec![
                list.list.clone(),
                version.date.clone(),
                version.date_basis.clone(),
                version.format.clone(),
                version.entries.to_string(),
                version.names.to_string(),
                version.addresses.to_string(),
                version.hash.clone(),
            ]);
        }
    }
    output::csv(VERSION_COLUMNS, &rows)
}

fn diff_rows(diff: &ListDiff) -> String {
    let mut rows = Vec::new();
    let mut row = |change: &str, entry: &str, name: &str, what: String| {
        rows.push(vec![
            change.to_owned(),
            entry.to_owned(),
            name.to_owned(),
            what,
        ]);
    };
    for one in &diff.diff.added {
        row("added", &one.entry, &one.name, one.addresses.join("; "));
    }
    for one in &diff.diff.removed {
        row("removed", &one.entry, &one.name, one.addresses.join("; "));
    }
    for one in &diff.diff.changed {
        let added = one.added.iter().map(|what| format!("+ {what}"));
        let removed = one.removed.iter().map(|what| format!("- {what}"));
        row(
            "changed",
            &one.entry,
            &one.name,
            added.chain(removed).collect::<Vec<_>>().join("; "),
        );
    }
    output::csv(&["change", "entry", "name", "what"], &rows)
}
