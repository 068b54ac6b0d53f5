//! The cases that are built in: their files are what the program writes, and they say what their page says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use whither::example::{EXAMPLES, Example};
use whither::incidents::{TotalAnswer, TotalQuestion, kept, total};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

/// The files of a case, without what a writer leaves empty.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["", "log", "payloads"] {
        let Ok(entries) = fs::read_dir(dir.join(folder)) else {
            continue;
        };
        for entry in entries.map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            let is_case = !folder.is_empty() || name == "case.json";
            if is_case && entry.file_type().unwrap().is_file() {
                files.insert(format!("{folder}/{name}"), fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_files_are_what_the_program_writes() {
    for example in EXAMPLES {
        let dir = TempDir::new().unwrap();
        example.write(dir.path()).unwrap();
        let (made, shipped_dir) = (files(dir.path()), shipped(example.name));
        let found = files(&shipped_dir);
        assert!(
            made == found,
            "examples/{} is not what the program writes: write it anew with \
             WHITHER_UPDATE_EXAMPLES=1 cargo test -p whither-casework examples",
            example.name
        );
    }
}

fn asked(from: &str, to: &str) -> TotalAnswer {
    let dir = TempDir::new().unwrap();
    Example::named("dprk-2017-2020")
        .unwrap()
        .write(dir.path())
        .unwrap();
    let kept = kept(dir.path(), None, None).unwrap();
    let question = TotalQuestion {
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        ..TotalQuestion::default()
    };
    total(&kept, &question, None).unwrap()
}

/// Total, incidents, and the published total of the same period: itemised, difference.
fn figures(answer: &TotalAnswer) -> (String, usize, Vec<(String, String, String)>) {
    let total = &answer.total;
    let text = |value: whither::incidents::Decimals| value.0.normalize().to_string();
    let cited = total.cited.iter().filter(|row| row.same_period);
    let cited = cited.map(|row| (text(row.usd), text(row.itemised), text(row.difference)));
    (text(total.usd), total.incidents, cited.collect())
}

fn row(usd: &str, itemised: &str, difference: &str) -> (String, String, String) {
    (usd.to_owned(), itemised.to_owned(), difference.to_owned())
}

#[test]
fn what_nobody_itemised_stays_unitemised() {
    let answer = asked("2019-01-01", "2020-11-30");
    assert_eq!(
        figures(&answer),
        (
            "304000000".to_owned(),
            2,
            vec![row("316400000", "304000000", "12400000")]
        )
    );
    let kucoin = &answer.total.rows[0];
    assert_eq!(
        (
            kucoin.incident.as_str(),
            kucoin.date.as_deref(),
            kucoin.values
        ),
        ("kucoin-2020-09", Some("2020-09-25T18:49:18Z"), 4)
    );
    assert!(
        answer
            .total
            .caveats
            .iter()
            .any(|caveat| caveat.kind == "source" && caveat.what.contains("one Member State"))
    );

    let answer = asked("2017-01-01", "2018-09-30");
    assert_eq!(
        figures(&answer),
        (
            "571300000".to_owned(),
            5,
            vec![row("571000000", "571300000", "-300000")]
        )
    );
    assert_eq!(
        answer.total.without_value,
        ["coinis-2017-09", "youbit-2017-12"]
    );
}
