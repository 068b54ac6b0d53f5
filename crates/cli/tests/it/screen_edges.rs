//! Questions at the edge: tables that are damaged, numbers of entries, addresses of no known form.

use serde_json::Value;

use crate::screen::with_lists;
use crate::whither::Desk;

/// Rows of a table asked of the UN's list: the exit code, and each answer.
fn rows(desk: &Desk, table: &str, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let file = desk.file("asked.csv", table);
    let asked = ["screen", "--rows", &file, "--list", "un"];
    let done = desk.run(&[&asked[..], more].concat());
    let lines = done.stdout.lines();
    let answers = lines.map(|line| serde_json::from_str(line).unwrap());
    (done.code, answers.collect())
}

/// The entries that a row is a hit of.
fn entries(row: &Value) -> Vec<&str> {
    let hits = row["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["entry"].as_str().unwrap()).collect()
}

/// A case beside the lists.
fn with_case() -> (Desk, String) {
    let desk = with_lists();
    let case = desk.path().join("case").display().to_string();
    desk.run(&["init", &case]).succeeded();
    (desk, case)
}

/// Decides that Kim Chol Sam, of whom so much is known, is not the one on the UN's list.
fn dismiss(desk: &Desk, case: &str, known: &[&str]) {
    let asked = ["screen", "Kim Chol Sam", "--list", "un", "--case", case];
    let said = ["--decide", "false", "--entry", "un/KPi.035", "--why", "x"];
    desk.run(&[&asked[..], &said, known].concat()).succeeded();
}

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

#[test]
fn every_row_that_an_unclosed_quote_took_is_asked() {
    let desk = with_lists();
    for (table, line) in [
        // The row in which the quote stands: its name is part of the cell.
        (
            "note,name\n\"open,Kim Chol Sam\nx,Nobody\ny\",Somebody\n",
            1,
        ),
        // The last row: what stands behind the cell is its own.
        ("name,note,more\nNobody,\"open\nx,y\nKim Chol Sam\",z\n", 3),
        // A row that leaves its last cells out.
        ("name,note,more\nNobody,\"open\nKim Chol Sam,y\nx\",z\n", 2),
        // Lines that end as they did on old machines.
        (
            "name,note\nNobody,\"open\rKim Chol Sam,x\rSomebody,y\"\n",
            2,
        ),
        ("name,note\r\nNobody,\"open\r\nx,y\r\nKim Chol Sam\"\r\n", 3),
    ] {
        let (code, rows) = rows(&desk, table, &[]);
        assert_eq!((code, rows.len()), (Some(1), 1), "{table}");
        assert_eq!(entries(&rows[0]), ["KPi.035"], "{table}");
        let why = rows[0]["hits"][0]["why"].to_string();
        assert!(why.contains(&format!("in line {line} of a cell")), "{why}");
    }
    // A cell without commas is an ordinary one, and no row of it is asked.
    let table = "name,note,more\nNobody,\"open\nKim Chol Sam\",z\n";
    assert_eq!(rows(&desk, table, &[]).0, Some(0));
    // What is longer than a question may be is refused there as in any row.
    let long = format!("name,note\nNobody,\"open\n{},x\"\n", "x".repeat(1001));
    let done = desk.run(&["screen", "--rows", &desk.file("long.csv", &long)]);
    assert_eq!(done.code, Some(2));
    let said = "line 2: in line 2 of a cell: a name of 1001 bytes";
    assert!(done.stderr.contains(said), "{}", done.stderr);
}

#[test]
fn relations_lead_from_rows_within_cells_too() {
    let (desk, case) = with_case();
    for (kind, claims) in [
        (
            "entity",
            r#"{"entity":"trader","type":"person","names":["Somebody Unlikely"]}
            {"entity":"owner","type":"person","names":["Kim Chul Sam"]}"#,
        ),
        (
            "relation",
            r#"{"from":"entity:trader","relation":"works-for","to":"entity:owner","confidence":"B2"}"#,
        ),
    ] {
        let file = desk.file(&format!("{kind}.json"), claims);
        desk.run(&["evidence", "add", kind, &file, "--case", &case])
            .succeeded();
    }
    let table = "name,note\nNobody Whatsoever,\"open\nSomebody Unlikely,x\"\n";
    let (code, rows) = rows(&desk, table, &["--case", &case]);
    assert_eq!(code, Some(1));
    let through = rows[0]["through"].as_array().unwrap();
    assert_eq!(through.len(), 1, "{through:?}");
    assert_eq!(through[0]["end"], "entity:owner");
}

#[test]
fn of_two_hits_of_an_entry_the_one_that_nobody_dismissed_is_shown_then_the_likelier() {
    let (desk, case) = with_case();
    // The name is another spelling, the second document is the listed one.
    let table = "name,passport,document\nKim Chul Sam,AB1234567,645120378\n";
    let (_, of_documents) = rows(&desk, table, &[]);
    assert_eq!(entries(&of_documents[0]), ["KPi.035"]);
    let hit = &of_documents[0]["hits"][0];
    assert_eq!(hit["score"], 100);
    let why = hit["why"].to_string();
    assert!(
        why.contains("both 철") && why.contains("645120378"),
        "{why}"
    );
    // The row's own hit is dismissed; the row within its cell is about somebody of whom a birthday is known.
    dismiss(&desk, &case, &[]);
    let of = ["--case", &case];
    let alone = "name,born,note\nKim Chol Sam,,x\n";
    assert_eq!(rows(&desk, alone, &of).0, Some(0));
    let table = "name,born,note\nKim Chol Sam,,\"open\nKim Chol Sam,1971-03-11,x\"\n";
    let (code, within) = rows(&desk, table, &of);
    assert_eq!(code, Some(1));
    assert_eq!(entries(&within[0]), ["KPi.035"]);
    assert_eq!(within[0]["hits"][0]["asks"], true);
}

#[test]
fn a_dismissed_name_of_somebody_in_a_case_hides_none_of_his_other_names() {
    for names in [
        r#"["Kim Chol Sam","Kim Chul Sam"]"#,
        r#"["Kim Chul Sam","Kim Chol Sam"]"#,
    ] {
        let (desk, case) = with_case();
        let claim = format!(r#"{{"entity":"one","type":"person","names":{names}}}"#);
        let file = desk.file("entity.json", claim);
        desk.run(&["evidence", "add", "entity", &file, "--case", &case])
            .succeeded();
        dismiss(&desk, &case, &[]);
        let done = desk.run(&["screen", "--case", &case, "--list", "un"]);
        assert_eq!(done.code, Some(1), "{names}: {}", done.stdout);
        let hits = done.json()["subjects"][0]["hits"].clone();
        assert_eq!(hits.as_array().unwrap().len(), 1, "{hits}");
        assert_eq!(hits[0]["asks"], true, "{hits}");
    }
}

#[test]
fn a_decision_holds_no_longer_where_a_row_says_more_than_it_can_hold() {
    let (desk, case) = with_case();
    dismiss(&desk, &case, &[]);
    dismiss(&desk, &case, &["--document", "AB1234567"]);
    let of = ["--case", &case];
    for settled in [
        "name,born,country\nKim Chol Sam,,\n",
        // Type and sex are no part of whom it is about.
        "name,type,sex\nKim Chol Sam,unheard of,unknown\n",
        "name,passport,document\nKim Chol Sam,AB1234567,AB 1234567\n",
    ] {
        assert_eq!(rows(&desk, settled, &of).0, Some(0), "{settled}");
    }
    for (table, more) in [
        ("name,born\nKim Chol Sam,long ago\n", "`long ago`"),
        (
            "name,DOB,born\nKim Chol Sam,1990,1991\n",
            "`born` is said to be 1990 and 1991",
        ),
        ("name,country\nKim Chol Sam,Atlantis\n", "`Atlantis`"),
        (
            "name,passport,document\nKim Chol Sam,AB1234567,CD7654321\n",
            "a further document, CD7654321",
        ),
    ] {
        let (code, rows) = rows(&desk, table, &of);
        assert_eq!(code, Some(1), "{table}");
        let hit = &rows[0]["hits"][0];
        assert_eq!(
            (&hit["asks"], &hit["decision"]["in_force"]),
            (&true.into(), &false.into())
        );
        let note = hit["decision"]["note"].as_str().unwrap();
        assert!(
            note.contains("more is said of the one") && note.contains(more),
            "{note}"
        );
    }
}

#[test]
fn a_document_is_asked_whatever_stands_as_the_name() {
    let (desk, case) = with_case();
    let address = "0x0000000000000000000000000000000000000abc";
    let (_, asked) = rows(
        &desk,
        &format!("name,document\nKPe.031,645120378\n{address},645120378\n"),
        &[],
    );
    assert_eq!(entries(&asked[0]), ["KPe.031", "KPi.035"]);
    assert_eq!(entries(&asked[1]), ["KPi.035"]);
    // Beside a name it changes nothing: one hit, the number told once, and a decision about both in force.
    let table = "name,document\nKim Chul Sam,645120378\nKim Chol Sam,645120378\n";
    let (_, asked) = rows(&desk, table, &[]);
    for row in &asked {
        assert_eq!(entries(row), ["KPi.035"]);
        assert_eq!(row["hits"][0]["score"], 100);
        let why = row["hits"][0]["why"].to_string();
        assert_eq!(why.matches("645120378").count(), 1, "{why}");
    }
    dismiss(&desk, &case, &["--document", "645120378"]);
    let table = "name,document\nKim Chol Sam,645120378\n";
    assert_eq!(rows(&desk, table, &["--case", &case]).0, Some(0));
}

#[test]
fn a_list_may_have_any_name_that_a_list_can_have() {
    let desk = with_lists();
    let file = crate::whither::path("crates/screening/tests/data/un.xml");
    desk.run(&["lists", "import", &file, "--name", "lock"])
        .succeeded();
    let done = desk.run(&["screen", "Kim Chol Sam", "--list", "lock"]);
    assert_eq!(done.json()["queries"][0]["hits"][0]["list"], "lock");
    desk.run(&["lists", "import", &file, "--name", ".lock"])
        .failed();
}
