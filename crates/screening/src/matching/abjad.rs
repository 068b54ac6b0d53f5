//! Words of Arabic and Hebrew beside Latin ones: the one side does not write short vowels.
//!
//! The consonants must be the same, those that either script does not tell apart brought together; then the words are
//! laid beside each other letter by letter, so that a long vowel that is written must be one on the other side too, and a
//! name that begins with a vowel does on both: `Tammy` is not تمام, nor `Ward` رعد. How much may differ grows with
//! the consonants there are.
//!
//! Fails: letters that are read in two ways by language (ض as `d` and `z`), vowels that nobody writes the same way.

use std::borrow::Cow;

/// Whether a letter is of a script that leaves out vowels.
pub(super) fn is_letter(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x77F | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF)
}

/// The article, and what is written apart and said together: حبيب الله is Habibullah.
const ARTICLE: &str = "ال";
const GOD: &str = "الله";
/// What [`GOD`] adds to the word before it: its vowel is never written otherwise than as one that is not.
const OF_GOD: &str = "لله";
/// `al-Din`, which others write with the word before it: Shamsuddin.
const FAITH: &str = " الدين";
const OF_FAITH: &str = "دين";

/// The words of a text, as Latin letters would part them: the article by itself, the name of God with what it belongs to.
pub(super) fn pieces<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Cow<'a, str>> {
    let mut pieces: Vec<Cow<'a, str>> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        let plain = word
            .strip_prefix(ARTICLE)
            .filter(|rest| rest.chars().count() > 1);
        match (plain, pieces.last_mut()) {
            (Some(_), Some(last)) if word == GOD && last.chars().all(is_letter) => {
                last.to_mut().push_str(OF_GOD);
            }
            (Some(rest), _) if word != GOD => {
                pieces.push(Cow::Borrowed(ARTICLE));
                pieces.push(Cow::Borrowed(rest));
            }
            _ => pieces.push(Cow::Borrowed(word)),
        }
    }
    pieces
}

/// The same name with `al-Din` joined to the word before it.
pub(super) fn joined(text: &str) -> Option<String> {
    text.contains(FAITH).then(|| text.replace(FAITH, OF_FAITH))
}

/// What a letter is that the table of letters has nothing for: alef is a vowel, and so is ayin where a word begins.
pub(super) fn vowel(c: char, first: bool) -> Option<&'static str> {
    match c {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ﺁ' | 'א' => Some("a"),
        'ى' | 'ی' | 'ې' => Some("y"),
        'ہ' | 'ھ' => Some("h"),
        'ع' | 'ע' if first => Some("a"),
        _ => None,
    }
}

/// The consonants by which a word is found: those that Arabic does not tell apart brought together.
pub(super) fn skeleton(text: &str) -> String {
    let mut skeleton = String::new();
    for c in text.chars() {
        let c = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'w' | 'h' => continue,
            'p' => 'b',
            'v' => 'f',
            'q' | 'c' => 'k',
            'z' => 's',
            'g' | 'j' => 'g',
            other => other,
        };
        if !skeleton.ends_with(c) {
            skeleton.push(c);
        }
    }
    skeleton
}

/// Whether a word written without vowels can be a Latin one.
pub(super) fn same(abjad: &str, latin: &str) -> bool {
    let consonants = skeleton(latin);
    let budget = match consonants.len() {
        0 => return false,
        // One consonant is little: the vowels must be written alike besides (`Wali`).
        1 if latin.len() < 3 || abjad.len() < 3 => return false,
        1 => 0,
        2 => 2,
        3 => 4,
        _ => 6,
    };
    consonants == skeleton(abjad) && cost(abjad.as_bytes(), latin.as_bytes()) <= budget
}

/// Costs are tenths of a step; more than any budget.
const FAR: u8 = 100;
const LONGEST: usize = 41;

/// What it costs to lay two words beside each other.
fn cost(abjad: &[u8], latin: &[u8]) -> u8 {
    if abjad.len() >= LONGEST || latin.len() >= LONGEST {
        return FAR;
    }
    let mut above = [FAR; LONGEST];
    above[0] = 0;
    for j in 1..=latin.len() {
        above[j] = above[j - 1].saturating_add(unwritten(latin, j - 1));
    }
    for i in 1..=abjad.len() {
        let mut row = [FAR; LONGEST];
        row[0] = above[0].saturating_add(unread(abjad, i - 1));
        for j in 1..=latin.len() {
            let both = above[j - 1].saturating_add(alike(abjad[i - 1], latin[j - 1], i == 1));
            let left = above[j].saturating_add(unread(abjad, i - 1));
            let added = row[j - 1].saturating_add(unwritten(latin, j - 1));
            row[j] = both.min(left).min(added);
        }
        above = row;
    }
    above[latin.len()]
}

/// A Latin letter that the other script does not write.
fn unwritten(latin: &[u8], at: usize) -> u8 {
    match latin[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' if at == 0 => 10,
        b'a' | b'e' => 0,
        b'i' | b'o' | b'u' => 1,
        letter if at > 0 && latin[at - 1] == letter => 0,
        b'h' if at > 0 => 2,
        b'y' if at > 0 => 4,
        _ => 10,
    }
}

/// A letter of the other script that the Latin word leaves out.
fn unread(abjad: &[u8], at: usize) -> u8 {
    let last = at + 1 == abjad.len();
    match abjad[at] {
        _ if at == 0 => 10,
        b'h' if last || !is_vowel(abjad[at - 1]) => 2,
        b'a' => 3,
        b'y' | b'w' if abjad[at - 1] == b'a' => 2,
        b'y' | b'w' => 4,
        _ => 10,
    }
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'w')
}

fn alike(abjad: u8, latin: u8, first: bool) -> u8 {
    if abjad == latin {
        return 0;
    }
    match (abjad, latin) {
        (b'a', b'e') => 0,
        (b'a', b'i' | b'o' | b'u') => {
            if first {
                0
            } else {
                3
            }
        }
        (b'y', b'i' | b'e' | b'j') | (b'w', b'o' | b'u' | b'v') => 0,
        (b'y', b'a') | (b'w', b'e') => 3,
        (b'g', b'j') | (b'j', b'g') | (b'b', b'p') | (b'f', b'v') | (b'v', b'f') => 1,
        (b'k', b'c' | b'q') | (b'q', b'k' | b'c') | (b's', b'z' | b'c') | (b'z', b's') => 1,
        (b'h', b'a' | b'e') => 2,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::fold::words;

    #[test]
    fn arabic_and_hebrew_meet_latin() {
        for (other, latin, alike) in [
            ("فرناندو", "Fernando", true),
            ("بيريز", "Pérez", true),
            ("حسن", "Hassan", true),
            ("يونس", "Yunus", true),
            ("محمد", "Muhammad", true),
            ("محمد", "Mohamed", true),
            ("إبراهيم", "Ibrahim", true),
            ("عماد", "Imad", true),
            ("دقو", "Daqu", true),
            ("فاطمة", "Fatima", true),
            ("سليمان", "Suleiman", true),
            ("تمام", "Tammy", false),
            ("رعد", "Ward", false),
            ("אלישע", "Louis", false),
            ("خون", "Conway", false),
            ("عامر", "Primm", false),
        ] {
            let (other, latin) = (&words(other)[0], &words(latin)[0]);
            assert!(other.abjad && !latin.abjad);
            assert_eq!(same(&other.text, &latin.text), alike, "{other:?} {latin:?}");
        }
    }
}
