//! Labels by the command line: brought in, beside each other, retracted, written as a pack.

use serde_json::Value;

use crate::whither::{Desk, PAYER};

const ETH: &str = "0xBE0eB53F46cd790Cd13851d5EFf43D12404d33E8";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.run(&["init", "case", "--id", "c"]).succeeded();
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> crate::whither::Done {
    let mut all = arguments.to_vec();
    all.extend(["--case", "case"]);
    desk.run(&all)
}

fn import(desk: &Desk, day: &str, arguments: &[&str]) -> crate::whither::Done {
    let now = format!("{day}T00:00:00Z");
    let mut all = vec!["label", "import", "--author", "ana", "--now", &now];
    all.extend(arguments);
    run(desk, &all)
}

fn pack(label: &str, source: &str, confidence: &str) -> String {
    format!(
        "title: T\ncreator: C\ncurrency: ETH\ncategory: exchange\nlabel: {label}\nconfidence: {confidence}\nsource: {source}\n\
         tags:\n- address: '{ETH}'\n- address: nonsense\n"
    )
}

#[test]
fn a_pack_comes_in_once_and_what_was_refused_is_counted() {
    let desk = desk();
    let file = desk.file(
        "a.yaml",
        pack("Binance", "https://x.example/a", "service_data"),
    );
    let done = import(&desk, "2026-01-01", &[&file, "--json"]);
    assert_eq!(done.code, Some(1));
    let told: Value = done.json();
    assert_eq!(told["claims_new"], 1);
    assert_eq!(told["refused_by"]["address"], 1);
    assert_eq!(told["files"][0]["refused"][0]["line"], 10);
    assert_eq!(told["kinds"]["service"], 1);
    let again: Value = import(&desk, "2026-01-02", &[&file, "--json"]).json();
    assert_eq!(
        (&again["claims_new"], &again["claims_known"]),
        (&0.into(), &1.into())
    );
    let bomb = desk.file("b.yaml", "a: &a [x]\ntags:\n- address: *a\n");
    let done = import(&desk, "2026-01-02", &[&bomb]);
    assert_eq!(done.code, Some(2));
    assert!(
        done.stderr.contains("alias") && done.stderr.contains("hint:"),
        "{}",
        done.stderr
    );
}

#[test]
fn names_stand_side_by_side_and_copies_of_one_publication_count_once() {
    let desk = desk();
    for (day, name, label, source) in [
        ("2026-01-01", "a.yaml", "Binance", "https://x.example/list"),
        (
            "2026-01-02",
            "b.yaml",
            "binance",
            "http://www.x.example/list/",
        ),
        ("2026-01-03", "c.yaml", "Huobi", "https://y.example"),
    ] {
        let file = desk.file(name, pack(label, source, "forensic"));
        import(&desk, day, &[&file]);
    }
    let list = |more: &[&str]| -> Value {
        let mut arguments = vec!["label", "list", "--json"];
        arguments.extend(more);
        run(&desk, &arguments).json()
    };
    let all = list(&["--conflicts"]);
    let row = &all["addresses"][0];
    assert_eq!(
        (&all["claims"], &all["upstreams"], &row["conflict"]),
        (&3.into(), &2.into(), &true.into())
    );
    let names = row["names"].as_array().unwrap();
    let told: Vec<(&str, u64, usize)> = names
        .iter()
        .map(|name| {
            let claims = name["claims"].as_array().unwrap().len();
            (
                name["name"].as_str().unwrap(),
                name["upstreams"].as_u64().unwrap(),
                claims,
            )
        })
        .collect();
    assert_eq!(told, [("Binance", 1, 2), ("Huobi", 1, 1)]);
    // What was known on a day does not change with what comes after.
    let then = list(&["--as-of", "2026-01-02"]);
    assert_eq!(
        (&then["claims"], &then["addresses"][0]["conflict"]),
        (&2.into(), &false.into())
    );
    let arguments = [
        "label",
        "retract",
        "--of",
        "https://y.example",
        "--reason",
        "mistyped",
        "--author",
        "ana",
        "--now",
        "2026-01-04T00:00:00Z",
    ];
    run(&desk, &arguments).succeeded();
    assert_eq!(list(&[])["addresses"][0]["conflict"], false);
    let shown: Value = run(
        &desk,
        &["label", "show", ETH, "--chain", "ethereum", "--json"],
    )
    .json();
    let fell = shown["addresses"][0]["names"]
        .as_array()
        .unwrap()
        .iter()
        .find(|name| name["name"] == "Huobi");
    let fell = &fell.unwrap()["claims"][0];
    assert_eq!(fell["retracted_at"], "2026-01-04T00:00:00Z");
    assert_eq!(fell["known_since"], "2026-01-03T00:00:00Z");
}

#[test]
fn what_is_written_as_a_pack_is_known_when_it_comes_back() {
    let desk = desk();
    let file = desk.file(
        "a.yaml",
        pack("\"a: 'b' #\"", "https://x.example/a", "web_crawl"),
    );
    import(&desk, "2026-01-01", &[&file]);
    let written = run(&desk, &["label", "export"]);
    let file = desk.file("out.yaml", &written.stdout);
    let again: Value = import(&desk, "2026-01-02", &[&file, "--json"]).json();
    assert_eq!(
        (&again["claims_new"], &again["claims_known"]),
        (&0.into(), &1.into())
    );
}

#[test]
fn a_blacklist_needs_what_its_rows_do_not_say() {
    let desk = desk();
    let file = desk.file("list.csv", format!("address,date\n{PAYER},2021-05-01\n"));
    let done = import(&desk, "2026-01-01", &[&file, "--json"]);
    let told: Value = done.json();
    assert_eq!(
        (done.code, &told["refused_by"]["name"]),
        (Some(1), &1.into())
    );
    let done = import(
        &desk,
        "2026-01-01",
        &[
            &file,
            "--name",
            "frozen",
            "--category",
            "blacklist",
            "--json",
        ],
    );
    assert_eq!(done.code, Some(0));
    let list: Value = run(&desk, &["label", "list", "--at", "2021-04", "--json"]).json();
    assert_eq!(list["claims"], 0);
    let list: Value = run(&desk, &["label", "list", "--at", "2021-05", "--json"]).json();
    assert_eq!(list["claims"], 1);
}

/// What a pack brought and somebody took back stays out, until it is asked for.
#[test]
fn what_was_retracted_comes_back_only_if_that_is_asked_for() {
    let desk = desk();
    let text = format!(
        "title: poison\ncreator: C\ncurrency: ETH\nlabel: Victim\ntags:\n- address: '{ETH}'\n"
    );
    let file = desk.file("p.yaml", text);
    import(&desk, "2026-01-01", &[&file]).succeeded();
    let arguments = [
        "label",
        "retract",
        "--pack",
        "poison",
        "--reason",
        "poisoned",
        "--author",
        "ana",
        "--now",
        "2026-01-02T00:00:00Z",
    ];
    run(&desk, &arguments).succeeded();
    let told: Value = import(&desk, "2026-01-03", &[&file, "--json"]).json();
    assert_eq!(
        (&told["claims_new"], &told["claims_retracted"]),
        (&0.into(), &1.into())
    );
    assert_eq!(told["files"][0]["claims_retracted"], 1);
    let list: Value = run(&desk, &["label", "list", "--json"]).json();
    assert_eq!(list["claims"], 0);
    let told: Value = import(&desk, "2026-01-04", &[&file, "--again", "--json"]).json();
    assert_eq!(
        (&told["claims_new"], &told["claims_retracted"]),
        (&1.into(), &0.into())
    );
}

/// An ActorPack's title is not kept: what it brought is taken back by its creator.
#[test]
fn what_an_actorpack_brought_is_retracted_by_its_creator() {
    let desk = desk();
    let actors = "title: A\ncreator: mallory\nactors:\n- id: x\n  label: X\n- id: y\n  label: Y\n";
    let file = desk.file("actors.yaml", actors);
    import(&desk, "2026-01-01", &[&file]).succeeded();
    let retract = |flag: &str, word: &str, more: &[&str]| {
        let mut arguments = vec![
            "label",
            "retract",
            flag,
            word,
            "--reason",
            "poisoned",
            "--author",
            "ana",
            "--now",
            "2026-01-02T00:00:00Z",
        ];
        arguments.extend(more);
        run(&desk, &arguments)
    };
    let none = retract("--pack", "A", &[]).failed();
    assert!(none.stderr.contains("--of"), "{}", none.stderr);
    assert_eq!(
        retract("--of", "mallory", &["--json"]).json()["retracted"],
        2
    );
    let told: Value = import(&desk, "2026-01-03", &[&file, "--json"]).json();
    assert_eq!(
        (&told["claims_new"], &told["claims_retracted"]),
        (&0.into(), &2.into())
    );
}

/// Whoever looks at exchanges sees that somebody else calls one of them a thief.
#[test]
fn a_category_chooses_addresses_and_hides_no_claim_on_them() {
    let desk = desk();
    let address = format!("tags:\n- address: '{ETH}'\n");
    for (day, label, category) in [
        ("2026-01-01", "Binance", "exchange"),
        ("2026-01-02", "Thief", "hacker"),
    ] {
        let head = format!("title: {label}\ncreator: C\ncurrency: ETH\nlabel: {label}\n");
        let text = format!("{head}category: {category}\n{address}");
        let file = desk.file(&format!("{label}.yaml"), text);
        import(&desk, day, &[&file]).succeeded();
    }
    let list = |category: &str| -> Value {
        run(&desk, &["label", "list", "--category", category, "--json"]).json()
    };
    let exchanges = list("exchange");
    assert_eq!(
        (&exchanges["claims"], &exchanges["addresses"][0]["conflict"]),
        (&2.into(), &true.into())
    );
    assert_eq!(list("bridge")["claims"], 0);
}

/// What was claimed by hand has no level: a new case is told that it did not take it as a service, and takes it so if
/// that is asked for; the case itself knows it.
#[test]
fn a_service_by_hand_comes_back_as_one_or_it_is_said() {
    let desk = desk();
    for (kind, address, day) in [
        (
            "service",
            "0x0000000000000000000000000000000000000001",
            "2026-01-01",
        ),
        (
            "deposit",
            "0x0000000000000000000000000000000000000002",
            "2026-01-02",
        ),
    ] {
        let now = format!("{day}T00:00:00Z");
        let claim =
            format!(r#"{{"address":"ethereum:{address}","name":"N","category":"exchange"}}"#);
        let arguments = [
            "evidence", "add", kind, "-", "--author", "ana", "--now", &now, "--case", "case",
        ];
        desk.run_with_input(&arguments, &claim).succeeded();
    }
    let written = run(&desk, &["label", "export"]).succeeded();
    let file = desk.file("out.yaml", &written.stdout);
    let own: Value = import(&desk, "2026-01-03", &[&file, "--json"]).json();
    assert_eq!(
        (&own["claims_new"], &own["claims_known"]),
        (&0.into(), &2.into())
    );
    let import = |case: &str, more: &[&str]| -> Value {
        desk.run(&["init", case, "--id", case]).succeeded();
        let mut arguments = vec![
            "label",
            "import",
            &file,
            "--author",
            "ana",
            "--now",
            "2026-01-03T00:00:00Z",
            "--case",
            case,
            "--json",
        ];
        arguments.extend(more);
        desk.run(&arguments).json()
    };
    let plain = import("plain", &[]);
    assert_eq!(
        (&plain["kinds"]["label"], &plain["lowered"]),
        (&2.into(), &2.into())
    );
    let asked = import("asked", &["--kinds"]);
    assert_eq!(asked["kinds"]["service"], 1);
    assert_eq!(
        (&asked["kinds"]["deposit"], &asked["lowered"]),
        (&1.into(), &0.into())
    );
}
