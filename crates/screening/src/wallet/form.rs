//! The form under which an address is looked up, and all forms under which a listed one can be asked for.

use bs58::Alphabet;
use whither_ledger::address::Address;
use whither_ledger::chain::Chain;

use super::check::{base58check, cash_decode};

/// The longest address that is looked up. Monero's integrated ones have 106 characters.
pub const KEY_MAX: usize = 128;

/// Prefixes of addresses in bech32, whose case means nothing.
const BECH32: &[&str] = &[
    "bc1", "tb1", "bcrt1", "ltc1", "bnb1", "cosmos1", "addr1", "zs1", "u1",
];

/// Brings an address, as somebody writes it, to the form under which it is looked up; writes it to `into` and
/// gives its length. `None` where the text is no address by its form.
///
/// What people put around an address is dropped: blanks that are not seen, quotes, a full stop, a chain or a scheme and
/// what follows it in a payment link, the page of an explorer, a coin's code before it.
#[must_use]
pub fn key(text: &str, into: &mut [u8; KEY_MAX]) -> Option<usize> {
    let mut bytes = text.as_bytes();
    let mut seen = classes(bytes);
    if seen & NO_WORD != 0 {
        bytes = bare(text).as_bytes();
        seen = classes(bytes);
    }
    if seen & NO_WORD != 0 || bytes.len() > KEY_MAX || bytes.len() < 20 {
        return None;
    }
    if let Some(hex) = evm_digits(bytes) {
        into[..2].copy_from_slice(b"0x");
        for (to, from) in into[2..].iter_mut().zip(hex) {
            // Of hexadecimal digits that is the lower case.
            *to = from | 0x20;
        }
        return Some(42);
    }
    let bytes = match bytes {
        [b'0', b'x' | b'X', rest @ ..] if is_tron_hex(rest) => rest,
        other => other,
    };
    let into = &mut into[..bytes.len()];
    into.copy_from_slice(bytes);
    if is_bech32(bytes) || is_cash(bytes) || is_tron_hex(bytes) {
        into.make_ascii_lowercase();
    }
    Some(bytes.len())
}

/// Of a byte that is neither letter nor digit.
const NO_WORD: u8 = 1;
/// Of one that is no hexadecimal digit.
const NO_HEX: u8 = 2;

/// What each byte is not.
const CLASSES: [u8; 256] = {
    let mut classes = [NO_WORD | NO_HEX; 256];
    let mut byte = 0_u8;
    loop {
        if byte.is_ascii_hexdigit() {
            classes[byte as usize] = 0;
        } else if byte.is_ascii_alphanumeric() {
            classes[byte as usize] = NO_HEX;
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    classes
};

/// What some of these bytes are not. Every byte is looked at, so that no branch has to be foreseen.
fn classes(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0, |seen, byte| seen | CLASSES[*byte as usize])
}

/// An address without what people put around it.
fn bare(text: &str) -> &str {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return text;
    }
    let is_dress = |c: char| {
        c.is_whitespace()
            || matches!(u32::from(c), 0x200B..=0x200F | 0x2060 | 0xFEFF)
            || matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '«' | '»')
            || matches!(c, ',' | '.' | ';' | '(' | ')' | '[' | ']' | '<' | '>')
    };
    let text = text.trim_matches(is_dress);
    let text = text.split(['?', '@', '#']).next().unwrap_or(text);
    let text = text.rfind([':', '/']).map_or(text, |at| &text[at + 1..]);
    let text = text.trim_matches(is_dress);
    match text.split_once(char::is_whitespace) {
        Some((code, rest)) if is_code(code) => rest.trim_matches(is_dress),
        _ => text,
    }
}

/// Whether a word can be a coin's code.
fn is_code(word: &str) -> bool {
    (2..=6).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whether a text has the form of an address: no name has.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let text = bare(text);
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let blank = text.contains(char::is_whitespace);
    !blank && digits && key(text, &mut [0; KEY_MAX]).is_some()
}

fn evm_digits(bytes: &[u8]) -> Option<&[u8]> {
    let hex = match bytes {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        other => other,
    };
    (hex.len() == 40 && classes(hex) == 0).then_some(hex)
}

fn is_tron_hex(bytes: &[u8]) -> bool {
    bytes.len() == 42 && bytes.starts_with(b"41") && classes(bytes) == 0
}

fn is_bech32(bytes: &[u8]) -> bool {
    // Most are of base58, and told by their first letter.
    let first = bytes.first().map(|byte| byte | 0x20);
    let begins = |prefix: &&str| {
        let start = bytes.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let mut all = BECH32.iter();
    all.any(|prefix| first == prefix.as_bytes().first().copied() && begins(prefix))
}

/// CashAddr without its prefix: 42 characters of bech32's alphabet that begin with `q` or `p`.
fn is_cash(bytes: &[u8]) -> bool {
    bytes.len() == 42 && matches!(bytes[0], b'q' | b'p' | b'Q' | b'P')
}

/// All forms under which a listed address can be asked for, the one that stands in the list first.
#[must_use]
pub fn forms(code: &str, address: &str) -> Vec<Box<[u8]>> {
    let mut found: Vec<Box<[u8]>> = Vec::new();
    let mut add = |text: &str| {
        let mut buffer = [0; KEY_MAX];
        if let Some(length) = key(text, &mut buffer) {
            let form: Box<[u8]> = buffer[..length].into();
            if !found.contains(&form) {
                found.push(form);
            }
        }
    };
    add(address);
    let text = address.rsplit(':').next().unwrap_or(address);
    let text = match text.strip_prefix("0x") {
        Some(hex) if is_tron_hex(hex.as_bytes()) => hex,
        _ => text,
    };
    if let Ok(Address::Tron(account)) = Address::parse(&Chain::Tron, text) {
        let hex: String = account.iter().map(|byte| format!("{byte:02x}")).collect();
        add(&format!("41{hex}"));
        add(&Address::Tron(account).display(&Chain::Tron));
    }
    if let Some((kind, hash)) = cash_decode(text) {
        add(&legacy(if kind == 0 { 0x00 } else { 0x05 }, &hash));
    }
    if let Some((version, hash)) = base58check(text, Alphabet::BITCOIN) {
        match (code, version) {
            ("BCH" | "XBCH", 0x00) => add(&super::check::cash_encode(0, &hash)),
            ("BCH" | "XBCH", 0x05) => add(&super::check::cash_encode(1, &hash)),
            ("LTC", 0x05) => add(&legacy(0x32, &hash)),
            ("LTC", 0x32) => add(&legacy(0x05, &hash)),
            _ => {}
        }
    }
    found
}

fn legacy(version: u8, hash: &[u8; 20]) -> String {
    let mut bytes = vec![version];
    bytes.extend(hash);
    let sum = super::check::double_sha256(&bytes);
    bytes.extend(&sum[..4]);
    bs58::encode(bytes).into_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_people_put_around_an_address_is_dropped() {
        let plain = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";
        let key_of = |text: &str| {
            let mut into = [0; KEY_MAX];
            let length = key(text, &mut into)?;
            Some(String::from_utf8(into[..length].to_vec()).unwrap())
        };
        for dressed in [
            "0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
            "\u{a0}0x098B716B8Aaf21512996dC57EB0615e2383E2f96\u{200b}",
            "ETH 0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
            "ETH: 0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
            "eip155:1:0x098B716B8Aaf21512996dC57EB0615e2383E2f96",
            "ethereum:0x098B716B8Aaf21512996dC57EB0615e2383E2f96@1?value=1",
            "https://etherscan.io/address/0x098B716B8Aaf21512996dC57EB0615e2383E2f96#tokentxns",
            "\"0x098B716B8Aaf21512996dC57EB0615e2383E2f96\",",
            "(0x098B716B8Aaf21512996dC57EB0615e2383E2f96).",
        ] {
            assert_eq!(key_of(dressed).as_deref(), Some(plain), "{dressed}");
            assert!(is_address(dressed), "{dressed}");
        }
        let base58 = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h";
        assert_eq!(
            key_of("XBT 12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h").as_deref(),
            Some(base58)
        );
        for name in [
            "Kim Jong Un",
            "Unit 12345678901234567890 of the army",
            "ul. Lenina 12345678901234567890 d. 5",
        ] {
            assert!(!is_address(name), "{name}");
        }
    }
}
