//! Typologies of a simulated world, counted against the plans of its thieves.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::offramp::{of_accounts, otc, services};
use whither_analysis::trace::Policy;
use whither_analysis::typology::{self, Asked, Limits, Pattern};
use whither_testkit::simulator::world::{World, WorldIncident};

use super::{knowledge, trace, view};

/// By typology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    /// Shapes of the plans that are as big as the limits ask: those of which every payment is told, of how many.
    pub found: BTreeMap<String, (usize, usize)>,
    /// Transactions told: those of a plan, of how many.
    pub told: BTreeMap<String, (usize, usize)>,
}

impl Shapes {
    /// Both together.
    pub fn add(&mut self, other: &Self) {
        for (to, from) in [
            (&mut self.found, &other.found),
            (&mut self.told, &other.told),
        ] {
            for (typology, (part, of)) in from {
                let sum = to.entry(typology.clone()).or_default();
                *sum = (sum.0 + part, sum.1 + of);
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
        other => panic!("no plan has a {other}"),
    }
}

/// Counts a world.
pub fn measure(world: &World, shape: Option<usize>) -> Shapes {
    let (view, known, limits) = (view(world), knowledge(world), Limits::default());
    let mut counts = Shapes::default();
    for incident in &world.truth.incidents {
        let trace = trace(&view, &known, incident, Policy::Haircut, shape);
        let positions = of_accounts(&view, &trace, &known);
        let wallets = services(&view, &trace, &known);
        let brokers = otc::brokers(&view, &wallets, &trace);
        let asked = Asked {
            trace: &trace,
            knowledge: &known,
            positions: &positions,
            brokers: &brokers,
            limits: &limits,
        };
        count(
            incident,
            world,
            &typology::of_accounts(&view, asked),
            &mut counts,
        );
    }
    counts
}

fn count(incident: &WorldIncident, world: &World, patterns: &[Pattern], counts: &mut Shapes) {
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pattern in patterns {
        let of = told.entry(pattern.typology).or_default();
        of.extend(pattern.transactions.iter().map(String::as_str));
    }
    let limits = Limits::default();
    for shape in &incident.patterns {
        if shape.size >= least(&shape.typology, &limits) {
            let told = told.get(shape.typology.as_str());
            let is_told = |id: &String| told.is_some_and(|told| told.contains(id.as_str()));
            let sum = counts.found.entry(shape.typology.clone()).or_default();
            sum.0 += usize::from(shape.transactions.iter().all(is_told));
            sum.1 += 1;
        }
    }
    // Money of one theft may pass where another was planned: whose plan it was is the same here.
    let plans = world.truth.incidents.iter().flat_map(|of| &of.patterns);
    let mut planned: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for shape in plans {
        let of = planned.entry(shape.typology.as_str()).or_default();
        of.extend(shape.transactions.iter().map(String::as_str));
    }
    for typology in ["fan-out", "consolidation", "peel-chain", "dormancy"] {
        let told = told.remove(typology).unwrap_or_default();
        let sum = counts.told.entry(typology.to_owned()).or_default();
        let right = planned
            .get(typology)
            .map_or(0, |plans| plans.intersection(&told).count());
        *sum = (sum.0 + right, sum.1 + told.len());
    }
}
