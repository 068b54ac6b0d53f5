//! The words of a PDF of ours in the order in which its structure tells them.
//!
//! Page by page, a sentence that goes on over the foot of a page is parted by the notes there and by the lines that stand on
//! every page. The tags of the file tell what belongs together. Notes are told after the part that calls them.

use std::collections::{BTreeMap, BTreeSet};

use crate::Fault;
use crate::read::{Object, Piece, after, unreadable};
use crate::token::Token;

/// What stands below an element: words of a page by their mark, or an element further down.
enum Child {
    Words { page: usize, mark: usize },
    Element { number: usize, page: Option<usize> },
}

/// All words that the structure names, as one. `pages` has the words of each page, by the number of its object.
pub(crate) fn in_order(
    objects: &[Object],
    pages: &BTreeMap<usize, Vec<Piece>>,
) -> Result<String, Fault> {
    let by_number: BTreeMap<usize, &Object> = objects.iter().map(|it| (it.number, it)).collect();
    let root = objects
        .iter()
        .find_map(|object| after(&object.tokens, "StructTreeRoot").and_then(Token::number));
    let root = root.ok_or_else(|| unreadable("it has no structure"))?;
    let mut words = String::new();
    let mut seen = BTreeSet::new();
    let mut notes = Vec::new();
    let mut waiting = vec![Child::Element {
        number: root,
        page: None,
    }];
    // Notes come last: each of them is below a paragraph, and would part its words.
    while let Some(child) = waiting.pop().or_else(|| notes.pop()) {
        match child {
            Child::Words { page, mark } => {
                for piece in pages.get(&page).into_iter().flatten() {
                    if piece.mark == Some(mark) {
                        words.push_str(&piece.text);
                    }
                }
            }
            Child::Element { number, page } => {
                if !seen.insert(number) {
                    return Err(unreadable(format!("element {number} stands twice")));
                }
                let element = by_number.get(&number);
                let element =
                    element.ok_or_else(|| unreadable(format!("element {number} is not there")))?;
                let own_page = own(&element.tokens, "Pg").and_then(|at| element.tokens.get(at));
                let page = own_page.and_then(Token::number).or(page);
                let mut below = children(&element.tokens, page)?;
                below.reverse();
                for child in below {
                    match child {
                        Child::Element { number, .. } if is_note(&by_number, number) => {
                            notes.push(child);
                        }
                        child => waiting.push(child),
                    }
                }
            }
        }
    }
    Ok(words)
}

fn is_note(by_number: &BTreeMap<usize, &Object>, number: usize) -> bool {
    let element = by_number.get(&number);
    element
        .and_then(|it| it.tokens.get(own(&it.tokens, "S")?))
        .is_some_and(|kind| kind.is_name("Note"))
}

/// What `/K` of an element names.
fn children(tokens: &[Token], page: Option<usize>) -> Result<Vec<Child>, Fault> {
    let Some(at) = own(tokens, "K") else {
        return Ok(Vec::new());
    };
    let mut children = Vec::new();
    let is_list = tokens.get(at).is_some_and(|token| token.is("["));
    let mut rest = &tokens[at + usize::from(is_list)..];
    while let Some(token) = rest.first().filter(|token| !token.is("]")) {
        let taken = if token.is("<<") {
            let end = rest.iter().position(|token| token.is(">>"));
            let end = end.ok_or_else(|| unreadable("a part of the structure has no end"))?;
            let inside = &rest[..end];
            if let Some(mark) = after(inside, "MCID").and_then(Token::number) {
                let own = after(inside, "Pg").and_then(Token::number).or(page);
                children.push(words_of(own, mark)?);
            }
            end + 1
        } else {
            let number = token.number();
            let number = number.ok_or_else(|| unreadable("the structure names no number"))?;
            if rest.get(2).is_some_and(|token| token.is("R")) {
                children.push(Child::Element { number, page });
                3
            } else {
                children.push(words_of(page, number)?);
                1
            }
        };
        rest = &rest[taken..];
        if !is_list {
            break;
        }
    }
    Ok(children)
}

fn words_of(page: Option<usize>, mark: usize) -> Result<Child, Fault> {
    let page = page.ok_or_else(|| unreadable("the structure names words of no page"))?;
    Ok(Child::Words { page, mark })
}

/// The place behind a name that is the dictionary's own, and not that of one within.
fn own(tokens: &[Token], name: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.is("<<") {
            depth += 1;
        } else if token.is(">>") {
            depth = depth.saturating_sub(1);
        } else if depth == 1 && token.is_name(name) {
            return Some(at + 1);
        }
    }
    None
}
