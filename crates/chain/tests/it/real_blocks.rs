//! Real blocks, and what independent scripts counted in them.

use std::fs;
use std::io::Read as _;

use whither_chain::{Extent, IngestRequest, status};
use whither_ledger::coverage::Coverage;
use whither_ledger::view::{ChainView as _, OutputIx, Prevout, UtxoView as _};

use crate::support::{
    BITCOIN, Bench, TESTNET, data, describe, first_blocks, request, request_of, transaction,
};

#[test]
fn the_first_439_blocks() {
    let bench = Bench::new();
    let report = bench.ingest(&request(first_blocks()));
    assert_eq!(report.chain, BITCOIN);
    assert_eq!((report.blocks, report.transactions), (439, 446));
    assert_eq!((report.outputs, report.inputs), (451, 7));
    assert_eq!((report.unresolved_inputs, report.fees), (0, Some(0)));
    let all = Extent {
        first: 0,
        last: 438,
    };
    assert_eq!(report.extent, Some(all));
    assert_eq!(
        (report.gaps, report.skipped, report.notes),
        (vec![], vec![], vec![])
    );
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
    assert_eq!(
        (chain.blocks, chain.transactions, chain.outputs),
        (439, 446, 451)
    );
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
    let inputs: Vec<Prevout> = view.inputs(payment).collect();
    let [Prevout::Inside(coin)] = inputs[..] else {
        panic!("{inputs:?}")
    };
    assert_eq!(view.value(coin), 5_000_000_000);
    assert_eq!(view.position(view.creator(coin)).height, Some(9));
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
    assert!(
        error.to_string().contains("easier than bitcoin allows"),
        "{error}"
    );
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

/// Blocks of many years and hands: how many transactions, and the height where the block tells it.
#[test]
fn single_blocks_of_many_years() {
    let bench =
        "btc/rust-bitcoinkernel/libbitcoinkernel-sys/bitcoin/src/bench/data/block413567.raw";
    let electrs = "btc/electrs/src/tests/blocks";
    let btcd = "btc/btcd/wire/testdata/block-";
    let blocks = [
        ("btc/bitcoinj/block169482.dat".to_owned(), 14, None),
        ("btc/bitcoinj/block227835.dat".to_owned(), 122, None),
        (
            "btc/bitcoinj/block227836.dat".to_owned(),
            100,
            Some(227_836),
        ),
        (
            "btc/bitcoinj/block363703.dat".to_owned(),
            587,
            Some(363_703),
        ),
        (
            "btc/bitcoinj/block370661.dat".to_owned(),
            708,
            Some(370_661),
        ),
        (
            "btc/bitcoinj/block383616.dat".to_owned(),
            1_731,
            Some(383_616),
        ),
        (
            "btc/bitcoinj/block481815.dat".to_owned(),
            2_097,
            Some(481_815),
        ),
        (
            "btc/bitcoinj/block481829.dat".to_owned(),
            2_020,
            Some(481_829),
        ),
        (bench.to_owned(), 1_557, Some(413_567)),
        (
            format!("{electrs}/000000000000000002d249a3d89f63ef3fee203adcca7c24008c13fd854513f2"),
            1_652,
            Some(437_303),
        ),
        (
            format!("{electrs}/00000000000000001203c1ea455e38612bdf36e9967fdead11935c8e22283ecc"),
            202,
            Some(333_961),
        ),
        (
            format!("{btcd}00000000000000000021868c2cefc52a480d173c849412fe81c4e5ab806f94ab.blk"),
            230,
            Some(540_107),
        ),
        (
            format!("{btcd}0000000000000000001602407ac49862a7bca9d00f7f402db20b7be2f5de59d2.blk"),
            3_315,
            Some(574_200),
        ),
        (
            "btc/rust-bitcoin/bitcoin/tests/data/\
             mainnet_block_000000000000000000000c835b2adcaedc20fdf6ee440009c249452c726dafae.raw"
                .to_owned(),
            2_500,
            Some(702_861),
        ),
        // The same as hex, of version 1.
        (
            "btc/rust-bitcoin/p2p/tests/data/block_13b8a.hex".to_owned(),
            9,
            None,
        ),
    ];
    for (path, transactions, height) in blocks {
        let Some(path) = data(&path) else {
            return;
        };
        let report = Bench::new().ingest(&request(&path));
        let found = (
            report.blocks,
            report.transactions,
            report.extent.map(|extent| extent.first),
        );
        assert_eq!(found, (1, transactions, height), "{}", path.display());
    }
}

/// Many blocks as hex, one a line.
#[test]
fn a_text_of_blocks() {
    let Some(path) = data("btc/floresta/crates/floresta-chain/testdata/mainnet_blocks.txt") else {
        return;
    };
    let report = Bench::new().ingest(&request(path));
    let blocks = u64::from(report.extent.unwrap().last) + 1;
    assert_eq!((report.blocks, report.extent.unwrap().first), (blocks, 0));
    assert_eq!(blocks, 176);
    let Some(path) = data("btc/rust-bitcoinkernel/tests/block_data.txt") else {
        return;
    };
    let regtest = crate::support::REGTEST;
    let report = Bench::new().ingest(&request_of(&regtest, path));
    assert_eq!(report.extent.map(|extent| extent.first), Some(1));
}

fn unbzip(path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(data(path)?).unwrap();
    bzip2_rs::DecoderReader::new(file)
        .read_to_end(&mut bytes)
        .unwrap();
    Some(bytes)
}

#[test]
fn a_block_in_a_record_of_its_own() {
    let Some(bytes) = unbzip("btc/btcd/blockchain/testdata/277647.dat.bz2") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.ingest(&request(bench.file("277647", &bytes)));
    assert_eq!((report.blocks, report.transactions), (1, 213));
    assert_eq!(report.extent.map(|extent| extent.first), Some(277_647));
}

/// The second packing leaves the first block out; the link to it still gives the heights.
#[test]
fn another_packing_of_the_first_blocks_is_the_same_chain() {
    let Some(bytes) = unbzip("btc/btcd/database/testdata/blocks1-256.bz2") else {
        return;
    };
    let bench = Bench::new();
    let file = bench.file("blocks1-256", &bytes);
    let report = bench.ingest(&request(&file));
    assert_eq!(report.blocks, 255);
    let extent = Extent {
        first: 1,
        last: 255,
    };
    assert_eq!((report.extent, report.notes), (Some(extent), vec![]));

    bench.ingest(&request(first_blocks()));
    let both = bench.utxo(&BITCOIN);
    let bench = Bench::new();
    bench.ingest(&request(first_blocks()));
    let one = bench.utxo(&BITCOIN);
    assert_eq!(both.content_id(), one.content_id());
    assert_eq!(describe(&both), describe(&one));
}

/// The synthetic fork has proof of work by the easiest target, and sums that hold.
#[test]
fn a_fork_made_for_tests_loses_to_more_work() {
    let mut bytes = Vec::new();
    for name in ["blk_5A", "blk_0_to_4", "blk_3A", "blk_4A"] {
        let path = format!("btc/btcd/blockchain/testdata/{name}.dat.bz2");
        let Some(more) = unbzip(&path) else {
            return;
        };
        bytes.extend(more);
    }
    let bench = Bench::new();
    let report = bench.ingest(&request(bench.file("fork", &bytes)));
    assert_eq!((report.blocks, report.transactions), (6, 10));
    assert_eq!(
        (report.inputs, report.outputs, report.fees),
        (4, 11, Some(0))
    );
    let heights: Vec<bool> = [3, 4]
        .iter()
        .map(|height| {
            report.skipped[height - 3]
                .place
                .ends_with(&format!("at height {height}"))
        })
        .collect();
    assert_eq!((heights, report.skipped.len()), (vec![true, true], 2));

    let report = bench.ingest(&request(first_blocks()));
    assert_eq!((report.blocks, report.transactions), (439, 446));
    let since: Vec<&str> = report
        .skipped
        .iter()
        .map(|skipped| skipped.why.as_str())
        .collect();
    assert_eq!(
        since.len(),
        5,
        "all of the fork but the first block: {since:?}"
    );
    assert!(
        since
            .iter()
            .all(|why| why.starts_with("stale since this ingest: "))
    );
    let alone = Bench::new();
    alone.ingest(&request(first_blocks()));
    assert_eq!(
        describe(&bench.utxo(&BITCOIN)),
        describe(&alone.utxo(&BITCOIN))
    );
}
