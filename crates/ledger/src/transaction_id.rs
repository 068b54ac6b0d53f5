//! Transaction ids: the hash that names a transaction on its chain, or the row that stands for one.
//!
//! Bitcoin's ids are kept in internal byte order, as blocks hold them, and shown reversed, as everyone
//! writes them. An id's order carries no meaning beyond being the same each time.
//!
//! Not here: which block a transaction is in. Two transactions may share an id (BIP 30).

use std::fmt;

use thiserror::Error;

use crate::chain::text::{decode_hex, hex, is_word, quote, visible_ascii};
use crate::chain::{Chain, StrayCharacter};

/// What begins an id made up for a row of a table that gives no hashes.
const ROW: &str = "row:";

/// The longest id of a chain that this crate does not know.
const LONGEST: usize = 128;

/// What names a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionId {
    /// A Bitcoin transaction's id in internal byte order, shown reversed.
    Bitcoin([u8; 32]),
    /// An EVM transaction's hash, shown with `0x`.
    Hash([u8; 32]),
    /// A Tron transaction's hash, shown without `0x`.
    Tron([u8; 32]),
    /// Any other chain's id, or `row:…` where a table gives no hashes.
    Other(Box<str>),
}

impl TransactionId {
    /// Reads an id as its chain writes it; on EVM chains and Tron with or without `0x`.
    ///
    /// # Errors
    /// When the text is not of the chain's form.
    pub fn parse(chain: &Chain, text: &str) -> Result<Self, TransactionIdError> {
        let text = visible_ascii(text)?;
        if text.starts_with(ROW) {
            return other(text);
        }
        let bare = text.strip_prefix("0x").unwrap_or(text);
        let hash = |digits| {
            decode_hex::<32>(digits)
                .ok_or_else(|| TransactionIdError::NotAHash { text: quote(text) })
        };
        match chain {
            Chain::Bitcoin(_) => hash(text).map(|mut shown| {
                shown.reverse();
                Self::Bitcoin(shown)
            }),
            Chain::Evm(_) => hash(bare).map(Self::Hash),
            Chain::Tron => hash(bare).map(Self::Tron),
            Chain::Other(_) => other(text),
        }
    }
}

/// An id that is kept as it is written: a word of bounded length.
fn other(text: &str) -> Result<TransactionId, TransactionIdError> {
    if is_word(text, 1, LONGEST, b"-_.:/+=%") {
        return Ok(TransactionId::Other(text.into()));
    }
    Err(TransactionIdError::NotAnId { text: quote(text) })
}

impl fmt::Display for TransactionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bitcoin(internal) => {
                let mut shown = *internal;
                shown.reverse();
                formatter.write_str(&hex(&shown))
            }
            Self::Hash(hash) => write!(formatter, "0x{}", hex(hash)),
            Self::Tron(hash) => formatter.write_str(&hex(hash)),
            Self::Other(text) => formatter.write_str(text),
        }
    }
}

/// Why a text is no transaction id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransactionIdError {
    /// A space, a control character, or anything beyond ASCII.
    #[error(transparent)]
    Stray(#[from] StrayCharacter),
    /// Not a hash as the chain writes it.
    #[error("{text} is not a transaction id of 64 hex digits")]
    NotAHash {
        /// What was given, quoted.
        text: String,
    },
    /// Empty, too long, or with characters no id has.
    #[error("{text} is not a transaction id: 1 to 128 letters, digits and `-_.:/+=%`")]
    NotAnId {
        /// What was given, quoted.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::chain::BitcoinNetwork;
    use proptest::prelude::*;

    const BITCOIN: Chain = Chain::Bitcoin(BitcoinNetwork::Main);
    const ETHEREUM: Chain = Chain::Evm(1);
    /// The first payment from one person to another.
    const HAL: &str = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";

    #[test]
    fn bitcoin_is_shown_reversed() {
        let id = TransactionId::parse(&BITCOIN, HAL).unwrap();
        let TransactionId::Bitcoin(internal) = &id else {
            panic!("{id:?}")
        };
        assert_eq!((internal[0], internal[31]), (0x16, 0xf4));
        assert_eq!(id.to_string(), HAL);
        assert_eq!(
            TransactionId::parse(&BITCOIN, &HAL.to_uppercase()).unwrap(),
            id
        );
        assert!(TransactionId::parse(&BITCOIN, &format!("0x{HAL}")).is_err());
    }

    #[test]
    fn account_chains_differ_in_the_prefix_they_show() {
        let prefixed = format!("0x{HAL}");
        for text in [HAL, &prefixed] {
            let ethereum = TransactionId::parse(&ETHEREUM, text).unwrap();
            assert_eq!(ethereum.to_string(), prefixed);
            let TransactionId::Hash(hash) = ethereum else {
                panic!("{ethereum:?}")
            };
            assert_eq!(hash[0], 0xf4, "not reversed");
            assert_eq!(
                TransactionId::parse(&Chain::Tron, text)
                    .unwrap()
                    .to_string(),
                HAL
            );
        }
    }

    #[test]
    fn a_row_stands_for_a_transaction_on_any_chain() {
        let other: Chain = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp".parse().unwrap();
        for chain in [&BITCOIN, &ETHEREUM, &Chain::Tron, &other] {
            let id = TransactionId::parse(chain, "row:00000017").unwrap();
            assert_eq!(id, TransactionId::Other("row:00000017".into()));
            assert_eq!(id.to_string(), "row:00000017");
        }
        assert_eq!(
            TransactionId::parse(&other, "3Hx/=").unwrap().to_string(),
            "3Hx/="
        );
        assert!(TransactionId::parse(&other, "").is_err());
        assert!(TransactionId::parse(&other, &"a".repeat(LONGEST + 1)).is_err());
        assert!(TransactionId::parse(&other, "a\"b").is_err());
    }

    #[test]
    fn what_is_no_hash_is_refused_with_the_text() {
        for text in [
            "",
            "0x",
            &HAL[1..],
            &format!("{HAL}0"),
            &HAL.replace('f', "g"),
        ] {
            for chain in [&BITCOIN, &ETHEREUM, &Chain::Tron] {
                let error = TransactionId::parse(chain, text).unwrap_err();
                assert!(error.to_string().contains(text), "{error}");
            }
        }
        let error = TransactionId::parse(&BITCOIN, &HAL.replace('9', "\u{ff19}")).unwrap_err();
        assert!(error.to_string().contains("U+FF19"), "{error}");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(hash: [u8; 32]) {
            for (chain, id) in [
                (BITCOIN, TransactionId::Bitcoin(hash)),
                (ETHEREUM, TransactionId::Hash(hash)),
                (Chain::Tron, TransactionId::Tron(hash)),
            ] {
                prop_assert_eq!(TransactionId::parse(&chain, &id.to_string()), Ok(id));
            }
        }
    }
}
