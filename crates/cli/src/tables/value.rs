//! Values, for people.

use whither::text::units;
use whither::value::bases::{Total, TraceValue};
use whither::value::{Rate, Value};

use super::{Side, Table, amount, count, facts, wrapped};
use crate::style::Style;

/// A value, what it was computed from, and what other prices make of it.
pub fn render(value: &Value, style: Style) -> String {
    let heading = format!("{} USD", dollars(&value.usd));
    let whole = units(&value.amount, value.decimals);
    let decimals = format!("{} ({})", value.decimals, value.decimals_basis);
    let mut text = format!("{}\n\n", style.bold(&heading));
    text.push_str(&facts(&[
        ("for", Some(format!("{whole} of {}", value.asset))),
        ("decimals", Some(decimals)),
        ("at", Some(value.at.clone())),
        (
            "price",
            Some(format!("{} {} of {}", value.price, value.quote, value.day)),
        ),
        ("convention", Some(value.convention.clone())),
        ("source", Some(value.price_source.clone())),
        ("licence", value.licence.clone()),
        (
            "file",
            value
                .price_file
                .as_ref()
                .map(|file| format!("sha256:{file}")),
        ),
        ("rate", value.fx.as_ref().map(rate)),
    ]));
    let mut table = Table::new(&[
        (Side::Left, "day"),
        (Side::Left, "convention"),
        (Side::Left, "source"),
        (Side::Right, "price"),
        (Side::Left, "in"),
        (Side::Right, "USD"),
    ]);
    for row in &value.spread.rows {
        table.row(&[
            &row.day,
            &row.convention,
            &row.price_source,
            &row.price,
            &row.quote,
            &dollars(&row.usd),
        ]);
    }
    if !table.is_empty() {
        let heading = style.bold("By every price of the day and of those beside it");
        text.push_str(&format!("\n{heading}\n\n{}", table.render(style)));
    }
    let unpriced = value.spread.unpriced.iter();
    let caveats = value.caveats.iter();
    let caveats = caveats.map(|caveat| format!("{}: {}", caveat.kind, caveat.what));
    let lines: Vec<String> = caveats.chain(unpriced.cloned()).collect();
    if !lines.is_empty() {
        text.push_str(&format!("\n{}\n\n", style.bold("Caveats")));
        for line in lines {
            text.push_str(&wrapped(&format!("  - {line}"), "    "));
        }
    }
    text
}

fn rate(fx: &Rate) -> String {
    let Rate {
        pair,
        price,
        day,
        convention,
        price_source,
        ..
    } = fx;
    format!("{price} {pair} of {day} ({convention}, {price_source})")
}

/// What a trace is worth, by each basis.
pub fn of_trace(value: &TraceValue, style: Style) -> String {
    let mut table = Table::new(&[
        (Side::Left, "basis"),
        (Side::Right, "USD"),
        (Side::Right, "priced"),
        (Side::Right, "without a price"),
    ]);
    for total in &value.totals {
        let (priced, unpriced) = (total.priced.to_string(), total.unpriced.to_string());
        table.row(&[total.basis, &range(total), &priced, &unpriced]);
        for (kind, usd) in &total.by_kind {
            table.row(&[&format!("  {kind}"), &dollars(usd)]);
        }
    }
    let heading = style.bold("What it is worth");
    let mut text = format!("\n{heading}\n\n{}", table.render(style));
    for missing in &value.unpriced {
        let sum = amount(&missing.asset, &missing.amount);
        let rows = count(missing.rows, "row", "rows");
        let (basis, why) = (missing.basis, &missing.why);
        let line = format!("  - {basis}: {sum} in {rows} without a price: {why}");
        text.push_str(&wrapped(&line, "    "));
    }
    for caveat in &value.caveats {
        text.push_str(&wrapped(
            &format!("  - {}: {}", caveat.kind, caveat.what),
            "    ",
        ));
    }
    for price in &value.prices {
        let line = format!(
            "  {} of {}: {}, file sha256:{}",
            price.series, price.day, price.price, price.price_file
        );
        text.push_str(&style.faint(&wrapped(&line, "    ")));
    }
    text
}

fn range(total: &Total) -> String {
    match &total.usd {
        Some(usd) => dollars(usd),
        None => format!(
            "{} to {}",
            dollars(&total.usd_low),
            dollars(&total.usd_high)
        ),
    }
}

/// Dollars and cents with thousands set apart.
pub fn dollars(usd: &str) -> String {
    let (whole, cents) = usd.split_once('.').unwrap_or((usd, "00"));
    format!("{}.{cents}", units(whole, 0))
}
