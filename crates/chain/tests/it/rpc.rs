//! A node is asked, misbehaves, and is reorganised: the store is right, or the node is refused with the reason.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use whither_chain::{Format, IngestRequest};
use whither_ledger::chain::Chain;
use whither_ledger::view::{AccountView as _, ChainView as _};

use crate::evm::{SCENARIO, by_files, legs, view};
use crate::node::Node;
use crate::support::{Bench, request};

fn asked(node: &Node) -> IngestRequest {
    IngestRequest {
        format: Some(Format::Rpc),
        ..request(node.url())
    }
}

fn refusal(node: &Node) -> String {
    let bench = Bench::new();
    let error = bench.try_ingest(&asked(node)).unwrap_err();
    assert!(error.hint().is_some(), "{error}");
    error.to_string()
}

#[test]
fn a_node_tells_what_exports_of_it_tell() {
    let bench = Bench::new();
    let node = Node::new();
    let report = bench.ingest(&asked(&node));
    assert_eq!((report.blocks, report.transactions), (76, 75));
    assert!(report.coverage[0].internal() && report.skipped.is_empty());
    let by_node = view(&bench, &SCENARIO);
    let mut told = legs(&by_node);
    told.retain(|leg| !leg.starts_with("row:genesis"));
    assert_eq!(told, legs(&by_files(Format::EthereumEtl, None)));
    // What the tokens say of themselves is kept, hostile as it is, and lies are not.
    let symbols: Vec<_> = by_node
        .tokens()
        .iter()
        .filter_map(|token| token.symbol.clone())
        .collect();
    assert!(
        symbols.iter().any(|symbol| symbol == "U\u{405}DT"),
        "{symbols:?}"
    );
    assert!(
        symbols.iter().any(|symbol| symbol == "OLD"),
        "one word of bytes"
    );
    let lies = by_node
        .tokens()
        .iter()
        .filter(|token| token.decimals.is_none());
    assert_eq!(lies.count(), 2, "decimals of 255 are none");
    // Asked again, it changes nothing, and asks for no block.
    node.twist(|method, parameters, answer| {
        assert!(
            parameters.get(1) != Some(&json!(true)),
            "{method} {parameters}"
        );
        answer
    });
    assert!(bench.ingest(&asked(&node)).unchanged);
}

#[test]
fn every_way_of_asking_gives_the_same() {
    let fresh = Bench::new();
    fresh.ingest(&asked(&Node::new()));
    let wanted = view(&fresh, &SCENARIO).content_id();
    let lacks: [&'static [&'static str]; 4] = [
        &["debug_traceBlockByHash"],
        &["debug_traceBlockByHash", "trace_block"],
        &["eth_getBlockReceipts"],
        &["batches"],
    ];
    for lacking in lacks {
        let node = Node::twisted(move |method, _, answer| {
            if lacking.contains(&method) {
                return json!({"error": {"code": -32000, "message": "unsupported operation"}});
            }
            answer
        });
        let bench = Bench::new();
        let report = bench.ingest(&asked(&node));
        assert!(
            report.skipped.is_empty(),
            "{lacking:?}: {:?}",
            report.skipped
        );
        assert_eq!(
            view(&bench, &SCENARIO).content_id(),
            wanted,
            "without {lacking:?}"
        );
    }
}

#[test]
fn steps_of_code_are_no_frames_and_it_is_said() {
    let node = Node::twisted(|method, _, answer| match method {
        "debug_traceBlockByHash" | "trace_block" => {
            json!({"error": {"code": -32601, "message": "Method not found"}})
        }
        "debug_traceTransaction" => {
            json!({"result": {"gas": 21000, "failed": false, "returnValue": "", "structLogs": []}})
        }
        _ => answer,
    });
    let bench = Bench::new();
    let report = bench.ingest(&asked(&node));
    assert!(!report.coverage[0].internal());
    let said = &report.skipped[0].why;
    assert!(
        said.contains("transfers inside contracts are not told"),
        "{said}"
    );
}

/// Changes the answers on one block.
fn at_block(
    wanted: &'static str,
    number: u32,
    change: impl Fn(&mut Value) + Send + 'static,
) -> Node {
    Node::twisted(move |method, parameters, mut answer| {
        if method == wanted && parameters[0] == json!(format!("{number:#x}")) {
            change(&mut answer["result"]);
        }
        answer
    })
}

#[test]
fn what_a_node_leaves_out_is_noticed() {
    // The swap: its last log, a whole receipt, all receipts, its frames.
    let dropped_log = at_block("eth_getBlockReceipts", 16, |receipts| {
        receipts[0]["logs"].as_array_mut().unwrap().pop();
    });
    assert!(
        refusal(&dropped_log).contains("bloom"),
        "{}",
        refusal(&dropped_log)
    );
    let dropped_receipt = at_block("eth_getBlockReceipts", 16, |receipts| {
        receipts.as_array_mut().unwrap().pop();
    });
    assert!(refusal(&dropped_receipt).contains("0 receipts for 1 transactions"));
    let no_receipts = at_block("eth_getBlockReceipts", 16, |receipts| {
        *receipts = Value::Null;
    });
    assert!(refusal(&no_receipts).contains("0 receipts for 1 transactions"));
    let dropped_transaction = at_block("eth_getBlockByNumber", 16, |block| {
        if let Some(all) = block["transactions"].as_array_mut() {
            all.pop();
        }
    });
    let text = refusal(&dropped_transaction);
    assert!(text.contains("block 16"), "{text}");
}

#[test]
fn a_node_that_lags_is_asked_again() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let node = Node::twisted(move |method, parameters, answer| {
        let is_late = method == "eth_getBlockByNumber" && parameters[0] == json!("0x2a");
        if is_late && counted.fetch_add(1, Ordering::Relaxed) < 3 {
            return json!({"result": null});
        }
        answer
    });
    let bench = Bench::new();
    assert_eq!(bench.ingest(&asked(&node)).blocks, 76);
    assert!(count.load(Ordering::Relaxed) > 3);
    let never = at_block("eth_getBlockByNumber", 42, |block| *block = Value::Null);
    let text = refusal(&never);
    assert!(
        text.contains("block 42") && text.contains("head is 75"),
        "{text}"
    );
}

#[test]
fn a_busy_node_is_given_time() {
    let count = Arc::new(AtomicU32::new(0));
    let node = Node::twisted(move |method, _, answer| {
        let is_busy = method == "eth_chainId" && count.fetch_add(1, Ordering::Relaxed) < 2;
        if is_busy {
            return json!({"error": {"code": -32005, "message": "limit exceeded"}});
        }
        answer
    });
    assert_eq!(Bench::new().ingest(&asked(&node)).blocks, 76);
}

#[test]
fn another_chain_behind_the_url_is_refused() {
    let node = Node::new();
    let bench = Bench::new();
    let wrong = IngestRequest {
        chain: Some(Chain::Evm(1)),
        ..asked(&node)
    };
    let text = bench.refuse(&wrong).to_string();
    assert!(
        text.contains("eip155:31337") && text.contains("eip155:1"),
        "{text}"
    );
    // One that claims to be the main network is known by its first block.
    let fork = Node::twisted(|method, _, answer| match method {
        "eth_chainId" => json!({"result": "0x1"}),
        _ => answer,
    });
    assert!(refusal(&fork).contains("first block"));
    // And one that is not the one the store was filled from.
    bench.ingest(&asked(&node));
    node.twist(|method, parameters, mut answer| {
        if method == "eth_getBlockByNumber" && parameters[0] == json!("0x0") {
            answer["result"]["hash"] = json!(format!("0x{}", "ab".repeat(32)));
        }
        answer
    });
    let text = bench.refuse(&asked(&node)).to_string();
    assert!(text.contains("first block"), "{text}");
}

/// The hashes of the blocks from a height on end otherwise: another branch, with the same transactions.
fn branch(from: u32) -> impl Fn(&str) -> String {
    let lines = crate::evm::fixture_lines("rpc.jsonl.gz");
    let blocks = lines.iter().filter_map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let full = line["method"] == "eth_getBlockByNumber" && line["params"][1] == true;
        let number = line["result"]["number"].as_str()?.to_owned();
        let number = u32::from_str_radix(number.trim_start_matches("0x"), 16).unwrap();
        (full && number >= from).then(|| line["result"]["hash"].as_str().unwrap().to_owned())
    });
    let hashes: Vec<String> = blocks.collect();
    move |text: &str| {
        let mut text = text.to_owned();
        for hash in &hashes {
            let other = format!("{}feed", &hash[..hash.len() - 4]);
            text = text.replace(hash, &other);
        }
        text
    }
}

/// A node on the other branch, asked by hashes of that branch.
fn on_branch(from: u32) -> impl FnMut(&str, &Value, Value) -> Value + Send {
    let other = branch(from);
    let known: std::collections::HashMap<String, Value> = crate::evm::fixture_lines("rpc.jsonl.gz")
        .iter()
        .map(|line| {
            let line: Value = serde_json::from_str(&other(line)).unwrap();
            (format!("{} {}", line["method"], line["params"]), line)
        })
        .collect();
    move |method, parameters, answer| {
        let key = format!("{} {parameters}", json!(method));
        match known.get(&key).and_then(|line| line.get("result")) {
            Some(result) => json!({"result": result}),
            None => answer,
        }
    }
}

#[test]
fn a_reorganisation_while_reading_ends_as_a_fresh_read_does() {
    let fresh = Bench::new();
    fresh.ingest(&asked(&Node::twisted(on_branch(60))));
    let wanted = view(&fresh, &SCENARIO).content_id();
    let plain = Bench::new();
    plain.ingest(&asked(&Node::new()));
    assert_ne!(view(&plain, &SCENARIO).content_id(), wanted);
    // The branches change while block 70 is asked for.
    let mut other = on_branch(60);
    let mut has_changed = false;
    let node = Node::twisted(move |method, parameters, answer| {
        let is_there = method == "eth_getBlockReceipts" && parameters[0] == json!("0x46");
        has_changed |= is_there;
        if has_changed {
            other(method, parameters, answer)
        } else {
            answer
        }
    });
    let bench = Bench::new();
    let report = bench.ingest(&asked(&node));
    assert_eq!(report.blocks, 76);
    assert_eq!(view(&bench, &SCENARIO).content_id(), wanted);
    assert!(view(&bench, &SCENARIO).notes().is_empty());
    // And between two runs.
    let node = Node::twisted(on_branch(60));
    let report = plain.ingest(&asked(&node));
    assert!(!report.unchanged);
    assert_eq!(view(&plain, &SCENARIO).content_id(), wanted);
}

#[test]
fn a_range_of_another_branch_takes_nothing_away_that_is_not_fetched_again() {
    let fresh = Bench::new();
    fresh.ingest(&asked(&Node::twisted(on_branch(60))));
    let wanted = legs(&view(&fresh, &SCENARIO));
    let bench = Bench::new();
    let part = |node: &Node, range| IngestRequest {
        blocks: Some(range),
        ..asked(node)
    };
    bench.ingest(&part(&Node::new(), 0..=65));
    bench.ingest(&part(&Node::twisted(on_branch(60)), 66..=75));
    let found = view(&bench, &SCENARIO);
    assert_eq!(legs(&found), wanted);
    assert_eq!(found.coverage(), view(&fresh, &SCENARIO).coverage());
}

#[test]
fn answers_that_a_busy_node_refuses_among_others_are_asked_for_again() {
    let mut count = 0;
    let node = Node::twisted(move |method, _, answer| {
        let is_one_of_many = method == "eth_getBlockByNumber";
        count += u32::from(is_one_of_many);
        if is_one_of_many && count % 7 == 3 {
            return json!({"error": {"code": -32005, "message": "limit exceeded"}});
        }
        answer
    });
    assert_eq!(Bench::new().ingest(&asked(&node)).blocks, 76);
}

#[test]
fn a_range_is_read_and_the_rest_later() {
    let node = Node::new();
    let whole = Bench::new();
    whole.ingest(&asked(&node));
    let bench = Bench::new();
    let part = |range| IngestRequest {
        blocks: Some(range),
        ..asked(&node)
    };
    assert_eq!(bench.ingest(&part(10..=20)).blocks, 11);
    let report = bench.ingest(&part(0..=75));
    assert_eq!(
        report.blocks, 65,
        "what the store has is not asked for again"
    );
    let (a, b) = (view(&bench, &SCENARIO), view(&whole, &SCENARIO));
    assert_eq!(legs(&a), legs(&b));
    assert_eq!(a.coverage(), b.coverage());
    let beyond = bench.refuse(&part(0..=76)).to_string();
    assert!(beyond.contains("block 76"), "{beyond}");
}
