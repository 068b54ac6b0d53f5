//! The columns of a chain of accounts answer as the view in memory does, are found when they are damaged, and
//! leave what was there when a build does not come to its end.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use whither_chain::accounts::{self, AccountColumns};
use whither_chain::{LoadedChain, StoreError};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView, AddressIx, AssetIx, ChainView as _, HoldingIx, TxIx};

use crate::made_rows::{Content, random_content};
use crate::support::{Bench, data, files, request};

/// Every answer that two views can give, compared.
fn agree(a: &impl AccountView, b: &impl AccountView) {
    assert_eq!(a.chain(), b.chain());
    assert_eq!(a.content_id(), b.content_id());
    assert_eq!(a.coverage(), b.coverage());
    assert_eq!(a.notes(), b.notes());
    assert_eq!(a.transaction_count(), b.transaction_count());
    assert_eq!(a.address_count(), b.address_count());
    assert_eq!(a.asset_count(), b.asset_count());
    assert!(a.zero_transfers().eq(b.zero_transfers()));
    assert_eq!(a.tokens(), b.tokens());
    assert!(a.blocks().eq(b.blocks()));
    for asset in (0..a.asset_count()).map(AssetIx::of) {
        assert_eq!(a.asset(asset), b.asset(asset));
    }
    for tx in (0..a.transaction_count()).map(TxIx::of) {
        agree_on_transaction(a, b, tx);
    }
    let mut holdings = 0;
    for ix in (0..a.address_count()).map(AddressIx::of) {
        let address = a.address(ix);
        assert_eq!(address, b.address(ix));
        assert_eq!(a.find_address(&address), Some(ix));
        assert_eq!(b.find_address(&address), Some(ix));
        assert_eq!(a.posting_count(ix), b.posting_count(ix));
        assert_eq!(a.is_covered(ix), b.is_covered(ix));
        assert_eq!(a.account_kind(ix), b.account_kind(ix));
        assert_eq!(a.holdings(ix).len(), b.holdings(ix).len());
        assert!(a.holdings(ix).eq(b.holdings(ix)));
        holdings += a.holdings(ix).len();
    }
    for holding in (0..holdings).map(HoldingIx::of) {
        agree_on_holding(a, b, holding);
    }
    for id in [
        TransactionId::Bitcoin([0; 32]),
        TransactionId::Other("no".into()),
    ] {
        assert_eq!(b.find_transaction(&id), []);
    }
    for address in [Address::P2sh([0xab; 20]), Address::Other("nobody".into())] {
        assert_eq!(b.find_address(&address), None);
    }
}

fn agree_on_transaction(a: &impl AccountView, b: &impl AccountView, tx: TxIx) {
    let id = a.transaction_id(tx);
    assert_eq!(id, b.transaction_id(tx));
    assert_eq!(a.find_transaction(&id), b.find_transaction(&id));
    assert_eq!(a.position(tx), b.position(tx), "{id}");
    assert_eq!(a.time(tx), b.time(tx), "{id}");
    assert_eq!(a.legs_are_ordered(tx), b.legs_are_ordered(tx), "{id}");
    assert_eq!(a.is_claimed(tx), b.is_claimed(tx), "{id}");
    assert_eq!(a.leg_count(tx), b.leg_count(tx), "{id}");
    assert!(a.legs(tx).eq(b.legs(tx)), "{id}");
    for other in (0..a.transaction_count()).map(TxIx::of) {
        assert_eq!(a.is_tie(tx, other), b.is_tie(tx, other), "{id}");
    }
}

fn agree_on_holding(a: &impl AccountView, b: &impl AccountView, holding: HoldingIx) {
    assert_eq!(a.holding(holding), b.holding(holding));
    assert_eq!(a.opening(holding), b.opening(holding));
    assert_eq!(a.final_balance(holding), b.final_balance(holding));
    let count = a.movement_count(holding);
    assert_eq!(count, b.movement_count(holding));
    assert!(a.postings(holding).eq(b.postings(holding)));
    assert!(a.postings(holding).rev().eq(b.postings(holding).rev()));
    for place in 0..=count {
        let balances = (
            a.balance_after(holding, place),
            b.balance_after(holding, place),
        );
        assert_eq!(balances.0, balances.1);
        if place < count {
            let at = a.posting(holding, place);
            assert_eq!(at, b.posting(holding, place));
            assert_eq!(b.movements_before(holding, |other| other < at), place);
            assert_eq!(b.movements_before(holding, |other| other <= at), place + 1);
        }
    }
}

/// As little memory as sorts can be given: each run has a few records.
const LITTLE: usize = 1 << 10;

/// Builds the columns of content and compares them with its view.
fn compare(root: &Path, content: &Content) -> AccountColumns {
    let built = accounts::build(
        root,
        &content.chain,
        &content.sources,
        &content.claims,
        "here",
        LITTLE,
    );
    built.unwrap_or_else(|error| panic!("{error}"));
    let opened = accounts::open(root).unwrap();
    agree(&content.view(), &opened);
    accounts::check(root).unwrap();
    assert!(accounts::is_current(root, "here") && !accounts::is_current(root, "there"));
    opened
}

/// Three chains, amounts on both sides of what a record has room for, notes, ties, claims, all promises.
#[test]
fn they_agree_on_random_ledgers() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for seed in 0..240 {
        let content = random_content(seed);
        let view = content.view();
        let opened = compare(&folder.path().join(seed.to_string()), &content);
        let is_told = |row: &TableRow| row.transaction.is_some() && row.height.is_some();
        let mut rows = content.sources.iter().flat_map(|source| &source.rows);
        if content.claims.is_empty() && rows.all(is_told) {
            seen.insert("sorted on disk");
            seen.extend((content.sources.len() > 1).then_some("two tables sorted on disk"));
        }
        seen.extend(view.notes().iter().map(|note| note.kind));
        seen.extend(view.coverage().iter().map(Coverage::kind));
        for tx in (0..opened.transaction_count()).map(TxIx::of) {
            seen.extend(opened.is_claimed(tx).then_some("claimed"));
            seen.extend(opened.legs_are_ordered(tx).then_some("ordered"));
            seen.extend((tx.0 > 0 && opened.is_tie(TxIx(tx.0 - 1), tx)).then_some("tie"));
            for leg in opened.legs(tx) {
                seen.extend((leg.amount.bit_len() == 95).then_some("95 bits"));
                seen.extend((leg.amount.bit_len() == 96).then_some("96 bits"));
            }
        }
        for address in (0..opened.address_count()).map(AddressIx::of) {
            seen.extend(opened.is_covered(address).then_some("covered"));
            let wide = |holding| opened.opening(holding).bit_len() > 95;
            seen.extend(opened.holdings(address).any(wide).then_some("wide opening"));
        }
    }
    let expected = [
        "95 bits",
        "96 bits",
        "addresses",
        "blocks",
        "claim-beside-rows",
        "claimed",
        "covered",
        "disagreement",
        "ordered",
        "rows",
        "sorted on disk",
        "tie",
        "two tables sorted on disk",
        "wide opening",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

/// What no table can tell, and the types can say: every form has a record.
#[test]
fn they_agree_on_ids_and_addresses_of_other_chains() {
    let chain = Chain::Evm(1);
    let script = |text: &str| Address::parse(&"bitcoin".parse().unwrap(), text).unwrap();
    let row = |transaction, from, to| TableRow {
        transaction: Some(transaction),
        height: Some(u32::MAX),
        index: Some(u32::MAX),
        time: Timestamp::MAX,
        log_index: Some(u32::MAX),
        kind: RowKind::Transfer,
        from,
        to,
        asset: Asset::usd(),
        amount: U256::MAX >> 32,
    };
    let rows = vec![
        row(
            TransactionId::Bitcoin([7; 32]),
            Address::P2pkh([1; 20]),
            Address::P2sh([2; 20]),
        ),
        row(
            TransactionId::Hash([7; 32]),
            script("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            Address::Tron([0; 20]),
        ),
        row(
            TransactionId::Other("".into()),
            Address::Other("".into()),
            Address::Other("é".into()),
        ),
    ];
    let coverage = Coverage::Rows {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
    };
    let source = TableSource {
        digest: [0; 32],
        coverage,
        rows,
        facts: whither_ledger::memory::Facts::default(),
    };
    let content = Content {
        chain,
        sources: vec![source],
        claims: Vec::new(),
    };
    let folder = tempfile::tempdir().unwrap();
    let opened = compare(folder.path(), &content);
    assert_eq!(opened.position(TxIx(0)).height, Some(u32::MAX));
}

/// Real tables, as their publishers made them, through ingest and store.
#[test]
fn they_agree_on_real_tables() {
    for path in [
        "cases/lazarus-ronin-ethdata/LazarusTabularTxs1322519.csv",
        "cases/mftracer-ground-truth/LIFI/LIFI.csv",
        "cases/mftracer-ground-truth/54m/54m.csv",
    ] {
        let Some(path) = data(path) else { return };
        let bench = Bench::new();
        let chain = bench.ingest(&request(&path)).chain;
        let store = bench.store();
        assert!(!store.build_columns(&chain).unwrap(), "ingest built them");
        let LoadedChain::Account(view) = store.load(&chain).unwrap() else {
            panic!("a table is of accounts")
        };
        agree(&view, &store.account_columns(&chain).unwrap().unwrap());
        let checked = accounts::check(&store.columns_folder(&chain)).unwrap();
        assert_eq!(checked.files, 21);
    }
}

/// A small chain that has something in every file.
fn small() -> (TempDir, PathBuf, Content) {
    let folder = tempfile::tempdir().unwrap();
    let full = (0..400).map(random_content).find(|content| {
        let view = content.view();
        let wide = |leg: whither_ledger::view::Leg| leg.amount.bit_len() > 95;
        let mut txs = (0..view.transaction_count()).map(TxIx::of);
        let zeros = view.zero_transfers().len();
        !view.notes().is_empty() && zeros > 0 && txs.any(|tx| view.legs(tx).any(wide))
    });
    let content = full.unwrap();
    let root = folder.path().join("columns");
    compare(&root, &content);
    (folder, root, content)
}

/// The files of the generation.
fn column_files(root: &Path) -> Vec<PathBuf> {
    let files = files(root).into_iter();
    let inner = files.filter(|(path, _)| path.parent() != Some(root));
    let inner: Vec<PathBuf> = inner.map(|(path, _)| path).collect();
    assert_eq!(inner.len(), 21, "{inner:?}");
    inner
}

#[test]
fn a_cut_longer_or_missing_file_is_refused_by_name() {
    let (_folder, root, content) = small();
    for path in column_files(&root) {
        let whole = fs::read(&path).unwrap();
        assert!(!whole.is_empty(), "{}", path.display());
        for bytes in [&whole[..whole.len() - 1], &[], &[&whole[..], &[0]].concat()] {
            fs::write(&path, bytes).unwrap();
            let text = accounts::open(&root).unwrap_err().to_string();
            let sizes = format!("{} bytes instead of {}", bytes.len(), whole.len());
            assert!(text.contains(&path.display().to_string()), "{text}");
            assert!(text.contains(&sizes), "{text}");
        }
        fs::remove_file(&path).unwrap();
        for error in [
            accounts::open(&root).unwrap_err(),
            accounts::check(&root).unwrap_err(),
        ] {
            assert!(
                matches!(&error, StoreError::MissingColumn(named) if *named == path),
                "{error}"
            );
        }
        fs::write(&path, whole).unwrap();
    }
    agree(&content.view(), &accounts::open(&root).unwrap());
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        accounts::open(empty.path()),
        Err(StoreError::NoColumns(_))
    ));
}

#[test]
fn a_flipped_bit_is_found_and_its_file_named() {
    let (_folder, root, content) = small();
    for path in column_files(&root) {
        let whole = fs::read(&path).unwrap();
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            let error = accounts::check(&root).unwrap_err();
            assert!(
                matches!(&error, StoreError::ColumnDamaged { path: named, .. } if *named == path),
                "{error}"
            );
            assert!(error.hint().is_some());
        }
        fs::write(&path, whole).unwrap();
    }
    // Built again, damaged columns are mended.
    fs::write(&column_files(&root)[3], b"nonsense").unwrap();
    assert!(accounts::check(&root).is_err());
    compare(&root, &content);
}

#[test]
fn a_changed_manifest_is_refused() {
    let (_folder, root, _) = small();
    let path = root.join("columns.json");
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = accounts::open(&root).unwrap_err().to_string();
        assert!(error.contains("columns.json"), "byte {place}: {error}");
    }
}

/// A build that was killed has left a folder that nothing names, or a generation that nothing names yet.
#[test]
fn what_a_killed_build_left_is_not_read_and_goes_with_the_next() {
    let (_folder, root, content) = small();
    for left in [
        "building",
        "sorting",
        "generation-00000000000000000000000000000000",
    ] {
        fs::create_dir(root.join(left)).unwrap();
        fs::write(root.join(left).join("tx.id"), b"half").unwrap();
    }
    agree(&content.view(), &accounts::open(&root).unwrap());
    let other = random_content(1);
    let before = files(&root.join("..")).len();
    compare(&root, &other);
    assert!(files(&root.join("..")).len() < before);
    let left = fs::read_dir(&root).unwrap().count();
    assert_eq!(left, 3, "lock, manifest, one generation");
    // A manifest whose generation is gone is as good as none for the next build.
    let generation = column_files(&root)[0].parent().unwrap().to_owned();
    fs::remove_dir_all(generation).unwrap();
    assert!(matches!(
        accounts::open(&root),
        Err(StoreError::MissingColumn(_))
    ));
    compare(&root, &other);
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let of = |folder: &TempDir, room: usize| {
        let content = random_content(8);
        let (sources, claims) = (&content.sources, &content.claims);
        accounts::build(folder.path(), &content.chain, sources, claims, "here", room).unwrap();
        let named = |(path, bytes): (PathBuf, Vec<u8>)| {
            (path.strip_prefix(folder.path()).unwrap().to_owned(), bytes)
        };
        files(folder.path())
            .into_iter()
            .map(named)
            .collect::<Vec<_>>()
    };
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(of(&one, LITTLE), of(&other, 1 << 20));
}

/// An ingest makes columns stale, and the next build replaces them.
#[test]
fn columns_of_what_the_store_held_before_are_not_opened() {
    let bench = Bench::new();
    let thief = "098b716b8aaf21512996dc57eb0615e2383e2f96";
    let row = |day: u8, to: u8| format!("2022-04-{day}T00:00:00Z,\\x{thief},\\x{to:040x},1.5\n");
    let table = |rows: &[String]| {
        let text = format!("block_time,from,to,total_eth\n{}", rows.concat());
        bench.ingest(&request(bench.file("table.csv", text.as_bytes())))
    };
    let chain = table(&[row(11, 2)]).chain;
    let before = files(&bench.store().columns_folder(&chain));
    table(&[row(11, 2), row(12, 3)]);
    let folder = bench.store().columns_folder(&chain);
    fs::remove_dir_all(&folder).unwrap();
    for (path, bytes) in before {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    assert!(accounts::check(&folder).is_ok(), "whole, and of less");
    assert!(bench.store().account_columns(&chain).unwrap().is_none());
    assert!(bench.store().build_columns(&chain).unwrap());
    let opened = bench.store().account_columns(&chain).unwrap().unwrap();
    assert_eq!(opened.transaction_count(), 2);
    // A flipped bit is mended by the next ingest of anything.
    let path = bench.store().columns_folder(&chain);
    let leg = column_files(&path)
        .into_iter()
        .find(|path| path.ends_with("leg.leg"));
    let leg = leg.unwrap_or_else(|| panic!("{}", path.display()));
    let mut bytes = fs::read(&leg).unwrap();
    bytes[20] ^= 1;
    fs::write(&leg, bytes).unwrap();
    assert!(bench.store().build_columns(&chain).unwrap());
    assert!(accounts::check(&path).is_ok());
}
