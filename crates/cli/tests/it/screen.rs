//! `whither lists` and `whither screen`: what stands in the store, what is found, and how it ends.

use crate::whither::{Desk, path};

fn cut(name: &str) -> String {
    path(&format!("crates/screening/tests/data/{name}"))
}

pub fn with_lists() -> Desk {
    let desk = Desk::new();
    let files = ["un.xml", "sdn.xml", "eu.xml"].map(cut);
    let arguments: Vec<&str> = ["lists", "import"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    desk.run(&arguments).succeeded();
    desk
}

#[test]
fn lists_are_kept_with_their_dates_and_hashes() {
    let desk = with_lists();
    let status = desk.run(&["lists", "status"]).succeeded().json();
    let lists: Vec<&str> = status["lists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| list["list"].as_str().unwrap())
        .collect();
    assert_eq!(lists, ["eu", "ofac-sdn", "un"]);
    let version = &status["lists"][2]["versions"][0];
    assert_eq!(
        (version["date"].as_str(), version["date_basis"].as_str()),
        (Some("2024-05-15"), Some("publisher"))
    );
    assert_eq!(
        (
            version["entries"].as_u64(),
            version["hash"].as_str().unwrap().len()
        ),
        (Some(3), 64)
    );
    let again = desk
        .run(&["lists", "import", &cut("un.xml")])
        .succeeded()
        .json();
    assert_eq!(again["lists"][0]["unchanged"], true);
    let asked = desk.run(&["status"]).succeeded().json();
    assert_eq!(asked["lists"].as_array().unwrap().len(), 3);
}

#[test]
fn a_hit_ends_with_one_and_no_hit_with_zero() {
    let desk = with_lists();
    let done = desk.run(&["screen", "Jin Tiesan"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let json = done.json();
    assert_eq!(json["schema"], "whither.screen/1");
    let hit = &json["queries"][0]["hits"][0];
    assert_eq!(
        (hit["list"].as_str(), hit["list_date"].as_str()),
        (Some("un"), Some("2024-05-15"))
    );
    assert_eq!(
        (hit["entry"].as_str(), hit["reference"].as_str()),
        (Some("KPi.035"), Some("KPi.035"))
    );
    assert_eq!(
        (hit["score"].as_u64(), hit["exact"].as_bool()),
        (Some(100), Some(true))
    );
    assert!(hit["ofac_score"].as_u64() == Some(100) && !hit["why"].as_array().unwrap().is_empty());
    assert!(hit["address"].is_null());
    let clean = desk
        .run(&["screen", "Nobody Whatsoever"])
        .succeeded()
        .json();
    assert_eq!(clean["queries"][0]["hits"].as_array().unwrap().len(), 0);
    let address = desk.run(&["screen", "0x098B716B8AAF21512996DC57EB0615E2383E2F96"]);
    assert_eq!(address.code, Some(1));
    assert_eq!(
        address.json()["queries"][0]["hits"][0]["address"]["code"],
        "ETH"
    );
}

#[test]
fn lists_are_asked_as_of_a_day() {
    let desk = Desk::new();
    let list = |day: &str, rows: &str| {
        let file = desk.file(&format!("{day}.csv"), format!("id,name\n{rows}"));
        desk.run(&[
            "lists",
            "import",
            &file,
            "--name",
            "watched",
            "--date",
            day,
            "--allow-loss",
        ])
        .succeeded();
    };
    list("2024-01-01", "1,Jane Roe\n2,John Doe\n");
    list("2024-02-01", "1,Jane Roe\n3,Richard Miles\n");
    let code = |arguments: &[&str]| desk.run(&[&["screen"], arguments].concat()).code.unwrap();
    assert_eq!(code(&["John Doe"]), 0);
    assert_eq!(code(&["John Doe", "--as-of", "2024-01-31"]), 1);
    assert_eq!(code(&["Richard Miles", "--as-of", "2024-01-31"]), 0);
    assert_eq!(code(&["Jane Roe", "--list", "watched"]), 1);
    desk.run(&["screen", "Jane Roe", "--as-of", "2023-12-31"])
        .failed();
    desk.run(&["screen", "Jane Roe", "--as-of", "January"])
        .failed();
    desk.run(&["screen", "Jane Roe", "--list", "nowhere"])
        .failed();
    let diff = desk.run(&["lists", "diff", "watched"]).succeeded().json();
    assert_eq!(
        (
            diff["added"][0]["entry"].as_str(),
            diff["removed"][0]["entry"].as_str()
        ),
        (Some("3"), Some("2"))
    );
    assert_eq!(diff["changed"].as_array().unwrap().len(), 0);
}

#[test]
fn a_list_that_lost_much_is_refused_unless_told() {
    let desk = Desk::new();
    let rows = |count: usize| {
        (0..count)
            .map(|at| format!("{at},Name Number{at}\n"))
            .collect::<String>()
    };
    let whole = desk.file("a.csv", format!("id,name\n{}", rows(100)));
    let short = desk.file("b.csv", format!("id,name\n{}", rows(94)));
    let import = |file: &str, more: &[&str]| {
        let arguments = [
            "lists",
            "import",
            file,
            "--name",
            "a",
            "--date",
            "2024-01-01",
        ];
        desk.run(&[&arguments[..], more].concat())
    };
    import(&whole, &[]).succeeded();
    let refused = import(&short, &[]).failed();
    assert!(
        refused.stderr.contains("more than 5 %") && refused.stderr.contains("--allow-loss"),
        "{}",
        refused.stderr
    );
    import(&short, &["--allow-loss"]).succeeded();
    let declared = std::fs::read_to_string(cut("sdn.xml")).unwrap();
    let declared = desk.file(
        "sdn.xml",
        declared.replace("<Record_Count>3", "<Record_Count>14966"),
    );
    let refused = desk.run(&["lists", "import", &declared]).failed();
    assert!(
        refused.stderr.contains("says that it holds 14966"),
        "{}",
        refused.stderr
    );
    desk.run(&[
        "lists",
        "import",
        &desk.file("c.xml", "<!DOCTYPE a><sdnList/>"),
    ])
    .failed();
}

#[test]
fn rows_are_answered_a_line_each() {
    let desk = with_lists();
    let file = desk.file(
        "rows.csv",
        "id,Name,address,dob,country\n\
         a,Kim Chol Sam,,1971-03-11,KP\n\
         b,Nobody Whatsoever,,,\n\
         c,,0x098b716b8aaf21512996dc57eb0615e2383e2f96,,\n\
         d,Kim Chol Sam,,1931-01-01,FR\n\
         e,=HYPERLINK(\"\u{202e}\"),,not a date,Atlantis\n",
    );
    let done = desk.run(&["screen", "--rows", &file]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let lines: Vec<serde_json::Value> = done
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let hits: Vec<(&str, bool)> = lines
        .iter()
        .map(|line| {
            (
                line["id"].as_str().unwrap(),
                !line["hits"].as_array().unwrap().is_empty(),
            )
        })
        .collect();
    assert_eq!(
        hits,
        [
            ("a", true),
            ("b", false),
            ("c", true),
            ("d", false),
            ("e", false)
        ]
    );
    assert!(!done.stdout.contains('\u{202e}'));
    assert!(
        done.stderr.contains("5 rows, 2 with a hit"),
        "{}",
        done.stderr
    );
    let only = desk.run(&["screen", "--rows", &file, "--hits-only"]);
    assert_eq!(only.stdout.lines().count(), 2);
    let stdin = desk.run_with_input(
        &["screen", "-", "--format", "jsonl"],
        "Kim Chol Sam\n\nNobody Whatsoever\n",
    );
    assert_eq!((stdin.code, stdin.stdout.lines().count()), (Some(1), 2));
    let longer = desk.file("longer.csv", "name,id\nPUTIN, Vladimir,5\n");
    let refused = desk.run(&["screen", "--rows", &longer]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("line 2: it has more cells"),
        "{}",
        refused.stderr
    );
    desk.run(&["screen", "--rows", &desk.file("no.csv", "a,b\n1,2\n")])
        .failed();
    desk.run(&["screen"]).failed();
    Desk::new().run(&["screen", "Kim Chol Sam"]).failed();
}

#[test]
fn tables_for_people_hold_what_json_holds() {
    let desk = with_lists();
    let table = desk.run(&["screen", "Kim Chul Sam", "--format", "table"]);
    assert!(
        table.stdout.contains("KPi.035") && table.stdout.contains("both 철"),
        "{}",
        table.stdout
    );
    let csv = desk.run(&["screen", "Kim Chul Sam", "--format", "csv"]);
    assert!(
        csv.stdout.starts_with("query,list,list_date,entry"),
        "{}",
        csv.stdout
    );
    for command in [
        &["lists", "status"][..],
        &["lists", "import", &cut("uk.xml"), "--dry-run"],
    ] {
        for format in ["table", "csv", "jsonl"] {
            desk.run(&[command, &["--format", format]].concat())
                .succeeded();
        }
    }
    let unknown = desk
        .run(&[
            "lists",
            "import",
            &cut("advanced.xml"),
            "--dry-run",
            "--name",
            "made",
        ])
        .succeeded()
        .json();
    assert_eq!(unknown["lists"][0]["unknown_codes"][0]["code"], "ZZZ");
}

/// A list of one's own with John Doe on it, as of a day.
fn watched(desk: &Desk, day: &str, rows: &str) {
    let text = format!("id,name,country\n{rows}");
    let file = desk.file(&format!("{day}.csv"), text);
    let arguments = ["--name", "watched", "--date", day, "--allow-loss"];
    desk.run(&[&["lists", "import", &file], &arguments[..]].concat())
        .succeeded();
}

#[test]
fn a_decision_is_remembered_until_the_entry_changes() {
    let desk = Desk::new();
    let case = desk.path().join("case").display().to_string();
    desk.run(&["init", &case]).succeeded();
    watched(
        &desk,
        "2024-01-01",
        "1,John Doe,France\n2,Jane Roe,France\n",
    );
    let ask = |name: &str| desk.run(&["screen", name, "--case", &case]);
    let hit = |name: &str| ask(name).json()["queries"][0]["hits"][0].clone();
    let decide = |author: &str, word: &str, now: &str| {
        let arguments = [
            "screen",
            "John Doe",
            "--case",
            &case,
            "--entry",
            "watched/1",
        ];
        let said = [
            "--why",
            "another birthday",
            "--author",
            author,
            "--now",
            now,
        ];
        desk.run(&[&arguments[..], &["--decide", word], &said].concat())
    };
    assert_eq!(ask("John Doe").code, Some(1));
    assert_eq!(
        (&hit("John Doe")["decision"], &hit("John Doe")["asks"]),
        (&serde_json::Value::Null, &true.into())
    );
    decide("anna", "open", "2024-01-02T00:00:00Z").succeeded();
    assert_eq!(ask("John Doe").code, Some(1));
    decide("anna", "false", "2024-01-03T00:00:00Z").succeeded();
    assert_eq!(ask("JOHN  doe").code, Some(0));
    let decided = hit("John Doe");
    assert_eq!(decided["decision"]["by"], "anna");
    assert_eq!(
        (&decided["decision"]["decision"], &decided["asks"]),
        (&"false".into(), &false.into())
    );
    // Another subject is another question, and rows remember too.
    assert_eq!(ask("Doe John").code, Some(1));
    let rows = desk.file("rows.csv", "name\nJohn Doe\n");
    assert_eq!(
        desk.run(&["screen", "--rows", &rows, "--case", &case]).code,
        Some(0)
    );
    // Where two differ, the hit asks.
    decide("ben", "true", "2024-01-04T00:00:00Z").succeeded();
    let open = hit("John Doe");
    assert_eq!(
        (&open["decision"]["decision"], &open["asks"]),
        (&"open".into(), &true.into())
    );
    assert_eq!(open["decision"]["by"], "anna, ben");
    let why = open["decision"]["why"].as_str().unwrap();
    assert!(
        why.contains("anna says false: ") && why.contains("; ben says true: "),
        "{why}"
    );
    decide("ben", "false", "2024-01-05T00:00:00Z").succeeded();
    assert_eq!(ask("John Doe").code, Some(0));
    // The list says more of the entry: the decision is shown and no longer counts.
    watched(
        &desk,
        "2024-02-01",
        "1,John Doe,Belgium\n2,Jane Roe,France\n",
    );
    assert_eq!(ask("John Doe").code, Some(1));
    let changed = hit("John Doe");
    assert_eq!(
        (&changed["decision"]["in_force"], &changed["asks"]),
        (&false.into(), &true.into())
    );
    assert!(
        changed["decision"]["note"]
            .as_str()
            .unwrap()
            .contains("changed")
    );
    for (entry, word) in [("watched/2", "false"), ("watched/1", "perhaps")] {
        let arguments = ["screen", "John Doe", "--case", &case, "--entry", entry];
        desk.run(&[&arguments[..], &["--decide", word, "--why", "x"]].concat())
            .failed();
    }
}

#[test]
fn a_case_is_asked_for_its_people_and_whom_relations_lead_to() {
    let desk = with_lists();
    let case = desk.path().join("case").display().to_string();
    desk.run(&["init", &case]).succeeded();
    let account = "eip155:1:0x0000000000000000000000000000000000000abc";
    let add = |kind: &str, claims: &str| {
        let file = desk.file(&format!("{kind}.json"), claims);
        desk.run(&["evidence", "add", kind, &file, "--case", &case])
            .succeeded();
    };
    add(
        "entity",
        r#"{"entity":"trader","type":"person","names":["Somebody Unlikely"]}
        {"entity":"front","type":"organisation","names":["Zzyx Front"]}
        {"entity":"owner","type":"person","names":["Kim Chul Sam"]}
        {"entity":"nobody","type":"person","names":["Nobody Whatsoever"]}"#,
    );
    add(
        "relation",
        &format!(
            r#"
        {{"from":"{account}","relation":"acts-for","to":"entity:trader","confidence":"B2"}}
        {{"id":"weak","from":"entity:trader","relation":"works-for","to":"entity:front","confidence":"D4"}}
        {{"from":"entity:owner","relation":"owns","to":"entity:front","share":"60","confidence":"B2"}}"#
        ),
    );
    add(
        "label",
        r#"{"address":"eip155:1:0x098b716b8aaf21512996dc57eb0615e2383e2f96","name":"a thief","category":"theft"}"#,
    );
    let done = desk.run(&["screen", "--case", &case]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    let json = done.json();
    assert_eq!(
        (&json["schema"], &json["asked"]),
        (&"whither.screen.case/1".into(), &6.into())
    );
    // Asked for by itself, the address is a hit for the same reason, and so is the trader by his name.
    let address = account.rsplit(':').next().unwrap();
    for asked in [address, "somebody  unlikely"] {
        let one = desk.run(&["screen", asked, "--case", &case]);
        assert_eq!(one.code, Some(1), "{asked}: {}", one.stderr);
        let through = &one.json()["queries"][0]["through"][0];
        assert_eq!(through["paths"][0]["weakest"]["claim"], "weak", "{asked}");
        assert_eq!(desk.run(&["screen", asked]).code, Some(0), "{asked}");
    }
    // So they are as rows of a table.
    let table = format!("name,address\nSomebody Unlikely,\n,{address}\nNobody Whatsoever,\n");
    let file = desk.file("customers.csv", &table);
    let asked = desk.run(&["screen", "--rows", &file, "--hits-only", "--case", &case]);
    assert_eq!(asked.code, Some(1), "{}", asked.stderr);
    let told: Vec<serde_json::Value> = asked
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), 2, "{}", asked.stdout);
    for row in &told {
        let path = &row["through"][0]["paths"][0];
        assert_eq!(path["weakest"]["claim"], "weak", "{row}");
    }
    let rows = json["subjects"].as_array().unwrap();
    let row = |subject: &str| {
        let found = rows.iter().find(|row| {
            row["subject"]
                .as_str()
                .unwrap()
                .eq_ignore_ascii_case(subject)
        });
        found.unwrap_or_else(|| panic!("{subject} is missing"))
    };
    assert_eq!(
        row("eip155:1:0x098b716b8aaf21512996dc57eb0615e2383e2f96")["hits"][0]["entry"],
        "27307"
    );
    assert!(row("entity:owner")["hits"][0]["score"].as_u64().unwrap() >= 90);
    let led = &row(account)["through"][0];
    let ends: Vec<&str> = led["paths"][0]["ends"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|end| end["end"].as_str().unwrap())
        .collect();
    assert_eq!(ends, ["entity:trader", "entity:front", "entity:owner"]);
    assert_eq!(
        (&led["end"], &led["paths"][0]["weakest"]["claim"]),
        (&"entity:owner".into(), &"weak".into())
    );
    assert!(row(account)["hits"].as_array().unwrap().is_empty() && led["hit"]["entry"].is_string());
    assert!(!rows.iter().any(|row| row["subject"] == "entity:nobody"));
    let table = desk.run(&["screen", "--case", &case, "--format", "table"]);
    assert!(
        table.stdout.contains("weakest claim weak (D4)"),
        "{}",
        table.stdout
    );
}
