//! The assessment of a case on disk: what it says, what is refused, what falls, and its shape.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use whither::assess::{Options, assess_incident, suggest};
use whither_casework::{
    Author, CaseId, Draft, Hash, Json, Kind, Salt, Says, Statement, Time, Writer,
};

/// A theft from an exchange, with five hypotheses and four items of evidence, of which one rests on a finding.
const CLAIMS: &[(&str, &str)] = &[
    (
        "incident",
        r#"{"incident":"exchange-2020","title":"Theft from an exchange","date":"2020-09-25",
        "vectors":["T1566.002","T1552.004","ADT3028.005","T1566.02"]}"#,
    ),
    (
        "hypothesis",
        r#"{"incident":"exchange-2020","hypothesis":"dprk-group","statement":"A group of the DPRK carried out the theft"}"#,
    ),
    (
        "hypothesis",
        r#"{"incident":"exchange-2020","hypothesis":"criminal","statement":"Criminals who act for no state carried out the theft"}"#,
    ),
    (
        "hypothesis",
        r#"{"incident":"exchange-2020","hypothesis":"insider","statement":"Somebody inside the victim carried out the theft"}"#,
    ),
    (
        "hypothesis",
        r#"{"incident":"exchange-2020","hypothesis":"unknown","statement":"Somebody of whom nobody thought carried out the theft"}"#,
    ),
    (
        "finding",
        r#"{"finding":"met-in-october","command":"link","parameters":{},"store":"sha256:0","case":"sha256:0",
        "head":{"case":"assessed","format":"whither.head/1","last":{}},"claims":[],"version":"0.1.0"}"#,
    ),
    (
        "evidence",
        r#"{"incident":"exchange-2020","evidence":"commingled","statement":"Its money met money of a theft that is attributed to the group",
        "type":"flow","finding":"met-in-october","confidence":"A1","likelihoods":{"dprk-group":["40","60"],"criminal":["0.5","1"],
        "insider":["0.5","1"],"unknown":["0.5","1"]}}"#,
    ),
    (
        "evidence",
        r#"{"incident":"exchange-2020","evidence":"peel-chain","statement":"Laundered in peel chains","type":"laundering",
        "technique":"ADT3028.005","source":"analytics-firm","confidence":"B2","likelihoods":{"dprk-group":["0.6","0.9"],
        "criminal":["0.1","0.3"],"insider":["0.05","0.2"],"unknown":["0.1","0.5"]}}"#,
    ),
    (
        "evidence",
        r#"{"incident":"exchange-2020","evidence":"newspaper","statement":"A newspaper reports the same","type":"laundering",
        "source":"newspaper","upstream":"analytics-firm","confidence":"C3","likelihoods":{"dprk-group":["0.6","0.9"],
        "criminal":["0.1","0.3"],"insider":["0.05","0.2"],"unknown":["0.1","0.5"]}}"#,
    ),
    (
        "assessment",
        r#"{"id":"a1","incident":"exchange-2020","hypothesis":"dprk-group","sentence":"Preliminary analysis, based on the
        attack vectors and subsequent efforts to launder the illicit proceeds strongly suggests links to the DPRK."}"#,
    ),
    (
        "assessment",
        r#"{"id":"a2","incident":"exchange-2020","hypothesis":"insider","sentence":"Very unlikely: Somebody inside the victim carried out the theft."}"#,
    ),
];

/// A case, and the entry of each claim.
struct Made {
    dir: TempDir,
    entries: Vec<Hash>,
}

impl Made {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let mut writer = Writer::create(
            dir.path(),
            &CaseId::new("assessed").unwrap(),
            "An assessed theft",
        )
        .unwrap();
        let mut entries = Vec::new();
        for (kind, text) in CLAIMS {
            let text = text.replace('\n', " ");
            let payload = Json::read(text.as_bytes()).unwrap();
            let statement = Statement::read(&Kind::new(kind).unwrap(), &payload).unwrap();
            entries.push(append(
                &mut writer,
                entries.len(),
                statement.says().unwrap(),
            ));
        }
        Self { dir, entries }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Retracts the claim of that place in the list.
    fn retract(&self, place: usize) {
        let mut writer = Writer::open(self.path()).unwrap();
        let says = Says::Retract {
            target: self.entries[place],
            reason: "a mistake".to_owned(),
        };
        append(&mut writer, 40 + place, says);
    }
}

fn append(writer: &mut Writer, number: usize, says: Says) -> Hash {
    let draft = Draft {
        author: Author::new("ana").unwrap(),
        time: Time::new(&format!("2026-01-01T00:00:{number:02}Z")).unwrap(),
        salt: Salt::new([u8::try_from(number).unwrap(); 32]),
        says,
    };
    writer.append(draft).unwrap().hash()
}

const FINDING: usize = 5;
const COMMINGLED: usize = 6;

#[test]
fn sentences_that_their_numbers_bear_may_stand() {
    let made = Made::new();
    let assessment =
        assess_incident(made.path(), "incident:exchange-2020", &Options::default()).unwrap();
    assert!(assessment.is_clean(), "{:#?}", assessment.sentences);
    let first = &assessment.assessed.hypotheses[0];
    assert_eq!(first.hypothesis, "dprk-group");
    assert_eq!(first.words.text(), "between very likely and almost certain");
    assert_eq!(
        assessment.assessed.groups.len(),
        2,
        "the newspaper has it from the firm"
    );
    assert_eq!(assessment.provenance.claims.len(), 9);
}

#[test]
fn what_rests_on_a_finding_falls_with_it_and_the_sentences_are_refused() {
    let made = Made::new();
    made.retract(FINDING);
    let assessment = assess_incident(made.path(), "exchange-2020", &Options::default()).unwrap();
    assert!(!assessment.is_clean());
    assert_eq!(assessment.assessed.fallen[0].evidence, "commingled");
    let [panel, insider] = assessment.sentences.as_slice() else {
        panic!("two were recorded");
    };
    assert!(!panel.checked.allowed && panel.rests_on_fallen == ["commingled"]);
    assert!(!insider.checked.allowed, "{insider:?}");
    // Once somebody takes the evidence back, the sentences are judged by what is left.
    made.retract(COMMINGLED);
    let assessment = assess_incident(made.path(), "exchange-2020", &Options::default()).unwrap();
    assert!(
        assessment
            .sentences
            .iter()
            .all(|row| row.rests_on_fallen.is_empty())
    );
    assert!(!assessment.is_clean());
}

#[test]
fn what_falls_without_an_item_is_shown() {
    let made = Made::new();
    let options = Options {
        without: vec!["commingled".to_owned()],
        ..Options::default()
    };
    let assessment = assess_incident(made.path(), "exchange-2020", &options).unwrap();
    let without = assessment.without.as_ref().unwrap();
    let falling: Vec<_> = without
        .falling
        .iter()
        .map(|row| row.claim.as_deref())
        .collect();
    assert_eq!(falling, [Some("a1"), Some("a2")]);
    assert!(
        without
            .hypotheses
            .iter()
            .any(|row| row.hypothesis == "dprk-group" && row.words_change)
    );
    // The case itself is as it was.
    assert!(assessment.is_clean());
}

#[test]
fn a_sentence_is_checked_before_it_is_recorded() {
    let made = Made::new();
    let check = |hypothesis: &str, sentence: &str| {
        let sentence = Some((hypothesis.to_owned(), sentence.to_owned()));
        let options = Options {
            sentence,
            ..Options::default()
        };
        assess_incident(made.path(), "exchange-2020", &options)
    };
    assert!(
        check("dprk-group", "It is likely that the DPRK did it.")
            .unwrap()
            .is_clean()
    );
    let refused = check("dprk-group", "It is almost certain that the DPRK did it.").unwrap();
    assert!(!refused.is_clean() && refused.sentences[2].claim.is_none());
    let error = check("nobody", "It is likely.").unwrap_err();
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("criminal, insider")),
        "{error:?}"
    );
}

#[test]
fn what_cannot_be_assessed_says_why() {
    let made = Made::new();
    let error = assess_incident(made.path(), "nowhere", &Options::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no claim of this case is about an incident \"nowhere\"")
    );
    let without = vec!["x".to_owned()];
    let error = assess_incident(
        made.path(),
        "exchange-2020",
        &Options {
            without,
            ..Options::default()
        },
    )
    .unwrap_err();
    assert_eq!(
        error.hint(),
        Some("it is commingled, newspaper, peel-chain")
    );
    for place in 1..=3 {
        made.retract(place);
    }
    let error = assess_incident(made.path(), "exchange-2020", &Options::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("1 of incident exchange-2020 is stated"),
        "{error}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("--suggest")));
}

#[test]
fn what_is_offered_is_what_a_case_takes() {
    let made = Made::new();
    let suggestion = suggest(made.path(), "exchange-2020").unwrap();
    assert_eq!(
        suggestion
            .hypotheses
            .iter()
            .filter(|row| row.stated)
            .count(),
        4
    );
    assert_eq!(suggestion.unknown.len(), 1);
    let read = |kind: &str, claim: Value| {
        let payload = Json::read(claim.to_string().as_bytes()).unwrap();
        Statement::read(&Kind::new(kind).unwrap(), &payload)
            .unwrap()
            .says()
            .unwrap();
    };
    for offered in &suggestion.hypotheses {
        read("hypothesis", serde_json::to_value(&offered.claim).unwrap());
    }
    let evidence: Vec<_> = suggestion
        .techniques
        .iter()
        .filter_map(|row| row.claim.as_ref())
        .collect();
    assert_eq!(evidence.len(), 2, "AADAPT lists no groups");
    for claim in evidence {
        read("evidence", serde_json::to_value(claim).unwrap());
    }
}

/// Every field stands on the page of shapes.
#[test]
fn the_page_of_shapes_names_every_field() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/json.md");
    let page = std::fs::read_to_string(page).unwrap();
    let made = Made::new();
    made.retract(FINDING);
    let without = vec!["peel-chain".to_owned()];
    let options = Options {
        without,
        ..Options::default()
    };
    let assessment = assess_incident(made.path(), "exchange-2020", &options).unwrap();
    let mut names = BTreeSet::new();
    for document in [
        serde_json::to_value(&assessment).unwrap(),
        serde_json::to_value(suggest(made.path(), "exchange-2020").unwrap()).unwrap(),
    ] {
        collect(&document, &mut names);
    }
    let by_hypothesis = [
        "`dprk-group`",
        "`criminal`",
        "`insider`",
        "`unknown`",
        "`other-state`",
    ];
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !by_hypothesis.contains(&name.as_str()) && !page.contains(name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/reference/json.md does not mention {missing:?}"
    );
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(format!("`{name}`"));
                if let ("schema", Value::String(shape)) = (name.as_str(), value) {
                    names.insert(format!("## {shape}\n"));
                }
                collect(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
