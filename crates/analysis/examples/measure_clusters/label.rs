//! Labels transactions that are told one a line, to be held against another program's labels.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufRead as _, BufWriter, Write as _};

use whither_analysis::demix::{Match, Shape, Side, detect};
use whither_ledger::view::AddressIx;

/// Labels what stands on stdin.
pub fn lines() -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", words(&detect(&read(&line?))))?;
    }
    out.flush()?;
    Ok(())
}

/// Matches in one word each, or `-`.
pub fn words(matches: &[Match]) -> String {
    let words = matches
        .iter()
        .map(|found| format!("{}:{}", found.make.name(), found.anonymity_set));
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        return "-".to_owned();
    }
    words.join(" ")
}

fn read(line: &str) -> Shape {
    let mut names = BTreeMap::new();
    let mut shape = Shape::default();
    let (inputs, outputs) = line.split_once('|').unwrap_or((line, ""));
    let mut side = |word: &str| {
        let (owner, value) = word.split_once(':')?;
        let value = value.parse().ok()?;
        let next = AddressIx::of(names.len());
        let owner = (owner != "-").then(|| *names.entry(owner.to_owned()).or_insert(next));
        Some((owner, value))
    };
    for (owner, value) in inputs.split_whitespace().filter_map(&mut side) {
        shape.inputs_count += 1;
        if let Some(owner) = owner {
            let value = Some(value);
            shape.inputs.push(Side { owner, value });
        }
    }
    for (owner, value) in outputs.split_whitespace().filter_map(&mut side) {
        match owner {
            Some(owner) => shape.outputs.push(Side {
                owner,
                value: Some(value),
            }),
            None => shape.bare_outputs.push(value),
        }
    }
    shape.is_coinbase = shape.inputs_count == 0;
    shape
}
