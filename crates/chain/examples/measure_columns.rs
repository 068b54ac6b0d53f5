//! Measures the columns of a random chain beside the view in memory: `measure_columns SEED BLOCKS PAYMENTS`, or
//! `measure_columns FILE` for blocks that are there. Wall clock; what it prints is for reading, not for scripts.

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use whither_chain::{IngestRequest, LoadedChain, Silent, Store, columns, ingest};
use whither_ledger::view::{AddressIx, ChainView as _, OutputIx, Prevout, TxIx, UtxoView};
use whither_testkit::simulator::{WriteOptions, random_chain};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("whither-measure-{}", std::process::id()));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let source = match arguments.as_slice() {
        [seed, blocks, payments] => {
            let source = folder.join("blocks");
            let chain = random_chain(seed.parse()?, blocks.parse()?, payments.parse()?);
            chain.write_blk(&source, &WriteOptions::default())?;
            source
        }
        [file] => PathBuf::from(file),
        _ => return Err("measure_columns SEED BLOCKS PAYMENTS, or measure_columns FILE".into()),
    };
    let result = measure(&folder, source);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &std::path::Path, source: PathBuf) -> Result<(), Box<dyn Error>> {
    let blocks = bytes(&source)?;
    let mut store = Store::create_or_open(&folder.join("store"))?;
    let request = IngestRequest {
        paths: vec![source],
        ..IngestRequest::default()
    };
    let report = timed("ingest into the store", || {
        ingest(&mut store, &request, &Silent)
    })?;
    let chain = report.chain;
    timed("build columns", || store.build_columns(&chain))?;
    let store = timed("open the store (hashes its segments)", || {
        Store::open(store.path())
    })?;
    let loaded = timed("load the view in memory", || store.load(&chain))?;
    let LoadedChain::Utxo(memory) = loaded else {
        return Err("a chain of outputs is wanted".into());
    };
    let root = store.columns_path(&chain);
    let view = timed("open columns", || columns::open(&root))?;
    let checked = timed("check columns", || columns::check(&root))?;
    println!(
        "{} blocks, {} transactions, {} inputs, {} outputs, {} addresses",
        view.block_count(),
        view.transaction_count(),
        report.inputs,
        view.output_count(),
        view.address_count()
    );
    println!("{blocks} bytes of blocks");
    let each = checked.bytes * 10 / view.output_count().max(1);
    println!(
        "{} bytes of columns, {}.{} an output",
        checked.bytes,
        each / 10,
        each % 10
    );
    timed("scan inputs and outputs in memory", || scan(&memory));
    timed("scan inputs and outputs in columns", || scan(&view));
    timed("find every transaction in memory", || find(&memory));
    timed("find every transaction in columns", || find(&view));
    timed("creator of every output in memory", || creators(&memory));
    timed("creator of every output in columns", || creators(&view));
    timed("every posting in memory", || postings(&memory));
    timed("every posting in columns", || postings(&view));
    Ok(())
}

/// The size of a file, or of the files in a folder.
fn bytes(path: &std::path::Path) -> std::io::Result<u64> {
    if path.is_file() {
        return Ok(path.metadata()?.len());
    }
    let sizes = std::fs::read_dir(path)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum()
}

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = black_box(act());
    println!("{:>10} µs  {what}", begin.elapsed().as_micros());
    result
}

fn transactions(view: &impl UtxoView) -> impl Iterator<Item = TxIx> {
    (0..view.transaction_count()).map(TxIx::of)
}

/// The value of every input and output, its owner, and what spends it.
fn scan(view: &impl UtxoView) -> u64 {
    let mut sum = 0_u64;
    for tx in transactions(view) {
        for input in view.inputs(tx) {
            if let Prevout::Inside(output) = input {
                sum = sum.wrapping_add(view.value(output));
            }
        }
        for output in view.outputs(tx).map(OutputIx) {
            let owner = view.owner(output).map_or(0, |owner| owner.0);
            let spender = view.spender(output).map_or(0, |tx| tx.0);
            sum = sum.wrapping_add(view.value(output));
            sum = sum.wrapping_add(u64::from(owner ^ spender));
        }
    }
    sum
}

fn find(view: &impl UtxoView) -> usize {
    let found = |tx| view.find_transaction(&view.transaction_id(tx)).len();
    transactions(view).map(found).sum()
}

fn creators(view: &impl UtxoView) -> u64 {
    let outputs = transactions(view)
        .last()
        .map_or(0, |tx| view.outputs(tx).end);
    let creator = |output| u64::from(view.creator(OutputIx(output)).0);
    (0..outputs).map(creator).sum()
}

fn postings(view: &impl UtxoView) -> u64 {
    let addresses = (0..view.address_count()).map(AddressIx::of);
    let received = addresses.flat_map(|address| view.received(address));
    received.map(|output| output.0).sum()
}
