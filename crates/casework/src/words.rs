//! The short texts of an entry, each checked once: author, kind, the case's id, time.
//!
//! An author becomes a file name and all of them stand in a public line, so they are kept to letters that
//! no file system and no reader takes for something else. Time is given by the caller; there is no clock here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::CaseError;

/// A word of lower-case letters, digits and hyphens, beginning with a letter or a digit.
fn word(what: &'static str, text: &str, length_max: usize) -> Result<String, CaseError> {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if text.is_empty() || text.len() > length_max {
        let why = format!(
            "it has {} bytes, and 1 to {length_max} are allowed",
            text.len()
        );
        return Err(CaseError::input(what, text, why));
    }
    if text.starts_with('-') || !text.bytes().all(plain) {
        let why = "only a-z, 0-9 and hyphens are allowed, and no hyphen at the beginning";
        return Err(CaseError::input(what, text, why));
    }
    Ok(text.to_owned())
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $what:literal, $length_max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks a word.
            ///
            /// # Errors
            /// [`CaseError::Input`] for other characters, or too many.
            pub fn new(text: &str) -> Result<Self, CaseError> {
                word($what, text, $length_max).map(Self)
            }

            /// The word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_form!($name);
    };
}

/// A checked text: shown as it is, and read from JSON by its check.
macro_rules! text_form {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

word! {
    /// Who wrote an entry: one log each. Two people, or one person in two places, need two of them.
    Author, "an author", 64
}

word! {
    /// What kind of entry it is: `incident`, `label`, …; `retract` and `correct` are the ledger's own.
    Kind, "a kind", 32
}

word! {
    /// Names a case among all cases. It stands in public heads, so it must give nothing away.
    CaseId, "a case id", 64
}

word! {
    /// Names something that claims talk about, or a claim: an incident, an entity, a source, …
    Word, "a word", 64
}

impl Kind {
    /// The kind of an entry that strikes another.
    pub(crate) const RETRACT: &str = "retract";
    /// The kind of an entry that replaces what a claim says.
    pub(crate) const CORRECT: &str = "correct";

    pub(crate) fn is_retract(&self) -> bool {
        self.0 == Self::RETRACT
    }

    pub(crate) fn is_correct(&self) -> bool {
        self.0 == Self::CORRECT
    }

    /// Whether an entry of this kind says something itself.
    #[must_use]
    pub fn is_claim(&self) -> bool {
        !self.is_retract() && !self.is_correct()
    }
}

/// A moment, to the second, in UTC. Its one text is `2022-03-23T13:29:09Z`, so text order is time order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(String);

impl Time {
    /// Reads `YYYY-MM-DDTHH:MM:SSZ`.
    ///
    /// # Errors
    /// [`CaseError::Input`] for any other form, and for a day or an hour that does not exist. A leap second
    /// is refused: the second before it stands for it.
    pub fn new(text: &str) -> Result<Self, CaseError> {
        if is_time(text) {
            return Ok(Self(text.to_owned()));
        }
        let why = "it is not of the form 2022-03-23T13:29:09Z";
        Err(CaseError::input("a time", text, why))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_form!(Time);

/// A date as precise as somebody knew it, in UTC: `2020`, `2020-09`, `2020-09-25`, `2020-09-25T18:49Z`, or a [`Time`].
/// What is not known is not made up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// Reads a date.
    ///
    /// # Errors
    /// [`CaseError::Input`] for any other form, and for a day or an hour that does not exist.
    pub fn new(text: &str) -> Result<Self, CaseError> {
        if is_day(text) || is_time(text) || is_minute(text) {
            return Ok(Self(text.to_owned()));
        }
        let why = "it is not of the form 2020, 2020-09, 2020-09-25, 2020-09-25T18:49Z or 2020-09-25T18:49:00Z";
        Err(CaseError::input("a date", text, why))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_form!(Date);

fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let Some(time) = time.strip_suffix('Z') else {
        return false;
    };
    let clock: Vec<Option<u32>> = time.split(':').map(|part| digits(part, 2)).collect();
    let hands = match clock[..] {
        [Some(hour), Some(minute), Some(second)] => hour < 24 && minute < 60 && second < 60,
        _ => false,
    };
    hands && is_day(date) && date.len() == 10
}

/// Whether a text is a time without its seconds.
fn is_minute(text: &str) -> bool {
    let whole = text.strip_suffix('Z').map(|minute| format!("{minute}:00Z"));
    whole.is_some_and(|whole| is_time(&whole))
}

/// Whether a text is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of a day that exists.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |at: usize, length: usize| {
        let digits = bytes.get(at..at + length)?;
        digits.iter().try_fold(0, |number: u32, byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    let hyphen = |at: usize| bytes.get(at) == Some(&b'-');
    let Some(year) = number(0, 4) else {
        return false;
    };
    let month = || number(5, 2).filter(|month| hyphen(4) && (1..=12).contains(month));
    match bytes.len() {
        4 => true,
        7 => month().is_some(),
        10 => month().is_some_and(|month| {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                2 => 28 + u32::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            hyphen(7) && number(8, 2).is_some_and(|day| (1..=days).contains(&day))
        }),
        _ => false,
    }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let all = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_author_cannot_leave_its_folder() {
        assert_eq!(Author::new("m-weber-2").unwrap().as_str(), "m-weber-2");
        for bad in [
            "", "..", "../a", "a/b", "a\\b", "C:", "A", "a.b", "-a", "é", "a\0", "a b",
        ] {
            assert!(Author::new(bad).is_err(), "{bad:?}");
        }
        assert!(Author::new(&"a".repeat(64)).is_ok());
        assert!(Author::new(&"a".repeat(65)).is_err());
    }

    #[test]
    fn a_time_has_one_text_and_exists() {
        for good in [
            "2022-03-23T13:29:09Z",
            "2024-02-29T00:00:00Z",
            "2106-02-07T06:28:16Z",
        ] {
            assert_eq!(Time::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "2022-03-23",
            "2022-03T13:29:09Z",
            "2022-03-23T13:29:09",
            "2022-03-23T13:29:09.5Z",
            "2022-03-23T13:29:09+00:00",
            "2022-03-23t13:29:09Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2022-13-01T00:00:00Z",
            "2022-00-01T00:00:00Z",
            "2022-01-00T00:00:00Z",
            "2022-01-01T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "+022-01-01T00:00:00Z",
        ] {
            assert!(Time::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_date_is_as_precise_as_it_is_known() {
        for good in [
            "2020",
            "2020-09",
            "2020-09-30",
            "2020-09-25T18:49Z",
            "2022-03-23T13:29:09Z",
        ] {
            assert!(Date::new(good).is_ok(), "{good}");
        }
        for bad in [
            "20",
            "2020-9",
            "2020-09-31",
            "2020-09-30-1",
            "2020-09-25T18:60Z",
            "2020-09-25T18Z",
            "September 2020",
        ] {
            assert!(Date::new(bad).is_err(), "{bad}");
        }
    }
}
