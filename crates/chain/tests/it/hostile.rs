//! Files of every kind, damaged in ways that a seed decides: each is taken in or refused with its name, none panics,
//! and none leaves anything in the store.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use whither_chain::{Format, IngestRequest};
use whither_ledger::chain::Chain;
use whither_testkit::rng::SplitMix64;

use crate::evm::fixture;
use crate::support::{Bench, data, files};

/// What parsers of numbers and texts trip over.
const WORDS: [&[u8]; 6] = [
    b"99999999999999999999999999999999999999999999999999999999999999999999999999999999",
    b"0x",
    b"-1",
    b"1e400",
    b"null",
    b"\xef\xbb\xbf",
];

/// Bytes changed, cut, doubled, or replaced by those that parsers trip over.
fn damaged(rng: &mut SplitMix64, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=rng.index(3) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = rng.index(bytes.len());
        match rng.below(7) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = *rng.pick(b"\x00\xff\x7f\x80,\"\n{}[]-09eE."),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + 1 + rng.index(40)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let end = (at + 1 + rng.index(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + 8).min(bytes.len());
                bytes[at..end].fill(0xff);
            }
            _ => {
                let word = *rng.pick::<&[u8]>(&WORDS);
                bytes.splice(at..at, word.iter().copied());
            }
        }
    }
    bytes
}

/// Damages one file of a source again and again; says how often it was refused.
fn try_all(
    seed: u64,
    rounds: u64,
    format: Format,
    chain: Option<&Chain>,
    files: &[(String, Vec<u8>)],
) -> u64 {
    let mut rng = SplitMix64::new(seed);
    let mut refused = 0;
    for _ in 0..rounds {
        let bench = Bench::new();
        let hurt = rng.index(files.len());
        let folder = bench.file("marker", b"").with_file_name("source");
        fs::create_dir(&folder).unwrap();
        for (number, (name, bytes)) in files.iter().enumerate() {
            let bytes = if number == hurt {
                damaged(&mut rng, bytes)
            } else {
                bytes.clone()
            };
            fs::write(folder.join(name), bytes).unwrap();
        }
        let path = match files {
            [(name, _)] => folder.join(name),
            _ => folder,
        };
        let request = IngestRequest {
            paths: vec![path],
            format: Some(format),
            chain: chain.cloned(),
            ..IngestRequest::default()
        };
        if let Err(error) = bench.try_ingest(&request) {
            refused += 1;
            assert!(!error.to_string().is_empty());
            assert!(bench.store().chains().is_empty(), "{error}");
        }
    }
    refused
}

fn read(path: &Path) -> (String, Vec<u8>) {
    let mut bytes = fs::read(path).unwrap();
    let mut name = path.file_name().unwrap().to_str().unwrap().to_owned();
    if let Some(plain) = name.strip_suffix(".gz") {
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        (name, bytes) = (plain.to_owned(), unpacked);
    }
    (name, bytes)
}

fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

#[test]
fn damaged_parquet_is_taken_or_refused() {
    let refused = try_all(1, 120, Format::Cryo, None, &files_of(&fixture("cryo")));
    assert!((20..120).contains(&refused), "{refused}");
}

#[test]
fn damaged_csv_of_exporters_is_taken_or_refused() {
    let files = files_of(&fixture("ethereum-etl"));
    let refused = try_all(2, 60, Format::EthereumEtl, Some(&Chain::Evm(31337)), &files);
    assert!((10..60).contains(&refused), "{refused}");
}

#[test]
fn damaged_json_and_blocks_are_taken_or_refused() {
    let cases = [
        ("eth/trin", Format::EvmJson, Some(Chain::Evm(1)), 12),
        ("eth/nimbus", Format::EvmJson, Some(Chain::Evm(1)), 6),
    ];
    for (folder, format, chain, rounds) in cases {
        let Some(folder) = data(folder) else { return };
        let named = |(path, bytes): (PathBuf, Vec<u8>)| {
            let name = path.file_name()?.to_str()?.to_owned();
            name.ends_with(".json").then_some((name, bytes))
        };
        let mut files: Vec<_> = files(&folder).into_iter().filter_map(named).collect();
        files.sort_by_key(|(_, bytes)| bytes.len());
        files.truncate(3);
        for (number, file) in files.into_iter().enumerate() {
            let seed = u64::try_from(number).unwrap();
            try_all(seed, rounds, format, chain.as_ref(), &[file]);
        }
    }
    let block = data("btc/bitcoinj/block169482.dat");
    if let Some(block) = block {
        let refused = try_all(3, 40, Format::BitcoinBlocks, None, &[read(&block)]);
        assert!(refused > 30, "{refused}");
    }
}

#[test]
fn damaged_exports_of_explorers_are_taken_or_refused() {
    let sent = r#"{"status":"1","message":"OK","result":[{"blockNumber":"4","timeStamp":"1700000010","hash":"0x1111111111111111111111111111111111111111111111111111111111111111","from":"0x2222222222222222222222222222222222222222","to":"0x3333333333333333333333333333333333333333","value":"17","gasUsed":"21000","gasPrice":"5","isError":"0","txreceipt_status":"1","transactionIndex":"0"}]}"#;
    let csv = "\"Transaction Hash\",\"Blockno\",\"UnixTimestamp\",\"DateTime (UTC)\",\"From\",\"To\",\"ContractAddress\",\"Value_IN(ETH)\",\"Value_OUT(ETH)\",\"CurrentValue @ $1,800.5/Eth\",\"TxnFee(ETH)\",\"TxnFee(USD)\",\"Historical $Price/Eth\",\"Status\",\"ErrCode\"\n\"0x1111111111111111111111111111111111111111111111111111111111111111\",\"4\",\"1700000010\",\"2023-11-14 22:13:30\",\"0x2222222222222222222222222222222222222222\",\"0x3333333333333333333333333333333333333333\",\"\",\"1,234.5\",\"0\",\"\",\"0.000105\",\"\",\"\",\"\",\"\"\n";
    let tron = r#"{"success":true,"data":[{"transaction_id":"1111111111111111111111111111111111111111111111111111111111111111","token_info":{"symbol":"USDT","address":"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t","decimals":6,"name":"Tether USD"},"block_timestamp":1700000010000,"from":"TJRabPrwbZy45sbavfcjinPJC18kjpRTv8","to":"TLyqzVGLV1srkB7dToTAEqgDSfPtXRJZYH","type":"Transfer","value":"17"}]}"#;
    for (name, text, format, chain) in [
        ("a.json", sent, Format::Etherscan, Chain::Evm(1)),
        ("a.csv", csv, Format::Etherscan, Chain::Evm(1)),
        ("a.json", tron, Format::TronGrid, Chain::Tron),
    ] {
        let file = (name.to_owned(), text.as_bytes().to_vec());
        let refused = try_all(4, 150, format, Some(&chain), &[file]);
        assert!((30..=150).contains(&refused), "{name}: {refused}");
    }
}
