//! Values: exact against plain arithmetic on digits, chosen as the order of series says, known on real prices.
#![allow(clippy::unwrap_used, missing_docs)]

mod choosing;
mod exact;
mod real;

use whither_casework::valuation::{Convention, Currency, Day, Pair, Series, SeriesKey};

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A series of a pair (`asset` or `asset in EUR`) from lines `day,price`.
pub fn series(pair: &str, convention: Convention, source: &str, lines: &str) -> Series {
    let (asset, quote) = pair.split_once(" in ").unwrap_or((pair, "USD"));
    let quote: Currency = quote.parse().unwrap();
    let pair = Pair::parse(asset, Some(&quote)).unwrap();
    let key = SeriesKey::new(pair, convention, source).unwrap();
    let file = format!("date,price\n{}\n", lines.replace(' ', "\n"));
    let (series, read) = Series::of_file(key, file.as_bytes(), None, None).unwrap();
    assert_eq!((read.skipped.len(), read.remarks.len()), (0, 0));
    series
}
