//! What can be wrong with a Bitcoin block, each with its own sentence.
//!
//! Not here: where it is (see [`super::FaultAt`]) and in which file.

use thiserror::Error;
use whither_ledger::chain::BitcoinNetwork;

use crate::text::{network_name, show_hash};

/// What is wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BlockFault {
    /// Bytes are missing.
    #[error("the block ends inside {what}: {wanted} bytes are needed, {left} are left")]
    Ends {
        /// What was being read.
        what: &'static str,
        /// How many bytes it takes.
        wanted: usize,
        /// How many there are.
        left: usize,
    },
    /// More outputs than the weight of a block allows.
    #[error("the block makes {0} outputs; no block has room for more than 111111")]
    Outputs(usize),
    /// A `CompactSize` that is longer than it need be.
    #[error("{what}: the number {value} is not written in its shortest form")]
    LongSize {
        /// What was being read.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// A `CompactSize` beyond anything a block can hold.
    #[error("{what}: {value} is more than any block holds")]
    HugeSize {
        /// What was being read.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// A count that the bytes left cannot hold.
    #[error("{what}: {value} of them do not fit the {left} bytes that are left")]
    Count {
        /// What is counted.
        what: &'static str,
        /// How many.
        value: u64,
        /// Bytes left.
        left: usize,
    },
    /// Bytes after the last transaction.
    #[error("{0} bytes follow the last transaction")]
    Trailing(usize),
    /// A block of no transactions.
    #[error("the block has no transactions")]
    NoTransactions,
    /// A transaction without inputs.
    #[error("the transaction has no inputs")]
    NoInputs,
    /// A transaction without outputs.
    #[error("the transaction has no outputs")]
    NoOutputs,
    /// A flag byte other than 1 after the witness marker.
    #[error("the witness flag is {0:#04x}; only 0x01 is known")]
    WitnessFlag(u8),
    /// Witness form, and every witness is empty.
    #[error("the transaction is written with witnesses and has none")]
    SuperfluousWitness,
    /// An output of more than can exist.
    #[error("the output's value is {0:#x}, not within 0 to 21 million coins")]
    Value(u64),
    /// Outputs that add up to more than can exist.
    #[error("the outputs add up to {0}, more than 21 million coins")]
    ValueSum(u64),
    /// The first transaction spends something.
    #[error("the first transaction is not a coinbase")]
    FirstNotCoinbase,
    /// A coinbase that is not the first transaction.
    #[error("a transaction after the first spends the null output, as only a coinbase may")]
    LateCoinbase,
    /// A coinbase script of a length that consensus refuses.
    #[error("the coinbase script has {0} bytes; 2 to 100 are allowed")]
    CoinbaseScript(usize),
    /// A compact target that names no number.
    #[error("the bits {0:#010x} are no valid target")]
    Bits(u32),
    /// A target easier than the network allows.
    #[error("the bits {bits:#010x} are easier than {} allows", network_name(*network))]
    EasyBits {
        /// The compact target.
        bits: u32,
        /// The network.
        network: BitcoinNetwork,
    },
    /// A hash above the target.
    #[error(
        "no proof of work: the hash {} does not meet the bits {bits:#010x}",
        show_hash(hash)
    )]
    ProofOfWork {
        /// The block's hash, internal byte order.
        hash: [u8; 32],
        /// The compact target.
        bits: u32,
    },
    /// Transactions that are not those the header commits to.
    #[error(
        "the merkle root of the transactions is {}, the header says {}",
        show_hash(computed),
        show_hash(stated)
    )]
    MerkleRoot {
        /// Over the transactions as they stand.
        computed: [u8; 32],
        /// In the header.
        stated: [u8; 32],
    },
    /// Repeated transactions at the end that leave the merkle root as it was (CVE-2012-2459).
    #[error(
        "the list of transactions ends in a repetition that the merkle root does not show (CVE-2012-2459)"
    )]
    MerkleMutation,
    /// One transaction id twice in a block.
    #[error("transaction {} is in the block twice", show_hash(.0))]
    DuplicateTxid([u8; 32]),
    /// One output spent twice in a block.
    #[error("output {}:{vout} is spent twice in the block", show_hash(txid))]
    SpentTwice {
        /// The transaction that made the output.
        txid: [u8; 32],
        /// Its index there.
        vout: u32,
    },
    /// Witnesses, and no commitment to them.
    #[error("the block has witnesses and its coinbase does not commit to them")]
    NoWitnessCommitment,
    /// Witnesses other than those the coinbase commits to.
    #[error("the witnesses are not those that the coinbase commits to")]
    WitnessCommitment,
    /// A real block of another network that shares the main network's magic and genesis.
    #[error(
        "block {} belongs to {network}, a fork that shares Bitcoin's genesis and magic",
        show_hash(hash)
    )]
    Foreign {
        /// The block's hash, internal byte order.
        hash: [u8; 32],
        /// Whose it is.
        network: &'static str,
    },
}

impl BlockFault {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Ends { .. } => Some("the file may be cut, or still being copied: fetch it again"),
            Self::EasyBits { .. } => {
                Some("a block of a test network? name it with --chain, such as --chain regtest")
            }
            Self::ProofOfWork { .. } | Self::MerkleRoot { .. } | Self::WitnessCommitment => Some(
                "bytes were changed since a node wrote them: fetch the block again from a node you trust",
            ),
            Self::NoWitnessCommitment | Self::MerkleMutation => {
                Some("no honest node hands out such a block: fetch it from another one")
            }
            Self::Foreign { .. } => {
                Some("take the blocks from a Bitcoin node; forks are not supported")
            }
            _ => Some(
                "no node writes such a block: is it the right file, and whole? take it from a node again",
            ),
        }
    }
}
