//! A case from its beginning to a copy for somebody else, on the command line.

use std::fs;

use serde_json::Value;

use crate::whither::{Desk, Done};

const AT: &[&str] = &["--author", "ana", "--now", "2026-01-02T03:04:05Z"];
const LABEL: &str = r#"{"id":"ex-1","address":"bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S","name":"Example","category":"exchange","source":"s14","confidence":"B2","handling":"TLP:AMBER"}"#;
const SOURCE: &str = r#"{"id":"s14","record":"s14","name":"J. Doe","handling":"TLP:RED"}"#;

fn with(arguments: &[&str], more: &[&str]) -> Vec<String> {
    arguments
        .iter()
        .chain(more)
        .map(ToString::to_string)
        .collect()
}

fn write(desk: &Desk, arguments: &[&str], input: &str) -> Done {
    let all = with(arguments, AT);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    desk.run_with_input(&[&all[..], &["--case", "case"]].concat(), input)
}

/// A case with a source, a label that was corrected, and one that was struck.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.run(&["init", "case", "--id", "test", "--name", "Test"])
        .succeeded();
    write(&desk, &["evidence", "add", "source"], SOURCE).succeeded();
    let two = format!("{LABEL}\n{}", LABEL.replace("ex-1", "ex-2"));
    write(&desk, &["evidence", "add", "label", "-"], &two).succeeded();
    write(
        &desk,
        &["evidence", "correct", "ex-1"],
        &LABEL.replace("Example", "Other"),
    )
    .succeeded();
    write(
        &desk,
        &["evidence", "retract", "ex-2", "--reason", "theirs no more"],
        "",
    )
    .succeeded();
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> Done {
    desk.run(&[arguments, &["--case", "case"]].concat())
}

/// What each of the commands prints as JSON.
pub fn documents() -> Vec<Done> {
    let desk = desk();
    desk.file("letter.txt", "a letter");
    let attached = run(
        &desk,
        &[
            "evidence",
            "attach",
            "letter.txt",
            "--media-type",
            "text/plain",
        ],
    );
    let claim = LABEL.replace("ex-1", "ex-3").replace(
        "\"source\"",
        &format!("\"attachments\":[{}],\"source\"", attached.stdout),
    );
    fs::create_dir(desk.path().join("other")).unwrap();
    run(&desk, &["evidence", "copy", "other"]).succeeded();
    let mut printed = vec![
        attached,
        write(&desk, &["evidence", "add", "label"], &claim),
    ];
    printed.push(desk.run(&["init", "fresh"]));
    for arguments in [
        &["evidence", "list"][..],
        &["evidence", "list", "--as-of", "2026-01-03"],
        &["evidence", "show", "ex-1"],
        &["evidence", "show", "ex-2"],
        &["evidence", "verify"],
        &["evidence", "head"],
        &[
            "evidence",
            "copy",
            "public",
            "--kind",
            "source",
            "--above",
            "TLP:GREEN",
        ],
        &["evidence", "merge", "other"],
    ] {
        printed.push(run(&desk, arguments));
    }
    let path = desk.path().join("case/payloads/ana.jsonl");
    let altered = fs::read_to_string(&path)
        .unwrap()
        .replace("Example", "Exampel");
    fs::write(&path, altered).unwrap();
    let mut checked = run(&desk, &["evidence", "verify"]);
    assert_eq!(checked.code, Some(1), "{}", checked.stdout);
    // What follows takes only what succeeded.
    checked.code = Some(0);
    printed.push(checked);
    printed
}

#[test]
fn a_case_is_started_added_to_corrected_and_struck() {
    let desk = desk();
    let list = run(&desk, &["evidence", "list"]).succeeded().json();
    let claims = list["claims"].as_array().unwrap();
    let names: Vec<&str> = claims
        .iter()
        .map(|claim| claim["claim"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["s14", "ex-1"]);
    assert_eq!(claims[1]["fields"]["name"], "Other");
    assert_eq!(
        (&claims[1]["author"], &claims[1]["confidence"]),
        (&Value::from("ana"), &Value::from("B2"))
    );
    let shown = run(&desk, &["evidence", "show", "ex-1"]).succeeded().json();
    assert_eq!(shown["stands"], true);
    assert_eq!(shown["history"].as_array().unwrap().len(), 2);
    assert_eq!(shown["history"][0]["payload"]["name"], "Example");
    // Struck, and still there to be looked at.
    let struck = run(&desk, &["evidence", "show", "ex-2"]).succeeded().json();
    assert_eq!(
        (&struck["stands"], &struck["history"][0]["struck"]),
        (&Value::from(false), &Value::from(true))
    );
    // A correction is struck by its hash: the claim falls back to what it said.
    let correction = shown["history"][1]["hash"].as_str().unwrap();
    write(
        &desk,
        &["evidence", "retract", correction, "--reason", "was right"],
        "",
    )
    .succeeded();
    let shown = run(&desk, &["evidence", "show", "ex-1"]).succeeded().json();
    assert_eq!(shown["fields"]["name"], "Example");
    // Nothing of it was known the day before.
    let before = run(&desk, &["evidence", "list", "--as-of", "2026-01-01"])
        .succeeded()
        .json();
    assert_eq!(before["claims"].as_array().unwrap().len(), 0);
}

#[test]
fn what_is_no_claim_is_refused_and_nothing_is_written() {
    let desk = desk();
    let before = fs::read(desk.path().join("case/log/ana.jsonl")).unwrap();
    for (kind, input, why) in [
        (
            "label",
            LABEL.replace("category", "categroy"),
            "unknown field `categroy`",
        ),
        (
            "label",
            LABEL.replace("bitcoin:", ""),
            "does not say of which chain",
        ),
        (
            "label",
            format!("{LABEL}{}", LABEL.replace("B2", "Z9")),
            "claim 2: label: `confidence`",
        ),
        ("label", String::new(), "there is no claim"),
        ("label", "{".to_owned(), "EOF"),
        ("label", LABEL.replace("\"B2\"", "1.5"), "floating point"),
        ("lable", LABEL.to_owned(), "is no kind of claim"),
        ("retract", "{}".to_owned(), "is no kind of claim"),
    ] {
        let done = write(&desk, &["evidence", "add", kind], &input).failed();
        assert!(
            done.stderr.contains(why) && done.stderr.contains("hint:"),
            "{}",
            done.stderr
        );
    }
    let early = [
        "evidence",
        "add",
        "label",
        "--author",
        "ana",
        "--now",
        "2026-01-01T00:00:00Z",
        "--case",
        "case",
    ];
    let done = desk.run_with_input(&early, LABEL).failed();
    assert!(
        done.stderr
            .contains("the author's last entry of 2026-01-02T03:04:05Z"),
        "{}",
        done.stderr
    );
    write(
        &desk,
        &["evidence", "retract", "nobody", "--reason", "x"],
        "",
    )
    .failed();
    write(&desk, &["evidence", "add", "label"], LABEL).succeeded();
    let twice = write(&desk, &["evidence", "retract", "ex-1", "--reason", "x"], "").failed();
    assert!(twice.stderr.contains("names 2 claims"), "{}", twice.stderr);
    let after = fs::read(desk.path().join("case/log/ana.jsonl")).unwrap();
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines(&after), lines(&before) + 1);
}

/// Without any option it just works: the author is the user, or nobody in particular.
#[test]
fn the_author_is_who_is_named_or_who_is_there() {
    let desk = Desk::new();
    desk.run(&["init", "case"]).succeeded();
    let author = |user: Option<&str>, arguments: &[&str]| {
        let arguments = with(
            &["evidence", "add", "source", "source.json", "--case", "case"],
            arguments,
        );
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = desk.command(&arguments);
        desk.file("source.json", SOURCE);
        if let Some(user) = user {
            command.env("USER", user);
        }
        let output = command.output().unwrap();
        let written: Value = serde_json::from_slice(&output.stdout).unwrap();
        written["entries"][0]["author"].as_str().unwrap().to_owned()
    };
    assert_eq!(author(None, &[]), "analyst");
    assert_eq!(author(Some("J. Park"), &[]), "j-park");
    assert_eq!(author(Some("J. Park"), &["--author", "ana"]), "ana");
}

#[test]
fn a_copy_lacks_what_is_withheld_and_verifies_against_the_head() {
    let desk = desk();
    let head = run(&desk, &["evidence", "head"]).succeeded().stdout;
    desk.file("head.json", &head);
    let whole = run(&desk, &["evidence", "verify", "--head", "head.json"])
        .succeeded()
        .json();
    assert_eq!(
        (&whole["clean"], &whole["withheld"]),
        (&Value::from(true), &Value::from(0))
    );
    let copied = run(
        &desk,
        &[
            "evidence",
            "copy",
            "public",
            "--kind",
            "source",
            "--withhold",
            "ex-1",
        ],
    );
    let copied = copied.succeeded().json();
    assert_eq!(
        (&copied["payloads"], &copied["withheld"]),
        (&Value::from(2), &Value::from(3))
    );
    let check = [
        "evidence",
        "verify",
        "--head",
        "head.json",
        "--case",
        "public",
    ];
    let checked = desk.run(&check).succeeded().json();
    assert_eq!(checked["revision"], whole["revision"]);
    assert_eq!(checked["withheld"], 3);
    for file in ["payloads/ana.jsonl", "log/ana.jsonl"] {
        let text = fs::read_to_string(desk.path().join("public").join(file)).unwrap();
        assert!(
            !text.contains("J. Doe") && !text.contains("Other"),
            "{text}"
        );
    }
    let list = desk
        .run(&["evidence", "list", "--case", "public"])
        .succeeded()
        .json();
    assert_eq!(list["claims"][0]["state"], "withheld");
    // Marks: what is more closed, and what says nothing.
    run(
        &desk,
        &["evidence", "copy", "amber", "--above", "TLP:AMBER"],
    )
    .succeeded();
    let text = fs::read_to_string(desk.path().join("amber/payloads/ana.jsonl")).unwrap();
    assert!(text.contains("Other") && !text.contains("J. Doe"), "{text}");
    // A full directory is left alone, and the copy merges back to the whole.
    run(&desk, &["evidence", "copy", "public"]).failed();
    let merged = desk
        .run(&["evidence", "merge", "case", "--case", "public"])
        .succeeded()
        .json();
    assert_eq!(
        (&merged["entries"], &merged["payloads"]),
        (&Value::from(0), &Value::from(3))
    );
}

#[test]
fn a_check_that_does_not_come_out_clean_exits_with_one_and_names_the_fault() {
    let desk = desk();
    let head = run(&desk, &["evidence", "head"]).succeeded().stdout;
    desk.file("head.json", &head);
    let path = desk.path().join("case/log/ana.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let cut: String = whole.split_inclusive('\n').take(4).collect();
    fs::write(&path, cut).unwrap();
    assert_eq!(run(&desk, &["evidence", "verify"]).code, Some(0));
    for format in ["table", "json", "jsonl", "csv"] {
        let done = run(
            &desk,
            &[
                "evidence",
                "verify",
                "--head",
                "head.json",
                "--format",
                format,
            ],
        );
        assert_eq!((done.code, done.stderr.as_str()), (Some(1), ""));
        assert!(
            done.stdout.contains("the log of ana has 4 entries"),
            "{}",
            done.stdout
        );
    }
    fs::write(&path, whole.replace("\"entry\":2", "\"entry\":3")).unwrap();
    let done = run(&desk, &["evidence", "verify"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stdout.contains("entry 2 of ana"), "{}", done.stdout);
    let done = run(&desk, &["evidence", "list"]).failed();
    assert!(
        done.stderr
            .contains("`whither evidence verify` names every fault"),
        "{}",
        done.stderr
    );
}

/// Killed at any moment, what stands is a beginning of what was to be added, and the next run goes on.
#[test]
#[cfg(unix)]
fn adding_claims_that_is_killed_leaves_a_beginning_of_them() {
    let desk = Desk::new();
    desk.run(&["init", "case"]).succeeded();
    let label = |number: usize| LABEL.replace("ex-1", &format!("ex-{number}")) + "\n";
    let mut amid = 0;
    for kill in 0..12_u64 {
        let before = run(&desk, &["evidence", "list"]).succeeded().json();
        let before = before["claims"].as_array().unwrap().len();
        let claims: String = (before..before + 400).map(label).collect();
        let file = desk.file("claims.jsonl", claims);
        let arguments = [
            "evidence", "add", "label", &file, "--case", "case", "--author", "ana",
        ];
        let mut child = desk
            .command(&arguments)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(kill * 7 % 60));
        child.kill().unwrap();
        child.wait().unwrap();
        let checked = run(&desk, &["evidence", "verify"]).stdout;
        let checked: Value = serde_json::from_str(&checked).unwrap();
        assert_eq!(checked["faults"].as_array().unwrap().len(), 0, "{checked}");
        assert_eq!(checked["withheld"], 0);
        let after = run(&desk, &["evidence", "list"]).succeeded().json();
        let names = after["claims"]
            .as_array()
            .unwrap()
            .iter()
            .map(|claim| claim["claim"].as_str());
        let expected: Vec<String> = (0..names.len())
            .map(|number| format!("ex-{number}"))
            .collect();
        let names: Vec<&str> = names.map(Option::unwrap).collect();
        assert_eq!(names, expected, "in their order, none left out");
        assert!((before..=before + 400).contains(&names.len()));
        amid += usize::from(names.len() < before + 400);
    }
    assert!(amid > 0, "some were killed before they were done");
    // Of now: the killed ones were written by the clock too.
    let add = [
        "evidence", "add", "source", "--case", "case", "--author", "ana",
    ];
    desk.run_with_input(&add, SOURCE).succeeded();
    assert_eq!(run(&desk, &["evidence", "verify"]).code, Some(0));
}
