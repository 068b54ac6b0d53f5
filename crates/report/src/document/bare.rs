//! Numbers, dates, addresses and hashes that somebody typed, where a reference should stand.
//!
//! A token with a digit in it is one of these, unless it begins like a name (`APT38`, `S/2019/171`). A name with digits
//! in front is declared, `{literal:resolution 2094 (2013)}`. Small numbers in words are prose and pass; hundred,
//! thousand, million, billion and trillion are figures.
//!
//! Fails on: a figure that is spelled out in small words ("three addresses"), and one that begins like a name (`x100`).

use super::{Fault, Place};
use crate::text::is_treacherous;

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const MAGNITUDES: &[&str] = &["hundred", "thousand", "million", "billion", "trillion"];

/// What stands before a figure and makes it no name.
const UNITS: &[&str] = &[
    "usd", "us", "eur", "gbp", "krw", "cny", "jpy", "btc", "eth", "usdt", "usdc", "dai", "trx",
    "xrp", "ltc", "a", "x", "approx", "c", "ca",
];

/// A word, with where it stands.
struct Token<'a> {
    text: &'a str,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Year,
    Date,
    Address,
    Hash,
    Link,
    Magnitude,
}

/// What was typed and should be computed.
pub(super) fn bare(text: &str, place: Place) -> Vec<Fault> {
    let tokens = tokens(text, place);
    let mut faults = hidden(text, place);
    let mut at = 0;
    while at < tokens.len() {
        let (length, kind) = figure(&tokens[at..]);
        if let Some(kind) = kind {
            let words: Vec<&str> = tokens[at..at + length]
                .iter()
                .map(|token| token.text)
                .collect();
            faults.push(said(kind, &words.join(" "), tokens[at].place));
        }
        at += length;
    }
    faults
}

/// How many tokens belong together here, and what they are.
fn figure(tokens: &[Token<'_>]) -> (usize, Option<Kind>) {
    let kind = |at: usize| tokens.get(at).and_then(|token| kind(token.text));
    let month = |at: usize| {
        let word = tokens.get(at).map(|token| token.text.to_lowercase());
        word.is_some_and(|word| MONTHS.contains(&word.as_str()))
    };
    let counts = |kind| matches!(kind, Some(Kind::Number | Kind::Year));
    if month(0) && counts(kind(1)) {
        let length = if counts(kind(2)) { 3 } else { 2 };
        return (length, Some(Kind::Date));
    }
    let Some(first) = kind(0) else {
        return (1, None);
    };
    if counts(Some(first)) && month(1) {
        let length = if counts(kind(2)) { 3 } else { 2 };
        return (length, Some(Kind::Date));
    }
    let mut length = 1;
    while matches!(first, Kind::Number | Kind::Year | Kind::Magnitude)
        && matches!(kind(length), Some(Kind::Number | Kind::Magnitude))
        && !month(length + 1)
    {
        length += 1;
    }
    let whole = if length > 1 && first == Kind::Year {
        Kind::Number
    } else {
        first
    };
    (length, Some(whole))
}

fn said(kind: Kind, words: &str, place: Place) -> Fault {
    let by = "refer to where it is from, as `{finding:NAME#path}`, `{incident:ID#usd}` or `{total:FROM..TO#usd}`";
    let (word, what, hint) = match kind {
        Kind::Number | Kind::Magnitude => (
            "number",
            "a number",
            "refer to where it is from, as `{finding:NAME#path}`, `{incident:ID#usd}` or `{total:FROM..TO#usd}`; a name with digits is `{literal:…}`",
        ),
        Kind::Year | Kind::Date => (
            "date",
            "a date",
            "refer to what it is the date of, as `{incident:ID#date}` or `{claim:ID#published}`; a name with digits is `{literal:…}`",
        ),
        Kind::Address => (
            "address",
            "an address",
            "refer to who names it, as `{claim:ID#address}`, or to a finding",
        ),
        Kind::Hash => ("hash", "a hash", by),
        Kind::Link => ("link", "an address on the web", "write it as `<https://…>`"),
    };
    Fault::new(place, word, format!("{what} is typed: {words:?}"), hint)
}

fn kind(token: &str) -> Option<Kind> {
    if token.contains("://") {
        return Some(Kind::Link);
    }
    if MAGNITUDES.contains(&token.to_lowercase().as_str()) {
        return Some(Kind::Magnitude);
    }
    if !token.chars().any(char::is_numeric) {
        return None;
    }
    if let Some(kind) = identifier(token) {
        return Some(kind);
    }
    if is_date(token) {
        return Some(Kind::Date);
    }
    let first = token.chars().next()?;
    if first.is_alphabetic() {
        let letters = token.chars().take_while(|c| c.is_alphabetic());
        let letters: String = letters.flat_map(char::to_lowercase).collect();
        let unit = UNITS.contains(&letters.as_str()) && letters.len() < token.len();
        return unit.then_some(Kind::Number);
    }
    let year = token.len() == 4 && (token.starts_with("19") || token.starts_with("20"));
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    Some(if year && digits {
        Kind::Year
    } else {
        Kind::Number
    })
}

/// Whether a token is an address or a hash, whole or cut in its middle.
fn identifier(token: &str) -> Option<Kind> {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(body) = token.strip_prefix("0x") {
        return Some(if body.len() == 64 && hex(body) {
            Kind::Hash
        } else {
            Kind::Address
        });
    }
    if token.len() >= 40 && hex(token) {
        return Some(if token.len() == 40 {
            Kind::Address
        } else {
            Kind::Hash
        });
    }
    let body = token.split([':', '…']).next_back().unwrap_or(token);
    let segwit = ["bc1", "tb1", "ltc1", "addr1"]
        .iter()
        .any(|prefix| token.starts_with(prefix));
    let long = body.len() >= 25 && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let cut = token.contains('…') && token.chars().count() >= 9;
    (long || cut || segwit && token.len() >= 11).then_some(Kind::Address)
}

/// Whether a token is a date in digits.
fn is_date(token: &str) -> bool {
    let day = token.split(['T', 't']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let digits = |part: &&str| {
        !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let long = parts.iter().filter(|part| part.len() == 4).count() == 1;
    (parts.len() == 3 || parts.len() == 2 && day.contains('-')) && parts.iter().all(digits) && long
}

/// Words between white space, without the punctuation around them.
fn tokens(text: &str, place: Place) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start: Option<(usize, Place)> = None;
    let mut here = place;
    for (at, c) in text.char_indices() {
        // A dash joins two words as a space does; a hyphen belongs to one.
        if c.is_whitespace() || matches!(c, '–' | '—') {
            if let Some((from, place)) = start.take() {
                tokens.extend(token(&text[from..at], place));
            }
        } else if start.is_none() {
            start = Some((at, here));
        }
        here = after(here, c);
    }
    if let Some((from, place)) = start {
        tokens.extend(token(&text[from..], place));
    }
    tokens
}

fn after(place: Place, c: char) -> Place {
    match c {
        '\n' => Place {
            line: place.line + 1,
            column: 1,
        },
        _ => Place {
            line: place.line,
            column: place.column + 1,
        },
    }
}

fn token(word: &str, place: Place) -> Option<Token<'_>> {
    let edge = |c: char| !c.is_alphanumeric();
    let cut = word.trim_start_matches(edge);
    let column = place.column + word.chars().count() - cut.chars().count();
    let text = cut.trim_end_matches(edge);
    (!text.is_empty()).then_some(Token {
        text,
        place: Place {
            line: place.line,
            column,
        },
    })
}

/// Characters that hide or reorder what stands around them.
fn hidden(text: &str, place: Place) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut here = place;
    for c in text.chars() {
        if is_treacherous(c) && c != '\n' {
            let what = format!(
                "a character hides or reorders others (U+{:04X})",
                u32::from(c)
            );
            faults.push(Fault::new(here, "hidden", what, "take it out"));
        }
        here = after(here, c);
    }
    faults
}
