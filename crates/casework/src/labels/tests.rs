//! Packs and tables, good, damaged and hostile.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::claims::{AddressClaim, Body};
use crate::marks::Handling;

const EXCHANGE: &str = "34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo";
const ETH: &str = "0xbe0eb53f46cd790cd13851d5eff43d12404d33e8";

fn defaults() -> Defaults {
    Defaults {
        services_from: 50,
        ..Defaults::default()
    }
}

fn pack(tags: &str) -> Reading {
    let head = "title: T\ncreator: C\ncurrency: BTC\nlabel: from the head\nconfidence: service_data\n\
                category: exchange\nsource: https://www.Example.com/x/\nlastmod: 2022-11-16 12:00:01.5\ntags:\n";
    read(format!("{head}{tags}").as_bytes(), &defaults()).unwrap()
}

fn claim(statement: &Statement) -> &AddressClaim {
    match &statement.body {
        Body::Service(claim) | Body::Label(claim) | Body::Deposit(claim) => claim,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tag_has_of_the_head_what_it_does_not_say() {
    let reading = pack(&format!(
        "- address: {EXCHANGE}\n- address: '{ETH}'\n  currency: ETH\n  label: own\n  confidence: web_crawl\n  \
         actor: Big_Exchange\n  concepts: [exchange, NO]\n  is_cluster_definer: true\n"
    ));
    assert!(reading.refused.is_empty(), "{:?}", reading.refused);
    let [first, second] = &reading.statements[..] else {
        panic!("{reading:?}")
    };
    assert!(matches!(first.body, Body::Service(_)));
    assert_eq!(claim(first).name, "from the head");
    assert!(
        claim(first)
            .address
            .starts_with("bip122:000000000019d6689c085ae165831e93:34xp")
    );
    assert_eq!(
        first.marks.reference.as_deref(),
        Some("https://www.Example.com/x/")
    );
    assert_eq!(
        first.marks.published.as_ref().unwrap().as_str(),
        "2022-11-16"
    );
    // Of a web crawl comes a name, and a trace goes on.
    assert!(matches!(second.body, Body::Label(_)));
    assert_eq!(
        claim(second).entity.as_ref().unwrap().as_str(),
        "big-exchange"
    );
    assert_eq!(claim(second).concepts, ["exchange", "NO"]);
    assert_eq!(claim(second).level.unwrap().number(), 20);
    assert!(claim(second).of_cluster && claim(second).address.starts_with("eip155:1:0xBE0e"));
}

#[test]
fn a_row_that_cannot_be_a_claim_is_refused_with_its_line_and_the_rest_comes_in() {
    for (tag, kind, why) in [
        (format!("- address: {EXCHANGE}x"), "address", "25"),
        (
            format!("- address: {ETH}\n  currency: KCS"),
            "chain",
            "names no chain",
        ),
        (
            format!("- address: {EXCHANGE}\n  confidence: sure"),
            "level",
            "is no confidence level",
        ),
        (
            format!("- address: {EXCHANGE}\n  lastmod: soon"),
            "date",
            "is no date",
        ),
        (
            format!("- address: {EXCHANGE}\n  label: \"Binan\\u202ece\""),
            "text",
            "U+202E",
        ),
        (
            format!("- address: {EXCHANGE}\n  label: \"a\\u0007b\""),
            "text",
            "U+0007",
        ),
        (
            format!("- address: {EXCHANGE}\n  label: {}", "x".repeat(201)),
            "text",
            "201 characters",
        ),
        (
            format!("- address: {EXCHANGE}\n  actor: \"../../etc\""),
            "actor",
            "a-z",
        ),
        (
            format!("- address: {EXCHANGE}\n  valid_from: 2022\n  valid_until: 2021"),
            "claim",
            "before",
        ),
        ("- label: nobody".to_owned(), "address", "no address"),
    ] {
        let reading = pack(&format!(
            "- address: {EXCHANGE}\n{tag}\n- address: {EXCHANGE}\n"
        ));
        assert_eq!((reading.rows, reading.statements.len()), (3, 2), "{tag}");
        let refused = &reading.refused[0];
        assert_eq!(refused.kind, kind, "{tag}: {}", refused.why);
        assert!(refused.why.contains(why), "{tag}: {}", refused.why);
        assert!(
            refused.line == 11 || kind == "address",
            "{tag}: {}",
            refused.line
        );
    }
}

#[test]
fn what_was_stolen_from_a_service_is_not_the_service() {
    let reading = pack(&format!("- address: {EXCHANGE}\n  abuse: service_hack\n"));
    assert!(matches!(reading.statements[0].body, Body::Label(_)));
}

#[test]
fn bombs_and_what_is_no_pack_are_refused_as_a_whole() {
    let deep = format!(
        "title: T\ntags:\n- address: a\n  concepts: {}\n",
        "[".repeat(5000)
    );
    let billion = "a: &a [x, x]\nb: &b [*a, *a]\ntags:\n- address: *b\n";
    let twice = "title: a\ntitle: b\ntags: []\n";
    for (bytes, why) in [
        (deep.as_bytes(), "line"),
        (billion.as_bytes(), "alias"),
        (twice.as_bytes(), "line 2"),
        (b"tags: 5\n".as_slice(), "line 1"),
        (b"tags: []\nactors: []\n".as_slice(), "both"),
        (b"hello, there\n".as_slice(), "no table of labels"),
        (b"\xff\xfe".as_slice(), "not UTF-8"),
        (b"".as_slice(), "no rows"),
    ] {
        let error = read(bytes, &defaults()).unwrap_err();
        assert!(
            error.contains(why),
            "{}: {error}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
        );
    }
    let long = vec![b'a'; FILE_LENGTH_MAX + 1];
    assert!(read(&long, &defaults()).unwrap_err().contains("more than"));
}

#[test]
fn a_blacklist_is_a_table_with_defaults_or_a_list_of_addresses() {
    let issuer = Defaults {
        name: Some("Tether blacklist".to_owned()),
        category: Some("blacklist".to_owned()),
        chain: Some("ethereum".to_owned()),
        source: Some("tether".to_owned()),
        ..defaults()
    };
    let table = format!(
        "Address,Blacklisted,Removed,Odd\n{ETH},2021-05-01,2021-06,1\n,,,\n{ETH}0,2021,,\n{ETH},2021,,,5\n"
    );
    let reading = read(table.as_bytes(), &issuer).unwrap();
    assert_eq!((reading.rows, reading.statements.len()), (3, 1));
    assert_eq!(reading.unknown, [("Odd".to_owned(), 0)]);
    assert_eq!(
        (reading.refused[0].line, reading.refused[0].kind),
        (4, "address")
    );
    assert_eq!(
        (reading.refused[1].line, reading.refused[1].kind),
        (5, "cells")
    );
    let said = claim(&reading.statements[0]);
    assert_eq!(said.valid_from.as_ref().unwrap().as_str(), "2021-05-01");
    assert_eq!(said.valid_until.as_ref().unwrap().as_str(), "2021-06");
    assert!(matches!(reading.statements[0].body, Body::Label(_)));
    let list = read(format!("# frozen\n{ETH}\n{ETH}\n").as_bytes(), &issuer).unwrap();
    assert_eq!((list.rows, list.statements.len()), (2, 2));
    let both = read(b"address,wallet\nx,y\n", &issuer).unwrap_err();
    assert!(both.contains("two columns"), "{both}");
}

#[test]
fn an_actor_becomes_an_entity_and_is_written_back() {
    let text = "title: A\ncreator: C\nlastmod: '2023-02-17'\nactors:\n- id: Venomdao\n  label: Venom\n  aliases: [Venom, V]\n  \
                jurisdictions: [VG]\n  categories: [defi_dex]\n  uri: v.example\n  context:\n    twitter_handle: v\n";
    let reading = read(text.as_bytes(), &defaults()).unwrap();
    assert!(reading.refused.is_empty() && reading.form == "actorpack");
    let Body::Entity(entity) = &reading.statements[0].body else {
        panic!("{reading:?}")
    };
    assert_eq!(entity.entity.as_str(), "venomdao");
    assert_eq!(entity.names, ["Venom", "V"]);
    let again = actorpack("A", "C", [(&crate::Marks::default(), entity)]);
    let again = read(again.as_bytes(), &defaults()).unwrap();
    assert_eq!(again.statements[0].body, reading.statements[0].body);
}

/// A claim may hold what no pack brings in: it is written so that every reader sees it, and YAML stays YAML.
#[test]
fn what_hides_is_written_by_its_number() {
    let claim = AddressClaim {
        address: format!("bitcoin:{EXCHANGE}"),
        name: "a\u{202e}b\u{85}c\u{e0001}".to_owned(),
        category: "exchange".to_owned(),
        ..AddressClaim::default()
    };
    let text = tagpack("T", "C", [(&crate::Marks::default(), &Body::Label(claim))]);
    assert!(text.contains(r#""a\u202eb\u0085c\U000e0001""#), "{text}");
    let again = read(text.as_bytes(), &defaults()).unwrap();
    assert_eq!(again.refused[0].kind, "text");
}

#[test]
fn a_pack_that_is_written_is_read_back_as_the_same_claims() {
    let reading = pack(&format!(
        "- address: {EXCHANGE}\n  label: \"a: 'b' # \\\"c\\\" \\\\ é 世\"\n  actor: x\n  concepts: [exchange, '0x10', 'null']\n  \
         valid_from: 2020\n  context: '{{\"a\": 1}}'\n- address: '{ETH}'\n  currency: ETH\n  is_cluster_definer: true\n\
         - address: '{ETH}'\n  currency: ETH\n  label: a customer's\n  category: exchange\n  concepts: [exchange, deposit_address]\n"
    ));
    let [
        Body::Service(_),
        Body::Label(_) | Body::Service(_),
        Body::Deposit(deposit),
    ] = [0, 1, 2].map(|row| &reading.statements[row].body)
    else {
        panic!("{:?}", reading.statements);
    };
    assert_eq!(deposit.concepts, ["exchange"]);
    let claims = reading
        .statements
        .iter()
        .map(|statement| (&statement.marks, &statement.body));
    let text = tagpack("T", "C", claims);
    let again = read(text.as_bytes(), &defaults()).unwrap();
    assert_eq!(again.statements, reading.statements);
}

#[test]
fn a_pack_that_is_not_public_stays_among_those_who_have_it() {
    let tag = format!("- address: {EXCHANGE}\n");
    let head = |public: &str| {
        format!(
            "title: T\ncreator: C\n{public}currency: BTC\nlabel: L\nconfidence: service_data\ntags:\n{tag}"
        )
    };
    let marks = |text: &str| {
        let reading = read(text.as_bytes(), &defaults()).unwrap();
        assert!(reading.unknown.is_empty(), "{:?}", reading.unknown);
        reading.statements[0].marks.clone()
    };
    assert_eq!(marks(&head("")).handling, None);
    assert_eq!(marks(&head("is_public: true\n")).handling, None);
    let closed = marks(&head("is_public: False\n"));
    assert_eq!(closed.handling, Some(Handling::AmberStrict));
    let actors = "title: T\ncreator: C\nis_public: false\nactors:\n- id: x\n  label: X\n";
    assert_eq!(marks(actors).handling, Some(Handling::AmberStrict));
    // It is written so, too.
    let reading = read(head("is_public: false\n").as_bytes(), &defaults()).unwrap();
    let written = tagpack("T", "C", [(&closed, &reading.statements[0].body)]);
    assert_eq!(marks(&written).handling, Some(Handling::AmberStrict));
}
