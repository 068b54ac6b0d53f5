//! Typologies of a world on a chain of outputs, counted against the plans of its thieves.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::offramp::of_outputs;
use whither_analysis::trace::result::EndpointKind;
use whither_analysis::trace::{Policy, Trace};
use whither_analysis::typology::{self, Asked, Limits, Pattern};
use whither_testkit::simulator::output_world::OutputWorld;
use whither_testkit::simulator::world::{WorldIncident, WorldPattern};

use super::{knowledge, of_thieves, stops, trace, view};

/// What is counted.
const TYPOLOGIES: [&str; 5] = [
    "consolidation",
    "dormancy",
    "fan-out",
    "mixer-passage",
    "peel-chain",
];

/// By typology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    /// Shapes of the plans that are as big as the limits ask: those of which every payment is told, of how many.
    pub found: BTreeMap<&'static str, (usize, usize)>,
    /// Transactions told: those of a plan; of a thief's without that plan (of mixers: real rounds); of others.
    pub told: BTreeMap<&'static str, [usize; 3]>,
}

impl Shapes {
    /// Both together.
    pub fn add(&mut self, other: &Self) {
        for (typology, (part, of)) in &other.found {
            let sum = self.found.entry(typology).or_default();
            *sum = (sum.0 + part, sum.1 + of);
        }
        for (typology, told) in &other.told {
            let sums = self.told.entry(typology).or_default();
            for (sum, part) in sums.iter_mut().zip(told) {
                *sum += part;
            }
        }
    }
}

/// From what size on a shape of a plan is one that the limits ask for.
fn least(typology: &str, limits: &Limits) -> u64 {
    match typology {
        "fan-out" => limits.fan_out,
        "consolidation" => limits.consolidation,
        "peel-chain" => limits.peel_steps,
        "dormancy" => limits.dormant_days,
        "mixer-passage" => 1,
        other => panic!("no plan has a {other}"),
    }
}

/// Counts a world.
pub fn measure(world: &OutputWorld, shape: Option<usize>, say: bool) -> Shapes {
    let (view, known, limits) = (view(world), knowledge(world), Limits::default());
    let thieves = of_thieves(world, &view);
    let mut counts = Shapes::default();
    for incident in &world.truth.common.incidents {
        let trace = trace(&view, &known, incident, (Policy::Haircut, &stops(shape)));
        let positions = of_outputs(&view, &trace, &known);
        let asked = Asked {
            trace: &trace,
            knowledge: &known,
            positions: &positions,
            brokers: &[],
            limits: &limits,
        };
        let told = told(&trace, &typology::of_outputs(&view, asked));
        count(incident, world, (&told, &thieves), (&mut counts, say));
    }
    counts
}

/// The transactions that are told under each word: of a mixer the round, and not the payments into it.
fn told(trace: &Trace, patterns: &[Pattern]) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut told: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for pattern in patterns {
        let of = told.entry(pattern.typology).or_default();
        if pattern.typology == "mixer-passage" {
            let ends = trace.endpoints.iter();
            let mixers = ends.filter(|end| end.kind == EndpointKind::Mixer);
            of.extend(mixers.filter_map(|end| end.transaction.clone()));
        } else {
            of.extend(pattern.transactions.iter().cloned());
        }
    }
    told
}

fn count(
    incident: &WorldIncident,
    world: &OutputWorld,
    (told, thieves): (&BTreeMap<&str, BTreeSet<String>>, &BTreeSet<String>),
    (counts, say): (&mut Shapes, bool),
) {
    let (limits, nothing) = (Limits::default(), BTreeSet::new());
    let rounds = world.truth.mixings.iter();
    let rounds: BTreeSet<&String> = rounds.map(|mixing| &mixing.transaction).collect();
    for typology in TYPOLOGIES {
        let told = told.get(typology).unwrap_or(&nothing);
        let is_big =
            |of: &&WorldPattern| of.typology == typology && of.size >= least(typology, &limits);
        for shape in incident.patterns.iter().filter(is_big) {
            let is_found = shape.transactions.iter().all(|id| told.contains(id));
            let sum = counts.found.entry(typology).or_default();
            sum.0 += usize::from(is_found);
            sum.1 += 1;
            if say && !is_found {
                let seed = world.truth.common.seed;
                println!("seed {seed} {} missed {shape:?}", incident.id);
            }
        }
        // Money of one theft may pass where another was planned: whose plan it was is the same here.
        let incidents = world.truth.common.incidents.iter();
        let plans = incidents.flat_map(|of| &of.patterns);
        let plans = plans.filter(|of| of.typology == typology);
        let planned: BTreeSet<&String> = plans.flat_map(|of| &of.transactions).collect();
        let sums = counts.told.entry(typology).or_default();
        for id in told {
            let is_theirs = match typology {
                "mixer-passage" => rounds.contains(id),
                _ => thieves.contains(id),
            };
            sums[match () {
                () if planned.contains(id) => 0,
                () if is_theirs => 1,
                () => 2,
            }] += 1;
        }
    }
}
