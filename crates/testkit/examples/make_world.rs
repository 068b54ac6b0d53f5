//! Writes a world to a directory: `transfers.csv`, `mapping.toml`, `incidents.csv`, `labels.csv`, `truth.json`.
//!
//! `cargo run -p whither-testkit --example make_world -- [outputs] PARAMETERS.json SEED DIRECTORY`
//!
//! With `outputs` on a chain of outputs: `blocks/` instead of the first two.
//!
//! The parameters that ship stand in `crates/testkit/worlds`.

use std::error::Error;
use std::path::Path;
use std::{env, fs};
use whither_testkit::simulator::output_world::{OutputParameters, OutputWorld};
use whither_testkit::simulator::world::{World, WorldParameters};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [kind, parameters, seed, directory] = &arguments[..]
        && kind == "outputs"
    {
        let parameters = OutputParameters::parse(&fs::read_to_string(parameters)?)?;
        OutputWorld::make(&parameters, seed.parse()?).write(Path::new(directory))?;
        return Ok(());
    }
    let [parameters, seed, directory] = &arguments[..] else {
        return Err("usage: make_world [outputs] PARAMETERS.json SEED DIRECTORY".into());
    };
    let parameters = WorldParameters::parse(&fs::read_to_string(parameters)?)?;
    World::make(&parameters, seed.parse()?).write(Path::new(directory))?;
    Ok(())
}
