//! The posterior interval of each hypothesis, exactly: the lowest and the highest that any prior and any likelihoods
//! within their ranges can give.
//!
//! The proof that the ends lie at the corners taken here stands in `docs/methods/assessment.md`. In short: the share of one
//! hypothesis grows with its own prior and likelihood and falls with the others', so each factor goes to an end; the
//! mass that the others must share goes first to whoever weighs least (for the highest) or most (for the lowest).
//!
//! Weights are whole numbers of any size, so nothing is rounded but the last division, outward.

use num_bigint::BigUint;

use super::item::Cell;
use super::share::{End, Range, Share};

/// The product of the counted likelihoods of each hypothesis, at its low and its high end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weights {
    low: Vec<BigUint>,
    high: Vec<BigUint>,
}

impl Weights {
    /// Of the rows that count.
    pub fn of<'a>(hypotheses: usize, rows: impl IntoIterator<Item = &'a [Cell]>) -> Self {
        let one = vec![BigUint::from(1_u8); hypotheses];
        let mut weights = Self {
            low: one.clone(),
            high: one,
        };
        for row in rows {
            weights.times(row);
        }
        weights
    }

    fn times(&mut self, row: &[Cell]) {
        for (at, cell) in row.iter().enumerate() {
            self.low[at] *= cell.low;
            self.high[at] *= cell.high;
        }
    }

    /// The same without a row that was counted, and with another in its place.
    pub fn instead(&self, row: &[Cell], other: Option<&[Cell]>) -> Self {
        let mut weights = self.clone();
        for (at, cell) in row.iter().enumerate() {
            // Exact: the row is a factor.
            weights.low[at] /= cell.low;
            weights.high[at] /= cell.high;
        }
        if let Some(other) = other {
            weights.times(other);
        }
        weights
    }
}

/// What the share of a hypothesis is made of at one end: `own / (own + others)`, with the priors taken there.
pub(super) struct Corner {
    /// Its own likelihood at this end.
    pub likelihood: BigUint,
    /// Its prior, in millionths.
    pub prior: u32,
    /// The others' priors times likelihoods, summed.
    pub others: BigUint,
}

impl Corner {
    /// The share, rounded outward.
    pub fn share(&self, end: End) -> Share {
        let own = &self.likelihood * self.prior;
        let all = &own + &self.others;
        part(&own, &all, end)
    }
}

/// A part of a whole in millionths; at the low end rounded down, at the high end up.
pub(super) fn part(part: &BigUint, whole: &BigUint, end: End) -> Share {
    let mut scaled = part * Share::ONE.millionths();
    if end == End::High {
        scaled += whole;
        scaled -= 1_u8;
    }
    let millionths = u32::try_from(scaled / whole);
    Share::of_millionths(millionths.expect("a part is at most its whole"))
}

/// The posterior interval of every hypothesis.
pub(super) fn intervals(priors: &[Range], weights: &Weights) -> Vec<Range> {
    let all = 0..priors.len();
    all.map(|at| interval(priors, weights, at)).collect()
}

/// The posterior interval of one hypothesis.
pub(super) fn interval(priors: &[Range], weights: &Weights, at: usize) -> Range {
    Range {
        low: corner(priors, weights, at, End::Low).share(End::Low),
        high: corner(priors, weights, at, End::High).share(End::High),
    }
}

/// The corner where a hypothesis's share is lowest or highest. The priors are tight: each end can be taken.
pub(super) fn corner(priors: &[Range], weights: &Weights, at: usize, end: End) -> Corner {
    let (own, others, prior) = match end {
        End::Low => (&weights.low, &weights.high, priors[at].low),
        End::High => (&weights.high, &weights.low, priors[at].high),
    };
    let mut order: Vec<usize> = (0..priors.len()).filter(|other| *other != at).collect();
    order.sort_by(|a, b| match end {
        End::Low => others[*b].cmp(&others[*a]),
        End::High => others[*a].cmp(&others[*b]),
    });
    let low_ends: u32 = order.iter().map(|k| priors[*k].low.millionths()).sum();
    let mut free = Share::ONE.millionths() - prior.millionths() - low_ends;
    let mut sum = BigUint::ZERO;
    for other in order {
        let Range { low, high } = priors[other];
        let more = free.min(high.millionths() - low.millionths());
        free -= more;
        sum += &others[other] * (low.millionths() + more);
    }
    Corner {
        likelihood: own[at].clone(),
        prior: prior.millionths(),
        others: sum,
    }
}

/// The priors that a question means, each end of which some prior takes that sums to one.
///
/// Whoever states none shares what the stated ones leave: from half to twice an equal part of it.
///
/// # Errors
/// If no prior within the ranges sums to one.
pub(super) fn tight(stated: &[Option<Range>]) -> Result<Vec<Range>, String> {
    let one = u64::from(Share::ONE.millionths());
    let sum = |end: fn(&Range) -> Share| -> u64 {
        let ends = stated.iter().flatten().map(end);
        ends.map(|share| u64::from(share.millionths())).sum()
    };
    let (lows, highs) = (sum(|range| range.low), sum(|range| range.high));
    let open = stated.iter().filter(|range| range.is_none()).count();
    let open = u64::try_from(open).expect("a count fits 64 bits");
    let impossible = |why: &str| Err(format!("the priors cannot sum to one: {why}"));
    if lows > one {
        return impossible("their low ends sum to more");
    }
    if open == 0 && highs < one {
        return impossible("their high ends sum to less");
    }
    if open > 0 && lows == one {
        return impossible("the stated ones leave nothing for the others");
    }
    let millionths = |number: u64| {
        let number = number.min(one);
        Share::of_millionths(u32::try_from(number).expect("at most a million"))
    };
    let rest = |range: &Option<Range>| {
        range.unwrap_or_else(|| Range {
            low: millionths(one.saturating_sub(highs) / (2 * open)),
            high: millionths((2 * (one - lows)).div_ceil(open)),
        })
    };
    let loose: Vec<Range> = stated.iter().map(rest).collect();
    Ok(tightened(&loose))
}

/// Draws each range in to what the others allow. Feasible ranges stay feasible.
fn tightened(loose: &[Range]) -> Vec<Range> {
    let one = u64::from(Share::ONE.millionths());
    let at = |share: Share| u64::from(share.millionths());
    let lows: u64 = loose.iter().map(|range| at(range.low)).sum();
    let highs: u64 = loose.iter().map(|range| at(range.high)).sum();
    let draw = |range: &Range| {
        let low = at(range.low).max(one.saturating_sub(highs - at(range.high)));
        let high = at(range.high).min(one - (lows - at(range.low)));
        let share = |n: u64| Share::of_millionths(u32::try_from(n).expect("at most a million"));
        Range {
            low: share(low),
            high: share(high),
        }
    };
    loose.iter().map(draw).collect()
}

/// The prior of one hypothesis held at a point; the others drawn in to what that allows.
pub(super) fn held(priors: &[Range], at: usize, prior: Share) -> Vec<Range> {
    let mut priors = priors.to_vec();
    priors[at] = Range {
        low: prior,
        high: prior,
    };
    tightened(&priors)
}
