//! Running numbers: paragraphs through the whole body, sections in Roman numerals, tables, figures, recommendations,
//! annexes, footnotes.
//!
//! What an edition withholds keeps its number, so that "paragraph 12" is the same in every edition. Footnotes are
//! numbered as they are defined; the form that is kept has them in the order of their marks.

use std::collections::BTreeMap;

use super::{Block, Body, Document};

/// The numbers of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Of each part, in order; empty where it has none.
    pub blocks: Vec<String>,
    /// What a name stands for.
    pub by_id: BTreeMap<String, Numbered>,
    /// Of footnotes, by name.
    pub notes: BTreeMap<String, usize>,
    /// How many paragraphs the body has.
    pub paragraphs: usize,
}

/// A part that has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// What it is: `paragraph`, `table`, …
    pub word: String,
    /// Its number.
    pub label: String,
}

impl Numbers {
    /// Numbers a report.
    pub fn of(document: &Document) -> Self {
        let mut numbers = Self::default();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut annex: Option<usize> = None;
        for block in &document.blocks {
            let word = block.word().to_owned();
            if let Body::Heading {
                level: 1,
                annex: begins,
                ..
            } = &block.body
            {
                annex = begins.then(|| counts.get("annex").copied().unwrap_or_default() + 1);
                counts.insert("annex paragraph".to_owned(), 0);
            }
            let label = label(block, &word, annex, &mut counts);
            if !block.id.is_empty() {
                let numbered = Numbered {
                    word,
                    label: label.clone(),
                };
                numbers.by_id.insert(block.id.clone(), numbered);
            }
            numbers.blocks.push(label);
        }
        numbers.paragraphs = counts.get("paragraph").copied().unwrap_or_default();
        let notes = document.notes.iter().zip(1..);
        numbers.notes = notes
            .map(|(note, number)| (note.id.clone(), number))
            .collect();
        numbers
    }
}

fn label(
    block: &Block,
    word: &str,
    annex: Option<usize>,
    counts: &mut BTreeMap<String, usize>,
) -> String {
    let mut next = |what: &str| {
        let count = counts.entry(what.to_owned()).or_default();
        *count += 1;
        *count
    };
    match word {
        "section" => roman(next("section")),
        "paragraph" => match annex {
            Some(annex) => format!("{annex}.{}", next("annex paragraph")),
            None => next("paragraph").to_string(),
        },
        "annex" | "table" | "figure" | "recommendation" => next(word).to_string(),
        _ => {
            debug_assert!(!block.is_numbered(), "each kind with a number is above");
            String::new()
        }
    }
}

/// A Roman numeral, as sections have them.
fn roman(mut number: usize) -> String {
    const DIGITS: &[(usize, &str)] = &[
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut text = String::new();
    for (value, digit) in DIGITS {
        while number >= *value {
            text.push_str(digit);
            number -= value;
        }
    }
    text
}
