//! Figures of a total: thefts over time, a timeline, totals by group.

use rust_decimal::Decimal;
use whither_casework::{Date, Json};
use whither_report::edition::Drawn;
use whither_report::figure::chart::{Row, RowKind, Scale, Theft, WIDTH, row_chart, time_chart};

use super::super::audience::Refusal;
use super::super::desk::{Desk, NOT_SHOWN, usd};
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

/// The thefts that have a date and may be told to this audience, in order; and how many may not.
fn dated(desk: &Desk<'_>, total: &Json) -> (Vec<Dated>, usize) {
    let rows = list(total, "rows").iter();
    let (open, closed): (Vec<&Json>, Vec<&Json>) =
        rows.partition(|row| desk.may_draw(row, words(row, "incident")));
    let rows = open.into_iter();
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
    (all, closed.len())
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

pub(super) fn thefts(desk: &Desk<'_>, total: &Json, prefix: &str) -> Drawn {
    let (rows, closed) = dated(desk, total);
    let (first, last, marks) = years(&rows);
    let values = rows.iter().filter_map(|row| row.usd);
    let sum = values.fold(Decimal::ZERO, Decimal::saturating_add);
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
        note: undrawn(total, (&rows, closed), Some(sum)),
    }
}

/// What a chart over time cannot show.
fn undrawn(
    total: &Json,
    (drawn, closed): (&[Dated], usize),
    sum: Option<Decimal>,
) -> Option<String> {
    let undated = list(total, "rows").len() - drawn.len() - closed;
    let without = drawn.iter().filter(|row| row.usd.is_none()).count();
    let mut notes = Vec::new();
    let mut note = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => notes.push(format!("One incident {one}.")),
        count => notes.push(format!("{count} incidents {many}.")),
    };
    note(
        undated,
        "has no date and is not drawn",
        "have no date and are not drawn",
    );
    note(
        closed,
        "rests on claims that this edition does not show, and is not drawn",
        "rest on claims that this edition does not show, and are not drawn",
    );
    note(
        without,
        "has no value that is known, and is drawn as nothing",
        "have no value that is known, and are drawn as nothing",
    );
    let all = words(total, "usd").parse::<Decimal>().unwrap_or_default();
    if let Some(sum) = sum.filter(|sum| *sum != all) {
        notes.push(format!(
            "What is drawn comes to {}, the total is {}.",
            usd(sum, ""),
            usd(all, "")
        ));
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}

pub(super) fn timeline(desk: &Desk<'_>, total: &Json, prefix: &str) -> Drawn {
    let (rows, closed) = dated(desk, total);
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
        note: undrawn(total, (&rows, closed), None),
    }
}

fn short(row: &Dated) -> String {
    row.usd
        .map_or_else(|| "no value".to_owned(), |value| usd(value, "millions"))
}

/// A part of a total, as it is shown.
struct Part {
    label: String,
    incidents: usize,
    usd: Decimal,
}

impl Part {
    /// A group of a total, under a word that may be shown.
    fn of(group: &Json, label: String) -> Self {
        let incidents = group.field("incidents").map(Json::canonical);
        let incidents = incidents.and_then(|count| count.parse().ok());
        Self {
            label,
            incidents: incidents.unwrap_or_default(),
            usd: words(group, "usd").parse().unwrap_or_default(),
        }
    }

    /// What it comes to. One of which no value is known comes to nothing, and is not worth nothing.
    fn worth(&self, form: &str) -> String {
        if self.usd.is_zero() {
            "no value known".to_owned()
        } else {
            usd(self.usd, form)
        }
    }

    fn cents(&self) -> u128 {
        let cents = self.usd.checked_mul(Decimal::ONE_HUNDRED);
        let cents = cents.unwrap_or_default().trunc();
        u128::try_from(cents).unwrap_or_default()
    }
}

/// What a total calls a group of incidents of which nobody says what is asked.
const NOT_STATED: &str = "not stated";

/// The parts of a total that this audience may see the words of, and whether there are others.
///
/// A vector is a claim's own word. What only closed claims say has no figures either: how many there are would tell
/// something, and an incident of several would count in one row more than once.
fn parts(desk: &Desk<'_>, total: &Json) -> (Vec<Part>, bool) {
    let parameters = total
        .field("provenance")
        .and_then(|it| it.field("parameters"));
    let by = parameters.map_or("", |it| words(it, "by"));
    let shown = match by {
        "vector" => {
            let rows = list(total, "rows").iter();
            desk.vectors_shown(rows.map(|row| words(row, "incident")))
        }
        _ => None,
    };
    let (mut parts, mut is_cut) = (Vec::new(), false);
    for group in list(total, "groups") {
        let key = words(group, "key");
        if key != NOT_STATED && shown.as_ref().is_some_and(|shown| !shown.contains(key)) {
            is_cut = true;
            continue;
        }
        let label = match by {
            "source" if key != NOT_STATED => desk.called_source(key),
            _ => key.to_owned(),
        };
        parts.push(Part::of(group, label));
    }
    (parts, is_cut)
}

/// A total's parts: by year, vector, chain or source.
pub(super) fn totals(desk: &Desk<'_>, total: &Json, prefix: &str) -> Result<Drawn, Refusal> {
    let (parts, is_cut) = parts(desk, total);
    if parts.is_empty() && !is_cut {
        return Err(Refusal {
            what: "the total is not broken down".to_owned(),
            hint: "ask for it: `::: figure totals total:2019..2020,by=year`".to_owned(),
        });
    }
    let drawn = parts.iter().map(|part| Row {
        label: part.label.clone(),
        begin: 0,
        end: part.cents(),
        text: part.worth("millions"),
        kind: RowKind::Part,
    });
    let drawn: Vec<Row> = drawn.collect();
    let mut sum = Decimal::ZERO;
    let mut cells: Vec<Vec<String>> = Vec::new();
    for part in &parts {
        sum = sum.saturating_add(part.usd);
        let count = part.incidents.to_string();
        cells.push(vec![part.label.clone(), count, part.worth("")]);
    }
    if is_cut {
        cells.push(vec![NOT_SHOWN.to_owned(), "–".to_owned(), "–".to_owned()]);
    }
    let all = words(total, "usd").parse::<Decimal>().unwrap_or_default();
    cells.push(vec![
        "the total".to_owned(),
        list(total, "rows").len().to_string(),
        usd(all, ""),
    ]);
    let note = beside(total, (sum, is_cut), all);
    Ok(Drawn {
        svg: row_chart(prefix, "Totals by group", &drawn, &[]),
        width: WIDTH,
        table: table(&["Group", "Incidents", "Value"], cells),
        note,
    })
}

/// What a reader must know of the parts of a total.
fn beside(total: &Json, (sum, is_cut): (Decimal, bool), all: Decimal) -> Option<String> {
    let rows = list(total, "rows").iter();
    let unknown = rows.filter(|row| row.field("usd").and_then(Json::text).is_none());
    let unknown = match unknown.count() {
        0 => None,
        1 => Some("One incident has no value that is known, and adds nothing.".to_owned()),
        count => Some(format!(
            "{count} incidents have no value that is known, and add nothing."
        )),
    };
    let cut = is_cut.then(|| {
        "What this edition does not show has no figures of its own; an incident of several groups counts under each."
            .to_owned()
    });
    let several = (sum != all && !is_cut).then(|| {
        format!(
            "An incident of several groups counts under each: the parts come to {}, the total is {}.",
            usd(sum, ""),
            usd(all, "")
        )
    });
    let notes: Vec<String> = unknown.into_iter().chain(several).chain(cut).collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}
