//! Chains: which ledger an address, an asset or a transaction belongs to.
//!
//! A chain is named by its CAIP-2 id. Short names are accepted on input only, so that one chain has one
//! name in every output. An id that two spellings could share (an upper-case genesis hash, a chain id
//! with leading zeros, Tron's id in decimal) is brought to one of them or refused: were it kept, the
//! same chain would be two.
//!
//! Not here: anything a chain contains, and where its data comes from.

pub(crate) mod text;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::asset::Asset;
use text::{decode_hex, hex, is_word, quote, visible_ascii};

pub use text::StrayCharacter;

/// One blockchain.
///
/// `Other` holds a checked CAIP-2 id that none of the other variants stands for: get it by parsing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// Bitcoin, or one of its test networks.
    Bitcoin(BitcoinNetwork),
    /// An Ethereum-like chain, by its EIP-155 chain id.
    Evm(u64),
    /// Tron's main network.
    Tron,
    /// Any other chain, by its CAIP-2 id.
    Other(Box<str>),
}

/// How a chain keeps what is owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainKind {
    /// As outputs, each made once and spent once.
    Utxo,
    /// As balances of accounts.
    Account,
}

/// The Bitcoin networks, each with rules of its own for writing an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BitcoinNetwork {
    /// The main network.
    Main,
    /// The third public test network.
    Testnet3,
    /// The fourth public test network (BIP-94).
    Testnet4,
    /// The default signet (BIP-325).
    Signet,
    /// A private network of one's own.
    Regtest,
}

/// Last four bytes of the hash of Tron's genesis block, which is its chain id (TIP-474).
const TRON_CHAIN_ID: u32 = 0x2b66_53dc;

/// Chains that have a short name, which is never an identity.
static SHORT_NAMES: [(&str, Chain); 14] = [
    ("bitcoin", Chain::Bitcoin(BitcoinNetwork::Main)),
    ("testnet3", Chain::Bitcoin(BitcoinNetwork::Testnet3)),
    ("testnet4", Chain::Bitcoin(BitcoinNetwork::Testnet4)),
    ("signet", Chain::Bitcoin(BitcoinNetwork::Signet)),
    ("regtest", Chain::Bitcoin(BitcoinNetwork::Regtest)),
    ("ethereum", Chain::Evm(1)),
    ("optimism", Chain::Evm(10)),
    ("bsc", Chain::Evm(56)),
    ("polygon", Chain::Evm(137)),
    ("ronin", Chain::Evm(2020)),
    ("base", Chain::Evm(8453)),
    ("arbitrum", Chain::Evm(42161)),
    ("avalanche", Chain::Evm(43114)),
    ("tron", Chain::Tron),
];

impl Chain {
    /// The short name that input may use for this chain, if it has one.
    #[must_use]
    pub fn short_name(&self) -> Option<&'static str> {
        SHORT_NAMES
            .iter()
            .find(|(_, chain)| chain == self)
            .map(|(name, _)| *name)
    }

    /// How this chain keeps what is owned: `bip122` chains as outputs, all others as balances.
    #[must_use]
    pub fn kind(&self) -> ChainKind {
        match self {
            Self::Bitcoin(_) => ChainKind::Utxo,
            Self::Other(id) if id.starts_with("bip122:") => ChainKind::Utxo,
            Self::Evm(_) | Self::Tron | Self::Other(_) => ChainKind::Account,
        }
    }

    /// The asset that pays this chain's fees, where its CAIP-19 id is established.
    #[must_use]
    pub fn native_asset(&self) -> Option<Asset> {
        Asset::native(self)
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bitcoin(network) => write!(formatter, "bip122:{}", network.caip_reference()),
            Self::Evm(id) => write!(formatter, "eip155:{id}"),
            Self::Tron => write!(formatter, "tron:{TRON_CHAIN_ID:#010x}"),
            Self::Other(id) => formatter.write_str(id),
        }
    }
}

impl FromStr for Chain {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let text = visible_ascii(text)?;
        let named = |(name, _): &&(&str, Self)| name.eq_ignore_ascii_case(text);
        if let Some((_, chain)) = SHORT_NAMES.iter().find(named) {
            return Ok(chain.clone());
        }
        let (namespace, reference) = text
            .split_once(':')
            .ok_or_else(|| ChainError::UnknownName { text: quote(text) })?;
        if !is_word(namespace, 3, 8, b"-")
            || namespace.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            return Err(ChainError::Namespace { text: quote(text) });
        }
        if !is_word(reference, 1, 32, b"-_") {
            return Err(ChainError::Reference { text: quote(text) });
        }
        match namespace {
            "bip122" => bip122(reference),
            "eip155" => eip155(reference),
            "tron" => tron(reference),
            _ => Some(Self::Other(text.into())),
        }
        .ok_or_else(|| ChainError::Spelling { text: quote(text) })
    }
}

/// `bip122` chains: the first half of the genesis block's hash as explorers show it, in lower case.
fn bip122(reference: &str) -> Option<Chain> {
    let first_half: [u8; 16] = decode_hex(reference)?;
    if reference != hex(&first_half) {
        return None;
    }
    let known = BitcoinNetwork::ALL
        .into_iter()
        .find(|network| network.caip_reference() == reference);
    Some(known.map_or_else(
        || Chain::Other(format!("bip122:{reference}").into()),
        Chain::Bitcoin,
    ))
}

/// `eip155` chains: a number without leading zeros.
fn eip155(reference: &str) -> Option<Chain> {
    let id: u64 = reference.parse().ok()?;
    (id.to_string() == reference).then_some(Chain::Evm(id))
}

/// `tron` chains: the id in hex, as wallets write it; in decimal, as the namespace's draft has it, on input.
fn tron(reference: &str) -> Option<Chain> {
    let id = match reference.strip_prefix("0x") {
        Some(digits) => u32::from_be_bytes(decode_hex(digits)?),
        None => reference.parse().ok()?,
    };
    let hex = format!("{id:#010x}");
    if reference != hex && reference != id.to_string() {
        return None;
    }
    Some(if id == TRON_CHAIN_ID {
        Chain::Tron
    } else {
        Chain::Other(format!("tron:{hex}").into())
    })
}

impl BitcoinNetwork {
    /// All networks.
    pub const ALL: [Self; 5] = [
        Self::Main,
        Self::Testnet3,
        Self::Testnet4,
        Self::Signet,
        Self::Regtest,
    ];

    /// The four bytes before each block in a block file, in the order they stand there.
    #[must_use]
    pub fn magic(self) -> [u8; 4] {
        match self {
            Self::Main => [0xf9, 0xbe, 0xb4, 0xd9],
            Self::Testnet3 => [0x0b, 0x11, 0x09, 0x07],
            Self::Testnet4 => [0x1c, 0x16, 0x3f, 0x28],
            Self::Signet => [0x0a, 0x03, 0xcf, 0x40],
            Self::Regtest => [0xfa, 0xbf, 0xb5, 0xda],
        }
    }

    /// The network whose block files have these four bytes; `None` for a signet with a challenge of its own.
    #[must_use]
    pub fn from_magic(magic: [u8; 4]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|network| network.magic() == magic)
    }

    /// Hash of the first block in internal byte order, the reverse of what explorers show.
    #[must_use]
    pub fn genesis_hash(self) -> [u8; 32] {
        const MAIN: [u8; 32] =
            internal("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
        const TESTNET3: [u8; 32] =
            internal("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943");
        const TESTNET4: [u8; 32] =
            internal("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043");
        const SIGNET: [u8; 32] =
            internal("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6");
        const REGTEST: [u8; 32] =
            internal("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");
        match self {
            Self::Main => MAIN,
            Self::Testnet3 => TESTNET3,
            Self::Testnet4 => TESTNET4,
            Self::Signet => SIGNET,
            Self::Regtest => REGTEST,
        }
    }

    /// The human-readable part of a witness address (BIP-173): what stands before its `1`.
    #[must_use]
    pub fn bech32_hrp(self) -> &'static str {
        match self {
            Self::Main => "bc",
            Self::Testnet3 | Self::Testnet4 | Self::Signet => "tb",
            Self::Regtest => "bcrt",
        }
    }

    /// The version byte of a pay-to-pubkey-hash address.
    #[must_use]
    pub fn p2pkh_version(self) -> u8 {
        if self == Self::Main { 0x00 } else { 0x6f }
    }

    /// The version byte of a pay-to-script-hash address.
    #[must_use]
    pub fn p2sh_version(self) -> u8 {
        if self == Self::Main { 0x05 } else { 0xc4 }
    }

    /// First half of the genesis hash as explorers show it: the reference of the CAIP-2 id.
    fn caip_reference(self) -> String {
        let mut hash = self.genesis_hash();
        hash.reverse();
        hex(&hash[..16])
    }
}

/// A hash as explorers show it, in internal byte order; evaluated when this file is compiled.
const fn internal(shown: &str) -> [u8; 32] {
    let Some(shown) = decode_hex::<32>(shown) else {
        panic!("a block hash has 64 hex digits");
    };
    let mut hash = [0; 32];
    let mut index = 0;
    while index < hash.len() {
        hash[index] = shown[hash.len() - 1 - index];
        index += 1;
    }
    hash
}

/// Why a text names no chain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A space, a control character, or anything beyond ASCII.
    #[error(transparent)]
    Stray(#[from] StrayCharacter),
    /// No colon, and not a short name either.
    #[error("no chain is called {text}")]
    UnknownName {
        /// What was given, quoted.
        text: String,
    },
    /// What stands before the colon is not of the form that CAIP-2 gives it.
    #[error("the namespace of {text} is not 3 to 8 of `a-z`, `0-9` and `-`")]
    Namespace {
        /// What was given, quoted.
        text: String,
    },
    /// What stands after the colon is not of the form that CAIP-2 gives it.
    #[error("the reference of {text} is not 1 to 32 letters, digits, `-` and `_`")]
    Reference {
        /// What was given, quoted.
        text: String,
    },
    /// Right for CAIP-2, and not how this namespace writes a chain.
    #[error("{text} is not how its namespace writes a chain")]
    Spelling {
        /// What was given, quoted.
        text: String,
    },
}

impl ChainError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Stray(_) => Some("type the chain by hand: the character is not part of its name"),
            Self::UnknownName { .. } => Some(
                "give a CAIP-2 id such as `eip155:1`, or a short name: bitcoin, testnet3, testnet4, signet, \
                 regtest, ethereum, optimism, bsc, polygon, ronin, base, arbitrum, avalanche, tron",
            ),
            Self::Namespace { .. } | Self::Reference { .. } => {
                Some("a CAIP-2 id is `namespace:reference`, such as `eip155:1`")
            }
            Self::Spelling { .. } => Some(
                "eip155 takes a number without leading zeros, bip122 the first 32 hex digits of the genesis \
                 block's hash in lower case, tron the chain id such as `0x2b6653dc`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn chain(text: &str) -> Chain {
        text.parse().unwrap()
    }

    #[test]
    fn the_caip_id_and_the_short_name_are_one_chain() {
        for (name, id) in [
            ("bitcoin", "bip122:000000000019d6689c085ae165831e93"),
            ("testnet3", "bip122:000000000933ea01ad0ee984209779ba"),
            ("testnet4", "bip122:00000000da84f2bafbbc53dee25a72ae"),
            ("signet", "bip122:00000008819873e925422c1ff0f99f7c"),
            ("regtest", "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"),
            ("ethereum", "eip155:1"),
            ("optimism", "eip155:10"),
            ("bsc", "eip155:56"),
            ("polygon", "eip155:137"),
            ("ronin", "eip155:2020"),
            ("base", "eip155:8453"),
            ("arbitrum", "eip155:42161"),
            ("avalanche", "eip155:43114"),
            ("tron", "tron:0x2b6653dc"),
        ] {
            assert_eq!(chain(name), chain(id));
            assert_eq!(chain(name).to_string(), id);
            assert_eq!(chain(id).short_name(), Some(name));
            assert_eq!(chain(&name.to_uppercase()), chain(name));
            let hint = ChainError::UnknownName {
                text: String::new(),
            }
            .hint()
            .unwrap();
            assert!(
                hint.contains(name),
                "the hint names every short name: {name}"
            );
        }
    }

    #[test]
    fn any_other_chain_keeps_its_id() {
        let litecoin = "bip122:12a765e31ffd4059bada1e25190f6e98";
        for id in [
            litecoin,
            "cosmos:Binance-Chain-Tigris",
            "eip155:17000",
            "tron:0xcd8690dc",
        ] {
            assert_eq!(chain(id).to_string(), id);
            assert_eq!(chain(id).short_name(), None);
        }
        assert_eq!(chain(litecoin).kind(), ChainKind::Utxo);
        assert_eq!(chain("regtest").kind(), ChainKind::Utxo);
        for id in ["eip155:5", "tron", "tron:0xcd8690dc", "cosmos:cosmoshub-3"] {
            assert_eq!(chain(id).kind(), ChainKind::Account);
        }
    }

    #[test]
    fn one_chain_has_one_spelling() {
        assert_eq!(chain("tron:728126428"), Chain::Tron);
        assert_eq!(chain("tron:3448148188"), chain("tron:0xcd8690dc"));
        for id in [
            "eip155:01",
            "eip155:+1",
            "eip155:0x1",
            "eip155:18446744073709551616",
            "bip122:000000000019D6689C085AE165831E93",
            "bip122:000000000019d668",
            "tron:0x2B6653DC",
            "tron:0x02b6653dc",
            "tron:0728126428",
            "tron:mainnet",
        ] {
            assert!(id.parse::<Chain>().is_err(), "{id}");
        }
    }

    #[test]
    fn syntax_is_that_of_caip_2() {
        for id in [
            "",
            "bitcoi",
            ":",
            "ab:c",
            "ninechars:c",
            "Eip155:1",
            "abc:",
            "abc:d:e",
            "abc:d/e",
            "a.c:d",
            "abc:123456789012345678901234567890123",
            "abc: d",
        ] {
            assert!(id.parse::<Chain>().is_err(), "{id:?}");
        }
        assert!(
            "abc:12345678901234567890123456789012"
                .parse::<Chain>()
                .is_ok()
        );
        assert!("a-1:_-X".parse::<Chain>().is_ok());
        let error = "ether\u{200b}eum".parse::<Chain>().unwrap_err();
        assert!(error.to_string().contains("U+200B"), "{error}");
    }

    #[test]
    fn networks_differ_where_they_must() {
        for network in BitcoinNetwork::ALL {
            assert_eq!(BitcoinNetwork::from_magic(network.magic()), Some(network));
        }
        assert_eq!(BitcoinNetwork::from_magic([0; 4]), None);
        // Internal order: the zeros of the proof of work come last.
        assert_eq!(BitcoinNetwork::Main.genesis_hash()[28..], [0, 0, 0, 0]);
        assert_eq!(BitcoinNetwork::Main.genesis_hash()[0], 0x6f);
    }
}
