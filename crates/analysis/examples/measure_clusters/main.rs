//! Measures clustering and labelling, to be held beside other programs: `cargo xtask peers --clusters N` runs it.
//!
//! `measure_clusters sets DIR THREADS` joins the sets that lie in `DIR` (`bounds.bin`, `members.bin`: 32-bit numbers, low byte
//! first; set i is members[bounds[i]..bounds[i + 1]], ids from 1 to the number given in `count.txt`), alone, with as many
//! threads, and once more alone with every union kept; it writes each id's lowest to `ours.bin`.
//! `measure_clusters chain TRANSACTIONS SEED SAMPLE FILE` makes a chain, labels every transaction of it, and writes so many
//! of them with their labels to a file, for another program to label.
//! `measure_clusters label` labels transactions from stdin, a line each: `owner:value … | owner:value …`, inputs and outputs;
//! `-:value` has no address. It prints every match by precedence with its anonymity set, or `-`.

mod chain;
mod label;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use whither_analysis::cluster::Forest;
use whither_ledger::view::{AddressIx, TxIx};
use whither_testkit::measure::{Line, Meter};

/// So many sets a thread takes at once.
const PART: usize = 1 << 16;
/// So often each is measured.
const REPEATS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["sets", dir, threads] => sets(Path::new(dir), threads.parse()?),
        ["chain", count, seed, sample, file] => {
            chain::measure(count.parse()?, seed.parse()?, sample.parse()?, file)
        }
        ["label"] => label::lines(),
        _ => Err("see the head of this example for what it takes".into()),
    }
}

fn numbers(path: &Path) -> Result<Vec<u32>, Box<dyn Error>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (words, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(format!("{}: cut off", path.display()).into());
    }
    Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

fn sets(dir: &Path, threads: usize) -> Result<(), Box<dyn Error>> {
    let count: usize = fs::read_to_string(dir.join("count.txt"))?.trim().parse()?;
    let bounds = numbers(&dir.join("bounds.bin"))?;
    let members = numbers(&dir.join("members.bin"))?;
    let given = Meter::start().finish();
    let line = |step: &str| {
        Line::of(step)
            .count("addresses", count)
            .count("inputs", members.len())
            .number("given_kib", given.anon_kib)
    };
    let mut lowest = Vec::new();
    for _ in 0..REPEATS {
        drop(std::mem::take(&mut lowest));
        let meter = Meter::start();
        lowest = joined(count + 1, &bounds, &members, 1);
        println!("{}", line("alone").used(meter.finish()).end());
    }
    let alone = std::mem::take(&mut lowest);
    for _ in 0..REPEATS {
        drop(std::mem::take(&mut lowest));
        let meter = Meter::start();
        lowest = joined(count + 1, &bounds, &members, threads);
        println!("{}", line("plain").used(meter.finish()).end());
    }
    if lowest != alone {
        return Err("several threads make other clusters than one".into());
    }
    drop(alone);
    let bytes: Vec<u8> = lowest.iter().flat_map(|id| id.to_le_bytes()).collect();
    fs::write(dir.join("ours.bin"), bytes)?;
    drop(lowest);
    for _ in 0..REPEATS {
        let meter = Meter::start();
        let (lowest, unions) = proven(count + 1, &bounds, &members);
        let line = line("evidence").count("unions", unions.len());
        println!("{}", line.used(meter.finish()).end());
        let bytes: Vec<u8> = lowest.iter().flat_map(|id| id.to_le_bytes()).collect();
        if bytes != fs::read(dir.join("ours.bin"))? {
            return Err("with evidence the clusters are others".into());
        }
    }
    Ok(())
}

/// By so many threads, as whole chains are.
fn joined(count: usize, bounds: &[u32], members: &[u32], threads: usize) -> Vec<u32> {
    if threads < 2 {
        let mut forest = Forest::new(count);
        forest.join_in_order(bounds, members, |_| {});
        return forest.flatten();
    }
    let forest = Forest::new(count);
    let next = AtomicUsize::new(0);
    let sets = bounds.len() - 1;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let from = next.fetch_add(PART, Ordering::Relaxed);
                    if from >= sets {
                        break;
                    }
                    let to = (from + PART).min(sets);
                    forest.join_sets(&bounds[from..=to], members);
                }
            });
        }
    });
    forest.flatten()
}

/// Alone and in order, with every union as clusterings of whole chains keep it: the transaction, and who came in by it.
fn proven(count: usize, bounds: &[u32], members: &[u32]) -> (Vec<u32>, Vec<(TxIx, AddressIx)>) {
    let mut forest = Forest::new(count);
    let mut unions = Vec::new();
    forest.join_in_order(bounds, members, |links| {
        let links = links.iter();
        unions.extend(links.map(|(set, to)| (TxIx::of(*set), AddressIx(*to))));
    });
    (forest.flatten(), unions)
}
