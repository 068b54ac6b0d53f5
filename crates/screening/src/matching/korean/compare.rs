//! Whether two readings can be one name, and how much that tells.
//!
//! All syllables must be able to be the same for a full match. Where one of several differs, what is shared is weighed
//! by how rare it is: many share `Kim` and `Chol`, few share `Min` and `Byong`. Nothing is decided by letters in
//! common: `Chol` and `Chun` are as far apart as any two.

use super::reading::{Reading, System};
use super::{surname, syllable};

/// How two names match as Korean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Thousandths.
    pub score: u32,
    /// What was paired, the surname first.
    pub pairs: Vec<Pair>,
    /// Whether one of them was read by its Chinese sounds.
    pub chinese: bool,
}

/// Two syllables beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// As the question has it.
    pub one: Box<str>,
    /// As the list has it.
    pub other: Box<str>,
    /// What both can be in Hangul; `None` where nothing.
    pub hangul: Option<Box<str>>,
}

/// Syllables that given names often have: how much one of them tells, in tenths of a bit. Set by hand from the
/// names of the North's persons on the lists of May 2024, and coarse on purpose; all others are taken for rare.
const COMMON: &[(&str, u32)] = &[
    ("철", 36),
    ("성", 38),
    ("영", 40),
    ("일", 42),
    ("명", 42),
    ("남", 44),
    ("혁", 48),
    ("광", 46),
    ("경", 46),
    ("정", 44),
    ("호", 46),
    ("춘", 46),
    ("수", 44),
    ("진", 46),
    ("학", 50),
    ("국", 46),
    ("용", 44),
    ("룡", 46),
    ("석", 48),
    ("식", 50),
    ("훈", 50),
    ("우", 50),
    ("현", 48),
    ("태", 50),
    ("동", 48),
    ("창", 48),
    ("준", 50),
    ("선", 48),
    ("송", 48),
    ("종", 44),
    ("은", 50),
    ("상", 50),
    ("문", 48),
    ("민", 50),
    ("길", 50),
    ("웅", 52),
    ("전", 50),
    ("절", 50),
    ("천", 50),
    ("연", 50),
];
/// What a rare syllable tells.
const RARE: u32 = 62;
/// A given name without its surname.
const GIVEN_ALONE: u32 = 860;
/// What a partial match would reach if all were shared: set so that two rare syllables of three (`Min Byong`) are a hit.
const PARTIAL: u32 = 1040;
/// What a partial match reaches at most, in thousandths.
const PARTIAL_MAX: u32 = 860;

/// What a syllable tells that differs in its vowel alone, in hundredths.
const NEAR: u32 = 60;

/// Compares all readings of two names; `None` where no two have a surname in common, or one that is near.
#[must_use]
pub fn compare(one: &[Reading], other: &[Reading]) -> Option<Match> {
    let mut best: Option<Match> = None;
    for a in one {
        for b in other {
            // Two Chinese readings are compared by their letters: what both can be in Korean is another question.
            let both = a.system == System::Pinyin && b.system == System::Pinyin;
            let same = || {
                a.given
                    .iter()
                    .map(|one| &one.0)
                    .eq(b.given.iter().map(|one| &one.0))
            };
            if both && (a.given.len() < 2 || !same()) {
                continue;
            }
            // Nor is one that others' letters lose half of compared with one that Chinese sounds do.
            let chinese = |system| matches!(system, System::Pinyin | System::Hanja);
            if a.system == System::Foreign && chinese(b.system)
                || b.system == System::Foreign && chinese(a.system)
            {
                continue;
            }
            let Some(found) = pair(a, b) else { continue };
            if best.as_ref().is_none_or(|best| found.score > best.score) {
                best = Some(found);
            }
        }
    }
    best
}

fn pair(a: &Reading, b: &Reading) -> Option<Match> {
    let surname = surname::alike(a.surname, b.surname)?;
    if a.given.len() != b.given.len() {
        return None;
    }
    let chinese = a.system == System::Pinyin || b.system == System::Pinyin;
    let mut pairs = vec![Pair {
        one: a.written.clone(),
        other: b.written.clone(),
        hangul: (a.surname == b.surname).then(|| surname::shown(a.surname).into()),
    }];
    let (mut shared, mut all, mut strange, mut missing) =
        (surname.shared, surname.all, 0, surname.missing);
    for ((one, ours), (other, theirs)) in a.given.iter().zip(&b.given) {
        let common = common(ours, theirs);
        let tells = ours
            .iter()
            .chain(theirs)
            .map(|(code, _)| bits(*code))
            .min()
            .unwrap_or(RARE);
        match common {
            Some((code, cost)) => {
                shared += bits(code);
                all += bits(code);
                strange += u32::from(cost);
                pairs.push(Pair {
                    one: one.clone(),
                    other: other.clone(),
                    hangul: Some(syllable(code).to_string().into()),
                });
            }
            None => {
                missing += 1;
                all += tells;
                if near(ours, theirs) {
                    shared += tells * NEAR / 100;
                }
                pairs.push(Pair {
                    one: one.clone(),
                    other: other.clone(),
                    hangul: None,
                });
            }
        }
    }
    let nameless = a.surname == surname::NONE || b.surname == surname::NONE;
    let score = if nameless {
        // A given name alone: all of two syllables, or nothing.
        if missing == 0 && a.given.len() > 1 && !chinese {
            GIVEN_ALONE - 10 * strange.min(4)
        } else {
            0
        }
    } else if missing == 0 {
        full(a, b, strange, chinese)
    } else if chinese || missing > 1 || a.given.len() < 2 || a.doubtful || b.doubtful {
        // Half of a Chinese reading, of two syllables, or of a name whose surname is in doubt, is nothing.
        600 * shared / all.max(1)
    } else {
        (PARTIAL * shared / all.max(1)).min(PARTIAL_MAX)
    };
    Some(Match {
        score,
        pairs,
        chinese,
    })
}

/// The score where all syllables can be the same.
fn full(a: &Reading, b: &Reading, strange: u32, chinese: bool) -> u32 {
    let mut score = 990 - 12 * strange.min(5);
    if chinese {
        // One syllable of pinyin has up to twenty Korean readings: two given syllables are needed to tell anything.
        score -= if a.given.len() < 2 { 350 } else { 80 };
    } else if a.given.len() < 2 {
        score -= if a.system == b.system && a.given[0].0 == b.given[0].0 {
            0
        } else {
            60
        };
    }
    score
}

/// What both can be, by the least cost, then what tells least, then the first in Unicode.
fn common(ours: &[(u16, u8)], theirs: &[(u16, u8)]) -> Option<(u16, u8)> {
    let mut best: Option<(u8, u32, u16)> = None;
    for (code, one) in ours {
        for (_, other) in theirs.iter().filter(|(other, _)| other == code) {
            let found = (one + other, bits(*code), *code);
            best = Some(best.map_or(found, |best| best.min(found)));
        }
    }
    best.map(|(cost, _, code)| (code, cost))
}

/// Whether two syllables can differ in a vowel alone, and that in a sound that slips: `Hwa`, `Ha`.
fn near(ours: &[(u16, u8)], theirs: &[(u16, u8)]) -> bool {
    let plain = |choices: &[(u16, u8)]| -> Vec<u16> {
        choices
            .iter()
            .filter(|(_, cost)| *cost == 0)
            .map(|(code, _)| *code)
            .collect()
    };
    let theirs = plain(theirs);
    plain(ours)
        .iter()
        .any(|one| theirs.iter().any(|other| surname::slips(*one, *other)))
}

fn bits(code: u16) -> u32 {
    let c = syllable(code);
    let known = COMMON.iter().find(|(text, _)| text.starts_with(c));
    known.map_or(RARE, |(_, bits)| *bits)
}
