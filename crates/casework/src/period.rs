//! Days, dates as precisely as somebody knew them, and periods.
//!
//! A claim says `2020`, `2020-09`, `2020-09-25` or a moment, and each of them covers days: a year all of its own,
//! a moment one. Questions are asked in days of UTC, so a date can lie within a period, outside of it, or across
//! its edge; the last is never decided in silence. There is no clock here, and no time zone but UTC.

use std::fmt;

use crate::words::Date;

/// A day in UTC, by its number since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// A day of the Gregorian calendar; `None` for one that does not exist.
    #[must_use]
    pub fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        let exists = (0..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_of(year, month)).contains(&day);
        exists.then(|| Self(days_since_1970(year, month, day)))
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let date = Date::parse(text)?;
        (text.len() == 10).then(|| date.days().first)
    }

    /// How many days after another, or before it.
    #[must_use]
    pub fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    /// The day so many days later.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Year, month and day.
    #[must_use]
    pub fn parts(self) -> (i32, i32, i32) {
        // Howard Hinnant's civil calendar: eras of 400 years, years from March.
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year + era * 400 + i32::from(month <= 2), month, day)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.parts().0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

fn days_of(year: i32, month: i32) -> i32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Days in a row, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The first day.
    pub first: Day,
    /// The last day, not before the first.
    pub last: Day,
}

/// How days lie to a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// All of them are in it.
    Within,
    /// None of them is.
    Outside,
    /// Some are and some are not: the date is not known precisely enough.
    Across,
}

impl Period {
    /// All of time, as far as a date can be written.
    pub const ALWAYS: Self = Self {
        first: Day(-719_528),
        last: Day(2_932_896),
    };

    /// Where the days lie to `other`.
    #[must_use]
    pub fn lies(self, other: Self) -> Lies {
        if other.first <= self.first && self.last <= other.last {
            Lies::Within
        } else if self.overlaps(other) {
            Lies::Across
        } else {
            Lies::Outside
        }
    }

    /// Whether a day is in both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The period, longer by some days on either side.
    #[must_use]
    pub fn wider(self, days: i32) -> Self {
        Self {
            first: self.first.plus(-days),
            last: self.last.plus(days),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(formatter, "{}", self.first);
        }
        write!(formatter, "{} to {}", self.first, self.last)
    }
}

impl Date {
    /// Reads a date; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::new(text).ok()
    }

    /// The days that it covers, in UTC.
    ///
    /// # Panics
    /// Never: a date was checked when it was made.
    #[must_use]
    pub fn days(&self) -> Period {
        covered(self.as_str()).expect("a date is of days that exist")
    }
}

fn covered(text: &str) -> Option<Period> {
    let number = |at: usize, length: usize| text.get(at..at + length)?.parse::<i32>().ok();
    let year = number(0, 4)?;
    let (first, last) = match text.len() {
        4 => (Day::new(year, 1, 1)?, Day::new(year, 12, 31)?),
        7 => {
            let month = number(5, 2)?;
            let last = Day::new(year, month, days_of(year, month))?;
            (Day::new(year, month, 1)?, last)
        }
        _ => {
            let day = Day::new(year, number(5, 2)?, number(8, 2)?)?;
            (day, day)
        }
    };
    Some(Period { first, last })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period(text: &str) -> Period {
        Date::parse(text).unwrap().days()
    }

    #[test]
    fn a_date_covers_the_days_of_its_precision() {
        for (text, first, last) in [
            ("2020", "2020-01-01", "2020-12-31"),
            ("2020-02", "2020-02-01", "2020-02-29"),
            ("2021-02", "2021-02-01", "2021-02-28"),
            ("2020-09-25", "2020-09-25", "2020-09-25"),
            ("2020-09-25T23:59:59Z", "2020-09-25", "2020-09-25"),
            ("2020-09-25T18:49Z", "2020-09-25", "2020-09-25"),
            ("0000", "0000-01-01", "0000-12-31"),
            ("9999-12-31", "9999-12-31", "9999-12-31"),
        ] {
            let days = period(text);
            assert_eq!(days.first.to_string(), first, "{text}");
            assert_eq!(days.last.to_string(), last, "{text}");
            assert_eq!(days.lies(Period::ALWAYS), Lies::Within);
        }
        for bad in [
            "2020-02-30",
            "2021-02-29",
            "2020-9",
            "20",
            "2020-09-25T18:49",
            "2020-09-25T24:00Z",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert_eq!(Period::ALWAYS.first.to_string(), "0000-01-01");
        assert_eq!(Period::ALWAYS.last.to_string(), "9999-12-31");
    }

    #[test]
    fn a_date_across_an_edge_is_neither_in_nor_out() {
        let september = period("2020-09");
        assert_eq!(period("2020-09-30").lies(september), Lies::Within);
        assert_eq!(period("2020-10-01").lies(september), Lies::Outside);
        assert_eq!(period("2020").lies(september), Lies::Across);
        assert!(period("2020-10-01").overlaps(september.wider(1)));
    }

    proptest! {
        #[test]
        fn a_day_is_read_back(number in -719_528..2_932_897_i32) {
            let day = Day(number);
            prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
            prop_assert_eq!(day.plus(1).since(day), 1);
        }
    }
}
