//! A report as Markdown, for mail, wikis and comparing by eye.
//!
//! Numbers and labels are written out. Foreign text is escaped so that it is no markup in any common dialect, HTML
//! included; the derivations stand in a table at the end.

use std::fmt::Write as _;

use super::{Laid, Piece, Rendering};
use crate::document::{Block, Body, Run};
use crate::text::visible;

/// Renders a report. The same report gives the same bytes.
pub fn markdown(rendering: &Rendering) -> String {
    let laid = Laid::new(rendering);
    let document = &rendering.document;
    let mut out = format!(
        "# {}\n\n",
        escape_markdown(document.meta("title").unwrap_or_default())
    );
    for meta in document.meta.iter().filter(|meta| meta.key != "title") {
        put(
            &mut out,
            format_args!("{}: {}  \n", meta.key, escape_markdown(&meta.text)),
        );
    }
    put(
        &mut out,
        format_args!(
            "handling: {}  \n\n{}\n",
            escape_markdown(&rendering.handling),
            escape_markdown(&rendering.edition)
        ),
    );
    for (block, label) in document.blocks.iter().zip(&laid.numbers.blocks) {
        out.push('\n');
        self::block(&mut out, &laid, block, label);
        for remark in rendering
            .remarks
            .iter()
            .filter(|remark| remark.part == block.id)
        {
            let (head, text) = (escape_markdown(&remark.head), escape_markdown(&remark.text));
            put(&mut out, format_args!("\n> {head}: {text}\n"));
        }
    }
    end(&mut out, &laid);
    out
}

fn block(out: &mut String, laid: &Laid<'_>, block: &Block, label: &str) {
    match &block.body {
        Body::Heading { level, annex, runs } => {
            let number = match (annex, label) {
                (true, label) => format!("Annex {label}. "),
                (false, "") => String::new(),
                (false, label) => format!("{label}. "),
            };
            let marks = "#".repeat(level + 1);
            put(
                out,
                format_args!("{marks} {number}{}\n", inline(laid, runs)),
            );
        }
        Body::Paragraph(runs) => put(out, format_args!("{label}\\. {}\n", inline(laid, runs))),
        Body::List(items) => {
            for runs in items {
                put(out, format_args!("- {}\n", inline(laid, runs)));
            }
        }
        Body::Recommendation(runs) => {
            put(
                out,
                format_args!("**Recommendation {label}.** {}\n", inline(laid, runs)),
            );
        }
        Body::Table {
            caption,
            source,
            rows,
        } => {
            put(
                out,
                format_args!("Table {label}. {}\n\n", inline(laid, caption)),
            );
            let rows: Vec<Vec<String>> = rows
                .iter()
                .map(|row| row.iter().map(|runs| inline(laid, runs)).collect())
                .collect();
            table(out, &rows);
            put(out, format_args!("\n*Source:* {}\n", inline(laid, source)));
        }
        Body::Figure {
            caption, source, ..
        } => {
            put(
                out,
                format_args!("Figure {label}. {}\n\n", inline(laid, caption)),
            );
            if let Some(drawn) = laid.of.drawings.get(&block.id) {
                let cell = |cell: &String| escape_markdown(cell);
                let rows: Vec<Vec<String>> = drawn
                    .table
                    .iter()
                    .map(|row| row.iter().map(cell).collect())
                    .collect();
                table(out, &rows);
            }
            put(out, format_args!("\n*Source:* {}\n", inline(laid, source)));
        }
        Body::Withheld { was, commitment } => put(
            out,
            format_args!(
                "{label} \\[This {} is withheld in this edition; committed to by {}\\]\n",
                escape_markdown(was),
                escape_markdown(commitment)
            ),
        ),
    }
}

fn table(out: &mut String, rows: &[Vec<String>]) {
    for (at, row) in rows.iter().enumerate() {
        put(out, format_args!("| {} |\n", row.join(" | ")));
        if at == 0 {
            put(out, format_args!("|{}\n", " --- |".repeat(row.len())));
        }
    }
}

fn end(out: &mut String, laid: &Laid<'_>) {
    let document = &laid.of.document;
    if !document.notes.is_empty() {
        out.push('\n');
    }
    for (note, number) in document.notes.iter().zip(1..) {
        let words = match &note.withheld {
            Some(commitment) => {
                format!(
                    "Withheld in this edition; committed to by {}.",
                    escape_markdown(commitment)
                )
            }
            None => inline(laid, &note.runs),
        };
        put(out, format_args!("[^{number}]: {words}\n"));
    }
    if !document.abbreviations.is_empty() {
        out.push_str("\n## Abbreviations\n\n");
    }
    for (short, long) in &document.abbreviations {
        put(
            out,
            format_args!("- {}: {}\n", escape_markdown(short), escape_markdown(long)),
        );
    }
    if !laid.derivations.is_empty() {
        out.push_str("\n## How each figure was computed\n\n| Value | Reference | Exactly |\n| --- | --- | --- |\n");
    }
    for key in &laid.derivations {
        if let Some(value) = laid.of.values.get(*key) {
            let cells = [&value.text, &value.derived.reference, &value.derived.exact];
            put(
                out,
                format_args!(
                    "| {} |\n",
                    cells.map(|cell| escape_markdown(cell)).join(" | ")
                ),
            );
        }
    }
    if !laid.of.method.is_empty() {
        out.push_str("\n## To compute this report again\n\n");
    }
    for (name, said) in &laid.of.method {
        put(
            out,
            format_args!("- {}: {}\n", escape_markdown(name), escape_markdown(said)),
        );
    }
}

fn inline(laid: &Laid<'_>, runs: &[Run]) -> String {
    let mut out = String::new();
    for piece in laid.pieces(runs) {
        match piece {
            Piece::Text(words) => out.push_str(&prose(words)),
            Piece::Stressed(words, times) => {
                let stars = "*".repeat(times);
                put(&mut out, format_args!("{stars}{}{stars}", prose(words)));
            }
            Piece::Link(link) => {
                let safe = |c: &char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '`' | '|');
                let link: String = link.chars().filter(safe).collect();
                put(&mut out, format_args!("<{link}>"));
            }
            Piece::Value(value, _) => out.push_str(&escape_markdown(&value.text)),
            Piece::Within(_, found) => {
                put(&mut out, format_args!("{} {}", found.word, found.label));
            }
            Piece::Note(number) => put(&mut out, format_args!("[^{number}]")),
            Piece::Missing(reference) => {
                let reference = escape_markdown(&reference.to_string());
                put(&mut out, format_args!("\\[not computed: {reference}\\]"));
            }
        }
    }
    out
}

fn prose(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for c in words.chars() {
        if !c.is_whitespace() {
            plain.push(c);
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    escape_markdown(&plain)
}

/// Foreign text as plain words of Markdown: what could be markup has a backslash before it.
///
/// ```
/// use whither_report::edition::escape_markdown;
/// assert_eq!(escape_markdown("<img src=x> *a*"), "\\<img src\\=x\\> \\*a\\*");
/// ```
pub fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '+'
                | '!'
                | '|'
                | '~'
                | '='
                | '&'
                | '$'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(words);
}
