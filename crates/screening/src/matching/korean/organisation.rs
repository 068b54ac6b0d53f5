//! Names of organisations in Hangul and Hanja, read into the words that lists write: 정찰총국, 偵察總局 and 侦察总局 are
//! `reconnaissance general bureau`.
//!
//! A name is parted into words of a small dictionary, the longest first, and what stands between them, which is
//! a name and is written by its sound: in Latin letters as the North and as the South write it, Hanja also by pinyin. Words
//! with several translations give several readings. What comes out is compared as any other name.
//!
//! In Latin letters ([`romanised`](super::romanised)) a name is read by its whole words alone.
//!
//! Fails: words that the dictionary does not hold, names that were translated by their meaning (동방은행 is a `Bank of
//! East Land`), a name within which a word of the dictionary stands by chance.

use std::collections::BTreeMap;

use super::romanised::Sounds;
use super::spelling::{Convention, romanised};
use super::{Korean, code};
use crate::lists::Kind;
use crate::matching::fold;

/// The most readings of one name.
const READINGS_MAX: usize = 24;
/// The most ways to write what stands between words.
const SOUNDS_MAX: usize = 5;
/// The most letters of a name that is read.
const LETTERS_MAX: usize = 40;

/// What the dictionary writes for a word that may be left out: whose organisation it is.
const LEFT_OUT: &str = "-";

const ORGANISATIONS: &str = include_str!("../../../data/organisations.txt");

/// Words of organisations, by how they are written.
#[derive(Clone, Debug)]
pub(super) struct Dictionary {
    words: BTreeMap<Vec<char>, Vec<&'static str>>,
    longest: usize,
    /// The same in Latin letters.
    sounds: Sounds,
}

impl Dictionary {
    pub(super) fn new() -> Self {
        let mut words: BTreeMap<Vec<char>, Vec<&'static str>> = BTreeMap::new();
        let mut sounds = Sounds::default();
        let lines = ORGANISATIONS.lines().filter(|line| !line.starts_with('#'));
        for (writings, english) in lines.filter_map(|line| line.split_once(':')) {
            let english: Vec<&str> = english.split('|').map(str::trim).collect();
            for writing in writings.split_whitespace() {
                let syllables: Option<Vec<u16>> = writing.chars().map(code).collect();
                if let Some(syllables) = syllables {
                    sounds.add(&syllables, &english);
                }
                words.insert(writing.chars().collect(), english.clone());
            }
        }
        let longest = words.keys().map(Vec::len).max().unwrap_or(0);
        Self {
            words,
            longest,
            sounds,
        }
    }

    /// The longest word that letters begin with. One of a single letter stands behind another and ends what is written
    /// together: 공업부 is a department, 부 in a name is not.
    fn at(&self, letters: &[char], behind: bool) -> Option<(usize, &[&'static str])> {
        let longest = self.longest.min(letters.len());
        let least = if behind { 1 } else { 2 };
        (least..=longest).rev().find_map(|length| {
            let word = self.words.get(&letters[..length])?;
            (length > 1 || letters.len() == 1).then_some((length, word.as_slice()))
        })
    }
}

/// A part of a name, with all ways to read it.
type Part = Vec<String>;

impl Korean {
    /// The readings of an organisation's Korean name in the words that lists write; none for a person.
    /// Where nobody says what it is, one word of the dictionary does, or that nothing in it is like a person's.
    #[must_use]
    pub fn organisation(&self, text: &str, kind: Kind) -> Vec<String> {
        let is_letter = super::reading::is_letter;
        if kind == Kind::Person {
            return Vec::new();
        }
        if !text.chars().any(is_letter) {
            return self.in_latin(text, kind);
        }
        if text.chars().count() > LETTERS_MAX {
            return Vec::new();
        }
        let (mut parts, mut known): (Vec<Part>, bool) = (Vec::new(), false);
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let letters: Vec<char> = word.chars().collect();
            if letters.iter().any(|c| is_letter(*c)) {
                known |= self.parts(&letters, &mut parts);
            } else if !word.is_empty() {
                parts.push(vec![word.to_lowercase()]);
            }
        }
        // Who is a person by nobody's word is one by a surname at either end, by a space, or by few letters.
        let letters: Vec<char> = text.chars().collect();
        let ends = [letters.first(), letters.last()];
        let named = |c: &&char| self.surnames.letter(**c).is_some();
        let person = letters.len() < 3
            || letters.iter().any(|c| c.is_whitespace())
            || ends.iter().flatten().any(named);
        if kind == Kind::Unknown && !known && person {
            return Vec::new();
        }
        readings(&parts)
    }

    /// The readings of a name in Latin letters that has Korean words of organisations.
    fn in_latin(&self, text: &str, kind: Kind) -> Vec<String> {
        let heard = self.organisations.sounds.hear(&fold::words(text));
        if heard.is_enough(kind != Kind::Unknown) {
            readings(&heard.parts)
        } else {
            Vec::new()
        }
    }

    /// Parts what is written together; whether a word of the dictionary was among it.
    fn parts(&self, letters: &[char], parts: &mut Vec<Part>) -> bool {
        let (mut at, mut known, mut behind) = (0, false, false);
        let mut between: Vec<char> = Vec::new();
        while at < letters.len() {
            if let Some((length, english)) = self.organisations.at(&letters[at..], behind) {
                self.sound(&mut between, parts);
                parts.push(english.iter().map(|word| (*word).to_owned()).collect());
                (at, known, behind) = (at + length, true, true);
            } else {
                between.push(letters[at]);
                (at, behind) = (at + 1, false);
            }
        }
        self.sound(&mut between, parts);
        known
    }

    /// Writes letters by their sound, and forgets them.
    fn sound(&self, letters: &mut Vec<char>, parts: &mut Vec<Part>) {
        let letters = std::mem::take(letters);
        if letters.is_empty() {
            return;
        }
        if !letters.iter().all(|c| super::reading::is_letter(*c)) {
            parts.push(vec![letters.iter().collect::<String>().to_lowercase()]);
            return;
        }
        let mut ways: Vec<Vec<u16>> = vec![Vec::new()];
        for letter in &letters {
            let choices = self.letter(*letter);
            let mut next = Vec::new();
            for way in &ways {
                for (code, _) in choices.iter().take(2) {
                    next.push(way.iter().copied().chain([*code]).collect());
                }
            }
            next.truncate(SOUNDS_MAX);
            ways = next;
        }
        let mut sounds: Part = Vec::new();
        let mut add = |sound: String| {
            if !sound.is_empty() && !sounds.contains(&sound) && sounds.len() < SOUNDS_MAX {
                sounds.push(sound);
            }
        };
        if letters.iter().any(|c| code(*c).is_none()) {
            let letters = letters.iter().map(|c| any_ascii::any_ascii_char(*c));
            add(letters.collect::<String>().to_lowercase());
        }
        for convention in [Convention::North, Convention::Revised] {
            for way in &ways {
                add(romanised(way, convention));
            }
        }
        parts.push(sounds);
    }
}

/// All readings, those of the first choices before others.
fn readings(parts: &[Part]) -> Vec<String> {
    let mut readings = vec![String::new()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for choice in part {
            for reading in &readings {
                let space = if reading.is_empty() { "" } else { " " };
                next.push(match choice.as_str() {
                    LEFT_OUT => reading.clone(),
                    choice => format!("{reading}{space}{choice}"),
                });
            }
        }
        next.truncate(READINGS_MAX);
        readings = next;
    }
    readings.retain(|reading| !reading.is_empty());
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_translated_and_names_are_sounded() {
        let korean = Korean::new();
        for (text, reading) in [
            ("정찰총국", "reconnaissance general bureau"),
            ("偵察總局", "reconnaissance general bureau"),
            ("侦察总局", "reconnaissance general bureau"),
            ("조선광선은행", "korea kwangson bank"),
            ("朝鮮光鮮銀行", "korea kwangson bank"),
            (
                "조선릉라도무역총회사",
                "korea rungrado trading general corporation",
            ),
            ("로케트공업부", "rocket industry department"),
            ("華信船務(香港)有限公司", "huaxin shipping hong kong ltd"),
            ("제2자연과학원", "second academy of natural sciences"),
            ("Jeongchal Chongguk", "reconnaissance general bureau"),
            ("Chŏngch’al-ch’ongguk", "reconnaissance general bureau"),
            ("Jongchalchongguk", "reconnaissance general bureau"),
            ("Joseon Gwangseon Eunhaeng", "korea gwangseon bank"),
        ] {
            let readings = korean.organisation(text, Kind::Unknown);
            assert!(
                readings.iter().any(|one| one == reading),
                "{text}: {readings:?}"
            );
        }
        for (text, kind) in [
            ("김철삼", Kind::Unknown),
            ("John Taylor", Kind::Organisation),
            ("Kim Yong Un", Kind::Unknown),
            ("정찰총국", Kind::Person),
            ("Kim Chol Sam", Kind::Organisation),
        ] {
            assert!(korean.organisation(text, kind).is_empty(), "{text}");
        }
    }
}
