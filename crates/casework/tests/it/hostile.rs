//! A case that came from somebody: nothing outside it is touched, and nothing in it stops or exhausts us.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::{TempDir, tempdir};
use whither_casework::{
    AUTHORS_MAX, Attachment, Case, CaseError, Hash, Json, Ledger, PAYLOAD_LENGTH_MAX, Writer,
    verify,
};

use crate::support::*;

fn one() -> (TempDir, whither_casework::Entry) {
    let (dir, mut entries) = made(&[(0, 1, 5, 0)]);
    (dir, entries.remove(0))
}

/// The first fault, or the error if there could be no check.
fn wrong(dir: &Path) -> String {
    match verify(dir, None) {
        Ok(found) => found
            .faults
            .first()
            .map(ToString::to_string)
            .unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn lines_that_are_no_entries_are_named_however_long_or_deep() {
    let (dir, entry) = one();
    let good = entry.line();
    for (line, why) in [
        ("[".repeat(100_000), "longer than 1024 bytes"),
        ("[".repeat(1000), "nested deeper than 32"),
        ("x".repeat(50_000_000), "longer than 1024 bytes"),
        (
            good.replacen('{', "{\"entry\":1,", 1),
            "the key \"entry\" stands twice",
        ),
        (
            good.replace("\"entry\":1", "\"entry\":1.0"),
            "floating point",
        ),
        (
            good.replace("\"entry\":1", "\"entry\":99999999999999999999"),
            "floating point",
        ),
        (good.replace("ana", "../ana"), "is not an author"),
        (good.replace("evidence", "Evidence"), "is not a kind"),
        (good.replace("2026", "20260"), "is not a time"),
        ("\u{0}".repeat(50), "expected value"),
    ] {
        fs::write(log(dir.path(), "ana"), format!("{line}\n")).unwrap();
        let said = wrong(dir.path());
        assert!(
            said.starts_with("entry 1 of ana: ") && said.contains(why),
            "{said}"
        );
        assert!(
            said.len() < 400,
            "an error does not repeat what it was given: {}",
            said.len()
        );
        // Too long to be the rest of an entry: no crash left it, so it is not cut without a word.
        fs::write(log(dir.path(), "ana"), &line).unwrap();
        let torn = verify(dir.path(), None).unwrap().torn.len();
        assert_eq!(torn, usize::from(line.len() <= 1024), "{why}");
    }
}

#[test]
fn payloads_that_are_none_are_named_however_long_or_deep() {
    let (dir, entry) = one();
    let good = fs::read_to_string(payloads(dir.path(), "ana")).unwrap();
    let good = good.trim_end();
    for (content, why) in [
        ("[".repeat(500_000), "not a payload with its entry"),
        (
            format!("{{\"entry\":1{}", ",\"payload\":[".repeat(9)),
            "not a payload with its entry",
        ),
        (" ".repeat(PAYLOAD_LENGTH_MAX + 129), "longer than"),
        (
            good.replacen("\"entry\":1", "\"entry\":01", 1),
            "not a payload with its entry",
        ),
        (
            good.replacen("\"entry\":1", "\"entry\":0", 1),
            "not a payload with its entry",
        ),
        (
            good.replacen('{', "{\"salt\":\"\",", 1),
            "not a payload with its entry",
        ),
        (good.replace("letter", "../letter"), "altered"),
        (String::new(), "not a payload with its entry"),
    ] {
        replace_payload(dir.path(), &entry, &content);
        let said = wrong(dir.path());
        assert!(said.contains(" of ana") && said.contains(why), "{said}");
        let error = Ledger::open(dir.path())
            .unwrap()
            .payload(&entry)
            .unwrap_err();
        assert!(matches!(error, CaseError::Damaged(_)), "{error}");
        let error = Case::open(dir.path()).unwrap_err();
        assert!(matches!(error, CaseError::Damaged(_)), "{error}");
        let _ = Writer::open(dir.path());
        fs::write(payloads(dir.path(), "ana"), format!("{good}\n")).unwrap();
    }
}

#[test]
fn names_that_lead_elsewhere_are_no_names() {
    let (dir, _) = one();
    for name in ["Ana.jsonl", "...jsonl", "a b.jsonl", "é.jsonl", ".jsonl"] {
        let path = dir.path().join("log").join(name);
        fs::write(&path, "").unwrap();
        let said = wrong(dir.path());
        assert!(said.contains(&format!("log/{name}")), "{said}");
        assert!(Ledger::open(dir.path()).is_err());
        fs::remove_file(path).unwrap();
    }
    let case = dir.path().join("case.json");
    for (content, why) in [
        (
            r#"{"format":"whither.case/1","id":"../x","name":"n"}"#,
            "not a case id",
        ),
        (
            r#"{"format":"whither.case/1","id":"x"}"#,
            "lacks the text `name`",
        ),
        (
            r#"{"format":"whither.case/2","id":"x","name":"n"}"#,
            "this program reads whither.case/1",
        ),
        (
            r#"{"format":"whither.case/1","format":"x"}"#,
            "stands twice",
        ),
        (&"[".repeat(60_000), "nested deeper"),
        (&" ".repeat(70_000), "longer than"),
    ] {
        fs::write(&case, content).unwrap();
        let said = wrong(dir.path());
        assert!(said.contains("case.json") && said.contains(why), "{said}");
    }
}

#[test]
fn links_are_not_followed() {
    let outside = tempdir().unwrap();
    for place in [
        "log/ana.jsonl",
        "payloads/ana.jsonl",
        "ATTACHMENT",
        "case.json",
        "log",
        "payloads",
        "attachments",
    ] {
        let (dir, _) = one();
        let name = match place {
            "ATTACHMENT" => format!("attachments/{}", Hash::of(b"attached 0")),
            other => other.to_owned(),
        };
        assert!(verify(dir.path(), None).unwrap().is_clean());
        // The very same content, but somewhere else.
        let target = outside.path().join(name.replace('/', "-"));
        fs::rename(dir.path().join(&name), &target).unwrap();
        symlink(&target, dir.path().join(&name)).unwrap();
        let said = wrong(dir.path());
        assert!(said.contains("is not a plain"), "{name}: {said}");
        let mut writer = Writer::open(dir.path());
        if let Ok(writer) = &mut writer {
            let written = writer.append(draft("ana", 9, 9, claim("x")));
            let attached = writer.attach(&b"x"[..]);
            // A link to one file of many does not keep the others from being written.
            let folder = !name.contains('/');
            assert_eq!(written.is_err() || attached.is_err(), folder, "{name}");
        }
        let count = fs::read_dir(outside.path()).unwrap().count();
        fs::rename(&target, dir.path().join("back")).unwrap();
        assert_eq!(count, 1, "{name}: nothing was written outside");
        if dir.path().join("back").is_dir() {
            assert_eq!(
                fs::read_dir(dir.path().join("back")).unwrap().count(),
                1,
                "{name}"
            );
        }
    }
}

/// The files that a writer makes by itself are not written through a link either.
#[test]
fn a_writer_does_not_write_through_a_link() {
    let outside = tempdir().unwrap();
    let victim = outside.path().join("victim");
    let (dir, _) = one();
    fs::remove_file(dir.path().join("lock")).unwrap();
    symlink(&victim, dir.path().join("lock")).unwrap();
    assert!(Writer::open(dir.path()).is_err());
    assert!(!victim.exists());
    fs::remove_file(dir.path().join("lock")).unwrap();

    fs::write(&victim, "mine").unwrap();
    symlink(&victim, dir.path().join("incoming")).unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    symlink(&victim, dir.path().join("incoming")).unwrap();
    writer.append(draft("ana", 9, 9, claim("x"))).unwrap();
    let entry_payload = "a payload that is a link";
    symlink(&victim, log(dir.path(), "new")).unwrap();
    let error = writer
        .append(draft("new", 9, 10, claim(entry_payload)))
        .unwrap_err();
    assert!(error.to_string().contains("not a plain file"), "{error}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

/// A pipe under the name of a file would keep a reader waiting for ever.
#[test]
fn a_pipe_is_not_opened() {
    let (dir, _) = one();
    for path in [log(dir.path(), "ana"), payloads(dir.path(), "ana")] {
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let said = wrong(dir.path());
        assert!(said.contains("is not a plain file"), "{said}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, kept).unwrap();
    }
}

#[test]
fn there_are_so_many_authors_and_no_more() {
    let (dir, _) = one();
    for number in 1..AUTHORS_MAX {
        fs::write(log(dir.path(), &format!("a-{number}")), "").unwrap();
    }
    assert!(Ledger::open(dir.path()).is_ok());
    fs::write(log(dir.path(), "b"), "").unwrap();
    let error = Ledger::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("more than 1000 logs"), "{error}");
}

/// An address in a claim is text: it is neither fetched nor opened, whatever it looks like.
#[test]
fn an_attachment_is_found_by_its_hash_and_by_nothing_else() {
    let (dir, _) = one();
    fs::write(dir.path().join("secret"), "s").unwrap();
    let mut writer = Writer::open(dir.path()).unwrap();
    let named = |name: &str| {
        let attachment = Attachment {
            sha256: Hash::of(b"attached 0"),
            name: name.to_owned(),
            media_type: "text/plain".to_owned(),
        };
        let list = Json::List(vec![attachment.json()]);
        let kind = whither_casework::Kind::new("evidence").unwrap();
        let payload = object(&[("attachments", list)]);
        whither_casework::Says::Claim { kind, payload }
    };
    for name in ["../secret", "/etc/passwd", "..", "a\\b"] {
        assert!(
            writer.append(draft("ana", 9, 9, named(name))).is_err(),
            "{name}"
        );
    }
    writer.append(draft("ana", 9, 9, named("secret"))).unwrap();
    assert!(verify(dir.path(), None).unwrap().is_clean());
}
