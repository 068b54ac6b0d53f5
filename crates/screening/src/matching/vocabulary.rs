//! All words of all listed names, found by likeness.
//!
//! Words stand by length with the letters in them, by which nearly all are ruled out at a glance; the rest are
//! compared. Nothing is missed that [`edit`] would find.
//!
//! How common a word is, is counted within each list by itself: what an entry comes to must not depend on which other
//! lists are there, or one more list would take away what another finds.

use std::collections::{BTreeMap, HashMap}; // order never leaves

use super::abjad::{same as same_word, skeleton};
use super::edit;
use super::name::Token;
use super::shelf::{Shelf, other_firsts};

/// Words that are like one are so many letters shorter or longer at most.
const LENGTHS: usize = 6;

/// In how many entries a word stands.
#[derive(Clone, Debug, Default)]
struct Count {
    /// Of each list that has it: its number and how many entries, in the order of lists.
    lists: Vec<(u32, u32)>,
    /// The last entry that was counted.
    last: Option<u32>,
}

/// Where a listed name stands: its own number, that of its entry, and that of its list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) name: u32,
    pub(super) entry: u32,
    pub(super) list: u32,
}

/// The words of listed names.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    ids: HashMap<Box<str>, u32>, // order never leaves
    words: Vec<Box<str>>,
    /// In how many names each stands.
    postings: Vec<Vec<u32>>,
    /// In which it is a particle or a title.
    light: Vec<Vec<u32>>,
    /// In how many entries each stands.
    entries: Vec<Count>,
    /// By length.
    by_length: Vec<Shelf>,
    /// Words by their consonants: those written without vowels, and all others.
    abjad: BTreeMap<Box<str>, Vec<u32>>,
    vowelled: BTreeMap<Box<str>, Vec<u32>>,
}

impl Vocabulary {
    /// Adds a word of a name. Lists, entries and names come in their order.
    pub(super) fn add(&mut self, token: &Token, place: Place) {
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
        let count = &mut self.entries[id as usize];
        if count.last != Some(place.entry) {
            count.last = Some(place.entry);
            match count.lists.last_mut() {
                Some((list, entries)) if *list == place.list => *entries += 1,
                _ => count.lists.push((place.list, 1)),
            }
        }
        let postings = &mut self.postings[id as usize];
        if postings.last() != Some(&place.name) {
            postings.push(place.name);
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
        self.entries.push(Count::default());
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

    /// In how many entries of a list a word stands.
    #[must_use]
    pub fn frequency(&self, list: u32, word: &str) -> u32 {
        let id = self.ids.get(word).copied();
        let lists: &[(u32, u32)] = id.map_or(&[], |id| self.entries[id as usize].lists.as_slice());
        let found = lists.iter().find(|(of, _)| *of == list);
        found.map_or(0, |(_, entries)| *entries)
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
