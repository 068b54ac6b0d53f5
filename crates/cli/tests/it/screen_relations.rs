//! Whom relations and labels of a case lead to, what hides it, and what is decided about it.

use serde_json::Value;

use crate::screen::with_lists;
use crate::whither::{Desk, Done};

const WALLET: &str = "0x0000000000000000000000000000000000000abc";
const LISTED: &str = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";
const BUREAU: &str = "list:ofac-sdn/12210";

/// Lists, and a case of these claims, each kind by itself.
fn with_claims(claims: &[(&str, &str)]) -> (Desk, String) {
    let desk = with_lists();
    let case = desk.path().join("case").display().to_string();
    desk.run(&["init", &case]).succeeded();
    for &(kind, claims) in claims {
        let file = desk.file(&format!("{kind}.json"), claims);
        desk.run(&["evidence", "add", kind, &file, "--case", &case])
            .succeeded();
    }
    (desk, case)
}

fn ask(desk: &Desk, case: &str, more: &[&str]) -> Done {
    desk.run(&[&["screen", "--case", case], more].concat())
}

/// Whom the first question is led to.
fn through(done: &Done) -> Vec<Value> {
    let through = done.json()["queries"][0]["through"].clone();
    through.as_array().cloned().unwrap_or_default()
}

fn ends(through: &[Value]) -> Vec<&str> {
    let ends = through.iter().map(|one| one["end"].as_str().unwrap());
    ends.collect()
}

/// The last ends of a path: all behind the one it begins with.
fn passed(through: &Value) -> Vec<&str> {
    let ends = through["paths"][0]["ends"].as_array().unwrap().iter();
    ends.skip(1)
        .map(|end| end["end"].as_str().unwrap())
        .collect()
}

#[test]
fn a_label_that_names_the_entity_of_an_address_is_a_step_with_its_claim() {
    for kind in ["label", "service", "deposit"] {
        let tie = format!(
            r#"{{"id":"tag","address":"eip155:1:{WALLET}","name":"a wallet","category":"exchange","entity":"trader","confidence":"D4"}}"#
        );
        let relations = format!(
            r#"{{"from":"entity:trader","relation":"works-for","to":"entity:front","confidence":"B2"}}
            {{"from":"{BUREAU}","relation":"owns","to":"entity:front","confidence":"B2"}}"#
        );
        let (desk, case) = with_claims(&[(kind, tie.as_str()), ("relation", relations.as_str())]);
        let wanted = ["entity:trader", "entity:front", BUREAU];
        let one = ask(&desk, &case, &[WALLET]);
        assert_eq!(one.code, Some(1), "{kind}: {}", one.stdout);
        let led = through(&one);
        assert_eq!(ends(&led), [BUREAU], "{kind}");
        assert_eq!(passed(&led[0]), wanted, "{kind}");
        let path = &led[0]["paths"][0];
        assert_eq!(path["weakest"]["claim"], "tag", "{kind}: {path}");
        assert_eq!(path["steps"][0][0]["claims"][0]["claim"], "tag", "{kind}");

        let file = desk.file("rows.csv", format!("address\n{WALLET}\n"));
        let rows = ask(&desk, &case, &["--rows", &file]);
        assert_eq!(rows.code, Some(1), "{kind}: {}", rows.stderr);
        let row: Value = serde_json::from_str(&rows.stdout).unwrap();
        assert_eq!(passed(&row["through"][0]), wanted, "{kind}");

        let whole = ask(&desk, &case, &[]).json();
        let rows = whole["subjects"].as_array().unwrap().iter();
        let mut accounts = rows.filter(|row| row["subject"].as_str().unwrap().starts_with("eip"));
        let account = accounts.next().expect("the address is led to the list");
        assert_eq!(passed(&account["through"][0]), wanted, "{kind}");
    }
}

#[test]
fn somebody_is_led_to_a_listed_address_that_a_label_says_is_his() {
    let tie = format!(
        r#"{{"id":"tag","address":"eip155:1:{LISTED}","name":"a thief","category":"theft","entity":"desk"}}"#
    );
    let relation = r#"{"from":"entity:trader","relation":"works-for","to":"entity:desk"}"#;
    let (desk, case) = with_claims(&[("label", tie.as_str()), ("relation", relation)]);
    for asked in ["entity:desk", "trader"] {
        let one = ask(&desk, &case, &[asked]);
        assert_eq!(one.code, Some(1), "{asked}: {}", one.stdout);
        let led = through(&one);
        assert!(ends(&led)[0].eq_ignore_ascii_case(&format!("eip155:1:{LISTED}")));
        assert_eq!(led[0]["hit"]["entry"], "27307", "{asked}");
    }
}

#[test]
fn a_name_that_is_alike_hides_no_path_to_one_who_is_listed() {
    for (name, wanted) in [
        // Another spelling: the path goes on behind it, to the bureau.
        ("Kim Chul Sam", &[BUREAU, "entity:middle"][..]),
        // The listed name itself: the path ends there.
        ("Kim Chol Sam", &["entity:middle"][..]),
    ] {
        let entities = format!(
            r#"{{"entity":"trader","type":"person","names":["Somebody Unlikely"]}}
            {{"entity":"middle","type":"person","names":["{name}"]}}"#
        );
        let relations = format!(
            r#"{{"from":"entity:trader","relation":"works-for","to":"entity:middle"}}
            {{"from":"entity:middle","relation":"acts-for","to":"{BUREAU}"}}"#
        );
        let (desk, case) = with_claims(&[
            ("entity", entities.as_str()),
            ("relation", relations.as_str()),
        ]);
        let led = through(&ask(&desk, &case, &["Somebody Unlikely"]));
        assert_eq!(ends(&led), wanted, "{name}");
        let whole = ask(&desk, &case, &[]).json();
        let rows = whole["subjects"].as_array().unwrap();
        let row = |subject: &str| rows.iter().find(|row| row["subject"] == subject).unwrap();
        let led = row("entity:trader")["through"].as_array().unwrap().clone();
        assert_eq!(ends(&led), wanted, "{name}");
        // The hit of the name is told where it is.
        let own = row("entity:middle")["hits"].as_array().unwrap();
        assert!(!own.is_empty(), "{name}");
    }
}

/// A trader who acts for a listed bureau.
fn trader(end: &str) -> (Desk, String) {
    let relation = format!(
        r#"{{"from":"entity:trader","relation":"acts-for","to":"{end}","confidence":"B2"}}"#
    );
    with_claims(&[
        (
            "entity",
            r#"{"entity":"trader","type":"person","names":["Wang Trader"]}"#,
        ),
        ("relation", relation.as_str()),
    ])
}

#[test]
fn whom_relations_lead_to_is_decided_about_and_remembered() {
    let (desk, case) = trader(BUREAU);
    assert_eq!(ask(&desk, &case, &["Wang Trader"]).code, Some(1));
    assert_eq!(ask(&desk, &case, &[]).code, Some(1));
    let decide = |word: &str, entry: &str, now: &str| {
        let said = ["--decide", word, "--entry", entry, "--why", "not"];
        let who = ["Wang Trader", "--author", "anna", "--now", now];
        ask(&desk, &case, &[&said[..], &who].concat())
    };
    decide("false", "ofac-sdn/27307", "2024-01-01T00:00:00Z").failed();
    decide("false", "ofac-sdn/12210", "2024-01-02T00:00:00Z").succeeded();
    let one = ask(&desk, &case, &["wang  trader"]);
    assert_eq!(one.code, Some(0), "{}", one.stdout);
    let hit = &through(&one)[0]["hit"];
    assert_eq!(
        (&hit["decision"]["decision"], &hit["asks"]),
        (&"false".into(), &false.into())
    );
    assert_eq!(ask(&desk, &case, &[]).code, Some(0), "the case remembers");
    let file = desk.file("rows.csv", "name,born\nWang Trader,\n");
    let rows = ask(&desk, &case, &["--rows", &file]);
    assert_eq!(rows.code, Some(0), "{}", rows.stdout);
    let counts = "1 rows, 1 with a hit, 1 of them decided to be somebody else";
    assert!(rows.stderr.contains(counts), "{}", rows.stderr);
    // It was not decided of one with a date of birth.
    let file = desk.file("rows.csv", "name,born\nWang Trader,1970\n");
    assert_eq!(ask(&desk, &case, &["--rows", &file]).code, Some(1));
    decide("true", BUREAU, "2024-01-03T00:00:00Z").succeeded();
    assert_eq!(ask(&desk, &case, &["Wang Trader"]).code, Some(1));
}

#[test]
fn an_entry_that_no_version_holds_is_a_caveat_and_no_hit() {
    let (desk, case) = trader("list:un/KPe.999");
    let said = "list:un/KPe.999: the entry is not in the list's version of 2024-05-15";
    let one = ask(&desk, &case, &["Wang Trader"]);
    assert_eq!(one.code, Some(0), "{}", one.stdout);
    assert_eq!(through(&one)[0]["hit"], Value::Null);
    let json = one.json();
    for caveats in [&json["caveats"], &json["queries"][0]["caveats"]] {
        assert!(caveats.to_string().contains(said), "{json}");
    }
    assert!(one.stderr.contains(said), "{}", one.stderr);
    let whole = ask(&desk, &case, &[]);
    assert_eq!(whole.code, Some(0), "{}", whole.stdout);
    assert!(whole.json()["caveats"].to_string().contains(said));
    let file = desk.file("rows.csv", "name\nWang Trader\n");
    let rows = ask(&desk, &case, &["--rows", &file]);
    assert_eq!(rows.code, Some(0), "{}", rows.stdout);
    assert!(rows.stdout.contains(said), "{}", rows.stdout);
    assert!(
        rows.stderr.contains("1 rows, 0 with a hit\n"),
        "{}",
        rows.stderr
    );
}
