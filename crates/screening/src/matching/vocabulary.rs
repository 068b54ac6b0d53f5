//! All words of all listed names, found by likeness.
//!
//! Words stand by length with the letters in them, by which nearly all are ruled out at a glance; the rest are
//! compared. Nothing is missed that [`edit`] would find.

use std::collections::{BTreeMap, HashMap}; // order never leaves

use super::abjad::{same as same_word, skeleton};
use super::edit;
use super::name::Token;
use super::shelf::{Shelf, other_firsts};

/// Words that are like one are so many letters shorter or longer at most.
const LENGTHS: usize = 6;

/// The words of listed names.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    ids: HashMap<Box<str>, u32>, // order never leaves
    words: Vec<Box<str>>,
    /// In how many names each stands.
    postings: Vec<Vec<u32>>,
    /// In which it is a particle or a title.
    light: Vec<Vec<u32>>,
    /// In how many entries each stands, and the last of them.
    entries: Vec<(u32, u32)>,
    /// By length.
    by_length: Vec<Shelf>,
    /// Words by their consonants: those written without vowels, and all others.
    abjad: BTreeMap<Box<str>, Vec<u32>>,
    vowelled: BTreeMap<Box<str>, Vec<u32>>,
}

impl Vocabulary {
    /// Adds a word of a name of an entry. Entries come in their order.
    pub(super) fn add(&mut self, token: &Token, name: u32, entry: u32) {
        let word = &*token.text;
        let id = self.id(word);
        let by_consonants = if token.abjad {
            &mut self.abjad
        } else {
            &mut self.vowelled
        };
        let words = by_consonants.entry(skeleton(word).into()).or_default();
        if !words.contains(&id) {
            words.push(id);
        }
        let (count, last) = &mut self.entries[id as usize];
        if *last != entry {
            (*count, *last) = (*count + 1, entry);
        }
        let postings = &mut self.postings[id as usize];
        if postings.last() != Some(&name) {
            postings.push(name);
        }
    }

    /// Adds a particle or a title of a name.
    pub(super) fn add_light(&mut self, token: &Token, name: u32) {
        let id = self.id(&token.text);
        let names = &mut self.light[id as usize];
        if names.last() != Some(&name) {
            names.push(name);
        }
    }

    fn id(&mut self, word: &str) -> u32 {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = u32::try_from(self.words.len()).expect("lists have less than 4 G words");
        self.ids.insert(word.into(), id);
        self.words.push(word.into());
        self.postings.push(Vec::new());
        self.light.push(Vec::new());
        self.entries.push((0, u32::MAX));
        id
    }

    /// Makes it ready to be asked.
    pub(super) fn finish(&mut self) {
        let longest = self.words.iter().map(|word| word.len()).max().unwrap_or(0);
        let mut by_length = vec![Vec::new(); longest + 1];
        for (word, id) in self.words.iter().zip(0..) {
            by_length[word.len()].push((&**word, id));
        }
        let shelves = by_length.into_iter().enumerate();
        self.by_length = shelves
            .map(|(length, words)| Shelf::of(length, words))
            .collect();
    }

    /// In how many entries a word stands.
    #[must_use]
    pub fn frequency(&self, word: &str) -> u32 {
        let id = self.ids.get(word).copied();
        id.map_or(0, |id| self.entries[id as usize].0)
    }

    /// The names that have a word.
    pub(super) fn named(&self, word: &str) -> &[u32] {
        let id = self.ids.get(word).copied();
        id.map_or(&[], |id| self.postings[id as usize].as_slice())
    }

    /// The names that have a word, by its number: as a name, and as a particle or a title.
    pub(super) fn names_with(&self, word: u32) -> [&[u32]; 2] {
        [&self.postings[word as usize], &self.light[word as usize]]
    }

    /// The words that are like one, with their similarity in thousandths.
    pub(super) fn like(&self, word: &str, abjad: bool) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        if let Some(id) = self.ids.get(word) {
            found.push((*id, 1000));
        }
        let others = if abjad { &self.vowelled } else { &self.abjad };
        let same = others.get(skeleton(word).as_str()).into_iter().flatten();
        let same = same.filter(|id| {
            let other = &self.words[**id as usize];
            if abjad {
                same_word(word, other)
            } else {
                same_word(other, word)
            }
        });
        found.extend(same.map(|id| (*id, super::score::ABJAD)));
        for length in word.len().saturating_sub(LENGTHS)..=word.len() + LENGTHS {
            if let Some(shelf) = self.by_length.get(length) {
                shelf.like(word, &mut found);
            }
        }
        other_firsts(word, &mut |other| {
            if let Some(id) = self.ids.get(other) {
                let similarity = edit::similarity(word, other);
                found.extend((similarity > 0).then_some((*id, similarity)));
            }
        });
        found
    }
}
