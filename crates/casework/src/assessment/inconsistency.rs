//! Analysis of competing hypotheses: which hypothesis has least against it, and which item tells any apart.
//!
//! Heuer, Psychology of Intelligence Analysis (1999), chapter 8: a hypothesis is not the better for evidence that fits all of
//! them, so hypotheses are ranked by what is inconsistent with them. The marks are taken from the same likelihoods as the
//! posterior, and each group counts once. It is shown beside the posterior, as a check, and never mixed into it.

use serde::Serialize;

use super::item::{Cell, Ratio, at_most, sure};

/// What an item says of a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Mark {
    /// Surely at least five times less likely to be seen than under the best hypothesis. Two points.
    #[serde(rename = "II")]
    VeryInconsistent,
    /// Surely at least twice less likely. One point.
    #[serde(rename = "I")]
    Inconsistent,
    /// The item does not surely speak against it.
    #[serde(rename = "C")]
    Consistent,
    /// The item surely speaks against none: it is not diagnostic.
    #[serde(rename = "N")]
    Neutral,
}

impl Mark {
    /// Points of inconsistency.
    #[must_use]
    pub fn points(self) -> u32 {
        match self {
            Self::VeryInconsistent => 2,
            Self::Inconsistent => 1,
            Self::Consistent | Self::Neutral => 0,
        }
    }

    /// As a matrix shows it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::VeryInconsistent => "II",
            Self::Inconsistent => "I",
            Self::Consistent => "C",
            Self::Neutral => "N",
        }
    }
}

/// How far an item tells hypotheses apart, as likelihood ratios: decimals of two places, rounded down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosticity {
    /// The ratio between the best and the worst hypothesis that holds whatever the likelihoods in their ranges
    /// are. Where it is not above one, the item may say nothing at all.
    pub sure: String,
    /// The largest ratio that they allow.
    pub at_most: String,
}

/// The marks of an item, hypothesis by hypothesis.
pub(super) fn marks(cells: &[Cell]) -> Vec<Mark> {
    let best = cells.iter().map(|cell| cell.low).max().unwrap_or(0);
    let against = |cell: &Cell| {
        let ratio = Ratio {
            over: best,
            under: cell.high,
        };
        match ratio {
            ratio if ratio.at_least(5) => Mark::VeryInconsistent,
            ratio if ratio.at_least(2) => Mark::Inconsistent,
            _ => Mark::Consistent,
        }
    };
    let marks: Vec<Mark> = cells.iter().map(against).collect();
    if marks.iter().all(|mark| *mark == Mark::Consistent) {
        return vec![Mark::Neutral; cells.len()];
    }
    marks
}

/// The diagnosticity of an item.
pub(super) fn diagnosticity(cells: &[Cell]) -> Diagnosticity {
    let text = |ratio: Ratio| {
        let hundredths = ratio.hundredths();
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    };
    Diagnosticity {
        sure: text(sure(cells)),
        at_most: text(at_most(cells)),
    }
}
