//! Why a text is no address, and what to do about it.
//!
//! Each error holds the text, quoted so that what cannot be seen is seen, and cut where it is long.
//!
//! Not here: repair. An address that is almost right is wrong.

use thiserror::Error;

use crate::chain::{ChainError, StrayCharacter};

/// Why a text is no address, or no account.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// A space, a control character, or anything beyond ASCII.
    #[error(transparent)]
    Stray(#[from] StrayCharacter),
    /// Empty, or longer than any address.
    #[error("{text} has {length} characters: an address has 1 to 128")]
    Length {
        /// What was given, quoted.
        text: String,
        /// Its length.
        length: usize,
    },
    /// Characters that CAIP-10 gives no address.
    #[error("{text} is not an address: letters, digits, `-`, `.` and `%`")]
    Characters {
        /// What was given, quoted.
        text: String,
    },
    /// Neither in base58 nor in bech32, by its first characters.
    #[error(
        "{text} is not a bitcoin address: one begins with `1`, `3` or `bc1`, or on test networks with `m`, `n`, `2`, `tb1` or `bcrt1`"
    )]
    NotBitcoin {
        /// What was given, quoted.
        text: String,
    },
    /// A character that base58 leaves out.
    #[error("{text} holds `{character}`, which base58 leaves out")]
    Base58Character {
        /// What was given, quoted.
        text: String,
        /// The first such character.
        character: char,
    },
    /// Base58 of something else than a version, 20 bytes and a checksum.
    #[error("{text} does not have the length of a base58 address: it holds {bytes} bytes, not 25")]
    Base58Length {
        /// What was given, quoted.
        text: String,
        /// How many bytes it holds.
        bytes: usize,
    },
    /// A character was changed, or two were swapped.
    #[error("the checksum of {text} is wrong")]
    Base58Checksum {
        /// What was given, quoted.
        text: String,
    },
    /// Not a witness address.
    #[error("{text} is not a bech32 address: {reason}")]
    Bech32 {
        /// What was given, quoted.
        text: String,
        /// What the decoder found.
        reason: String,
    },
    /// Bech32 where bech32m belongs, or the reverse (BIP-350).
    #[error("{text} has the checksum of {found}: witness version {version} takes the other one")]
    Bech32Constant {
        /// What was given, quoted.
        text: String,
        /// Which checksum it has.
        found: &'static str,
        /// Its witness version.
        version: u8,
    },
    /// A valid address of another chain.
    #[error("{text} is an address of {found}, not of {wanted}")]
    WrongChain {
        /// What was given, quoted.
        text: String,
        /// Whose address it is.
        found: String,
        /// Whose address it should be.
        wanted: &'static str,
    },
    /// Not `0x` and 40 hex digits.
    #[error("{text} is not an EVM address of `0x` and 40 hex digits")]
    NotEvm {
        /// What was given, quoted.
        text: String,
    },
    /// Upper and lower case do not agree with the digits (EIP-55).
    #[error("the checksum of {text}, its upper and lower case, is wrong")]
    EvmChecksum {
        /// What was given, quoted.
        text: String,
    },
    /// Neither `T…` nor `41…`.
    #[error("{text} is not a tron address: `T` and 33 more in base58, or `41` and 40 hex digits")]
    NotTron {
        /// What was given, quoted.
        text: String,
    },
    /// An address that stands on several chains.
    #[error("{text} could be an address of any of {chains}")]
    Ambiguous {
        /// What was given, quoted.
        text: String,
        /// Which ones.
        chains: &'static str,
        /// How to say which.
        hint: &'static str,
    },
    /// An address without a chain, and of no form that tells.
    #[error("which chain {text} is an address of cannot be told")]
    NoChain {
        /// What was given, quoted.
        text: String,
    },
    /// What stands before the address is no chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl AddressError {
    /// A next step, where one is plain.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Stray(_) => Some(
                "copy the address again from where it was published; no character of it is invisible",
            ),
            Self::Base58Character { .. }
            | Self::Base58Length { .. }
            | Self::Base58Checksum { .. }
            | Self::Bech32 { .. } => Some(
                "copy the address again from where it was published: a character is wrong or missing",
            ),
            Self::EvmChecksum { .. } => Some(
                "copy the address again from where it was published: a character is wrong; an address \
                 without a checksum is written in lower case",
            ),
            Self::WrongChain { .. } => Some("name the chain: `--chain NAME`, or `NAME:ADDRESS`"),
            Self::Ambiguous { hint, .. } => Some(hint),
            Self::NoChain { .. } => Some("add `--chain NAME`, or write `NAME:ADDRESS`"),
            Self::Chain(error) => error.hint(),
            Self::NotBitcoin { .. }
            | Self::NotEvm { .. }
            | Self::NotTron { .. }
            | Self::Bech32Constant { .. }
            | Self::Length { .. }
            | Self::Characters { .. } => None,
        }
    }
}
