//! Dates as people write them into tables, read to a day of UTC or refused.
//!
//! ISO 8601 is read as it stands; month names and year-first dates have one meaning and are read, with a word on
//! it; a time zone is converted. `03/04/2020` is March or April, `44099` is what a spreadsheet makes of a date, and
//! `early 2020` is no date: these are refused.

use whither_ledger::time::Timestamp;

use crate::period::Day;
use crate::words::Date;

/// A date, and how it was read where it stood otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub date: Date,
    pub note: Option<String>,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Days on which the calendars of spreadsheets and of computers begin: an empty cell that was formatted as a date.
const BEGINNINGS: &[&str] = &[
    "1899-12-30",
    "1899-12-31",
    "1900-01-01",
    "1904-01-01",
    "1970-01-01",
];

/// Reads a date.
///
/// # Errors
/// Why it is none, or which two it may be.
pub(super) fn read(text: &str) -> Result<Read, String> {
    let text = text.trim();
    let read = exact(text)
        .or_else(|| moment(text).transpose())
        .transpose()?;
    let read = read.map_or_else(|| written_out(text), Ok)?;
    if BEGINNINGS.contains(&read.date.days().first.to_string().as_str())
        && read.date.as_str().len() >= 10
    {
        return Err(
            "it is the first day of a computer's calendar: an empty cell, formatted as a date"
                .to_owned(),
        );
    }
    Ok(read)
}

fn exact(text: &str) -> Option<Result<Read, String>> {
    let is_moment_of_another_form = text.len() > 10 && !text.ends_with('Z');
    let date = Date::parse(text).filter(|_| !is_moment_of_another_form)?;
    Some(Ok(Read { date, note: None }))
}

/// A date with an hour, in whatever zone.
fn moment(text: &str) -> Result<Option<Read>, String> {
    let Some((day, rest)) = text
        .split_at_checked(10)
        .filter(|(day, _)| shape(day) == "0000-00-00")
    else {
        return Ok(None);
    };
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']).map(str::trim_start) else {
        return Ok(None);
    };
    if Day::parse(day).is_none() {
        return Err(format!("there is no such day as {day}"));
    }
    let at = rest
        .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
        .unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(at);
    let clock = clock.strip_suffix(".000").unwrap_or(clock);
    let full = match clock.len() {
        5 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    let zone = zone.trim();
    let (offset, note) = match zone {
        "Z" | "z" | "+00:00" | "+0000" | "UTC" | "GMT" => ("Z".to_owned(), None),
        "" => (
            "Z".to_owned(),
            Some("it names no time zone, and is read as UTC"),
        ),
        _ => match offset(zone) {
            Some(offset) => (offset, Some("it is converted to UTC")),
            None => {
                return Err(format!(
                    "the time zone `{zone}` is not an offset; write the time in UTC, as 2020-09-25T18:49Z"
                ));
            }
        },
    };
    let time =
        Timestamp::parse(&format!("{day}T{full}{offset}")).map_err(|error| error.to_string())?;
    let utc = time.to_string();
    let utc = match clock.len() {
        5 => format!("{}Z", &utc[..16]),
        _ => utc,
    };
    let date = Date::parse(&utc).ok_or("it is beyond the years that can be written")?;
    let note = note.map(|note| format!("{note}: {utc}"));
    Ok(Some(Read { date, note }))
}

fn offset(zone: &str) -> Option<String> {
    let zone = zone
        .strip_prefix("UTC")
        .or_else(|| zone.strip_prefix("GMT"))
        .unwrap_or(zone);
    match shape(zone).as_str() {
        "+00:00" | "-00:00" => Some(zone.to_owned()),
        "+0000" | "-0000" => Some(format!("{}:{}", &zone[..3], &zone[3..])),
        "+00" | "-00" => Some(format!("{zone}:00")),
        "+0" | "-0" => Some(format!("{}0{}:00", &zone[..1], &zone[1..])),
        _ => None,
    }
}

/// The text with each digit as `0`.
fn shape(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect()
}

/// Dates in words, with the year first, and what is none.
fn written_out(text: &str) -> Result<Read, String> {
    let iso = "write it as 2020, 2020-09, 2020-09-25 or 2020-09-25T18:49Z";
    let shaped = shape(text);
    let shaped = shaped.as_str();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(read) = year_first(text) {
        return read.ok_or_else(|| format!("there is no such day as {text}"));
    }
    if let Some(read) = with_month_name(text) {
        return read.ok_or_else(|| format!("there is no such day as {text}"));
    }
    let why = match shaped {
        _ if digits && text.len() == 5 => {
            let serial: i32 = text.parse().unwrap_or(0);
            let day = Day::new(1899, 12, 30).map(|day| day.plus(serial));
            let day = day.map(|day| day.to_string()).unwrap_or_default();
            format!(
                "it is a spreadsheet's number of a day, {day} if its calendar begins in 1900; {iso}"
            )
        }
        _ if digits && matches!(text.len(), 10 | 13) => {
            format!("it is a count of seconds or milliseconds; {iso}")
        }
        "0000-00-00" | "0000-00" | "0000" => format!("there is no such day as {text}"),
        "00/00/0000" | "0/0/0000" | "00/0/0000" | "0/00/0000" | "00.00.0000" | "0.0.0000"
        | "00-00-0000" | "00.0.0000" | "0.00.0000" | "0-0-0000" => {
            format!("it may begin with the day or with the month; {iso}")
        }
        "00/00/00" | "0/0/00" | "00.00.00" | "00-00-00" | "0/00/00" | "00/0/00" => {
            format!("neither its year nor its order is plain; {iso}")
        }
        _ => format!("it is not a date; {iso}"),
    };
    Err(why)
}

fn read_as(date: String) -> Option<Read> {
    let date = Date::parse(&date)?;
    let note = Some(format!("it is read as {date}"));
    Some(Read { date, note })
}

/// `2020/09/25`, `2020.9.5`, `2020-9-5`: in that order there is one meaning. `None` outside if it is no such text.
fn year_first(text: &str) -> Option<Option<Read>> {
    let separator = text.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let digits = parts
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !digits
        || parts[0].len() != 4
        || !(2..=3).contains(&parts.len())
        || parts[1..].iter().any(|part| part.len() > 2)
    {
        return None;
    }
    let rest: Vec<String> = parts[1..]
        .iter()
        .map(|part| format!("{part:0>2}"))
        .collect();
    Some(read_as(format!("{}-{}", parts[0], rest.join("-"))))
}

/// `25 September 2020`, `Sep 25, 2020`, `September 2020`. `None` outside if it is no such text.
fn with_month_name(text: &str) -> Option<Option<Read>> {
    let mut month = None;
    let (mut year, mut day) = (None, None);
    for word in text
        .split([' ', ',', '-', '.'])
        .filter(|word| !word.is_empty())
    {
        let lower = word.to_lowercase();
        let bare = lower
            .trim_end_matches("st")
            .trim_end_matches("nd")
            .trim_end_matches("rd")
            .trim_end_matches("th");
        let number = bare
            .parse::<u32>()
            .ok()
            .filter(|_| bare.bytes().all(|byte| byte.is_ascii_digit()));
        let named = MONTHS.iter().position(|name| {
            lower.len() >= 3 && name.starts_with(&lower) || lower == "sept" && *name == "september"
        });
        match (named, number) {
            (Some(at), _) if month.is_none() => month = Some(at + 1),
            (None, Some(number)) if bare.len() == 4 && year.is_none() => year = Some(number),
            (None, Some(number)) if bare.len() <= 2 && day.is_none() => day = Some(number),
            _ => return None,
        }
    }
    let (year, month) = (year?, month?);
    Some(match day {
        Some(day) => read_as(format!("{year:04}-{month:02}-{day:02}")),
        None => read_as(format!("{year:04}-{month:02}")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_one_meaning_is_read_and_said() {
        for (text, date, said) in [
            ("2020", "2020", ""),
            ("2020-09", "2020-09", ""),
            (" 2020-09-25 ", "2020-09-25", ""),
            ("2020-09-25T18:49Z", "2020-09-25T18:49Z", ""),
            ("2020-09-25T18:49:07Z", "2020-09-25T18:49:07Z", ""),
            ("2020-09-25 18:49 UTC", "2020-09-25T18:49Z", ""),
            ("2020-09-26T02:49+08:00", "2020-09-25T18:49Z", "converted"),
            (
                "2020-09-26 03:49:00 +0900",
                "2020-09-25T18:49:00Z",
                "converted",
            ),
            ("2020-09-26 03:49 UTC+9", "2020-09-25T18:49Z", "converted"),
            ("2020-09-25 18:49:00", "2020-09-25T18:49:00Z", "read as UTC"),
            ("2020/09/25", "2020-09-25", "read as"),
            ("2020-9-5", "2020-09-05", "read as"),
            ("25 September 2020", "2020-09-25", "read as"),
            ("Sept. 25th, 2020", "2020-09-25", "read as"),
            ("25-Sep-2020", "2020-09-25", "read as"),
            ("September 2020", "2020-09", "read as"),
        ] {
            let read = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(read.date.as_str(), date, "{text}");
            let note = read.note.unwrap_or_default();
            assert!(
                note.contains(said) && note.is_empty() == said.is_empty(),
                "{text}: {note}"
            );
        }
    }

    #[test]
    fn a_date_of_no_meaning_or_two_is_refused_with_the_reason() {
        for (text, why) in [
            ("2021-02-30", "no such day"),
            ("2020-13-01", "no such day"),
            ("2020-00-10", "no such day"),
            ("2020-13", "no such day"),
            ("2021/02/30", "no such day"),
            ("30 February 2021", "no such day"),
            ("2021-02-30T10:00Z", "no such day"),
            ("2020-09-25T25:00Z", "no such time"),
            ("03/04/2020", "day or with the month"),
            ("25/09/2020", "day or with the month"),
            ("3.4.2020", "day or with the month"),
            ("03/04/20", "neither its year"),
            ("44099", "2020-09-25"),
            ("1601059740", "seconds"),
            ("1970-01-01", "first day"),
            ("1900-01-01", "first day"),
            ("early 2020", "not a date"),
            ("2020-Q3", "not a date"),
            ("2020?", "not a date"),
            ("2020-09-25/26", "not a date"),
            ("2020-09-25 to 2020-09-26", "time zone"),
            ("2020-09-25 18:49 KST", "time zone `KST`"),
            ("20200925", "not a date"),
            ("yesterday", "not a date"),
            ("25-Sep-20", "not a date"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
