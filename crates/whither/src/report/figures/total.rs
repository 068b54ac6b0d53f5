//! Figures of a total: thefts over time, a timeline, totals by group.

use rust_decimal::Decimal;
use whither_casework::{Date, Json};
use whither_report::edition::Drawn;
use whither_report::figure::chart::{Row, RowKind, Scale, Theft, WIDTH, row_chart, time_chart};

use super::super::audience::Refusal;
use super::super::desk::usd;
use super::super::path::day;
use super::{list, table, words};

/// A row of a total that has a date and a value: its days, its value in cents, its label.
struct Dated {
    day: i64,
    date: String,
    label: String,
    cents: u128,
    usd: Option<Decimal>,
}

fn dated(total: &Json) -> Vec<Dated> {
    let rows = list(total, "rows").iter();
    let mut all: Vec<Dated> = rows
        .filter_map(|row| {
            let date = row.field("date").and_then(Json::text)?;
            let first = Date::new(date).ok()?.days().first;
            let usd = row
                .field("usd")
                .and_then(Json::text)
                .and_then(|usd| usd.parse::<Decimal>().ok());
            let cents = usd.and_then(|usd| usd.checked_mul(Decimal::ONE_HUNDRED));
            let cents = cents.and_then(|cents| u128::try_from(cents.trunc()).ok());
            let label = [
                words(row, "victim"),
                words(row, "title"),
                words(row, "incident"),
            ];
            let label = label.into_iter().find(|label| !label.is_empty());
            let (year, month, day) = first.parts();
            Some(Dated {
                day: i64::from(year) * 372 + i64::from(month) * 31 + i64::from(day),
                date: date.to_owned(),
                label: label.unwrap_or_default().to_owned(),
                cents: cents.unwrap_or_default(),
                usd,
            })
        })
        .collect();
    all.sort_by(|a, b| (a.day, &a.label).cmp(&(b.day, &b.label)));
    all
}

fn worth(row: &Dated) -> String {
    row.usd
        .map_or_else(|| "no value known".to_owned(), |value| usd(value, ""))
}

/// The years on the axis of a chart over time.
fn years(rows: &[Dated]) -> (i64, i64, Vec<(i64, String)>) {
    let year = |row: Option<&Dated>| row.map_or(0, |row| (row.day - 32) / 372);
    let (first, last) = (year(rows.first()), year(rows.last()) + 1);
    let step = ((last - first) / 12).max(1);
    let step = usize::try_from(step).unwrap_or(1);
    let at = |year: i64| year * 372 + 32;
    let marks = (first..=last)
        .step_by(step)
        .map(|year| (at(year), year.to_string()));
    (at(first), at(last), marks.collect())
}

pub(super) fn thefts(total: &Json, prefix: &str) -> Drawn {
    let rows = dated(total);
    let (first, last, marks) = years(&rows);
    let sum = words(total, "usd").parse::<Decimal>().unwrap_or_default();
    let scale = Scale {
        first,
        last,
        marks,
        total: usd(sum, "millions"),
    };
    let drawn = rows.iter().map(|row| Theft {
        day: row.day,
        size: row.cents,
        label: format!("{}, {}: {}", row.label, day(&row.date), worth(row)),
    });
    let drawn: Vec<Theft> = drawn.collect();
    let mut running = Decimal::ZERO;
    let cells = rows.iter().map(|row| {
        running = running.saturating_add(row.usd.unwrap_or_default());
        vec![
            day(&row.date),
            row.label.clone(),
            worth(row),
            usd(running, ""),
        ]
    });
    let cells: Vec<Vec<String>> = cells.collect();
    Drawn {
        svg: time_chart(
            prefix,
            "Thefts over time, with their running sum",
            &drawn,
            &scale,
        ),
        width: WIDTH,
        table: table(&["Date", "Theft", "Value", "Running sum"], cells),
        note: undrawn(total, rows.len()),
    }
}

/// What a chart over time cannot show.
fn undrawn(total: &Json, drawn: usize) -> Option<String> {
    let all = list(total, "rows").len();
    let without = list(total, "without_value").len();
    let mut notes = Vec::new();
    if all > drawn {
        notes.push(format!(
            "{} incidents have no date and are not drawn.",
            all - drawn
        ));
    }
    if without > 0 {
        notes.push(format!(
            "{without} incidents have no value that is known: they are drawn as nothing."
        ));
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}

pub(super) fn timeline(total: &Json, prefix: &str) -> Drawn {
    let rows = dated(total);
    let (first, last, marks) = years(&rows);
    let place = |at: i64| u128::try_from(at - first).unwrap_or_default();
    let drawn = rows.iter().map(|row| Row {
        label: row.label.clone(),
        begin: place(row.day),
        end: place(row.day),
        text: format!("{} · {}", day(&row.date), short(row)),
        kind: RowKind::Point,
    });
    let drawn: Vec<Row> = drawn.collect();
    let marks: Vec<(u128, String)> = marks
        .into_iter()
        .map(|(at, word)| (place(at), word))
        .collect();
    debug_assert!(last >= first, "years run forward");
    let cells = rows
        .iter()
        .map(|row| vec![day(&row.date), row.label.clone(), worth(row)]);
    Drawn {
        svg: row_chart(prefix, "Incidents by date", &drawn, &marks),
        width: WIDTH,
        table: table(&["Date", "Theft", "Value"], cells.collect()),
        note: undrawn(total, rows.len()),
    }
}

fn short(row: &Dated) -> String {
    row.usd
        .map_or_else(|| "no value".to_owned(), |value| usd(value, "millions"))
}

/// A total's parts: by year, vector, chain or source.
pub(super) fn totals(total: &Json, prefix: &str) -> Result<Drawn, Refusal> {
    let groups = list(total, "groups");
    if groups.is_empty() {
        return Err(Refusal {
            what: "the total is not broken down".to_owned(),
            hint: "ask for it: `::: figure totals total:2019..2020,by=year`".to_owned(),
        });
    }
    let value = |group: &Json| words(group, "usd").parse::<Decimal>().unwrap_or_default();
    let cents = |value: Decimal| {
        let cents = value.checked_mul(Decimal::ONE_HUNDRED).unwrap_or_default();
        u128::try_from(cents.trunc()).unwrap_or_default()
    };
    let drawn = groups.iter().map(|group| Row {
        label: words(group, "key").to_owned(),
        begin: 0,
        end: cents(value(group)),
        text: usd(value(group), "millions"),
        kind: RowKind::Part,
    });
    let drawn: Vec<Row> = drawn.collect();
    let mut sum = Decimal::ZERO;
    let mut cells: Vec<Vec<String>> = Vec::new();
    for group in groups {
        sum = sum.saturating_add(value(group));
        let count = group
            .field("incidents")
            .map(Json::canonical)
            .unwrap_or_default();
        cells.push(vec![
            words(group, "key").to_owned(),
            count,
            usd(value(group), ""),
        ]);
    }
    let all = words(total, "usd").parse::<Decimal>().unwrap_or_default();
    cells.push(vec![
        "the total".to_owned(),
        list(total, "rows").len().to_string(),
        usd(all, ""),
    ]);
    let note = (sum != all).then(|| {
        format!("An incident of several groups counts under each: the parts come to {}, the total is {}.", usd(sum, ""), usd(all, ""))
    });
    Ok(Drawn {
        svg: row_chart(prefix, "Totals by group", &drawn, &[]),
        width: WIDTH,
        table: table(&["Group", "Incidents", "Value"], cells),
        note,
    })
}
