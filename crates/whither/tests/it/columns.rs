//! A trace over the store's columns is the trace over the same blocks in memory, under every policy, both ways.

use std::path::{Path, PathBuf};

use whither::ingest::Request as Ingest;
use whither_analysis::trace::request::{Origin, OriginPlace, Request};
use whither_analysis::trace::result::Basis;
use whither_analysis::trace::{Direction, Kernel, Policy, follow_utxo, trace_utxo};
use whither_chain::{LoadedChain, read_in_memory};
use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::view::{AddressIx, ChainView as _, TxIx, UtxoView};
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
        carried: None,
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

/// Asks store and memory, into which the same blocks were read, the same questions; gives how many were answered by
/// a trace.
fn agree(desk: &Desk, blocks: &[PathBuf], seed: u64, questions: usize) -> usize {
    agree_on(&REGTEST, desk, blocks, seed, questions)
}

fn agree_on(chain: &Chain, desk: &Desk, blocks: &[PathBuf], seed: u64, questions: usize) -> usize {
    let request = Ingest {
        paths: blocks.to_vec(),
        ..Ingest::default()
    };
    let memory = read_in_memory(&request).unwrap();
    let store = whither_chain::Store::open(desk.store.path()).unwrap();
    let LoadedChain::Utxo(columns) = store.load(chain).unwrap() else {
        panic!("{chain} is made of outputs")
    };
    assert_eq!(columns.content_id(), memory.content_id());
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
                may_enter: Default::default(),
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
        let blocks = [folder.path().to_owned()];
        answered += agree(&ingested(&blocks[0]), &blocks, seed, 4);
    }
    assert!(answered > 1000, "{answered}");
}

/// The shipped blocks of the main network.
#[test]
fn traces_over_the_first_blocks_agree() {
    let blocks = [Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/first-blocks/first-100k-blocks.dat")];
    let main = Chain::Bitcoin(BitcoinNetwork::Main);
    assert!(agree_on(&main, &ingested(&blocks[0]), &blocks, 2, 30) > 150);
}

#[test]
fn traces_over_a_chain_of_bitcoin_core_agree() {
    let Some(data) = data() else { return };
    let blocks = [data.join("scenarios/bitcoin-core-regtest/blocks")];
    assert!(agree(&ingested(&blocks[0]), &blocks, 1, 40) > 200);
}

/// A chain that grew by ingests, one of them cutting blocks off again, answers as one taken in at once.
#[test]
fn traces_over_a_chain_that_grew_and_was_cut_agree() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, seed: u64, blocks: usize| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        let mut chain = random_chain(seed, 12, 4);
        chain.blocks.truncate(blocks);
        chain.write_blk(&path, &WriteOptions::default()).unwrap();
        path
    };
    let blocks = [
        written("some", 2, 4),
        written("more", 2, 7),
        written("others", 3, 9),
    ];
    let mut desk = desk();
    for path in &blocks {
        desk.ingest(path);
    }
    assert!(agree(&desk, &blocks, 4, 8) > 20);
}
