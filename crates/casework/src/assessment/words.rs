//! Words of likelihood: the seven bands of ICD 203, and the verdict that an interval has in them.
//!
//! Intelligence Community Directive 203 (2015), D.6.e.(2)(a): 1–5, 5–20, 20–45, 45–55, 55–80, 80–95 and 95–99 %.
//! The directive says nothing of a number on an edge, below 1 or above 99 %: here an edge belongs to the band nearer to
//! even, and the outermost words serve to the end. Confidence is another thing, and stands in another file.

use serde::Serialize;

use super::share::{Range, Share};

/// A word of likelihood, from the least likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// Up to 5 %.
    AlmostNoChance,
    /// 5 to 20 %.
    VeryUnlikely,
    /// 20 to 45 %.
    Unlikely,
    /// 45 to 55 %.
    RoughlyEvenChance,
    /// 55 to 80 %.
    Likely,
    /// 80 to 95 %.
    VeryLikely,
    /// From 95 %.
    AlmostCertain,
}

impl Word {
    /// All of them, from the least likely.
    pub const ALL: [Self; 7] = [
        Self::AlmostNoChance,
        Self::VeryUnlikely,
        Self::Unlikely,
        Self::RoughlyEvenChance,
        Self::Likely,
        Self::VeryLikely,
        Self::AlmostCertain,
    ];

    /// Where its band begins, in millionths.
    #[must_use]
    pub fn from(self) -> Share {
        Share::of_millionths(match self {
            Self::AlmostNoChance => 0,
            Self::VeryUnlikely => 50_000,
            Self::Unlikely => 200_000,
            Self::RoughlyEvenChance => 450_000,
            Self::Likely => 550_000,
            Self::VeryLikely => 800_000,
            Self::AlmostCertain => 950_000,
        })
    }

    /// Where its band ends.
    #[must_use]
    pub fn to(self) -> Share {
        let next = Self::ALL.into_iter().find(|word| *word > self);
        next.map_or(Share::ONE, Self::from)
    }

    /// The word for a share. An edge belongs to the band nearer to even.
    #[must_use]
    pub fn of(share: Share) -> Self {
        let nearer = |word: &Self| {
            if *word <= Self::RoughlyEvenChance {
                share >= word.from()
            } else {
                share > word.from()
            }
        };
        let reached = Self::ALL.into_iter().rev().find(nearer);
        reached.expect("the first band begins at nothing")
    }

    /// As ICD 203 writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::AlmostNoChance => "almost no chance",
            Self::VeryUnlikely => "very unlikely",
            Self::Unlikely => "unlikely",
            Self::RoughlyEvenChance => "roughly even chance",
            Self::Likely => "likely",
            Self::VeryLikely => "very likely",
            Self::AlmostCertain => "almost certain",
        }
    }
}

/// What an interval says in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// The word of its low end.
    pub low: Word,
    /// The word of its high end.
    pub high: Word,
}

impl Verdict {
    /// The words of an interval.
    #[must_use]
    pub fn of(interval: Range) -> Self {
        Self {
            low: Word::of(interval.low),
            high: Word::of(interval.high),
        }
    }

    /// One word, or "between … and …" where the interval spans several bands.
    #[must_use]
    pub fn text(self) -> String {
        if self.low == self.high {
            return self.low.text().to_owned();
        }
        format!("between {} and {}", self.low.text(), self.high.text())
    }
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn word(text: &str) -> &'static str {
        Word::of(Range::parse(text, text).unwrap().low).text()
    }

    #[test]
    fn an_edge_belongs_to_the_band_nearer_to_even() {
        for (share, expected) in [
            ("0", "almost no chance"),
            ("0.049999", "almost no chance"),
            ("0.05", "very unlikely"),
            ("0.2", "unlikely"),
            ("0.449999", "unlikely"),
            ("0.45", "roughly even chance"),
            ("0.55", "roughly even chance"),
            ("0.550001", "likely"),
            ("0.8", "likely"),
            ("0.800001", "very likely"),
            ("0.95", "very likely"),
            ("0.950001", "almost certain"),
            ("1", "almost certain"),
        ] {
            assert_eq!(word(share), expected, "{share}");
        }
    }

    #[test]
    fn an_interval_over_several_bands_is_said_as_such() {
        let verdict = |low, high| Verdict::of(Range::parse(low, high).unwrap()).text();
        assert_eq!(verdict("0.6", "0.7"), "likely");
        assert_eq!(verdict("0.4", "0.9"), "between unlikely and very likely");
    }
}
