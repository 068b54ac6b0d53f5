//! Measures names against the public benches: `measure_names FOLDER WHAT`, `FOLDER` as `WHITHER_TEST_DATA`.
//!
//! `bench` scores name_bench, `ofac` the 170 real scores of OFAC's tool, `korean` the aliases that the UN gives its
//! DPRK persons and OFAC and the EU theirs, `organisations` the names in Hangul and Han that lists give organisations, against
//! their other names and those of all others, `scripts` the UN's names in original script against the Latin ones of the same entry. With a third argument, what is wrong is listed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use whither_screening::lists::entry::Quality;
use whither_screening::lists::{Kind, Listing, Source, read};
use whither_screening::matching::korean::Korean;
use whither_screening::matching::screen::{THRESHOLD, pair};
use whither_screening::matching::{fold, ofac};

/// A pair of names with its score, and whether they are one's.
type Pair = (u32, bool, String, String);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, what, rest @ ..] = arguments.as_slice() else {
        eprintln!("measure_names FOLDER bench|ofac|korean|organisations|scripts [list]");
        std::process::exit(2);
    };
    let (folder, list) = (Path::new(folder), !rest.is_empty());
    match what.as_str() {
        "bench" => bench(folder, list),
        "ofac" => real_scores(folder, list),
        "organisations" => organisations(folder),
        "scripts" => scripts(folder, list),
        _ => aliases(folder, list),
    }
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).expect("the file is there");
    let records = reader
        .records()
        .map(|record| record.expect("the file is CSV"));
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

fn kind(schema: &str) -> Kind {
    match schema {
        "Person" => Kind::Person,
        "Vessel" => Kind::Vessel,
        _ => Kind::Organisation,
    }
}

fn bench(folder: &Path, list: bool) {
    let korean = Korean::new();
    let cases = rows(&folder.join("screening/nomenklatura/name_bench_cases.csv"));
    let mut scored: Vec<Pair> = Vec::new();
    for row in &cases {
        let score = pair(&row[2], &row[3], kind(&row[1]), &korean).score / 10;
        let quality = if row[5].is_empty() { "MEDIUM" } else { &row[5] };
        let shown = format!("{} | {} | {} | {}", row[1], row[2], row[3], row[6]);
        scored.push((score, row[4] == "true", quality.to_owned(), shown));
    }
    let half = |shown: &str| {
        shown.bytes().fold(0_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(byte))
        }) % 10
            < 3
    };
    for threshold in [65, 70, 75, 78, u32::from(THRESHOLD), 82, 85, 90] {
        let show = |name: &str, keep: &dyn Fn(&Pair) -> bool| {
            let of = |hit: bool, right: bool| {
                let all = scored.iter().filter(|one| keep(one));
                all.filter(|one| (one.0 >= threshold) == hit && one.1 == right)
                    .count()
            };
            let (tp, fp, miss) = (of(true, true), of(true, false), of(false, true));
            let f1 = 2000 * tp / (2 * tp + fp + miss).max(1);
            print!("  {name} tp {tp} fp {fp} fn {miss} F1 .{f1:03}");
        };
        print!("{threshold}:");
        show("all", &|_| true);
        show("strong", &|one| one.2 == "STRONG");
        show("held out", &|one| half(&one.3));
        println!();
    }
    for (quality, right) in [
        ("STRONG", true),
        ("MEDIUM", true),
        ("WEAK", true),
        ("WEAK", false),
        ("MEDIUM", false),
        ("STRONG", false),
    ] {
        let all: Vec<u32> = scored
            .iter()
            .filter(|one| one.2 == quality && one.1 == right)
            .map(|one| one.0)
            .collect();
        println!(
            "mean {quality} {right}: {}",
            all.iter().sum::<u32>() / u32::try_from(all.len().max(1)).unwrap_or(1)
        );
    }
    let strong_only = !list;
    for (score, right, quality, shown) in &scored {
        let hit = *score >= u32::from(THRESHOLD);
        if hit != *right
            && (!strong_only || quality == "STRONG")
            && (quality == "STRONG" || !half(shown))
        {
            println!(
                "{} {quality} {score} {shown}",
                if *right { "miss" } else { "false" }
            );
        }
    }
}

fn real_scores(folder: &Path, list: bool) {
    let cases = rows(&folder.join("screening/nomenklatura/ofac_fixtures.csv"));
    let (mut near, mut sum) = (0, 0);
    for row in &cases {
        let ours = i64::from(ofac::score(&row[0], &row[1]));
        let real: i64 = row[2].parse().expect("a score");
        sum += (ours - real).abs();
        near += usize::from((ours - real).abs() <= 5);
        if list && (ours - real).abs() > 5 {
            println!("{real} {ours} {} | {}", row[0], row[1]);
        }
    }
    println!(
        "within 5: {near} of {}, mean error {} hundredths",
        cases.len(),
        sum * 100 / i64::try_from(cases.len()).unwrap_or(1)
    );
}

/// A list, and which of its entries are the North's persons.
const DPRK: [(&str, &str); 3] = [
    ("un_consolidated.xml", "DPRK"),
    ("sdn.xml", "DPRK"),
    ("20240513-FULL-1_1(xsd).xml", "PRK"),
];

fn aliases(folder: &Path, list: bool) {
    let korean = Korean::new();
    for (file, programme) in DPRK {
        println!("{file}:");
        let people = persons(folder, file, programme);
        of_people(&korean, &people, list);
    }
}

/// Names of organisations in Hangul and Han, against the Latin names of the same entry and of all others.
fn organisations(folder: &Path) {
    let korean = Korean::new();
    let all = DPRK
        .iter()
        .flat_map(|(file, _)| listing(folder, file).entries);
    let all: Vec<Vec<String>> = all
        .filter(|listed| listed.entry.kind == Kind::Organisation)
        .map(|listed| {
            listed
                .entry
                .names
                .iter()
                .map(|name| name.text.clone())
                .collect()
        })
        .collect();
    let is_letter = |c: char| matches!(u32::from(c), 0x3400..=0x9FFF | 0xAC00..=0xD7A3);
    let lettered = |name: &&String| name.chars().any(is_letter);
    let best = |name: &str, names: &[String]| {
        let latin = names.iter().filter(|name| !lettered(name));
        let scored = latin.map(|other| {
            (
                pair(name, other, Kind::Organisation, &korean).score / 10,
                other.clone(),
            )
        });
        scored.max().unwrap_or_default()
    };
    for (at, names) in all.iter().enumerate() {
        for name in names.iter().filter(lettered) {
            let (score, own) = best(name, names);
            let others = all.iter().enumerate().filter(|(other, _)| *other != at);
            let hits = others.map(|(_, names)| best(name, names));
            let hits: Vec<(u32, String)> = hits
                .filter(|(score, _)| *score >= u32::from(THRESHOLD))
                .collect();
            println!("{score} {name} | {own} | others: {hits:?}");
        }
    }
}

/// The UN's names in their original script, against the Latin names of the same entry.
fn scripts(folder: &Path, list: bool) {
    let korean = Korean::new();
    let mut counts: BTreeMap<(&str, Kind), (usize, usize)> = BTreeMap::new();
    for listed in listing(folder, DPRK[0].0).entries {
        let entry = listed.entry;
        let foreign = |name: &str| {
            name.chars()
                .find(|c| u32::from(*c) > 0x36F && c.is_alphabetic())
        };
        for name in &entry.names {
            let script = match foreign(&name.text).map(u32::from) {
                Some(0x370..=0x3FF) => "Greek",
                Some(0x400..=0x52F) => "Cyrillic",
                Some(0x590..=0x5FF) => "Hebrew",
                Some(0x600..=0x77F) => "Arabic",
                Some(0x3400..=0xD7A3) => "Han and Hangul",
                _ => continue,
            };
            let latin = entry
                .names
                .iter()
                .filter(|name| foreign(&name.text).is_none());
            let best = latin
                .map(|other| pair(&name.text, &other.text, entry.kind, &korean).score / 10)
                .max()
                .unwrap_or(0);
            let count = counts.entry((script, entry.kind)).or_default();
            count.0 += usize::from(best >= u32::from(THRESHOLD));
            count.1 += 1;
            if list && best < u32::from(THRESHOLD) {
                println!("miss {best} {} | {}", name.text, entry.shown_name());
            }
        }
    }
    for ((script, kind), (found, all)) in counts {
        println!("{script}, {}: {found} of {all}", kind.word());
    }
}

/// A list of the folder.
fn listing(folder: &Path, file: &str) -> Listing {
    let path = folder
        .join("sanctions/inoutlists/tests/integration/fixtures")
        .join(file);
    let source = Source {
        name: file.to_owned(),
        bytes: Box::new(BufReader::new(File::open(path).expect("it is there"))),
    };
    read(vec![source], None).expect("it is a list").1
}

/// The names of persons under a programme, low-quality ones left out.
fn persons(folder: &Path, file: &str, programme: &str) -> Vec<Vec<String>> {
    let listing = listing(folder, file);
    let persons = listing.entries.iter().filter(|listed| {
        let under = |one: &String| one.starts_with(programme);
        listed.entry.kind == Kind::Person && listed.entry.programmes.iter().any(under)
    });
    persons
        .map(|listed| {
            let names = listed
                .entry
                .names
                .iter()
                .filter(|name| name.quality != Quality::Low);
            names.map(|name| name.text.clone()).collect()
        })
        .filter(|names: &Vec<String>| !names.is_empty())
        .collect()
}

fn of_people(korean: &Korean, people: &[Vec<String>], list: bool) {
    let cross = |one: &[String], other: &[String]| -> Vec<(String, String)> {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| (a.clone(), b.clone())).collect()
    };
    let others = |at: usize| people[at + 1..].iter();
    let (mut rights, mut wrongs) = (Vec::new(), Vec::new());
    for (at, person) in people.iter().enumerate() {
        rights.extend(cross(&person[..1], &person[1..]));
        wrongs.extend(others(at).flat_map(|other| cross(&person[..1], &other[..1])));
    }
    println!("the primary name and each alias; primary names of different persons:");
    tell(korean, &rights, &wrongs);
    if list {
        wrong_ones(korean, &rights, &wrongs);
    }
    let (mut rights, mut wrongs) = (Vec::new(), Vec::new());
    for (at, person) in people.iter().enumerate() {
        for (place, name) in person.iter().enumerate() {
            rights.extend(cross(std::slice::from_ref(name), &person[place + 1..]));
        }
        wrongs.extend(others(at).flat_map(|other| cross(person, other)));
    }
    println!("all names of a person with each other; all names of different persons:");
    tell(korean, &rights, &wrongs);
    if list {
        wrong_ones(korean, &rights, &wrongs);
    }
}

fn tell(korean: &Korean, rights: &Pairs, wrongs: &Pairs) {
    let shares = |one: &str, other: &str, given: bool| shares(korean, one, other, given);
    for (name, keep) in [
        ("all", 0),
        ("sharing a syllable", 1),
        ("sharing a given syllable", 2),
    ] {
        let kept = |pair: &&(String, String)| keep == 0 || shares(&pair.0, &pair.1, keep == 2);
        let (right, wrong): (Vec<_>, Vec<_>) = (
            rights.iter().filter(kept).collect(),
            wrongs.iter().filter(kept).collect(),
        );
        for threshold in [70, 75, u32::from(THRESHOLD), 85, 90] {
            let hits = |pairs: &[&(String, String)]| {
                let hit = |names: &&&(String, String)| {
                    let score = |a: &str, b: &str| pair(a, b, Kind::Person, korean).score / 10;
                    score(&names.0, &names.1) >= threshold
                };
                pairs.iter().filter(hit).count()
            };
            println!(
                "{name} at {threshold}: {} of {} aliases, {} of {} others",
                hits(&right),
                right.len(),
                hits(&wrong),
                wrong.len()
            );
        }
    }
}

type Pairs = [(String, String)];

fn wrong_ones(korean: &Korean, rights: &Pairs, wrongs: &Pairs) {
    for (right, pairs) in [(true, rights), (false, wrongs)] {
        for (one, other) in pairs {
            let found = pair(one, other, Kind::Person, korean);
            if (found.score / 10 >= u32::from(THRESHOLD)) != right {
                println!(
                    "{} {} {one} | {other} {:?}",
                    if right { "miss" } else { "false" },
                    found.score / 10,
                    found.korean.map(|korean| korean.pairs)
                );
            }
        }
    }
}

/// Whether two names have a syllable in common that both can be, in any reading and at any place.
fn shares(korean: &Korean, one: &str, other: &str, given_only: bool) -> bool {
    let (ours, theirs) = (
        korean.readings(&fold::words(one)),
        korean.readings(&fold::words(other)),
    );
    ours.iter().any(|a| {
        theirs.iter().any(|b| {
            let surname = !given_only && a.surname == b.surname;
            surname
                || a.given.iter().any(|(_, ours)| {
                    b.given.iter().any(|(_, theirs)| {
                        ours.iter()
                            .any(|(code, _)| theirs.iter().any(|(other, _)| other == code))
                    })
                })
        })
    })
}
