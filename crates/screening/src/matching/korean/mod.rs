//! Korean names as syllables of Hangul, however they are written.
//!
//! `Kim Chol Sam`, `Kim Ch'ŏl-sam`, `Gim Cheolsam`, `김철삼`, `金鐵三` and `Jin Tiesan` are one name. Each writing is
//! read into every sequence of syllables that it can stand for, and two names are compared by what both can be.
//! Written Latin is read by DPRK, McCune-Reischauer (with its marks or without), Revised and common spelling at once;
//! the marks narrow it. Cyrillic and Arabic have tables of their own. Only syllables that a Hanja of names, schools or the common set has are tried: others are
//! letters, not names. The Chinese reading goes by pinyin to the Hanja to their Korean readings.
//!
//! Fails: native Korean given names; names in English order with a Western given name; two names that only the list
//! holds to be one person's.

mod compare;
mod foreign;
mod organisation;
mod reading;
mod romanised;
mod spelling;
mod surname;

use std::collections::BTreeMap;

pub use compare::{Match, Pair, compare};
pub use reading::{Reading, System};
pub use surname::{NONE, like as like_surname};

/// A syllable of Hangul, and how far its spelling was from the usual.
pub type Choices = Vec<(u16, u8)>;

/// Tables of readings, built once.
#[derive(Clone, Debug)]
pub struct Korean {
    /// Latin spelling, apostrophes kept, to syllables.
    roman: BTreeMap<Box<str>, Choices>,
    /// The same in Cyrillic and Arabic letters.
    foreign: BTreeMap<Box<str>, Choices>,
    /// Pinyin without tones to syllables.
    pinyin: BTreeMap<Box<str>, Choices>,
    /// A Hanja to syllables.
    hanja: BTreeMap<char, Choices>,
    surnames: surname::Surnames,
    organisations: organisation::Dictionary,
}

const HANJA: &str = include_str!("../../../data/hanja.txt");

impl Default for Korean {
    fn default() -> Self {
        Self::new()
    }
}

impl Korean {
    /// Builds the tables.
    #[must_use]
    pub fn new() -> Self {
        let mut pinyin: BTreeMap<Box<str>, Choices> = BTreeMap::new();
        let mut hanja: BTreeMap<char, Choices> = BTreeMap::new();
        let mut syllables = std::collections::BTreeSet::new();
        for line in HANJA.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split(' ');
            let (Some(hangul), Some(sound), Some(letters)) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let Some(code) = hangul.chars().next().and_then(code) else {
                continue;
            };
            syllables.insert(code);
            add(pinyin.entry(sound.into()).or_default(), code, 0);
            if let Some(plain) = sound.strip_suffix('v') {
                add(
                    pinyin.entry(format!("{plain}u").into()).or_default(),
                    code,
                    0,
                );
                add(
                    pinyin.entry(format!("{plain}yu").into()).or_default(),
                    code,
                    0,
                );
            }
            for letter in letters.chars() {
                add(hanja.entry(letter).or_default(), code, 0);
            }
        }
        let mut roman: BTreeMap<Box<str>, Choices> = BTreeMap::new();
        let mut foreign: BTreeMap<Box<str>, Choices> = BTreeMap::new();
        for code in syllables {
            for (text, cost) in spelling::spellings(code) {
                add(roman.entry(text.into()).or_default(), code, cost);
            }
            for script in [foreign::CYRILLIC, foreign::ARABIC] {
                for (text, cost) in script.spellings(code) {
                    add(foreign.entry(text.into()).or_default(), code, cost);
                }
            }
        }
        Self {
            roman,
            foreign,
            pinyin,
            hanja,
            surnames: surname::Surnames::new(),
            organisations: organisation::Dictionary::new(),
        }
    }
}

fn add(choices: &mut Choices, code: u16, cost: u8) {
    match choices.iter_mut().find(|(other, _)| *other == code) {
        Some((_, least)) => *least = cost.min(*least),
        None => choices.push((code, cost)),
    }
}

/// The number of a syllable of Hangul among all 11,172.
fn code(c: char) -> Option<u16> {
    let number = u32::from(c)
        .checked_sub(0xAC00)
        .filter(|number| *number < 11_172)?;
    u16::try_from(number).ok()
}

/// The syllable of a number.
#[must_use]
pub fn syllable(code: u16) -> char {
    char::from_u32(0xAC00 + u32::from(code)).unwrap_or('?')
}
