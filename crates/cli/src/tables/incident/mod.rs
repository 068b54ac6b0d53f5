//! Incidents for people: lists, one with its conflicts, totals, and what came of a table.

pub mod import;
pub mod list;
pub mod show;
pub mod total;

use whither::incidents::{Caveat, Decimals, Held};
use whither::text::units;

use super::wrapped;
use crate::style::Style;

/// How many of what is alike are shown to a person; the others are counted, and JSON has them all.
const SHOWN: usize = 50;

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
    let mut text = format!("\n{}\n\n", style.bold("What must be known"));
    let mut line = |what: &str| text.push_str(&wrapped(&format!("  - {what}"), "    "));
    for alike in caveats.chunk_by(|a, b| a.kind == b.kind) {
        for caveat in alike.iter().take(SHOWN) {
            line(&caveat.what);
        }
        if let Some(more) = more(alike.len()) {
            line(&more);
        }
    }
    text
}

/// Says how many of so many alike are not shown, if there are such.
fn more(all: usize) -> Option<String> {
    let more = all.checked_sub(SHOWN).filter(|more| *more > 0)?;
    Some(format!(
        "and {more} more like these: `--format json` gives all of them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_thousand_alike_a_few_are_shown_and_the_others_counted() {
        let caveat = |kind, at: usize| Caveat {
            kind,
            what: format!("{kind} {at}"),
            incident: None,
        };
        let all = (0..1000).map(|at| caveat("units", at));
        let all: Vec<Caveat> = all.chain([caveat("undated", 0)]).collect();
        let text = caveats(&all, Style::PLAIN);
        assert_eq!(text.matches("- units").count(), SHOWN);
        assert!(
            text.contains("- units 49\n  - and 950 more like these"),
            "{text}"
        );
        assert!(text.contains("- undated 0\n"), "{text}");
    }

    #[test]
    fn numbers_are_in_groups() {
        assert_eq!(number("281000000"), "281,000,000");
        assert_eq!(number("-12400000.5"), "-12,400,000.5");
        assert_eq!(number("0.25"), "0.25");
    }
}
