//! What the matching of names must come to: gates on public benches, and on the aliases that the UN itself gives.

use whither_screening::lists::Kind;
use whither_screening::lists::entry::Quality;
use whither_screening::matching::korean::Korean;
use whither_screening::matching::screen::{THRESHOLD, pair};
use whither_screening::matching::{fold, ofac};

use crate::support::{cut, data, list};

fn rows(path: &std::path::Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records = reader.records().map(|record| record.unwrap());
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

#[test]
fn every_strong_pair_is_right() {
    let korean = Korean::new();
    let mut wrong = Vec::new();
    let rows = rows(&cut("name_bench_strong.csv"));
    assert_eq!(rows.len(), 47);
    for row in rows {
        let score = pair(&row[2], &row[3], kind(&row[1]), &korean).score / 10;
        if (score >= u32::from(THRESHOLD)) != (row[4] == "true") {
            wrong.push(format!("{score}: {} | {}", row[2], row[3]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_whole_bench_does_not_get_worse() {
    let Some(path) = data("screening/nomenklatura/name_bench_cases.csv") else {
        return;
    };
    let korean = Korean::new();
    let (mut right, mut false_hits, mut missed) = (0, 0, 0);
    for row in rows(&path) {
        let hit = pair(&row[2], &row[3], kind(&row[1]), &korean).score / 10 >= u32::from(THRESHOLD);
        match (hit, row[4] == "true") {
            (true, true) => right += 1,
            (true, false) => false_hits += 1,
            (false, true) => missed += 1,
            (false, false) => {}
        }
    }
    let f1 = 2000 * right / (2 * right + false_hits + missed);
    assert!(f1 >= 790, "F1 is .{f1:03}");
}

#[test]
fn ofacs_tool_is_met_within_five_points() {
    let rows = rows(&cut("ofac_scores.csv"));
    assert_eq!(rows.len(), 170);
    let near = rows.iter().filter(|row| {
        let real: i32 = row[2].parse().unwrap();
        (i32::from(ofac::score(&row[0], &row[1])) - real).abs() <= 5
    });
    let near = near.count();
    assert!(near * 100 >= rows.len() * 95, "{near} of {}", rows.len());
}

#[test]
fn aliases_of_dprk_persons_are_found_and_others_are_not() {
    let Some(path) = data("sanctions/inoutlists/tests/integration/fixtures/un_consolidated.xml")
    else {
        return;
    };
    let korean = Korean::new();
    let (_, listing) = list(&[&path]);
    let people = listing
        .entries
        .iter()
        .filter(|listed| listed.entry.id.starts_with("KPi."));
    let people: Vec<Vec<&str>> = people
        .map(|listed| {
            let names = listed
                .entry
                .names
                .iter()
                .filter(|name| name.quality != Quality::Low);
            names.map(|name| name.text.as_str()).collect()
        })
        .collect();
    let hit = |one: &str, other: &str| {
        pair(one, other, Kind::Person, &korean).score / 10 >= u32::from(THRESHOLD)
    };
    // The primary name against the others alone, and then all names of a person against each other.
    for most in [1, usize::MAX] {
        let (mut all, mut found, mut pairs, mut wrong) = (0, 0, 0, 0);
        for (at, person) in people.iter().enumerate() {
            for (place, name) in person.iter().enumerate().take(most) {
                let asked = |other: &&&str| share(&korean, name, other);
                for alias in person[place + 1..].iter().filter(asked) {
                    all += 1;
                    found += usize::from(hit(name, alias));
                }
                let others = people[at + 1..]
                    .iter()
                    .flat_map(|other| other.iter().take(most));
                for other in others.filter(asked) {
                    pairs += 1;
                    wrong += usize::from(hit(name, other));
                }
            }
        }
        assert!(found * 100 >= all * 90, "{found} of {all} aliases");
        assert!(wrong * 100 <= pairs * 3, "{wrong} of {pairs} others");
    }
}

/// Whether two names share a syllable of the given name, or one is not Korean by any reading and cannot be asked.
fn share(korean: &Korean, one: &str, other: &str) -> bool {
    let readings = |name: &str| korean.readings(&fold::words(name));
    let (ours, theirs) = (readings(one), readings(other));
    ours.iter()
        .flat_map(|reading| &reading.given)
        .any(|(_, ours)| {
            theirs
                .iter()
                .flat_map(|reading| &reading.given)
                .any(|(_, theirs)| {
                    ours.iter()
                        .any(|(code, _)| theirs.iter().any(|(other, _)| other == code))
                })
        })
}
