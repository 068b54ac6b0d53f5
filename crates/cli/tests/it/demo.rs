//! `demo`: offline, into the directory that is named, the same each time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::whither::Desk;

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    all
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
    let other = files(&desk.path().join("other"));
    for (name, bytes) in &one {
        assert!(
            other.get(name) == Some(bytes),
            "{name}: other bytes the second time"
        );
    }
    assert_eq!(one.len(), other.len());
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

/// The report of the demo is an edition: whoever has the directory computes it anew, without a store or a case.
#[test]
fn its_report_verifies_and_names_what_was_changed() {
    let desk = Desk::new();
    desk.run(&["demo", "--no-open", "--out", "one"]).succeeded();
    let verify = || desk.run(&["verify", "one/edition", "--json"]);
    let clean = verify().succeeded().json();
    assert_eq!(
        clean["mismatched"].as_array().map(Vec::len),
        Some(0),
        "{clean}"
    );
    assert!(clean["checked"].as_u64().unwrap() > 30, "{clean}");
    let edition = desk.path().join("one/edition");
    let changed = |name: &str, from: &str, to: &str, what: &str| {
        let path = edition.join(name);
        let before = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&before).into_owned();
        assert!(text.contains(from), "{name} has no {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let done = verify();
        let found = done.json()["mismatched"].to_string();
        assert!(found.contains(what), "{name}: {found}");
        fs::write(&path, before).unwrap();
    };
    changed(
        "case/payloads/whither.jsonl",
        "LAZARUS GROUP",
        "LAZARUS GROUQ",
        "payload",
    );
    changed(
        "report.html",
        "173,600 ETH",
        "173,601 ETH",
        "report.html, rendered anew",
    );
    changed(
        "edition.txt",
        "first in, first out",
        "last in, first out",
        "edition.txt",
    );
    let price = files(&edition)
        .into_keys()
        .find(|name| name.ends_with(".prices"))
        .unwrap();
    changed(&price, "3031.067138671875", "3032.067138671875", "{value:");
    let attached = files(&edition)
        .into_keys()
        .find(|name| name.contains("attachments/"))
        .unwrap();
    changed(&attached, "held", "hemd", "ronin-");
}
