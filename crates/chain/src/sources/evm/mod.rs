//! Chains of Ethereum's kind: what sources tell of blocks, joined and checked, and made into rows.
//!
//! Each source brings the same few things in its own clothes: headers, calls (what a transaction asks for),
//! receipts (what became of it), logs, and frames (what calls did inside). They are collected here ([`Told`]),
//! held against each other ([`settle`]), and become rows by one set of rules, so that a chain is the same whoever
//! told of it. A frame moves coins only where the laws say so: it is a call, a creation or a destruction, with a
//! value, and neither it nor any frame around it failed.
//!
//! Not here: how a file or a node writes any of it; each source has a file of its own.

pub(crate) mod bloom;
pub(crate) mod cells;
pub(crate) mod deep;
mod error;
mod frames;
pub(crate) mod hex;
pub(crate) mod json;
pub(crate) mod logs;
pub(crate) mod root;
mod rows;
pub(crate) mod settle;
pub(crate) mod told;

pub use error::{EvmError, EvmFault};

use whither_ledger::U256;
use whither_ledger::chain::Chain;

/// An account's twenty bytes.
pub(crate) type Account = [u8; 20];
/// A hash of a block or a transaction, or a topic of a log.
pub(crate) type Hash = [u8; 32];

/// The header of a block, as far as rows need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) hash: Option<Hash>,
    pub(crate) parent: Option<Hash>,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) miner: Option<Account>,
    /// Of each unit of gas so much is destroyed; none before London.
    pub(crate) base_fee: Option<U256>,
    pub(crate) transactions: Option<u32>,
    pub(crate) bloom: Option<Box<bloom::Bloom>>,
    pub(crate) receipts_root: Option<Hash>,
    /// Who is credited by the beacon chain, and how much in wei.
    pub(crate) withdrawals: Vec<(Account, U256)>,
}

/// What a transaction asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) hash: Hash,
    pub(crate) from: Account,
    /// None where a contract is created.
    pub(crate) to: Option<Account>,
    pub(crate) value: U256,
    pub(crate) gas_limit: Option<U256>,
    pub(crate) gas_price: Option<U256>,
    /// Of which type it is (EIP-2718): 0 is the oldest, which has no number.
    pub(crate) kind: Option<u8>,
    /// What it could cost if no code ran.
    pub(crate) bare_gas: Option<BareGas>,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) gas_used: U256,
    /// What a unit of gas cost; none where the source leaves it to the call's price.
    pub(crate) price: Option<U256>,
    /// None before Byzantium.
    pub(crate) status: Option<bool>,
    /// The root of the state after it: before Byzantium.
    pub(crate) state: Option<Hash>,
    pub(crate) created: Option<Account>,
    /// Fees beside gas: blobs, and what a roll-up asks for data.
    pub(crate) beside_gas: U256,
}

/// What a frame does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Call,
    Create,
    Destroy,
    /// It runs code and moves no coins of its own, whatever value it shows.
    Borrowed,
}

impl FrameKind {
    /// The kind of a word of a tracer, however it spells it; none of a word that is none.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let plain = word.to_ascii_lowercase().replace('_', "");
        Some(match plain.as_str() {
            "call" => Self::Call,
            "create" | "create2" => Self::Create,
            "selfdestruct" | "suicide" => Self::Destroy,
            "callcode" | "delegatecall" | "staticcall" | "authcall" => Self::Borrowed,
            _ => return None,
        })
    }
}

/// One frame of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Which child of which child it is; empty for the transaction itself.
    pub(crate) path: Vec<u32>,
    pub(crate) kind: FrameKind,
    pub(crate) from: Option<Account>,
    pub(crate) to: Option<Account>,
    pub(crate) value: Option<U256>,
    pub(crate) failed: bool,
    /// How many frames stand directly in it, where told apart from them.
    pub(crate) children: Option<u32>,
}

/// Chains whose blocks are made as those of mainnet: a base fee is destroyed and the rest of the gas goes to the
/// miner, and receipts are what mainnet's are. Roll-ups and side chains have rules of their own.
const MAINNET_RULES: [u64; 6] = [1, 1337, 31337, 17000, 560_048, 11_155_111];

/// Whether blocks of a chain are made as those of mainnet.
pub(crate) fn has_mainnet_rules(chain: &Chain) -> bool {
    matches!(chain, Chain::Evm(id) if MAINNET_RULES.contains(id))
}

/// What a transaction could cost if no code ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BareGas {
    /// At most so much.
    AtMost(u64),
    /// 21,000, and for each account and cell that may have been named ahead some hundreds.
    Hundreds,
}

/// What was named ahead in a transaction's access list (EIP-2930), which is charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamedAhead {
    Nothing,
    Something,
    /// The source does not tell.
    Untold,
}

impl BareGas {
    /// That of a transaction with these bytes: the transfer, and its bytes at the highest price they ever had. None of
    /// one that is charged for more: authorisations, blobs, what no source tells.
    pub(crate) fn of(kind: Option<u8>, input: &[u8], ahead: NamedAhead) -> Option<Self> {
        // Of a byte that is not zero 68 before Istanbul, at least 40 since Prague; of a zero at least 10.
        let price = |byte: &u8| if *byte == 0 { 10 } else { 68 };
        let bytes: u64 = input.iter().map(price).sum();
        match (kind?, ahead) {
            (0, _) | (1 | 2, NamedAhead::Nothing) => Some(Self::AtMost(21_000 + bytes)),
            // An account costs 2,400 and a cell 1,900.
            (1 | 2, NamedAhead::Untold) if input.is_empty() => Some(Self::Hundreds),
            _ => None,
        }
    }

    /// Whether code must have run for this gas.
    pub(crate) fn is_exceeded_by(self, gas_used: U256) -> bool {
        match self {
            Self::AtMost(most) => gas_used > U256::from(most),
            Self::Hundreds => !(gas_used % U256::from(100)).is_zero(),
        }
    }
}
