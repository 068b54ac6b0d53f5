//! Writes a chain as a node's `blocks` directory: `blkNNNNN.dat`, and `xor.dat` where a key is given.
//!
//! With the disorder that real directories have: any order, stale siblings, duplicates, several files, a tail of
//! zeros. It writes neither undo files nor an index.

use super::block::{Block, Transaction};
use super::chain::SimChain;
use crate::rng::SplitMix64;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The first bytes of a record on regtest.
pub(super) const MAGIC: [u8; 4] = [0xfa, 0xbf, 0xb5, 0xda];

/// How to write; the default is one tidy file in chain order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Put the records into a random order of this seed.
    pub shuffle: Option<u64>,
    /// How many stale siblings to add: blocks beside the main chain, none at its tip.
    pub stale: usize,
    /// How many records to write twice.
    pub duplicates: usize,
    /// The key that hides the files; also written to `xor.dat`. All zeros hides nothing.
    pub xor_key: Option<[u8; 8]>,
    /// How many zero bytes follow the last record of each file, never hidden.
    pub zero_tail: usize,
    /// Over how many files to spread the records; zero means one.
    pub files: usize,
    /// Leave out the blocks below this height.
    pub first_height: usize,
}

impl SimChain {
    /// Writes the chain into a directory, which is made if need be, and gives the files it wrote.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write_blk(&self, directory: &Path, options: &WriteOptions) -> io::Result<Vec<PathBuf>> {
        fs::create_dir_all(directory)?;
        let records = self.records(options);
        let files = options.files.max(1);
        let per_file = records.len().div_ceil(files).max(1);
        let mut written = Vec::new();
        for (number, records) in records.chunks(per_file).enumerate() {
            let mut bytes = records.concat();
            hide(&mut bytes, options.xor_key.unwrap_or_default());
            bytes.resize(bytes.len() + options.zero_tail, 0);
            let path = directory.join(format!("blk{number:05}.dat"));
            fs::write(&path, bytes)?;
            written.push(path);
        }
        if let Some(key) = options.xor_key {
            let path = directory.join("xor.dat");
            fs::write(&path, key)?;
            written.push(path);
        }
        Ok(written)
    }

    /// The records in the order in which they are written.
    fn records(&self, options: &WriteOptions) -> Vec<Vec<u8>> {
        let mut rng = SplitMix64::new(options.shuffle.unwrap_or(0));
        let mut blocks: Vec<Block> = self.blocks[options.first_height..].to_vec();
        for number in 0..options.stale {
            if let Some(sibling) = self.stale_sibling(number, options.first_height) {
                // A sibling arrives after the block it rivals.
                let place = blocks
                    .iter()
                    .position(|block| block.height == sibling.height);
                blocks.insert(place.expect("its rival is there") + 1, sibling);
            }
        }
        for _ in 0..options.duplicates {
            let block = rng.pick(&blocks).clone();
            blocks.push(block);
        }
        if options.shuffle.is_some() {
            rng.shuffle(&mut blocks);
        }
        blocks.iter().map(record).collect()
    }

    /// A block that rivals one of the main chain below the tip: the same payments, another coinbase.
    fn stale_sibling(&self, number: usize, first_height: usize) -> Option<Block> {
        let lowest = first_height + 1;
        let rivals = self
            .blocks
            .len()
            .checked_sub(lowest + 1)
            .filter(|count| *count > 0)?;
        let mut rng = SplitMix64::new(u64::try_from(number).expect("a small number"));
        let height = lowest + rng.index(rivals);
        let rival = &self.blocks[height];
        let mut reward = rival.transactions[0].outputs[..1].to_vec();
        reward[0].value = rival.transactions[0]
            .outputs
            .iter()
            .map(|output| output.value)
            .sum();
        let payments: Vec<Transaction> = rival.transactions[1..].to_vec();
        let previous = &self.blocks[height - 1];
        Some(Block::after(previous, rng.next_u64(), reward, payments))
    }
}

/// A record: magic, size, block.
fn record(block: &Block) -> Vec<u8> {
    let block = block.encode();
    let size = u32::try_from(block.len()).expect("a block is small");
    [&MAGIC[..], &size.to_le_bytes(), &block].concat()
}

/// Each byte against the key's byte for its offset in the file.
fn hide(bytes: &mut [u8], key: [u8; 8]) {
    for (offset, byte) in bytes.iter_mut().enumerate() {
        *byte ^= key[offset % 8];
    }
}

#[cfg(test)]
mod tests {
    use super::{WriteOptions, hide};
    use crate::simulator::random_chain;
    use std::fs;

    #[test]
    fn the_files_hold_what_was_asked_for() {
        let chain = random_chain(3, 9, 3);
        let directory = std::env::temp_dir().join(format!("testkit-blk-{}", std::process::id()));
        let key = [1, 2, 3, 4, 5, 6, 7, 8];
        let options = WriteOptions {
            shuffle: Some(7),
            stale: 2,
            duplicates: 3,
            xor_key: Some(key),
            zero_tail: 100,
            files: 4,
            first_height: 0,
        };
        let written = chain
            .write_blk(&directory, &options)
            .expect("a place to write");
        assert_eq!(written.len(), 5, "four block files and the key");
        let mut blocks = Vec::new();
        for path in &written[..4] {
            let mut bytes = fs::read(path).expect("it was written");
            let length = bytes.len() - 100;
            assert!(bytes[length..].iter().all(|byte| *byte == 0));
            bytes.truncate(length);
            hide(&mut bytes, key);
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                assert_eq!(rest[..4], super::MAGIC);
                let size = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]);
                let end = 8 + usize::try_from(size).expect("a small size");
                blocks.push(rest[8..end].to_vec());
                rest = &rest[end..];
            }
        }
        fs::remove_dir_all(&directory).expect("it is ours");
        assert_eq!(blocks.len(), 10 + 2 + 3);
        let main: Vec<Vec<u8>> = chain.blocks.iter().map(super::Block::encode).collect();
        assert!(main.iter().all(|block| blocks.contains(block)));
        let foreign = blocks.iter().filter(|block| !main.contains(block)).count();
        assert!(foreign >= 2, "the stale siblings are other blocks");
    }
}
