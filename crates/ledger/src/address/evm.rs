//! Addresses of EVM chains: 20 bytes in hex, whose upper and lower case is a checksum.
//!
//! After EIP-55. All lower case and all upper case say "no checksum" and are accepted; mixed case must
//! agree. Known failure: EIP-1191 (Rootstock) mixes the chain id in, and such an address is refused.
//!
//! Not here: `\x` before the digits, which is how one database writes bytes and not how a chain does.

use sha3::{Digest as _, Keccak256};

use super::{Address, AddressError};
use crate::chain::text::{decode_hex, hex, quote};

pub(super) fn parse(text: &str) -> Result<Address, AddressError> {
    let digits = text.strip_prefix("0x").unwrap_or_default();
    let Some(account) = decode_hex(digits) else {
        return Err(AddressError::NotEvm { text: quote(text) });
    };
    let has_checksum = digits.bytes().any(|digit| digit.is_ascii_uppercase())
        && digits.bytes().any(|digit| digit.is_ascii_lowercase());
    if has_checksum && text != display(&account) {
        return Err(AddressError::EvmChecksum { text: quote(text) });
    }
    Ok(Address::Evm(account))
}

/// A letter is upper case where the digit at its place in the hash of the lower-case digits is 8 or more.
pub(super) fn display(account: &[u8; 20]) -> String {
    let digits = hex(account);
    let hash = hex(&Keccak256::digest(digits.as_bytes()));
    let cased = digits.chars().zip(hash.chars()).map(|(digit, hashed)| {
        // In ASCII, as in hex, the letters come after the digits.
        if hashed >= '8' {
            digit.to_ascii_uppercase()
        } else {
            digit
        }
    });
    "0x".chars().chain(cased).collect()
}
