//! Writers that are killed, disks that are full: the case opens again and is what was acknowledged.
//!
//! A child is this very test program, told by the environment where to write. It says on its standard output
//! what the ledger told it is on disk; whatever it said must be there afterwards.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, fs, thread};

use whither_casework::{CaseError, Content, Ledger, Writer, verify};

use crate::support::*;

const CASE: &str = "WHITHER_TEST_CHILD_CASE";
const KILLS: u64 = 60;

/// What the child writes as an author's entry of a number, so that a reader knows what to find.
fn text(number: usize) -> String {
    format!("claim {number} {}", "x".repeat(number % 300))
}

/// Not a test by itself: what the child does, until it is killed or a write fails.
#[test]
fn child() {
    let Ok(dir) = env::var(CASE) else {
        return;
    };
    let mut writer = Writer::open(Path::new(&dir)).unwrap();
    let mut number = writer.ledger().entries().len();
    loop {
        let name = AUTHORS[number % 2];
        let says = match number % 7 {
            3 => with_attachment(&mut writer, &format!("attachment {number}")),
            _ => claim(&text(number)),
        };
        match writer.append(draft(name, 1, number, says)) {
            Ok(entry) => say(&format!("entry {}", entry.hash())),
            Err(error) => {
                say(&format!("error {error}"));
                let again = writer.append(draft(name, 1, number, claim("again")));
                say(&format!("again {}", again.unwrap_err()));
                return;
            }
        }
        number += 1;
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The child's command, under a shell that may limit it first.
fn command(case: &Path, limit: &str) -> Command {
    let mut command = Command::new("sh");
    let script = format!("{limit} exec \"$0\" --exact crash::child --nocapture");
    command
        .arg("-c")
        .arg(script)
        .arg(env::current_exe().unwrap());
    command
        .env(CASE, case)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The entries that were acknowledged are all there; beyond them at most the one that was being written.
fn holds(case: &Path, acknowledged: &[String]) {
    let found = verify(case, None).unwrap();
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    let ledger = Ledger::open(case).unwrap();
    let mut hashes: Vec<String> = Vec::new();
    let entries = ledger.entries();
    for number in 0..entries.len() {
        // The two authors take turns, all at the same second.
        let name = AUTHORS[number % 2];
        let nth = u64::try_from(number / 2 + 1).unwrap();
        let is = |entry: &&&whither_casework::Entry| {
            entry.author().as_str() == name && entry.number() == nth
        };
        let entry = entries.iter().find(is).expect("the log is a prefix");
        let Content::Here(payload) = ledger.payload(entry).unwrap() else {
            panic!("the payload of an entry that stands is there");
        };
        if number % 7 != 3 {
            assert_eq!(payload.field("name").unwrap().text().unwrap(), text(number));
        }
        hashes.push(entry.hash().to_string());
    }
    assert_eq!(found.attachments_withheld + found.withheld, 0);
    assert!(hashes.len() <= acknowledged.len() + 1, "made up");
    assert_eq!(hashes[..acknowledged.len()], *acknowledged, "lost");
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_case_that_is_a_prefix() {
    let (dir, _) = made(&[]);
    let mut acknowledged: Vec<String> = Vec::new();
    let mut written = 0;
    for kill in 0..KILLS {
        let mut child = command(dir.path(), "").spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (began, beginning) = mpsc::channel();
        let reader = thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            let hashes = lines.filter_map(|line| Some(line.strip_prefix("entry ")?.to_owned()));
            let told = hashes.inspect(|_| began.send(()).unwrap_or_default());
            told.collect::<Vec<String>>()
        });
        // Every third while it starts, the others in the midst of its writes.
        if kill % 3 != 0 {
            beginning.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        thread::sleep(Duration::from_micros(kill * 7_919 % 9_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = reader.join().unwrap();
        written += said.len();
        acknowledged.extend(said);
        holds(dir.path(), &acknowledged);
        // The lock went with the child; the next writer finds a clean case.
        let writer = Writer::open(dir.path()).unwrap();
        assert!(verify(dir.path(), None).unwrap().is_clean());
        acknowledged = order(writer.ledger());
    }
    assert!(
        written >= 40,
        "the children wrote {written} entries before they were killed"
    );
}

/// Hashes in the order in which the children wrote: the two authors take turns.
fn order(ledger: &Ledger) -> Vec<String> {
    let mut entries = ledger.entries();
    entries.sort_by_key(|entry| (entry.number(), entry.author().clone()));
    entries
        .iter()
        .map(|entry| entry.hash().to_string())
        .collect()
}

/// Disk full, as far as a limit on the size of a file can play it.
#[test]
fn a_write_that_fails_fails_whole_and_is_not_tried_again() {
    let (dir, _) = made(&[]);
    let limited = command(dir.path(), "trap '' XFSZ; ulimit -f 8;")
        .output()
        .unwrap();
    let said = String::from_utf8(limited.stdout).unwrap();
    let with = |prefix: &str| -> Vec<String> {
        let lines = said.lines().filter_map(|line| line.strip_prefix(prefix));
        lines.map(str::to_owned).collect()
    };
    let acknowledged = with("entry ");
    assert!(acknowledged.len() > 5, "{said}");
    let error = with("error ").concat();
    assert!(
        error.starts_with("cannot write") && error.contains(".jsonl: "),
        "{said}"
    );
    assert!(
        with("again ").concat().contains("must be opened again"),
        "{said}"
    );
    holds(dir.path(), &acknowledged);
    assert!(
        verify(dir.path(), None).unwrap().is_clean(),
        "no half line is left"
    );
    assert_eq!(
        order(&Ledger::open(dir.path()).unwrap()).len(),
        acknowledged.len()
    );
    // With room again, the case goes on.
    let mut writer = Writer::open(dir.path()).unwrap();
    writer.append(draft("ana", 1, 9000, claim("room"))).unwrap();
}

/// A payload that does not fit leaves nothing behind, and the writer may go on.
#[test]
fn a_payload_that_cannot_be_written_leaves_the_case_as_it_was() {
    let (dir, _) = made(&[(0, 1, 0, 0)]);
    let before = files(dir.path());
    let mut writer = Writer::open(dir.path()).unwrap();
    fs::remove_dir_all(dir.path().join("payloads")).unwrap();
    fs::write(dir.path().join("payloads"), "in the way").unwrap();
    let error = writer.append(draft("ana", 2, 1, claim("x"))).unwrap_err();
    assert!(matches!(error, CaseError::File { .. }), "{error}");
    fs::remove_file(dir.path().join("payloads")).unwrap();
    writer.append(draft("ana", 2, 1, claim("x"))).unwrap();
    let after = fs::read(log(dir.path(), "ana")).unwrap();
    assert!(after.starts_with(&before["log/ana.jsonl"]));
    assert!(!dir.path().join("incoming").exists());
}

/// Every length that a crash could have left of the last line.
#[test]
fn a_torn_last_line_is_reported_and_cut_by_the_next_writer() {
    let (dir, entries) = made(&[(0, 1, 0, 0), (0, 1, 0, 0), (1, 1, 0, 0)]);
    let path = log(dir.path(), "ana");
    let whole = fs::read(&path).unwrap();
    let first = entries[0].line().len() + 1;
    for length in first + 1..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let found = verify(dir.path(), None).unwrap();
        assert!(
            found.is_clean(),
            "what nobody was told is written is no fault"
        );
        let torn = &found.torn[0];
        let (at, cut) = (
            usize::try_from(torn.at).unwrap(),
            usize::try_from(torn.length).unwrap(),
        );
        assert_eq!(
            (torn.author.as_str(), at, cut),
            ("ana", first, length - first)
        );
        assert_eq!(Ledger::open(dir.path()).unwrap().entries().len(), 2);
        assert_eq!(
            fs::read(&path).unwrap().len(),
            length,
            "a reader cuts nothing"
        );
        drop(Writer::open(dir.path()).unwrap());
        assert_eq!(fs::read(&path).unwrap(), whole[..first]);
        assert!(verify(dir.path(), None).unwrap().is_clean());
    }
    let mut writer = Writer::open(dir.path()).unwrap();
    writer.append(draft("ana", 9, 70, claim("on"))).unwrap();
    assert!(verify(dir.path(), None).unwrap().is_clean());
}

/// Somebody who ignores the lock is noticed before anything is written over.
#[test]
fn a_log_that_grew_under_the_writer_is_not_written_to() {
    let (dir, _) = made(&[(0, 1, 0, 0)]);
    let mut writer = Writer::open(dir.path()).unwrap();
    let path = log(dir.path(), "ana");
    let grown = [fs::read(&path).unwrap(), b"x".to_vec()].concat();
    fs::write(&path, &grown).unwrap();
    let error = writer.append(draft("ana", 2, 1, claim("x"))).unwrap_err();
    assert!(
        error.to_string().contains("another program wrote to it"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), grown);
    let error = writer.append(draft("ana", 2, 1, claim("x"))).unwrap_err();
    assert!(matches!(error, CaseError::Suspect(_)), "{error}");
}
