//! All words of all listed names, found by likeness.
//!
//! Words stand by length with a mask of the letters in them. A step of editing changes at most two bits of the mask,
//! so most words are ruled out by two instructions; the rest are compared. Nothing is missed that [`edit`] would find.

use std::collections::BTreeMap;

use super::edit;
use super::fold::skeleton;

/// The words of listed names.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    ids: BTreeMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    /// In how many names each stands.
    pub(super) postings: Vec<Vec<u32>>,
    /// In how many entries each stands, and the last of them.
    entries: Vec<(u32, u32)>,
    /// By length: mask and word.
    by_length: Vec<Vec<(u64, u32)>>,
    /// Consonants of words of four letters and more, for words written without vowels.
    skeletons: BTreeMap<Box<str>, Vec<u32>>,
}

impl Vocabulary {
    /// Adds a word of a name of an entry. Entries come in their order.
    pub(super) fn add(&mut self, word: &str, name: u32, entry: u32) {
        let id = match self.ids.get(word) {
            Some(id) => *id,
            None => {
                let id = u32::try_from(self.words.len()).expect("lists have less than 4 G words");
                self.ids.insert(word.into(), id);
                self.words.push(word.into());
                self.postings.push(Vec::new());
                self.entries.push((0, u32::MAX));
                id
            }
        };
        let (count, last) = &mut self.entries[id as usize];
        if *last != entry {
            (*count, *last) = (*count + 1, entry);
        }
        let postings = &mut self.postings[id as usize];
        if postings.last() != Some(&name) {
            postings.push(name);
        }
    }

    /// Makes it ready to be asked.
    pub(super) fn finish(&mut self) {
        let longest = self.words.iter().map(|word| word.len()).max().unwrap_or(0);
        self.by_length = vec![Vec::new(); longest + 1];
        for (word, id) in self.words.iter().zip(0..) {
            self.by_length[word.len()].push((mask(word), id));
            let consonants = skeleton(word);
            if consonants.len() >= 2 {
                self.skeletons
                    .entry(consonants.into())
                    .or_default()
                    .push(id);
            }
        }
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

    /// The words that are like one, with their similarity in thousandths.
    pub(super) fn like(&self, word: &str, abjad: bool) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        if let Some(id) = self.ids.get(word) {
            found.push((*id, 1000));
        }
        if abjad {
            let same = self.skeletons.get(skeleton(word).as_str());
            found.extend(
                same.into_iter()
                    .flatten()
                    .map(|id| (*id, super::score::ABJAD)),
            );
            return found;
        }
        let (length, own) = (word.len(), mask(word));
        for other in length.saturating_sub(3)..=length + 3 {
            let most = edit::budget(length.min(other));
            let apart = length.abs_diff(other);
            if most == 0 || apart * 3 > most {
                continue;
            }
            // The cheapest step costs 3 tenths and changes at most two letters of the mask.
            let bits = 2 * u32::try_from(most / 3).unwrap_or(0);
            for (mask, id) in self.by_length.get(other).map_or(&[][..], Vec::as_slice) {
                if (own ^ mask).count_ones() > bits {
                    continue;
                }
                let similarity = edit::similarity(word, &self.words[*id as usize]);
                if similarity > 0 && similarity < 1000 {
                    found.push((*id, similarity));
                }
            }
        }
        found
    }
}

/// A bit for each letter and digit that a word has.
fn mask(word: &str) -> u64 {
    let bit = |byte: u8| match byte {
        b'a'..=b'z' => 1 << (byte - b'a'),
        b'0'..=b'9' => 1 << (byte - b'0' + 26),
        _ => 1 << 63,
    };
    word.bytes().fold(0, |mask, byte| mask | bit(byte))
}
