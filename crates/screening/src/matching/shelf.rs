//! Words of one length side by side, so that those which are like another are found without comparing with each.
//!
//! Words stand by how they begin, then by the letters they have. To change the first letter for one that it has nothing in
//! common with, to leave it out, to put one before it or to turn the first two round costs so much that short words may
//! differ in nothing else; these few are made and looked up ([`other_firsts`]), and only words that begin nearly alike are
//! gone through. Nothing is missed that [`edit`](super::edit) would find: a test holds it.

use super::edit::{
    FAR, LONGEST, Letters, SIGNS, TRANSPOSED, budget, exchange, is_vowel, sign, similar, write_gaps,
};

/// From this cost on of what is done with the first letter, a budget of [`ONE_STEP`] leaves less than any edit costs.
const WHOLE: u8 = 8;
/// The budget of words that may differ by one step.
const ONE_STEP: usize = 10;
/// How words begin whose first letter costs little to leave out.
const LIGHT: usize = SIGNS;

/// Words of one length with their letters and what each costs to leave out.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    length: usize,
    /// How the words of a block begin, and where its groups end.
    blocks: Vec<(usize, usize)>,
    /// The letters from `l` to `v` that a group shares, and where its words end: most are ruled out by the group.
    groups: Vec<(u16, usize)>,
    letters: Vec<Letters>,
    ids: Vec<u32>,
    texts: Vec<u8>,
    gaps: Vec<u8>,
}

/// How a word begins: by its first letter, or lightly.
fn beginning(word: &[u8]) -> usize {
    let next = word.get(1).copied().unwrap_or_default();
    match word.first() {
        Some(b'y' | b'i') if is_vowel(next) => LIGHT,
        Some(b't') if next == b'z' => LIGHT,
        Some(first) => sign(*first),
        None => LIGHT,
    }
}

/// Whether words that begin so can be like each other by more than [`other_firsts`].
fn near(one: usize, other: usize) -> bool {
    let letter = |at: usize| b'a' + u8::try_from(at).unwrap_or_default();
    one == other
        || one == LIGHT
        || other == LIGHT
        || one < SIGNS - 1 && other < SIGNS - 1 && exchange(letter(one), letter(other)) < WHOLE
}

impl Shelf {
    /// Puts words of a length side by side, each with its number.
    #[must_use]
    pub fn of(length: usize, mut words: Vec<(&str, u32)>) -> Self {
        let mut shelf = Self {
            length,
            ..Self::default()
        };
        let key = |word: &str| (beginning(word.as_bytes()), Letters::of(word).shared());
        words.sort_by_cached_key(|(word, id)| (key(word), *id));
        for (word, id) in words {
            let letters = Letters::of(word);
            let (beginning, shared) = key(word);
            let new = shelf
                .blocks
                .last()
                .is_none_or(|(last, _)| *last != beginning);
            shelf.letters.push(letters);
            match shelf.groups.last_mut() {
                Some((last, end)) if !new && *last == shared => *end += 1,
                _ => shelf.groups.push((shared, shelf.letters.len())),
            }
            if new {
                shelf.blocks.push((beginning, 0));
            }
            if let Some((_, end)) = shelf.blocks.last_mut() {
                *end = shelf.groups.len();
            }
            shelf.ids.push(id);
            shelf.texts.extend(word.as_bytes());
            let start = shelf.gaps.len();
            shelf.gaps.resize(start + length, 0);
            if length <= LONGEST {
                write_gaps(word.as_bytes(), &mut shelf.gaps[start..]);
            }
        }
        shelf
    }

    /// Adds the words that are like one, and not the same, with their similarity; but for those of [`other_firsts`].
    pub fn like(&self, word: &str, found: &mut Vec<(u32, u32)>) {
        let (length, other) = (word.len(), self.length);
        let most = budget(length.min(other));
        if most == 0 || length.abs_diff(other) * 3 > most || length.max(other) > LONGEST {
            return;
        }
        let own = Letters::of(word);
        let begins = beginning(word.as_bytes());
        let mut room = [0; LONGEST];
        write_gaps(word.as_bytes(), &mut room);
        let one = (word.as_bytes(), &room[..length]);
        let own_shared = own.shared();
        let (mut first_group, mut start) = (0, 0);
        for (block, last_group) in &self.blocks {
            let groups = &self.groups[first_group..*last_group];
            first_group = *last_group;
            let whole = groups.last().map_or(start, |(_, end)| *end);
            if most <= ONE_STEP && !near(begins, *block) {
                start = whole;
                continue;
            }
            for (shared, end) in groups {
                let group = start..*end;
                start = *end;
                let spent = Letters::shared_cost(own_shared, *shared);
                if spent > 2 * most {
                    continue;
                }
                let left = 2 * most - spent;
                for at in group.filter(|at| own.rest_within(self.letters[*at], left)) {
                    let range = at * other..(at + 1) * other;
                    let text = &self.texts[range.clone()];
                    let two = (text, &self.gaps[range]);
                    if ends(one, two) > most || text == word.as_bytes() {
                        continue;
                    }
                    let similarity = similar(one, two, most);
                    if similarity > 0 {
                        found.push((self.ids[at], similarity));
                    }
                }
            }
        }
    }
}

/// Words that may be like one and that [`Shelf::like`] passes over: those which differ from it in how they begin alone.
pub fn other_firsts(word: &str, visit: &mut dyn FnMut(&str)) {
    let begins = beginning(word.as_bytes());
    let Some(rest) = word.get(1..) else {
        return;
    };
    let mut tell = |other: &str| {
        let most = budget(word.len().min(other.len()));
        if most == ONE_STEP && !near(begins, beginning(other.as_bytes())) {
            visit(other);
        }
    };
    tell(rest);
    let mut other = String::with_capacity(word.len() + 1);
    for first in (b'a'..=b'z').chain(b'0'..=b'9') {
        for behind in [rest, word] {
            other.clear();
            other.push(char::from(first));
            other.push_str(behind);
            tell(&other);
        }
    }
    if let (Some(first), Some(second), Some(behind)) =
        (word.get(..1), word.get(1..2), word.get(2..))
        && first != second
    {
        tell(&format!("{second}{first}{behind}"));
    }
}

/// What the ends of two words of three letters and more cost at least. Whatever turns one into the other does something
/// with the first letters, and something else with the last: exchanges them, leaves one out, or turns two round.
fn ends(one: (&[u8], &[u8]), other: (&[u8], &[u8])) -> usize {
    let end = |at: usize, next: usize, to: usize, and: usize| -> u8 {
        let (a, b) = (one.0[at], other.0[to]);
        if a == b {
            return 0;
        }
        let turned = a == other.0[and] && b == one.0[next];
        let turned = if turned { TRANSPOSED } else { FAR };
        exchange(a, b).min(turned).min(one.1[at]).min(other.1[to])
    };
    let (last, final_) = (one.0.len() - 1, other.0.len() - 1);
    usize::from(end(0, 1, 0, 1)) + usize::from(end(last, last - 1, final_, final_ - 1))
}

#[cfg(test)]
mod tests {
    use super::super::edit::similarity;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Words that are like one, by shelves and by what is made of it, and by comparing with each.
    fn both(word: &str, all: &[String]) -> [BTreeMap<String, u32>; 2] {
        let mut shelves: BTreeMap<usize, Vec<(&str, u32)>> = BTreeMap::new();
        for (other, id) in all.iter().zip(0..) {
            shelves.entry(other.len()).or_default().push((other, id));
        }
        let mut found = Vec::new();
        for (length, words) in shelves {
            Shelf::of(length, words).like(word, &mut found);
        }
        let mut by_shelf: Vec<(String, u32)> = found
            .iter()
            .map(|(id, similarity)| {
                (
                    all[usize::try_from(*id).expect("a word of the list")].clone(),
                    *similarity,
                )
            })
            .collect();
        other_firsts(word, &mut |other| {
            let similarity = similarity(word, other);
            if similarity > 0 && all.iter().any(|one| one == other) {
                by_shelf.push((other.to_owned(), similarity));
            }
        });
        let count = by_shelf.len();
        let by_shelf: BTreeMap<String, u32> = by_shelf.into_iter().collect();
        assert_eq!(by_shelf.len(), count, "{word}: a word was found twice");
        let each = all.iter().filter(|other| *other != word).map(|other| {
            let similarity = similarity(word, other);
            (other.clone(), similarity)
        });
        [
            by_shelf,
            each.filter(|(_, similarity)| *similarity > 0).collect(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn shelves_find_what_comparing_with_each_finds(
            word in "[a-z0-9]{0,2}[aeiytzhmkn]{2,8}",
            changes in proptest::collection::vec(proptest::collection::vec((0_usize..10, 0_u8..4, "[a-z0-9]"), 0..4), 1..40),
        ) {
            let mut all: Vec<String> = changes.into_iter().map(|edits| changed(&word, edits)).collect();
            all.sort();
            all.dedup();
            all.retain(|other| !other.is_empty());
            let [by_shelf, each] = both(&word, &all);
            prop_assert_eq!(by_shelf, each);
        }
    }

    fn changed(word: &str, edits: Vec<(usize, u8, String)>) -> String {
        let mut other = word.to_owned();
        for (at, what, letter) in edits {
            // Half of the changes are at the beginning.
            let at = at.saturating_sub(5).min(other.len());
            match what {
                0 => other.insert_str(at, &letter),
                1 if at < other.len() => drop(other.remove(at)),
                2 if at < other.len() => other.replace_range(at..=at, &letter),
                _ if at > 0 && at < other.len() => {
                    let letter = other.remove(at);
                    other.insert(at - 1, letter);
                }
                _ => {}
            }
        }
        other
    }

    #[test]
    fn words_that_begin_otherwise_are_found() {
        let all: Vec<String> = [
            "naria", "aria", "amria", "rmaria", "yaria", "varia", "smaria",
        ]
        .map(str::to_owned)
        .into();
        let [by_shelf, each] = both("maria", &all);
        assert_eq!(by_shelf, each);
        assert!(
            each.contains_key("amria") && each.contains_key("smaria"),
            "{each:?}"
        );
    }
}
