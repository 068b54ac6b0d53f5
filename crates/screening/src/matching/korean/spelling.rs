//! How a syllable of Hangul is written in Latin letters, by all conventions at once.
//!
//! A spelling that a convention prescribes costs nothing; one that people use (`Chul` for 철, `Young` for 영) costs
//! one; one that loses a difference (`k` for ㅋ without its mark) costs one too. The tables are facts of the
//! conventions: DPRK, McCune-Reischauer, Revised Romanisation, and common usage.

type Spelled = &'static [(&'static str, u8)];

/// Initials, in the order of Unicode.
const INITIALS: [Spelled; 19] = [
    &[("k", 0), ("g", 0)],
    &[("kk", 0), ("gg", 1), ("k", 1)],
    &[("n", 0)],
    &[("t", 0), ("d", 0)],
    &[("tt", 0), ("dd", 1), ("t", 1)],
    &[("r", 0), ("l", 0), ("n", 1), ("rh", 1)],
    &[("m", 0)],
    &[("p", 0), ("b", 0)],
    &[("pp", 0), ("bb", 1), ("p", 1)],
    &[("s", 0), ("sh", 1)],
    &[("ss", 0), ("s", 1)],
    &[("", 0)],
    // The mark of a breath is also written where there is none: Ch'in-hyo'k.
    &[("ch", 0), ("j", 0), ("tj", 1), ("dj", 1), ("ch'", 2)],
    &[("jj", 0), ("tch", 0), ("ch", 1)],
    &[("ch'", 0), ("ch", 0), ("chh", 0), ("tch", 1)],
    // The North writes the breath as an `h`: Thae, Thaek, Phyong.
    &[("k'", 0), ("k", 0), ("kh", 0)],
    &[("t'", 0), ("t", 0), ("th", 0)],
    &[("p'", 0), ("p", 0), ("ph", 0)],
    &[("h", 0)],
];

/// Vowels, in the order of Unicode.
const VOWELS: [Spelled; 21] = [
    &[("a", 0), ("ah", 1)],
    &[("ae", 0), ("ai", 1), ("e", 1)],
    &[("ya", 0), ("ia", 1)],
    &[("yae", 0)],
    &[
        ("o", 0),
        ("o'", 0),
        ("eo", 0),
        ("u", 1),
        ("uh", 1),
        ("eu", 1),
        // As French writes that `u`: Tchoul.
        ("ou", 1),
    ],
    &[("e", 0), ("ey", 1)],
    &[
        ("yo", 0),
        ("yo'", 0),
        ("yeo", 0),
        ("you", 1),
        ("yu", 1),
        ("yuh", 1),
    ],
    &[("ye", 0), ("e", 1)],
    // The mark that parts ㅓ from ㅗ is also written where it does not belong.
    &[("o", 0), ("oh", 1), ("o'", 1)],
    &[("wa", 0)],
    &[("wae", 0), ("wai", 1)],
    &[("oe", 0), ("oi", 1), ("we", 1)],
    &[("yo", 0)],
    &[("u", 0), ("oo", 0), ("ou", 1), ("woo", 1)],
    &[("wo", 0), ("wo'", 0), ("weo", 0), ("won", 3)],
    &[("we", 0)],
    &[("wi", 0), ("ui", 1)],
    &[("yu", 0), ("yoo", 0), ("iu", 1)],
    &[("u", 0), ("u'", 0), ("eu", 0)],
    &[
        ("ui", 0),
        ("u'i", 0),
        ("eui", 0),
        ("i", 1),
        ("ee", 1),
        ("y", 1),
        ("hui", 3),
    ],
    &[("i", 0), ("ee", 0)],
];

/// Finals, in the order of Unicode; empty where no name has one.
const FINALS: [Spelled; 28] = [
    &[("", 0)],
    &[("k", 0), ("g", 0), ("c", 2)],
    &[],
    &[],
    &[("n", 0)],
    &[],
    &[],
    &[("t", 0), ("d", 0)],
    &[("l", 0), ("r", 0)],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[("m", 0)],
    &[("p", 0), ("b", 0)],
    &[],
    &[("t", 0), ("s", 0)],
    &[],
    &[("ng", 0)],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
];

const RIEUL: usize = 5;
const NIEUN: usize = 2;
const IEUNG: usize = 11;

/// All spellings of a syllable with their costs.
pub(super) fn spellings(code: u16) -> Vec<(String, u8)> {
    let code = usize::from(code);
    let (initial, vowel, last) = (code / 588, code / 28 % 21, code % 28);
    // Before i and y the South drops what begins the word: 리 is Yi, 녀 is Yo.
    let soft = matches!(vowel, 2 | 3 | 6 | 7 | 12 | 17 | 20);
    let mut initials = INITIALS[initial].to_vec();
    if soft && matches!(initial, RIEUL | NIEUN) {
        initials.push(("", 1));
    }
    if initial == IEUNG && vowel == 20 {
        initials.push(("y", 1));
    }
    if initial == 9 && vowel == 20 {
        initials.push(("sh", 0));
    }
    let mut found = Vec::new();
    for (first, one) in &initials {
        for (middle, two) in VOWELS[vowel] {
            for (end, three) in FINALS[last] {
                let cost = one + two + three;
                if cost <= 2 {
                    found.push((format!("{first}{middle}{end}"), cost));
                }
            }
        }
    }
    found
}

/// How whole words are written where one spelling is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    /// As the North writes.
    North,
    /// Revised Romanisation.
    Revised,
}

const NORTH_INITIALS: [&str; 19] = [
    "k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "kh", "th",
    "ph", "h",
];
const REVISED_INITIALS: [&str; 19] = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
];
const NORTH_VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "u", "ui", "i",
];
const REVISED_VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
];
const LAST: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
];

/// Syllables as one word: what stands between voices is voiced, `r` doubles to `ll`.
pub(super) fn romanised(syllables: &[u16], convention: Convention) -> String {
    let mut text = String::new();
    let mut before: Option<usize> = None;
    for (at, code) in syllables.iter().enumerate() {
        let code = usize::from(*code);
        let (initial, vowel, last) = (code / 588 % 19, code / 28 % 21, code % 28);
        // Finals that are voiced: none, n, l, m, ng.
        let voiced = before.is_some_and(|last| matches!(last, 0 | 4 | 8 | 16 | 21));
        let first = match (convention, initial) {
            (_, RIEUL) if before == Some(8) => "l",
            (Convention::North, 0) if voiced => "g",
            (Convention::North, 3) if voiced => "d",
            (Convention::North, 7) if voiced => "b",
            (Convention::North, other) => NORTH_INITIALS[other],
            (Convention::Revised, other) => REVISED_INITIALS[other],
        };
        text.push_str(first);
        text.push_str(match convention {
            Convention::North => NORTH_VOWELS[vowel],
            Convention::Revised => REVISED_VOWELS[vowel],
        });
        let silent = syllables
            .get(at + 1)
            .is_some_and(|next| usize::from(*next) / 588 == IEUNG);
        text.push_str(if last == 8 && silent { "r" } else { LAST[last] });
        before = Some(last);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_syllable_has_the_spellings_of_all_conventions() {
        let all = |c: char| -> Vec<String> {
            let code = u16::try_from(u32::from(c) - 0xAC00).unwrap_or(0);
            spellings(code).into_iter().map(|(text, _)| text).collect()
        };
        for (c, spelled) in [
            ('철', ["ch'o'l", "chol", "cheol", "chul"].as_slice()),
            ('영', &["yong", "yeong", "young"]),
            ('경', &["kyong", "gyeong", "kyung", "kyo'ng"]),
            ('리', &["ri", "li", "i", "yi"].as_slice()[..3]),
            ('신', &["sin", "shin"]),
            ('우', &["u", "woo"]),
        ] {
            for text in spelled {
                assert!(
                    all(c).iter().any(|one| one == text),
                    "{c} {text} {:?}",
                    all(c)
                );
            }
        }
    }
}
