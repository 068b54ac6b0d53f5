//! What came of a table of incidents.

use whither::incidents::{Flaw, Imported};

use crate::style::Style;
use crate::tables::{Side, Table, count, facts};

/// The report of a table.
pub fn render(imported: &Imported, style: Style) -> String {
    let done = if imported.dry_run {
        "Would import"
    } else {
        "Imported"
    };
    let mut text = format!("{}\n\n", style.bold(&format!("{done} {}", imported.file)));
    text.push_str(&facts(&[
        (
            "rows",
            Some(format!("{} of {}", imported.imported, imported.rows)),
        ),
        (
            "refused",
            (imported.refused_rows > 0).then(|| count(imported.refused_rows, "row", "rows")),
        ),
        (
            "incidents",
            Some(count(imported.incidents.len(), "incident", "incidents")),
        ),
        ("claims", Some(claims(imported))),
    ]));
    text.push_str(&flaws(
        "Refused: these rows did not come in",
        &imported.refused,
        style,
    ));
    text.push_str(&flaws("Warnings: these came in", &imported.warnings, style));
    text
}

fn claims(imported: &Imported) -> String {
    match (imported.claims_new, imported.claims_known) {
        (0, 0) => "none".to_owned(),
        (0, known) => format!("none new: the case has all {known} of them"),
        (new, 0) => format!("{new} new"),
        (new, known) => format!("{new} new, {known} that the case has"),
    }
}

fn flaws(title: &str, flaws: &[Flaw], style: Style) -> String {
    if flaws.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        (Side::Right, "line"),
        (Side::Left, "column"),
        (Side::Left, "value"),
        (Side::Left, "why"),
    ]);
    for flaw in flaws {
        let value: String = flaw
            .value
            .clone()
            .unwrap_or_default()
            .chars()
            .take(60)
            .collect();
        table.row(&[
            flaw.line.to_string(),
            flaw.column.clone().unwrap_or_default(),
            value,
            flaw.why.clone(),
        ]);
    }
    format!("\n{}\n\n{}", style.bold(title), table.render(style))
}

/// What came of an incident that was told on the command line.
pub fn render_added(imported: &Imported, style: Style) -> String {
    let incident = imported
        .incidents
        .first()
        .map_or("", |incident| incident.incident.as_str());
    let done = if imported.dry_run {
        "Would claim"
    } else {
        "Claimed"
    };
    let mut text = format!("{done} {}: {}\n", incident, claims(imported));
    let mut table = Table::new(&[
        (Side::Left, "option"),
        (Side::Left, "value"),
        (Side::Left, "why"),
    ]);
    for flaw in &imported.warnings {
        table.row(&[
            flaw.column.clone().unwrap_or_default(),
            flaw.value.clone().unwrap_or_default(),
            flaw.why.clone(),
        ]);
    }
    if !table.is_empty() {
        text.push_str(&format!(
            "\n{}\n\n{}",
            style.bold("To be looked at"),
            table.render(style)
        ));
    }
    text
}
