//! Measures links on simulated worlds: how many pairs of one hand are found, how many of two are taken for one.
//!
//! `cargo run -p whither-analysis --example measure_links -- tuning|held-out|hands|FILE FIRST COUNT [POLICY] [--say]`
//!
//! `cargo run --release -p whither-analysis --example measure_links -- size THEFTS MOVEMENTS`
//!
//! Prints one line of counts, which `docs/methods/links.md` quotes; with `--say`, every pair that came out wrong. Not a
//! test: the test takes a few of the same worlds.

use std::error::Error;
use std::{env, fs};

use whither_analysis::trace::Policy;
use whither_testkit::simulator::world::{World, WorldParameters};

mod size;
#[path = "../../tests/it/worlds/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, missing_docs)]
mod worlds;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let says = arguments.iter().any(|argument| argument == "--say");
    arguments.retain(|argument| argument != "--say");
    if let [mode, thefts, movements] = &arguments[..]
        && mode == "size"
    {
        size::measure(thefts.parse()?, movements.parse()?);
        return Ok(());
    }
    let [of, first, count, rest @ ..] = &arguments[..] else {
        return Err(
            "usage: measure_links tuning|held-out|hands|FILE FIRST COUNT [POLICY] [--say]".into(),
        );
    };
    let parameters = match of.as_str() {
        "tuning" => WorldParameters::tuning(),
        "held-out" => WorldParameters::held_out(),
        "hands" => WorldParameters::hands(),
        file => WorldParameters::parse(&fs::read_to_string(file)?)?,
    };
    let policy: Policy = rest.first().map_or("haircut", String::as_str).parse()?;
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    let mut confusion = worlds::links::Confusion::default();
    for seed in first..first + count {
        let world = World::make(&parameters, seed);
        confusion.add(&world, &worlds::links::links(&world, policy), says);
    }
    println!(
        "{of} seeds {first}..{}, {}: {confusion:?}",
        first + count,
        policy.name()
    );
    Ok(())
}
