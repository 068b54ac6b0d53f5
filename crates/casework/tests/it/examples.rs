//! The example cases of the repository are what their claims make of them, to the byte.
//!
//! `claims.jsonl` of an example says what is claimed, by whom and when; log and payloads are made from it.
//! With `WHITHER_UPDATE_EXAMPLES=1` they are written anew. The salts are no secret: nothing of an example is.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use whither_casework::{
    Author, Case, CaseId, Draft, Hash, Json, Kind, Salt, Statement, Time, Writer, verify,
};

use crate::support::files;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    author: Author,
    time: Time,
    kind: Kind,
    payload: Json,
}

/// The examples that are cases made from claims.
fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let folders = fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("claims.jsonl").is_file());
    folders.sort();
    folders
}

/// Makes the case of an example in another directory.
fn make(example: &Path, dir: &Path) {
    let case = Json::read(&fs::read(example.join("case.json")).unwrap()).unwrap();
    let text = |key: &str| case.field(key).unwrap().text().unwrap().to_owned();
    let id = CaseId::new(&text("id")).unwrap();
    let mut writer = Writer::create(dir, &id, &text("name")).unwrap();
    let claims = fs::read_to_string(example.join("claims.jsonl")).unwrap();
    let drafts = claims.lines().enumerate().map(|(number, line)| {
        let line: Line = serde_json::from_str(line).unwrap();
        let statement = Statement::read(&line.kind, &line.payload).unwrap();
        let seed = Hash::of(format!("{id} {number}").as_bytes()).to_string();
        let mut salt = [0; 32];
        salt.copy_from_slice(&seed.as_bytes()[..32]);
        Draft {
            author: line.author,
            time: line.time,
            salt: Salt::new(salt),
            says: statement.says().unwrap(),
        }
    });
    let drafts = drafts.collect();
    writer.append_all(drafts).unwrap();
}

#[test]
fn the_examples_are_what_their_claims_make_of_them() {
    for example in examples() {
        let made = tempfile::tempdir().unwrap();
        make(&example, made.path());
        let expected = files(made.path());
        if std::env::var_os("WHITHER_UPDATE_EXAMPLES").is_some() {
            for (name, bytes) in &expected {
                let path = example.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            fs::copy(made.path().join("case.json"), example.join("case.json")).unwrap();
        }
        let case = fs::read(made.path().join("case.json")).unwrap();
        assert_eq!(fs::read(example.join("case.json")).unwrap(), case);
        assert_eq!(files(&example), expected, "{}", example.display());
        let found = verify(&example, None).unwrap();
        assert!(found.is_clean() && found.unused.is_empty(), "{found:?}");
        assert_eq!(found.withheld, 0);
        let case = Case::open(&example).unwrap();
        assert!(case.claims().iter().all(|claim| claim.handle.is_some()));
    }
    assert!(examples().iter().any(|path| path.ends_with("ronin-2022")));
}
