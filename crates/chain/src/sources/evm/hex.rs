//! Hex, quantities and decimals as nodes and exporters write them; anything else is refused.

use whither_ledger::U256;

use super::EvmFault;

/// Bytes after `0x`.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, EvmFault> {
    let bad = || EvmFault::Hex(short(text));
    let digits = text.strip_prefix("0x").ok_or_else(bad)?;
    if digits.len() % 2 != 0 {
        return Err(bad());
    }
    let pairs = digits.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    pairs.map(byte).collect::<Option<_>>().ok_or_else(bad)
}

/// Exactly so many bytes after `0x`.
pub(crate) fn fixed<const N: usize>(text: &str) -> Result<[u8; N], EvmFault> {
    let bad = || EvmFault::Bytes {
        text: short(text),
        bytes: N,
    };
    let digits = text.strip_prefix("0x").ok_or_else(bad)?.as_bytes();
    let mut out = [0; N];
    if digits.len() != 2 * N {
        return Err(bad());
    }
    for (place, pair) in digits.chunks_exact(2).enumerate() {
        let (high, low) = (digit(pair[0]), digit(pair[1]));
        out[place] = high
            .zip(low)
            .map(|(high, low)| high << 4 | low)
            .ok_or_else(bad)?;
    }
    Ok(out)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// A number as nodes write quantities: `0x` and digits without leading zeros.
pub(crate) fn quantity(text: &str) -> Result<U256, EvmFault> {
    let bad = || EvmFault::Quantity(short(text));
    let digits = text.strip_prefix("0x").ok_or_else(bad)?;
    let is_short = (1..=64).contains(&digits.len());
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_short || !is_hex || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(bad());
    }
    U256::from_str_radix(digits, 16).map_err(|_| bad())
}

/// A number in decimal digits alone.
pub(crate) fn decimal(text: &str) -> Result<U256, EvmFault> {
    let bad = || EvmFault::Decimal(short(text));
    let is_short = (1..=78).contains(&text.len());
    if !is_short || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    U256::from_str_radix(text, 10).map_err(|_| bad())
}

/// A number that has room in 32 bits: a height, an index.
pub(crate) fn small(number: U256) -> Result<u32, EvmFault> {
    u32::try_from(number).map_err(|_| EvmFault::TooLarge(number.to_string()))
}

/// A text, short enough for a message.
pub(crate) fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(80).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_one_spelling() {
        assert_eq!(quantity("0x0").unwrap(), U256::ZERO);
        assert_eq!(quantity("0xff").unwrap(), U256::from(255));
        assert_eq!(
            quantity(&format!("0x{}", "f".repeat(64))).unwrap(),
            U256::MAX
        );
        for bad in ["", "0x", "0X1", "1", "0x01", "0x-1", "0xg", " 0x1", "0x1 "] {
            assert!(quantity(bad).is_err(), "{bad:?}");
        }
        assert!(quantity(&format!("0x1{}", "0".repeat(64))).is_err());
    }

    #[test]
    fn decimals_are_digits_and_fit() {
        assert_eq!(decimal(&U256::MAX.to_string()).unwrap(), U256::MAX);
        for bad in ["", "-1", "1e3", "0x1", "1.0", "1,000", "+1"] {
            assert!(decimal(bad).is_err(), "{bad:?}");
        }
        assert!(decimal(&"9".repeat(78)).is_err());
        assert!(decimal(&"0".repeat(79)).is_err());
    }

    #[test]
    fn bytes_have_the_length_they_must_have() {
        assert_eq!(fixed::<2>("0x00Ff").unwrap(), [0, 255]);
        assert_eq!(bytes("0x").unwrap(), [0; 0]);
        for bad in ["00ff", "0x0ff", "0x00f", "0x00fg", "0x00ff00", ""] {
            assert!(fixed::<2>(bad).is_err(), "{bad:?}");
        }
        assert!(bytes("0xf").is_err() && bytes("ff").is_err() && bytes("0xé1").is_err());
    }
}
