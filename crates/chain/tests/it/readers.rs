//! Readers beside a writer: what a view says stays as it was when it was opened, whatever is appended, cut off or made
//! again meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use whither_chain::{
    ChainError, ColumnUtxo, IngestRequest, Silent, Store, StoreError, ingest, read_in_memory,
};
use whither_ledger::content::ContentId;
use whither_ledger::view::{ChainView as _, OutputIx, UtxoView as _};

use crate::made::framed;
use crate::support::{Bench, REGTEST, describe, request};
use crate::tree::Tree;

/// What a store may say: all that its views tell, by their content.
type Known = BTreeMap<ContentId, String>;

/// One after the other: appends, forks, and columns made again; each with what the store then says.
fn steps(bench: &Bench) -> (Vec<IngestRequest>, Known) {
    let mut tree = Tree::new(23);
    let mut tip = tree.extend(0, 12);
    let mut told = [&tree.blocks(tip)[..1], &tree.blocks(tip)[5..]].concat();
    let mut sources = vec![told.clone()];
    // The gap is filled: made again.
    sources.push(tree.blocks(tip)[1..5].to_vec());
    for number in 0..30 {
        let depth = tree.nodes[tip].depth;
        if number % 3 == 2 {
            let back = 1 + tree.rng.index(6);
            let fork = tree.branch(tip)[depth - back];
            tip = tree.extend(fork, back + 1);
            sources.push(tree.blocks(tip)[depth - back + 1..].to_vec());
        } else {
            tip = tree.grow(tip);
            sources.push(vec![tree.nodes[tip].bytes.clone()]);
        }
    }
    let mut known = Known::new();
    let mut requests = Vec::new();
    told.clear();
    for (number, source) in sources.iter().enumerate() {
        told.extend_from_slice(source);
        let all = request(bench.file(&format!("all{number}"), &framed(&told)));
        let view = read_in_memory(&all).unwrap();
        known.insert(view.content_id(), describe(&view));
        requests.push(request(
            bench.file(&format!("blocks{number}"), &framed(source)),
        ));
    }
    (requests, known)
}

/// A view says one of the things that it may say, and goes on saying it.
fn read(store: &Store, known: &Known) -> Option<ContentId> {
    let view = store.columns(&REGTEST).unwrap()?;
    let said = describe(&view);
    assert_eq!(known.get(&view.content_id()), Some(&said));
    spends_are_known(&view);
    std::thread::sleep(Duration::from_millis(3));
    assert_eq!(describe(&view), said);
    Some(view.content_id())
}

fn spends_are_known(view: &ColumnUtxo) {
    for output in (0..view.output_count()).map(OutputIx) {
        let spender = view.spender(output);
        assert!(spender.is_none_or(|tx| tx.row() < view.transaction_count()));
    }
}

#[test]
fn no_view_says_what_was_never_committed() {
    let bench = Bench::in_memory();
    let (requests, known) = steps(&bench);
    let root = bench.store_path();
    bench.ingest(&requests[0]);
    let done = AtomicBool::new(false);
    let (views, checks) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for number in 0..3 {
            let (root, known, done, views, checks) = (&root, &known, &done, &views, &checks);
            scope.spawn(move || {
                let mut opened = Store::open(root).unwrap();
                while !done.load(Ordering::Relaxed) {
                    // Some readers have opened the store long before.
                    if number > 0 {
                        opened = Store::open(root).unwrap();
                    }
                    read(&opened, known).unwrap();
                    views.fetch_add(1, Ordering::Relaxed);
                    if number == 1 {
                        opened.check().unwrap();
                        checks.fetch_add(1, Ordering::Relaxed);
                    }
                    std::thread::sleep(Duration::from_millis(4 + number));
                }
            });
        }
        for request in &requests[1..] {
            let taken = ingest(&mut Store::open(&root).unwrap(), request, &Silent);
            if taken.is_err() {
                done.store(true, Ordering::Relaxed);
            }
            taken.unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    let (views, checks) = (views.into_inner(), checks.into_inner());
    eprintln!(
        "{views} views and {checks} checks beside {} writes",
        requests.len()
    );
    assert!(views > 20 && checks > 5, "{views} {checks}");
    bench.store().check().unwrap();
}

const CHILD: &str = "WHITHER_TEST_READER";

/// Not a test by itself: opens a view, says so, and keeps it open for a while.
#[test]
fn child_that_reads() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let (root, seconds) = told.split_once('|').unwrap();
    let view = Store::open(Path::new(root)).unwrap().columns(&REGTEST);
    let view = view.unwrap().unwrap();
    let before = describe(&view);
    std::fs::write(Path::new(root).with_extension("reads"), "").unwrap();
    std::thread::sleep(Duration::from_secs(seconds.parse().unwrap()));
    assert_eq!(describe(&view), before);
}

/// Starts a reader and waits until it reads.
fn reader(bench: &Bench, seconds: u64) -> std::process::Child {
    let root = bench.store_path();
    let says = root.with_extension("reads");
    let _ = std::fs::remove_file(&says);
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["readers::child_that_reads", "--exact"])
        .env(CHILD, format!("{}|{seconds}", root.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !says.exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Appending waits for nobody; cutting waits for readers, and gives up after a while and says so.
#[test]
fn a_cut_waits_for_readers() {
    let mut tree = Tree::new(29);
    let tip = tree.extend(0, 8);
    let next = tree.grow(tip);
    let other = tree.extend(tip, 3);
    let bench = Bench::in_memory();
    bench.ingest(&request(bench.file("a", &framed(&tree.blocks(tip)))));
    let append = request(bench.file("b", &framed(&tree.blocks(next)[9..])));
    let fork = request(bench.file("c", &framed(&tree.blocks(other)[9..])));
    let mut waits = reader(&bench, 60);
    let begun = Instant::now();
    bench.ingest(&append);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "an append does not wait"
    );
    let before = describe(&bench.utxo(&REGTEST));
    let error = bench.try_ingest(&fork).unwrap_err();
    assert!(begun.elapsed() > Duration::from_secs(19));
    let ChainError::Store(error) = error else {
        panic!("{error}")
    };
    assert!(matches!(error, StoreError::BeingRead(_)), "{error}");
    assert!(error.hint().unwrap().contains("try again"));
    assert_eq!(describe(&bench.utxo(&REGTEST)), before);
    bench.store().check().unwrap();
    waits.kill().unwrap();
    waits.wait().unwrap();
    // One that ends in time is waited for, and has seen nothing of it.
    let mut ends = reader(&bench, 1);
    bench.ingest(&fork);
    assert!(ends.wait().unwrap().success());
    assert_eq!(bench.utxo(&REGTEST).block_count(), 12);
    bench.store().check().unwrap();
}
