//! Which column of a price file holds what, by the names in its header.
//!
//! Names are compared without case, spaces and signs, and a currency's code after them is left out: `Close*`,
//! `close_usd` and `Close/Last` are closes. An adjusted close is none: it is made for shares that split and pay.

use super::{Convention, Currency};

/// A header is looked for in so many records.
pub(super) const RECORDS_MAX: usize = 10;

const DATES: &[&str] = &[
    "date",
    "day",
    "datetime",
    "dateutc",
    "snappedat",
    "timeopen",
    "opentime",
    "time",
    "timestamp",
    "unix",
    "unixtimestamp",
];
const OPEN: &[&str] = &["open", "openprice", "priceopen"];
const HIGH: &[&str] = &["high", "highprice", "pricehigh"];
const LOW: &[&str] = &["low", "lowprice", "pricelow"];
const CLOSE: &[&str] = &["close", "closeprice", "priceclose", "closelast", "last"];
const MID: &[&str] = &["mid", "midprice", "average"];
const SINGLE: &[&str] = &["price", "value", "rate", "pricequote"];

/// Where the days and the prices stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The day.
    pub date: usize,
    /// The prices that make the one that is asked for: one, or the two that a mid lies between.
    pub prices: Vec<usize>,
    /// Their names as the file has them.
    pub names: String,
    /// Open, high, low and close, where the file has all of them: they tell of damage.
    pub range: Option<[usize; 4]>,
    /// How many cells the header has.
    pub width: usize,
    /// The first record with a price.
    pub data_from: usize,
}

/// Finds the header among the first records of a file.
pub(super) fn find(
    records: &[Vec<String>],
    convention: Convention,
    quote: &Currency,
) -> Result<Columns, String> {
    for (at, record) in records.iter().enumerate().take(RECORDS_MAX) {
        let names: Vec<String> = record.iter().map(|cell| plain(cell, quote)).collect();
        if !has_prices(&names) {
            continue;
        }
        let below = |ahead: usize| {
            let cell = records.get(at + ahead).and_then(|record| record.first());
            cell.is_some_and(|cell| DATES.contains(&plain(cell, quote).as_str()))
        };
        let named = DATES
            .iter()
            .find_map(|name| names.iter().position(|it| it == name));
        // An index without a name comes first; some programs write its name two lines further down.
        let first_is = |name: &str| names.first().is_some_and(|first| first == name);
        let (date, data_from) = match named {
            Some(date) => (date, at + 1),
            None if first_is("") => (0, at + 1),
            None if first_is("price") && below(1) => (0, at + 2),
            None if first_is("price") && below(2) => (0, at + 3),
            None => continue,
        };
        let found = |wanted: &[&str]| one(&names, record, wanted, date);
        let range = match [found(OPEN)?, found(HIGH)?, found(LOW)?, found(CLOSE)?] {
            [Some(open), Some(high), Some(low), Some(close)] => Some([open, high, low, close]),
            _ => None,
        };
        let prices = prices(convention, &found)?.ok_or_else(|| {
            format!(
                "none of its columns is a price by the convention {convention}: {}",
                shown(record)
            )
        })?;
        let named = prices.iter().map(|column| record[*column].trim());
        return Ok(Columns {
            date,
            names: named.collect::<Vec<_>>().join(" and "),
            prices,
            range,
            width: record.len(),
            data_from,
        });
    }
    let first = records
        .first()
        .map_or_else(String::new, |record| shown(record));
    Err(format!(
        "no line names a column of days and one of prices; the first is: {first}"
    ))
}

/// The columns that a convention's price is made of.
fn prices(
    convention: Convention,
    found: &impl Fn(&[&str]) -> Result<Option<usize>, String>,
) -> Result<Option<Vec<usize>>, String> {
    let (own, others) = match convention {
        Convention::Open => (OPEN, [CLOSE, MID]),
        Convention::Close => (CLOSE, [OPEN, MID]),
        Convention::Mid => (MID, [OPEN, CLOSE]),
    };
    if let Some(column) = found(own)? {
        return Ok(Some(vec![column]));
    }
    if convention == Convention::Mid
        && let (Some(high), Some(low)) = (found(HIGH)?, found(LOW)?)
    {
        return Ok(Some(vec![high, low]));
    }
    // A file with one price a day does not say which it is: the importer does.
    for other in others {
        if found(other)?.is_some() {
            return Ok(None);
        }
    }
    Ok(found(SINGLE)?.map(|column| vec![column]))
}

/// The one column that has one of these names.
fn one(
    names: &[String],
    record: &[String],
    wanted: &[&str],
    date: usize,
) -> Result<Option<usize>, String> {
    let mut columns = (0..names.len())
        .filter(|column| *column != date && wanted.contains(&names[*column].as_str()));
    match (columns.next(), columns.next()) {
        (Some(first), Some(second)) => Err(format!(
            "two of its columns are prices of one kind: {}",
            shown(&[record[first].clone(), record[second].clone()])
        )),
        (found, _) => Ok(found),
    }
}

fn has_prices(names: &[String]) -> bool {
    let known = [OPEN, HIGH, LOW, CLOSE, MID, SINGLE];
    let is_price = |name: &String| known.iter().any(|names| names.contains(&name.as_str()));
    names.iter().any(is_price)
}

/// A name without what files decorate it with.
fn plain(cell: &str, quote: &Currency) -> String {
    let letters: String = cell.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = letters.to_ascii_lowercase();
    let code = quote.code().to_ascii_lowercase();
    match name.strip_suffix(&code) {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => name,
    }
}

/// A few cells for an error.
fn shown(cells: &[String]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .take(12)
        .map(|cell| format!("{:?}", super::series::short(cell)))
        .collect();
    cells.join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn columns(lines: &[&str], convention: Convention) -> Result<Columns, String> {
        let records: Vec<Vec<String>> = lines
            .iter()
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect();
        find(&records, convention, &Currency::usd())
    }

    #[test]
    fn names_are_recognised_as_publishers_write_them() {
        for (header, convention, date, prices) in [
            (
                "Date,Open,High,Low,Close,Adj Close,Volume",
                Convention::Close,
                0,
                &[4][..],
            ),
            (
                "Date,Open,High,Low,Close,Adj Close,Volume",
                Convention::Open,
                0,
                &[1],
            ),
            (
                "Date,Open,High,Low,Close,Adj Close,Volume",
                Convention::Mid,
                0,
                &[2, 3],
            ),
            (
                "Date,Open,High,Low,Close*,Adj Close**",
                Convention::Close,
                0,
                &[4],
            ),
            ("date,price", Convention::Mid, 0, &[1]),
            (
                "snapped_at,price,market_cap,total_volume",
                Convention::Open,
                0,
                &[1],
            ),
            (
                "timeOpen,timeClose,open,high,low,close,timestamp",
                Convention::Close,
                0,
                &[5],
            ),
            (
                "Date,Close/Last,Volume,Open,High,Low",
                Convention::Close,
                0,
                &[1],
            ),
            ("asset,time,PriceUSD", Convention::Close, 1, &[2]),
            (",Open,High,Low,Close", Convention::Open, 0, &[1]),
            ("Date,Mid,High,Low", Convention::Mid, 0, &[1]),
        ] {
            let found = columns(&[header], convention).unwrap();
            assert_eq!(
                (found.date, found.prices.as_slice()),
                (date, prices),
                "{header}"
            );
            assert_eq!(found.data_from, 1);
        }
        let split = [
            "Price,Close,High,Low,Open",
            "Ticker,A,A,A,A",
            "Date,,,,",
            "2020-01-01,1,2,1,1",
        ];
        let found = columns(&split, Convention::Close).unwrap();
        assert_eq!((found.date, found.prices, found.data_from), (0, vec![1], 3));
        let titled = ["Bitcoin in US dollars", "Date,Close"];
        assert_eq!(columns(&titled, Convention::Close).unwrap().data_from, 2);
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        for (header, convention) in [
            ("2020-09-25,10692.7", Convention::Close),
            ("Date,Close", Convention::Open),
            ("Date,Close", Convention::Mid),
            ("Date,Adj Close", Convention::Close),
            ("Date,Close,close", Convention::Close),
            ("Open,Close", Convention::Close),
            ("", Convention::Close),
        ] {
            assert!(columns(&[header], convention).is_err(), "{header}");
        }
    }
}
