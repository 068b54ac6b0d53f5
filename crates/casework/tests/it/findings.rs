//! Findings that are kept: read back, kept again, and what rests on what.

use whither_casework::claims::Finding;
use whither_casework::findings::{Kept, bring, falls, kept, named, rests_on};
use whither_casework::{Case, CaseError, Entry, Hash, Json, Kind, Ledger, Says, Word, Writer};

use crate::support::{author, draft, id};

fn read(text: &str) -> Json {
    Json::read(text.as_bytes()).unwrap()
}

fn claim(kind: &str, payload: &str) -> Says {
    Says::Claim {
        kind: Kind::new(kind).unwrap(),
        payload: read(payload),
    }
}

fn finding(name: &str, case: &Case, claims: Vec<Hash>) -> Finding {
    Finding {
        finding: Word::new(name).unwrap(),
        command: "trace".to_owned(),
        parameters: read(r#"{"from":["x"]}"#),
        store: "sha256:00".to_owned(),
        case: case.revision(),
        head: Json::read(case.head().canonical().as_bytes()).unwrap(),
        claims,
        version: "0.1.0".to_owned(),
    }
}

/// Keeps a result, as an author at a time.
fn keep(
    writer: &mut Writer,
    (name, second, number): (&str, u32, usize),
    finding: Finding,
    result: &Json,
) -> Result<Entry, CaseError> {
    let says = bring(writer, &author(name), finding, result)?;
    writer.append(draft(name, second, number, says))
}

#[test]
fn a_finding_is_kept_and_kept_again_as_a_correction() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &id(), "").unwrap();
    let before = Case::of(writer.ledger()).unwrap();
    let first = keep(
        &mut writer,
        ("ana", 1, 1),
        finding("t1", &before, Vec::new()),
        &read(r#"{"a":"1"}"#),
    );
    let first = first.unwrap();
    let between = Case::of(writer.ledger()).unwrap();
    assert_ne!(between.revision(), before.revision());
    // It names the head from before its own entry, at which it is not there.
    let (claim, said) = named(&between, "t1")[0];
    assert!(
        named(
            &Case::at_head(dir.path(), &said.head().unwrap()).unwrap(),
            "t1"
        )
        .is_empty()
    );
    assert_eq!(
        kept(writer.ledger(), claim).unwrap(),
        Kept::Here(r#"{"a":"1"}"#.to_owned())
    );
    let again = keep(
        &mut writer,
        ("bob", 2, 2),
        finding("t1", &between, Vec::new()),
        &read(r#"{"a":"2"}"#),
    );
    let again = again.unwrap();
    assert_eq!(
        (again.kind().as_str(), again.target()),
        ("correct", Some(first.hash()))
    );
    let after = Case::of(writer.ledger()).unwrap();
    let (claim, _) = named(&after, "t1")[0];
    assert_eq!((claim.id, claim.says), (first.hash(), again.hash()));
    assert_eq!(
        kept(writer.ledger(), claim).unwrap(),
        Kept::Here(r#"{"a":"2"}"#.to_owned())
    );
    let both = std::fs::read_dir(dir.path().join("attachments"))
        .unwrap()
        .count();
    assert_eq!(both, 2, "the first result stays too");
}

#[test]
fn a_result_that_is_gone_or_altered_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &id(), "").unwrap();
    let case = Case::of(writer.ledger()).unwrap();
    keep(
        &mut writer,
        ("ana", 1, 1),
        finding("t1", &case, Vec::new()),
        &read("{}"),
    )
    .unwrap();
    drop(writer);
    let case = Case::open(dir.path()).unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let (claim, _) = named(&case, "t1")[0];
    let file = dir
        .path()
        .join("attachments")
        .join(claim.marks.attachments[0].sha256.to_string());
    std::fs::write(&file, "[]").unwrap();
    assert!(matches!(kept(&ledger, claim).unwrap(), Kept::Altered(_)));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(kept(&ledger, claim).unwrap(), Kept::Withheld);
}

const SERVICE: &str = r#"{"id":"hot","address":"bitcoin:12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S","name":"Example","category":"exchange"}"#;
const EVIDENCE: &str = r#"{"incident":"i1","evidence":"e1","statement":"it went to Example","type":"laundering","likelihoods":{"h1":["2","5"]},"finding":"t1"}"#;

#[test]
fn what_rests_on_a_claim_falls_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &id(), "").unwrap();
    let mut second = 0;
    let mut write = |writer: &mut Writer, kind: &str, payload: &str| {
        second += 1;
        let says = claim(kind, payload);
        writer
            .append(draft("ana", second, 100 + second as usize, says))
            .unwrap()
            .hash()
    };
    let service = write(&mut writer, "service", SERVICE);
    let incident = write(
        &mut writer,
        "incident",
        r#"{"incident":"i1","title":"A theft"}"#,
    );
    let hypothesis = write(
        &mut writer,
        "hypothesis",
        r#"{"incident":"i1","hypothesis":"h1","statement":"They did it."}"#,
    );
    let evidence = write(&mut writer, "evidence", EVIDENCE);
    let assessment = write(
        &mut writer,
        "assessment",
        r#"{"incident":"i1","hypothesis":"h1","sentence":"Likely."}"#,
    );
    let other = write(
        &mut writer,
        "label",
        r#"{"id":"other","address":"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa","name":"B","category":"x"}"#,
    );
    let case = Case::of(writer.ledger()).unwrap();
    let result = read(
        r#"{"endpoints":[{"reason":{"claim":"hot"},"entity":null}],"origins":[{"incident":"i1"}],
            "claims":[{"claim":"other","carried":"0"}],"what":"other"}"#,
    );
    let used = rests_on(&case, &result);
    assert_eq!(
        used,
        [service, incident].into_iter().collect(),
        "what carried nothing is not used"
    );
    let _ = other;
    keep(
        &mut writer,
        ("ana", 50, 9),
        finding("t1", &case, used.into_iter().collect()),
        &result,
    )
    .unwrap();
    let case = Case::of(writer.ledger()).unwrap();
    let of = |id: Hash| case.claims().iter().find(|claim| claim.id == id).unwrap();
    let fallen = falls(&case, of(service));
    assert_eq!(fallen.findings.len(), 1);
    assert_eq!(fallen.evidence[0].0.id, evidence);
    assert_eq!(fallen.assessments[0].0.id, assessment);
    assert!(falls(&case, of(other)).findings.is_empty());
    assert_eq!(falls(&case, of(hypothesis)).assessments[0].0.id, assessment);
    assert_eq!(falls(&case, of(evidence)).assessments[0].0.id, assessment);
    let (saved, _) = named(&case, "t1")[0];
    assert_eq!(falls(&case, saved).evidence[0].0.id, evidence);
    assert!(case.without(service).services().next().is_none());
}

#[test]
fn a_struck_relation_breaks_its_paths() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), &id(), "").unwrap();
    let relation = |from: &str, to: &str, grade: &str| {
        format!(r#"{{"from":"{from}","relation":"acts-for","to":"{to}","confidence":"{grade}"}}"#)
    };
    let mut entries = Vec::new();
    for (number, (from, to, grade)) in [
        ("entity:a", "entity:b", "B2"),
        ("entity:b", "list:un/1", "A1"),
        ("entity:a", "entity:b", "C3"),
    ]
    .into_iter()
    .enumerate()
    {
        let says = claim("relation", &relation(from, to, grade));
        let second = u32::try_from(number).unwrap();
        entries.push(
            writer
                .append(draft("ana", second, number, says))
                .unwrap()
                .hash(),
        );
    }
    let case = Case::of(writer.ledger()).unwrap();
    let of = |id: Hash| case.claims().iter().find(|claim| claim.id == id).unwrap();
    let gone = |entry: usize| -> Vec<(String, bool)> {
        let paths = falls(&case, of(entries[entry])).paths.into_iter();
        paths
            .map(|path| (path.ends[0].to_string(), path.is_gone))
            .collect()
    };
    let row = |end: &str, gone: bool| (end.to_owned(), gone);
    assert_eq!(
        gone(0),
        [row("entity:a", false)],
        "a weaker claim still says so"
    );
    assert_eq!(gone(1), [row("entity:a", true), row("entity:b", true)]);
    assert_eq!(gone(2), [], "the stronger one carries it");
}
