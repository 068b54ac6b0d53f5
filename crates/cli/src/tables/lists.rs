//! Lists, their versions and differences, for people.

use whither::lists::{Imported, ListDiff, ListsStatus};
use whither::text::visible;

use super::{Side, Table, wrapped};
use crate::style::Style;

/// The most of one thing that a table shows; JSON has all.
const SHOWN_MAX: usize = 20;

/// What was brought in.
pub fn imported(imported: &Imported, style: Style) -> String {
    let mut text = String::new();
    for list in &imported.lists {
        let version = &list.version;
        let state = if list.unchanged {
            ", which the store holds already"
        } else {
            ""
        };
        text.push_str(&format!(
            "{} of {} ({}){state}\n",
            style.bold(&visible(&version.list)),
            version.date,
            version.date_basis
        ));
        text.push_str(&format!(
            "  {}, {}, {}\n",
            count(version.entries, "entry", "entries"),
            count(version.names, "name", "names"),
            count(list.addresses, "address", "addresses")
        ));
        for caveat in &list.caveats {
            text.push_str(&wrapped(&format!("  {caveat}"), "    "));
        }
        let strange = version.unknown.iter().map(|one| {
            format!(
                "unknown and kept: {} ({} times, first in line {})",
                one.what, one.count, one.line
            )
        });
        let codes = list.unknown_codes.iter().map(|one| {
            format!(
                "a new code of a currency: {} ({} times)",
                one.code, one.count
            )
        });
        let addresses = list
            .address_problems
            .iter()
            .map(|one| format!("{}: {} {}: {}", one.entry, one.code, one.address, one.what));
        let all: Vec<String> = strange
            .chain(codes)
            .chain(addresses)
            .chain(version.problems.iter().cloned())
            .collect();
        for line in all.iter().take(SHOWN_MAX) {
            text.push_str(&wrapped(&format!("  - {line}"), "    "));
        }
        if all.len() > SHOWN_MAX {
            text.push_str(&format!(
                "  - and {} more; `--json` tells all\n",
                all.len() - SHOWN_MAX
            ));
        }
    }
    text
}

/// The versions of each list.
pub fn status(status: &ListsStatus, style: Style) -> String {
    if status.lists.is_empty() {
        return "The store holds no list: `whither lists import FILE` brings one in.\n".to_owned();
    }
    let mut table = Table::new(&[
        (Side::Left, "list"),
        (Side::Left, "date"),
        (Side::Left, "date from"),
        (Side::Right, "entries"),
        (Side::Right, "names"),
        (Side::Right, "addresses"),
        (Side::Left, "hash"),
    ]);
    for list in &status.lists {
        for version in &list.versions {
            table.row(&[
                list.list.clone(),
                version.date.clone(),
                version.date_basis.clone(),
                version.entries.to_string(),
                version.names.to_string(),
                version.addresses.to_string(),
                version.hash.chars().take(16).collect(),
            ]);
        }
    }
    table.render(style)
}

/// What changed.
pub fn diff(diff: &ListDiff, style: Style) -> String {
    let mut text = format!(
        "{}: {} to {}\n",
        style.bold(&visible(&diff.list)),
        diff.from.date,
        diff.to.date
    );
    for (what, rows) in [("added", &diff.diff.added), ("removed", &diff.diff.removed)] {
        text.push_str(&format!("\n{what}: {}\n", rows.len()));
        for row in rows {
            let addresses = if row.addresses.is_empty() {
                String::new()
            } else {
                format!(" ({})", row.addresses.join(", "))
            };
            text.push_str(&wrapped(
                &format!("  {} {}{addresses}", row.entry, row.name),
                "    ",
            ));
        }
    }
    text.push_str(&format!("\nchanged: {}\n", diff.diff.changed.len()));
    for row in &diff.diff.changed {
        text.push_str(&wrapped(&format!("  {} {}", row.entry, row.name), "    "));
        for what in &row.added {
            text.push_str(&wrapped(&format!("    + {what}"), "      "));
        }
        for what in &row.removed {
            text.push_str(&wrapped(&format!("    - {what}"), "      "));
        }
    }
    text
}

fn count(number: u64, one: &str, several: &str) -> String {
    super::count(usize::try_from(number).unwrap_or(usize::MAX), one, several)
}
