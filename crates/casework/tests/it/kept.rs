//! Lists and totals are the same, to the byte, of a case that was read as a whole and of the index over it.

use std::path::Path;

use proptest::prelude::*;
use whither_casework::incidents::{Asked, By, Kept, total};
use whither_casework::{
    Body, Case, Entry, Index, Json, Kind, Period, Says, Statement, Tally, Writer,
};

use crate::support::{AUTHORS, draft, id, withhold};

/// One thing that happens to a case: who, how many seconds later, what, about which, with which value.
type Step = (usize, u32, usize, usize, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..3_usize, 0..4_u32, 0..14_usize, 0..60_usize, 0..60_usize);
    prop::collection::vec(step, 0..24)
}

/// A claim of some kind that lists and totals are made of, and its marks.
fn claim(what: usize, about: usize, value: usize) -> (&'static str, String) {
    let (one, other) = (about % 5, (about + 1 + value % 4) % 5);
    let marks = format!(
        r#""source":"s{}","confidence":"{}{}""#,
        value % 3,
        ["A", "B", "F"][about % 3],
        1 + value % 6
    );
    match what {
        0 => {
            let date = ["2019", "2020-09", "2020-09-25", "2020-09-27"][value % 4];
            let fields = format!(
                r#""id":"h{value}","incident":"i{one}","title":"T {value}","victim":"V{}","date":"{date}""#,
                value % 2
            );
            ("incident", format!("{{{fields},{marks}}}"))
        }
        1 | 2 => {
            let what = ["stolen", "stolen", "recovered", "frozen", "reissued"][value % 5];
            let fields = match about % 3 {
                0 => format!(r#""usd":"{value}.50""#),
                1 => format!(r#""symbol":"BTC","quantity":"{value}.0","usd":"1{value}.5""#),
                _ => r#""symbol":"ETH","quantity":"1.50""#.to_owned(),
            };
            let fields = format!(r#""incident":"i{one}","what":"{what}",{fields}"#);
            ("loss", format!("{{{fields},{marks}}}"))
        }
        3 => (
            "attribution",
            format!(r#"{{"incident":"i{one}","actor":"a{}"}}"#, value % 2),
        ),
        4 => {
            let fields = r#""from":"2019","to":"2020","usd":"70","what":"All thefts""#;
            ("cited", format!("{{{fields},{marks}}}"))
        }
        5 | 6 => {
            let kind = ["same-incident", "distinct-incidents"][what - 5];
            let said = format!(r#"{{"incidents":["i{one}","i{other}"],"why":"w"}}"#);
            (kind, said)
        }
        7 => (
            "source",
            format!(
                r#"{{"record":"s{}","name":"Name {value}","type":"agency"}}"#,
                about % 3
            ),
        ),
        8 => (
            "descriptor",
            format!(
                r#"{{"of":"s{}","text":"One State","source":"s0"}}"#,
                about % 3
            ),
        ),
        // Nobody can read these.
        9 => (
            "loss",
            format!(r#"{{"incident":"i{one}","no":"loss",{marks}}}"#),
        ),
        _ => (
            "cited",
            format!(r#"{{"usd":"many","note":"{value}",{marks}}}"#),
        ),
    }
}

fn says(entries: &[Entry], step: Step) -> Says {
    let (_, _, what, about, value) = step;
    let target = entries.get(about % entries.len().max(1));
    let target = target.filter(|target| target.kind().as_str() != "retract");
    let payload = |text: String| Json::read(text.as_bytes()).unwrap();
    match (what, target) {
        (11 | 12, Some(target)) => Says::Retract {
            target: target.hash(),
            reason: "r".to_owned(),
        },
        (13, Some(target)) if target.kind().is_claim() => {
            let same = (0..11).find(|what| claim(*what, value, about).0 == target.kind().as_str());
            let payload = payload(claim(same.unwrap(), value, about).1);
            let target = target.hash();
            Says::Correct { target, payload }
        }
        _ => {
            let (kind, text) = claim(what % 11, about, value);
            Says::Claim {
                kind: Kind::new(kind).unwrap(),
                payload: payload(text),
            }
        }
    }
}

fn write(dir: &Path, clocks: &mut [u32; 3], entries: &mut Vec<Entry>, steps: &[Step]) {
    let mut writer = Writer::open(dir).unwrap();
    for step in steps {
        clocks[step.0] += step.1;
        let says = says(entries, *step);
        let draft = draft(AUTHORS[step.0], clocks[step.0], entries.len(), says);
        entries.push(writer.append(draft).unwrap());
    }
}

fn totals(kept: &Kept) -> Vec<String> {
    let asked = |by, actor: Option<&str>| Asked {
        period: Period::ALWAYS,
        actor: actor.map(str::to_owned),
        by,
        pricing: None,
    };
    let all = [
        asked(None, None),
        asked(Some(By::Source), Some("a1")),
        asked(Some(By::Year), None),
    ];
    let totals = all.iter().map(|asked| {
        let total = total(&kept.folded, &kept.published, &kept.same, asked).unwrap();
        let sources = total.rows.iter().filter_map(|row| row.source.clone());
        let warnings = kept.sources.warnings(Some(&sources.collect()));
        serde_json::to_string(&(total, warnings, &kept.folded)).unwrap()
    });
    totals.collect()
}

/// Asks both, and tells what the index was made of.
fn check(dir: &Path, folder: &Path) -> Kept {
    let case = Case::open(dir).unwrap();
    let mut index = Index::open(dir, folder).unwrap();
    let (whole, asked) = (Kept::of(&case), Kept::asked(&mut index).unwrap().unwrap());
    assert_eq!(index.tally().unwrap(), Tally::of(case.claims()));
    assert_eq!(asked, whole);
    assert_eq!(totals(&asked), totals(&whole));
    whole
}

fn started() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    Writer::create(dir.path(), &id(), "Test").unwrap();
    dir
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever is claimed, struck, corrected and withheld between two questions.
    #[test]
    fn an_index_gives_the_incidents_of_the_whole_case(
        parts in prop::collection::vec((steps(), any::<prop::sample::Index>(), any::<bool>()), 1..4),
    ) {
        let (dir, folder) = (started(), tempfile::tempdir().unwrap());
        let (mut clocks, mut entries) = ([0; 3], Vec::new());
        for (steps, which, gone) in parts {
            write(dir.path(), &mut clocks, &mut entries, &steps);
            check(dir.path(), folder.path());
            if gone && !entries.is_empty() {
                withhold(dir.path(), which.get(&entries));
                check(dir.path(), folder.path());
            }
        }
    }
}

/// What the property is of comes up: a case with all of it gives the same, and its parts are not empty.
#[test]
fn joined_incidents_and_claims_that_are_lost_count_in_both() {
    let (dir, folder) = (started(), tempfile::tempdir().unwrap());
    let steps: Vec<Step> = (0..70)
        .map(|n| (n % 3, 1, n % 11, n * 7 % 60, n * 11 % 60))
        .collect();
    let (mut clocks, mut entries) = ([0; 3], Vec::new());
    write(dir.path(), &mut clocks, &mut entries, &steps);
    let loss = entries.iter().find(|entry| entry.kind().as_str() == "loss");
    withhold(dir.path(), loss.unwrap());
    let kept = check(dir.path(), folder.path());
    assert!(kept.unreadable > 0 && kept.withheld == 1, "{kept:?}");
    assert!(!kept.published.is_empty() && !kept.same.joined().is_empty());
    assert!(kept.folded.iter().any(|folded| folded.conflicts > 0));
    let statement = Statement::read_any(
        &Kind::new("loss").unwrap(),
        &Json::read(claim(9, 0, 0).1.as_bytes()).unwrap(),
    );
    assert!(matches!(statement.body, Body::Unreadable { .. }));
}

/// A count that was changed is not believed, nor one that is gone.
#[test]
fn a_damaged_count_is_counted_anew() {
    let (dir, folder) = (started(), tempfile::tempdir().unwrap());
    let steps: Vec<Step> = (0..22).map(|n| (n % 3, 1, n % 11, n, n)).collect();
    write(dir.path(), &mut [0; 3], &mut Vec::new(), &steps);
    check(dir.path(), folder.path());
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
    let path = file.unwrap().path();
    for damage in [
        "DELETE FROM derived",
        "UPDATE tallies SET claims = claims + 1 WHERE what = 'unreadable loss'",
        "DELETE FROM tallies WHERE what = 'unreadable cited'",
    ] {
        let index = rusqlite::Connection::open(&path).unwrap();
        assert!(index.execute(damage, []).unwrap() > 0, "{damage}");
        drop(index);
        check(dir.path(), folder.path());
    }
}
