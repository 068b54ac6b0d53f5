//! Traces along claims, saved findings and their check, what falls, and paths, on the command line.

use std::fs;

use crate::whither::{COINBASE_9, Desk, Done, FIRST_PAYMENT, told};

const AT: &[&str] = &["--author", "ana", "--now", "2026-01-02T03:04:05Z"];
const COIN: &str = "bip122:000000000019d6689c085ae165831e93/slip44:0";
const BLOCK_1: &str = "bitcoin:0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098:0";
const ADDRESS: &str = "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96";

/// Claims made for the test; one name means harm.
fn claims() -> Vec<(&'static str, String)> {
    let continuation = format!(
        r#"{{"id":"answer-1","from":"bitcoin:{FIRST_PAYMENT}:0","to":"{BLOCK_1}","asset":"{COIN}","amount":"400000000","why":"made for a test","confidence":"C3"}}"#
    );
    let entity = r#"{"id":"t1","entity":"trader","type":"person","names":["Kim \u001b[31m","<b>=cmd()"],"born":"1980","confidence":"C3"}
        {"id":"t2","entity":"trader","type":"person","names":["Kim"],"born":"1981","nationality":"KP","identifiers":[{"type":"passport","number":"745"}],"note":"a trader","confidence":"B2"}"#;
    let relation = format!(
        r#"{{"id":"r1","from":"entity:trader","relation":"controls","to":"{ADDRESS}","confidence":"A2"}}
        {{"id":"r2","from":"entity:trader","relation":"owns","share":"51","to":"entity:front","confidence":"C3"}}
        {{"id":"r3","from":"entity:front","relation":"member-of","to":"list:un-1718/KPe.031","confidence":"A1"}}"#
    );
    let evidence = r#"{"incident":"i","evidence":"e1","statement":"it went to block 1","type":"laundering","likelihoods":{"h":["2","5"]},"finding":"first"}"#;
    let assessment = r#"{"id":"a1","incident":"i","hypothesis":"h","sentence":"It is likely."}"#;
    vec![
        ("continuation", continuation),
        ("entity", entity.to_owned()),
        ("relation", relation),
        ("evidence", evidence.to_owned()),
        ("assessment", assessment.to_owned()),
    ]
}

fn run(desk: &Desk, arguments: &[&str]) -> Done {
    desk.run(&[arguments, &["--case", "case"]].concat())
}

/// A trace along the claims, kept under a name; what is said of that on stderr is held and taken off.
fn saved(desk: &Desk, name: &str, said: &str) -> Done {
    let arguments = [&["trace", COINBASE_9, "--claims", "--save", name], AT].concat();
    let mut done = run(desk, &arguments);
    assert_eq!(
        done.stderr,
        format!("{said} as {name}: `whither verify {name}`\n")
    );
    done.stderr.clear();
    done.succeeded()
}

fn desk() -> Desk {
    let desk = Desk::with_first_blocks();
    desk.run(&["init", "case", "--id", "made"]).succeeded();
    for (kind, payload) in claims() {
        let arguments = [&["evidence", "add", kind, "--case", "case"], AT].concat();
        desk.run_with_input(&arguments, &payload).succeeded();
    }
    desk
}

/// What each of the commands prints as JSON.
pub fn documents() -> Vec<Done> {
    let desk = desk();
    let mut printed = vec![saved(&desk, "first", "saved")];
    for arguments in [
        &["verify"][..],
        &["evidence", "retract", "answer-1", "--dry-run"],
        &["evidence", "retract", "r2", "--dry-run"],
        &["show", "entity:trader"],
        &["show", ADDRESS, "--to", "entity:front"],
    ] {
        printed.push(run(&desk, arguments));
    }
    for format in ["json", "jsonl"] {
        let mut failed = desk.run(&[
            "verify", "--case", "case", "--store", "store2", "--format", format,
        ]);
        assert_eq!(failed.code, Some(1), "{}", failed.told());
        failed.code = Some(0);
        printed.push(failed);
    }
    printed
}

#[test]
fn a_finding_is_saved_verified_and_told_what_it_rests_on() {
    let desk = desk();
    let first = saved(&desk, "first", "saved").json();
    assert_eq!(first["claims"][0]["carried"], "400000000");
    assert_eq!(
        saved(&desk, "first", "saved anew").json()["endpoints"],
        first["endpoints"]
    );
    let plain = run(&desk, &["trace", COINBASE_9]).succeeded();
    assert!(
        !plain.stdout.contains("\"claims\""),
        "only where claims were asked"
    );
    let found = run(&desk, &["verify", "first"]).succeeded().json();
    assert_eq!(
        (&found["checked"], &found["matched"]),
        (&1.into(), &1.into())
    );
    // A struck claim changes what is computed now, and nothing that was saved.
    let strike = [
        &[
            "evidence",
            "retract",
            "answer-1",
            "--reason",
            "another payment",
        ],
        AT,
    ]
    .concat();
    let struck = run(&desk, &strike);
    assert_eq!(struck.code, Some(0), "{}", struck.told());
    assert!(
        struck.stderr.contains("Without continuation answer-1"),
        "{}",
        struck.told()
    );
    let verified = run(&desk, &["verify"]).succeeded();
    let verified: serde_json::Value = serde_json::from_str(&verified.stdout).unwrap();
    assert_eq!(verified["fallen"][0]["claims"][0], "answer-1");
    for result in fs::read_dir(desk.path().join("case/attachments")).unwrap() {
        fs::write(result.unwrap().path(), "{}").unwrap();
    }
    let altered = run(&desk, &["verify"]);
    assert_eq!(altered.code, Some(1), "{}", altered.told());
    run(&desk, &["verify", "nobody"]).failed();
    desk.run(&["verify"]).failed();
    desk.run(&["trace", COINBASE_9, "--save", "x"]).failed();
    desk.run(&["trace", COINBASE_9, "--claims"]).failed();
    run(&desk, &["trace", COINBASE_9, "--claims", "--backward"]).failed();
    run(&desk, &["evidence", "retract", "r1"]).failed();
}

#[test]
fn people_see_what_falls_and_who_leads_to_whom() {
    let desk = desk();
    saved(&desk, "first", "saved");
    let table =
        |arguments: &[&str]| run(&desk, &[arguments, &["--format", "table"]].concat()).succeeded();
    let runs = [
        table(&["evidence", "retract", "answer-1", "--dry-run"]),
        table(&["evidence", "retract", "r2", "--dry-run"]),
        table(&["show", "entity:trader"]),
        table(&["show", ADDRESS, "--to", "list:un-1718/KPe.031"]),
        table(&["verify"]),
    ];
    assert!(runs.iter().all(|done| !done.stdout.contains('\u{1b}')));
    insta::assert_snapshot!(told(&runs));
    // The entry's hash is another each time: its salt is random.
    let rows = run(&desk, &["verify", "--store", "store2", "--format", "csv"]).stdout;
    let row = "chain,first: chain data,bip122:000000000019d6689c085ae165831e93,no such chain in the store";
    assert!(
        rows.starts_with("finding,entry,reason,what,expected,found\nfirst,") && rows.contains(row),
        "{rows}"
    );
}

#[test]
fn totals_and_assessments_are_saved_and_verified() {
    let desk = desk();
    let said = [
        (
            "incident",
            r#"{"id":"i1","incident":"i","date":"2020-01-01","victim":"V"}"#,
        ),
        (
            "loss",
            r#"{"id":"l1","incident":"i","what":"stolen","usd":"500"}"#,
        ),
        (
            "hypothesis",
            r#"{"id":"h1","incident":"i","hypothesis":"h","statement":"H did it"}
            {"id":"h2","incident":"i","hypothesis":"unknown","statement":"Another did it"}"#,
        ),
    ];
    for (kind, payload) in said {
        let arguments = [&["evidence", "add", kind, "--case", "case"], AT].concat();
        desk.run_with_input(&arguments, payload).succeeded();
    }
    let total = [&["incident", "total", "--save", "sum"], AT].concat();
    let total = run(&desk, &total);
    assert_eq!(total.stderr, "saved as sum: `whither verify sum`\n");
    let parameters = &total.json()["provenance"]["parameters"];
    assert_eq!(parameters["prices"], serde_json::json!([]));
    let assess = [&["assess", "i", "--save", "who"], AT].concat();
    let assess = run(&desk, &assess);
    assert_eq!(assess.stderr, "saved as who: `whither verify who`\n");
    let found = run(&desk, &["verify"]).succeeded().json();
    assert_eq!(
        (&found["checked"], &found["matched"]),
        (&2.into(), &2.into())
    );
    let falls = run(&desk, &["evidence", "retract", "l1", "--dry-run"]).succeeded();
    let falls = falls.json();
    assert_eq!(falls["findings"][0]["command"], "incident total");
    let changes = falls["findings"][0]["changes"].as_array().unwrap();
    assert!(changes.iter().any(|row| row["what"] == "incident i"
        && row["with"] == "500"
        && row["without"] == "no value"));
    let sheet = run(&desk, &["incident", "show", "i"]).succeeded().json();
    let shown = run(&desk, &["show", "incident:i"]).succeeded().json();
    assert_eq!((&shown["sheet"], &shown["claim"]), (&sheet, &"i1".into()));
    run(
        &desk,
        &["incident", "total", "--save", "x", "--as-of", "2026-01-03"],
    )
    .failed();
    run(&desk, &["assess", "i", "--save", "x", "--suggest"]).failed();
}
