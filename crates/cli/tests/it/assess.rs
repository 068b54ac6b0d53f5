//! `assess`: a case from its hypotheses to sentences that are refused, and where it cannot be asked.

use insta::assert_snapshot;

use crate::whither::{Desk, Done, told};

const AT: &[&str] = &[
    "--author",
    "ana",
    "--now",
    "2026-01-02T03:04:05Z",
    "--case",
    "case",
];

/// What is said of a theft from an exchange, by kind, a claim a line.
const CLAIMS: &[(&str, &str)] = &[
    (
        "incident",
        r#"{"incident":"exchange-2020","title":"Theft from an exchange","vectors":["T1566.002","T1552.004","ADT3028.005","T1566.02"]}"#,
    ),
    (
        "hypothesis",
        r#"{"incident":"exchange-2020","hypothesis":"dprk-group","statement":"A group of the DPRK carried out the theft"}
{"incident":"exchange-2020","hypothesis":"criminal","statement":"Criminals who act for no state carried out the theft"}
{"incident":"exchange-2020","hypothesis":"insider","statement":"Somebody inside the victim carried out the theft"}
{"incident":"exchange-2020","hypothesis":"unknown","statement":"Somebody of whom nobody thought carried out the theft"}"#,
    ),
    (
        "finding",
        r#"{"id":"f1","finding":"met-in-october","command":"link","parameters":{},"store":"sha256:0","case":"sha256:0","head":{"case":"test","format":"whither.head/1","last":{}},"claims":[],"version":"0.1.0"}"#,
    ),
    (
        "evidence",
        r#"{"incident":"exchange-2020","evidence":"commingled","statement":"Its money met money of a theft that is attributed to the group","type":"flow","finding":"met-in-october","confidence":"A1","likelihoods":{"dprk-group":["40","60"],"criminal":["0.5","1"],"insider":["0.5","1"],"unknown":["0.5","1"]}}
{"incident":"exchange-2020","evidence":"peel-chain","statement":"Laundered in peel chains","type":"laundering","technique":"ADT3028.005","source":"analytics-firm","confidence":"B2","likelihoods":{"dprk-group":["0.6","0.9"],"criminal":["0.1","0.3"],"insider":["0.05","0.2"],"unknown":["0.1","0.5"]}}
{"incident":"exchange-2020","evidence":"newspaper","statement":"A newspaper reports the same","type":"laundering","source":"newspaper","upstream":"analytics-firm","confidence":"C3","likelihoods":{"dprk-group":["0.6","0.9"],"criminal":["0.1","0.3"],"insider":["0.05","0.2"]}}"#,
    ),
    (
        "assessment",
        r#"{"id":"a1","incident":"exchange-2020","hypothesis":"dprk-group","sentence":"The attack vectors and the laundering strongly suggest links to the DPRK."}"#,
    ),
];

fn desk() -> Desk {
    let desk = Desk::new();
    desk.run(&["init", "case", "--id", "test"]).succeeded();
    for (kind, claims) in CLAIMS {
        let arguments = [&["evidence", "add", kind, "-"], AT].concat();
        desk.run_with_input(&arguments, claims).succeeded();
    }
    desk
}

fn assess(desk: &Desk, more: &[&str]) -> Done {
    desk.run(&[&["assess", "exchange-2020", "--case", "case"], more].concat())
}

#[test]
fn an_assessment_for_people() {
    let desk = desk();
    let runs = [
        assess(&desk, &["--format", "table", "--without", "commingled"]).succeeded(),
        assess(&desk, &["--format", "csv"]).succeeded(),
        assess(&desk, &["--format", "table", "--suggest"]).succeeded(),
        assess(&desk, &["--format", "jsonl", "--suggest"]).succeeded(),
    ];
    assert_snapshot!(told(&runs));
}

#[test]
fn what_falls_and_what_is_too_strong_gives_exit_code_1() {
    let desk = desk();
    let too_strong = assess(
        &desk,
        &[
            "--format",
            "json",
            "--check",
            "dprk-group",
            "It is almost certain that the DPRK did it.",
        ],
    );
    assert_eq!(too_strong.code, Some(1));
    let sentences = &too_strong.json()["sentences"];
    assert_eq!(
        (&sentences[0]["allowed"], &sentences[1]["allowed"]),
        (&true.into(), &false.into())
    );

    let retracted = [
        &["evidence", "retract", "f1", "--reason", "a wrong address"],
        AT,
    ]
    .concat();
    // What falls with it is said when it is struck.
    let struck = desk.run(&retracted);
    assert_eq!(struck.code, Some(0), "{}", struck.told());
    assert!(
        struck.stderr.contains("assessment of "),
        "{}",
        struck.told()
    );
    let fallen = assess(&desk, &["--format", "table"]);
    assert_eq!(fallen.code, Some(1));
    assert_snapshot!(told(&[fallen]));
}

#[test]
fn questions_that_cannot_be_asked() {
    let desk = desk();
    let runs = [
        desk.run(&["assess", "exchange-2020"]).failed(),
        desk.run(&["assess"]).failed(),
        desk.run(&["assess", "elsewhere", "--case", "case"])
            .failed(),
        assess(&desk, &["--check", "dprk-group"]).failed(),
        assess(&desk, &["--check", "nobody", "It is likely."]).failed(),
        assess(&desk, &["--suggest", "--without", "e1"]).failed(),
        assess(&desk, &["--without", "e1"]).failed(),
    ];
    assert_snapshot!(told(&runs));
}
