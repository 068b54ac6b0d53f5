//! `ingest` and `status`: what came in, and what is there.

use crate::whither::{Desk, first_blocks, path, told};

#[test]
fn blocks() {
    let desk = Desk::new();
    let blocks = first_blocks();
    let runs = [
        desk.run(&["status"]),
        desk.run(&["ingest", &blocks, "--dry-run"]),
        desk.run(&["status", "--format", "table"]),
        desk.run(&["ingest", &blocks, "--format", "table"]),
        desk.run(&["ingest", &blocks]),
        desk.run(&["status"]),
        desk.run(&["status", "--format", "table"]),
    ];
    let first = desk.run(&["ingest", &blocks, "--dry-run"]).json();
    assert_eq!(
        first["extent"],
        serde_json::json!({"first": 0, "last": 438})
    );
    insta::assert_snapshot!(told(&runs.map(crate::whither::Done::succeeded)));
}

#[test]
fn a_part_of_the_blocks_leaves_gaps() {
    let desk = Desk::new();
    let blocks = first_blocks();
    desk.run(&["ingest", &blocks, "--blocks", "0:100"])
        .succeeded();
    let done = desk
        .run(&["ingest", &blocks, "--blocks", "3_00:310"])
        .succeeded();
    let json = done.json();
    assert_eq!(
        (&json["blocks"], &json["extent"]["last"]),
        (&11.into(), &310.into())
    );
    assert_eq!(
        json["gaps"],
        serde_json::json!([{"first": 101, "last": 299}])
    );
    insta::assert_snapshot!(desk.run(&["status", "--format", "table"]).told());
}

#[test]
fn a_table() {
    let desk = Desk::new();
    let table = path("examples/ronin-2022/transfers.csv");
    let runs = [
        desk.run(&["ingest", &table]),
        desk.run(&[
            "ingest",
            &table,
            "--mapping",
            "ronin-dune",
            "--format",
            "table",
        ]),
        desk.run(&["status"]),
        desk.run(&["status", "--format", "table"]),
    ];
    insta::assert_snapshot!(told(&runs.map(crate::whither::Done::succeeded)));
}

#[test]
fn rows_for_spreadsheets() {
    let desk = Desk::new();
    let runs = [
        desk.run(&["ingest", &first_blocks(), "--format", "csv"]),
        desk.run(&["status", "--format", "csv"]),
    ];
    insta::assert_snapshot!(told(&runs.map(crate::whither::Done::succeeded)));
}
