//! `whither incident`: a table with faults, what came of it, and what it adds up to.

use crate::whither::{Desk, Done, told};

const NOW: &str = "2026-11-29T12:00:00Z";

const TABLE: &str = "\
id,date,victim,sector,chain,asset,quantity,usd,recovered usd,tx,actor,source,confidence,note
kucoin,2020-09-25,KuCoin,exchange,bitcoin,BTC,1008,281000000,235000000,,dprk,s1,B2,=SUM(A1)
kucoin,,,,,XRP,18495798,,,,,s1,B2,
upbit,27/11/2019,Upbit,exchange,ethereum,ETH,342000,49000000,,,dprk,s1,B2,
lost,2021-02-30,Lost,exchange,,USD\u{422},5,1.0E+08,,,,s1,G7,
octo,2020-10,,exchange,,,,$23M,,,dprk,s2,B2,
octo,2020-10,,exchange,,,,$23M,,,dprk,s2,B2,
short,2020-01-01
Total,,,,,,,304000000,,,,,,
";

/// A desk with an empty case in it.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.run(&["init", ".", "--id", "desk"]).succeeded();
    desk
}

fn run(desk: &Desk, line: &[&str]) -> Done {
    let mut command = desk.command(line);
    command
        .env("WHITHER_AUTHOR", "m-weber")
        .env("WHITHER_NOW", NOW);
    desk.done(line, command.output().unwrap())
}

#[test]
fn a_table_comes_in_and_its_faults_are_named() {
    let desk = desk();
    desk.file("thefts.csv", TABLE);
    let tables = ["--format", "table"];
    let told_of = |line: &[&str]| run(&desk, &[line, &tables].concat());
    let dry = run(
        &desk,
        &["incident", "import", "thefts.csv", "--dry-run", "--json"],
    );
    assert_eq!(
        (dry.code, dry.json()["claims_new"].as_u64()),
        (Some(1), Some(8))
    );
    let listed = run(&desk, &["incident", "list", "--json"]).json();
    assert_eq!(
        listed["incidents"].as_array().map(Vec::len),
        Some(0),
        "a dry run writes nothing"
    );
    let runs = [
        told_of(&["incident", "import", "thefts.csv"]),
        told_of(&["incident", "import", "thefts.csv"]),
        told_of(&["incident", "list"]),
        told_of(&["incident", "show", "kucoin"]),
        told_of(&["incident", "total", "--from", "2020", "--to", "2020-09"]),
        run(
            &desk,
            &["incident", "total", "--by", "year", "--format", "csv"],
        ),
        run(
            &desk,
            &["incident", "list", "--victim", "kucoin", "--format", "csv"],
        ),
    ];
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn what_is_no_table_writes_nothing() {
    let desk = desk();
    desk.file("other.csv", "a,b\n1,2\n");
    desk.file("empty.csv", "");
    let runs = [
        run(&desk, &["incident", "import", "other.csv"]).failed(),
        run(&desk, &["incident", "import", "empty.csv"]).failed(),
        run(&desk, &["incident", "import", "missing.csv"]).failed(),
        run(&desk, &["incident", "show", "nobody"]).failed(),
        run(&desk, &["incident", "total", "--from", "03/04/2020"]).failed(),
        run(
            &desk,
            &["incident", "total", "--from", "2021", "--to", "2020"],
        )
        .failed(),
        Desk::new().run(&["incident", "list"]).failed(),
    ];
    insta::assert_snapshot!(told(&runs));
    assert!(
        std::fs::read_dir(desk.path().join("log"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn an_incident_is_told_on_the_command_line() {
    let desk = desk();
    let line = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
    let add = |text: &str| {
        let words = line(&format!("incident|add|{text}|--format|table"));
        run(&desk, &words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let runs = [
        add(
            "kucoin-2020|--date|2020-09-26T02:49+08:00|--victim|KuCoin|--sector|exchange|--stolen|USD 281000000|--source|un|--confidence|B2",
        ),
        add("kucoin-2020|--chain|bitcoin|--stolen|1008 BTC|--source|ceo"),
        add("kucoin-2020|--stolen|18495798 XRP|--stolen|275000000 USD|--source|ceo|--actor|dprk"),
        add("kucoin-2020|--stolen|18495798 XRP|--source|ceo"),
        add("other|--date|03/04/2020|--victim|X|--stolen|-5 BTC"),
        add("other|--date|2020-03-04|--victim|X|--stolen|much"),
        run(
            &desk,
            &[
                "incident",
                "show",
                "incident:kucoin-2020",
                "--format",
                "table",
            ],
        ),
        run(
            &desk,
            &[
                "incident",
                "total",
                "--as-of",
                "2026-11-28",
                "--format",
                "table",
            ],
        ),
    ];
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn the_public_record_is_a_case_that_is_built_in() {
    let desk = Desk::new();
    desk.run(&["init", ".", "--example", "dprk-2017-2020"])
        .succeeded();
    let total = |line: &[&str]| {
        run(
            &desk,
            &[&["incident", "total", "--format", "table"], line].concat(),
        )
    };
    let runs = [
        total(&["--from", "2019-01-01", "--to", "2020-11-30"]).succeeded(),
        total(&["--from", "2017-01-01", "--to", "2018-09-30", "--by", "year"]).succeeded(),
    ];
    insta::assert_snapshot!(told(&runs));
}
