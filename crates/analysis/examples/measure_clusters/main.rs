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

use whither_analysis::cluster::{Crew, Forest, Job, Table, joined};
use whither_ledger::view::{AddressIx, TxIx};
use whither_testkit::measure::{Line, Meter};

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
    let mut lowest = None;
    for _ in 0..REPEATS {
        drop(lowest.take());
        let meter = Meter::start();
        lowest = Some(lowest_of(count + 1, &bounds, &members, 1));
        println!("{}", line("alone").used(meter.finish()).end());
    }
    let alone = lowest.take();
    for _ in 0..REPEATS {
        drop(lowest.take());
        let meter = Meter::start();
        lowest = Some(lowest_of(count + 1, &bounds, &members, threads));
        println!("{}", line("plain").used(meter.finish()).end());
    }
    if lowest != alone {
        return Err("several threads make other clusters than one".into());
    }
    drop(alone);
    let bytes = lowest.iter().flat_map(Table::iter);
    let bytes: Vec<u8> = bytes.flat_map(u32::to_le_bytes).collect();
    fs::write(dir.join("ours.bin"), bytes)?;
    drop(lowest);
    for _ in 0..REPEATS {
        let meter = Meter::start();
        let (lowest, unions) = proven(count + 1, &bounds, &members);
        let line = line("evidence").count("unions", unions.len());
        println!("{}", line.used(meter.finish()).end());
        let bytes: Vec<u8> = lowest.iter().flat_map(u32::to_le_bytes).collect();
        if bytes != fs::read(dir.join("ours.bin"))? {
            return Err("with evidence the clusters are others".into());
        }
    }
    Ok(())
}

/// By so many threads, as whole chains are.
fn lowest_of(count: usize, bounds: &[u32], members: &[u32], threads: usize) -> Table {
    let sets = bounds.len() - 1;
    let share = |share: usize, shares: usize, forest: &mut Forest| {
        let (from, to) = (sets * share / shares, sets * (share + 1) / shares);
        forest.join_sets(&bounds[from..=to], members);
    };
    joined(&Threads(threads), count, share).0
}

struct Threads(usize);

impl Crew for Threads {
    fn size(&self) -> usize {
        self.0
    }

    fn run(&self, jobs: Vec<Job<'_>>) {
        std::thread::scope(|scope| {
            for job in jobs {
                scope.spawn(job);
            }
        });
    }
}

/// Alone and in order, with every union as clusterings of whole chains keep it: the transaction, and who came in by it.
fn proven(count: usize, bounds: &[u32], members: &[u32]) -> (Table, Vec<(TxIx, AddressIx)>) {
    let mut forest = Forest::new(count);
    let mut unions = Vec::new();
    forest.join_sets_telling(bounds, members, |links| {
        let links = links.iter();
        unions.extend(links.map(|(set, to)| (TxIx::of(*set as usize), AddressIx(*to))));
    });
    (forest.flatten(), unions)
}
