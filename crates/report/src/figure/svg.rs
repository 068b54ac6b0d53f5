//! The figure as SVG: hue for taint alone, kind by glyph and outline, certainty by line style.
//!
//! All that flows here is tainted, so bands are the one coloured thing; boxes are ink on paper and read the same in
//! grey. Every box and band says itself in words when pointed at, and the whole is one image with a description;
//! the table twin is the page's.
//!
//! Not here: where things stand (`layout`). No script, no reference to anything outside.

use std::fmt::Write as _;

use super::glyph::{FLAG, glyph};
use super::layout::{
    GLYPH_SPACE, LINES, Layout, PADDING, PlacedBand, PlacedNode, Route, SIZES, Station,
};
use super::{Certainty, NodeKind};
use crate::text::{self, html};

const CORNER: i64 = 700;

/// Which colours a figure takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// As the reader's system asks; light in print.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How a layout is dressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Begins every id in the figure; two figures on one page need two prefixes. ASCII letters, digits, hyphens.
    pub prefix: String,
    /// What the figure is called.
    pub title: String,
    /// Which colours it takes.
    pub scheme: Scheme,
}

impl Default for Theme {
    fn default() -> Self {
        Theme {
            prefix: "flow".to_owned(),
            title: "Flow of the traced funds".to_owned(),
            scheme: Scheme::Auto,
        }
    }
}

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
            matches!(band.route, Route::Return { .. }),
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
struct Ids {
    prefix: String,
    seen: std::collections::BTreeMap<String, u32>,
}

impl Ids {
    fn of(&mut self, what: &str, parts: &[&str]) -> String {
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

fn draw_band(out: &mut String, layout: &Layout, band: &PlacedBand, ids: &mut Ids) {
    let (from, to) = (&layout.nodes[band.from], &layout.nodes[band.to]);
    let id = ids.of(
        "b",
        &[
            &from.id,
            &to.id,
            &band.unit.asset,
            &band.unit.symbol,
            band.certainty.words(),
        ],
    );
    let transactions = if band.count == 1 {
        "transaction"
    } else {
        "transactions"
    };
    put(
        out,
        format_args!(
            "<g id=\"{id}\" class=\"wf-band wf-{}\"><title>{} from {} to {}</title><desc>{} {transactions}, {}</desc>",
            band.certainty.words(),
            html(&band.text),
            html(&from.title),
            html(&to.title),
            band.count,
            band.certainty.words()
        ),
    );
    match &band.route {
        Route::Forward(stations) => draw_forward(out, stations, band.thickness),
        Route::Return {
            from,
            to,
            lane,
            turns,
        } => draw_return(out, *from, *to, *lane, *turns, band.thickness),
    }
    out.push_str("</g>\n");
}

fn draw_forward(out: &mut String, stations: &[Station], thickness: i64) {
    let top = edge(stations, 0, false);
    // A thin band is one line, so that its style can be seen; a wide one is a surface between two lines.
    if thickness < 250 {
        let middle = edge(stations, thickness / 2, false);
        let width = px(thickness.max(130));
        put(
            out,
            format_args!("<path class=\"wf-thin\" stroke-width=\"{width}\" d=\"M{middle}\"/>"),
        );
        return;
    }
    let bottom = edge(stations, thickness, false);
    let back = edge(stations, thickness, true);
    put(
        out,
        format_args!(
            "<path class=\"wf-fill\" d=\"M{top}L{back}Z\"/><path class=\"wf-edge\" d=\"M{top}M{bottom}\"/>"
        ),
    );
}

/// One edge of a band, `below` its top, as path data without the first command's letter.
fn edge(stations: &[Station], below: i64, backwards: bool) -> String {
    let mut points: Vec<(i64, i64, i64)> = stations
        .iter()
        .map(|s| (s.left, s.right, s.top + below))
        .collect();
    if backwards {
        points.reverse();
        points
            .iter_mut()
            .for_each(|(left, right, _)| std::mem::swap(left, right));
    }
    let mut data = String::new();
    let mut previous: Option<(i64, i64)> = None;
    for (enter, leave, y) in points {
        match previous {
            None => put(&mut data, format_args!("{} {}", px(leave), px(y))),
            Some((x, before)) => {
                let middle = px(i64::midpoint(x, enter));
                put(
                    &mut data,
                    format_args!(
                        "C{middle} {} {middle} {} {} {}",
                        px(before),
                        px(y),
                        px(enter),
                        px(y)
                    ),
                );
                if leave != enter {
                    put(&mut data, format_args!("H{}", px(leave)));
                }
            }
        }
        previous = Some((leave, y));
    }
    data
}

fn draw_return(
    out: &mut String,
    from: (i64, i64),
    to: (i64, i64),
    lane: i64,
    (down, up): (i64, i64),
    thickness: i64,
) {
    let r = 800;
    let (leave, enter) = (from.1 + thickness / 2, to.1 + thickness / 2);
    let mut data = format!("M{} {}", px(from.0), px(leave));
    put(
        &mut data,
        format_args!(
            "H{}Q{} {} {} {}",
            px(down - r),
            px(down),
            px(leave),
            px(down),
            px(leave + r)
        ),
    );
    put(
        &mut data,
        format_args!(
            "V{}Q{} {} {} {}",
            px(lane - r),
            px(down),
            px(lane),
            px(down - r),
            px(lane)
        ),
    );
    put(
        &mut data,
        format_args!(
            "H{}Q{} {} {} {}",
            px(up + r),
            px(up),
            px(lane),
            px(up),
            px(lane - r)
        ),
    );
    put(
        &mut data,
        format_args!(
            "V{}Q{} {} {} {}",
            px(enter + r),
            px(up),
            px(enter),
            px(up + r),
            px(enter)
        ),
    );
    put(&mut data, format_args!("H{}", px(to.0)));
    let width = px(thickness.max(130));
    put(
        out,
        format_args!("<path class=\"wf-thin wf-return\" stroke-width=\"{width}\" d=\"{data}\"/>"),
    );
    let (x, y) = (to.0, enter);
    put(
        out,
        format_args!(
            "<path class=\"wf-arrow\" d=\"M{} {}L{} {}L{} {}Z\"/>",
            px(x),
            px(y),
            px(x - 900),
            px(y - 500),
            px(x - 900),
            px(y + 500)
        ),
    );
}

/// Where a band meets its boxes: a strip of full colour on the side.
fn draw_ends(out: &mut String, band: &PlacedBand) {
    let (from, to) = match &band.route {
        Route::Forward(stations) => match (stations.first(), stations.last()) {
            (Some(first), Some(last)) => ((first.right, first.top), (last.left, last.top)),
            _ => return,
        },
        Route::Return { from, to, .. } => (*from, *to),
    };
    let inset = if band.thickness > 500 { 25 } else { 0 };
    for (x, y) in [(from.0 - 300, from.1), (to.0, to.1)] {
        let (x, y, height) = (px(x), px(y + inset), px(band.thickness - 2 * inset));
        put(
            out,
            format_args!(
                "<rect class=\"wf-end\" x=\"{x}\" y=\"{y}\" width=\"3\" height=\"{height}\"/>"
            ),
        );
    }
    out.push('\n');
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

/// The kind as a class name.
pub(crate) const fn kind_class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Origin => "origin",
        NodeKind::Address => "address",
        NodeKind::Service => "service",
        NodeKind::Mixer => "mixer",
        NodeKind::Bridge => "bridge",
        NodeKind::Fee => "fee",
        NodeKind::Burn => "burn",
        NodeKind::LastSeen => "last-seen",
        NodeKind::Held => "held",
        NodeKind::Unspent => "unspent",
        NodeKind::Unresolved => "unresolved",
        NodeKind::Other => "other",
    }
}

const LIGHT: &str =
    "--wf-taint:#b3261e;--wf-ink:#1c2430;--wf-muted:#586374;--wf-line:#6b7585;--wf-paper:#fff;";
const DARK: &str =
    "--wf-taint:#ff8a7a;--wf-ink:#e8ebf0;--wf-muted:#a3adbb;--wf-line:#8d97a6;--wf-paper:#14181f;";

fn css(scheme: Scheme) -> String {
    let mut css = format!(
        ".whither-flow{{{}}}",
        if scheme == Scheme::Dark { DARK } else { LIGHT }
    );
    if scheme == Scheme::Auto {
        put(
            &mut css,
            format_args!(
                "@media screen and (prefers-color-scheme:dark){{.whither-flow{{{DARK}}}}}"
            ),
        );
    }
    css.push_str(include_str!("figure.css").trim_end());
    for certainty in [Certainty::Inferred, Certainty::Claimed] {
        let dashes = dashes(certainty);
        let word = certainty.words();
        put(
            &mut css,
            format_args!(
                "\n.wf-{word} .wf-edge,.wf-{word} .wf-thin{{stroke-dasharray:{dashes};stroke-opacity:1}}"
            ),
        );
    }
    css.push_str("\n.wf-inferred .wf-return,.wf-claimed .wf-return{stroke-opacity:.7}\n");
    css
}

/// The dash pattern of a certainty, shared with the page's legend.
pub(crate) const fn dashes(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Observed => "none",
        Certainty::Inferred => "9 4",
        Certainty::Claimed => "1.5 3.5",
    }
}

/// Hundredths of a pixel as a decimal number.
fn px(length: i64) -> String {
    let (sign, length) = (if length < 0 { "-" } else { "" }, length.unsigned_abs());
    let text = format!("{sign}{}.{:02}", length / 100, length % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
