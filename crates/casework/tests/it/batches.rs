//! Many entries appended at once, by writers that are killed and on disks that are full: what stands is a beginning.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use proptest::prelude::*;
use whither_casework::{CaseError, Content, Draft, Json, Ledger, Writer, verify};

use crate::support::{AUTHORS, acts, claim, draft, files, id, made, write};

const CASE: &str = "WHITHER_TEST_BATCH_CASE";
const BATCH: usize = 120;

fn text(number: usize) -> String {
    format!("claim {number} {}", "x".repeat(number % 300))
}

/// The drafts of a number and those after it. Two authors take turns, three entries each.
fn batch(first: usize) -> Vec<Draft> {
    let drafts = (first..first + BATCH).map(|number| {
        let name = AUTHORS[number / 3 % 2];
        draft(name, 1, number, claim(&text(number)))
    });
    drafts.collect()
}

/// Not a test by itself: what the child does, until it is killed or a write fails.
#[test]
fn child() {
    let Ok(dir) = env::var(CASE) else {
        return;
    };
    let mut writer = Writer::open(Path::new(&dir)).unwrap();
    let mut number = writer.ledger().count();
    loop {
        // From wherever the last one stopped, so that the whole is one sequence.
        match writer.append_all(batch(number)) {
            Ok(entries) => number += entries.len(),
            Err(error) => {
                say(&format!("error {error}"));
                return;
            }
        }
        say(&format!("written {number}"));
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// What stands is sound, and is the beginning of what one writer would have written without a break. Gives how many
/// entries there are.
fn is_a_beginning(case: &Path) -> usize {
    let found = verify(case, None).unwrap();
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    assert_eq!(found.withheld, 0, "a payload is on disk before its entry");
    let ledger = Ledger::open(case).unwrap();
    let count = ledger.count();
    let mut numbers = [0, 0];
    for number in 0..count {
        let who = number / 3 % 2;
        numbers[who] += 1;
        let entries = ledger.entries();
        let is = |entry: &&&whither_casework::Entry| {
            entry.author().as_str() == AUTHORS[who] && entry.number() == numbers[who]
        };
        let entry = entries
            .iter()
            .find(is)
            .expect("the whole is a beginning, over both authors");
        if number + 10 < count {
            continue;
        }
        let Content::Here(payload) = ledger.payload(entry).unwrap() else {
            panic!("the payload of an entry that stands is there");
        };
        assert_eq!(
            payload.field("name").and_then(Json::text),
            Some(text(number).as_str())
        );
    }
    count
}

#[test]
fn a_writer_killed_amid_a_batch_leaves_a_beginning_of_it() {
    let (dir, _) = made(&[]);
    let mut amid = 0;
    for kill in 0..20_u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "batches::child", "--nocapture"])
            .env(CASE, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = |line: &str| Some(line.strip_prefix("written ")?.parse::<usize>().unwrap());
        let first = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| told(&line));
        thread::sleep(Duration::from_micros(kill * 977 % 6_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let rest = lines.map_while(Result::ok).filter_map(|line| told(&line));
        let acknowledged = rest
            .last()
            .or(first)
            .expect("it wrote before it was killed");
        let count = is_a_beginning(dir.path());
        assert!(count >= acknowledged, "lost");
        amid += usize::from(!count.is_multiple_of(BATCH) || count > acknowledged);
        // The next writer cuts what is left over, and goes on from there.
        drop(Writer::open(dir.path()).unwrap());
        let found = verify(dir.path(), None).unwrap();
        assert!(found.is_clean() && found.unused.is_empty(), "{found:?}");
        if count > 4000 {
            fs::remove_dir_all(dir.path()).unwrap();
            drop(Writer::create(dir.path(), &id(), "Test").unwrap());
        }
    }
    assert!(amid > 0, "some were killed between two acknowledgements");
}

/// A disk of half a megabyte, which fills while payloads or lines are written.
#[test]
fn a_disk_that_fills_amid_a_batch_leaves_a_beginning_of_it() {
    let (dir, _) = made(&[]);
    let outside = tempfile::tempdir().unwrap();
    let start = outside.path().join("start");
    let copied = Command::new("cp")
        .arg("-r")
        .args([dir.path(), &start])
        .status();
    assert!(copied.unwrap().success());
    for size in [300, 420, 500] {
        let script = format!(
            "mount -t tmpfs -o size={size}k none '{dir}' && cp -r '{outside}/start/.' '{dir}' && \
             '{child}' --exact batches::child --nocapture; cp -r '{dir}/.' '{outside}/{size}'",
            dir = dir.path().display(),
            outside = outside.path().display(),
            child = env::current_exe().unwrap().display(),
        );
        fs::create_dir(outside.path().join(size.to_string())).unwrap();
        let output = Command::new("unshare")
            .args(["-rm", "sh", "-c", &script])
            .env(CASE, dir.path())
            .output();
        let Ok(output) = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        else {
            eprintln!("skipped: no disk can be mounted here");
            return;
        };
        if !output.contains("error ") {
            eprintln!("skipped: no disk can be mounted here: {output}");
            return;
        }
        assert!(
            output.contains("cannot write") && output.contains("No space left"),
            "{output}"
        );
        let mut told = output
            .lines()
            .filter_map(|line| line.strip_prefix("written "));
        let acknowledged: usize = told.next_back().map_or(0, |count| count.parse().unwrap());
        let left = outside.path().join(size.to_string());
        assert!(is_a_beginning(&left) >= acknowledged, "{output}");
        // With room again, the case goes on.
        let mut writer = Writer::open(&left).unwrap();
        let next = writer.ledger().count();
        writer.append_all(batch(next)).unwrap();
        drop(writer);
        assert_eq!(is_a_beginning(&left), next + BATCH);
        assert!(verify(&left, None).unwrap().is_clean());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// One after the other or all at once: the same bytes.
    #[test]
    fn a_batch_is_what_its_entries_are_one_by_one(count in 1..30_usize) {
        let (one, all) = (made(&[]).0, made(&[]).0);
        let drafts: Vec<Draft> = batch(0).into_iter().take(count).collect();
        let mut writer = Writer::open(one.path()).unwrap();
        for draft in drafts.clone() {
            writer.append(draft).unwrap();
        }
        Writer::open(all.path()).unwrap().append_all(drafts).unwrap();
        prop_assert_eq!(files(one.path()), files(all.path()));
    }

    /// One draft that is no entry, and none of the batch is written.
    #[test]
    fn a_batch_with_one_that_is_refused_writes_nothing(acts in acts(0..5), at in 0..20_usize) {
        let dir = made(&[]).0;
        let mut writer = Writer::open(dir.path()).unwrap();
        write(&mut writer, &acts);
        let before = files(dir.path());
        let mut drafts: Vec<Draft> = batch(0).into_iter().take(20).collect();
        for draft in &mut drafts {
            draft.time = crate::support::time(3000);
        }
        drafts[at].says = whither_casework::Says::Retract {
            target: whither_casework::Hash::of(b"nothing"),
            reason: "r".to_owned(),
        };
        let refused = writer.append_all(drafts);
        prop_assert!(matches!(refused, Err(CaseError::Refused(_))));
        prop_assert_eq!(files(dir.path()), before);
    }
}
