//! `docs/reference/commands.md` is what the program says of itself, so that it cannot drift.

use std::fs;

use crate::whither::{Desk, root};

const PAGE: &str = "docs/reference/commands.md";
const COMMANDS: &[&str] = &["demo", "ingest", "status", "show", "trace", "help"];
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
            help(&["help", command])
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
