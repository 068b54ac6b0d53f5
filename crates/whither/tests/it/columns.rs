//! A trace over mapped columns is the trace over the view in memory, under every policy, both ways; and the
//! front door answers from columns.

use std::path::Path;

use whither::ingest::Request as Ingest;
use whither_analysis::trace::request::{Origin, OriginPlace, Request};
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{Direction, Kernel, Policy, follow_utxo, trace_utxo};
use whither_chain::LoadedChain;
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::view::{AddressIx, TxIx, UtxoView};
use whither_testkit::rng::SplitMix64;
use whither_testkit::simulator::{WriteOptions, random_chain};

use crate::support::{Desk, data, desk};

const REGTEST: Chain = Chain::Bitcoin(BitcoinNetwork::Regtest);

fn origin(view: &impl UtxoView, rng: &mut SplitMix64) -> Origin {
    let tx = TxIx::of(rng.index(view.transaction_count() * 2 / 3 + 1));
    let id = view.transaction_id(tx);
    let place = match rng.below(4) {
        0 => OriginPlace::Transaction(id),
        1 => {
            let address = AddressIx::of(rng.index(view.address_count()));
            OriginPlace::Address(view.address(address).into_owned())
        }
        _ => OriginPlace::Output(id, 0),
    };
    Origin {
        what: format!("{place:?}"),
        place,
        incident: None,
        asset: None,
        height: None,
        limit: None,
        basis: Basis::Fact,
    }
}

/// The trace as text, or why there is none.
fn traced(view: &impl UtxoView, request: &Request) -> String {
    match trace_utxo(view, request) {
        Ok(trace) => serde_json::to_string(&trace).unwrap(),
        Err(error) => error.to_string(),
    }
}

/// The same, by one kernel.
fn traced_by(view: &impl UtxoView, request: &Request, kernel: Kernel) -> String {
    match follow_utxo(view, request, kernel) {
        Ok(mut followed) => {
            followed.bound();
            serde_json::to_string(&followed.render()).unwrap()
        }
        Err(error) => error.to_string(),
    }
}

/// Asks both views of one store, and both kernels, the same questions; gives how many were answered by a trace.
fn agree(desk: &Desk, seed: u64, questions: usize) -> usize {
    agree_on(&REGTEST, desk, seed, questions)
}

fn agree_on(chain: &Chain, desk: &Desk, seed: u64, questions: usize) -> usize {
    let store = whither_chain::Store::open(desk.store.path()).unwrap();
    let LoadedChain::Utxo(memory) = store.load(chain).unwrap() else {
        panic!("{chain} is made of outputs")
    };
    let columns = store
        .columns(chain)
        .unwrap()
        .expect("the ingest has built them");
    let mut rng = SplitMix64::new(seed);
    let mut answered = 0;
    for _ in 0..questions {
        let origins: Vec<Origin> = (0..=rng.below(3))
            .map(|_| origin(&memory, &mut rng))
            .collect();
        for (policy, direction) in Policy::ALL.iter().flat_map(|policy| {
            [
                (*policy, Direction::Forward),
                (*policy, Direction::Backward),
            ]
        }) {
            let request = Request {
                origins: origins.clone(),
                policy,
                direction,
                window: Default::default(),
                stops: Default::default(),
                knowledge: Default::default(),
            };
            let expected = traced(&memory, &request);
            assert_eq!(
                traced(&columns, &request),
                expected,
                "seed {seed}, {policy} {direction:?}, {origins:?}"
            );
            for kernel in [Kernel::Frontier, Kernel::Sweep] {
                let what = format!("{kernel:?}, seed {seed}, {policy} {direction:?}, {origins:?}");
                assert_eq!(traced_by(&columns, &request, kernel), expected, "{what}");
            }
            answered += usize::from(expected.starts_with('{'));
        }
    }
    answered
}

fn ingested(blocks: &Path) -> Desk {
    let mut desk = desk();
    desk.ingest(blocks);
    desk
}

#[test]
fn traces_over_random_chains_agree() {
    let mut answered = 0;
    for seed in 0..60 {
        let folder = tempfile::tempdir().unwrap();
        let options = WriteOptions {
            first_height: if seed % 3 == 0 { 5 } else { 0 },
            ..WriteOptions::default()
        };
        random_chain(seed, 14, 5)
            .write_blk(folder.path(), &options)
            .unwrap();
        answered += agree(&ingested(folder.path()), seed, 4);
    }
    assert!(answered > 1000, "{answered}");
}

/// The shipped blocks of the main network.
#[test]
fn traces_over_the_first_blocks_agree() {
    let blocks = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/first-blocks/first-100k-blocks.dat");
    let main = Chain::Bitcoin(BitcoinNetwork::Main);
    assert!(agree_on(&main, &ingested(&blocks), 2, 30) > 150);
}

#[test]
fn traces_over_a_chain_of_bitcoin_core_agree() {
    let Some(data) = data() else { return };
    let desk = ingested(&data.join("scenarios/bitcoin-core-regtest/blocks"));
    assert!(agree(&desk, 1, 40) > 200);
}

/// Columns of what the store held before are not asked: the chain is loaded, and the next ingest builds them.
#[test]
fn stale_columns_are_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let chain = random_chain(2, 9, 3);
    let mut short = chain.clone();
    short.blocks.truncate(5);
    short
        .write_blk(folder.path(), &WriteOptions::default())
        .unwrap();
    let mut desk = ingested(folder.path());
    chain
        .write_blk(folder.path(), &WriteOptions::default())
        .unwrap();
    let request = Ingest {
        paths: vec![folder.path().to_owned()],
        ..Ingest::default()
    };
    let mut store = whither_chain::Store::open(desk.store.path()).unwrap();
    whither_chain::ingest(&mut store, &request, &whither_chain::Silent).unwrap();
    assert!(store.columns(&REGTEST).unwrap().is_none());
    assert!(desk.ingest(folder.path()).unchanged);
    agree(&desk, 3, 3);
}
