//! Whether a listed address is what its coin would write: base58check, bech32 and bech32m, EIP-55, CashAddr, Monero's
//! blocks of base58.
//!
//! Lists hold typing errors. A wrong checksum is told with the entry, and the address is screened as it stands.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, segwit};
use bs58::Alphabet;
use sha2::{Digest as _, Sha256};
use sha3::Keccak256;
use whither_ledger::address::Address;
use whither_ledger::chain::{BitcoinNetwork, Chain};

/// Codes in use by publishers, and how their addresses are written.
const CODES: &[(&str, Form)] = &[
    ("XBT", Form::Bitcoin),
    ("BTC", Form::Bitcoin),
    ("BSV", Form::Bitcoin),
    ("BCH", Form::Cash),
    ("ETH", Form::Evm),
    ("ETC", Form::Evm),
    ("BSC", Form::Evm),
    ("ARB", Form::Evm),
    ("MATIC", Form::Evm),
    ("AVAX", Form::Evm),
    ("USDT", Form::Token),
    ("USDC", Form::Token),
    ("TUSD", Form::Token),
    ("DAI", Form::Token),
    ("TRX", Form::Tron),
    ("BNB", Form::Binance),
    ("LTC", Form::Litecoin),
    ("DASH", Form::Base58),
    ("DOGE", Form::Base58),
    ("ZEC", Form::Base58),
    ("BTG", Form::Base58),
    ("XVG", Form::Base58),
    ("XRP", Form::Ripple),
    ("XMR", Form::Monero),
    ("SOL", Form::Solana),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bitcoin,
    Cash,
    Evm,
    Tron,
    /// A token: of Ethereum, Tron, or Omni on Bitcoin.
    Token,
    Binance,
    Litecoin,
    Base58,
    Ripple,
    Monero,
    Solana,
}

/// What is wrong with a listed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A code that no list had before: the address is kept and found, its checksum cannot be checked.
    UnknownCode,
    /// The address is not what the coin of the code would write.
    Wrong(String),
}

/// Whether a code is known.
#[must_use]
pub fn is_known(code: &str) -> bool {
    CODES.iter().any(|(known, _)| *known == code)
}

/// What is wrong with a listed address, if anything.
#[must_use]
pub fn check(code: &str, address: &str) -> Option<Problem> {
    let Some((_, form)) = CODES.iter().find(|(known, _)| *known == code) else {
        return Some(Problem::UnknownCode);
    };
    let wrong = |what: &str| Some(Problem::Wrong(what.to_owned()));
    let right = match form {
        Form::Bitcoin => bitcoin(address),
        Form::Cash => cash_decode(address)
            .map(|_| ())
            .ok_or_else(|| "the checksum of CashAddr is wrong".to_owned())
            .or_else(|why| {
                base58check(address, Alphabet::BITCOIN)
                    .map(|_| ())
                    .ok_or(why)
            }),
        Form::Evm => evm(address),
        Form::Tron => tron(address),
        Form::Token if address.starts_with("0x") => evm(address),
        Form::Token if address.starts_with('T') => tron(address),
        Form::Token if address.starts_with(['1', '3']) || address.starts_with("bc1") => {
            bitcoin(address)
        }
        Form::Token => base58_bytes(address, 32),
        Form::Binance if address.starts_with("0x") => evm(address),
        Form::Binance => CheckedHrpstring::new::<Bech32>(address)
            .map(|_| ())
            .map_err(|error| error.to_string()),
        Form::Litecoin if address.to_ascii_lowercase().starts_with("ltc1") => {
            segwit::decode(address)
                .map(|_| ())
                .map_err(|error| error.to_string())
        }
        Form::Litecoin | Form::Base58 => return based(address, Alphabet::BITCOIN),
        Form::Ripple => return based(address, Alphabet::RIPPLE),
        Form::Monero => monero(address),
        Form::Solana => base58_bytes(address, 32),
    };
    right.err().and_then(|what| wrong(&what))
}

fn bitcoin(address: &str) -> Result<(), String> {
    Address::parse(&Chain::Bitcoin(BitcoinNetwork::Main), address)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn evm(address: &str) -> Result<(), String> {
    Address::parse(&Chain::Evm(1), address)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn tron(address: &str) -> Result<(), String> {
    Address::parse(&Chain::Tron, address)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn based(address: &str, alphabet: &Alphabet) -> Option<Problem> {
    let bytes = bs58::decode(address).with_alphabet(alphabet).into_vec();
    let right = bytes.is_ok_and(|bytes| (24..=27).contains(&bytes.len()) && has_sum(&bytes));
    (!right).then(|| Problem::Wrong("the checksum of base58check is wrong".to_owned()))
}

fn base58_bytes(address: &str, wanted: usize) -> Result<(), String> {
    match bs58::decode(address).into_vec() {
        Ok(bytes) if bytes.len() == wanted => Ok(()),
        Ok(bytes) => Err(format!("{} bytes, not {wanted}", bytes.len())),
        Err(error) => Err(error.to_string()),
    }
}

fn has_sum(bytes: &[u8]) -> bool {
    bytes
        .split_last_chunk::<4>()
        .is_some_and(|(payload, sum)| double_sha256(payload)[..4] == sum[..])
}

/// SHA-256 of SHA-256.
pub(super) fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Version and hash of an address of 25 bytes in base58check.
pub(super) fn base58check(address: &str, alphabet: &Alphabet) -> Option<(u8, [u8; 20])> {
    let bytes = bs58::decode(address)
        .with_alphabet(alphabet)
        .into_vec()
        .ok()?;
    if bytes.len() != 25 || !has_sum(&bytes) {
        return None;
    }
    Some((bytes[0], bytes[1..21].try_into().ok()?))
}

const CASH_ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CASH_PREFIX: &str = "bitcoincash";

/// The checksum of CashAddr, over the prefix and five-bit values.
fn cash_sum(values: impl Iterator<Item = u8>) -> u64 {
    const GENERATOR: [u64; 5] = [
        0x98_f2bc_8e61,
        0x79_b76d_99e2,
        0xf3_3e5f_b3c4,
        0xae_2eab_e2a8,
        0x1e_4f43_e470,
    ];
    let prefix = CASH_PREFIX.bytes().map(|byte| byte & 0x1f).chain([0]);
    let mut sum = 1_u64;
    for value in prefix.chain(values) {
        let top = sum >> 35;
        sum = ((sum & 0x07_ffff_ffff) << 5) ^ u64::from(value);
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if (top >> bit) & 1 == 1 {
                sum ^= generator;
            }
        }
    }
    sum ^ 1
}

/// Kind (0 a key, 1 a script) and hash of a CashAddr, with or without its prefix.
pub(super) fn cash_decode(address: &str) -> Option<(u8, [u8; 20])> {
    let lower = address.to_ascii_lowercase();
    let payload = lower.strip_prefix("bitcoincash:").unwrap_or(&lower);
    let value = |byte: u8| CASH_ALPHABET.iter().position(|one| *one == byte);
    let values: Vec<u8> = payload
        .bytes()
        .map(|byte| value(byte).and_then(|at| u8::try_from(at).ok()))
        .collect::<Option<_>>()?;
    if values.len() != 42 || cash_sum(values.iter().copied()) != 0 {
        return None;
    }
    let bytes = regroup(&values[..34], 5, 8);
    let kind = bytes.first()? >> 3;
    Some((kind, bytes.get(1..21)?.try_into().ok()?)).filter(|(kind, _)| *kind < 2)
}

/// A CashAddr without its prefix.
pub(super) fn cash_encode(kind: u8, hash: &[u8; 20]) -> String {
    let mut bytes = vec![kind << 3];
    bytes.extend(hash);
    let mut values = regroup(&bytes, 8, 5);
    let sum = cash_sum(values.iter().copied().chain([0; 8]));
    values.extend((0..8).map(|at| u8::try_from((sum >> (5 * (7 - at))) & 0x1f).unwrap_or(0)));
    let letters = values
        .iter()
        .map(|value| char::from(CASH_ALPHABET[usize::from(*value)]));
    letters.collect()
}

/// Bits in groups of another size; what is left over is filled with zeros when groups get smaller, and dropped
/// when they get larger.
fn regroup(values: &[u8], from: u32, to: u32) -> Vec<u8> {
    let (mut held, mut bits, mut out) = (0_u32, 0_u32, Vec::new());
    let mask = (1 << to) - 1;
    for value in values {
        held = (held << from) | u32::from(*value);
        bits += from;
        while bits >= to {
            bits -= to;
            out.push(u8::try_from((held >> bits) & mask).unwrap_or(0));
        }
        held &= (1 << bits) - 1;
    }
    if to < from && bits > 0 {
        out.push(u8::try_from((held << (to - bits)) & mask).unwrap_or(0));
    }
    out
}

/// Monero writes base58 in blocks of 11 letters for 8 bytes, and sums with Keccak.
fn monero(address: &str) -> Result<(), String> {
    let mut bytes = Vec::new();
    for block in address.as_bytes().chunks(11) {
        let size = match block.len() {
            11 => 8,
            7 => 5,
            letters => return Err(format!("a last block of {letters} letters")),
        };
        let mut number = 0_u128;
        for letter in block {
            const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
            let value = ALPHABET.iter().position(|one| one == letter);
            let value = value.ok_or_else(|| "a letter that base58 has not".to_owned())?;
            number = number * 58 + value as u128;
        }
        bytes.extend(&number.to_be_bytes()[16 - size..]);
    }
    let right = bytes
        .split_last_chunk::<4>()
        .is_some_and(|(payload, sum)| Keccak256::digest(payload)[..4] == sum[..]);
    right
        .then_some(())
        .ok_or_else(|| "the checksum of a Monero address is wrong".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cash_and_legacy_are_one_hash() {
        // From the specification of CashAddr.
        let (legacy, cash) = (
            "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
            "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        );
        let (version, hash) = base58check(legacy, Alphabet::BITCOIN).expect("it is right");
        assert_eq!((version, cash_encode(0, &hash).as_str()), (0, cash));
        assert_eq!(cash_decode(&format!("bitcoincash:{cash}")), Some((0, hash)));
        assert_eq!(
            cash_decode("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q"),
            None
        );
    }

    #[test]
    fn a_letter_changed_is_told_for_every_coin() {
        for (code, right) in [
            ("XBT", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"),
            ("ETH", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"),
            ("TRX", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ("XBT", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            ("XRP", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
            (
                "XMR",
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            ),
        ] {
            assert_eq!(check(code, right), None, "{right}");
            let mut wrong = right.to_owned().into_bytes();
            let at = right.len() / 2;
            wrong[at] = if wrong[at] == b'7' { b'8' } else { b'7' };
            let wrong = String::from_utf8(wrong).expect("it is ASCII");
            let found = check(code, &wrong);
            // EIP-55 has some sixteen bits for 40 letters: a digit changed may leave them right.
            let told = matches!(found, Some(Problem::Wrong(_)));
            assert!(told || code == "ETH", "{wrong}: {found:?}");
        }
        assert_eq!(check("ZZZ", "anything"), Some(Problem::UnknownCode));
    }
}
