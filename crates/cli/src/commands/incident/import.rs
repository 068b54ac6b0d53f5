//! `whither incident import`: a table of thefts into the case, with every fault named.

use std::fs::File;
use std::io::{self, Read as _};

use clap::Args;
use whither::incidents::{Flaw, Imported, Options, import, open, today, write};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;
use crate::{output, tables};

/// One byte more than is read of a table.
const FILE_LENGTH_MAX: u64 = (64 << 20) + 1;

const EXAMPLES: &str = "\
Columns are recognised by their headers, in any order: id, date, discovered, victim, sector, chain,
vector, asset, quantity, usd, recovered, frozen, reissued, tx, address, actor, source, url,
published, confidence, tlp, note, and other words for them. Rows of one id, or of one victim and
date, are one incident. docs/reference/incidents.md lists columns and faults.

A row with an error does not come in, and is listed with line, column, value and reason. What came in
and should be looked at is listed as a warning. Importing a file twice changes nothing.

Exit codes: 0 all rows came in; 1 some rows were refused; 2 the file is no table of incidents, and
nothing was written.

Examples:
  whither incident import thefts.csv
  whither incident import thefts.csv --source un-panel --dry-run
  whither incident import - --json < thefts.csv";

/// Read a table of thefts into the case
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Import {
    /// A CSV file, or - for stdin
    #[arg(value_name = "FILE")]
    file: String,
    /// Who says it, where a row names nobody: the id of a source, or a name
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Tell what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    recording: Recording,
}

impl Import {
    /// Imports, and tells what came of it.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let recorder = self.recording.recorder()?;
        let dir = context.needed_case_dir()?;
        let bytes = read(&self.file)?;
        let case = open(dir, None)?;
        let options = Options {
            file: self.file,
            source: self.source,
            today: today(&recorder)?,
            dry_run: self.dry_run,
        };
        let (imported, says) = import(&case, &bytes, &options)?;
        if !self.dry_run {
            write(dir, &recorder, says)?;
        }
        let text = match context.format {
            Format::Table => tables::incident::import::render(&imported, context.style),
            Format::Json => output::json(&imported)?,
            Format::Jsonl => output::json_line(&imported)?,
            Format::Csv => csv(&imported),
        };
        Ok(Answer::checked(text, imported.refused.is_empty()))
    }
}

fn read(file: &str) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let done = match file {
        "-" => io::stdin()
            .lock()
            .take(FILE_LENGTH_MAX)
            .read_to_end(&mut bytes),
        path => {
            File::open(path).and_then(|file| file.take(FILE_LENGTH_MAX).read_to_end(&mut bytes))
        }
    };
    done.map_err(|error| CommandError::new(format!("{file}: {error}")))?;
    Ok(bytes)
}

/// One row per fault.
fn csv(imported: &Imported) -> String {
    let row = |kind: &str, flaw: &Flaw| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            kind.to_owned(),
            flaw.line.to_string(),
            text(&flaw.column),
            text(&flaw.value),
            flaw.why.clone(),
        ]
    };
    let refused = imported.refused.iter().map(|flaw| row("refused", flaw));
    let warnings = imported.warnings.iter().map(|flaw| row("warning", flaw));
    output::csv(
        &["what", "line", "column", "value", "why"],
        &refused.chain(warnings).collect::<Vec<_>>(),
    )
}
