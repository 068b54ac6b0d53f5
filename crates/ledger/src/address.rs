//! Addresses: a script or an account, read and written as its chain does.
//!
//! An address carries no network: the chain it stands on is known wherever one is used, and a value
//! without it stays small. So the same hash has a different text on each Bitcoin network, and 20 bytes
//! are shown as EIP-55 on an EVM chain and as base58 on Tron. Checksums are always verified; nothing is
//! repaired. Known failure: a Bitcoin Cash or Litecoin address in the old style can pass for a Bitcoin one.
//!
//! Not here: who controls an address, and whether one owner stands behind it on two chains.

mod account;
mod bitcoin;
mod error;
mod evm;
#[cfg(test)]
mod tests;
mod tron;

use crate::chain::Chain;
use crate::chain::text::{hex, is_word, quote, visible_ascii};

pub use account::{Account, parse_account};
pub use error::AddressError;

/// The longest address of any chain (CAIP-10).
const LONGEST: usize = 128;

/// A script that has an address, or an account. The chain is known from where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// Bitcoin: pay to the hash of a public key, and pay to a public key, shown alike.
    P2pkh([u8; 20]),
    /// Bitcoin: pay to the hash of a script.
    P2sh([u8; 20]),
    /// Bitcoin: pay to a witness program (BIP-141).
    Witness(WitnessProgram),
    /// An account or contract of an EVM chain.
    Evm([u8; 20]),
    /// An account or contract of Tron, without the leading `41`.
    Tron([u8; 20]),
    /// Any other chain's address, as it was written.
    Other(Box<str>),
}

/// A witness version and its program, of a length that BIP-141 allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WitnessProgram {
    version: u8,
    length: u8,
    /// The program, then zeros.
    bytes: [u8; 40],
}

impl WitnessProgram {
    /// Versions 0 to 16, programs of 2 to 40 bytes; of 20 or 32 for version 0.
    #[must_use]
    pub fn new(version: u8, program: &[u8]) -> Option<Self> {
        let allowed = match version {
            0 => matches!(program.len(), 20 | 32),
            1..=16 => (2..=40).contains(&program.len()),
            _ => false,
        };
        let mut bytes = [0; 40];
        bytes
            .get_mut(..program.len())
            .filter(|_| allowed)?
            .copy_from_slice(program);
        Some(Self {
            version,
            length: u8::try_from(program.len()).ok()?,
            bytes,
        })
    }

    /// The witness version.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.version
    }

    /// The program: a hash, or (version 1, 32 bytes) a key.
    #[must_use]
    pub fn program(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Address {
    /// Reads an address as its chain writes it, and verifies its checksum.
    ///
    /// # Errors
    /// When the text is not an address of that chain; see [`AddressError::hint`].
    pub fn parse(chain: &Chain, text: &str) -> Result<Self, AddressError> {
        let text = visible_ascii(text)?;
        if text.is_empty() || text.len() > LONGEST {
            return Err(AddressError::Length {
                text: quote(text),
                length: text.len(),
            });
        }
        match chain {
            Chain::Bitcoin(network) => bitcoin::parse(*network, text),
            Chain::Evm(_) => evm::parse(text),
            Chain::Tron => tron::parse(text),
            Chain::Other(_) if is_word(text, 1, LONGEST, b"-.%") => Ok(Self::Other(text.into())),
            Chain::Other(_) => Err(AddressError::Characters { text: quote(text) }),
        }
    }

    /// The address an output's script pays, if it has one: P2PKH, P2SH, a witness program, or P2PK, which is
    /// shown as the P2PKH address of its key, as explorers do.
    ///
    /// `None` for bare multisig, `OP_RETURN` and anything else.
    #[must_use]
    pub fn from_script(script: &[u8]) -> Option<Self> {
        bitcoin::from_script(script)
    }

    /// The script that pays this address, for Bitcoin's kinds. An output seen as [`Address::P2pkh`] may have
    /// been P2PK.
    #[must_use]
    pub fn script(&self) -> Option<Vec<u8>> {
        bitcoin::script(self)
    }

    /// The address as its chain writes it: base58check, bech32, EIP-55.
    ///
    /// Where a chain has no known way to write it (Bitcoin's scripts on another `bip122` chain), the script
    /// in hex: right everywhere, and no address that belongs to somebody else.
    #[must_use]
    pub fn display(&self, chain: &Chain) -> String {
        match (self, chain) {
            (Self::Evm(account), _) => evm::display(account),
            (Self::Tron(account), _) => tron::display(account),
            (Self::Other(text), _) => text.to_string(),
            (_, Chain::Bitcoin(network)) => bitcoin::display(*network, self),
            (Self::P2pkh(_) | Self::P2sh(_) | Self::Witness(_), _) => {
                hex(&self.script().unwrap_or_default())
            }
        }
    }

    /// The contract that an account of an EVM chain makes with its transaction of this number, counted from zero; or that a
    /// contract makes, counted from one.
    ///
    /// Contracts made by `CREATE2` depend on their code as well and are none of these. `None` on other kinds of chain.
    #[must_use]
    pub fn contract(&self, nonce: u64) -> Option<Self> {
        match self {
            Self::Evm(creator) => Some(Self::Evm(evm::contract(creator, nonce))),
            _ => None,
        }
    }

    /// Whether this is the zero address, which is nobody: what it sends is a mint, what it receives a burn.
    ///
    /// Tron's virtual machine follows the same custom.
    #[must_use]
    pub fn is_zero_account(&self) -> bool {
        matches!(self, Self::Evm([0, rest @ ..]) | Self::Tron([0, rest @ ..]) if *rest == [0; 19])
    }
}
