//! Off-ramps and the freeze clock by the command line: told, written as notices, kept, set apart.

use std::fs;

use serde_json::Value;

use crate::whither::{Desk, Done, told};

const AT: &[&str] = &["--author", "ana", "--now", "2026-01-02T03:04:05Z"];

fn address(number: u32) -> String {
    format!("0x{number:040x}")
}

fn row(number: u32, from: u32, to: u32, usd: u32) -> String {
    let (from, to) = (address(from), address(to));
    format!(
        "2024-08-0{} 00:00:{:02},{},0x{number:064x},{from},,{to},,{usd}\n",
        2 + number / 4,
        number % 60,
        100 + number
    )
}

/// A theft that ends at an exchange, on two days, and at an address that nobody names.
fn desk() -> Desk {
    let desk = Desk::new();
    let rows = [
        row(1, 0x11, 0x21, 100_000),
        row(2, 0x21, 0x99, 30_000),
        row(3, 0x21, 0x31, 50_000),
        row(4, 0x21, 0x99, 20_000),
    ];
    let header = "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD\n";
    let table = desk.file("t.csv", format!("{header}{}", rows.concat()));
    desk.run(&["ingest", &table, "--mapping", "mftracer"]);
    desk.run(&["init", "case", "--id", "c"]).succeeded();
    let thefts = format!(
        "id,date,victim,chain,tx\none,2024-08-02,A,ethereum,0x{:064x}\n",
        1
    );
    let thefts = desk.file("thefts.csv", thefts);
    run(&desk, &[&["incident", "import", &thefts], AT].concat());
    let labels = format!(
        "address,chain,name,category,level\n{},ethereum,X <b>\u{20}=1,exchange,service_data\n",
        address(0x99)
    );
    let labels = desk.file("labels.csv", labels);
    run(&desk, &[&["label", "import", &labels], AT].concat());
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> Done {
    desk.run(&[arguments, &["--case", "case"]].concat())
}

fn list(desk: &Desk, more: &[&str]) -> Value {
    let arguments = [&["offramps", "incident:one", "--json"], more].concat();
    run(desk, &arguments).succeeded().json()
}

fn step(desk: &Desk, words: &[&str]) -> Done {
    run(desk, &[&["freeze", "step", "r-1"], words, AT].concat())
}

/// Kind, amount and class, in the order in which to call.
fn positions(list: &Value) -> Vec<(String, String, String)> {
    let rows = list["positions"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|row| {
        (
            text(&row["kind"]),
            text(&row["amount"]),
            text(&row["class"]),
        )
    })
    .collect()
}

fn told_as(kind: &str, amount: &str, class: &str) -> (String, String, String) {
    (kind.to_owned(), amount.to_owned(), class.to_owned())
}

#[test]
fn whom_to_call_is_told_for_people_and_ages_are_counted_apart_from_what_is_known() {
    let desk = desk();
    let runs = [
        run(&desk, &["offramps", "incident:one", "--format", "table"]).succeeded(),
        run(
            &desk,
            &[
                "offramps",
                "incident:one",
                "--at",
                "2024-09-01T00:00:00Z",
                "--format",
                "csv",
            ],
        )
        .succeeded(),
        run(&desk, &["freeze", "list"]).succeeded(),
    ];
    // A claim's number has a salt in it.
    let claim = list(&desk, &[])["positions"][0]["entity_claim"].clone();
    insta::assert_snapshot!(told(&runs).replace(claim.as_str().unwrap(), "[CLAIM]"));
    let list = list(&desk, &["--at", "2024-08-02T12:00:00Z"]);
    assert_eq!(
        (&list["data_until"], &list["as_of"]),
        (
            &"2024-08-03T00:00:04Z".into(),
            &"2024-08-02T12:00:00Z".into()
        )
    );
    let later = list["caveats"].as_array().unwrap().iter();
    assert_eq!(
        later
            .filter(|caveat| caveat["kind"] == "arrived-after")
            .count(),
        1,
        "the exchange got the last of it after that"
    );
    let days = list["positions"][0]["days"].as_array().unwrap().iter();
    let days: Vec<_> = days.map(|day| (&day["day"], &day["amount"])).collect();
    assert_eq!(
        days,
        [
            (&"2024-08-02".into(), &"3000000".into()),
            (&"2024-08-03".into(), &"2000000".into())
        ]
    );
}

#[test]
fn notices_are_written_whole_into_an_empty_place_and_else_nothing_is_kept() {
    let desk = desk();
    desk.file("mine/letter.txt", "mine");
    let asked = [
        "offramps",
        "incident:one",
        "--notices",
        "mine",
        "--save",
        "where",
    ];
    let failed = run(&desk, &[&asked[..], AT].concat()).failed();
    assert!(
        failed.stderr.contains("is there already") && failed.stderr.contains("`--notices DIR`"),
        "{}",
        failed.stderr
    );
    assert_eq!(fs::read_dir(desk.path().join("mine")).unwrap().count(), 1);
    let verified = run(&desk, &["verify", "--json"]).json();
    assert_eq!(verified["checked"], 0, "nothing was kept: {verified:#}");
    fs::create_dir(desk.path().join("new")).unwrap();
    let asked = ["offramps", "incident:one", "--notices", "new", "--quiet"];
    run(&desk, &asked).succeeded();
    let mut names: Vec<String> = fs::read_dir(desk.path().join("new"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["01-x-b-1-service.json", "01-x-b-1-service.txt"]);
    let text = fs::read_to_string(desk.path().join("new/01-x-b-1-service.txt")).unwrap();
    for transaction in [2, 4] {
        assert!(text.contains(&format!("0x{transaction:064x}")), "{text}");
    }
    assert!(
        !text.contains(&format!("0x{:064x}", 3)),
        "not the exchange's: {text}"
    );
}

#[test]
fn what_is_frozen_and_what_came_back_stand_apart_and_a_request_is_about_one_asset() {
    let desk = desk();
    assert_eq!(
        positions(&list(&desk, &[])),
        [
            told_as("service", "5000000", "freezable"),
            told_as("horizon", "5000000", "last-seen")
        ]
    );
    let place = format!("ethereum:{}", address(0x99));
    let asset = list(&desk, &[])["positions"][0]["asset"]
        .as_str()
        .unwrap()
        .to_owned();
    let words = [
        "requested",
        "--to",
        "X",
        "--place",
        &place,
        "--asset",
        &asset,
    ];
    step(
        &desk,
        &[&words[..], &["--at", "2024-08-03T00:00:00Z"]].concat(),
    )
    .succeeded();
    let other = ["frozen", "--amount", "1", "--asset", "eip155:1/slip44:60"];
    let failed = step(&desk, &other).failed();
    assert!(
        failed
            .stderr
            .contains(&format!("request `r-1` is about {asset}")),
        "{}",
        failed.stderr
    );
    let frozen = [
        "frozen",
        "--amount",
        "2000000",
        "--at",
        "2024-08-04T00:00:00Z",
    ];
    step(&desk, &frozen).succeeded();
    let back = [
        "recovered",
        "--amount",
        "500000",
        "--at",
        "2024-08-05T00:00:00Z",
    ];
    step(&desk, &back).succeeded();
    let set_apart = list(&desk, &["--claims"]);
    assert_eq!(
        positions(&set_apart),
        [
            told_as("service", "3000000", "freezable"),
            told_as("horizon", "5000000", "last-seen"),
            told_as("frozen", "1500000", "done"),
            told_as("recovered", "500000", "done")
        ]
    );
    let cashed: u64 = set_apart["cash_outs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["amount"].as_str().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(
        cashed, 3_000_000,
        "what is frozen or came back was not cashed out"
    );
    let clock = run(&desk, &["freeze", "list", "--json"]).succeeded().json();
    let row = &clock["requests"][0];
    assert_eq!(
        (
            &row["state"],
            &row["frozen"],
            &row["recovered"],
            &row["answered_after"]
        ),
        (
            &"recovered".into(),
            &"1500000".into(),
            &"500000".into(),
            &86_400.into()
        )
    );
}
