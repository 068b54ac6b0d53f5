//! What a writer takes, what it refuses, and what stands afterwards.

use proptest::prelude::*;
use tempfile::tempdir;
use whither_casework::{CaseError, Content, Hash, Json, Kind, Ledger, Says, Writer, verify};

use crate::support::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whoever reads the directory comes to the state that the writer had, now and on any date.
    #[test]
    fn any_acts_replay_to_one_state(acts in acts(0..20), second in 0..60_u32) {
        let dir = tempdir().unwrap();
        let mut writer = Writer::create(dir.path(), &id(), "Test").unwrap();
        let half = acts.len() / 2;
        let first = write(&mut writer, &acts[..half]);
        drop(writer);
        let (whole, entries) = made(&acts);
        prop_assert_eq!(&first[..], &entries[..half], "the same acts make the same bytes");
        let read = Ledger::open(whole.path()).unwrap();
        prop_assert_eq!(read.entries().len(), acts.len());
        let in_order = read.entries();
        prop_assert!(in_order.windows(2).all(|pair| pair[0].order() < pair[1].order()));
        let writer = Writer::open(whole.path()).unwrap();
        prop_assert_eq!(writer.ledger().replay(None), read.replay(None));
        prop_assert_eq!(writer.ledger().revision(), read.revision());

        // A view of a date does not change when later entries come.
        let date = time(second);
        let before = read.replay(Some(&date)).claims.len();
        let seen: Vec<Hash> = read.replay(Some(&date)).claims.iter().map(|c| c.says().hash()).collect();
        drop(writer);
        let mut writer = Writer::open(whole.path()).unwrap();
        for (number, claim) in read.replay(None).claims.iter().enumerate() {
            let target = claim.claim.hash();
            let says = Says::Retract { target, reason: "late".to_owned() };
            writer.append(draft("zoe", 3000, 1000 + number, says)).unwrap();
        }
        let later = writer.ledger().replay(Some(&date));
        prop_assert_eq!(later.claims.len(), before);
        prop_assert_eq!(later.claims.iter().map(|c| c.says().hash()).collect::<Vec<_>>(), seen);
        prop_assert_eq!(writer.ledger().replay(None).claims.len(), 0);
    }
}

#[test]
fn what_is_no_entry_is_refused_and_leaves_the_case_as_it_was() {
    let (dir, entries) = made(&[(0, 1, 0, 0), (0, 4, 3, 0), (1, 1, 4, 0), (1, 0, 0, 0)]);
    let (claimed, retraction, label) = (&entries[0], &entries[1], &entries[3]);
    assert_eq!(retraction.kind().as_str(), "retract");
    assert_eq!(entries[2].kind().as_str(), "correct");
    let before = files(dir.path());
    let mut writer = Writer::open(dir.path()).unwrap();
    let marked = |key: &str, value: &str| {
        let Says::Claim { kind, payload } = claim("x") else {
            unreachable!("a claim was made");
        };
        let mut fields = payload.object().unwrap().clone();
        fields.insert(
            key.to_owned(),
            whither_casework::Json::Text(value.to_owned()),
        );
        let payload = whither_casework::Json::Object(fields);
        Says::Claim { kind, payload }
    };
    let retract = |target: Hash, reason: &str| Says::Retract {
        target,
        reason: reason.to_owned(),
    };
    let correct = |target: Hash| Says::Correct {
        target,
        payload: object(&[]),
    };
    let kind = |kind: &str| Says::Claim {
        kind: Kind::new(kind).unwrap(),
        payload: object(&[]),
    };
    for (second, says, why) in [
        (
            4,
            claim("x"),
            "the author's last entry of 2026-01-01T00:00:05Z",
        ),
        (9, marked("confidence", "Z9"), "`confidence`"),
        (9, marked("handling", "secret"), "`handling`"),
        (9, marked("published", "soon"), "`published`"),
        (9, marked("attachments", "x"), "not a list"),
        (9, retract(Hash::of(b"?"), "r"), "there is no entry"),
        (9, retract(label.hash(), " "), "says why"),
        (9, retract(retraction.hash(), "r"), "cannot be retracted"),
        (9, correct(retraction.hash()), "names the claim"),
        (9, correct(entries[2].hash()), "names the claim"),
        (9, kind("retract"), "not a kind of claim"),
        (9, kind("correct"), "not a kind of claim"),
    ] {
        let error = writer.append(draft("ana", second, 50, says)).unwrap_err();
        assert!(matches!(error, CaseError::Refused(_)), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(files(dir.path()), before);
    // A refusal is no failure: the writer goes on, also with a claim that was retracted already.
    writer
        .append(draft("ana", 9, 50, retract(claimed.hash(), "again")))
        .unwrap();
    assert!(verify(dir.path(), None).unwrap().is_clean());
}

#[test]
fn a_claim_names_attachments_that_are_here() {
    let (dir, _) = made(&[]);
    let mut writer = Writer::open(dir.path()).unwrap();
    let says = with_attachment(&mut writer, "bytes");
    let entry = writer.append(draft("ana", 1, 1, says.clone())).unwrap();
    let Content::Here(payload) = writer.ledger().payload(&entry).unwrap() else {
        panic!("the payload is here");
    };
    let list = whither_casework::Attachment::list(&payload).unwrap();
    assert_eq!(list[0].sha256, Hash::of(b"bytes"));
    let file = writer.ledger().attachment(list[0].sha256).unwrap().unwrap();
    assert_eq!(std::io::read_to_string(file).unwrap(), "bytes");
    let (other, _) = made(&[]);
    let refused = Writer::open(other.path())
        .unwrap()
        .append(draft("ana", 1, 1, says));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("the case has no attachment"), "{refused}");
}

/// A crash between the payload and the line of an author's first entry leaves a file of payloads without a log.
#[test]
fn what_a_crash_left_before_an_authors_first_entry_is_cut() {
    let (dir, _) = made(&[(0, 1, 0, 0)]);
    let mut writer = Writer::open(dir.path()).unwrap();
    writer.append(draft("bob", 2, 7, claim("lost"))).unwrap();
    drop(writer);
    std::fs::remove_file(dir.path().join("log/bob.jsonl")).unwrap();
    assert!(verify(dir.path(), None).unwrap().faults.is_empty());
    let mut writer = Writer::open(dir.path()).unwrap();
    let entry = writer.append(draft("bob", 3, 8, claim("kept"))).unwrap();
    let payload = writer.ledger().payload(&entry).unwrap();
    assert!(
        matches!(payload, Content::Here(payload) if payload.field("name") == Some(&Json::Text("kept".to_owned())))
    );
    drop(writer);
    let found = verify(dir.path(), None).unwrap();
    assert!(found.is_clean(), "{:?}", found.faults);
    assert!(found.unused.is_empty());
}

#[test]
fn a_case_has_one_writer_at_a_time_and_any_readers() {
    let (dir, _) = made(&[(0, 1, 0, 0)]);
    let writer = Writer::open(dir.path()).unwrap();
    assert!(matches!(
        Writer::open(dir.path()),
        Err(CaseError::Locked(_))
    ));
    assert_eq!(Ledger::open(dir.path()).unwrap().entries().len(), 1);
    drop(writer);
    Writer::open(dir.path()).unwrap();
}

#[test]
fn a_case_is_started_once() {
    let (dir, _) = made(&[]);
    let again = Writer::create(dir.path(), &id(), "Again")
        .unwrap_err()
        .to_string();
    assert!(again.contains("there is a case already"), "{again}");
    let plain = tempdir().unwrap();
    std::fs::create_dir(plain.path().join("log")).unwrap();
    std::fs::write(plain.path().join("log/a.jsonl"), "").unwrap();
    assert!(Writer::create(plain.path(), &id(), "Over").is_err());
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!((ledger.id(), ledger.name()), (&id(), "Test"));
}

/// A directory that only looks like a case is left alone.
#[test]
fn a_directory_that_states_no_format_is_no_case_and_is_left_alone() {
    let dir = tempdir().unwrap();
    std::fs::create_dir(dir.path().join("log")).unwrap();
    std::fs::write(dir.path().join("log/a.jsonl"), "{}\n").unwrap();
    for case in [None, Some("{}"), Some("{\"schema\":\"whither.case/0\"}")] {
        if let Some(case) = case {
            std::fs::write(dir.path().join("case.json"), case).unwrap();
        }
        let before = std::fs::read_dir(dir.path()).unwrap().count();
        assert!(matches!(
            verify(dir.path(), None),
            Err(CaseError::Unchained(_))
        ));
        assert!(matches!(
            Ledger::open(dir.path()),
            Err(CaseError::Unchained(_))
        ));
        assert!(matches!(
            Writer::open(dir.path()),
            Err(CaseError::Unchained(_))
        ));
        let after = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(after, before, "nothing was written");
    }
}
