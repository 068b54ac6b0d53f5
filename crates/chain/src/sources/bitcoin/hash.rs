//! Bitcoin's double SHA-256, and the root of a tree over it, for many short inputs.
//!
//! Half of the time of reading blocks goes into this: where what is hashed has a known length, its padded blocks
//! go straight to the compression function.

use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

/// The state that SHA-256 begins with (FIPS 180-4, 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// SHA-256 twice over the parts in turn.
pub(crate) fn double_sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    sha256_of_hash(&hasher.finalize().into())
}

/// SHA-256 twice over two hashes.
fn double_sha256_of_pair(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut blocks = [[0; 64], padding(512)];
    blocks[0][..32].copy_from_slice(left);
    blocks[0][32..].copy_from_slice(right);
    sha256_of_hash(&compressed(&blocks))
}

fn sha256_of_hash(hash: &[u8; 32]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(hash);
    block[32..].copy_from_slice(&padding(256)[..32]);
    block[62..].copy_from_slice(&256_u16.to_be_bytes());
    compressed(&[block])
}

/// The last block of a message that ends at a block's end, or the end of one that ends within it.
const fn padding(bits: u16) -> [u8; 64] {
    let mut block = [0; 64];
    let length = bits.to_be_bytes();
    block[0] = 0x80;
    block[62] = length[0];
    block[63] = length[1];
    block
}

/// The hash of a message that was padded.
fn compressed(blocks: &[[u8; 64]]) -> [u8; 32] {
    let mut state = START;
    compress256(&mut state, blocks);
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

/// The root of the tree over leaves, and whether a repetition at the end could be hidden in it (CVE-2012-2459).
pub(crate) fn merkle_root(mut level: Vec<[u8; 32]>) -> ([u8; 32], bool) {
    let mut mutated = false;
    while level.len() > 1 {
        let parents = level.len().div_ceil(2);
        for parent in 0..parents {
            let left = level[2 * parent];
            let right = level.get(2 * parent + 1).copied();
            mutated |= right == Some(left);
            level[parent] = double_sha256_of_pair(&left, &right.unwrap_or(left));
        }
        level.truncate(parents);
    }
    (level.first().copied().unwrap_or_default(), mutated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_sha256() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..=bytes.len() {
            let wanted: [u8; 32] = Sha256::digest(Sha256::digest(&bytes[..length])).into();
            for cut in [0, length / 3, length] {
                let (left, right) = bytes[..length].split_at(cut);
                assert_eq!(double_sha256(&[left, right]), wanted, "{length}");
            }
        }
        let (left, right) = ([7; 32], [9; 32]);
        let wanted = double_sha256(&[&left, &right]);
        assert_eq!(double_sha256_of_pair(&left, &right), wanted);
    }

    #[test]
    fn a_hidden_repetition_is_seen() {
        let [a, b, c] = [[1; 32], [2; 32], [3; 32]];
        let (three, clean) = merkle_root(vec![a, b, c]);
        let (four, mutated) = merkle_root(vec![a, b, c, c]);
        assert_eq!(three, four, "this is what makes the repetition dangerous");
        assert!(!clean);
        assert!(mutated);
        let (six, mutated) = merkle_root(vec![a, b, c, a, b, c]);
        assert!(!mutated);
        let (eight, mutated) = merkle_root(vec![a, b, c, a, b, c, b, c]);
        assert_eq!(six, eight, "the pair is repeated one level up");
        assert!(mutated);
        assert_eq!(merkle_root(vec![a]), (a, false));
        assert_eq!(merkle_root(Vec::new()), ([0; 32], false));
    }
}
