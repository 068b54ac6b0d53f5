//! What is said of a report: comments, what becomes of them, answers of those who are named.

use clap::Args;
use whither::Case;
use whither::report::{Noted, RemarkRow, Said, comment, remarks, reply, rule, text_of};

use crate::args::{Format, Recording};
use crate::context::Context;
use crate::error::CommandError;
use crate::{output, tables};

/// Comment on a part of a report
#[derive(Debug, Args)]
pub struct Comment {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// The part, by its name, or a paragraph by its number
    #[arg(value_name = "PART")]
    part: String,
    /// What is said
    #[arg(value_name = "TEXT")]
    text: String,
    /// Who says so [default: the author of the entry]
    #[arg(long, value_name = "TEXT")]
    by: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

/// Accept or reject a comment
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("outcome").required(true))]
pub struct Rule {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// The comment
    #[arg(value_name = "COMMENT")]
    comment: String,
    /// The text was or will be changed
    #[arg(long, group = "outcome")]
    accept: bool,
    /// The text stays
    #[arg(long, group = "outcome")]
    reject: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    recording: Recording,
}

/// Record that somebody who is named was asked, and what they answered
#[derive(Debug, Args)]
pub struct Reply {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
    /// The part, by its name, or a paragraph by its number
    #[arg(value_name = "PART")]
    part: String,
    /// Who is named there
    #[arg(long, value_name = "TEXT")]
    of: String,
    /// When they were asked
    #[arg(long, value_name = "DATE")]
    asked: String,
    /// When they answered
    #[arg(long, value_name = "DATE")]
    answered: Option<String>,
    /// What they answered
    #[arg(long, value_name = "TEXT", requires = "answered")]
    text: Option<String>,
    #[command(flatten)]
    recording: Recording,
}

/// List comments on a report, what became of them, and answers
#[derive(Debug, Args)]
pub struct Comments {
    /// The report
    #[arg(value_name = "NAME")]
    name: String,
}

impl Comment {
    /// Records it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let said = Said {
            part: self.part,
            by: self.by,
            text: Some(self.text),
            ..Said::default()
        };
        let recorder = self.recording.recorder()?;
        let noted = comment(context.needed_case_dir()?, &recorder, &self.name, &said)?;
        told(context, &noted)
    }
}

impl Rule {
    /// Records it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let recorder = self.recording.recorder()?;
        let dir = context.needed_case_dir()?;
        let outcome = (self.accept, self.why.as_str());
        let noted = rule(dir, &recorder, (&self.name, &self.comment), outcome)?;
        told(context, &noted)
    }
}

impl Reply {
    /// Records it.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let said = Said {
            part: self.part,
            by: Some(self.of),
            text: self.text,
            asked: Some(self.asked),
            answered: self.answered,
        };
        let recorder = self.recording.recorder()?;
        let noted = reply(context.needed_case_dir()?, &recorder, &self.name, &said)?;
        told(context, &noted)
    }
}

impl Comments {
    /// Lists them.
    pub fn run(self, context: &Context) -> Result<String, CommandError> {
        let case = Case::open(context.needed_case_dir()?).map_err(whither::Error::from)?;
        text_of(&case, &self.name, None)?;
        let rows = remarks(&case, &self.name);
        match context.format {
            Format::Table => Ok(tables::report::remarks(&rows, context.style)),
            Format::Json => output::json(&serde_json::json!({
                "schema": "whither.report-remarks/1", "report": self.name, "remarks": rows,
            })),
            Format::Jsonl => rows.iter().map(output::json_line).collect(),
            Format::Csv => Ok(csv(&rows)),
        }
    }
}

fn csv(rows: &[RemarkRow]) -> String {
    let header = ["name", "kind", "part", "by", "time", "state", "text", "why"];
    let cells = rows.iter().map(|row| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let head = [
            row.name.clone(),
            row.kind.to_owned(),
            row.part.clone(),
            row.by.clone(),
        ];
        let rest = [
            row.time.clone(),
            row.state.to_owned(),
            text(&row.text),
            text(&row.why),
        ];
        head.into_iter().chain(rest).collect()
    });
    output::csv(&header, &cells.collect::<Vec<Vec<String>>>())
}

fn told(context: &Context, noted: &Noted) -> Result<String, CommandError> {
    match context.format {
        Format::Table => Ok(format!(
            "{} {} on {}\n",
            noted.kind.trim_start_matches("report-"),
            noted.name,
            noted.part
        )),
        Format::Json => output::json(noted),
        Format::Jsonl => output::json_line(noted),
        Format::Csv => {
            let row = vec![
                noted.kind.to_owned(),
                noted.name.clone(),
                noted.part.clone(),
            ];
            Ok(output::csv(&["kind", "name", "part"], &[row]))
        }
    }
}
