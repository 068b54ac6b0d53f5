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
         - address: '{ETH}'\n  currency: ETH\n  label: a customer's\n  category: exchange\n  concepts: [exchange]\n  kind: deposit\n\
         - address: '{ETH}'\n  currency: ETH\n  category: exchange\n  kind: label\n"
    ));
    let [
        Body::Service(_),
        Body::Label(_) | Body::Service(_),
        Body::Deposit(deposit),
        Body::Label(_),
    ] = [0, 1, 2, 3].map(|row| &reading.statements[row].body)
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

/// One quote too many took all rows behind it into a cell, and nobody saw them missing.
#[test]
fn a_quote_that_is_not_closed_swallows_no_row_in_silence() {
    let table = |rows: &str| {
        let table = format!("address,category,name,note\n{rows}");
        let bitcoin = Defaults {
            chain: Some("bitcoin".to_owned()),
            ..defaults()
        };
        read(table.as_bytes(), &bitcoin)
    };
    let row = |note: &str| format!("{EXCHANGE},exchange,X,{note}\n");
    let (open, plain) = (row("\"5' 11 tall"), row("ok"));
    // It ends with the file, or within a later cell.
    for (rows, line) in [
        (format!("{open}{plain}{plain}"), "line 2:"),
        (format!("{plain}{open}{plain}{}", row("\"ok\"")), "line 3:"),
        (format!("\n\n{plain}{}", row("\"a\"b")), "line 5:"),
    ] {
        let why = table(&rows).unwrap_err();
        assert!(why.starts_with(line) && why.contains("quote"), "{why}");
    }
    // It ends where a cell ends, and what lies between may have been rows.
    let reading = table(&format!("{plain}\n{open}{plain}{}{plain}", row("ok\""))).unwrap();
    let refused = reading.refused.iter();
    let refused: Vec<_> = refused.map(|row| (row.line, row.kind)).collect();
    assert_eq!(refused, [(4, "lines"), (5, "lines"), (6, "lines")]);
    assert_eq!((reading.rows, reading.statements.len()), (5, 2));
    // Quotes that are right are no fault, and a remark hides nothing.
    let fine = table(&format!("{}{}", row("\"a, \"\"b\"\"\" "), row("5\" x"))).unwrap();
    assert_eq!(fine.statements.len(), 2);
    assert_eq!(
        claim(&fine.statements[0]).context.as_deref(),
        Some("a, \"b\"")
    );
    let remark = table(&format!("{plain}# see,\"a\n{plain}b\"\n")).unwrap();
    assert_eq!((remark.refused.len(), remark.statements.len()), (3, 1));
    let header = read(b"address,\"a\nb\"\nx,y\n", &defaults()).unwrap_err();
    assert!(header.starts_with("line 1:"), "{header}");
}

#[test]
fn a_name_is_one_line_and_a_context_may_be_several() {
    for sign in ["\\n", "\\r", "\\t"] {
        let name = pack(&format!("- address: {EXCHANGE}\n  label: \"a{sign}b\"\n"));
        assert_eq!(name.refused[0].kind, "text", "{sign}");
        assert!(name.statements.is_empty());
    }
    let reading = pack(&format!("- address: {EXCHANGE}\n  context: \"a\\nb\"\n"));
    let context = claim(&reading.statements[0]).context.as_deref();
    assert_eq!(context, Some("a\nb"));
}

#[test]
fn a_tag_of_a_wrong_shape_costs_no_other() {
    for (tag, why) in [
        (
            format!("- address: {EXCHANGE}\n  label: [a, b]"),
            "`label` is a list, and must be one text",
        ),
        (
            format!("- address: {EXCHANGE}\n  actor: {{a: b}}"),
            "`actor` is a mapping, and must be one text",
        ),
        (
            format!("- address: {EXCHANGE}\n  concepts: [[a]]"),
            "`concepts` must be a list of texts",
        ),
        (
            "- only words".to_owned(),
            "it is a text, and must be a mapping",
        ),
        ("- [a]".to_owned(), "it is a list, and must be a mapping"),
        ("-".to_owned(), "it is empty, and must be a mapping"),
    ] {
        let reading = pack(&format!(
            "- address: {EXCHANGE}\n{tag}\n- address: {EXCHANGE}\n  label: 0x10\n"
        ));
        assert_eq!((reading.rows, reading.statements.len()), (3, 2), "{tag}");
        let refused = &reading.refused[0];
        assert_eq!(refused.kind, "shape", "{tag}");
        // Where nothing stands, the line of it is the reader's guess.
        assert!(refused.line == 11 || tag == "-", "{tag}: {}", refused.line);
        assert!(refused.why.contains(why), "{tag}: {}", refused.why);
        // What is read again is read as it stands there.
        assert_eq!(claim(&reading.statements[1]).name, "0x10");
    }
    let reading = pack(&format!("- address: {EXCHANGE}\n  label: [a]\n"));
    assert_eq!(reading.refused[0].what, EXCHANGE);
}

#[test]
fn a_list_may_be_one_text() {
    let reading = pack(&format!(
        "- address: {EXCHANGE}\n  concepts: exchange\n- address: {EXCHANGE}\n  concepts: [NO, ~, 1e3]\n\
         - address: {EXCHANGE}\n  concepts: 0x10\n"
    ));
    assert!(reading.refused.is_empty(), "{:?}", reading.refused);
    let concepts = |row: usize| &claim(&reading.statements[row]).concepts;
    assert_eq!(concepts(0), &["exchange"]);
    assert_eq!(concepts(1), &["NO", "1e3"]);
    assert_eq!(concepts(2), &["0x10"]);
    let head = "title: T\ncreator: C\nconcepts: exchange\nlabel: L\ntags:\n";
    let text = format!("{head}- address: {EXCHANGE}\n  currency: BTC\n");
    let reading = read(text.as_bytes(), &defaults()).unwrap();
    assert_eq!(claim(&reading.statements[0]).category, "exchange");
}

#[test]
fn a_pack_is_known_however_its_keys_are_written() {
    let tag = format!("{{\"address\": \"{EXCHANGE}\", \"currency\": \"BTC\", \"label\": \"L\"}}");
    for text in [
        format!("\"title\": T\n\"tags\":\n- {tag}\n"),
        format!("title: T\n'tags' :\n- {tag}\n"),
        format!("{{\"title\": \"T\", \"tags\": [{tag}]}}\n"),
        format!("# a remark\n---\n{{title: T, tags: [{tag}]}}\n"),
    ] {
        let reading = read(text.as_bytes(), &defaults()).unwrap();
        assert_eq!((reading.form, reading.statements.len()), ("tagpack", 1));
    }
}

#[test]
fn what_is_wrong_with_a_pack_is_told_to_who_wrote_it() {
    let head = "title: T\ncreator: C\n";
    for (text, why) in [
        (
            format!("{head}tags:\n- address: a\n  address: b\n"),
            "line 5: the key \"address\" stands twice",
        ),
        (
            format!("{head}tags: []\n---\n{head}"),
            "another document begins",
        ),
        (
            format!("{head}label: [a]\ntags: []\n"),
            "line 3: `label` is a list",
        ),
        (
            format!("{head}tags: x\n"),
            "line 3: here should stand a list",
        ),
    ] {
        let error = read(text.as_bytes(), &defaults()).unwrap_err();
        assert!(error.contains(why), "{error}");
        for theirs in ["from_str", "Policy", "Options"] {
            assert!(!error.contains(theirs), "{error}");
        }
    }
}

#[test]
fn a_kind_that_a_row_names_holds_from_the_level_on_and_below_it_if_that_is_asked_for() {
    let tag = |kind: &str, level: &str| {
        format!("- address: {EXCHANGE}\n  kind: {kind}\n  category: dex\n  confidence: {level}\n")
    };
    let head = "title: T\ncreator: C\ncurrency: BTC\nlabel: L\ntags:\n";
    let words = |text: &str, defaults: &Defaults| {
        let reading = read(format!("{head}{text}").as_bytes(), defaults).unwrap();
        let bodies = reading.statements.iter().map(|one| &one.body);
        let words: Vec<String> = bodies.map(|body| body.kind_word().to_owned()).collect();
        let lowered = reading.lowered.values().map(|one| &one.body);
        let lowered: Vec<String> = lowered.map(|body| body.kind_word().to_owned()).collect();
        (words, lowered)
    };
    let text = [
        tag("service", "service_data"),
        tag("service", "web_crawl"),
        tag("deposit", "web_crawl"),
        tag("label", "web_crawl"),
    ]
    .concat();
    let (plain, lowered) = words(&text, &defaults());
    assert_eq!(plain, ["service", "label", "label", "label"]);
    assert_eq!(lowered, ["service", "deposit"]);
    let asked = Defaults {
        kinds: true,
        ..defaults()
    };
    let (asked, lowered) = words(&text, &asked);
    assert_eq!(asked, ["service", "service", "deposit", "label"]);
    assert!(lowered.is_empty());
    let other = pack(&tag("wallet", "web_crawl"));
    assert_eq!(other.refused[0].kind, "kind");
}

/// What somebody claimed by hand has no level; and what a reader would tell by itself needs no word of ours.
#[test]
fn a_kind_is_written_where_the_reader_would_come_to_another() {
    let claim = |level: Option<&str>| AddressClaim {
        address: format!("bitcoin:{EXCHANGE}"),
        name: "N".to_owned(),
        category: "exchange".to_owned(),
        level: level.map(|level| level.parse().unwrap()),
        ..AddressClaim::default()
    };
    for (body, key) in [
        (Body::Service(claim(None)), Some("kind: \"service\"")),
        (Body::Service(claim(Some("forensic"))), None),
        (
            Body::Deposit(claim(Some("forensic"))),
            Some("kind: \"deposit\""),
        ),
        (Body::Label(claim(None)), None),
        (
            Body::Label(claim(Some("forensic"))),
            Some("kind: \"label\""),
        ),
    ] {
        let text = tagpack("T", "C", [(&crate::Marks::default(), &body)]);
        assert_eq!(text.contains("kind:"), key.is_some(), "{text}");
        assert!(text.contains(key.unwrap_or_default()), "{text}");
        let asked = Defaults {
            kinds: true,
            ..defaults()
        };
        let again = read(text.as_bytes(), &asked).unwrap();
        assert_eq!(again.statements[0].body.kind_word(), body.kind_word());
    }
}
