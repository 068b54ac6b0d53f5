//! Every kind is read as it was written, and what it does not know is refused.
#![allow(clippy::unwrap_used)]

mod made;
mod reports;

use proptest::prelude::*;

use super::*;
use made::statement;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Through the payload's bytes, as they lie in the case.
    #[test]
    fn every_statement_is_read_as_it_was_written(made in statement()) {
        let payload = made.payload().unwrap();
        let read = Json::read_canonical(payload.canonical().as_bytes()).unwrap();
        prop_assert_eq!(&Statement::read(&made.body.kind(), &read).unwrap(), &made);
        prop_assert_eq!(Statement::read_any(&made.body.kind(), &read), made);
    }

    /// A misspelt field would otherwise be a field that is not known, in silence.
    #[test]
    fn a_field_that_a_kind_does_not_know_is_refused(made in statement()) {
        let kind = made.body.kind();
        let mut fields = made.payload().unwrap().object().unwrap().clone();
        fields.insert("ammount".to_owned(), Json::Text("1".to_owned()));
        let read = Statement::read(&kind, &Json::Object(fields.clone()));
        let any = Statement::read_any(&kind, &Json::Object(fields));
        if let Body::Other { .. } = made.body {
            prop_assert!(read.is_ok());
        } else {
            prop_assert!(read.unwrap_err().contains("unknown field `ammount`"));
            let is_unreadable = matches!(any.body, Body::Unreadable { .. });
            prop_assert!(is_unreadable);
            prop_assert!(any.payload().is_err());
            prop_assert_eq!(any.marks, made.marks);
        }
    }
}

#[test]
fn every_kind_is_a_word_and_reads_by_it() {
    for word in Body::KINDS {
        let kind = Kind::new(word).unwrap();
        let read = Statement::read_any(
            &kind,
            &Json::of(&BTreeMap::from([("no", "field")])).unwrap(),
        );
        let Body::Unreadable { kind, why } = read.body else {
            panic!("{word} takes any field")
        };
        assert_eq!(kind.as_str(), *word);
        assert!(why.contains("unknown field"), "{why}");
    }
}

/// Kind, payload, and what is wrong with it.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "loss",
        r#"{"incident":"a","what":"stolen"}"#,
        "a loss has `asset`",
    ),
    (
        "loss",
        r#"{"incident":"a","what":"stolen","symbol":"BTC"}"#,
        "a loss has `asset`",
    ),
    (
        "loss",
        r#"{"incident":"a","what":"stolen","quantity":"1","usd":"1"}"#,
        "`quantity` is of a `symbol`",
    ),
    (
        "loss",
        r#"{"incident":"a","what":"stolen","usd":"1e6"}"#,
        "not a decimal number",
    ),
    (
        "loss",
        r#"{"incident":"a","what":"lost","usd":"1"}"#,
        "unknown variant `lost`",
    ),
    (
        "loss",
        r#"{"incident":"a","what":"stolen","usd":1}"#,
        "invalid type",
    ),
    ("incident", r#"{"incident":"A theft"}"#, "is not a word"),
    (
        "incident",
        r#"{"incident":"a","discovered":"2020-13"}"#,
        "is not a date",
    ),
    (
        "incident",
        r#"{"incident":"a","title":" "}"#,
        "`title` is empty",
    ),
    (
        "cited",
        r#"{"from":"2020-11","to":"2019","usd":"1","what":"w"}"#,
        "begins on",
    ),
    (
        "same-incident",
        r#"{"incidents":["a","a"],"why":"w"}"#,
        "each once",
    ),
    (
        "distinct-incidents",
        r#"{"incidents":["a"],"why":"w"}"#,
        "two or more",
    ),
    (
        "entity",
        r#"{"entity":"a","type":"group","names":[]}"#,
        "`names` is empty",
    ),
    (
        "entity",
        r#"{"entity":"a","type":"group","names":["x"],"born":"1980"}"#,
        "of a person",
    ),
    (
        "relation",
        r#"{"from":"entity:a","relation":"owns","to":"entity:a"}"#,
        "between two",
    ),
    (
        "relation",
        r#"{"from":"entity:a","relation":"owns","to":"list:x"}"#,
        "LIST/REFERENCE",
    ),
    (
        "relation",
        r#"{"from":"entity:a","relation":"owns","to":"entity:b","share":"101"}"#,
        "per cent",
    ),
    (
        "relation",
        r#"{"from":"entity:a","relation":"supplies","to":"entity:b","share":"1"}"#,
        "of `owns`",
    ),
    (
        "continuation",
        r#"{"from":"x","to":"x","amount":"1","asset":"eip155:1/slip44:60","why":"w"}"#,
        "where it arrived",
    ),
    (
        "continuation",
        r#"{"from":"x","to":"y","amount":"1.5","asset":"eip155:1/slip44:60","why":"w"}"#,
        "smallest units",
    ),
    (
        "continuation",
        r#"{"from":"x","to":"y","amount":"1","asset":"ETH","why":"w"}"#,
        "ETH",
    ),
    (
        "hypothesis",
        r#"{"incident":"a","hypothesis":"h","statement":"s","prior":["0.5","1.5"]}"#,
        "between 0 and 1",
    ),
    (
        "evidence",
        r#"{"incident":"a","evidence":"e","statement":"s","type":"t","likelihoods":{"h":["0","2"]}}"#,
        "more than 0",
    ),
    (
        "label",
        r#"{"address":"a","name":"","category":"c"}"#,
        "`name` is empty",
    ),
    (
        "label",
        r#"{"address":"a","name":"n","category":"c","id":7}"#,
        "`id` is not text",
    ),
    (
        "label",
        r#"{"address":"a","name":"n","category":"c","reference":null}"#,
        "`reference` is not text",
    ),
    (
        "finding",
        r#"{"finding":"f","command":"c","parameters":{},"store":"s","case":"c","head":{},"claims":[],"version":"1"}"#,
        "not whither.head/1",
    ),
];

#[test]
fn what_cannot_be_meant_is_refused_with_its_reason() {
    for (kind, text, why) in REFUSED {
        let payload = Json::read(text.as_bytes()).unwrap();
        let error = Statement::read(&Kind::new(kind).unwrap(), &payload).unwrap_err();
        assert!(error.contains(why), "{kind} {text}: {error}");
    }
}
