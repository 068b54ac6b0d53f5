//! A report as one HTML file that loads nothing.
//!
//! A number in a sentence is a link to its derivation, at the end of the same file: it needs no script, prints, and works
//! years later. All foreign text is escaped here and nowhere else.

use std::fmt::Write as _;

use super::lists;
use super::{Drawn, Laid, Piece, Rendering};
use crate::document::{Block, Body, Run};
use crate::figure::chart::WIDTH;
use crate::text::{escape_html, looks_like_address, visible};

/// Forbids every request, script and frame; only the page's own style counts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Renders a report. The same report gives the same bytes.
pub fn html(rendering: &Rendering) -> String {
    let laid = Laid::new(rendering);
    let title = text(rendering.document.meta("title").unwrap_or_default());
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n",
        include_str!("report.css"),
    );
    masthead(&mut out, rendering, &title);
    lists::contents(&mut out, &laid);
    out.push_str("<main id=\"main\">\n");
    for (block, label) in rendering.document.blocks.iter().zip(&laid.numbers.blocks) {
        self::block(&mut out, &laid, block, label);
    }
    lists::recommendations(&mut out, &laid);
    lists::notes(&mut out, &laid);
    lists::abbreviations(&mut out, &laid);
    lists::derivations(&mut out, &laid);
    lists::method(&mut out, rendering);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Symbol, distribution, date, title: the head of a document of the United Nations.
fn masthead(out: &mut String, rendering: &Rendering, title: &str) {
    let document = &rendering.document;
    out.push_str("<header>\n<div class=\"mast\">\n");
    put(
        out,
        format_args!(
            "<p class=\"symbol\">{}</p>\n<dl>\n",
            text(document.meta("symbol").unwrap_or_default())
        ),
    );
    for (key, name) in [
        ("distribution", "Distr."),
        ("date", "Date"),
        ("language", "Original"),
        ("addressee", "To"),
        ("authors", "By"),
    ] {
        if let Some(said) = document.meta(key) {
            put(
                out,
                format_args!("<div><dt>{name}</dt><dd>{}</dd></div>\n", text(said)),
            );
        }
    }
    put(
        out,
        format_args!(
            "<div><dt>Handling</dt><dd>{}</dd></div>\n</dl>\n</div>\n<h1>{title}</h1>\n<p class=\"edition\">{}</p>\n",
            text(&rendering.handling),
            text(&rendering.edition)
        ),
    );
    if let Some(mandate) = document.meta("mandate") {
        put(
            out,
            format_args!("<p class=\"mandate\">{}</p>\n", text(mandate)),
        );
    }
    out.push_str("</header>\n");
}

fn block(out: &mut String, laid: &Laid<'_>, block: &Block, label: &str) {
    let id = escape_html(&block.id);
    match &block.body {
        Body::Heading { level, annex, runs } => {
            let tag = level + 1;
            let words = inline(laid, runs);
            let number = match (annex, label) {
                (true, label) => format!("<span class=\"no\">Annex {label}</span> "),
                (false, "") => String::new(),
                (false, label) => format!("<span class=\"no\">{label}.</span> "),
            };
            put(
                out,
                format_args!("<h{tag} id=\"part-{id}\">{number}{words}</h{tag}>\n"),
            );
        }
        Body::Paragraph(runs) => put(
            out,
            format_args!(
                "<p class=\"para\" id=\"part-{id}\"><a class=\"no\" href=\"#part-{id}\">{label}.</a> {}</p>\n",
                inline(laid, runs)
            ),
        ),
        Body::List(items) => {
            put(out, format_args!("<ol class=\"items\" id=\"part-{id}\">\n"));
            for runs in items {
                put(out, format_args!("<li>{}</li>\n", inline(laid, runs)));
            }
            out.push_str("</ol>\n");
        }
        Body::Recommendation(runs) => put(
            out,
            format_args!(
                "<p class=\"recommendation\" id=\"part-{id}\"><span class=\"no\">Recommendation {label}.</span> {}</p>\n",
                inline(laid, runs)
            ),
        ),
        Body::Table {
            caption,
            source,
            rows,
        } => {
            let head = format!("Table {label}. {}", inline(laid, caption));
            let cells: Vec<Vec<String>> = rows
                .iter()
                .map(|row| row.iter().map(|runs| inline(laid, runs)).collect())
                .collect();
            put(
                out,
                format_args!("<div class=\"tabled\" id=\"part-{id}\">\n"),
            );
            table(out, &head, &cells);
            put(
                out,
                format_args!(
                    "<p class=\"source\"><i>Source:</i> {}</p>\n</div>\n",
                    inline(laid, source)
                ),
            );
        }
        Body::Figure {
            caption, source, ..
        } => {
            let drawn = laid.of.drawings.get(&block.id);
            figure(out, laid, (&id, label), (caption, source), drawn);
        }
        Body::Withheld { was, commitment } => withheld(out, &id, was, label, commitment),
    }
    lists::remarks(out, laid, &block.id);
}

fn withheld(out: &mut String, id: &str, was: &str, label: &str, commitment: &str) {
    put(
        out,
        format_args!(
            "<p class=\"withheld\" id=\"part-{id}\"><span class=\"no\">{label}{}</span> This {} is withheld in this edition. \
             Committed to by <code>{}</code>.</p>\n",
            if label.is_empty() { "" } else { "." },
            text(was),
            text(commitment)
        ),
    );
}

fn figure(
    out: &mut String,
    laid: &Laid<'_>,
    (id, label): (&str, &str),
    (caption, source): (&[Run], &[Run]),
    drawn: Option<&Drawn>,
) {
    let head = format!("Figure {label}. {}", inline(laid, caption));
    put(out, format_args!("<figure id=\"part-{id}\">\n"));
    match drawn {
        None => out.push_str("<p class=\"missing\">This figure could not be drawn.</p>\n"),
        Some(drawn) => put(
            out,
            format_args!(
                "<div class=\"scroll drawing{}\" style=\"--natural:{}px\" role=\"group\" tabindex=\"0\" aria-label=\"Figure {label}\">\n{}</div>\n",
                if drawn.width > WIDTH { " wide" } else { "" },
                drawn.width,
                drawn.svg
            ),
        ),
    }
    put(out, format_args!("<figcaption>{head}</figcaption>\n"));
    if let Some(note) = drawn.and_then(|drawn| drawn.note.as_ref()) {
        put(out, format_args!("<p class=\"note\">{}</p>\n", text(note)));
    }
    put(
        out,
        format_args!(
            "<p class=\"source\"><i>Source:</i> {}</p>\n",
            inline(laid, source)
        ),
    );
    if let Some(drawn) = drawn {
        put(
            out,
            format_args!("<details>\n<summary>Figure {label} as a table</summary>\n"),
        );
        let cells: Vec<Vec<String>> = drawn
            .table
            .iter()
            .map(|row| row.iter().map(|cell| text(cell)).collect())
            .collect();
        table(out, &format!("Figure {label}, as a table"), &cells);
        out.push_str("</details>\n");
    }
    out.push_str("</figure>\n");
}

/// A table of cells that are safe already; the first row is its head.
pub(super) fn table(out: &mut String, caption: &str, rows: &[Vec<String>]) {
    out.push_str(
        "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Table\">\n<table>\n",
    );
    put(out, format_args!("<caption>{caption}</caption>\n"));
    for (at, row) in rows.iter().enumerate() {
        out.push_str(if at == 0 { "<thead><tr>" } else { "<tr>" });
        for cell in row {
            // A head without words would leave its column without a name.
            match (at, cell.as_str()) {
                (0, "") => out.push_str("<th scope=\"col\"><span class=\"hidden\">Row</span></th>"),
                (0, cell) => put(out, format_args!("<th scope=\"col\">{cell}</th>")),
                (_, cell) => {
                    let class = if numeric(cell) { " class=\"n\"" } else { "" };
                    put(out, format_args!("<td{class}>{cell}</td>"));
                }
            }
        }
        out.push_str(if at == 0 {
            "</tr></thead>\n<tbody>\n"
        } else {
            "</tr>\n"
        });
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// Whether a cell begins with a digit once its tags are left out: figures stand right.
fn numeric(cell: &str) -> bool {
    let mut inside = false;
    let first = cell.chars().find(|c| match c {
        '<' => {
            inside = true;
            false
        }
        '>' => {
            inside = false;
            false
        }
        _ => !inside,
    });
    first.is_some_and(|c| c.is_ascii_digit()) || cell.contains("USD ")
}

/// A line of text.
pub(super) fn inline(laid: &Laid<'_>, runs: &[Run]) -> String {
    let mut out = String::new();
    for piece in laid.pieces(runs) {
        match piece {
            Piece::Text(words) => out.push_str(&prose(words)),
            Piece::Stressed(words, 1) => put(&mut out, format_args!("<em>{}</em>", prose(words))),
            Piece::Stressed(words, _) => {
                put(&mut out, format_args!("<strong>{}</strong>", prose(words)));
            }
            Piece::Link(link) => {
                let link = text(link);
                put(
                    &mut out,
                    format_args!(
                        "<a class=\"link\" href=\"{link}\" rel=\"noreferrer noopener\">{link}</a>"
                    ),
                );
            }
            Piece::Value(value, place) if value.text.is_empty() => put(
                &mut out,
                format_args!(
                    "<sup><a href=\"#d{place}\" aria-label=\"How this was assessed\">assessed</a></sup>"
                ),
            ),
            Piece::Value(value, place) => {
                put(
                    &mut out,
                    format_args!(
                        "<a class=\"v\" href=\"#d{place}\">{}</a>",
                        foreign(&value.text)
                    ),
                );
            }
            Piece::Within(id, found) => put(
                &mut out,
                format_args!(
                    "<a href=\"#part-{}\">{} {}</a>",
                    escape_html(id),
                    text(&found.word),
                    text(&found.label)
                ),
            ),
            Piece::Note(number) => put(
                &mut out,
                format_args!(
                    "<sup><a href=\"#note-{number}\" aria-label=\"Footnote {number}\">{number}</a></sup>"
                ),
            ),
            Piece::Missing(reference) => put(
                &mut out,
                format_args!(
                    "<span class=\"missing\">[not computed: {}]</span>",
                    text(&reference.to_string())
                ),
            ),
        }
    }
    out
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
    text(&plain)
}

/// Text made safe for a page.
pub(super) fn text(words: &str) -> String {
    escape_html(&visible(words))
}

/// Text of the case or the chain: isolated, so that its direction cannot spill.
pub(super) fn foreign(words: &str) -> String {
    if looks_like_address(words) {
        format!("<code>{}</code>", text(words))
    } else {
        format!("<bdi>{}</bdi>", text(words))
    }
}

/// Appends formatted text.
pub(super) fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(words);
}
