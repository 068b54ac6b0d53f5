//! Incidents for people: lists, one with its conflicts, totals, and what came of a table.

pub mod import;
pub mod list;
pub mod show;
pub mod total;

use whither::incidents::{Caveat, Decimals, Held};
use whither::text::units;

use super::wrapped;
use crate::style::Style;

/// A value in US dollars: its digits in groups.
fn usd(value: Decimals) -> String {
    number(&value.0.normalize().to_string())
}

/// A value in US dollars, or nothing.
fn usd_if_any(value: Option<Decimals>) -> String {
    value.map(usd).unwrap_or_default()
}

/// A decimal with the digits of its whole part in groups.
fn number(decimal: &str) -> String {
    let (sign, digits) = decimal
        .strip_prefix('-')
        .map_or(("", decimal), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", units(whole, 0))
}

/// A quantity with its asset.
fn held(held: &Held) -> String {
    match (&held.asset, &held.symbol) {
        (Some(asset), _) => super::amount(asset, &held.quantity),
        (None, symbol) => format!(
            "{} {}",
            number(&held.quantity),
            symbol.as_deref().unwrap_or("?")
        ),
    }
}

/// Caveats as a list.
fn caveats(caveats: &[Caveat], style: Style) -> String {
    if caveats.is_empty() {
        return String::new();
    }
    let lines = caveats
        .iter()
        .map(|caveat| wrapped(&format!("  - {}", caveat.what), "    "));
    format!(
        "\n{}\n\n{}",
        style.bold("What must be known"),
        lines.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_groups() {
        assert_eq!(number("281000000"), "281,000,000");
        assert_eq!(number("-12400000.5"), "-12,400,000.5");
        assert_eq!(number("0.25"), "0.25");
    }
}
