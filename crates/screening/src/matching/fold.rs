//! Any script to lower-case Latin words.
//!
//! Each letter is replaced by itself (table of the crate `any_ascii`): Cyrillic, Greek, Hangul, Han by pinyin,
//! Arabic without the vowels it does not write. Apostrophes vanish, single letters with dots between them are one
//! word, everything else that is neither letter nor digit parts words.
//!
//! Fails: where one letter has several readings, only one is tried here, but for the Russian ё. Korean has a module of its
//! own for that.

use std::borrow::Cow;

use super::{abjad, greek, words as tables};

/// A word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Lower-case ASCII letters and digits.
    pub text: String,
    /// As it was written, in lower case, with apostrophes as `'`.
    pub raw: String,
    /// Whether it was written in a script that leaves out vowels.
    pub abjad: bool,
}

/// The most words of a name that are looked at; a longer one is cut.
pub const WORDS_MAX: usize = 24;
/// The longest word.
pub const WORD_MAX: usize = 40;

/// The words of a name.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for piece in abjad::pieces(text.split(|c: char| parts(c))) {
        if words.len() >= WORDS_MAX {
            break;
        }
        words.extend(word(&piece));
    }
    words
}

/// A text with Hangul in whole syllables: some systems write the parts of a syllable one by one, which looks the same.
/// Unicode's rule (3.12): a syllable is 0xAC00 + (first × 21 + vowel) × 28 + last.
#[must_use]
pub fn composed(text: &str) -> Cow<'_, str> {
    let is_part = |c: char| matches!(u32::from(c), 0x1100..=0x11FF);
    if !text.contains(is_part) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut letters = text.chars().map(u32::from).peekable();
    while let Some(first) = letters.next() {
        let vowel = letters
            .peek()
            .filter(|vowel| (0x1161..=0x1175).contains(*vowel))
            .copied();
        let (0x1100..=0x1112, Some(vowel)) = (first, vowel) else {
            whole.extend(char::from_u32(first));
            continue;
        };
        letters.next();
        let last = letters.next_if(|last| (0x11A8..=0x11C2).contains(last));
        let last = last.map_or(0, |last| last - 0x11A7);
        whole.extend(char::from_u32(
            0xAC00 + ((first - 0x1100) * 21 + (vowel - 0x1161)) * 28 + last,
        ));
    }
    Cow::Owned(whole)
}

/// Whether a character parts words. A dot parts too, unless it stands after a single letter.
fn parts(c: char) -> bool {
    !c.is_alphanumeric() && !is_apostrophe(c) && c != '.' && !is_mark(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '’' | '‘' | '`' | '´' | 'ʻ' | 'ʼ' | 'ʿ' | 'ʾ' | '′'
    )
}

/// Marks that belong to the letter before them.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36F | 0x610..=0x61A | 0x64B..=0x65F | 0x200C..=0x200F)
}

fn word(piece: &str) -> Vec<Word> {
    let dotted = piece.split('.').filter(|part| !part.is_empty());
    let letters: Vec<&str> = dotted.collect();
    let single = |part: &&str| part.chars().count() == 1;
    let initialism = letters.len() > 1 && letters.iter().all(single);
    if initialism {
        return one(&letters.concat()).into_iter().collect();
    }
    letters.into_iter().filter_map(one).collect()
}

fn one(piece: &str) -> Option<Word> {
    let mut raw = String::new();
    let mut text = String::new();
    for c in piece.chars().take(WORD_MAX) {
        if is_apostrophe(c) {
            raw.push('\'');
            continue;
        }
        raw.extend(c.to_lowercase());
        let letters = match abjad::vowel(c, text.is_empty()) {
            Some(vowel) => vowel,
            None => any_ascii::any_ascii_char(c),
        };
        for letter in letters.chars() {
            if letter.is_ascii_alphanumeric() && text.len() < WORD_MAX {
                text.push(letter.to_ascii_lowercase());
            }
        }
    }
    if piece.chars().any(greek::is_letter) {
        let latin = greek::latin(piece);
        let letters = latin.chars().filter(char::is_ascii_alphanumeric);
        text = letters
            .take(WORD_MAX)
            .collect::<String>()
            .to_ascii_lowercase();
    }
    let abjad = piece.chars().any(abjad::is_letter);
    (!text.is_empty()).then_some(Word { text, raw, abjad })
}

/// A name without the letters in brackets that shorten it: `FOREIGN TRADE BANK (FTB)`.
fn without_short_form(text: &str) -> Option<&str> {
    let (before, rest) = text.trim_end().rsplit_once('(')?;
    let short = rest.strip_suffix(')')?;
    let letters = (2..=6).contains(&short.len()) && short.bytes().all(|b| b.is_ascii_uppercase());
    let begins = |c: char| {
        before
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word.starts_with(c))
    };
    let words = before.split_whitespace().count() > 1;
    (letters && words && short.chars().all(begins)).then(|| before.trim_end())
}

/// A name and the names it holds beside each other (`Al-Qa'ida/Islamic Army`), and what it is without its short form.
#[must_use]
pub fn alternatives(text: &str) -> Vec<&str> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let long = |part: &&str| part.chars().filter(|c| c.is_alphabetic()).count() >= 4;
    let mut all = vec![text];
    if parts.len() > 1 && parts.len() <= 4 && parts.iter().all(long) {
        // `A / B` are two names. `PARTY/FRONT` is one word or the other of a name, and neither is a name by itself.
        let apart = text.matches(" / ").count() + 1 == parts.len();
        all.extend(parts.into_iter().filter(|part| is_whole(part, apart)));
    }
    all.extend(without_short_form(text));
    all
}

/// Whether a part of a name is a name: two words are, and one that stands apart and that not everybody shares.
fn is_whole(part: &str, apart: bool) -> bool {
    let words = words(part);
    let says = |word: &&Word| !tables::STOP.contains(&word.text.as_str());
    let mut said = words.iter().filter(says);
    let shared = |word: &Word| {
        let text = word.text.as_str();
        tables::GENERIC.contains(&text) || tables::PLACES.contains(&text)
    };
    match (said.next(), said.next()) {
        (Some(_), Some(_)) => true,
        (Some(word), None) => apart && !shared(word),
        (None, _) => false,
    }
}

/// The same name with ё as `yo`: it is `e` by the table of letters, and lists write both (`Артём`: Artem, Artyom).
pub(super) fn with_yo(text: &str) -> Option<String> {
    const YO: [(&str, &str); 4] = [
        ("ё", "йо"),
        ("Ё", "Йо"),
        ("е\u{308}", "йо"),
        ("Е\u{308}", "Йо"),
    ];
    let replaced = |text: String, (letter, two): &(&str, &str)| text.replace(letter, two);
    let has = YO.iter().any(|(letter, _)| text.contains(letter));
    has.then(|| YO.iter().fold(text.to_owned(), replaced))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let words = words(text);
        let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn a_short_form_in_brackets_may_be_left_out() {
        let all = alternatives("FOREIGN TRADE BANK (FTB)");
        assert_eq!(all, ["FOREIGN TRADE BANK (FTB)", "FOREIGN TRADE BANK"]);
        for text in ["LEADER (HONG KONG)", "Company (UK)", "Bank (XYZ)"] {
            assert_eq!(alternatives(text), [text]);
        }
    }

    #[test]
    fn a_word_on_one_side_of_a_stroke_is_no_name() {
        let army = "Al-Qa'ida/Islamic Army";
        assert_eq!(alternatives(army), [army, "Al-Qa'ida", "Islamic Army"]);
        let front = "PEOPLE'S LIBERATION PARTY/FRONT";
        assert_eq!(alternatives(front), [front, "PEOPLE'S LIBERATION PARTY"]);
        let short = "AL-ITIHAAD AL-ISLAMIYA / AIAI";
        assert_eq!(
            alternatives(short),
            [short, "AL-ITIHAAD AL-ISLAMIYA", "AIAI"]
        );
        let army = "Resistance Movement / Army";
        assert_eq!(alternatives(army), [army, "Resistance Movement"]);
    }

    #[test]
    fn the_letter_yo_has_two_readings() {
        for text in ["Артём Фёдорович", "Арте\u{308}м Фе\u{308}дорович"]
        {
            assert_eq!(folded(text), "artem fedorovich");
            let other = with_yo(text).map(|text| folded(&text));
            assert_eq!(other.as_deref(), Some("artyom fyodorovich"));
        }
        assert_eq!(with_yo("Артем"), None);
    }

    #[test]
    fn scripts_become_latin_words() {
        assert_eq!(folded("Владимир ПУТИН"), "vladimir putin");
        assert_eq!(folded("Recep Tayyip Erdoğan"), "recep tayyip erdogan");
        assert_eq!(folded("A.B.C. Company, N.A."), "abc company na");
        assert_eq!(folded("SUEX OTC, S.R.O."), "suex otc sro");
        assert_eq!(folded("Al-Qa’ida"), "al qaida");
        assert_eq!(folded("Hans J. Friedrich"), "hans j friedrich");
        assert_eq!(folded("11420 CORP."), "11420 corp");
        assert_eq!(folded("\u{202e}\u{0}"), "");
    }

    #[test]
    fn hangul_in_parts_is_hangul_in_syllables() {
        let parts = "\u{110C}\u{1165}\u{11BC}\u{110E}\u{1161}\u{11AF}\u{110E}\u{1169}\u{11BC}\u{1100}\u{116E}\u{11A8}";
        assert_eq!(composed(parts), "정찰총국");
        assert_eq!(composed("김 Kim"), "김 Kim");
        // A part that stands alone stays.
        assert_eq!(composed("\u{1100} \u{1161}"), "\u{1100} \u{1161}");
    }
}
