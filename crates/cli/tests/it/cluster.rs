//! Clusters of the first blocks: all of them, one, why, and what falls without a link.

use crate::whither::{Desk, PAYER, told};

#[test]
fn clusters_of_the_first_blocks() {
    let desk = Desk::with_first_blocks();
    let mut runs = Vec::new();
    for format in ["json", "jsonl", "csv", "table"] {
        runs.push(desk.run(&["cluster", "--format", format]).succeeded());
    }
    runs.push(
        desk.run(&["cluster", PAYER, "--format", "table"])
            .succeeded(),
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn a_link_is_explained_and_struck() {
    let desk = Desk::with_first_blocks();
    let listed: serde_json::Value =
        serde_json::from_str(&desk.run(&["cluster", "--json"]).succeeded().stdout).unwrap();
    let addresses = &listed["clusters"][0]["addresses"];
    let (a, b) = (
        addresses[0].as_str().unwrap(),
        addresses[1].as_str().unwrap(),
    );
    let explained: serde_json::Value = serde_json::from_str(
        &desk
            .run(&["cluster", "--explain", a, b, "--json"])
            .succeeded()
            .stdout,
    )
    .unwrap();
    assert_eq!(explained["connected"], true);
    assert_eq!(explained["path"][0]["rule"], "multi-input");
    let transaction = explained["path"][0]["transaction"].as_str().unwrap();
    let mut runs = Vec::new();
    for format in ["jsonl", "csv", "table"] {
        runs.push(
            desk.run(&["cluster", "--explain", a, b, "--format", format])
                .succeeded(),
        );
    }
    let strike = ["cluster", "--explain", a, b, "--strike", transaction];
    runs.push(desk.run(&[&strike[..], &["--json"]].concat()).succeeded());
    runs.push(
        desk.run(&[&strike[..], &["--format", "table"]].concat())
            .succeeded(),
    );
    runs.push(
        desk.run(&["cluster", "--explain", a, a, "--format", "table"])
            .succeeded(),
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn questions_that_make_no_sense() {
    let desk = Desk::with_first_blocks();
    let runs = [
        &["cluster", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"][..],
        &[
            "cluster",
            "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
        ],
        &["cluster", PAYER, "--change", "lucky"],
        &["cluster", PAYER, "--strike", "00"],
        &["cluster", "--explain", PAYER],
        &["cluster", "--chain", "ethereum"],
    ]
    .map(|arguments| desk.run(arguments).failed());
    insta::assert_snapshot!(told(&runs));
}
