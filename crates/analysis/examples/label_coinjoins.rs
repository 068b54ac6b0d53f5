//! Labels transactions told one a line on stdin, to be held against another program's labels.
//!
//! A line is `owner:value owner:value | owner:value …`: inputs, then outputs; `-:value` has no address. It prints every
//! match by precedence, with its anonymity set, or `-`; and with `--time` on stderr how long that took.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufWriter, Write as _};
use std::time::{Duration, Instant};

use whither_analysis::demix::{Shape, Side, detect};
use whither_ledger::view::AddressIx;

fn main() -> io::Result<()> {
    let is_timed = std::env::args().any(|argument| argument == "--time");
    let mut shapes = Vec::new();
    for line in io::stdin().lock().lines() {
        shapes.push(read(&line?));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let begun = Instant::now();
    let mut spent = Duration::ZERO;
    if is_timed {
        let found: usize = shapes.iter().map(|shape| detect(shape).len()).sum();
        spent = begun.elapsed();
        writeln!(out, "{found} matches in {} transactions", shapes.len())?;
    } else {
        for shape in &shapes {
            let words: Vec<String> = detect(shape)
                .iter()
                .map(|found| format!("{}:{}", found.make.name(), found.anonymity_set))
                .collect();
            writeln!(
                out,
                "{}",
                if words.is_empty() {
                    "-".to_owned()
                } else {
                    words.join(" ")
                }
            )?;
        }
    }
    if is_timed {
        eprintln!("{} ns", spent.as_nanos());
    }
    out.flush()
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
