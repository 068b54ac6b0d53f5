//! Tests of the assessment: its laws over random questions, and a slow reference over all corners.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::item::{Cell, weigh};
use super::*;
use crate::marks::Confidence;

/// Likelihoods in hundredths, a kind, a mark, a group: what a random item is made of.
type Drawn = (Vec<(u32, u32)>, usize, Option<usize>, Option<u32>);

const MARKS: [&str; 6] = ["A1", "B2", "C3", "D4", "E5", "F6"];

fn drawn(hypotheses: usize) -> impl Strategy<Value = Drawn> {
    let range = (1_u32..=300, 1_u32..=300);
    let ranges = proptest::collection::vec(range, hypotheses);
    let mark = proptest::option::of(0..MARKS.len());
    (
        ranges,
        0..ItemKind::ALL.len(),
        mark,
        proptest::option::of(0_u32..2),
    )
}

fn item(at: usize, (ranges, kind, mark, group): &Drawn) -> Item {
    let millionths = |hundredths: u32| u64::from(hundredths) * 10_000;
    let range = |(a, b): &(u32, u32)| {
        Likelihood::of_millionths(millionths(*a.min(b)), millionths(*a.max(b))).unwrap()
    };
    let ranges = ranges.iter().enumerate();
    Item {
        id: format!("e{at}"),
        statement: String::new(),
        kind: ItemKind::ALL[*kind],
        source: None,
        upstream: None,
        group: group.map(|group| format!("g{group}")),
        finding: None,
        confidence: mark.map(|mark| Confidence::parse(MARKS[mark]).unwrap()),
        likelihoods: ranges.map(|(at, ends)| (name(at), range(ends))).collect(),
        fallen: None,
    }
}

fn name(at: usize) -> String {
    format!("h{at}")
}

/// A question of so many hypotheses and items; the priors are stated, not stated, or a mixture.
fn question(hypotheses: usize, items: usize) -> impl Strategy<Value = Question> {
    let items = proptest::collection::vec(drawn(hypotheses), 0..=items);
    let priors =
        proptest::collection::vec(proptest::option::of((1_u32..=30, 0_u32..=60)), hypotheses);
    (items, priors).prop_filter_map("priors that sum to one", move |(items, priors)| {
        let range = |(low, more): (u32, u32)| {
            let high = (low + more).min(100);
            Range::new(
                Share::of_millionths(low * 10_000),
                Share::of_millionths(high * 10_000),
            )
            .unwrap()
        };
        let stated: Vec<Option<Range>> = priors.into_iter().map(|prior| prior.map(range)).collect();
        posterior::tight(&stated).ok()?;
        let stated = stated.into_iter().enumerate();
        Some(Question {
            hypotheses: stated
                .map(|(at, prior)| Hypothesis {
                    id: name(at),
                    statement: String::new(),
                    prior,
                })
                .collect(),
            items: items
                .iter()
                .enumerate()
                .map(|(at, drawn)| item(at, drawn))
                .collect(),
        })
    })
}

fn intervals(question: &Question) -> Vec<(String, Range)> {
    let assessed = assess(question).unwrap();
    let hypotheses = assessed.hypotheses.into_iter();
    let mut all: Vec<_> = hypotheses.map(|h| (h.hypothesis, h.posterior)).collect();
    all.sort();
    all
}

/// Every vertex of the priors: all at an end but one, which takes what is left.
fn vertices(priors: &[Range]) -> Vec<Vec<u128>> {
    let end = |range: Range, high: bool| {
        u128::from(if high { range.high } else { range.low }.millionths())
    };
    let mut all = Vec::new();
    for free in 0..priors.len() {
        for choice in 0..1_u32 << priors.len() {
            let ends = priors.iter().enumerate();
            let mut vertex: Vec<u128> = ends
                .map(|(at, range)| end(*range, choice >> at & 1 == 1))
                .collect();
            vertex[free] = 0;
            let Some(rest) = 1_000_000_u128.checked_sub(vertex.iter().sum()) else {
                continue;
            };
            if (end(priors[free], false)..=end(priors[free], true)).contains(&rest) {
                vertex[free] = rest;
                all.push(vertex);
            }
        }
    }
    all
}

/// The interval of a hypothesis by trying every vertex of the priors with every corner of every likelihood.
fn by_brute_force(priors: &[Range], rows: &[Vec<Cell>], at: usize) -> (u32, u32) {
    let cells = rows.len() * priors.len();
    let (mut lowest, mut highest) = (u128::MAX, 0);
    for vertex in vertices(priors) {
        for choice in 0..1_u32 << cells {
            let mut weights = vertex.clone();
            for (row, cells) in rows.iter().enumerate() {
                for (column, cell) in cells.iter().enumerate() {
                    let high = choice >> (row * priors.len() + column) & 1 == 1;
                    weights[column] *= u128::from(if high { cell.high } else { cell.low });
                }
            }
            let all: u128 = weights.iter().sum();
            let own = weights[at] * 1_000_000;
            lowest = lowest.min(own / all);
            highest = highest.max(own.div_ceil(all));
        }
    }
    (
        u32::try_from(lowest).unwrap(),
        u32::try_from(highest).unwrap(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_ends_are_those_of_every_corner_tried(question in question(3, 2)) {
        let mut question = question;
        for item in &mut question.items {
            item.group = None;
        }
        let names: Vec<String> = (0..3).map(name).collect();
        let rows: Vec<Vec<Cell>> = question.items.iter().map(|item| weigh(item, &names).cells).collect();
        let stated: Vec<Option<Range>> = question.hypotheses.iter().map(|h| h.prior).collect();
        let priors = posterior::tight(&stated).unwrap();
        for (at, (_, interval)) in intervals(&question).into_iter().enumerate() {
            let ends = (interval.low.millionths(), interval.high.millionths());
            prop_assert_eq!(ends, by_brute_force(&priors, &rows, at));
        }
    }

    /// No point within the ranges, corner or not, gives a share outside the interval.
    #[test]
    fn what_lies_within_the_ranges_lies_within_the_interval(
        question in question(3, 2), parts in proptest::collection::vec(0_u128..=8, 6), pulls in (0_u128..=8, 0_u128..=8)
    ) {
        let mut question = question;
        question.items.iter_mut().for_each(|item| item.group = None);
        let names: Vec<String> = (0..3).map(name).collect();
        let stated: Vec<Option<Range>> = question.hypotheses.iter().map(|h| h.prior).collect();
        let vertices = vertices(&posterior::tight(&stated).unwrap());
        let mixed = |at: usize| {
            let vertex = |pull: u128| vertices[usize::try_from(pull).unwrap() % vertices.len()][at];
            3 * vertex(pulls.0) + vertex(pulls.1)
        };
        let mut weights: Vec<u128> = (0..3).map(mixed).collect();
        for (row, item) in question.items.iter().enumerate() {
            for (column, cell) in weigh(item, &names).cells.into_iter().enumerate() {
                let part = parts[(row * 3 + column) % parts.len()];
                weights[column] *= u128::from(cell.low) + u128::from(cell.high - cell.low) * part / 8;
            }
        }
        let all: u128 = weights.iter().sum();
        for (at, (_, interval)) in intervals(&question).into_iter().enumerate() {
            prop_assert!(u128::from(interval.low.millionths()) * all <= weights[at] * 1_000_000);
            prop_assert!(u128::from(interval.high.millionths()) * all >= weights[at] * 1_000_000);
        }
    }

    #[test]
    fn neutral_evidence_changes_nothing(question in question(4, 6), likelihood in 1_u64..=3_000_000, mark in 0..MARKS.len()) {
        let mut more = question.clone();
        let likelihood = Likelihood::of_millionths(likelihood, likelihood).unwrap();
        let mut neutral = item(99, &(vec![(1, 1); 4], 0, Some(mark), None));
        neutral.likelihoods.values_mut().for_each(|cell| *cell = likelihood);
        more.items.push(neutral);
        let (before, after) = (assess(&question).unwrap(), assess(&more).unwrap());
        prop_assert_eq!(&before.hypotheses, &after.hypotheses);
        prop_assert_eq!(&before.inconsistency, &after.inconsistency);
        prop_assert_eq!(&before.carries_most, &after.carries_most);
        prop_assert_eq!(before.confidence.independent_sources, after.confidence.independent_sources);
    }

    #[test]
    fn order_does_not_matter(question in question(4, 6), turn in 0_usize..6) {
        let mut other = question.clone();
        other.items.reverse();
        let turn = turn % other.items.len().max(1);
        other.items.rotate_left(turn);
        other.hypotheses.reverse();
        prop_assert_eq!(assess(&question).unwrap(), assess(&other).unwrap());
    }

    #[test]
    fn grouped_evidence_counts_once(question in question(3, 5), copies in 1_usize..4, by in 0..4) {
        prop_assume!(!question.items.is_empty());
        let mut question = question;
        let tie = Some("one".to_owned());
        let set = |item: &mut Item| match by {
            0 => item.group = tie.clone(),
            1 => item.upstream = tie.clone(),
            2 => item.finding = tie.clone(),
            _ => item.source = tie.clone(),
        };
        set(&mut question.items[0]);
        let mut more = question.clone();
        for at in 0..copies {
            let mut copy = question.items[0].clone();
            copy.id = format!("copy{at}");
            more.items.push(copy);
        }
        prop_assert_eq!(intervals(&question), intervals(&more));
        let (before, after) = (assess(&question).unwrap(), assess(&more).unwrap());
        prop_assert_eq!(before.inconsistency, after.inconsistency);
        prop_assert_eq!(before.confidence.independent_sources, after.confidence.independent_sources);
    }

    #[test]
    fn wider_ranges_give_wider_intervals(question in question(3, 4), at in 0_usize..4, hypothesis in 0_usize..3) {
        prop_assume!(at < question.items.len());
        let mut question = question;
        question.items.iter_mut().for_each(|item| item.group = None);
        // Widened at the low end only: the highest of all, which the cap hangs on, stays.
        let mut wider = question.clone();
        let cell = wider.items[at].likelihoods.get_mut(&name(hypothesis)).unwrap();
        *cell = Likelihood::of_millionths(cell.low() / 2, cell.high()).unwrap();
        wider.items[at].confidence = Confidence::parse("A1");
        question.items[at].confidence = Confidence::parse("A1");
        for ((_, narrow), (_, wide)) in intervals(&question).into_iter().zip(intervals(&wider)) {
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }
    }

    #[test]
    fn a_poorer_mark_never_raises_a_low_end(question in question(3, 4), at in 0_usize..4) {
        prop_assume!(at < question.items.len());
        let mut question = question;
        question.items.iter_mut().for_each(|item| item.group = None);
        let mut before: Option<Vec<(String, Range)>> = None;
        for mark in ["A1", "B2", "C3", "D4", "E5"] {
            question.items[at].confidence = Confidence::parse(mark);
            let after = intervals(&question);
            for ((_, good), (_, poor)) in before.iter().flatten().zip(&after) {
                prop_assert!(poor.low <= good.low && good.high <= poor.high);
            }
            before = Some(after);
        }
    }

    #[test]
    fn leaving_out_is_asking_without(question in question(3, 5)) {
        let assessed = assess(&question).unwrap();
        for left_out in &assessed.leave_one_out {
            let without = question.without(&left_out.without).unwrap();
            let shown: Vec<_> = left_out.hypotheses.iter().map(|h| (h.hypothesis.clone(), h.posterior)).collect();
            prop_assert_eq!(shown, intervals(&without));
        }
        let all: usize = assessed.groups.iter().map(|group| 1 + if group.items.len() > 1 { group.items.len() } else { 0 }).sum();
        prop_assert_eq!(assessed.leave_one_out.len(), all);
    }

    #[test]
    fn a_fallen_item_counts_as_if_it_were_not_there(question in question(3, 5), at in 0_usize..5) {
        prop_assume!(at < question.items.len());
        let mut fallen = question.clone();
        fallen.items[at].fallen = Some("its finding was retracted".to_owned());
        let without = question.without(&[question.items[at].id.clone()]).unwrap();
        prop_assert_eq!(intervals(&fallen), intervals(&without));
        let assessed = assess(&fallen).unwrap();
        prop_assert_eq!(assessed.fallen.len(), 1);
        prop_assert!(assessed.evidence.iter().all(|item| item.evidence != fallen.items[at].id));
    }

    /// At the prior that is named, the word is about to turn: a little below it is weaker, a little above stronger.
    #[test]
    fn the_word_turns_at_the_prior_that_is_named(question in question(2, 3)) {
        let assessed = assess(&question).unwrap();
        for outcome in &assessed.hypotheses {
            let at_prior = |millionths: u32| {
                let mut moved = question.clone();
                let prior = Share::of_millionths(millionths);
                let rest = Share::of_millionths(1_000_000 - millionths);
                for hypothesis in &mut moved.hypotheses {
                    let own = hypothesis.id == outcome.hypothesis;
                    let at = if own { prior } else { rest };
                    hypothesis.prior = Some(Range::new(at, at).unwrap());
                }
                let all = intervals(&moved).into_iter();
                all.into_iter().find(|(id, _)| *id == outcome.hypothesis).unwrap().1
            };
            let turns = [(outcome.prior_sensitivity.low_word, outcome.words.low, true), (outcome.prior_sensitivity.high_word, outcome.words.high, false)];
            for (turn, word, low) in turns {
                let word_at = |millionths| {
                    let interval = at_prior(millionths);
                    Word::of(if low { interval.low } else { interval.high })
                };
                // A band's edge is crossed within a small step of prior, where the step moves the share at all.
                if let Some(below) = turn.weaker_below.map(Share::millionths).filter(|at| (2_000..998_000).contains(at)) {
                    prop_assert!(word_at(below - 2_000) < word);
                    prop_assert!(word_at(below + 2_000) >= word);
                }
                if let Some(above) = turn.stronger_above.map(Share::millionths).filter(|at| (2_000..998_000).contains(at)) {
                    prop_assert!(word_at(above + 2_000) > word);
                    prop_assert!(word_at(above - 2_000) <= word);
                }
            }
        }
    }
}

#[path = "by_hand_tests.rs"]
mod by_hand;
