//! What only closed claims say stays out of an edition, and what an edition rests on without naming it goes with it.

use whither::offramps::{OfframpsQuestion, answer};
use whither::prices::{Book, Choice};
use whither::report::{Audience, Publication, Said, comment, draft, publish, revise, verify};
use whither::saved::{Computed, save};
use whither::{Case, Policy, Question};

use super::made::{Made, made, planted, recorder, text};
use super::{files, holds};
use crate::support::desk;

/// The report, with a paragraph or a figure more.
fn with(more: &str) -> String {
    text().replace("# Annex", &format!("{more}\n\n# Annex"))
}

/// The report, with a name in its open text.
fn naming(name: &str) -> String {
    with(&format!("It is {{literal:{name}}}. {{#p-9}}"))
}

/// Why a public edition is refused.
fn refused(made: &Made, second: usize) -> String {
    let asked = made.publication(Audience::Public, "refused");
    let error = publish(&made.desk.store, &made.case, &recorder(second), &asked).unwrap_err();
    assert!(!asked.out.exists());
    error.to_string()
}

#[test]
fn the_name_of_a_source_stays_private_where_it_commented_under_that_name() {
    let made = made();
    let said = Said {
        part: "p-1".to_owned(),
        by: Some(planted(3)),
        text: Some(planted(50)),
        ..Said::default()
    };
    comment(&made.case, &recorder(5), "final", &said).unwrap();
    // The name of somebody who is no source is the authors' to print.
    revise(
        &made.case,
        &recorder(6),
        ("final", &naming(&planted(46))),
        None,
    )
    .unwrap();
    let public = files(&made.publish(Audience::Public, "public", 7));
    assert!(holds(&public, &planted(46)));
    revise(
        &made.case,
        &recorder(8),
        ("final", &naming(&planted(3))),
        None,
    )
    .unwrap();
    let error = refused(&made, 9);
    assert!(
        error.contains("the name of source s1 stands in report.html"),
        "{error}"
    );
}

/// The table of a figure of an edition.
fn table(files: &[(String, Vec<u8>)], part: &str) -> Vec<Vec<String>> {
    let mut all = files.iter();
    let (_, bytes) = all.find(|(name, _)| name == "report.json").unwrap();
    let report: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    let mut parts = report["parts"].as_array().unwrap().iter();
    let found = parts.find(|it| it["id"] == part).unwrap();
    serde_json::from_value(found["table"].clone()).unwrap()
}

fn column(table: &[Vec<String>], at: usize) -> Vec<&str> {
    table.iter().map(|row| row[at].as_str()).collect()
}

#[test]
fn vectors_that_closed_claims_alone_say_are_one_row_without_a_word_or_a_figure() {
    let made = made();
    let (one, other) = (planted(51), planted(52));
    let closed = format!(
        r#"{{"id":"v1","incident":"b","date":"2022-05-23","vectors":["{one}","{other}"],"handling":"TLP:RED"}}"#
    );
    made.says(5, ("incident", &closed));
    let loss = r#"{"id":"v2","incident":"b","what":"stolen","usd":"500","handling":"TLP:RED"}"#;
    made.says(5, ("loss", loss));
    let open = r#"{"id":"v3","incident":"c","date":"2022-06-23","vectors":["Phishing"],"handling":"TLP:CLEAR"}"#;
    made.says(5, ("incident", open));
    let figure =
        "::: figure totals total:2022..2022,by=vector #f-4\nCaption: How\nSource: The case\n:::";
    revise(&made.case, &recorder(6), ("final", &with(figure)), None).unwrap();
    let public = files(&made.publish(Audience::Public, "public", 7));
    assert!(!holds(&public, &one) && !holds(&public, &other));
    let shown = table(&public, "f-4");
    let hidden = "not shown in this edition";
    let words = ["Group", "Phishing", "not stated", hidden, "the total"];
    assert_eq!(column(&shown, 0), words);
    assert_eq!(column(&shown, 1), ["Incidents", "1", "1", "–", "3"]);
    assert_eq!(shown[3][2], "–", "{shown:?}");
    let internal = files(&made.publish(Audience::Internal, "internal", 8));
    let (one, other) = (one.as_str(), other.as_str());
    let words = ["Group", "Phishing", one, other, "not stated", "the total"];
    assert_eq!(column(&table(&internal, "f-4"), 0), words);
    // Where the authors type it, the check of the finished bytes finds it.
    revise(&made.case, &recorder(9), ("final", &naming(one)), None).unwrap();
    let error = refused(&made, 10);
    assert!(error.contains("a claim of kind incident (v1)"), "{error}");
}

#[test]
fn an_edition_brings_the_services_that_its_off_ramps_never_met() {
    let made = made();
    let service = r#"{"id":"v1","address":"eip155:1:0x0000000000000000000000000000000000000009","name":"Elsewhere","category":"exchange","handling":"TLP:CLEAR"}"#;
    made.says(5, ("service", service));
    let case = Case::open(&made.case).unwrap();
    let question = OfframpsQuestion {
        trace: Question {
            policy: Policy::Fifo,
            ..Question::from(vec![
                "ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96".to_owned(),
            ])
        },
        at: None,
        choice: Choice::default(),
    };
    let list = answer(&made.desk.store, Some(&case), &Book::default(), &question).unwrap();
    let computed = Computed::of_offramps(&case, &list).unwrap();
    save(&made.case, &case, &recorder(6), ("ramps", &computed)).unwrap();
    // No trace is named here: it would bring the service by itself.
    let text = "---\ntitle: Where it is\ndate: 2026-03-01\n---\n\n# Where it is {#where}\n\n\
                It lies at {finding:ramps#positions.count} places. {#p-1}\n";
    draft(&made.case, &recorder(7), ("ramps", text), None).unwrap();
    let asked = Publication {
        report: "ramps".to_owned(),
        ..made.publication(Audience::Disclosure, "ramps")
    };
    publish(&made.desk.store, &made.case, &recorder(8), &asked).unwrap();
    let found = verify(&desk().store, &asked.out, &[]).unwrap();
    assert_eq!(found.mismatched, []);
    assert!(holds(&files(&asked.out.join("case")), "Elsewhere"));
}
