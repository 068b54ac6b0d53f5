//! Glyphs and outlines: the signs that tell what a box is without colour.
//!
//! Drawn, not typed: a font may lack ◍ or draw it as a coloured picture. Each glyph fills a square of 14 units, in
//! the current text colour.
//!
//! Not here: words; a glyph never stands alone.

use super::NodeKind;

/// The glyph of a kind as SVG shapes in a square of 14 × 14 units, in `currentColor`.
pub const fn glyph(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Origin => r#"<path fill="currentColor" d="M7 .6 13.4 7 7 13.4 .6 7Z"/>"#,
        NodeKind::Address => r#"<circle cx="7" cy="7" r="2.6" fill="currentColor"/>"#,
        NodeKind::Service => concat!(
            r#"<path fill="none" stroke="currentColor" stroke-width="1.5" d="M1.5 1.5h11v11h-11Z"/>"#,
            r#"<path fill="currentColor" d="M4.5 4.5h5v5h-5Z"/>"#
        ),
        NodeKind::Mixer => concat!(
            r#"<circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" stroke-width="1.5"/>"#,
            r#"<path fill="none" stroke="currentColor" stroke-width="1.3" d="M4.3 2.5v9M7 1.5v11M9.7 2.5v9"/>"#
        ),
        NodeKind::Bridge => concat!(
            r#"<path fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" "#,
            r#"stroke-linejoin="round" d="M1.2 4.6h10.6M9 1.8l2.9 2.8L9 7.4M12.8 9.9H2.2M5 7.1 2.1 9.9 5 12.7"/>"#
        ),
        NodeKind::Fee => concat!(
            r#"<circle cx="7" cy="7" r="5.4" fill="none" stroke="currentColor" stroke-width="1.2"/>"#,
            r#"<path stroke="currentColor" stroke-width="1.5" d="M7 4v6"/>"#
        ),
        NodeKind::Burn => concat!(
            r#"<path fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" "#,
            r#"d="M2.6 2.6l8.8 8.8M11.4 2.6l-8.8 8.8"/>"#
        ),
        NodeKind::LastSeen => {
            r#"<circle cx="7" cy="7" r="5.4" fill="none" stroke="currentColor" stroke-width="1.6"/>"#
        }
        NodeKind::Held => r#"<circle cx="7" cy="7" r="6" fill="currentColor"/>"#,
        NodeKind::Unspent => concat!(
            r#"<circle cx="7" cy="7" r="3.2" fill="currentColor"/>"#,
            r#"<circle cx="7" cy="7" r="5.8" fill="none" stroke="currentColor" stroke-width="1.2"/>"#
        ),
        NodeKind::Unresolved => concat!(
            r#"<path fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" "#,
            r#"d="M4 4.4C4 .8 10.2 .8 10.2 4.4 10.2 6.9 7 6.6 7 9.2"/>"#,
            r#"<circle cx="7" cy="12.4" r="1.1" fill="currentColor"/>"#
        ),
        NodeKind::Other => concat!(
            r#"<circle cx="2.4" cy="7" r="1.4" fill="currentColor"/><circle cx="7" cy="7" r="1.4" "#,
            r#"fill="currentColor"/><circle cx="11.6" cy="7" r="1.4" fill="currentColor"/>"#
        ),
    }
}

/// The flag of a sanctions listing, in the same square.
pub(crate) const FLAG: &str = concat!(
    r#"<path fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" d="M3 1v12.4"/>"#,
    r#"<path fill="currentColor" d="M3 1.4h9L9.6 4.7 12 8H3Z"/>"#
);
