//! The dress of a figure: colours for light, dark and print, and the styles of kinds and certainties.
//!
//! Hue is spent on taint alone. Colours are custom properties of the figure's root, so that a page may set others.
//!
//! Not here: shapes (`svg`, `band`, `glyph`).

use super::svg::put;
use super::{Certainty, NodeKind};

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

/// The figure's style sheet.
pub(super) fn css(scheme: Scheme) -> String {
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
