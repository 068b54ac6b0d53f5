//! `whither screen`: names and addresses against the sanctions lists of the store.

use std::fs::File;
use std::io::{self, BufRead as _, Read, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use whither::lists::{OpenLists, open};
use whither::screening::{
    Answer, Hit, Screened, THRESHOLD, answer, qualifiers, screen, screen_rows,
};
use whither::screening::{Qualifiers, Searcher};

use crate::args::Format;
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer as Printed;
use crate::{output, progress, tables};

const EXAMPLES: &str = "\
Scores go from 0 to 100; a hit is what comes to the threshold. `score` is Whither's, `ofac_score`
what OFAC's own search tool would say of the same names. What is known of birth, country, sex and
type can speak against a hit and never makes one; a listed document number is a hit by itself.

Rows (`--rows`) are CSV with a header: `name`, `address`, or both, and, where there are such, `id`,
`type`, `born`, `country`, `sex`, `document`. Each row is answered by a line of JSON, in their order.

Exit code 1 says that there was a hit.

Examples:
  whither screen \"Kim Chol Sam\"
  whither screen 0x098b716b8aaf21512996dc57eb0615e2383e2f96 --as-of 2022-04-20
  whither screen \"Jiang Wenji\" --list un --born 1940 --country KP
  whither screen --rows customers.csv --hits-only > hits.jsonl
  cut -f2 names.tsv | whither screen - --format jsonl";

/// Look for names and addresses on sanctions lists
///
/// Asks all lists of the store, as they last were or as of a day. Names are found under other
/// spellings and scripts, and each hit says why, field against field.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Screen {
    /// Names and digital-currency addresses; `-` reads them from stdin, one a line
    #[arg(value_name = "NAME|ADDRESS")]
    questions: Vec<String>,
    /// A CSV table of names and addresses; `-` reads it from stdin
    #[arg(long, value_name = "FILE", conflicts_with = "questions")]
    rows: Option<PathBuf>,
    /// With rows: print only those that have a hit
    #[arg(long, requires = "rows")]
    hits_only: bool,
    /// Ask the lists as they were on this day, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// The score from which a hit is one
    #[arg(long, value_name = "N", default_value_t = THRESHOLD, value_parser = clap::value_parser!(u8).range(1..=100))]
    threshold: u8,
    /// Ask only this list, or those whose names begin with it; may be given several times
    #[arg(long, value_name = "LIST")]
    list: Vec<String>,
    /// What is asked for: person, organisation, vessel, aircraft
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// When it was born: a day, a month or a year
    #[arg(long, value_name = "DATE")]
    born: Option<String>,
    /// Its country: two letters or a name
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// male or female
    #[arg(long, value_name = "SEX")]
    sex: Option<String>,
    /// The number of a document
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,
}

/// A question on a line of its own.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    answer: &'a Answer,
}

impl Screen {
    /// Opens the lists, asks, tells.
    pub fn run(self, context: &Context) -> Result<Printed, CommandError> {
        if self.questions.is_empty() && self.rows.is_none() {
            return Err(CommandError::new("nothing was asked for").with_hint(
                "name somebody, an address, `-` for stdin, or a table by `--rows FILE`",
            ));
        }
        if let Some(day) = &self.as_of {
            whither::lists::check_day(day)?;
        }
        let known = qualifiers(
            self.kind.as_deref(),
            self.born.as_deref(),
            self.country.as_deref(),
            self.sex.as_deref(),
            self.document.as_deref(),
        )?;
        let lists = open(context.store_dir()?, &self.list, self.as_of.as_deref())?;
        if !context.quiet {
            lists
                .caveats
                .iter()
                .for_each(|caveat| output::say(&format!("note: {caveat}\n")));
        }
        if let Some(path) = &self.rows {
            return self.ask_rows(context, &lists, path);
        }
        if self.questions == ["-"] && context.format == Format::Jsonl {
            return self.ask_lines(&lists, &known);
        }
        let mut questions = Vec::new();
        for question in &self.questions {
            match question.as_str() {
                "-" => questions.extend(lines()?),
                other => questions.push(other.to_owned()),
            }
        }
        let screened = screen(&lists, &questions, &known, self.threshold)?;
        let clean = screened.queries.iter().all(|answer| answer.hits.is_empty());
        Ok(Printed::checked(self.told(context, &screened)?, clean))
    }

    fn told(&self, context: &Context, screened: &Screened) -> Result<String, CommandError> {
        match context.format {
            Format::Table => Ok(tables::screen::render(screened, context.style)),
            Format::Json => output::json(screened),
            Format::Jsonl => screened.queries.iter().map(line).collect(),
            Format::Csv => {
                let rows = screened
                    .queries
                    .iter()
                    .flat_map(|answer| answer.hits.iter().map(|hit| row(&answer.query, hit)));
                Ok(output::csv(COLUMNS, &rows.collect::<Vec<_>>()))
            }
        }
    }

    /// Each line of stdin, answered as it comes.
    fn ask_lines(&self, lists: &OpenLists, known: &Qualifiers) -> Result<Printed, CommandError> {
        let mut searcher = Searcher::default();
        let mut clean = true;
        for question in io::stdin().lock().lines() {
            let question =
                question.map_err(|error| CommandError::new(format!("stdin: {error}")))?;
            if question.trim().is_empty() {
                continue;
            }
            let answer = answer(lists, &question, known, self.threshold, &mut searcher)?;
            clean &= answer.hits.is_empty();
            output::print(&line(&answer)?)?;
        }
        Ok(Printed::checked(String::new(), clean))
    }

    /// Each row of a table, answered by a line of JSON.
    fn ask_rows(
        &self,
        context: &Context,
        lists: &OpenLists,
        path: &PathBuf,
    ) -> Result<Printed, CommandError> {
        let name = path.display().to_string();
        let cannot = |error: io::Error| CommandError::new(format!("{name}: {error}"));
        let (source, bytes): (Box<dyn Read>, u64) = if name == "-" {
            (Box::new(io::stdin().lock()), 0)
        } else {
            let file = File::open(path).map_err(cannot)?;
            let bytes = file.metadata().map_err(cannot)?.len();
            (Box::new(file), bytes)
        };
        let progress = progress::to_stderr(context.quiet);
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut stopped = None;
        let counts = screen_rows(
            lists,
            (source, bytes, &name),
            self.threshold,
            progress.as_ref(),
            &mut |answer| {
                if self.hits_only && answer.hits.is_empty() {
                    return Ok(());
                }
                let line = output::json_line(answer)
                    .map_err(|_| whither::Error::new("a row cannot be written"))?;
                out.write_all(line.as_bytes()).map_err(|error| {
                    stopped = Some(error.kind());
                    whither::Error::new(format!("cannot write to stdout: {error}"))
                })
            },
        );
        drop(progress);
        let counts = match counts {
            Err(_) if stopped == Some(io::ErrorKind::BrokenPipe) => {
                return Ok(Printed::clean(String::new()));
            }
            other => other?,
        };
        match out.flush() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                return Err(CommandError::new(format!(
                    "cannot write to stdout: {error}"
                )));
            }
            _ => {}
        }
        if !context.quiet {
            output::say(&format!(
                "{} rows, {} with a hit\n",
                counts.rows, counts.with_hits
            ));
        }
        Ok(Printed::checked(String::new(), counts.with_hits == 0))
    }
}

fn lines() -> Result<Vec<String>, CommandError> {
    let mut questions = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| CommandError::new(format!("stdin: {error}")))?;
        if !line.trim().is_empty() {
            questions.push(line);
        }
    }
    Ok(questions)
}

fn line(answer: &Answer) -> Result<String, CommandError> {
    output::json_line(&Line {
        schema: "whither.screen.query/1",
        answer,
    })
}

const COLUMNS: &[&str] = &[
    "query",
    "list",
    "list_date",
    "entry",
    "reference",
    "name",
    "score",
    "ofac_score",
    "exact",
    "why",
    "address",
];

fn row(query: &str, hit: &Hit) -> Vec<String> {
    vec![
        query.to_owned(),
        hit.list.clone(),
        hit.list_date.clone(),
        hit.entry.clone(),
        hit.reference.clone(),
        hit.name.clone(),
        hit.score.to_string(),
        hit.ofac_score.to_string(),
        hit.exact.to_string(),
        hit.why.join("; "),
        hit.address
            .as_ref()
            .map(|address| address.listed.clone())
            .unwrap_or_default(),
    ]
}
