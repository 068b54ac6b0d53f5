//! One text, several editions: what an edition may not show is taken out, and committed to.
//!
//! A part is above an edition if its mark is, or the mark of the heading it stands under. A part without a mark is the
//! report's own text, and is shown. A footnote that only withheld parts have a mark of goes with them. In its place stands
//! the hash that the caller makes of the text with a salt, so that it can be opened later, alone.

use std::collections::BTreeSet;

use super::write::{of_block, of_note};
use super::{Block, Body, Document, Run};

/// What was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its name: `p-1`, or `note:n1`.
    pub name: String,
    /// What it was: `paragraph`, `table`, `footnote`, …
    pub word: String,
    /// Its mark.
    pub handling: String,
    /// Its text, in the form that is kept.
    pub text: String,
    /// The hash that commits to it.
    pub commitment: String,
}

/// How closed a mark is, from 0.
fn closed(mark: &str) -> usize {
    let marks = [
        "TLP:CLEAR",
        "TLP:GREEN",
        "TLP:AMBER",
        "TLP:AMBER+STRICT",
        "TLP:RED",
    ];
    // An unknown mark is as closed as can be.
    marks
        .iter()
        .position(|known| *known == mark)
        .unwrap_or(marks.len())
}

/// A copy without what is above `ceiling`, a mark of TLP 2.0; `commit` makes the hash of a piece, by its name and text.
pub fn redact(
    document: &Document,
    ceiling: &str,
    commit: &dyn Fn(&str, &str) -> String,
) -> (Document, Vec<Piece>) {
    let mut edition = document.clone();
    let mut pieces = Vec::new();
    // The mark of each heading that is open, by level.
    let mut headings: [Option<String>; 3] = [None, None, None];
    let mut shown: BTreeSet<String> = BTreeSet::new();
    let mut hidden: BTreeSet<String> = BTreeSet::new();
    for block in &mut edition.blocks {
        if let Body::Heading { level, .. } = &block.body {
            for slot in headings.iter_mut().skip(level - 1) {
                *slot = None;
            }
            headings[level - 1].clone_from(&block.handling);
        }
        let marks = headings.iter().flatten().chain(&block.handling);
        let mark = marks.max_by_key(|mark| closed(mark)).cloned();
        let withheld = mark.filter(|mark| closed(mark) > closed(ceiling));
        marks_of(
            block,
            if withheld.is_some() {
                &mut hidden
            } else {
                &mut shown
            },
        );
        let Some(handling) = withheld else { continue };
        if matches!(block.body, Body::Withheld { .. }) {
            continue;
        }
        let text = of_block(block);
        let commitment = commit(&block.id, &text);
        let was = block.word().to_owned();
        pieces.push(Piece {
            name: block.id.clone(),
            word: was.clone(),
            handling: handling.clone(),
            text,
            commitment: commitment.clone(),
        });
        block.handling = Some(handling);
        block.body = Body::Withheld { was, commitment };
    }
    for note in &mut edition.notes {
        let above = note.handling.as_deref();
        let above = above.filter(|mark| closed(mark) > closed(ceiling));
        let alone = hidden.contains(&note.id) && !shown.contains(&note.id);
        if note.withheld.is_some() || above.is_none() && !alone {
            continue;
        }
        let name = format!("note:{}", note.id);
        let text = of_note(note);
        let commitment = commit(&name, &text);
        pieces.push(Piece {
            name,
            word: "footnote".to_owned(),
            handling: above.unwrap_or("of its paragraph").to_owned(),
            text,
            commitment: commitment.clone(),
        });
        note.withheld = Some(commitment);
        note.runs.clear();
    }
    (edition, pieces)
}

/// The marks of footnotes in a part.
fn marks_of(block: &Block, into: &mut BTreeSet<String>) {
    block.each_runs(&mut |runs| {
        for run in runs {
            if let Run::NoteMark(id, _) = run {
                into.insert(id.clone());
            }
        }
    });
}

/// The text of a part, by its name.
pub fn whole(document: &Document, id: &str) -> Option<String> {
    let block = document.blocks.iter().find(|block| block.id == id)?;
    Some(of_block(block))
}
