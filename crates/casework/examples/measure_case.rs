//! Measures a large case: writing it, reading all of it, making its index, asking that, and checking it.
//!
//! `cargo run --release -p whither-casework --example measure_case -- DIR [INCIDENTS]` makes a case of ten claims an
//! incident (100,000 incidents, so a million claims, unless told otherwise) in `DIR/case`, its index in `DIR/index`, and
//! prints what took how long and how much room. Nothing of it is a test.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs};

use whither_casework::{
    Author, Case, CaseError, CaseId, Claim, Draft, Hash, Index, Json, Kind, Salt, Says, Time,
    Writer, verify,
};

/// Entries that are written with one flush.
const BATCH: usize = 50_000;

/// What is said of an incident, besides that there was one.
const SAID: &[(&str, &str)] = &[
    (
        "loss",
        r#""what":"stolen","symbol":"BTC","quantity":"1008.00000000","usd":"10800000""#,
    ),
    (
        "loss",
        r#""what":"stolen","symbol":"ETH","quantity":"11543.0","usd":"4030957""#,
    ),
    (
        "loss",
        r#""what":"recovered","symbol":"BTC","quantity":"4.5""#,
    ),
    (
        "loss",
        r#""what":"frozen","asset":"eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7","amount":"22000000000000""#,
    ),
    ("attribution", r#""actor":"lazarus-group""#),
    (
        "loss",
        r#""what":"stolen","usd":"281000000","basis":"the victim's own statement""#,
    ),
    (
        "hypothesis",
        r#""hypothesis":"dprk","statement":"A group that acts for the DPRK did it.""#,
    ),
    (
        "evidence",
        r#""evidence":"e1","statement":"Peel chains to the same desk.","type":"laundering","likelihoods":{"dprk":["1.5","4"]}"#,
    ),
    (
        "assessment",
        r#""hypothesis":"dprk","sentence":"It is likely that a group that acts for the DPRK did it.""#,
    ),
];

fn main() {
    let mut arguments = env::args().skip(1);
    let dir = PathBuf::from(arguments.next().expect("a directory"));
    let incidents: usize = arguments
        .next()
        .map_or(100_000, |count| count.parse().unwrap());
    let (case, folder) = (dir.join("case"), dir.join("index"));
    if case.exists() {
        println!("reading the case in {}", case.display());
    } else {
        fs::create_dir_all(&dir).unwrap();
        timed("write", || write(&case, incidents));
    }
    println!(
        "log {} MB, payloads {} MB",
        megabytes(&case.join("log")),
        megabytes(&case.join("payloads"))
    );
    let all = timed("read all of it", || {
        Case::open(&case).unwrap().claims().len()
    });
    println!("{all} claims");
    if !folder.exists() {
        timed("make the index", || {
            drop(Index::open(&case, &folder).unwrap());
        });
    }
    println!("index {} MB", megabytes(&folder));
    let fold = |index: &mut Index| {
        let make = |id: &str, claims: &[Claim]| {
            let claims = claims.len();
            Ok::<_, CaseError>(Some(format!(
                r#"{{"incident":"{id}","claims":{claims},"usd":"281000000"}}"#
            )))
        };
        let rows = index.derived("measure/1", "incident", make, |_, json| json.len());
        rows.unwrap().len()
    };
    let mut index = timed("open it, warm", || Index::open(&case, &folder).unwrap());
    timed("derive a row per incident", || fold(&mut index));
    drop(index);
    for _ in 0..2 {
        let mut index = timed("open it, warm", || Index::open(&case, &folder).unwrap());
        let rows = timed("read the derived rows", || fold(&mut index));
        println!("{rows} rows");
        let about = timed("all claims on one incident", || {
            index.about("incident:i-77").unwrap()
        });
        println!("{} claims", about.claims().len());
        let of_kind = timed("all claims of one kind", || {
            index.of_kinds(&["incident"]).unwrap()
        });
        println!("{} claims", of_kind.claims().len());
    }
    timed("append one claim", || append_one(&case));
    let mut index = timed("open it after that", || {
        Index::open(&case, &folder).unwrap()
    });
    timed("read the derived rows", || fold(&mut index));
    let found = timed("verify", || verify(&case, None).unwrap());
    println!("clean: {}", found.is_clean());
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (began, busy) = (Instant::now(), processor());
    let result = run();
    let busy = processor()
        .zip(busy)
        .map(|(after, before)| (after - before) / 1_000_000);
    let busy = busy.map_or_else(String::new, |busy| format!(", {busy} ms of the processor"));
    println!("{what}: {} ms{busy}", began.elapsed().as_millis());
    result
}

/// How long this thread has run, in nanoseconds, where the system tells: other programs do not count.
fn processor() -> Option<u64> {
    let told = fs::read_to_string("/proc/self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok()
}

fn megabytes(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    let bytes: u64 = files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    bytes / 1_000_000
}

fn write(dir: &Path, incidents: usize) {
    let id = CaseId::new("measure").unwrap();
    let mut writer = Writer::create(dir, &id, "A large case").unwrap();
    let mut drafts = Vec::new();
    for number in 0..incidents {
        let id = format!("i-{number}");
        let year = 2011 + number % 12;
        let told = format!(
            r#"{{"id":"{id}","incident":"{id}","title":"Theft {number}","victim":"Exchange {number}","sector":"exchange","vectors":["T1078"],"date":"{year}-09-25","source":"s1","confidence":"B2","handling":"TLP:GREEN"}}"#
        );
        drafts.push(draft("incident", &told, drafts.len()));
        for (kind, fields) in SAID {
            let told = format!(
                r#"{{"incident":"{id}",{fields},"source":"s2","confidence":"C3","published":"{year}-10"}}"#
            );
            drafts.push(draft(kind, &told, drafts.len()));
        }
        if drafts.len() >= BATCH {
            writer.append_all(std::mem::take(&mut drafts)).unwrap();
        }
    }
    for (kind, told) in beside() {
        drafts.push(draft(kind, &told, incidents * 10 + drafts.len()));
    }
    writer.append_all(drafts).unwrap();
}

/// What is claimed of sources, of published totals, and of incidents that are one.
fn beside() -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    for source in ["s1", "s2"] {
        let record = format!(r#"{{"record":"{source}","name":"Source {source}","type":"agency"}}"#);
        told.push(("source", record));
        let text = format!(r#"{{"of":"{source}","text":"One Member State"}}"#);
        told.push(("descriptor", text));
    }
    for year in 2011..2023 {
        let fields = format!(r#""from":"{year}","to":"{year}","usd":"2500000000000""#);
        let cited = format!(r#"{{{fields},"what":"All thefts of the year","source":"s1"}}"#);
        told.push(("cited", cited));
    }
    for number in (0..40).step_by(2) {
        let ids = format!(r#""incidents":["i-{number}","i-{}"]"#, number + 1);
        let joined = format!(r#"{{{ids},"why":"one report of both"}}"#);
        told.push(("same-incident", joined));
    }
    told
}

fn draft(kind: &str, payload: &str, number: usize) -> Draft {
    let mut salt = [0; 32];
    salt[..16].copy_from_slice(
        &Hash::of(format!("{number}").as_bytes())
            .to_string()
            .as_bytes()[..16],
    );
    Draft {
        author: Author::new("ana").unwrap(),
        time: Time::new("2026-01-01T00:00:00Z").unwrap(),
        salt: Salt::new(salt),
        says: Says::Claim {
            kind: Kind::new(kind).unwrap(),
            payload: Json::read(payload.as_bytes()).unwrap(),
        },
    }
}

fn append_one(dir: &Path) {
    let told = r#"{"incident":"i-77","what":"reissued","usd":"5"}"#;
    Writer::open(dir)
        .unwrap()
        .append(draft("loss", told, 0))
        .unwrap();
}
