//! Measures a trace: follows the theft of a big chain to the chain's end, by one policy.
//!
//! `measure_cone CHAIN STORE POLICY`: the chain's folder with its `truth.json`, a store that took it in. Timed apart, without
//! opening the store: following the taint (`cone`), the bounds, and writing the answer in full (`answer`). All this
//! program knows of the store's ways stands in [`view`].

use std::error::Error;
use std::path::Path;

use serde_json::Value;
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{
    Direction, Kernel, Knowledge, Origin, OriginPlace, Policy, Request, Stops, Window, follow_utxo,
};
use whither_chain::ColumnUtxo;
use whither_chain::Store;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::ChainView as _;
use whither_testkit::measure::{Line, Meter};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [chain, store, policy] = arguments.as_slice() else {
        return Err("usage: measure_cone CHAIN STORE POLICY".into());
    };
    let truth = std::fs::read(Path::new(chain).join("truth.json"))?;
    let truth: Value = serde_json::from_slice(&truth)?;
    let what = truth["theft_outpoint"].as_str().ok_or("no theft is told")?;
    let view = view(Path::new(store))?;
    let request = request(&view, what, policy.parse()?)?;
    let meter = Meter::start();
    let mut followed = follow_utxo(&view, &request, Kernel::Auto)?;
    let line = Line::of(&format!("cone-{policy}")).used(meter.finish());
    println!("{}", line.count("moves", followed.moves()).end());
    let meter = Meter::start();
    followed.bound();
    let line = Line::of(&format!("bounds-{policy}")).used(meter.finish());
    println!("{}", line.end());
    let meter = Meter::start();
    let trace = followed.render();
    let line = Line::of(&format!("answer-{policy}"))
        .used(meter.finish())
        .count("transactions", trace.transactions.len())
        .count("edges", trace.edges.len())
        // An edge leads to each output but the first.
        .count("reached", trace.edges.len() + 1)
        .count("endpoints", trace.endpoints.len());
    println!("{}", line.end());
    Ok(())
}

/// Opens a store, and the one chain in it.
fn view(store: &Path) -> Result<ColumnUtxo, Box<dyn Error>> {
    let store = Store::open(store)?;
    let chains = store.chains();
    let chain = chains.first().ok_or("the store is empty")?;
    let view = store.columns(chain)?;
    view.ok_or_else(|| "the store has no columns".into())
}

/// Forward from one output, with no stop at all.
fn request(view: &ColumnUtxo, what: &str, policy: Policy) -> Result<Request, Box<dyn Error>> {
    let (txid, vout) = what.split_once(':').ok_or("an outpoint is txid:vout")?;
    let txid = TransactionId::parse(view.chain(), txid)?;
    let origin = Origin {
        what: what.to_owned(),
        place: OriginPlace::Output(txid, vout.parse()?),
        incident: None,
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
        carried: None,
    };
    Ok(Request {
        origins: vec![origin],
        policy,
        direction: Direction::Forward,
        window: Window::default(),
        stops: Stops::none(),
        knowledge: Knowledge::default(),
        may_enter: std::collections::BTreeMap::new(),
    })
}
