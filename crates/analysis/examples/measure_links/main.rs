//! Measures links on simulated worlds: how many pairs of one hand are found, how many of two are taken for one.
//!
//! `cargo run -p whither-analysis --example measure_links -- tuning|held-out|hands|FILE FIRST COUNT [POLICY] [--say]`
//!
//! `cargo run --release -p whither-analysis --example measure_links -- outputs|outputs-tuning FIRST COUNT [POLICY] [--coinjoin] [--say]`:
//! on chains of outputs; with `--coinjoin` traces stop at mixers.
//!
//! `cargo run --release -p whither-analysis --example measure_links -- size THEFTS MOVEMENTS`
//!
//! Prints one line of counts, which `docs/methods/links.md` quotes; with `--say`, every pair that came out wrong. Not a
//! test: the test takes a few of the same worlds.

use std::error::Error;
use std::{env, fs};

use whither_analysis::trace::{Policy, Stops};
use whither_testkit::simulator::output_world::{OutputParameters, OutputWorld};
use whither_testkit::simulator::world::{World, WorldParameters};

mod size;
#[path = "../../tests/it/worlds/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, missing_docs)]
mod worlds;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let says = arguments.iter().any(|argument| argument == "--say");
    let stops = Stops {
        coinjoin: arguments.iter().any(|argument| argument == "--coinjoin"),
        ..Stops::default()
    };
    arguments.retain(|argument| argument != "--say" && argument != "--coinjoin");
    if let [mode, thefts, movements] = &arguments[..]
        && mode == "size"
    {
        size::measure(thefts.parse()?, movements.parse()?);
        return Ok(());
    }
    let [of, first, count, rest @ ..] = &arguments[..] else {
        return Err(
            "usage: measure_links tuning|held-out|hands|outputs|outputs-tuning|FILE FIRST COUNT [POLICY] [--coinjoin] [--say]".into(),
        );
    };
    let policy: Policy = rest.first().map_or("haircut", String::as_str).parse()?;
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    let mut confusion = worlds::links::Confusion::default();
    for seed in first..first + count {
        let of_outputs = match of.as_str() {
            "outputs" => Some(OutputParameters::held_out()),
            "outputs-tuning" => Some(OutputParameters::tuning()),
            _ => None,
        };
        if let Some(parameters) = of_outputs {
            let world = OutputWorld::make(&parameters, seed);
            let links = worlds::outputs::links::links(&world, policy, &stops);
            worlds::outputs::links::add(&mut confusion, &world, &links, says);
            continue;
        }
        let parameters = match of.as_str() {
            "tuning" => WorldParameters::tuning(),
            "held-out" => WorldParameters::held_out(),
            "hands" => WorldParameters::hands(),
            file => WorldParameters::parse(&fs::read_to_string(file)?)?,
        };
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
