//! The index answers as a full reading does, over any history, and is made anew where it cannot be trusted.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use whither_casework::{
    Case, CaseError, Claim, Entry, Index, Json, Kind, Ledger, Says, Statement, Writer,
};

use crate::support::{AUTHORS, copy, draft, id, withhold};

/// One thing that happens to a case: who, how many seconds later, what, about which.
type Step = (usize, u32, usize, usize);

fn steps(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..3_usize, 0..4_u32, 0..10_usize, 0..100_usize), length)
}

fn says(kind: &str, text: &str) -> Says {
    let payload = Json::read(text.as_bytes()).unwrap();
    let statement = Statement::read(&Kind::new(kind).unwrap(), &payload).unwrap();
    statement.says().unwrap()
}

fn incident(number: usize, about: usize) -> Says {
    let about = about % 3;
    let handle = if number.is_multiple_of(2) {
        format!(r#""id":"h{about}","#)
    } else {
        String::new()
    };
    says(
        "incident",
        &format!(r#"{{{handle}"incident":"i{about}","title":"t{number}","confidence":"B2"}}"#),
    )
}

/// The entries that a step may be about, and what it says.
fn acts(entries: &[Entry], number: usize, (_, _, what, about): Step) -> Says {
    let target = entries.get(about % entries.len().max(1));
    match (what, target) {
        (0..=1, _) => incident(number, about),
        (2, _) => says(
            "loss",
            &format!(
                r#"{{"incident":"i{}","what":"stolen","usd":"{number}"}}"#,
                about % 3
            ),
        ),
        (3, _) => says(
            "label",
            &format!(
                r#"{{"address":"bitcoin:{}","name":"n{number}","category":"c"}}"#,
                about % 2
            ),
        ),
        (4, _) => Says::Claim {
            kind: Kind::new("label").unwrap(),
            payload: Json::read(br#"{"no":"label"}"#).unwrap(),
        },
        (5..=6, Some(target)) if target.kind().as_str() != "retract" => Says::Retract {
            target: target.hash(),
            reason: "r".to_owned(),
        },
        (7, Some(target)) if target.kind().is_claim() => {
            let Says::Claim { payload, .. } = incident(number, about / 3) else {
                unreachable!("an incident is a claim")
            };
            Says::Correct {
                target: target.hash(),
                payload,
            }
        }
        _ => says(
            "attribution",
            &format!(
                r#"{{"incident":"i{}","actor":"a{}"}}"#,
                about % 3,
                about % 2
            ),
        ),
    }
}

/// What is asked of both.
fn answers(case: &Case) -> Vec<Vec<Claim>> {
    let of_kind = |kind: &str| -> Vec<Claim> {
        let claims = case
            .claims()
            .iter()
            .filter(|claim| claim.body.kind_word() == kind);
        claims.cloned().collect()
    };
    let about = |subject: &str| -> Vec<Claim> {
        let is_about = |claim: &&Claim| {
            let mut found = false;
            claim
                .body
                .subjects(&mut |kind, id| found |= format!("{kind}:{id}") == subject);
            found
        };
        case.claims().iter().filter(is_about).cloned().collect()
    };
    let named: Vec<Claim> = case.named("h1").into_iter().cloned().collect();
    vec![
        of_kind("incident"),
        of_kind("label"),
        of_kind("loss"),
        about("incident:i0"),
        about("incident:i1"),
        about("entity:a1"),
        about("address:bitcoin:0"),
        named,
    ]
}

fn answers_of(index: &mut Index) -> Vec<Vec<Claim>> {
    let mut answers = Vec::new();
    for kind in ["incident", "label", "loss"] {
        answers.push(index.of_kinds(&[kind]).unwrap().claims().to_vec());
    }
    for subject in [
        "incident:i0",
        "incident:i1",
        "entity:a1",
        "address:bitcoin:0",
    ] {
        answers.push(index.about(subject).unwrap().claims().to_vec());
    }
    answers.push(index.named("h1").unwrap().claims().to_vec());
    answers
}

/// The claims about each incident, as a caller might fold them.
fn folded(claims: &[Claim]) -> String {
    let names: Vec<String> = claims
        .iter()
        .map(|claim| format!("{}={}", claim.id, claim.says))
        .collect();
    names.join(",")
}

fn derived(index: &mut Index) -> Vec<(String, String)> {
    let made = index.derived::<_, CaseError>(
        "test/1",
        "incident",
        |_, claims| Ok(Some(folded(claims))),
        |id, json| (id.to_owned(), json.to_owned()),
    );
    made.unwrap()
}

fn derived_from(case: &Case) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for id in ["i0", "i1", "i2"] {
        let about = |claim: &&Claim| {
            let mut found = false;
            claim
                .body
                .subjects(&mut |kind, of| found |= (kind, of) == ("incident", id));
            found
        };
        let claims: Vec<Claim> = case.claims().iter().filter(about).cloned().collect();
        if !claims.is_empty() {
            rows.push((id.to_owned(), folded(&claims)));
        }
    }
    rows
}

fn same(dir: &Path, folder: &Path) -> bool {
    let case = Case::open(dir).unwrap();
    let mut index = Index::open(dir, folder).unwrap();
    assert_eq!(answers_of(&mut index), answers(&case));
    assert_eq!(derived(&mut index), derived_from(&case));
    assert_eq!(index.of_kinds(&[]).unwrap().revision(), case.revision());
    index.was_rebuilt()
}

/// A case with some of everything in it.
fn written(steps: &[Step], dir: &Path) -> Vec<Entry> {
    let mut writer = Writer::open(dir).unwrap();
    let mut clocks = [0; 3];
    let mut entries: Vec<Entry> = writer.ledger().entries().into_iter().cloned().collect();
    for entry in &entries {
        let who = AUTHORS
            .iter()
            .position(|name| *name == entry.author().as_str())
            .unwrap();
        let second: u32 = entry.time().as_str()[17..19].parse().unwrap();
        let minute: u32 = entry.time().as_str()[14..16].parse().unwrap();
        clocks[who] = minute * 60 + second;
    }
    let before = entries.len();
    for (number, step) in steps.iter().enumerate() {
        clocks[step.0] += step.1;
        let says = acts(&entries, before + number, *step);
        let draft = draft(AUTHORS[step.0], clocks[step.0], before + number, says);
        entries.push(writer.append(draft).unwrap());
    }
    entries
}

fn started() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    Writer::create(dir.path(), &id(), "Test").unwrap();
    dir
}

/// The one file in a folder of indexes.
fn file(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert!(files.next().is_none(), "one case has one index");
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever is appended, left out or merged between two questions.
    #[test]
    fn an_index_answers_as_a_full_reading_does(
        parts in prop::collection::vec((steps(0..8), any::<bool>(), any::<prop::sample::Index>()), 1..5),
    ) {
        let (dir, folder) = (started(), tempfile::tempdir().unwrap());
        let (mut other, mut appended_only) = (None, true);
        same(dir.path(), folder.path());
        for (steps, ask, which) in parts {
            let entries = written(&steps, dir.path());
            if ask {
                let rebuilt = same(dir.path(), folder.path());
                prop_assert!(!rebuilt || !appended_only, "what was appended is read, and no more");
                appended_only = true;
            }
            match (which.index(4), entries.get(which.index(entries.len().max(1)))) {
                (0, Some(entry)) => {
                    withhold(dir.path(), entry);
                    appended_only = false;
                }
                (1, _) => other = Some(copy(dir.path())),
                (2, _) => {
                    if let Some(other) = &other {
                        let mut writer = Writer::open(dir.path()).unwrap();
                        writer.merge(&Ledger::open(other.path()).unwrap()).unwrap();
                        appended_only = false;
                    }
                }
                _ => {}
            }
        }
        same(dir.path(), folder.path());
        prop_assert!(!same(dir.path(), folder.path()), "nothing changed");
        // As known on a date is not asked of the index; it holds for the whole.
        prop_assert!(Ledger::open(dir.path()).unwrap().torn().is_empty());
    }

    /// Bytes changed anywhere in its file, its end cut off, another case's index in its place.
    #[test]
    fn a_damaged_index_is_made_anew_and_never_believed(
        steps in steps(1..20),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 6),
        cut in any::<prop::sample::Index>(),
    ) {
        let (dir, folder) = (started(), tempfile::tempdir().unwrap());
        written(&steps, dir.path());
        prop_assert!(same(dir.path(), folder.path()));
        let path = file(folder.path());
        let whole = fs::read(&path).unwrap();
        for (at, change) in changes {
            let mut damaged = whole.clone();
            damaged[at.index(whole.len())] ^= change;
            fs::write(&path, damaged).unwrap();
            same(dir.path(), folder.path());
        }
        fs::write(&path, &whole[..cut.index(whole.len())]).unwrap();
        prop_assert!(same(dir.path(), folder.path()));
        let (other, elsewhere) = (started(), tempfile::tempdir().unwrap());
        written(&[(0, 1, 0, 0)], other.path());
        same(other.path(), elsewhere.path());
        fs::copy(file(elsewhere.path()), &path).unwrap();
        prop_assert!(same(dir.path(), folder.path()));
    }
}

/// A log cut short, or written anew, is another past: the index forgets the one that it knew.
#[test]
fn another_past_is_read_anew() {
    let (dir, folder) = (started(), tempfile::tempdir().unwrap());
    written(&[(0, 1, 0, 0), (0, 1, 0, 1), (1, 1, 2, 0)], dir.path());
    assert!(same(dir.path(), folder.path()));
    crate::support::cut(dir.path(), "ana", 1);
    drop(Writer::open(dir.path()).unwrap());
    assert!(same(dir.path(), folder.path()));
    let forged = started();
    written(&[(0, 3, 0, 2), (0, 1, 0, 1), (1, 1, 2, 0)], forged.path());
    for file in ["log/ana.jsonl", "payloads/ana.jsonl"] {
        fs::copy(forged.path().join(file), dir.path().join(file)).unwrap();
    }
    assert!(same(dir.path(), folder.path()));
    fs::remove_file(dir.path().join("log/bob.jsonl")).unwrap();
    fs::remove_file(dir.path().join("payloads/bob.jsonl")).unwrap();
    assert!(same(dir.path(), folder.path()));
}

/// Where nothing can be written, the answers are the same. In the case nothing is written at all.
#[test]
fn an_index_that_cannot_be_written_is_made_in_memory() {
    let (dir, folder) = (started(), tempfile::tempdir().unwrap());
    written(&[(0, 1, 0, 0), (0, 1, 0, 1)], dir.path());
    let before = fs::read_dir(dir.path()).unwrap().count();
    let nowhere = folder.path().join("in the way");
    fs::write(&nowhere, "x").unwrap();
    let mut index = Index::open(dir.path(), &nowhere).unwrap();
    assert_eq!(index.path(), None);
    assert_eq!(
        answers_of(&mut index),
        answers(&Case::open(dir.path()).unwrap())
    );
    assert_eq!(
        derived(&mut index),
        derived_from(&Case::open(dir.path()).unwrap())
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before);
}

/// What a full reading refuses, the index does not make an answer of.
#[test]
fn a_damaged_case_is_an_error_here_too() {
    let (dir, folder) = (started(), tempfile::tempdir().unwrap());
    written(&[(0, 1, 0, 0), (0, 1, 0, 1)], dir.path());
    for (file, from, to) in [
        ("log/ana.jsonl", ":2,", ":3,"),
        ("payloads/ana.jsonl", "t1", "t9"),
    ] {
        let path = dir.path().join(file);
        let whole = fs::read_to_string(&path).unwrap();
        assert!(whole.contains(from));
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let error = Index::open(dir.path(), folder.path()).unwrap_err();
        assert!(matches!(error, CaseError::Damaged(_)), "{error}");
        fs::write(&path, whole).unwrap();
    }
    assert!(same(dir.path(), folder.path()));
}
