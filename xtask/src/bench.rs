//! `cargo xtask bench`: makes a big chain and measures on it what ingest, look-ups, scans and traces cost.
//!
//! Each step is a process of its own, an example of the crate it is about, and prints what it used as a line of JSON;
//! here they are run, their counts held against the chain's truth, and laid out beside the floor and beside figures
//! of others. Not here: the measuring itself, which needs the crates.

pub mod line;
mod programs;
mod table;

use line::Line;
use programs::Programs;
use std::path::{Path, PathBuf};

const POLICIES: [&str; 5] = ["poison", "haircut", "fifo", "lifo", "tiho"];
const USAGE: &str =
    "`cargo xtask bench [--smoke] [--outputs N] [--seed N] [--dir DIR] [--write FILE]`";

/// What was asked for.
struct Options {
    outputs: String,
    seed: String,
    dir: PathBuf,
    write: Option<PathBuf>,
    smoke: bool,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut smoke = false;
        let (mut outputs, mut seed, mut dir, mut write) = (None, None, None, None);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let value = match *argument {
                "--smoke" => {
                    smoke = true;
                    continue;
                }
                "--outputs" => &mut outputs,
                "--seed" => &mut seed,
                "--dir" => &mut dir,
                "--write" => &mut write,
                other => return Err(format!("unknown argument `{other}`\nhint: {USAGE}")),
            };
            let given = rest.next();
            *value =
                Some(given.ok_or_else(|| format!("`{argument}` wants a value\nhint: {USAGE}"))?);
        }
        let number = |text: Option<&&str>, usual: &str| match text {
            None => Ok(usual.to_owned()),
            Some(text) if text.parse::<u64>().is_ok() => Ok((*text).to_owned()),
            Some(text) => Err(format!("`{text}` is not a number\nhint: {USAGE}")),
        };
        let usual = format!("whither-bench-{}", std::process::id());
        let usual = std::env::temp_dir().join(usual);
        if !smoke && dir.is_none() {
            return Err(format!(
                "a big chain wants a place: give `--dir`\nhint: {USAGE}"
            ));
        }
        Ok(Self {
            outputs: number(outputs, if smoke { "60000" } else { "20000000" })?,
            seed: number(seed, "1")?,
            dir: dir.map_or(usual, PathBuf::from),
            write: write.map(PathBuf::from),
            smoke,
        })
    }
}

/// Measures, checks, prints the table, and writes it where that was asked for.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let programs = Programs::build(options.smoke)?;
    let fresh = !options.dir.exists();
    let measured = measure(&options, &programs);
    if options.smoke && fresh {
        remove(&options.dir)?;
    }
    let (truth, lines) = measured?;
    let page = table::page(&truth, &lines);
    println!("{page}");
    check(&truth, &lines)?;
    if let Some(path) = &options.write {
        std::fs::write(path, page).map_err(|error| cannot("write", path, &error))?;
    }
    Ok(())
}

/// Makes the chain if it is missing, and runs every step on it.
fn measure(options: &Options, programs: &Programs) -> Result<(Line, Vec<Line>), String> {
    let dir = text(&options.dir)?;
    let store = options.dir.join("store");
    remove(&store)?;
    let made = programs.run("bulk_chain", &[dir, &options.outputs, &options.seed])?;
    let [truth] = <[Line; 1]>::try_from(made).map_err(|_| "the chain has no truth".to_owned())?;
    let mut lines = Vec::new();
    for step in ["floor-bytes", "floor-ids", "floor-witnesses"] {
        lines.extend(programs.run("measure_floor", &[step, dir])?);
    }
    let store_path = text(&store)?;
    for step in ["ingest", "open", "lookups", "scan"] {
        lines.extend(programs.run("measure_store", &[step, dir, store_path])?);
    }
    for policy in POLICIES {
        lines.extend(programs.run("measure_cone", &[dir, store_path, policy])?);
    }
    Ok((truth, lines))
}

/// Whether what was measured did the work: a quick answer that is wrong is none.
fn check(truth: &Line, lines: &[Line]) -> Result<(), String> {
    // Step, what it counted, and what the truth calls it.
    const COUNTS: [(&str, &str, &str); 14] = [
        ("floor-bytes", "bytes", "bytes"),
        ("floor-ids", "bytes", "bytes"),
        ("floor-ids", "transactions", "transactions"),
        ("floor-witnesses", "transactions", "transactions"),
        ("ingest", "blocks", "blocks"),
        ("ingest", "transactions", "transactions"),
        ("ingest", "inputs", "inputs"),
        ("ingest", "outputs", "outputs"),
        ("ingest", "fees_sat", "fees_sat"),
        ("open", "addresses", "addresses"),
        ("scan", "inputs", "inputs"),
        ("scan", "outputs", "outputs"),
        ("answer-poison", "transactions", "cone_transactions"),
        ("answer-poison", "reached", "cone_outputs"),
    ];
    let mut faults = Vec::new();
    for (step, name, told) in COUNTS {
        let found = lines.iter().find(|line| line.step() == step);
        let found = found.and_then(|line| line.number(name));
        let wanted = truth.number(told);
        if found.is_none() || found != wanted {
            faults.push(format!(
                "{step}: {name} is {found:?}, and should be {wanted:?}"
            ));
        }
    }
    let ingest = lines.iter().find(|line| line.step() == "ingest");
    if ingest.and_then(|line| line.number("unresolved")) != Some(0) {
        faults.push("ingest: inputs are unresolved".to_owned());
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(faults.join("\n       "))
}

fn text(path: &Path) -> Result<&str, String> {
    let text = path.to_str();
    text.ok_or_else(|| format!("{} is not UTF-8", path.display()))
}

fn remove(path: &Path) -> Result<(), String> {
    if !path.exists() {
        return Ok(());
    }
    std::fs::remove_dir_all(path).map_err(|error| cannot("remove", path, &error))
}

fn cannot(act: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {act} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::{Line, Options, check};

    #[test]
    fn a_wrong_count_is_found() {
        let truth = Line::parse(r#"{"bytes":5}"#).expect("a line");
        let lines = [
            r#"{"step":"floor-bytes","bytes":6}"#,
            r#"{"step":"floor-ids","bytes":5}"#,
        ];
        let lines = lines.map(|line| Line::parse(line).expect("a line"));
        let faults = check(&truth, &lines).expect_err("the first is wrong");
        assert!(faults.contains("floor-bytes: bytes is Some(6)"), "{faults}");
        assert!(!faults.contains("floor-ids: bytes"), "{faults}");
        assert!(faults.contains("scan: inputs is None"), "{faults}");
    }

    #[test]
    fn arguments_are_understood() {
        let options = Options::parse(&["--dir", "x", "--outputs", "5"]).expect("good arguments");
        assert_eq!((&options.outputs[..], &options.seed[..]), ("5", "1"));
        for bad in [&["--outputs"][..], &["--outputs", "many"], &["--fast"], &[]] {
            assert!(Options::parse(bad).is_err(), "{bad:?}");
        }
    }
}
