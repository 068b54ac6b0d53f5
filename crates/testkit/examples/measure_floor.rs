//! What reading a chain costs at the least, whoever reads it: `measure_floor STEP DIRECTORY` of a big chain.
//!
//! - `floor-bytes`: every byte of the block files is read and goes through SHA-256 once.
//! - `floor-ids`: every block is unhidden, and every transaction id and merkle root computed.
//! - `floor-witnesses`: also the ids with witnesses and their root, which the coinbase commits to.
//!
//! Its parser is as small as can be and panics on anything but a good block; it keeps nothing.

use sha2::{Digest, Sha256};
use std::error::Error;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{env, io};
use whither_testkit::measure::{Line, Meter};
use whither_testkit::simulator::block::{Hash, double_sha256};
use whither_testkit::simulator::bulk::merkle_root;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [step, directory] = &arguments[..] else {
        return Err("usage: measure_floor STEP DIRECTORY".into());
    };
    let blocks = Path::new(directory).join("blocks");
    let meter = Meter::start();
    let (bytes, transactions) = match &step[..] {
        "floor-bytes" => (digest(&blocks)?, 0),
        "floor-ids" => hash(&blocks, false)?,
        "floor-witnesses" => hash(&blocks, true)?,
        _ => return Err("no such step".into()),
    };
    let line = Line::of(step).used(meter.finish());
    let line = line.count("bytes", bytes);
    println!("{}", line.count("transactions", transactions).end());
    Ok(())
}

fn block_files(blocks: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(blocks)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name != "xor.dat") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads all files, 256 KiB at a time, and gives how many bytes they have.
fn digest(blocks: &Path) -> io::Result<usize> {
    let mut chunk = vec![0; 256 << 10];
    let mut total = 0;
    for path in block_files(blocks)? {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        loop {
            let count = file.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            hasher.update(&chunk[..count]);
            total += count;
        }
        std::hint::black_box(hasher.finalize());
    }
    Ok(total)
}

/// Checks the merkle root of all blocks, and gives how many bytes and transactions there are.
fn hash(blocks: &Path, witnesses: bool) -> io::Result<(usize, usize)> {
    let key = fs::read(blocks.join("xor.dat"))?;
    let key = u64::from_ne_bytes(key.try_into().expect("a key of eight bytes"));
    let mut bytes = Vec::new();
    let mut ids = Ids::default();
    let (mut total, mut transactions) = (0, 0);
    for path in block_files(blocks)? {
        bytes.clear();
        File::open(path)?.read_to_end(&mut bytes)?;
        for chunk in bytes.chunks_mut(8) {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            let clear = (u64::from_ne_bytes(eight) ^ key).to_ne_bytes();
            chunk.copy_from_slice(&clear[..chunk.len()]);
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let size = u32::from_le_bytes(rest[4..8].try_into().expect("four bytes"));
            let (record, after) = rest.split_at(8 + usize::try_from(size).expect("a small size"));
            transactions += ids.check(&record[8..], witnesses);
            rest = after;
        }
        total += bytes.len();
    }
    Ok((total, transactions))
}

/// The ids of one block, in lists that are used again.
#[derive(Default)]
struct Ids {
    txids: Vec<Hash>,
    wtxids: Vec<Hash>,
}

impl Ids {
    fn check(&mut self, block: &[u8], witnesses: bool) -> usize {
        self.txids.clear();
        self.wtxids.clear();
        let mut cursor = Cursor { block, at: 80 };
        let count = cursor.size();
        for place in 0..count {
            let start = cursor.at;
            cursor.at += 4;
            let segwit = block[cursor.at] == 0;
            cursor.at += if segwit { 2 } else { 0 };
            let core = cursor.at;
            let inputs = cursor.size();
            for _ in 0..inputs {
                cursor.at += 36;
                cursor.pass();
                cursor.at += 4;
            }
            for _ in 0..cursor.size() {
                cursor.at += 8;
                cursor.pass();
            }
            let core_end = cursor.at;
            for _ in 0..if segwit { inputs } else { 0 } {
                for _ in 0..cursor.size() {
                    cursor.pass();
                }
            }
            cursor.at += 4;
            let mut hasher = Sha256::new();
            hasher.update(&block[start..start + 4]);
            hasher.update(&block[core..core_end]);
            hasher.update(&block[cursor.at - 4..cursor.at]);
            let txid = Sha256::digest(hasher.finalize()).into();
            self.txids.push(txid);
            if witnesses {
                self.wtxids.push(match (place, segwit) {
                    (0, _) => [0; 32],
                    (_, true) => double_sha256(&block[start..cursor.at]),
                    (_, false) => txid,
                });
            }
        }
        assert_eq!(cursor.at, block.len(), "a block ends with its transactions");
        assert_eq!(merkle_root(&mut self.txids), block[36..68]);
        if witnesses {
            std::hint::black_box(merkle_root(&mut self.wtxids));
        }
        count
    }
}

struct Cursor<'block> {
    block: &'block [u8],
    at: usize,
}

impl Cursor<'_> {
    fn size(&mut self) -> usize {
        let first = self.block[self.at];
        let width = match first {
            0xfd => 2,
            0xfe => 4,
            0xff => 8,
            _ => {
                self.at += 1;
                return usize::from(first);
            }
        };
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(&self.block[self.at + 1..=self.at + width]);
        self.at += 1 + width;
        usize::try_from(u64::from_le_bytes(bytes)).expect("a small size")
    }

    /// Passes over bytes that say how many they are.
    fn pass(&mut self) {
        let size = self.size();
        self.at += size;
    }
}
