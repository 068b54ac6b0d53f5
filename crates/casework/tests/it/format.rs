//! The bytes of a case: they never change, or no case ever written could be read again.

use whither_casework::{Ledger, verify};

use crate::support::*;

#[test]
fn the_files_of_a_case_are_what_they_always_were() {
    let (dir, entries) = made(&[(0, 1, 5, 0), (1, 2, 4, 0), (2, 3, 3, 0)]);
    let text = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    let case = "{\"format\":\"whither.case/1\",\"id\":\"test-case\",\"name\":\"Test\"}\n";
    assert_eq!(text("case.json"), case);
    let sealed = text("payloads/eve.jsonl");
    let salt = format!("02{}", "0".repeat(62));
    let expected =
        format!("{{\"entry\":1,\"payload\":{{\"reason\":\"reason 2\"}},\"salt\":\"{salt}\"}}\n");
    assert_eq!(sealed, expected);
    let target = format!("\"target\":\"{}\"", entries[0].hash());
    assert!(text("log/eve.jsonl").contains(&target));
    let revision = "sha256:a4503f2fa1315641b6afa51508ef0675988dcb2fd34df888b25cd0854b688450";
    assert_eq!(Ledger::open(dir.path()).unwrap().revision(), revision);
    assert_eq!(verify(dir.path(), None).unwrap().payloads, 3);
}
