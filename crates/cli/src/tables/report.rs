//! Reports for people at a terminal: revisions, faults, redlines, remarks.

use whither::report::{Checked, Compared, Listed, RemarkRow, Written};
use whither::text::visible;

use super::{Side, Table, count, wrapped};
use crate::style::Style;

/// A revision that was written.
pub fn written(written: &Written) -> String {
    let named = match written.named.len() {
        0 => String::new(),
        parts => format!("; {parts} parts were given names"),
    };
    format!(
        "revision {} of {}: {} and {}{named}\n",
        written.revision,
        visible(&written.report),
        count(written.paragraphs, "paragraph", "paragraphs"),
        count(written.references, "reference", "references")
    )
}

/// What cannot stay as it is.
pub fn faults(checked: &Checked, style: Style) -> String {
    let references = count(checked.references, "reference", "references");
    if checked.is_clean() {
        return format!(
            "nothing: {references}, {} of who did it or how likely it is\n",
            count(checked.attributions, "sentence", "sentences")
        );
    }
    let mut text = String::new();
    for fault in &checked.faults {
        let place = format!("line {}, column {}", fault.line, fault.column);
        text.push_str(&format!(
            "{} {}: {}\n",
            style.bold(&place),
            fault.kind,
            visible(&fault.what)
        ));
        text.push_str(&wrapped(
            &format!("  {} {}", style.faint("hint:"), fault.hint),
            "        ",
        ));
    }
    text.push_str(&format!(
        "{} in {references}\n",
        count(checked.faults.len(), "fault", "faults")
    ));
    text
}

/// Reports and their revisions.
pub fn listed(listed: &Listed, style: Style) -> String {
    if listed.reports.is_empty() {
        return "the case has no report\n".to_owned();
    }
    let mut table = Table::new(&[
        (Side::Left, "report"),
        (Side::Right, "revision"),
        (Side::Left, "by"),
        (Side::Left, "time"),
        (Side::Left, "note"),
    ]);
    let mut editions = String::new();
    for report in &listed.reports {
        for row in &report.revisions {
            let number = row.revision.to_string();
            let note = row.note.as_deref().unwrap_or_default();
            table.row(&[&report.report, &number, &row.author, &row.time, note]);
        }
        for edition in &report.editions {
            editions.push_str(&format!(
                "  {} of {}, revision {}, for {} readers\n",
                visible(&edition.edition),
                visible(&report.report),
                edition.revision,
                visible(&edition.audience)
            ));
        }
    }
    let mut text = table.render(style);
    if !editions.is_empty() {
        text.push_str(&format!("\nEditions that were given out\n{editions}"));
    }
    text
}

/// What changed between two revisions: `[-gone-]` and `{+new+}`, so that it reads without colour.
pub fn redline(compared: &Compared, style: Style) -> String {
    let mut text = String::new();
    for change in &compared.changes {
        let label = change
            .is
            .as_deref()
            .or(change.was.as_deref())
            .unwrap_or_default();
        let moved = if change.moved { ", moved" } else { "" };
        let head = format!("{label} ({}), {}{moved}", change.part, change.change);
        text.push_str(&format!("{}\n  ", style.bold(&visible(&head))));
        for (mark, words) in &change.words {
            let words = visible(words.trim_end_matches('\n')).replace("⟦U+000A⟧", " ");
            match *mark {
                "removed" => text.push_str(&format!("[-{}-] ", words.trim_end())),
                "added" => text.push_str(&format!("{{+{}+}} ", words.trim_end())),
                _ => text.push_str(&words),
            }
        }
        text.push_str("\n\n");
    }
    text.push_str(&format!(
        "revision {} to {}: {} changed, {} the same\n",
        compared.from,
        compared.to,
        count(compared.changes.len(), "part", "parts"),
        compared.same
    ));
    text
}

/// Comments and answers.
pub fn remarks(rows: &[RemarkRow], style: Style) -> String {
    if rows.is_empty() {
        return "nobody said anything of it\n".to_owned();
    }
    let mut table = Table::new(&[
        (Side::Left, "name"),
        (Side::Left, "on"),
        (Side::Left, "by"),
        (Side::Left, "state"),
        (Side::Left, "text"),
        (Side::Left, "why"),
    ]);
    for row in rows {
        let text = row.text.as_deref().unwrap_or_default();
        let why = row.why.as_deref().unwrap_or_default();
        table.row(&[&row.name, &row.part, &row.by, row.state, text, why]);
    }
    table.render(style)
}
