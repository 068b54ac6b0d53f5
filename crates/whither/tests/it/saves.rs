//! Totals and assessments that are kept and computed anew, and what of them falls without a claim.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use whither::assess::{Options, assess_case};
use whither::incidents::{By, Kept, TotalQuestion, total};
use whither::prices::{Choice, Convention, Request, book, import, pair};
use whither::saved::{Computed, FallenFinding, Mismatch, Saved, falls, save, verify};
use whither::value::{Quantity, value};
use whither::{Case, Recorder};
use whither_casework::{
    Author, CaseId, Draft, Hash, Json, Kind, Salt, Says, Time, Word, Writer, findings,
};

use crate::support::{Desk, desk};

const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93/slip44:0";

fn draft(second: usize, says: Says) -> Draft {
    let mut salt = [9; 32];
    salt[0] = u8::try_from(second).unwrap();
    Draft {
        author: Author::new("ana").unwrap(),
        time: Time::new(&format!("2026-01-01T00:00:{second:02}Z")).unwrap(),
        salt: Salt::new(salt),
        says,
    }
}

/// One theft in dollars, one in bitcoin, one outside the year; two hypotheses and what bears on them.
fn claims() -> Vec<(&'static str, String)> {
    let made = [
        ("incident", r#"{"id":"a1","incident":"a","date":"2020-01-01","victim":"A"}"#.to_owned()),
        ("loss", r#"{"id":"a2","incident":"a","what":"stolen","usd":"500","source":"s"}"#.to_owned()),
        ("incident", r#"{"id":"b1","incident":"b","date":"2020-01-01","victim":"B"}"#.to_owned()),
        ("loss", format!(r#"{{"id":"b2","incident":"b","what":"stolen","asset":"{BITCOIN}","amount":"200000000"}}"#)),
        ("incident", r#"{"id":"c1","incident":"c","date":"2018-01-01","victim":"C"}"#.to_owned()),
        ("loss", r#"{"id":"c2","incident":"c","what":"stolen","usd":"70"}"#.to_owned()),
        ("source", r#"{"id":"s1","record":"s","name":"S"}"#.to_owned()),
        ("hypothesis", r#"{"id":"h1","incident":"a","hypothesis":"one","statement":"One did it"}"#.to_owned()),
        ("hypothesis", r#"{"id":"h2","incident":"a","hypothesis":"unknown","statement":"Another did it"}"#.to_owned()),
        ("evidence", r#"{"id":"e1","incident":"a","evidence":"e","statement":"It was seen","type":"flow","confidence":"A1","finding":"first","likelihoods":{"one":["40","60"],"unknown":["1","1"]}}"#.to_owned()),
        ("assessment", r#"{"id":"j1","incident":"a","hypothesis":"one","sentence":"One very likely did it."}"#.to_owned()),
    ];
    made.into_iter().collect()
}

fn case(desk: &Desk) -> PathBuf {
    let dir = desk.path("case");
    let mut writer = Writer::create(&dir, &CaseId::new("made").unwrap(), "").unwrap();
    for (number, (kind, payload)) in claims().iter().enumerate() {
        let says = Says::Claim {
            kind: Kind::new(kind).unwrap(),
            payload: Json::read(payload.as_bytes()).unwrap(),
        };
        writer.append(draft(number, says)).unwrap();
    }
    dir
}

fn prices(desk: &Desk, asset: &str, price: &str) -> String {
    let request = Request {
        file: PathBuf::from("prices.csv"),
        bytes: Some(format!("date,price\n2020-01-01,{price}\n").into_bytes()),
        pair: pair(asset, None).unwrap(),
        convention: Convention::Close,
        source: "made up".to_owned(),
        licence: None,
        decimals: None,
        dry_run: false,
    };
    import(desk.store.path(), request)
        .unwrap()
        .series
        .price_file
}

/// Removes the version of a series that is of a file.
fn forget(desk: &Desk, file: &str) {
    let versions = fs::read_dir(desk.store.path().join("prices")).unwrap();
    let mut paths = versions.map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| fs::read_to_string(path).unwrap().contains(file);
    fs::remove_file(paths.find(is_it).unwrap()).unwrap();
}

fn keep(dir: &Path, case: &Case, second: usize, name: &str, computed: &Computed<'_>) -> Saved {
    let now = format!("2026-01-01T00:00:{second:02}Z");
    let recorder = Recorder::new("ana", Some(&now)).unwrap();
    save(dir, case, &recorder, (name, computed)).unwrap()
}

fn keep_total(desk: &Desk, dir: &Path, second: usize, name: &str) -> String {
    let case = Case::open(dir).unwrap();
    let question = TotalQuestion {
        from: Some("2020".to_owned()),
        to: Some("2020".to_owned()),
        by: Some(By::Year),
        ..TotalQuestion::default()
    };
    let answer = total(
        &Kept::of(&case),
        &question,
        Some(&book(desk.store.path()).unwrap()),
    )
    .unwrap();
    let computed = Computed::of_total(&case, &answer).unwrap();
    keep(dir, &case, second, name, &computed);
    answer.total.usd.0.normalize().to_string()
}

fn keep_assessment(dir: &Path, second: usize, options: &Options) {
    let case = Case::open(dir).unwrap();
    let assessment = assess_case(&case, "incident:a", options).unwrap();
    let computed = Computed::of_assessment(&case, &assessment, options).unwrap();
    keep(dir, &case, second, "who", &computed);
}

fn check(desk: &Desk, dir: &Path) -> Vec<Mismatch> {
    verify(&desk.store, dir, &[]).unwrap().mismatched
}

fn strike(dir: &Path, second: usize, name: &str) {
    let target: Hash = Case::open(dir).unwrap().named(name)[0].id;
    let says = Says::Retract {
        target,
        reason: "for the test".to_owned(),
    };
    let mut writer = Writer::open(dir).unwrap();
    writer.append(draft(second, says)).unwrap();
}

/// The handles of the claims that a finding says it rests on.
fn used(dir: &Path, name: &str) -> BTreeSet<String> {
    let case = Case::open(dir).unwrap();
    let (_, finding) = findings::named(&case, name)[0];
    let name = |hash: &Hash| {
        let mut claims = case.claims().iter();
        claims.find(|claim| claim.says == *hash).unwrap().name()
    };
    finding.claims.iter().map(name).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn changes(finding: &FallenFinding) -> Vec<(&str, &str, &str)> {
    let rows = finding.changes.iter();
    rows.map(|row| (&*row.what, &*row.with, &*row.without))
        .collect()
}

#[test]
fn a_total_is_computed_anew_with_the_prices_it_names() {
    let desk = desk();
    let dir = case(&desk);
    let first = prices(&desk, "bitcoin", "7200");
    assert_eq!(keep_total(&desk, &dir, 20, "t"), "14900");
    assert_eq!(used(&dir, "t"), set(&["a1", "a2", "b1", "b2", "s1"]));
    assert_eq!(check(&desk, &dir), []);
    // What it does not rest on may change: another asset's prices, a claim struck since, a claim made since.
    prices(&desk, "ethereum", "130");
    strike(&dir, 21, "a2");
    assert_eq!(check(&desk, &dir), []);
    // Nor does another price, while the store still has the one it was computed with.
    let second = prices(&desk, "bitcoin", "7300");
    assert_eq!(check(&desk, &dir), []);
    forget(&desk, &first);
    let found = check(&desk, &dir);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].reason, &*found[0].expected, &*found[0].found),
        ("prices", &*first, &*second)
    );
    assert_eq!(
        found[0].what,
        format!("t: prices of {BITCOIN} in USD (close, made up)")
    );
    let elsewhere = whither::store::Store::open(&desk.path("empty")).unwrap();
    let found = verify(&elsewhere, &dir, &[]).unwrap().mismatched;
    assert_eq!((found[0].reason, &*found[0].found), ("prices", "nothing"));
    // Kept anew, it holds again, without what was struck.
    assert_eq!(keep_total(&desk, &dir, 22, "t"), "14600");
    assert_eq!(check(&desk, &dir), []);
    assert_eq!(used(&dir, "t"), set(&["a1", "b1", "b2"]));
}

#[test]
fn an_altered_result_or_another_figure_is_named() {
    let desk = desk();
    let dir = case(&desk);
    prices(&desk, "bitcoin", "7200");
    keep_total(&desk, &dir, 20, "t");
    let file = fs::read_dir(dir.join("attachments")).unwrap().next();
    let file = file.unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let other = text.replacen("14900", "14901", 1);
    assert_ne!(text, other);
    fs::write(&file, &other).unwrap();
    assert_eq!(check(&desk, &dir)[0].reason, "altered");
    fs::write(&file, text).unwrap();
    assert_eq!(check(&desk, &dir), []);
    // A figure that was another when it was kept: the log holds, the result does not.
    let case = Case::open(&dir).unwrap();
    let (_, kept) = findings::named(&case, "t")[0];
    let claim = whither_casework::claims::Finding {
        finding: Word::new("wrong").unwrap(),
        ..kept.clone()
    };
    let result = Json::read(other.as_bytes()).unwrap();
    let mut writer = Writer::open(&dir).unwrap();
    let author = Author::new("ana").unwrap();
    let says = findings::bring(&mut writer, &author, claim, &result).unwrap();
    writer.append(draft(21, says)).unwrap();
    drop(writer);
    let found = check(&desk, &dir);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].reason, &*found[0].finding, &*found[0].found),
        ("result", "wrong", "14900")
    );
}

#[test]
fn a_value_is_computed_anew_with_every_price_that_it_shows() {
    let desk = desk();
    let dir = case(&desk);
    let first = prices(&desk, "bitcoin", "7200.5");
    let request = whither::value::Request {
        asset: BITCOIN.parse().unwrap(),
        quantity: Quantity::Whole("1.5".to_owned()),
        at: whither::Timestamp::parse("2020-01-02T00:00:00Z").unwrap(),
        decimals: None,
        choice: Choice {
            source: Some("made up".to_owned()),
            quote: Some("USD".parse().unwrap()),
            nearest: 3,
            ..Choice::default()
        },
    };
    let answer = value(&book(desk.store.path()).unwrap(), &request).unwrap();
    assert_eq!((&*answer.usd, &*answer.day), ("10800.75", "2020-01-01"));
    let kept = Case::open(&dir).unwrap();
    keep(&dir, &kept, 20, "v", &Computed::of_value(&answer).unwrap());
    assert_eq!(used(&dir, "v"), set(&[]));
    assert_eq!(check(&desk, &dir), []);
    prices(&desk, "ethereum", "130");
    assert_eq!(check(&desk, &dir), []);
    // Nor does another price, while the store still has the one it was computed with.
    let second = prices(&desk, "bitcoin", "7300");
    assert_eq!(check(&desk, &dir), []);
    forget(&desk, &first);
    let found = check(&desk, &dir);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].reason, &*found[0].expected, &*found[0].found),
        ("prices", &*first, &*second)
    );
}

#[test]
fn what_of_a_total_falls_without_a_claim() {
    let desk = desk();
    let dir = case(&desk);
    prices(&desk, "bitcoin", "7200");
    keep_total(&desk, &dir, 20, "t");
    let found = falls(&desk.store, &dir, "a2").unwrap();
    let told = changes(&found.findings[0]);
    assert!(
        told.contains(&("incident a", "500", "no value")),
        "{told:?}"
    );
    assert!(told.contains(&("usd", "14900", "14400")), "{told:?}");
    assert!(!told.iter().any(|row| row.0 == "incident b"), "{told:?}");
    let found = falls(&desk.store, &dir, "b1").unwrap();
    let told = changes(&found.findings[0]);
    assert!(told.contains(&("usd", "14900", "500")), "{told:?}");
    // The theft of 2018 is in no sum of 2020.
    assert_eq!(falls(&desk.store, &dir, "c2").unwrap().findings, []);
}

#[test]
fn an_assessment_is_computed_anew_and_tells_what_it_rests_on() {
    let desk = desk();
    let dir = case(&desk);
    prices(&desk, "bitcoin", "7200");
    keep_total(&desk, &dir, 20, "first");
    let options = Options {
        without: vec!["e".to_owned()],
        sentence: Some(("one".to_owned(), "One certainly did it.".to_owned())),
    };
    keep_assessment(&dir, 21, &options);
    assert_eq!(check(&desk, &dir), []);
    let rests = used(&dir, "who");
    let own = set(&["h1", "h2", "e1", "j1", "a1", "a2", "b1", "b2", "s1"]);
    assert!(own.is_subset(&rests), "{rests:?}");
    assert_eq!(
        rests.len(),
        own.len() + 1,
        "and the finding itself: {rests:?}"
    );
    let found = falls(&desk.store, &dir, "e1").unwrap();
    let fallen = found.findings.iter().find(|row| row.finding == "who");
    assert!(fallen.unwrap().error.is_some(), "`--without` asks for it");
    keep_assessment(&dir, 22, &Options::default());
    for name in ["e1", "a2"] {
        // Without a claim of the finding that its evidence rests on, the evidence does not count.
        let found = falls(&desk.store, &dir, name).unwrap();
        let fallen = found.findings.iter().find(|row| row.finding == "who");
        let told = changes(fallen.unwrap());
        assert!(
            told.iter().any(|row| row.0 == "hypothesis one"),
            "{name}: {told:?}"
        );
        assert!(
            told.iter().any(|row| row.0.starts_with("sentence of one")
                && row.1 == "stands"
                && row.2 == "refused"),
            "{name}: {told:?}"
        );
    }
    strike(&dir, 23, "e1");
    assert_eq!(check(&desk, &dir), []);
}
