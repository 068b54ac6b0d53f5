//! What is found in lists, and what is not.

use std::sync::OnceLock;

use proptest::prelude::*;
use whither_screening::lists::Kind;
use whither_screening::matching::index::FLOOR;
use whither_screening::matching::korean::Korean;
use whither_screening::matching::qualifier::Qualifiers;
use whither_screening::matching::screen::{Hit, Screen, Searcher, THRESHOLD, pair};

use crate::support::{cut, list, list_of, screen};

fn lists() -> Screen {
    screen(&["un.xml", "sdn.xml", "eu.xml", "uk.xml"].map(|name| list(&[&cut(name)]).1))
}

fn ask(screen: &Screen, text: &str) -> Vec<Hit> {
    screen.ask(
        text,
        &Qualifiers::default(),
        THRESHOLD,
        &mut Searcher::default(),
    )
}

fn found(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.entry.as_str()).collect()
}

#[test]
fn a_korean_name_is_found_under_every_writing() {
    let lists = lists();
    for text in [
        "Kim Chol Sam",
        "KIM CHOL-SAM",
        "Kim Ch'ŏl-sam",
        "Gim Cheolsam",
        "Kim Chul Sam",
        "김철삼",
        "金鐵三",
        "金铁三",
        "Jin Tiesan",
        "Chol Sam Kim",
        "KIM CH'O'L SAM",
    ] {
        let hits = ask(&lists, text);
        assert!(
            found(&hits).contains(&"KPi.035") && found(&hits).contains(&"16084"),
            "{text}: {:?}",
            found(&hits)
        );
    }
    for text in [
        "Kim Chol Nam",
        "Kim Sam",
        "Pak Chol Sam",
        "Jin Tie",
        "Ri Chol Sam",
        "Kim Yong Sam",
    ] {
        assert_eq!(found(&ask(&lists, text)), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn organisations_are_found_in_hangul_and_hanja() {
    let table = "id,name,type\n1,KOREA KWANGSON BANKING CORPORATION (KKBC),company\n\
        2,Korea Rungrado General Trading Corporation,company\n3,FOREIGN TRADE BANK (FTB),company\n\
        4,MUNITIONS INDUSTRY DEPARTMENT,company\n5,SHEN ZHONG INTERNATIONAL SHIPPING,company\n\
        6,조선백호무역회사,company\n7,SECOND ACADEMY OF NATURAL SCIENCES,company\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (text, wanted) in [
        ("조선광선은행", vec!["1"]),
        ("朝鮮光鮮銀行", vec!["1"]),
        ("朝鲜光鲜银行", vec!["1"]),
        ("조선릉라도무역총회사", vec!["2"]),
        ("조선무역은행", vec!["3"]),
        ("군수공업부", vec!["4"]),
        ("沈忠国际海运有限公司", vec!["5"]),
        ("Korea Paekho Trading Company", vec!["6"]),
        ("제2자연과학원", vec!["7"]),
        // Banks and companies that nobody has listed.
        ("국민은행", vec![]),
        ("삼성전자", vec![]),
        ("中國銀行", vec![]),
        ("한국무역협회", vec![]),
        ("김철삼", vec![]),
    ] {
        assert_eq!(found(&ask(&lists, text)), wanted, "{text}");
    }
    let hits = ask(&lists, "조선광선은행");
    assert!(
        !hits[0].exact && hits[0].why.iter().any(|why| why.contains("korea kwangson")),
        "{hits:?}"
    );
}

#[test]
fn one_word_is_the_organisation_that_it_tells_from_others() {
    let table = "id,name,type\n1,GARANTEX EUROPE OU,company\n2,HAMAS,company\n3,TALIBAN,company\n\
        4,GARANTEX MASON HOLDING LLC,company\n5,\"MASON, Peter\",person\n6,Korea Mason Trading Company,company\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (text, wanted) in [
        ("Garantex", vec!["1"]),
        ("حماس", vec!["2"]),
        ("طالبان", vec!["3"]),
        // Two names are a person's, and a name that is nearly the word is another.
        ("Peter Garantex", vec![]),
        ("Garant", vec![]),
        ("Hamad", vec![]),
        ("Masson", vec![]),
    ] {
        assert_eq!(found(&ask(&lists, text)), wanted, "{text}");
    }
    let person = Qualifiers {
        kind: Some(Kind::Person),
        ..Qualifiers::default()
    };
    let hits = lists.ask("Garantex", &person, THRESHOLD, &mut Searcher::default());
    assert_eq!(found(&hits), Vec::<&str>::new());
}

#[test]
fn organisations_are_found_by_their_korean_words_in_latin_letters() {
    let table = "id,name,type\n1,RECONNAISSANCE GENERAL BUREAU,company\n2,KOREA KWANGSON BANKING CORPORATION,company\n\
        3,STATE SECURITY DEPARTMENT,company\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (text, wanted) in [
        ("Jeongchal Chongguk", vec!["1"]),
        ("Chŏngch’al Ch’ongguk", vec!["1"]),
        ("Jongchalchongguk", vec!["1"]),
        ("Choson Kwangson Unhaeng", vec!["2"]),
        ("Joseon Gwangseon Eunhaeng", vec!["2"]),
        ("Kukgabowibu", vec!["3"]),
        ("Jeong Chal", vec![]),
        ("Chong Guk", vec![]),
    ] {
        assert_eq!(found(&ask(&lists, text)), wanted, "{text}");
    }
    let hits = ask(&lists, "Jeongchal Chongguk");
    let read = |why: &String| why.contains("reconnaissance general bureau");
    assert!(!hits[0].exact && hits[0].why.iter().any(read), "{hits:?}");
}

#[test]
fn a_surname_at_the_rarer_end_decides_nothing_in_part() {
    let korean = Korean::new();
    let score = |one: &str, other: &str| pair(one, other, Kind::Person, &korean).score / 10;
    for (one, other) in [
        ("Kim Song Nam", "KIM, Chol Nam"),
        ("Tong Myong Kim", "Tong-Ho Kim"),
        ("Ri Song Un", "RI, Un Song"),
        ("Su Il Kim", "KIM, Il Su"),
    ] {
        assert!(score(one, other) < u32::from(THRESHOLD), "{one} {other}");
    }
    for (one, other) in [
        ("Song Nam Kim", "KIM, Song Nam"),
        ("Min Byong Chol", "Min Byong Chun"),
        ("Chol Nam Kim", "김철남"),
    ] {
        assert!(score(one, other) >= u32::from(THRESHOLD), "{one} {other}");
    }
}

#[test]
fn numbers_of_documents_are_asked_and_remarks_are_not() {
    let table = "id,name,type,passport,imo\n1,A SHIP,vessel,,IMO 9563524\n2,John Doe,person,Afghan passport number SE 012820,\n\
        3,A BANK,company,Subject to Directive 1,\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (number, wanted) in [
        ("9563524", vec!["1"]),
        ("IMO 9563524", vec!["1"]),
        ("IMO9563524", vec!["1"]),
        ("SE012820", vec!["2"]),
        ("se 012820", vec!["2"]),
        ("012820", vec![]),
        ("Subject to Directive 1", vec![]),
    ] {
        let known = Qualifiers {
            document: Some(number.to_owned()),
            ..Qualifiers::default()
        };
        let hits = lists.ask("Zzyx", &known, THRESHOLD, &mut Searcher::default());
        assert_eq!(found(&hits), wanted, "{number}");
    }
}

#[test]
fn an_entry_is_found_by_the_number_of_another_list() {
    let text = std::fs::read_to_string(cut("eu.xml")).unwrap();
    let text = text.replace("unitedNationId=\"\"", "unitedNationId=\"LYi.006\"");
    let lists = [
        list_of("eu.xml", text.as_bytes()).unwrap(),
        list(&[&cut("uk.xml")]).1,
        list(&[&cut("uk.csv")]).1,
    ];
    for (listing, number, wanted) in [
        (&lists[0], "lyi.006", vec!["EU.27.28", "EU.3319.66"]),
        (&lists[1], "KPi.999", vec!["AAA0001"]),
        (&lists[1], "10001", vec!["AAA0001"]),
        (&lists[2], "KPi.999", vec!["AAA0001"]),
    ] {
        let hits = ask(&screen(std::slice::from_ref(listing)), number);
        assert_eq!(found(&hits), wanted, "{number}");
        let said = |why: &String| why.contains("another list cites this entry");
        assert!(hits[0].why.iter().any(said), "{hits:?}");
    }
}

#[test]
fn the_letter_yo_is_read_both_ways() {
    let table = "id,name,type\n1,\"PROKOFYEV, Artyom Fyodorovich\",person\n2,\"PROKOFYEV, Artem Fedorovich\",person\n\
        3,\"PETROVA, Anna Fyodorovna\",person\n4,Фёдор СОЛОВЬЁВ,person\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (text, wanted) in [
        ("Прокофьев Артём", vec!["1", "2"]),
        ("Артём Фёдорович Прокофьев", vec!["1", "2"]),
        ("Анна Фёдоровна Петрова", vec!["3"]),
        ("Fyodor Solovyov", vec!["4"]),
        ("Fedor Solovev", vec!["4"]),
    ] {
        let mut entries = found(&ask(&lists, text))
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<String>>();
        entries.sort();
        assert_eq!(entries, wanted, "{text}");
    }
}

#[test]
fn short_names_of_firms_and_banks_are_found() {
    let table = "id,name,type\n1,\"SUEX OTC, S.R.O.\",company\n2,KOREA KWANGSON BANKING CORP,company\n\
        3,REVOLUTIONARY PEOPLE'S LIBERATION PARTY/FRONT,company\n4,AL-ITIHAAD AL-ISLAMIYA / AIAI,company\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (text, wanted) in [
        ("SUEX", vec!["1"]),
        ("Suex OTC", vec!["1"]),
        ("Korea Kwangson Bank", vec!["2"]),
        ("Revolutionary People's Liberation Party", vec!["3"]),
        ("AIAI", vec!["4"]),
        // A word on one side of a stroke is no name.
        ("Front Company Ltd", vec![]),
        ("Front", vec![]),
    ] {
        assert_eq!(found(&ask(&lists, text)), wanted, "{text}");
    }
    let korean = Korean::new();
    let bank = pair("Hana Bank", "Hana Banking", Kind::Organisation, &korean);
    assert_eq!((bank.score, bank.exact), (1000, false));
}

#[test]
fn the_north_writes_a_breath_as_an_h() {
    let korean = Korean::new();
    for (one, other) in [
        ("Jang Seong-taek", "Jang Song Thaek"),
        ("장성택", "Jang Song Thaek"),
        ("태영호", "Thae Yong Ho"),
        ("Ahn Tae-soo", "An Thae Su"),
        ("Park Pyong Il", "Pak Phyong Il"),
    ] {
        let score = pair(one, other, Kind::Person, &korean).score;
        assert!(score >= 900, "{one} and {other}: {score}");
    }
}

#[test]
fn every_hit_says_why_and_what_the_other_tool_says() {
    let hits = ask(&lists(), "Kim Chul Sam");
    let hit = hits.iter().find(|hit| hit.entry == "16084").unwrap();
    assert_eq!(
        (
            hit.list.as_str(),
            hit.list_date.as_str(),
            hit.entry_hash.len()
        ),
        ("ofac-sdn", "2024-05-07", 64)
    );
    assert!(
        hit.ofac_score > 0 && hit.score >= 90 && !hit.exact,
        "{hit:?}"
    );
    assert!(
        hit.why
            .iter()
            .any(|why| why.contains("chul and chol are both 철")),
        "{:?}",
        hit.why
    );
}

#[test]
fn an_address_is_found_under_any_case() {
    let lists = lists();
    for text in [
        "0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
        "0x098b716b8aaf21512996dc57eb0615e2383e2f96",
        "eip155:56:0x098b716b8aaf21512996dc57eb0615e2383e2f96",
    ] {
        let hits = ask(&lists, text);
        assert_eq!(found(&hits), ["27307"], "{text}");
        assert!(hits[0].exact && hits[0].address.is_some());
        assert!(
            hits[0]
                .why
                .iter()
                .any(|why| why.contains("every EVM chain"))
        );
    }
    assert!(ask(&lists, "0x098b716b8aaf21512996dc57eb0615e2383e2f97").is_empty());
}

#[test]
fn the_same_words_are_the_same_name_in_either_order() {
    let korean = Korean::new();
    for (asked, listed) in [
        ("Abdul MAJID", "MAJID, Abdul"),
        ("Hafiz Abdul REHMAN", "REHMAN, Hafiz Abdul"),
        ("REHMAN Hafiz Abdul", "REHMAN, Hafiz Abdul"),
    ] {
        let found = pair(asked, listed, Kind::Person, &korean);
        assert_eq!((found.score, found.exact), (1000, true), "{asked}");
        assert!(
            found.extra.is_empty() && found.missing.is_empty(),
            "{found:?}"
        );
    }
    // Of Korean syllables the order tells who it is.
    let other = pair("Kim Song Un", "KIM, Un Song", Kind::Person, &korean);
    assert!(other.score < 820, "{other:?}");
}

#[test]
fn what_is_known_besides_never_makes_a_hit() {
    let lists = lists();
    let asked = |text: &str, born: &str, country: &str| {
        let known = Qualifiers {
            kind: Some(Kind::Person),
            birth: Qualifiers::birth(born),
            country: Some(country.to_owned()),
            ..Qualifiers::default()
        };
        lists.ask(text, &known, THRESHOLD, &mut Searcher::default())
    };
    let plain = ask(&lists, "Kim Chol Sam")[0].score;
    assert_eq!(asked("Kim Chol Sam", "1971-03-11", "KP")[0].score, plain);
    assert!(asked("Somebody Else", "1971-03-11", "KP").is_empty());
    assert!(asked("Kim Chol Sam", "1931", "France").is_empty());
    let known = Qualifiers {
        document: Some("645-120.378".to_owned()),
        ..Qualifiers::default()
    };
    let by_number =
        |screen: &Screen| screen.ask("Somebody Else", &known, THRESHOLD, &mut Searcher::default());
    let table = list_of("a.csv", b"id,name,passport\n1,John Doe,645120378\n").unwrap();
    assert_eq!(found(&by_number(&screen(&[table]))), ["1"]);
}

#[test]
fn legal_forms_digits_and_spaces_of_companies() {
    let table = "id,name,type\n1,JSC ARGUMENT,company\n2,11420 CORP.,company\n3,Siemens Aktiengesellschaft,company\n\
        4,Van der Bilt Trading LLC,company\n5,EMMA LLC,company\n";
    let lists = screen(&[list_of("a.csv", table.as_bytes()).unwrap()]);
    for (text, wanted) in [
        ("JSCARGUMENT", vec!["1"]),
        ("Argument JSC", vec!["1"]),
        ("BELLETECH CORP", vec![]),
        ("11421 CORP", vec![]),
        ("11420 Corporation", vec!["2"]),
        ("SiemensAG", vec![]),
        ("Siemens AG", vec!["3"]),
        ("Vanderbilt Trading LLC", vec!["4"]),
        ("emma daniels", vec![]),
    ] {
        assert_eq!(found(&ask(&lists, text)), wanted, "{text}");
    }
}

#[test]
fn a_low_alias_counts_less_and_does_not_vanish() {
    let lists = lists();
    let hits = ask(&lists, "Ivor Petrovski");
    assert_eq!(found(&hits), ["AAA0001"]);
    assert!(!hits[0].exact && hits[0].score < 100, "{hits:?}");
    let good = ask(&lists, "Игорь Петровский");
    assert!(good[0].score > hits[0].score);
}

#[test]
fn hostile_text_is_only_text() {
    let lists = lists();
    for text in [
        "\u{202e}\u{0}",
        "=cmd()",
        "<script>",
        "' OR 1=1",
        "%s%n",
        "()[]{}",
        "\u{feff}",
        "................",
    ] {
        assert!(ask(&lists, text).is_empty(), "{text:?}");
    }
    let _ = ask(&lists, &"Kim ".repeat(5000));
    let _ = ask(&lists, &"x".repeat(100_000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_question_has_an_answer_and_the_same_one(text in "\\PC{0,60}") {
        let lists = lists_of_two();
        let once = ask(lists, &text);
        prop_assert_eq!(&once, &ask(lists, &text));
        prop_assert!(once.iter().all(|hit| hit.score >= THRESHOLD && hit.score <= 100));
    }

    #[test]
    fn a_listed_name_is_found_in_any_order_and_case(order in prop::sample::select(vec![[0, 1, 2], [2, 0, 1], [1, 0, 2]])) {
        let parts = ["SADDAM", "HUSSEIN", "AL-TIKRITI"];
        let name: Vec<&str> = order.iter().map(|at| parts[*at]).collect();
        let hits = ask(lists_of_two(), &name.join(" ").to_lowercase());
        prop_assert_eq!(found(&hits), vec!["EU.27.28"]);
    }
}

fn lists_of_two() -> &'static Screen {
    static LISTS: OnceLock<Screen> = OnceLock::new();
    LISTS.get_or_init(|| screen(&["eu.xml", "uk.xml"].map(|name| list(&[&cut(name)]).1)))
}

/// Names that are listed, changed as people change them: words left out, turned round, joined, cut to letters, misspelt.
fn changed(name: &str, how: u8, at: usize) -> String {
    let mut words: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
    let at = at % words.len().max(1);
    match how {
        0 => words.rotate_left(at),
        1 if words.len() > 1 => drop(words.remove(at)),
        2 => return words.concat(),
        3 => words[at] = words[at].chars().take(1).collect(),
        4 => words[at] = words[at].chars().rev().skip(1).collect(),
        5 => words[at] = words[at].replace('a', "e").replace('i', "y"),
        6 => words[at] = words[at].chars().skip(1).collect(),
        _ => words.push("Ahmad".to_owned()),
    }
    words.join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_comparing_with_every_name_finds(which in 0_usize..10_000, how in 0_u8..8, at in 0_usize..6) {
        static LISTS: OnceLock<(Screen, Vec<String>)> = OnceLock::new();
        let (lists, names) = LISTS.get_or_init(|| {
            let files = ["un.xml", "sdn.xml", "eu.xml", "uk.xml", "advanced.xml"];
            let listings = files.map(|name| list(&[&cut(name)]).1);
            let entries = listings.iter().flat_map(|listing| &listing.entries);
            let names = entries.flat_map(|listed| &listed.entry.names);
            let names = names.map(|name| name.text.clone()).filter(|name| !name.trim().is_empty());
            let names: Vec<String> = names.collect();
            (screen(&listings), names)
        });
        let question = changed(&names[which % names.len()], how, at);
        for threshold in [FLOOR, THRESHOLD] {
            let known = Qualifiers::default();
            let every = lists.ask_every_name(&question, &known, threshold);
            let indexed = lists.ask_name(&question, &known, threshold, &mut Searcher::default());
            prop_assert_eq!(every, indexed, "{}", question);
        }
    }
}
