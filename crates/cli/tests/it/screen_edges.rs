//! Questions at the edge: tables that are damaged, numbers of entries, addresses of no known form.

use crate::screen::with_lists;

#[test]
fn a_table_that_cannot_be_read_as_it_stands_is_no_clean_answer() {
    let desk = with_lists();
    let ask = |name: &str, bytes: &[u8]| {
        let file = desk.file(name, "");
        std::fs::write(desk.path().join(name), bytes).unwrap();
        desk.run(&["screen", "--rows", &file]).stderr
    };
    let said = ask("latin.csv", b"name\nNobody\nNicol\xe1s Somebody\n");
    assert!(said.contains("line 3: a cell is not UTF-8"), "{said}");
    let said = ask("quote.csv", b"name\nNobody\n\"unclosed\nKim Jong Un\n");
    assert!(
        said.contains("line 3: a quote that opens a cell is not closed"),
        "{said}"
    );
    // The quote stands in a column that nobody asks, and swallows the next row.
    let said = ask(
        "note.csv",
        b"name,note\nNobody,\"open\nKim Chol Sam,x\nSomebody,\"y\"\n",
    );
    assert!(said.contains("line 2"), "{said}");
    let long = format!("name\nNobody\n\"{}\"\n", "Kim\n".repeat(300));
    let said = ask("long.csv", long.as_bytes());
    assert!(said.contains("line 3: a name of 11"), "{said}");
}

#[test]
fn a_cell_in_quotes_may_go_over_several_lines() {
    let desk = with_lists();
    let ask = |name: &str, text: &str| {
        let done = desk.run(&["screen", "--rows", &desk.file(name, text), "--list", "un"]);
        let lines = done.stdout.lines();
        let rows: Vec<serde_json::Value> = lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (done.code, rows)
    };
    let (code, rows) = ask(
        "lines.csv",
        "name,note\r\n\"Kim\r\nChol Sam\",\"1 High Street\r\nLondon\"\r\nNobody,\"say \"\"no\"\"\"\r\n",
    );
    assert_eq!((code, rows.len()), (Some(1), 2));
    assert_eq!(rows[0]["query"], "Kim Chol Sam");
    assert_eq!(rows[0]["hits"][0]["entry"], "KPi.035");
    assert_eq!(rows[1]["hits"].as_array().unwrap().len(), 0);
    // A quote that nobody closed makes a cell out of rows, with a second one by chance: who stands in it is asked for.
    let (code, rows) = ask(
        "closed.csv",
        "name,note\nNobody,\"open\nKim Chol Sam,x\"\nSomebody,y\n",
    );
    assert_eq!((code, rows.len()), (Some(1), 2));
    let hit = &rows[0]["hits"][0];
    assert_eq!(hit["entry"], "KPi.035");
    let why = hit["why"].as_array().unwrap();
    let last = why.last().unwrap().as_str().unwrap();
    assert!(last.contains("in line 2 of a cell"), "{last}");
}

#[test]
fn two_columns_of_one_thing_are_both_read() {
    let desk = with_lists();
    let hits = |table: &str| {
        let file = desk.file("rows.csv", table);
        let done = desk.run(&["screen", "--rows", &file, "--list", "un"]);
        let row: serde_json::Value =
            serde_json::from_str(done.stdout.lines().next().unwrap()).unwrap();
        (row["hits"].clone(), done.stderr)
    };
    let score = |table: &str| hits(table).0[0]["score"].as_u64();
    let alone = score("name,born\nKim Chol Sam,1990\n");
    let empty = score("name,DOB,born\nKim Chol Sam,,1990\n");
    let same = score("name,DOB,born\nKim Chol Sam,1990-03-04,04/03/1990\n");
    let without = score("name\nKim Chol Sam\n");
    assert!(alone < without, "{alone:?} {without:?}");
    assert_eq!((empty, same), (alone, alone));
    // Which of the two is right nobody knows, so neither speaks against the hit.
    let (hits, said) = hits("name,DOB,born\nKim Chol Sam,1990,1991\n");
    assert_eq!(hits[0]["score"].as_u64(), without);
    let why = hits[0]["why"].to_string();
    assert!(why.contains("`born` is said to be 1990 and 1991"), "{why}");
    assert!(!said.contains("not asked"), "{said}");
}

#[test]
fn a_decision_is_about_one_person_and_not_about_all_of_the_name() {
    let desk = with_lists();
    let case = desk.path().join("case").display().to_string();
    desk.run(&["init", &case]).succeeded();
    let ask = |more: &[&str]| {
        let asked = ["screen", "Kim Chol Sam", "--list", "un", "--case", &case];
        desk.run(&[&asked[..], more].concat())
    };
    let decide = ["--entry", "un/KPi.035", "--why", "another", "--decide"];
    ask(&[&decide[..], &["false", "--born", "1971-03-11"]].concat()).succeeded();
    assert_eq!(ask(&["--born", "1971-03-11"]).code, Some(0));
    assert_eq!(ask(&["--born", "11 Mar 1971"]).code, Some(0));
    for other in [
        &[][..],
        &["--born", "1971"],
        &["--born", "1971-03-11", "--country", "KP"],
        &["--born", "1971-03-11", "--document", "SE 012820"],
    ] {
        let done = ask(other);
        assert_eq!(done.code, Some(1), "{other:?}");
        let hit = &done.json()["queries"][0]["hits"][0];
        assert_eq!(hit["asks"], true);
        let note = hit["decision"]["note"].as_str().unwrap();
        assert!(note.contains("decided of one born 1971-03-11"), "{note}");
    }
    let rows = desk.file(
        "rows.csv",
        "name,born\nKim Chol Sam,1971-03-11\nKim Chol Sam,1972\n",
    );
    let done = desk.run(&["screen", "--rows", &rows, "--list", "un", "--case", &case]);
    assert_eq!(done.code, Some(1));
    let counts = "2 rows, 2 with a hit, 1 of them decided to be somebody else";
    assert!(done.stderr.contains(counts), "{}", done.stderr);
}

#[test]
fn a_date_of_a_publisher_that_cannot_be_read_is_said() {
    let desk = with_lists();
    let text = std::fs::read_to_string(crate::whither::path("crates/screening/tests/data/un.xml"))
        .unwrap();
    let at = text.find("dateGenerated='").unwrap() + "dateGenerated='".len();
    let end = at + text[at..].find('\'').unwrap();
    let file = desk.file(
        "un.xml",
        format!("{}the other day{}", &text[..at], &text[end..]),
    );
    let done = desk
        .run(&["lists", "import", &file, "--name", "odd"])
        .succeeded()
        .json();
    assert_eq!(done["lists"][0]["date_basis"], "import");
    let problems = done["lists"][0]["problems"].to_string();
    assert!(
        problems.contains("date cannot be read: `the other day`"),
        "{problems}"
    );
    let asked = desk.run(&["screen", "Nobody Whatsoever"]).json();
    let caveats = asked["caveats"].to_string();
    assert!(
        caveats.contains("the list `odd` is taken to be of"),
        "{caveats}"
    );
    // Who gives the date knows it.
    desk.run(&[
        "lists",
        "import",
        &file,
        "--name",
        "given",
        "--date",
        "2024-06-01",
    ])
    .succeeded();
    let asked = desk
        .run(&["screen", "Nobody Whatsoever", "--list", "given"])
        .json();
    assert_eq!(asked["caveats"].as_array().unwrap().len(), 0);
}

#[test]
fn one_list_that_is_brought_in_twice_at_once_is_one_version() {
    let desk = crate::whither::Desk::new();
    let file = crate::whither::path("crates/screening/tests/data/un.xml");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| desk.run(&["lists", "import", &file]).succeeded());
        }
    });
    let status = desk.run(&["lists", "status"]).succeeded().json();
    assert_eq!(status["lists"][0]["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn a_column_that_nobody_asks_is_told() {
    let desk = with_lists();
    let file = desk.file(
        "rows.csv",
        "full name,b-day,name\nNobody Whatsoever,1990,x\n",
    );
    let done = desk.run(&["screen", "--rows", &file]);
    assert_eq!(done.code, Some(0));
    assert!(
        done.stderr
            .contains("columns that were not asked: b-day, name"),
        "{}",
        done.stderr
    );
}

#[test]
fn organisations_and_persons_are_found_in_other_scripts() {
    let desk = with_lists();
    for (asked, entry) in [
        ("정찰총국", "KPe.031"),
        ("偵察總局", "KPe.031"),
        ("侦察总局", "KPe.031"),
        ("조선인민군 정찰총국", "KPe.031"),
        ("Ким Чхоль Сам", "KPi.035"),
        ("كيم تشول سام", "KPi.035"),
    ] {
        let done = desk.run(&["screen", asked, "--list", "un"]);
        let hits = &done.json()["queries"][0]["hits"];
        assert_eq!(hits[0]["entry"], entry, "{asked}: {hits}");
        assert_eq!(hits[0]["exact"], false, "{asked}");
    }
}

#[test]
fn an_entry_is_found_by_its_number_and_an_address_of_no_known_form_letter_by_letter() {
    let desk = with_lists();
    let list = desk.file(
        "odd.csv",
        "id,name,address\nx-1,A HOLDER,nano_3t6k35gi95xu6tergt6p69ck76ogmitsa8mnijtpxm9fkcm736xtoncuohr3\nx-2,ANOTHER,0.0.1234567\n",
    );
    desk.run(&["lists", "import", &list, "--date", "2024-08-01"])
        .succeeded();
    for (asked, entry) in [
        (
            "nano_3t6k35gi95xu6tergt6p69ck76ogmitsa8mnijtpxm9fkcm736xtoncuohr3",
            "x-1",
        ),
        ("0.0.1234567", "x-2"),
        ("kpe.031", "KPe.031"),
    ] {
        let done = desk.run(&["screen", asked]);
        assert_eq!(done.code, Some(1), "{asked}: {}", done.stdout);
        let hit = &done.json()["queries"][0]["hits"][0];
        let found = [&hit["entry"], &hit["reference"]].map(|it| it.as_str().unwrap().to_owned());
        assert!(
            asked == "kpe.031" || found.contains(&entry.to_owned()),
            "{found:?}"
        );
    }
}
