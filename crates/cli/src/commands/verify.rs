//! `whither verify`: saved findings and editions of reports, computed anew and compared byte for byte.

use std::path::Path;

use clap::Args;
use whither::report::{self, is_bundle};
use whither::saved::{Verification, verify};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer;
use crate::{output, tables};

const EXAMPLES: &str = "\
A finding is what `--save NAME` of `trace`, `incident total` or `assess` kept. It is computed anew from the store and from the case as it
was when the finding was computed, and compared byte for byte. Claims made or struck since change
nothing.

What does not match says why: a chain that the store lacks or holds otherwise, a price file that is
another, a payload that is withheld from this copy of the case, another version of the program, or
the first place where the results differ. The exit code is then 1.

A directory that `whither report publish` wrote is an edition of a report: every byte is held against its
manifest, every finding and every figure is computed anew, and the report is rendered once more. It
brings its own copy of the case; chain data that it does not bring is taken from the store.

Keys that signed it are told. Whoever alters an edition can seal it again and leave signatures out,
so a reader who knows the authors' key asks for it with `--signed-by`.

Examples:
  whither verify final-2026-public
  whither verify final-2026-public --signed-by d75a98…07511a
  whither trace incident:ronin-bridge-2022 --policy fifo --save ronin-fifo
  whither incident total --from 2020 --to 2020 --save total-2020
  whither verify
  whither verify ronin-fifo --json";

/// Compute saved findings and reports anew and compare them byte for byte
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Verify {
    /// Which findings, or directories of editions [default: all findings of the case]
    #[arg(value_name = "NAME|DIR")]
    names: Vec<String>,
    /// Expect the edition to be signed by this key: 64 hexadecimal digits
    #[arg(long, value_name = "KEY")]
    signed_by: Vec<String>,
}

impl Verify {
    /// Checks.
    pub fn run(self, context: &Context) -> Result<Answer, CommandError> {
        let store = context.open_store()?;
        let (editions, names): (Vec<String>, Vec<String>) = self
            .names
            .into_iter()
            .partition(|name| is_bundle(Path::new(name)));
        self::keys(&self.signed_by, &editions)?;
        let mut found: Option<Verification> = None;
        for edition in &editions {
            let checked = report::verify(&store, Path::new(edition), &self.signed_by)?;
            found = Some(
                found
                    .take()
                    .map_or(checked.clone(), |found| found.and(checked)),
            );
        }
        if !names.is_empty() || found.is_none() {
            let checked = verify(&store, context.needed_case_dir()?, &names)?;
            found = Some(
                found
                    .take()
                    .map_or(checked.clone(), |found| found.and(checked)),
            );
        }
        let found = found.ok_or_else(|| CommandError::new("nothing was checked"))?;
        let text = match context.format {
            Format::Table => tables::saved::verified(&found, context.style),
            Format::Json => output::json(&found)?,
            Format::Jsonl => lines(&found)?,
            Format::Csv => csv(&found),
        };
        Ok(Answer::checked(text, found.is_clean()))
    }
}

/// Whether what is expected to have signed are keys, and there is something that could be signed.
fn keys(keys: &[String], editions: &[String]) -> Result<(), CommandError> {
    let is_key = |key: &String| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(key) = keys.iter().find(|key| !is_key(key)) {
        return Err(
            CommandError::new(format!("`--signed-by {key}` is not a key")).with_hint(
                "a key is 64 hexadecimal digits, as `whither verify` tells it of a signed edition",
            ),
        );
    }
    if !keys.is_empty() && editions.is_empty() {
        return Err(CommandError::new(
            "`--signed-by` is for editions, and no directory of one is named",
        )
        .with_hint("name the directory that `whither report publish` wrote"));
    }
    Ok(())
}

/// A mismatch a line.
fn lines(found: &Verification) -> Result<String, CommandError> {
    let rows = found.mismatched.iter().map(|row| {
        let value = serde_json::to_value(row).map_err(CommandError::new)?;
        let mut line = serde_json::json!({"schema": "whither.verify.mismatch/1"});
        if let (Some(line), Some(fields)) = (line.as_object_mut(), value.as_object()) {
            line.extend(fields.clone());
        }
        output::json_line(&line)
    });
    rows.collect()
}

fn csv(found: &Verification) -> String {
    let rows = found.mismatched.iter().map(|row| {
        let reason = row.reason.to_owned();
        [
            &row.finding,
            &row.entry,
            &reason,
            &row.what,
            &row.expected,
            &row.found,
        ]
        .map(Clone::clone)
        .to_vec()
    });
    let columns = ["finding", "entry", "reason", "what", "expected", "found"];
    output::csv(&columns, &rows.collect::<Vec<_>>())
}
