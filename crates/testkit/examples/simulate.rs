//! Writes a simulated theft to a directory: `blocks/` or `transfers.csv`, and `truth.json` beside it.
//!
//! `cargo run -p whither-testkit --example simulate -- utxo|account SEED small|medium|large DIRECTORY`
//!
//! For trying things by hand; tests call the library.

use std::error::Error;
use std::path::Path;
use std::{env, fs};
use whither_testkit::simulator::{SimSize, Truth, WriteOptions, account, utxo};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, seed, size, directory] = &arguments[..] else {
        return Err("usage: simulate utxo|account SEED small|medium|large DIRECTORY".into());
    };
    let seed = seed.parse()?;
    let size = match &size[..] {
        "small" => SimSize::SMALL,
        "medium" => SimSize::MEDIUM,
        "large" => SimSize::LARGE,
        _ => return Err("the size is small, medium or large".into()),
    };
    let directory = Path::new(directory);
    fs::create_dir_all(directory)?;
    match &kind[..] {
        "utxo" => {
            let scenario = utxo(seed, size);
            let blocks = directory.join("blocks");
            scenario
                .chain
                .write_blk(&blocks, &WriteOptions::default())?;
            write_truth(directory, &scenario.truth)
        }
        "account" => {
            let scenario = account(seed, size);
            let table = directory.join("transfers.csv");
            scenario.table.write_mftracer_csv(&table)?;
            write_truth(directory, &scenario.truth)
        }
        _ => Err("the kind is utxo or account".into()),
    }
}

fn write_truth(directory: &Path, truth: &Truth) -> Result<(), Box<dyn Error>> {
    let text = serde_json::to_string_pretty(truth)? + "\n";
    fs::write(directory.join("truth.json"), text)?;
    Ok(())
}
