//! Which listed names can be meant by a question at all: few of many, so that only those are compared in full.
//!
//! Words of the question lead to listed names through the vocabulary, syllables through surname and given name, a
//! name written in one word through all its letters. A name is left out where neither the question nor the name has half of
//! its weight among words that are like some of the other: by the rules of [`super::score`] it cannot come to
//! [`FLOOR`]. Tests hold that comparing with every name finds no more.

use std::collections::{BTreeMap, BTreeSet, HashMap}; // order never leaves

use super::korean::{self, NONE};
use super::name::{Class, Prepared, Token};
use super::score::weight;
use super::vocabulary::{Place, Vocabulary};

/// The score from which nothing is left out.
pub const FLOOR: u8 = 70;

/// The most words whose likes are kept.
const KEPT_MAX: usize = 200_000;

/// The share of its weight, in hundredths, that one side must find on the other.
const SHARE: u32 = 55;
/// The same where letters stand for words, which no index finds.
const SHARE_WITH_INITIALS: u32 = 25;

/// An index of prepared names, each known by a number.
#[derive(Debug, Default)]
pub(super) struct NameIndex {
    vocabulary: Vocabulary,
    /// Names without their spaces, in both orders, and words that stand side by side.
    joined: HashMap<Box<str>, Vec<u32>>, // order never leaves
    /// Names by the number of their Korean surname.
    surnames: BTreeMap<u16, Vec<u32>>,
    /// Names by the first syllable of their Korean given name.
    given: BTreeMap<u16, Vec<u32>>,
    /// Of each name, how much of it must be found in a question.
    least: Vec<u32>,
}

/// What was found to be like a word.
type Kept = HashMap<Box<str>, Vec<(u32, u32)>>; // order never leaves

/// Scratch space of one who asks; what was found for a word is kept for the next question.
#[derive(Debug, Default)]
pub struct Searcher {
    like: Kept,
    /// The same for words written without vowels.
    like_abjad: Kept,
    sums: Vec<u32>,
    touched: Vec<u32>,
}

impl Searcher {
    fn add(&mut self, names: &[u32], weight: u32) {
        for name in names {
            let sum = &mut self.sums[*name as usize];
            if *sum == 0 {
                self.touched.push(*name);
            }
            *sum += weight;
        }
    }

    /// What is kept of words: only ever looked up.
    fn kept(&mut self, abjad: bool) -> &mut Kept {
        if abjad {
            &mut self.like_abjad
        } else {
            &mut self.like
        }
    }
}

/// What a word weighs in the index; letters and particles are not looked up.
fn indexed(token: &Token) -> Option<u32> {
    (token.class.weight() > 30).then(|| weight(token))
}

/// Whether a word that is not looked up is a name in other names: `Abu`, `Sayed`. The article is none, and stands in
/// thousands.
fn may_be_name(token: &Token) -> bool {
    matches!(token.class, Class::Particle | Class::Title) && &*token.text != "al"
}

/// How much of a name must be found on the other side.
fn least(tokens: &[Token]) -> u32 {
    let whole: u32 = tokens.iter().filter_map(indexed).sum();
    let initials = tokens.iter().any(|token| token.class == Class::Initial);
    whole * if initials { SHARE_WITH_INITIALS } else { SHARE } / 100
}

impl NameIndex {
    /// Adds the next name, of an entry of a list. Lists and entries come in their order.
    pub(super) fn push(&mut self, place: Place, prepared: &Prepared) {
        let number = place.name;
        let tokens = &prepared.tokens;
        for token in tokens {
            if indexed(token).is_some() {
                self.vocabulary.add(token, place);
            } else if may_be_name(token) {
                self.vocabulary.add_light(token, number);
            }
        }
        self.least.push(least(tokens));
        let mut joined = |text: String| {
            let names = self.joined.entry(text.into()).or_default();
            if names.last() != Some(&number) {
                names.push(number);
            }
        };
        if tokens.len() > 1 {
            joined(prepared.compact.clone());
            joined(prepared.core.clone());
            if let Some((first, rest)) = tokens.split_first().filter(|_| tokens.len() < 5) {
                let rest: String = rest.iter().map(|token| &*token.text).collect();
                joined(format!("{rest}{}", first.text));
            }
            for length in [2, 3] {
                for run in tokens.windows(length) {
                    joined(run.iter().map(|token| &*token.text).collect());
                }
            }
        }
        for reading in &prepared.korean {
            let add = |names: &mut Vec<u32>| {
                if names.last() != Some(&number) {
                    names.push(number);
                }
            };
            add(self.surnames.entry(reading.surname).or_default());
            for (code, _) in reading
                .given
                .iter()
                .take(1)
                .flat_map(|(_, choices)| choices)
            {
                add(self.given.entry(*code).or_default());
            }
        }
    }

    /// Makes it ready to be asked.
    pub(super) fn finish(&mut self) {
        self.vocabulary.finish();
    }

    /// In how many entries of a list a word stands.
    pub(super) fn frequency(&self, list: u32, word: &str) -> u32 {
        self.vocabulary.frequency(list, word)
    }

    /// The names that share enough with a question to be compared, in their order.
    pub(super) fn candidates(&self, query: &Prepared, searcher: &mut Searcher) -> Vec<u32> {
        let mut names = self.by_words(query, searcher);
        let mut more = |key: &str| names.extend(self.joined.get(key).into_iter().flatten());
        more(&query.compact);
        more(&query.core);
        for token in query.tokens.iter().filter(|token| token.text.len() >= 5) {
            more(&token.text);
        }
        names.extend(self.vocabulary.named(&query.compact));
        names.extend(self.vocabulary.named(&query.core));
        self.whole_words(query, &mut names);
        self.by_syllables(query, &mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn by_words(&self, query: &Prepared, searcher: &mut Searcher) -> Vec<u32> {
        searcher.sums.resize(self.least.len(), 0);
        for token in &query.tokens {
            let Some(weight) = indexed(token) else {
                if may_be_name(token) {
                    let names = self.vocabulary.named(&token.text);
                    searcher.add(names, Class::Name.weight());
                }
                continue;
            };
            let kept = searcher.kept(token.abjad);
            if kept.len() > KEPT_MAX {
                kept.clear();
            }
            let known = kept.get_mut(&token.text).map(std::mem::take);
            let new = known.is_none();
            let like = known.unwrap_or_else(|| self.vocabulary.like(&token.text, token.abjad));
            for (word, similarity) in &like {
                for names in self.vocabulary.names_with(*word) {
                    searcher.add(names, weight * similarity / 1000);
                }
            }
            let kept = searcher.kept(token.abjad);
            match kept.get_mut(&token.text) {
                Some(place) if !new => *place = like,
                _ => drop(kept.insert(token.text.clone(), like)),
            }
        }
        let least = least(&query.tokens);
        let mut found = Vec::new();
        for name in searcher.touched.drain(..) {
            let sum = std::mem::take(&mut searcher.sums[name as usize]);
            if sum >= least.min(self.least[name as usize]) {
                found.push(name);
            }
        }
        found
    }

    /// Names of which one word is several of the question: `van der Bilt`.
    fn whole_words(&self, query: &Prepared, names: &mut Vec<u32>) {
        for length in 2..=query.tokens.len().min(4) {
            for run in query.tokens.windows(length) {
                let text: String = run.iter().map(|token| &*token.text).collect();
                if text.len() >= 5 {
                    names.extend(self.vocabulary.named(&text));
                }
            }
        }
    }

    /// Names of a surname that can be the same, and those without one; of a question without a surname, names whose
    /// given name begins alike.
    fn by_syllables(&self, query: &Prepared, names: &mut Vec<u32>) {
        let mut surnames = BTreeSet::new();
        for reading in &query.korean {
            if reading.surname != NONE {
                surnames.insert(NONE);
                surnames.extend(korean::like_surname(reading.surname));
                continue;
            }
            for (code, _) in reading
                .given
                .iter()
                .take(1)
                .flat_map(|(_, choices)| choices)
            {
                names.extend(self.given.get(code).into_iter().flatten());
            }
        }
        for surname in surnames {
            names.extend(self.surnames.get(&surname).into_iter().flatten());
        }
    }
}
