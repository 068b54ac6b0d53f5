//! Tables as they come, with faults planted in them: each is found, with its line and column, and nothing else is.

mod planted;

use super::*;
use planted::{PLANTED, Planted};

const HEADER: &str = "id,date,discovered,victim,sector,chain,vector,asset,quantity,usd,recovered usd,frozen usd,tx,address,actor,source,url,confidence,tlp,note";
const TX: &str = "0xca4e0aa223e3190ab477efb25617eff3a42af7bdb29cdb7dc9e7935ea88626b4";

fn read_table(text: &[u8]) -> Reading {
    let techniques = |id: &str| ["T1566", "T1566.002", "ADT3028.005"].contains(&id);
    let rules = Rules {
        today: Day::new(2026, 11, 29).unwrap(),
        source: None,
        techniques: Some(&techniques),
        known: &[],
    };
    read(text, &rules).unwrap()
}

/// A sound row of its own victim, day and figure; some cells said otherwise.
fn row(number: usize, cells: &[(&str, &str)]) -> String {
    let columns: Vec<&str> = HEADER.split(',').collect();
    let sound = |column: &str| match column {
        "id" => format!("theft-{number}"),
        "date" => format!(
            "20{:02}-0{}-1{}",
            10 + number % 15,
            1 + number / 15 % 9,
            number % 9
        ),
        "victim" => format!("Victim{}", letters(number)),
        "sector" => "exchange".to_owned(),
        "chain" => "ethereum".to_owned(),
        "vector" => "T1566".to_owned(),
        "asset" => "ETH".to_owned(),
        "quantity" => format!("{}.5", 100 + number),
        "usd" => format!("{}", 1_000_003 + number * 7919),
        "actor" => "dprk".to_owned(),
        "source" => "s1".to_owned(),
        "confidence" => "B2".to_owned(),
        "tlp" => "TLP:CLEAR".to_owned(),
        _ => String::new(),
    };
    let cell = |column: &&str| {
        let said = cells
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, text)| (*text).to_owned());
        let text = said.unwrap_or_else(|| sound(column));
        if text.contains([',', '"', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    columns.iter().map(cell).collect::<Vec<_>>().join(",")
}

fn letters(number: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("{}{}", letter(number / 26), letter(number))
}

/// Whether a flaw is the one that was planted.
fn is(flaw: &Flaw, line: u64, planted: &Planted) -> bool {
    flaw.line == line
        && flaw.column.as_deref() == Some(planted.column)
        && flaw.why.contains(planted.why)
}

#[test]
fn every_planted_fault_is_found_and_nothing_else() {
    let mut text = format!("{HEADER}\n");
    let mut lines = Vec::new();
    for (number, planted) in PLANTED.iter().enumerate() {
        text.push_str(&format!("{}\n", row(2 * number, &[])));
        lines.push(u64::try_from(1 + text.matches('\n').count()).unwrap());
        text.push_str(&format!("{}\n", row(2 * number + 1, planted.cells)));
    }
    let reading = read_table(text.as_bytes());
    for (line, planted) in lines.iter().copied().zip(PLANTED) {
        let flaws = if planted.refused {
            &reading.refused
        } else {
            &reading.warnings
        };
        let found: Vec<&Flaw> = flaws.iter().filter(|flaw| flaw.line == line).collect();
        assert!(
            found.iter().any(|flaw| is(flaw, line, planted)),
            "{:?}: {found:?}",
            planted.cells
        );
        let all = reading
            .refused
            .iter()
            .chain(&reading.warnings)
            .filter(|flaw| flaw.line == line)
            .count();
        let tells_of_the_victim_too = planted.why == "stands for nothing";
        assert_eq!(
            all,
            1 + usize::from(tells_of_the_victim_too),
            "{:?}: {:?} {:?}",
            planted.cells,
            found,
            reading
                .warnings
                .iter()
                .filter(|flaw| flaw.line == line)
                .collect::<Vec<_>>()
        );
    }
    let of_a_sound_row = |flaw: &&Flaw| !lines.contains(&flaw.line);
    assert_eq!(
        reading
            .refused
            .iter()
            .chain(&reading.warnings)
            .find(of_a_sound_row),
        None,
        "a sound row has no fault"
    );
    let refused = PLANTED.iter().filter(|planted| planted.refused).count();
    assert_eq!(
        (reading.rows, reading.imported),
        (2 * PLANTED.len(), 2 * PLANTED.len() - refused)
    );
    assert!(PLANTED.len() >= 40);
}

#[test]
fn broken_rows_are_found_and_cost_no_other_row() {
    let mut text = format!("Thefts of virtual assets\n{HEADER}\n{}\n", row(0, &[])).into_bytes();
    let mut lines = Vec::new();
    let mut plant = |bytes: &[u8], why: &'static str| {
        let line = text.iter().filter(|byte| **byte == b'\n').count() + 1;
        text.extend_from_slice(bytes);
        text.push(b'\n');
        lines.push((u64::try_from(line).unwrap(), why));
    };
    let sound = row(0, &[]);
    plant(b"theft-90,2020-01-01,,X", "4 cells, and the header has 20");
    plant(format!("{},more", row(91, &[])).as_bytes(), "21 cells");
    plant(
        row(92, &[]).replace("exchange", "\"exchange").as_bytes(),
        "quote opens",
    );
    plant(
        row(93, &[]).replace("exchange", "ex\"change").as_bytes(),
        "a quote stands within",
    );
    plant(
        row(94, &[]).replace("exchange", "\"ex\"change").as_bytes(),
        "behind the quote",
    );
    plant(
        &row(95, &[])
            .into_bytes()
            .into_iter()
            .map(|byte| if byte == b'V' { 0xff } else { byte })
            .collect::<Vec<_>>(),
        "not in UTF-8",
    );
    plant(row(96, &[]).replace("Victim", "Vic\0tim").as_bytes(), "NUL");
    plant(sound.as_bytes(), "repeats line 3");
    plant(HEADER.as_bytes(), "header is repeated");
    plant(
        row(97, &[("id", "Total"), ("victim", ""), ("date", "")]).as_bytes(),
        "adds up",
    );
    plant(
        row(98, &[("note", &"x".repeat(9000))]).as_bytes(),
        "9000 characters",
    );
    let reading_lines = lines.clone();
    text.extend_from_slice(
        format!("{}\n,,,,,,,,,,,,,,,,,,,\n{},\n", row(1, &[]), row(2, &[])).as_bytes(),
    );
    let reading = read_table(&text);
    for (line, why) in &reading_lines {
        let found: Vec<&Flaw> = reading
            .refused
            .iter()
            .filter(|flaw| flaw.line == *line)
            .collect();
        assert!(
            found.len() == 1 && found[0].why.contains(why),
            "line {line}, {why}: {found:?}"
        );
    }
    assert_eq!(reading.refused.len(), reading_lines.len());
    let warned: Vec<&str> = reading
        .warnings
        .iter()
        .map(|flaw| flaw.why.as_str())
        .collect();
    assert_eq!(
        warned,
        [
            "it stands above the header, and is not read",
            "the row is empty",
            "it has empty cells behind the last column"
        ]
    );
    assert_eq!(reading.imported, 3);
}

#[test]
fn what_shows_only_between_rows_is_found() {
    let rows = [
        row(0, &[("tx", TX)]),
        row(1, &[("tx", TX)]),
        row(2, &[("victim", "KuCoin"), ("date", "2020-09")]),
        row(3, &[("victim", "Ku-Coin Exchange"), ("date", "2020-09-25")]),
        row(4, &[("usd", "7000001"), ("date", "2019-05-05")]),
        row(5, &[("usd", "7000001"), ("date", "2019-05-07")]),
        row(6, &[("id", "one"), ("victim", "One")]),
        row(
            7,
            &[
                ("id", "one"),
                ("victim", "Other"),
                ("date", "2011-01-01"),
                ("asset", "BTC"),
                ("chain", "bitcoin"),
                ("quantity", "3"),
                ("usd", ""),
            ],
        ),
        row(8, &[("id", "two"), ("victim", "Two"), ("usd", "")]),
        row(
            8,
            &[
                ("id", "two"),
                ("victim", "Two"),
                ("usd", ""),
                ("quantity", "55"),
            ],
        ),
        row(
            9,
            &[("id", "three"), ("victim", "Three"), ("usd", "9000009")],
        ),
        row(
            9,
            &[
                ("id", "three"),
                ("victim", "Three"),
                ("usd", "9000009"),
                ("asset", "USDC"),
                ("quantity", "8"),
            ],
        ),
    ];
    let reading = read_table(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes());
    assert_eq!(reading.refused, []);
    let found: Vec<(u64, &str)> = reading
        .warnings
        .iter()
        .map(|flaw| (flaw.line, flaw.why.as_str()))
        .collect();
    for (line, why) in [
        (3, "both name the transaction"),
        (5, "the victim is the same"),
        (7, "both are of USD 7000001"),
        (8, "taken for this row's asset alone"),
        (9, "line 8 says One"),
        (9, "line 8 says 2016"),
        (11, "are not added"),
        (13, "taken for the total"),
    ] {
        assert!(
            found
                .iter()
                .any(|(at, what)| *at == line && what.contains(why)),
            "line {line}, {why}: {found:#?}"
        );
    }
    assert_eq!(found.len(), 8, "{found:#?}");
    assert_eq!(reading.incidents.len(), 9);
}

#[test]
fn rows_of_one_incident_are_one_and_repeat_nothing() {
    let table = "date;victim;asset;quantity;chain;actor;source\n\
        2020-09-25;KuCoin;BTC;1008;bitcoin;DPRK;s1\n\
        2020-09-25;KuCoin;XRP;18495798;;DPRK;s1\n\
        2020-09-25;KuCoin;LTC;26733;;;s2\n";
    let reading = read_table(table.as_bytes());
    assert_eq!(
        (
            reading.refused.len(),
            reading.warnings.len(),
            reading.imported
        ),
        (0, 0, 3),
        "{reading:?}"
    );
    let told = &reading.incidents[0];
    assert_eq!(
        (told.incident.as_str(), told.lines.as_slice()),
        ("kucoin-2020-09-25", &[2, 3, 4][..])
    );
    let kinds: Vec<&str> = told
        .statements
        .iter()
        .map(|statement| statement.body.kind_word())
        .collect();
    assert_eq!(
        kinds,
        [
            "incident",
            "incident",
            "loss",
            "attribution",
            "loss",
            "loss"
        ]
    );
    for statement in &told.statements {
        statement.payload().unwrap();
    }
}

#[test]
fn no_table_is_said_to_be_none() {
    let rules = Rules {
        today: Day::new(2026, 11, 29).unwrap(),
        source: None,
        techniques: None,
        known: &[],
    };
    for (text, why) in [
        ("", "empty"),
        ("a,b\n1,2\n", "names the columns"),
        ("victim,usd\nX,1\n", "the date"),
        ("date,usd\n2020,1\n", "which incident"),
    ] {
        let error = read(text.as_bytes(), &rules).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}

mod any {
    use proptest::prelude::*;

    use super::*;

    fn outcome(lines: &[String]) -> (usize, Vec<(String, Vec<String>)>) {
        let reading = read_table(format!("{HEADER}\n{}\n", lines.join("\n")).as_bytes());
        let mut incidents: Vec<(String, Vec<String>)> = reading
            .incidents
            .iter()
            .map(|told| {
                let payloads = told
                    .statements
                    .iter()
                    .map(|statement| statement.payload().unwrap().canonical());
                let mut payloads: Vec<String> = payloads.collect();
                payloads.sort();
                (told.incident.to_string(), payloads)
            })
            .collect();
        incidents.sort();
        (reading.imported, incidents)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Of which rows a table consists decides, and not their order.
        #[test]
        fn the_order_of_rows_does_not_matter(order in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let lines: Vec<String> = (0..24).map(|number| {
                let id = format!("theft-{}", number % 7);
                let victim = format!("Victim{}", letters(number % 7));
                let asset = ["ETH", "BTC", "XRP", "LTC"][number / 7];
                row(number % 7, &[("id", &id), ("victim", &victim), ("asset", asset), ("quantity", &format!("{}", number + 1)), ("usd", "")])
            }).collect();
            let shuffled: Vec<String> = order.iter().map(|at| lines[*at].clone()).collect();
            prop_assert_eq!(outcome(&lines), outcome(&shuffled));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cells in "[-0-9a-zA-Z,;\"'$€.+=#:/ \\n\u{200b}Т]{0,200}") {
            let rules = Rules { today: Day::new(2026, 11, 29).unwrap(), source: None, techniques: None, known: &[] };
            let _ = read(&bytes, &rules);
            let mut table = b"id,date,victim,chain,asset,quantity,usd,tx,address,note\n".to_vec();
            table.extend_from_slice(cells.as_bytes());
            table.push(b'\n');
            table.extend_from_slice(&bytes);
            if let Ok(reading) = read(&table, &rules) {
                for told in &reading.incidents {
                    for statement in &told.statements {
                        prop_assert!(statement.payload().is_ok());
                    }
                }
            }
        }
    }
}
