//! Names of organisations in Korean, written in Latin letters: `Jeongchal Chongguk` and `Chongch'al Ch'ongguk` are 정찰총국, which
//! lists write as `Reconnaissance General Bureau`.
//!
//! Each word of the dictionary is spelled as the North, McCune-Reischauer and Revised Romanisation do, as it is pronounced where
//! syllables meet (국립 is `gungnip`), and brought to a coarse form in which the three are one: `g` is `k`, `eo` is `o`. What is
//! asked is brought to that form and parted into such words, whole words only. What is left between them is a name.
//!
//! Fails: words that the dictionary does not hold, spellings of newspapers (`Chungchal`), words cut at other places than
//! between words.

use std::collections::HashMap; // order never leaves

use super::spelling::{Convention, romanised};
use crate::matching::fold::Word;

/// How many letters of a name must be words of the dictionary, where it is said to be an organisation, and where not: three
/// syllables or so are not met by chance.
const LETTERS_SAID: usize = 5;
const LETTERS_UNSAID: usize = 7;
/// The longest coarse form of a word.
const LENGTH_MAX: usize = 32;

/// Words of the dictionary by their sound.
#[derive(Clone, Debug, Default)]
pub(super) struct Sounds {
    words: HashMap<Box<str>, Vec<&'static str>>, // order never leaves
}

/// What is said of a name: its parts, each with all ways to write it.
pub(super) struct Heard {
    pub(super) parts: Vec<Vec<String>>,
    /// How many letters are words of the dictionary.
    letters: usize,
}

impl Heard {
    /// Whether it is enough to take the name for Korean.
    pub(super) fn is_enough(&self, said: bool) -> bool {
        self.letters >= if said { LETTERS_SAID } else { LETTERS_UNSAID }
    }
}

impl Sounds {
    /// Adds a word in Hangul with what lists write for it.
    pub(super) fn add(&mut self, syllables: &[u16], english: &[&'static str]) {
        let spoken = pronounced(syllables);
        let mut forms: Vec<String> = Vec::new();
        for convention in [Convention::North, Convention::Revised] {
            for written in [syllables, &spoken] {
                let form = coarse(&romanised(written, convention)).unwrap_or_default();
                if !form.is_empty() && !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        for form in forms {
            let known = self.words.entry(form.into()).or_default();
            known.extend(
                english
                    .iter()
                    .filter(|word| !known.contains(word))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        }
    }

    /// Reads words; those that are none of the dictionary stay as they are.
    pub(super) fn hear(&self, words: &[Word]) -> Heard {
        let mut heard = Heard {
            parts: Vec::new(),
            letters: 0,
        };
        for word in words {
            let form = coarse(&word.text).filter(|form| form.len() <= LENGTH_MAX);
            let parted = form.as_ref().and_then(|form| self.part(form));
            match (parted, form) {
                (Some(parts), Some(form)) => {
                    heard.letters += form.len();
                    heard.parts.extend(parts);
                }
                _ => heard.parts.push(name(&word.text)),
            }
        }
        heard
    }

    /// Parts a word into words of the dictionary, the fewest.
    fn part(&self, form: &str) -> Option<Vec<Vec<String>>> {
        // To each place, the fewest words that lead there, and where the last of them begins.
        let mut ways: Vec<Option<(usize, usize)>> = vec![None; form.len() + 1];
        ways[0] = Some((0, 0));
        for start in 0..form.len() {
            let Some((count, _)) = ways[start] else {
                continue;
            };
            for end in start + 1..=form.len() {
                let better = ways[end].is_none_or(|(known, _)| count + 1 < known);
                if better && self.is_word(&form[start..end], start, end == form.len()) {
                    ways[end] = Some((count + 1, start));
                }
            }
        }
        let mut parts = Vec::new();
        let mut end = form.len();
        while end > 0 {
            let (_, start) = ways[end]?;
            let english = self.words.get(&form[start..end])?;
            parts.push(english.iter().map(|word| (*word).to_owned()).collect());
            end = start;
        }
        parts.reverse();
        Some(parts)
    }

    /// Whether letters are a word: a short one only behind another, and at the end.
    fn is_word(&self, letters: &str, start: usize, ends: bool) -> bool {
        (letters.len() > 3 || start > 0 && ends) && self.words.contains_key(letters)
    }
}

/// A name that stands between words: as it is written, and as lists would write it, if that was Revised Romanisation.
fn name(text: &str) -> Vec<String> {
    let mut listed = text.replace("eo", "o").replace("eu", "u");
    for (revised, north) in [("g", "k"), ("d", "t"), ("b", "p"), ("j", "ch")] {
        if let Some(rest) = text.strip_prefix(revised).and(listed.strip_prefix(revised)) {
            listed = format!("{north}{rest}");
            break;
        }
    }
    let mut ways = vec![text.to_owned()];
    if listed != text {
        ways.push(listed);
    }
    ways
}

/// The coarse form of Latin letters; `None` where one of them is in no spelling of Korean.
fn coarse(text: &str) -> Option<String> {
    let mut form = String::with_capacity(text.len());
    let mut letters = text.bytes().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let (one, takes) = match (letter, next) {
            (b'c', Some(b'h')) => (b'c', true),
            (b's', Some(b'h')) => (b's', true),
            (b'e', Some(b'o')) => (b'o', true),
            (b'e', Some(b'u')) => (b'u', true),
            (b'k' | b'g', Some(b'h')) => (b'k', true),
            (b't' | b'd', Some(b'h')) => (b't', true),
            (b'p' | b'b', Some(b'h')) => (b'p', true),
            (b'k' | b'g', _) => (b'k', false),
            (b't' | b'd', _) => (b't', false),
            (b'p' | b'b', _) => (b'p', false),
            (b'j', _) => (b'c', false),
            (b'l' | b'r', _) => (b'l', false),
            (b'a' | b'e' | b'h' | b'i' | b'm' | b'n' | b'o' | b's' | b'u' | b'w' | b'y', _) => {
                (letter, false)
            }
            _ => return None,
        };
        if takes {
            letters.next();
        }
        if form.as_bytes().last() != Some(&one) {
            form.push(char::from(one));
        }
    }
    Some(form)
}

const FINAL_K: u16 = 1;
const FINAL_N: u16 = 4;
const FINAL_T: u16 = 7;
const FINAL_L: u16 = 8;
const FINAL_M: u16 = 16;
const FINAL_P: u16 = 17;
const FINAL_S: u16 = 19;
const FINAL_NG: u16 = 21;
const FIRST_N: u16 = 2;
const FIRST_R: u16 = 5;
const FIRST_M: u16 = 6;

/// Syllables as they are said side by side: 국립 is 궁닙, 신라 is 실라. Facts of the language.
fn pronounced(syllables: &[u16]) -> Vec<u16> {
    let mut said = syllables.to_vec();
    for at in 1..said.len() {
        let (before, behind) = (said[at - 1], said[at]);
        let (last, first) = (before % 28, behind / 588);
        let nasal = matches!(first, FIRST_N | FIRST_M | FIRST_R);
        let (last, first) = match (last, first) {
            (FINAL_N, FIRST_R) | (FINAL_L, FIRST_N) => (FINAL_L, FIRST_R),
            (FINAL_M | FINAL_NG, FIRST_R) => (last, FIRST_N),
            (FINAL_K, _) if nasal => (FINAL_NG, if first == FIRST_R { FIRST_N } else { first }),
            (FINAL_P, _) if nasal => (FINAL_M, if first == FIRST_R { FIRST_N } else { first }),
            (FINAL_T | FINAL_S, _) if nasal => {
                (FINAL_N, if first == FIRST_R { FIRST_N } else { first })
            }
            same => same,
        };
        said[at - 1] = before - before % 28 + last;
        said[at] = behind % 588 + first * 588;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_have_one_form() {
        for spelled in ["jeongchalchongguk", "chongchalchongguk", "jongchalchongguk"] {
            assert_eq!(
                coarse(spelled).as_deref(),
                Some("conkcalconkuk"),
                "{spelled}"
            );
        }
        assert_eq!(coarse("fabrik"), None);
        let codes =
            |text: &str| -> Vec<u16> { text.chars().filter_map(super::super::code).collect() };
        for (written, said) in [
            ("국립", "궁닙"),
            ("신라", "실라"),
            ("협력", "혐녁"),
            ("은행", "은행"),
        ] {
            assert_eq!(pronounced(&codes(written)), codes(said), "{written}");
        }
    }
}
