//! Measures off-ramps, deposit addresses, the profile of brokers, and typologies on simulated worlds.
//!
//! `cargo run --release -p whither-analysis --example measure_offramps -- tuning|held-out|habits FIRST COUNT [SHAPE]`
//!
//! `docs/methods/offramps.md` has the figures of a run on held-out worlds, `docs/methods/typologies.md` those of worlds whose
//! thieves have habits.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/it/worlds/mod.rs"]
#[allow(dead_code)]
mod worlds;

use whither_testkit::simulator::world::{World, WorldParameters};
use worlds::offramps::{Counts, measure};
use worlds::typologies::{self, Shapes};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| {
        arguments
            .get(at)
            .map_or(default, |text| text.parse().unwrap())
    };
    let parameters = match arguments.first().map(String::as_str) {
        Some("held-out") => WorldParameters::held_out(),
        Some("habits") => WorldParameters::habits(),
        _ => WorldParameters::tuning(),
    };
    let (first, count) = (number(1, 1), number(2, 20));
    let shape = arguments.get(3).map(|text| text.parse().unwrap());
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
