//! `whither export`: a saved trace, or the labels of the case, in the forms of other programs.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use whither::Handling;
use whither::export::{Form, export};

use crate::context::Context;
use crate::error::CommandError;

const EXAMPLES: &str = "\
A trace is exported as it was saved. Names of addresses go with it where their claim is marked as open
enough; amounts are exact, as text. A cell of CSV is never a formula.

Examples:
  whither trace incident:ronin-bridge-2022 --policy fifo --save ronin-fifo
  whither export --to stix --trace ronin-fifo > ronin.json
  whither export --to parquet --trace ronin-fifo --out ronin.parquet
  whither export --to tagpack > labels.yaml";

/// Write a saved trace or the labels in a form that other programs read
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Export {
    /// In which form
    #[arg(long, value_enum)]
    to: To,
    /// The saved trace; not of a TagPack, which holds the labels of the case
    #[arg(long, value_name = "NAME", required_if_eq_any = [("to", "stix"), ("to", "csv"), ("to", "graphml"), ("to", "parquet")])]
    trace: Option<String>,
    /// Show names of claims up to this mark, and mark what is exported so
    #[arg(long, value_name = "TLP", default_value = "TLP:CLEAR")]
    ceiling: String,
    /// Write it into this file [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// STIX 2.1, a bundle
    Stix,
    /// A table of what moved
    Csv,
    /// A graph, for Gephi, yEd, Cytoscape
    Graphml,
    /// The table in columns, for DuckDB, pandas, Spark
    Parquet,
    /// Labels, for GraphSense
    Tagpack,
}

impl Export {
    /// Exports it. Bytes go to stdout as they are.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let dir = context.needed_case_dir()?;
        let ceiling = Handling::parse(&self.ceiling).ok_or_else(|| {
            CommandError::new(format!(
                "`--ceiling {}` is not a mark of TLP 2.0",
                self.ceiling
            ))
            .with_hint("one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED")
        })?;
        let form = match self.to {
            To::Stix => Some(Form::Stix),
            To::Csv => Some(Form::Csv),
            To::Graphml => Some(Form::GraphMl),
            To::Parquet => Some(Form::Parquet),
            To::Tagpack => None,
        };
        let bytes = match form {
            Some(form) => export(
                dir,
                self.trace.as_deref().unwrap_or_default(),
                form,
                ceiling,
            )?,
            None => whither::labels::export(dir, false)?.into_bytes(),
        };
        match &self.out {
            None => {
                let written = io::stdout().lock().write_all(&bytes);
                match written {
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(
                        CommandError::new(format!("cannot write to stdout: {error}")),
                    ),
                    _ => Ok(String::new()),
                }
            }
            Some(file) => {
                let made = File::options().write(true).create_new(true).open(file);
                let written = made.and_then(|mut made| made.write_all(&bytes));
                written.map_err(|error| {
                    CommandError::new(format!("cannot write the file: {error}"))
                        .at(file.display())
                        .with_hint("name a file that is not there yet with `--out FILE`")
                })?;
                Ok(format!("{}\n", file.display()))
            }
        }
    }
}
