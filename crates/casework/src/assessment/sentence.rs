//! The check of a sentence against its number: nothing stronger than the interval bears is passed.
//!
//! It reads words and not meaning. Each sentence must say how likely with a phrase of the table, every such phrase must be
//! borne by the interval, and no other word that turns or strengthens may stand in it. A weaker sentence passes.
//! What it does not understand it refuses, with the reason and what may be said. It cannot see what a sentence is about,
//! or that a second half without a phrase claims a fact: `docs/methods/assessment.md` says so.

use std::collections::BTreeSet;

use serde::Serialize;

use super::phrases::{CERTAINTIES, CONFIDENCES, NEGATIONS, PHRASES, Phrase, STRENGTHS};
use super::share::Range;
use super::words::{Verdict, Word};

/// A longer sentence, in bytes, is refused.
const SENTENCE_LENGTH_MAX: usize = 4_000;

/// A hypothesis of fewer words is read like the rest of the sentence.
const STATEMENT_WORDS_MIN: usize = 3;

/// What the check says of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Whether it may be said.
    pub allowed: bool,
    /// Why not, part by part; empty if it may be.
    pub why: Vec<String>,
    /// The phrases of the table that it says how likely with.
    pub phrases: Vec<String>,
    /// What may be said of this interval; only where the sentence was refused.
    pub may_say: Vec<String>,
}

/// Checks a sentence against the interval of what it speaks of.
#[must_use]
pub fn check_sentence(sentence: &str, interval: Range) -> Checked {
    check_sentence_about(sentence, "", interval)
}

/// Checks a sentence about a hypothesis. Where it repeats the hypothesis word for word, those words are not read, so that
/// "an insider acted without help" may be called likely.
#[must_use]
pub fn check_sentence_about(sentence: &str, statement: &str, interval: Range) -> Checked {
    let mut why = Vec::new();
    let mut phrases = BTreeSet::new();
    if sentence.len() > SENTENCE_LENGTH_MAX {
        why.push(format!("it is longer than {SENTENCE_LENGTH_MAX} bytes"));
    } else if let Some(hidden) = sentence.chars().find(|c| is_hidden(*c)) {
        why.push(format!(
            "it holds a character that hides, reorders or imitates others (U+{:04X})",
            u32::from(hidden)
        ));
    } else {
        let sentence = without_statement(sentence, statement);
        let parts = parts(&sentence);
        if parts.is_empty() {
            why.push("it is empty".to_owned());
        }
        for part in parts {
            let read = Read::of(&part);
            why.extend(read.faults(interval));
            phrases.extend(read.phrases.iter().map(|phrase| phrase.text.to_owned()));
        }
    }
    why.dedup();
    Checked {
        allowed: why.is_empty(),
        phrases: phrases.into_iter().collect(),
        may_say: if why.is_empty() {
            Vec::new()
        } else {
            may_say(interval)
        },
        why,
    }
}

/// The words of the interval, and every phrase that it bears.
pub(super) fn may_say(interval: Range) -> Vec<String> {
    let verdict = Verdict::of(interval);
    let spans = (verdict.low != verdict.high).then(|| verdict.text());
    let borne = PHRASES
        .iter()
        .filter(|phrase| phrase.claims.holds(interval));
    spans
        .into_iter()
        .chain(borne.map(|phrase| phrase.text.to_owned()))
        .collect()
}

/// Characters that hide or reorder others, or that are drawn like plain letters and digits and are none.
fn is_hidden(c: char) -> bool {
    let reorders =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    let invisible = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
    );
    let tags = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}');
    let styled = matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}' | '\u{ff01}'..='\u{ff5e}' | '\u{1f100}'..='\u{1f1ff}');
    styled || reorders || invisible || tags || c.is_control() && !c.is_whitespace()
}

/// Leaves the hypothesis out, if it says nothing of how likely it is and no more than that it is so or is not so.
fn without_statement(sentence: &str, statement: &str) -> String {
    let statement = statement.trim().trim_end_matches('.');
    // A few words could be those that turn a sentence round, and no hypothesis is so short.
    if tokens(statement).len() < STATEMENT_WORDS_MIN {
        return sentence.to_owned();
    }
    let read = Read::of(statement);
    let silent = read.phrases.is_empty()
        && read
            .loaded
            .iter()
            .all(|(_, kind)| *kind == Loaded::Negation);
    if silent {
        sentence.replace(statement, "it")
    } else {
        sentence.to_owned()
    }
}

/// Cuts a text into sentences: at `.`, `!`, `?` or `;` before a space or the end, and at a blank line. A full stop after a single letter is an
/// abbreviation.
fn parts(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let blank = |at: usize| characters[at] == '\n' && characters.get(at + 1) == Some(&'\n');
    let mut parts = vec![String::new()];
    for (at, &c) in characters.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).map(|at| characters[at]);
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let abbreviates = c == '.' && letter(before(1)) && !letter(before(2));
        let breaks = characters
            .get(at + 1)
            .is_none_or(|next| next.is_whitespace());
        if matches!(c, '.' | '!' | '?' | ';') && breaks && !abbreviates || blank(at) {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    parts
}

/// A word, as it was written and in small letters without apostrophes.
struct Token {
    written: String,
    plain: String,
    /// Whether a sign of percentage follows.
    percent: bool,
}

fn tokens(part: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut word = String::new();
    for c in part.chars().chain([' ']) {
        if c.is_alphanumeric() || matches!(c, '\'' | '’') && !word.is_empty() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let plain = word.chars().filter(|c| c.is_alphanumeric());
            let plain = plain.flat_map(char::to_lowercase).collect();
            tokens.push(Token {
                written: std::mem::take(&mut word),
                plain,
                percent: false,
            });
        }
        if matches!(c, '%' | '‰' | '٪')
            && let Some(last) = tokens.last_mut()
        {
            last.percent = true;
        }
    }
    tokens
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loaded {
    Negation,
    Strength,
    Certainty,
    Confidence,
    Percentage,
    MixedScript,
}

/// What was understood of one sentence.
struct Read {
    text: String,
    phrases: Vec<Phrase>,
    /// "Between … and …".
    spans: Vec<(Word, Word)>,
    /// Words outside phrases that nobody knows what they do to the strength.
    loaded: Vec<(String, Loaded)>,
}

impl Read {
    fn of(part: &str) -> Self {
        let tokens = tokens(part);
        let mut read = Self {
            text: part.trim().to_owned(),
            phrases: Vec::new(),
            spans: Vec::new(),
            loaded: Vec::new(),
        };
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            if let Some((span, length)) = span(rest) {
                read.spans.push(span);
                at += length;
            } else if let Some((phrase, length)) = longest(rest) {
                read.phrases.push(phrase);
                at += length;
            } else {
                let loaded = loaded(&rest[0]);
                read.loaded
                    .extend(loaded.map(|kind| (rest[0].written.clone(), kind)));
                at += 1;
            }
        }
        read
    }

    fn faults(&self, interval: Range) -> Vec<String> {
        let mut faults: Vec<String> = self
            .loaded
            .iter()
            .map(|(word, kind)| unknown(word, *kind))
            .collect();
        let words = Verdict::of(interval).text();
        let is = format!("the interval is {interval}, {words}");
        for phrase in self
            .phrases
            .iter()
            .filter(|phrase| !phrase.claims.holds(interval))
        {
            let needs = phrase.claims.text();
            faults.push(format!("`{}` needs an interval {needs}; {is}", phrase.text));
        }
        for &(low, high) in &self.spans {
            if (Verdict { low, high }) != Verdict::of(interval) {
                let said = Verdict { low, high }.text();
                faults.push(format!("`{said}` is not what the number says; {is}"));
            }
        }
        if self.phrases.is_empty() && self.spans.is_empty() {
            let text = &self.text;
            faults.push(format!(
                "`{text}` does not say how likely that is, in a phrase of the table"
            ));
        }
        faults
    }
}

fn unknown(word: &str, kind: Loaded) -> String {
    match kind {
        Loaded::Negation => {
            format!("`{word}` turns the sentence round, in a way that is not in the table")
        }
        Loaded::Strength => format!(
            "`{word}` changes how strong the sentence is, in a way that is not in the table"
        ),
        Loaded::Certainty => format!("`{word}` claims certainty, which no number bears"),
        Loaded::Confidence => {
            format!(
                "`{word}` speaks of confidence, which does not stand in one sentence with likelihood (ICD 203)"
            )
        }
        Loaded::Percentage => format!("`{word}` is a percentage: a number is not typed by hand"),
        Loaded::MixedScript => format!("`{word}` mixes letters of several scripts"),
    }
}

/// The longest phrase at the beginning.
fn longest(tokens: &[Token]) -> Option<(Phrase, usize)> {
    let fits = |phrase: &&Phrase| {
        let mut words = phrase.text.split(' ').enumerate();
        words.all(|(at, word)| tokens.get(at).is_some_and(|token| token.plain == word))
    };
    let length = |phrase: &Phrase| phrase.text.split(' ').count();
    let found = PHRASES
        .iter()
        .filter(fits)
        .max_by_key(|phrase| length(phrase))?;
    // The month is no hedge.
    let month = found.text == "may" && tokens[0].written != "may";
    (!month).then(|| (*found, length(found)))
}

/// "Between W and W" at the beginning, with two words of ICD 203.
fn span(tokens: &[Token]) -> Option<((Word, Word), usize)> {
    let says = |at: usize, text: &str| {
        let mut words = text.split(' ').enumerate();
        words.all(|(more, word)| {
            tokens
                .get(at + more)
                .is_some_and(|token| token.plain == word)
        })
    };
    let word = |at: usize| {
        let said = Word::ALL.into_iter().filter(|word| says(at, word.text()));
        let longest = said.max_by_key(|word| word.text().split(' ').count())?;
        Some((longest, at + longest.text().split(' ').count()))
    };
    says(0, "between").then_some(())?;
    let (low, at) = word(1)?;
    says(at, "and").then_some(())?;
    let (high, end) = word(at + 1)?;
    Some(((low, high), end))
}

fn loaded(token: &Token) -> Option<Loaded> {
    let plain = token.plain.as_str();
    let latin = |c: char| c.is_ascii() || matches!(c, '\u{c0}'..='\u{24f}');
    let numeric = plain.chars().any(char::is_numeric);
    if token.percent && numeric {
        Some(Loaded::Percentage)
    } else if plain.chars().any(|c| c.is_ascii_alphabetic()) && !plain.chars().all(latin) {
        Some(Loaded::MixedScript)
    } else if CONFIDENCES.contains(&plain) {
        Some(Loaded::Confidence)
    } else if CERTAINTIES.contains(&plain) {
        Some(Loaded::Certainty)
    } else if NEGATIONS.contains(&plain) {
        Some(Loaded::Negation)
    } else if STRENGTHS.contains(&plain) {
        Some(Loaded::Strength)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
