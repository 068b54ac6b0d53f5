//! Editions that are signed: checked elsewhere, altered, sealed again without the signature.

use std::fs;
use std::path::Path;

use crate::whither::{Desk, path};

const TEXT: &str = "---\ntitle: A theft\n---\n\n# What {#what}\n\nThe victim was {incident:ronin-bridge-2022#victim}. {#p-1}\n";

/// RFC 8032, 7.1: the secret key of the first test, and its public key.
const SECRET: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// A desk with a signed edition in `signed`.
fn signed() -> Desk {
    let desk = Desk::new();
    for file in ["case.json", "log/whither.jsonl", "payloads/whither.jsonl"] {
        let bytes = fs::read(path("examples/ronin-2022").to_owned() + "/" + file).unwrap();
        desk.file(&format!("case/{file}"), bytes);
    }
    desk.file("text.txt", TEXT);
    desk.file("key", format!("{SECRET}\n"));
    let case = ["--case", "case", "--author", "ana"];
    desk.run(&[&["report", "draft", "final", "text.txt"], &case[..]].concat())
        .succeeded();
    let publish = [
        "report",
        "publish",
        "final",
        "--edition",
        "public",
        "--sign",
        "key",
        "--out",
        "signed",
    ];
    desk.run(&[&publish, &case[..]].concat()).succeeded();
    desk
}

fn copied(desk: &Desk, to: &Desk) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let place = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy(&path, &place);
            } else {
                fs::copy(&path, &place).unwrap();
            }
        }
    }
    copy(&desk.path().join("signed"), &to.path().join("edition"));
}

fn edition() -> Desk {
    let elsewhere = Desk::new();
    copied(&signed(), &elsewhere);
    elsewhere
}

fn altered(desk: &Desk, name: &str, from: &str, to: &str) {
    let path = desk.path().join("edition").join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{name} has no {from}: {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_signed_edition_verifies_elsewhere_and_tells_its_key() {
    let desk = edition();
    let found = desk.run(&["verify", "edition"]).succeeded();
    assert_eq!(found.json()["signed_by"][0], KEY);
    desk.run(&["verify", "edition", "--signed-by", &KEY.to_uppercase()])
        .succeeded();
    let table = desk
        .run(&["verify", "edition", "--format", "table"])
        .succeeded();
    assert!(
        table.stdout.contains(&format!("signed by {KEY}")),
        "{}",
        table.stdout
    );
}

#[test]
fn what_is_wrong_with_a_seal_is_named() {
    let other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    let desk = edition();
    let wrong = desk.run(&["verify", "edition", "--signed-by", other]);
    assert_eq!(wrong.code, Some(1));
    let row = &wrong.json()["mismatched"][0];
    assert_eq!(row["what"], "the seal");
    assert!(row["found"].as_str().unwrap().contains(KEY), "{row}");

    // A byte of the signature.
    let seal = fs::read_to_string(desk.path().join("edition/seal.json")).unwrap();
    let at = seal.find("\"signature\":\"").unwrap() + "\"signature\":\"".len();
    let digit = if seal.as_bytes()[at] == b'0' {
        "1"
    } else {
        "0"
    };
    let mut broken = seal.clone();
    broken.replace_range(at..=at, digit);
    desk.file("edition/seal.json", broken);
    let told = desk.run(&["verify", "edition"]);
    assert_eq!(told.code, Some(1));
    assert!(
        told.stdout.contains(&format!("the signature of {KEY}")),
        "{}",
        told.stdout
    );
    desk.file("edition/seal.json", seal);

    // A byte of the report: the file is named, and the seal still holds.
    altered(&desk, "report.html", "Sky Mavis", "Sly Mavis");
    let told = desk.run(&["verify", "edition", "--signed-by", KEY]);
    assert_eq!(told.code, Some(1));
    assert_eq!(told.json()["mismatched"][0]["what"], "report.html");
    assert_eq!(told.json()["signed_by"][0], KEY);
}

/// Whoever alters an edition can make a manifest and a seal that fit. Only a reader who knows the key can tell.
#[test]
fn an_edition_that_was_sealed_again_is_told_by_the_key_alone() {
    let desk = edition();
    let manifest = fs::read_to_string(desk.path().join("edition/manifest.json")).unwrap();
    let forged = manifest.replacen("\"audience\":\"public\"", "\"audience\":\"Public\"", 1);
    assert_ne!(manifest, forged);
    desk.file("edition/manifest.json", &forged);
    let told = desk.run(&["verify", "edition", "--signed-by", KEY]);
    assert_eq!(told.code, Some(1));
    let rows = told.json()["mismatched"].to_string();
    assert!(rows.contains("manifest.json"), "{rows}");

    desk.file("edition/manifest.json", &manifest);
    let seal = fs::read_to_string(desk.path().join("edition/seal.json")).unwrap();
    let mut seal: serde_json::Value = serde_json::from_str(&seal).unwrap();
    seal.as_object_mut().unwrap().remove("signatures");
    desk.file("edition/seal.json", seal.to_string());
    let clean = desk.run(&["verify", "edition"]).succeeded();
    assert_eq!(clean.json()["signed_by"].as_array().map(Vec::len), Some(0));
    let told = desk.run(&["verify", "edition", "--signed-by", KEY]);
    assert_eq!(told.code, Some(1));
    assert_eq!(
        told.json()["mismatched"][0]["found"],
        "no signature that holds"
    );
}

#[test]
fn a_key_that_is_none_is_refused_with_a_hint() {
    let desk = signed();
    desk.file("no-key", "secret");
    let publish = [
        "report",
        "publish",
        "final",
        "--edition",
        "public",
        "--sign",
        "no-key",
        "--out",
        "other",
        "--case",
        "case",
        "--author",
        "ana",
    ];
    let failed = desk.run(&publish).failed();
    assert!(
        failed.stderr.contains("openssl rand -hex 32"),
        "{}",
        failed.stderr
    );
    assert!(!desk.path().join("other").exists());
    let failed = desk
        .run(&["verify", "signed", "--signed-by", "abc"])
        .failed();
    assert!(
        failed.stderr.contains("64 hexadecimal digits"),
        "{}",
        failed.stderr
    );
    let failed = desk
        .run(&["verify", "--case", "case", "--signed-by", KEY])
        .failed();
    assert!(
        failed.stderr.contains("no directory of one is named"),
        "{}",
        failed.stderr
    );
}

#[cfg(not(feature = "pdf"))]
#[test]
fn a_pdf_without_the_feature_is_refused_with_a_hint() {
    let desk = signed();
    let publish = [
        "report",
        "publish",
        "final",
        "--edition",
        "public",
        "--to",
        "pdf",
        "--out",
        "other",
        "--case",
        "case",
        "--author",
        "ana",
    ];
    let failed = desk.run(&publish).failed();
    assert!(
        failed.stderr.contains("--features pdf"),
        "{}",
        failed.stderr
    );
    assert!(!desk.path().join("other").exists());
}
