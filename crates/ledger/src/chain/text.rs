//! Text from outside: trimmed, refused or quoted, before any grammar looks at it.
//!
//! Ids are pasted from web pages, chats and spreadsheets, with zero-width and full-width characters in
//! them, some of them there to deceive. One rule holds for all ids: ASCII white space at the ends goes,
//! any other character that is not visible ASCII is an error that names its code point.
//!
//! Not here: what an id means. Nothing is repaired, and nothing is folded.

use thiserror::Error;

/// As much of an offending text as a message repeats.
const QUOTED_CHARACTERS: usize = 128;

/// A character that no id has: a space, a control character, or anything beyond ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text} holds {code_point} at character {place}, which no id has", code_point = code_point(*.character))]
pub struct StrayCharacter {
    /// The text, quoted and escaped.
    pub text: String,
    /// The first such character.
    pub character: char,
    /// Its place in the trimmed text, counted in characters from 1.
    pub place: usize,
}

/// The text without ASCII white space at its ends, if all of the rest is visible ASCII.
pub(crate) fn visible_ascii(text: &str) -> Result<&str, StrayCharacter> {
    let trimmed = text.trim_ascii();
    match trimmed
        .chars()
        .enumerate()
        .find(|(_, character)| !character.is_ascii_graphic())
    {
        None => Ok(trimmed),
        Some((index, character)) => Err(StrayCharacter {
            text: quote(trimmed),
            character,
            place: index + 1,
        }),
    }
}

/// Whether a text has `least..=most` characters, each a letter or digit of ASCII or one of `others`.
pub(crate) fn is_word(text: &str, least: usize, most: usize, others: &[u8]) -> bool {
    (least..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

/// The text in quotes as a message shows it: invisible characters escaped, an excess cut off.
pub(crate) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARACTERS) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// How Unicode writes a character's number: `U+200B`.
fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xf));
    }
    text
}

/// Exactly `N` bytes written as hex in either case.
pub(crate) const fn decode_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    let mut index = 0;
    while index < N {
        let (Some(high), Some(low)) = (nibble(digits[2 * index]), nibble(digits[2 * index + 1]))
        else {
            return None;
        };
        bytes[index] = high << 4 | low;
        index += 1;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_ascii_white_space_at_the_ends_is_trimmed() {
        assert_eq!(visible_ascii(" \t1abc\r\n").unwrap(), "1abc");
        for (text, code, place) in [
            ("1a\u{200b}bc", "U+200B", 3),
            ("\u{feff}1abc", "U+FEFF", 1),
            ("1abc\u{a0}", "U+00A0", 5),
            ("1a bc", "U+0020", 3),
            ("1a\0bc", "U+0000", 3),
            ("1\u{ff10}", "U+FF10", 2),
            ("\u{202e}1abc", "U+202E", 1),
        ] {
            let error = visible_ascii(text).unwrap_err();
            assert_eq!(error.place, place, "{text:?}");
            assert!(error.to_string().contains(code), "{error}");
        }
    }

    #[test]
    fn a_message_shows_what_cannot_be_seen_and_stays_short() {
        assert_eq!(quote("a\u{200b}\u{202e}b"), r#""a\u{200b}\u{202e}b""#);
        let long = quote(&"é".repeat(100_000));
        assert_eq!(long.chars().count(), QUOTED_CHARACTERS + 3);
    }

    #[test]
    fn hex_both_ways() {
        assert_eq!(hex(&[0x00, 0x9f, 0xff]), "009fff");
        assert_eq!(decode_hex("009fFF"), Some([0x00, 0x9f, 0xff]));
        assert_eq!(decode_hex::<3>("009ff"), None);
        assert_eq!(decode_hex::<3>("009fff0"), None);
        for stray in ["009ffg", "009ff/", "009ff:", "009ff@", "009ff`", "+09fff"] {
            assert_eq!(decode_hex::<3>(stray), None, "{stray}");
        }
    }
}
