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
        said.contains("line 3: a cell goes over several lines"),
        "{said}"
    );
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
