//! A `blocks/` directory that Bitcoin Core wrote, and what the node that wrote it says of its blocks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;
use whither_chain::ColumnUtxo;
use whither_chain::{Extent, status};
use whither_ledger::address::Address;
use whither_ledger::amount::{Rounding, parse_decimal};
use whither_ledger::view::{ChainView as _, Prevout, TxIx, UtxoView as _};

use crate::made::{hash, hide};
use crate::rev;
use crate::support::{Bench, REGTEST, data, describe, request, transaction, unhex};

const SCENARIO: &str = "scenarios/bitcoin-core-regtest";

fn scenario() -> Option<PathBuf> {
    data(SCENARIO)
}

/// What the node answered: lines of JSON.
fn recorded(path: &Path) -> Vec<Value> {
    let file = flate2::read::GzDecoder::new(fs::File::open(path).unwrap());
    let lines = BufReader::new(file).lines();
    lines
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect()
}

#[test]
fn the_directory_is_read_as_its_node_has_it() {
    let Some(scenario) = scenario() else {
        return;
    };
    let bench = Bench::new();
    let report = bench.ingest(&request(scenario.join("blocks")));
    assert_eq!(report.chain, REGTEST);
    assert_eq!((report.blocks, report.transactions), (301, 352));
    assert_eq!((report.inputs, report.unresolved_inputs), (98, 0));
    let all = Extent {
        first: 0,
        last: 300,
    };
    assert_eq!((report.extent, report.gaps.len()), (Some(all), 0));
    let [stale] = report.skipped.as_slice() else {
        panic!("{:?}", report.skipped)
    };
    assert!(stale.place.ends_with(" at height 143"), "{stale:?}");
    assert!(stale.why.starts_with("stale: "), "{stale:?}");

    let truth: Value =
        serde_json::from_slice(&fs::read(scenario.join("truth.json")).unwrap()).unwrap();
    let status = status(&bench.store()).unwrap();
    assert_eq!(
        status[0].tip.as_ref().unwrap().hash,
        truth["tip"].as_str().unwrap()
    );

    let view = bench.utxo(&REGTEST);
    transaction(&view, truth["theft"].as_str().unwrap());
    let double_spend = truth["stale_double_spend"].as_str().unwrap();
    let id = whither_ledger::transaction_id::TransactionId::parse(&REGTEST, double_spend).unwrap();
    assert!(
        view.find_transaction(&id).is_empty(),
        "the stale block is out of the view"
    );
}

/// The blocks as they were fed, as hex in height order, are the same chain.
#[test]
fn the_blocks_as_they_were_fed_are_the_same_chain() {
    let Some(scenario) = scenario() else {
        return;
    };
    let directory = Bench::new();
    directory.ingest(&request(scenario.join("blocks")));
    let fed: Value =
        serde_json::from_slice(&fs::read(scenario.join("blocks-as-fed.json")).unwrap()).unwrap();
    let lines: Vec<&str> = fed["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block.as_str().unwrap())
        .collect();
    let bench = Bench::new();
    let genesis: String = crate::made::genesis()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = format!("{genesis}\n{}\n", lines.join("\n"));
    let file = bench.file("blocks.txt", text.as_bytes());
    let report = bench.ingest(&crate::support::request_of(&REGTEST, &file));
    assert_eq!((report.blocks, report.skipped.len()), (301, 0));
    assert_eq!(
        describe(&bench.utxo(&REGTEST)),
        describe(&directory.utxo(&REGTEST))
    );
}

/// Value, and address where the script has one, of each input of a transaction.
fn spent(view: &ColumnUtxo, tx: TxIx) -> Vec<(u64, Option<String>)> {
    let coin = |prevout: Prevout| match prevout {
        Prevout::Inside(output) => {
            let owner = view.owner(output);
            let address = owner.map(|owner| view.address(owner).display(&REGTEST));
            (view.value(output), address)
        }
        Prevout::Outside(_) => panic!("every output of the scenario is made in it"),
    };
    view.inputs(tx).map(coin).collect()
}

fn satoshi(value: &Value) -> u64 {
    let units = parse_decimal(&value.to_string(), 8, Rounding::Refuse).unwrap();
    u64::try_from(units).unwrap()
}

/// A spent output as the node tells it.
fn told(coin: &Value) -> (u64, Option<String>) {
    let script = &coin["scriptPubKey"];
    let address = Address::from_script(&unhex(script["hex"].as_str().unwrap()));
    let address = address.map(|address| address.display(&REGTEST));
    if let Some(node) = script.get("address") {
        assert_eq!(address.as_deref(), node.as_str());
    }
    (satoshi(&coin["value"]), address)
}

#[test]
fn prevouts_are_those_the_node_answers() {
    let Some(scenario) = scenario() else {
        return;
    };
    let bench = Bench::new();
    bench.ingest(&request(scenario.join("blocks")));
    let view = bench.utxo(&REGTEST);
    let (mut verbose, mut compared) = (0, 0);
    for line in recorded(&scenario.join("rpc-recorded.jsonl.gz")) {
        if line["method"] != "getblock" || line["params"][1] != 3 {
            continue;
        }
        let answer: Value = serde_json::from_str(line["response_text"].as_str().unwrap()).unwrap();
        let block = &answer["result"];
        if block["confirmations"] == -1 || block.is_null() {
            continue;
        }
        verbose += 1;
        for transaction_told in block["tx"].as_array().unwrap() {
            let tx = transaction(&view, transaction_told["txid"].as_str().unwrap());
            assert_eq!(
                view.position(tx).height.map(u64::from),
                block["height"].as_u64()
            );
            let inputs = transaction_told["vin"].as_array().unwrap().iter();
            let coins: Vec<_> = inputs
                .filter_map(|input| input.get("prevout"))
                .map(told)
                .collect();
            assert_eq!(spent(&view, tx), coins);
            compared += coins.len();
        }
    }
    assert_eq!((verbose, compared), (69, 98));
}

#[test]
fn spent_outputs_are_those_of_the_rest_interface() {
    let Some(scenario) = scenario() else {
        return;
    };
    let bench = Bench::new();
    bench.ingest(&request(scenario.join("blocks")));
    let view = bench.utxo(&REGTEST);
    let lines = recorded(&scenario.join("rest-recorded.jsonl.gz"));
    let answers: BTreeMap<&str, Value> = lines
        .iter()
        .filter_map(|line| {
            let text = line.get("response_text")?.as_str()?;
            Some((line["path"].as_str()?, serde_json::from_str(text).ok()?))
        })
        .collect();
    let mut compared = 0;
    for (path, block) in &answers {
        let Some(name) = path.strip_prefix("/rest/block/") else {
            continue;
        };
        let Some(undo) = answers.get(format!("/rest/spenttxouts/{name}").as_str()) else {
            continue;
        };
        let transactions = block["tx"].as_array().unwrap();
        for (told_transaction, coins) in transactions.iter().zip(undo.as_array().unwrap()) {
            let tx = transaction(&view, told_transaction["txid"].as_str().unwrap());
            let coins: Vec<_> = coins.as_array().unwrap().iter().map(told).collect();
            assert_eq!(spent(&view, tx), coins);
            compared += coins.len();
        }
    }
    assert_eq!(compared, 98);
}

/// The node's own undo file tells the same coins, block by block.
#[test]
fn prevouts_are_those_of_the_undo_file() {
    let Some(scenario) = scenario() else {
        return;
    };
    let bench = Bench::new();
    bench.ingest(&request(scenario.join("blocks")));
    let view = bench.utxo(&REGTEST);
    let key: [u8; 8] = fs::read(scenario.join("blocks/xor.dat"))
        .unwrap()
        .try_into()
        .unwrap();
    let mut bytes = fs::read(scenario.join("blocks/rev00000.dat")).unwrap();
    hide(&mut bytes, key);
    let records = rev::records(&bytes);
    assert_eq!(
        records.len(),
        300,
        "the first block and the stale one have none"
    );

    let fed: Value =
        serde_json::from_slice(&fs::read(scenario.join("blocks-as-fed.json")).unwrap()).unwrap();
    let blocks: Vec<Vec<u8>> = fed["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| unhex(block.as_str().unwrap()))
        .collect();
    let mut by_height: BTreeMap<u32, Vec<TxIx>> = BTreeMap::new();
    for row in 0..view.transaction_count() {
        let tx = TxIx::of(row);
        by_height
            .entry(view.position(tx).height.unwrap())
            .or_default()
            .push(tx);
    }
    let mut compared = 0;
    for (height, block) in (1_u32..).zip(&blocks) {
        let previous: [u8; 32] = block[4..36].try_into().unwrap();
        let record = records.iter().find(|record| record.follows(&previous));
        let record = record.unwrap_or_else(|| panic!("block {height} has undo data"));
        let transactions = &by_height[&height];
        assert_eq!(
            transactions.len(),
            record.transactions.len() + 1,
            "{:?}",
            hash(block)
        );
        for (tx, coins) in transactions[1..].iter().zip(&record.transactions) {
            for (prevout, coin) in view.inputs(*tx).zip(coins) {
                let Prevout::Inside(output) = prevout else {
                    panic!("{prevout:?}")
                };
                let creator = view.creator(output);
                assert_eq!(view.value(output), coin.value);
                assert_eq!(
                    view.position(creator).height.map(u64::from),
                    Some(coin.height)
                );
                assert_eq!(view.is_coinbase(creator), coin.coinbase);
                let owner = view
                    .owner(output)
                    .map(|owner| view.address(owner).into_owned());
                let script = coin.script.as_ref().expect("keys are compressed here");
                assert_eq!(owner, Address::from_script(script));
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 98);
}
