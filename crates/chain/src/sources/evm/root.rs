//! The root under which a header commits to its receipts: of every log, with all it says, in its order.
//!
//! The bloom filter tells only that a log of an address and topics is there; a log that is left out beside another like
//! it, or whose amount was changed, is caught by this alone. Encodings are those of the Yellow Paper (appendices B and
//! D) and of EIP-658 and EIP-2718.

use sha3::{Digest as _, Keccak256};
use whither_ledger::U256;

use super::Hash;
use super::bloom::Bloom;
use super::logs::Log;

/// What a receipt says became of its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Whether it succeeded: since Byzantium.
    Status(bool),
    /// The root of the state after it: before.
    State(Hash),
}

/// A log as a receipt holds it.
pub(crate) fn log(log: &Log<'_>) -> Vec<u8> {
    let topics: Vec<u8> = log.topics.iter().flat_map(|topic| text(topic)).collect();
    list(&[text(&log.address), list(&topics), text(log.data)].concat())
}

/// A receipt as the trie holds it; `logs` are encoded already, one behind the other.
pub(crate) fn receipt(
    kind: u8,
    outcome: Outcome,
    gas_so_far: U256,
    bloom: &Bloom,
    logs: &[u8],
) -> Vec<u8> {
    let outcome = match outcome {
        Outcome::Status(ok) => number(U256::from(u8::from(ok))),
        Outcome::State(root) => text(&root),
    };
    let fields = [outcome, number(gas_so_far), text(&bloom.0), list(logs)].concat();
    let mut whole = list(&fields);
    if kind > 0 {
        whole.insert(0, kind);
    }
    whole
}

/// The root of a trie that holds values under their places, from 0.
pub(crate) fn of_list(values: &[Vec<u8>]) -> Hash {
    let mut leaves: Vec<(Vec<u8>, &[u8])> = (0_u64..)
        .zip(values)
        .map(|(place, value)| (nibbles(&number(U256::from(place))), &value[..]))
        .collect();
    leaves.sort_unstable();
    let root = match &leaves[..] {
        [] => text(&[]),
        leaves => node(leaves, 0),
    };
    Keccak256::digest(root).into()
}

/// The node above leaves that share their first `depth` nibbles; no key begins another.
fn node(leaves: &[(Vec<u8>, &[u8])], depth: usize) -> Vec<u8> {
    let (first, value) = &leaves[0];
    if leaves.len() == 1 {
        return list(&[text(&packed(&first[depth..], true)), text(value)].concat());
    }
    let (last, _) = &leaves[leaves.len() - 1];
    let shared = first[depth..].iter().zip(&last[depth..]);
    let shared = shared.take_while(|(a, b)| a == b).count();
    if shared > 0 {
        let path = text(&packed(&first[depth..depth + shared], false));
        return list(&[path, under(&node(leaves, depth + shared))].concat());
    }
    let mut branch = Vec::new();
    let mut rest = leaves;
    for nibble in 0..16 {
        let own = rest.partition_point(|(key, _)| key[depth] == nibble);
        let (below, others) = rest.split_at(own);
        rest = others;
        branch.extend(match below {
            [] => text(&[]),
            below => under(&node(below, depth + 1)),
        });
    }
    branch.extend(text(&[]));
    list(&branch)
}

/// How a node stands in the one above: whole where it is short, else by its hash.
fn under(node: &[u8]) -> Vec<u8> {
    if node.len() < 32 {
        node.to_vec()
    } else {
        text(&Keccak256::digest(node))
    }
}

fn nibbles(bytes: &[u8]) -> Vec<u8> {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.collect()
}

/// A part of a path, with whether it ends at a leaf and whether it is of an odd number of nibbles.
fn packed(path: &[u8], is_leaf: bool) -> Vec<u8> {
    let flag = if is_leaf { 0x20 } else { 0 };
    let (first, pairs) = if path.len() % 2 == 1 {
        (flag | 0x10 | path[0], &path[1..])
    } else {
        (flag, path)
    };
    let pairs = pairs.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]);
    [first].into_iter().chain(pairs).collect()
}

/// Bytes as RLP.
fn text(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [byte] if *byte < 0x80 => vec![*byte],
        _ => behind(0x80, bytes),
    }
}

/// A list of what is encoded already.
fn list(items: &[u8]) -> Vec<u8> {
    behind(0xc0, items)
}

/// A number without leading zeros.
fn number(number: U256) -> Vec<u8> {
    text(&number.to_be_bytes_trimmed_vec())
}

/// Bytes behind their length.
fn behind(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut whole = match u8::try_from(bytes.len()) {
        Ok(short) if short < 56 => vec![kind + short],
        _ => {
            let length = U256::from(bytes.len()).to_be_bytes_trimmed_vec();
            let width = u8::try_from(length.len()).expect("a length has at most 8 bytes");
            [&[kind + 55 + width], &length[..]].concat()
        }
    };
    whole.extend_from_slice(bytes);
    whole
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sources::evm::hex::fixed;

    #[test]
    fn the_root_of_nothing_is_the_one_that_every_empty_block_shows() {
        let empty = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
        assert_eq!(of_list(&[]), fixed::<32>(empty).unwrap());
    }

    #[test]
    fn short_and_long_texts_and_lists_have_their_lengths_before_them() {
        // The examples of the Yellow Paper's appendix and of the wiki on RLP.
        assert_eq!(text(b"dog"), b"\x83dog");
        assert_eq!(
            list(&[text(b"cat"), text(b"dog")].concat()),
            b"\xc8\x83cat\x83dog"
        );
        assert_eq!(text(&[]), [0x80]);
        assert_eq!(list(&[]), [0xc0]);
        assert_eq!(text(&[0x0f]), [0x0f]);
        assert_eq!(number(U256::from(1024)), [0x82, 0x04, 0x00]);
        assert_eq!(number(U256::ZERO), [0x80]);
        let long = b"Lorem ipsum dolor sit amet, consectetur adipisicing elit";
        assert_eq!(text(long)[..2], [0xb8, 0x38]);
        assert_eq!(behind(0xc0, &[0; 300])[..3], [0xf9, 0x01, 0x2c]);
    }

    #[test]
    fn the_root_hangs_on_every_value_and_its_place() {
        let values: Vec<Vec<u8>> = (0..200_u8).map(|byte| vec![byte; 40]).collect();
        let root = of_list(&values);
        for place in [0, 1, 127, 128, 199] {
            let mut other = values.clone();
            other[place][39] ^= 1;
            assert_ne!(of_list(&other), root, "{place}");
            let mut less = values.clone();
            less.remove(place);
            assert_ne!(of_list(&less), root, "{place}");
        }
    }
}
