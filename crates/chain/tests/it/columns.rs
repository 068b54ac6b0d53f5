//! The columns answer as the view in memory does, which is made of the same blocks and of nothing of the store.

use whither_chain::{ColumnUtxo, IngestRequest};
use whither_ledger::address::{Address, WitnessProgram};
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{ChainView as _, OutputIx, Prevout, TxIx, UtxoView as _};
use whither_testkit::simulator::{WriteOptions, random_chain};

use crate::agree::compare;
use crate::made::{COIN, Draft, Tx, framed, genesis, hash};
use crate::support::{Bench, REGTEST, data, first_blocks, request, request_of};

/// Takes sources in and compares.
fn taken_in(bench: &Bench, request: &IngestRequest) -> ColumnUtxo {
    bench.ingest(request);
    compare(bench, request)
}

#[test]
fn they_agree_on_random_chains() {
    for seed in 0..24 {
        let bench = Bench::new();
        let folder = bench.folder.path().join("blocks");
        let size = usize::try_from(seed).unwrap();
        let chain = random_chain(seed, 2 + size * 3, 1 + size);
        let options = WriteOptions {
            shuffle: Some(seed),
            stale: size % 3,
            first_height: if seed % 2 == 0 { 0 } else { 1 + size },
            ..WriteOptions::default()
        };
        chain.write_blk(&folder, &options).unwrap();
        taken_in(&bench, &request(&folder));
    }
}

#[test]
fn they_agree_on_the_first_blocks() {
    let bench = Bench::new();
    let opened = taken_in(&bench, &request(first_blocks()));
    assert_eq!((opened.block_count(), opened.output_count()), (439, 451));
    assert_eq!(opened.block(0).1, Some(0));
}

#[test]
fn they_agree_on_a_chain_of_bitcoin_core_and_on_parts_of_it() {
    let Some(scenario) = data("scenarios/bitcoin-core-regtest") else {
        return;
    };
    let bench = Bench::new();
    let opened = taken_in(&bench, &request(scenario.join("blocks")));
    assert_eq!(opened.block_count(), 301);
    for first in [120, 200, 290] {
        let bench = Bench::new();
        let part = IngestRequest {
            blocks: Some(first..=300),
            ..request(scenario.join("blocks"))
        };
        taken_in(&bench, &part);
    }
}

/// Undo data gives outside outputs a value, and an owner where the script has one.
#[test]
fn they_agree_on_what_undo_data_tells() {
    let bench = Bench::new();
    let scripts: Vec<Vec<u8>> = [[4; 20], [3; 20], [4; 20]]
        .into_iter()
        .map(|hash| Address::P2sh(hash).script().unwrap())
        .chain([vec![0x51]])
        .collect();
    let outside: Vec<_> = (0..4).map(|vout| ([7; 32], vout)).collect();
    let mut undo = Vec::new();
    for script in &scripts {
        undo.extend(COIN.to_le_bytes());
        undo.push(u8::try_from(script.len()).unwrap());
        undo.extend(script);
    }
    let pay = Tx::pay(&outside, &[COIN]).with_output(COIN, &scripts[0]);
    let txs = vec![Tx::coinbase(&[0x51, 1], &[7]), pay];
    let block = Draft::after(hash(&genesis()), txs).mine();
    let with_undo = IngestRequest {
        undo: Some(bench.file("undo", &undo)),
        ..request_of(&REGTEST, bench.file("block", &block))
    };
    let opened = taken_in(&bench, &with_undo);
    let address = opened.find_address(&Address::P2sh([4; 20])).unwrap();
    assert_eq!(opened.spent_from_outside(address).len(), 2);
    assert_eq!(opened.posting_count(address), 3);
}

/// All forms of addresses, outputs without one, and one transaction id in two blocks (BIP 30).
#[test]
fn they_agree_on_odd_scripts_and_repeated_ids() {
    let witness = |version, length| {
        let program = WitnessProgram::new(version, &vec![7; length]).unwrap();
        Address::Witness(program).script().unwrap()
    };
    let mut twice = Tx::coinbase(&[0x51, 1], &[COIN]);
    for script in [
        witness(0, 20),
        witness(0, 32),
        witness(1, 32),
        witness(1, 2),
        witness(3, 40),
        Address::P2sh([3; 20]).script().unwrap(),
        vec![0x6a],
    ] {
        twice = twice.with_output(5, &script).with_output(0, &script);
    }
    let a = Draft::after(hash(&genesis()), vec![twice.clone()]).mine();
    let spends = Tx::pay(&[(twice.txid(), 0), (twice.txid(), 3)], &[COIN]);
    let b = Draft::after(hash(&a), vec![Tx::coinbase(&[0x51, 2], &[7]), spends]).mine();
    let c = Draft::after(hash(&b), vec![twice.clone()]).mine();
    let again = Tx::pay(&[(twice.txid(), 0), (twice.txid(), 1)], &[COIN]);
    let missing = Tx::pay(&[(twice.txid(), 99), ([9; 32], 1)], &[COIN]);
    let last = vec![Tx::coinbase(&[0x51, 3], &[7]), again, missing];
    let d = Draft::after(hash(&c), last).mine();
    let bench = Bench::new();
    let blocks = bench.file("blocks", &framed(&[genesis(), a, b, c, d]));
    let opened = taken_in(&bench, &request_of(&REGTEST, blocks));
    let id = TransactionId::Bitcoin(twice.txid());
    assert_eq!(opened.find_transaction(&id), [TxIx(1), TxIx(4)]);
    assert!(!opened.notes().is_empty(), "a double spend is said");
}

#[test]
fn a_scan_passes_what_single_questions_give() {
    let chain = random_chain(5, 30, 6);
    let bench = Bench::new();
    let folder = bench.folder.path().join("blocks");
    let from_the_middle = WriteOptions {
        first_height: 9,
        ..WriteOptions::default()
    };
    chain.write_blk(&folder, &from_the_middle).unwrap();
    bench.ingest(&request(&folder));
    let view = bench.utxo(&REGTEST);
    let transactions = || (0..view.transaction_count()).map(TxIx::of);
    let inputs: Vec<Prevout> = transactions().flat_map(|tx| view.inputs(tx)).collect();
    assert!(
        inputs
            .iter()
            .any(|input| matches!(input, Prevout::Outside(_)))
    );
    assert_eq!(view.scan_inputs().collect::<Vec<_>>(), inputs);
    let mut scanned = view.scan_outputs();
    for output in (0..view.output_count()).map(OutputIx) {
        let found = scanned.next().unwrap();
        assert_eq!(found.value, view.value(output));
        assert_eq!(
            (found.owner, found.spender),
            (view.owner(output), view.spender(output))
        );
    }
    assert_eq!(scanned.next(), None);
}
