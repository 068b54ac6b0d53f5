//! A name read as Korean: a surname and one to three syllables, each with all that it can be.

use std::borrow::Cow;

use super::foreign::{is_arabic, is_cyrillic, plain};
use super::surname::NONE;
use super::{Choices, Korean, code, surname};
use crate::matching::fold::Word;

/// How the name was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// Hangul.
    Hangul,
    /// Hanja.
    Hanja,
    /// Latin letters, by a Korean convention.
    Roman,
    /// Latin letters, by the Chinese reading of the Hanja.
    Pinyin,
    /// Cyrillic or Arabic letters.
    Foreign,
}

/// One way to read a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The surname, by its number.
    pub surname: u16,
    /// The surname as written.
    pub written: Box<str>,
    /// The syllables of the given name: as written, and what each can be.
    pub given: Vec<(Box<str>, Choices)>,
    /// How it was written.
    pub system: System,
    /// Whether the surname is rather the word at the other end: of `Kim Song Nam` 남, of `Tong Myong Kim` 동. Whole such
    /// names may be written so; that they share a part says nothing.
    pub doubtful: bool,
}

/// The most syllables of a given name.
const GIVEN_MAX: usize = 3;
/// The most ways to read one name.
const READINGS_MAX: usize = 12;
/// The longest word that is taken apart.
const WORD_MAX: usize = 16;

/// The longest spelling of a syllable, in bytes: `чхоль` has ten.
const PIECE_MAX: usize = 12;

type Syllables = Vec<(Box<str>, Choices)>;

impl Korean {
    /// All ways to read a name; none where it is no Korean one.
    #[must_use]
    pub fn readings(&self, words: &[Word]) -> Vec<Reading> {
        if words.is_empty()
            || words.len() > 4
            || words.iter().any(|word| word.raw.chars().count() > WORD_MAX)
        {
            return Vec::new();
        }
        let mut letters: String = words.iter().map(|word| word.raw.as_str()).collect();
        let mut found = Vec::new();
        // A surname that stands last by itself: `철삼 김`.
        if let [given, last] = words
            && given.raw.chars().count() == 2
            && last.raw.chars().count() == 1
        {
            let surname = last
                .raw
                .chars()
                .find(|c| self.surnames.letter(*c).is_some());
            letters = surname.map_or(letters, |_| format!("{}{}", last.raw, given.raw));
        }
        if letters.chars().any(is_letter) {
            found.extend(self.lettered(&letters));
        } else if letters.chars().any(|c| is_cyrillic(c) || is_arabic(c)) {
            self.spelled(words, System::Foreign, &mut found);
        } else {
            for system in [System::Roman, System::Pinyin] {
                self.spelled(words, system, &mut found);
            }
        }
        found.truncate(READINGS_MAX);
        found
    }

    /// A name in Hangul or Hanja.
    fn lettered(&self, letters: &str) -> Option<Reading> {
        let all: Vec<char> = letters.chars().collect();
        if !(2..=4).contains(&all.len()) || !all.iter().all(|c| is_letter(*c)) {
            return None;
        }
        let (first, given) = all.split_first()?;
        let given = given.iter().map(|c| {
            let choices = self.letter(*c);
            (!choices.is_empty()).then(|| (c.to_string().into(), choices))
        });
        let hangul = all.iter().all(|c| code(*c).is_some());
        Some(Reading {
            surname: self.surnames.letter(*first)?,
            written: first.to_string().into(),
            given: given.collect::<Option<_>>()?,
            system: if hangul {
                System::Hangul
            } else {
                System::Hanja
            },
            doubtful: false,
        })
    }

    pub(super) fn letter(&self, c: char) -> Choices {
        if let Some(code) = code(c) {
            return vec![(code, 0)];
        }
        if let Some(choices) = self.hanja.get(&c) {
            return choices.clone();
        }
        // A simplified letter stands in no table of Hanja; its sound leads there.
        let sound = any_ascii::any_ascii_char(c).to_lowercase();
        self.pinyin.get(sound.as_str()).cloned().unwrap_or_default()
    }

    /// A name in Latin letters: the surname first or last, or the first syllable of the only word.
    fn spelled(&self, words: &[Word], system: System, found: &mut Vec<Reading>) {
        let count = words.len();
        let before = found.len();
        let places: &[usize] = if count > 1 { &[0, count - 1] } else { &[] };
        for place in places {
            let surnames = self.surname(&words[*place], system);
            if surnames.is_empty() {
                continue;
            }
            let rest: Vec<&Word> = words
                .iter()
                .enumerate()
                .filter(|(at, _)| at != place)
                .map(|(_, word)| word)
                .collect();
            for given in self.given(&rest, system) {
                for surname in surnames {
                    let reading = Reading {
                        surname: *surname,
                        written: words[*place].raw.as_str().into(),
                        given: given.clone(),
                        system,
                        doubtful: surname::is_doubtful(
                            *surname,
                            *place == 0,
                            self.surname(&words[count - 1 - *place], system),
                        ),
                    };
                    if !found.contains(&reading) {
                        found.push(reading);
                    }
                }
            }
        }
        if found.len() == before && count == 2 && system == System::Roman {
            let all: Vec<&Word> = words.iter().collect();
            let given = self
                .given(&all, system)
                .into_iter()
                .filter(|given| given.len() == 2);
            found.extend(given.map(|given| Reading {
                surname: NONE,
                written: "".into(),
                given,
                system,
                doubtful: false,
            }));
        }
    }

    fn surname(&self, word: &Word, system: System) -> &[u16] {
        match system {
            System::Pinyin => match self.surnames.pinyin(&word.text) {
                // `Jian` for `Jiang`: a sound that is often lost.
                [] if word.text.ends_with('n') => self.surnames.pinyin(&format!("{}g", word.text)),
                found => found,
            },
            System::Foreign => self.surnames.foreign(&plain(&word.raw)),
            _ => self.surnames.roman(&word.raw),
        }
    }

    /// All ways to part the words of a given name into syllables.
    fn given(&self, words: &[&Word], system: System) -> Vec<Syllables> {
        let mut ways: Vec<Syllables> = vec![Vec::new()];
        for word in words {
            let parted = self.part(word, system);
            let mut next = Vec::new();
            for way in &ways {
                for part in &parted {
                    if way.len() + part.len() <= GIVEN_MAX && next.len() < READINGS_MAX {
                        next.push(way.iter().chain(part).cloned().collect());
                    }
                }
            }
            ways = next;
        }
        ways.retain(|way| !way.is_empty());
        ways
    }

    fn part(&self, word: &Word, system: System) -> Vec<Syllables> {
        let text = match system {
            System::Pinyin => Cow::Borrowed(word.text.as_str()),
            System::Foreign => plain(&word.raw),
            _ => Cow::Borrowed(word.raw.as_str()),
        };
        let mut ways = Vec::new();
        self.part_from(&text, system, &mut Vec::new(), &mut ways);
        if ways.is_empty() && text.contains('\'') && system == System::Roman {
            let plain = text.replace('\'', "");
            self.part_from(&plain, system, &mut Vec::new(), &mut ways);
        }
        // Nobody means more syllables than there need be: `yong` is one.
        let fewest = ways.iter().map(Vec::len).min();
        ways.retain(|way| Some(way.len()) == fewest);
        ways
    }

    fn part_from(
        &self,
        rest: &str,
        system: System,
        way: &mut Syllables,
        ways: &mut Vec<Syllables>,
    ) {
        if rest.is_empty() {
            ways.push(way.clone());
            return;
        }
        if way.len() == GIVEN_MAX || ways.len() == READINGS_MAX {
            return;
        }
        for length in (1..=rest.len().min(PIECE_MAX))
            .rev()
            .filter(|length| rest.is_char_boundary(*length))
        {
            let (piece, after) = rest.split_at(length);
            if let Some(choices) = self.choices(piece, system) {
                way.push((piece.into(), choices.clone()));
                self.part_from(after, system, way, ways);
                way.pop();
            }
        }
    }

    fn choices(&self, piece: &str, system: System) -> Option<&Choices> {
        match system {
            System::Pinyin => self.pinyin.get(piece),
            System::Foreign => self.foreign.get(piece),
            _ => self.roman.get(piece),
        }
    }
}

pub(super) fn is_letter(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x9FFF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF)
}
