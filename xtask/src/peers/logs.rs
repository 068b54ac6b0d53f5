//! Logs of token transfers in cryo's schema, many of them: how long Whither takes to bring them into a store, and how
//! long others take to read the same columns.

use std::path::Path;
use std::process::Command;

use super::done;

const SCRIPT: &str = include_str!("logs.py");
const MEASURED: [&str; 2] = ["numpy==2.4.6", "duckdb==2.0.1"];

/// Makes them, measures, and prints a table. The peers' interpreter is in `place`.
pub(super) fn run(place: &Path, logs: u64) -> Result<(), String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    done(Command::new(program).args(["build", "--release", "-q", "-p", "whither-cli"]))?;
    done(
        Command::new(place.join("venv/bin/pip"))
            .args(["install", "-q"])
            .args(MEASURED),
    )?;
    let script = place.join("logs.py");
    std::fs::write(&script, SCRIPT).map_err(|error| format!("{}: {error}", script.display()))?;
    let whither = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/whither");
    done(
        Command::new(place.join("venv/bin/python"))
            .arg(&script)
            .arg(place.join("logs"))
            .arg(logs.to_string())
            .arg(whither),
    )
}
