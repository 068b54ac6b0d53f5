//! `cargo xtask check`: what must pass before a change lands.

use std::path::Path;
use std::process::Command;

const STEPS: &[&[&str]] = &[
    &["fmt", "--all", "--check"],
    &[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ],
    &["test", "--workspace"],
];

/// Runs the steps in order and stops at the first that fails, saying which and what may mend it.
pub fn run() -> Result<(), String> {
    STEPS.iter().try_for_each(|step| cargo(step))
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    let line = format!("cargo {}", arguments.join(" "));
    eprintln!("$ {line}");
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let mend = match arguments[0] {
        "fmt" => "run `cargo fmt --all`",
        "clippy" => "mend the lints above; `rustup component add clippy` if clippy is missing",
        _ => "the failing test is named above",
    };
    Err(format!("`{line}` failed ({status})\nhint: {mend}"))
}
