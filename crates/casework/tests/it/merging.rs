//! Merging copies: the order does not matter, and nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use whither_casework::{CaseError, CaseId, Entry, Hash, Ledger, Merged, Writer, verify};

use crate::support::*;

/// What a copy lacks: lines at the end of each author's log, and payloads.
type Lack = ([prop::sample::Index; 3], Vec<bool>);

fn lacks() -> impl Strategy<Value = Lack> {
    let lines = prop::array::uniform3(any::<prop::sample::Index>());
    (lines, prop::collection::vec(any::<bool>(), 12))
}

/// A copy of a case as another expert might hold it.
fn lacking(dir: &Path, entries: &[Entry], (lines, payloads): &Lack) -> TempDir {
    let copy = copy(dir);
    for (name, lines) in AUTHORS.iter().zip(lines) {
        let of_author = |entry: &&Entry| entry.author().as_str() == *name;
        let theirs: Vec<&Entry> = entries.iter().filter(of_author).collect();
        let kept = lines.index(theirs.len() + 1);
        if kept == 0 {
            let _ = fs::remove_file(log(copy.path(), name));
        } else {
            cut(copy.path(), name, kept);
        }
        for entry in theirs.into_iter().skip(kept) {
            withhold(copy.path(), entry);
        }
    }
    for (entry, _) in entries.iter().zip(payloads).filter(|(_, keep)| !**keep) {
        withhold(copy.path(), entry);
    }
    // Only attachments that a payload of the copy names.
    for unused in verify(copy.path(), None).unwrap().unused {
        let _ = fs::remove_file(copy.path().join(unused));
    }
    copy
}

fn merged(into: &Path, from: &Path) -> TempDir {
    let result = copy(into);
    let other = Ledger::open(from).unwrap();
    let mut writer = Writer::open(result.path()).unwrap();
    writer.merge(&other).unwrap();
    let read = Ledger::open(result.path()).unwrap();
    assert_eq!(writer.ledger().entries(), read.entries());
    assert!(verify(result.path(), None).unwrap().is_clean());
    result
}

/// Each log the longer of two, all lines of payloads, and everything else of both. A file without a line is none.
fn united(a: &Path, b: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = present(a);
    for (name, bytes) in present(b) {
        let kept = all.entry(name.clone()).or_default();
        if name.starts_with("payloads/") {
            let both = [std::mem::take(kept), bytes].concat();
            let both = String::from_utf8(both).unwrap();
            let number = |line: &str| -> u64 {
                let digits = line.chars().skip("{\"entry\":".len());
                digits
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
                    .parse()
                    .unwrap()
            };
            let lines = both.split_inclusive('\n').map(|line| (number(line), line));
            let lines: BTreeMap<u64, &str> = lines.collect();
            *kept = lines.into_values().collect::<String>().into_bytes();
        } else if bytes.len() > kept.len() {
            *kept = bytes;
        }
    }
    all
}

/// The files of a case that hold anything.
fn present(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(dir);
    files.retain(|name, bytes| !bytes.is_empty() || name.starts_with("attachments/"));
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn merging_is_a_union(acts in acts(1..12), a in lacks(), b in lacks(), c in lacks()) {
        let (dir, entries) = made(&acts);
        let [a, b, c] = [a, b, c].map(|lack| lacking(dir.path(), &entries, &lack));
        let (a, b, c) = (a.path(), b.path(), c.path());
        let ab = merged(a, b);
        // Loses nothing and makes nothing up; commutes; is idempotent; associates.
        prop_assert_eq!(present(ab.path()), united(a, b));
        prop_assert_eq!(present(merged(b, a).path()), present(ab.path()));
        prop_assert_eq!(present(merged(a, a).path()), present(a));
        prop_assert_eq!(present(merged(ab.path(), b).path()), present(ab.path()));
        let bc = merged(b, c);
        prop_assert_eq!(present(merged(ab.path(), c).path()), present(merged(a, bc.path()).path()));
        prop_assert_eq!(present(merged(a, dir.path()).path()), present(dir.path()));
    }
}

#[test]
fn copies_that_differ_are_not_merged_and_the_place_is_named() {
    let (ours, _) = made(&[(0, 1, 0, 0), (1, 1, 0, 0), (1, 1, 0, 0), (1, 3, 0, 0)]);
    let (theirs, _) = made(&[(0, 1, 0, 0), (1, 1, 0, 0), (1, 2, 0, 0), (2, 1, 0, 0)]);
    let before = files(ours.path());
    let mut writer = Writer::open(ours.path()).unwrap();
    let error = writer
        .merge(&Ledger::open(theirs.path()).unwrap())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the two copies differ from entry 2 of bob on"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let other = CaseId::new("elsewhere").unwrap();
    let other = Writer::create(elsewhere.path(), &other, "Test").unwrap();
    let error = writer.merge(other.ledger()).unwrap_err();
    assert!(matches!(error, CaseError::OtherCase { .. }), "{error}");
    assert_eq!(files(ours.path()), before);
}

#[test]
fn what_was_withheld_here_comes_in_and_what_is_damaged_there_does_not() {
    let (full, entries) = made(&[(0, 1, 0, 0), (0, 1, 5, 0), (1, 1, 0, 0)]);
    let ours = copy(full.path());
    withhold(ours.path(), &entries[0]);
    cut(ours.path(), "ana", 1);
    withhold(ours.path(), &entries[1]);
    let attachment = ours
        .path()
        .join(format!("attachments/{}", Hash::of(b"attached 0")));
    fs::remove_file(&attachment).unwrap();
    let before = files(ours.path());

    let bad = copy(full.path());
    let name = format!("attachments/{}", Hash::of(b"attached 0"));
    fs::write(bad.path().join(&name), "other").unwrap();
    let mut writer = Writer::open(ours.path()).unwrap();
    let error = writer
        .merge(&Ledger::open(bad.path()).unwrap())
        .unwrap_err();
    assert!(error.to_string().contains("attachment"), "{error}");
    replace_payload(bad.path(), &entries[0], "{}");
    let error = writer
        .merge(&Ledger::open(bad.path()).unwrap())
        .unwrap_err();
    assert!(error.to_string().contains("payload"), "{error}");
    assert!(!attachment.exists());
    assert_eq!(
        fs::read(log(ours.path(), "ana")).unwrap(),
        before["log/ana.jsonl"]
    );

    withhold(ours.path(), &entries[0]);
    let count = writer.merge(&Ledger::open(full.path()).unwrap()).unwrap();
    let expected = Merged {
        entries: 1,
        payloads: 2,
        attachments: 1,
    };
    assert_eq!(count, expected);
    assert_eq!(files(ours.path()), files(full.path()));
    // The writer goes on from the merged log.
    writer.append(draft("ana", 60, 70, claim("next"))).unwrap();
    assert!(verify(ours.path(), None).unwrap().is_clean());
}
