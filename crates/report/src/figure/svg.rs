//! The figure as SVG: hue for taint alone, kind by glyph and outline, certainty by line style.
//!
//! All that flows here is tainted, so bands are the one coloured thing; boxes are ink on paper and read the same in
//! grey. Every box and band says itself in words when pointed at, and the whole is one image with a description;
//! the table twin is the page's.
//!
//! Not here: where things stand (`layout`). No script, no reference to anything outside.

use std::fmt::Write as _;

use super::NodeKind;
use super::band::{draw_band, draw_ends};
use super::glyph::{FLAG, glyph};
use super::layout::{GLYPH_SPACE, LINES, Layout, PADDING, PlacedBand, PlacedNode, Route, SIZES};
use super::theme::{Theme, css, kind_class};
use crate::text::{self, html};

const CORNER: i64 = 700;

/// Draws a layout as one self-contained `<svg>` element.
pub fn svg(layout: &Layout, theme: &Theme) -> String {
    let mut out = String::new();
    let prefix: String = theme
        .prefix
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let (width, height) = (px(layout.width), px(layout.height));
    put(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{prefix}\" class=\"whither-flow\" role=\"img\" \
             aria-labelledby=\"{prefix}-title {prefix}-desc\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\">\n<title id=\"{prefix}-title\">{}</title>\n\
             <desc id=\"{prefix}-desc\">{}</desc>\n<style>{}</style>\n",
            html(&theme.title),
            html(&describe(layout)),
            css(theme.scheme),
        ),
    );
    let mut ids = Ids {
        prefix,
        seen: std::collections::BTreeMap::new(),
    };
    let mut order: Vec<&PlacedBand> = layout.bands.iter().collect();
    // Thin bands lie on thick ones.
    order.sort_by_key(|band| {
        (
            matches!(band.route, Route::Return(_)),
            std::cmp::Reverse(band.thickness),
        )
    });
    order
        .iter()
        .for_each(|band| draw_band(&mut out, layout, band, &mut ids));
    layout
        .nodes
        .iter()
        .for_each(|node| draw_node(&mut out, node, &mut ids));
    for band in &layout.bands {
        draw_ends(&mut out, band);
        if let Some(label) = &band.label {
            let (x, y) = (px(label.x), px(label.y + 400));
            put(
                &mut out,
                format_args!(
                    "<text class=\"wf-label\" x=\"{x}\" y=\"{y}\">{}</text>\n",
                    html(&label.text)
                ),
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

/// A figure's content in one sentence.
fn describe(layout: &Layout) -> String {
    let columns = layout
        .nodes
        .iter()
        .map(|node| node.column + 1)
        .max()
        .unwrap_or(0);
    let stands_for: usize = layout.nodes.iter().map(|node| node.stands_for).sum();
    let folded = match stands_for - layout.nodes.len() {
        0 => String::new(),
        _ => format!(", standing for {stands_for}: the smallest are folded"),
    };
    format!(
        "{} boxes in {columns} columns from left to right{folded}; {} bands between them, as wide as their amounts.",
        layout.nodes.len(),
        layout.bands.len()
    )
}

/// Ids that stay the same as long as what they name does.
pub(super) struct Ids {
    prefix: String,
    seen: std::collections::BTreeMap<String, u32>,
}

impl Ids {
    /// The id of a thing told by its parts; a second one with the same parts is numbered.
    pub(super) fn of(&mut self, what: &str, parts: &[&str]) -> String {
        // FNV-1a, 64 bits, with the parts' lengths between them.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in parts {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes();
            for byte in length.into_iter().chain(part.bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        let id = format!("{}-{what}-{hash:016x}", self.prefix);
        let times = self.seen.entry(id.clone()).or_insert(0);
        *times += 1;
        if *times == 1 {
            id
        } else {
            format!("{id}-{times}")
        }
    }
}

fn draw_node(out: &mut String, node: &PlacedNode, ids: &mut Ids) {
    let id = ids.of("n", &[&node.id]);
    let kind = if node.stands_for > 1 {
        "several folded into one"
    } else {
        node.kind.words()
    };
    let details = [node.subtitle.as_deref(), node.sanctions.as_deref()];
    let details: String = details
        .into_iter()
        .flatten()
        .map(|detail| format!("; {}", html(detail)))
        .collect();
    put(
        out,
        format_args!(
            "<g id=\"{id}\" class=\"wf-node wf-k-{}\"><title>{}</title><desc>{kind}; {}{details}</desc>",
            kind_class(node.kind),
            html(&node.title),
            html(&node.amount)
        ),
    );
    outline(out, node, 0);
    if node.sanctions.is_some() {
        outline(out, node, 300);
    }
    let (x, mut y) = (
        node.x + PADDING,
        node.y + (node.height - LINES.iter().take(node.lines.len()).sum::<i64>()) / 2,
    );
    put(
        out,
        format_args!(
            "<g transform=\"translate({} {})\">{}</g>",
            px(x),
            px(y + 180),
            glyph(node.kind)
        ),
    );
    if node.sanctions.is_some() {
        let right = node.x + node.width - PADDING - 1_200;
        put(
            out,
            format_args!(
                "<g transform=\"translate({} {})\">{FLAG}</g>",
                px(right),
                px(y + LINES[0])
            ),
        );
    }
    for (at, (line, monospace)) in node.lines.iter().zip(&node.monospace).enumerate() {
        let indent = if at == 0 { GLYPH_SPACE } else { 0 };
        let class = ["wf-title", "wf-amount", "wf-sub"][at.min(2)];
        let mono = if *monospace { " wf-mono" } else { "" };
        let baseline = y + LINES[at.min(2)] / 2 + SIZES[at.min(2)] * 36 / 100;
        let (x, baseline) = (px(x + indent), px(baseline));
        put(
            out,
            format_args!(
                "<text class=\"{class}{mono}\" x=\"{x}\" y=\"{baseline}\">{}</text>",
                text::escape_html(line)
            ),
        );
        y += LINES[at.min(2)];
    }
    out.push_str("</g>\n");
}

/// The outline that tells the kind: round, square, octagonal.
fn outline(out: &mut String, node: &PlacedNode, inset: i64) {
    let (x, y) = (node.x + inset, node.y + inset);
    let (width, height) = (node.width - 2 * inset, node.height - 2 * inset);
    let class = if inset == 0 { "wf-box" } else { "wf-inner" };
    if node.kind == NodeKind::Bridge {
        let (cut, right, bottom) = (CORNER + 300, x + width, y + height);
        put(
            out,
            format_args!("<path class=\"{class}\" d=\"M{} {}", px(x + cut), px(y)),
        );
        let corners = [
            (right - cut, y),
            (right, y + cut),
            (right, bottom - cut),
            (right - cut, bottom),
            (x + cut, bottom),
            (x, bottom - cut),
            (x, y + cut),
        ];
        corners
            .iter()
            .for_each(|&(x, y)| put(out, format_args!("L{} {}", px(x), px(y))));
        out.push_str("Z\"/>");
        return;
    }
    let radius = match node.kind {
        NodeKind::Service | NodeKind::Origin => 0,
        NodeKind::LastSeen | NodeKind::Held | NodeKind::Unspent => 1_400,
        _ => CORNER,
    };
    let (x, y, width, height, radius) = (px(x), px(y), px(width), px(height), px(radius));
    put(
        out,
        format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
        ),
    );
}

/// Hundredths of a pixel as a decimal number.
pub(super) fn px(length: i64) -> String {
    let (sign, length) = (if length < 0 { "-" } else { "" }, length.unsigned_abs());
    let text = format!("{sign}{}.{:02}", length / 100, length % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Appends formatted text.
pub(super) fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
