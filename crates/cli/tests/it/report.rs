//! `report` and `export`: written in the case, checked, given out, and read by others.

use std::fs;

use crate::whither::{Desk, path};

const TEXT: &str = "\
---
title: The theft <img src=x onerror=alert(1)>
---

# What was stolen {#what}

The victim was {incident:ronin-bridge-2022#victim}, and {finding:trail#totals.0.origin} were followed. {#p-1}

Words like #import and =cmd() and a turned\\*word are text. {#p-2}

Only the Committee reads this sentence of the report. {#p-3 TLP:RED}

::: figure waterfall finding:trail #f-1
Caption: Where it went
Source: The chain
:::
";

/// A desk with the theft, its case, and a saved trace.
fn desk() -> Desk {
    let desk = Desk::with_ronin();
    for file in ["case.json", "log/whither.jsonl", "payloads/whither.jsonl"] {
        let bytes = fs::read(path("examples/ronin-2022").to_owned() + "/" + file).unwrap();
        desk.file(&format!("case/{file}"), bytes);
    }
    let trace = [
        "trace",
        "incident:ronin-bridge-2022",
        "--policy",
        "fifo",
        "--save",
        "trail",
        "--quiet",
    ];
    run(&desk, &trace).succeeded();
    desk.file("text.txt", TEXT);
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> crate::whither::Done {
    let case = desk.path().join("case").display().to_string();
    desk.run(&[arguments, &["--case", &case]].concat())
}

fn written(desk: &Desk, arguments: &[&str]) -> crate::whither::Done {
    run(desk, &[arguments, &["--author", "ana"]].concat())
}

#[test]
fn a_report_lives_from_draft_to_edition() {
    let desk = desk();
    let done = written(&desk, &["report", "draft", "final", "text.txt"])
        .succeeded()
        .json();
    assert_eq!(
        (&done["revision"], &done["paragraphs"]),
        (&1.into(), &3.into())
    );
    let shown = run(&desk, &["report", "show", "final"]).succeeded().stdout;
    assert!(
        shown.contains("and 182,163.7370891307459 ETH were followed"),
        "{shown}"
    );
    let clean = run(&desk, &["report", "lint", "final"]).succeeded().json();
    assert_eq!(clean["faults"].as_array().map(Vec::len), Some(0), "{clean}");
    let noted = written(
        &desk,
        &[
            "report",
            "comment",
            "final",
            "1",
            "It is disputed",
            "--by",
            "a State",
        ],
    );
    assert_eq!(noted.succeeded().json()["part"], "p-1");
    let rule = [
        "report",
        "rule",
        "final",
        "c-1",
        "--accept",
        "--why",
        "the source agrees",
    ];
    written(&desk, &rule).succeeded();
    assert!(
        written(&desk, &rule)
            .failed()
            .stderr
            .contains("ruled on already")
    );
    let reply = [
        "report",
        "reply",
        "final",
        "p-1",
        "--of",
        "Sky Mavis",
        "--asked",
        "2026-01-02",
    ];
    written(&desk, &reply).succeeded();
    let comments = run(&desk, &["report", "comments", "final"])
        .succeeded()
        .json();
    assert_eq!(comments["remarks"][0]["state"], "accepted");
    assert_eq!(comments["remarks"][1]["state"], "asked");
    let source = run(&desk, &["report", "show", "final", "--to", "source"])
        .succeeded()
        .stdout;
    desk.file(
        "next.txt",
        source.replace("were followed", "were followed by the Panel"),
    );
    written(
        &desk,
        &[
            "report",
            "revise",
            "final",
            "next.txt",
            "--note",
            "who followed",
        ],
    )
    .succeeded();
    let redline = run(&desk, &["report", "redline", "final"])
        .succeeded()
        .json();
    assert_eq!(
        redline["changes"].as_array().map(Vec::len),
        Some(1),
        "{redline}"
    );
    assert_eq!(redline["changes"][0]["part"], "p-1");
    let published = [
        "report",
        "publish",
        "final",
        "--edition",
        "public",
        "--out",
        "public",
        "--with-store",
    ];
    let published = written(&desk, &published).succeeded().json();
    assert_eq!(
        (&published["edition"], &published["withheld"]),
        (&"public-1".into(), &1.into())
    );
    let html = fs::read_to_string(desk.path().join("public/report.html")).unwrap();
    assert!(
        !html.contains("<img") && !html.contains("Only the Committee"),
        "{html}"
    );
    desk.run(&["verify", "public", "--store", "elsewhere"])
        .succeeded();
    let opening = run(&desk, &["report", "open", "final", "public-1", "p-3"])
        .succeeded()
        .stdout;
    assert!(opening.contains("Only the Committee"));
    desk.file("opening.json", &opening);
    desk.run(&["report", "check-opening", "public", "opening.json"])
        .succeeded();
    desk.file("other.json", opening.replace("Only", "Not only"));
    let other = desk.run(&["report", "check-opening", "public", "other.json"]);
    assert_eq!(other.json()["matches"], false);
    let listed = run(&desk, &["report", "list"]).succeeded().json();
    assert_eq!(listed["reports"][0]["editions"][0]["withheld"][0], "p-3");
    let again = written(
        &desk,
        &[
            "report",
            "publish",
            "final",
            "--edition",
            "public",
            "--out",
            "public",
        ],
    );
    assert!(again.failed().stderr.contains("is there already"));
}

#[test]
fn faults_are_told_with_line_column_and_hint() {
    let desk = desk();
    desk.file(
        "bad.txt",
        "---\ntitle: T\n---\n\nSome 316 million\nleft on 23 March 2022.\n",
    );
    let done = run(
        &desk,
        &["report", "lint", "--file", "bad.txt", "--format", "table"],
    );
    let text = done.stdout;
    assert!(
        text.contains("line 5, column 6 number") && text.contains("line 6, column 9 date"),
        "{text}"
    );
    assert!(
        text.contains("hint:") && text.contains("2 faults"),
        "{text}"
    );
    let draft = written(&desk, &["report", "draft", "bad", "--new"])
        .succeeded()
        .json();
    assert_eq!(draft["revision"], 1);
    desk.file("broken.txt", "no first page");
    let failed = written(&desk, &["report", "draft", "other", "broken.txt"]).failed();
    assert!(
        failed.stderr.contains("line 1, column 1"),
        "{}",
        failed.stderr
    );
    let none = run(&desk, &["report", "show", "nothing"]).failed();
    assert!(none.stderr.contains("it has bad"), "{}", none.stderr);
}

#[test]
fn a_saved_trace_is_exported_for_others() {
    let desk = desk();
    let export = |to: &str| {
        run(&desk, &["export", "--to", to, "--trace", "trail"])
            .succeeded()
            .stdout
    };
    let bundle: serde_json::Value = serde_json::from_str(&export("stix")).unwrap();
    assert_eq!(bundle["type"], "bundle");
    let csv = export("csv");
    let header = csv.lines().next().unwrap();
    assert_eq!(header, "transaction,time,from,to,asset,amount,why,basis");
    let graph = export("graphml");
    assert_eq!(graph.matches("<edge ").count(), csv.lines().count() - 1);
    let parquet = [
        "export",
        "--to",
        "parquet",
        "--trace",
        "trail",
        "--out",
        "t.parquet",
    ];
    run(&desk, &parquet).succeeded();
    let bytes = fs::read(desk.path().join("t.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let pack = run(&desk, &["export", "--to", "tagpack"])
        .succeeded()
        .stdout;
    assert!(pack.contains("tags:"), "{pack}");
    assert!(
        run(&desk, &["export", "--to", "stix"])
            .failed()
            .stderr
            .contains("--trace")
    );
    let none = run(&desk, &["export", "--to", "csv", "--trace", "none"]).failed();
    assert!(none.stderr.contains("no saved trace"), "{}", none.stderr);
}
