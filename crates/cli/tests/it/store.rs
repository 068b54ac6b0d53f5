//! Upkeep of the store: what a check and a compaction say, of a whole store and of a damaged one.

use std::fs;
use std::path::PathBuf;

use crate::whither::{Desk, told};

/// The file of a column of the desk's one chain of outputs.
fn column(desk: &Desk, name: &str) -> PathBuf {
    let folders = fs::read_dir(desk.path().join("store")).unwrap();
    let mut folders = folders.map(|entry| entry.unwrap().path().join("columns"));
    let columns = folders.find(|path| path.is_dir()).unwrap();
    columns.join(name)
}

fn flip(path: &PathBuf) {
    let mut bytes = fs::read(path).unwrap();
    bytes[100] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_whole_store() {
    let desk = Desk::with_first_blocks();
    let mut runs = Vec::new();
    for command in ["check", "compact"] {
        for format in ["json", "jsonl", "csv", "table"] {
            runs.push(
                desk.run(&["store", command, "--format", format])
                    .succeeded(),
            );
        }
    }
    let text = told(&runs).replace(&desk.path().display().to_string(), "[DIR]");
    insta::assert_snapshot!(text);
}

#[test]
fn a_damaged_store() {
    let desk = Desk::with_first_blocks();
    let mut runs = Vec::new();
    flip(&column(&desk, "out.spent"));
    runs.push(desk.run(&["store", "check"]).failed());
    desk.run(&["store", "compact"]).succeeded();
    desk.run(&["store", "check"]).succeeded();
    flip(&column(&desk, "out.value"));
    runs.push(desk.run(&["store", "check"]).failed());
    runs.push(desk.run(&["store", "compact"]).failed());
    let text = told(&runs).replace(&desk.path().display().to_string(), "[DIR]");
    insta::assert_snapshot!(text);
}

/// A name that was mistyped is not called whole.
#[test]
fn no_store() {
    let desk = Desk::new();
    for command in ["check", "compact"] {
        let done = desk.run(&["store", command]).failed();
        assert!(
            done.stderr.contains("there is no store here"),
            "{}",
            done.stderr
        );
        assert!(!desk.path().join("store").exists());
    }
}
