//! What OFAC's Sanctions List Search would say of a name: the published method, in integers.
//!
//! After OFAC's FAQ 249 and what others measured of the tool. Two scores, the better counts: the whole text by
//! Jaro-Winkler in SimMetrics' way (no gate), only where the first letters are equal; and the mean over the words of
//! the question of the best standard Jaro-Winkler (boost from .7 on) among the entry's words, nothing under .5. Words
//! of up to two letters are dropped unless none is left. Names alone count (FAQ 251).
//!
//! It is shown so that a difference from that tool can be explained. It decides nothing: it drops `UN` from
//! `KIM JONG UN` and so hits five people at 100.

/// The tool's slider begins at 50; what does not come to it is not shown, and is 0 here.
const SHOWN_FROM: u8 = 50;
/// Fractions of a score of 1.
const ONE: u64 = 1_000_000;

/// The score of 0 to 100 that the tool would show for a question and a name of an entry.
#[must_use]
pub fn score(query: &str, name: &str) -> u8 {
    Question::new(query).score(name)
}

/// A question, prepared.
#[derive(Clone, Debug)]
pub struct Question {
    whole: Vec<char>,
    words: Vec<Vec<char>>,
}

impl Question {
    /// Prepares a question.
    #[must_use]
    pub fn new(query: &str) -> Self {
        let all = words(query);
        let long: Vec<Vec<char>> = all.iter().filter(|word| word.len() > 2).cloned().collect();
        Self {
            whole: joined(&all),
            words: if long.is_empty() { all } else { long },
        }
    }

    /// The score against one name.
    #[must_use]
    pub fn score(&self, name: &str) -> u8 {
        let theirs = words(name);
        if self.words.is_empty() || theirs.is_empty() {
            return 0;
        }
        let whole = joined(&theirs);
        let by_whole = if self.whole.first() == whole.first() {
            winkler(&self.whole, &whole, 0)
        } else {
            0
        };
        let best = |word: &Vec<char>| {
            // The tool does not find a word in one of twice its length.
            let near = theirs
                .iter()
                .filter(|other| word.len().min(other.len()) * 2 > word.len().max(other.len()));
            let found = near.map(|other| winkler(word, other, 700_000)).max();
            found.filter(|score| *score >= 500_000).unwrap_or(0)
        };
        let by_words = self.words.iter().map(best).sum::<u64>() / self.words.len() as u64;
        let score = (by_whole.max(by_words) * 100 + ONE / 2) / ONE;
        u8::try_from(score)
            .ok()
            .filter(|score| *score >= SHOWN_FROM)
            .unwrap_or(0)
    }
}

/// Upper-case words, punctuation deleted.
fn words(text: &str) -> Vec<Vec<char>> {
    text.split(|c: char| c.is_whitespace() || c == '-')
        .map(|word| {
            word.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_uppercase)
                .take(64)
                .collect()
        })
        .filter(|word: &Vec<char>| !word.is_empty())
        .take(32)
        .collect()
}

fn joined(words: &[Vec<char>]) -> Vec<char> {
    words.join(&' ')
}

/// Jaro-Winkler; the boost is given from a Jaro score of `gate` on.
fn winkler(one: &[char], other: &[char], gate: u64) -> u64 {
    let jaro = jaro(one, other);
    if jaro < gate {
        return jaro;
    }
    let equal = one.iter().zip(other).take(4).take_while(|(a, b)| a == b);
    let prefix = equal.count() as u64;
    jaro + prefix * (ONE - jaro) / 10
}

fn jaro(one: &[char], other: &[char]) -> u64 {
    if one.is_empty() || other.is_empty() {
        return 0;
    }
    if one == other {
        return ONE;
    }
    let reach = (one.len().max(other.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; other.len()];
    let mut ours = Vec::new();
    for (at, c) in one.iter().enumerate() {
        let from = at.saturating_sub(reach);
        let to = (at + reach + 1).min(other.len());
        if let Some(found) = (from..to).find(|place| !taken[*place] && other[*place] == *c) {
            taken[found] = true;
            ours.push(*c);
        }
    }
    if ours.is_empty() {
        return 0;
    }
    let theirs = other.iter().zip(&taken).filter(|(_, taken)| **taken);
    let moved = theirs
        .zip(&ours)
        .filter(|((theirs, _), ours)| *theirs != *ours)
        .count() as u64;
    let common = ours.len() as u64;
    let share = |length: usize| common * ONE / length as u64;
    let kept = (common * 2 - moved) * ONE / (common * 2);
    (share(one.len()) + share(other.len()) + kept) / 3
}
