//! What happens to a report between its first draft and its last edition: comments, rulings, answers of those named,
//! redlines.
//!
//! All of it is claims in the case. A part is named by its name, which stays when numbers change.

use std::path::Path;

use serde::Serialize;
use whither_casework::claims::{Body, Comment, Outcome, Reply, Ruling};
use whither_casework::{Case, Date, Marks, Statement, Word};
use whither_report::document::{Document, Mark, Numbers, parse, redline};
use whither_report::edition::Remark;

use super::draft::text_of;
use crate::error::Error;
use crate::incidents::write;
use crate::recorder::Recorder;

/// What is said of a part of a report.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The part, by its name, or a paragraph by its number.
    pub part: String,
    /// Who says so, or who is named there.
    pub by: Option<String>,
    /// What.
    pub text: Option<String>,
    /// When those who are named were asked.
    pub asked: Option<String>,
    /// When they answered.
    pub answered: Option<String>,
}

/// What was written about a report (`whither.report-remark/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Noted {
    schema: &'static str,
    /// The report.
    pub report: String,
    /// The kind of claim.
    pub kind: &'static str,
    /// The name of the comment or the reply.
    pub name: String,
    /// The part.
    pub part: String,
}

/// A part by its name, or a paragraph of the body by its number.
fn part(document: &Document, asked: &str) -> Result<Word, Error> {
    let numbers = Numbers::of(document);
    let by_number = || {
        let found = numbers
            .by_id
            .iter()
            .find(|(_, it)| it.word == "paragraph" && it.label == asked);
        found.map(|(id, _)| id.as_str())
    };
    let known = numbers.by_id.contains_key(asked).then_some(asked);
    let found = known.or_else(by_number).ok_or_else(|| {
        Error::new(format!("the report has no part {asked:?}")).with_hint(
            "name a part by its name, or a paragraph by its number; `whither report show NAME --to source` shows the names",
        )
    })?;
    Word::new(found).map_err(Error::new)
}

fn word(name: &str) -> Result<Word, Error> {
    Word::new(name).map_err(Error::new)
}

fn keep(dir: &Path, recorder: &Recorder, body: Body) -> Result<(), Error> {
    let statement = Statement {
        handle: None,
        marks: Marks::default(),
        body,
    };
    write(dir, recorder, vec![statement.says().map_err(Error::new)?])
}

/// A name that is not taken: `c-1`, `c-2`, …
fn free(letter: char, taken: impl Iterator<Item = String>) -> String {
    let taken: Vec<String> = taken.collect();
    let names = (1..).map(|number| format!("{letter}-{number}"));
    let mut names = names.filter(|name| !taken.contains(name));
    names.next().unwrap_or_default()
}

/// Records a comment on a part of the last revision.
///
/// # Errors
/// Where there is no such report or part, or nothing is said.
pub fn comment(dir: &Path, recorder: &Recorder, report: &str, said: &Said) -> Result<Noted, Error> {
    let case = Case::open(dir)?;
    let last = text_of(&case, report, None)?;
    let part = part(&parse(&last.text).0, &said.part)?;
    let of_it = case
        .comments()
        .filter(|(_, it)| it.report.as_str() == report);
    let name = free('c', of_it.map(|(_, it)| it.comment.to_string()));
    let noted = Noted {
        schema: "whither.report-remark/1",
        report: report.to_owned(),
        kind: "report-comment",
        name: name.clone(),
        part: part.to_string(),
    };
    let body = Comment {
        report: word(report)?,
        comment: word(&name)?,
        revision: last.revision,
        part,
        by: said.by.clone(),
        text: said.text.clone().unwrap_or_default(),
    };
    keep(dir, recorder, Body::Comment(body))?;
    Ok(noted)
}

/// Accepts or rejects a comment, and says why.
///
/// # Errors
/// Where there is no such comment, or it was ruled on already.
pub fn rule(
    dir: &Path,
    recorder: &Recorder,
    (report, comment): (&str, &str),
    (accepted, why): (bool, &str),
) -> Result<Noted, Error> {
    let case = Case::open(dir)?;
    let mut comments = case.comments();
    let found =
        comments.find(|(_, it)| it.report.as_str() == report && it.comment.as_str() == comment);
    let Some((_, found)) = found else {
        return Err(
            Error::new(format!("report {report:?} has no comment {comment:?}"))
                .with_hint("`whither report comments NAME` lists them"),
        );
    };
    let mut rulings = case.rulings();
    if rulings.any(|(_, it)| it.report.as_str() == report && it.comment.as_str() == comment) {
        return Err(
            Error::new(format!("comment {comment:?} was ruled on already")).with_hint(
                "strike that ruling first: `whither evidence list --kind report-ruling`",
            ),
        );
    }
    let body = Ruling {
        report: word(report)?,
        comment: word(comment)?,
        outcome: if accepted {
            Outcome::Accepted
        } else {
            Outcome::Rejected
        },
        why: why.to_owned(),
    };
    keep(dir, recorder, Body::Ruling(body))?;
    Ok(Noted {
        schema: "whither.report-remark/1",
        report: report.to_owned(),
        kind: "report-ruling",
        name: comment.to_owned(),
        part: found.part.to_string(),
    })
}

/// Records that somebody who is named was asked, and what they answered, if they did.
///
/// # Errors
/// Where there is no such report or part, a date is none, or it was answered before it was asked.
pub fn reply(dir: &Path, recorder: &Recorder, report: &str, said: &Said) -> Result<Noted, Error> {
    let case = Case::open(dir)?;
    let last = text_of(&case, report, None)?;
    let part = part(&parse(&last.text).0, &said.part)?;
    let date = |option: &str, text: &str| {
        Date::new(text).map_err(|error| {
            Error::new(error).with_hint(format!("`{option}` takes a day, like 2020-09-02"))
        })
    };
    let asked = said.asked.as_deref().unwrap_or_default();
    let of_it = case
        .replies()
        .filter(|(_, it)| it.report.as_str() == report);
    let name = free('r', of_it.map(|(_, it)| it.reply.to_string()));
    let noted = Noted {
        schema: "whither.report-remark/1",
        report: report.to_owned(),
        kind: "report-reply",
        name: name.clone(),
        part: part.to_string(),
    };
    let answered = said.answered.as_deref();
    let body = Reply {
        report: word(report)?,
        reply: word(&name)?,
        part,
        of: said.by.clone().unwrap_or_default(),
        asked: date("--asked", asked)?,
        answered: answered.map(|text| date("--answered", text)).transpose()?,
        text: said.text.clone(),
    };
    keep(dir, recorder, Body::Reply(body))?;
    Ok(noted)
}

/// A comment and what became of it, or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemarkRow {
    /// Its name.
    pub name: String,
    /// `comment` or `reply`.
    pub kind: &'static str,
    /// The part, by its name.
    pub part: String,
    /// The revision that was commented on.
    pub revision: Option<u32>,
    /// Who says so, or who is named.
    pub by: String,
    /// When it was recorded.
    pub time: String,
    /// What (hostile text).
    pub text: Option<String>,
    /// `accepted`, `rejected` or `open`; of a reply `answered` or `asked`.
    pub state: &'static str,
    /// Why, or when.
    pub why: Option<String>,
}

/// What was said of a report, in the order in which it was.
#[must_use]
pub fn remarks(case: &Case, report: &str) -> Vec<RemarkRow> {
    let comments = case
        .comments()
        .filter(|(_, it)| it.report.as_str() == report);
    let comments = comments.map(|(claim, it)| {
        let mut rulings = case.rulings();
        let ruling =
            rulings.find(|(_, ruling)| ruling.report == it.report && ruling.comment == it.comment);
        RemarkRow {
            name: it.comment.to_string(),
            kind: "comment",
            part: it.part.to_string(),
            revision: Some(it.revision),
            by: it.by.clone().unwrap_or_else(|| claim.author.to_string()),
            time: claim.time.to_string(),
            text: Some(it.text.clone()),
            state: ruling.map_or("open", |(_, ruling)| ruling.outcome.word()),
            why: ruling.map(|(_, ruling)| ruling.why.clone()),
        }
    });
    let replies = case
        .replies()
        .filter(|(_, it)| it.report.as_str() == report);
    let replies = replies.map(|(claim, it)| RemarkRow {
        name: it.reply.to_string(),
        kind: "reply",
        part: it.part.to_string(),
        revision: None,
        by: it.of.clone(),
        time: claim.time.to_string(),
        text: it.text.clone(),
        state: if it.answered.is_some() {
            "answered"
        } else {
            "asked"
        },
        why: Some(match &it.answered {
            Some(answered) => format!("asked on {}, answered on {answered}", it.asked),
            None => format!("asked on {}, no answer so far", it.asked),
        }),
    });
    let mut all: Vec<RemarkRow> = comments.chain(replies).collect();
    all.sort_by(|a, b| (&a.time, &a.name).cmp(&(&b.time, &b.name)));
    all
}

/// The same, as a rendering has them.
#[must_use]
pub fn as_remarks(rows: &[RemarkRow]) -> Vec<Remark> {
    let remark = |row: &RemarkRow| Remark {
        part: row.part.clone(),
        head: format!("{} {} by {}, {}:", row.kind, row.name, row.by, row.state),
        text: [row.text.as_deref(), row.why.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" — "),
    };
    rows.iter().map(remark).collect()
}

/// Two revisions compared (`whither.report-redline/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    schema: &'static str,
    /// The report.
    pub report: String,
    /// The earlier revision.
    pub from: u32,
    /// The later one.
    pub to: u32,
    /// Parts that are not the same, in the order of the later revision.
    pub changes: Vec<ChangeRow>,
    /// How many are the same.
    pub same: usize,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeRow {
    /// Its name.
    pub part: String,
    /// What it is and its number, before and after.
    pub was: Option<String>,
    /// The same after.
    pub is: Option<String>,
    /// `added`, `removed`, `changed` or `same` (moved).
    pub change: &'static str,
    /// Whether it stands elsewhere.
    pub moved: bool,
    /// Its words: `same`, `removed` or `added`, and the text.
    pub words: Vec<(&'static str, String)>,
}

/// Compares two revisions of a report.
///
/// # Errors
/// Where there is no such report or revision.
pub fn compare(case: &Case, report: &str, from: u32, to: u32) -> Result<Compared, Error> {
    let read = |revision| Ok::<_, Error>(parse(&text_of(case, report, Some(revision))?.text).0);
    let found = redline(&read(from)?, &read(to)?);
    let same = found.count(Mark::Same);
    let changes = found
        .changes
        .into_iter()
        .filter(|change| change.mark != Mark::Same || change.moved);
    let row = |change: whither_report::document::Change| {
        let [was, is] = change.labels;
        let words = change.words.into_iter();
        ChangeRow {
            part: change.name,
            was,
            is,
            change: change.mark.word(),
            moved: change.moved,
            words: words.map(|(mark, text)| (mark.word(), text)).collect(),
        }
    };
    Ok(Compared {
        schema: "whither.report-redline/1",
        report: report.to_owned(),
        from,
        to,
        changes: changes.map(row).collect(),
        same,
    })
}
