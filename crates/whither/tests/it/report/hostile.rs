//! Hostile text in every field that a report or an export shows: it stays text, and stays visible.

use std::fs;

use whither::export::{Form, export};
use whither::report::{Audience, Publication, Said, comment, draft, publish, reply, verify};
use whither::saved::{Computed, save};
use whither::{Case, Handling, Policy, Question, answer};
use whither_casework::{Author, CaseId, Draft, Hash, Json, Kind, Salt, Says, Time, Writer};

use super::files;
use super::made::recorder;
use crate::support::{Desk, desk};

/// Markup of every form that is written, a formula, a character that turns the line round.
const MARKUP: &str = "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)> #import \"evil.typ\" #{1+1} $x$ `a` *b* _c_ @d {finding:trail} \
                      [e](javascript:f) | g | --> ]]> </style></script></svg> &lt; \\\" \u{202e}gpj.exe\u{2066}";
/// What the linter lets through in the words of the report itself.
const PROSE: &str = "=cmd|' <img src=x onerror=alert> #import \"evil.typ\" #[x] $x$ `a` _c_ @d [e](javascript:f) --> ]]> </style></script> &lt; \\{x}";

fn hostile(number: usize) -> String {
    match number % 3 {
        0 => format!("{MARKUP} {number}"),
        1 => format!("{}{number}", "x".repeat(10_000)),
        _ => format!(
            "={number}\u{202e}<img src=x onerror=alert(1)>{}",
            "\u{d55c}".repeat(500)
        ),
    }
}

/// Hostile words that no open claim says too, so that they may not leave.
fn closed(of: &str) -> String {
    format!("{MARKUP} of the {of}")
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn claims() -> Vec<(&'static str, String)> {
    let clear = r#""handling":"TLP:CLEAR""#;
    let h = |number| json(&hostile(number));
    let mut made = vec![
        (
            "incident",
            format!(
                r#"{{"id":"a1","incident":"a","date":"2022-03-23","victim":{},"title":{},{clear}}}"#,
                h(0),
                h(1)
            ),
        ),
        (
            "incident",
            format!(
                r#"{{"id":"a0","incident":"b","date":"2022-05-23","victim":{},"title":{},{clear}}}"#,
                h(2),
                h(3)
            ),
        ),
        (
            "loss",
            format!(
                r#"{{"id":"a2","incident":"a","what":"stolen","asset":"eip155:1/slip44:60","amount":"2000000000000000000","source":"s0",{clear}}}"#
            ),
        ),
        (
            "cited",
            format!(
                r#"{{"id":"c1","from":"2022","to":"2022","usd":"7000","what":{},"source":"s0",{clear}}}"#,
                h(3)
            ),
        ),
        (
            "hypothesis",
            format!(
                r#"{{"id":"h1","incident":"a","hypothesis":"one","statement":{},{clear}}}"#,
                h(6)
            ),
        ),
        (
            "hypothesis",
            format!(
                r#"{{"id":"h2","incident":"a","hypothesis":"unknown","statement":{},{clear}}}"#,
                h(8)
            ),
        ),
        (
            "evidence",
            format!(
                r#"{{"id":"e1","incident":"a","evidence":"e","statement":{},"type":"flow","confidence":"A1",{clear},"likelihoods":{{"one":["40","60"],"unknown":["1","1"]}}}}"#,
                h(9)
            ),
        ),
        (
            "source",
            format!(
                r#"{{"id":"r0","record":"s0","name":{},"contact":{},"note":{}}}"#,
                h(0),
                h(1),
                h(2)
            ),
        ),
        (
            "descriptor",
            format!(r#"{{"id":"d0","of":"s0","text":{},{clear}}}"#, h(3)),
        ),
    ];
    for (n, address) in [
        "0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
        "0x53b6936513e738f44FB50d2b9476730C0Ab3Bfc1",
        "0x35fB6f6DB4fb05e6A4cE86f2C93691425626d4b1",
        "0xF7B31119c2682c88d88D455dBb9d5932c65Cf1bE",
    ]
    .iter()
    .enumerate()
    {
        made.push(("label", format!(r#"{{"id":"l{n}","address":"eip155:1:{address}","name":{},"category":"other","source":{},{clear}}}"#, h(n), h(n + 1))));
    }
    made
}

fn text() -> String {
    format!(
        "---\ntitle: {PROSE}\nsymbol: {PROSE}\ndate: 2026-03-01\nauthors: {PROSE}\nmandate: {PROSE}\n---\n\n\
         # {PROSE} {{#what}}\n\n\
         {PROSE} {long} ABC {{incident:a#victim}} and {{incident:a#title}} {{claim:l0#name}} {{claim:l1#name}} {{claim:l2#name}}.[^n] {{#p-1}}\n\n\
         - {PROSE}\n- {{claim:h1#statement}}\n\n\
         {{evidence:a/e#statement}} and {{cited:c1#usd}} of {{claim:c1#what}} are told by {{source:s0}}. {{#p-2}}\n\n\
         ::: table #t\nCaption: {PROSE}\n| {{claim:l0#name}} | {{claim:l1#name}} |\n| --- | --- |\n| {{claim:l2#name}} | {{claim:l3#name}} |\nSource: {{source:s0}}\n:::\n\n\
         ::: figure waterfall finding:trail #f-1\nCaption: {PROSE}\nSource: {{source:s0}}\n:::\n\n\
         ::: figure flow finding:trail #f-2\nCaption: {{claim:l0#name}}\nSource: {{claim:l1#name}}\n:::\n\n\
         ::: figure thefts total:2022..2022 #f-3\nCaption: C\nSource: S\n:::\n\n\
         ::: figure timeline total:2022..2022 #f-4\nCaption: C\nSource: S\n:::\n\n\
         ::: figure totals total:2022..2022,by=source #f-5\nCaption: C\nSource: S\n:::\n\n\
         ::: recommendation #r\n{PROSE} {{claim:l0#name}}\n:::\n\n\
         [^n]: {PROSE} {{source:s0}}\n*[ABC]: {PROSE}\n",
        long = "y".repeat(20),
    )
}

/// A case with all of that, a saved trace and a report with comments.
fn made() -> (Desk, std::path::PathBuf) {
    let mut desk = desk();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    desk.ingest(&root.join("examples/ronin-2022/transfers.csv"));
    let dir = desk.path("case");
    let mut writer = Writer::create(&dir, &CaseId::new("made").unwrap(), &closed("case")).unwrap();
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
    drop(writer);
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
    draft(
        &dir,
        &recorder(1),
        ("final", &text()),
        Some(&closed("draft")),
    )
    .unwrap();
    let said = |part: &str, text: usize| Said {
        part: part.to_owned(),
        by: Some(hostile(text)),
        text: Some(hostile(text + 1)),
        ..Said::default()
    };
    comment(&dir, &recorder(2), "final", &said("p-1", 0)).unwrap();
    comment(&dir, &recorder(3), "final", &said("p-2", 1)).unwrap();
    let asked = Said {
        asked: Some("2026-01-02".to_owned()),
        answered: Some("2026-01-09".to_owned()),
        ..said("p-1", 2)
    };
    reply(&dir, &recorder(4), "final", &asked).unwrap();
    (desk, dir)
}

/// What must not be in a file that is shown, by its kind.
fn is_inert(name: &str, bytes: &[u8]) {
    let text = String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| panic!("{name} is no text"));
    match name.rsplit_once('.').map(|(_, kind)| kind) {
        Some("json") => {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(value.is_object(), "{name}");
            return;
        }
        Some("html" | "svg" | "graphml") => {
            assert!(
                !text.contains("<img") && !text.contains("</script"),
                "{name}"
            );
            assert_eq!(
                text.matches("</style>").count(),
                text.matches("<style>").count(),
                "{name}"
            );
            assert_eq!(
                text.matches("<svg").count(),
                text.matches("</svg>").count(),
                "{name}"
            );
            assert!(!text.contains("\"javascript:"), "{name}");
        }
        Some("md") => {
            let loose = |needle: &str| text.replace(&format!("\\{needle}"), "").contains(needle);
            for needle in ["<img", "#import", "[e]", "`a"] {
                assert!(!loose(needle), "{needle} in {name}");
            }
        }
        _ => {}
    }
    for hidden in ['\u{202e}', '\u{2066}'] {
        assert!(!text.contains(hidden), "{name} has {hidden:?}");
    }
}

#[test]
fn hostile_text_is_inert_in_every_edition_and_stays_visible() {
    let (desk, dir) = made();
    for (audience, second) in [
        (Audience::Internal, 5),
        (Audience::Review, 6),
        (Audience::Disclosure, 7),
        (Audience::Public, 8),
    ] {
        let asked = Publication {
            report: "final".to_owned(),
            revision: None,
            audience,
            ceiling: None,
            name: None,
            out: desk.path(audience.word()),
            store: Some(desk.store.path().to_owned()),
            with_store: true,
            pdf: cfg!(feature = "pdf"),
            key: None,
            secret: Some(Hash::of(b"secret")),
        };
        publish(&desk.store, &dir, &recorder(second), &asked).unwrap();
        let all = files(&asked.out);
        let shown = all.iter().filter(|(name, _)| {
            !name.starts_with("case/")
                && !name.starts_with("store/")
                && name != "edition.txt"
                && name != "report.pdf"
        });
        let mut kinds = std::collections::BTreeSet::new();
        for (name, bytes) in shown {
            kinds.insert(name.rsplit_once('.').map_or("", |(_, kind)| kind));
            is_inert(name, bytes);
        }
        assert_eq!(
            kinds.into_iter().collect::<Vec<_>>(),
            ["html", "json", "md", "svg"]
        );
        let html = &all
            .iter()
            .find(|(name, _)| name == "report.html")
            .unwrap()
            .1;
        let html = String::from_utf8_lossy(html);
        assert!(
            html.contains("&lt;img src=x") && html.contains("⟦U+202E⟧gpj"),
            "it is evidence, and is shown"
        );
        let found = verify(&desk.store, &asked.out, &[]).unwrap();
        assert_eq!(found.mismatched, [], "{audience:?}");
        #[cfg(feature = "pdf")]
        {
            let pdf = &all.iter().find(|(name, _)| name == "report.pdf").unwrap().1;
            let parts = whither_pdf::read(pdf).unwrap();
            let words: String = parts
                .iter()
                .filter(|(name, _)| name.starts_with("letters"))
                .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
                .collect();
            assert!(
                words.contains("#import \"evil.typ\"") && words.contains("<img src=x"),
                "it is text"
            );
            assert!(words.contains("⟦U+202E⟧") && !words.contains('\u{202e}'));
        }
    }
    fs::remove_dir_all(desk.path("public")).unwrap();
}

#[test]
fn hostile_text_is_inert_in_every_export() {
    let (_desk, dir) = made();
    for (form, name) in [(Form::Stix, "x.json"), (Form::GraphMl, "x.graphml")] {
        let bytes = export(&dir, "trail", form, Handling::Clear).unwrap();
        is_inert(name, &bytes);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("gpj.exe"), "the names are in it: {name}");
    }
    let bytes = export(&dir, "trail", Form::Csv, Handling::Clear).unwrap();
    let mut table = csv::Reader::from_reader(bytes.as_slice());
    for row in table.records() {
        for cell in &row.unwrap() {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    let bytes = export(&dir, "trail", Form::Parquet, Handling::Clear).unwrap();
    assert!(bytes.starts_with(b"PAR1"));
    let pack = whither::labels::export(&dir, false).unwrap();
    assert!(!pack.contains('\u{202e}'), "a pack spells out what hides");
    // A name is one scalar: no line of the pack begins with what a name holds.
    for line in pack.lines() {
        assert!(!line.trim_start().starts_with("=cmd"), "{line:.80}");
    }
}
