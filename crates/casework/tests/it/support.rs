//! Cases made for tests: random acts of a few authors, and copies of which parts are gone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use whither_casework::{
    Attachment, Author, CaseId, Content, Draft, Entry, Hash, Json, Kind, Ledger, Salt, Says, Time,
    Writer,
};

pub const AUTHORS: [&str; 3] = ["ana", "bob", "eve"];

/// One thing that somebody writes: who, how many seconds later, what kind, about which earlier entry.
pub type Act = (usize, u32, usize, usize);

pub fn acts(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec((0..3_usize, 0..5_u32, 0..6_usize, 0..100_usize), length)
}

pub fn id() -> CaseId {
    CaseId::new("test-case").unwrap()
}

pub fn author(name: &str) -> Author {
    Author::new(name).unwrap()
}

pub fn time(second: u32) -> Time {
    let (minute, second) = (second / 60, second % 60);
    Time::new(&format!("2026-01-01T00:{minute:02}:{second:02}Z")).unwrap()
}

pub fn object(fields: &[(&str, Json)]) -> Json {
    let fields = fields.iter().cloned();
    Json::Object(fields.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A claim with every mark, that says a text.
pub fn claim(text: &str) -> Says {
    let word = |text: &str| Json::Text(text.to_owned());
    Says::Claim {
        kind: Kind::new("label").unwrap(),
        payload: object(&[
            ("name", word(text)),
            ("source", word("s1")),
            ("confidence", word("B2")),
            ("handling", word("TLP:AMBER")),
            ("date", word("2020-09")),
        ]),
    }
}

/// A salt for a test: different for each number, and no secret.
pub fn salt(number: usize) -> Salt {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::try_from(number).unwrap().to_le_bytes());
    Salt::new(bytes)
}

pub fn draft(name: &str, second: u32, number: usize, says: Says) -> Draft {
    Draft {
        author: author(name),
        time: time(second),
        salt: salt(number),
        says,
    }
}

/// Writes acts into a case, and gives the entries that came of them.
pub fn write(writer: &mut Writer, acts: &[Act]) -> Vec<Entry> {
    let mut clocks = [0_u32; 3];
    let mut entries: Vec<Entry> = Vec::new();
    for (number, (who, later, kind, about)) in acts.iter().enumerate() {
        clocks[*who] += later;
        let target = entries.get(about % entries.len().max(1)).cloned();
        let says = match (kind, target) {
            (3, Some(target)) if target.kind().as_str() != "retract" => Says::Retract {
                target: target.hash(),
                reason: format!("reason {number}"),
            },
            (4, Some(target)) if target.kind().is_claim() => Says::Correct {
                target: target.hash(),
                payload: object(&[("name", Json::Text(format!("corrected {number}")))]),
            },
            (5, _) => with_attachment(writer, &format!("attached {}", about % 4)),
            _ => claim(&format!("claim {number}")),
        };
        let entry = writer.append(draft(AUTHORS[*who], clocks[*who], number, says));
        entries.push(entry.unwrap());
    }
    entries
}

pub fn with_attachment(writer: &mut Writer, bytes: &str) -> Says {
    let attachment = Attachment {
        sha256: writer.attach(bytes.as_bytes()).unwrap(),
        name: "letter.txt".to_owned(),
        media_type: "text/plain".to_owned(),
    };
    let list = Json::List(vec![attachment.json()]);
    Says::Claim {
        kind: Kind::new("evidence").unwrap(),
        payload: object(&[("attachments", list)]),
    }
}

/// A case in a new directory, with its acts written, closed again.
pub fn made(acts: &[Act]) -> (tempfile::TempDir, Vec<Entry>) {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &id(), "Test").unwrap();
    let entries = write(&mut writer, acts);
    drop(writer);
    (dir, entries)
}

/// Every file that belongs to the case, by its name in it.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["log", "payloads", "attachments"] {
        // A folder without a file is none in a repository.
        for entry in fs::read_dir(dir.join(folder)).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            files.insert(format!("{folder}/{name}"), fs::read(&path).unwrap());
        }
    }
    files
}

/// A copy of a case in a new directory.
pub fn copy(dir: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for folder in ["log", "payloads", "attachments"] {
        fs::create_dir(to.path().join(folder)).unwrap();
    }
    fs::copy(dir.join("case.json"), to.path().join("case.json")).unwrap();
    for (name, bytes) in files(dir) {
        fs::write(to.path().join(name), bytes).unwrap();
    }
    to
}

pub fn log(dir: &Path, author: &str) -> PathBuf {
    dir.join("log").join(format!("{author}.jsonl"))
}

pub fn payloads(dir: &Path, author: &str) -> PathBuf {
    dir.join("payloads").join(format!("{author}.jsonl"))
}

/// The beginning of the line of an entry's payload.
fn beginning(entry: &Entry) -> String {
    format!("{{\"entry\":{},", entry.number())
}

/// The line of an entry's payload, from 0, if it is there.
pub fn payload_line(dir: &Path, entry: &Entry) -> Option<usize> {
    let text = fs::read_to_string(payloads(dir, entry.author().as_str())).unwrap_or_default();
    text.lines()
        .position(|line| line.starts_with(&beginning(entry)))
}

/// Leaves an entry's payload out.
pub fn withhold(dir: &Path, entry: &Entry) {
    let path = payloads(dir, entry.author().as_str());
    let text = fs::read_to_string(&path).unwrap_or_default();
    let kept = text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with(&beginning(entry)));
    fs::write(path, kept.collect::<String>()).unwrap();
}

/// Writes something else in the place of an entry's payload.
pub fn replace_payload(dir: &Path, entry: &Entry, with: &str) {
    let path = payloads(dir, entry.author().as_str());
    let text = fs::read_to_string(&path).unwrap();
    let line = payload_line(dir, entry).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[line] = with;
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Leaves only the first lines of a log.
pub fn cut(dir: &Path, author: &str, lines: usize) {
    let path = log(dir, author);
    let text = fs::read_to_string(&path).unwrap();
    let kept: String = text.split_inclusive('\n').take(lines).collect();
    fs::write(path, kept).unwrap();
}

/// What stands and what it says, as text to compare.
pub fn standing(ledger: &Ledger) -> Vec<(Hash, Content)> {
    let state = ledger.replay(None);
    let claims = state.claims.iter();
    claims
        .map(|claim| (claim.claim.hash(), ledger.payload(claim.says()).unwrap()))
        .collect()
}
