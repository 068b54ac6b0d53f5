//! `docs/reference/` is held to what the program says and prints, so that it cannot drift.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::whither::{COINBASE_9, Desk, FIRST_PAYMENT, PAYER, first_blocks, path, root};

const PAGE: &str = "docs/reference/commands.md";
const COMMANDS: &[&str] = &[
    "demo",
    "init",
    "ingest",
    "status",
    "show",
    "trace",
    "verify",
    "evidence",
    "evidence add",
    "evidence list",
    "evidence show",
    "evidence retract",
    "evidence correct",
    "evidence attach",
    "evidence verify",
    "evidence head",
    "evidence merge",
    "evidence copy",
    "prices",
    "prices import",
    "prices status",
    "value",
    "assess",
    "incident",
    "incident add",
    "incident import",
    "incident list",
    "incident show",
    "incident total",
    "report",
    "report draft",
    "report revise",
    "report show",
    "report lint",
    "report list",
    "report comment",
    "report rule",
    "report reply",
    "report comments",
    "report redline",
    "report publish",
    "report open",
    "report check-opening",
    "export",
    "cluster",
    "offramps",
    "freeze",
    "freeze step",
    "freeze list",
    "lists",
    "lists import",
    "lists status",
    "lists diff",
    "screen",
    "store",
    "store check",
    "store compact",
    "help",
];
const TOPICS: &[&str] = &["exit-codes", "environment", "formats"];

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let page = page();
    let path = root().join(PAGE);
    if std::env::var_os("WHITHER_UPDATE_REFERENCE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "{PAGE} is not what `whither help` says: write it anew with \
         WHITHER_UPDATE_REFERENCE=1 cargo test -p whither-cli reference"
    );
}

fn page() -> String {
    let desk = Desk::new();
    let help = |arguments: &[&str]| {
        let text = desk.run(arguments).succeeded().stdout;
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        format!("```text\n{}\n```\n", lines.join("\n").trim_end())
    };
    let mut page = String::from(
        "# Commands\n\nWritten from the program's own help, and held to it by a test. The shapes of its JSON stand in \
         [json.md](json.md).\n",
    );
    page.push_str(&format!("\n## whither\n\n{}", help(&["--help"])));
    for command in COMMANDS {
        page.push_str(&format!(
            "\n## whither {command}\n\n{}",
            help(&[&["help"], &command.split(' ').collect::<Vec<_>>()[..]].concat())
        ));
    }
    for topic in TOPICS {
        page.push_str(&format!(
            "\n## whither help {topic}\n\n{}",
            help(&["help", topic])
        ));
    }
    page
}

/// Every name of a field and of a shape that the program prints stands on the page.
#[test]
fn the_page_of_shapes_names_every_field() {
    let page = fs::read_to_string(path("docs/reference/json.md")).unwrap();
    let mut names = BTreeSet::new();
    for document in documents() {
        collect(&document, &mut names);
    }
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !page.contains(name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/reference/json.md does not mention {missing:?}"
    );
}

fn documents() -> Vec<Value> {
    let desk = Desk::with_ronin();
    let case = path("examples/ronin-2022");
    let euros = desk.file(
        "euros.csv",
        "date,price\n2022-03-25,2822.1\n2022-03-24,null\n2022-03-24,1\n",
    );
    let thefts = path("examples/dprk-2017-2020");
    let table = desk.file(
        "thefts.csv",
        "id,date,victim,asset,quantity,usd,source\na,2020-01-01,A,ETH,1,$2M,s\n",
    );
    let mut printed = vec![
        desk.run(&["ingest", &first_blocks()]),
        desk.run(&["ingest", &path("examples/ronin-2022/transfers.csv")]),
        desk.run(&["demo", "--no-open"]),
    ];
    printed.extend(super::evidence::documents());
    printed.extend(super::findings::documents());
    for format in ["json", "jsonl"] {
        for arguments in [
            &["status"][..],
            &["store", "check"],
            &["store", "compact"],
            &[
                "prices",
                "import",
                &path("examples/prices/eth-usd.csv"),
                "--asset",
                "ethereum",
                "--convention",
                "close",
                "--source",
                "x",
            ],
            &[
                "prices",
                "import",
                &euros,
                "--asset",
                "ethereum",
                "--quote",
                "EUR",
                "--convention",
                "close",
                "--source",
                "x",
            ],
            &[
                "prices",
                "import",
                &path("examples/prices/eur-usd.csv"),
                "--asset",
                "iso4217:EUR/USD",
                "--convention",
                "close",
                "--source",
                "x",
            ],
            &["prices", "status"],
            &[
                "value",
                "--asset",
                "ethereum",
                "--quantity",
                "1",
                "--at",
                "2022-03-23",
            ],
            &[
                "value",
                "--asset",
                "ethereum",
                "--quantity",
                "1",
                "--at",
                "2022-03-26",
                "--quote",
                "EUR",
                "--nearest",
                "1",
            ],
            &[
                "trace",
                "incident:ronin-bridge-2022",
                "--case",
                &case,
                "--value",
                "close",
                "--report-date",
                "2022-03-29",
            ],
            &["trace", COINBASE_9],
            &["cluster", "--chain", "bitcoin"],
            &["cluster", "--explain", PAYER, PAYER],
            &["trace", "incident:ronin-bridge-2022", "--case", &case],
            &["show", PAYER],
            &["show", &format!("bitcoin:{FIRST_PAYMENT}")],
            &["show", COINBASE_9],
            &["show", "bitcoin:170"],
            &["show", "--case", &case],
            &["incident", "list", "--case", &thefts],
            &["incident", "show", "kucoin-2020-09", "--case", &thefts],
            &["incident", "total", "--by", "year", "--case", &thefts],
            &["incident", "import", &table, "--dry-run", "--case", &thefts],
            &["show", "incident:ronin-bridge-2022", "--case", &case],
            &[
                "show",
                "ethereum:0x098b716b8aaf21512996dc57eb0615e2383e2f96",
                "--case",
                &case,
            ],
        ] {
            printed.push(desk.run(&[arguments, &["--format", format]].concat()));
        }
    }
    let documents = |text: &str| -> Vec<Value> {
        serde_json::Deserializer::from_str(text)
            .into_iter()
            .map(Result::unwrap)
            .collect()
    };
    printed
        .into_iter()
        .flat_map(|done| documents(&done.succeeded().stdout))
        .collect()
}

/// The names of all fields, as the page writes them, and of the shape.
fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(format!("`{name}`"));
                if let ("schema", Value::String(shape)) = (name.as_str(), value) {
                    names.insert(format!("## {shape}\n"));
                }
                collect(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
