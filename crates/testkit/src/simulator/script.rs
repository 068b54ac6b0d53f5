//! Output scripts in the common forms, with their regtest addresses, and dummy proofs for spending them.
//!
//! Keys and hashes are random bytes: nobody could ever spend these outputs on a real network.

use crate::rng::SplitMix64;
use sha2::{Digest, Sha256};

/// The form of an output script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Pay to public key hash: an address in base58check.
    P2pkh,
    /// Pay to witness public key hash: an address in bech32.
    P2wpkh,
    /// Pay to public key: no address.
    P2pk,
    /// Pay to taproot: an address in bech32m.
    P2tr,
    /// A data carrier that nobody can spend: no address.
    OpReturn,
}

/// An output script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its form.
    pub form: Form,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its regtest address, where the form has one.
    pub address: Option<String>,
}

impl Script {
    /// A fresh script of a form.
    pub fn random(form: Form, rng: &mut SplitMix64) -> Self {
        let key: [u8; 32] = rng.bytes();
        let (bytes, address) = match form {
            Form::P2pkh => {
                let script = [&[0x76, 0xa9, 20], &key[..20], &[0x88, 0xac]].concat();
                (script, Some(base58check(0x6f, &key[..20])))
            }
            Form::P2wpkh => {
                let script = [&[0x00, 20], &key[..20]].concat();
                (script, Some(segwit_address("bcrt", 0, &key[..20])))
            }
            Form::P2pk => ([&[33, 0x02], &key[..], &[0xac]].concat(), None),
            Form::P2tr => {
                let script = [&[0x51, 32], &key[..]].concat();
                (script, Some(segwit_address("bcrt", 1, &key)))
            }
            Form::OpReturn => ([&[0x6a, 16], &key[..16]].concat(), None),
        };
        Self {
            form,
            bytes,
            address,
        }
    }

    /// A fresh script of one of the forms that have an address.
    pub fn random_with_address(rng: &mut SplitMix64) -> Self {
        let form = *rng.pick(&[Form::P2pkh, Form::P2wpkh, Form::P2tr]);
        Self::random(form, rng)
    }

    /// What proves the right to spend, in shape only: the input script and the witness.
    pub(super) fn dummy_proof(&self, about: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
        let half: [u8; 32] = Sha256::digest(about).into();
        let signature = [&[0x30, 0x44], &half[..], &half[..], &half[..5], &[0x01]].concat();
        let key = [&[0x02], &half[..]].concat();
        match self.form {
            Form::P2pkh => ([&push(&signature)[..], &push(&key)].concat(), Vec::new()),
            Form::P2pk => (push(&signature), Vec::new()),
            Form::P2wpkh => (Vec::new(), vec![signature, key]),
            Form::P2tr => (Vec::new(), vec![[half, half].concat()]),
            Form::OpReturn => panic!("a data carrier cannot be spent"),
        }
    }
}

/// A script instruction that pushes up to 75 bytes.
pub(super) fn push(data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len()).expect("a short push");
    assert!(length <= 75, "a short push");
    [&[length], data].concat()
}

/// Base58 with the four check bytes of a double SHA-256.
fn base58check(version: u8, payload: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [&[version], payload].concat();
    let check = Sha256::digest(Sha256::digest(&bytes));
    bytes.extend_from_slice(&check[..4]);
    let mut digits: Vec<usize> = Vec::new();
    for byte in &bytes {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += *digit * 256;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| 0);
    let digits = zeros.chain(digits.iter().rev().copied());
    digits.map(|digit| char::from(ALPHABET[digit])).collect()
}

/// A segregated witness address: bech32 for version 0 (BIP 173), bech32m above (BIP 350).
fn segwit_address(prefix: &str, version: u8, program: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mut data = vec![version];
    data.extend(five_bits(program));
    let mut values: Vec<u8> = prefix.bytes().map(|byte| byte >> 5).collect();
    values.push(0);
    values.extend(prefix.bytes().map(|byte| byte & 31));
    values.extend(&data);
    values.extend([0; 6]);
    let constant: u32 = if version == 0 { 1 } else { 0x2bc8_30a3 };
    let check = polymod(&values) ^ constant;
    for place in (0..6).rev() {
        let five = (check >> (5 * place)) & 31;
        data.push(u8::try_from(five).expect("five bits fit a byte"));
    }
    let tail: String = data
        .iter()
        .map(|five| char::from(ALPHABET[usize::from(*five)]))
        .collect();
    format!("{prefix}1{tail}")
}

/// The check code of BIP 173.
fn polymod(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let mut check: u32 = 1;
    for value in values {
        let top = check >> 25;
        check = ((check & 0x01ff_ffff) << 5) ^ u32::from(*value);
        for (bit, term) in GENERATOR.iter().enumerate() {
            if (top >> bit) & 1 == 1 {
                check ^= term;
            }
        }
    }
    check
}

/// Bytes regrouped into five bits each, the last filled up with zeros.
fn five_bits(bytes: &[u8]) -> Vec<u8> {
    let mut bits: Vec<u8> = Vec::new();
    for byte in bytes {
        bits.extend((0..8).rev().map(|bit| (byte >> bit) & 1));
    }
    while !bits.len().is_multiple_of(5) {
        bits.push(0);
    }
    let group = |five: &[u8]| five.iter().fold(0, |value, bit| value * 2 + bit);
    bits.chunks(5).map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::{base58check, segwit_address};

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).expect("hex");
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn addresses_are_the_published_ones() {
        // The address of the first block.
        let hash = bytes("62e907b15cbf27d5425399ebf6f0fb50ebb88f18");
        assert_eq!(base58check(0, &hash), "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
        // BIP 173 and BIP 350, test vectors.
        let hash = bytes("751e76e8199196d454941c45d1b3a323f1433bd6");
        assert_eq!(
            segwit_address("tb", 0, &hash),
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"
        );
        let key = bytes("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        assert_eq!(
            segwit_address("bc", 1, &key),
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
        );
    }
}
