//! Days, which prices belong to, and periods: what a date of uncertain precision leaves open.
//!
//! A day is one of the calendar, in UTC. A theft that is dated `2020-09` happened on some day of that month:
//! its period is the whole month, and its value an interval.

use std::fmt;

use whither_ledger::time::Timestamp;

use crate::words::Date;

const SECONDS: i64 = 86_400;

/// A day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i32);

impl Day {
    /// The day on which a time lies.
    ///
    /// # Panics
    /// Never: a time lies within the years 0 to 9999.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        let days = time.seconds().div_euclid(SECONDS);
        Self(i32::try_from(days).expect("a time is within ten thousand years"))
    }

    /// Reads `YYYY-MM-DD`; `None` where there is no such day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 10;
        let time = Timestamp::parse(text).ok().filter(|_| is_plain)?;
        let day = Self::of(time);
        (day.to_string() == text).then_some(day)
    }

    /// A day by year, month and day of the month; `None` where there is no such day.
    #[must_use]
    pub fn from_calendar(year: u32, month: u32, day: u32) -> Option<Self> {
        Self::parse(&format!("{year:04}-{month:02}-{day:02}"))
    }

    /// The day that many days later, or earlier; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn plus(self, days: i32) -> Option<Self> {
        let day = self.0.checked_add(days)?;
        Timestamp::from_seconds(i64::from(day) * SECONDS).ok()?;
        Some(Self(day))
    }

    /// How many days lie between two days: 1 for neighbours.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        self.0.abs_diff(other.0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = Timestamp::from_seconds(i64::from(self.0) * SECONDS)
            .expect("a day is made within the years that can be written");
        let text = midnight.to_string();
        formatter.write_str(text.get(..10).unwrap_or(&text))
    }
}

/// Days from a first to a last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    first: Day,
    last: Day,
}

impl Period {
    /// The days from one to another; `None` where the last is before the first.
    #[must_use]
    pub fn new(first: Day, last: Day) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// Reads a date with the precision it has: `2020`, `2020-09`, `2020-09-25`, or a time, which is its day in UTC.
    ///
    /// `None` where the text is no date. Bare seconds since 1970 are none either.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let part = |from: usize, to: usize| -> Option<u32> {
            let digits = text.get(from..to)?;
            let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_plain)
        };
        match text.len() {
            4 => {
                let year = part(0, 4)?;
                let first = Day::from_calendar(year, 1, 1)?;
                Self::new(first, Day::from_calendar(year, 12, 31)?)
            }
            7 if text.as_bytes()[4] == b'-' => {
                let (year, month) = (part(0, 4)?, part(5, 7)?);
                let first = Day::from_calendar(year, month, 1)?;
                let last = (28..=31).rev();
                let last = last.filter_map(|day| Day::from_calendar(year, month, day));
                Self::new(first, last.max()?)
            }
            _ if text.contains('-') && !text.starts_with('-') => {
                moment(text).map(|time| Self::from(Day::of(time)))
            }
            _ => None,
        }
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> Day {
        self.first
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> Day {
        self.last
    }

    /// How many days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.first.distance(self.last).saturating_add(1)
    }
}

impl From<&Date> for Period {
    /// The days that a claim's date leaves open.
    fn from(date: &Date) -> Self {
        Self::parse(date.as_str()).expect("a date of a claim is of days that there are")
    }
}

/// Reads a time, with its seconds or without: `2020-09-25T18:49Z` is what some sources know of it.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    let minute = text.strip_suffix('Z').filter(|minute| minute.len() == 16);
    let whole = minute.map(|minute| format!("{minute}:00Z"));
    Timestamp::parse(whole.as_deref().unwrap_or(text)).ok()
}

impl From<Day> for Period {
    fn from(day: Day) -> Self {
        Self {
            first: day,
            last: day,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last {
            return first.fmt(formatter);
        }
        write!(formatter, "{first} to {last}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn days_are_of_the_calendar() {
        for text in ["0000-01-01", "1969-12-31", "2020-02-29", "2022-03-23"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2021-02-29",
            "2020-13-01",
            "2020-9-1",
            "20200901",
            "1600000000",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let day = Day::parse("2020-02-28").unwrap();
        assert_eq!(day.plus(2).unwrap().to_string(), "2020-03-01");
        assert_eq!(day.distance(day.plus(-400).unwrap()), 400);
        assert_eq!(Day::parse("0000-01-01").unwrap().plus(-1), None);
        let late = Timestamp::parse("2020-09-26T08:59:59+09:00").unwrap();
        assert_eq!(Day::of(late).to_string(), "2020-09-25");
    }

    #[test]
    fn periods_keep_the_precision_of_a_date() {
        for (text, shown, days) in [
            ("2020", "2020-01-01 to 2020-12-31", 366),
            ("2021-02", "2021-02-01 to 2021-02-28", 28),
            ("2020-09-25", "2020-09-25", 1),
            ("2020-09-25T18:49:00Z", "2020-09-25", 1),
            ("2020-09-25T18:49Z", "2020-09-25", 1),
            ("2020-09-26T01:00:00+09:00", "2020-09-25", 1),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.to_string().as_str(), period.days()), (shown, days));
            if let Ok(date) = Date::new(text) {
                assert_eq!(Period::from(&date), period);
            }
        }
        for text in [
            "",
            "20",
            "2020-",
            "2020-00",
            "202O",
            "2020-9",
            "1600000000",
            "-2020",
            "９９９",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
