//! What links say of the thefts of a world on a chain of outputs.

use whither_analysis::link::{Link, Taint, links_of_outputs};
use whither_analysis::trace::{Policy, Stops};
use whither_testkit::simulator::output_world::OutputWorld;
use whither_testkit::simulator::world::World;

use super::super::links::Confusion;
use super::{knowledge, origins, trace, view};

/// The links of a world.
pub fn links(world: &OutputWorld, policy: Policy, stops: &Stops) -> Vec<Link> {
    let (view, known) = (view(world), knowledge(world));
    let incidents = world.truth.common.incidents.iter();
    let taint = incidents.map(|incident| {
        let trace = trace(&view, &known, incident, (policy, stops));
        Taint::of_outputs(&view, &incident.id, &origins(incident), &trace)
    });
    links_of_outputs(&view, &known, taint.collect()).pairs
}

/// Counts links against the truth, which has the form of all worlds.
pub fn add(confusion: &mut Confusion, world: &OutputWorld, links: &[Link], say: bool) {
    let told = World {
        rows: Vec::new(),
        truth: world.truth.common.clone(),
    };
    confusion.add(&told, links, say);
}
