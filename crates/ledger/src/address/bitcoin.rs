//! Bitcoin's addresses and the scripts behind them: base58check, bech32, bech32m.
//!
//! After BIP-13 and BIP-16 (P2SH), BIP-141 (witness programs), BIP-173 (bech32) and BIP-350 (bech32m from
//! witness version 1 on). A witness address with the other constant's checksum is refused, as BIP-350 asks.
//!
//! Not here: what a script demands of its spender, and scripts that have no address.

use std::error::Error;

use bech32::primitives::decode::{CheckedHrpstring, InvalidResidueError};
use bech32::{Bech32, Bech32m, Fe32, Hrp, segwit};
use ripemd::Ripemd160;
use sha2::{Digest as _, Sha256};

use super::{Address, AddressError, WitnessProgram};
use crate::chain::text::quote;
use crate::chain::{BitcoinNetwork, Chain};

const OP_0: u8 = 0x00;
const OP_1: u8 = 0x51;
const OP_16: u8 = 0x60;

/// Reads an address of a network.
pub(super) fn parse(network: BitcoinNetwork, text: &str) -> Result<Address, AddressError> {
    match text.as_bytes() {
        [b'1' | b'2' | b'3' | b'm' | b'n', ..] => parse_base58(network, text),
        _ => parse_witness(network, text),
    }
}

fn parse_base58(network: BitcoinNetwork, text: &str) -> Result<Address, AddressError> {
    let (version, hash) = decode_base58check(text)?;
    if version == network.p2pkh_version() {
        return Ok(Address::P2pkh(hash));
    }
    if version == network.p2sh_version() {
        return Ok(Address::P2sh(hash));
    }
    let found = match version {
        0x00 | 0x05 => "bitcoin".to_owned(),
        0x6f | 0xc4 => "a bitcoin test network".to_owned(),
        other => format!("an unknown chain (version byte {other:#04x})"),
    };
    Err(wrong_chain(network, text, found))
}

fn parse_witness(network: BitcoinNetwork, text: &str) -> Result<Address, AddressError> {
    let (hrp, version, program) =
        segwit::decode(text).map_err(|error| witness_error(text, &error))?;
    let hrp = hrp.to_lowercase();
    if hrp != network.bech32_hrp() {
        let found = match hrp.as_str() {
            "bc" => "bitcoin".to_owned(),
            "tb" => "testnet3, testnet4 or signet".to_owned(),
            "bcrt" => "regtest".to_owned(),
            other => format!("an unknown chain (prefix {other:?})"),
        };
        return Err(wrong_chain(network, text, found));
    }
    WitnessProgram::new(version.to_u8(), &program)
        .map(Address::Witness)
        .ok_or_else(|| AddressError::Bech32 {
            text: quote(text),
            reason: "no such witness program".to_owned(),
        })
}

fn wrong_chain(network: BitcoinNetwork, text: &str, found: String) -> AddressError {
    let wanted = Chain::Bitcoin(network).short_name().unwrap_or("bitcoin");
    AddressError::WrongChain {
        text: quote(text),
        found,
        wanted,
    }
}

/// Why a text is no witness address of any network.
fn witness_error(text: &str, error: &segwit::DecodeError) -> AddressError {
    if let Some((found, version)) = other_constant(text) {
        return AddressError::Bech32Constant {
            text: quote(text),
            found,
            version,
        };
    }
    let lower = text.to_ascii_lowercase();
    let begins_as = |network: BitcoinNetwork| {
        let rest = lower.strip_prefix(network.bech32_hrp());
        rest.is_some_and(|rest| rest.starts_with('1'))
    };
    if !BitcoinNetwork::ALL.into_iter().any(begins_as) {
        return AddressError::NotBitcoin { text: quote(text) };
    }
    // The innermost error is the most precise.
    let mut innermost: &(dyn Error + 'static) = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let reason = if innermost.is::<InvalidResidueError>() {
        "its checksum is wrong".to_owned()
    } else {
        innermost.to_string()
    };
    AddressError::Bech32 {
        text: quote(text),
        reason,
    }
}

/// Name and witness version of an address that is right but for having the other constant in its checksum.
fn other_constant(text: &str) -> Option<(&'static str, u8)> {
    let version = |checked: CheckedHrpstring| checked.fe32_iter().next().map(Fe32::to_u8);
    let (found, version) = match CheckedHrpstring::new::<Bech32>(text) {
        Ok(checked) => ("bech32", version(checked)?),
        Err(_) => (
            "bech32m",
            version(CheckedHrpstring::new::<Bech32m>(text).ok()?)?,
        ),
    };
    matches!((found, version), ("bech32", 1..=16) | ("bech32m", 0)).then_some((found, version))
}

/// An address as a network writes it; empty for addresses that are not Bitcoin's.
pub(super) fn display(network: BitcoinNetwork, address: &Address) -> String {
    match address {
        Address::P2pkh(hash) => encode_base58check(network.p2pkh_version(), hash),
        Address::P2sh(hash) => encode_base58check(network.p2sh_version(), hash),
        Address::Witness(witness) => {
            let hrp = Hrp::parse_unchecked(network.bech32_hrp());
            let version =
                Fe32::try_from(witness.version()).expect("a witness version is at most 16");
            segwit::encode(hrp, version, witness.program())
                .expect("the length was checked when it was made")
        }
        Address::Evm(_) | Address::Tron(_) | Address::Other(_) => String::new(),
    }
}

/// The address that a script pays.
pub(super) fn from_script(script: &[u8]) -> Option<Address> {
    match script {
        // OP_DUP OP_HASH160 <20 bytes> OP_EQUALVERIFY OP_CHECKSIG
        [0x76, 0xa9, 20, hash @ .., 0x88, 0xac] => hash.try_into().ok().map(Address::P2pkh),
        // OP_HASH160 <20 bytes> OP_EQUAL
        [0xa9, 20, hash @ .., 0x87] => hash.try_into().ok().map(Address::P2sh),
        // <key> OP_CHECKSIG
        [33, key @ .., 0xac] if key.len() == 33 && matches!(key[0], 2 | 3) => Some(p2pk(key)),
        [65, key @ .., 0xac] if key.len() == 65 && matches!(key[0], 4 | 6 | 7) => Some(p2pk(key)),
        [version @ (OP_0 | OP_1..=OP_16), length, program @ ..]
            if usize::from(*length) == program.len() =>
        {
            let version = if *version == OP_0 {
                0
            } else {
                version - OP_1 + 1
            };
            WitnessProgram::new(version, program).map(Address::Witness)
        }
        _ => None,
    }
}

/// Explorers show an output to a bare key as the address of that key's hash.
fn p2pk(key: &[u8]) -> Address {
    Address::P2pkh(Ripemd160::digest(Sha256::digest(key)).into())
}

/// The script that pays an address, for Bitcoin's kinds.
pub(super) fn script(address: &Address) -> Option<Vec<u8>> {
    match address {
        Address::P2pkh(hash) => Some([&[0x76, 0xa9, 20], &hash[..], &[0x88, 0xac]].concat()),
        Address::P2sh(hash) => Some([&[0xa9, 20], &hash[..], &[0x87]].concat()),
        Address::Witness(witness) => {
            let version = if witness.version() == 0 {
                OP_0
            } else {
                OP_1 + witness.version() - 1
            };
            Some([&[version, witness.length], witness.program()].concat())
        }
        Address::Evm(_) | Address::Tron(_) | Address::Other(_) => None,
    }
}

/// Version byte and hash of a base58 address, its checksum verified.
pub(super) fn decode_base58check(text: &str) -> Result<(u8, [u8; 20]), AddressError> {
    let bytes = bs58::decode(text).into_vec().map_err(|error| match error {
        bs58::decode::Error::InvalidCharacter { character, .. } => AddressError::Base58Character {
            text: quote(text),
            character,
        },
        _ => AddressError::Characters { text: quote(text) },
    })?;
    let Some((payload, sum)) = bytes.split_last_chunk::<4>().filter(|_| bytes.len() == 25) else {
        return Err(AddressError::Base58Length {
            text: quote(text),
            bytes: bytes.len(),
        });
    };
    let [version, hash @ ..] = payload else {
        return Err(AddressError::Base58Length {
            text: quote(text),
            bytes: bytes.len(),
        });
    };
    match <[u8; 20]>::try_from(hash) {
        Ok(hash) if *sum == checksum(*version, &hash) => Ok((*version, hash)),
        _ => Err(AddressError::Base58Checksum { text: quote(text) }),
    }
}

/// A version byte and a hash as a base58 address.
pub(super) fn encode_base58check(version: u8, hash: &[u8; 20]) -> String {
    bs58::encode([&[version], &hash[..], &checksum(version, hash)].concat()).into_string()
}

/// The first four bytes of a double SHA-256.
fn checksum(version: u8, hash: &[u8; 20]) -> [u8; 4] {
    let first = Sha256::new()
        .chain_update([version])
        .chain_update(hash)
        .finalize();
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(first).into();
    [a, b, c, d]
}
