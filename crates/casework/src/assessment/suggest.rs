//! What is offered to somebody who begins: hypotheses, and likelihoods of techniques from the groups that are reported to
//! use them. Nothing of it enters an assessment unless a person writes it into the case.
//!
//! A count of groups is reporting and no frequency: who is watched is seen, and one act under two vendors' names is two. So
//! the rates are drawn to the rate of all groups by a wide prior, come as wide ranges, and an item is capped in any
//! case (`item`). One observation of seven must not decide who stole.

use serde::Serialize;

use super::UNKNOWN;
use super::share::{Range, Share};
use crate::techniques::{DPRK_GROUPS, Groups, OTHER_GROUPS, Technique};

/// A hypothesis that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// Its word.
    pub hypothesis: &'static str,
    /// What it says.
    pub statement: &'static str,
}

/// The least that should be weighed against one another.
pub const OFFERED: [Offered; 5] = [
    Offered {
        hypothesis: "dprk-group",
        statement: "A group of the DPRK carried out the theft",
    },
    Offered {
        hypothesis: "other-state",
        statement: "A group of another state carried out the theft",
    },
    Offered {
        hypothesis: "criminal",
        statement: "Criminals who act for no state carried out the theft",
    },
    Offered {
        hypothesis: "insider",
        statement: "Somebody inside the victim carried out the theft",
    },
    Offered {
        hypothesis: UNKNOWN,
        statement: "Somebody of whom nobody thought carried out the theft",
    },
];

/// How strong the prior of a rate is, in groups: both ends are tried, and the range covers both.
const STRENGTHS: [u64; 2] = [10, 20];

/// Likelihoods of a technique, from who is reported to use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BaseRate {
    /// The technique.
    pub technique: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Groups of the DPRK that are reported to use it.
    pub dprk_groups: u32,
    /// Of so many.
    pub dprk_of: u32,
    /// Other groups that are.
    pub other_groups: u32,
    /// Of so many.
    pub other_of: u32,
    /// The range for a group of the DPRK.
    pub dprk: Range,
    /// The range for another group.
    pub other: Range,
    /// What it is.
    pub what: &'static str,
}

/// The base rate of a technique; none if its catalogue lists no groups.
#[must_use]
pub fn base_rate(technique: Technique) -> Option<BaseRate> {
    let Groups { dprk, other } = technique.groups?;
    Some(BaseRate {
        technique: technique.id,
        name: technique.name,
        dprk_groups: dprk,
        dprk_of: DPRK_GROUPS,
        other_groups: other,
        other_of: OTHER_GROUPS,
        dprk: range(dprk, DPRK_GROUPS, dprk + other),
        other: range(other, OTHER_GROUPS, dprk + other),
        what: "base rate from reporting, not a frequency",
    })
}

/// The mean of a Beta distribution, less and plus its standard deviation, over both strengths of the prior, whose mean is
/// `(all + ½) / (all groups + 1)`. In millionths, rounded outward.
fn range(users: u32, of: u32, all: u32) -> Range {
    const MILLION: u64 = 1_000_000;
    let (users, of, all) = (u64::from(users), u64::from(of), u64::from(all));
    let groups = u64::from(DPRK_GROUPS + OTHER_GROUPS);
    // Both numerator and denominator doubled, for the half.
    let (prior, prior_of) = (2 * all + 1, 2 * (groups + 1));
    let ends = STRENGTHS.map(|strength| {
        let mean = (users * prior_of + strength * prior) * MILLION / (prior_of * (of + strength));
        let variance = mean * (MILLION - mean) / (of + strength + 1);
        let deviation = variance.isqrt() + 1;
        (
            mean.saturating_sub(deviation).max(1),
            (mean + 1 + deviation).min(MILLION),
        )
    });
    let share = |end: Option<u64>| {
        let millionths = u32::try_from(end.unwrap_or(MILLION)).expect("at most a million");
        Share::of_millionths(millionths)
    };
    Range {
        low: share(ends.iter().map(|(low, _)| *low).min()),
        high: share(ends.iter().map(|(_, high)| *high).max()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(id: &str) -> BaseRate {
        base_rate(Technique::find(id).unwrap()).unwrap()
    }

    #[test]
    fn a_base_rate_is_wide_and_drawn_to_all_groups() {
        // PowerShell: 3 of 7 against 80 of 161. It tells nothing, and its ranges overlap.
        let common = of("T1059.001");
        assert_eq!((common.dprk_groups, common.other_groups), (3, 80));
        assert!(common.dprk.low < common.other.high && common.other.low < common.dprk.high);
        // By the mean of the Beta with strength 10: (3 + 10 · 83.5/169) / 17 = 0.467.
        assert!(common.dprk.low < Share::parse("0.467").unwrap());
        assert!(common.dprk.high > Share::parse("0.467").unwrap());
        assert!(base_rate(Technique::find("ADT3005").unwrap()).is_none());
    }

    #[test]
    fn no_technique_tells_more_than_its_cap_or_nothing_at_all() {
        for technique in Technique::all() {
            let Some(rate) = base_rate(*technique) else {
                continue;
            };
            for range in [rate.dprk, rate.other] {
                assert!(Share::ZERO < range.low && range.low < range.high);
            }
            // Surely: never ten to one.
            assert!(
                rate.dprk.low.millionths() < 10 * rate.other.high.millionths(),
                "{rate:?}"
            );
        }
    }
}
