//! What a block's hashes must say before it counts: proof of work, merkle root, witness commitment.
//!
//! Together they tie every byte that matters to the block's hash, so a changed bit is found here. They do
//! not replace a node: scripts, signatures, subsidies and the difficulty rules are not checked.

use std::collections::HashSet;

use whither_ledger::U256;
use whither_ledger::chain::BitcoinNetwork;

use super::block::{BlockRef, HEADER_SIZE, Header, parse_prefix};
use super::cursor::FaultAt;
use super::fault::BlockFault;
use super::hash::{double_sha256, merkle_root};
use super::parse::{ParsedBlock, ParsedTransaction};
use super::{height, work};
use crate::text::parse_hash;

/// Where the header keeps the root, and the bits.
const MERKLE_ROOT_AT: usize = 36;
const BITS_AT: usize = 72;

/// First blocks of networks that share the main network's magic and genesis.
const FOREIGN: [(&str, &str); 2] = [
    (
        "000000000000000000651ef99cb9fcbe0dadde1d424bd9f15ff20136191a5eec",
        "Bitcoin Cash",
    ),
    (
        "000000000000000001d956714215d96ffc00e0afda4cd0a96c96f8d802b1662b",
        "Bitcoin SV",
    ),
];

/// A block whose hashes hold, with the ids of its transactions.
#[derive(Clone, Debug)]
pub struct CheckedBlock<'bytes> {
    /// The block.
    pub block: BlockRef<'bytes>,
    /// The ids of its transactions, in order.
    pub txids: Vec<[u8; 32]>,
    /// The work its header stands for.
    pub work: U256,
}

/// Parses a block and checks all that can be checked of it alone.
///
/// # Errors
/// With the offset of what is wrong, from the block's first byte.
pub fn check(bytes: &[u8], network: BitcoinNetwork) -> Result<CheckedBlock<'_>, FaultAt> {
    let (block, txids, work) = check_parsed(bytes, network)?;
    Ok(CheckedBlock {
        block: BlockRef::of(&block),
        txids,
        work,
    })
}

/// What [`check`] does; gives the block, the ids of its transactions and its work, without a list for each
/// transaction.
pub(crate) fn check_parsed(
    bytes: &[u8],
    network: BitcoinNetwork,
) -> Result<(ParsedBlock<'_>, Vec<[u8; 32]>, U256), FaultAt> {
    // The header first: without proof of work the rest is not worth reading.
    let target = match bytes.first_chunk() {
        Some(header) => check_header(&Header::parse(header), network)?,
        None => U256::MAX,
    };
    let block = ParsedBlock::parse(bytes)?;
    check_network(&block.header, block.coinbase_script(), network)?;
    let transactions = block.transactions.iter();
    let txids: Vec<[u8; 32]> = transactions
        .map(|transaction| transaction.bytes.txid())
        .collect();
    check_merkle_root(&block.header, &txids)?;
    check_repetition(&block, &txids)?;
    check_witnesses(&block, &txids)?;
    check_weight(&block)?;
    Ok((block, txids, work::work(target)))
}

/// An output weighs 36 at least, a block 4,000,000 at most: what columns count in three bytes fits them.
fn check_weight(block: &ParsedBlock<'_>) -> Result<(), FaultAt> {
    const OUTPUTS_MAX: usize = 4_000_000 / 36;
    let outputs = block.outputs.len();
    if outputs > OUTPUTS_MAX {
        return Err(FaultAt {
            offset: HEADER_SIZE,
            fault: BlockFault::Outputs(outputs),
        });
    }
    Ok(())
}

/// What a block's first bytes tell of it.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) header: Header,
    /// The work the header stands for.
    pub(crate) work: U256,
    /// How many transactions the block says it has.
    pub(crate) transactions: u32,
    /// The height its coinbase claims.
    pub(crate) claimed_height: Option<u32>,
}

/// Checks of a block of `length` bytes what its first bytes tell: all that [`check`] checks of the header alone.
///
/// A fault is one of the block, too, but need not be the one that [`check`] finds first.
pub(crate) fn check_beginning(
    bytes: &[u8],
    length: usize,
    network: BitcoinNetwork,
) -> Result<Beginning, FaultAt> {
    let prefix = parse_prefix(bytes, length)?;
    let target = check_header(&prefix.header, network)?;
    check_network(&prefix.header, prefix.coinbase_script, network)?;
    Ok(Beginning {
        work: work::work(target),
        transactions: prefix.transactions,
        claimed_height: height::claimed(prefix.header.version, prefix.coinbase_script),
        header: prefix.header,
    })
}

/// Whether a header has proof of work by the rules of a network.
pub(crate) fn is_proven(header: &[u8; HEADER_SIZE], network: BitcoinNetwork) -> bool {
    check_header(&Header::parse(header), network).is_ok()
}

fn check_header(header: &Header, network: BitcoinNetwork) -> Result<U256, FaultAt> {
    let fault = |fault| {
        Err(FaultAt {
            offset: BITS_AT,
            fault,
        })
    };
    let bits = header.bits;
    let Some(target) = work::target(bits) else {
        return fault(BlockFault::Bits(bits));
    };
    if target > work::limit(network) {
        return fault(BlockFault::EasyBits { bits, network });
    }
    let hash = header.hash;
    if !work::meets(&hash, target) {
        return fault(BlockFault::ProofOfWork { hash, bits });
    }
    let foreign = FOREIGN
        .iter()
        .find(|(first, _)| parse_hash(first) == Some(hash));
    if let Some((_, network)) = foreign {
        return fault(BlockFault::Foreign { hash, network });
    }
    Ok(target)
}

/// The main network left its easiest target at this height and never came back; testnet does all the time.
fn check_network(
    header: &Header,
    coinbase_script: &[u8],
    network: BitcoinNetwork,
) -> Result<(), FaultAt> {
    const HARDER_SINCE: u32 = 32_256;
    const EASIEST: u32 = 0x1d00_ffff;
    let bits = header.bits;
    let height = height::claimed(header.version, coinbase_script);
    let late = height.is_some_and(|height| height >= HARDER_SINCE);
    if network == BitcoinNetwork::Main && bits == EASIEST && late {
        let fault = BlockFault::EasyBits { bits, network };
        return Err(FaultAt {
            offset: BITS_AT,
            fault,
        });
    }
    Ok(())
}

fn check_merkle_root(header: &Header, txids: &[[u8; 32]]) -> Result<(), FaultAt> {
    let (computed, mutated) = merkle_root(txids.to_vec());
    let fault = if computed != header.merkle_root {
        BlockFault::MerkleRoot {
            computed,
            stated: header.merkle_root,
        }
    } else if mutated {
        BlockFault::MerkleMutation
    } else {
        return Ok(());
    };
    Err(FaultAt {
        offset: MERKLE_ROOT_AT,
        fault,
    })
}

/// Whether these are the ids of the transactions that a header commits to.
pub(crate) fn commits_to(header: &Header, txids: &[[u8; 32]]) -> bool {
    merkle_root(txids.to_vec()).0 == header.merkle_root
}

/// No transaction is in a block twice, and no output is spent twice in it.
fn check_repetition(block: &ParsedBlock<'_>, txids: &[[u8; 32]]) -> Result<(), FaultAt> {
    let outpoints = block.inputs.iter().map(|input| {
        // Outputs of one transaction get keys of their own, far from each other.
        let vout = u64::from(input.vout).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        short(input.txid).wrapping_add(vout)
    });
    if may_repeat(txids.iter().map(short)) || may_repeat(outpoints) {
        return find_repetition(block, txids);
    }
    Ok(())
}

/// The first bytes of a hash: enough to tell hashes apart that nobody has chosen.
fn short(hash: &[u8; 32]) -> u64 {
    let [bytes, ..] = hash.as_chunks().0 else {
        return 0;
    };
    u64::from_le_bytes(*bytes)
}

/// Whether a key is there twice: without, what the keys stand for is not there twice either.
fn may_repeat(keys: impl Iterator<Item = u64>) -> bool {
    let mut keys: Vec<u64> = keys.collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

/// Finds what is in a block twice; nothing where only its keys are alike.
fn find_repetition(block: &ParsedBlock<'_>, txids: &[[u8; 32]]) -> Result<(), FaultAt> {
    let mut made = HashSet::with_capacity(txids.len());
    let mut spent = HashSet::with_capacity(block.inputs.len());
    let mut first_input = 0;
    for (transaction, txid) in block.transactions.iter().zip(txids) {
        let fault = |fault| FaultAt {
            offset: transaction.offset,
            fault,
        };
        if !made.insert(txid) {
            return Err(fault(BlockFault::DuplicateTxid(*txid)));
        }
        for input in &block.inputs[first_input..transaction.input_end] {
            if !spent.insert((input.txid, input.vout)) {
                return Err(fault(BlockFault::SpentTwice {
                    txid: *input.txid,
                    vout: input.vout,
                }));
            }
        }
        first_input = transaction.input_end;
    }
    Ok(())
}

/// Witnesses are in no transaction id: only the coinbase's commitment ties them to the block (BIP 141).
fn check_witnesses(block: &ParsedBlock<'_>, txids: &[[u8; 32]]) -> Result<(), FaultAt> {
    let mut transactions = block.transactions.iter();
    if !transactions.any(|transaction| transaction.bytes.moves_end.is_some()) {
        return Ok(());
    }
    let fault = |fault| {
        let offset = block.transactions.first().map_or(0, |first| first.offset);
        Err(FaultAt { offset, fault })
    };
    let commitment = block.coinbase_outputs().iter().rev().find_map(|output| {
        let commitment = output
            .script
            .strip_prefix(&[0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed])?;
        commitment.first_chunk::<32>()
    });
    let (Some(commitment), Some(reserved)) = (commitment, block.reserved) else {
        return fault(BlockFault::NoWitnessCommitment);
    };
    let mut leaves = Vec::with_capacity(txids.len());
    let wtxid = |(transaction, txid): (&ParsedTransaction<'_>, _)| transaction.bytes.wtxid(txid);
    leaves.extend(block.transactions.iter().zip(txids).map(wtxid));
    // The coinbase cannot commit to itself.
    leaves[0] = [0; 32];
    let (root, mutated) = merkle_root(leaves);
    if mutated || reserved.len() != 32 || double_sha256(&[&root, reserved]) != *commitment {
        return fault(BlockFault::WitnessCommitment);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_seen() {
        assert!(!may_repeat([].into_iter()));
        assert!(!may_repeat([3, 1, 2].into_iter()));
        assert!(may_repeat([3, 1, 2, 3].into_iter()));
    }

    #[test]
    fn foreign_hashes_are_spelled_right() {
        for (hash, network) in FOREIGN {
            assert!(parse_hash(hash).is_some(), "{network}");
        }
    }
}
