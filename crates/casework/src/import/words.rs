//! Words that a table uses: sectors, marks, techniques, and what stands for nothing.
//!
//! Spellings are forgiven where they cannot mean two things. What is not known is said, and never turned into
//! something that is.

use crate::marks::{Confidence, Handling};

/// A text as names are compared: small letters, figures, single spaces.
///
/// `tx_hash`, `Tx Hash` and `txHash` are one name; so are `Ku-Coin` and `ku coin`.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if c.is_alphanumeric() {
            let new_word = c.is_uppercase() && before.is_lowercase();
            if (new_word || !before.is_alphanumeric()) && !plain.is_empty() && !plain.ends_with(' ')
            {
                plain.push(' ');
            }
            plain.extend(c.to_lowercase());
        }
        before = c;
    }
    plain.trim_end().to_owned()
}

/// A name without spaces and without what a company is called besides: how victims are compared.
pub fn name_key(name: &str) -> String {
    let plain = plain(name);
    let words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
    let beside = [
        "exchange", "inc", "ltd", "limited", "co", "corp", "llc", "the", "com", "io", "finance",
        "protocol", "network",
    ];
    let kept: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !beside.contains(word))
        .collect();
    if kept.is_empty() {
        words.concat()
    } else {
        kept.concat()
    }
}

/// An id made of a name: `a-z`, digits and hyphens. Empty where the name has none of them.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Sectors that are known, each with other ways to say it.
const SECTORS: &[(&str, &[&str])] = &[
    (
        "exchange",
        &[
            "cex",
            "crypto exchange",
            "centralised exchange",
            "centralized exchange",
            "cryptocurrency exchange",
            "virtual asset exchange",
            "exchanges",
            "virtual asset service provider",
            "vasp",
        ],
    ),
    (
        "bridge",
        &["cross chain bridge", "crosschain bridge", "bridges"],
    ),
    (
        "defi",
        &[
            "de fi",
            "decentralised finance",
            "decentralized finance",
            "dex",
            "decentralised exchange",
            "decentralized exchange",
            "defi protocol",
            "yield aggregator",
            "amm",
        ],
    ),
    ("lending", &["lender", "lending protocol"]),
    (
        "wallet",
        &[
            "wallet provider",
            "hot wallet",
            "personal wallet",
            "software wallet",
        ],
    ),
    ("custodian", &["custody"]),
    ("bank", &["central bank", "commercial bank", "banking"]),
    (
        "payment-processor",
        &[
            "payment processor",
            "payments",
            "payment service",
            "payment",
        ],
    ),
    ("gambling", &["casino", "betting"]),
    ("gaming", &["game", "games", "gamefi", "game fi"]),
    ("mining", &["miner", "mining pool", "cloud mining"]),
    ("nft", &["nft marketplace", "nfts"]),
    (
        "token-issuer",
        &["token issuer", "stablecoin", "issuer", "ico"],
    ),
    ("otc", &["otc broker", "broker"]),
    (
        "investment",
        &[
            "fund",
            "hedge fund",
            "asset manager",
            "venture capital",
            "trading firm",
            "market maker",
        ],
    ),
    (
        "infrastructure",
        &[
            "oracle",
            "software",
            "it",
            "technology",
            "it company",
            "software company",
        ],
    ),
    (
        "defence",
        &["defense", "defence company", "defense company", "arms"],
    ),
    ("person", &["individual", "individuals", "private person"]),
    ("dao", &[]),
    ("other", &[]),
];

/// A sector by one of its words.
pub(super) fn sector(text: &str) -> Option<&'static str> {
    let text = plain(text);
    let found = SECTORS
        .iter()
        .find(|(word, others)| plain(word) == text || others.contains(&text.as_str()));
    found.map(|(word, _)| *word)
}

/// The sectors that are known, for a hint.
pub(super) fn sectors() -> String {
    SECTORS
        .iter()
        .map(|(word, _)| *word)
        .collect::<Vec<_>>()
        .join(", ")
}

/// An Admiralty code.
///
/// # Errors
/// Why it is none.
pub(super) fn confidence(text: &str) -> Result<Confidence, String> {
    Confidence::parse(&text.to_ascii_uppercase())
        .ok_or_else(|| "it is no Admiralty code; write A1 to F6: how good the source is, how likely the statement".to_owned())
}

/// A mark of TLP 2.0.
///
/// # Errors
/// Why it is none.
pub(super) fn handling(text: &str) -> Result<Handling, String> {
    let upper = text
        .to_ascii_uppercase()
        .replace("TLP ", "TLP:")
        .replace("TLP-", "TLP:")
        .replace(' ', "");
    let mark = if upper.starts_with("TLP:") {
        upper
    } else {
        format!("TLP:{upper}")
    };
    let marks = "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED";
    match Handling::parse(&mark) {
        Some(mark) => Ok(mark),
        None if mark == "TLP:WHITE" => {
            Err("TLP:WHITE is of TLP 1.0; in TLP 2.0 it is TLP:CLEAR".to_owned())
        }
        None => Err(format!("it is no mark of TLP 2.0; write {marks}")),
    }
}

/// What a technique's id is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `T1566`, `T1566.002`, `ADT3028.005`.
    Technique,
    /// Letters and digits that look like one, and are none.
    Almost,
    /// Words.
    Words,
}

/// Tells a technique's id from words.
pub(super) fn technique(id: &str) -> Shape {
    let digits = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let Some(number) = id.strip_prefix("ADT").or_else(|| id.strip_prefix('T')) else {
        return if id.starts_with("AT") && id.contains(|c: char| c.is_ascii_digit()) {
            Shape::Almost
        } else {
            Shape::Words
        };
    };
    let (main, sub) = number
        .split_once('.')
        .map_or((number, None), |(main, sub)| (main, Some(sub)));
    if digits(main, 4) && sub.is_none_or(|sub| digits(sub, 3)) {
        return Shape::Technique;
    }
    let figures = number.bytes().filter(u8::is_ascii_digit).count();
    if figures >= 2 && !id.contains(' ') {
        Shape::Almost
    } else {
        Shape::Words
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_punctuation() {
        for text in ["tx_hash", "Tx Hash", "txHash", " TX-hash ", "tx (hash)"] {
            assert_eq!(plain(text), "tx hash", "{text}");
        }
        assert_eq!(plain("ETH"), "eth");
        assert_eq!(name_key("KuCoin Ltd."), name_key("Ku-coin exchange"));
        assert_eq!(name_key("The Exchange"), "theexchange");
        assert_eq!(
            (slug("You Bit (KR)").as_str(), slug("유빗").as_str()),
            ("you-bit-kr", "")
        );
    }

    #[test]
    fn words_are_known_in_many_spellings_and_not_guessed() {
        assert_eq!(sector("Centralized Exchange"), Some("exchange"));
        assert_eq!(sector("Payment processor"), Some("payment-processor"));
        assert_eq!(sector("echange"), None);
        assert_eq!(confidence("b2").unwrap().to_string(), "B2");
        for bad in ["G1", "A7", "A", "high", "2B", "A1B"] {
            assert!(confidence(bad).is_err(), "{bad}");
        }
        for good in ["tlp:amber", "AMBER", "TLP AMBER", "TLP:AMBER"] {
            assert_eq!(handling(good).unwrap(), Handling::Amber, "{good}");
        }
        assert_eq!(handling("amber+strict").unwrap(), Handling::AmberStrict);
        assert!(handling("TLP:WHITE").unwrap_err().contains("CLEAR"));
        assert!(handling("secret").is_err());
        for (id, shape) in [
            ("T1566", Shape::Technique),
            ("T1566.002", Shape::Technique),
            ("ADT3028.005", Shape::Technique),
            ("T15", Shape::Almost),
            ("T1566.2", Shape::Almost),
            ("TA0001", Shape::Almost),
            ("PHISHING", Shape::Words),
            ("THEFT OF KEYS", Shape::Words),
        ] {
            assert_eq!(technique(id), shape, "{id}");
        }
    }
}
