//! A name, prepared for comparison: its words with their kinds and weights, and how it reads in Korean.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::abjad;
use super::fold::{self, Word};
use super::korean::{Korean, Reading};
use super::words;
use crate::lists::Kind;

/// What kind of word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// What tells one subject from another.
    Name,
    /// A single letter.
    Initial,
    /// Digits: they tell companies and ships apart, and are never like others.
    Number,
    /// A father's name that follows from his.
    Patronymic,
    /// A place.
    Place,
    /// A word that thousands share.
    Generic,
    /// `bin`, `al`, `van`.
    Particle,
    /// `Dr`, `Mullah`.
    Title,
    /// A legal form, by what it stands for.
    Legal,
    /// `the`, `of`.
    Stop,
}

impl Class {
    /// How much a word of this kind weighs.
    #[must_use]
    pub fn weight(self) -> u32 {
        match self {
            Self::Name | Self::Number => 100,
            Self::Patronymic => 40,
            Self::Place => 45,
            Self::Generic => 32,
            Self::Initial => 30,
            Self::Particle => 10,
            Self::Legal => 8,
            Self::Title | Self::Stop => 2,
        }
    }

    /// Whether names without it in common cannot be one.
    #[must_use]
    pub fn tells(self) -> bool {
        matches!(self, Self::Name | Self::Number)
    }
}

/// A word with its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Lower-case ASCII; of a legal form, what it stands for.
    pub text: Box<str>,
    /// What kind of word it is.
    pub class: Class,
    /// Whether it was written without vowels.
    pub abjad: bool,
    /// Whether it was written in Han: then its Latin letters are a sound, and one letter off is another name.
    pub han: bool,
    /// In how many entries of the list it stands that is compared with; none where no lists are known.
    pub frequency: u32,
}

impl Token {
    fn of(word: &Word, text: &str, class: Class) -> Self {
        Self {
            text: text.into(),
            class,
            abjad: word.abjad,
            han: word
                .raw
                .chars()
                .any(|c| matches!(u32::from(c), 0x3400..=0x9FFF)),
            frequency: 0,
        }
    }
}

/// A name, prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// Its words, in their order.
    pub tokens: Vec<Token>,
    /// Whether a person can bear it.
    pub person: bool,
    /// Whether it is one word of which nobody says what it is of: persons have two, so it is an organisation's as well.
    pub lone: bool,
    /// Its words as they were written, in the order of the alphabet.
    pub sorted: Box<str>,
    /// All words together, and those without legal forms and titles.
    pub compact: String,
    /// The latter.
    pub core: String,
    /// How it reads in Korean; empty where it does not.
    pub korean: Vec<Reading>,
    /// The name as it was read, where it is an organisation's in Hangul or Hanja.
    pub read_as: Option<Box<str>>,
    /// The place of the surname among the words, where a person's name is written `SURNAME, Given`; of several
    /// surnames the first, which is the father's.
    pub surname: Option<usize>,
}

/// Prepares a name of a subject of a kind with the names it holds, and with what an organisation's name in Hangul or Hanja
/// is read as.
#[must_use]
pub fn prepare_all(text: &str, kind: Kind, korean: &Korean) -> Vec<Prepared> {
    let mut all = Vec::new();
    for alternative in fold::alternatives(text) {
        let plain = prepare(alternative, kind, korean);
        // In Korean names ё is a vowel of its own, and their module reads it.
        let with_yo = plain.korean.is_empty().then(|| fold::with_yo(alternative));
        all.push(plain);
        all.extend(with_yo.flatten().map(|text| prepare(&text, kind, korean)));
        all.extend(abjad::joined(alternative).map(|joined| prepare(&joined, kind, korean)));
        for reading in korean.organisation(alternative, kind) {
            let mut read = prepare(&reading, Kind::Organisation, korean);
            read.read_as = Some(reading.into());
            all.push(read);
        }
    }
    all
}

/// Prepares a name of a subject of a kind.
#[must_use]
pub fn prepare(text: &str, kind: Kind, korean: &Korean) -> Prepared {
    let folded = fold::words(text);
    let organisation = match kind {
        Kind::Person => false,
        Kind::Organisation | Kind::Vessel | Kind::Aircraft => true,
        Kind::Unknown => looks_like_organisation(&folded),
    };
    let tokens = if organisation {
        organisation_tokens(&folded)
    } else {
        all_person_tokens(&folded)
    };
    let mut sorted: Vec<&str> = folded.iter().map(|word| word.text.as_str()).collect();
    sorted.sort_unstable();
    let sorted = sorted.join(" ").into();
    let compact = folded.iter().map(|word| word.text.as_str()).collect();
    let bare = |token: &&Token| !matches!(token.class, Class::Legal | Class::Title | Class::Stop);
    let core = tokens
        .iter()
        .filter(bare)
        .map(|token| &*token.text)
        .collect();
    let readings = if organisation {
        Vec::new()
    } else {
        korean.readings(&folded)
    };
    let surname = (!organisation && text.matches(',').count() == 1)
        .then(|| surname(text, &tokens))
        .flatten();
    Prepared {
        lone: kind == Kind::Unknown && tokens.len() == 1,
        tokens,
        surname,
        person: !organisation,
        sorted,
        compact,
        core,
        korean: readings,
        read_as: None,
    }
}

/// Where the surname stands before a comma. A name that begins with a particle (`AL-TIKRITI`) says whence somebody is,
/// and people are known without it.
fn surname(text: &str, tokens: &[Token]) -> Option<usize> {
    let (before, _) = text.split_once(',')?;
    let first = tokens.first().filter(|token| token.class.tells())?;
    let word = fold::words(before).into_iter().next()?;
    let given = tokens.len() > fold::words(before).len();
    (given && *first.text == *word.text).then_some(0)
}

fn looks_like_organisation(folded: &[Word]) -> bool {
    let texts: Vec<&str> = folded.iter().map(|word| word.text.as_str()).collect();
    let plain = |text: &&str| text.len() > 2;
    let legal = |at: usize| {
        legal_at(&texts[at..]).is_some_and(|(length, _)| length > 1 || plain(&texts[at]))
    };
    let last = texts.len().checked_sub(1);
    let ends_legal = texts.len() > 1 && last.is_some_and(|at| legal_at(&texts[at..]).is_some());
    let generic = |text: &&str| {
        is_in(words::GENERIC, text) && !is_in(words::PARTICLES, text) && !is_in(words::TITLES, text)
    };
    (0..texts.len()).any(legal) || ends_legal || texts.iter().any(generic)
}

/// Whether a word is one of a list. Most differ in their first letter or their length, which is told without a call.
fn is_in(list: &[&str], word: &str) -> bool {
    let first = word.as_bytes().first();
    list.iter()
        .any(|one| one.len() == word.len() && one.as_bytes().first() == first && *one == word)
}

/// Phrases of legal forms, by their first word: the words, and what they stand for.
type Phrases = BTreeMap<&'static str, Vec<(Vec<&'static str>, &'static str)>>;

/// The legal form that words begin with: how many words, and what it stands for.
fn legal_at(texts: &[&str]) -> Option<(usize, &'static str)> {
    static PHRASES: OnceLock<Phrases> = OnceLock::new();
    let phrases = PHRASES.get_or_init(|| {
        let mut all = Phrases::new();
        for (form, phrases) in words::LEGAL {
            for phrase in *phrases {
                let words: Vec<&str> = phrase.split(' ').collect();
                all.entry(words[0]).or_default().push((words, form));
            }
        }
        for phrases in all.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        all
    });
    let found = phrases.get(texts.first()?)?;
    let begins =
        |words: &Vec<&str>| texts.len() >= words.len() && texts[..words.len()] == words[..];
    let (words, form) = found.iter().find(|(words, _)| begins(words))?;
    Some((words.len(), form))
}

fn organisation_tokens(folded: &[Word]) -> Vec<Token> {
    let texts: Vec<&str> = folded.iter().map(|word| word.text.as_str()).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < texts.len() {
        // A name that is nothing but a legal form would be empty without it.
        if let Some((length, form)) =
            legal_at(&texts[at..]).filter(|(length, _)| *length < texts.len())
        {
            tokens.push(Token::of(&folded[at], form, Class::Legal));
            at += length;
            continue;
        }
        let word = &folded[at];
        let class = match word.text.as_str() {
            text if text.bytes().all(|byte| byte.is_ascii_digit()) => Class::Number,
            text if is_in(words::STOP, text) => Class::Stop,
            text if is_in(words::PLACES, text) => Class::Place,
            text if is_in(words::GENERIC, text) => Class::Generic,
            _ => Class::Name,
        };
        tokens.push(Token::of(word, words::one_form(&word.text), class));
        at += 1;
    }
    // Of a name without a word of its own, the generic words are the name.
    if !tokens.iter().any(|token| token.class.tells()) {
        for token in &mut tokens {
            if matches!(token.class, Class::Generic | Class::Place) {
                token.class = Class::Name;
            }
        }
    }
    tokens
}

/// The words of a person's name. `Sayed`, `Ben` and `Don` are names where there would be less than two without them.
fn all_person_tokens(folded: &[Word]) -> Vec<Token> {
    let mut tokens: Vec<Token> = folded.iter().flat_map(person_tokens).collect();
    let names = tokens.iter().filter(|token| token.class.tells()).count();
    if names < 2 && folded.len() > 1 {
        for (token, word) in tokens.iter_mut().zip(folded) {
            let ends = [folded.first(), folded.last()].contains(&Some(word));
            if ends && word.text.len() > 1 && matches!(token.class, Class::Title | Class::Particle)
            {
                *token = Token::of(word, &word.text, Class::Name);
            }
        }
    }
    tokens
}

/// The words that a word of a person's name is: `Abdulaziz` is `Abd al Aziz`.
fn person_tokens(word: &Word) -> Vec<Token> {
    let text = word.text.as_str();
    if let Some(rest) = servant(text) {
        let mut tokens = vec![
            Token::of(word, "abd", Class::Particle),
            Token::of(word, "al", Class::Particle),
        ];
        if !rest.is_empty() {
            tokens.push(Token::of(word, rest, Class::Name));
        }
        return tokens;
    }
    vec![person_token(word)]
}

/// What follows `Abd al-` in a word, whose article takes the sound of what follows.
fn servant(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("abd")?;
    let articles = [
        "ul", "el", "al", "ol", "il", "ur", "ar", "er", "us", "as", "ou", "ush", "ash",
    ];
    let rest = articles
        .iter()
        .find_map(|article| rest.strip_prefix(article))?;
    // `Abdullah` and `Abdallah` are one word.
    (rest.is_empty() || rest.len() >= 4).then_some(rest)
}

fn person_token(word: &Word) -> Token {
    let text = word.text.as_str();
    let class = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Class::Number
    } else if text.len() == 1 && !word.raw.chars().any(|c| u32::from(c) > 0x2E00) {
        Class::Initial
    } else if is_in(words::TITLES, text) {
        Class::Title
    } else if is_in(words::PARTICLES, text) {
        Class::Particle
    } else if is_patronymic(text) {
        Class::Patronymic
    } else {
        Class::Name
    };
    let same = words::SAME_PARTICLES
        .iter()
        .find(|group| group.contains(&text));
    let text = match (class, same) {
        (Class::Particle, Some(group)) => group[0],
        _ => text,
    };
    Token::of(word, text, class)
}

fn is_patronymic(text: &str) -> bool {
    let ends = |end: &&str| text.len() > end.len() + 3 && text.ends_with(*end);
    [
        "ovich", "evich", "ovna", "evna", "ovych", "evych", "yevich", "ivna", "avich", "yavich",
        "ovitch", "evitch",
    ]
    .iter()
    .any(ends)
}
