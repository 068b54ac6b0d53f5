//! Screening beside its peer, in one run: nomenklatura's logic-v2 and its emulation of OFAC's tool, from PyPI, on the same
//! names, lists and machine.
//!
//! Ordinary names are made by the package `names` from the US census of 1990. Seed 1 is what the rules were set
//! on; the others are held out. The lists come from `WHITHER_TEST_DATA`. Outside CI: it needs the network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 4] = [
    "nomenklatura==4.17.4",
    "names==0.3.0",
    "rapidfuzz>=3",
    "numpy",
];
/// Where the lists lie, under `WHITHER_TEST_DATA`.
const LISTS: &str = "sanctions/inoutlists/tests/integration/fixtures";
const FILES: [&str; 4] = [
    "un_consolidated.xml",
    "sdn.xml",
    "consolidated.xml",
    "20240513-FULL-1_1(xsd).xml",
];
const BENCH: &str = "screening/nomenklatura/name_bench_cases.csv";
const NAMES: &str = "10000";
/// Which sets of names are made.
const SEEDS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];
/// Which of them, and how many names of it, the peer is asked for.
const PEER_SET: usize = 5;
const PEER_NAMES: &str = "3000";

/// Measures Whither and then the peer, and prints both.
///
/// # Errors
/// When a package cannot be installed, or a step fails.
pub fn run() -> Result<(), String> {
    let data = std::env::var_os("WHITHER_TEST_DATA").map(PathBuf::from);
    let data = data.ok_or("the lists are looked for in WHITHER_TEST_DATA, which is not set")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let place = root.join("target/peers/screening");
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let python = install(&place)?;
    let script = |name: &str| root.join("xtask/src/screening").join(name);
    let mut names = Vec::new();
    for seed in SEEDS {
        let file = place.join(format!("names-{seed}.csv"));
        done(
            Command::new(&python)
                .arg(script("ordinary.py"))
                .args([seed, NAMES])
                .arg(&file),
        )?;
        names.push(file);
    }
    let versions = versions(&root, &data, &place)?;
    let together = place.join("names-all.csv");
    join(&names, &together)?;
    for file in names.iter().chain([&together]) {
        println!("Whither, {}:", file.display());
        let mut ours = example(&root, "measure_screening");
        done(ours.arg(file).args(&versions).env("WITHOUT_OFAC", "1"))?;
    }
    for what in ["bench", "ofac", "korean", "organisations", "scripts"] {
        println!("Whither, {what}:");
        done(example(&root, "measure_names").arg(&data).arg(what))?;
    }
    let listed = place.join("listed.txt");
    done(
        example(&root, "measure_screening")
            .arg("--listed")
            .arg(&listed)
            .args(&versions),
    )?;
    let file = &names[PEER_SET];
    println!("nomenklatura 4.17.4, {}:", file.display());
    let mut peer = Command::new(&python);
    peer.arg(script("peer.py")).arg(data.join(BENCH));
    done(peer.arg(file).arg(&listed).arg(PEER_NAMES))
}

/// All sets as one, for a run in which most words have been met before.
fn join(files: &[PathBuf], into: &Path) -> Result<(), String> {
    let mut text = String::from("name\n");
    for file in files {
        let set =
            fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        text.extend(set.lines().skip(1).flat_map(|line| [line, "\n"]));
    }
    fs::write(into, text).map_err(|error| format!("{}: {error}", into.display()))
}

fn install(place: &Path) -> Result<PathBuf, String> {
    let venv = place.join("venv");
    done(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    done(
        Command::new(venv.join("bin/pip"))
            .args(["install", "-q"])
            .args(PACKAGES),
    )?;
    Ok(venv.join("bin/python"))
}

/// Brings the lists into a store of their own, and gives the files of their versions.
fn versions(root: &Path, data: &Path, place: &Path) -> Result<Vec<PathBuf>, String> {
    let store = place.join("store");
    let _ = fs::remove_dir_all(&store);
    for file in FILES {
        let mut import = Command::new(env!("CARGO"));
        import
            .current_dir(root)
            .args(["run", "--release", "--quiet", "--bin", "whither", "--"]);
        import.args(["lists", "import", "--quiet", "--format", "jsonl", "--store"]);
        done(import.arg(&store).arg(data.join(LISTS).join(file)))?;
    }
    let mut versions = Vec::new();
    let folders = fs::read_dir(store.join("lists")).map_err(|error| error.to_string())?;
    // Beside the lists lies the lock of whoever imports.
    for folder in folders.flatten().filter(|it| it.path().is_dir()) {
        let files = fs::read_dir(folder.path()).map_err(|error| error.to_string())?;
        versions.extend(files.flatten().map(|file| file.path()));
    }
    versions.sort();
    Ok(versions)
}

fn example(root: &Path, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root)
        .args(["run", "--release", "--quiet", "-p", "whither-screening"]);
    command.args(["--example", name, "--"]);
    command
}

fn done(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} ended with {status}"))
    }
}
