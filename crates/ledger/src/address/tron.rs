//! Addresses of Tron: the 20 bytes of an EVM account behind `41`, in base58check or in hex.
//!
//! Both forms are read, since explorers show one and nodes answer with the other; base58 is shown.
//!
//! Not here: `0x` and 40 digits, which Tron's Ethereum-like interface uses: that is an EVM address to look at.

use super::{Address, AddressError, bitcoin};
use crate::chain::text::{decode_hex, quote};

/// What stands before the account in both forms; in base58 it makes the text begin with `T`.
const VERSION: u8 = 0x41;

pub(super) fn parse(text: &str) -> Result<Address, AddressError> {
    if let Some(account) = text.strip_prefix("41").and_then(decode_hex) {
        return Ok(Address::Tron(account));
    }
    if !text.starts_with('T') {
        return Err(AddressError::NotTron { text: quote(text) });
    }
    match bitcoin::decode_base58check(text)? {
        (VERSION, account) => Ok(Address::Tron(account)),
        _ => Err(AddressError::NotTron { text: quote(text) }),
    }
}

pub(super) fn display(account: &[u8; 20]) -> String {
    bitcoin::encode_base58check(VERSION, account)
}
