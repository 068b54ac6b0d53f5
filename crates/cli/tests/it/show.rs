//! `show`: one thing, in JSON and for people.

use serde_json::Value;

use crate::whither::{COINBASE_9, Desk, Done, FIRST_PAYMENT, PAYER, first_blocks, path, told};

const BLOCK_170: &str = "00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee";
const LAZARUS: &str = "0xa0e1c89ef1a489c9c7de96311ed5ce5d32c20e4b";

#[test]
fn things_of_a_chain_of_outputs() {
    let desk = Desk::with_first_blocks();
    let paid = format!("{FIRST_PAYMENT}:0");
    let mut runs = Vec::new();
    for id in [PAYER, FIRST_PAYMENT, COINBASE_9, &paid, "170"] {
        runs.push(desk.run(&["show", id, "--format", "table"]).succeeded());
    }
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn shapes_of_a_chain_of_outputs() {
    let desk = Desk::with_first_blocks();
    let runs = [FIRST_PAYMENT, COINBASE_9, "170"].map(|id| desk.run(&["show", id]).succeeded());
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn a_block_by_hash_or_height() {
    let desk = Desk::with_first_blocks();
    let by_height = desk.run(&["show", "170"]).succeeded().stdout;
    for arguments in [
        &["show", BLOCK_170][..],
        &["show", "bitcoin:170"],
        &["show", "170", "--chain", "bitcoin"],
    ] {
        assert_eq!(
            by_height,
            desk.run(arguments).succeeded().stdout,
            "{arguments:?}"
        );
    }
    let first = desk.run(&["show", "0"]).json();
    assert_eq!(
        first["hash"],
        "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    );
}

#[test]
fn things_of_a_chain_of_accounts_and_of_the_case() {
    let desk = Desk::with_ronin();
    let case = path("examples/ronin-2022");
    let mut runs: Vec<Done> = Vec::new();
    for id in [LAZARUS, "incident:ronin-bridge-2022"] {
        for format in ["table", "json"] {
            runs.push(
                desk.run(&["show", id, "--case", &case, "--format", format])
                    .succeeded(),
            );
        }
    }
    let transfer = desk.run(&["show", LAZARUS]).json()["movements"][0]["transaction"]
        .as_str()
        .unwrap()
        .to_owned();
    runs.push(
        desk.run(&["show", &transfer, "--case", &case, "--format", "table"])
            .succeeded(),
    );
    runs.push(
        desk.run(&["show", "--case", &case, "--format", "table"])
            .succeeded(),
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn a_hostile_name_moves_nothing() {
    let desk = Desk::with_ronin();
    desk.run(&["init", "case"]).succeeded();
    let claim = format!(
        r#"{{"id":"c1","address":"ethereum:{LAZARUS}","name":"=a\u001b[2J\u202e","category":"x"}}"#
    );
    desk.run_with_input(&["evidence", "add", "label", "--case", "case"], &claim)
        .succeeded();
    for format in ["table", "json", "jsonl", "csv"] {
        let done = desk
            .run(&["show", LAZARUS, "--case", "case", "--format", format])
            .succeeded();
        assert!(!done.stdout.contains(['\u{1b}', '\u{202e}']), "{format}");
    }
    let table = desk
        .run(&["show", LAZARUS, "--case", "case", "--format", "table"])
        .stdout;
    assert!(table.contains("=a⟦U+001B⟧[2J⟦U+202E⟧"), "{table}");
    let rows = desk
        .run(&["show", LAZARUS, "--case", "case", "--format", "csv"])
        .stdout;
    assert!(rows.contains("labels[0].name,'=a"), "{rows}");
    let json = desk.run(&["show", LAZARUS, "--case", "case"]).json();
    assert_eq!(json["labels"][0]["name"], "=a\u{1b}[2J\u{202e}");
}

/// Blocks whose inputs spend what lies before them, and a gap after which nothing is promised.
#[test]
fn what_the_data_lacks_is_said() {
    let desk = Desk::new();
    for range in ["175:185", "300:310"] {
        desk.run(&["ingest", &first_blocks(), "--blocks", range])
            .succeeded();
    }
    let second = "a16f3ce4dd5deb92d98ef5cf8afeaf0775ebca408f708b2146c4fb42b41e14be";
    let outside = desk
        .run(&["show", &format!("{FIRST_PAYMENT}:1")])
        .succeeded()
        .json();
    assert_eq!(
        (&outside["made"], &outside["amount"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(outside["spent"]["transaction"], second);
    let spending = desk.run(&["show", second]).succeeded().json();
    assert_eq!(
        (&spending["fee"], &spending["inputs"][0]["amount"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(spending["outputs"][0]["state"], "horizon");
    let address = desk.run(&["show", PAYER]).succeeded().json();
    assert_eq!(address["holdings"][0]["covered"], false);
    let runs = [second, PAYER].map(|id| desk.run(&["show", id, "--format", "table"]).succeeded());
    insta::assert_snapshot!(told(&runs));
}
