//! Two revisions side by side: which parts came, went, moved or changed, and in which words.
//!
//! Parts are paired by their names, so that a paragraph that was moved and changed is still the same paragraph. Within a
//! part words are compared by a longest common subsequence; very long parts that differ throughout are shown whole.

use std::collections::BTreeMap;

use super::write::{of_block, of_note};
use super::{Document, Numbers};

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is in both.
    Same,
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It is in both, and not the same.
    Changed,
}

impl Mark {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// What became of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// What it is and its number, before and after.
    pub labels: [Option<String>; 2],
    /// What became of it.
    pub mark: Mark,
    /// Whether it stands elsewhere among the parts that stayed.
    pub moved: bool,
    /// Its words, before and after.
    pub words: Vec<(Mark, String)>,
}

/// Two revisions compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redline {
    /// Each part, in the order of the later one; what went stands where it was.
    pub changes: Vec<Change>,
}

impl Redline {
    /// How many parts have a mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.changes
            .iter()
            .filter(|change| change.mark == mark)
            .count()
    }
}

/// A part as it is compared: name, label, text.
type Row = (String, String, String);

/// More pairs of words than this are not compared.
const PAIRS_MAX: usize = 4_000_000;

/// Compares two revisions.
pub fn redline(before: &Document, after: &Document) -> Redline {
    let (before, after) = (rows(before), rows(after));
    let kept = common(
        &before.iter().map(|row| &row.0).collect::<Vec<_>>(),
        &after.iter().map(|row| &row.0).collect::<Vec<_>>(),
    );
    let stays: Vec<&String> = kept.iter().map(|(at, _)| &before[*at].0).collect();
    let old: BTreeMap<&String, &Row> = before.iter().map(|row| (&row.0, row)).collect();
    let new: BTreeMap<&String, &Row> = after.iter().map(|row| (&row.0, row)).collect();
    let mut changes = Vec::new();
    let mut at = 0;
    let gone = |row: &Row| Change {
        name: row.0.clone(),
        labels: [Some(row.1.clone()), None],
        mark: Mark::Removed,
        moved: false,
        words: vec![(Mark::Removed, row.2.trim_end().to_owned())],
    };
    for row in &after {
        // What went before this part stood there.
        if stays.contains(&&row.0) {
            while at < before.len() && before[at].0 != row.0 {
                if !new.contains_key(&before[at].0) {
                    changes.push(gone(&before[at]));
                }
                at += 1;
            }
            at += 1;
        }
        changes.push(match old.get(&row.0) {
            None => Change {
                name: row.0.clone(),
                labels: [None, Some(row.1.clone())],
                mark: Mark::Added,
                moved: false,
                words: vec![(Mark::Added, row.2.trim_end().to_owned())],
            },
            Some(was) => {
                let mark = if was.2 == row.2 {
                    Mark::Same
                } else {
                    Mark::Changed
                };
                Change {
                    name: row.0.clone(),
                    labels: [Some(was.1.clone()), Some(row.1.clone())],
                    mark,
                    moved: !stays.contains(&&row.0),
                    words: words(was.2.trim_end(), row.2.trim_end()),
                }
            }
        });
    }
    let rest = before.iter().skip(at);
    changes.extend(rest.filter(|row| !new.contains_key(&row.0)).map(gone));
    Redline { changes }
}

fn rows(document: &Document) -> Vec<Row> {
    let numbers = Numbers::of(document);
    let meta = document.meta.iter().map(|meta| {
        let text = meta.text.clone();
        (format!("meta:{}", meta.key), meta.key.clone(), text)
    });
    let blocks = document.blocks.iter().zip(&numbers.blocks);
    let blocks = blocks.map(|(block, label)| {
        let label = format!("{} {label}", block.word()).trim().to_owned();
        (block.id.clone(), label, of_block(block))
    });
    let notes = document.notes.iter().map(|note| {
        let number = numbers.notes.get(&note.id).copied().unwrap_or_default();
        (
            format!("note:{}", note.id),
            format!("footnote {number}"),
            of_note(note),
        )
    });
    let short = document.abbreviations.iter().map(|(short, long)| {
        (
            format!("abbreviation:{short}"),
            format!("abbreviation {short}"),
            long.clone(),
        )
    });
    meta.chain(blocks).chain(notes).chain(short).collect()
}

/// The words of two texts, what they share and what they do not.
fn words(before: &str, after: &str) -> Vec<(Mark, String)> {
    if before == after {
        return vec![(Mark::Same, before.to_owned())];
    }
    let split = |text: &str| -> Vec<String> {
        text.split_inclusive(char::is_whitespace)
            .map(ToOwned::to_owned)
            .collect()
    };
    let (a, b) = (split(before), split(after));
    let mut out: Vec<(Mark, String)> = Vec::new();
    let mut push = |mark: Mark, word: &str| match out.last_mut() {
        Some((last, text)) if *last == mark => text.push_str(word),
        _ => out.push((mark, word.to_owned())),
    };
    if a.len().saturating_mul(b.len()) > PAIRS_MAX {
        push(Mark::Removed, before);
        push(Mark::Added, after);
        return out;
    }
    let (mut i, mut j) = (0, 0);
    let shared = common(&a.iter().collect::<Vec<_>>(), &b.iter().collect::<Vec<_>>());
    for (x, y) in shared.into_iter().chain([(a.len(), b.len())]) {
        a[i..x].iter().for_each(|word| push(Mark::Removed, word));
        b[j..y].iter().for_each(|word| push(Mark::Added, word));
        if let Some(word) = a.get(x) {
            push(Mark::Same, word);
        }
        (i, j) = (x + 1, y + 1);
    }
    out
}

/// A longest common subsequence, as pairs of places; among several the one whose pairs come first.
fn common<T: PartialEq>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut lengths = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i * width + j] = if a[i] == b[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
