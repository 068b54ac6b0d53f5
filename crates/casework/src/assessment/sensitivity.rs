//! What the verdict rests on: each item left out in turn, and the prior moved.
//!
//! A reader who doubts one item, or the prior, must see what is left without it. So both are always part of the result.

use num_bigint::BigUint;
use serde::Serialize;

use super::groups::Group;
use super::item::Weighed;
use super::posterior::{Corner, Weights, corner, held, interval, intervals, part};
use super::share::{End, Range, Share};
use super::words::{Verdict, Word};

/// The posterior of one hypothesis after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The hypothesis.
    pub hypothesis: String,
    /// Its interval after the change.
    pub posterior: Range,
    /// The words of that.
    pub words: Verdict,
    /// Whether the words are others than before.
    pub words_change: bool,
}

/// The result without some evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The items left out: one, or all of a group.
    pub without: Vec<String>,
    /// The hypotheses without them.
    pub hypotheses: Vec<Changed>,
    /// How far the low end of the leading hypothesis moves, up or down.
    pub moves_low: Share,
    /// How far its high end moves.
    pub moves_high: Share,
}

/// How a hypothesis depends on its prior.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriorSensitivity {
    /// The posterior with the prior held at the low end of its range.
    pub at_low: Range,
    /// The posterior with the prior held at the high end.
    pub at_high: Range,
    /// Where the word of the posterior's low end would change.
    pub low_word: Turn,
    /// Where the word of its high end would change.
    pub high_word: Turn,
}

/// The priors at which a word would change, with the other hypotheses in the proportion of the corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Below this prior the word would be a weaker one; none if there is no weaker.
    pub weaker_below: Option<Share>,
    /// Above this prior it would be a stronger one; none if there is no stronger.
    pub stronger_above: Option<Share>,
}

/// What is left out, and by what the result is computed then.
pub(super) struct Basis<'a> {
    pub names: &'a [String],
    pub priors: &'a [Range],
    pub weights: &'a Weights,
    pub weighed: &'a [Weighed],
    pub groups: &'a [Group],
    pub before: &'a [Range],
    /// The leading hypothesis.
    pub leader: usize,
}

impl Basis<'_> {
    /// Each group left out whole, and each item of a group of several left out alone.
    pub fn leave_one_out(&self, item_id: impl Fn(usize) -> String) -> Vec<LeftOut> {
        let mut all = Vec::new();
        for group in self.groups {
            let mut names: Vec<String> = group.items.iter().map(|at| item_id(*at)).collect();
            names.sort();
            all.push(self.left_out(names, &self.instead(group, None)));
            if group.items.len() < 2 {
                continue;
            }
            for &at in &group.items {
                let next = group.items.iter().find(|other| **other != at);
                let weights = if group.items[0] == at {
                    self.instead(group, next.copied())
                } else {
                    self.weights.clone()
                };
                all.push(self.left_out(vec![item_id(at)], &weights));
            }
        }
        all.sort_by(|a, b| a.without.cmp(&b.without));
        all
    }

    /// The weights with a group gone, or counted as its next item.
    fn instead(&self, group: &Group, next: Option<usize>) -> Weights {
        let strongest = &self.weighed[group.items[0]].cells;
        let next = next.map(|at| self.weighed[at].cells.as_slice());
        self.weights.instead(strongest, next)
    }

    fn left_out(&self, without: Vec<String>, weights: &Weights) -> LeftOut {
        let after = intervals(self.priors, weights);
        let (was, is) = (self.before[self.leader], after[self.leader]);
        LeftOut {
            without,
            moves_low: distance(was.low, is.low),
            moves_high: distance(was.high, is.high),
            hypotheses: changed(self.names, self.before, &after),
        }
    }

    /// What the prior does to one hypothesis.
    pub fn prior(&self, at: usize) -> PriorSensitivity {
        let held_at = |prior| interval(&held(self.priors, at, prior), self.weights, at);
        PriorSensitivity {
            at_low: held_at(self.priors[at].low),
            at_high: held_at(self.priors[at].high),
            low_word: self.turn(at, End::Low),
            high_word: self.turn(at, End::High),
        }
    }

    fn turn(&self, at: usize, end: End) -> Turn {
        let corner = corner(self.priors, self.weights, at, end);
        let word = Word::of(match end {
            End::Low => self.before[at].low,
            End::High => self.before[at].high,
        });
        let ends = (word != Word::AlmostNoChance, word != Word::AlmostCertain);
        Turn {
            weaker_below: ends
                .0
                .then(|| turning_prior(&corner, word.from()))
                .flatten(),
            stronger_above: ends.1.then(|| turning_prior(&corner, word.to())).flatten(),
        }
    }
}

/// The hypotheses before and after.
pub(super) fn changed(names: &[String], before: &[Range], after: &[Range]) -> Vec<Changed> {
    let all = names.iter().zip(before.iter().zip(after));
    all.map(|(name, (before, after))| Changed {
        hypothesis: name.clone(),
        posterior: *after,
        words: Verdict::of(*after),
        words_change: Verdict::of(*before) != Verdict::of(*after),
    })
    .collect()
}

fn distance(one: Share, other: Share) -> Share {
    Share::of_millionths(one.millionths().abs_diff(other.millionths()))
}

/// The prior t with `t·l / (t·l + (1 − t)·r) = edge`, where r is the others' mean likelihood; rounded down.
fn turning_prior(corner: &Corner, edge: Share) -> Option<Share> {
    let rest = Share::ONE.millionths() - corner.prior;
    if rest == 0 {
        return None;
    }
    let against = &corner.others * edge.millionths();
    let own = &corner.likelihood * rest * (Share::ONE.millionths() - edge.millionths());
    let both: BigUint = &against + own;
    Some(part(&against, &both, End::Low))
}
