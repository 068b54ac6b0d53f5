//! The cells of a price file: numbers and days as programs and spreadsheets write them.
//!
//! A cell is read where it can mean one thing, and what a spreadsheet did to it is remarked. A cell that could mean
//! two things, such as `1,234`, is refused with the reason: a guess here is a wrong figure later.

use super::{Currency, Day, Price};
use crate::valuation::series::short;

/// What a spreadsheet counts days from.
const SERIAL_ZERO: &str = "1899-12-30";
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A price, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// The price.
    pub price: Price,
    /// Thousands were set apart with commas.
    pub separated: bool,
    /// It had an exponent: digits may have been lost before.
    pub scientific: bool,
}

/// Reads a price.
pub(super) fn number(text: &str, quote: &Currency) -> Result<Number, String> {
    let text = bare(text);
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "" => return Err("the price is empty".to_owned()),
        "null" | "nan" | "na" | "n/a" | "none" | "-" => {
            return Err(format!("the price is {:?}: there was none", short(text)));
        }
        _ if text.starts_with('#') => {
            return Err(format!(
                "the price is {:?}, which a spreadsheet writes for what it cannot show",
                short(text)
            ));
        }
        _ => {}
    }
    let sign = match quote.code() {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        _ => "",
    };
    let digits = text.strip_prefix(sign).unwrap_or(text);
    let separated = digits.contains(',');
    let joined = if separated {
        joined(digits)?
    } else {
        digits.to_owned()
    };
    let price = Price::parse(&joined).map_err(|fault| format!("{:?} {fault}", short(text)))?;
    Ok(Number {
        price,
        separated,
        scientific: joined.contains(['e', 'E']),
    })
}

/// A number without the commas between its thousands, where they can be nothing else.
fn joined(text: &str) -> Result<String, String> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let groups: Vec<&str> = whole.split(',').collect();
    let fits = |(at, group): (usize, &&str)| {
        let length = group.len();
        group.bytes().all(|byte| byte.is_ascii_digit())
            && if at == 0 {
                (1..=3).contains(&length)
            } else {
                length == 3
            }
    };
    if !groups.iter().enumerate().all(fits) {
        return Err(format!("{:?} has a comma where none belongs", short(text)));
    }
    if fraction.is_none() && groups.len() == 2 {
        return Err(format!(
            "{:?} could be thousands or have a decimal comma",
            short(text)
        ));
    }
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    Ok(format!("{}{fraction}", groups.concat()))
}

/// A day, as far as its cell alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dated {
    /// One day.
    Day(Day),
    /// One day, which a spreadsheet has written as a number.
    Serial(Day),
    /// Day and month in one order or the other.
    Either(u32, u32, u32),
}

/// Reads a day. A time after it is not turned into UTC: what a daily series writes is the day it means.
pub(super) fn date(text: &str) -> Result<Dated, String> {
    let text = bare(text);
    if text.is_empty() {
        return Err("the day is empty".to_owned());
    }
    if text.starts_with('#') {
        return Err(format!(
            "the day is {:?}: a spreadsheet's column was too narrow for it",
            short(text)
        ));
    }
    let read = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        of_digits(text)
    } else if text.bytes().any(|byte| byte.is_ascii_alphabetic()) && !text.contains([':', '/']) {
        of_words(text)
    } else {
        of_parts(text)
    };
    read.ok_or_else(|| format!("{:?} is not a day that can be read", short(text)))
}

/// `20200925`, seconds or milliseconds since 1970, or a spreadsheet's count of days.
fn of_digits(text: &str) -> Option<Dated> {
    let number: i64 = text.parse().ok()?;
    let of_seconds = |seconds: i64| {
        let time = whither_ledger::time::Timestamp::from_seconds(seconds).ok()?;
        Some(Dated::Day(Day::of(time)))
    };
    match text.len() {
        5 => {
            let days = i32::try_from(number).ok()?;
            Day::parse(SERIAL_ZERO)?.plus(days).map(Dated::Serial)
        }
        8 => {
            let part = |from, to| text.get(from..to)?.parse::<u32>().ok();
            Day::from_calendar(part(0, 4)?, part(4, 6)?, part(6, 8)?).map(Dated::Day)
        }
        9 | 10 => of_seconds(number),
        12 | 13 => of_seconds(number.div_euclid(1000)),
        _ => None,
    }
}

/// `Sep 25, 2020`, `25-Sep-2020`, and an ISO date with a `T`.
fn of_words(text: &str) -> Option<Dated> {
    let words: Vec<&str> = text
        .split([' ', ',', '-', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    let [a, b, c] = words.as_slice() else {
        return None;
    };
    let month = |word: &str| {
        let word = word.to_ascii_lowercase();
        let found = MONTHS.iter().position(|name| word.starts_with(name))?;
        u32::try_from(found + 1).ok()
    };
    let year = |word: &str| whole(word).filter(|_| word.len() == 4);
    let (month, day, year) = match (month(a), month(b)) {
        (Some(month), None) => (month, whole(b)?, year(c)?),
        (None, Some(month)) => (month, whole(a)?, year(c)?),
        _ => return None,
    };
    Day::from_calendar(year, month, day).map(Dated::Day)
}

/// `2020-09-25`, `9/25/2020`, `25.09.2020`, each with or without a time of day.
fn of_parts(text: &str) -> Option<Dated> {
    let (text, time) = match text.find([' ', 'T', 't']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let of_time = |c: char| c.is_ascii_digit() || ":.+-Zz UTCAPMapm".contains(c);
    if !time.chars().all(of_time) {
        return None;
    }
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    let (one, two, three) = (whole(a)?, whole(b)?, whole(c)?);
    match (separator, a.len(), c.len()) {
        ('-' | '/' | '.', 4, _) => Day::from_calendar(one, two, three).map(Dated::Day),
        ('.', _, 4) => Day::from_calendar(three, two, one).map(Dated::Day),
        ('-' | '/', _, 4) => Some(Dated::Either(one, two, three)),
        _ => None,
    }
}

fn whole(text: &str) -> Option<u32> {
    let is_plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// A cell without the spaces and the apostrophe that spreadsheets put around it.
fn bare(text: &str) -> &str {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    text.strip_prefix('\'').unwrap_or(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_where_they_mean_one_thing() {
        let usd = Currency::usd();
        for (text, price, separated, scientific) in [
            ("10692.716796875", "10692.716796875", false, false),
            (" $1,234.5\u{a0}", "1234.5", true, false),
            ("1,234,567", "1234567", true, false),
            ("1.2E-05", "0.000012", false, true),
            ("'42", "42", false, false),
        ] {
            let number = number(text, &usd).unwrap();
            let found = (number.separated, number.scientific);
            assert_eq!(number.price.to_string(), price);
            assert_eq!(found, (separated, scientific), "{text}");
        }
        for (text, why) in [
            ("", "is empty"),
            ("null", "there was none"),
            ("#N/A", "spreadsheet"),
            ("1,234", "decimal comma"),
            ("10692,72", "where none belongs"),
            ("1.234,5", "is not a number"),
            ("0", "is zero"),
            ("-3.5", "below zero"),
            ("€3", "is not a number"),
            ("1 234.5", "is not a number"),
        ] {
            let found = number(text, &usd).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
    }

    #[test]
    fn days_are_read_as_programs_write_them() {
        for text in [
            "2020-09-25",
            "2020/9/25",
            "2020-09-25 00:00:00+00:00",
            "2020-09-25T00:00:00.000Z",
            "2020-09-25 00:00:00+01:00",
            "2020-09-25 00:00:00 UTC",
            "20200925",
            "1600992000",
            "1600992000000",
            "Sep 25, 2020",
            "September 25, 2020",
            "25-Sep-2020",
            "25 sep 2020",
            "25.09.2020",
            "25.9.2020 00:00",
        ] {
            let day = Day::parse("2020-09-25").unwrap();
            assert_eq!(date(text), Ok(Dated::Day(day)), "{text}");
        }
        let serial = Day::parse("2020-09-25").unwrap();
        assert_eq!(date("44099"), Ok(Dated::Serial(serial)));
        assert_eq!(date("9/25/2020 0:00"), Ok(Dated::Either(9, 25, 2020)));
        assert_eq!(date("25-09-2020"), Ok(Dated::Either(25, 9, 2020)));
        for text in [
            "",
            "########",
            "yesterday",
            "2020-02-30",
            "9/25/20",
            "2020",
            "1",
            "25-Sep-20",
            "2020-09-25 noon",
            "Sep 2020",
            "０１.０１.２０２０",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }
}
