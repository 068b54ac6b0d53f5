//! The flow figure: who passed how much to whom, laid out in integers and drawn as SVG.
//!
//! Columns run left to right from the origins. A band is as wide as its amount, a box as high as what passes through
//! it, and the bands of a box are stacked on its sides. Too many boxes in a column are folded into one that says so.
//! The same flow, in whatever order it is given, yields the same bytes.
//!
//! Not here: what the flow means. Hue says taint, and all that is drawn is tainted; the rest is glyph, outline, line.

mod band;
pub mod chart;
mod fold;
mod glyph;
mod graph;
mod layout;
mod order;
mod paper;
mod place;
mod svg;
mod theme;

use std::fmt;

pub(crate) use glyph::FLAG;
pub use glyph::glyph;
pub use layout::{Layout, PlacedBand, PlacedLabel, PlacedNode, Return, Route, Station, layout};
pub use paper::for_paper;
pub use svg::svg;
pub use theme::{Scheme, Theme};
pub(crate) use theme::{dashes, kind_class};

use crate::text;

/// What flows between whom: the input of a figure and of its table twin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// The boxes. Of two with one id the lesser counts; an id that only a band names becomes a box of kind other.
    pub nodes: Vec<FlowNode>,
    /// The bands between them.
    pub bands: Vec<FlowBand>,
}

/// A box: an address, a service, an end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowNode {
    /// A stable identity, never shown.
    pub id: String,
    /// What it is called: a whole address or a name. May be hostile.
    pub title: String,
    /// A second line: an owner, a date, a place.
    pub subtitle: Option<String>,
    /// What it is.
    pub kind: NodeKind,
    /// The column it must stand in; none leaves it to the layout.
    pub column: Option<u32>,
    /// The sanctions list that names it, drawn as a flag and a double outline.
    pub sanctions: Option<String>,
}

impl FlowNode {
    /// A box with no subtitle, no fixed column and no listing.
    pub fn new(id: impl Into<String>, title: impl Into<String>, kind: NodeKind) -> Self {
        let (id, title) = (id.into(), title.into());
        FlowNode {
            id,
            title,
            subtitle: None,
            kind,
            column: None,
            sanctions: None,
        }
    }

    /// The same with a second line.
    pub fn with_subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }
}

/// An amount passing from one box to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowBand {
    /// The id of the box it leaves.
    pub from: String,
    /// The id of the box it enters.
    pub to: String,
    /// What its amount is counted in.
    pub unit: Unit,
    /// How sure it is.
    pub certainty: Certainty,
    /// The exact amount, in decimal digits of the smallest unit.
    pub digits: String,
    /// The amount to draw by. With several units in one figure the caller brings them to one measure.
    pub amount: u128,
    /// The amount as it is shown, formatted by the caller; a bridge may name both sides.
    pub label: String,
    /// How many transactions make it up.
    pub count: u32,
}

impl FlowBand {
    /// An observed band of one transaction, drawn by its exact amount and labelled with it.
    pub fn new(
        from: impl Into<String>,
        to: impl Into<String>,
        digits: impl Into<String>,
        unit: &Unit,
    ) -> Self {
        let digits = digits.into();
        FlowBand {
            from: from.into(),
            to: to.into(),
            unit: unit.clone(),
            certainty: Certainty::Observed,
            amount: text::weight(&digits),
            label: unit.exact(&digits),
            digits,
            count: 1,
        }
    }
}

/// What an amount is counted in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// The asset's CAIP-19 id: its identity.
    pub asset: String,
    /// Its symbol: decoration, possibly hostile.
    pub symbol: String,
    /// How many decimals the symbol's unit has.
    pub decimals: u8,
}

impl Unit {
    /// A unit from its asset id, symbol and decimals.
    pub fn new(asset: impl Into<String>, symbol: impl Into<String>, decimals: u8) -> Self {
        Unit {
            asset: asset.into(),
            symbol: symbol.into(),
            decimals,
        }
    }

    /// An amount of it, exact, with the symbol.
    pub fn exact(&self, digits: &str) -> String {
        format!("{} {}", text::units(digits, self.decimals), self.symbol)
    }

    /// An amount of it, cut to about seven digits, with the symbol.
    pub fn brief(&self, digits: &str) -> String {
        format!("{} {}", text::brief(digits, self.decimals), self.symbol)
    }
}

/// What a box is; told by glyph and outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// Where the trace starts.
    Origin,
    /// An address passed through.
    Address,
    /// A pool of customers' funds: the trace ends there.
    Service,
    /// A mixer: the trace ends there.
    Mixer,
    /// A bridge or a swap.
    Bridge,
    /// Paid to move the rest.
    Fee,
    /// Destroyed.
    Burn,
    /// Last seen there: the data ends, the money may not.
    LastSeen,
    /// Still held at an address, within what the data covers.
    Held,
    /// An output not spent, within what the data covers.
    Unspent,
    /// Could not be resolved.
    Unresolved,
    /// Anything else, and several folded into one.
    Other,
}

impl NodeKind {
    /// Every kind, in the order of legends.
    pub const ALL: [NodeKind; 12] = [
        NodeKind::Origin,
        NodeKind::Address,
        NodeKind::Service,
        NodeKind::Mixer,
        NodeKind::Bridge,
        NodeKind::Held,
        NodeKind::Unspent,
        NodeKind::LastSeen,
        NodeKind::Unresolved,
        NodeKind::Burn,
        NodeKind::Fee,
        NodeKind::Other,
    ];

    /// The kind in plain words, for one of it.
    pub const fn words(self) -> &'static str {
        match self {
            NodeKind::Origin => "where the trace starts",
            NodeKind::Address => "address",
            NodeKind::Service => "service",
            NodeKind::Mixer => "mixer",
            NodeKind::Bridge => "bridge or swap",
            NodeKind::Fee => "fee",
            NodeKind::Burn => "burnt",
            NodeKind::LastSeen => "last seen here",
            NodeKind::Held => "still held",
            NodeKind::Unspent => "unspent output",
            NodeKind::Unresolved => "unresolved",
            NodeKind::Other => "other",
        }
    }

    /// The kind in plain words, for a number of it.
    pub(crate) const fn counted(self, many: bool) -> &'static str {
        match (self, many) {
            (NodeKind::Origin, false) => "origin",
            (NodeKind::Origin, true) => "origins",
            (NodeKind::Address, true) => "addresses",
            (NodeKind::Service, true) => "services",
            (NodeKind::Mixer, true) => "mixers",
            (NodeKind::Bridge, false) => "bridge",
            (NodeKind::Bridge, true) => "bridges",
            (NodeKind::Fee, true) => "fees",
            (NodeKind::LastSeen, _) => "last seen",
            (NodeKind::Unspent, _) => "unspent",
            _ => self.words(),
        }
    }
}

/// How sure a band is; told by line style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Read from the chain: a solid line.
    Observed,
    /// Inferred by a rule: a dashed line.
    Inferred,
    /// Said by somebody: a dotted line.
    Claimed,
}

impl Certainty {
    /// The certainty in one word.
    pub const fn words(self) -> &'static str {
        match self {
            Certainty::Observed => "observed",
            Certainty::Inferred => "inferred",
            Certainty::Claimed => "claimed",
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.words())
    }
}

/// Measures and limits of a layout; lengths in hundredths of a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureOptions {
    /// Boxes in a column before the smallest are folded into one; at least 2.
    pub column_nodes_max: usize,
    /// Columns before the later steps are folded into one; at least 3.
    pub columns_max: usize,
    /// The width the figure aims at; it grows with the columns when they need more.
    pub width: i64,
    /// The height of the widest column's flow, before small boxes are made readable.
    pub flow_height: i64,
    /// The width of a box.
    pub node_width: i64,
    /// The least space between two columns.
    pub gap_min: i64,
    /// The least width of a band.
    pub band_min: i64,
}

impl Default for FigureOptions {
    fn default() -> Self {
        FigureOptions {
            column_nodes_max: 24,
            columns_max: 9,
            width: 118_000,
            flow_height: 36_000,
            node_width: 17_000,
            gap_min: 6_400,
            band_min: 150,
        }
    }
}
