//! Blocks of the big chain as bytes, written once into one buffer: nothing is allocated for a transaction.
//!
//! The same format as the small simulator's blocks, which are lists of lists and too slow for this.

use super::coins::Coin;
use super::script::{Place, write_input_script, write_witness};
use crate::rng::SplitMix64;
use crate::simulator::block::{
    BITS, GENESIS_TIME, Hash, compact_size, double_sha256, has_proof_of_work, push_height,
};
use sha2::{Digest, Sha256};

/// How many bytes end a coinbase after its outputs.
const WITNESS_AND_LOCK_TIME: usize = 38;

/// An output to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pay {
    /// In satoshi.
    pub(super) value: u64,
    pub(super) to: Place,
}

/// A block while it is written: all its transactions but the coinbase.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) bytes: Vec<u8>,
    txids: Vec<Hash>,
    wtxids: Vec<Hash>,
}

/// The part of a finished block that goes before the bytes of the draft.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) hash: Hash,
    /// The coinbase's.
    pub(super) txid: Hash,
}

impl Draft {
    /// Begins the next block.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.txids.clear();
        self.wtxids.clear();
    }

    /// Writes a transaction and gives its id.
    pub(super) fn push(
        &mut self,
        seed: u64,
        coins: &[Coin],
        pays: &[Pay],
        noise: &mut SplitMix64,
    ) -> Hash {
        let segwit = coins.iter().any(|coin| coin.form.has_witness());
        let to = &mut self.bytes;
        let start = to.len();
        to.extend_from_slice(&2_u32.to_le_bytes());
        if segwit {
            to.extend_from_slice(&[0, 1]);
        }
        let core = to.len();
        write_size(coins.len(), to);
        for coin in coins {
            to.extend_from_slice(&coin.txid);
            to.extend_from_slice(&coin.vout.to_le_bytes());
            write_input_script(coin.form, noise, to);
            to.extend_from_slice(&0xffff_fffd_u32.to_le_bytes());
        }
        write_size(pays.len(), to);
        for pay in pays {
            to.extend_from_slice(&pay.value.to_le_bytes());
            pay.to.write_script(seed, to);
        }
        let core_end = to.len();
        if segwit {
            for coin in coins {
                write_witness(coin.form, noise, to);
            }
        }
        let lock_time = to.len();
        to.extend_from_slice(&0_u32.to_le_bytes());
        let mut hasher = Sha256::new();
        hasher.update(&to[start..start + 4]);
        hasher.update(&to[core..core_end]);
        hasher.update(&to[lock_time..]);
        let txid: Hash = Sha256::digest(hasher.finalize()).into();
        self.txids.push(txid);
        self.wtxids.push(if segwit {
            double_sha256(&to[start..])
        } else {
            txid
        });
        txid
    }

    /// Finishes the block: a coinbase that pays one address, the header, and proof of work.
    pub(super) fn finish(&mut self, seed: u64, height: u32, previous: &Hash, reward: Pay) -> Head {
        let count = self.txids.len() + 1;
        let coinbase = self.coinbase(seed, height, reward);
        let core = &coinbase[6..coinbase.len() - WITNESS_AND_LOCK_TIME];
        let txid = double_sha256(&[&coinbase[..4], core, &[0; 4]].concat());
        self.txids.insert(0, txid);
        let mut bytes = 4_u32.to_le_bytes().to_vec();
        bytes.extend_from_slice(previous);
        bytes.extend_from_slice(&merkle_root(&mut self.txids));
        bytes.extend_from_slice(&(GENESIS_TIME + 600 * height).to_le_bytes());
        bytes.extend_from_slice(&BITS.to_le_bytes());
        let unproven = bytes.len();
        let mut nonce = 0_u32;
        let hash = loop {
            bytes.truncate(unproven);
            bytes.extend_from_slice(&nonce.to_le_bytes());
            let hash = double_sha256(&bytes);
            if has_proof_of_work(hash) {
                break hash;
            }
            nonce += 1;
        };
        write_size(count, &mut bytes);
        bytes.extend_from_slice(&coinbase);
        Head { bytes, hash, txid }
    }

    /// A coinbase with its height (BIP 34) and its commitment to the witnesses (BIP 141).
    fn coinbase(&mut self, seed: u64, height: u32, reward: Pay) -> Vec<u8> {
        self.wtxids.insert(0, [0; 32]);
        let root = merkle_root(&mut self.wtxids);
        let commitment = double_sha256(&[root, [0; 32]].concat());
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        bytes.extend_from_slice(&[0, 1, 1]);
        bytes.extend_from_slice(&[0; 32]);
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        let script = [&push_height(height)[..], &[4, 1, 2, 3, 4]].concat();
        write_size(script.len(), &mut bytes);
        bytes.extend_from_slice(&script);
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        bytes.push(2);
        bytes.extend_from_slice(&reward.value.to_le_bytes());
        reward.to.write_script(seed, &mut bytes);
        bytes.extend_from_slice(&0_u64.to_le_bytes());
        bytes.extend_from_slice(&[38, 0x6a, 36, 0xaa, 0x21, 0xa9, 0xed]);
        bytes.extend_from_slice(&commitment);
        bytes.extend_from_slice(&[1, 32]);
        bytes.extend_from_slice(&[0; 32]);
        bytes.extend_from_slice(&[0; 4]);
        bytes
    }
}

/// The root of the merkle tree over a list, which is used up.
///
/// # Panics
/// If the list is empty.
pub fn merkle_root(level: &mut Vec<Hash>) -> Hash {
    while level.len() > 1 {
        let last = level.len() - 1;
        for pair in 0..level.len().div_ceil(2) {
            let mut both = [0; 64];
            both[..32].copy_from_slice(&level[2 * pair]);
            both[32..].copy_from_slice(&level[last.min(2 * pair + 1)]);
            level[pair] = double_sha256(&both);
        }
        level.truncate(level.len().div_ceil(2));
    }
    level[0]
}

fn write_size(count: usize, to: &mut Vec<u8>) {
    match u8::try_from(count) {
        Ok(small @ 0..=0xfc) => to.push(small),
        _ => to.extend_from_slice(&compact_size(count)),
    }
}
