//! Who is who by the command line: customers of a service, and whom an address's money touched.

use serde_json::Value;

use crate::whither::{Desk, path};

const CUSTOMER: &str = "0x1111111111111111111111111111111111111111";
const DEPOSIT: &str = "0x2222222222222222222222222222222222222222";
const OTHER: &str = "0x4444444444444444444444444444444444444444";
const HOT: &str = "0x9999999999999999999999999999999999999999";

fn row(number: u32, from: &str, to: &str, usd: &str) -> String {
    let hash = format!("0x{number:064x}");
    format!(
        "2024-08-02 00:{number:02}:00,{},{hash},{from},,{to},,{usd}\n",
        100 + number
    )
}

/// A table in which one customer and another pay into one deposit address, which the service sweeps.
fn desk() -> Desk {
    let desk = Desk::new();
    let rows = [
        row(1, CUSTOMER, DEPOSIT, "30"),
        row(2, OTHER, DEPOSIT, "20"),
        row(3, DEPOSIT, HOT, "50"),
    ];
    let header = "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD\n";
    let table = desk.file("t.csv", format!("{header}{}", rows.concat()));
    desk.run(&["ingest", &table, "--mapping", "mftracer"]);
    desk.run(&["init", "case", "--id", "c"]).succeeded();
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> crate::whither::Done {
    let mut all = arguments.to_vec();
    all.extend(["--case", "case", "--chain", "ethereum"]);
    desk.run(&all)
}

fn name_hot(desk: &Desk) {
    let file = desk.file(
        "hot.csv",
        format!("address,name,category,level\n{HOT},X,exchange,service_data\n"),
    );
    run(
        desk,
        &[
            "label",
            "import",
            &file,
            "--author",
            "ana",
            "--now",
            "2026-01-01T00:00:00Z",
        ],
    );
}

#[test]
fn customers_are_found_by_their_deposit_address_and_why_is_told() {
    let desk = desk();
    let before: Value = run(&desk, &["cluster", "--json"]).json();
    assert_eq!(
        before["clusters"].as_array().unwrap().len(),
        0,
        "nobody says who is a service"
    );
    name_hot(&desk);
    let found: Value = run(&desk, &["cluster", CUSTOMER, "--json"]).json();
    let cluster = &found["clusters"][0];
    assert_eq!(
        (
            &cluster["size"],
            &cluster["rules"]["deposit-reuse"],
            &found["examined"]["deposit"]
        ),
        (&3.into(), &1.into(), &1.into())
    );
    // Nothing is left behind; the oldest payment was two blocks before: 1 - (2 / 3200) / 2, rounded down.
    assert_eq!(cluster["confidence"], "0.999687");
    let sweep = &cluster["deposits"][0]["sweeps"][0];
    assert_eq!(sweep["receipts"].as_array().unwrap().len(), 2);
    let why: Value = run(&desk, &["cluster", "--explain", CUSTOMER, OTHER, "--json"]).json();
    let path = why["path"].as_array().unwrap();
    assert_eq!((&why["connected"], path.len()), (&true.into(), 2));
    assert_eq!(path[0]["rule"], "deposit-reuse");
    let refused = run(&desk, &["cluster", "--change", "type"]).failed();
    assert!(
        refused.stderr.contains("are of chains of outputs"),
        "{}",
        refused.stderr
    );
}

/// A struck sweep proves nothing: two who were one customer's are two again, and what falls is told.
#[test]
fn a_struck_sweep_or_payment_joins_no_customers() {
    let desk = desk();
    name_hot(&desk);
    let strike = |number: u32| -> (Value, Value) {
        let struck = format!("0x{number:064x}");
        let why = [
            "cluster",
            "--explain",
            CUSTOMER,
            OTHER,
            "--strike",
            &struck,
            "--json",
        ];
        let list = ["cluster", CUSTOMER, "--strike", &struck, "--json"];
        (run(&desk, &why).json(), run(&desk, &list).json())
    };
    // The sweep: nothing is left.
    let (why, list) = strike(3);
    assert_eq!(why["connected"], false);
    assert_eq!(list["clusters"].as_array().unwrap().len(), 0);
    assert_eq!(list["examined"]["struck"], 1);
    // The customer's own payment: the other one's cluster is what is left, and is told as parted.
    let (why, list) = strike(1);
    assert_eq!(why["connected"], false);
    assert_eq!(list["clusters"].as_array().unwrap().len(), 0);
    let parted = &list["parted"][0]["addresses"];
    assert!(parted.as_array().unwrap().contains(&OTHER.into()), "{list}");
}

/// Without a claim, what looks like a service is one where that is asked; it is said by what shape.
#[test]
fn services_by_shape_have_customers_too() {
    let desk = Desk::new();
    let mut rows = String::new();
    for customer in 0..6_u32 {
        let (from, to) = (
            format!("0x{:040x}", 0x1000 + customer),
            format!("0x{:040x}", 0x2000 + customer),
        );
        rows.push_str(&row(2 * customer + 1, &from, &to, "30"));
        rows.push_str(&row(2 * customer + 2, &to, HOT, "30"));
    }
    let header = "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD\n";
    let table = desk.file("t.csv", format!("{header}{rows}"));
    desk.run(&["ingest", &table, "--mapping", "mftracer"])
        .succeeded();
    let none = desk.run(&["cluster", "--json"]).failed();
    assert!(none.stderr.contains("--shape N"), "{}", none.stderr);
    let found: Value = desk.run(&["cluster", "--shape", "10", "--json"]).json();
    assert_eq!(found["clusters"].as_array().unwrap().len(), 6, "{found}");
    let deposit = &found["clusters"][0]["deposits"][0];
    assert_eq!(deposit["shape"], "shape:10:fan-in");
    assert_eq!(
        (&deposit["claim"], &found["provenance"]["shape"]),
        (&Value::Null, &10.into())
    );
}

/// A wallet that was another's before: the trace does not stop there by a claim of another time, and says so.
#[test]
fn a_claim_of_another_time_stops_no_trace_and_a_caveat_says_so() {
    let desk = desk();
    let claim = |from: &str| {
        let table = format!(
            "address,name,category,level,valid_from\n{HOT},X,exchange,service_data,{from}\n"
        );
        let file = desk.file("hot.csv", table);
        let import = [
            "label",
            "import",
            &file,
            "--author",
            "ana",
            "--now",
            "2026-01-01T00:00:00Z",
        ];
        run(&desk, &import).succeeded();
    };
    let trace =
        || -> Value { run(&desk, &["trace", CUSTOMER, "--policy", "fifo", "--json"]).json() };
    claim("2024-08-03");
    let late = trace();
    let kinds = |trace: &Value| -> Vec<String> {
        let ends = trace["endpoints"].as_array().unwrap().iter();
        ends.map(|end| end["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(!kinds(&late).contains(&"service".to_owned()), "{late}");
    let caveats = late["caveats"].as_array().unwrap().iter();
    let mut caveats = caveats.filter(|caveat| caveat["kind"] == "claim-not-in-force");
    let caveat = caveats.next().expect("it is said");
    assert!(
        caveat["what"].as_str().unwrap().contains("from 2024-08-03"),
        "{caveat}"
    );
    claim("2024-08-02");
    assert!(
        kinds(&trace()).contains(&"service".to_owned()),
        "the day itself is in force"
    );
}

#[test]
fn exposure_ends_at_the_nearest_name_and_adds_up() {
    let desk = desk();
    name_hot(&desk);
    let found: Value = run(&desk, &["exposure", CUSTOMER, "--json"]).json();
    let exposure = &found["exposures"][0];
    let outgoing = &exposure["sides"][1];
    assert_eq!(outgoing["policies"].as_array().unwrap().len(), 4);
    let asset = &outgoing["assets"][0];
    assert_eq!(asset["totals"][0], "3000");
    let party = &asset["parties"][0];
    assert_eq!(
        (&party["name"], &party["category"]),
        (&"X".into(), &"exchange".into())
    );
    assert_eq!(
        (&party["direct"][1], &party["indirect"][1]),
        (&"0".into(), &"3000".into())
    );
    let whole: Value = run(&desk, &["exposure", DEPOSIT, "--json"]).json();
    let party = &whole["exposures"][0]["sides"][1]["assets"][0]["parties"][0];
    assert_eq!(
        (&party["direct"][0], &party["indirect"][0]),
        (&"5000".into(), &"0".into())
    );
    let nobody = desk.run(&["exposure", CUSTOMER, "--chain", "ethereum"]);
    assert!(
        nobody
            .stderr
            .contains("no case is open, and no sanctions list is there"),
        "{}",
        nobody.stderr
    );
    let none = run(&desk, &["exposure", CUSTOMER, "--stop", "none"]).failed();
    assert!(
        none.stderr.contains("exposure ends at names"),
        "{}",
        none.stderr
    );
}

/// On the real table: what the first address sent on directly to others of its group.
#[test]
fn exposure_of_the_thief_of_the_ronin_bridge() {
    let desk = Desk::with_ronin();
    let case = path("examples/ronin-2022");
    let thief = "ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96";
    let done = desk.run(&["exposure", thief, "--case", &case, "--format", "csv"]);
    let lines: Vec<&str> = done.stdout.lines().collect();
    let lazarus = lines
        .iter()
        .find(|line| line.contains(",party,LAZARUS GROUP,sanctioned,"));
    assert!(
        lazarus.unwrap().contains("outgoing")
            && lazarus.unwrap().contains(",144835998350000000000000,"),
        "{lazarus:?}"
    );
    let table = desk.run(&["exposure", thief, "--case", &case, "--format", "table"]);
    assert!(
        table.stdout.contains("outgoing: 182,161.95614 ETH"),
        "{}",
        table.stdout
    );
}

#[test]
fn a_listed_address_two_hops_away_is_told_with_its_share() {
    let desk = desk();
    name_hot(&desk);
    let list = desk.file(
        "wallets.csv",
        format!("id,name,address\n7,A LISTED DESK,{HOT}\n"),
    );
    desk.run(&["lists", "import", &list, "--date", "2024-08-01"])
        .succeeded();
    let unasked: Value = run(&desk, &["exposure", CUSTOMER, "--json"]).json();
    let of = |found: &Value| found["exposures"][0]["sides"][1]["assets"][0]["parties"][0].clone();
    assert_eq!(of(&unasked)["category"], "exchange");
    let found: Value = run(&desk, &["exposure", CUSTOMER, "--lists", "--json"]).json();
    let row = of(&found);
    assert_eq!(
        (&row["category"], &row["name"], &row["hops"]),
        (&"sanctions".into(), &"A LISTED DESK".into(), &2.into())
    );
    assert_eq!(row["claims"], serde_json::json!(["wallets/7"]));
    assert_eq!(row["share"], serde_json::json!(["100.00", "100.00"]));
    // Where no case is open lists alone name addresses.
    let alone = desk.run(&["exposure", CUSTOMER, "--chain", "ethereum", "--json"]);
    assert!(alone.stderr.contains("no case is open"), "{}", alone.stderr);
    let alone: Value = alone.json();
    assert_eq!((&of(&alone), &alone["case"]), (&row, &Value::Null));
    let table = run(
        &desk,
        &["exposure", CUSTOMER, "--lists", "--format", "table"],
    )
    .succeeded();
    assert!(table.stdout.contains("100.00 %"), "{}", table.stdout);
}
