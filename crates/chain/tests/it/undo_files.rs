//! Bitcoin Core's undo files as a source: the node's own, and made ones with known faults.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use whither_chain::sources::bitcoin::{
    BlockRef, RevFiles, SpentOutput, UndoFault, parse_body, shape_of,
};
use whither_chain::{At, SourceError, SourceFault};

use crate::made::{Hash, MAGIC, double_sha256, hash, hide};
use crate::support::{data, unhex};

const KEY: [u8; 8] = [9, 8, 7, 6, 5, 4, 3, 2];

fn previous(block: &[u8]) -> Hash {
    block[4..36].try_into().unwrap()
}

/// The scenario's blocks, from height 1 on, and its stale block.
fn fed(scenario: &Path) -> (Vec<Vec<u8>>, Vec<u8>) {
    let text = fs::read(scenario.join("blocks-as-fed.json")).unwrap();
    let fed: Value = serde_json::from_slice(&text).unwrap();
    let blocks = |name: &str| -> Vec<Vec<u8>> {
        let blocks = fed[name].as_array().unwrap().iter();
        blocks.map(|block| unhex(block.as_str().unwrap())).collect()
    };
    (blocks("chain"), blocks("stale").remove(0))
}

/// What each block spends by the blocks alone: outputs joined with the inputs that name them.
fn joined(blocks: &[Vec<u8>]) -> Vec<Vec<SpentOutput>> {
    let mut made: BTreeMap<(Hash, u32), SpentOutput> = BTreeMap::new();
    let mut all = Vec::new();
    for (height, bytes) in (1..).zip(blocks) {
        let block = BlockRef::parse(bytes).unwrap();
        let mut spent = Vec::new();
        for transaction in &block.transactions {
            if !transaction.is_coinbase() {
                let inputs = transaction.inputs.iter();
                spent.extend(inputs.map(|input| made[&(*input.txid, input.vout)].clone()));
            }
            for (vout, output) in (0..).zip(&transaction.outputs) {
                let output = SpentOutput {
                    value: output.value,
                    script: output.script.to_vec(),
                    height,
                    coinbase: transaction.is_coinbase(),
                };
                made.insert((transaction.txid(), vout), output);
            }
        }
        all.push(spent);
    }
    all
}

/// Every block's undo data tells what the other blocks tell, in whatever order it is asked for.
#[test]
fn a_nodes_undo_files_tell_what_its_blocks_tell() {
    let Some(scenario) = data("scenarios/bitcoin-core-regtest") else {
        return;
    };
    let (blocks, stale) = fed(&scenario);
    let wanted = joined(&blocks);
    assert_eq!(wanted.iter().map(Vec::len).sum::<usize>(), 98);
    let mut files = RevFiles::open(&scenario.join("blocks")).unwrap();
    let mut ask = |block: &[u8]| {
        let shape = shape_of(&BlockRef::parse(block).unwrap());
        files.spent_by(0, &previous(block), &shape).unwrap()
    };
    for (block, wanted) in blocks.iter().zip(&wanted) {
        assert_eq!(ask(block).as_ref(), Some(wanted), "{:?}", hash(block));
    }
    for (block, wanted) in blocks.iter().zip(&wanted).rev().step_by(7) {
        assert_eq!(ask(block).as_ref(), Some(wanted), "{:?}", hash(block));
    }
    let first = crate::made::genesis();
    assert_eq!(ask(&first), None, "the first block is never connected");
    // The stale block never was. It spends the very output that its sibling spends, whose record it is given.
    let sibling = ask(&blocks[142]);
    assert_eq!(previous(&stale), previous(&blocks[142]));
    assert_eq!(sibling.as_ref(), Some(&wanted[142]));
    assert_eq!(ask(&stale), sibling);
    let no_such_block = files.spent_by(0, &previous(&stale), &[1, 1]).unwrap();
    assert_eq!(no_such_block, None);
    assert!(files.skipped().is_empty(), "{:?}", files.skipped());
}

/// A body of transactions with inputs of these values, each locked by a script of one byte.
fn body(transactions: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(transactions.len()).unwrap()];
    for values in transactions {
        bytes.push(u8::try_from(values.len()).unwrap());
        for value in *values {
            // Height 5, the empty version, so many tens of millions of satoshi.
            bytes.extend([10, 0, 10 * value - 2, 7, 0x51]);
        }
    }
    bytes
}

fn record(previous: &Hash, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    let checksum = double_sha256(&[&previous[..], body].concat());
    [&MAGIC[..], &size, body, &checksum].concat()
}

/// A directory with one undo file, hidden or not.
fn directory(plain: &[u8], key: Option<[u8; 8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = plain.to_vec();
    if let Some(key) = key {
        hide(&mut bytes, key);
        fs::write(folder.path().join("xor.dat"), key).unwrap();
    }
    fs::write(folder.path().join("rev00003.dat"), bytes).unwrap();
    folder
}

const A: Hash = [0xa1; 32];
const B: Hash = [0xb2; 32];
const C: Hash = [0xc3; 32];
const SHAPES: [(Hash, &[usize]); 3] = [(A, &[2]), (B, &[1, 1]), (C, &[1])];

fn records() -> [Vec<u8>; 3] {
    [
        record(&A, &body(&[&[1, 2]])),
        record(&B, &body(&[&[3], &[4]])),
        record(&C, &body(&[&[5]])),
    ]
}

/// What each of the three blocks spends, by its values in tens of millions of satoshi.
fn values(files: &mut RevFiles) -> [Result<Option<Vec<u64>>, SourceError>; 3] {
    SHAPES.map(|(previous, shape)| {
        let spent = files.spent_by(3, &previous, shape)?;
        Ok(spent.map(|spent| {
            spent
                .iter()
                .map(|output| output.value / 10_000_000)
                .collect()
        }))
    })
}

const WANTED: [&[u64]; 3] = [&[1, 2], &[3, 4], &[5]];

/// Which of the three are found; what is found must be right.
fn found(files: &mut RevFiles) -> [bool; 3] {
    let mut wanted = WANTED.iter();
    values(files).map(|values| {
        let wanted = wanted.next().unwrap();
        values.unwrap().is_some_and(|values| {
            assert_eq!(values, **wanted);
            true
        })
    })
}

fn why(files: &RevFiles) -> Vec<&str> {
    let skipped = files.skipped().iter();
    skipped.map(|skipped| skipped.why.as_str()).collect()
}

#[test]
fn records_are_found_hidden_or_not() {
    let plain = [records().concat(), vec![0; 4096]].concat();
    for key in [None, Some([0; 8]), Some(KEY)] {
        let mut bytes = plain.clone();
        if key == Some(KEY) {
            // What was never written is raw zero: hidden once more, it is.
            let end = records().concat().len();
            for (offset, byte) in bytes.iter_mut().enumerate().skip(end) {
                *byte = KEY[offset % 8];
            }
        }
        let folder = directory(&bytes, key);
        let mut files = RevFiles::open(folder.path()).unwrap();
        assert_eq!(found(&mut files), [true; 3]);
        assert_eq!(why(&files), Vec::<&str>::new());
        assert!(
            files.spent_by(2, &A, &[2]).unwrap().is_none(),
            "no such file"
        );
        assert!(files.spent_by(3, &[1; 32], &[2]).unwrap().is_none());
        assert!(files.spent_by(3, &[1; 32], &[]).unwrap().is_none());
    }
}

/// Of two blocks after the same one, the shape tells whose a record is.
#[test]
fn a_siblings_record_is_not_taken() {
    let other = record(&A, &body(&[&[9]]));
    let empty = record(&A, &[0]);
    let bytes = [&other[..], &empty, &records().concat()].concat();
    let folder = directory(&bytes, None);
    let mut files = RevFiles::open(folder.path()).unwrap();
    assert_eq!(found(&mut files), [true; 3]);
    assert_eq!(files.spent_by(3, &A, &[]).unwrap(), Some(Vec::new()));
    assert_eq!(
        files.spent_by(3, &A, &[1]).unwrap().unwrap()[0].value,
        90_000_000
    );
    assert_eq!(files.spent_by(3, &A, &[3]).unwrap(), None);
}

#[test]
fn a_cut_file_ends_at_the_record_before_the_cut() {
    let [a, b, c] = records();
    let whole = [&a[..], &b, &c].concat();
    for end in 0..whole.len() {
        let complete = [a.len(), a.len() + b.len(), whole.len()].map(|at| at <= end);
        // Cut, and reserved but not written.
        for unwritten in [0, 100] {
            let mut bytes = whole[..end].to_vec();
            bytes.resize(end + unwritten, 0);
            let folder = directory(&bytes, None);
            let mut files = RevFiles::open(folder.path()).unwrap();
            if end < 4 && end > 0 {
                assert!(values(&mut files)[0].is_err(), "no magic, at {end}");
                continue;
            }
            assert_eq!(found(&mut files), complete, "{end} {unwritten}");
            let at_a_boundary = [0, a.len(), a.len() + b.len()].contains(&end);
            // The end of a checksum may be zeros: as long as one of four bytes is written it counts as whole.
            let looks_whole = unwritten > 0
                && [a.len(), a.len() + b.len(), whole.len()]
                    .into_iter()
                    .any(|whole| (whole - 3..=whole).contains(&end));
            let told = usize::from(!at_a_boundary && !looks_whole && end < whole.len());
            assert_eq!(files.skipped().len(), told, "{end} {unwritten}");
            if let [why] = why(&files)[..] {
                // Of a magic that is written in part nothing tells that it is one.
                let starts = [0, a.len(), a.len() + b.len()];
                let in_magic = starts
                    .iter()
                    .any(|start| (start + 1..start + 4).contains(&end));
                let said = if in_magic && unwritten > 0 {
                    "garbage: "
                } else {
                    "cut: "
                };
                assert!(why.starts_with(said), "{end}: {why}");
            }
        }
    }
}

#[test]
fn what_lies_between_records_is_passed_over() {
    let [a, b, c] = records();
    for (between, said) in [
        (vec![0; 50], "50 zero bytes between records"),
        (vec![7; 50], "garbage: 50 bytes that are no record"),
        (a[20..].to_vec(), "garbage: "),
        (a[..15].to_vec(), "garbage: "),
    ] {
        let bytes = [&a[..], &between, &b, &between, &c].concat();
        let folder = directory(&bytes, None);
        let mut files = RevFiles::open(folder.path()).unwrap();
        assert_eq!(found(&mut files), [true; 3], "{said}");
        let why = why(&files);
        assert_eq!(why.len(), 2, "{why:?}");
        assert!(why.iter().all(|why| why.starts_with(said)), "{why:?}");
        let place = &files.skipped()[0].place;
        assert!(
            place.ends_with(&format!("rev00003.dat: byte {}", a.len())),
            "{place}"
        );
    }
}

/// A damaged byte costs the record it is in, or gives an error; it never changes an answer.
#[test]
fn no_flipped_bit_changes_an_answer() {
    let [a, b, _] = records();
    let whole = records().concat();
    for bit in 0..8 * whole.len() {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let folder = directory(&bytes, None);
        let mut files = RevFiles::open(folder.path()).unwrap();
        if bit / 8 < 4 {
            assert!(values(&mut files)[0].is_err(), "no magic");
            continue;
        }
        let hit = if bit / 8 < a.len() {
            0
        } else if bit / 8 < a.len() + b.len() {
            1
        } else {
            2
        };
        let mut wanted = [true; 3];
        wanted[hit] = false;
        assert_eq!(found(&mut files), wanted, "bit {bit}");
    }
}

#[test]
fn a_body_that_does_not_parse_is_an_error_at_its_byte() {
    let [a, b, c] = records();
    let mut bad = body(&[&[3], &[4]]);
    *bad.last_mut().unwrap() = 0;
    bad.push(0);
    let bytes = [&a[..], &record(&B, &bad), &c].concat();
    let folder = directory(&bytes, None);
    let mut files = RevFiles::open(folder.path()).unwrap();
    let [first, second, third] = values(&mut files);
    assert_eq!(first.unwrap().unwrap(), WANTED[0]);
    assert_eq!(third.unwrap().unwrap(), WANTED[2]);
    let error = second.unwrap_err();
    let last = a.len() + 8 + bad.len() - 1;
    assert_eq!(error.at, Some(At::Byte(u64::try_from(last).unwrap())));
    assert!(error.path.ends_with("rev00003.dat"), "{error}");
    let SourceFault::Undo(fault) = &error.fault else {
        panic!("{error}")
    };
    assert_eq!(*fault, UndoFault::Trailing(1));
    assert!(b.len() > 8);
}

#[test]
fn a_file_that_is_none_of_undo_records_is_refused() {
    let mut bytes = records().concat();
    hide(&mut bytes, KEY);
    let folder = directory(&bytes, None);
    let mut files = RevFiles::open(folder.path()).unwrap();
    let error = files.spent_by(3, &A, &[2]).unwrap_err();
    assert_eq!(error.at, Some(At::Byte(0)));
    assert!(
        error.to_string().contains("is no network's magic"),
        "{error}"
    );

    // Magics and nothing else: given up, and soon.
    let rubbish = [&MAGIC[..], &[0xf0, 0xff, 0, 0]].concat().repeat(100_000);
    let folder = directory(&rubbish, None);
    let mut files = RevFiles::open(folder.path()).unwrap();
    let error = files.spent_by(3, &A, &[2]).unwrap_err();
    assert!(error.to_string().contains("too many things"), "{error}");
}

#[test]
fn a_file_that_the_node_removed_is_reported() {
    let folder = directory(&records().concat(), Some(KEY));
    let mut files = RevFiles::open(folder.path()).unwrap();
    fs::remove_file(folder.path().join("rev00003.dat")).unwrap();
    assert_eq!(found(&mut files), [false; 3]);
    assert_eq!(
        why(&files),
        ["missing: removed while the directory was being read"]
    );
}

/// Sixty thousand records, half of them of blocks that spend nothing, asked for in their order.
#[test]
fn many_small_records_are_found_in_their_order() {
    let previous = |number: u32| -> Hash { double_sha256(&number.to_le_bytes()) };
    let mut bytes = Vec::new();
    for number in 0..30_000 {
        bytes.extend(record(&previous(number), &[0]));
        bytes.extend(record(&previous(number), &body(&[&[1]])));
    }
    let folder = directory(&bytes, Some(KEY));
    let mut files = RevFiles::open(folder.path()).unwrap();
    for number in 0..30_000 {
        for shape in [&[][..], &[1]] {
            let spent = files.spent_by(3, &previous(number), shape).unwrap();
            assert_eq!(spent.unwrap().len(), shape.len());
        }
    }
}

/// The parser alone, over every cut of every real body.
#[test]
fn every_cut_of_a_real_body_is_refused() {
    let Some(scenario) = data("scenarios/bitcoin-core-regtest") else {
        return;
    };
    let key: [u8; 8] = fs::read(scenario.join("blocks/xor.dat"))
        .unwrap()
        .try_into()
        .unwrap();
    let mut bytes = fs::read(scenario.join("blocks/rev00000.dat")).unwrap();
    hide(&mut bytes, key);
    let mut rest = &bytes[..];
    let mut bodies = 0;
    while let Some(record) = rest.strip_prefix(&MAGIC) {
        let size = u32::from_le_bytes(record[..4].try_into().unwrap());
        let end = 4 + usize::try_from(size).unwrap();
        for cut in 4..end {
            assert!(parse_body(&record[4..cut], &[1]).is_err());
        }
        bodies += 1;
        rest = &record[end + 32..];
    }
    assert_eq!(bodies, 300);
}
