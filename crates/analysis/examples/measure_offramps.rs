//! Measures off-ramps, deposit addresses and the profile of brokers on simulated worlds.
//!
//! `cargo run -p whither-analysis --example measure_offramps -- tuning|held-out FIRST COUNT [SHAPE]`
//!
//! `docs/methods/offramps.md` has the figures of a run on held-out worlds.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/it/worlds/mod.rs"]
#[allow(dead_code)]
mod worlds;

use whither_testkit::simulator::world::{World, WorldParameters};
use worlds::offramps::{Counts, measure};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| {
        arguments
            .get(at)
            .map_or(default, |text| text.parse().unwrap())
    };
    let parameters = match arguments.first().map(String::as_str) {
        Some("held-out") => WorldParameters::held_out(),
        _ => WorldParameters::tuning(),
    };
    let (first, count) = (number(1, 1), number(2, 20));
    let shape = arguments.get(3).map(|text| text.parse().unwrap());
    let mut all = Counts::default();
    for seed in first..first + count {
        all.add(&measure(&World::make(&parameters, seed), shape));
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
}
