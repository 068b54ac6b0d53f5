//! Times: whole seconds since 1970 in UTC, written as RFC 3339.
//!
//! Chains count seconds, so this does too: a text that says more (a fraction that is not zero, a leap
//! second) is refused, since dropping it would change what a source said. A local time without an offset
//! has no meaning here; the tables that leave the offset out mean UTC, and are read so.
//!
//! Not here: a clock. Time zones are only read, never shown.

use std::fmt;

use thiserror::Error;

use crate::chain::text::quote;

/// Seconds since 1970-01-01T00:00:00Z, within the years 0 to 9999 that RFC 3339 can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest time that can be written: the first second of the year 0.
    pub const MIN: Self = Self(-62_167_219_200);
    /// The latest time that can be read with any offset: within the last two days of the year 9999.
    pub const MAX: Self = Self(253_402_207_200);

    /// A time by its seconds since 1970.
    ///
    /// # Errors
    /// When the time is outside [`Timestamp::MIN`] to [`Timestamp::MAX`]; milliseconds usually are.
    pub fn from_seconds(seconds: i64) -> Result<Self, TimestampError> {
        let time = Self(seconds);
        if (Self::MIN..=Self::MAX).contains(&time) {
            return Ok(time);
        }
        Err(TimestampError::OutOfRange {
            text: seconds.to_string(),
        })
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, `YYYY-MM-DD HH:MM:SS` (UTC, also with `T`, or with ` UTC` after it), `YYYY-MM-DD`
    /// (its midnight in UTC), or whole seconds since 1970.
    ///
    /// # Errors
    /// When the text has none of these forms, names no moment, or says more than whole seconds.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let text = text.trim_ascii();
        if is_integer(text) {
            let seconds = text
                .parse()
                .map_err(|_| TimestampError::OutOfRange { text: quote(text) })?;
            return Self::from_seconds(seconds);
        }
        let Calendar {
            date,
            clock,
            fraction,
            zone,
        } = Calendar::split(text).ok_or_else(|| TimestampError::Form { text: quote(text) })?;
        if fraction.bytes().any(|digit| digit != b'0') {
            return Err(TimestampError::Fraction { text: quote(text) });
        }
        if clock.ends_with(":60") {
            return Err(TimestampError::LeapSecond { text: quote(text) });
        }
        let moment: jiff::Timestamp = format!("{date}T{clock}{zone}")
            .parse()
            .map_err(|_| TimestampError::NoSuchTime { text: quote(text) })?;
        Self::from_seconds(moment.as_second())
    }
}

impl From<u32> for Timestamp {
    /// The time of a block header, which always fits.
    fn from(seconds: u32) -> Self {
        Self(i64::from(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment =
            jiff::Timestamp::from_second(self.0).expect("the range was checked when it was made");
        write!(formatter, "{moment}")
    }
}

/// The parts of a date and time, each of the right shape.
struct Calendar<'text> {
    date: &'text str,
    clock: &'text str,
    fraction: &'text str,
    zone: &'text str,
}

impl<'text> Calendar<'text> {
    fn split(text: &'text str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        if !has_shape(date, b"0000-00-00") {
            return None;
        }
        if rest.is_empty() {
            return Some(Self {
                date,
                clock: "00:00:00",
                fraction: "",
                zone: "Z",
            });
        }
        let (clock, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
        if !has_shape(clock, b"00:00:00") {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix('.') {
            None => ("", rest),
            Some(rest) => match rest.bytes().take_while(u8::is_ascii_digit).count() {
                0 => return None,
                digits => rest.split_at(digits),
            },
        };
        let zone = match rest {
            "" | "Z" | "z" | " UTC" => "Z",
            offset if has_shape(offset, b"+00:00") || has_shape(offset, b"-00:00") => offset,
            _ => return None,
        };
        Some(Self {
            date,
            clock,
            fraction,
            zone,
        })
    }
}

/// Whether a text has a digit wherever the shape has `0`, and the shape's own character elsewhere.
fn has_shape(text: &str, shape: &[u8]) -> bool {
    let fits = |(byte, wanted): (u8, &u8)| match wanted {
        b'0' => byte.is_ascii_digit(),
        _ => byte == *wanted,
    };
    text.len() == shape.len() && text.bytes().zip(shape).all(fits)
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a text names no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// None of the forms that are read.
    #[error("{text} is not a time")]
    Form {
        /// What was given, quoted.
        text: String,
    },
    /// The right form, and no such day or hour.
    #[error("there is no such time as {text}")]
    NoSuchTime {
        /// What was given, quoted.
        text: String,
    },
    /// A part of a second.
    #[error("{text} has a fraction of a second, which would be lost")]
    Fraction {
        /// What was given, quoted.
        text: String,
    },
    /// A second that seconds since 1970 do not count.
    #[error("{text} is a leap second, which seconds since 1970 do not count")]
    LeapSecond {
        /// What was given, quoted.
        text: String,
    },
    /// A moment outside the years 0 to 9999.
    #[error("{text} is not within the years 0 to 9999")]
    OutOfRange {
        /// What was given.
        text: String,
    },
}

impl TimestampError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Form { .. } => Some(
                "write it as `2022-03-23T13:29:09Z`, `2022-03-23 13:29:09` (UTC), `2022-03-23`, or seconds \
                 since 1970",
            ),
            Self::OutOfRange { .. } => {
                Some("a number is read as seconds since 1970: these may be milliseconds")
            }
            Self::NoSuchTime { .. } | Self::Fraction { .. } | Self::LeapSecond { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    /// The first withdrawal from the Ronin bridge.
    const RONIN: i64 = 1_648_042_149;

    #[test]
    fn every_form_of_one_moment_is_that_moment() {
        for text in [
            "2022-03-23T13:29:09Z",
            "2022-03-23t13:29:09z",
            "2022-03-23T13:29:09+00:00",
            "2022-03-23T13:29:09-00:00",
            "2022-03-23T22:29:09+09:00",
            "2022-03-23T07:59:09-05:30",
            "2022-03-24T12:29:09+23:00",
            "2022-03-23 13:29:09",
            "2022-03-23T13:29:09",
            "2022-03-23 13:29:09 UTC",
            "2022-03-23 13:29:09.000 UTC",
            "2022-03-23T13:29:09.000000000000Z",
            "1648042149",
            " 1648042149\n",
        ] {
            let time = Timestamp::parse(text).unwrap();
            assert_eq!(time.seconds(), RONIN, "{text}");
            assert_eq!(time.to_string(), "2022-03-23T13:29:09Z", "{text}");
        }
        assert_eq!(
            Timestamp::parse("2022-03-23").unwrap().to_string(),
            "2022-03-23T00:00:00Z"
        );
        assert_eq!(
            Timestamp::parse("-1").unwrap().to_string(),
            "1969-12-31T23:59:59Z"
        );
        assert_eq!(
            Timestamp::from(u32::MAX).to_string(),
            "2106-02-07T06:28:15Z"
        );
        assert_eq!(
            Timestamp::parse("2020-02-29").unwrap().seconds(),
            1_582_934_400
        );
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for text in ["2022-03-23T13:29:09.5Z", "2022-03-23 13:29:09.0000000001"] {
            assert!(
                matches!(Timestamp::parse(text), Err(TimestampError::Fraction { .. })),
                "{text}"
            );
        }
        let leap = Timestamp::parse("2016-12-31T23:59:60Z");
        assert!(matches!(leap, Err(TimestampError::LeapSecond { .. })));
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_text() {
        for text in [
            "",
            "-",
            "yesterday",
            "2022-03",
            "2022/03/23",
            "20220323T132909Z",
            "2022-3-23",
            "23-03-2022",
            "2022-03-23T13:29Z",
            "2022-03-23T13:29:9Z",
            "2022-03-23  13:29:09",
            "2022-03-23T13:29:09+0900",
            "2022-03-23T13:29:09 CET",
            "2022-03-23T13:29:09Z[Asia/Seoul]",
            "2022-03-23T",
            "1648042149.0",
            "+1648042149",
            "2022-03-23T13:29:09.",
            "２０２２-03-23",
            "2022-03-2é",
        ] {
            let error = Timestamp::parse(text);
            assert!(
                matches!(error, Err(TimestampError::Form { .. })),
                "{text:?}: {error:?}"
            );
            assert!(error.unwrap_err().to_string().contains(text));
        }
        for text in [
            "2022-02-29",
            "2022-13-01",
            "2022-00-10",
            "2022-03-23 24:00:00",
            "2022-03-23 13:60:00",
        ] {
            let error = Timestamp::parse(text);
            assert!(
                matches!(error, Err(TimestampError::NoSuchTime { .. })),
                "{text}: {error:?}"
            );
        }
    }

    #[test]
    fn milliseconds_are_not_taken_for_seconds() {
        for text in [
            "1648042149000",
            "-99999999999999",
            "99999999999999999999999",
        ] {
            let error = Timestamp::parse(text).unwrap_err();
            assert!(
                matches!(error, TimestampError::OutOfRange { .. }),
                "{text}: {error:?}"
            );
            assert!(error.hint().unwrap().contains("milliseconds"));
        }
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(Timestamp::parse(&time.to_string()).unwrap(), time);
        }
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00Z");
        assert!(Timestamp::from_seconds(Timestamp::MIN.0 - 1).is_err());
        assert!(Timestamp::from_seconds(Timestamp::MAX.0 + 1).is_err());
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(seconds in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let time = Timestamp::from_seconds(seconds).unwrap();
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
            prop_assert_eq!(Timestamp::parse(&seconds.to_string()), Ok(time));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", digits in "[-0-9T:Z+. ]{0,30}") {
            let _ = Timestamp::parse(&text);
            let _ = Timestamp::parse(&digits);
        }
    }
}
