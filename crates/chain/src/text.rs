//! Hashes, hex and names as people write them.

use whither_ledger::chain::{BitcoinNetwork, Chain};
use whither_ledger::transaction_id::TransactionId;

/// A hash of Bitcoin, kept in internal byte order, as people write it: reversed.
pub(crate) fn show_hash(hash: &[u8; 32]) -> String {
    TransactionId::Bitcoin(*hash).to_string()
}

/// Reads what [`show_hash`] writes; nothing else, upper case neither.
pub(crate) fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let mut hash: [u8; 32] = decode_hex(text)?.try_into().ok()?;
    hash.reverse();
    (show_hash(&hash) == text).then_some(hash)
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Bytes of hex in either case; `None` for an odd count of digits or anything that is no digit.
pub(crate) fn decode_hex(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let text = text.as_ref();
    if text.len() % 2 != 0 {
        return None;
    }
    text.chunks_exact(2)
        .map(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?))
        .collect()
}

/// The value of a hex digit.
pub(crate) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// What a network is called on the command line.
pub(crate) fn network_name(network: BitcoinNetwork) -> &'static str {
    Chain::Bitcoin(network).short_name().unwrap_or("bitcoin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_reads_back() {
        assert_eq!(hex(&[0, 0xa5, 0xff]), "00a5ff");
        assert_eq!(decode_hex("00A5ff"), Some(vec![0, 0xa5, 0xff]));
        assert_eq!(decode_hex("0"), None);
        assert_eq!(decode_hex("0g"), None);
        assert_eq!(decode_hex("\u{ff10}0"), None);
    }

    #[test]
    fn hashes_are_shown_reversed_and_have_one_spelling() {
        let mut hash = [0; 32];
        hash[31] = 0xab;
        let shown = show_hash(&hash);
        assert!(shown.starts_with("ab00"));
        assert_eq!(parse_hash(&shown), Some(hash));
        assert_eq!(parse_hash(&shown.to_uppercase()), None);
        assert_eq!(parse_hash(&shown[2..]), None);
    }
}
