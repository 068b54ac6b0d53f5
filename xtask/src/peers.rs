//! Live peers: other programs that Whither is run beside, on the same data and machine.
//!
//! They are installed from their registries into a folder of `target/`, at the versions named here: anvil and ganache from
//! npm, cryo and ethereum-etl from PyPI. A chain is put into anvil; a node and two exporters then tell of it, and three
//! stores must hold the same. Ganache lacks what anvil has, and Whither must say so. Outside CI: it needs the network.

mod clusters;
mod logs;

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const ANVIL: &str = "@foundry-rs/anvil-linux-amd64@1.7.1";
const GANACHE: &str = "ganache@7.9.2";
const CRYO: &str = "cryo==0.3.2";
const ETL: &str = "ethereum-etl==2.4.2";
/// So many logs are measured on where no other number is asked for.
const LOGS: u64 = 5_000_000;
/// So many addresses are joined where no other number is asked for.
const ADDRESSES: u64 = 20_000_000;
const PORT: u16 = 18545;
const GANACHE_PORT: u16 = 18546;
/// The transaction that steals in the scenario.
const THEFT: &str = "0x4409fc4f7bae8a2b97c095e3b4185106e18ecb25ea607de8a600272a037b8790";
/// Where the state of the scenario lies, under `WHITHER_TEST_DATA`.
const STATE: &str = "scenarios/evm-anvil/state.json.gz";

/// Installs the peers, runs them on the scenario, and compares what comes of it.
///
/// # Errors
/// When a peer cannot be installed or run, or tells another chain than the others.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let (logs, addresses) = match arguments {
        [] => (Some(LOGS), Some(ADDRESSES)),
        ["--logs", number] => (number.parse().ok(), None),
        ["--clusters", number] => (None, number.parse().ok()),
        _ => (None, None),
    };
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    match (logs, addresses) {
        (None, None) => Err("usage: `cargo xtask peers [--logs N | --clusters N]`".to_owned()),
        (Some(logs), None) => nodes(&place, logs),
        (None, Some(addresses)) => clusters::run(&place, addresses),
        (Some(logs), Some(addresses)) => {
            nodes(&place, logs)?;
            clusters::run(&place, addresses)
        }
    }
}

/// The nodes and exporters, and logs.
fn nodes(place: &Path, logs: u64) -> Result<(), String> {
    let data = std::env::var_os("WHITHER_TEST_DATA").map(PathBuf::from);
    let data = data.ok_or("the scenario is looked for in WHITHER_TEST_DATA, which is not set")?;
    install(place)?;
    let state = place.join("state.json");
    let packed = File::open(data.join(STATE)).map_err(|error| format!("{STATE}: {error}"))?;
    let plain = File::create(&state).map_err(|error| format!("{}: {error}", state.display()))?;
    let mut gunzip = Command::new("gunzip");
    gunzip.arg("-c").stdin(packed).stdout(plain);
    done(&mut gunzip)?;
    let anvil = place.join("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    let port = PORT.to_string();
    let mut start = Command::new(anvil);
    start
        .args(["--port", &port, "--silent", "--load-state"])
        .arg(&state);
    let _anvil = Running::start(&mut start, PORT)?;
    let url = format!("http://127.0.0.1:{PORT}");
    let exports = exports(place, &url)?;
    let node = ingested(place, "node", &[&url])?;
    let (mut wrong, mut followed) = (Vec::new(), Vec::new());
    for (name, arguments) in &exports {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let told = ingested(place, name, &arguments)?;
        for field in ["transactions", "fees", "burned"] {
            if told.get(field) != node.get(field) {
                wrong.push(format!(
                    "{name}: {field} {:?}, and by the node {:?}",
                    told.get(field),
                    node.get(field)
                ));
            }
        }
        followed.push(edges(place, name)?);
    }
    // A node knows what was there before the first block, and exports do not: coins may take another way.
    if followed.windows(2).any(|pair| pair[0] != pair[1]) {
        wrong.push("the exports lead the theft different ways".to_owned());
    }
    let poor = poor(place, &mut wrong)?;
    match &wrong[..] {
        [] => {
            tell(&[("anvil", &node), ("ganache", &poor)]);
            println!(
                "anvil, cryo and ethereum-etl tell the same chain, both exports the same way of the theft ({} edges); \
                 ganache's lacks are said",
                followed[0].matches("\"transaction\"").count()
            );
            logs::run(place, logs)
        }
        _ => Err(wrong.join("\n")),
    }
}

/// Prints what ingests counted.
fn tell(reports: &[(&str, &Report)]) {
    for (name, report) in reports {
        let of = |field| report.get(field).unwrap_or_default();
        println!(
            "{name}: {} blocks, {} transactions, {} transfers, fees {}, burned {}",
            of("blocks"),
            of("transactions"),
            of("transfers"),
            of("fees"),
            of("burned")
        );
    }
}

/// What a node that lacks most of what anvil has is taken for.
fn poor(place: &Path, wrong: &mut Vec<String>) -> Result<Report, String> {
    let ganache = place.join("node_modules/ganache/dist/node/cli.js");
    let mut start = Command::new("node");
    start
        .arg(ganache)
        .args(["--server.port", &GANACHE_PORT.to_string()]);
    let _ganache = Running::start(&mut start, GANACHE_PORT)?;
    let url = format!("http://127.0.0.1:{GANACHE_PORT}");
    let poor = ingested(place, "ganache", &[&url])?;
    if !poor
        .text
        .contains("transfers inside contracts are not told")
    {
        wrong.push("ganache has no frames, and nothing says so".to_owned());
    }
    Ok(poor)
}

fn install(place: &Path) -> Result<(), String> {
    let prefix = place.display().to_string();
    done(Command::new("npm").args(["install", "--no-save", "--prefix", &prefix, ANVIL, GANACHE]))?;
    done(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(place.join("venv")),
    )?;
    let pip = place.join("venv/bin/pip");
    done(Command::new(&pip).args(["install", "-q", CRYO, ETL, "polars", "pyarrow"]))?;
    // What ethereum-etl asks for does not start under newer interpreters.
    done(Command::new(&pip).args([
        "install",
        "-q",
        "--no-deps",
        "parsimonious>=0.10",
        "setuptools<81",
    ]))
}

/// Lets both exporters write, and gives what an ingest of each is asked with.
fn exports(place: &Path, url: &str) -> Result<Vec<(&'static str, Vec<String>)>, String> {
    let bin = place.join("venv/bin");
    let (cryo, etl) = (place.join("cryo"), place.join("etl"));
    for folder in [&cryo, &etl] {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    // cryo's threads outlive the interpreter, which then dies at its end now and again: all is written by then.
    let freeze = format!(
        "import cryo, os, sys\nfor one in ['blocks', 'transactions', 'logs', 'traces']:\n    \
         cryo.freeze(one, blocks=['0:76'], rpc={url:?}, output_dir={:?})\nsys.stdout.flush()\nos._exit(0)",
        cryo.display().to_string()
    );
    done(Command::new(bin.join("python")).args(["-c", &freeze]))?;
    let file = |name: &str| etl.join(name).display().to_string();
    let run = |arguments: &[&str]| {
        done(
            Command::new(bin.join("ethereumetl"))
                .args(arguments)
                .args(["--provider-uri", url]),
        )
    };
    let (blocks, transactions) = (file("blocks.csv"), file("transactions.csv"));
    run(&[
        "export_blocks_and_transactions",
        "--start-block",
        "0",
        "--end-block",
        "75",
        "--blocks-output",
        &blocks,
        "--transactions-output",
        &transactions,
    ])?;
    let hashes = file("hashes.txt");
    let cut = format!("tail -n +2 {transactions:?} | cut -d, -f1 > {hashes:?}");
    done(Command::new("sh").args(["-c", &cut]))?;
    run(&[
        "export_receipts_and_logs",
        "--transaction-hashes",
        &hashes,
        "--receipts-output",
        &file("receipts.csv"),
        "--logs-output",
        &file("logs.csv"),
    ])?;
    run(&[
        "export_traces",
        "--start-block",
        "0",
        "--end-block",
        "75",
        "--output",
        &file("traces.csv"),
    ])?;
    let path = |path: &Path| path.display().to_string();
    Ok(vec![
        ("cryo", vec![path(&cryo)]),
        (
            "ethereum-etl",
            vec![path(&etl), "--chain".to_owned(), "eip155:31337".to_owned()],
        ),
    ])
}

/// Over which edges a store says that the stolen money went.
fn edges(place: &Path, name: &str) -> Result<String, String> {
    let store = place.join(format!("store-{name}"));
    let mut trace = whither();
    trace
        .args([
            "trace", THEFT, "--policy", "tiho", "--json", "-q", "--store",
        ])
        .arg(&store);
    let output = trace
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let edges = text.split_once("\"edges\":");
    let edges = edges.and_then(|(_, rest)| rest.split_once("\"transactions\":"));
    let (edges, _) = edges.ok_or_else(|| format!("no trace in the store of {name}"))?;
    Ok(edges.to_owned())
}

/// The program, run through cargo.
fn whither() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(["run", "-q", "-p", "whither-cli", "--"]);
    command
}

/// What an ingest reported.
struct Report {
    text: String,
}

impl Report {
    /// The value of a field, as it is written.
    fn get(&self, field: &str) -> Option<&str> {
        let mark = format!("\"{field}\":");
        let (_, rest) = self.text.split_once(&mark)?;
        Some(rest.split([',', '\n']).next().unwrap_or_default().trim())
    }
}

fn ingested(place: &Path, name: &str, sources: &[&str]) -> Result<Report, String> {
    let store = place.join(format!("store-{name}"));
    let _ = fs::remove_dir_all(&store);
    let output = whither()
        .args(["ingest", "--json", "-q", "--store"])
        .arg(&store)
        .args(sources)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("ingest of {name} failed ({})", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Report { text })
}

/// A server that is ended when it is not needed any more.
struct Running(Child);

impl Running {
    fn start(command: &mut Command, port: u16) -> Result<Self, String> {
        let child = command.stdout(Stdio::null()).spawn();
        let child = Self(child.map_err(|error| format!("cannot start {command:?}: {error}"))?);
        for _ in 0..120 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(child);
            }
            sleep(Duration::from_millis(250));
        }
        Err(format!("{command:?} does not listen on port {port}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn done(command: &mut Command) -> Result<(), String> {
    eprintln!("$ {command:?}");
    let status = command.status();
    let status = status.map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed ({status})"))
    }
}
