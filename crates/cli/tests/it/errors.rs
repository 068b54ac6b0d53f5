//! How it fails: what, where, what to do next; exit code 2, and nothing on stdout.

use crate::whither::{COINBASE_9, Desk, Done, FIRST_PAYMENT, first_blocks, path, told};

/// Runs each line, which must fail.
fn failures(desk: &Desk, lines: &[&str]) -> Vec<Done> {
    let run = |line: &&str| desk.run(&line.split(' ').collect::<Vec<_>>()).failed();
    lines.iter().map(run).collect()
}

#[test]
fn usage() {
    let runs = failures(
        &Desk::new(),
        &[
            "trac x",
            "trace",
            "trace x --polcy fifo",
            "trace x --policy average",
            "--format xml status",
            "status --json --format csv",
            "status everything",
            "store",
            "store mend",
        ],
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn what_is_planned_is_said_kindly() {
    let desk = Desk::new();
    let planned = ["serve", "watch"];
    for line in planned {
        let done = desk.run(&line.split(' ').collect::<Vec<_>>()).failed();
        assert!(
            done.stderr.contains("is planned and not in this release"),
            "{}",
            done.stderr
        );
    }
    let runs = failures(&desk, &["serve"]);
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn arguments_that_make_no_sense() {
    let runs = failures(
        &Desk::new(),
        &[
            "trace x --amount 1.5",
            "trace x --amount 0",
            "trace x --amount 1_000",
            "trace x --amount ",
            "trace x --stop dust:0x10",
            "trace x --since yesterday",
            "trace x --since 2020-01-02 --before 2020-01-01",
            "trace x --since 2020-01-01 --before 2020-01-01",
            "trace x --stop degree",
            "trace x --stop depth:many",
            "trace x --chain doge",
            "ingest x --source-format parquet",
            "ingest x --blocks 5",
            "ingest x --blocks 9:5",
            "ingest x --height -1",
        ],
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn what_is_not_there() {
    let desk = Desk::with_first_blocks();
    let absent = format!("{}:0", "00".repeat(32));
    let runs = failures(
        &desk,
        &[
            "ingest nowhere.dat",
            &format!("trace {absent}"),
            &format!("trace {FIRST_PAYMENT}:2"),
            &format!("trace {COINBASE_9} --policy tiho --backward"),
            "trace hello",
            "trace incident:x",
            "trace ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
            &format!("show {absent}"),
            "show 439",
            "show 9 --chain ethereum",
            "show 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "show",
            "show x --case nowhere",
        ],
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn an_empty_store_says_how_to_fill_it() {
    let runs = failures(&Desk::new(), &[&format!("trace {COINBASE_9}"), "show 170"]);
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn sources_that_are_none() {
    let desk = Desk::new();
    desk.file("words.txt", "no block, and no table either\n");
    desk.file("strange.csv", "when,who,whom,how much\n2020-01-01,a,b,1\n");
    desk.file(
        "short.csv",
        "block_time,from,to,total_eth\n2022-03-29T21:41:18+00:00,\\x03cf,\\x04,1\n",
    );
    desk.file("empty.dat", "");
    std::fs::create_dir(desk.path().join("folder")).unwrap();
    let runs = failures(
        &desk,
        &[
            "ingest words.txt",
            "ingest strange.csv",
            "ingest strange.csv --mapping nothing",
            "ingest short.csv",
            "ingest empty.dat",
            "ingest folder",
        ],
    );
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn sources_of_several_chains_are_refused() {
    let desk = Desk::new();
    let table = path("examples/ronin-2022/transfers.csv");
    let done = desk.run(&["ingest", &first_blocks(), &table]).failed();
    insta::assert_snapshot!(done.told());
    assert_eq!(
        desk.run(&["status"]).json()["chains"]
            .as_array()
            .map(Vec::len),
        Some(0),
        "nothing was written"
    );
}

#[test]
fn foreign_text_in_an_error_is_spelled_out() {
    let done = Desk::new().run(&["show", "\u{1b}[2J\u{202e}x"]).failed();
    assert!(
        !done.stderr.contains(['\u{1b}', '\u{202e}']),
        "{:?}",
        done.stderr
    );
}
