//! Writes a big chain to a directory, `blocks/` and `truth.json`, and prints the truth in one line.
//!
//! `cargo run --release -p whither-testkit --example bulk_chain -- DIRECTORY OUTPUTS [SEED]`
//!
//! Where the directory has a chain of this size and seed already, only its truth is printed.

use std::error::Error;
use std::path::Path;
use std::{env, fs};
use whither_testkit::simulator::bulk::{BULK_SCHEMA, Bulk, BulkTruth, write_bulk};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (directory, outputs, seed) = match &arguments[..] {
        [directory, outputs] => (Path::new(directory), outputs, "1"),
        [directory, outputs, seed] => (Path::new(directory), outputs, seed.as_str()),
        _ => return Err("usage: bulk_chain DIRECTORY OUTPUTS [SEED]".into()),
    };
    let bulk = Bulk {
        outputs: outputs.parse()?,
        seed: seed.parse()?,
        ..Bulk::default()
    };
    let truth = match there_already(directory, &bulk) {
        Some(truth) => truth,
        None if directory.join("blocks").exists() => {
            let directory = directory.display();
            return Err(format!("{directory} has another chain, or an unfinished one").into());
        }
        None => write_bulk(directory, &bulk)?,
    };
    println!("{}", serde_json::to_string(&truth)?);
    Ok(())
}

fn there_already(directory: &Path, bulk: &Bulk) -> Option<BulkTruth> {
    let text = fs::read(directory.join("truth.json")).ok()?;
    let truth: BulkTruth = serde_json::from_slice(&text).ok()?;
    let same = truth.schema == BULK_SCHEMA
        && truth.seed == bulk.seed
        && truth.outputs_wanted == bulk.outputs
        && truth.outputs_per_block == bulk.outputs_per_block;
    same.then_some(truth)
}
