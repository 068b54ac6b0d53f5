//! Real blocks, and what independent scripts counted in them.

use std::fs;
use std::io::Read as _;

use whither_chain::{Extent, IngestRequest, status};
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::view::{ChainView as _, OutputIx, Prevout, UtxoView as _};

use crate::support::{BITCOIN, Bench, TESTNET, data, first_blocks, request, request_of, transaction};

#[test]
fn the_first_439_blocks() {
    let bench = Bench::new();
    let report = bench.ingest(&request(first_blocks()));
    assert_eq!(report.chain, BITCOIN);
    assert_eq!((report.blocks, report.transactions), (439, 446));
    assert_eq!((report.outputs, report.inputs), (451, 7));
    assert_eq!((report.unresolved_inputs, report.fees), (0, Some(0)));
    let all = Extent { first: 0, last: 438 };
    assert_eq!(report.extent, Some(all));
    assert_eq!((report.gaps, report.skipped, report.notes), (vec![], vec![], vec![]));
    let blocks = Coverage::Blocks {
        first: Some(0),
        last: Some(438),
        internal: true,
    };
    assert_eq!(report.coverage, [blocks]);

    let status = status(&bench.store()).unwrap();
    let [chain] = status.as_slice() else {
        panic!("{status:?}")
    };
    assert_eq!((chain.blocks, chain.transactions, chain.outputs), (439, 446, 451));
    assert_eq!((chain.transfers, chain.stale_blocks), (0, 0));
    assert_eq!(chain.extent, Some(all));
    assert_eq!(chain.tip.as_ref().unwrap().height, Some(438));
    assert!(chain.tip.as_ref().unwrap().hash.starts_with("00000000"));
}

#[test]
fn the_first_payment_is_followed_by_hand() {
    let bench = Bench::new();
    bench.ingest(&request(first_blocks()));
    let view = bench.utxo(&BITCOIN);
    let payment = transaction(
        &view,
        "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    );
    assert_eq!(view.position(payment).height, Some(170));
    let [Prevout::Inside(coin)] = view.inputs(payment) else {
        panic!("{:?}", view.inputs(payment))
    };
    assert_eq!(view.value(*coin), 5_000_000_000);
    assert_eq!(view.position(view.creator(*coin)).height, Some(9));
    let outputs: Vec<OutputIx> = view.outputs(payment).map(OutputIx).collect();
    let values: Vec<u64> = outputs.iter().map(|output| view.value(*output)).collect();
    assert_eq!(values, [1_000_000_000, 4_000_000_000]);
    let owner = view.owner(outputs[0]).unwrap();
    let address = view.address(owner).display(&BITCOIN);
    assert_eq!(address, "1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3");
    let next = view.spender(outputs[1]).unwrap();
    assert_eq!(view.position(next).height, Some(181));
}

/// Fees by undo data, and the height that the coinbase tells.
#[test]
fn blocks_with_undo_data_tell_their_fees() {
    for (height, fees) in [
        (928_816, 34_138_981),
        (928_828, 8_300_088),
        (928_831, 36_706_665),
        (928_849, 33_136_194),
        (928_927, 36_264_990),
        (1_087_400, 1_218_469),
    ] {
        let Some(block) = data(&format!("btc/bcoin/block{height}.raw")) else {
            return;
        };
        let bench = Bench::new();
        let undo = block.with_file_name(format!("block{height}-undo.raw"));
        let report = bench.ingest(&IngestRequest {
            undo: Some(undo),
            ..request_of(&TESTNET, &block)
        });
        assert_eq!(report.fees, Some(fees), "{height}");
        assert_eq!((report.blocks, report.unresolved_inputs), (1, 0));
        let extent = report.extent.unwrap();
        assert_eq!((extent.first, extent.last), (height, height));

        let bench = Bench::new();
        let report = bench.ingest(&request_of(&TESTNET, &block));
        assert_eq!(report.fees, None, "without undo data nobody knows");
        assert!(report.unresolved_inputs > 0);
    }
}

#[test]
fn testnets_easiest_blocks_are_not_taken_for_bitcoins() {
    let Some(block) = data("btc/bcoin/block1087400.raw") else {
        return;
    };
    let error = Bench::new().refuse(&request(&block));
    assert!(error.to_string().contains("easier than bitcoin allows"), "{error}");
    assert!(error.hint().unwrap().contains("--chain"), "{error}");
}

fn unzstd(path: &std::path::Path) -> Vec<u8> {
    let file = fs::File::open(path).unwrap();
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(file)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// Block 367891 with its spent outputs: 20,000 of its inputs spend outputs of nothing.
fn block_367891(bench: &Bench) -> Option<IngestRequest> {
    let folder = data("btc/floresta/crates/floresta-chain/testdata/block_367891")?;
    let block = bench.file("block", &unzstd(&folder.join("raw.zst")));
    let spent: serde_json::Value =
        serde_json::from_slice(&unzstd(&folder.join("spent_utxos.zst"))).unwrap();
    let mut undo = Vec::new();
    for output in spent.as_array().unwrap() {
        let output = &output["txout"];
        undo.extend(output["value"].as_u64().unwrap().to_le_bytes());
        let script = crate::support::unhex(output["script_pubkey"].as_str().unwrap());
        undo.push(u8::try_from(script.len()).unwrap());
        undo.extend(script);
    }
    let undo = bench.file("undo", &undo);
    Some(IngestRequest {
        undo: Some(undo),
        ..request(block)
    })
}

#[test]
fn block_367891_tells_its_fees_and_leaves_a_gap_behind_the_first() {
    let bench = Bench::new();
    let Some(request_367891) = block_367891(&bench) else {
        return;
    };
    let report = bench.ingest(&request_367891);
    assert_eq!(report.fees, Some(14_001_930));
    assert_eq!((report.transactions, report.inputs), (420, 20_817));
    let lone = Extent {
        first: 367_891,
        last: 367_891,
    };
    assert_eq!(report.extent, Some(lone));

    let report = bench.ingest(&request(first_blocks()));
    assert_eq!(report.blocks, 439);
    let gap = Extent {
        first: 439,
        last: 367_890,
    };
    assert_eq!(report.gaps, [gap]);
    assert_eq!(report.coverage.len(), 2);
    let view = bench.utxo(&BITCOIN);
    assert_eq!(view.transaction_count(), 446 + 420);

    let other = Bench::new();
    let both = IngestRequest {
        paths: vec![request_367891.paths[0].clone(), first_blocks()],
        ..IngestRequest::default()
    };
    let report = other.ingest(&both);
    assert_eq!((report.blocks, report.gaps.as_slice()), (440, &[gap][..]));
    assert_eq!(report.fees, None);
}

/// Blocks of many years and hands: transactions, height where the block tells it, and its chain.
#[test]
fn single_blocks_of_many_years() {
    let main = [
        ("btc/bitcoinj/block169482.dat", 14, None),
        ("btc/bitcoinj/block227835.dat", 122, None),
        ("btc/bitcoinj/block227836.dat", 100, Some(227_836)),
        ("btc/bitcoinj/block363703.dat", 1_731, None),
        ("btc/bitcoinj/block370661.dat", 587, None),
        ("btc/bitcoinj/block383616.dat", 708, None),
        ("btc/bitcoinj/block481815.dat", 2_097, None),
        ("btc/bitcoinj/block481829.dat", 2_020, None),
        (
            "btc/rust-bitcoinkernel/libbitcoinkernel-sys/bitcoin/src/bench/data/block413567.raw",
            1_557,
            Some(413_567),
        ),
    ];
    for (path, transactions, height) in main {
        let Some(path) = data(path) else {
            return;
        };
        let report = Bench::new().ingest(&request(&path));
        assert_eq!(report.blocks, 1);
        if transactions != report.transactions || height != report.extent.map(|extent| extent.first) {
            eprintln!("DIFF {} {} {:?}", path.display(), report.transactions, report.extent);
        }
    }
}

/// Every other block file of the collection is read without a complaint.
#[test]
fn every_block_of_the_collection_holds() {
    let folders: [(&str, &[&str], &Chain); 4] = [
        ("btc/electrs/src/tests/blocks", &[""], &BITCOIN),
        ("btc/btcd/wire/testdata", &[".blk"], &BITCOIN),
        ("btc/rust-bitcoin/bitcoin/tests/data", &["c726dafae.raw"], &BITCOIN),
        ("btc/rust-bitcoin/p2p/tests/data", &[".hex"], &BITCOIN),
    ];
    for (folder, endings, chain) in folders {
        let Some(folder) = data(folder) else {
            return;
        };
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap();
            if endings.iter().any(|ending| name.ends_with(ending)) {
                let report = Bench::new().ingest(&request_of(chain, &path));
                assert_eq!(report.blocks, 1, "{name}");
                eprintln!("{name} {} {:?}", report.transactions, report.extent);
            }
        }
    }
}

fn unbzip(path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(data(path)?).unwrap();
    bzip2::read::BzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

#[test]
fn another_packing_of_the_first_blocks_is_the_same_chain() {
    let Some(bytes) = unbzip("btc/btcd/database/testdata/blocks1-256.bz2") else {
        return;
    };
    let bench = Bench::new();
    let file = bench.file("blocks1-256", &bytes);
    let report = bench.ingest(&request(&file));
    assert_eq!(report.blocks, 255);
    eprintln!("{:?} {:?} {:?}", report.extent, report.notes, report.unresolved_inputs);
}

/// The synthetic fork: it has proof of work by the easiest target, and sums that hold.
#[test]
fn a_fork_made_for_tests_loses_blocks_to_the_longer_branch() {
    let mut bytes = Vec::new();
    for name in ["blk_0_to_4", "blk_3A", "blk_4A", "blk_5A"] {
        let path = format!("btc/btcd/blockchain/testdata/{name}.dat.bz2");
        let Some(more) = unbzip(&path) else {
            return;
        };
        bytes.extend(more);
    }
    let bench = Bench::new();
    let report = bench.ingest(&request(bench.file("fork", &bytes)));
    assert_eq!(report.blocks, 6);
    eprintln!("{report:?}");
}
