//! Tables for people: columns that line up, facts in lists, amounts with their unit.
//!
//! Every cell passes [`visible`], so that no name from a chain or a case moves the cursor, recolours the
//! terminal or turns text around. Nothing is cut and nothing is wrapped: an address stands whole.

pub mod assess;
pub mod cluster;
pub mod evidence;
pub mod exposure;
pub mod freeze;
pub mod incident;
pub mod ingest;
pub mod label;
pub mod link;
pub mod lists;
pub mod offramps;
pub mod prices;
pub mod related;
pub mod report;
pub mod saved;
pub mod screen;
pub mod show;
pub mod status;
pub mod trace;
pub mod value;

use whither::page::unit;
use whither::text::visible;

use crate::style::Style;

/// Sentences are broken before this column.
const LINE_WIDTH: usize = 100;

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table that is being filled.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(Side, &'static str)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns.
    pub fn new(columns: &[(Side, &'static str)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells that are left out are empty.
    pub fn row<Text: AsRef<str>>(&mut self, cells: &[Text]) {
        self.rows
            .push(cells.iter().map(|cell| visible(cell.as_ref())).collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines, set in by two spaces; columns without a heading have none at all.
    pub fn render(&self, style: Style) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.width(column))
            .collect();
        let mut text = String::new();
        if self.columns.iter().any(|(_, heading)| !heading.is_empty()) {
            let headings: Vec<&str> = self.columns.iter().map(|(_, heading)| *heading).collect();
            let line = self.line(&headings, &widths);
            text.push_str(&format!("  {}\n", style.faint(&line)));
        }
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            text.push_str(&format!("  {}\n", self.line(&cells, &widths)));
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| width(cell))
            .chain([width(self.columns[column].1)])
            .max()
            .unwrap_or(0)
    }

    fn line(&self, cells: &[&str], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, (side, _)), column) in cells.iter().zip(&self.columns).zip(widths) {
            let gap = " ".repeat(column.saturating_sub(width(cell)));
            match side {
                Side::Left => line.push_str(&format!("{cell}{gap}  ")),
                Side::Right => line.push_str(&format!("{gap}{cell}  ")),
            }
        }
        line.trim_end().to_owned()
    }
}

/// Facts about one thing: a name and a value a line. Values that are not known are left out.
pub fn facts(facts: &[(&'static str, Option<String>)]) -> String {
    let mut table = Table::new(&[(Side::Left, ""), (Side::Left, "")]);
    for (name, value) in facts {
        if let Some(value) = value {
            table.row(&[*name, value.as_str()]);
        }
    }
    table.render(Style::PLAIN)
}

/// An amount with its unit, exact.
pub fn amount(asset: &str, digits: &str) -> String {
    unit(asset).exact(digits)
}

/// A count of things, with its noun.
pub fn count(number: usize, one: &str, several: &str) -> String {
    let shown = whither::text::units(&number.to_string(), 0);
    format!("{shown} {}", if number == 1 { one } else { several })
}

/// A sentence over as many lines as it needs, broken at spaces, further lines after an indent.
///
/// A word that is longer than a line stands on one of its own, whole.
pub fn wrapped(text: &str, indent: &str) -> String {
    let text = visible(text);
    let start = text.len() - text.trim_start().len();
    let mut lines = vec![text[..start].to_owned()];
    for word in text[start..].split(' ') {
        let last = lines.last().map(String::as_str).unwrap_or_default();
        let begins = last.trim().is_empty();
        if !begins && width(last) + 1 + width(word) > LINE_WIDTH {
            lines.push(format!("{indent}{word}"));
        } else if let Some(last) = lines.last_mut() {
            last.push_str(if begins { "" } else { " " });
            last.push_str(word);
        }
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// How many columns of a terminal a text takes. Hangul, Kana and Han take two each.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(u32::from(c),
            0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
            | 0xFF00..=0xFF60 | 0x1F300..=0x1FAFF | 0x2_0000..=0x3_FFFD)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_also_under_hostile_and_wide_names() {
        let mut table = Table::new(&[
            (Side::Right, "amount"),
            (Side::Left, "name"),
            (Side::Left, "where"),
        ]);
        table.row(&["1", "라자루스", "a"]);
        table.row(&["1,000", "x\u{1b}[2J", "b"]);
        let text = table.render(Style::PLAIN);
        assert_eq!(
            text,
            "  amount  name          where\n       1  라자루스      a\n   1,000  x⟦U+001B⟧[2J  b\n"
        );
    }

    #[test]
    fn sentences_are_broken_and_addresses_are_not() {
        let address = "x".repeat(120);
        let text = wrapped(
            &format!("  - {} {address} end", "word ".repeat(20).trim()),
            "    ",
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                format!("  - {}", "word ".repeat(19).trim()),
                "    word".to_owned(),
                format!("    {address}"),
                "    end".to_owned()
            ]
        );
    }

    #[test]
    fn amounts_have_units() {
        assert_eq!(
            amount(
                "bip122:000000000019d6689c085ae165831e93/slip44:0",
                "100000001"
            ),
            "1.00000001 BTC"
        );
        assert_eq!(
            amount(
                "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
                "1000"
            ),
            "0.001 USDT"
        );
        // Whoever calls itself so at another contract is not it.
        assert_eq!(
            amount(
                "eip155:1/erc20:0x1111111111111111111111111111111111111111",
                "1000"
            ),
            "1,000 smallest units"
        );
    }
}
