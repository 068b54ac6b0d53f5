//! Block files as they are found in the field: cut, reserved, hidden, with rubbish in them, of another network.

use std::fs;

use whither_chain::{ChainError, IngestReport, RequestError, SourceFault};

use crate::made::{MAGIC, extend, framed, genesis, hide, record};
use crate::support::{Bench, REGTEST, describe, first_blocks, request, request_of};

const KEY: [u8; 8] = [0xa1, 0x6e, 0x78, 0x24, 0x20, 0x82, 0xbd, 0x64];

/// The first block and three more.
fn blocks() -> Vec<Vec<u8>> {
    let mut blocks = vec![genesis()];
    blocks.extend(extend(&genesis(), 3, 1));
    blocks
}

/// Ingests a directory of one block file under a key.
fn ingest_directory(bytes: &[u8], key: Option<[u8; 8]>) -> Result<IngestReport, ChainError> {
    let bench = Bench::new();
    bench.file("blocks/blk00000.dat", bytes);
    if let Some(key) = key {
        bench.file("blocks/xor.dat", &key);
    }
    bench.try_ingest(&request(bench.folder.path().join("blocks")))
}

fn why(report: &IngestReport) -> Vec<&str> {
    report
        .skipped
        .iter()
        .map(|skipped| skipped.why.as_str())
        .collect()
}

#[test]
fn a_file_cut_anywhere_in_its_last_record_ends_at_the_one_before() {
    let blocks = blocks();
    let whole = framed(&blocks);
    let last = whole.len() - record(&blocks[3]).len();
    for key in [None, Some([0; 8]), Some(KEY)] {
        for cut in last..whole.len() {
            let mut bytes = whole[..cut].to_vec();
            hide(&mut bytes, key.unwrap_or_default());
            let report = ingest_directory(&bytes, key).unwrap();
            assert_eq!(report.blocks, 3, "{cut}");
            if cut == last {
                assert_eq!(why(&report), Vec::<&str>::new());
            } else {
                let [skipped] = report.skipped.as_slice() else {
                    panic!("{cut}: {:?}", report.skipped)
                };
                assert!(
                    skipped.why.starts_with("cut: the last record has "),
                    "{skipped:?}"
                );
                assert!(
                    skipped
                        .place
                        .ends_with(&format!("blk00000.dat: byte {last}")),
                    "{skipped:?}"
                );
            }
        }
    }
}

/// The node reserves space ahead, and may be in the middle of writing: the rest is raw zeros.
#[test]
fn a_record_that_is_not_written_to_its_end_yet_ends_the_file() {
    let blocks = blocks();
    let whole = framed(&blocks);
    let last = whole.len() - record(&blocks[3]).len();
    for (key, least) in [([0; 8], 5), (KEY, 1)] {
        for cut in last..=whole.len() - least {
            let mut bytes = whole[..cut].to_vec();
            hide(&mut bytes, key);
            bytes.resize(whole.len() + 5000, 0);
            let report = ingest_directory(&bytes, Some(key)).unwrap();
            assert_eq!(report.blocks, 3, "{cut}");
            assert_eq!(
                report.skipped.len(),
                usize::from(cut > last),
                "{cut}: {report:?}"
            );
        }
    }
}

#[test]
fn reserved_space_is_no_fault() {
    for key in [[0; 8], KEY] {
        let mut bytes = framed(&blocks());
        hide(&mut bytes, key);
        for tail in [1, 3, 4, 7, 8, 9, 3_000_000] {
            let mut bytes = bytes.clone();
            bytes.resize(bytes.len() + tail, 0);
            let report = ingest_directory(&bytes, Some(key)).unwrap();
            assert_eq!((report.blocks, report.skipped.len()), (4, 0), "{tail}");
        }
    }
}

#[test]
fn a_lone_record_that_is_cut_is_no_source() {
    let bench = Bench::new();
    let whole = record(&genesis());
    for cut in [4, 8, 80, whole.len() - 1] {
        let error = bench.refuse(&request(bench.file("lone", &whole[..cut])));
        let text = error.to_string();
        assert!(
            text.contains("holds no complete block (cut: "),
            "{cut}: {text}"
        );
        assert!(error.hint().is_some());
    }
}

#[test]
fn rubbish_between_records_is_passed_over_and_said() {
    let blocks = blocks();
    let magic_alone = [&MAGIC[..], &[0xff; 60]].concat();
    let false_record = [&MAGIC[..], &100_u32.to_le_bytes(), &[7; 100]].concat();
    let long_record = [&MAGIC[..], &3_000_000_u32.to_le_bytes(), &[7; 9]].concat();
    for (rubbish, word) in [
        (vec![0xee; 1], "garbage"),
        (vec![0xee; 5000], "garbage"),
        (vec![0; 5000], "zero bytes"),
        ([vec![0; 3], magic_alone.clone()].concat(), "garbage"),
        ([vec![1; 3], magic_alone].concat(), "garbage"),
        ([vec![1; 3], false_record.clone()].concat(), "garbage"),
        ([vec![0; 3], false_record].concat(), "garbage"),
        ([vec![1; 3], long_record.clone()].concat(), "garbage"),
        (long_record, "cut"),
        (MAGIC[..3].to_vec(), "garbage"),
    ] {
        for key in [[0; 8], KEY] {
            let mut bytes = framed(&blocks[..2]);
            let at = bytes.len();
            bytes.extend(&rubbish);
            bytes.extend(framed(&blocks[2..]));
            hide(&mut bytes, key);
            if rubbish.iter().all(|byte| *byte == 0) {
                bytes[at..at + rubbish.len()].fill(0);
            }
            let report = ingest_directory(&bytes, Some(key)).unwrap();
            assert_eq!(report.blocks, 4, "{rubbish:?}");
            let [skipped] = report.skipped.as_slice() else {
                panic!("{:?}", report.skipped)
            };
            assert!(skipped.why.contains(word), "{skipped:?}");
            assert!(
                skipped.place.ends_with(&format!(": byte {at}")),
                "{skipped:?}"
            );
        }
    }
}

/// A record that stands where it should and is wrong is no rubbish.
#[test]
fn a_bad_record_is_an_error_with_its_offset() {
    let blocks = blocks();
    let mut bytes = framed(&blocks);
    let at = framed(&blocks[..2]).len() + 8 + 36;
    bytes[at] ^= 1;
    let text = ingest_directory(&bytes, None).unwrap_err().to_string();
    let named = text.contains(&format!("blk00000.dat: byte {}", at + 36))
        || text.contains(&format!("blk00000.dat: byte {at}: the merkle root"));
    assert!(named, "{text}");

    let mut short = framed(&blocks);
    let at = framed(&blocks[..1]).len() + 4;
    short[at] -= 1;
    let text = ingest_directory(&short, None).unwrap_err().to_string();
    assert!(text.contains("the block ends inside a lock time"), "{text}");
    for size in [0_u32, 80, 4_000_001, u32::MAX] {
        let mut bytes = framed(&blocks);
        bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        let text = ingest_directory(&bytes, None).unwrap_err().to_string();
        let wanted = format!("byte {at}: the record claims a block of {size} bytes");
        assert!(text.contains(&wanted), "{text}");
    }
}

/// A size that points beyond the file loses that block, not those after it.
#[test]
fn a_size_beyond_the_file_loses_one_block() {
    let blocks = blocks();
    let mut bytes = framed(&blocks);
    let at = framed(&blocks[..2]).len();
    bytes[at + 4..at + 8].copy_from_slice(&3_999_999_u32.to_le_bytes());
    let report = ingest_directory(&bytes, None).unwrap();
    assert_eq!(
        report.blocks, 3,
        "the last one is there, at a height nobody knows"
    );
    assert!(
        why(&report)[0].starts_with("cut: the last record has "),
        "{report:?}"
    );
    assert_eq!(report.notes[0].kind, "unknown-height");
}

#[test]
fn a_network_is_known_by_its_magic() {
    let bench = Bench::new();
    let mut bytes = framed(&blocks());
    let main = fs::read(first_blocks()).unwrap();
    bytes.extend(&main[..293]);
    let error = bench.refuse(&request(bench.file("two", &bytes)));
    let text = error.to_string();
    assert!(
        text.contains("this record is of bitcoin, the records before it are of regtest"),
        "{text}"
    );

    let regtest = bench.file("regtest", &framed(&blocks()));
    let error = bench.refuse(&request_of(&crate::support::BITCOIN, &regtest));
    let text = error.to_string();
    assert!(
        text.contains("holds blocks of regtest, and bitcoin was asked for"),
        "{text}"
    );
    let mut both = request(&regtest);
    both.paths.push(first_blocks());
    let text = bench.refuse(&both).to_string();
    assert!(
        text.contains("holds blocks of bitcoin, another source holds blocks of regtest"),
        "{text}"
    );

    let mut unknown = framed(&blocks());
    for start in [0, record(&genesis()).len()] {
        unknown[start..start + 4].copy_from_slice(&[0xfb, 0xc0, 0xb6, 0xdb]);
    }
    let error = bench.refuse(&request(bench.file("litecoin", &unknown)));
    assert!(
        error
            .to_string()
            .contains("byte 0: fbc0b6db is no network's magic"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("xor.dat"));
}

#[test]
fn a_wrong_key_is_an_error_whichever_byte_is_wrong() {
    let mut bytes = framed(&blocks());
    hide(&mut bytes, KEY);
    for place in 0..8 {
        for flip in [1, 0x80, 0xff] {
            let mut key = KEY;
            key[place] ^= flip;
            let error = ingest_directory(&bytes, Some(key)).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains("blk00000.dat: ") || text.contains("blocks: "),
                "{text}"
            );
            if place < 4 {
                assert!(text.contains("is no network's magic"), "{place}: {text}");
            }
        }
    }
    let text = ingest_directory(&bytes, None).unwrap_err().to_string();
    assert!(text.contains("is no network's magic"), "{text}");
}

/// A key may turn the first bytes of a record into zeros on disk.
#[test]
fn a_hidden_magic_may_look_like_reserved_space() {
    for zeros in 1..=4 {
        let mut key = KEY;
        key[..zeros].copy_from_slice(&MAGIC[..zeros]);
        let mut bytes = framed(&blocks());
        hide(&mut bytes, key);
        assert_eq!(bytes[..zeros], [0; 4][..zeros]);
        bytes.resize(bytes.len() + 100, 0);
        let report = ingest_directory(&bytes, Some(key)).unwrap();
        assert_eq!(report.blocks, 4, "{zeros}");
    }
}

#[test]
fn the_key_file_has_eight_bytes() {
    for length in [0, 7, 9, 64] {
        let bench = Bench::new();
        bench.file("blocks/blk00000.dat", &framed(&blocks()));
        bench.file("blocks/xor.dat", &vec![0; length]);
        let error = bench.refuse(&request(bench.folder.path().join("blocks")));
        let wanted = format!("the key in xor.dat has {length} bytes; it must have 8");
        assert!(error.to_string().contains(&wanted), "{error}");
    }
}

#[test]
fn a_directory_in_the_middle_of_a_change_of_keys_is_refused() {
    for name in ["xor.dat.reobfuscated", "blk00000.dat.reobfuscated"] {
        let bench = Bench::new();
        bench.file("blocks/blk00000.dat", &framed(&blocks()));
        bench.file(&format!("blocks/{name}"), &[1]);
        let error = bench.refuse(&request(bench.folder.path().join("blocks")));
        assert!(error.to_string().contains(name), "{error}");
        assert!(error.hint().unwrap().contains("let it finish"));
    }
}

#[test]
fn missing_files_are_said_and_empty_ones_are_none() {
    let bench = Bench::new();
    let blocks = blocks();
    bench.file("blocks/blk00002.dat", &framed(&blocks[..2]));
    bench.file("blocks/blk00004.dat", &framed(&blocks[2..]));
    bench.file("blocks/blk00005.dat", &[0; 4096]);
    bench.file("blocks/blk00006.dat", &[]);
    bench.file("blocks/rev00002.dat", b"not read");
    bench.file("blocks/index/LOCK", &[]);
    let report = bench.ingest(&request(bench.folder.path().join("blocks")));
    assert_eq!(report.blocks, 4);
    let places: Vec<&str> = report
        .skipped
        .iter()
        .map(|skipped| skipped.place.as_str())
        .collect();
    assert_eq!(places.len(), 2);
    assert!(
        places[0].ends_with("blk00000.dat to blk00001.dat"),
        "{places:?}"
    );
    assert!(places[1].ends_with("blk00003.dat"), "{places:?}");
    assert!(why(&report).iter().all(|why| why.starts_with("missing: ")));
}

#[test]
fn a_directory_without_block_files_is_no_source() {
    let bench = Bench::new();
    bench.file("node/blocks/blk00000.dat", &framed(&blocks()));
    let error = bench.refuse(&request(bench.folder.path().join("node")));
    assert!(
        error.to_string().contains("holds no block files"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("`blocks`"));
}

/// One file of a directory finds the key beside it; elsewhere the name does not matter.
#[test]
fn one_file_is_a_source_too() {
    let bench = Bench::new();
    let mut hidden = framed(&blocks());
    hide(&mut hidden, KEY);
    let file = bench.file("blocks/blk00000.dat", &hidden);
    bench.file("blocks/xor.dat", &KEY);
    assert_eq!(bench.ingest(&request(&file)).blocks, 4);
    let plain = bench.file("blocks/blk00007.dat", &framed(&blocks()));
    assert_eq!(bench.ingest(&request(&plain)).blocks, 4);
    let named = bench.file("any name at all", &framed(&blocks()));
    assert_eq!(bench.ingest(&request(&named)).blocks, 4);
}

#[test]
fn raw_blocks_and_hex_are_the_same_blocks() {
    let bench = Bench::new();
    let blocks = blocks();
    let whole = Bench::new();
    whole.ingest(&request(whole.file("all", &framed(&blocks))));
    for (number, block) in blocks.iter().enumerate() {
        let hex: String = block.iter().map(|byte| format!("{byte:02X}")).collect();
        let path = match number % 3 {
            0 => bench.file("raw", block),
            1 => bench.file("hex", hex.as_bytes()),
            _ => bench.file("hex", format!(" {hex}\r\n\n").as_bytes()),
        };
        let report = bench.ingest(&request_of(&REGTEST, path));
        assert_eq!(report.blocks, 1);
    }
    assert_eq!(
        describe(&bench.utxo(&REGTEST)),
        describe(&whole.utxo(&REGTEST))
    );

    let error = bench.refuse(&request_of(
        &crate::support::TESTNET,
        bench.file("raw", &blocks[0]),
    ));
    assert!(
        error.to_string().contains("easier than testnet3 allows"),
        "{error}"
    );
    let hex: String = blocks[1].iter().map(|byte| format!("{byte:02x}")).collect();
    let error = bench.refuse(&request_of(
        &REGTEST,
        bench.file("hex", &hex.as_bytes()[..hex.len() - 1]),
    ));
    assert!(matches!(&error, ChainError::Source(error) if matches!(error.fault, SourceFault::Hex)));
    let error = bench.refuse(&request_of(
        &REGTEST,
        bench.file("hex", &hex.as_bytes()[..hex.len() - 2]),
    ));
    let wanted = format!(
        "hex: byte {}: the block ends inside a lock time",
        hex.len() - 8
    );
    assert!(error.to_string().contains(&wanted), "{error}");
}

/// The main network's first block under another network's name, as far as it can be told.
#[test]
fn a_first_block_names_its_network() {
    let bench = Bench::new();
    let main = fs::read(first_blocks()).unwrap();
    let raw = bench.file("raw", &main[8..293]);
    assert_eq!(
        bench
            .ingest(&request(&raw))
            .extent
            .map(|extent| extent.last),
        Some(0)
    );
    let error = bench.refuse(&request_of(&crate::support::TESTNET, &raw));
    let ChainError::Source(error) = error else {
        panic!("{error}")
    };
    let wrong = matches!(
        error.fault,
        SourceFault::Request(RequestError::WrongNetwork { .. })
    );
    assert!(wrong, "{error}");
}

#[test]
fn what_was_passed_over_is_bounded() {
    let blocks = blocks();
    let mut bytes = Vec::new();
    for _ in 0..200 {
        bytes.extend(record(&blocks[0]));
        bytes.push(0xee);
    }
    let report = ingest_directory(&bytes, None).unwrap();
    assert_eq!(report.blocks, 1, "two hundred times the same");
    assert_eq!(report.skipped.len(), 101);
    assert_eq!(why(&report)[100], "100 more stretches that hold no block");
}

/// A file made of nothing but the beginnings of records is given up in bounded time.
#[test]
fn a_file_full_of_false_records_is_given_up() {
    let good = blocks();
    let header = &good[1][..80];
    let mut bytes = framed(&good);
    bytes.push(0xee);
    let unit = [&MAGIC[..], &3_900_000_u32.to_le_bytes(), header].concat();
    for _ in 0..60_000 {
        bytes.extend(&unit);
    }
    let text = ingest_directory(&bytes, None).unwrap_err().to_string();
    assert!(
        text.contains("too many things here look like records"),
        "{text}"
    );
}
