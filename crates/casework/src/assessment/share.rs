//! Shares: probabilities as whole millionths, and ranges of them; and likelihoods, which may be above one.
//!
//! A probability in a case is a decimal that somebody wrote or a result that somebody will quote, so it is exact:
//! six decimal places. What has more, or what a division leaves over, is rounded outward.

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
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&decimal(u64::from(self.0)))
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

    /// Reads two decimals of any number of places, rounded outward.
    ///
    /// # Errors
    /// What is wrong with either, or their order.
    pub fn parse(low: &str, high: &str) -> Result<Self, String> {
        let share = |text: &str, end| {
            let number = millionths(text, end)?;
            let number = u32::try_from(number)
                .ok()
                .filter(|number| *number <= Share::ONE.0);
            number
                .map(Share)
                .ok_or_else(|| format!("{text:?} is no probability: it lies between 0 and 1"))
        };
        Self::new(share(low, End::Low)?, share(high, End::High)?)
    }
}

/// Which end of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Low,
    High,
}

/// A decimal in millionths; what is finer is dropped at a low end, and counts as one more at a high end.
fn millionths(text: &str, end: End) -> Result<u64, String> {
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(places) {
        return Err(format!("{text:?} is not a decimal, written like 0.05"));
    }
    let (kept, finer) = places.split_at(places.len().min(6));
    let number = format!("{whole}{kept:0<6}").parse::<u64>();
    let number = number.map_err(|_| format!("{text:?} is too large"))?;
    let up = end == End::High && finer.bytes().any(|digit| digit != b'0');
    Ok(number + u64::from(up))
}

/// How likely an item is to be seen under a hypothesis, as a multiple of how likely it is at large: one says nothing.
/// From a lowest to a highest, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likelihood {
    low: u64,
    high: u64,
}

/// No likelihood is above a million.
const LIKELIHOOD_MAX: u64 = 1_000_000_000_000;

impl Likelihood {
    /// What is neither more nor less likely than at large.
    pub const ONE: Self = Self {
        low: 1_000_000,
        high: 1_000_000,
    };

    /// Reads two decimals of any number of places, rounded outward.
    ///
    /// # Errors
    /// What is wrong with either, or their order. Nothing is impossible: the high end lies above 0.
    pub fn parse(low: &str, high: &str) -> Result<Self, String> {
        let (low, high) = (millionths(low, End::Low)?, millionths(high, End::High)?);
        Self::of_millionths(low, high)
    }

    /// So many millionths each.
    ///
    /// # Errors
    /// As [`Likelihood::parse`].
    pub fn of_millionths(low: u64, high: u64) -> Result<Self, String> {
        if low > high {
            return Err("a likelihood goes from low to high".to_owned());
        }
        if high == 0 || high > LIKELIHOOD_MAX {
            return Err("a likelihood lies above 0, since nothing is known to be impossible, and at most at a million".to_owned());
        }
        Ok(Self { low, high })
    }

    /// The lowest, in millionths.
    #[must_use]
    pub fn low(self) -> u64 {
        self.low
    }

    /// The highest, in millionths.
    #[must_use]
    pub fn high(self) -> u64 {
        self.high
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} to {}", decimal(self.low), decimal(self.high))
    }
}

/// As a case writes it: a list of both ends.
impl Serialize for Likelihood {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [decimal(self.low), decimal(self.high)].serialize(serializer)
    }
}

/// Millionths as a decimal without noughts at its end.
pub(super) fn decimal(millionths: u64) -> String {
    let (whole, places) = (millionths / 1_000_000, millionths % 1_000_000);
    let text = format!("{whole}.{places:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
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
    fn a_probability_is_rounded_outward_to_six_places() {
        for (low, high, shown) in [
            ("0", "1", "0 to 1"),
            ("0.05", "0.50", "0.05 to 0.5"),
            ("0.1234567", "0.1234567", "0.123456 to 0.123457"),
            ("0.1234560", "0.1234560", "0.123456 to 0.123456"),
            ("0.9999999999999999999999999999", "1.0", "0.999999 to 1"),
        ] {
            assert_eq!(Range::parse(low, high).unwrap().to_string(), shown);
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
            "1e-3",
            "0,5",
            "½",
            "5%",
            "99999999999999999999",
        ] {
            assert!(Range::parse("0", text).is_err(), "{text:?}");
        }
        assert!(Range::parse("0.2", "0.1").is_err());
    }

    #[test]
    fn a_likelihood_may_be_above_one_and_is_never_nothing() {
        for (low, high, shown) in [
            ("0.3", "0.5", "0.3 to 0.5"),
            ("2", "7.5", "2 to 7.5"),
            ("0", "0.0000001", "0 to 0.000001"),
            ("1000000", "1000000", "1000000 to 1000000"),
        ] {
            assert_eq!(Likelihood::parse(low, high).unwrap().to_string(), shown);
        }
        for (low, high) in [
            ("0", "0"),
            ("2", "1"),
            ("1", "1000000.1"),
            ("1", "x"),
            ("-1", "1"),
        ] {
            assert!(Likelihood::parse(low, high).is_err(), "{low} {high}");
        }
    }
}
