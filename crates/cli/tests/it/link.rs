//! Links between incidents by the command line: told, kept, checked, weighed.

use serde_json::Value;

use crate::whither::{Desk, Done, told};

const AT: &[&str] = &["--author", "ana", "--now", "2026-01-02T03:04:05Z"];

fn address(number: u32) -> String {
    format!("0x{number:040x}")
}

fn row(number: u32, from: u32, to: u32, usd: u32) -> String {
    let (from, to) = (address(from), address(to));
    format!(
        "2024-08-02 00:{:02}:{:02},{},0x{number:064x},{from},,{to},,{usd}\n",
        number / 60,
        number % 60,
        100 + number
    )
}

/// Three thefts. Two send their money to one account, where it lies together; the third shares with them only an exchange
/// and a place that eighty others use.
fn desk() -> Desk {
    let desk = Desk::new();
    let mut rows = vec![
        row(1, 0x11, 0x21, 100_000),
        row(2, 0x12, 0x22, 200_000),
        row(3, 0x13, 0x23, 300_000),
        row(4, 0x21, 0x40, 100_000),
        row(5, 0x22, 0x40, 200_000),
        row(6, 0x40, 0x99, 150_000),
        row(7, 0x23, 0x99, 100_000),
        row(8, 0x23, 0x50, 200_000),
        row(9, 0x40, 0x50, 100_000),
    ];
    rows.extend((0..80).map(|other| row(10 + other, 0x1000 + other, 0x50, 20_000)));
    let header = "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD\n";
    let table = desk.file("t.csv", format!("{header}{}", rows.concat()));
    desk.run(&["ingest", &table, "--mapping", "mftracer"]);
    desk.run(&["init", "case", "--id", "c"]).succeeded();
    let thefts = ["one,2024-08-02,A", "two,2024-08-02,B", "three,2024-08-02,C"];
    let thefts = (1..)
        .zip(thefts)
        .map(|(number, theft)| format!("{theft},ethereum,0x{number:064x}\n"));
    let thefts = format!("id,date,victim,chain,tx\n{}", thefts.collect::<String>());
    let thefts = desk.file("thefts.csv", thefts);
    run(&desk, &[&["incident", "import", &thefts], AT].concat());
    let hot = address(0x99);
    let labels = format!(
        "address,chain,name,category,level\n{hot},ethereum,X <b>\u{20}=1,exchange,service_data\n"
    );
    let labels = desk.file("labels.csv", labels);
    run(&desk, &[&["label", "import", &labels], AT].concat());
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> Done {
    desk.run(&[arguments, &["--case", "case"]].concat())
}

fn link<'a>(list: &'a Value, a: &str, b: &str) -> &'a Value {
    let links = list["links"].as_array().unwrap();
    links
        .iter()
        .find(|link| link["a"] == a && link["b"] == b)
        .unwrap()
}

#[test]
fn what_two_thefts_share_is_told_and_what_many_share_links_nobody() {
    let desk = desk();
    let list = run(&desk, &["link", "--all", "--json"]).succeeded().json();
    assert_eq!(list["schema"], "whither.link/1");
    assert_eq!(list["links"].as_array().unwrap().len(), 3);
    let found = link(&list, "one", "two");
    assert_eq!(found["verdict"], "probable", "{found:#}");
    let row = &found["evidence"][0];
    assert_eq!(
        (&row["kind"], &row["base_rate"], &row["weight"]),
        (&"commingling".into(), &0.into(), &900.into())
    );
    assert_eq!(
        row["address"].as_str().unwrap().to_lowercase(),
        address(0x40)
    );
    assert_eq!(found["counter_evidence"][1]["kind"], "service");
    for (a, b) in [("one", "three"), ("three", "two")] {
        let other = link(&list, a, b);
        assert_eq!(
            (&other["verdict"], &other["strength"]),
            (&"none".into(), &0.into()),
            "{other:#}"
        );
        let kinds: Vec<&Value> = other["counter_evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["kind"])
            .collect();
        assert_eq!(kinds, ["popular", "service"]);
    }
    // The same, asked for by name and in another order.
    let named = run(&desk, &["link", "three", "two", "one", "--json"])
        .succeeded()
        .json();
    assert_eq!(named["links"], list["links"]);
}

#[test]
fn links_for_people_and_what_cannot_be_asked() {
    let desk = desk();
    let mut runs = vec![run(&desk, &["link", "--all", "--format", "table"]).succeeded()];
    runs.push(run(&desk, &["link", "--all", "--format", "csv"]).succeeded());
    for wrong in [
        &["link"][..],
        &["link", "one"],
        &["link", "one", "nobody"],
        &["link", "--all", "one"],
    ] {
        runs.push(run(&desk, wrong).failed());
    }
    runs.push(desk.run(&["link", "one", "two"]).failed());
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn saved_links_are_computed_anew_and_fall_with_their_claims() {
    let desk = desk();
    let save = [&["link", "--all", "--save", "links", "--json"], AT].concat();
    let saved = run(&desk, &save);
    assert_eq!(saved.stderr, "saved as links: `whither verify links`\n");
    let verified = run(&desk, &["verify", "links", "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&verified["checked"], &verified["matched"]),
        (&1.into(), &1.into())
    );
    // What holds the exchange for one is a claim, and without it the exchange is a place like any other.
    let labels = run(
        &desk,
        &[
            "label",
            "show",
            &address(0x99),
            "--chain",
            "ethereum",
            "--json",
        ],
    )
    .json();
    let claim = labels["addresses"][0]["names"][0]["claims"][0]["claim"].clone();
    let claim = claim.as_str().unwrap();
    let falls = run(
        &desk,
        &["evidence", "retract", claim, "--dry-run", "--json"],
    )
    .json();
    assert_eq!(falls["findings"][0]["finding"], "links", "{falls:#}");
    assert!(
        !falls["findings"][0]["changes"]
            .as_array()
            .unwrap()
            .is_empty(),
        "{falls:#}"
    );
}

/// Its transaction is not in the store: it is named with the reason, and the others are compared.
#[test]
fn an_incident_that_cannot_be_traced_is_left_out_of_all() {
    let desk = desk();
    let gone = format!(
        "id,date,victim,chain,tx\ngone,2024-08-02,D,ethereum,0x{:064x}\n",
        0xdead
    );
    let gone = desk.file("gone.csv", gone);
    run(&desk, &[&["incident", "import", &gone], AT].concat());
    let list = run(&desk, &["link", "--all", "--json"]).succeeded().json();
    assert_eq!(list["links"].as_array().unwrap().len(), 3);
    let [left_out] = &list["left_out"].as_array().unwrap()[..] else {
        panic!("{list:#}")
    };
    assert_eq!(left_out["incident"], "gone");
    assert!(
        left_out["why"].as_str().unwrap().contains("0x"),
        "{left_out}"
    );
    // Asked for by name it must be traced.
    run(&desk, &["link", "one", "gone"]).failed();
}

/// No trace ends at the exchange where none stops; that nothing links there rests on who says that it is one.
#[test]
fn links_rest_on_who_names_a_service_where_no_trace_stops() {
    let desk = desk();
    let all = &["link", "--all", "--stop", "none", "--json"];
    let list = run(&desk, all).succeeded().json();
    let told = link(&list, "one", "three");
    let kinds = told["counter_evidence"].as_array().unwrap().iter();
    assert!(kinds.map(|row| &row["kind"]).any(|kind| kind == "service"));
    assert_eq!(list["claims"].as_array().unwrap().len(), 1, "{list:#}");
}
