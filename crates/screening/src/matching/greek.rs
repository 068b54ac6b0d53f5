//! Greek words in Latin letters, as passports write them (ELOT 743), with the digraphs that stand for one sound.
//!
//! Letter by letter `Μπακογιάννη` would be `mpakogianni`, and `Παπανδρέου` `papandreoy`. A word that begins with μπ, ντ or γκ
//! begins with b, d or g, and so it does behind a consonant and where it ends, as in names from elsewhere (`Έντουαρντ`).
//!
//! Fails: within a word between vowels, where ντ can be `nt` or `d`, only the former is tried.

/// Whether a letter is Greek.
pub(super) fn is_letter(c: char) -> bool {
    matches!(u32::from(c), 0x370..=0x3FF | 0x1F00..=0x1FFF)
}

/// A word in lower-case Latin letters; letters that are not Greek stay.
pub(super) fn latin(word: &str) -> String {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let bare: Vec<char> = letters.iter().map(|c| bare(*c)).collect();
    let mut text = String::new();
    let mut at = 0;
    while at < bare.len() {
        let pair = bare.get(at + 1).and_then(|next| {
            // A diaeresis parts what would be one sound.
            let parted = matches!(letters[at + 1], 'ϊ' | 'ΐ' | 'ϋ' | 'ΰ');
            (!parted).then(|| digraph(&bare, at, *next)).flatten()
        });
        if let Some(pair) = pair {
            text.push_str(pair);
            at += 2;
        } else {
            text.push_str(single(bare[at]).unwrap_or_else(|| any_ascii::any_ascii_char(bare[at])));
            at += 1;
        }
    }
    text
}

/// What two letters are together.
fn digraph(letters: &[char], at: usize, next: char) -> Option<&'static str> {
    let before = at.checked_sub(1).map(|before| letters[before]);
    let after = letters.get(at + 2).copied();
    // At the beginning, at the end, or behind a consonant: a sound of its own.
    let own = after.is_none() || before.is_none_or(|c| !is_vowel(c));
    Some(match (letters[at], next) {
        ('ο', 'υ') => "ou",
        ('α', 'υ') => {
            if is_voiceless(after) {
                "af"
            } else {
                "av"
            }
        }
        ('ε', 'υ') => {
            if is_voiceless(after) {
                "ef"
            } else {
                "ev"
            }
        }
        ('μ', 'π') => {
            if own {
                "b"
            } else {
                "mp"
            }
        }
        ('ν', 'τ') => {
            if own {
                "d"
            } else {
                "nt"
            }
        }
        ('γ', 'κ') => {
            if own {
                "g"
            } else {
                "gk"
            }
        }
        ('γ', 'γ') => "ng",
        ('γ', 'ξ') => "nx",
        ('γ', 'χ') => "nch",
        _ => return None,
    })
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'α' | 'ε' | 'η' | 'ι' | 'ο' | 'υ' | 'ω')
}

fn is_voiceless(after: Option<char>) -> bool {
    after.is_none_or(|c| matches!(c, 'θ' | 'κ' | 'ξ' | 'π' | 'σ' | 'ς' | 'τ' | 'φ' | 'χ' | 'ψ'))
}

/// A letter without its accent.
fn bare(c: char) -> char {
    match c {
        'ά' | 'ὰ' | 'ᾶ' | 'ἀ' | 'ἁ' => 'α',
        'έ' | 'ὲ' | 'ἐ' | 'ἑ' => 'ε',
        'ή' | 'ὴ' | 'ῆ' | 'ἠ' | 'ἡ' => 'η',
        'ί' | 'ϊ' | 'ΐ' | 'ὶ' | 'ῖ' | 'ἰ' | 'ἱ' => 'ι',
        'ό' | 'ὸ' | 'ὀ' | 'ὁ' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' | 'ὺ' | 'ῦ' | 'ὐ' | 'ὑ' => 'υ',
        'ώ' | 'ὼ' | 'ῶ' | 'ὠ' | 'ὡ' => 'ω',
        other => other,
    }
}

fn single(c: char) -> Option<&'static str> {
    Some(match c {
        'β' => "v",
        'η' | 'ι' => "i",
        'θ' => "th",
        'ξ' => "x",
        'σ' | 'ς' => "s",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        'ω' => "o",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_are_one_sound() {
        for (greek, latin_) in [
            ("Μπακογιάννη", "bakogianni"),
            ("Παπανδρέου", "papandreou"),
            ("Ντόναλντ", "donald"),
            ("Γκουτέρες", "gouteres"),
            ("Αντώνης", "antonis"),
            ("Ευάγγελος", "evangelos"),
            ("Λευτέρης", "lefteris"),
            ("Μαΐου", "maiou"),
            ("Γιώργος", "giorgos"),
        ] {
            assert_eq!(latin(greek), latin_, "{greek}");
        }
    }
}
