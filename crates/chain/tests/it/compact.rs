//! A store that is written anew from itself: the same bytes, or whole ones in the place of damaged ones.

use std::fs;
use std::path::PathBuf;

use whither_chain::{IngestRequest, Silent, StoreError, compact};
use whither_ledger::chain::Chain;
use whither_ledger::view::ChainView as _;
use whither_testkit::simulator::{TableShape, WriteOptions, random_chain, random_table};

use crate::made::{COIN, Draft, Tx, extend, framed, genesis, hash};
use crate::support::{Bench, REGTEST, files, request, request_of};

fn compacted(bench: &Bench) -> (u64, u64) {
    let compacted = compact(&mut bench.store(), &Silent).unwrap();
    bench.store().check().unwrap();
    (compacted.bytes_before, compacted.bytes_after)
}

/// Compacts a whole store: not a byte is another, but for files that no manifest names.
fn stays_the_same(bench: &Bench) {
    let before = files(&bench.store_path());
    let stray = bench.store().columns_folder(&REGTEST).join("of-nobody");
    fs::write(&stray, [7; 100]).unwrap();
    let (bytes_before, bytes_after) = compacted(bench);
    assert_eq!(bytes_before, bytes_after + 100);
    let after = files(&bench.store_path());
    let names = |files: &[(PathBuf, Vec<u8>)]| -> Vec<PathBuf> {
        files.iter().map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(names(&after), names(&before));
    for ((path, bytes), (_, old)) in after.iter().zip(&before) {
        assert!(bytes == old, "{}", path.display());
    }
}

#[test]
fn random_chains_stay_as_they_are() {
    for seed in 0..8 {
        let bench = Bench::new();
        let size = usize::try_from(seed).unwrap();
        let options = WriteOptions {
            first_height: if seed % 2 == 0 { 0 } else { 3 },
            ..WriteOptions::default()
        };
        for (name, blocks) in [("some", 6 + size), ("all", 12 + 3 * size)] {
            let folder = bench.folder.path().join(name);
            let mut chain = random_chain(seed, 12 + 3 * size, 1 + size);
            chain.blocks.truncate(blocks);
            chain.write_blk(&folder, &options).unwrap();
            bench.ingest(&request(&folder));
        }
        stays_the_same(&bench);
    }
}

/// A value that undo data told, one of which it told otherwise than the block, and one of two tellings.
#[test]
fn what_undo_data_told_survives() {
    let bench = Bench::new();
    let mint = Tx::coinbase(&[0x51, 1], &[50 * COIN, 7]);
    let below = Draft::after(hash(&genesis()), vec![mint.clone()]).mine();
    let other = Tx::coinbase(&[0x53, 1], &[9]);
    let spend = Tx::pay(
        &[(mint.txid(), 0), (mint.txid(), 1), (other.txid(), 0)],
        &[40 * COIN],
    );
    let block = Draft::after(hash(&below), vec![Tx::coinbase(&[0x52, 1], &[1]), spend]).mine();
    let ingest = |name: &str, values: &[u64]| {
        let mut undo = Vec::new();
        for value in values {
            undo.extend(value.to_le_bytes());
            undo.extend([1, 0x51]);
        }
        bench.ingest(&IngestRequest {
            undo: Some(bench.file("undo", &undo)),
            height: Some(2),
            ..request_of(&REGTEST, bench.file(name, &block))
        });
        stays_the_same(&bench);
    };
    ingest("block", &[50 * COIN, 7, 9]);
    ingest("block", &[50 * COIN, 8, 9]);
    assert_eq!(bench.utxo(&REGTEST).notes().len(), 1);
    bench.ingest(&request(bench.file("below", &framed(&[genesis(), below]))));
    ingest("block", &[50 * COIN, 8, 9]);
    assert!(!bench.utxo(&REGTEST).notes().is_empty());
}

#[test]
fn blocks_that_are_kept_aside_survive() {
    let bench = Bench::new();
    let blocks = [1, 2].map(|tag| extend(&genesis(), 2, tag)).concat();
    let blocks = [vec![genesis()], blocks].concat();
    bench.ingest(&request(bench.file("blocks", &framed(&blocks))));
    let kept = |bench: &Bench| whither_chain::status(&bench.store()).unwrap()[0].stale_blocks;
    assert_eq!(kept(&bench), 2);
    stays_the_same(&bench);
    assert_eq!(kept(&bench), 2);
}

#[test]
fn accounts_stay_as_they_are() {
    let bench = Bench::new();
    let table = bench.folder.path().join("table.csv");
    random_table(3, TableShape::default())
        .write_mftracer_csv(&table)
        .unwrap();
    let chain = bench.ingest(&request(&table)).chain;
    bench.store().build_columns(&chain).unwrap();
    let before = files(&bench.store_path());
    compacted(&bench);
    assert_eq!(files(&bench.store_path()), before);
    assert!(matches!(chain, Chain::Evm(_)));
}

/// What follows from other columns is made whole; those others are not sealed as they are.
#[test]
fn damage_is_mended_where_it_can_be_and_told_where_not() {
    let bench = Bench::new();
    let folder = bench.folder.path().join("blocks");
    random_chain(5, 20, 4)
        .write_blk(&folder, &WriteOptions::default())
        .unwrap();
    bench.ingest(&request(&folder));
    let before = files(&bench.store_path());
    let columns = bench.store().columns_folder(&REGTEST);
    let flip = |name: &str| {
        let entries = fs::read_dir(&columns).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        let its = |path: &PathBuf| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(name)
        };
        let path = paths.find(its).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    };
    for name in ["out.spent", "tx.slots-", "address.slots-"] {
        flip(name);
        bench.store().check().unwrap_err();
        compacted(&bench);
        assert!(files(&bench.store_path()) == before, "{name}");
    }
    for name in ["out.value", "tx.id", "in.prev"] {
        flip(name);
        let damaged = files(&bench.store_path());
        let error = compact(&mut bench.store(), &Silent).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        let whither_chain::ChainError::Store(StoreError::ChunkDamaged { .. }) = error else {
            panic!("{error}")
        };
        assert!(files(&bench.store_path()) == damaged, "{name}");
        flip(name);
    }
}
