//! A theft run on a real node, from its exported tables: swap, peel chain, deposits, spam. The tables are read here
//! by hand, so that what a source makes of them is not tested by itself. Runs where `WHITHER_TEST_DATA` is set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use whither_analysis::trace::result::{EndpointKind, Trace};
use whither_analysis::trace::{
    Direction, Knowledge, KnownService, OriginPlace, Policy, Request, Stops, Window, trace_accounts,
};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{Facts, MemoryAccounts, RowKind, TableRow, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;

use crate::outputs::origin;

const CHAIN: Chain = Chain::Evm(31337);
const NOBODY: &str = "0x0000000000000000000000000000000000000000";
const USDT: &str = "0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9";
const WETH: &str = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const ROUTER: &str = "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0";
const DISPERSE: &str = "0x2279b7a0a67db372996a5fab50d91eaa73d2ebe6";
const THIEF: &str = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";
const HOT: &str = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";
const THEFT: &str = "0x4409fc4f7bae8a2b97c095e3b4185106e18ecb25ea607de8a600272a037b8790";
const SWAPPED_WEI: &str = "166249791562447890611";

pub fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("WHITHER_TEST_DATA")?;
    Some(Path::new(&root).join(folder)).filter(|path| path.exists())
}

/// Rows of a CSV file by the names of their columns; cells in quotes may hold commas.
pub fn csv(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                other => cells.last_mut().unwrap().push(other),
            }
        }
        cells
    });
    let names = lines.next().unwrap();
    lines
        .map(|cells| names.iter().cloned().zip(cells).collect())
        .collect()
}

fn address(text: &str) -> Address {
    Address::parse(&CHAIN, text).unwrap()
}

fn token(contract: &str) -> Asset {
    format!("{CHAIN}/erc20:{contract}").parse().unwrap()
}

fn amount(text: &str) -> U256 {
    text.parse().unwrap()
}

/// Where each transaction stands.
struct Places(BTreeMap<String, (u32, u32, i64)>);

impl Places {
    fn row(&self, id: &str, kind: RowKind, log_index: Option<u32>, asset: Asset) -> TableRow {
        let (height, index, seconds) = self.0[id];
        TableRow {
            transaction: Some(TransactionId::parse(&CHAIN, id).unwrap()),
            height: Some(height),
            index: Some(index),
            time: Timestamp::from_seconds(seconds).unwrap(),
            log_index,
            kind,
            from: address(NOBODY),
            to: address(NOBODY),
            asset,
            amount: U256::ZERO,
        }
    }
}

/// The address in a topic or a word of data.
fn word(text: &str) -> Address {
    address(&format!("0x{}", &text[text.len() - 40..]))
}

/// What contracts say beside transfers: wraps, and funds of a black list destroyed.
fn events(places: &Places, folder: &Path) -> Vec<TableRow> {
    let mut rows = Vec::new();
    for log in csv(&folder.join("logs.csv")) {
        let topics: Vec<&str> = log["topics"].split(',').collect();
        let index = log["log_index"].parse().ok();
        let row = |kind| {
            places.row(
                &log["transaction_hash"],
                kind,
                index,
                token(&log["address"]),
            )
        };
        let data = log["data"].trim_start_matches("0x");
        let number = |word: &str| U256::from_str_radix(word, 16).unwrap();
        rows.extend(match &topics[0][..10] {
            "0x7fcf532c" => Some(TableRow {
                from: word(topics[1]),
                amount: number(data),
                ..row(RowKind::Wrap)
            }),
            "0xe1fffcc4" => Some(TableRow {
                to: word(topics[1]),
                amount: number(data),
                ..row(RowKind::Wrap)
            }),
            "0x61e6e66b" => Some(TableRow {
                from: word(&data[..64]),
                amount: number(&data[64..]),
                ..row(RowKind::Transfer)
            }),
            _ => None,
        });
    }
    rows
}

fn view(folder: &Path, internal: bool) -> MemoryAccounts {
    let coin = Asset::coin(&CHAIN).unwrap();
    let transactions = csv(&folder.join("transactions.csv"));
    let place = |row: &BTreeMap<String, String>| {
        let number = |name: &str| row[name].parse::<u32>().unwrap();
        let time = row["block_timestamp"].parse::<i64>().unwrap();
        (
            row["hash"].clone(),
            (number("block_number"), number("transaction_index"), time),
        )
    };
    let places = Places(transactions.iter().map(place).collect());
    let mut facts = Facts::default();
    let mut rows = events(&places, folder);
    let mut failed = std::collections::BTreeSet::new();
    for receipt in csv(&folder.join("receipts.csv")) {
        let id = &receipt["transaction_hash"];
        if receipt["status"] != "1" {
            failed.insert(id.clone());
        }
        if receipt["contract_address"].len() == 42 {
            facts
                .contracts
                .insert(address(&receipt["contract_address"]));
        }
        let sent = transactions.iter().find(|row| row["hash"] == *id).unwrap();
        rows.push(TableRow {
            from: address(&sent["from_address"]),
            amount: amount(&receipt["gas_used"]) * amount(&receipt["effective_gas_price"]),
            ..places.row(id, RowKind::Fee, None, coin.clone())
        });
    }
    for transfer in csv(&folder.join("token_transfers.csv")) {
        let index = transfer["log_index"].parse().ok();
        let asset = token(&transfer["token_address"]);
        rows.push(TableRow {
            from: address(&transfer["from_address"]),
            to: address(&transfer["to_address"]),
            amount: amount(&transfer["value"]),
            ..places.row(
                &transfer["transaction_hash"],
                RowKind::Transfer,
                index,
                asset,
            )
        });
    }
    let frames = if internal {
        csv(&folder.join("traces_parity.csv"))
    } else {
        let mut sent = transactions.clone();
        sent.retain(|row| !failed.contains(&row["hash"]) && row["to_address"].len() == 42);
        sent.iter_mut().for_each(|row| {
            let id = row["hash"].clone();
            row.insert("transaction_hash".to_owned(), id);
            row.insert("status".to_owned(), "1".to_owned());
        });
        sent
    };
    for (index, frame) in (0..).zip(frames) {
        if frame["status"] == "1" && frame["value"] != "0" && !frame["value"].is_empty() {
            rows.push(TableRow {
                from: address(&frame["from_address"]),
                to: address(&frame["to_address"]),
                amount: amount(&frame["value"]),
                ..places.row(
                    &frame["transaction_hash"],
                    RowKind::Transfer,
                    Some(index),
                    coin.clone(),
                )
            });
        }
    }
    let source = TableSource {
        digest: [7; 32],
        coverage: Coverage::Blocks {
            first: Some(0),
            last: Some(75),
            internal,
        },
        rows,
        facts,
    };
    MemoryAccounts::build(CHAIN, &[source])
}

fn trace(view: &MemoryAccounts, policy: Policy) -> Trace {
    let service = KnownService {
        kind: EndpointKind::Service,
        name: "hot wallet".to_owned(),
        identity: "hot wallet".to_owned(),
        category: "exchange".to_owned(),
        claim: "c1".to_owned(),
        valid: Window::default(),
    };
    let theft = TransactionId::parse(&CHAIN, THEFT).unwrap();
    let request = Request {
        origins: vec![origin(OriginPlace::Transaction(theft))],
        policy,
        direction: Direction::Forward,
        window: Window::default(),
        stops: Stops::default(),
        knowledge: Knowledge {
            services: [(address(HOT), vec![service])].into(),
            ..Knowledge::default()
        },
        may_enter: std::collections::BTreeMap::new(),
    };
    trace_accounts(view, &request).unwrap()
}

fn sum(found: &Trace, kind: &str, who: &str, asset: &Asset) -> U256 {
    let here = found.endpoints.iter().filter(|end| {
        let address = end.address.clone().unwrap_or_default().to_lowercase();
        end.kind.name() == kind && address == who && end.asset == asset.to_string()
    });
    here.fold(U256::ZERO, |sum, end| sum + amount(&end.amount))
}

#[test]
fn the_stolen_tokens_are_followed_through_the_swap_to_the_hot_wallet() {
    let Some(folder) = data("scenarios/evm-anvil/ethereum-etl") else {
        return;
    };
    let view = view(&folder, true);
    let (coin, usdt) = (Asset::coin(&CHAIN).unwrap(), token(USDT));
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Tiho] {
        let found = trace(&view, policy);
        let [swap] = found.conversions.as_slice() else {
            panic!("{policy}: {:?}", found.conversions)
        };
        assert_eq!(swap.address.as_ref().unwrap().to_lowercase(), THIEF);
        assert_eq!(
            (&*swap.taken[0].asset, &*swap.taken[0].tainted),
            (usdt.as_str(), "400000000000")
        );
        assert_eq!(
            (&*swap.given[0].asset, &*swap.given[0].tainted),
            (coin.as_str(), SWAPPED_WEI)
        );
        assert_eq!(
            sum(&found, "service", HOT, &usdt),
            U256::from(1_000_000_000_u64)
        );
        // Destroyed by the issuer; only an event of its own tells it.
        assert_eq!(
            sum(&found, "burn", NOBODY, &usdt),
            U256::from(99_000_000_000_u64)
        );
        // The quarter of a coin that was sent in a call that failed.
        let reverted = U256::from(250_000_000_000_000_000_u64);
        // It stays with the contract that called.
        let arrived = found
            .edges
            .iter()
            .filter(|edge| amount(&edge.amount) == reverted);
        let mut arrived = arrived.map(|edge| edge.to.address.clone().unwrap().to_lowercase());
        assert!(arrived.all(|to| to == DISPERSE));
        assert!(!found.caveats.iter().any(|it| it.kind == "missing-leg"));
    }
    // Taint first: twelve peels of 3, eight of which are swept but for a hundredth.
    let found = trace(&view, Policy::Tiho);
    let swept = U256::from(35_920_000_000_000_000_000_u128);
    assert_eq!(sum(&found, "service", HOT, &coin), swept);
}

#[test]
fn without_internal_transfers_the_missing_leg_is_said_with_its_amount() {
    let Some(folder) = data("scenarios/evm-anvil/ethereum-etl") else {
        return;
    };
    let found = trace(&view(&folder, false), Policy::Fifo);
    assert_eq!(
        sum(&found, "unresolved", ROUTER, &token(WETH)),
        amount(SWAPPED_WEI)
    );
    let missing = found
        .caveats
        .iter()
        .find(|it| it.kind == "missing-leg")
        .unwrap();
    assert_eq!(missing.amount.as_deref(), Some(SWAPPED_WEI));
    assert_eq!(missing.address.as_ref().unwrap().to_lowercase(), ROUTER);
    assert!(missing.transaction.is_some());
}

#[test]
fn the_scenarios_tricks_are_told_and_none_else() {
    let Some(folder) = data("scenarios/evm-anvil/ethereum-etl") else {
        return;
    };
    let found = trace(&view(&folder, true), Policy::Tiho);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &found.deceptions {
        *kinds.entry(row.kind).or_default() += row.count;
    }
    // Four events, all but the look-alike's told at both addresses that they name: nothing sent by the thief, by the
    // victim and to an address like the thief's; and a fantastic sum of a token nobody had.
    let expected = [
        ("look-alike", 1),
        ("unsupported-event", 2),
        ("zero-transfer", 4),
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn strangers_dust_is_no_lead() {
    let Some(folder) = data("cases/lazarus-ronin-ethdata") else {
        return;
    };
    let chain = Chain::Evm(1);
    let parse = |text: &str| Address::parse(&chain, &text.replace("\\x", "0x")).unwrap();
    let wei = |text: &str| {
        let (digits, power) = text.split_once("e-").unwrap_or((text, "0"));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let digits: U256 = format!("{whole}{part:0<18}").parse().unwrap();
        digits / U256::from(10).pow(power.parse().unwrap())
    };
    let table = csv(&folder.join("LazarusTabularTxs1322519.csv"));
    let rows = table.iter().map(|row| TableRow {
        transaction: None,
        height: None,
        index: None,
        time: Timestamp::parse(&row["block_time"].replace("+00:00", "Z")).unwrap(),
        log_index: None,
        kind: RowKind::Transfer,
        from: parse(&row["from"]),
        to: parse(&row["to"]),
        asset: Asset::native(&chain).unwrap(),
        amount: wei(&row["total_eth"]),
    });
    let rows: Vec<TableRow> = rows.collect();
    let listed = std::fs::read_to_string(folder.join("LazarusGroup.txt")).unwrap();
    let listed = listed.split(|letter: char| !letter.is_ascii_alphanumeric());
    let listed = listed.filter(|word| word.len() == 41 && word.starts_with('x'));
    let listed: std::collections::BTreeSet<Address> =
        listed.map(|word| parse(&format!("\\{word}"))).collect();
    assert_eq!(listed.len(), 8);
    let one = U256::from(10).pow(U256::from(18));
    let small = rows.iter().filter(|row| row.amount <= one).count();
    assert_eq!((rows.len(), small), (436, 365));
    let source = TableSource {
        digest: [7; 32],
        coverage: Coverage::Rows {
            from: rows.iter().map(|row| row.time).min().unwrap(),
            to: rows.iter().map(|row| row.time).max().unwrap(),
        },
        rows,
        facts: Facts::default(),
    };
    let view = MemoryAccounts::build(chain.clone(), &[source]);
    let origins = listed
        .iter()
        .map(|it| origin(OriginPlace::Address(it.clone())));
    let request = Request {
        origins: origins.collect(),
        policy: Policy::Fifo,
        direction: Direction::Forward,
        window: Window::default(),
        stops: Stops::default(),
        knowledge: Knowledge::default(),
        may_enter: std::collections::BTreeMap::new(),
    };
    let found = trace_accounts(&view, &request).unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &found.deceptions {
        *kinds.entry(row.kind).or_default() += row.count;
    }
    // 237 of at most one coin, and one of 1.06; the others of the 365 move nothing, or come from or go to addresses
    // that these eight deal with.
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), [("dust", 238)]);
    let known: std::collections::BTreeSet<String> = found
        .edges
        .iter()
        .filter_map(|edge| edge.from.address.clone())
        .collect();
    let strangers = found.deceptions.iter().flat_map(|row| &row.others);
    assert!(strangers.clone().count() > 20);
    assert!(
        strangers
            .into_iter()
            .all(|stranger| !known.contains(stranger))
    );
}
