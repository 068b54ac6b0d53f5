//! Measures screening: `measure_screening NAMES.csv VERSION.list...`, the versions as they lie in a store.
//!
//! Prints how long the lists take to load, how many of the names have a hit at each threshold and how many a second
//! are asked, what OFAC's method would say of the first of them, and how many addresses a second are looked up. The
//! names are the last column of a CSV with a header. Times are those of the processor, on one core, since a machine that
//! is shared would count others' work. No figure is asserted. `WITHOUT_OFAC` and `WITHOUT_ALL` in the environment leave out the
//! slow parts: OFAC's method, and comparing with every name what the index found.

use whither_screening::lists::Kind;
use whither_screening::lists::pack::decode;
use whither_screening::matching::ofac::Question;
use whither_screening::matching::qualifier::Qualifiers;
use whither_screening::matching::screen::{Screen, Searcher, THRESHOLD};

/// How many of the names OFAC's method is asked for: it compares each with all.
const OFAC_NAMES: usize = 500;
/// How many names are compared with all, spread over the file.
const EVERY_NAMES: usize = 200;
/// How many addresses are looked up.
const ADDRESSES: u64 = 5_000_000;

/// Microseconds that this program has had of the processor (Linux).
fn cpu_us() -> u128 {
    let said = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    said.split(' ')
        .next()
        .and_then(|number| number.parse::<u128>().ok())
        .unwrap_or(0)
        / 1000
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [names, versions @ ..] = arguments.as_slice() else {
        eprintln!("measure_screening NAMES.csv VERSION.list...");
        std::process::exit(2);
    };
    if names == "--listed" {
        write_listed(versions);
        return;
    }
    let begun = cpu_us();
    let lists = versions.iter().map(|path| {
        let bytes = std::fs::read(path).expect("the version is there");
        decode(path, &bytes).expect("the version is whole")
    });
    let lists: Vec<_> = lists.collect();
    let listed: Vec<String> = lists
        .iter()
        .flat_map(|(_, entries)| entries)
        .flat_map(|stored| stored.entry.names.iter().map(|name| name.text.clone()))
        .collect();
    let read = (cpu_us() - begun) / 1000;
    let screen = Screen::build(lists);
    println!(
        "load: {read} ms to read, {} ms in all, {} names",
        (cpu_us() - begun) / 1000,
        listed.len()
    );

    let mut reader = csv::Reader::from_path(names).expect("the names are there");
    let names: Vec<String> = reader
        .records()
        .filter_map(|record| record.ok()?.iter().next_back().map(str::to_owned))
        .collect();
    ask_names(&screen, &names);
    if std::env::var_os("WITHOUT_ALL").is_none() {
        ask_every_name(&screen, &names);
    }
    if std::env::var_os("WITHOUT_OFAC").is_none() {
        ask_as_ofac(&names, &listed);
    }
    ask_addresses(&screen);
}

/// Writes all listed names, `SCHEMA<tab>NAME`, for a peer to be asked against: `--listed FILE VERSION.list...`.
fn write_listed(arguments: &[String]) {
    let [file, versions @ ..] = arguments else {
        return;
    };
    let mut text = String::new();
    for path in versions {
        let bytes = std::fs::read(path).expect("the version is there");
        let (_, entries) = decode(path, &bytes).expect("the version is whole");
        for stored in entries {
            let schema = match stored.entry.kind {
                Kind::Person => "Person",
                Kind::Organisation => "Organization",
                Kind::Vessel => "Vessel",
                Kind::Aircraft => "Airplane",
                Kind::Unknown => "LegalEntity",
            };
            for name in &stored.entry.names {
                text.push_str(&format!("{schema}\t{}\n", name.text));
            }
        }
    }
    std::fs::write(file, text).expect("the file can be written");
}

fn ask_names(screen: &Screen, names: &[String]) {
    let mut searcher = Searcher::default();
    let begun = cpu_us();
    let mut hits: Vec<(String, u8, String)> = Vec::new();
    for name in names {
        if let Some(hit) = screen
            .ask_name(name, &Qualifiers::default(), 70, &mut searcher)
            .first()
        {
            hits.push((name.clone(), hit.score, hit.name.clone()));
        }
    }
    let spent = (cpu_us() - begun).max(1);
    println!(
        "names: {} in {} ms, {} a second",
        names.len(),
        spent / 1000,
        names.len() as u128 * 1_000_000 / spent
    );
    for threshold in [75, 80, 82, 85, 90, 95, 100] {
        let count = hits
            .iter()
            .filter(|(_, score, _)| *score >= threshold)
            .count();
        println!(
            "  at {threshold}: {count} with a hit, {} of 10,000",
            count * 10_000 / names.len().max(1)
        );
    }
    for (name, score, listed) in hits
        .iter()
        .filter(|(_, score, _)| *score >= THRESHOLD)
        .take(60)
    {
        println!("    {score} {name} | {listed}");
    }
}

/// Whether the index finds what comparing with all names does, for the first of the names.
fn ask_every_name(screen: &Screen, names: &[String]) {
    let mut searcher = Searcher::default();
    let begun = cpu_us();
    let known = Qualifiers::default();
    let asked = names.len().min(EVERY_NAMES);
    let step = names.len() / asked.max(1);
    let mut differ = 0;
    for name in names.iter().step_by(step.max(1)).take(asked) {
        for threshold in [70, THRESHOLD] {
            let every = screen.ask_every_name(name, &known, threshold);
            let indexed = screen.ask_name(name, &known, threshold, &mut searcher);
            if every != indexed {
                differ += 1;
                for hit in every.iter().filter(|hit| !indexed.contains(hit)) {
                    println!(
                        "    missed by the index: {threshold} {name} | {} {}",
                        hit.score, hit.name
                    );
                }
            }
        }
    }
    println!(
        "compared with all: {asked} names at 70 and the threshold, {differ} differ, {} ms",
        (cpu_us() - begun) / 1000
    );
}

fn ask_as_ofac(names: &[String], listed: &[String]) {
    let begun = cpu_us();
    let best: Vec<u8> = names
        .iter()
        .take(OFAC_NAMES)
        .map(|name| {
            let question = Question::new(name);
            listed
                .iter()
                .map(|listed| question.score(listed))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let spent = (cpu_us() - begun).max(1);
    for threshold in [85, 90, 95, 100] {
        let count = best.iter().filter(|score| **score >= threshold).count();
        println!(
            "OFAC's method at {threshold}: {count} of {} names with a hit",
            best.len()
        );
    }
    println!(
        "OFAC's method: {} names a second",
        best.len() as u128 * 1_000_000 / spent
    );
}

fn ask_addresses(screen: &Screen) {
    let texts: Vec<String> = (0..100_000_u64).map(address).collect();
    let begun = cpu_us();
    let mut found = 0_u64;
    for at in 0..ADDRESSES {
        let text = &texts[usize::try_from(at % 100_000).unwrap_or(0)];
        found += u64::from(screen.is_listed_address(text));
    }
    let spent = (cpu_us() - begun).max(1);
    println!(
        "addresses: {} a second, {found} found",
        u128::from(ADDRESSES) * 1_000_000 / spent
    );
}

/// An address that nobody has, of an EVM chain or in base58.
fn address(number: u64) -> String {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    if number.is_multiple_of(2) {
        return format!(
            "0x{mixed:016x}{:016x}{:08x}",
            mixed.rotate_left(17),
            mixed >> 32
        );
    }
    const LETTERS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let letter =
        |at: u32| char::from(LETTERS[usize::try_from(mixed.rotate_left(at * 3) % 58).unwrap_or(0)]);
    std::iter::once('1').chain((0..33).map(letter)).collect()
}
