//! Measures off-ramps, deposit addresses, the profile of brokers, and typologies on simulated worlds.
//!
//! `cargo run --release -p whither-analysis --example measure_offramps -- tuning|held-out|habits FIRST COUNT [SHAPE]`
//!
//! `cargo run --release -p whither-analysis --example measure_offramps -- outputs|outputs-tuning FIRST COUNT [SHAPE] [--say]`: on
//! chains of outputs, where traces stop at mixers.
//!
//! `docs/methods/offramps.md` has the figures of a run on held-out worlds, `docs/methods/typologies.md` those of worlds whose
//! thieves have habits.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/it/worlds/mod.rs"]
#[allow(dead_code)]
mod worlds;

use whither_testkit::simulator::output_world::{OutputParameters, OutputWorld};
use whither_testkit::simulator::world::{World, WorldParameters};
use worlds::offramps::{Counts, measure};
use worlds::typologies::{self, Shapes};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let says = arguments.iter().any(|argument| argument == "--say");
    arguments.retain(|argument| argument != "--say");
    let number = |at: usize, default: u64| {
        arguments
            .get(at)
            .map_or(default, |text| text.parse().unwrap())
    };
    let (first, count) = (number(1, 1), number(2, 20));
    let shape = arguments.get(3).map(|text| text.parse().unwrap());
    let of_outputs = match arguments.first().map(String::as_str) {
        Some("outputs") => Some(OutputParameters::held_out()),
        Some("outputs-tuning") => Some(OutputParameters::tuning()),
        _ => None,
    };
    if let Some(parameters) = of_outputs {
        on_outputs(&parameters, (first, count), shape, says);
        return;
    }
    let parameters = match arguments.first().map(String::as_str) {
        Some("held-out") => WorldParameters::held_out(),
        Some("habits") => WorldParameters::habits(),
        _ => WorldParameters::tuning(),
    };
    let (mut all, mut shapes) = (Counts::default(), Shapes::default());
    for seed in first..first + count {
        let world = World::make(&parameters, seed);
        all.add(&measure(&world, shape));
        shapes.add(&typologies::measure(&world, shape));
    }
    println!("worlds {count} from seed {first}, shape {shape:?}");
    for ((kind, labelled), (found, of)) in &all.off_ramps {
        println!("{kind}, labelled {labelled}: {found} of {of}");
    }
    println!(
        "off-ramps of labelled services, brokers left out: {:?}",
        all.recall(Some(true))
    );
    println!(
        "off-ramps of all services, brokers left out: {:?}",
        all.recall(None)
    );
    println!("deposit addresses right: {:?}", all.deposits);
    println!(
        "brokers {:?}, traders {:?}, others {:?}",
        all.brokers, all.traders, all.others
    );
    for (typology, (found, of)) in &shapes.found {
        let (right, told) = shapes.told[typology];
        println!(
            "{typology}: {found} of {of} found; {right} of {told} transactions told are planned"
        );
    }
}

fn on_outputs(
    parameters: &OutputParameters,
    (first, count): (u64, u64),
    shape: Option<usize>,
    says: bool,
) {
    let mut all = worlds::outputs::offramps::Counts::default();
    let mut shapes = worlds::outputs::typologies::Shapes::default();
    for seed in first..first + count {
        let world = OutputWorld::make(parameters, seed);
        all.add(&worlds::outputs::offramps::measure(&world, shape, says));
        shapes.add(&worlds::outputs::typologies::measure(&world, shape, says));
    }
    println!("worlds of outputs {count} from seed {first}, shape {shape:?}");
    for ((kind, labelled), (found, of)) in &all.off_ramps {
        println!("{kind}, labelled {labelled}: {found} of {of}");
    }
    println!(
        "found deposits of which the payer is told: {:?}; deposit addresses called so: {:?}; looks like a service: {:?}, {} a thief's",
        all.through, all.deposits, all.looks, all.thieves
    );
    for (typology, [planned, own, others]) in &shapes.told {
        let (found, of) = shapes.found.get(typology).copied().unwrap_or_default();
        println!(
            "{typology}: {found} of {of} found; transactions told: {planned} planned, {own} the thieves' otherwise, {others} others"
        );
    }
}
