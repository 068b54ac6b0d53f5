//! Each format, in a cut that is shipped: what is in it comes out, and what nobody knows is kept and told.

use std::path::Path;

use whither_screening::lists::entry::{Gender, Kind, Quality};
use whither_screening::lists::pack::{Version, decode, decode_facts, encode};
use whither_screening::lists::{Format, ListError, Listing};

use crate::support::{cut, entry, has_name, list, list_of};

fn one(name: &str, format: Format) -> Listing {
    let (found, listing) = list(&[&cut(name)]);
    assert_eq!(found, format, "{name}");
    listing
}

#[test]
fn the_bureau_is_in_three_lists_under_its_numbers() {
    for (name, format, id) in [
        ("un.xml", Format::UnXml, "KPe.031"),
        ("sdn.xml", Format::OfacXml, "12210"),
        ("eu.xml", Format::EuXml, "EU.3319.66"),
    ] {
        let listing = one(name, format);
        let bureau = entry(&listing, id);
        assert_eq!(bureau.kind, Kind::Organisation);
        assert!(
            has_name(bureau, "Reconnaissance General Bureau"),
            "{:?}",
            bureau.names
        );
        assert!(listing.unknown.is_empty(), "{:?}", listing.unknown);
    }
}

#[test]
fn an_address_cut_between_two_files_is_joined() {
    let files = [
        "ofac_sdn.csv",
        "ofac_alt.csv",
        "ofac_add.csv",
        "ofac_sdn_comments.csv",
    ]
    .map(cut);
    let files: Vec<&Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    let (format, listing) = list(&files);
    assert_eq!(
        (format, listing.list.as_str()),
        (Format::OfacCsv, "ofac-sdn")
    );
    let suex = entry(&listing, "33151");
    assert_eq!(suex.wallets.len(), 25);
    let joined = "1B64QRxfaa35MVkf7sDjuGUYAP5izQt7Qi";
    assert!(
        suex.wallets.iter().any(|wallet| wallet.address == joined),
        "{:?}",
        suex.wallets
    );
    let moreno = entry(&listing, "15102");
    assert_eq!(moreno.births[0].text, "12 Oct 1972");
    assert!(has_name(moreno, "MORENO JR., Daniel Gonzalo"));
    assert_eq!(moreno.documents[0].number, "0291622");

    let (_, alone) = list(&[&cut("ofac_sdn.csv")]);
    let told = alone
        .problems
        .iter()
        .any(|problem| problem.contains("are cut at 1000"));
    assert!(
        told,
        "a cut that nothing goes on with is told: {:?}",
        alone.problems
    );
    let part = list_of("ofac_alt.csv", &std::fs::read(cut("ofac_alt.csv")).unwrap());
    assert!(matches!(part, Err(ListError::Part { .. })), "{part:?}");
}

#[test]
fn references_of_advanced_xml_are_followed() {
    let listing = one("advanced.xml", Format::OfacAdvancedXml);
    assert_eq!(
        (listing.list.as_str(), listing.date.as_deref()),
        ("ofac-sdn", Some("2024-05-07"))
    );
    let doe = entry(&listing, "70001");
    assert_eq!(doe.kind, Kind::Person);
    let names: Vec<(&str, Quality)> = doe
        .names
        .iter()
        .map(|name| (name.text.as_str(), name.quality))
        .collect();
    assert_eq!(
        names,
        [("DOE, John", Quality::Primary), ("JACKAL", Quality::Low)]
    );
    let wallets: Vec<(&str, &str)> = doe
        .wallets
        .iter()
        .map(|one| (one.code.as_str(), one.address.as_str()))
        .collect();
    assert_eq!(
        wallets,
        [
            ("ETH", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"),
            ("ZZZ", "zzz1unheardof000000000")
        ]
    );
    assert_eq!((doe.births[0].from, doe.births[0].day), (1971, Some(3)));
    assert_eq!(doe.documents[0].number, "563410081");
    assert_eq!(doe.documents[0].country, "Korea, North");
    assert_eq!(doe.countries[0].text, "Korea, North");
    assert_eq!(doe.programmes, ["DPRK3"]);
    assert_eq!(doe.listed_on.as_deref(), Some("2019-09-13"));
    let owned = &listing.entries[1].facts;
    assert!(
        owned.contains(&(
            "Owned or Controlled By".to_owned(),
            "DOE, John (70001)".to_owned()
        )),
        "{owned:?}"
    );
    assert!(
        listing.unknown.contains_key("DistinctParty/Novelty"),
        "{:?}",
        listing.unknown
    );
    let kept = |fact: &(String, String)| fact.1 == "kept";
    assert!(listing.entries[0].facts.iter().any(kept));
}

#[test]
fn the_uks_two_forms_say_the_same() {
    for (name, format) in [("uk.xml", Format::UkXml), ("uk.csv", Format::UkCsv)] {
        let listing = one(name, format);
        assert_eq!(
            (listing.list.as_str(), listing.date.as_deref()),
            ("uk", Some("2026-02-03"))
        );
        assert_eq!(listing.entries.len(), 2);
        let person = entry(&listing, "AAA0001");
        assert_eq!(person.shown_name(), "Igor Pavlovich PETROVSKY");
        assert!(has_name(person, "Ivor PETROVSKI") && has_name(person, "Игорь Петровский"));
        assert_eq!(
            (person.births[0].from, person.births[0].month),
            (1969, None)
        );
        assert_eq!(person.listed_on.as_deref(), Some("2021-02-19"));
        assert!(person.also.contains(&"KPi.999".to_owned()));
        let ship = entry(&listing, "AAA0002");
        assert_eq!(
            (ship.kind, ship.documents[0].number.as_str()),
            (Kind::Vessel, "9000001")
        );
        assert_eq!(listing.unknown.len(), 1, "{:?}", listing.unknown);
        let shoes = |(place, text): &(String, String)| {
            place.to_lowercase().contains("shoe") && text == "46"
        };
        assert!(
            listing.entries[0].facts.iter().any(shoes),
            "{:?}",
            listing.entries[0].facts
        );
    }
}

#[test]
fn a_pack_is_a_list_of_addresses_as_they_were_written() {
    let listing = one("pack.yaml", Format::TagPack);
    assert_eq!(
        (listing.list.as_str(), listing.date.as_deref()),
        ("pack", Some("2023-08-28"))
    );
    let made = entry(&listing, "Made group");
    let wallets: Vec<(&str, &str)> = made
        .wallets
        .iter()
        .map(|one| (one.code.as_str(), one.address.as_str()))
        .collect();
    assert_eq!(
        wallets,
        [
            ("BTC", "3LU8wRu4ZnXP4UM8Yo6kkTiGHM9BubgyiG"),
            ("ZZZ", "12345678901234567890")
        ]
    );
    assert_eq!(entry(&listing, "Another group").wallets[0].code, "ETH");
    assert!(
        listing.unknown.contains_key("mood"),
        "{:?}",
        listing.unknown
    );
    for hostile in [
        "tags:\n- address: a\n  address: b\n",
        "a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]\ntags: [*c]\n",
        "title: x\ntags: 3\n",
        "title: x\n",
    ] {
        assert!(list_of("a.yaml", hostile.as_bytes()).is_err(), "{hostile}");
    }
}

#[test]
fn a_plain_table_needs_a_name_or_an_address() {
    let text = "\u{feff}ID;Name;Aliases;Type;Address;Currency;DOB;Gender;Mood\n\
        1;Jane Roe;Janet Roe; person;0x098b716b8aaf21512996dc57eb0615e2383e2f96;ETH;1970-01-02;F;grim\n\
        1;J. Roe;;person;;;;;\n";
    let listing = list_of("Watched people.csv", text.as_bytes()).unwrap();
    assert_eq!(
        (listing.list.as_str(), listing.entries.len()),
        ("watched-people", 1)
    );
    let roe = entry(&listing, "1");
    assert_eq!(roe.names.len(), 3, "{:?}", roe.names);
    assert_eq!((roe.gender, roe.wallets.len()), (Some(Gender::Female), 1));
    assert_eq!(listing.unknown.keys().collect::<Vec<_>>(), ["column Mood"]);
    assert!(matches!(
        list_of("a.csv", b"x,y\n1,2\n"),
        Err(ListError::Unrecognised { .. })
    ));
}

#[test]
fn a_word_for_a_kind_that_nobody_knows_is_kept_and_told() {
    let text = "id,name,type\n1,Jane Roe,person\n2,Xan,alien\n3,Yan,alien\n4,Zan,unknown\n";
    let listing = list_of("a.csv", text.as_bytes()).unwrap();
    let told = &listing.unknown["type: alien"];
    assert_eq!((listing.unknown.len(), told.count, told.line), (1, 2, 3));
    let kept = ("type".to_owned(), "alien".to_owned());
    assert_eq!(listing.entries[1].facts, [kept]);
    assert_eq!(entry(&listing, "2").kind, Kind::Unknown);
}

#[test]
fn remarks_of_the_csv_hold_the_numbers_of_the_xml() {
    let text = "1,\"DOE, Jane\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1970; \
        Passport A1234567 (Iran) expires 01 Jan 2020; Trade License No. 52602 (United Arab Emirates); \
        SWIFT/BIC RMIDRUMM; Favourite Colour 7 blue; Linked To: SOMEBODY.\"\n";
    let listing = list_of("sdn.csv", text.as_bytes()).unwrap();
    let documents: Vec<(&str, &str, &str)> = entry(&listing, "1")
        .documents
        .iter()
        .map(|one| (one.kind.as_str(), one.number.as_str(), one.country.as_str()))
        .collect();
    assert_eq!(
        documents,
        [
            ("Passport", "A1234567", "Iran"),
            ("Trade License No.", "52602", "United Arab Emirates"),
            ("SWIFT/BIC", "RMIDRUMM", ""),
        ]
    );
    let unknown: Vec<&str> = listing.unknown.keys().map(String::as_str).collect();
    assert_eq!(unknown, ["remark Favourite Colour"]);
}

#[test]
fn new_coins_and_elements_of_the_sdn_list_are_kept_and_told() {
    let text = std::fs::read_to_string(cut("sdn.xml")).unwrap();
    let text = text
        .replacen(
            "Digital Currency Address - ETH",
            "Digital Currency Address - ZZZ",
            1,
        )
        .replacen("<sdnType>", "<mood level=\"9\">grim</mood><sdnType>", 1);
    let listing = list_of("sdn.xml", text.as_bytes()).unwrap();
    let codes: Vec<&str> = entry(&listing, "27307")
        .wallets
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(
        (
            codes.len(),
            codes.iter().filter(|code| **code == "ZZZ").count()
        ),
        (8, 1)
    );
    let unknown: Vec<&str> = listing.unknown.keys().map(String::as_str).collect();
    assert_eq!(unknown, ["sdnEntry/mood", "sdnEntry/mood@level"]);
    let facts = listing.entries.iter().flat_map(|listed| &listed.facts);
    assert!(
        facts
            .into_iter()
            .any(|(place, text)| place == "mood" && text == "grim")
    );
}

#[test]
fn a_version_is_the_same_when_it_comes_back() {
    let listing = one("un.xml", Format::UnXml);
    let version = Version::new(&listing, "un-xml", Vec::new(), "2024-05-15", "publisher");
    let bytes = encode(&version, &listing.entries);
    let (found, entries) = decode("a", &bytes).unwrap();
    assert_eq!(found, version);
    for (stored, listed) in entries.iter().zip(&listing.entries) {
        assert_eq!(
            (&stored.entry, &stored.hash),
            (&listed.entry, &listed.hash())
        );
    }
    let facts = decode_facts("a", &bytes).unwrap();
    assert!(
        listing
            .entries
            .iter()
            .all(|listed| facts[&listed.entry.id] == listed.facts)
    );
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x04;
        assert!(decode("a", &damaged).is_err(), "a flip at {at}");
        assert!(decode("a", &bytes[..at]).is_err(), "a cut at {at}");
    }
}
