//! Labels, for people.

use whither::labels::{LabelImport, LabelList};

use super::{Side, Table, count, facts};
use crate::style::Style;

/// More rows than this are counted and not shown; the other formats have all.
const SHOWN_MAX: usize = 200;

/// What came of files of labels.
pub fn imported(imported: &LabelImport, style: Style) -> String {
    let done = if imported.dry_run {
        "Would bring in"
    } else {
        "Brought in"
    };
    let title = format!("{done} {}", count(imported.claims_new, "claim", "claims"));
    let kinds = imported.kinds.iter();
    let kinds: Vec<String> = kinds
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let reasons = imported.refused_by.iter();
    let reasons: Vec<String> = reasons
        .map(|(kind, count)| format!("{count} by {kind}"))
        .collect();
    let known = imported.claims_known;
    let [retracted, lowered] = left_out(imported);
    let mut text = format!("{}\n\n", style.bold(&title));
    text.push_str(&facts(&[
        ("rows", Some(imported.rows.to_string())),
        ("as", (!kinds.is_empty()).then(|| kinds.join(", "))),
        ("publications", Some(imported.upstreams.to_string())),
        ("known", (known > 0).then(|| known.to_string())),
        ("retracted", retracted),
        ("only labels", lowered),
        (
            "refused",
            (imported.refused > 0)
                .then(|| format!("{} ({})", imported.refused, reasons.join(", "))),
        ),
    ]));
    let mut files = Table::new(&[
        (Side::Left, "file"),
        (Side::Left, "form"),
        (Side::Right, "rows"),
        (Side::Right, "new"),
        (Side::Right, "known"),
        (Side::Right, "refused"),
        (Side::Left, ""),
    ]);
    for file in &imported.files {
        let unknown = file.unknown.iter().map(|(key, _)| key.as_str());
        let unknown: Vec<&str> = unknown.collect();
        let passed = (!unknown.is_empty()).then(|| format!("passed over: {}", unknown.join(", ")));
        files.row(&[
            file.file.clone(),
            file.form.unwrap_or("-").to_owned(),
            file.rows.to_string(),
            file.claims_new.to_string(),
            file.claims_known.to_string(),
            file.refused.len().to_string(),
            file.error.clone().or(passed).unwrap_or_default(),
        ]);
    }
    text.push_str(&format!("\n{}", files.render(style)));
    text.push_str(&refused(imported, style));
    text
}

fn refused(imported: &LabelImport, style: Style) -> String {
    if imported.refused == 0 {
        return String::new();
    }
    let mut table = Table::new(&[
        (Side::Left, "file"),
        (Side::Right, "line"),
        (Side::Left, "what"),
        (Side::Left, "why"),
    ]);
    let rows = imported.files.iter();
    let rows = rows.flat_map(|file| file.refused.iter().map(|refused| (&file.file, refused)));
    for (file, refused) in rows.take(SHOWN_MAX) {
        let line = refused.line.to_string();
        table.row(&[file, &line, &refused.what, &refused.why]);
    }
    let rest = imported.refused.saturating_sub(SHOWN_MAX);
    let rest = (rest > 0).then(|| format!("and {rest} more; `--json` has all\n"));
    format!(
        "\n{}\n\n{}{}",
        style.bold("Refused"),
        table.render(style),
        rest.unwrap_or_default()
    )
}

/// What did not come in, or not as its pack calls it, where an option would bring it.
fn left_out(imported: &LabelImport) -> [Option<String>; 2] {
    let some = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    [
        some(
            imported.claims_retracted,
            "left out (`--again` brings them in)",
        ),
        some(
            imported.lowered,
            "that their pack calls services or deposits (`--kinds` takes its word)",
        ),
    ]
}

/// What addresses are called.
pub fn list(list: &LabelList, style: Style) -> String {
    let heading = format!(
        "{} on {}, from {}",
        count(list.claims, "claim", "claims"),
        count(list.addresses.len(), "address", "addresses"),
        count(list.upstreams, "publication", "publications"),
    );
    let mut table = Table::new(&[
        (Side::Left, "address"),
        (Side::Left, "kind"),
        (Side::Left, "name"),
        (Side::Left, "category"),
        (Side::Right, "level"),
        (Side::Left, "publication"),
        (Side::Left, "known since"),
        (Side::Left, ""),
    ]);
    let mut shown = 0;
    for row in &list.addresses {
        for name in &row.names {
            for claim in &name.claims {
                shown += 1;
                if shown > SHOWN_MAX {
                    continue;
                }
                let fell = claim.retracted_at.as_ref();
                let note = fell.map(|time| format!("retracted {time}"));
                let conflict = row.conflict.then(|| "conflict".to_owned());
                table.row(&[
                    row.address.clone(),
                    claim.kind.to_owned(),
                    claim.name.clone(),
                    name.category.clone(),
                    name.level.map_or("-".to_owned(), |level| level.to_string()),
                    claim.upstream.clone(),
                    claim.known_since.clone(),
                    note.or(conflict).unwrap_or_default(),
                ]);
            }
        }
    }
    let rest = list.claims.saturating_sub(SHOWN_MAX);
    let rest = (rest > 0).then(|| format!("and {rest} more; `--json` has all\n"));
    format!(
        "{}\n\n{}{}",
        style.bold(&heading),
        table.render(style),
        rest.unwrap_or_default()
    )
}
