//! The store on disk: nothing half-written counts, nothing damaged passes, nothing is written without need.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use whither_chain::{
    ChainError, IngestRequest, LoadedChain, Progress, Silent, Store, StoreError, ingest, status,
};
use whither_ledger::chain::Chain;
use whither_ledger::view::ChainView as _;

use crate::made::{extend, framed, genesis};
use crate::support::{BITCOIN, Bench, REGTEST, describe, files, first_blocks, request};

fn regtest(bench: &Bench, count: usize) -> IngestRequest {
    let blocks = [vec![genesis()], extend(&genesis(), count, 1)].concat();
    request(bench.file("regtest", &framed(&blocks)))
}

fn names(bench: &Bench) -> Vec<String> {
    let root = bench.store_path();
    files(&root)
        .iter()
        .map(|(path, _)| {
            path.strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn content_lies_in_plain_files_under_its_chains_name() {
    let bench = Bench::new();
    bench.ingest(&request(first_blocks()));
    bench.ingest(&regtest(&bench, 2));
    let names = names(&bench);
    let of = |chain: &str| {
        let folder = format!("bip122_{chain}/columns/");
        names
            .iter()
            .filter(|name| name.starts_with(&folder))
            .count()
    };
    // 13 columns with checksums, spends, two tables, the readers' lock, and a run for each bit of 439 and of 3.
    assert_eq!(of("000000000019d6689c085ae165831e93"), 30 + 7, "{names:?}");
    assert_eq!(of("0f9188f13cb7b2c71f2a335e3a4fc328"), 30 + 2, "{names:?}");
    assert_eq!(names[names.len() - 2..], ["lock", "manifest.json"]);
    assert_eq!(names.len(), 37 + 32 + 2);
}

#[test]
fn the_same_bytes_twice_change_nothing() {
    let bench = Bench::new();
    let first = bench.ingest(&request(first_blocks()));
    let before = files(&bench.store_path());
    let times = |bench: &Bench| -> Vec<_> {
        let paths = files(&bench.store_path());
        let time = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
        paths.iter().map(|(path, _)| time(path)).collect()
    };
    let written = times(&bench);
    let mut second = bench.ingest(&request(first_blocks()));
    assert!(second.unchanged && !first.unchanged);
    second.unchanged = false;
    assert_eq!(first, second);
    assert_eq!(files(&bench.store_path()), before);
    assert_eq!(times(&bench), written);
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let bench = Bench::new();
    let dry = IngestRequest {
        dry_run: true,
        ..request(first_blocks())
    };
    let told = bench.ingest(&dry);
    assert!(!bench.store_path().exists());
    assert_eq!(bench.ingest(&request(first_blocks())), told);
    let before = files(&bench.store_path());
    let dry = IngestRequest {
        dry_run: true,
        ..regtest(&bench, 3)
    };
    assert_eq!(bench.ingest(&dry).blocks, 4);
    assert_eq!(files(&bench.store_path()), before);
}

#[test]
fn an_empty_place_is_no_store_to_read_from() {
    let bench = Bench::new();
    let error = Store::open(&bench.store_path()).unwrap_err();
    assert!(matches!(error, StoreError::NoStore(_)), "{error}");
    assert!(error.hint().unwrap().contains("whither ingest"));
    let store = bench.store();
    assert!(store.chains().is_empty() && status(&store).unwrap().is_empty());
    let error = store.load(&BITCOIN).unwrap_err();
    assert!(matches!(error, StoreError::NoChain { .. }), "{error}");
    bench.ingest(&regtest(&bench, 1));
    let error = Store::open(&bench.store_path())
        .unwrap()
        .load(&BITCOIN)
        .unwrap_err();
    assert!(error.hint().unwrap().contains(&REGTEST.to_string()));
    let error = bench.store().load(&Chain::Evm(1)).unwrap_err();
    assert!(error.to_string().contains("eip155:1"), "{error}");
}

/// Any byte changed is found by a check; a file cut or gone already by opening; both name the file.
#[test]
fn damage_is_found() {
    let bench = Bench::new();
    let blocks = [vec![genesis()], extend(&genesis(), 40, 1)].concat();
    bench.ingest(&request(bench.file("regtest", &framed(&blocks))));
    let root = bench.store_path();
    let columns: Vec<String> = names(&bench)
        .into_iter()
        .filter(|name| name.contains("/columns/") && !name.ends_with("readers"))
        .collect();
    let mut changed = 0;
    for name in &columns {
        let path = root.join(name);
        let good = fs::read(&path).unwrap();
        let file = name.rsplit('/').next().unwrap().trim_end_matches(".sum");
        for place in (0..good.len()).step_by(1 + good.len() / 60) {
            let mut bytes = good.clone();
            bytes[place] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            let found = Store::open(&root).unwrap().check();
            let Err(error) = found else {
                panic!("{name}: byte {place}: not found")
            };
            assert!(
                error.to_string().contains(file),
                "{name}: byte {place}: {error}"
            );
            assert!(error.hint().is_some());
            changed += 1;
        }
        fs::write(&path, &good).unwrap();
        if good.is_empty() || name.ends_with(".sum") {
            continue;
        }
        fs::write(&path, &good[..good.len() - 1]).unwrap();
        let error = Store::open(&root).unwrap().load(&REGTEST).unwrap_err();
        assert!(error.to_string().contains(file), "{name}: {error}");
        fs::remove_file(&path).unwrap();
        let error = Store::open(&root).unwrap().load(&REGTEST).unwrap_err();
        assert!(
            matches!(&error, StoreError::MissingColumn(_)),
            "{name}: {error}"
        );
        assert!(error.to_string().contains(file), "{name}: {error}");
        fs::write(&path, &good).unwrap();
    }
    assert!(changed > 500, "{changed} bytes were changed");
    Store::open(&root).unwrap().check().unwrap();
}

#[test]
fn a_manifest_that_is_none_is_an_error() {
    let bench = Bench::new();
    bench.ingest(&regtest(&bench, 1));
    let manifest = bench.store_path().join("manifest.json");
    let good = fs::read_to_string(&manifest).unwrap();
    for text in ["", "{", "null", &good[..good.len() / 2]] {
        fs::write(&manifest, text).unwrap();
        let error = Store::open(&bench.store_path()).unwrap_err();
        assert!(error.to_string().contains("manifest.json"), "{error}");
    }
    fs::write(
        &manifest,
        good.replace("whither.store/2", "whither.store/9"),
    )
    .unwrap();
    let error = Store::open(&bench.store_path()).unwrap_err();
    assert!(error.to_string().contains("whither.store/9"), "{error}");
}

/// What a crash leaves behind is not read, and goes with the next write.
#[test]
fn leftovers_are_ignored_and_removed() {
    let bench = Bench::new();
    bench.ingest(&regtest(&bench, 1));
    let before = describe(&bench.utxo(&REGTEST));
    let root = bench.store_path();
    let folder = root.join("bip122_0f9188f13cb7b2c71f2a335e3a4fc328");
    let left = [
        root.join(".tmp-0"),
        root.join(".tmp-17"),
        folder.join(format!("{}.aside.jsonl", "ab".repeat(32))),
        folder.join(format!("{}.rows", "cd".repeat(32))),
        folder.join("columns/posts-0-1.new"),
        folder.join("columns/tx.slots-1536-0"),
    ];
    let other = [
        root.join("lists").join(".tmp-0"),
        folder.join("notes.txt"),
        folder.join("ab.blk"),
        root.join("lists").join(format!("{}.blk", "ab".repeat(32))),
    ];
    fs::create_dir(root.join("lists")).unwrap();
    for path in left.iter().chain(&other) {
        fs::write(path, b"half a").unwrap();
    }
    assert_eq!(describe(&bench.utxo(&REGTEST)), before);
    assert!(left[0].exists(), "reading removes nothing");
    bench.ingest(&regtest(&bench, 2));
    assert!(left.iter().all(|path| !path.exists()));
    assert!(
        other.iter().all(|path| path.exists()),
        "what we did not write is not ours to remove"
    );
}

/// Ingests into the store while another ingest is being written.
struct Meanwhile<'bench> {
    bench: &'bench Bench,
    result: std::cell::RefCell<Option<Result<u64, ChainError>>>,
}

impl Progress for Meanwhile<'_> {
    fn report(&self, _done: u64, _total: u64, what: &str) {
        if what == "taking blocks in" && self.result.borrow().is_none() {
            let open = Store::open(&self.bench.store_path()).unwrap();
            assert!(
                matches!(open.load(&REGTEST), Ok(LoadedChain::Utxo(_))),
                "readers need no lock"
            );
            let result = self.bench.try_ingest(&request(first_blocks()));
            *self.result.borrow_mut() = Some(result.map(|report| report.blocks));
        }
    }
}

#[test]
fn one_writes_at_a_time_and_all_may_read() {
    let bench = Bench::new();
    bench.ingest(&regtest(&bench, 1));
    let meanwhile = Meanwhile {
        bench: &bench,
        result: std::cell::RefCell::new(None),
    };
    ingest(&mut bench.store(), &regtest(&bench, 3), &meanwhile).unwrap();
    let result = meanwhile.result.into_inner().unwrap();
    let Err(ChainError::Store(error)) = result else {
        panic!("{result:?}")
    };
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    assert_eq!(
        bench.ingest(&request(first_blocks())).blocks,
        439,
        "afterwards it may"
    );
}

/// Two stores that were opened before either wrote: neither forgets what the other has committed.
#[test]
fn a_store_opened_earlier_learns_of_what_was_committed_since() {
    let bench = Bench::new();
    let (mut one, mut two) = (bench.store(), bench.store());
    ingest(&mut one, &regtest(&bench, 2), &Silent).unwrap();
    ingest(&mut two, &request(first_blocks()), &Silent).unwrap();
    let report = ingest(&mut one, &regtest(&bench, 2), &Silent).unwrap();
    assert!(report.unchanged);
    assert_eq!(one.chains(), [BITCOIN, REGTEST]);
    assert_eq!(Store::open(&bench.store_path()).unwrap().chains().len(), 2);
}

/// A source that becomes another good one of the same length on the way.
struct Swaps(PathBuf, Vec<u8>);

impl Progress for Swaps {
    fn report(&self, _done: u64, _total: u64, what: &str) {
        if what != "taking blocks in" {
            fs::write(&self.0, &self.1).unwrap();
        }
    }
}

#[test]
fn a_source_that_is_swapped_on_the_way_is_not_committed() {
    let bench = Bench::new();
    let (one, two) = (extend(&genesis(), 1, 1), extend(&genesis(), 1, 2));
    let source = request(bench.file("one", &framed(&one)));
    let swaps = Swaps(source.paths[0].clone(), framed(&two));
    let error = ingest(&mut bench.store(), &source, &swaps).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("has changed while it was being read"),
        "{error}"
    );
    assert!(bench.store().chains().is_empty());
}

/// A source that changes between being checked and being copied.
struct Changes(PathBuf);

impl Progress for Changes {
    fn report(&self, _done: u64, _total: u64, what: &str) {
        if what != "taking blocks in" {
            let mut bytes = fs::read(&self.0).unwrap();
            let last = bytes.len() - 20;
            bytes[last] ^= 1;
            fs::write(&self.0, bytes).unwrap();
        }
    }
}

#[test]
fn a_source_that_changes_on_the_way_is_not_committed() {
    let bench = Bench::new();
    let source = regtest(&bench, 0);
    bench.ingest(&source);
    let before = files(&bench.store_path());
    let source = request(bench.file("more", &framed(&extend(&genesis(), 1, 9))));
    let changes = Changes(source.paths[0].clone());
    let error = ingest(&mut bench.store(), &source, &changes).unwrap_err();
    assert!(error.to_string().contains("more: byte"), "{error}");
    assert_eq!(files(&bench.store_path()), before);
}

const CHILD: &str = "WHITHER_TEST_INGEST_INTO";

/// Not a test by itself: what the next one starts and kills.
#[test]
fn child_that_ingests() {
    let Some(root) = std::env::var_os(CHILD) else {
        return;
    };
    let mut store = Store::create_or_open(&PathBuf::from(root)).unwrap();
    ingest(&mut store, &request(first_blocks()), &Silent).unwrap();
}

/// Killed at any moment, an ingest is there whole or not at all, and the next one needs no repair.
#[test]
fn a_killed_ingest_leaves_all_or_nothing() {
    let whole = Bench::new();
    whole.ingest(&request(first_blocks()));
    let expected = describe(&whole.utxo(&BITCOIN));
    let bench = Bench::new();
    bench.ingest(&regtest(&bench, 1));
    let mut before = 0;
    for delay in (0..40).map(|step| Duration::from_millis(step * 3)) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["store::child_that_ingests", "--exact"])
            .env(CHILD, bench.store_path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(delay);
        let _ = child.kill();
        child.wait().unwrap();
        let store = Store::open(&bench.store_path()).unwrap();
        store.load(&REGTEST).unwrap();
        if store.chains().contains(&BITCOIN) {
            assert_eq!(describe(&bench.utxo(&BITCOIN)), expected);
            break;
        }
        before += 1;
    }
    eprintln!("killed {before} times before it was done");
    bench.ingest(&request(first_blocks()));
    assert_eq!(describe(&bench.utxo(&BITCOIN)), expected);
    bench.store().check().unwrap();
    let left = names(&bench);
    assert_eq!(left.len(), 37 + 31 + 2, "{left:?}");
}

#[test]
fn a_view_knows_nothing_of_other_chains() {
    let bench = Bench::new();
    bench.ingest(&request(first_blocks()));
    let alone = bench.utxo(&BITCOIN).content_id();
    bench.ingest(&regtest(&bench, 5));
    assert_eq!(bench.utxo(&BITCOIN).content_id(), alone);
}

/// A store that has lost its manifest is not taken for an empty place, whose leftovers may be removed.
#[test]
fn chains_without_a_manifest_are_not_touched() {
    let bench = Bench::new();
    bench.ingest(&regtest(&bench, 4));
    let before = files(&bench.store_path());
    fs::remove_file(bench.store_path().join("manifest.json")).unwrap();
    let error = bench.try_ingest(&regtest(&bench, 5)).unwrap_err();
    assert!(error.to_string().contains("no manifest.json"), "{error}");
    assert!(error.hint().is_some());
    assert!(Store::create_or_open(&bench.store_path()).is_err());
    let after = files(&bench.store_path());
    assert_eq!(after.len(), before.len() - 1);
    assert!(after.iter().all(|file| before.contains(file)));
}
