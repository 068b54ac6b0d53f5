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

/// The regtest scenario has five addresses that one transaction joins, and a CoinJoin that joins nothing.
#[test]
fn a_link_is_explained_and_struck() {
    let Some(data) = std::env::var_os("WHITHER_TEST_DATA") else {
        return println!("skipped: WHITHER_TEST_DATA is not set");
    };
    let blocks = std::path::Path::new(&data).join("scenarios/bitcoin-core-regtest/blocks");
    let desk = Desk::new();
    desk.run(&["ingest", &blocks.display().to_string()])
        .succeeded();
    let asked = |arguments: &[&str]| -> serde_json::Value {
        let done = desk.run(&[arguments, &["--json"]].concat()).succeeded();
        serde_json::from_str(&done.stdout).unwrap()
    };
    let listed = asked(&["cluster"]);
    let sizes: Vec<_> = listed["clusters"].as_array().unwrap().iter().collect();
    let sizes: Vec<_> = sizes
        .iter()
        .map(|cluster| cluster["size"].as_u64())
        .collect();
    assert_eq!(sizes, [Some(5), Some(40)]);
    assert_eq!(listed["excluded"][0]["why"], "coinjoin:joinmarket");
    assert_eq!(listed["excluded"].as_array().unwrap().len(), 1);
    let addresses = &listed["clusters"][0]["addresses"];
    let (a, b) = (
        addresses[0].as_str().unwrap(),
        addresses[1].as_str().unwrap(),
    );
    let explained = asked(&["cluster", "--explain", a, b]);
    assert_eq!(explained["connected"], true);
    assert_eq!(explained["path"].as_array().unwrap().len(), 1);
    assert_eq!(explained["path"][0]["rule"], "multi-input");
    let transaction = explained["path"][0]["transaction"].as_str().unwrap();
    let struck = asked(&["cluster", "--explain", a, b, "--strike", transaction]);
    assert_eq!(struck["connected"], false);
    assert_eq!(struck["path"].as_array().unwrap().len(), 0);
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

#[test]
fn a_claim_holds_no_more_apart_than_can_be_held_against_each_other() {
    let desk = Desk::with_first_blocks();
    desk.run(&["init", "case", "--id", "c"]).succeeded();
    let addresses: Vec<String> = (0..1_001)
        .map(|number| format!("ethereum:0x{number:040x}"))
        .collect();
    let payload = serde_json::json!({"id": "many", "addresses": addresses, "why": "w"});
    let arguments = [
        "evidence",
        "add",
        "distinct-hands",
        "-",
        "--author",
        "ana",
        "--case",
        "case",
    ];
    let failed = desk
        .run_with_input(&arguments, &payload.to_string())
        .failed();
    assert!(
        failed.stderr.contains("1000 is the most"),
        "{}",
        failed.stderr
    );
}

/// Addresses of one wallet that never pay together are joined by a claim, and parted by another.
#[test]
fn what_the_case_says_of_owners_counts_and_what_is_refused_is_told() {
    let desk = Desk::with_first_blocks();
    desk.run(&["init", "case", "--id", "c"]).succeeded();
    let case = ["--case", "case"];
    let (a, b) = (PAYER, "1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3");
    let claim = |kind: &str, payload: &str, day: &str| {
        let now = format!("{day}T00:00:00Z");
        let mut arguments = vec![
            "evidence", "add", kind, "-", "--author", "ana", "--now", &now,
        ];
        arguments.extend(case);
        desk.run_with_input(&arguments, payload).succeeded();
    };
    claim(
        "same-hand",
        &format!(
            r#"{{"id":"one-hand","addresses":["bitcoin:{a}","bitcoin:{b}"],"why":"he said so"}}"#
        ),
        "2026-01-01",
    );
    let cluster = |arguments: &[&str]| -> serde_json::Value {
        let mut all = vec!["cluster"];
        all.extend(arguments);
        all.extend(case);
        all.push("--json");
        desk.run(&all).json()
    };
    let joined = cluster(&[a]);
    assert_eq!(joined["clusters"][0]["size"], 2);
    assert_eq!(joined["clusters"][0]["rules"]["claim"], 1);
    let why = cluster(&["--explain", a, b]);
    assert_eq!(
        (&why["path"][0]["rule"], &why["path"][0]["claim"]),
        (&"claim".into(), &"one-hand".into())
    );
    claim(
        "distinct-hands",
        &format!(
            r#"{{"id":"two-hands","addresses":["bitcoin:{a}","bitcoin:{b}"],"why":"the other said so"}}"#
        ),
        "2026-01-02",
    );
    let parted = cluster(&[a]);
    assert_eq!(parted["clusters"][0]["size"], 1);
    let refused = |found: &serde_json::Value| -> Vec<String> {
        let rows = found["refused"].as_array().unwrap().iter();
        rows.map(|row| row["why"].as_str().unwrap().to_owned())
            .collect()
    };
    let [why] = &refused(&parted)[..] else {
        panic!("{parted}");
    };
    assert!(why.contains("two-hands"), "{why}");
    let why_not = cluster(&["--explain", a, b]);
    assert_eq!(
        (&why_not["connected"], refused(&why_not)),
        (&false.into(), vec![why.clone()])
    );
    // What is refused between others is not told to who asks for one.
    let c = "1DUDsfc23Dv9sPMEk5RsrtfzCw5ofi5sVW";
    for (kind, id) in [("same-hand", "b-is-c"), ("distinct-hands", "b-is-not-c")] {
        let payload =
            format!(r#"{{"id":"{id}","addresses":["bitcoin:{b}","bitcoin:{c}"],"why":"w"}}"#);
        claim(kind, &payload, "2026-01-03");
    }
    let both = cluster(&[b]);
    assert_eq!(
        (both["clusters"][0]["size"].as_u64(), refused(&both).len()),
        (Some(1), 2)
    );
    assert_eq!(refused(&cluster(&[a])), std::slice::from_ref(why));
    // An address that the data does not hold takes nothing from those that it does.
    let ghost = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";
    let payload = format!(
        r#"{{"id":"with-a-ghost","addresses":["bitcoin:{ghost}","bitcoin:{a}","bitcoin:{c}"],"why":"w"}}"#
    );
    claim("same-hand", &payload, "2026-01-04");
    assert_eq!(
        cluster(&["--explain", a, c])["path"][0]["claim"],
        "with-a-ghost"
    );
}
