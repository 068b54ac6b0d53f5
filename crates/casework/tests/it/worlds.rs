//! Made-up thefts of which it is known who did them, to see how far an assessment can be relied on.
//!
//! A theft has four hypotheses. One is drawn as true from a prior within the ranges that the question takes by default. Six
//! traits are each seen or not, with the likelihood that they have under the true hypothesis, and the analyst states a
//! range around that likelihood. What is wrong on purpose is a setting: reports that repeat one another, items that are
//! noise, marks that hide it. All in whole numbers, and the same from one seed everywhere.

use std::collections::BTreeMap;

use whither_casework::Confidence;
use whither_casework::assessment::{
    Assessed, Hypothesis, Item, ItemKind, Likelihood, Question, Word, assess,
};
use whither_testkit::rng::SplitMix64;

const HYPOTHESES: usize = 4;
const TRAITS: usize = 6;

/// What is done to the evidence.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// How many report each trait.
    pub reports: usize,
    /// Whether it is known that they report one thing.
    pub grouped: bool,
    /// Of a hundred items, how many are seen whoever did it.
    pub noise: u64,
    /// What the items are marked with.
    pub mark: &'static str,
    /// What kind they are; it sets the cap.
    pub kind: ItemKind,
}

const PLAIN: Setting = Setting {
    name: "as stated",
    reports: 1,
    grouped: false,
    noise: 0,
    mark: "A1",
    kind: ItemKind::Flow,
};

/// The settings that are compared.
pub const SETTINGS: [Setting; 7] = [
    PLAIN,
    Setting {
        name: "capped at 10",
        kind: ItemKind::Technique,
        ..PLAIN
    },
    Setting {
        name: "three reports of each, grouped",
        reports: 3,
        grouped: true,
        ..PLAIN
    },
    Setting {
        name: "three reports of each, taken as independent",
        reports: 3,
        ..PLAIN
    },
    Setting {
        name: "half is noise, marked A1",
        noise: 50,
        ..PLAIN
    },
    Setting {
        name: "half is noise, marked B2",
        noise: 50,
        mark: "B2",
        ..PLAIN
    },
    Setting {
        name: "half is noise, marked C3",
        noise: 50,
        mark: "C3",
        ..PLAIN
    },
];

/// What came of many worlds.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub worlds: u64,
    /// Hypotheses whose exact posterior lies within their interval.
    pub contained: u64,
    /// Sums of low and high ends of the true hypothesis, in millionths.
    pub low: u64,
    pub high: u64,
    /// Worlds in which the true hypothesis has almost no chance, by all of its interval.
    pub excluded: u64,
    /// By the word that the low end bears: how often it was said, and how often it was true.
    pub said: BTreeMap<Word, (u64, u64)>,
    /// The same for the word of the high end.
    pub bounded: BTreeMap<Word, (u64, u64)>,
}

/// Assesses so many worlds in a setting.
pub fn tally(setting: &Setting, worlds: u64, seed: u64) -> Tally {
    let mut random = SplitMix64::new(seed);
    let mut tally = Tally::default();
    for _ in 0..worlds {
        let world = World::new(&mut random, setting);
        let assessed = assess(&world.question).unwrap();
        world.count(&assessed, &mut tally);
    }
    tally
}

struct World {
    question: Question,
    truth: usize,
    /// The posterior that whoever knew all would have, as weights.
    exact: [u128; HYPOTHESES],
}

fn name(at: usize) -> String {
    format!("h{at}")
}

/// A prior in thousandths, each between an eighth and a half.
fn prior(random: &mut SplitMix64) -> [u64; HYPOTHESES] {
    loop {
        let parts = [0; HYPOTHESES].map(|_| random.between(1, 1000));
        let sum: u64 = parts.iter().sum();
        let mut prior = parts.map(|part| part * 1000 / sum);
        prior[0] += 1000 - prior.iter().sum::<u64>();
        if prior.iter().all(|part| (125..=500).contains(part)) {
            return prior;
        }
    }
}

impl World {
    fn new(random: &mut SplitMix64, setting: &Setting) -> Self {
        let prior = prior(random);
        let mut left = random.below(1000);
        let below = |part: &u64| {
            let here = left < *part;
            left = left.saturating_sub(*part);
            here
        };
        let truth = prior.iter().position(below).unwrap();
        let mut exact = prior.map(u128::from);
        let mut items = Vec::new();
        for at in 0..TRAITS {
            // In hundredths, how likely the trait is under each hypothesis.
            let likely = [0; HYPOTHESES].map(|_| random.between(5, 95));
            let noise = random.below(100) < setting.noise;
            let seen = random.below(100) < if noise { 50 } else { likely[truth] };
            let seen_so = likely.map(|likely| if seen { likely } else { 100 - likely });
            if !noise {
                for (weight, likely) in exact.iter_mut().zip(seen_so) {
                    *weight *= u128::from(likely);
                }
            }
            for report in 0..setting.reports {
                items.push(item(random, setting, (at, report), &seen_so));
            }
        }
        let hypotheses = (0..HYPOTHESES).map(|at| Hypothesis {
            id: name(at),
            statement: String::new(),
            prior: None,
        });
        Self {
            question: Question {
                hypotheses: hypotheses.collect(),
                items,
            },
            truth,
            exact,
        }
    }

    fn count(&self, assessed: &Assessed, tally: &mut Tally) {
        let all: u128 = self.exact.iter().sum();
        tally.worlds += 1;
        for row in &assessed.hypotheses {
            let at = (0..HYPOTHESES)
                .find(|at| name(*at) == row.hypothesis)
                .unwrap();
            let exact = self.exact[at] * 1_000_000;
            let (low, high) = (
                row.posterior.low.millionths(),
                row.posterior.high.millionths(),
            );
            let within = u128::from(low) * all <= exact && exact <= u128::from(high) * all;
            tally.contained += u64::from(within);
            let is_true = at == self.truth;
            if is_true {
                tally.low += u64::from(low);
                tally.high += u64::from(high);
                tally.excluded += u64::from(row.words.high == Word::AlmostNoChance);
            }
            for (words, word) in [
                (&mut tally.said, row.words.low),
                (&mut tally.bounded, row.words.high),
            ] {
                let (said, right) = words.entry(word).or_default();
                *said += 1;
                *right += u64::from(is_true);
            }
        }
    }
}

/// A report of a trait: a range of up to a fifth around each likelihood, not centred on it.
fn item(
    random: &mut SplitMix64,
    setting: &Setting,
    (at, report): (usize, usize),
    likely: &[u64; HYPOTHESES],
) -> Item {
    let mut likelihoods = BTreeMap::new();
    for (hypothesis, likely) in likely.iter().enumerate() {
        let low = likely * (100 - random.between(0, 20)) * 100;
        let high = likely * (100 + random.between(0, 20)) * 100;
        likelihoods.insert(
            name(hypothesis),
            Likelihood::of_millionths(low, high).unwrap(),
        );
    }
    Item {
        id: format!("trait{at}-{report}"),
        statement: String::new(),
        kind: setting.kind,
        source: Some(format!("s{at}-{report}")),
        upstream: None,
        group: setting.grouped.then(|| format!("trait{at}")),
        finding: None,
        confidence: Confidence::parse(setting.mark),
        likelihoods,
        fallen: None,
    }
}

/// Part of a whole in tenths of a percent, rounded down.
pub fn per_mille(part: u64, whole: u64) -> u64 {
    (part * 1000).checked_div(whole).unwrap_or(0)
}
