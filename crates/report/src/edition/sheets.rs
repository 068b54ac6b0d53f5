//! A report as what stands on paper: a tree of plain words, for whoever sets it in type.
//!
//! A page of paper has no disclosure and no hover: numbers, notes and links are told here as data, and the setter decides
//! where they stand. All foreign text is a string in it and stays one; what hides or reorders others is spelled out.
//!
//! Not here: fonts, lines and pages (`whither-pdf`).

use std::collections::BTreeSet;

use serde_json::{Value as Any, json};

use super::{Laid, Piece, Rendering};
use crate::document::{Block, Body, Run};
use crate::figure::for_paper;
use crate::text::visible;

/// A report as data for paper (`whither.sheets/1`). The same report gives the same tree.
#[must_use]
pub fn sheets(rendering: &Rendering) -> Any {
    let laid = Laid::new(rendering);
    let document = &rendering.document;
    let meta: serde_json::Map<String, Any> = document
        .meta
        .iter()
        .map(|meta| (meta.key.clone(), Any::String(visible(&meta.text))))
        .collect();
    let blocks = document.blocks.iter().zip(&laid.numbers.blocks);
    let mut blocks: Vec<Any> = blocks.map(|(it, label)| block(&laid, it, label)).collect();
    let mut seen = BTreeSet::new();
    blocks.iter_mut().for_each(|it| first_marks(it, &mut seen));
    let mut abbreviations: Vec<&(String, String)> = document.abbreviations.iter().collect();
    abbreviations.sort();
    json!({
        "schema": "whither.sheets/1",
        "meta": meta,
        "handling": visible(&rendering.handling),
        "edition": visible(&rendering.edition),
        "blocks": blocks,
        "notes": document.notes.iter().map(|note| match &note.withheld {
            Some(commitment) => json!([
                {"k": "text", "t": "Withheld in this edition. Committed to by "},
                {"k": "value", "t": visible(commitment)},
            ]),
            None => runs(&laid, &note.runs),
        }).collect::<Vec<_>>(),
        "abbreviations": abbreviations.iter().map(|(short, long)| [visible(short), visible(long)]).collect::<Vec<_>>(),
        "derivations": derivations(&laid),
        "method": rendering.method.iter().map(|(name, said)| [visible(name), visible(said)]).collect::<Vec<_>>(),
    })
}

fn block(laid: &Laid<'_>, block: &Block, label: &str) -> Any {
    let mut of = match &block.body {
        Body::Heading { level, annex, runs } => {
            json!({"level": level, "annex": annex, "runs": self::runs(laid, runs), "plain": plain(laid, runs)})
        }
        Body::Paragraph(runs) | Body::Recommendation(runs) => {
            json!({"runs": self::runs(laid, runs)})
        }
        Body::List(items) => {
            json!({"items": items.iter().map(|runs| self::runs(laid, runs)).collect::<Vec<_>>()})
        }
        Body::Table {
            caption,
            source,
            rows,
        } => {
            let cells = |row: &Vec<Vec<Run>>| -> Vec<Any> {
                row.iter().map(|runs| self::runs(laid, runs)).collect()
            };
            json!({
                "caption": self::runs(laid, caption), "source": self::runs(laid, source),
                "rows": rows.iter().map(cells).collect::<Vec<_>>(),
            })
        }
        Body::Figure {
            caption, source, ..
        } => {
            let drawn = laid.of.drawings.get(&block.id);
            json!({
                "caption": self::runs(laid, caption), "source": self::runs(laid, source), "plain": plain(laid, caption),
                "width": drawn.map(|drawn| drawn.width),
                "svg": drawn.map(|drawn| for_paper(&drawn.svg)),
                "note": drawn.and_then(|drawn| drawn.note.as_deref()).map(visible),
                "table": drawn.map(|drawn| rows(&drawn.table)),
            })
        }
        Body::Withheld { was, commitment } => {
            json!({"was": visible(was), "commitment": visible(commitment)})
        }
    };
    let kind = match &block.body {
        Body::Heading { .. } => "heading",
        Body::Withheld { .. } => "withheld",
        _ => block.word(),
    };
    let remarks = laid
        .of
        .remarks
        .iter()
        .filter(|remark| remark.part == block.id && !block.id.is_empty());
    let remarks: Vec<Any> = remarks
        .map(|remark| json!({"head": visible(&remark.head), "text": visible(&remark.text)}))
        .collect();
    of["kind"] = json!(kind);
    of["label"] = json!(label);
    of["id"] = json!(visible(&block.id));
    of["remarks"] = json!(remarks);
    of
}

fn rows(table: &[Vec<String>]) -> Vec<Vec<String>> {
    let row = |row: &Vec<String>| row.iter().map(|cell| visible(cell)).collect();
    table.iter().map(row).collect()
}

fn derivations(laid: &Laid<'_>) -> Vec<Any> {
    let found = laid
        .derivations
        .iter()
        .filter_map(|key| laid.of.values.get(*key));
    found
        .map(|value| {
            let derived = &value.derived;
            let rows = derived.rows.iter();
            json!({
                "text": visible(&value.text), "reference": visible(&derived.reference), "exact": visible(&derived.exact),
                "rows": rows.map(|(name, said)| [visible(name), visible(said)]).collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// The pieces of a line: each a kind and its words.
fn runs(laid: &Laid<'_>, runs: &[Run]) -> Any {
    let pieces = laid.pieces(runs).map(|piece| match piece {
        Piece::Text(words) => json!({"k": "text", "t": prose(words)}),
        Piece::Stressed(words, 1) => json!({"k": "em", "t": prose(words)}),
        Piece::Stressed(words, _) => json!({"k": "strong", "t": prose(words)}),
        Piece::Link(link) => json!({"k": "link", "t": visible(link)}),
        Piece::Value(value, place) => json!({"k": "value", "t": visible(&value.text), "n": place}),
        Piece::Within(id, found) => {
            json!({"k": "within", "t": format!("{} {}", visible(&found.word), visible(&found.label)), "id": visible(id)})
        }
        Piece::Note(number) => json!({"k": "note", "n": number}),
        Piece::Missing(reference) => {
            json!({"k": "missing", "t": format!("[not computed: {}]", visible(&reference.to_string()))})
        }
    });
    Any::Array(pieces.collect())
}

/// Says of each mark of a note whether it is the first one: there the note stands, at the foot of that page.
fn first_marks(of: &mut Any, seen: &mut BTreeSet<u64>) {
    match of {
        // A map is in order of its names: caption before rows before source, as they stand on the page.
        Any::Object(fields) if fields.get("k").is_some_and(|kind| kind == "note") => {
            let number = fields.get("n").and_then(Any::as_u64).unwrap_or_default();
            fields.insert("first".to_owned(), json!(seen.insert(number)));
        }
        Any::Object(fields) => fields.values_mut().for_each(|it| first_marks(it, seen)),
        Any::Array(items) => items.iter_mut().for_each(|it| first_marks(it, seen)),
        _ => {}
    }
}

/// The words of a line alone: for lists of contents and for those who do not see a figure.
fn plain(laid: &Laid<'_>, runs: &[Run]) -> String {
    laid.pieces(runs)
        .map(|piece| match piece {
            Piece::Text(words) | Piece::Stressed(words, _) => prose(words),
            Piece::Link(link) => visible(link),
            Piece::Value(value, _) => visible(&value.text),
            Piece::Within(_, found) => format!("{} {}", found.word, found.label),
            Piece::Note(_) | Piece::Missing(_) => String::new(),
        })
        .collect()
}

/// Words of the report, with white space as one space.
fn prose(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for c in words.chars() {
        if !c.is_whitespace() {
            plain.push(c);
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    visible(&plain)
}
