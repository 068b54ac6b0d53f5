//! Persons, organisations and paths, as they are shown.

use std::path::Path;

use whither::question::{Chains, Opened};
use whither::show::{Shown, show, show_paths};
use whither::{Case, Chain, Error};
use whither_casework::{Author, CaseId, Draft, Json, Kind, Salt, Says, Time, Writer};
use whither_ledger::memory::TableRow;

/// No chain at all: what is shown here, the case tells.
struct Nothing;

impl Chains for Nothing {
    fn chains(&self) -> Vec<Chain> {
        Vec::new()
    }

    fn open(&self, chain: &Chain, _: &[TableRow]) -> Result<Opened, Error> {
        Err(Error::new(format!("no {chain}")))
    }
}

const ADDRESS: &str = "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96";

/// Two people's claims on a trader whose address leads to a listed bureau; one name means harm.
const CLAIMS: &[(&str, &str, &str)] = &[
    (
        "ana",
        "entity",
        r#"{"id":"t1","entity":"trader","type":"person","names":["Kim \u001b[31mred"],"born":"1980","identifiers":[{"type":"passport","number":"745","issuer":"KP"}],"confidence":"C3"}"#,
    ),
    (
        "bob",
        "entity",
        r#"{"id":"t2","entity":"trader","type":"person","names":["<script>alert(1)</script>","Kim"],"born":"1981-05","confidence":"B2"}"#,
    ),
    (
        "ana",
        "entity",
        r#"{"id":"f1","entity":"front","type":"organisation","names":["Green Pine Trading"]}"#,
    ),
    (
        "ana",
        "relation",
        r#"{"id":"r1","from":"entity:trader","relation":"controls","to":"eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96","confidence":"A2","handling":"TLP:GREEN"}"#,
    ),
    (
        "ana",
        "relation",
        r#"{"id":"r2","from":"entity:trader","relation":"acts-for","to":"entity:front","confidence":"C3"}"#,
    ),
    (
        "bob",
        "relation",
        r#"{"id":"r3","from":"entity:trader","relation":"owns","to":"entity:front","share":"51","confidence":"D4"}"#,
    ),
    (
        "ana",
        "relation",
        r#"{"id":"r4","from":"entity:front","relation":"member-of","to":"list:un-1718/KPe.031","confidence":"A1","handling":"TLP:CLEAR"}"#,
    ),
];

fn case(dir: &Path) -> Case {
    let mut writer = Writer::create(dir, &CaseId::new("related").unwrap(), "").unwrap();
    for (number, (author, kind, payload)) in CLAIMS.iter().enumerate() {
        let draft = Draft {
            author: Author::new(author).unwrap(),
            time: Time::new(&format!("2026-01-01T00:00:{number:02}Z")).unwrap(),
            salt: Salt::new([u8::try_from(number).unwrap(); 32]),
            says: Says::Claim {
                kind: Kind::new(kind).unwrap(),
                payload: Json::read(payload.as_bytes()).unwrap(),
            },
        };
        writer.append(draft).unwrap();
    }
    Case::of(writer.ledger()).unwrap()
}

fn json(shown: &Shown) -> serde_json::Value {
    serde_json::to_value(shown).unwrap()
}

#[test]
fn an_entity_is_shown_with_names_conflicts_relations_and_its_way_to_a_list() {
    let dir = tempfile::tempdir().unwrap();
    let case = case(dir.path());
    let page = json(&show(&Nothing, Some(&case), Some("entity:trader"), None).unwrap());
    assert_eq!(
        (&page["kind"], &page["type"], &page["born"]),
        (&"entity".into(), &"person".into(), &"1981-05".into())
    );
    // The claim of most weight names it first; nobody's name is lost, and none is made harmless here: output does.
    let names: Vec<&str> = page["names"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["<script>alert(1)</script>", "Kim", "Kim \u{1b}[31mred"]
    );
    let conflict = &page["disagreements"][0];
    assert_eq!(conflict["field"], "born");
    assert_eq!(conflict["values"][0]["claims"][0]["claim"], "t2");
    assert_eq!(conflict["values"][1]["value"], "1980");
    assert_eq!(page["identifiers"][0]["number"], "745");
    let relations: Vec<&str> = page["relations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["relation"].as_str().unwrap())
        .collect();
    assert_eq!(
        relations,
        ["acts-for", "owns", "controls"],
        "by end, the stronger first"
    );
    assert_eq!(page["relations"][1]["share"], "51");
    let path = &page["listed"]["paths"][0];
    assert_eq!(path["ends"][1]["name"], "Green Pine Trading");
    assert_eq!(
        (&path["weakest_step"], &path["weakest"]["claim"]),
        (&0.into(), &"r2".into())
    );
    assert_eq!(page["listed"]["cut"], false);
    let unknown = show(&Nothing, Some(&case), Some("entity:nobody"), None).unwrap_err();
    assert!(unknown.to_string().contains("nobody"), "{unknown}");
}

#[test]
fn an_address_that_the_data_lacks_is_shown_by_its_relations() {
    let dir = tempfile::tempdir().unwrap();
    let case = case(dir.path());
    let page = json(&show(&Nothing, Some(&case), Some(ADDRESS), None).unwrap());
    assert_eq!(
        (&page["kind"], &page["postings"]),
        (&"address".into(), &0.into())
    );
    assert_eq!(page["relations"][0]["from"], "entity:trader");
    assert_eq!(
        page["listed"]["paths"][0]["ends"].as_array().unwrap().len(),
        4
    );
    let other = "eip155:1:0x0000000000000000000000000000000000000001";
    assert!(show(&Nothing, Some(&case), Some(other), None).is_err());
}

#[test]
fn all_paths_between_two_ends_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let case = case(dir.path());
    let found = |from: &str, to: &str| show_paths(Some(&case), from, to, None);
    let page = json(
        &found("0x098B716B8Aaf21512996dC57EB0615e2383E2f96", "entity:front")
            .unwrap_or_else(|_| found(ADDRESS, "entity:front").unwrap()),
    );
    assert_eq!(
        (&page["kind"], &page["to"]["name"]),
        (&"paths".into(), &"Green Pine Trading".into())
    );
    assert_eq!(
        page["paths"][0]["steps"][1].as_array().unwrap().len(),
        2,
        "both relations of one step"
    );
    assert_eq!(
        json(&found("entity:nobody", ADDRESS).unwrap())["paths"],
        serde_json::json!([])
    );
    assert!(found("hello", ADDRESS).unwrap_err().hint().is_some());
    assert!(show_paths(None, ADDRESS, "entity:front", None).is_err());
}
