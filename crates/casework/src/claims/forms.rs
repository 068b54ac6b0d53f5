//! The forms in which claims write numbers, amounts and assets: one text for each value, and no fraction that rounds.
//!
//! JSON readers keep neither fractions nor large numbers exactly, so both are text here.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use whither_ledger::U256;
use whither_ledger::asset::Asset;

/// A decimal number that is not negative, with the digits that its author wrote: `281.00` stays `281.00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(Decimal);

impl Number {
    /// The value.
    #[must_use]
    pub fn value(self) -> Decimal {
        self.0
    }

    /// Whether it is between 0 and 1, both included.
    #[must_use]
    pub fn is_probability(self) -> bool {
        self.0 <= Decimal::ONE
    }
}

impl TryFrom<Decimal> for Number {
    type Error = String;

    fn try_from(value: Decimal) -> Result<Self, String> {
        value.to_string().parse()
    }
}

impl FromStr for Number {
    type Err = String;

    /// Digits, and a point with digits after it where there is a fraction; 28 digits at most.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if !is_digits(whole) || !is_digits(fraction) {
            return Err(format!(
                "{text:?} is not a decimal number, written as digits like 316400000 or 0.25"
            ));
        }
        let read = Decimal::from_str(text).ok();
        // What does not come back as it was written was rounded, or begins with zeros.
        let exact = read.filter(|number| number.to_string() == text);
        exact.map(Self).ok_or_else(|| {
            format!("{text:?} has zeros before it, or more than the 28 digits that are kept")
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A count of an asset's smallest units, written in digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(pub U256);

impl FromStr for Units {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!(
                "{text:?} is not a whole number of smallest units, written in digits"
            ));
        }
        let read = text.parse();
        read.map(Self)
            .map_err(|_| format!("{text:?} is 2^256 or more"))
    }
}

impl fmt::Display for Units {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An asset by its CAIP-19 id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetId(pub Asset);

impl FromStr for AssetId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error| {
            let error: whither_ledger::asset::AssetError = error;
            error.to_string()
        })
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}

/// A type that is written as its text.
macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use as_text;

as_text!(Number, Units, AssetId);

/// The two ends of a range, the lower one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "[Number; 2]", try_from = "[Number; 2]")]
pub struct Range {
    low: Number,
    high: Number,
}

impl Range {
    /// The lower end.
    #[must_use]
    pub fn low(self) -> Number {
        self.low
    }

    /// The upper end.
    #[must_use]
    pub fn high(self) -> Number {
        self.high
    }
}

impl TryFrom<[Number; 2]> for Range {
    type Error = String;

    fn try_from([low, high]: [Number; 2]) -> Result<Self, String> {
        if low > high {
            return Err(format!(
                "a range goes from low to high, and not from {low} to {high}"
            ));
        }
        Ok(Self { low, high })
    }
}

impl From<Range> for [Number; 2] {
    fn from(range: Range) -> Self {
        [range.low, range.high]
    }
}

/// Refuses a text that says nothing.
pub(crate) fn said(field: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("`{field}` is empty"));
    }
    Ok(())
}

/// Refuses an optional text that says nothing; a field that is not known is left out.
pub(crate) fn said_if_any(field: &str, text: Option<&String>) -> Result<(), String> {
    text.map_or(Ok(()), |text| said(field, text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_digits() {
        for text in [
            "0",
            "316400000",
            "281.00",
            "0.1",
            "1234567890123456789012345678",
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "-1",
            "+1",
            "1e3",
            "1_000",
            "1,000",
            ".5",
            "5.",
            "01",
            "NaN",
            " 1",
            "0x1",
            "١",
            "0.12345678901234567890123456789",
            "99999999999999999999999999999999",
        ] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_has_a_low_and_a_high_end() {
        let read = |text: &str| serde_json::from_str::<Range>(text);
        let range = read(r#"["0.5","2"]"#).unwrap();
        assert_eq!(
            (range.low().to_string(), range.high().to_string()),
            ("0.5".to_owned(), "2".to_owned())
        );
        assert_eq!(serde_json::to_string(&range).unwrap(), r#"["0.5","2"]"#);
        for text in [r#"["2","1"]"#, r#"["1"]"#, "[1,2]", r#"["1","2","3"]"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
