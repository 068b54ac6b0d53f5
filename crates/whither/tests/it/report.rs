//! Reports: drafted, checked, given out without what is private, checked again elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use whither::prices::{Convention, Request, import, pair};
use whither::report::{
    Audience, Publication, Said, check_opening, check_text, comment, draft, is_bundle, open,
    publish, reply, revise, rule, verify,
};
use whither::report::{Desk as ReportDesk, remarks};
use whither::saved::{Computed, save};
use whither::{Case, Ledger, Policy, Question, Recorder, answer};
use whither_casework::{Author, CaseId, Draft, Hash, Json, Kind, Salt, Says, Time, Writer};

use crate::support::{Desk, desk};

const ETH: &str = "eip155:1/slip44:60";

fn recorder(second: usize) -> Recorder {
    Recorder::new("ana", Some(&format!("2026-02-01T00:00:{second:02}Z"))).unwrap()
}

/// A private string for each place that could leak, by its number.
fn planted(number: usize) -> String {
    format!("Zq{number}x Hidden Name{number} of nobody")
}

/// A theft, who is said to have done it, and sources, claims and files with private strings in them.
fn claims() -> Vec<(&'static str, String)> {
    let mut made = vec![
        ("incident", r#"{"id":"a1","incident":"a","date":"2022-03-23","victim":"A Bridge","title":"Theft from a bridge","handling":"TLP:CLEAR"}"#.to_owned()),
        ("loss", format!(r#"{{"id":"a2","incident":"a","what":"stolen","asset":"{ETH}","amount":"2000000000000000000","source":"s0","handling":"TLP:CLEAR"}}"#)),
        ("cited", r#"{"id":"c1","from":"2022","to":"2022","usd":"7000","what":"all thefts","handling":"TLP:CLEAR"}"#.to_owned()),
        ("hypothesis", r#"{"id":"h1","incident":"a","hypothesis":"one","statement":"One did it","handling":"TLP:CLEAR"}"#.to_owned()),
        ("hypothesis", r#"{"id":"h2","incident":"a","hypothesis":"unknown","statement":"Another did it","handling":"TLP:CLEAR"}"#.to_owned()),
        ("evidence", r#"{"id":"e1","incident":"a","evidence":"e","statement":"It was seen","type":"flow","confidence":"A1","handling":"TLP:CLEAR","likelihoods":{"one":["40","60"],"unknown":["1","1"]}}"#.to_owned()),
        ("label", r#"{"id":"l1","address":"eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96","name":"The exploiter","category":"other","handling":"TLP:CLEAR"}"#.to_owned()),
    ];
    // 10 sources with three private strings each: 0 to 29.
    for n in 0..10 {
        let (name, contact, note) = (planted(n * 3), planted(n * 3 + 1), planted(n * 3 + 2));
        made.push(("source", format!(r#"{{"id":"r{n}","record":"s{n}","name":"{name}","contact":"{contact}","note":"{note}"}}"#)));
        made.push((
            "descriptor",
            format!(
                r#"{{"id":"d{n}","of":"s{n}","text":"one Member State","handling":"TLP:CLEAR"}}"#
            ),
        ));
    }
    // Labels of addresses of the trace, whose names an internal drawing shows: 30 to 33.
    for (n, address) in [
        "0x53b6936513e738f44FB50d2b9476730C0Ab3Bfc1",
        "0x35fB6f6DB4fb05e6A4cE86f2C93691425626d4b1",
        "0xF7B31119c2682c88d88D455dBb9d5932c65Cf1bE",
        "0x3e37627dEAA754090fBFbb8bd226c1CE66D255e9",
    ]
    .iter()
    .enumerate()
    {
        let name = planted(30 + n);
        made.push(("label", format!(r#"{{"id":"x{n}","address":"eip155:1:{address}","name":"{name}","category":"other","handling":"TLP:RED"}}"#)));
    }
    // Names of attachments and free text as a source: 34 to 41.
    for n in 0..4 {
        let (file, source) = (planted(34 + n), planted(38 + n));
        let sha256 = Hash::of(&[u8::try_from(n).unwrap()]);
        made.push(("label", format!(r#"{{"id":"y{n}","address":"eip155:1:0x000000000000000000000000000000000000000{n}","name":"N{n}","category":"other","handling":"TLP:AMBER","source":"{source}","attachments":[{{"name":"{file}.pdf","media_type":"application/pdf","sha256":"{sha256}"}}]}}"#)));
    }
    made
}

fn case(desk: &Desk) -> PathBuf {
    let dir = desk.path("case");
    let mut writer = Writer::create(&dir, &CaseId::new("made").unwrap(), &planted(42)).unwrap();
    for n in 0..4_u8 {
        writer.attach(&[n][..]).unwrap();
    }
    let drafts = claims()
        .into_iter()
        .enumerate()
        .map(|(at, (kind, payload))| Draft {
            author: Author::new("ana").unwrap(),
            time: Time::new(&format!("2026-01-01T00:00:{at:02}Z")).unwrap(),
            salt: Salt::new([u8::try_from(at).unwrap(); 32]),
            says: Says::Claim {
                kind: Kind::new(kind).unwrap(),
                payload: Json::read(payload.as_bytes()).unwrap(),
            },
        });
    writer.append_all(drafts.collect()).unwrap();
    dir
}

/// A report whose public edition withholds two paragraphs with private strings in them: 43 and 44.
fn text() -> String {
    let (red, amber) = (planted(43), planted(44));
    format!(
        "---\ntitle: A theft from a bridge\nsymbol: S/2026/1\ndate: 2026-03-01\n---\n\n\
         # What was stolen {{#what}}\n\n\
         {{incident:a#victim}} lost {{incident:a#stolen}}, {{incident:a#usd|millions}}, on {{incident:a#date}}.[^state] {{#p-1}}\n\n\
         {red} was told to the authors by {{source:s1}}.[^red] {{#p-2 TLP:RED}}\n\n\
         The trace followed {{finding:trail#totals.0.origin}} to {{finding:trail#endpoints.count}} endpoints, among them \
         {{claim:l1#address}}. {{#p-3}}\n\n\
         It was {{assessment:a/one#words}} that one did it. {{#p-4}}\n\n\
         In the year {{total:2022..2022#usd}} were stolen, beside {{cited:c1#usd}} that others tell. {{#p-5}}\n\n\
         ::: figure waterfall finding:trail #f-1\nCaption: Where it went\nSource: {{source:s2}}\n:::\n\n\
         ::: figure flow finding:trail #f-2\nCaption: How it went\nSource: The chain\n:::\n\n\
         ::: figure thefts total:2022..2022 #f-3\nCaption: Thefts\nSource: The case\n:::\n\n\
         # Annex: Sources {{#annex TLP:AMBER}}\n\n{amber} is here. {{#p-6}}\n\n\
         [^state]: Information from {{source:s0}}.\n[^red]: Told in confidence to the authors alone.\n"
    )
}

struct Made {
    desk: Desk,
    case: PathBuf,
}

/// A store with the theft, a case, a saved trace, a report, comments and answers: private strings 45 to 49.
fn made() -> Made {
    let mut desk = desk();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    desk.ingest(&root.join("examples/ronin-2022/transfers.csv"));
    let request = Request {
        file: PathBuf::from("prices.csv"),
        bytes: Some(b"date,price\n2022-03-23,3031.07\n".to_vec()),
        pair: pair(ETH, None).unwrap(),
        convention: Convention::Close,
        source: "made up".to_owned(),
        licence: None,
        decimals: None,
        dry_run: false,
    };
    import(desk.store.path(), request).unwrap();
    let dir = case(&desk);
    let open = Case::open(&dir).unwrap();
    let question = Question {
        policy: Policy::Fifo,
        ..Question::from(vec![
            "ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96".to_owned(),
        ])
    };
    let finding = answer(&desk.store, Some(&open), &question).unwrap();
    let computed = Computed::of_trace(&open, &finding).unwrap();
    save(&dir, &open, &recorder(0), ("trail", &computed)).unwrap();
    draft(&dir, &recorder(1), ("final", &text()), Some(&planted(45))).unwrap();
    let said = |by: usize, text: usize| Said {
        part: "p-1".to_owned(),
        by: Some(planted(by)),
        text: Some(planted(text)),
        ..Said::default()
    };
    comment(&dir, &recorder(2), "final", &said(46, 47)).unwrap();
    rule(&dir, &recorder(3), ("final", "c-1"), (false, &planted(48))).unwrap();
    let asked = Said {
        part: "1".to_owned(),
        by: Some("A Bridge".to_owned()),
        text: Some(planted(49)),
        asked: Some("2026-01-02".to_owned()),
        answered: Some("2026-01-09".to_owned()),
    };
    reply(&dir, &recorder(4), "final", &asked).unwrap();
    Made { desk, case: dir }
}

impl Made {
    fn publication(&self, audience: Audience, out: &str) -> Publication {
        Publication {
            report: "final".to_owned(),
            revision: None,
            audience,
            ceiling: None,
            name: None,
            out: self.desk.path(out),
            store: Some(self.desk.store.path().to_owned()),
            with_store: true,
            key: None,
            secret: Some(Hash::of(b"secret")),
        }
    }

    fn publish(&self, audience: Audience, out: &str, second: usize) -> PathBuf {
        let asked = self.publication(audience, out);
        publish(&self.desk.store, &self.case, &recorder(second), &asked).unwrap();
        asked.out
    }
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                all.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    all.sort();
    all
}

fn holds(files: &[(String, Vec<u8>)], text: &str) -> bool {
    let needle = text.as_bytes();
    files.iter().any(|(name, bytes)| {
        name.contains(text) || bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn a_draft_is_clean_and_faults_are_told_with_their_places() {
    let made = made();
    let ledger = Ledger::open(&made.case).unwrap();
    let case = Case::of(&ledger).unwrap();
    let of = |audience: Audience| {
        ReportDesk::new(
            (&ledger, &case),
            &made.desk.store,
            audience,
            audience.ceiling(),
        )
    };
    let checked = check_text(&of(Audience::Internal), &text());
    assert_eq!(checked.faults, []);
    assert_eq!(checked.attributions, 1);
    for (sentence, kind, what) in [
        (
            "It was {finding:nothing#x}.",
            "reference",
            "no finding \"nothing\"",
        ),
        (
            "It was {finding:trail#totals.0.orgin}.",
            "reference",
            "there is no \"orgin\" here",
        ),
        ("It was {incident:b#usd}.", "reference", "no dated incident"),
        ("It was {total:2022#usd}.", "reference", "is no period"),
        ("It was {claim:zz#name}.", "reference", "0 claims are named"),
        ("It was {source:zz}.", "reference", "no record of a source"),
        (
            "One almost certainly did it.",
            "attribution",
            "no assessment bears it",
        ),
        (
            "It was carried out by one.",
            "attribution",
            "no assessment bears it",
        ),
        (
            "It was certainly {assessment:a/one#bound} one.",
            "attribution",
            "stronger than its assessment",
        ),
        (
            "It was {assessment:a/two#words}.",
            "reference",
            "no hypothesis",
        ),
    ] {
        let text = text().replace("# Annex", &format!("{sentence} {{#p-9}}\n\n# Annex"));
        let faults = check_text(&of(Audience::Internal), &text).faults;
        assert_eq!(faults.len(), 1, "{sentence}: {faults:?}");
        assert_eq!(faults[0].kind, kind, "{sentence}");
        assert!(faults[0].what.contains(what), "{sentence}: {faults:?}");
        let line = text
            .lines()
            .position(|line| line.contains(sentence))
            .unwrap()
            + 1;
        assert_eq!(faults[0].line, line, "{sentence}");
    }
    let text = text().replace("# Annex", "{claim:y0#name} {#p-9}\n\n# Annex");
    let faults = check_text(&of(Audience::Public), &text).faults;
    assert!(
        faults.iter().any(|fault| fault.what.contains("TLP:AMBER")),
        "{faults:?}"
    );
}

/// Fifty private strings: none is in any byte of the public edition, and each is found in the internal one.
#[test]
fn nothing_private_leaves_with_a_public_edition() {
    let made = made();
    let public = files(&made.publish(Audience::Public, "public", 5));
    for number in 0..50 {
        assert!(!holds(&public, &planted(number)), "{number} left");
    }
    let html = String::from_utf8(
        public
            .iter()
            .find(|(name, _)| name == "report.html")
            .unwrap()
            .1
            .clone(),
    );
    let html = html.unwrap();
    assert!(html.contains("one Member State") && html.contains("withheld in this edition"));
    assert!(
        html.contains("2 ETH") && html.contains("USD 0 million"),
        "its figures are there"
    );
    let internal = files(&made.publish(Audience::Internal, "internal", 6));
    for number in 0..50 {
        assert!(
            holds(&internal, &planted(number)),
            "{number} is not even planted"
        );
    }
}

/// The same, with nothing taken out: the check finds every one of them.
#[test]
fn the_check_finds_each_string_where_nothing_is_taken_out() {
    let made = made();
    let internal = files(&made.publish(Audience::Internal, "internal", 5));
    let ledger = Ledger::open(&made.case).unwrap();
    let case = Case::of(&ledger).unwrap();
    let audience = Audience::Public;
    let desk = ReportDesk::new(
        (&ledger, &case),
        &made.desk.store,
        audience,
        audience.ceiling(),
    );
    let found = whither::report::leaks_of(&desk, "final", &text(), &internal).unwrap();
    let told: Vec<&str> = found.iter().map(|leak| leak.text.as_str()).collect();
    for number in 0..50 {
        let text = planted(number);
        assert!(
            told.iter().any(|told| told.contains(&text)),
            "{text} was not found"
        );
    }
    assert!(!remarks(&case, "final").is_empty());
}

#[test]
fn a_leak_refuses_the_edition_and_leaves_nothing_behind() {
    let made = made();
    // The author types the name of a source into a paragraph that is not marked.
    let name = planted(3).to_lowercase().replace(' ', "-");
    let leaking = text().replace(
        "# Annex",
        &format!("It is {{literal:{}}}. {{#p-9}}\n\n# Annex", &name[..24]),
    );
    let leaking = leaking.replace(&name[..24], "zq3x hidden name3 of nobody");
    revise(&made.case, &recorder(5), ("final", &leaking), None).unwrap();
    let asked = made.publication(Audience::Public, "public");
    let error = publish(&made.desk.store, &made.case, &recorder(6), &asked).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the name of source s1 stands in report.html"),
        "{error}"
    );
    assert!(
        !error.to_string().contains("Hidden"),
        "the message itself gives nothing away"
    );
    assert!(!asked.out.exists());
    let names: Vec<String> = fs::read_dir(made.desk.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.contains("incoming")),
        "{names:?}"
    );
    assert_eq!(Case::open(&made.case).unwrap().editions().count(), 0);
}

#[test]
fn an_edition_is_the_same_each_time_and_verifies_elsewhere() {
    let made = made();
    let one = made.publish(Audience::Disclosure, "one", 5);
    // Another run on the same state of the case: what was recorded of the first is struck from no log, so the case is taken
    // from before it.
    let again = self::made();
    let two = again.publish(Audience::Disclosure, "two", 5);
    let names =
        |dir: &Path| -> Vec<String> { files(dir).into_iter().map(|(name, _)| name).collect() };
    assert_eq!(names(&one), names(&two));
    for ((name, a), (_, b)) in files(&one).into_iter().zip(files(&two)) {
        // Entries have random salts; what is rendered has none of them.
        if !name.starts_with("case/")
            && !matches!(name.as_str(), "manifest.json" | "seal.json")
            && !name.contains("report.")
        {
            assert!(a == b, "{name} differs");
        }
    }
    let elsewhere = desk();
    let found = verify(&elsewhere.store, &one).unwrap();
    assert_eq!(found.mismatched, []);
    assert!(
        found.checked > 20 && found.matched == found.checked,
        "{found:?}"
    );
    assert!(is_bundle(&one) && !is_bundle(elsewhere.dir.path()));
}

/// Writes other bytes into a file of an edition.
fn tamper(dir: &Path, name: &str, from: &str, to: &str) {
    let path = dir.join(name);
    let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn verify_names_what_was_changed() {
    let made = made();
    let whats = |dir: &Path| -> Vec<(String, &'static str)> {
        let found = verify(&desk().store, dir).unwrap();
        found
            .mismatched
            .into_iter()
            .map(|row| (row.what, row.reason))
            .collect()
    };
    let told = |rows: &[(String, &str)], what: &str, reason: &str| {
        assert!(
            rows.iter()
                .any(|(is, why)| is.contains(what) && *why == reason),
            "{what} ({reason}) not in {rows:?}"
        );
    };
    let label = made.publish(Audience::Disclosure, "label", 5);
    tamper(
        &label,
        "case/payloads/ana.jsonl",
        "The exploiter",
        "The exploited",
    );
    let rows = whats(&label);
    told(&rows, "case/payloads/ana.jsonl", "altered");
    told(&rows, "payload", "altered");
    let price = made.publish(Audience::Disclosure, "price", 6);
    let file = files(&price)
        .into_iter()
        .find(|(name, _)| name.ends_with(".prices"))
        .unwrap()
        .0;
    tamper(&price, &file, "3031.07", "3031.08");
    let rows = whats(&price);
    told(&rows, &file, "altered");
    let report = made.publish(Audience::Disclosure, "report", 7);
    tamper(&report, "report.html", "2 ETH", "3 ETH");
    told(&whats(&report), "report.html, rendered anew", "result");
    let figure = made.publish(Audience::Disclosure, "figure", 8);
    tamper(&figure, "figures/f-1.svg", "<title", "<title ");
    told(&whats(&figure), "figures/f-1.svg", "altered");
    let more = made.publish(Audience::Disclosure, "more", 9);
    fs::write(more.join("extra.txt"), "x").unwrap();
    fs::remove_file(more.join("report.md")).unwrap();
    let rows = whats(&more);
    told(&rows, "extra.txt", "altered");
    told(&rows, "report.md", "withheld");
}

#[test]
fn a_finding_of_an_edition_is_computed_anew_from_the_chain_data() {
    let made = made();
    let mut asked = made.publication(Audience::Disclosure, "bare");
    asked.with_store = false;
    publish(&made.desk.store, &made.case, &recorder(5), &asked).unwrap();
    let without = verify(&desk().store, &asked.out).unwrap();
    assert!(
        without.mismatched.iter().any(|row| row.reason == "chain"),
        "{without:?}"
    );
    let with = verify(&made.desk.store, &asked.out).unwrap();
    assert_eq!(with.mismatched, []);
    let mut other = desk();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = fs::read_to_string(root.join("examples/ronin-2022/transfers.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    let path = other.path("transfers.csv");
    fs::write(&path, lines[..lines.len() - 1].join("\n") + "\n").unwrap();
    other.ingest(&path);
    let wrong = verify(&other.store, &asked.out).unwrap();
    assert!(
        wrong.mismatched.iter().any(|row| row.reason == "store"),
        "{wrong:?}"
    );
}

#[test]
fn what_is_withheld_is_opened_one_by_one() {
    let made = made();
    let public = made.publish(Audience::Public, "public", 5);
    let store = &made.desk.store;
    let opening = open(store, &made.case, ("final", "public-1"), "p-2").unwrap();
    assert!(opening.text.contains(&planted(43)));
    let text = serde_json::to_string(&opening).unwrap();
    assert!(check_opening(&public, &text).unwrap().matches);
    assert!(!text.contains(&planted(44)), "the others stay closed");
    let other = text.replace("Hidden", "Other");
    assert!(!check_opening(&public, &other).unwrap().matches);
    let source = open(store, &made.case, ("final", "public-1"), "source-1").unwrap();
    assert!(
        check_opening(&public, &serde_json::to_string(&source).unwrap())
            .unwrap()
            .matches
    );
    let note = open(store, &made.case, ("final", "public-1"), "note:red").unwrap();
    assert!(note.text.contains("in confidence"));
    assert!(open(store, &made.case, ("final", "public-1"), "p-1").is_err());
    assert!(open(store, &public.join("case"), ("final", "public-1"), "p-2").is_err());
}
