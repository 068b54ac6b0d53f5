//! The columns answer as the view in memory does, are told when they are damaged, and survive being killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use whither_chain::columns::{self, ColumnUtxo};
use whither_chain::{IngestRequest, Store, StoreError};
use whither_ledger::address::{Address, WitnessProgram};
use whither_ledger::chain::Chain;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AddressIx, ChainView as _, OutputIx, Prevout, TxIx, UtxoView};
use whither_testkit::simulator::{WriteOptions, random_chain};

use crate::made::{COIN, Draft, Tx, framed, genesis, hash};
use crate::support::{BITCOIN, Bench, REGTEST, data, files, first_blocks, request, request_of};

/// Every answer that two views can give, compared.
fn agree(a: &impl UtxoView, b: &impl UtxoView) {
    assert_eq!(a.chain(), b.chain());
    assert_eq!(a.content_id(), b.content_id());
    assert_eq!(a.coverage(), b.coverage());
    assert_eq!(a.notes(), b.notes());
    assert_eq!(a.transaction_count(), b.transaction_count());
    assert_eq!(a.address_count(), b.address_count());
    for tx in (0..a.transaction_count()).map(TxIx::of) {
        agree_on_transaction(a, b, tx);
    }
    for address in (0..a.address_count()).map(AddressIx::of) {
        agree_on_address(a, b, address);
    }
    let absent = TransactionId::Bitcoin([0xab; 32]);
    assert_eq!(b.find_transaction(&absent), []);
    let other = TransactionId::Hash([0; 32]);
    assert_eq!(b.find_transaction(&other), []);
    for address in [Address::P2sh([0xab; 20]), Address::Evm([0; 20])] {
        assert_eq!(b.find_address(&address), None);
    }
}

fn agree_on_transaction(a: &impl UtxoView, b: &impl UtxoView, tx: TxIx) {
    let id = a.transaction_id(tx);
    assert_eq!(id, b.transaction_id(tx));
    assert_eq!(a.find_transaction(&id), b.find_transaction(&id));
    assert_eq!(a.position(tx), b.position(tx));
    assert_eq!(a.time(tx), b.time(tx));
    assert_eq!(a.is_coinbase(tx), b.is_coinbase(tx), "{id}");
    assert_eq!(a.complete_since(tx), b.complete_since(tx));
    assert_eq!(a.inputs(tx).len(), b.inputs(tx).len());
    for (one, other) in a.inputs(tx).zip(b.inputs(tx)) {
        assert_eq!(one, other, "{id}");
        if let Prevout::Outside(ix) = one {
            assert_eq!(a.outside(ix), b.outside(ix), "{id}");
        }
    }
    assert_eq!(a.outputs(tx), b.outputs(tx));
    for output in a.outputs(tx).map(OutputIx) {
        assert_eq!(a.value(output), b.value(output), "{id}");
        assert_eq!(a.owner(output), b.owner(output), "{id}");
        assert_eq!((a.creator(output), tx), (tx, b.creator(output)), "{id}");
        assert_eq!(a.spender(output), b.spender(output), "{id}");
    }
}

fn agree_on_address(a: &impl UtxoView, b: &impl UtxoView, ix: AddressIx) {
    let address = a.address(ix);
    assert_eq!(address, b.address(ix));
    assert_eq!(a.find_address(&address), Some(ix));
    assert_eq!(b.find_address(&address), Some(ix));
    assert_eq!(a.posting_count(ix), b.posting_count(ix));
    let all = |view: &dyn Fn() -> Vec<u64>| view();
    let (one, other) = (
        all(&|| a.received(ix).map(|output| output.0).collect()),
        all(&|| b.received(ix).map(|output| output.0).collect()),
    );
    assert_eq!(one, other);
    assert_eq!(a.received(ix).len(), b.received(ix).len());
    let (one, other): (Vec<_>, Vec<_>) = (
        a.spent_from_outside(ix).collect(),
        b.spent_from_outside(ix).collect(),
    );
    assert_eq!(one, other);
}

fn built(bench: &Bench, chain: &Chain) -> PathBuf {
    let root = bench.folder.path().join("columns");
    columns::build(&root, &bench.store(), chain).unwrap_or_else(|error| panic!("{error}"));
    root
}

/// Builds the columns of a chain and compares them with the view in memory.
fn compare(bench: &Bench, chain: &Chain) -> ColumnUtxo {
    let root = built(bench, chain);
    let opened = columns::open(&root).unwrap();
    agree(&bench.utxo(chain), &opened);
    columns::check(&root).unwrap();
    assert!(columns::is_current(&root, &bench.store(), chain));
    opened
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
        bench.ingest(&request(&folder));
        compare(&bench, &REGTEST);
    }
}

#[test]
fn they_agree_on_the_first_blocks() {
    let bench = Bench::new();
    bench.ingest(&request(first_blocks()));
    let opened = compare(&bench, &BITCOIN);
    assert_eq!((opened.block_count(), opened.output_count()), (439, 451));
    assert_eq!(opened.block(0).1, Some(0));
}

#[test]
fn they_agree_on_a_chain_of_bitcoin_core_and_on_parts_of_it() {
    let Some(scenario) = data("scenarios/bitcoin-core-regtest") else {
        return;
    };
    let bench = Bench::new();
    bench.ingest(&request(scenario.join("blocks")));
    let opened = compare(&bench, &REGTEST);
    assert_eq!(opened.block_count(), 301);
    for first in [120, 200, 290] {
        let bench = Bench::new();
        bench.ingest(&IngestRequest {
            blocks: Some(first..=300),
            ..request(scenario.join("blocks"))
        });
        compare(&bench, &REGTEST);
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
    bench.ingest(&IngestRequest {
        undo: Some(bench.file("undo", &undo)),
        ..request_of(&REGTEST, bench.file("block", &block))
    });
    let opened = compare(&bench, &REGTEST);
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
    bench.ingest(&request_of(
        &REGTEST,
        bench.file("blocks", &framed(&[genesis(), a, b, c, d])),
    ));
    let opened = compare(&bench, &REGTEST);
    let id = TransactionId::Bitcoin(twice.txid());
    assert_eq!(opened.find_transaction(&id), [TxIx(1), TxIx(4)]);
    assert!(!opened.notes().is_empty(), "a double spend is said");
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let chain = random_chain(3, 20, 5);
    let of = |shuffle| {
        let bench = Bench::new();
        let folder = bench.folder.path().join("blocks");
        let options = WriteOptions {
            shuffle,
            files: 2,
            ..WriteOptions::default()
        };
        let written = chain.write_blk(&folder, &options).unwrap();
        assert_eq!(written.len(), 2);
        bench.ingest(&request(&folder));
        let root = built(&bench, &REGTEST);
        let files = files(&root)
            .into_iter()
            .filter(|(path, _)| !path.ends_with("columns.json"));
        let named =
            |(path, bytes): (PathBuf, Vec<u8>)| (path.file_name().unwrap().to_owned(), bytes);
        files.map(named).collect::<Vec<_>>()
    };
    assert_eq!(of(None), of(Some(8)));
}

fn small() -> (Bench, PathBuf) {
    let bench = Bench::new();
    let folder = bench.folder.path().join("blocks");
    let options = WriteOptions {
        first_height: 4,
        ..WriteOptions::default()
    };
    random_chain(5, 12, 4).write_blk(&folder, &options).unwrap();
    bench.ingest(&request(&folder));
    let root = built(&bench, &REGTEST);
    (bench, root)
}

/// The column files of the generation, those with bytes in them.
fn column_files(root: &Path) -> Vec<PathBuf> {
    let all = files(root).into_iter();
    let full = all.filter(|(path, bytes)| !bytes.is_empty() && path.parent() != Some(root));
    full.map(|(path, _)| path).collect()
}

#[test]
fn a_flipped_bit_is_found_and_its_file_named() {
    let (bench, root) = small();
    let files = column_files(&root);
    assert!(files.len() >= 17, "{files:?}");
    for path in &files {
        let whole = fs::read(path).unwrap();
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            fs::write(path, bytes).unwrap();
            let error = columns::check(&root).unwrap_err();
            assert!(
                matches!(&error, StoreError::ColumnDamaged { path: named, .. } if named == path),
                "{error}"
            );
            assert!(error.hint().is_some());
        }
        fs::write(path, whole).unwrap();
    }
    columns::check(&root).unwrap();
    // Built again, damaged columns are mended.
    fs::write(&files[3], b"nonsense").unwrap();
    assert!(columns::check(&root).is_err());
    compare(&bench, &REGTEST);
}

#[test]
fn a_changed_manifest_is_refused() {
    let (_bench, root) = small();
    let path = root.join("columns.json");
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = columns::open(&root).unwrap_err();
        assert!(
            error.to_string().contains("columns.json"),
            "byte {place}: {error}"
        );
    }
}

#[test]
fn a_cut_or_missing_file_is_refused_with_its_size() {
    let (_bench, root) = small();
    for path in column_files(&root) {
        let whole = fs::read(&path).unwrap();
        if path.ends_with("notes.jsonl") {
            continue;
        }
        for bytes in [&whole[..whole.len() - 1], &[&whole[..], &[0]].concat()] {
            fs::write(&path, bytes).unwrap();
            let error = columns::open(&root).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(&path.display().to_string()), "{text}");
            assert!(
                text.contains(&format!("{} bytes instead of {}", bytes.len(), whole.len())),
                "{text}"
            );
        }
        fs::remove_file(&path).unwrap();
        let error = columns::open(&root).unwrap_err();
        assert!(
            matches!(&error, StoreError::MissingColumn(named) if *named == path),
            "{error}"
        );
        assert!(columns::check(&root).is_err());
        fs::write(&path, whole).unwrap();
    }
    columns::open(&root).unwrap();
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        columns::open(empty.path()),
        Err(StoreError::NoColumns(_))
    ));
}

const CHILD: &str = "WHITHER_TEST_BUILD_COLUMNS_OF";

/// Not a test by itself: what the next one starts and kills.
#[test]
fn child_that_builds() {
    let Some(root) = std::env::var_os(CHILD) else {
        return;
    };
    let root = PathBuf::from(root);
    let store = Store::open(&root.join("store")).unwrap();
    columns::build(&root.join("columns"), &store, &REGTEST).unwrap();
}

/// Killed at any moment, a build leaves the columns that were there, or the new ones, whole.
#[test]
fn a_killed_build_leaves_the_columns_before_it_or_its_own() {
    let bench = Bench::new();
    let folder = bench.folder.path().join("blocks");
    let chain = random_chain(11, 300, 8);
    let mut short = chain.clone();
    short.blocks.truncate(40);
    short.write_blk(&folder, &WriteOptions::default()).unwrap();
    bench.ingest(&request(&folder));
    let before = compare(&bench, &REGTEST).content_id();
    let root = bench.folder.path().join("columns");
    chain.write_blk(&folder, &WriteOptions::default()).unwrap();
    bench.ingest(&request(&folder));
    let after = bench.utxo(&REGTEST).content_id();
    assert_ne!(before, after);
    let child = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["columns::child_that_builds", "--exact"])
            .env(CHILD, bench.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    // How long one takes that is left alone; then the columns before are put back.
    let kept = files(&root);
    let begin = Instant::now();
    assert!(child().status().unwrap().success());
    let takes = begin.elapsed();
    fs::remove_dir_all(&root).unwrap();
    for (path, bytes) in kept {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let (mut killed, mut seen_new) = (0, 0);
    for step in 0..60 {
        let mut child = child().spawn().unwrap();
        std::thread::sleep(takes * step / 50);
        let _ = child.kill();
        killed += u32::from(!child.wait().unwrap().success());
        match columns::open(&root) {
            Ok(opened) => {
                let id = opened.content_id();
                assert!(id == before || id == after);
                seen_new += u32::from(id == after);
                columns::check(&root).unwrap_or_else(|error| panic!("step {step}: {error}"));
            }
            // Between taking away equal columns and putting them back.
            Err(StoreError::NoColumns(_)) if seen_new > 0 => {}
            Err(error) => panic!("step {step}: {error}"),
        }
    }
    eprintln!("killed {killed} of 60 in {takes:?}, new columns after {seen_new}");
    compare(&bench, &REGTEST);
    assert_eq!(
        fs::read_dir(&root).unwrap().count(),
        3,
        "lock, manifest, one generation"
    );
}
