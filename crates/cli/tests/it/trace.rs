//! `trace`: the known answer, under every policy, in every format.

use serde_json::Value;

use crate::whither::{COINBASE_9, Desk, FIRST_PAYMENT, PAYER, path, told};

const BITCOIN: &str = "100000000";

fn amounts(trace: &Value) -> Vec<u64> {
    let endpoints = trace["endpoints"].as_array().unwrap();
    let mut amounts: Vec<u64> = endpoints
        .iter()
        .map(|endpoint| endpoint["amount"].as_str().unwrap().parse().unwrap())
        .collect();
    amounts.sort_unstable();
    amounts
}

/// The coins of block 9 were never mixed, so that every policy must say the same.
#[test]
fn the_first_payment_ends_alike_under_every_policy() {
    let desk = Desk::with_first_blocks();
    let coin: u64 = BITCOIN.parse().unwrap();
    for policy in ["haircut", "fifo", "lifo", "poison", "tiho"] {
        let trace = desk
            .run(&["trace", COINBASE_9, "--policy", policy])
            .succeeded()
            .json();
        assert_eq!(trace["schema"], "whither.trace/1");
        assert_eq!(
            amounts(&trace),
            [1, 1, 10, 10, 10, 18].map(|amount: u64| amount * coin),
            "{policy}"
        );
        let endpoints = trace["endpoints"].as_array().unwrap();
        assert!(
            endpoints
                .iter()
                .all(|endpoint| endpoint["kind"] == "unspent"),
            "{policy}"
        );
        assert_eq!(trace["totals"][0]["origin"], "5000000000", "{policy}");
    }
}

#[test]
fn for_people() {
    let desk = Desk::with_first_blocks();
    let table = |arguments: &[&str]| {
        desk.run(&[arguments, &["--format", "table"]].concat())
            .succeeded()
    };
    let runs = [
        table(&["trace", COINBASE_9]),
        table(&[
            "trace", COINBASE_9, "--policy", "poison", "--stop", "depth:2",
        ]),
        table(&[
            "trace",
            &format!("{FIRST_PAYMENT}:0"),
            "--backward",
            "--policy",
            "fifo",
        ]),
        table(&[
            "trace",
            PAYER,
            "--before",
            "2009-01-12T04:00:00Z",
            "--amount",
            "1000000000",
            "--stop",
            "none",
        ]),
    ];
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn the_shape() {
    let desk = Desk::with_first_blocks();
    let done = desk
        .run(&["trace", COINBASE_9, "--policy", "fifo", "--stop", "depth:1"])
        .succeeded();
    insta::assert_snapshot!(done.told());
}

#[test]
fn an_incident_with_a_transfer_that_only_the_case_tells() {
    let desk = Desk::with_ronin();
    let case = path("examples/ronin-2022");
    let arguments = [
        "trace",
        "incident:ronin-bridge-2022",
        "--policy",
        "fifo",
        "--case",
        &case,
    ];
    let trace = desk.run(&arguments).succeeded().json();
    assert_eq!(trace["origins"][0]["amount"], "173600000000000000000000");
    assert_eq!(trace["origins"][0]["basis"], "claim");
    assert!(trace["provenance"]["case"].is_string());
    let by_kind = trace["totals"][0]["by_kind"].as_object().unwrap();
    assert_eq!(by_kind.keys().collect::<Vec<_>>(), ["held", "horizon"]);
    let table = desk
        .run(&[&arguments[..], &["--format", "table"]].concat())
        .succeeded();
    // All of it is long; its beginning and its end show the form. How narrow the intervals are is
    // the method's affair.
    let text = table.told();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("under any policy"))
        .collect();
    let shown = [&lines[..20], &["[…]"], &lines[lines.len() - 46..]]
        .concat()
        .join("\n");
    insta::assert_snapshot!(shown);
}

#[test]
fn starting_points_from_stdin() {
    let desk = Desk::with_first_blocks();
    let direct = desk
        .run(&["trace", COINBASE_9, "--policy", "fifo"])
        .succeeded()
        .json();
    let piped = desk.run_with_input(
        &["trace", "-", "--policy", "fifo"],
        &format!("\n  {COINBASE_9}\r\n\n"),
    );
    assert_eq!(piped.succeeded().json(), direct);
    let several = format!("{FIRST_PAYMENT}:0\n{FIRST_PAYMENT}:1\n");
    let both = desk
        .run_with_input(&["trace", "-"], &several)
        .succeeded()
        .json();
    assert_eq!(both["origins"].as_array().map(Vec::len), Some(2));
    let runs = [
        desk.run_with_input(&["trace", "-"], &format!("{COINBASE_9}\nhello\n"))
            .failed(),
        desk.run_with_input(&["trace", "-"], "\n").failed(),
        desk.run_with_input(&["trace", "-"], &"x".repeat(1 << 20))
            .failed(),
    ];
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn where_a_store_holds_several_chains_a_name_needs_its_chain() {
    let desk = Desk::with_ronin();
    desk.run(&[
        "ingest",
        &path("examples/ronin-2022/transfers.csv"),
        "--chain",
        "base",
    ])
    .succeeded();
    let address = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96";
    insta::assert_snapshot!(desk.run(&["trace", address]).failed().told());
    let named = desk
        .run(&["trace", &format!("base:{address}")])
        .succeeded()
        .json();
    let asked = desk
        .run(&["trace", address, "--chain", "base"])
        .succeeded()
        .json();
    assert_eq!(named["endpoints"], asked["endpoints"]);
}
