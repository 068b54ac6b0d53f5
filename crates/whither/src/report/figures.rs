//! The figures of a report, drawn from findings and totals, each with its table twin.
//!
//! A waterfall takes the stolen sum down to nothing by the kinds of its endpoints, and says so where it does not come out.
//! Names of addresses are the case's; a name whose claim this edition may not show is left out.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use whither_casework::{Date, Json};
use whither_ledger::chain::Chain;
use whither_report::document::{Block, Body, Reference};
use whither_report::edition::Drawn;
use whither_report::figure::chart::{Row, RowKind, Scale, Theft, WIDTH, row_chart, time_chart};
use whither_report::figure::{
    Certainty, FigureOptions, Flow, FlowBand, FlowNode, NodeKind, Theme, layout, svg,
};
use whither_report::text;

use super::desk::{Desk, Refusal, usd};
use super::path::day;
use crate::page::{named, unit};

/// The drawing of a part, if it is a figure.
pub(super) fn drawn(desk: &Desk<'_>, block: &Block) -> Option<Result<Drawn, Refusal>> {
    let Body::Figure {
        drawing, subject, ..
    } = &block.body
    else {
        return None;
    };
    let prefix = format!("figure-{}", block.id);
    Some(draw(desk, drawing, subject, &prefix))
}

fn draw(
    desk: &Desk<'_>,
    drawing: &str,
    subject: &Reference,
    prefix: &str,
) -> Result<Drawn, Refusal> {
    let wrong = |what: &str| Refusal {
        what: format!("`{drawing}` is drawn from {what}, and not from {subject}"),
        hint: "name it after the drawing, as `::: figure waterfall finding:NAME`".to_owned(),
    };
    let json = desk.result(subject)?;
    let schema = json
        .field("schema")
        .and_then(Json::text)
        .unwrap_or_default();
    match (drawing, schema) {
        ("waterfall", "whither.trace/1") => waterfall(&json, prefix),
        ("flow", "whither.trace/1") => flow(desk, &json, prefix),
        ("waterfall" | "flow", _) => Err(wrong("a saved trace")),
        ("thefts", "whither.total/1") => Ok(thefts(&json, prefix)),
        ("timeline", "whither.total/1") => Ok(timeline(&json, prefix)),
        ("totals", "whither.total/1") => totals(&json, prefix),
        _ => Err(wrong("a total")),
    }
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.field(key).and_then(Json::list).unwrap_or_default()
}

fn words<'a>(json: &'a Json, key: &str) -> &'a str {
    json.field(key).and_then(Json::text).unwrap_or_default()
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let head = head.iter().map(ToString::to_string).collect();
    std::iter::once(head).chain(rows).collect()
}

/// The stolen sum of one asset, taken down by kind.
fn waterfall(trace: &Json, prefix: &str) -> Result<Drawn, Refusal> {
    let refused = |what: &str| Refusal {
        what: what.to_owned(),
        hint: "draw a trace under a policy that conserves value: haircut, fifo, lifo or tiho"
            .to_owned(),
    };
    if words(trace, "policy") == "poison" {
        return Err(refused(
            "poison is a reach and no sum: its endpoints do not add up",
        ));
    }
    let [totals, rest @ ..] = list(trace, "totals") else {
        return Err(refused("the trace has no totals"));
    };
    let unit = unit(words(totals, "asset"));
    let origin = text::add_digits(words(totals, "origin"), words(totals, "converted_in"));
    let kinds = totals.field("by_kind").and_then(Json::object);
    let mut parts: Vec<(String, String)> = kinds
        .into_iter()
        .flatten()
        .filter_map(|(kind, amount)| Some((kind_words(kind).to_owned(), amount.text()?.to_owned())))
        .collect();
    parts.push((
        "exchanged for another asset".to_owned(),
        words(totals, "converted_out").to_owned(),
    ));
    parts.retain(|(_, amount)| text::weight(amount) > 0);
    parts.sort_by(|a, b| {
        text::weight(&b.1)
            .cmp(&text::weight(&a.1))
            .then_with(|| a.0.cmp(&b.0))
    });
    let whole = text::weight(&origin);
    let mut left = whole;
    let mut rows = vec![Row {
        label: "Stolen and followed".to_owned(),
        begin: 0,
        end: whole,
        text: unit.exact(&origin),
        kind: RowKind::Whole,
    }];
    let mut cells = vec![vec!["stolen and followed".to_owned(), unit.exact(&origin)]];
    for (label, amount) in &parts {
        let end = left;
        left = left.saturating_sub(text::weight(amount));
        rows.push(Row {
            label: label.clone(),
            begin: left,
            end,
            text: unit.exact(amount),
            kind: RowKind::Part,
        });
        cells.push(vec![label.clone(), unit.exact(amount)]);
    }
    let sum = parts.iter().fold("0".to_owned(), |sum, (_, amount)| {
        text::add_digits(&sum, amount)
    });
    let mut note = Vec::new();
    if text::add_digits(&sum, "0") != text::add_digits(&origin, "0") {
        note.push(format!(
            "The parts come to {}, and not to the sum.",
            unit.exact(&sum)
        ));
    }
    if !rest.is_empty() {
        note.push(format!(
            "{} further assets of this trace are not drawn.",
            rest.len()
        ));
    }
    cells.push(vec!["together".to_owned(), unit.exact(&sum)]);
    Ok(Drawn {
        svg: row_chart(prefix, "Where the stolen sum went", &rows, &[]),
        width: WIDTH,
        table: table(&["Where", "Amount"], cells),
        note: (!note.is_empty()).then(|| note.join(" ")),
    })
}

/// A kind of endpoint in plain words.
fn kind_words(kind: &str) -> &str {
    match kind {
        "unspent" => "not spent",
        "held" => "still held",
        "service" => "received by a service",
        "mixer" => "entered a mixer",
        "bridge" => "entered a bridge",
        "burn" => "destroyed",
        "fee" => "paid as fee",
        "horizon" => "last seen at",
        "degree" => "looks like a service",
        "unresolved" => "cannot be followed",
        other => other,
    }
}

fn node_kind(kind: &str) -> NodeKind {
    match kind {
        "unspent" => NodeKind::Unspent,
        "held" => NodeKind::Held,
        "service" | "degree" => NodeKind::Service,
        "mixer" => NodeKind::Mixer,
        "bridge" => NodeKind::Bridge,
        "burn" => NodeKind::Burn,
        "fee" => NodeKind::Fee,
        "horizon" => NodeKind::LastSeen,
        "unresolved" => NodeKind::Unresolved,
        _ => NodeKind::Other,
    }
}

/// Bands by who, whom and in what; each with its amount, how sure it is, and how many edges make it.
type Bands = BTreeMap<(String, String, String), (String, Certainty, u32)>;

fn bands(trace: &Json) -> Bands {
    let mut bands = Bands::new();
    for edge in list(trace, "edges") {
        let who = |end: &str| {
            let end = edge.field(end);
            let place = |key: &str| end.and_then(|end| end.field(key)).and_then(Json::text);
            place("address")
                .or(place("output"))
                .unwrap_or("several inputs")
                .to_owned()
        };
        let certainty = match words(edge, "basis") {
            "claim" => Certainty::Claimed,
            "inference" => Certainty::Inferred,
            _ => Certainty::Observed,
        };
        let key = (who("from"), who("to"), words(edge, "asset").to_owned());
        let band = bands
            .entry(key)
            .or_insert_with(|| ("0".to_owned(), certainty, 0));
        band.0 = text::add_digits(&band.0, words(edge, "amount"));
        band.1 = band.1.max(certainty);
        band.2 += 1;
    }
    bands
}

fn flow(desk: &Desk<'_>, trace: &Json, prefix: &str) -> Result<Drawn, Refusal> {
    let bands = bands(trace);
    let names = names(desk, trace)?;
    let ends: BTreeMap<&str, &str> = list(trace, "endpoints")
        .iter()
        .rev()
        .filter_map(|end| {
            let place = end.field("address").and_then(Json::text);
            let place = place.or(end.field("output").and_then(Json::text))?;
            Some((place, words(end, "kind")))
        })
        .collect();
    let senders: BTreeSet<&String> = bands.keys().map(|(from, _, _)| from).collect();
    let receivers: BTreeSet<&String> = bands.keys().map(|(_, to, _)| to).collect();
    let node = |id: &&String| {
        let is_start = !receivers.contains(id);
        let kind = match ends.get(id.as_str()) {
            _ if is_start => NodeKind::Origin,
            Some(kind) if !senders.contains(id) => node_kind(kind),
            _ => NodeKind::Address,
        };
        let mut node = FlowNode::new(id.as_str(), id.as_str(), kind);
        node.column = is_start.then_some(0);
        node.subtitle = names.get(id.as_str()).cloned();
        node
    };
    let all: BTreeSet<&String> = senders.iter().chain(&receivers).copied().collect();
    let flow = Flow {
        nodes: all.iter().map(node).collect(),
        bands: bands
            .iter()
            .map(|((from, to, asset), (digits, certainty, count))| {
                let mut band = FlowBand::new(from, to, digits, &unit(asset));
                band.certainty = *certainty;
                band.count = *count;
                band
            })
            .collect(),
    };
    let placed = layout(&flow, &FigureOptions::default());
    let theme = Theme {
        prefix: prefix.to_owned(),
        ..Theme::default()
    };
    let cells = bands
        .iter()
        .map(|((from, to, asset), (digits, certainty, count))| {
            let amount = unit(asset).exact(digits);
            vec![
                from.clone(),
                to.clone(),
                amount,
                certainty.words().to_owned(),
                count.to_string(),
            ]
        });
    Ok(Drawn {
        svg: svg(&placed, &theme),
        width: placed.width / 100,
        table: table(
            &["From", "To", "Amount", "How sure", "Transfers"],
            cells.collect(),
        ),
        note: None,
    })
}

/// Names of addresses that this edition may show.
fn names(desk: &Desk<'_>, trace: &Json) -> Result<BTreeMap<String, String>, Refusal> {
    let chain = trace
        .field("provenance")
        .and_then(|it| it.field("parameters"));
    let chain = chain.map(|it| words(it, "chain")).unwrap_or_default();
    let Ok(chain) = chain.parse::<Chain>() else {
        return Ok(BTreeMap::new());
    };
    let all = named(desk.case, &chain).map_err(|error| Refusal {
        what: error.to_string(),
        hint: "`whither evidence list` shows the claims".to_owned(),
    })?;
    let may = all
        .into_iter()
        .filter(|(_, named)| desk.may_show_named(&named.claim));
    Ok(may.map(|(address, named)| (address, named.name)).collect())
}

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

fn thefts(total: &Json, prefix: &str) -> Drawn {
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

fn timeline(total: &Json, prefix: &str) -> Drawn {
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
fn totals(total: &Json, prefix: &str) -> Result<Drawn, Refusal> {
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
