//! Claims and what became of them, for people.

use whither::evidence::{Checked, ClaimList, ClaimPage, Written};

use super::{Side, Table, count, facts, wrapped};
use crate::style::Style;

/// More rows than this are counted and not shown; the other formats have all.
const SHOWN_MAX: usize = 1000;

/// Entries that were written.
pub fn written(written: &Written, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "claim"),
        (Side::Left, "kind"),
        (Side::Left, "author"),
        (Side::Right, "entry"),
        (Side::Left, "time"),
        (Side::Left, "hash"),
    ]);
    for row in written.entries.iter().take(SHOWN_MAX) {
        let (claim, entry) = (row.claim.as_deref().unwrap_or("-"), row.entry.to_string());
        table.row(&[claim, &row.kind, &row.author, &entry, &row.time, &row.hash]);
    }
    let heading = style.bold(&count(
        written.entries.len(),
        "entry written",
        "entries written",
    ));
    format!("{heading}\n\n{}", table.render(style))
}

/// The claims that stand.
pub fn list(list: &ClaimList, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "claim"),
        (Side::Left, "kind"),
        (Side::Left, "about"),
        (Side::Left, "confidence"),
        (Side::Left, "handling"),
        (Side::Left, "author"),
        (Side::Left, "state"),
    ]);
    for row in list.claims.iter().take(SHOWN_MAX) {
        let claim = if row.claim == row.hash {
            &row.hash[..8]
        } else {
            &row.claim
        };
        table.row(&[
            claim,
            &row.kind,
            &row.about.join(" "),
            row.confidence.as_deref().unwrap_or("-"),
            row.handling.as_deref().unwrap_or("-"),
            &row.author,
            if row.state == "read" { "" } else { row.state },
        ]);
    }
    let mut heading = count(list.claims.len(), "claim", "claims");
    if let Some(time) = &list.as_of {
        heading.push_str(&format!(", as known at {time}"));
    }
    let mut text = format!("{}\n\n{}", style.bold(&heading), table.render(style));
    if list.claims.len() > SHOWN_MAX {
        let more = count(list.claims.len() - SHOWN_MAX, "more is", "more are");
        text.push_str(&format!("  {more} not shown; `--format csv` has all.\n"));
    }
    text
}

/// A claim with its history.
pub fn page(page: &ClaimPage, style: Style) -> String {
    let claim = &page.claim;
    let heading = style.bold("Claim");
    let mut text = format!("{heading}\n\n");
    text.push_str(&facts(&[
        ("claim", Some(claim.claim.clone())),
        ("kind", Some(claim.kind.clone())),
        (
            "stands",
            Some(
                if page.stands {
                    "yes"
                } else {
                    "no: it was struck"
                }
                .to_owned(),
            ),
        ),
        (
            "about",
            Some(claim.about.join(" ")).filter(|about| !about.is_empty()),
        ),
        ("source", claim.source.clone()),
        ("reference", claim.reference.clone()),
        ("confidence", claim.confidence.clone()),
        ("handling", claim.handling.clone()),
        ("date", claim.date.clone()),
        ("published", claim.published.clone()),
        ("accessed", claim.accessed.clone()),
        (
            "state",
            Some(claim.state.to_owned()).filter(|state| state != "read"),
        ),
        ("why", claim.why.clone()),
        (
            "says",
            claim.fields.as_ref().map(|fields| fields.canonical()),
        ),
        ("hash", Some(claim.hash.clone())),
    ]));
    for attachment in &claim.attachments {
        let named = format!("{} ({})", attachment.name, attachment.media_type);
        text.push_str(&facts(&[
            ("attached", Some(named)),
            ("sha256", Some(attachment.sha256.clone())),
        ]));
    }
    let mut table = Table::new(&[
        (Side::Left, "time"),
        (Side::Left, "author"),
        (Side::Left, "what"),
        (Side::Left, "hash"),
        (Side::Left, ""),
    ]);
    for row in &page.history {
        let struck = if row.struck { "struck" } else { "" };
        table.row(&[&row.time, &row.author, row.act, &row.hash[..8], struck]);
    }
    text.push_str(&format!(
        "\n{}\n\n{}",
        style.bold("History"),
        table.render(style)
    ));
    text
}

/// What a check found.
pub fn checked(checked: &Checked, style: Style) -> String {
    let heading = match (checked.clean, checked.against_head) {
        (true, true) => "The case is what the head says, and nothing in it was changed",
        (true, false) => "Nothing in the case was changed",
        (false, _) => "The case does not come out clean",
    };
    let mut text = format!("{}\n\n", style.bold(heading));
    let number = |number: usize| Some(number.to_string());
    text.push_str(&facts(&[
        ("entries", number(checked.entries)),
        ("payloads", number(checked.payloads)),
        (
            "payloads altered",
            number(checked.altered).filter(|_| checked.altered > 0),
        ),
        ("payloads withheld", number(checked.withheld)),
        ("attachments", number(checked.attachments)),
        ("attachments withheld", number(checked.attachments_withheld)),
        ("revision", checked.revision.clone()),
    ]));
    for (title, lines) in [
        (
            "Faults",
            checked
                .faults
                .iter()
                .map(|fault| fault.why.clone())
                .collect(),
        ),
        (
            "Cut short by a crash, and never told as written",
            checked.torn.clone(),
        ),
        ("Not known to any entry", checked.unused.clone()),
    ] {
        let lines: Vec<String> = lines;
        if lines.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}\n\n", style.bold(title)));
        for line in lines.iter().take(SHOWN_MAX) {
            text.push_str(&wrapped(&format!("  - {line}"), "    "));
        }
    }
    text
}
