//! Off-ramps, for people: whom to call first.

use std::collections::BTreeSet;

use whither::offramps::{Offramps, PositionRow};

use super::{Side, Table, amount, wrapped};
use crate::style::Style;

/// The list.
pub fn render(list: &Offramps, style: Style) -> String {
    let mut text = positions(list, style);
    text.push_str(&cash_outs(list, style));
    text.push_str(&otc(list, style));
    text.push_str(&patterns(list, style));
    if !list.caveats.is_empty() {
        text.push_str(&format!("\n{}\n", style.bold("What must be said with it")));
    }
    let told: BTreeSet<String> = list
        .caveats
        .iter()
        .map(|caveat| format!("{}: {}", caveat.kind, caveat.what))
        .collect();
    for sentence in told {
        text.push_str(&wrapped(&format!("  - {sentence}"), "    "));
    }
    text
}

fn positions(list: &Offramps, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&title(list)));
    for row in &list.positions {
        text.push('\n');
        let usd = row.usd.as_ref().map(|usd| format!(", {usd} US dollars"));
        let title = format!(
            "{}. {} ({} %{}), {}",
            row.rank,
            amount(&row.asset, &row.amount),
            row.share,
            usd.unwrap_or_default(),
            freezable(row)
        );
        text.push_str(&format!(
            "{}\n",
            style.bold(&whither::text::visible(&title))
        ));
        text.push_str(&facts(row));
        for why in &row.why {
            text.push_str(&wrapped(&format!("  - {why}"), "    "));
        }
    }
    for row in &list.small {
        let places = super::count(row.positions, "place", "places");
        text.push_str(&format!(
            "\n  and {} at {places} of less than a millionth each\n",
            amount(&row.asset, &row.amount)
        ));
    }
    if list.positions.is_empty() {
        text.push_str("  nowhere: the trace reaches no place where anybody has it\n");
    }
    text
}

/// What is known goes to the end of the data, whenever ages are counted to.
fn title(list: &Offramps) -> String {
    let until = list.data_until.as_deref();
    let until = until.unwrap_or("a time that nothing tells");
    let ages = list.as_of.as_ref().filter(|as_of| *as_of != until);
    let ages = ages.map_or(String::new(), |as_of| format!("; ages to {as_of}"));
    format!(
        "Where it is as far as the data goes, to {until}, by {}{ages}",
        list.policy
    )
}

fn freezable(row: &PositionRow) -> String {
    match &row.freezable_by {
        Some(who) => format!("{who} can freeze it"),
        None => match row.class {
            "ask" => "find out who has it".to_owned(),
            "watch" => "nobody can freeze it: watch it".to_owned(),
            "last-seen" => "last seen".to_owned(),
            "done" => row.kind.to_owned(),
            other => other.to_owned(),
        },
    }
}

fn facts(row: &PositionRow) -> String {
    let deposit = row.deposit.as_ref().map(|seen| seen.address.clone());
    let there = row
        .still_there
        .map_or("not known", |there| if there { "yes" } else { "no" });
    let request = row.request.as_ref();
    let request = request.map(|it| format!("{}: {} since {}", it.request, it.state, it.since));
    let arrived = row.arrived.as_ref().map(|time| match row.age {
        Some(age @ 1..) => format!("{time}, {} before", span(age)),
        Some(0) | None => time.clone(),
    });
    super::facts(&[
        ("how it ends", Some(row.kind.to_owned())),
        ("who", row.entity.clone()),
        ("deposit address", deposit),
        ("address", row.address.clone()),
        ("output", row.output.clone()),
        (
            "by any policy",
            Some(format!(
                "{} to {}",
                amount(&row.asset, &row.min),
                amount(&row.asset, &row.max)
            )),
        ),
        ("arrived", arrived),
        ("still there", Some(there.to_owned())),
        ("request", request),
    ])
}

/// A span of time, in the two largest units.
fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {minutes} min"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

fn cash_outs(list: &Offramps, style: Style) -> String {
    if list.cash_outs.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        (Side::Left, "who"),
        (Side::Left, "category"),
        (Side::Left, "day"),
        (Side::Right, "amount"),
        (Side::Right, "US dollars"),
        (Side::Right, "payments"),
    ]);
    for row in &list.cash_outs {
        table.row(&[
            row.entity.clone(),
            row.category.clone(),
            row.day.clone().unwrap_or_default(),
            amount(&row.asset, &row.amount),
            row.usd.clone().unwrap_or_default(),
            row.payments.to_string(),
        ]);
    }
    format!(
        "\n{}\n{}",
        style.bold("What came to whom, by day"),
        table.render(style)
    )
}

fn otc(list: &Offramps, style: Style) -> String {
    let mut text = String::new();
    for broker in &list.otc {
        text.push_str(&format!(
            "\n{}\n",
            style.bold(&format!(
                "{} has the profile of an OTC broker: {} of 100",
                broker.address, broker.confidence
            ))
        ));
        let mut table = Table::new(&[
            (Side::Left, "feature"),
            (Side::Right, "points"),
            (Side::Left, "what was counted"),
        ]);
        for feature in &broker.features {
            table.row(&[
                feature.feature.to_owned(),
                format!("{} of {}", feature.points, feature.of),
                feature.what.clone(),
            ]);
        }
        text.push_str(&table.render(style));
    }
    text
}

fn patterns(list: &Offramps, style: Style) -> String {
    if list.patterns.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.bold("How it was laundered"));
    for row in &list.patterns {
        let at = row.address.as_ref().map(|address| format!("{address} "));
        let sums: Vec<String> = row
            .amounts
            .iter()
            .map(|sum| amount(&sum.asset, &sum.amount))
            .collect();
        let transactions = super::count(row.transactions.len(), "transaction", "transactions");
        let sentence = format!(
            "  - {}: {}{} ({}; {transactions})",
            row.typology,
            at.unwrap_or_default(),
            row.what,
            sums.join(", ")
        );
        text.push_str(&wrapped(&sentence, "    "));
        if let Some(rate) = &row.base_rate {
            let percent = rate.percent.as_ref().map(|it| format!(" ({it} %)"));
            let percent = percent.unwrap_or_default();
            let sentence = format!(
                "    as common as {} of {}{percent} {}",
                rate.found, rate.of, rate.of_what
            );
            text.push_str(&wrapped(&sentence, "    "));
        }
    }
    text
}
