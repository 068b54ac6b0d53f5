//! A total, its rows, and what stands beside it.

use whither::incidents::{CitedRow, Decimals, Total, TotalRow};

use super::{SHOWN, caveats, held, more, usd, usd_if_any};
use crate::output;
use crate::style::Style;
use crate::tables::{Side, Table, count, facts};

/// The total.
pub fn render(total: &Total, style: Style) -> String {
    let from = total.from.as_deref().unwrap_or("the beginning");
    let to = total.to.as_deref().unwrap_or("the end");
    let whom = total
        .actor
        .as_ref()
        .map(|actor| format!(", attributed to {actor}"))
        .unwrap_or_default();
    let mut text = format!(
        "{}\n\n",
        style.bold(&format!("Thefts from {from} to {to}{whom}"))
    );
    text.push_str(&heads(total));
    text.push_str(&rows(&total.rows, style));
    text.push_str(&groups(total, style));
    text.push_str(&cited(&total.cited, style));
    text.push_str(&unpriced(total, style));
    text.push_str(&caveats(&total.caveats, style));
    text
}

fn heads(total: &Total) -> String {
    let some =
        |value: Decimals| (value != Decimals::default()).then(|| format!("{} USD", usd(value)));
    let spread =
        (total.min != total.max).then(|| format!("{} to {} USD", usd(total.min), usd(total.max)));
    facts(&[
        ("total", Some(format!("{} USD", usd(total.usd)))),
        ("by claims", spread),
        ("claimed", some(total.claimed)),
        ("computed", some(total.counted)),
        (
            "prices alone",
            some(total.computed).filter(|_| total.computed != total.counted),
        ),
        ("recovered", some(total.recovered)),
        ("reissued", some(total.reissued)),
        ("frozen", some(total.frozen)),
        (
            "net",
            (total.net != total.usd).then(|| format!("{} USD", usd(total.net))),
        ),
        (
            "incidents",
            Some(count(total.incidents, "incident", "incidents")),
        ),
    ])
}

fn section(title: &str, table: &Table, style: Style) -> String {
    if table.is_empty() {
        return String::new();
    }
    format!("\n{}\n\n{}", style.bold(title), table.render(style))
}

fn rows(rows: &[TotalRow], style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "date"),
        (Side::Left, "incident"),
        (Side::Right, "USD"),
        (Side::Left, "basis"),
        (Side::Right, "least"),
        (Side::Right, "most"),
        (Side::Right, "net"),
        (Side::Left, "source"),
    ]);
    for row in rows {
        let spread = row.min != row.max;
        let limit = |value: Option<Decimals>| {
            if spread {
                usd_if_any(value)
            } else {
                String::new()
            }
        };
        table.row(&[
            row.date.clone().unwrap_or_default(),
            row.incident.clone(),
            row.usd.map_or_else(|| "no value".to_owned(), usd),
            row.basis.unwrap_or_default().to_owned(),
            limit(row.min),
            limit(row.max),
            if row.net == row.usd {
                String::new()
            } else {
                usd_if_any(row.net)
            },
            row.source.clone().unwrap_or_default(),
        ]);
    }
    section("Incidents", &table, style)
}

fn groups(total: &Total, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, total.by.unwrap_or_default()),
        (Side::Right, "USD"),
        (Side::Right, "incidents"),
    ]);
    for group in &total.groups {
        table.row(&[
            group.key.clone(),
            usd(group.usd),
            group.incidents.to_string(),
        ]);
    }
    section(
        &format!("By {}", total.by.unwrap_or_default()),
        &table,
        style,
    )
}

fn cited(rows: &[CitedRow], style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "from"),
        (Side::Left, "to"),
        (Side::Right, "published USD"),
        (Side::Right, "itemised USD"),
        (Side::Right, "difference"),
        (Side::Right, "incidents"),
        (Side::Left, "source"),
        (Side::Left, "of what"),
    ]);
    for row in rows {
        table.row(&[
            row.from.clone(),
            row.to.clone(),
            usd(row.usd),
            usd(row.itemised),
            usd(row.difference),
            row.incidents.to_string(),
            row.source.clone().unwrap_or_default(),
            row.what.clone(),
        ]);
    }
    section(
        "What others published, each beside the incidents of its own period",
        &table,
        style,
    )
}

fn unpriced(total: &Total, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "incident"),
        (Side::Left, "quantity"),
        (Side::Left, "why"),
    ]);
    for row in total.unpriced.iter().take(SHOWN) {
        table.row(&[row.incident.clone(), held(&row.held), row.why.clone()]);
    }
    let more = more(total.unpriced.len()).map(|more| format!("  {more}\n"));
    section("Without a price", &table, style) + &more.unwrap_or_default()
}

/// The rows, then the published totals, as CSV.
pub fn csv(total: &Total) -> String {
    let header = [
        "what",
        "incident",
        "date",
        "from",
        "to",
        "usd",
        "basis",
        "min",
        "max",
        "net",
        "itemised",
        "difference",
        "source",
    ];
    let plain = |value: Option<Decimals>| {
        value
            .map(|value| value.0.normalize().to_string())
            .unwrap_or_default()
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let none = String::new;
    let rows = total.rows.iter().map(|row| {
        vec![
            "incident".to_owned(),
            row.incident.clone(),
            text(&row.date),
            none(),
            none(),
            plain(row.usd),
            row.basis.unwrap_or_default().to_owned(),
            plain(row.min),
            plain(row.max),
            plain(row.net),
            none(),
            none(),
            text(&row.source),
        ]
    });
    let cited = total.cited.iter().map(|row| {
        vec![
            "cited".to_owned(),
            none(),
            none(),
            row.from.clone(),
            row.to.clone(),
            plain(Some(row.usd)),
            none(),
            none(),
            none(),
            none(),
            plain(Some(row.itemised)),
            plain(Some(row.difference)),
            text(&row.source),
        ]
    });
    output::csv(&header, &rows.chain(cited).collect::<Vec<_>>())
}
