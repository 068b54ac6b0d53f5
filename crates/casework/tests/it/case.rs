//! The case as it is asked: standing claims, read, at its present, as known on a date and at a head.

use proptest::prelude::*;
use whither_casework::{Body, Case, CaseError, Ledger, Statement, Writer};

use crate::support::{self, acts, draft, made, time};

/// A label as it must be, unlike those of `support::claim`, which say less than a label says.
fn label(handle: &str, name: &str, marks: &str) -> whither_casework::Says {
    let text = format!(
        r#"{{"id":"{handle}","address":"bitcoin:x","name":"{name}","category":"exchange"{marks}}}"#
    );
    let payload = whither_casework::Json::read(text.as_bytes()).unwrap();
    let kind = whither_casework::Kind::new("label").unwrap();
    Statement::read(&kind, &payload).unwrap().says().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// As known on a date and at the head of that date are one case, and no entry of a later time changes it.
    #[test]
    fn the_past_of_a_case_is_one_however_it_is_asked_for(acts in acts(0..25), second in 0..60_u32) {
        let (dir, _) = made(&acts);
        let known = Case::open_as_of(dir.path(), &time(second)).unwrap();
        let head = known.head().clone();
        prop_assert_eq!(&Case::at_head(dir.path(), &head).unwrap(), &known);
        let ledger = Ledger::open(dir.path()).unwrap();
        let state = ledger.replay(Some(&time(second)));
        let standing: Vec<_> = state.claims.iter().map(|claim| (claim.claim.hash(), claim.says().hash())).collect();
        let claims: Vec<_> = known.claims().iter().map(|claim| (claim.id, claim.says)).collect();
        prop_assert_eq!(standing, claims);
        let mut writer = Writer::open(dir.path()).unwrap();
        writer.append(draft("ana", 1000, 5000, support::claim("of a later time"))).unwrap();
        prop_assert_eq!(Case::open_as_of(dir.path(), &time(second)).unwrap(), known);
    }
}

#[test]
fn claims_are_read_by_kind_and_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &support::id(), "Test").unwrap();
    let mut append = |who: &str, number: usize, says| {
        let second = u32::try_from(number).unwrap();
        writer.append(draft(who, second, number, says)).unwrap()
    };
    let first = append("ana", 0, label("x", "One", ""));
    append("bob", 1, label("x", "Two", ""));
    let third = append("ana", 2, label("y", "Three", r#","confidence":"B2""#));
    append("ana", 3, support::claim("of no address"));
    let case = Case::open(dir.path()).unwrap();
    let names = |claims: Vec<&whither_casework::Claim>| -> Vec<String> {
        claims.iter().map(|claim| claim.name()).collect()
    };
    assert_eq!(case.labels().count(), 3);
    assert_eq!(case.incidents().count(), 0);
    assert_eq!(names(case.named("x")), ["x", "x"]);
    assert_eq!(names(case.named(&first.hash().to_string())), ["x"]);
    assert_eq!(case.named("y")[0].id, third.hash());
    assert!(case.named("z").is_empty());
    let unread = &case.claims()[3];
    assert!(
        matches!(&unread.body, Body::Unreadable { why, .. } if why.contains("missing field `address`")),
        "{unread:?}"
    );
    assert_eq!(unread.name(), unread.id.to_string());
    assert_eq!(unread.marks.source.as_deref(), Some("s1"));
    assert_eq!((case.id().as_str(), case.name()), ("test-case", "Test"));
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(case.revision(), ledger.revision());
}

#[test]
fn a_withheld_claim_stands_and_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &support::id(), "Test").unwrap();
    let entry = writer
        .append(draft("ana", 0, 0, label("x", "One", "")))
        .unwrap();
    support::withhold(dir.path(), &entry);
    let case = Case::open(dir.path()).unwrap();
    let [claim] = case.claims() else {
        panic!("{:?}", case.claims())
    };
    assert!(matches!(&claim.body, Body::Withheld { kind } if kind.as_str() == "label"));
    assert_eq!(claim.name(), entry.hash().to_string());
}

/// Best confidence first, then the latest word of it, then the order of the case; unmarked last.
#[test]
fn the_claim_of_most_weight_comes_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &support::id(), "Test").unwrap();
    let kind = whither_casework::Kind::new("incident").unwrap();
    for (number, (title, marks)) in [
        ("unmarked", ""),
        ("c1", r#","confidence":"C1""#),
        ("b2", r#","confidence":"B2""#),
        ("b2 of 2020", r#","confidence":"B2","published":"2020""#),
        ("b2 of 2021", r#","confidence":"B2","published":"2021""#),
        ("b2 again", r#","confidence":"B2""#),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!(r#"{{"incident":"kucoin-2020","title":"{title}"{marks}}}"#);
        let payload = whither_casework::Json::read(text.as_bytes()).unwrap();
        let says = Statement::read(&kind, &payload).unwrap().says().unwrap();
        writer.append(draft("ana", 0, number, says)).unwrap();
    }
    let case = Case::open(dir.path()).unwrap();
    let titles: Vec<&str> = case
        .incident("kucoin-2020")
        .iter()
        .filter_map(|(_, incident)| incident.title.as_deref())
        .collect();
    let expected = [
        "b2 of 2021",
        "b2 of 2020",
        "b2",
        "b2 again",
        "c1",
        "unmarked",
    ];
    assert_eq!(titles, expected);
    assert!(case.incident("kucoin").is_empty());
}

#[test]
fn a_head_that_is_not_of_this_case_opens_nothing() {
    let (dir, _) = made(&[(0, 1, 0, 0), (0, 1, 0, 0)]);
    let head = Ledger::open(dir.path()).unwrap().head();
    support::cut(dir.path(), "ana", 1);
    let error = Case::at_head(dir.path(), &head).unwrap_err();
    assert!(matches!(error, CaseError::Damaged(_)), "{error}");
    assert!(
        error.to_string().contains("the head names entry 2"),
        "{error}"
    );
}
