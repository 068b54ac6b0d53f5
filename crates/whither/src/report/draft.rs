//! Revisions of a report in the case: the first, the next, and one of them again.

use std::path::Path;

use serde::Serialize;
use whither_casework::claims::{Body, Draft};
use whither_casework::{Case, Hash, Marks, Statement, Word};
use whither_report::document::{Document, parse, source, with_ids};

use crate::error::Error;
use crate::incidents::write;
use crate::recorder::Recorder;

/// A revision that was written (`whither.report-draft/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    schema: &'static str,
    /// The report.
    pub report: String,
    /// The revision, from 1.
    pub revision: u32,
    /// How many paragraphs its body has.
    pub paragraphs: usize,
    /// How many references it has.
    pub references: usize,
    /// The names that parts were given which had none.
    pub named: Vec<String>,
}

/// A revision of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Which, from 1.
    pub revision: u32,
    /// Its text.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub time: String,
    /// What was changed, and why.
    pub note: Option<String>,
}

/// The revisions of a report, in order.
///
/// # Errors
/// Where the case has no report of that name, or two authors wrote a revision of one number.
pub fn revisions(case: &Case, report: &str) -> Result<Vec<Revision>, Error> {
    let of_it = case
        .drafts()
        .filter(|(_, draft)| draft.report.as_str() == report);
    let mut all: Vec<Revision> = of_it
        .map(|(claim, draft)| Revision {
            revision: draft.revision,
            text: draft.text.clone(),
            author: claim.author.to_string(),
            time: claim.time.to_string(),
            note: draft.note.clone(),
        })
        .collect();
    all.sort_by_key(|revision| revision.revision);
    if let Some(pair) = all
        .windows(2)
        .find(|pair| pair[0].revision == pair[1].revision)
    {
        return Err(Error::new(format!(
            "revision {} of report {report:?} was written by {} and by {}",
            pair[0].revision, pair[0].author, pair[1].author
        ))
        .with_hint("strike one of them by `whither evidence retract`, and revise the other"));
    }
    if all.is_empty() {
        let mut names: Vec<&str> = case
            .drafts()
            .map(|(_, draft)| draft.report.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        let hint = if names.is_empty() {
            "`whither report draft NAME FILE` writes the first revision".to_owned()
        } else {
            format!("it has {}", names.join(", "))
        };
        return Err(Error::new(format!("the case has no report {report:?}")).with_hint(hint));
    }
    Ok(all)
}

/// A revision of a report by its number; the last where none is given.
///
/// # Errors
/// As [`revisions`], and where there is no such revision.
pub fn text_of(case: &Case, report: &str, revision: Option<u32>) -> Result<Revision, Error> {
    let mut all = revisions(case, report)?;
    let last = all.len();
    match revision {
        None => all
            .pop()
            .ok_or_else(|| Error::new("the report has no revision")),
        Some(number) => {
            let found = all.into_iter().find(|revision| revision.revision == number);
            found.ok_or_else(|| {
                Error::new(format!("report {report:?} has no revision {number}"))
                    .with_hint(format!("it has {last}"))
            })
        }
    }
}

/// Reads a text that is to be kept: what has no form is refused, with its first fault.
fn sound(text: &str) -> Result<Document, Error> {
    let (document, faults) = parse(text);
    match faults.first() {
        None => Ok(document),
        Some(fault) => Err(Error::new(format!(
            "line {}, column {}: {}{}",
            fault.place.line,
            fault.place.column,
            fault.what,
            match faults.len() {
                1 => String::new(),
                more => format!(" (and {} faults more)", more - 1),
            }
        ))
        .with_hint(&fault.hint)),
    }
}

/// Writes the first revision of a report.
///
/// # Errors
/// Where the text is none, the name is no word, or there is a report of that name.
pub fn draft(
    dir: &Path,
    recorder: &Recorder,
    (report, text): (&str, &str),
    note: Option<&str>,
) -> Result<Written, Error> {
    let case = Case::open(dir)?;
    if case
        .drafts()
        .any(|(_, draft)| draft.report.as_str() == report)
    {
        return Err(
            Error::new(format!("the case has a report {report:?} already")).with_hint(format!(
                "`whither report revise {report} FILE` writes its next revision"
            )),
        );
    }
    keep(dir, recorder, (report, 1), sound(text)?, note)
}

/// Writes the next revision of a report.
///
/// # Errors
/// Where the text is none or the same as before, or the case has no such report.
pub fn revise(
    dir: &Path,
    recorder: &Recorder,
    (report, text): (&str, &str),
    note: Option<&str>,
) -> Result<Written, Error> {
    let last = text_of(&Case::open(dir)?, report, None)?;
    let document = sound(text)?;
    if source(&document) == last.text {
        return Err(
            Error::new(format!("the text is that of revision {}", last.revision))
                .with_hint("there is nothing to write"),
        );
    }
    keep(dir, recorder, (report, last.revision + 1), document, note)
}

fn keep(
    dir: &Path,
    recorder: &Recorder,
    (report, revision): (&str, u32),
    document: Document,
    note: Option<&str>,
) -> Result<Written, Error> {
    let before: Vec<String> = document
        .blocks
        .iter()
        .map(|block| block.id.clone())
        .collect();
    let document = with_ids(document, &|text| {
        Hash::of(text.as_bytes()).to_string()[..8].to_owned()
    });
    let after = document.blocks.iter().map(|block| block.id.clone());
    let named = before
        .iter()
        .zip(after)
        .filter(|(before, _)| before.is_empty());
    let named = named.map(|(_, after)| after).collect();
    let statement = Statement {
        handle: None,
        marks: Marks::default(),
        body: Body::Draft(Draft {
            report: Word::new(report).map_err(|error| {
                Error::new(error).with_hint("name a report like `final-2026`: a-z, 0-9 and hyphens")
            })?,
            revision,
            text: source(&document),
            note: note.map(ToOwned::to_owned),
        }),
    };
    write(dir, recorder, vec![statement.says().map_err(Error::new)?])?;
    Ok(Written {
        schema: "whither.report-draft/1",
        report: report.to_owned(),
        revision,
        paragraphs: whither_report::document::Numbers::of(&document).paragraphs,
        references: document.references().len(),
        named,
    })
}

/// A text that is kept, read again. What is kept has been read before.
#[must_use]
pub fn read(text: &str) -> Document {
    parse(text).0
}

/// The reports of a case (`whither.report-list/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    schema: &'static str,
    /// By their names.
    pub reports: Vec<ReportRow>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportRow {
    /// Its name.
    pub report: String,
    /// Its revisions, in order.
    pub revisions: Vec<RevisionRow>,
    /// Its editions, in the order in which they were given out.
    pub editions: Vec<EditionRow>,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevisionRow {
    /// Which, from 1.
    pub revision: u32,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub time: String,
    /// What was changed, and why (hostile text).
    pub note: Option<String>,
}

/// An edition that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditionRow {
    /// Its name.
    pub edition: String,
    /// For whom.
    pub audience: String,
    /// Of which revision.
    pub revision: u32,
    /// The most closed mark that it shows.
    pub ceiling: String,
    /// The pieces that it withholds.
    pub withheld: Vec<String>,
    /// When it was given out.
    pub time: String,
}

/// The reports of a case.
#[must_use]
pub fn list(case: &Case) -> Listed {
    let mut names: Vec<&str> = case.drafts().map(|(_, it)| it.report.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let report = |name: &str| {
        let drafts = case.drafts().filter(|(_, it)| it.report.as_str() == name);
        let mut revisions: Vec<RevisionRow> = drafts
            .map(|(claim, it)| RevisionRow {
                revision: it.revision,
                author: claim.author.to_string(),
                time: claim.time.to_string(),
                note: it.note.clone(),
            })
            .collect();
        revisions.sort_by_key(|row| row.revision);
        let editions = case.editions().filter(|(_, it)| it.report.as_str() == name);
        let editions = editions.map(|(claim, it)| EditionRow {
            edition: it.edition.to_string(),
            audience: it.audience.clone(),
            revision: it.revision,
            ceiling: it.ceiling.clone(),
            withheld: it
                .withheld
                .iter()
                .map(|piece| piece.piece.clone())
                .collect(),
            time: claim.time.to_string(),
        });
        ReportRow {
            report: name.to_owned(),
            editions: editions.collect(),
            revisions,
        }
    };
    Listed {
        schema: "whither.report-list/1",
        reports: names.into_iter().map(report).collect(),
    }
}

/// A text to start from: the case's incidents, saved findings and assessments, each already referred to.
#[must_use]
pub fn start(case: &Case, title: Option<&str>) -> String {
    let mut out = format!(
        "---\ntitle: {}\ndistribution: Restricted\nlanguage: English\n---\n\n# Introduction {{#introduction}}\n\n\
         This report rests on the case and on nothing else: each figure in it is computed. {{#basis}}\n",
        title.unwrap_or(case.name()).replace('\n', " ")
    );
    let mut incidents: Vec<(&str, Option<&str>)> = case
        .incidents()
        .map(|(_, said)| (said.incident.as_str(), said.title.as_deref()))
        .collect();
    incidents.sort_unstable();
    incidents.dedup_by_key(|(id, _)| id.to_owned());
    if !incidents.is_empty() {
        out.push_str("\n# Thefts {#thefts}\n");
    }
    for (id, _) in incidents.iter().take(100) {
        out.push_str(&format!(
            "\n{{incident:{id}#victim}} lost {{incident:{id}#stolen}} on {{incident:{id}#date}}. {{#theft-{id}}}\n"
        ));
    }
    let traces: Vec<&str> = case
        .findings()
        .filter(|(_, finding)| finding.command == "trace")
        .map(|(_, finding)| finding.finding.as_str())
        .collect();
    if !traces.is_empty() {
        out.push_str("\n# Where the money went {#where}\n");
    }
    for name in traces {
        out.push_str(&format!(
            "\nThe trace followed {{finding:{name}#totals.0.origin}} to {{finding:{name}#endpoints.count}} endpoints. {{#trace-{name}}}\n\n\
             ::: figure waterfall finding:{name} #waterfall-{name}\nCaption: Where it was last seen\nSource: The case\n:::\n"
        ));
    }
    let mut assessed: Vec<(&str, &str)> = case
        .hypotheses()
        .map(|(_, said)| (said.incident.as_str(), said.hypothesis.as_str()))
        .collect();
    assessed.sort_unstable();
    assessed.dedup();
    if !assessed.is_empty() {
        out.push_str("\n# Who did it {#who}\n");
    }
    for (incident, hypothesis) in assessed {
        out.push_str(&format!(
            "\n{{assessment:{incident}/{hypothesis}#sentence}} {{#who-{incident}-{hypothesis}}}\n"
        ));
    }
    out
}
