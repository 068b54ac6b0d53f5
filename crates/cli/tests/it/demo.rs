//! `demo`: offline, into the directory that is named, the same each time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::whither::Desk;

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

#[test]
fn it_writes_the_report_and_says_where() {
    let desk = Desk::new();
    let done = desk.run(&["demo", "--no-open", "--out", "one"]).succeeded();
    assert_eq!(
        (&done.json()["schema"], &done.json()["report"]),
        (&"whither.demo/1".into(), &"one/index.html".into())
    );
    let table = desk
        .run(&["demo", "--no-open", "--out", "other", "--format", "table"])
        .succeeded()
        .stdout;
    assert!(
        table.ends_with("\nThe report: other/index.html\n"),
        "{table}"
    );
    let one = files(&desk.path().join("one"));
    assert!(one.contains_key("index.html"), "{:?}", one.keys());
    assert!(
        one == files(&desk.path().join("other")),
        "other bytes the second time"
    );
    assert!(
        !desk.path().join("store").exists(),
        "the store is not touched"
    );
}

#[test]
fn it_fails_where_it_cannot_write() {
    let desk = Desk::new();
    desk.file("taken", "");
    let done = desk.run(&["demo", "--no-open", "--out", "taken"]).failed();
    assert!(
        done.stderr.contains("hint: name another directory"),
        "{}",
        done.stderr
    );
}
