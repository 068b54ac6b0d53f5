//! A report written back as text, in one form: what is kept in the case, compared, and committed to.
//!
//! Reading that form gives the same report. Each part is on lines of its own, footnotes stand at the end in the order of
//! their marks, and each part has a name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::inline::plain;
use super::{Block, Body, Document, Note, Run};

/// The text of a report.
pub fn source(document: &Document) -> String {
    let mut out = String::from("---\n");
    for meta in &document.meta {
        put(
            &mut out,
            format_args!("{}: {}\n", meta.key, plain(&meta.text)),
        );
    }
    out.push_str("---\n");
    for block in &document.blocks {
        out.push('\n');
        out.push_str(&of_block(block));
    }
    let notes = in_order(document);
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        out.push_str(&of_note(note));
    }
    if !document.abbreviations.is_empty() {
        out.push('\n');
    }
    for (short, long) in &document.abbreviations {
        put(&mut out, format_args!("*[{short}]: {}\n", plain(long)));
    }
    out
}

/// Footnotes in the order of their first marks. One whose mark is withheld stays after the one before it.
fn in_order(document: &Document) -> Vec<&Note> {
    let mut place: BTreeMap<&str, usize> = BTreeMap::new();
    let mut next = 1;
    for block in &document.blocks {
        block.each_runs(&mut |runs| {
            for run in runs {
                if let Run::NoteMark(id, _) = run {
                    place.entry(id).or_insert_with(|| {
                        next += 1;
                        next
                    });
                }
            }
        });
    }
    let mut last = 0;
    let mut keyed: Vec<(usize, usize, &Note)> = Vec::new();
    for (at, note) in document.notes.iter().enumerate() {
        last = place.get(note.id.as_str()).copied().unwrap_or(last);
        keyed.push((last, at, note));
    }
    keyed.sort_by_key(|(place, at, _)| (*place, *at));
    keyed.into_iter().map(|(_, _, note)| note).collect()
}

pub(super) fn of_note(note: &Note) -> String {
    let said = match &note.withheld {
        Some(commitment) => format!("withheld {commitment}"),
        None => inline(&note.runs, false),
    };
    format!(
        "[^{}]: {said}{}\n",
        note.id,
        braces("", note.handling.as_deref())
    )
}

/// The text of one part.
pub(super) fn of_block(block: &Block) -> String {
    let mark = block.handling.as_deref();
    let braces = braces(&block.id, mark);
    let head = |what: &str| {
        let mut head = format!("::: {what}");
        if !block.id.is_empty() {
            put(&mut head, format_args!(" #{}", block.id));
        }
        if let Some(mark) = mark {
            put(&mut head, format_args!(" {mark}"));
        }
        head.push('\n');
        head
    };
    match &block.body {
        Body::Heading { level, annex, runs } => format!(
            "{} {}{}{braces}\n",
            "#".repeat(*level),
            if *annex { "Annex: " } else { "" },
            inline(runs, false)
        ),
        Body::Paragraph(runs) => format!("{}{braces}\n", inline(runs, false)),
        Body::List(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|runs| format!("- {}", inline(runs, false)))
                .collect();
            format!("{}{braces}\n", items.join("\n"))
        }
        Body::Recommendation(runs) => {
            format!("{}{}\n:::\n", head("recommendation"), inline(runs, false))
        }
        Body::Table {
            caption,
            source,
            rows,
        } => {
            let mut out = head("table");
            put(
                &mut out,
                format_args!("Caption: {}\n", inline(caption, false)),
            );
            for row in rows {
                let cells: Vec<String> = row.iter().map(|runs| inline(runs, true)).collect();
                put(&mut out, format_args!("| {} |\n", cells.join(" | ")));
            }
            put(
                &mut out,
                format_args!("Source: {}\n:::\n", inline(source, false)),
            );
            out
        }
        Body::Figure {
            drawing,
            subject,
            caption,
            source,
        } => format!(
            "{}Caption: {}\nSource: {}\n:::\n",
            head(&format!("figure {drawing} {subject}")),
            inline(caption, false),
            inline(source, false)
        ),
        Body::Withheld { was, commitment } => head(&format!("withheld {was} {commitment}")),
    }
}

fn braces(id: &str, mark: Option<&str>) -> String {
    match (id, mark) {
        ("", None) => String::new(),
        ("", Some(mark)) => format!(" {{{mark}}}"),
        (id, None) => format!(" {{#{id}}}"),
        (id, Some(mark)) => format!(" {{#{id} {mark}}}"),
    }
}

fn inline(runs: &[Run], cell: bool) -> String {
    let mut out = String::new();
    for run in runs {
        match run {
            Run::Text(text, _) => out.push_str(&escaped(&plain(text), cell)),
            Run::Stressed(text, times, _) => {
                let stars = "*".repeat(*times);
                put(&mut out, format_args!("{stars}{}{stars}", plain(text)));
            }
            Run::Link(link, _) => put(&mut out, format_args!("<{link}>")),
            Run::Reference(reference) => put(&mut out, format_args!("{{{reference}}}")),
            Run::NoteMark(id, _) => put(&mut out, format_args!("[^{id}]")),
            Run::Literal(text, _) => put(&mut out, format_args!("{{literal:{}}}", plain(text))),
        }
    }
    out.trim().to_owned()
}

/// Plain words with what would begin something else escaped.
fn escaped(text: &str, cell: bool) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, &c) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied();
        let special = match c {
            '\\' => matches!(next, None | Some('\\' | '{' | '}' | '*' | '<' | '[' | '|')),
            '{' | '*' => true,
            '<' => next == Some('h'),
            '[' => next == Some('^'),
            '|' => cell,
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Gives each part that has none a name, made of its text by the caller, so that a comment finds it again later.
pub fn with_ids(mut document: Document, name: &dyn Fn(&str) -> String) -> Document {
    let mut taken: BTreeSet<String> = document
        .blocks
        .iter()
        .map(|block| block.id.clone())
        .collect();
    for block in &mut document.blocks {
        if !block.id.is_empty() {
            continue;
        }
        let letter: String = block.word().chars().take(1).collect();
        let base = format!("{letter}-{}", name(&of_block(block)));
        let mut id = base.clone();
        let mut times = 1;
        while taken.contains(&id) {
            times += 1;
            id = format!("{base}-{times}");
        }
        taken.insert(id.clone());
        block.id = id;
    }
    let order = in_order(&document).into_iter().cloned().collect();
    document.notes = order;
    document
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
