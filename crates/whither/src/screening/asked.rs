//! What of a question can be asked: the addresses that stand in it, whether it is the number of a document, and what cannot
//! be screened at all and must not be taken for clean.
//!
//! People write several addresses into one cell, lose a digit, or put a name where an address should stand. What has the form
//! of no address is asked as a name too, and said.
//!
//! Fails: of chains whose addresses bear no sum that is known here, one with a letter missing looks whole.

use std::borrow::Cow;
use std::collections::BTreeSet;

use whither_report::text::visible;
use whither_screening::matching::screen::Screen;
use whither_screening::wallet::{self, KEY_MAX};

use super::Qualifiers;

/// A number of a document has so many letters and digits at least.
const NUMBER_SIGNS_MIN: usize = 6;

/// From so many letters on a word is no name's: within a question an address may stand as it is listed.
const LONG: usize = 20;

/// A text, taken apart into the addresses that stand in it and the rest.
pub(super) struct Parts<'a> {
    /// Each address once; the whole text where it is one.
    pub addresses: Vec<&'a str>,
    /// What is no address; nothing where there is no more than blanks and the codes of coins.
    pub rest: Option<Cow<'a, str>>,
}

impl<'a> Parts<'a> {
    /// Of a text that should hold addresses.
    pub(super) fn of_addresses(screen: &Screen, text: &'a str) -> Self {
        Self::of(text, &|piece| {
            is_known_form(piece) || screen.is_listed_address(piece)
        })
    }

    /// Of a text that is a name as well as it may be an address: a word that a list holds as an address of no known form
    /// is none within a name.
    pub(super) fn of_question(screen: &Screen, text: &'a str) -> Self {
        let is_digit = |byte: u8| byte.is_ascii_digit();
        if screen.is_listed_address(text) {
            return Self::of_addresses(screen, text);
        }
        if !text.bytes().any(is_digit) {
            return Self {
                addresses: Vec::new(),
                rest: Some(Cow::Borrowed(text)),
            };
        }
        Self::of(text, &|piece| {
            is_known_form(piece) || piece.len() >= LONG && screen.is_listed_address(piece)
        })
    }

    fn of(text: &'a str, is_address: &dyn Fn(&str) -> bool) -> Self {
        let is_between = |c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace();
        let pieces = text.split(is_between).filter(|piece| !piece.is_empty());
        let (mut addresses, mut others): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for piece in pieces {
            // A link, a chain before an address: of these one part alone is an address. Where several are, each is one.
            let parts = piece.split(['/', ':', '&', '#', '?', '=', '@']);
            let parts: Vec<&str> = parts.filter(|part| is_address(part)).collect();
            if parts.len() > 1 {
                addresses.extend(parts);
            } else if !is_address(piece) {
                others.push(piece);
            } else {
                addresses.push(piece);
            }
        }
        let mut seen = BTreeSet::new();
        addresses.retain(|address| seen.insert(*address));
        if addresses.len() < 2 && is_address(text) {
            return Self {
                addresses: vec![text],
                rest: None,
            };
        }
        if addresses.is_empty() {
            return Self {
                addresses,
                rest: Some(Cow::Borrowed(text)),
            };
        }
        others.retain(|piece| !is_code(piece));
        let rest = (!others.is_empty()).then(|| Cow::Owned(others.join(" ")));
        Self { addresses, rest }
    }

    /// Whether addresses stand beside each other or beside something else: each is then asked for by itself.
    pub(super) fn are_beside(&self) -> bool {
        self.are_several() || !self.addresses.is_empty() && self.rest.is_some()
    }

    /// What is asked as it stands: what is no address, or all of the text where it is one question; nothing where it is
    /// addresses and no more.
    pub(super) fn name<'t>(&'t self, text: &'t str) -> Option<&'t str> {
        match self.are_beside() {
            true => self.rest.as_deref(),
            false => Some(text),
        }
    }

    /// Whether it holds several addresses.
    pub(super) fn are_several(&self) -> bool {
        self.addresses.len() > 1
    }
}

/// Whether a word beside addresses says no more than of which coin they are.
fn is_code(piece: &str) -> bool {
    let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
    word.is_empty() || word.len() <= 6 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whether a text has the form of an address of a chain, and is as long as that is, with the right sum where the form
/// tells which it bears.
fn is_known_form(text: &str) -> bool {
    let mut buffer = [0; KEY_MAX];
    let Some(length) = wallet::key(text, &mut buffer).filter(|_| wallet::is_address(text)) else {
        return false;
    };
    let form = String::from_utf8_lossy(&buffer[..length]);
    let right = |code: &str| wallet::check(code, &form).is_none();
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digits) = form.strip_prefix("0x") {
        // 40 digits of Ethereum; up to 64 of chains that leave out zeros at the beginning.
        return is_hex(digits) && matches!(digits.len(), 40 | 62..=64);
    }
    if is_hex(&form) {
        return length == 64 || length == 42 && form.starts_with("41");
    }
    if form.starts_with("bc1") {
        return right("XBT");
    }
    if form.starts_with("ltc1") {
        return right("LTC");
    }
    if ["bnb1", "cosmos1", "addr1", "zs1"]
        .iter()
        .any(|prefix| form.starts_with(prefix))
    {
        return right("BNB");
    }
    match form.as_bytes() {
        [b'1' | b'3', ..] if length <= 36 => ["XBT", "DASH", "SOL"].iter().any(|code| right(code)),
        [b'T', ..] if (30..=36).contains(&length) => ["TRX", "DASH"].iter().any(|code| right(code)),
        _ => true,
    }
}

/// What is said of a text that should be an address and is none.
pub(super) fn no_address(text: &str) -> String {
    format!(
        "`{}` is no address of a known form and could not be screened as one",
        visible(text)
    )
}

/// What is said of a question that nobody can be found by; nothing of all others.
pub(super) fn unscreened(text: &str, parts: &Parts<'_>) -> Option<String> {
    if !text.chars().any(char::is_alphanumeric) {
        return Some(format!(
            "`{}` holds no letter and no digit and could not be screened",
            visible(text)
        ));
    }
    (parts.addresses.is_empty() && wallet::is_address(text)).then(|| no_address(text))
}

/// Whether a text looks like the number of a document: two of three of its letters and digits are digits.
fn is_number(text: &str) -> bool {
    let signs = text.chars().filter(|c| c.is_alphanumeric()).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    signs >= NUMBER_SIGNS_MIN && digits * 3 >= signs * 2 && !wallet::is_address(text)
}

/// What is known of the one who is asked for. A question that looks like the number of a document is one, where no other
/// is said: a ship is asked for by its IMO number alone.
pub(super) fn known<'q>(question: &str, qualifiers: &'q Qualifiers) -> Cow<'q, Qualifiers> {
    if qualifiers.document.is_some() || !is_number(question) {
        return Cow::Borrowed(qualifiers);
    }
    Cow::Owned(Qualifiers {
        document: Some(question.trim().to_owned()),
        ..qualifiers.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";
    const OTHER: &str = "0xa0e1c89ef1a489c9c7de96311ed5ce5d32c20e4b";

    #[test]
    fn a_cell_of_several_addresses_is_taken_apart() {
        let screen = Screen::default();
        for between in [",", ";", "|", " ", ", ", "\t", " / ", "/", ":", "&", "#"] {
            let text = format!("{ONE}{between}{OTHER}");
            let parts = Parts::of_addresses(&screen, &text);
            assert_eq!(parts.addresses, [ONE, OTHER], "{between:?}");
            assert!(parts.rest.is_none(), "{between:?}");
        }
        let chained = format!("eip155:1:{ONE},eip155:1:{OTHER}");
        assert!(Parts::of_addresses(&screen, &chained).are_several());
        let mixed = format!("ETH {ONE}; BTC: ; unknown wallet; {OTHER}");
        let parts = Parts::of_addresses(&screen, &mixed);
        assert_eq!(parts.addresses, [ONE, OTHER]);
        assert_eq!(parts.rest.as_deref(), Some("unknown wallet"));
        let beside = format!("Kim Chol {ONE}");
        let parts = Parts::of_question(&screen, &beside);
        assert_eq!(
            (&parts.addresses[..], parts.name(&beside)),
            (&[ONE][..], Some("Kim Chol"))
        );
        let pair = format!("{ONE} {OTHER}");
        assert_eq!(Parts::of_question(&screen, &pair).name(&pair), None);
        assert_eq!(Parts::of_question(&screen, ONE).name(ONE), Some(ONE));
        for whole in [
            ONE.to_owned(),
            format!("ETH {ONE}"),
            format!("eip155:1:{ONE}"),
            format!("https://etherscan.io/address/{ONE}#tokentxns"),
        ] {
            let parts = Parts::of_addresses(&screen, &whole);
            assert_eq!(parts.addresses, [whole.as_str()]);
            assert!(parts.rest.is_none());
        }
    }

    #[test]
    fn an_address_with_a_letter_missing_is_none() {
        for whole in [
            ONE,
            "098b716b8aaf21512996dc57eb0615e2383e2f96",
            "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ] {
            assert!(is_known_form(whole), "{whole}");
            assert!(!is_known_form(&whole[..whole.len() - 1]), "{whole}");
        }
        for none in ["n/a", "Kim Chol Sam", "", "☺", "12345678901234567890123"] {
            assert!(!is_known_form(none), "{none}");
        }
    }

    #[test]
    fn numbers_of_documents_look_like_numbers() {
        for (text, number) in [
            ("9486910", true),
            ("IMO 9486910", true),
            ("SE 012820", true),
            ("12210", false),
            ("KPe.031", false),
            ("Unit 61398", false),
            ("Kim Chol Sam", false),
            (ONE, false),
        ] {
            assert_eq!(is_number(text), number, "{text}");
        }
    }
}
