//! Why a hit is one: sentences a person can check, field against field.
//!
//! Not here: how the score comes about; only what it rests on is said.

use crate::lists::entry::{Name, Wallet};
use crate::matching::korean::Match;
use crate::matching::score::Comparison;
use crate::wallet::{KEY_MAX, Problem, check, key};

/// Why a listed name matches.
#[must_use]
pub fn name(comparison: &Comparison, name: &Name) -> Vec<String> {
    let mut why = vec![format!("name: {} is {}", name.text, name.quality.words())];
    if let Some(korean) = &comparison.korean {
        why.extend(syllables(korean));
        return why;
    }
    if let Some(read) = &comparison.read_as {
        why.push(format!(
            "words of organisations translated, the rest by sound: {read}"
        ));
    }
    let mut same = Vec::new();
    for (one, other, similarity) in &comparison.pairs {
        if one == other {
            same.push(one.as_str());
        } else {
            why.push(format!(
                "{one} is like {other} ({} of 100)",
                similarity / 10
            ));
        }
    }
    if !same.is_empty() {
        same.dedup();
        why.insert(1, format!("the same: {}", same.join(", ")));
    }
    if !comparison.extra.is_empty() {
        why.push(format!(
            "only in the question: {}",
            comparison.extra.join(", ")
        ));
    }
    if !comparison.missing.is_empty() {
        why.push(format!(
            "only in the list: {}",
            comparison.missing.join(", ")
        ));
    }
    why
}

fn syllables(korean: &Match) -> Vec<String> {
    let mut why = Vec::new();
    for (at, pair) in korean.pairs.iter().enumerate() {
        let what = if at == 0 { "surname" } else { "syllable" };
        why.push(match &pair.hangul {
            Some(hangul) => format!("{what}: {} and {} are both {hangul}", pair.one, pair.other),
            None if pair.one.is_empty() || pair.other.is_empty() => {
                format!("{what}: only one has it, {}{}", pair.one, pair.other)
            }
            None => format!("{what}: {} and {} cannot be one", pair.one, pair.other),
        });
    }
    if korean.chinese {
        why.push("one of them is read by the Chinese sounds of the Hanja".to_owned());
    }
    why
}

/// Why a listed address matches, and what is odd about it.
#[must_use]
pub fn address(asked: &str, wallet: &Wallet) -> Vec<String> {
    let Wallet { code, address } = wallet;
    let mut why = Vec::new();
    let bare = asked.trim().rsplit(':').next().unwrap_or(asked);
    if bare == address {
        why.push(format!("address: {address} is listed"));
    } else if form(asked) == form(address) {
        why.push(format!(
            "address: listed as {address}, which is the same but for case"
        ));
    } else {
        why.push(format!(
            "address: listed as {address}, another way to write the same"
        ));
    }
    let code = if code.is_empty() {
        "no code"
    } else {
        code.as_str()
    };
    if address.starts_with("0x") {
        why.push(format!(
            "listed for {code}; the same key stands on every EVM chain"
        ));
    } else {
        why.push(format!("listed for {code}"));
    }
    if matches!(code, "USDT" | "USDC" | "TUSD" | "DAI") {
        why.push(format!(
            "{code} names a token, not a chain: the form of the address tells the chain"
        ));
    }
    match check(&wallet.code, address) {
        Some(Problem::Wrong(what)) => why.push(format!(
            "as it stands in the list the address is not right: {what}"
        )),
        Some(Problem::UnknownCode) => {
            why.push("the code is not known, and the checksum was not checked".to_owned());
        }
        None => {}
    }
    why
}

fn form(text: &str) -> Option<Vec<u8>> {
    let mut buffer = [0; KEY_MAX];
    key(text, &mut buffer).map(|length| buffer[..length].to_vec())
}
