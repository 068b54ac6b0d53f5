//! Sources of chains of Ethereum's kind: a chain is the same whoever tells of it, and its balances are the node's.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use whither_chain::{Format, IngestRequest, LoadedChain};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::memory::MemoryAccounts;
use whither_ledger::view::{AccountView as _, ChainView as _, Destination, TxIx};

use crate::node::Node;
use crate::support::{Bench, data, request};

pub const SCENARIO: Chain = Chain::Evm(31337);

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/evm")
        .join(name)
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text
}

pub fn fixture_lines(name: &str) -> Vec<String> {
    unpacked(&fixture(name))
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The tables of ethereum-etl, unpacked, some left out and some changed.
pub fn etl_tables(change: impl Fn(&str, String) -> Option<String>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixture("ethereum-etl")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if let Some(text) = change(&name, unpacked(&path)) {
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    folder
}

pub fn asked(path: &Path, format: Format, chain: Option<Chain>) -> IngestRequest {
    IngestRequest {
        format: Some(format),
        chain,
        ..request(path)
    }
}

pub fn view(bench: &Bench, chain: &Chain) -> MemoryAccounts {
    match bench.store().load(chain).unwrap() {
        LoadedChain::Account(view) => view,
        LoadedChain::Utxo(_) => panic!("a chain of accounts"),
    }
}

/// The scenario as one of its exports tells it.
pub fn by_files(format: Format, blocks: Option<std::ops::RangeInclusive<u32>>) -> MemoryAccounts {
    let bench = Bench::new();
    let tables = etl_tables(|_, text| Some(text));
    let path = match format {
        Format::Cryo => fixture("cryo"),
        _ => tables.path().to_owned(),
    };
    let chain = (format != Format::Cryo).then_some(SCENARIO);
    bench.ingest(&IngestRequest {
        blocks,
        ..asked(&path, format, chain)
    });
    view(&bench, &SCENARIO)
}

/// Every leg of a view, one line each.
pub fn legs(view: &MemoryAccounts) -> Vec<String> {
    let owner = |holding| view.address(view.holding(holding).0).display(view.chain());
    let mut lines = Vec::new();
    for tx in (0..view.transaction_count()).map(TxIx::of) {
        for leg in view.legs(tx) {
            let from = leg.from.map_or_else(|| "mint".to_owned(), owner);
            let to = match leg.to {
                Destination::Holding(holding) => owner(holding),
                Destination::Burn => "burn".to_owned(),
                Destination::Fee => "fee".to_owned(),
            };
            let (asset, id) = (view.asset(leg.asset), view.transaction_id(tx));
            lines.push(format!(
                "{id}#{} {from} > {to} {} {asset}",
                leg.number, leg.amount
            ));
        }
    }
    lines
}

#[test]
fn exporters_of_one_chain_tell_the_same() {
    // cryo's files end one block earlier.
    let etl = by_files(Format::EthereumEtl, Some(0..=74));
    let cryo = by_files(Format::Cryo, None);
    assert_eq!(legs(&etl), legs(&cryo));
    assert_eq!(legs(&etl).len(), 153);
    assert_eq!(etl.coverage(), cryo.coverage());
    assert!(etl.coverage()[0].internal());
    assert_eq!(etl.content_id(), cryo.content_id());
    assert!(etl.notes().is_empty());
    // Both in one store are one chain, and no disagreement.
    let bench = Bench::new();
    let tables = etl_tables(|_, text| Some(text));
    bench.ingest(&asked(tables.path(), Format::EthereumEtl, Some(SCENARIO)));
    bench.ingest(&asked(&fixture("cryo"), Format::Cryo, None));
    let both = view(&bench, &SCENARIO);
    assert_eq!(legs(&both), legs(&by_files(Format::EthereumEtl, None)));
    assert!(both.notes().is_empty(), "{:?}", both.notes());
}

#[test]
fn the_same_exports_as_they_were_written_tell_it_too() {
    let Some(etl) = data("scenarios/evm-anvil/ethereum-etl") else {
        return;
    };
    let cryo = data("scenarios/evm-anvil/cryo").unwrap();
    for (path, format, chain, blocks) in [
        (&etl, Format::EthereumEtl, Some(SCENARIO), Some(0..=74)),
        (&cryo, Format::Cryo, None, None),
    ] {
        let bench = Bench::new();
        bench.ingest(&IngestRequest {
            blocks,
            ..asked(path, format, chain)
        });
        assert_eq!(
            legs(&view(&bench, &SCENARIO)),
            legs(&by_files(Format::Cryo, None))
        );
    }
}

fn node_view() -> MemoryAccounts {
    let bench = Bench::new();
    bench.ingest(&asked(Path::new(Node::new().url()), Format::Rpc, None));
    view(&bench, &SCENARIO)
}

fn decimal(value: &Value) -> U256 {
    U256::from_str_radix(value.as_str().unwrap(), 10).unwrap()
}

/// Tokens whose balances the node makes up: they answer the same for everybody.
const LIARS: [&str; 2] = [
    "0xdc64a140aa3e981100a9beca4e685f962f0cf6c9",
    "0x5fc8d32690cc91d4c39d9d3abcbd16989f875707",
];

#[test]
fn every_balance_is_the_one_the_node_answers() {
    let view = node_view();
    let told: Value = serde_json::from_str(&unpacked(&fixture("balances.json.gz"))).unwrap();
    let balance = |address: &Address, asset: &Asset| {
        let of = view.find_address(address);
        let holdings = of.into_iter().flat_map(|of| view.holdings(of));
        let mut own = holdings.filter(|one| *view.asset(view.holding(*one).1) == *asset);
        own.next().map_or(U256::ZERO, |holding| {
            assert_eq!(view.opening(holding), U256::ZERO, "{address:?} {asset}");
            view.final_balance(holding)
        })
    };
    let mut compared = 0;
    let coin = Asset::coin(&SCENARIO).unwrap();
    let mut compare = |asset: &Asset, balances: &Value| {
        for (text, amount) in balances.as_object().unwrap() {
            let address = Address::parse(&SCENARIO, text).unwrap();
            if !address.is_zero_account() {
                assert_eq!(balance(&address, asset), decimal(amount), "{text} {asset}");
                compared += 1;
            }
        }
    };
    compare(&coin, &told["native"]);
    for (contract, balances) in told["tokens"].as_object().unwrap() {
        if !LIARS.contains(&contract.as_str()) {
            let asset = format!("{SCENARIO}/erc20:{contract}").parse().unwrap();
            compare(&asset, balances);
        }
    }
    assert_eq!(compared, 5 * 50);
}

#[test]
fn each_block_closes() {
    let view = node_view();
    let blocks: Vec<BTreeMap<String, Value>> =
        serde_json::from_str(&unpacked(&fixture("changes.json.gz"))).unwrap();
    let coin = Asset::coin(&SCENARIO).unwrap();
    let mut balances: BTreeMap<String, U256> = BTreeMap::new();
    let mut txs = (0..view.transaction_count()).map(TxIx::of).peekable();
    let (mut fees, mut tips) = (U256::ZERO, U256::ZERO);
    for (height, changes) in (0..).zip(&blocks) {
        while let Some(tx) = txs.next_if(|tx| view.position(*tx).height == Some(height)) {
            let is_reward = view
                .transaction_id(tx)
                .to_string()
                .starts_with("row:reward");
            for leg in view.legs(tx).filter(|leg| *view.asset(leg.asset) == coin) {
                let owner = |holding| {
                    let address = view.address(view.holding(holding).0);
                    address.display(&SCENARIO).to_ascii_lowercase()
                };
                if let Some(from) = leg.from {
                    let held = balances.entry(owner(from)).or_default();
                    *held = held
                        .checked_sub(leg.amount)
                        .expect("nobody pays what he has not");
                }
                match leg.to {
                    Destination::Holding(to) => {
                        let held = balances.entry(owner(to)).or_default();
                        *held += leg.amount;
                    }
                    Destination::Fee => fees += leg.amount,
                    Destination::Burn => {}
                }
                tips += if is_reward { leg.amount } else { U256::ZERO };
            }
        }
        for (account, amount) in changes {
            let is_nobody = account.bytes().skip(2).all(|byte| byte == b'0');
            let held = balances.get(account).copied().unwrap_or_default();
            assert!(
                is_nobody || held == decimal(amount),
                "block {height}: {account}"
            );
        }
    }
    assert!(txs.next().is_none());
    // Nobody mines here: the zero address gets the tips, and they are the fees without what is burned.
    assert_eq!(tips, U256::ZERO);
    let mut last = blocks
        .iter()
        .filter_map(|changes| changes.get("0x0000000000000000000000000000000000000000"));
    let tips = decimal(last.next_back().unwrap());
    let bench = Bench::new();
    let report = bench.ingest(&asked(Path::new(Node::new().url()), Format::Rpc, None));
    let burned = U256::from(report.burned.unwrap());
    assert_eq!(U256::from(report.fees.unwrap()), fees);
    assert_eq!(fees, tips + burned);
}

#[test]
fn what_was_undone_moved_nothing_and_the_payout_is_there() {
    let told = legs(&by_files(Format::EthereumEtl, None));
    let quarter = " 250000000000000000 ";
    let undone: Vec<&String> = told.iter().filter(|leg| leg.contains(quarter)).collect();
    assert_eq!(
        undone.len(),
        1,
        "into the contract, and not out of it: {undone:?}"
    );
    let payout = " 166249791562447890611 ";
    assert_eq!(
        told.iter().filter(|leg| leg.contains(payout)).count(),
        4,
        "the wrapped coin to the router and burned there, the coin to the router and on to the thief"
    );
    // Without traces the payout is not there, and the promise says that it could not be.
    let tables = etl_tables(|name, text| (name != "traces.csv").then_some(text));
    let bench = Bench::new();
    let report = bench.ingest(&asked(tables.path(), Format::EthereumEtl, Some(SCENARIO)));
    assert!(!report.coverage[0].internal());
    let told = legs(&view(&bench, &SCENARIO));
    let payouts = told.iter().filter(|leg| leg.contains(payout));
    assert_eq!(
        payouts.count(),
        1,
        "the wrapped coin goes to the router, and nobody sees it burned"
    );
}

#[test]
fn calls_that_were_undone_alone_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let name = "network_31337__native_transfers__00000000_to_00000074.parquet";
    fs::copy(fixture("cryo").join(name), folder.path().join(name)).unwrap();
    let error = Bench::new().refuse(&asked(folder.path(), Format::Cryo, None));
    assert!(error.to_string().contains("never moved"), "{error}");
    assert!(error.hint().unwrap().contains("traces"));
}

#[test]
fn token_transfers_alone_may_be_numbers_of_things() {
    let Some(path) = data("eth/ethereum-etl/tests/resources/test_stream/blocks_17173049_17173050")
    else {
        return;
    };
    let main = Some(Chain::Evm(1));
    let bench = Bench::new();
    let report = bench.ingest(&asked(&path, Format::EthereumEtl, main.clone()));
    assert_eq!((report.blocks, report.transactions), (2, 298));
    assert!(
        report.skipped[0].why.starts_with("9 movements of things"),
        "{:?}",
        report.skipped
    );
    let tables = bench.store().tables(&Chain::Evm(1)).unwrap();
    let rows: Vec<_> = tables.iter().flat_map(|table| &table.rows).collect();
    let of = |asset: &str| {
        let all = rows
            .iter()
            .filter(|row| row.asset.as_str().ends_with(asset));
        all.filter(|row| row.kind == whither_ledger::memory::RowKind::Transfer)
            .count()
    };
    // 291 transfers as the exporter counts them, with 9 things.
    let tokens = rows
        .iter()
        .filter(|row| row.asset.as_str().contains("/erc20:"));
    let transfers = tokens.filter(|row| row.kind == whither_ledger::memory::RowKind::Transfer);
    assert_eq!(transfers.count() + 9, 291);
    assert_eq!(of("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"), 88);
    assert_eq!(of("0xdac17f958d2ee523a2206206994597c13d831ec7"), 41);
    // Without logs, only tokens that are known to be amounts are taken.
    let folder = tempfile::tempdir().unwrap();
    for name in ["blocks", "transactions", "token_transfers"] {
        let name = format!("expected_{name}.json");
        fs::copy(path.join(&name), folder.path().join(&name)).unwrap();
    }
    let bench = Bench::new();
    let report = bench.ingest(&asked(folder.path(), Format::EthereumEtl, main));
    assert!(
        report.skipped[0].why.contains("whether they are amounts"),
        "{:?}",
        report.skipped
    );
    assert!(matches!(
        report.coverage[0],
        whither_ledger::coverage::Coverage::Rows { .. }
    ));
}

#[test]
fn real_blocks_in_json_are_read_with_their_receipts() {
    let Some(trin) = data("eth/trin") else { return };
    for (height, transfers) in [(19_433_902, 128), (19_433_903, 130)] {
        let paths = vec![
            trin.join(format!("mainnet/block_{height}_value.json")),
            trin.join(format!("infura_batch/receipts-{height}.json")),
        ];
        let bench = Bench::new();
        bench.ingest(&IngestRequest {
            paths,
            ..asked(&trin, Format::EvmJson, Some(Chain::Evm(1)))
        });
        let tables = bench.store().tables(&Chain::Evm(1)).unwrap();
        let rows = tables.iter().flat_map(|table| &table.rows);
        let tokens = rows.filter(|row| {
            let is_transfer = row.kind == whither_ledger::memory::RowKind::Transfer;
            is_transfer && row.asset.as_str().contains("/erc20:")
        });
        assert_eq!(tokens.count(), transfers, "{height}");
    }
    let folder = data("eth/nimbus/nimbus_verified_proxy/tests/data").unwrap();
    let paths: Vec<PathBuf> = (22_431_080..=22_431_090)
        .map(|height| folder.join(format!("{height}.json")))
        .collect();
    let bench = Bench::new();
    let report = bench.ingest(&IngestRequest {
        paths,
        ..asked(&folder, Format::EvmJson, Some(Chain::Evm(1)))
    });
    assert_eq!((report.blocks, report.transactions), (11, 1479));
    assert!(
        report.skipped[0]
            .why
            .starts_with("1479 transactions without a receipt")
    );
    assert_eq!(report.fees, None);
}

/// Parquet has no checksums: a changed byte may be another amount. It must not be a panic, or take all memory.
#[test]
fn damaged_parquet_is_refused_or_read_and_never_a_panic() {
    let whole: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(fixture("cryo"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect();
    let mut refused = 0;
    for (number, (path, bytes)) in whole.iter().enumerate() {
        for step in 0..24 {
            let folder = tempfile::tempdir().unwrap();
            for (other, bytes) in &whole {
                fs::write(folder.path().join(other.file_name().unwrap()), bytes).unwrap();
            }
            let mut bytes = bytes.clone();
            let at = bytes.len() * step / 24;
            match step % 3 {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << (number % 8),
                _ => {
                    let end = (at + 8).min(bytes.len());
                    bytes[at..end].fill(0xff);
                }
            }
            fs::write(folder.path().join(path.file_name().unwrap()), &bytes).unwrap();
            let request = IngestRequest {
                dry_run: true,
                ..asked(folder.path(), Format::Cryo, None)
            };
            refused += usize::from(Bench::new().try_ingest(&request).is_err());
        }
    }
    assert!(refused > 40, "{refused}");
}
