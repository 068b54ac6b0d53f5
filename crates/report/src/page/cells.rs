//! Small pieces of the page: foreign text, addresses, amounts, tables that scroll by themselves.
//!
//! Every foreign string enters the page through one of these, so none enters unescaped.
//!
//! Not here: whole sections.

use std::fmt::Write as _;

use crate::figure::{NodeKind, glyph};
use crate::text::{escape_html, html, looks_like_address, visible_ascii};

/// Foreign text, isolated so that its direction cannot spill; an address or hash in monospace.
pub(super) fn foreign(text: &str) -> String {
    if looks_like_address(text) {
        address(text)
    } else {
        format!("<bdi>{}</bdi>", html(text))
    }
}

/// A whole address or hash: ASCII, monospace, broken anywhere.
pub(super) fn address(text: &str) -> String {
    format!("<code>{}</code>", escape_html(&visible_ascii(text)))
}

/// Foreign text, or a dash with words for a screen reader.
pub(super) fn or_dash(text: Option<&str>) -> String {
    match text {
        Some(text) if !text.is_empty() => foreign(text),
        _ => "<span title=\"not known\">—</span>".to_owned(),
    }
}

/// An amount with its decimals set back, so that the whole units can be read down a column.
pub(super) fn amount(text: &str) -> String {
    let (number, symbol) = text.split_once(' ').unwrap_or((text, ""));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut cell = format!("<span class=\"whole\">{}</span>", html(whole));
    if !fraction.is_empty() {
        // A fraction of eighteen digits may go to a line of its own.
        put(
            &mut cell,
            format_args!("<wbr><span class=\"fraction\">.{}</span>", html(fraction)),
        );
    }
    if !symbol.is_empty() {
        put(
            &mut cell,
            format_args!(" <bdi class=\"symbol\">{}</bdi>", html(symbol)),
        );
    }
    cell
}

/// The glyph of a kind, hidden from screen readers: words stand beside it.
pub(super) fn sign(kind: NodeKind) -> String {
    drawn_sign(glyph(kind))
}

/// Shapes in a square of 14 units as a sign beside words.
pub(super) fn drawn_sign(shapes: &str) -> String {
    format!(
        "<svg class=\"sign\" viewBox=\"0 0 14 14\" width=\"14\" height=\"14\" aria-hidden=\"true\">{shapes}</svg>"
    )
}

/// Opens a table that scrolls sideways by itself; `label` must be safe already. Close it with [`close_table`].
pub(super) fn open_table(out: &mut String, class: &str, label: &str, heads: &[&str]) {
    put(
        out,
        format_args!(
            "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{label}\">\n\
             <table class=\"{class}\">\n<caption>{label}</caption>\n<thead><tr>"
        ),
    );
    for head in heads {
        let class = if matches!(*head, "Amount" | "Share" | "Transactions" | "Places") {
            " class=\"n\""
        } else {
            ""
        };
        put(out, format_args!("<th scope=\"col\"{class}>{head}</th>"));
    }
    out.push_str("</tr></thead>\n");
}

/// Closes what [`open_table`] opened.
pub(super) fn close_table(out: &mut String) {
    out.push_str("</table>\n</div>\n");
}

/// A count with its noun.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Appends formatted text.
pub(super) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
