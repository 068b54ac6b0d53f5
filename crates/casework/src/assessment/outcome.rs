//! The result of an assessment: intervals, words, what each rests on, and what was left out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::confidence::Ground;
use super::groups::{Group, groups, join, origin};
use super::inconsistency::{Diagnosticity, Mark, diagnosticity, marks};
use super::item::{Cell, Item, ItemKind, Weighed, quarters, sure, weigh};
use super::posterior::{Weights, intervals, tight};
use super::sensitivity::{Basis, LeftOut, PriorSensitivity};
use super::sentence::may_say;
use super::share::Range;
use super::words::Verdict;
use super::{Question, UNKNOWN};

/// What an assessment comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assessed {
    /// The hypotheses, the one with the highest low end first.
    pub hypotheses: Vec<HypothesisOutcome>,
    /// The evidence that counts, by name.
    pub evidence: Vec<ItemOutcome>,
    /// What counts once, in the order of the first item's name.
    pub groups: Vec<Counted>,
    /// The result without each group, and without each item of a group.
    pub leave_one_out: Vec<LeftOut>,
    /// The items without which the leading hypothesis moves most; empty if none moves it.
    pub carries_most: Vec<String>,
    /// By least inconsistency, the best first.
    pub inconsistency: Vec<Inconsistency>,
    /// How good the ground is. It is no likelihood, and belongs into a sentence of its own.
    pub confidence: Ground,
    /// Items that no longer count, since what they rest on fell.
    pub fallen: Vec<Fallen>,
    /// What a reader must know.
    pub caveats: Vec<Caveat>,
}

/// A hypothesis and how likely it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HypothesisOutcome {
    /// Its word.
    pub hypothesis: String,
    /// What it says.
    pub statement: String,
    /// The prior that was used, drawn in to what the other priors allow.
    pub prior: Range,
    /// Whether somebody stated it.
    pub prior_stated: bool,
    /// How likely it is: the lowest and the highest.
    pub posterior: Range,
    /// That in the words of ICD 203.
    pub words: Verdict,
    /// A sentence that the interval bears, made from both.
    pub sentence: String,
    /// Every phrase that it bears.
    pub may_say: Vec<String>,
    /// What the prior does to it.
    pub prior_sensitivity: PriorSensitivity,
}

/// An item as it counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemOutcome {
    /// Its word.
    pub evidence: String,
    /// What it says.
    pub statement: String,
    /// What kind of thing it is.
    pub r#type: ItemKind,
    /// The largest likelihood ratio that the kind allows.
    pub cap: u32,
    /// Whether the cap took anything off.
    pub capped: bool,
    /// The quarters of it that its marks are worth; the rest reaches toward saying nothing.
    pub quarters: u64,
    /// Whether it counts; otherwise another item of its group counts for it.
    pub counts: bool,
    /// The likelihoods as counted, by hypothesis.
    pub likelihoods: BTreeMap<String, Counts>,
    /// What it says of each hypothesis.
    pub marks: BTreeMap<String, Mark>,
    /// How far it tells hypotheses apart.
    pub diagnosticity: Diagnosticity,
}

/// A likelihood as counted: decimals of nine places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The lowest.
    pub low: String,
    /// The highest.
    pub high: String,
}

/// Items that count once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Its items, by name.
    pub items: Vec<String>,
    /// The one that counts for all of them.
    pub counts_as: String,
    /// What joins them.
    pub joined_by: Vec<String>,
}

/// What speaks against a hypothesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inconsistency {
    /// The hypothesis.
    pub hypothesis: String,
    /// Two points for each group that is very inconsistent with it, one for each that is inconsistent.
    pub points: u32,
    /// From 1; the same number of points, the same rank.
    pub rank: usize,
}

/// An item that no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fallen {
    /// Its word.
    pub evidence: String,
    /// The finding that it rests on.
    pub finding: Option<String>,
    /// Why.
    pub why: String,
}

/// What a reader must know before using the result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Caveat {
    /// Of what kind.
    pub kind: &'static str,
    /// What.
    pub what: String,
}

impl Caveat {
    /// A caveat.
    #[must_use]
    pub fn new(kind: &'static str, what: String) -> Self {
        Self { kind, what }
    }
}

/// Everything that is computed before the result is written.
struct Work<'a> {
    question: &'a Question,
    names: Vec<String>,
    priors: Vec<Range>,
    weighed: Vec<Weighed>,
    groups: Vec<Group>,
    weights: Weights,
    posterior: Vec<Range>,
    leader: usize,
}

/// Assesses a question whose hypotheses and items are sorted and checked.
pub(super) fn outcome(question: &Question) -> Result<Assessed, String> {
    let hypotheses = question.hypotheses.iter();
    let names: Vec<String> = hypotheses.clone().map(|h| h.id.clone()).collect();
    let stated: Vec<Option<Range>> = hypotheses.map(|h| h.prior).collect();
    let priors = tight(&stated)?;
    let items = &question.items;
    let weighed: Vec<Weighed> = items.iter().map(|item| weigh(item, &names)).collect();
    let counts: Vec<usize> = (0..items.len())
        .filter(|at| items[*at].fallen.is_none())
        .collect();
    let groups = groups(items, &weighed, &counts);
    let rows = groups
        .iter()
        .map(|group| weighed[group.items[0]].cells.as_slice());
    let weights = Weights::of(names.len(), rows);
    let posterior = intervals(&priors, &weights);
    let leader = by_rank(&posterior)[0];
    let work = Work {
        question,
        names,
        priors,
        weighed,
        groups,
        weights,
        posterior,
        leader,
    };
    Ok(work.assessed())
}

/// The hypotheses by their low end, then their high end, then their name.
fn by_rank(posterior: &[Range]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..posterior.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (posterior[*a], posterior[*b]);
        (b.low, b.high).cmp(&(a.low, a.high))
    });
    order
}

impl Work<'_> {
    fn assessed(&self) -> Assessed {
        let basis = Basis {
            names: &self.names,
            priors: &self.priors,
            weights: &self.weights,
            weighed: &self.weighed,
            groups: &self.groups,
            before: &self.posterior,
            leader: self.leader,
        };
        let leave_one_out = basis.leave_one_out(|at| self.question.items[at].id.clone());
        let order = by_rank(&self.posterior);
        let hypotheses = order.into_iter();
        let hypotheses = hypotheses.map(|at| self.hypothesis(at, basis.prior(at)));
        Assessed {
            hypotheses: hypotheses.collect(),
            evidence: self.evidence(),
            groups: self
                .groups
                .iter()
                .map(|group| self.counted(group))
                .collect(),
            carries_most: carries_most(&leave_one_out),
            confidence: self.ground(&leave_one_out),
            leave_one_out,
            inconsistency: self.inconsistency(),
            fallen: self.fallen(),
            caveats: self.caveats(),
        }
    }

    fn hypothesis(&self, at: usize, prior_sensitivity: PriorSensitivity) -> HypothesisOutcome {
        let stated = &self.question.hypotheses[at];
        let words = Verdict::of(self.posterior[at]);
        HypothesisOutcome {
            sentence: generated(words, &stated.statement),
            may_say: may_say(self.posterior[at]),
            hypothesis: stated.id.clone(),
            statement: stated.statement.clone(),
            prior: self.priors[at],
            prior_stated: stated.prior.is_some(),
            posterior: self.posterior[at],
            words,
            prior_sensitivity,
        }
    }

    fn evidence(&self) -> Vec<ItemOutcome> {
        let standing = self.question.items.iter().enumerate();
        let standing = standing.filter(|(_, item)| item.fallen.is_none());
        standing.map(|(at, item)| self.item(at, item)).collect()
    }

    fn item(&self, at: usize, item: &Item) -> ItemOutcome {
        let weighed = &self.weighed[at];
        let named = |index: usize| self.names[index].clone();
        let cells = weighed.cells.iter().enumerate();
        let marks = marks(&weighed.cells).into_iter().enumerate();
        ItemOutcome {
            evidence: item.id.clone(),
            statement: item.statement.clone(),
            r#type: item.kind,
            cap: item.kind.cap(),
            capped: weighed.capped,
            quarters: quarters(item.confidence),
            counts: self.groups.iter().any(|group| group.items[0] == at),
            likelihoods: cells
                .map(|(index, cell)| (named(index), written(*cell)))
                .collect(),
            marks: marks.map(|(index, mark)| (named(index), mark)).collect(),
            diagnosticity: diagnosticity(&weighed.cells),
        }
    }

    fn counted(&self, group: &Group) -> Counted {
        let items = &self.question.items;
        let mut names: Vec<String> = group.items.iter().map(|at| items[*at].id.clone()).collect();
        names.sort();
        Counted {
            items: names,
            counts_as: items[group.items[0]].id.clone(),
            joined_by: group.joined_by.clone(),
        }
    }

    fn inconsistency(&self) -> Vec<Inconsistency> {
        let mut points = vec![0; self.names.len()];
        for group in &self.groups {
            let marks = marks(&self.weighed[group.items[0]].cells);
            for (sum, mark) in points.iter_mut().zip(marks) {
                *sum += mark.points();
            }
        }
        let rank = |own: u32| 1 + points.iter().filter(|other| **other < own).count();
        let all = self.names.iter().zip(&points);
        let mut all: Vec<Inconsistency> = all
            .map(|(name, &points)| Inconsistency {
                hypothesis: name.clone(),
                points,
                rank: rank(points),
            })
            .collect();
        all.sort_by_key(|row| row.rank);
        all
    }

    /// Groups whose item tells hypotheses apart, put together where one source speaks in both.
    fn ground(&self, left_out: &[LeftOut]) -> Ground {
        let items = &self.question.items;
        let speaks = |group: &&Group| sure(&self.weighed[group.items[0]].cells).at_least(2);
        let speaking = self
            .groups
            .iter()
            .filter(speaks)
            .map(|group| group.items[0]);
        let sourced: Vec<usize> = speaking
            .filter(|at| origin(&items[*at]).is_some())
            .collect();
        let voices = join(&sourced, |at| {
            let source = items[at].source.as_ref();
            let source = source.map(|source| format!("source {source}"));
            origin(&items[at]).into_iter().chain(source).collect()
        });
        let good =
            |voice: &&Vec<usize>| voice.iter().any(|at| quarters(items[*at].confidence) >= 3);
        let good = voices.iter().filter(good).count();
        let leader = &self.names[self.leader];
        let decides = |row: &&LeftOut| {
            let mut changed = row.hypotheses.iter();
            changed.any(|change| change.hypothesis == *leader && change.words_change)
        };
        let decisive = left_out.iter().filter(decides);
        let decisive = decisive.map(|row| row.without.clone()).collect();
        Ground::of(voices.len(), good, decisive, self.assumptions())
    }

    fn assumptions(&self) -> Vec<String> {
        let mut assumptions = Vec::new();
        let hypotheses = self.question.hypotheses.iter();
        let open: Vec<&str> = hypotheses
            .filter(|h| h.prior.is_none())
            .map(|h| h.id.as_str())
            .collect();
        if !open.is_empty() {
            assumptions.push(format!(
                "no prior is stated for {}: each has from half to twice an equal part of what is left",
                open.join(", ")
            ));
        }
        if !self.names.iter().any(|name| name == UNKNOWN) {
            assumptions.push(format!(
                "one of these hypotheses is true: there is no hypothesis `{UNKNOWN}` for what nobody thought of"
            ));
        }
        let standing = self.question.items.iter().enumerate();
        for (at, item) in standing.filter(|(_, item)| item.fallen.is_none()) {
            let unstated = self.weighed[at].unstated.iter();
            let unstated: Vec<&str> = unstated.map(|index| self.names[*index].as_str()).collect();
            if !unstated.is_empty() {
                assumptions.push(format!(
                    "{} states no likelihood under {}: it was taken to be neither more nor less likely there",
                    item.id,
                    unstated.join(", ")
                ));
            }
            if origin(item).is_none() {
                assumptions.push(format!(
                    "{} names no source: it was taken to stand for itself",
                    item.id
                ));
            }
        }
        assumptions
    }

    fn fallen(&self) -> Vec<Fallen> {
        let items = self.question.items.iter();
        let fallen = items.filter_map(|item| {
            Some(Fallen {
                evidence: item.id.clone(),
                finding: item.finding.clone(),
                why: item.fallen.clone()?,
            })
        });
        fallen.collect()
    }

    fn caveats(&self) -> Vec<Caveat> {
        let mut caveats = Vec::new();
        for item in &self.question.items {
            for hypothesis in item
                .likelihoods
                .keys()
                .filter(|id| !self.names.contains(id))
            {
                let what = format!("{} speaks of {hypothesis}, which is no hypothesis", item.id);
                caveats.push(Caveat::new("no-such-hypothesis", what));
            }
        }
        for group in &self.groups {
            let favours = |at: usize| favoured(&self.weighed[at].cells);
            let first = group.items[0];
            for &other in &group.items[1..] {
                if let (Some(one), Some(another)) = (favours(first), favours(other))
                    && one != another
                {
                    let id = |at: usize| &self.question.items[at].id;
                    let what = format!(
                        "{} and {} count once, and point apart: the first to {}, the second to {}",
                        id(first),
                        id(other),
                        self.names[one],
                        self.names[another]
                    );
                    caveats.push(Caveat::new("contradiction", what));
                }
            }
        }
        caveats.sort();
        caveats
    }
}

/// The hypothesis that an item surely speaks for more than for some other.
fn favoured(cells: &[Cell]) -> Option<usize> {
    let best = (0..cells.len()).max_by_key(|at| (cells[*at].low, usize::MAX - at))?;
    let beats = |cell: &Cell| cells[best].low > cell.high;
    cells.iter().any(beats).then_some(best)
}

/// The group, or item, that moves the leading hypothesis most.
fn carries_most(left_out: &[LeftOut]) -> Vec<String> {
    let moved = |row: &&LeftOut| (row.moves_low, row.moves_high);
    let nothing = |row: &&LeftOut| row.moves_low.millionths() + row.moves_high.millionths() == 0;
    let moving = left_out.iter().filter(|row| !nothing(row));
    // Of several, the first by name: `max_by_key` takes the last.
    let most = moving.rev().max_by_key(moved);
    most.map(|row| row.without.clone()).unwrap_or_default()
}

/// "Very likely: …". The hypothesis is not bent to the grammar of a sentence: it stands as it was stated.
fn generated(words: Verdict, statement: &str) -> String {
    let words = words.text();
    let (first, rest) = words.split_at(1);
    let statement = statement.trim().trim_end_matches('.');
    format!("{}{rest}: {statement}.", first.to_uppercase())
}

fn written(cell: Cell) -> Counts {
    let text = |billionths: u64| {
        let (whole, places) = (billionths / 1_000_000_000, billionths % 1_000_000_000);
        let places = format!("{places:09}");
        let text = format!("{whole}.{places}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        text.to_owned()
    };
    Counts {
        low: text(cell.low),
        high: text(cell.high),
    }
}
