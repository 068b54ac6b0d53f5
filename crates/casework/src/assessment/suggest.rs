//! What is offered to somebody who begins: hypotheses, and likelihoods of techniques from the groups that are reported to
//! use them. Nothing of it enters an assessment unless a person writes it into the case.
//!
//! A count of groups is reporting and no frequency: who is watched is seen, and one act under two vendors' names is two. So
//! the rates are drawn to the rate of all groups by a wide prior, come as wide ranges, and an item is capped in any
//! case (`item`). One observation of seven must not decide who stole.

use serde::Serialize;

use super::UNKNOWN;
use super::share::Likelihood;
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

/// No rate is put below a tenth of the rate of all, in millionths: what nobody reported may still happen.
const RATE_MIN: u64 = 100_000;

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
    /// How many times as likely a group of the DPRK is reported to use it as any group.
    pub dprk: Likelihood,
    /// How many times as likely another group is.
    pub other: Likelihood,
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
/// `(all + ½) / (all groups + 1)`; as multiples of that mean. In millionths, rounded outward.
fn range(users: u32, of: u32, all: u32) -> Likelihood {
    const MILLION: u64 = 1_000_000;
    let (users, of, all) = (u64::from(users), u64::from(of), u64::from(all));
    let groups = u64::from(DPRK_GROUPS + OTHER_GROUPS);
    // Both numerator and denominator doubled, for the half.
    let (prior, prior_of) = (2 * all + 1, 2 * (groups + 1));
    let ends = STRENGTHS.map(|strength| {
        let mean = (users * prior_of + strength * prior) * MILLION / (prior_of * (of + strength));
        let variance = mean * (MILLION - mean) / (of + strength + 1);
        let deviation = variance.isqrt() + 1;
        let low = mean.saturating_sub(deviation) * prior_of / prior;
        let high = ((mean + 1 + deviation) * prior_of).div_ceil(prior);
        (low, high)
    });
    let low = ends
        .iter()
        .map(|(low, _)| *low)
        .min()
        .unwrap_or(0)
        .max(RATE_MIN);
    let high = ends.iter().map(|(_, high)| *high).max().unwrap_or(MILLION);
    Likelihood::of_millionths(low, high).expect("a rate of at most one, over at least a 338th")
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
        // PowerShell: 3 of 7 against 80 of 161, 83.5/169 of all. It tells nothing, and its ranges overlap.
        let common = of("T1059.001");
        assert_eq!((common.dprk_groups, common.other_groups), (3, 80));
        assert!(common.dprk.low() < common.other.high() && common.other.low() < common.dprk.high());
        // The mean of the Beta with strength 10: (3 + 10 · 0.4941) / 17 = 0.4671, or 0.945 of all.
        assert!((common.dprk.low()..common.dprk.high()).contains(&945_000));
        assert!(base_rate(Technique::find("ADT3005").unwrap()).is_none());
    }

    #[test]
    fn no_technique_tells_surely_more_than_a_little() {
        let rates = Technique::all().filter_map(|technique| base_rate(*technique));
        let mut all = 0;
        for rate in rates {
            all += 1;
            let surely = |one: Likelihood, other: Likelihood| one.low() > 5 * other.high();
            assert!(
                !surely(rate.dprk, rate.other) && !surely(rate.other, rate.dprk),
                "{rate:?}"
            );
        }
        assert_eq!(all, 691);
    }
}
