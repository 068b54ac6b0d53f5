//! What an ingest brought, for people.

use std::path::Path;

use whither::ingest::{CoverageRow, End, Extent, Ingested};
use whither::text::{units, visible};

use super::{count, facts, wrapped};
use crate::style::Style;

/// Most entries of a list that are shown; JSON has them all.
const SHOWN_MAX: usize = 20;

/// The whole report.
pub fn render(ingested: &Ingested, store: &Path, dry_run: bool, style: Style) -> String {
    let store = visible(&store.display().to_string());
    let heading = match (dry_run, ingested.unchanged) {
        (true, _) => format!("Nothing was written to {store}: this was a dry run"),
        (false, true) => format!("The store {store} had all of it already"),
        (false, false) => format!("Taken into the store {store}"),
    };
    let whole = |number: u64| Some(units(&number.to_string(), 0));
    let some = |number: u64| whole(number).filter(|_| number > 0);
    let mut text = format!("{}\n\n", style.bold(&heading));
    text.push_str(&facts(&[
        ("chain", Some(ingested.chain.clone())),
        ("blocks", some(ingested.blocks)),
        ("transactions", whole(ingested.transactions)),
        ("inputs", some(ingested.inputs)),
        ("  of unknown value", some(ingested.unresolved_inputs)),
        ("outputs", some(ingested.outputs)),
        ("transfers", some(ingested.transfers)),
        (
            "fees",
            ingested
                .fees
                .as_ref()
                .map(|fees| fee(&ingested.chain, fees)),
        ),
        ("the store now has", heights(&ingested.extent)),
        ("  missing", gaps(&ingested.gaps)),
    ]));
    text.push_str(&list(
        "It promises to be complete",
        ingested.coverage.iter().map(promise).collect(),
        style,
    ));
    let skipped = ingested
        .skipped
        .iter()
        .map(|skipped| format!("{}: {}", skipped.place, skipped.why));
    text.push_str(&list("Passed over", skipped.collect(), style));
    let notes = ingested
        .notes
        .iter()
        .map(|note| format!("{}: {}", note.kind, note.what));
    text.push_str(&list(
        "To be said with every answer",
        notes.collect(),
        style,
    ));
    text
}

fn fee(chain: &str, fees: &str) -> String {
    let asset = chain
        .parse::<whither::Chain>()
        .ok()
        .and_then(|chain| chain.native_asset());
    asset.map_or_else(
        || fees.to_owned(),
        |asset| super::amount(asset.as_str(), fees),
    )
}

/// `heights 0 to 438`.
pub fn heights(extent: &Extent) -> Option<String> {
    let (first, last) = (extent.first?, extent.last?);
    Some(if first == last {
        format!("height {first}")
    } else {
        format!("heights {first} to {last}")
    })
}

/// The missing heights, the first few of them.
pub fn gaps(gaps: &[Extent]) -> Option<String> {
    let shown: Vec<String> = gaps.iter().take(SHOWN_MAX).filter_map(heights).collect();
    let more = gaps.len() - shown.len();
    let more = if more > 0 {
        format!(" and {}", count(more, "more gap", "more gaps"))
    } else {
        String::new()
    };
    (!gaps.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

fn promise(row: &CoverageRow) -> String {
    let end = |end: &Option<End>| match end {
        Some(End::Height(height)) => height.to_string(),
        Some(End::Time(time)) => time.clone(),
        None => "?".to_owned(),
    };
    let what = match row.kind {
        "addresses" => format!(
            "all rows of {}",
            count(row.addresses.len(), "address", "addresses")
        ),
        "rows" => "these rows and no others".to_owned(),
        kind => kind.to_owned(),
    };
    let internal = match (row.kind, row.internal) {
        ("rows", _) | (_, true) => "",
        _ => ", without transfers inside contract calls",
    };
    format!("{what}, {} to {}{internal}", end(&row.from), end(&row.to))
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
        text.push_str(&format!(
            "  and {}; `--json` lists all\n",
            count(lines.len() - SHOWN_MAX, "more", "more")
        ));
    }
    text
}
