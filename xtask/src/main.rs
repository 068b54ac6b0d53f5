//! Everything a developer runs beyond `cargo build`, through cargo: `cargo xtask <command>`.
//!
//! Plain processes, no dependencies, so that it compiles in a second.

mod bench;
mod check;
mod links;
mod peers;
mod screening;

use std::process::ExitCode;

const HELP: &str = "\
usage: cargo xtask <command>

  bench    makes a big chain and measures on it; `--smoke` for a small one
  check    format, lints and tests, as they must pass before a change lands
  links    measures links between thefts on 250 simulated worlds
  peers    installs anvil, ganache, cryo and ethereum-etl, and holds what they tell against each other; then measures
           an ingest of many logs beside Polars and DuckDB (`--logs N` alone), and joins and labels beside GraphSense's
           clustering and detectors, of so many addresses (`--clusters N` alone)
  screening  screens names beside nomenklatura, from PyPI, on the lists of WHITHER_TEST_DATA
  help     this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["bench", ref rest @ ..] => bench::run(rest),
        ["check"] => check::run(),
        ["links", ref rest @ ..] => links::run(rest),
        ["peers", ref rest @ ..] => peers::run(rest),
        ["screening"] => screening::run(),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        [] => Err(misused("no command given")),
        ref other => Err(misused(&format!("unknown command `{}`", other.join(" ")))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("error: {what}");
            ExitCode::from(2)
        }
    }
}

fn misused(what: &str) -> String {
    format!("{what}\nhint: `cargo xtask help` lists the commands")
}
