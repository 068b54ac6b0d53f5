//! `whither screen`: names and addresses against the sanctions lists of the store.

use std::fs::File;
use std::io::{self, BufRead as _, Read, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use whither::Case;
use whither::lists::{OpenLists, open};
use whither::screening::{
    Answer, Judged, Relations, RowCounts, Screened, THRESHOLD, answer, decide, qualifiers, screen,
    screen_case, screen_rows,
};
use whither::screening::{Qualifiers, Searcher};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::output::Answer as Printed;
use crate::{output, progress, tables};

const EXAMPLES: &str = "\
Scores go from 0 to 100; a hit is what comes to the threshold. `score` is Whither's, `ofac_score`
what OFAC's own search tool would say of the same names. What is known of birth, country, sex and
type can speak against a hit and never makes one; a listed document number is a hit by itself, and
is asked for alone by `--document`, or as a question that looks like one.

Rows (`--rows`) are CSV with a header: `name`, `address`, or both, and, where there are such, `id`,
`type`, `born`, `country`, `sex`, `document`. Each row is answered by a line of JSON, in their order.
A cell may hold several addresses. What could not be screened stands in `caveats` of its row.

Where a case is open, its decisions are remembered: a hit that was decided to be somebody else is
shown and does not count, until the list says anything else of the entry. `--decide` writes one; it
is about one of that name with that birth, country and document, as far as they are given.
Without a question the case itself is asked: its persons, organisations and addresses, and those whom
relations lead to a list. Whom they lead to is decided about like any other hit.

Exit code 1 says that there was a hit that was not decided to be somebody else.

Examples:
  whither screen \"Kim Chol Sam\"
  whither screen 0x098b716b8aaf21512996dc57eb0615e2383e2f96 --as-of 2022-04-20
  whither screen --document 9486910
  whither screen \"Jiang Wenji\" --list un --born 1940 --country KP
  whither screen --rows customers.csv --hits-only > hits.jsonl
  whither screen \"John Taylor\" --born 1990 --decide false --entry ofac-sdn/26341 --why \"too young\"
  whither screen --case ./case
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
    /// The number of a document: with a name, or alone
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,
    /// Write into the case whether the hit of `--entry` is the one who was asked for: true, false, open
    #[arg(long, value_name = "WORD", requires_all = ["entry", "why"], conflicts_with = "rows")]
    decide: Option<String>,
    /// The entry that is decided about
    #[arg(long, value_name = "LIST/ENTRY", requires = "decide")]
    entry: Option<String>,
    /// Why it is decided so
    #[arg(long, value_name = "TEXT", requires = "decide")]
    why: Option<String>,
    #[command(flatten)]
    recording: Recording,
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
        let case = context.open_case()?;
        let questions = self.questions();
        let nothing = questions.is_empty() && self.rows.is_none();
        if nothing && case.is_none() {
            return Err(CommandError::new("nothing was asked for").with_hint(
                "name somebody, an address, a document by `--document NUMBER`, `-` for stdin, a table by `--rows FILE`, or a case by `--case DIR`",
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
        let lists = lists.with_case(case.as_ref());
        note(context, &lists.caveats);
        if let Some(verdict) = &self.decide {
            let relations = self.relations(case.as_ref(), &lists);
            let asked = (&lists, relations.as_ref());
            return self.write_decision(context, asked, (&questions, &known), verdict);
        }
        if let Some(case) = case.as_ref().filter(|_| nothing) {
            let screened = screen_case(case, &lists, self.threshold);
            let text = match context.format {
                Format::Table => tables::screen::case(&screened, context.style),
                Format::Jsonl => output::json_line(&screened)?,
                Format::Json => output::json(&screened)?,
                Format::Csv => return Err(no_rows()),
            };
            return Ok(Printed::checked(text, screened.is_clean()));
        }
        if let Some(path) = &self.rows {
            let relations = self.relations(case.as_ref(), &lists);
            return self.ask_rows(context, (&lists, relations.as_ref()), path);
        }
        let relations = self.relations(case.as_ref(), &lists);
        if questions == ["-"] && context.format == Format::Jsonl {
            return self.ask_lines(context, (&lists, relations.as_ref()), &known);
        }
        let mut asked = Vec::new();
        for question in questions {
            if question == "-" {
                asked.extend(lines()?);
            } else {
                asked.push(question);
            }
        }
        let screened = screen(&lists, &asked, &known, self.threshold)?;
        let screened = match &relations {
            Some(relations) => screened.with_relations(relations, &lists, &known),
            None => screened,
        };
        note(context, &screened.caveats[lists.caveats.len()..]);
        let clean = screened.queries.iter().all(Answer::is_clean);
        Ok(Printed::checked(self.told(context, &screened)?, clean))
    }

    /// What is asked for: the questions, or a document alone.
    fn questions(&self) -> Vec<String> {
        if !self.questions.is_empty() || self.rows.is_some() {
            return self.questions.clone();
        }
        let document = self.document.as_deref().map(str::trim);
        let alone = document.filter(|number| !number.is_empty());
        alone.map(str::to_owned).into_iter().collect()
    }

    /// Writes what was decided about a hit.
    fn write_decision(
        &self,
        context: &Context,
        asked: (&OpenLists, Option<&Relations>),
        (questions, known): (&[String], &Qualifiers),
        verdict: &str,
    ) -> Result<Printed, CommandError> {
        let [query] = questions else {
            return Err(CommandError::new("a decision is about one question")
                .with_hint("ask for one name, one address or one document"));
        };
        let dir = context.needed_case_dir()?;
        let (entry, why) = (self.entry.as_deref(), self.why.as_deref());
        let written = decide(
            (dir, &self.recording.recorder()?),
            asked,
            (query, known, self.threshold),
            (entry.unwrap_or_default(), verdict, why.unwrap_or_default()),
        )?;
        let text = match context.format {
            Format::Table => tables::evidence::written(&written, context.style),
            Format::Json => output::json(&written)?,
            Format::Jsonl => output::json_line(&written)?,
            Format::Csv => return Err(no_rows()),
        };
        Ok(Printed::clean(text))
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

    /// Whom relations of the case lead to, where one is open.
    fn relations(&self, case: Option<&Case>, lists: &OpenLists) -> Option<Relations> {
        case.map(|case| Relations::of(case, lists, self.threshold))
    }

    /// Each line of stdin, answered as it comes.
    fn ask_lines(
        &self,
        context: &Context,
        (lists, relations): (&OpenLists, Option<&Relations>),
        known: &Qualifiers,
    ) -> Result<Printed, CommandError> {
        let mut searcher = Searcher::default();
        let mut clean = true;
        for question in io::stdin().lock().lines() {
            let question =
                question.map_err(|error| CommandError::new(format!("stdin: {error}")))?;
            if question.trim().is_empty() {
                continue;
            }
            let mut answer = answer(lists, &question, known, self.threshold, &mut searcher)?;
            if let Some(relations) = relations {
                answer.add_relations(relations, lists, known);
            }
            note(context, &answer.caveats);
            clean &= answer.is_clean();
            output::print(&line(&answer)?)?;
        }
        Ok(Printed::checked(String::new(), clean))
    }

    /// Each row of a table, answered by a line of JSON.
    fn ask_rows(
        &self,
        context: &Context,
        asked: (&OpenLists, Option<&Relations>),
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
            asked,
            (source, bytes, &name),
            self.threshold,
            progress.as_ref(),
            &mut |answer| {
                if self.hits_only && answer.is_empty() {
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
            output::say(&closing(&counts));
        }
        let clean = counts.with_hits == counts.dismissed;
        Ok(Printed::checked(String::new(), clean))
    }
}

/// What rows came to, in words.
fn closing(counts: &RowCounts) -> String {
    let unasked = match counts.unasked.as_slice() {
        [] => String::new(),
        columns => {
            let columns = whither::text::visible(&columns.join(", "));
            format!(
                "note: columns that were not asked: {columns} (known are name, address, id, type, born, country, sex, document)\n"
            )
        }
    };
    let dismissed = match counts.dismissed {
        0 => String::new(),
        some => format!(", {some} of them decided to be somebody else"),
    };
    let unscreened = match counts.unscreened {
        0 => String::new(),
        some => format!("; {some} rows hold something that could not be screened"),
    };
    format!(
        "{unasked}{} rows, {} with a hit{dismissed}{unscreened}\n",
        counts.rows, counts.with_hits
    )
}

/// Says what must be said with an answer, beside the data.
fn note(context: &Context, caveats: &[String]) {
    if !context.quiet {
        caveats
            .iter()
            .for_each(|caveat| output::say(&format!("note: {caveat}\n")));
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
    "decision",
    "asks",
];

fn no_rows() -> CommandError {
    CommandError::new("this has no form in rows").with_hint("ask for `--format json` or `table`")
}

fn row(query: &str, judged: &Judged) -> Vec<String> {
    let hit = &judged.hit;
    let decision = judged.decision.as_ref();
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
        decision
            .map_or("", |decided| decided.decision.word())
            .to_owned(),
        judged.asks.to_string(),
    ]
}
