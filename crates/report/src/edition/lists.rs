//! What stands around the text of a report: contents, remarks, recommendations once more, footnotes, abbreviations,
//! derivations, and what it takes to compute it again.
//!
//! Each leaves itself out when it has nothing to say.

use super::html::{foreign, inline, put, text};
use super::{Laid, Rendering};
use crate::document::{Body, Numbers};
use crate::text::escape_html;

/// Sections and annexes, with the paragraphs where they begin.
pub(super) fn contents(out: &mut String, laid: &Laid<'_>) {
    let document = &laid.of.document;
    let rows: Vec<String> = document
        .blocks
        .iter()
        .zip(&laid.numbers.blocks)
        .enumerate()
        .filter_map(|(at, (block, label))| {
            let (words, annex) = match &block.body {
                Body::Heading {
                    level: 1,
                    annex,
                    runs,
                } => (inline(laid, runs), *annex),
                _ => return None,
            };
            let number = if annex {
                format!("Annex {label}.")
            } else {
                format!("{label}.")
            };
            let first = first_paragraph(&laid.numbers, document.blocks.get(at + 1..)?, at + 1);
            let first = first.map(|label| format!(" <span class=\"first\">para. {label}</span>"));
            Some(format!(
                "<li>{number} <a href=\"#part-{}\">{}</a>{}</li>\n",
                escape_html(&block.id),
                without_links(&words),
                first.unwrap_or_default()
            ))
        })
        .collect();
    if rows.len() > 1 {
        put(
            out,
            format_args!(
                "<nav aria-label=\"Contents\">\n<h2>Contents</h2>\n<ul>\n{}</ul>\n</nav>\n",
                rows.concat()
            ),
        );
    }
}

fn first_paragraph(
    numbers: &Numbers,
    rest: &[crate::document::Block],
    from: usize,
) -> Option<String> {
    let next = rest.iter().position(|block| {
        matches!(block.body, Body::Heading { level: 1, .. }) || block.word() == "paragraph"
    })?;
    (rest[next].word() == "paragraph").then(|| numbers.blocks[from + next].clone())
}

/// Words of a heading without the links in it: a link holds no link.
fn without_links(words: &str) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('>').map_or("", |(_, after)| after);
    }
    out + rest
}

/// What people said of a part.
pub(super) fn remarks(out: &mut String, laid: &Laid<'_>, id: &str) {
    let remarks = laid
        .of
        .remarks
        .iter()
        .filter(|remark| remark.part == id && !id.is_empty());
    for remark in remarks {
        put(
            out,
            format_args!(
                "<aside class=\"remark\" aria-label=\"Remark\"><b>{}</b> {}</aside>\n",
                foreign(&remark.head),
                foreign(&remark.text)
            ),
        );
    }
}

/// All recommendations once more, as panels do.
pub(super) fn recommendations(out: &mut String, laid: &Laid<'_>) {
    let blocks = laid.of.document.blocks.iter().zip(&laid.numbers.blocks);
    let rows: Vec<String> = blocks
        .filter_map(|(block, label)| match &block.body {
            Body::Recommendation(runs) => Some(format!(
                "<li>{label}. {} (<a href=\"#part-{}\">where it stands</a>)</li>\n",
                inline(laid, runs),
                escape_html(&block.id)
            )),
            _ => None,
        })
        .collect();
    section(out, "recommendations", "Recommendations", "ul", &rows);
}

/// Footnotes.
pub(super) fn notes(out: &mut String, laid: &Laid<'_>) {
    let rows: Vec<String> = laid
        .of
        .document
        .notes
        .iter()
        .zip(1..)
        .map(|(note, number)| {
            let words = match &note.withheld {
                Some(commitment) => format!(
                    "Withheld in this edition. Committed to by <code>{}</code>.",
                    text(commitment)
                ),
                None => inline(laid, &note.runs),
            };
            format!("<li id=\"note-{number}\">{words}</li>\n")
        })
        .collect();
    section(out, "notes", "Notes", "ol", &rows);
}

/// Abbreviations.
pub(super) fn abbreviations(out: &mut String, laid: &Laid<'_>) {
    let mut all: Vec<&(String, String)> = laid.of.document.abbreviations.iter().collect();
    all.sort();
    let rows: Vec<String> = all
        .iter()
        .map(|(short, long)| format!("<dt>{}</dt><dd>{}</dd>\n", text(short), text(long)))
        .collect();
    section(out, "abbreviations", "Abbreviations", "dl", &rows);
}

/// How each figure was come to.
pub(super) fn derivations(out: &mut String, laid: &Laid<'_>) {
    let rows: Vec<String> = laid
        .derivations
        .iter()
        .zip(1..)
        .filter_map(|(key, number)| {
            let value = laid.of.values.get(*key)?;
            let mut row = format!(
                "<li id=\"d{number}\" tabindex=\"-1\"><b>{}</b>\n<dl>",
                foreign(&value.text)
            );
            let derived = &value.derived;
            let head = [
                ("Reference", &derived.reference),
                ("Exactly", &derived.exact),
            ];
            for (name, said) in head {
                put(
                    &mut row,
                    format_args!("<div><dt>{name}</dt><dd>{}</dd></div>", foreign(said)),
                );
            }
            for (name, said) in &derived.rows {
                put(
                    &mut row,
                    format_args!(
                        "<div><dt>{}</dt><dd>{}</dd></div>",
                        text(name),
                        foreign(said)
                    ),
                );
            }
            row.push_str("</dl></li>\n");
            Some(row)
        })
        .collect();
    section(
        out,
        "derivations",
        "How each figure was computed",
        "ol",
        &rows,
    );
}

/// What it takes to compute the report again.
pub(super) fn method(out: &mut String, rendering: &Rendering) {
    let rows: Vec<String> = rendering
        .method
        .iter()
        .map(|(name, said)| format!("<dt>{}</dt><dd>{}</dd>\n", text(name), foreign(said)))
        .collect();
    section(out, "method", "To compute this report again", "dl", &rows);
}

fn section(out: &mut String, id: &str, title: &str, tag: &str, rows: &[String]) {
    if rows.is_empty() {
        return;
    }
    put(
        out,
        format_args!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-h\">\n<h2 id=\"{id}-h\">{title}</h2>\n<{tag}>\n{}</{tag}>\n</section>\n",
            rows.concat()
        ),
    );
}
