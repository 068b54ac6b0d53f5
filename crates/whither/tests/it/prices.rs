//! Price series in a store: kept beside the chains, never in their way, and damage is found.

use std::fs;
use std::path::{Path, PathBuf};

use whither::ingest::Silent;
use whither::prices::{Convention, Imported, Request, book, import, pair, status};
use whither::store::Store;
use whither::upkeep::{check, compact};
use whither::{Error, Question, answer};

use crate::support::desk;

const BLOCK_9: &str = "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0";

fn take(store: &Path, text: &str) -> Result<Imported, Error> {
    let request = Request {
        file: PathBuf::from("prices.csv"),
        bytes: Some(text.as_bytes().to_vec()),
        pair: pair("bitcoin", None).unwrap(),
        convention: Convention::Close,
        source: "made up".to_owned(),
        licence: None,
        decimals: None,
        dry_run: false,
    };
    import(store, request)
}

fn files(store: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(store.join("prices")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "prices"));
    paths.sort();
    paths
}

const ONE: &str = "date,price\n2020-01-01,7200\n";
const TWO: &str = "date,price\n2020-01-01,7300\n";

#[test]
fn prices_and_chains_do_not_disturb_each_other() {
    let blocks = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/first-blocks/first-100k-blocks.dat");
    let mut desk = desk();
    let store = desk.path("store");
    // Before there is any chain, beside one, and after it is written anew.
    take(&store, ONE).unwrap();
    let kept: Vec<Vec<u8>> = files(&store)
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    let checked = check(&store, &Silent).unwrap();
    assert_eq!(
        (checked.files, checked.bytes),
        (1, u64::try_from(kept[0].len()).unwrap())
    );
    desk.ingest(&blocks);
    take(&store, TWO).unwrap();
    let chain_files = check(&store, &Silent).unwrap().files - 2;
    compact(&store, &Silent).unwrap();
    assert_eq!(check(&store, &Silent).unwrap().files, chain_files + 2);
    let now = files(&store);
    assert_eq!(fs::read(&now[0]).unwrap(), kept[0]);
    assert_eq!(now.len(), 2);
    let reopened = Store::open(&store).unwrap();
    let question = Question::from(vec![BLOCK_9.to_owned()]);
    assert!(answer(&reopened, None, &question).is_ok());
    assert_eq!(book(&store).unwrap().series().len(), 1);
}

#[test]
fn a_changed_byte_is_found_and_a_foreign_name_is_no_series() {
    let desk = desk();
    let store = desk.path("store");
    take(&store, ONE).unwrap();
    take(&store, TWO).unwrap();
    fs::write(store.join("prices/notes.txt"), "mine").unwrap();
    fs::write(store.join("prices/incoming"), "half a series").unwrap();
    assert_eq!(status(&store).unwrap().series.len(), 2);
    let paths = files(&store);
    let whole = fs::read(&paths[1]).unwrap();
    let price = whole.windows(4).position(|bytes| bytes == b"7300").unwrap();
    let mut changed = whole.clone();
    changed[price] = b'9';
    fs::write(&paths[1], &changed).unwrap();
    for error in [
        book(&store).map(drop).unwrap_err(),
        status(&store).map(drop).unwrap_err(),
        check(&store, &Silent).map(drop).unwrap_err(),
        take(&store, ONE).map(drop).unwrap_err(),
    ] {
        assert!(error.to_string().contains("checksum"), "{error}");
        assert!(
            error.to_string().contains(paths[1].to_str().unwrap()),
            "{error}"
        );
    }
    // The older version in the newer's place is told too.
    fs::copy(&paths[0], &paths[1]).unwrap();
    assert!(
        book(&store)
            .unwrap_err()
            .to_string()
            .contains("name of another")
    );
    fs::write(&paths[1], &whole).unwrap();
    assert!(book(&store).is_ok());
}

#[test]
fn a_second_writer_waits_outside() {
    let desk = desk();
    let store = desk.path("store");
    take(&store, ONE).unwrap();
    let lock = fs::File::open(store.join("prices/lock")).unwrap();
    lock.lock().unwrap();
    let error = take(&store, TWO).unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
    assert_eq!(status(&store).unwrap().series.len(), 1);
    drop(lock);
    assert_eq!(take(&store, TWO).unwrap().series.version, 2);
}

#[test]
fn a_file_that_is_refused_leaves_the_store_as_it_was() {
    let desk = desk();
    let store = desk.path("store");
    take(&store, "date,price\n2020-01-01,null\n").unwrap_err();
    assert!(!store.exists());
    assert_eq!(status(&store).unwrap().series.len(), 0);
}
