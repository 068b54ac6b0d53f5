//! Clusters and labels beside GraphSense's own, from PyPI: joins of addresses, CoinJoins and change.
//!
//! The same sets are joined by both, the clusters held against each other, and the times laid side by side; so are the labels
//! of the same transactions. A disagreement that no sentence explains is an error.

use std::path::Path;
use std::process::{Command, Stdio};

use super::done;
use crate::bench::line::Line;

const SCRIPT: &str = include_str!("clusters.py");
const PEERS: [&str; 5] = [
    "graphsense-clustering==0.2.0",
    "graphsense-lib[web]==2.18.1",
    "greenlet",
    "numpy==2.4.6",
    "pyarrow",
];
/// So many transactions are labelled where 20 million addresses are joined, and so many of them by the peer too.
const LABELLED: u64 = 5_000_000;
const SAMPLE: u64 = 50_000;
/// So many shapes near thresholds.
const SHAPES: u64 = 20_000;

/// Runs both and prints what came of it.
pub(super) fn run(place: &Path, addresses: u64) -> Result<(), String> {
    let place = place.join("clusters");
    std::fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    install(&place)?;
    let run = Run::new(&place)?;
    let mut wrong = Vec::new();
    println!(
        "{:<10} {:<24} {:>8} {:>8} {:>10} {:>13} {:>13}",
        "sets", "who", "wall s", "cpu s", "own MiB", "wall of peer", "cpu of peer"
    );
    for kind in ["scattered", "local"] {
        run.joins(kind, addresses, &mut wrong)?;
    }
    run.labels(addresses, &mut wrong)?;
    run.shapes(&mut wrong)?;
    match &wrong[..] {
        [] => Ok(()),
        _ => Err(wrong.join("\n")),
    }
}

fn install(place: &Path) -> Result<(), String> {
    let venv = place.join("venv");
    if !venv.join("bin/pip").exists() {
        done(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    done(
        Command::new(venv.join("bin/pip"))
            .args(["install", "-q"])
            .args(PEERS),
    )?;
    let script = place.join("clusters.py");
    std::fs::write(&script, SCRIPT).map_err(|error| format!("{}: {error}", script.display()))?;
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    done(Command::new(program).args([
        "build",
        "--release",
        "-q",
        "-p",
        "whither-analysis",
        "--example",
        "measure_clusters",
    ]))
}

/// Where everything lies.
struct Run<'a> {
    place: &'a Path,
    ours: std::path::PathBuf,
}

impl<'a> Run<'a> {
    fn new(place: &'a Path) -> Result<Self, String> {
        let this = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
        let target = this.ancestors().nth(2).ok_or("no target directory")?;
        let ours = target.join("release/examples/measure_clusters");
        Ok(Self { place, ours })
    }

    /// One shape of sets, by both.
    fn joins(&self, kind: &str, addresses: u64, wrong: &mut Vec<String>) -> Result<(), String> {
        let folder = self.place.join(kind).display().to_string();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.to_string();
        self.peer(&["make", &folder, &addresses.to_string(), "1", kind])?;
        let ours = self.us(&["sets", &folder, &threads])?;
        let theirs = self.peer(&["union", &folder])?;
        let same = theirs.iter().find(|line| line.step() == "same");
        if same.and_then(|line| line.number("wrong")) != Some(0) {
            wrong.push(format!("{kind}: the clusters differ"));
        }
        let peer = Median::of(&theirs, "union")?;
        let rows = [
            ("graphsense-clustering", Median::of(&theirs, "union")?),
            ("whither, one thread", Median::of(&ours, "alone")?),
            ("whither", Median::of(&ours, "plain")?),
            ("whither, with evidence", Median::of(&ours, "evidence")?),
        ];
        for (who, row) in rows {
            println!(
                "{kind:<10} {who:<24} {:>8} {:>8} {:>10} {:>13} {:>13}",
                decimal(row.wall_us / 1_000),
                decimal(row.cpu_ms),
                row.own_kib / 1024,
                decimal(row.wall_us * 1_000 / peer.wall_us.max(1)),
                decimal(row.cpu_ms * 1_000 / peer.cpu_ms.max(1)),
            );
        }
        Ok(())
    }

    /// Labels of a whole chain, by the peer of a sample.
    fn labels(&self, addresses: u64, wrong: &mut Vec<String>) -> Result<(), String> {
        let count = LABELLED.min(addresses / 4).max(1_000);
        let sample = SAMPLE.min(count);
        let file = self.place.join("chain.txt").display().to_string();
        let (all, part) = (count.to_string(), sample.to_string());
        let ours = self.us(&["chain", &all, "1", &part, &file])?;
        let theirs = self.peer(&["labels", &file])?;
        let rate = |lines: &[Line], step: &str| {
            let line = lines.iter().find(|line| line.step() == step)?;
            Some(line.number("transactions")? * 1_000 / line.number("cpu_ms")?.max(1))
        };
        let rates = rate(&ours, "label").zip(rate(&theirs, "peer-labels"));
        let (us, they) = rates.ok_or("labels were not timed")?;
        println!(
            "labels: {us} transactions a second of processor time of {count}; graphsense-lib {they} of {sample} of them; {} times",
            us / they.max(1)
        );
        held(&theirs, wrong);
        Ok(())
    }

    /// Labels of shapes near thresholds.
    fn shapes(&self, wrong: &mut Vec<String>) -> Result<(), String> {
        let told = self.output(&["shapes", &SHAPES.to_string(), "1"])?;
        let (shapes, labelled) = (
            self.place.join("shapes.txt"),
            self.place.join("shapes.ours"),
        );
        let write = |path: &Path, text: &[u8]| {
            std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
        };
        write(&shapes, &told)?;
        let given = std::fs::File::open(&shapes).map_err(|error| error.to_string())?;
        let output = Command::new(&self.ours).arg("label").stdin(given).output();
        let output = output.map_err(|error| format!("measure_clusters: {error}"))?;
        write(&labelled, &output.stdout)?;
        let path = |path: &Path| path.display().to_string();
        let theirs = self.peer(&["hold", &path(&shapes), &path(&labelled)])?;
        held(&theirs, wrong);
        Ok(())
    }

    fn us(&self, arguments: &[&str]) -> Result<Vec<Line>, String> {
        let output = Command::new(&self.ours)
            .args(arguments)
            .stderr(Stdio::inherit())
            .output();
        let output = output.map_err(|error| format!("measure_clusters: {error}"))?;
        if !output.status.success() {
            return Err(format!("measure_clusters {arguments:?} failed"));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().filter_map(Line::parse).collect())
    }

    /// The peer's lines; its sentences are passed on.
    fn peer(&self, arguments: &[&str]) -> Result<Vec<Line>, String> {
        let output = self.output(arguments)?;
        let text = String::from_utf8_lossy(&output);
        let mut lines = Vec::new();
        for line in text.lines() {
            match line.strip_prefix('~') {
                Some(sentence) => println!("  {sentence}"),
                None => lines.extend(Line::parse(line)),
            }
        }
        Ok(lines)
    }

    fn output(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let mut python = Command::new(self.place.join("venv/bin/python"));
        let python = python.arg(self.place.join("clusters.py")).args(arguments);
        let output = python.stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("clusters.py: {error}"))?;
        if !output.status.success() {
            return Err(format!("clusters.py {arguments:?} failed"));
        }
        Ok(output.stdout)
    }
}

/// Prints how many labels agree, and keeps what nothing explains.
fn held(lines: &[Line], wrong: &mut Vec<String>) {
    for line in lines {
        let Some(unexplained) = line.number("unexplained") else {
            continue;
        };
        let of = |name: &str| line.number(name).unwrap_or(0);
        println!(
            "{}: {} transactions, {} labels of both, {} disagreements of detectors, {} other labels, {unexplained} unexplained; \
             graphsense-lib calls {} Wasabi 1.0 and JoinMarket at once, whither none",
            line.step(),
            of("transactions"),
            of("both"),
            of("disagreements"),
            of("answers"),
            of("theirs_wasabi_1_and_joinmarket"),
        );
        if unexplained != 0 || of("called_joinmarket_though_wasabi_1") != 0 {
            wrong.push(format!("{}: {unexplained} unexplained", line.step()));
        }
    }
}

/// Of several runs the median of each number.
struct Median {
    wall_us: u64,
    cpu_ms: u64,
    own_kib: u64,
}

impl Median {
    fn of(lines: &[Line], step: &str) -> Result<Self, String> {
        let runs: Vec<&Line> = lines.iter().filter(|line| line.step() == step).collect();
        let median = |name: &str| {
            let mut all: Vec<u64> = runs.iter().filter_map(|line| line.number(name)).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied()
        };
        let own = median("anon_kib").zip(median("given_kib"));
        let found = median("wall_us").zip(median("cpu_ms")).zip(own);
        let ((wall_us, cpu_ms), (anon, given)) =
            found.ok_or_else(|| format!("{step} was not measured"))?;
        Ok(Self {
            wall_us,
            cpu_ms,
            own_kib: anon.saturating_sub(given),
        })
    }
}

/// Thousandths as a decimal.
fn decimal(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}
