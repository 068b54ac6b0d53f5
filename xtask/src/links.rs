//! Links on simulated worlds that nothing was tuned on: how many pairs of one hand are found, how many of two are taken for
//! one. `docs/methods/links.md` quotes what this prints.

use std::process::Command;

/// Measures, and prints the counts; more arguments go to the example.
///
/// # Errors
/// When the example does not run to its end.
pub fn run(rest: &[&str]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let example = [
        "--release",
        "--locked",
        "-p",
        "whither-analysis",
        "--example",
        "measure_links",
    ];
    let usual = ["held-out", "60000", "240"];
    let asked = if rest.is_empty() { &usual[..] } else { rest };
    let status = Command::new(cargo)
        .arg("run")
        .args(example)
        .arg("--")
        .args(asked)
        .status()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("measure_links ended with {status}"))
    }
}
