//! Tables of incidents into a case (`whither.incident-import/1`), and single incidents by the same rules.
//!
//! What the case says already is not said again, so that importing a file twice changes nothing. All claims of a table
//! are written at once, after every row was judged.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use whither_casework::claims::{Body, Claim, Statement};
use whither_casework::import::{
    self as table, Flaw, Known as KnownIncident, MISSING, Reading, Rules,
};
use whither_casework::incidents::{IncidentView, Kept};
use whither_casework::{Case, Day, Says, Technique};

use crate::error::Error;

/// How a table is imported.
pub struct Options {
    /// What the table is called, for the report.
    pub file: String,
    /// Who says it, where a row names nobody.
    pub source: Option<String>,
    /// Today, as `YYYY-MM-DD`: what is later is in the future.
    pub today: String,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// What came of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// `whither.incident-import/1`.
    pub schema: &'static str,
    /// What the table is called.
    pub file: String,
    /// Whether nothing was written because that was asked for.
    pub dry_run: bool,
    /// Rows below the header that are not empty.
    pub rows: usize,
    /// Rows that came in.
    pub imported: usize,
    /// Rows that did not.
    pub refused_rows: usize,
    /// Every error, by line; its row did not come in.
    pub refused: Vec<Flaw>,
    /// What came in and should be looked at.
    pub warnings: Vec<Flaw>,
    /// The incidents of the table.
    pub incidents: Vec<ImportedIncident>,
    /// How many claims are new to the case.
    pub claims_new: usize,
    /// How many claims the case had already.
    pub claims_known: usize,
}

/// An incident of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedIncident {
    /// Its id.
    pub incident: String,
    /// The lines of its rows.
    pub lines: Vec<u64>,
    /// Whether the case did not have it.
    pub is_new: bool,
    /// How many claims of it are new.
    pub claims_new: usize,
    /// How many claims of it the case had already.
    pub claims_known: usize,
}

/// Reads a table against a case: what came of it, and what there is to write.
///
/// # Errors
/// Where the bytes are no table of incidents; nothing is to be written then.
pub fn import(
    case: &Case,
    bytes: &[u8],
    options: &Options,
) -> Result<(Imported, Vec<Says>), Error> {
    let (known, views) = Kept::with_views(case);
    let compared: Vec<KnownIncident> = known
        .folded
        .iter()
        .map(|folded| KnownIncident {
            traits: folded.traits(),
        })
        .collect();
    let today = Day::parse(&options.today)
        .ok_or_else(|| Error::new(format!("{:?} is not a day", options.today)))?;
    let shipped = |id: &str| Technique::find(id).is_ok();
    let rules = Rules {
        today,
        source: options.source.clone(),
        techniques: Some(&shipped),
        known: &compared,
    };
    let reading = table::read(bytes, &rules).map_err(|why| {
        Error::new(format!("{}: {why}", options.file))
            .with_hint("docs/reference/incidents.md names the columns; nothing was written")
    })?;
    against(case, &views, reading, options)
}

/// Tells what is new to the case.
fn against(
    case: &Case,
    known: &[IncidentView],
    reading: Reading,
    options: &Options,
) -> Result<(Imported, Vec<Says>), Error> {
    let told: BTreeSet<&str> = reading
        .incidents
        .iter()
        .map(|told| told.incident.as_str())
        .collect();
    let said = said(case, &told)?;
    let has: BTreeSet<&str> = known
        .iter()
        .flat_map(|view| view.also.iter().chain([&view.incident]))
        .map(String::as_str)
        .collect();
    let (mut incidents, mut writes) = (Vec::new(), Vec::new());
    for told in &reading.incidents {
        let id = told.incident.as_str();
        let mut fresh = Vec::new();
        for statement in &told.statements {
            if !said.contains(&text(statement)?) {
                fresh.push(statement.says().map_err(Error::new)?);
            }
        }
        incidents.push(ImportedIncident {
            incident: id.to_owned(),
            lines: told.lines.clone(),
            is_new: !has.contains(id),
            claims_new: fresh.len(),
            claims_known: told.statements.len() - fresh.len(),
        });
        writes.extend(fresh);
    }
    let imported = Imported {
        schema: "whither.incident-import/1",
        file: options.file.clone(),
        dry_run: options.dry_run,
        rows: reading.rows,
        imported: reading.imported,
        refused_rows: reading.rows - reading.imported,
        claims_new: incidents.iter().map(|incident| incident.claims_new).sum(),
        claims_known: incidents.iter().map(|incident| incident.claims_known).sum(),
        refused: reading.refused,
        warnings: reading.warnings,
        incidents,
    };
    Ok((imported, writes))
}

/// What the case says of some incidents, as texts that are equal where statements are.
fn said(case: &Case, incidents: &BTreeSet<&str>) -> Result<BTreeSet<String>, Error> {
    let about = |claim: &&Claim| match &claim.body {
        Body::Incident(said) => incidents.contains(said.incident.as_str()),
        Body::Loss(said) => incidents.contains(said.incident.as_str()),
        Body::Attribution(said) => incidents.contains(said.incident.as_str()),
        _ => false,
    };
    let statements = case.claims().iter().filter(about).map(|claim| {
        text(&Statement {
            handle: claim.handle.clone(),
            marks: claim.marks.clone(),
            body: claim.body.clone(),
        })
    });
    statements.collect()
}

fn text(statement: &Statement) -> Result<String, Error> {
    let payload = statement.payload().map_err(Error::new)?;
    Ok(format!(
        "{} {}",
        statement.body.kind_word(),
        payload.canonical()
    ))
}

/// A row of a table, by the names of its columns.
pub type Row = BTreeMap<&'static str, String>;

/// Claims an incident that is told in words of the command line, by the rules of a table.
///
/// # Errors
/// Every fault of what is told; nothing is to be written then.
pub fn add(case: &Case, rows: &[Row], options: &Options) -> Result<(Imported, Vec<Says>), Error> {
    let columns: BTreeSet<&str> = rows.iter().flat_map(|row| row.keys().copied()).collect();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = columns
        .iter()
        .map(|column| quoted(column))
        .collect::<Vec<_>>()
        .join(",");
    for row in rows {
        text.push('\n');
        let cells = columns
            .iter()
            .map(|column| quoted(row.get(column).map_or("", String::as_str)));
        text.push_str(&cells.collect::<Vec<_>>().join(","));
    }
    let (mut imported, writes) = import(case, text.as_bytes(), options)?;
    // What was stolen may have been told before, or be told later.
    imported.warnings.retain(|flaw| flaw.why != MISSING);
    if imported.refused.is_empty() {
        return Ok((imported, writes));
    }
    let faults = imported.refused.iter().map(|flaw| {
        let place = flaw
            .column
            .as_ref()
            .map(|column| format!("{column}: "))
            .unwrap_or_default();
        let value = flaw
            .value
            .as_ref()
            .map(|value| format!("{value:?}: "))
            .unwrap_or_default();
        format!("{place}{value}{}", flaw.why)
    });
    let faults: BTreeSet<String> = faults.collect();
    Err(
        Error::new(faults.into_iter().collect::<Vec<_>>().join("\n")).with_hint(
            "`whither help incident add` tells what each option takes; nothing was written",
        ),
    )
}
