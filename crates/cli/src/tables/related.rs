//! Persons, organisations and paths, for people: who is who, and by whose word.

use whither::related::{ClaimMark, EntityPage, PathRow, PathsPage, PathsRows, RelationRow};

use super::{Side, Table, count, facts, wrapped};
use crate::output::word;
use crate::style::Style;

/// Most rows of a list that are shown; JSON has them all.
const SHOWN_MAX: usize = 20;

/// Somebody.
pub fn entity(page: &EntityPage, style: Style) -> String {
    let mut text = format!("{}\n\n", style.bold("Entity"));
    text.push_str(&facts(&[
        ("entity", Some(page.entity.clone())),
        ("type", page.kind.clone()),
        ("born", page.born.clone()),
        ("nationality", page.nationality.clone()),
    ]));
    let mut names = Table::new(&[(Side::Left, "name"), (Side::Left, "by")]);
    for row in &page.names {
        names.row(&[&row.name, &by(&row.claims)]);
    }
    for row in &page.notes {
        names.row(&[&format!("note: {}", row.name), &by(&row.claims)]);
    }
    text.push_str(&titled("Names", &names, style));
    let mut numbers = Table::new(&[
        (Side::Left, "what"),
        (Side::Left, "number"),
        (Side::Left, "given by"),
        (Side::Left, "by"),
    ]);
    for row in &page.identifiers {
        let issuer = row.issuer.clone().unwrap_or_default();
        numbers.row(&[&row.kind, &row.number, &issuer, &row.claim]);
    }
    text.push_str(&titled("Numbers", &numbers, style));
    let mut several = Table::new(&[
        (Side::Left, "of"),
        (Side::Left, "is said"),
        (Side::Left, "by"),
    ]);
    for row in &page.disagreements {
        for value in &row.values {
            several.row(&[row.field, &value.value, &by(&value.claims)]);
        }
    }
    text.push_str(&titled(
        "Claims do not agree; the first counts",
        &several,
        style,
    ));
    text.push_str(&relations(&page.relations, style));
    text.push_str(&listed(&page.listed, style));
    text
}

/// Whom an end belongs to; nothing where nobody says so.
pub fn relations(rows: &[RelationRow], style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "from"),
        (Side::Left, "relation"),
        (Side::Left, "to"),
        (Side::Left, "by"),
    ]);
    for row in rows.iter().take(SHOWN_MAX) {
        table.row(&[
            named(&row.from, row.from_name.as_ref()),
            said(row),
            named(&row.to, row.to_name.as_ref()),
            by(&row.claims),
        ]);
    }
    let more = rows.len().saturating_sub(SHOWN_MAX);
    titled("Relations", &table, style) + &rest(more)
}

/// Paths to sanctions lists; nothing where there are none.
pub fn listed(found: &PathsRows, style: Style) -> String {
    if found.paths.is_empty() {
        return String::new();
    }
    format!(
        "\n{}\n\n{}",
        style.bold("Paths to sanctions lists"),
        ways(found)
    )
}

/// The paths from one end to another.
pub fn paths(page: &PathsPage, style: Style) -> String {
    let heading = format!(
        "From {} to {}",
        named(&page.from.end, page.from.name.as_ref()),
        named(&page.to.end, page.to.name.as_ref())
    );
    let heading = style.bold(&whither::text::visible(&heading));
    if page.found.paths.is_empty() {
        return format!("{heading}\n\n  no claim leads from one to the other\n");
    }
    format!("{heading}\n\n{}", ways(&page.found))
}

fn ways(found: &PathsRows) -> String {
    let mut text = String::new();
    for (number, path) in found.paths.iter().take(SHOWN_MAX).enumerate() {
        text.push_str(&way(number + 1, path));
    }
    text.push_str(&rest(found.paths.len().saturating_sub(SHOWN_MAX)));
    if found.cut {
        text.push_str("  there may be more paths than are looked for\n");
    }
    text
}

/// A path, a step a line; the weakest is marked.
fn way(number: usize, path: &PathRow) -> String {
    let mut table = Table::new(&[(Side::Left, ""), (Side::Left, ""), (Side::Left, "")]);
    let name = |place: usize| {
        let end = path.ends.get(place);
        end.map_or_else(String::new, |end| named(&end.end, end.name.as_ref()))
    };
    let number = format!("{number}.");
    table.row(&[number.as_str(), &name(0), ""]);
    for (place, step) in path.steps.iter().enumerate() {
        let Some(strongest) = step.first() else {
            continue;
        };
        let forward = path
            .ends
            .get(place)
            .is_some_and(|end| end.end == strongest.from);
        let arrow = if forward { "→" } else { "←" };
        let weakest = if place == path.weakest_step {
            "  (weakest)"
        } else {
            ""
        };
        let more = match step.len() {
            1 => String::new(),
            all => format!(
                ", and {}",
                count(all - 1, "other relation", "other relations")
            ),
        };
        let told = format!("{}{weakest}{more}", by(&strongest.claims));
        table.row(&["", &format!("  {arrow} {}", said(strongest)), &told]);
        table.row(&["", &name(place + 1), ""]);
    }
    table.render(Style::PLAIN)
}

fn said(row: &RelationRow) -> String {
    match &row.share {
        Some(share) => format!("{} ({share} %)", word(&row.relation)),
        None => word(&row.relation),
    }
}

fn named(end: &str, name: Option<&String>) -> String {
    name.map_or_else(|| end.to_owned(), |name| format!("{name} ({end})"))
}

fn by(claims: &[ClaimMark]) -> String {
    let told = claims.iter().map(|claim| {
        let claim_name = claim.claim.get(..12).filter(|_| claim.claim.len() == 64);
        let name = claim_name.unwrap_or(&claim.claim);
        match &claim.confidence {
            Some(confidence) => format!("{name} {confidence}"),
            None => format!("{name} unmarked"),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

fn rest(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(
            "  and {}; `--json` lists all\n",
            count(more, "more", "more")
        ),
    }
}

/// A table under a heading; nothing where it is empty.
fn titled(title: &str, table: &Table, style: Style) -> String {
    if table.is_empty() {
        return String::new();
    }
    let title = wrapped(title, "");
    format!(
        "\n{}\n\n{}",
        style.bold(title.trim_end()),
        table.render(style)
    )
}
