//! A case with a theft, sources, private strings everywhere, and a report on it.

use std::path::{Path, PathBuf};

use whither::prices::{Convention, Request, import, pair};
use whither::report::{Audience, Publication, Said, comment, draft, publish, reply, rule};
use whither::saved::{Computed, save};
use whither::{Case, Policy, Question, Recorder, answer};
use whither_casework::{Author, CaseId, Draft, Hash, Json, Kind, Salt, Says, Time, Writer};

use crate::support::{Desk, desk};

const ETH: &str = "eip155:1/slip44:60";

pub fn recorder(second: usize) -> Recorder {
    Recorder::new("ana", Some(&format!("2026-02-01T00:00:{second:02}Z"))).unwrap()
}

/// A private string for each place that could leak, by its number.
pub fn planted(number: usize) -> String {
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
pub fn text() -> String {
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

pub struct Made {
    pub desk: Desk,
    pub case: PathBuf,
}

/// A store with the theft, a case, a saved trace, a report, comments and answers: private strings 45 to 49.
pub fn made() -> Made {
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
    /// Adds a claim to the case.
    pub fn says(&self, second: usize, (kind, payload): (&str, &str)) {
        let says = Says::Claim {
            kind: Kind::new(kind).unwrap(),
            payload: Json::read(payload.as_bytes()).unwrap(),
        };
        whither::incidents::write(&self.case, &recorder(second), vec![says]).unwrap();
    }

    pub fn publication(&self, audience: Audience, out: &str) -> Publication {
        Publication {
            report: "final".to_owned(),
            revision: None,
            audience,
            ceiling: None,
            name: None,
            out: self.desk.path(out),
            store: Some(self.desk.store.path().to_owned()),
            with_store: true,
            pdf: false,
            key: None,
            secret: Some(Hash::of(b"secret")),
        }
    }

    pub fn publish(&self, audience: Audience, out: &str, second: usize) -> PathBuf {
        let asked = self.publication(audience, out);
        publish(&self.desk.store, &self.case, &recorder(second), &asked).unwrap();
        asked.out
    }
}
