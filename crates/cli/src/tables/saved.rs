//! Checks of saved findings, and what falls without a claim, for people.

use whither::saved::{Falls, Mismatch, Verification};

use super::{Side, Table, count, wrapped};
use crate::style::Style;

/// What a check found.
pub fn verified(found: &Verification, style: Style) -> String {
    let all = count(found.checked, "finding was", "findings were");
    let fallen: String = found
        .fallen
        .iter()
        .map(|row| {
            let claims = row.claims.join(", ");
            wrapped(
                &format!(
                    "  - {} rests on {claims}, which no longer stands as it did",
                    row.finding
                ),
                "    ",
            )
        })
        .collect();
    let signed = found.signed_by.iter();
    let signed =
        signed.map(|key| format!("signed by {key}; whose key it is, another way has to tell\n"));
    let unchecked = found
        .unchecked
        .iter()
        .map(|what| format!("not checked: {what}\n"));
    let fallen: String = fallen + &signed.chain(unchecked).collect::<String>();
    if found.is_clean() {
        return format!("{all} computed anew: the same, byte for byte\n{fallen}");
    }
    let mut text = format!(
        "{all} computed anew: {} the same, {} not\n\n",
        found.matched,
        found.mismatched.len()
    );
    let mut table = Table::new(&[
        (Side::Left, "what"),
        (Side::Left, "because of"),
        (Side::Left, "expected"),
        (Side::Left, "found"),
    ]);
    for row in &found.mismatched {
        table.row(&[&row.what, because(row), &row.expected, &row.found]);
    }
    text.push_str(&table.render(style));
    text.push_str(&fallen);
    text
}

/// A reason in words.
fn because(row: &Mismatch) -> &'static str {
    match row.reason {
        "withheld" => "what is withheld",
        "altered" => "a file that was altered",
        "case" => "the case",
        "chain" => "a missing chain",
        "store" => "other chain data",
        "prices" => "other prices",
        "version" => "another program version",
        "error" => "an error",
        _ => "the result",
    }
}

/// What falls without a claim.
pub fn falls(found: &Falls, style: Style) -> String {
    let mut text = format!(
        "{}\n",
        style.bold(&whither::text::visible(&format!(
            "Without {} {}",
            found.kind, found.claim
        )))
    );
    let mut table = Table::new(&[
        (Side::Left, "finding"),
        (Side::Left, "what"),
        (Side::Right, "with"),
        (Side::Right, "without"),
    ]);
    for finding in &found.findings {
        for change in &finding.changes {
            table.row(&[
                &finding.finding,
                &change.what,
                &change.with,
                &change.without,
            ]);
        }
        let note = match (&finding.error, finding.changes_cut) {
            (Some(error), _) => format!("cannot be computed: {error}"),
            (None, true) => "and more; `--json` lists 100".to_owned(),
            (None, false) if finding.changes.is_empty() => "stays as it is".to_owned(),
            (None, false) => continue,
        };
        table.row(&[&finding.finding, &note]);
    }
    for row in &found.evidence {
        let what = format!(
            "evidence {} of {}: {}",
            row.evidence, row.incident, row.statement
        );
        table.row(&["", &what]);
    }
    for row in &found.assessments {
        let what = format!(
            "assessment of {} of {}: {}",
            row.hypothesis, row.incident, row.sentence
        );
        table.row(&["", &what]);
    }
    for path in &found.paths {
        let how = if path.gone { "breaks" } else { "is weaker" };
        table.row(&["", &format!("path {how}: {}", path.ends.join(" – "))]);
    }
    if found.paths_cut {
        table.row(&["", "there may be more paths than are looked for"]);
    }
    if table.is_empty() {
        text.push_str("\n  nothing falls: no finding, evidence or path rests on it\n");
        return text;
    }
    format!("{text}\n{}", table.render(style))
}
