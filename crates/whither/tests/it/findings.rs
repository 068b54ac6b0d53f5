//! Claims that carry a trace on, findings that are kept and checked, and what falls without a claim: on the first
//! blocks of Bitcoin and the table of the Ronin theft, with claims made for the test.

use std::path::{Path, PathBuf};

use whither::ingest::Request;
use whither::saved::{Computed, Mismatch, Verification, falls, save, verify};
use whither::store::Store;
use whither::{Error, Finding, Question, Recorder, answer};
use whither_analysis::trace::Policy;
use whither_casework::claims::Finding as FindingClaim;
use whither_casework::findings::bring;
use whither_casework::{
    Author, Case, CaseId, Draft, Hash, Json, Kind, Salt, Says, Time, Word, Writer,
};

use crate::support::{Desk, desk};

const BLOCK_9: &str = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0";
/// Ten of its fifty coins, paid on 12 January 2009 and never moved in these blocks.
const FIRST_PAYMENT: &str =
    "bitcoin:f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16:0";
/// The coinbase of block 1, which nothing spends.
const BLOCK_1: &str = "bitcoin:0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098:0";
const COIN: &str = "bip122:000000000019d6689c085ae165831e93/slip44:0";
const RONIN: &str = "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96";

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(path)
}

/// A store with the first blocks.
fn blocks() -> Desk {
    let mut desk = desk();
    desk.ingest(&example("first-blocks/first-100k-blocks.dat"));
    desk
}

/// The same, with the Ronin table beside them.
fn both() -> Desk {
    let mut desk = blocks();
    let request = Request {
        mapping: Some("ronin-dune".to_owned()),
        ..Request::default()
    };
    desk.ingest_with(&example("ronin-2022/transfers.csv"), request);
    desk
}

fn ana() -> Author {
    Author::new("ana").unwrap()
}

/// An entry of a second that says so.
fn draft(second: usize, says: Says) -> Draft {
    let mut salt = [7; 32];
    salt[0] = u8::try_from(second).unwrap();
    Draft {
        author: ana(),
        time: Time::new(&format!("2026-01-01T00:00:{second:02}Z")).unwrap(),
        salt: Salt::new(salt),
        says,
    }
}

fn json(text: &str) -> Json {
    Json::read(text.as_bytes()).unwrap()
}

/// A case with claims; the entries that made them.
fn case(desk: &Desk, claims: &[(&str, String)]) -> (PathBuf, Vec<Hash>) {
    let dir = desk.path("case");
    let mut writer = Writer::create(&dir, &CaseId::new("made").unwrap(), "").unwrap();
    let mut entries = Vec::new();
    for (number, (kind, payload)) in claims.iter().enumerate() {
        let says = Says::Claim {
            kind: Kind::new(kind).unwrap(),
            payload: json(payload),
        };
        entries.push(writer.append(draft(number, says)).unwrap().hash());
    }
    (dir, entries)
}

fn continuation(
    id: &str,
    from: &str,
    to: &str,
    amount: &str,
    onward: Option<(&str, &str)>,
) -> (&'static str, String) {
    let onward = onward.map_or_else(String::new, |(asset, amount)| {
        format!(r#","to_asset":"{asset}","to_amount":"{amount}""#)
    });
    let text = format!(
        r#"{{"id":"{id}","from":"{from}","to":"{to}","asset":"{COIN}","amount":"{amount}","why":"made for a test"{onward}}}"#
    );
    ("continuation", text)
}

fn question(claims: bool) -> Question {
    Question {
        policy: Policy::Fifo,
        claims,
        ..Question::from(vec![BLOCK_9.to_owned()])
    }
}

fn ask(desk: &Desk, dir: &Path, claims: bool) -> Finding {
    answer(
        &desk.store,
        Some(&Case::open(dir).unwrap()),
        &question(claims),
    )
    .unwrap()
}

fn amount_at(finding: &Finding, place: &str) -> Vec<String> {
    let is_there =
        |text: &Option<String>| text.as_deref().is_some_and(|text| text.starts_with(place));
    let ends = finding.trace.endpoints.iter();
    let ends = ends.filter(|end| is_there(&end.output) || is_there(&end.address));
    ends.map(|end| end.amount.clone()).collect()
}

#[test]
fn a_claim_carries_the_first_payment_on_and_says_so() {
    let desk = blocks();
    let made = continuation("answer-1", FIRST_PAYMENT, BLOCK_1, "400000000", None);
    let (dir, _) = case(&desk, &[made]);
    let plain = ask(&desk, &dir, false);
    let onward = ask(&desk, &dir, true);
    assert_eq!(amount_at(&plain, "f4184f"), ["1000000000"]);
    assert_eq!(amount_at(&onward, "f4184f"), ["600000000"]);
    assert_eq!(amount_at(&onward, "0e3e23"), ["400000000"]);
    let totals = &onward.trace.totals[0];
    assert_eq!(
        (&*totals.origin, &*totals.by_kind["unspent"]),
        ("5000000000", "5000000000")
    );
    let edge = onward.trace.edges.last().unwrap();
    let text = serde_json::to_string(edge).unwrap();
    assert!(
        text.contains(r#""why":"claim","basis":"claim","claim":"answer-1""#),
        "{text}"
    );
    let rows = onward.trace.claims.as_ref().unwrap();
    assert_eq!(
        (rows.len(), &*rows[0].carried, &*rows[0].falls[0].amount),
        (1, "400000000", "400000000")
    );
    // Without `--claims` the case changes no byte but its own revision.
    assert_eq!(
        plain.trace,
        answer(&desk.store, None, &question(false)).unwrap().trace
    );
    let text = serde_json::to_string(&plain).unwrap();
    assert!(
        !text.contains("\"claims\"") && !text.contains("stores"),
        "{text}"
    );
}

#[test]
fn a_claim_leads_to_another_chain_and_the_totals_tell_both() {
    let desk = both();
    let wei = "400000000000000000000";
    let made = continuation(
        "bridge",
        FIRST_PAYMENT,
        RONIN,
        "1000000000",
        Some(("eip155:1/slip44:60", wei)),
    );
    let idle = [
        continuation(
            "nowhere",
            FIRST_PAYMENT,
            "tron:0x2b6653dc:TJDENsfBJs4RFETt1X1W8wMDc8M5XnJhCe",
            "1",
            None,
        ),
        continuation(
            "unseen",
            FIRST_PAYMENT,
            "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "1",
            None,
        ),
        continuation(
            "bare",
            FIRST_PAYMENT,
            "0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
            "1",
            None,
        ),
    ];
    let (dir, _) = case(&desk, &[&[made], idle.as_slice()].concat());
    let found = ask(&desk, &dir, true);
    let totals = |asset: &str| {
        let mut rows = found.trace.totals.iter();
        let row = rows.find(|row| row.asset == asset).unwrap();
        let sums = row.by_kind.values().map(|sum| sum.parse::<u128>().unwrap());
        let ends: u128 = sums.sum();
        (
            row.origin.clone(),
            row.converted_in.clone(),
            row.converted_out.clone(),
            ends.to_string(),
        )
    };
    let row = |a: &str, b: &str, c: &str, d: &str| {
        (a.to_owned(), b.to_owned(), c.to_owned(), d.to_owned())
    };
    assert_eq!(
        totals(COIN),
        row("5000000000", "0", "1000000000", "4000000000")
    );
    assert_eq!(totals("eip155:1/slip44:60"), row("0", wei, "0", wei));
    let chains: Vec<&str> = found
        .provenance
        .stores
        .iter()
        .map(|row| &*row.chain)
        .collect();
    assert_eq!(
        chains,
        ["bip122:000000000019d6689c085ae165831e93", "eip155:1"]
    );
    let kinds = |kind: &str| {
        let caveats = found.trace.caveats.iter();
        caveats
            .filter(|caveat| caveat.kind == kind)
            .map(|caveat| caveat.what.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        kinds("continuation-unused").len(),
        3,
        "{:?}",
        kinds("continuation-unused")
    );
    assert_eq!(kinds("continuation").len(), 1);
}

fn saved(desk: &Desk, dir: &Path, name: &str, second: usize) -> Result<bool, Error> {
    let case = Case::open(dir).unwrap();
    let finding = answer(&desk.store, Some(&case), &question(true))?;
    let computed = Computed::of_trace(&case, &finding)?;
    let recorder = Recorder::new("ana", Some(&format!("2026-01-01T00:00:{second:02}Z")))?;
    Ok(save(dir, &case, &recorder, (name, &computed))?.corrects)
}

fn check(desk: &Desk, dir: &Path) -> Verification {
    verify(&desk.store, dir, &[]).unwrap()
}

fn only(found: &Verification) -> &Mismatch {
    assert_eq!(found.mismatched.len(), 1, "{found:?}");
    &found.mismatched[0]
}

#[test]
fn a_saved_finding_is_computed_anew_to_the_byte() {
    let desk = blocks();
    let made = continuation("answer-1", FIRST_PAYMENT, BLOCK_1, "400000000", None);
    let (dir, entries) = case(&desk, &[made]);
    assert!(!saved(&desk, &dir, "first", 10).unwrap());
    assert!(!saved(&desk, &dir, "second", 11).unwrap());
    // A claim made later, and a claim struck later, change nothing of what was saved.
    let mut writer = Writer::open(&dir).unwrap();
    let says = Says::Retract {
        target: entries[0],
        reason: "it was another payment".to_owned(),
    };
    writer.append(draft(12, says)).unwrap();
    drop(writer);
    assert!(
        saved(&desk, &dir, "first", 13).unwrap(),
        "the same name is a correction"
    );
    let found = check(&desk, &dir);
    assert_eq!(
        (found.checked, found.matched, found.is_clean()),
        (2, 2, true),
        "{found:?}"
    );
    let one = verify(&desk.store, &dir, &["second".to_owned()]).unwrap();
    assert_eq!((one.checked, one.matched), (1, 1));
    assert!(
        verify(&desk.store, &dir, &["third".to_owned()])
            .unwrap_err()
            .to_string()
            .contains("third")
    );
    let case = Case::open(&dir).unwrap();
    let claims = |name: &str| {
        whither_casework::findings::named(&case, name)[0]
            .1
            .claims
            .clone()
    };
    assert_eq!(claims("second"), [entries[0]]);
    assert_eq!(
        claims("first"),
        [],
        "the answer no longer rests on what was struck"
    );
}

#[test]
fn what_does_not_match_says_why() {
    let desk = blocks();
    let made = continuation("answer-1", FIRST_PAYMENT, BLOCK_1, "400000000", None);
    let (dir, _) = case(&desk, &[made]);
    saved(&desk, &dir, "first", 10).unwrap();
    let empty = Store::open(&desk.path("empty")).unwrap();
    let found = verify(&empty, &dir, &[]).unwrap();
    assert_eq!(
        (only(&found).reason, &*only(&found).expected),
        ("chain", "bip122:000000000019d6689c085ae165831e93")
    );
    // Fewer blocks: other chain content.
    let mut short = crate::support::desk();
    let bytes = std::fs::read(example("first-blocks/first-100k-blocks.dat")).unwrap();
    std::fs::write(short.path("short.dat"), &bytes[..60_000]).unwrap();
    let file = short.path("short.dat");
    short.ingest(&file);
    let found = verify(&short.store, &dir, &[]).unwrap();
    assert_eq!(only(&found).reason, "store");
    assert_ne!(only(&found).expected, only(&found).found);
    // The result itself is another, or gone.
    let results = dir.join("attachments");
    let file = std::fs::read_dir(&results)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let result = std::fs::read(&file).unwrap();
    std::fs::write(&file, "{}").unwrap();
    assert_eq!(only(&check(&desk, &dir)).reason, "altered");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(only(&check(&desk, &dir)).reason, "withheld");
    std::fs::write(&file, result).unwrap();
    assert!(check(&desk, &dir).is_clean());
}

/// Keeps a result that was tampered with before it was kept: the log holds, the figures do not.
fn kept_with(desk: &Desk, from: &str, to: &str) -> Verification {
    let made = continuation("answer-1", FIRST_PAYMENT, BLOCK_1, "400000000", None);
    let (dir, _) = case(desk, &[made]);
    let case = Case::open(&dir).unwrap();
    let finding = answer(&desk.store, Some(&case), &question(true)).unwrap();
    let text = Json::of(&finding).unwrap().canonical();
    assert!(text.contains(from));
    let claim = FindingClaim {
        finding: Word::new("made").unwrap(),
        command: "trace".to_owned(),
        parameters: Json::of(&finding.provenance.parameters).unwrap(),
        store: finding.provenance.store.clone(),
        case: case.revision(),
        head: json(&case.head().canonical()),
        claims: Vec::new(),
        version: "0".to_owned(),
    };
    let mut writer = Writer::open(&dir).unwrap();
    let result = json(&text.replacen(from, to, 1));
    let says = bring(&mut writer, &ana(), claim, &result).unwrap();
    writer.append(draft(20, says)).unwrap();
    drop(writer);
    check(desk, &dir)
}

#[test]
fn a_changed_figure_is_named_by_its_place_with_both_values() {
    let found = kept_with(
        &blocks(),
        r#""amount":"600000000""#,
        r#""amount":"600000001""#,
    );
    let row = only(&found);
    assert_eq!(
        (row.reason, &*row.expected, &*row.found),
        ("result", "600000001", "600000000")
    );
    assert!(
        row.what.starts_with("made: endpoints[") && row.what.ends_with("].amount"),
        "{}",
        row.what
    );
    let version = format!(r#""version":"{}""#, env!("CARGO_PKG_VERSION"));
    let found = kept_with(&blocks(), &version, r#""version":"0.0.1""#);
    assert_eq!(
        (only(&found).reason, &*only(&found).expected),
        ("version", "0.0.1")
    );
}

#[test]
fn what_falls_without_a_claim_is_computed_anew() {
    let desk = blocks();
    let claims = [
        continuation("answer-1", FIRST_PAYMENT, BLOCK_1, "400000000", None),
        ("evidence", r#"{"incident":"i","evidence":"e","statement":"<b>s</b>","type":"laundering","likelihoods":{},"finding":"first"}"#.to_owned()),
    ];
    let (dir, _) = case(&desk, &claims);
    saved(&desk, &dir, "first", 10).unwrap();
    let found = falls(&desk.store, &dir, "answer-1").unwrap();
    let changes: Vec<(String, String)> = found.findings[0]
        .changes
        .iter()
        .map(|change| (change.with.clone(), change.without.clone()))
        .collect();
    let row = |with: &str, without: &str| (with.to_owned(), without.to_owned());
    assert_eq!(
        changes,
        [row("400000000", "0"), row("600000000", "1000000000")]
    );
    assert_eq!(found.evidence[0].evidence, "e");
    assert!(falls(&desk.store, &dir, "nobody").is_err());
}
