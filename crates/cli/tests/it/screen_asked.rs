//! Questions that hold more than one thing, or nothing that can be asked, and numbers of documents.

use serde_json::Value;

use crate::screen::with_lists;

const OTHER: &str = "0x0000000000000000000000000000000000000abc";
const LISTED: &str = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";

#[test]
fn a_cell_of_several_addresses_is_asked_and_what_is_none_is_told() {
    let desk = with_lists();
    let short = &LISTED[..LISTED.len() - 1];
    // Longer than any question.
    let many = format!("{OTHER};").repeat(40) + LISTED;
    let table = format!(
        "id,name,address\n\
         a,,\"{OTHER},{LISTED}\"\n\
         b,,{OTHER};{LISTED}\n\
         c,,{OTHER} {LISTED}\n\
         d,,{short}\n\
         e,,Kim Chol Sam\n\
         f,,n/a\n\
         g,!!!,\n\
         h,☺,\n\
         i,Nobody Whatsoever,{OTHER}\n\
         j,Nobody Whatsoever {LISTED},\n\
         k,,{OTHER}/{LISTED}\n\
         l,,{many}\n"
    );
    let done = desk.run(&["screen", "--rows", &desk.file("rows.csv", table)]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let rows: Vec<Value> = done
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let filled = |row: &Value, what: &str| row[what].as_array().is_some_and(|all| !all.is_empty());
    let told: Vec<(&str, bool, bool)> = rows
        .iter()
        .map(|row| {
            let id = row["id"].as_str().unwrap();
            (id, filled(row, "hits"), filled(row, "caveats"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("a", true, false),
            ("b", true, false),
            ("c", true, false),
            ("d", false, true),
            ("e", true, true),
            ("f", false, true),
            ("g", false, true),
            ("h", false, true),
            ("i", false, false),
            ("j", true, false),
            ("k", true, false),
            ("l", true, false),
        ]
    );
    let counts = "12 rows, 7 with a hit; 5 rows hold something that could not be screened";
    assert!(done.stderr.contains(counts), "{}", done.stderr);
    let caveat = rows[3]["caveats"][0].as_str().unwrap();
    assert!(caveat.contains("no address of a known form"), "{caveat}");
}

#[test]
fn a_question_that_nobody_can_be_found_by_says_so() {
    let desk = with_lists();
    for (asked, said) in [
        ("!!!", "no letter and no digit"),
        ("☺", "no letter and no digit"),
        (&LISTED[..LISTED.len() - 1], "no address of a known form"),
    ] {
        let done = desk.run(&["screen", asked]);
        assert_eq!(done.code, Some(0), "{asked}: {}", done.stderr);
        assert!(done.stderr.contains(said), "{asked}: {}", done.stderr);
        let json = done.json();
        for caveats in [&json["caveats"], &json["queries"][0]["caveats"]] {
            assert!(caveats.to_string().contains(said), "{asked}: {json}");
        }
    }
    let both = format!("{OTHER}, {LISTED}");
    let done = desk.run(&["screen", &both]);
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    assert!(done.stderr.is_empty(), "{}", done.stderr);
    desk.run(&["screen", "Nobody Whatsoever", OTHER])
        .succeeded();
}

#[test]
fn a_document_is_a_question_by_itself() {
    let desk = with_lists();
    let case = desk.path().join("case").display().to_string();
    desk.run(&["init", &case]).succeeded();
    let ask = |more: &[&str]| desk.run(&[&["screen", "--list", "un"], more].concat());
    for asked in [
        &["--document", "645120378"][..],
        &["645120378"],
        &["645 120 378"],
        &["--document", "645120378", "--case", &case],
    ] {
        let done = ask(asked);
        assert_eq!(done.code, Some(1), "{asked:?}: {}", done.stderr);
        let hits = done.json()["queries"][0]["hits"].clone();
        assert_eq!(hits.as_array().unwrap().len(), 1, "{asked:?}: {hits}");
        assert_eq!(hits[0]["entry"], "KPi.035", "{asked:?}");
    }
    assert_eq!(ask(&["--document", "111222333"]).code, Some(0));
    assert_eq!(ask(&["111222333"]).code, Some(0));
    // A decision about the number is one, whichever way it is asked for.
    let said = ["--decide", "false", "--entry", "un/KPi.035", "--why", "x"];
    let of = ["--document", "645120378", "--case", &case];
    ask(&[&said[..], &of].concat()).succeeded();
    assert_eq!(ask(&of).code, Some(0));
    assert_eq!(ask(&["645120378", "--case", &case]).code, Some(0));
    desk.run(&["screen"]).failed();
}
