//! Shares: probabilities and likelihoods as whole millionths, and ranges of them.
//!
//! A probability in a case is a decimal that somebody wrote or a result that somebody will quote, so it is exact:
//! six decimal places, and what a division leaves over is rounded outward by whoever divides.

use std::fmt;

use serde::{Serialize, Serializer};

/// A share of one, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All.
    pub const ONE: Self = Self(1_000_000);

    /// So many millionths; more than a million count as one.
    #[must_use]
    pub fn of_millionths(millionths: u32) -> Self {
        Self(millionths.min(Self::ONE.0))
    }

    /// In millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Reads a decimal from 0 to 1 with at most six places: `0.05`, `1`.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| Err(format!("{text:?} is not a share: {why}"));
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) {
            return wrong("it is written as a decimal, like 0.05");
        }
        if places.len() > 6 {
            return wrong("it has at most six decimal places");
        }
        let number = format!("{whole}{places:0<6}").parse::<u32>();
        match number {
            Ok(number) if number <= Self::ONE.0 => Ok(Self(number)),
            _ => wrong("it lies between 0 and 1"),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0 / Self::ONE.0, self.0 % Self::ONE.0);
        if places == 0 {
            return write!(formatter, "{whole}");
        }
        let places = format!("{places:06}");
        write!(formatter, "{whole}.{}", places.trim_end_matches('0'))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From a lowest to a highest share, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Range {
    /// The lowest.
    pub low: Share,
    /// The highest; never below `low`.
    pub high: Share,
}

impl Range {
    /// A range of two shares.
    ///
    /// # Errors
    /// If they stand the wrong way round.
    pub fn new(low: Share, high: Share) -> Result<Self, String> {
        if low > high {
            return Err(format!(
                "the range {low} to {high} stands the wrong way round"
            ));
        }
        Ok(Self { low, high })
    }

    /// Reads two decimals.
    ///
    /// # Errors
    /// What is wrong with either, or their order.
    pub fn parse(low: &str, high: &str) -> Result<Self, String> {
        Self::new(Share::parse(low)?, Share::parse(high)?)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} to {}", self.low, self.high)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_decimal_of_six_places() {
        for (text, millionths) in [
            ("0", 0),
            ("0.000001", 1),
            ("0.05", 50_000),
            ("0.5000", 500_000),
            ("1", 1_000_000),
            ("1.0", 1_000_000),
        ] {
            assert_eq!(Share::parse(text).unwrap().millionths(), millionths);
        }
        for text in [
            "",
            ".",
            ".5",
            "5.",
            "-0.1",
            "+0.1",
            "1.000001",
            "2",
            "0.0000001",
            "1e-3",
            "0,5",
            "½",
            "5%",
            "99999999999999999999",
        ] {
            assert!(Share::parse(text).is_err(), "{text:?}");
        }
        for text in ["0", "0.05", "0.000001", "1", "0.123456"] {
            assert_eq!(Share::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_range_stands_the_right_way_round() {
        assert!(Range::parse("0.2", "0.1").is_err());
        assert_eq!(
            Range::parse("0.1", "0.1").unwrap().to_string(),
            "0.1 to 0.1"
        );
    }
}
