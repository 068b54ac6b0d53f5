//! Incidents, a line each.

use whither::incidents::{Held, IncidentLine, Incidents};

use super::{caveats, held, usd_if_any};
use crate::output;
use crate::style::Style;
use crate::tables::{Side, Table, count};

/// The incidents as a table.
pub fn render(incidents: &Incidents, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "date"),
        (Side::Left, "incident"),
        (Side::Left, "victim"),
        (Side::Left, "sector"),
        (Side::Left, "actor"),
        (Side::Right, "claimed USD"),
        (Side::Left, "stolen"),
        (Side::Right, "claims"),
        (Side::Right, "conflicts"),
    ]);
    for line in &incidents.incidents {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row(&[
            text(&line.date),
            line.incident.clone(),
            line.victim
                .clone()
                .or_else(|| line.title.clone())
                .unwrap_or_default(),
            text(&line.sector),
            line.actors.join(", "),
            usd_if_any(line.usd),
            stolen(line),
            line.claims.to_string(),
            if line.conflicts == 0 {
                String::new()
            } else {
                line.conflicts.to_string()
            },
        ]);
    }
    let head = style.bold(&count(incidents.incidents.len(), "incident", "incidents"));
    let rows = if table.is_empty() {
        String::new()
    } else {
        format!("\n{}", table.render(style))
    };
    format!("{head}\n{rows}{}", caveats(&incidents.caveats, style))
}

/// The first asset, and how many more there are.
fn stolen(line: &IncidentLine) -> String {
    let more = line.stolen.len().saturating_sub(1);
    let first = line.stolen.first().map(held).unwrap_or_default();
    if more == 0 {
        first
    } else {
        format!("{first} and {more} more")
    }
}

/// The incidents as CSV.
pub fn csv(incidents: &Incidents) -> String {
    let header = [
        "incident",
        "date",
        "title",
        "victim",
        "sector",
        "actors",
        "vectors",
        "chains",
        "usd",
        "min",
        "max",
        "stolen",
        "claims",
        "conflicts",
    ];
    let rows = incidents.incidents.iter().map(|line| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let usd = |value: Option<whither::incidents::Decimals>| {
            value
                .map(|value| value.0.normalize().to_string())
                .unwrap_or_default()
        };
        let quantity = |held: &Held| format!("{} {}", held.quantity, held.name());
        vec![
            line.incident.clone(),
            text(&line.date),
            text(&line.title),
            text(&line.victim),
            text(&line.sector),
            line.actors.join(";"),
            line.vectors.join(";"),
            line.chains.join(";"),
            usd(line.usd),
            usd(line.min),
            usd(line.max),
            line.stolen
                .iter()
                .map(quantity)
                .collect::<Vec<_>>()
                .join(";"),
            line.claims.to_string(),
            line.conflicts.to_string(),
        ]
    });
    output::csv(&header, &rows.collect::<Vec<_>>())
}
