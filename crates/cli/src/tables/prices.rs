//! Price series, for people.

use std::path::Path;

use whither::prices::{Gap, Imported, SeriesRow, Status};
use whither::text::{units, visible};

use super::{Side, Table, count, facts, wrapped};
use crate::style::Style;

/// Most entries of a list that are shown; JSON has them all.
const SHOWN_MAX: usize = 20;

/// What an import brought.
pub fn imported(imported: &Imported, store: &Path, dry_run: bool, style: Style) -> String {
    let store = visible(&store.display().to_string());
    let heading = match (dry_run, imported.unchanged) {
        (true, _) => format!("Nothing was written to {store}: this was a dry run"),
        (false, true) => format!("The store {store} had this series already"),
        (false, false) => format!("Kept in the store {store}"),
    };
    let series = &imported.series;
    let mut text = format!("{}\n\n", style.bold(&heading));
    text.push_str(&facts(&[
        (
            "prices of",
            Some(format!("{} in {}", series.asset, series.quote)),
        ),
        (
            "convention",
            Some(format!("{} (column {})", series.convention, series.column)),
        ),
        ("source", Some(series.source.clone())),
        ("licence", series.licence.clone()),
        (
            "decimals",
            series.decimals.map(|decimals| decimals.to_string()),
        ),
        ("file", Some(format!("sha256:{}", series.price_file))),
        ("version", Some(series.version.to_string())),
        ("rows", Some(units(&imported.rows.to_string(), 0))),
        ("days", days(series)),
        ("missing in between", missing(series)),
    ]));
    let skipped = imported.skipped.iter();
    let skipped = skipped.map(|row| format!("{}: {}", row.place, row.why));
    text.push_str(&list("Passed over", skipped.collect(), style));
    let remarks = imported.remarks.iter();
    let remarks = remarks.map(|remark| format!("{}: {}", remark.kind, remark.what));
    text.push_str(&list("To look at", remarks.collect(), style));
    text
}

fn days(series: &SeriesRow) -> Option<String> {
    let (first, last) = (series.first.as_ref()?, series.last.as_ref()?);
    let days = count(series.days, "day", "days");
    Some(format!("{days}, {first} to {last}"))
}

/// The missing days, the first few of them.
fn missing(series: &SeriesRow) -> Option<String> {
    let shown = |gap: &Gap| match gap {
        Gap { first, last } if first == last => first.clone(),
        Gap { first, last } => format!("{first} to {last}"),
    };
    let gaps: Vec<String> = series.gaps.iter().take(3).map(shown).collect();
    let more = if series.gaps.len() > gaps.len() {
        ", …"
    } else {
        ""
    };
    let days = usize::try_from(series.missing_days).unwrap_or(usize::MAX);
    let days = count(days, "day", "days");
    let several = count(series.gaps.len(), "gap", "gaps");
    (!gaps.is_empty()).then(|| format!("{days} in {several}: {}{more}", gaps.join(", ")))
}

fn list(heading: &str, lines: Vec<String>, style: Style) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n\n", style.bold(heading));
    for line in lines.iter().take(SHOWN_MAX) {
        text.push_str(&wrapped(&format!("  - {line}"), "    "));
    }
    if lines.len() > SHOWN_MAX {
        let more = count(lines.len() - SHOWN_MAX, "more", "more");
        text.push_str(&format!("  and {more}; `--json` lists all\n"));
    }
    text
}

/// The series of a store.
pub fn status(status: &Status, store: &Path, style: Style) -> String {
    let mut text = facts(&[("store", Some(store.display().to_string()))]);
    if status.series.is_empty() {
        text.push_str("\nIt has no prices: `whither prices import FILE` brings some in.\n");
        return text;
    }
    let mut table = Table::new(&[
        (Side::Left, "asset"),
        (Side::Left, "in"),
        (Side::Left, "convention"),
        (Side::Left, "source"),
        (Side::Right, "days"),
        (Side::Left, "first"),
        (Side::Left, "last"),
        (Side::Right, "missing"),
        (Side::Right, "version"),
        (Side::Left, "file"),
    ]);
    for row in &status.series {
        let series = &row.series;
        let version = if row.in_force {
            series.version.to_string()
        } else {
            format!("{}, replaced", series.version)
        };
        table.row(&[
            &series.asset,
            &series.quote,
            &series.convention,
            &series.source,
            &units(&series.days.to_string(), 0),
            series.first.as_deref().unwrap_or_default(),
            series.last.as_deref().unwrap_or_default(),
            &units(&series.missing_days.to_string(), 0),
            &version,
            &series.price_file,
        ]);
    }
    text.push_str(&format!("\n{}", table.render(style)));
    text
}
