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

/// The last 20 bytes of the hash of the list of creator and nonce (Ethereum's yellow paper, 7), written in RLP.
pub(super) fn contract(creator: &[u8; 20], nonce: u64) -> [u8; 20] {
    let digits = nonce.to_be_bytes();
    let digits = &digits[usize::try_from(nonce.leading_zeros() / 8).expect("at most eight")..];
    let mut list = vec![0x80 + 20];
    list.extend(creator);
    match digits {
        // A byte below 128 stands for itself; no bytes at all, for zero.
        [small] if *small < 0x80 => list.push(*small),
        digits => {
            list.push(0x80 + u8::try_from(digits.len()).expect("at most eight"));
            list.extend(digits);
        }
    }
    list.insert(0, 0xc0 + u8::try_from(list.len()).expect("at most thirty"));
    let hash = Keccak256::digest(&list);
    let mut account = [0; 20];
    account.copy_from_slice(&hash[12..]);
    account
}
