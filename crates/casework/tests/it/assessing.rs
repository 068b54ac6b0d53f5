//! The assessment over a real log: claims folded, findings that fall, sentences that were recorded.

use whither_casework::assessment::{Asked, Assessed, asked, assess, check_sentence_about};
use whither_casework::{Case, Entry, Hash, Json, Kind, Says, Statement, Writer};

use crate::support::{self, draft};

/// A case that is being told.
struct Told {
    dir: tempfile::TempDir,
    writer: Option<Writer>,
    number: usize,
}

impl Told {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let writer = Writer::create(dir.path(), &support::id(), "Test").unwrap();
        Self {
            dir,
            writer: Some(writer),
            number: 0,
        }
    }

    fn append(&mut self, says: Says) -> Entry {
        self.number += 1;
        let second = u32::try_from(self.number).unwrap();
        let draft = draft("ana", second, self.number, says);
        self.writer.as_mut().unwrap().append(draft).unwrap()
    }

    /// Writes a claim of an incident, as JSON without the incident.
    fn say(&mut self, kind: &str, fields: &str) -> Entry {
        let says = statement(kind, &format!(r#"{{"incident":"theft",{fields}}}"#));
        self.append(says)
    }

    fn hypotheses(&mut self) {
        self.say(
            "hypothesis",
            r#""hypothesis":"dprk-group","statement":"A group of the DPRK carried out the theft""#,
        );
        self.say(
            "hypothesis",
            r#""hypothesis":"criminal","statement":"Criminals carried out the theft""#,
        );
        self.say(
            "hypothesis",
            r#""hypothesis":"unknown","statement":"Somebody else carried out the theft""#,
        );
    }

    /// A finding that was computed from these claims.
    fn finding(&mut self, name: &str, claims: &[Hash]) -> Entry {
        let claims: Vec<String> = claims.iter().map(|hash| format!("\"{hash}\"")).collect();
        let head = r#"{"case":"test-case","format":"whither.head/1","last":{}}"#;
        let says = statement(
            "finding",
            &format!(
                r#"{{"finding":"{name}","command":"link","parameters":{{}},"store":"sha256:0","case":"sha256:0",
                    "head":{head},"claims":[{}],"version":"0.1.0"}}"#,
                claims.join(",")
            ),
        );
        self.append(says)
    }

    fn asked(&mut self) -> Asked {
        // Reading needs no lock, but the writer's is let go of for good measure.
        self.writer = None;
        let asked = asked(&Case::open(self.dir.path()).unwrap(), "theft").unwrap();
        self.writer = Some(Writer::open(self.dir.path()).unwrap());
        asked
    }

    fn assessed(&mut self) -> Assessed {
        assess(&self.asked().question).unwrap()
    }
}

fn statement(kind: &str, text: &str) -> Says {
    let payload = Json::read(text.as_bytes()).unwrap();
    Statement::read(&Kind::new(kind).unwrap(), &payload)
        .unwrap()
        .says()
        .unwrap()
}

const COMMINGLED: &str = r#""evidence":"commingled","statement":"Money of both thefts met","type":"flow",
    "finding":"link-1","confidence":"A1","likelihoods":{"dprk-group":["40","60"],"criminal":["0.5","1"]}"#;

#[test]
fn evidence_falls_with_the_finding_that_it_rests_on() {
    let mut told = Told::new();
    told.hypotheses();
    let label = told.append(statement(
        "label",
        r#"{"address":"bitcoin:x","name":"One","category":"exchange"}"#,
    ));
    let finding = told.finding("link-1", &[label.hash()]);
    told.say("evidence", COMMINGLED);
    let before = told.assessed();
    assert!(before.fallen.is_empty());
    assert_eq!(before.hypotheses[0].hypothesis, "dprk-group");
    assert_eq!(
        before.hypotheses[0].words.text(),
        "between very likely and almost certain"
    );

    // A correction of a claim that it used changes what it was computed from.
    let Says::Claim { payload, .. } = statement(
        "label",
        r#"{"address":"bitcoin:x","name":"Two","category":"exchange"}"#,
    ) else {
        unreachable!("a claim was made");
    };
    let correction = told.append(Says::Correct {
        target: label.hash(),
        payload,
    });
    let fallen = told.assessed();
    assert_eq!(fallen.fallen.len(), 1);
    assert_eq!(fallen.fallen[0].finding.as_deref(), Some("link-1"));
    assert!(
        fallen.fallen[0].why.contains(&label.hash().to_string()),
        "{:?}",
        fallen.fallen
    );
    assert!(fallen.evidence.is_empty() && fallen.groups.is_empty());
    assert!(
        fallen
            .hypotheses
            .iter()
            .all(|row| row.posterior == row.prior)
    );

    // The correction is retracted, and the finding stands again; the finding is retracted, and it falls for good.
    told.append(Says::Retract {
        target: correction.hash(),
        reason: "wrong".to_owned(),
    });
    assert_eq!(told.assessed(), before);
    told.append(Says::Retract {
        target: finding.hash(),
        reason: "wrong".to_owned(),
    });
    let fallen = told.assessed();
    assert!(
        fallen.fallen[0].why.contains("does not stand"),
        "{:?}",
        fallen.fallen
    );
    // Computed anew under the same name, it bears the evidence again.
    told.finding("link-1", &[label.hash()]);
    assert_eq!(told.assessed(), before);
}

#[test]
fn of_several_claims_the_weightiest_counts_and_the_others_are_named() {
    let mut told = Told::new();
    told.hypotheses();
    let of = |likelihood: &str, mark: &str| {
        format!(
            r#""evidence":"e1","statement":"x","type":"other","confidence":"{mark}","likelihoods":{{"dprk-group":{likelihood}}}"#
        )
    };
    let poor = told.say("evidence", &of(r#"["9","9"]"#, "D4"));
    told.say("evidence", &of(r#"["2","2"]"#, "A1"));
    let same = told.say("evidence", &of(r#"["2","2"]"#, "B2"));
    let asked = told.asked();
    assert_eq!(asked.question.items.len(), 1);
    assert_eq!(
        asked.question.items[0].likelihoods["dprk-group"].to_string(),
        "2 to 2"
    );
    let conflict = asked
        .caveats
        .iter()
        .find(|caveat| caveat.kind == "conflict")
        .unwrap();
    assert!(
        conflict.what.contains(&poor.hash().to_string()),
        "{conflict:?}"
    );
    assert!(
        !conflict.what.contains(&same.hash().to_string()),
        "what says the same is no conflict"
    );
    // Retracted by its author: nothing is left to conflict.
    told.append(Says::Retract {
        target: poor.hash(),
        reason: "hearsay".to_owned(),
    });
    assert!(told.asked().caveats.is_empty());
}

#[test]
fn other_incidents_withheld_claims_and_unknown_words_are_kept_apart_and_said() {
    let mut told = Told::new();
    told.hypotheses();
    told.append(statement(
        "evidence",
        r#"{"incident":"another","evidence":"e9","statement":"x","type":"other","likelihoods":{"dprk-group":["2","3"]}}"#,
    ));
    told.say("evidence", r#""evidence":"e1","statement":"x","type":"hunch","technique":"T1566.02","likelihoods":{"insider":["2","3"]}"#);
    let hidden = told.say(
        "evidence",
        r#""evidence":"e2","statement":"x","type":"other","likelihoods":{"criminal":["2","3"]}"#,
    );
    support::withhold(told.dir.path(), &hidden);
    let asked = told.asked();
    assert_eq!(asked.question.items.len(), 1);
    let kinds: Vec<&str> = asked.caveats.iter().map(|caveat| caveat.kind).collect();
    assert_eq!(kinds, ["unknown-technique", "unknown-type", "withheld"]);
    assert!(
        asked.caveats[0].what.contains("T1566.002"),
        "{:?}",
        asked.caveats[0]
    );
    let assessed = assess(&asked.question).unwrap();
    assert_eq!(assessed.caveats[0].kind, "no-such-hypothesis");
    assert!(
        assessed
            .hypotheses
            .iter()
            .all(|row| row.posterior == row.prior)
    );
}

#[test]
fn recorded_sentences_come_with_their_hypothesis() {
    let mut told = Told::new();
    told.hypotheses();
    told.say(
        "assessment",
        r#""hypothesis":"dprk-group","sentence":"This strongly suggests links to the DPRK.""#,
    );
    let asked = told.asked();
    let recorded = &asked.sentences[0];
    assert_eq!(
        (recorded.author.as_str(), recorded.hypothesis.as_str()),
        ("ana", "dprk-group")
    );
    let assessed = assess(&asked.question).unwrap();
    let row = &assessed.hypotheses[0];
    assert!(!check_sentence_about(&recorded.sentence, &row.statement, row.posterior).allowed);
    assert_eq!(asked.claims.len(), 4);
}

#[test]
fn what_no_number_can_be_made_of_is_an_error_with_its_place() {
    let mut told = Told::new();
    told.hypotheses();
    told.say("evidence", r#""evidence":"e1","statement":"x","type":"other","likelihoods":{"criminal":["2","3000000"]}"#);
    let error = asked(&Case::open(told.dir.path()).unwrap(), "theft").unwrap_err();
    assert!(error.contains("evidence e1 under criminal"), "{error}");
}
