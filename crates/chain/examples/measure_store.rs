//! Measures the store on a big chain: `measure_store STEP CHAIN STORE`, one step to a process.
//!
//! - `ingest`: takes the chain's blocks into a store that is not there yet.
//! - `open`: opens the store and a view of the chain.
//! - `lookups`: transactions by id, spends of outputs, histories of addresses, all at random.
//! - `scan`: every input and output, with value, owner and spender.
//!
//! Each step prints a line of JSON for each thing it measures. All it knows of the store's ways stands in
//! [`take_in`] and [`view`].

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use whither_chain::ColumnUtxo;
use whither_chain::{IngestReport, IngestRequest, Silent, Store, ingest};
use whither_ledger::address::Address;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, ChainView as _, OutputIx, Prevout, TxIx, UtxoView as _};
use whither_testkit::measure::{Line, Meter};
use whither_testkit::rng::SplitMix64;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How long one kind of look-up goes on at the most.
const BOX: Duration = Duration::from_secs(20);
const LOOKUPS: usize = 1_000_000;
/// A spend is so quick that a million of them cannot be timed.
const SPENDS: usize = 30_000_000;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [step, chain, store] = arguments.as_slice() else {
        return Err("usage: measure_store STEP CHAIN STORE".into());
    };
    let (chain, store) = (Path::new(chain), Path::new(store));
    match step.as_str() {
        "ingest" => measure_ingest(chain, store),
        "open" => measure_open(store),
        "lookups" => measure_lookups(store),
        "scan" => measure_scan(store),
        _ => Err("the steps are ingest, open, lookups and scan".into()),
    }
}

/// Takes blocks into a store, until it can answer.
fn take_in(blocks: &Path, store: &Path) -> Outcome<IngestReport> {
    let mut store = Store::create_or_open(store)?;
    let request = IngestRequest {
        paths: vec![blocks.to_owned()],
        ..IngestRequest::default()
    };
    let report = ingest(&mut store, &request, &Silent)?;
    Ok(report)
}

/// Opens a store, and the one chain in it.
fn view(store: &Path) -> Outcome<ColumnUtxo> {
    let store = Store::open(store)?;
    let chains = store.chains();
    let chain = chains.first().ok_or("the store is empty")?;
    let view = store.columns(chain)?;
    view.ok_or_else(|| "the store has no columns".into())
}

fn measure_ingest(chain: &Path, store: &Path) -> Outcome<()> {
    if store.exists() {
        return Err(format!("{} is there already", store.display()).into());
    }
    let meter = Meter::start();
    let report = take_in(&chain.join("blocks"), store)?;
    let used = meter.finish();
    let fees = u64::try_from(report.fees.ok_or("some input is unresolved")?)?;
    let mut line = Line::of("ingest")
        .used(used)
        .number("blocks", report.blocks)
        .number("transactions", report.transactions)
        .number("inputs", report.inputs)
        .number("outputs", report.outputs)
        .number("unresolved", report.unresolved_inputs)
        .number("fees_sat", fees);
    let mut files = Vec::new();
    sizes(store, &mut files)?;
    files.sort();
    for (name, bytes) in files {
        line = line.number(&format!("disk {name}"), bytes);
    }
    println!("{}", line.end());
    Ok(())
}

/// All files below a folder by name, with their sizes; those named by a hash are one.
fn sizes(folder: &Path, files: &mut Vec<(String, u64)>) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sizes(&path, files)?;
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy());
        let mut name = name.unwrap_or_default().into_owned();
        if let Some((stem, kind)) = name.split_once('.')
            && stem.len() == 64
        {
            name = format!("*.{kind}");
        }
        let bytes = path.metadata()?.len();
        match files.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += bytes,
            None => files.push((name, bytes)),
        }
    }
    Ok(())
}

fn measure_open(store: &Path) -> Outcome<()> {
    let meter = Meter::start();
    let view = view(store)?;
    let line = Line::of("open").used(meter.finish());
    println!("{}", line.count("addresses", view.address_count()).end());
    Ok(())
}

fn measure_lookups(store: &Path) -> Outcome<()> {
    let view = view(store)?;
    let mut rng = SplitMix64::new(7);
    let transactions = view.transaction_count();
    let ids: Vec<TransactionId> = (0..LOOKUPS)
        .map(|_| view.transaction_id(TxIx::of(rng.index(transactions))))
        .collect();
    timed("lookup-transaction", &ids, |id| {
        view.find_transaction(id)
            .first()
            .map_or(0, |tx| u64::from(tx.0))
    });
    drop(ids);
    let outputs = view.output_count();
    let places: Vec<u64> = (0..SPENDS).map(|_| rng.below(outputs)).collect();
    timed("lookup-spend", &places, |output| {
        view.spender(OutputIx(*output))
            .map_or(0, |tx| u64::from(tx.0))
    });
    drop(places);
    let addresses: Vec<Address> = (0..LOOKUPS)
        .map(|_| AddressIx::of(rng.index(view.address_count())))
        .map(|ix| view.address(ix).into_owned())
        .collect();
    timed("lookup-history", &addresses, |address| {
        let ix = view.find_address(address).expect("it is one of the view's");
        let each = |output| {
            let spender = view.spender(output).map_or(0, |tx| u64::from(tx.0));
            view.value(output).wrapping_add(spender)
        };
        view.received(ix).map(each).fold(0, u64::wrapping_add)
    });
    Ok(())
}

/// Looks all of a list up, or as many as the time allows, and prints how many there were.
fn timed<T>(step: &str, list: &[T], look_up: impl Fn(&T) -> u64) {
    let meter = Meter::start();
    let end = Instant::now() + BOX;
    let mut done = 0;
    let mut sum = 0_u64;
    for some in list.chunks(1000) {
        for one in some {
            sum = sum.wrapping_add(look_up(one));
        }
        done += some.len();
        if Instant::now() > end {
            break;
        }
    }
    black_box(sum);
    println!(
        "{}",
        Line::of(step)
            .used(meter.finish())
            .count("done", done)
            .end()
    );
}

fn measure_scan(store: &Path) -> Outcome<()> {
    let view = view(store)?;
    // Once unmeasured, so that the files are in memory; then often enough to be timed.
    let (inputs, outputs, _) = black_box(scan(&view));
    let meter = Meter::start();
    let begin = Instant::now();
    let mut passes = 0;
    while begin.elapsed() < Duration::from_secs(1) {
        black_box(scan(&view));
        passes += 1;
    }
    let line = Line::of("scan").used(meter.finish());
    let line = line.number("inputs", inputs).number("outputs", outputs);
    println!("{}", line.number("passes", passes).end());
    Ok(())
}

/// How many inputs and outputs there are, and a number for which all of each had to be read.
fn scan(view: &ColumnUtxo) -> (u64, u64, u64) {
    let (mut inputs, mut outputs, mut sum) = (0, 0, 0_u64);
    for input in view.scan_inputs() {
        inputs += 1;
        sum = sum.wrapping_add(match input {
            Prevout::Inside(output) => output.0,
            Prevout::Outside(outside) => outside.0,
        });
    }
    for output in view.scan_outputs() {
        outputs += 1;
        let owner = output.owner.map_or(0, |owner| owner.0);
        let spender = output.spender.map_or(0, |tx| tx.0);
        sum = sum.wrapping_add(output.value ^ u64::from(owner ^ spender));
    }
    (inputs, outputs, sum)
}
