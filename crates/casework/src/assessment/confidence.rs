//! Confidence in an assessment: low, moderate or high, from the sources, their number and what was assumed.
//!
//! ICD 203, D.6.e.(2)(c), keeps it apart from likelihood, and so does everything here: it is computed from other things, it
//! stands in another field, and no sentence may hold both. A likelihood of 99 % from one unjudged source is a 99 % in
//! which one has low confidence.

use std::fmt;

use serde::Serialize;

/// How good the ground is that an assessment stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// One source, poor ones, or much assumed.
    Low,
    /// At least two independent sources, one of them good, and not more than four assumptions.
    Moderate,
    /// At least three, two of them good, at most one assumption, and no group of items decides the words alone.
    High,
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        })
    }
}

/// The confidence, and what it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// The level.
    pub level: Level,
    /// Independent sources behind the items that tell hypotheses apart.
    pub independent_sources: usize,
    /// Those of them with an item that is marked at least B and 2.
    pub good_sources: usize,
    /// Groups without which the words of the leading hypothesis would be others.
    pub decisive: Vec<Vec<String>>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

const ASSUMPTIONS_MODERATE: usize = 4;
const ASSUMPTIONS_HIGH: usize = 1;

impl Ground {
    /// The level that these make.
    pub(super) fn of(
        independent_sources: usize,
        good_sources: usize,
        decisive: Vec<Vec<String>>,
        assumptions: Vec<String>,
    ) -> Self {
        let assumed = assumptions.len();
        let high = independent_sources >= 3 && good_sources >= 2 && decisive.is_empty();
        let moderate = independent_sources >= 2 && good_sources >= 1;
        let level = if high && assumed <= ASSUMPTIONS_HIGH {
            Level::High
        } else if moderate && assumed <= ASSUMPTIONS_MODERATE {
            Level::Moderate
        } else {
            Level::Low
        };
        Self {
            level,
            independent_sources,
            good_sources,
            decisive,
            assumptions,
        }
    }
}
