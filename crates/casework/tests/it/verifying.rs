//! What a check catches, by name, and what it cannot.

use std::fs;

use proptest::prelude::*;
use whither_casework::{Content, Entry, Fault, Head, Ledger, Writer, verify};

use crate::support::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_changed_byte_anywhere_is_caught_and_named(
        acts in acts(1..12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..=255_u8), 25),
    ) {
        let (dir, entries) = made(&acts);
        prop_assert!(verify(dir.path(), None).unwrap().is_clean());
        let all: Vec<(String, Vec<u8>)> = files(dir.path()).into_iter().collect();
        for (file, at, change) in changes {
            let (name, bytes) = file.get(&all);
            let mut changed = bytes.clone();
            let at = at.index(bytes.len());
            changed[at] ^= change;
            fs::write(dir.path().join(name), &changed).unwrap();
            let found = verify(dir.path(), None).unwrap();
            fs::write(dir.path().join(name), bytes).unwrap();
            prop_assert!(!found.is_clean(), "{name} at {at}");
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            let named = found.faults.iter().any(|fault| names(fault, name, line, &entries));
            prop_assert!(named, "{name} at {at}: {found:?}");
        }
    }

    #[test]
    fn a_log_cut_short_is_caught_against_a_head_and_not_without(
        acts in acts(1..12),
        who in 0..3_usize,
        lines in any::<prop::sample::Index>(),
    ) {
        let (dir, entries) = made(&acts);
        let head = Ledger::open(dir.path()).unwrap().head();
        prop_assert!(verify(dir.path(), Some(&head)).unwrap().is_clean());
        let name = AUTHORS[who];
        let length = entries.iter().filter(|entry| entry.author().as_str() == name).count();
        prop_assume!(length > 0);
        let lines = lines.index(length);
        cut(dir.path(), name, lines);
        let found = verify(dir.path(), None).unwrap();
        prop_assert!(found.is_clean(), "{found:?}");
        let found = verify(dir.path(), Some(&head)).unwrap();
        let (has, entry) = (u64::try_from(lines).unwrap(), u64::try_from(length).unwrap());
        let author = author(name);
        prop_assert_eq!(found.faults, [Fault::Truncated { author, has, entry }]);
    }

    #[test]
    fn withheld_payloads_still_verify(acts in acts(1..15), keep in prop::collection::vec(any::<bool>(), 15)) {
        let (dir, entries) = made(&acts);
        let whole = Ledger::open(dir.path()).unwrap();
        let copy = copy(dir.path());
        let gone: Vec<&Entry> = entries.iter().zip(&keep).filter(|(_, keep)| !**keep).map(|(entry, _)| entry).collect();
        for entry in &gone {
            withhold(copy.path(), entry);
        }
        let found = verify(copy.path(), Some(&whole.head())).unwrap();
        prop_assert!(found.is_clean(), "{found:?}");
        prop_assert_eq!((found.withheld, found.payloads), (gone.len(), entries.len() - gone.len()));
        let rest = Ledger::open(copy.path()).unwrap();
        prop_assert_eq!(rest.replay(None), whole.replay(None));
        prop_assert_eq!(rest.revision(), whole.revision());
        // What a withheld correction says is withheld: the claim does not fall back to what it said before.
        for ((_, there), (_, here)) in standing(&whole).iter().zip(standing(&rest)) {
            prop_assert!(here == *there || here == Content::Withheld);
        }
        for entry in gone {
            prop_assert_eq!(rest.payload(entry).unwrap(), Content::Withheld);
        }
    }
}

/// Whether a fault names what lies in a file; of a log, the entry of a line or a neighbour that a lost line
/// break drew in.
fn names(fault: &Fault, file: &str, line: usize, entries: &[Entry]) -> bool {
    let number = u64::try_from(line).unwrap() + 1;
    match fault {
        Fault::Entry { author, entry, .. } => {
            file == format!("log/{author}.jsonl") && *entry == number
        }
        Fault::Payload {
            author,
            entry,
            line: at,
            ..
        } => {
            let is = |one: &&Entry| one.author() == author && one.number() == *entry;
            let known = entries.iter().any(|entry| is(&entry));
            known && file == format!("payloads/{author}.jsonl") && *at == number
        }
        Fault::PayloadLine {
            author, line: at, ..
        } => file == format!("payloads/{author}.jsonl") && *at == number,
        Fault::Attachment { attachment, .. } => file == format!("attachments/{attachment}"),
        _ => false,
    }
}

#[test]
fn a_log_written_anew_is_caught_against_a_head_and_not_without() {
    let acts = [(0, 1, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0)];
    let (dir, _) = made(&acts);
    let head = Ledger::open(dir.path()).unwrap().head();
    let (forged, _) = made(&[(0, 2, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0)]);
    assert!(verify(forged.path(), None).unwrap().is_clean());
    let found = verify(forged.path(), Some(&head)).unwrap();
    let entry = 3;
    let author = author("ana");
    assert_eq!(found.faults, [Fault::Rewritten { author, entry }]);
    let mut other = head;
    other.case = whither_casework::CaseId::new("other").unwrap();
    let found = verify(dir.path(), Some(&other)).unwrap();
    assert!(matches!(found.faults[..], [Fault::OtherHead { .. }]));
}

/// Lines with sound hashes of their own, put where they do not belong.
#[test]
fn a_line_removed_moved_or_carried_over_is_caught() {
    let acts = [(0, 1, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0), (1, 1, 0, 0)];
    let (dir, _) = made(&acts);
    let path = log(dir.path(), "ana");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let forged = made(&[(0, 0, 0, 0), (0, 5, 0, 0)]).0;
    let forged = fs::read_to_string(log(forged.path(), "ana")).unwrap();
    let forged: Vec<&str> = forged.split_inclusive('\n').collect();
    let bob = fs::read_to_string(log(dir.path(), "bob")).unwrap();
    for (content, entry, why) in [
        (
            [lines[0], lines[2]].concat(),
            2,
            "entry 3 stands in its place",
        ),
        (
            [lines[1], lines[2]].concat(),
            1,
            "entry 2 stands in its place",
        ),
        (
            [lines[0], lines[2], lines[1]].concat(),
            2,
            "entry 3 stands in its place",
        ),
        (
            [lines[0], lines[0]].concat(),
            2,
            "entry 1 stands in its place",
        ),
        (
            [lines[0], forged[1], lines[2]].concat(),
            2,
            "one of both was written anew",
        ),
        (bob, 1, "it was written by bob"),
        ([lines[0], "\n", lines[1]].concat(), 2, "EOF"),
    ] {
        fs::write(&path, content).unwrap();
        let found = verify(dir.path(), None).unwrap();
        let Fault::Entry {
            author,
            entry: named,
            why: said,
        } = &found.faults[0]
        else {
            panic!("{found:?}");
        };
        assert_eq!((author.as_str(), *named), ("ana", entry), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(Ledger::open(dir.path()).is_err());
        assert!(Writer::open(dir.path()).is_err());
        // The rest is readable.
        assert!(
            !Ledger::open_damaged(dir.path())
                .unwrap()
                .entries()
                .is_empty()
        );
    }
    let other = tempfile::tempdir().unwrap();
    let elsewhere = whither_casework::CaseId::new("elsewhere").unwrap();
    Writer::create(other.path(), &elsewhere, "Test").unwrap();
    fs::write(log(other.path(), "ana"), &text).unwrap();
    let found = verify(other.path(), None).unwrap().faults;
    assert!(
        found[0].to_string().contains("begun in another case"),
        "{found:?}"
    );
}

#[test]
fn files_that_no_entry_knows_are_listed() {
    let (dir, entries) = made(&[(0, 1, 5, 0), (0, 1, 0, 0)]);
    fs::write(dir.path().join("attachments/notes.txt"), "x").unwrap();
    fs::write(dir.path().join("log/.swp"), "x").unwrap();
    cut(dir.path(), "ana", 1);
    let found = verify(dir.path(), None).unwrap();
    assert!(found.is_clean());
    assert!(payload_line(dir.path(), &entries[1]).is_some());
    let left = "payloads/ana.jsonl, from line 2 on";
    assert_eq!(found.unused, [left, "log/.swp", "attachments/notes.txt"]);
    assert_eq!(
        (found.entries, found.payloads, found.attachments),
        (1, 1, 1)
    );
    let attachment = whither_casework::Hash::of(b"attached 0");
    fs::remove_file(dir.path().join(format!("attachments/{attachment}"))).unwrap();
    let found = verify(dir.path(), None).unwrap();
    assert_eq!(
        (
            found.is_clean(),
            found.attachments,
            found.attachments_withheld
        ),
        (true, 0, 1)
    );
}

#[test]
fn a_head_that_was_published_is_read_again() {
    let (dir, _) = made(&[(0, 1, 0, 0), (1, 1, 0, 0)]);
    let published = verify(dir.path(), None).unwrap().head.unwrap().canonical();
    let head = Head::read(&published).unwrap();
    assert!(verify(dir.path(), Some(&head)).unwrap().is_clean());
}
