//! Reading a price file: CSV of any publisher, whole or damaged, into a price a day.
//!
//! A row that cannot be read, or can be read in two ways, has no price, and is listed with its line and the reason. What
//! was read although it looks odd is remarked: rows out of order, exponents, a price far from both its neighbours. The
//! order of rows changes nothing but such remarks.

use std::collections::BTreeMap;

use super::cell::{self, Dated};
use super::header::Columns;
use super::remark::{JUMP, LINES_SHOWN, Oddities, Remark};
use super::rows::{Row, rows};
use super::{Convention, Currency, Day, Price, SeriesError};

/// No longer file is read.
pub const FILE_LENGTH_MAX: usize = 64 << 20;
/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// A price a day.
    pub days: BTreeMap<Day, Price>,
    /// The columns they are from.
    pub column: String,
    /// Rows below the header.
    pub rows: usize,
    /// Rows that have no price that can be used.
    pub skipped: Vec<Skipped>,
    /// What is odd about those that have one.
    pub remarks: Vec<Remark>,
}

/// A row that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its line, counted from 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// Reads a file's prices by a convention.
///
/// # Errors
/// Where the file as a whole cannot be read: it is no text, names no columns that fit, has no row with a price, or
/// leaves open throughout whether months or days come first.
pub fn read(bytes: &[u8], convention: Convention, quote: &Currency) -> Result<Read, SeriesError> {
    let text = decoded(bytes)?;
    let mut skipped = Vec::new();
    let (columns, rows) = rows(text, convention, quote, &mut skipped)?;
    let count = rows.len() + skipped.len();
    let mut oddities = Oddities::default();
    let found = of_days(
        rows,
        &columns,
        convention,
        quote,
        &mut skipped,
        &mut oddities,
    )?;
    let days = settled(found, &mut skipped, &mut oddities);
    skipped.sort();
    if days.is_empty() {
        let first = skipped.first().map_or_else(String::new, |skipped| {
            format!("; line {}: {}", skipped.line, skipped.why)
        });
        return Err(wrong(format!("no row has a price that can be used{first}")));
    }
    for (day, before, after) in jumps(&days) {
        oddities.jumps.push(format!(
            "{day}: {} between {before} and {after}",
            days[&day]
        ));
    }
    Ok(Read {
        days,
        column: columns.names,
        rows: count,
        skipped,
        remarks: oddities.remarks(),
    })
}

pub(super) fn wrong(why: impl Into<String>) -> SeriesError {
    SeriesError::File(why.into())
}

fn decoded(bytes: &[u8]) -> Result<&str, SeriesError> {
    if bytes.len() > FILE_LENGTH_MAX {
        return Err(wrong(format!("it is longer than {FILE_LENGTH_MAX} bytes")));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(wrong("it is text in UTF-16: save it as CSV in UTF-8"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(wrong("it is a workbook: save its sheet as CSV"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map_err(|error| wrong(format!("byte {} is no text in UTF-8", error.valid_up_to())))
}

/// Prices with their lines, by day.
type ByDay = BTreeMap<Day, Vec<(u64, Price)>>;

fn of_days(
    rows: Vec<Row>,
    columns: &Columns,
    convention: Convention,
    quote: &Currency,
    skipped: &mut Vec<Skipped>,
    oddities: &mut Oddities,
) -> Result<ByDay, SeriesError> {
    let dated: Vec<(Row, Result<Dated, String>)> = rows
        .into_iter()
        .map(|row| {
            let date = cell::date(&row.date);
            (row, date)
        })
        .collect();
    let order = order(
        dated
            .iter()
            .filter_map(|(row, dated)| Some((row, dated.as_ref().ok()?))),
    )?;
    let mut found = ByDay::new();
    let mut before = None;
    for (row, dated) in dated {
        let day = dated.and_then(|dated| match (dated, order) {
            (Dated::Day(day) | Dated::Serial(day), _) => Ok(day),
            (Dated::Either(a, b, year), Order::MonthFirst) => calendar(year, a, b, &row.date),
            (Dated::Either(a, b, year), _) => calendar(year, b, a, &row.date),
        });
        let serial = matches!(cell::date(&row.date), Ok(Dated::Serial(_)));
        let read = day.and_then(|day| {
            let price = price(&row, columns, convention, quote, oddities)?;
            Ok((day, price))
        });
        match read {
            Ok((day, price)) => {
                if before.is_some_and(|before| day < before) {
                    oddities.unsorted.push(row.line);
                }
                if serial {
                    oddities.serial.push(row.line);
                }
                before = Some(day);
                found.entry(day).or_default().push((row.line, price));
            }
            Err(why) => skipped.push(Skipped {
                line: row.line,
                why,
            }),
        }
    }
    Ok(found)
}

/// In which order a file writes the parts of `9/25/2020`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    MonthFirst,
    DayFirst,
    /// It writes none so.
    Plain,
}

/// Decides the order by all rows together: one whose first number is over 12 settles it for all.
fn order<'a>(dated: impl Iterator<Item = (&'a Row, &'a Dated)>) -> Result<Order, SeriesError> {
    let mut first: Option<&Row> = None;
    let (mut day_first, mut month_first) = (None, None);
    for (row, dated) in dated {
        if let Dated::Either(a, b, _) = dated {
            first = first.or(Some(row));
            if *a > 12 {
                day_first = day_first.or(Some(row.line));
            } else if *b > 12 {
                month_first = month_first.or(Some(row.line));
            }
        }
    }
    match (first, day_first, month_first) {
        (None, ..) => Ok(Order::Plain),
        (_, Some(_), None) => Ok(Order::DayFirst),
        (_, None, Some(_)) => Ok(Order::MonthFirst),
        (_, Some(one), Some(other)) => Err(wrong(format!(
            "line {one} writes the day before the month, and line {other} after it"
        ))),
        (Some(row), None, None) => Err(wrong(format!(
            "nothing tells whether {:?} of line {} has the day or the month first: write days as 2020-09-25",
            super::series::short(&row.date),
            row.line
        ))),
    }
}

fn calendar(year: u32, month: u32, day: u32, text: &str) -> Result<Day, String> {
    Day::from_calendar(year, month, day)
        .ok_or_else(|| format!("{:?} is no day", super::series::short(text)))
}

/// The price of a row: one cell, or half way between two.
fn price(
    row: &Row,
    columns: &Columns,
    convention: Convention,
    quote: &Currency,
    oddities: &mut Oddities,
) -> Result<Price, String> {
    let numbers = row.prices.iter().map(|cell| cell::number(cell, quote));
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let price = match numbers.as_slice() {
        [one] => one.price,
        [high, low] if low.price > high.price => {
            return Err(format!(
                "its lowest price, {}, is above its highest, {}",
                low.price, high.price
            ));
        }
        [high, low] => low.price.between(high.price).ok_or_else(|| {
            format!(
                "half way between {} and {} has too many digits",
                low.price, high.price
            )
        })?,
        _ => {
            return Err(format!(
                "no price by the convention {convention} in {}",
                columns.names
            ));
        }
    };
    if numbers.iter().any(|number| number.separated) {
        oddities.separated.push(row.line);
    }
    if numbers.iter().any(|number| number.scientific) {
        oddities.scientific.push(row.line);
    }
    let range = row
        .range
        .as_ref()
        .map(|cells| cells.each_ref().map(|cell| cell::number(cell, quote)));
    if let Some([Ok(open), Ok(high), Ok(low), Ok(close)]) = range {
        let (low, high) = (low.price, high.price);
        let within = |price: Price| low <= price && price <= high;
        if !within(open.price) || !within(close.price) {
            oddities.range.push(row.line);
        }
    }
    Ok(price)
}

/// One price a day: where a day stands several times, they have to agree.
fn settled(
    found: ByDay,
    skipped: &mut Vec<Skipped>,
    oddities: &mut Oddities,
) -> BTreeMap<Day, Price> {
    let mut days = BTreeMap::new();
    for (day, prices) in found {
        let (_, price) = prices[0];
        if prices.iter().all(|(_, other)| *other == price) {
            days.insert(day, price);
            let again = prices.iter().skip(1).map(|(line, _)| *line);
            oddities.repeated.extend(again);
            continue;
        }
        let mut lines: Vec<u64> = prices.iter().map(|(line, _)| *line).collect();
        lines.sort_unstable();
        for (line, price) in prices {
            let others = lines.iter().filter(|other| **other != line);
            let others: Vec<String> = others.take(LINES_SHOWN).map(ToString::to_string).collect();
            skipped.push(Skipped {
                line,
                why: format!(
                    "{day} has other prices than {price} on line {}: none is taken",
                    others.join(", ")
                ),
            });
        }
    }
    days
}

/// Days whose price is far from those of the days before and after it, which agree with each other.
fn jumps(days: &BTreeMap<Day, Price>) -> Vec<(Day, Price, Price)> {
    let days: Vec<(Day, Price)> = days.iter().map(|(day, price)| (*day, *price)).collect();
    let far = |three: &[(Day, Price)]| {
        let [(_, before), (day, price), (_, after)] = three else {
            return None;
        };
        let above = price.is_at_least(JUMP, *before) && price.is_at_least(JUMP, *after);
        let below = before.is_at_least(JUMP, *price) && after.is_at_least(JUMP, *price);
        (above || below).then_some((*day, *before, *after))
    };
    days.windows(3).filter_map(far).collect()
}

#[cfg(test)]
#[path = "read/tests.rs"]
mod tests;
