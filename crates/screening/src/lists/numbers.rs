//! Numbers of documents within text: `Afghan passport number SE 012820`, `IMO number: 5342883`.
//!
//! Publishers write numbers with words around them, and remarks where a number would stand: `Subject to Directive 1` is
//! none. A number is a run of words with digits, with up to two groups of capitals before it and one after; words before and behind
//! it say what it is. It has four digits and five signs, or nobody could be told by it.
//!
//! Fails: numbers shorter than that, numbers without any digit outside of their own kinds, numbers that a text mentions
//! and that belong to somebody else.

/// What a list writes as an identifier and is a remark, a date or a description: a part of its kind.
const REMARKS: &[&str] = &[
    "sanction",
    "executive order",
    "determination",
    "information",
    "date",
    "type",
    "prohibited",
    "model",
    "year",
    "flag",
    "nationality",
    "country",
    "issuer",
    "operator",
    "gender",
];
/// Kinds whose texts stand for somebody as they are, with digits or without.
const WHOLE: &[&str] = &[
    "email",
    "e-mail",
    "website",
    "swift",
    "bic",
    "tail number",
    "ticker",
    "locode",
];
/// Words before a number that are no part of it.
const LABELS: &[&str] = &["IMO", "MMSI", "NO", "NR", "NUM", "ID", "SSN"];
/// Of so many signs a number has at least, and so many digits among them.
const SIGNS_MIN: usize = 5;
const DIGITS_MIN: usize = 4;
/// The longest group of letters that belongs to a number.
const LETTERS_MAX: usize = 4;
/// The most words without digits that a question may have and still ask for a number.
const WORDS_MAX: usize = 4;

/// Whether a kind is a remark, and no number follows.
fn is_remark(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    REMARKS.iter().any(|word| kind.contains(word))
}

/// The signs of a word that count; `IMO9563524` is the number alone.
fn signs(word: &str) -> String {
    let signs = word.chars().filter(char::is_ascii_alphanumeric);
    let signs: String = signs.map(|c| c.to_ascii_uppercase()).collect();
    let number = ["IMO", "MMSI"]
        .iter()
        .find_map(|label| signs.strip_prefix(label))
        .filter(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    number.map_or_else(|| signs.clone(), str::to_owned)
}

/// Whether a word is a day: `08-11-2005`, `2005/11/8`.
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['-', '.', '/']).collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    parts.iter().all(digits) && matches!(lengths[..], [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2])
}

/// The numbers within a text, by their signs alone.
pub(crate) fn within(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut run: Vec<(String, bool)> = Vec::new();
    let mut end = |run: &mut Vec<(String, bool)>| {
        let numbered = run.iter().any(|(_, digits)| *digits);
        let number: String = run.drain(..).map(|(word, _)| word).collect();
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        if numbered && number.len() >= SIGNS_MIN && digits >= DIGITS_MIN && !found.contains(&number)
        {
            found.push(number);
        }
    };
    for word in text.split_whitespace() {
        let plain = signs(word);
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let label = LABELS.contains(&plain.as_str());
        let digits = plain.bytes().any(|byte| byte.is_ascii_digit()) && !is_date(bare);
        let capitals = !digits && (1..=LETTERS_MAX).contains(&plain.len()) && bare == plain;
        let opens = word.starts_with(['(', '[', '“', '"']);
        let closes = word.ends_with([',', ';', ':', ')', ']']);
        if opens {
            end(&mut run);
        }
        let behind = run.iter().any(|(_, digits)| *digits);
        if digits || capitals && !label && (!behind || plain.len() == 1) {
            run.push((plain, digits));
            if closes || capitals && behind {
                end(&mut run);
            }
        } else if !label || !behind {
            end(&mut run);
        }
    }
    end(&mut run);
    found
}

/// Under what a listed identifier can be asked for.
pub(crate) fn keys(kind: &str, text: &str) -> Vec<String> {
    if is_remark(kind) {
        return Vec::new();
    }
    let lower = kind.to_lowercase();
    let whole = signs(text);
    let alone = !text.trim().contains(char::is_whitespace)
        && whole.bytes().any(|byte| byte.is_ascii_digit());
    let mut keys = within(text);
    let as_it_is = WHOLE.iter().any(|word| lower.contains(word));
    if whole.len() >= SIGNS_MIN && (alone || as_it_is) && !keys.contains(&whole) {
        keys.push(whole);
    }
    keys
}

/// The number that a question asks for, under each form; none where it is a sentence.
pub(crate) fn asked(text: &str) -> Vec<String> {
    let spelled = |word: &&str| signs(word).len() > 1 && !word.bytes().any(|b| b.is_ascii_digit());
    if text.split_whitespace().filter(spelled).count() > WORDS_MAX {
        return Vec::new();
    }
    let mut asked = keys("", &text.to_uppercase());
    let whole = signs(text);
    if whole.len() >= SIGNS_MIN
        && !text.trim().contains(char::is_whitespace)
        && !asked.contains(&whole)
    {
        asked.push(whole);
    }
    asked
}

/// What a text calls a number that follows: a part of the word, and the kind.
const MENTIONS: &[(&str, &str)] = &[
    ("passport", "Passport"),
    ("imo", "IMO number"),
    ("mmsi", "MMSI"),
    ("identity", "Identity number"),
    ("identification", "Identification number"),
    ("tazkira", "Tazkira"),
    ("registration", "Registration number"),
    ("licence", "Licence"),
    ("license", "Licence"),
    ("ssn", "Social security number"),
    ("fiscal", "Fiscal code"),
];
/// How many words may stand between what a number is and the number.
const BETWEEN_MAX: usize = 6;
/// Words with which something else begins that has numbers.
const ELSE: &[&str] = &["tel", "phone", "fax", "born", "dob", "expire", "issued"];
/// The most numbers that are read from one text.
const MENTIONED_MAX: usize = 20;

/// The documents that a remark mentions: their kinds and numbers.
pub(crate) fn mentioned(text: &str) -> Vec<(&'static str, String)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if word.ends_with(['.', ';']) {
            continue;
        }
        let word = signs(word).to_lowercase();
        let named =
            |(part, _): &&(&str, &str)| word == *part || part.len() > 4 && word.starts_with(part);
        let Some((_, kind)) = MENTIONS.iter().find(named) else {
            continue;
        };
        let rest = words[at + 1..].iter().take(BETWEEN_MAX);
        // A sentence ends, and what follows is about something else.
        let mut near: Vec<&str> = Vec::new();
        for word in rest {
            let lower = signs(word).to_lowercase();
            if ELSE.iter().any(|other| lower.starts_with(other)) {
                break;
            }
            near.push(word);
            let number = word.bytes().any(|byte| byte.is_ascii_digit());
            let abbreviated = signs(word).len() <= 3;
            if word.ends_with(['.', ';']) && (number || !abbreviated) {
                break;
            }
        }
        // A number that follows the word `since` or a month is a date: four digits are too few to be taken for more.
        if let Some(number) = within(&near.join(" ")).into_iter().next()
            && found.len() < MENTIONED_MAX
            && !found.iter().any(|(_, other)| *other == number)
        {
            found.push((kind, number));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_among_words() {
        for (text, found) in [
            ("Subject to Directive 1", vec![]),
            ("19 Nov 1991", vec![]),
            ("IMO 9563524", vec!["9563524"]),
            ("Afghan passport number SE 012820", vec!["SE012820"]),
            ("A 0139243", vec!["A0139243"]),
            ("AABA 670850 Y", vec!["AABA670850Y"]),
            ("78.865.882", vec!["78865882"]),
            ("467323, Doc. 694710", vec!["467323", "694710"]),
            (
                "Russian passport number 8208 No. 555627",
                vec!["8208555627"],
            ),
            ("563210184 (Expires 18 Jun. 2018)", vec!["563210184"]),
            ("issued in 1974", vec![]),
            ("issued on 08-11-2005", vec![]),
            ("U00242309", vec!["U00242309"]),
        ] {
            assert_eq!(within(text), found, "{text}");
        }
        assert!(
            keys(
                "Secondary sanctions risk:",
                "section 1(b) of Executive Order 13224"
            )
            .is_empty()
        );
        assert_eq!(keys("SWIFT/BIC", "KDBKKPPY"), ["KDBKKPPY"]);
        assert!(asked("Subject to Directive 1").is_empty());
        assert_eq!(asked("9563524"), ["9563524"]);
        assert_eq!(asked("IMO 9563524"), ["9563524"]);
    }

    #[test]
    fn remarks_mention_documents() {
        for (text, found) in [
            (
                "International Maritime Organization (IMO) Number: 1790183 was",
                vec![("IMO number", "1790183")],
            ),
            (
                "Yemeni passport number 17979 issued under name Ahmed Ali",
                vec![("Passport", "17979")],
            ),
            (
                "son of Haji Hazrat Gul, born in 1955, passport number TR024417 issued 20 Dec. 2003",
                vec![("Passport", "TR024417")],
            ),
            ("licence in October 2018 which expires in July 2021", vec![]),
            (
                "Travelled on passport number 836110034, which expires on 1 January 2020.",
                vec![("Passport", "836110034")],
            ),
            ("No passport. Telephone 0300-8209199", vec![]),
        ] {
            let numbers = mentioned(text);
            let numbers: Vec<(&str, &str)> = numbers
                .iter()
                .map(|(kind, n)| (*kind, n.as_str()))
                .collect();
            assert_eq!(numbers, found, "{text}");
        }
    }
}
