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
    let said = ask(
        "closed.csv",
        b"name,note\nNobody,\"open\nKim Chol Sam,x\"\nSomebody,y\n",
    );
    assert!(
        said.contains("line 2: a cell goes over several lines"),
        "{said}"
    );
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
