//! From a flow to a picture's geometry: columns, boxes with their fitted text, bands with their routes.
//!
//! Lengths are hundredths of a pixel throughout. A band that closes a circle leaves on the right like every other,
//! runs in a lane below the picture and comes back on the left, so that no circle is hidden.
//!
//! Not here: colour, shape and line (`svg`).

use std::collections::BTreeMap;

use super::graph::{Band, Graph};
use super::order::{Cell, Ordered};
use super::place::{Placed, place};
use super::{Certainty, FigureOptions, Flow, FlowNode, NodeKind, Unit, fold};
use crate::text::{self, Face};

/// Space inside a box to the left and right of its text.
pub(super) const PADDING: i64 = 900;
/// The width the glyph takes before a title.
pub(super) const GLYPH_SPACE: i64 = 1_900;
/// Font sizes of a box's lines.
pub(super) const SIZES: [i64; 3] = [1_300, 1_200, 1_120];
/// Heights of a box's lines.
pub(super) const LINES: [i64; 3] = [1_750, 1_550, 1_450];
const LABEL_SIZE: i64 = 1_150;
const LABEL_HEIGHT: i64 = 1_400;
const MARGIN: i64 = 200;
/// Where return bands turn, beside the columns.
const TURN: i64 = 1_400;
const LANE_SPACE: i64 = 600;

/// A figure's geometry, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Width of the whole.
    pub width: i64,
    /// Height of the whole.
    pub height: i64,
    /// The boxes, column by column, top to bottom.
    pub nodes: Vec<PlacedNode>,
    /// The bands, in a fixed order.
    pub bands: Vec<PlacedBand>,
}

/// A box with its place and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedNode {
    /// The id from the flow, or that of a fold.
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its whole title, not shortened; foreign text, not yet escaped.
    pub title: String,
    /// Its whole subtitle.
    pub subtitle: Option<String>,
    /// The larger of what enters and what leaves it, exact, with units.
    pub amount: String,
    /// The sanctions list that names it.
    pub sanctions: Option<String>,
    /// How many nodes of the flow it stands for.
    pub stands_for: usize,
    /// Its column, from 0.
    pub column: usize,
    /// Left edge.
    pub x: i64,
    /// Top edge.
    pub y: i64,
    /// Width.
    pub width: i64,
    /// Height.
    pub height: i64,
    /// The lines to draw, cut to the box: title, amount, subtitle.
    pub lines: Vec<String>,
    /// Which of the lines are addresses.
    pub monospace: Vec<bool>,
}

/// A band with its route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedBand {
    /// The position in `nodes` of the box it leaves.
    pub from: usize,
    /// The position in `nodes` of the box it enters.
    pub to: usize,
    /// The amount it is drawn by.
    pub amount: u128,
    /// Its exact amount, in digits of the smallest unit.
    pub digits: String,
    /// What it is counted in.
    pub unit: Unit,
    /// Its amount as text.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// How many transactions make it up.
    pub count: u32,
    /// Its width, the same at both ends.
    pub thickness: i64,
    /// Where it runs.
    pub route: Route,
    /// Its amount as drawn on it, where there is room.
    pub label: Option<PlacedLabel>,
}

/// Where a band runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Left to right through stations, the first at the source's right side, the last at the target's left.
    Forward(Vec<Station>),
    /// Against the columns.
    Return(Return),
}

/// The way of a return band: out on the right, along a lane below everything, in on the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// Top of the band where it leaves: x and y.
    pub from: (i64, i64),
    /// Top of the band where it enters: x and y.
    pub to: (i64, i64),
    /// The middle of the lane.
    pub lane: i64,
    /// Where it turns down and where it turns up: the middles.
    pub turns: (i64, i64),
}

/// A straight stretch of a band across a column, by its top edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station {
    /// Where the stretch begins.
    pub left: i64,
    /// Where it ends.
    pub right: i64,
    /// Its top edge.
    pub top: i64,
}

/// A text on a band, centred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedLabel {
    /// Middle of the text from left to right.
    pub x: i64,
    /// Middle of the text from top to bottom.
    pub y: i64,
    /// The most it will take up.
    pub width: i64,
    /// What it says; foreign text, not yet escaped.
    pub text: String,
}

/// Lays out a flow; the same for every order of its nodes and bands.
pub fn layout(flow: &Flow, options: &FigureOptions) -> Layout {
    let mut graph = fold::fold(Graph::new(flow), options);
    graph.close_ranks();
    let ordered = Ordered::new(&graph);
    let texts: Vec<NodeText> = (0..graph.nodes.len())
        .map(|node| NodeText::new(&graph, node, options))
        .collect();
    let heights: Vec<i64> = texts
        .iter()
        .map(|text| text_height(text.lines.len()))
        .collect();
    let placed = place(&graph, &ordered, &heights, options);
    let geometry = Geometry::new(&graph, &ordered, options);
    let (nodes, position) = placed_nodes(&graph, &ordered, &placed, &geometry, texts);
    let (mut bands, bottom) = placed_bands(&graph, &ordered, &placed, &geometry, &position);
    part_labels(&mut bands);
    Layout {
        width: geometry.width,
        height: bottom + MARGIN,
        nodes,
        bands,
    }
}

/// The least height of a box with a number of lines.
pub(super) fn text_height(lines: usize) -> i64 {
    LINES.iter().take(lines).sum::<i64>() + 1_300
}

/// Where the columns stand.
struct Geometry {
    width: i64,
    node_width: i64,
    gap: i64,
    left: i64,
}

impl Geometry {
    fn new(graph: &Graph, ordered: &Ordered, options: &FigureOptions) -> Self {
        let last = ordered.columns.len().saturating_sub(1);
        let turns = |at_edge: &dyn Fn(&Band) -> bool| {
            let turn = graph
                .bands
                .iter()
                .any(|band| graph.is_return(band) && at_edge(band));
            MARGIN + if turn { TURN * 2 } else { 0 }
        };
        let left = turns(&|band| graph.nodes[band.to].rank == 0);
        let margins = left + turns(&|band| graph.nodes[band.from].rank == last);
        let columns = i64::try_from(ordered.columns.len())
            .unwrap_or(i64::MAX)
            .max(1);
        let node_width = options.node_width;
        let spare = options.width - margins - columns * node_width;
        let gaps = (columns - 1).max(1);
        let gap = (spare / gaps).clamp(options.gap_min, options.gap_min.max(node_width));
        let width = margins + columns * node_width + (columns - 1) * gap;
        Geometry {
            width,
            node_width,
            gap,
            left,
        }
    }

    fn column_x(&self, column: usize) -> i64 {
        self.left + i64::try_from(column).unwrap_or(0) * (self.node_width + self.gap)
    }
}

/// What a box says.
struct NodeText {
    title: String,
    amount: String,
    lines: Vec<String>,
    monospace: Vec<bool>,
}

impl NodeText {
    fn new(graph: &Graph, node: usize, options: &FigureOptions) -> Self {
        let amounts = graph.amounts_of(node);
        let join = |show: &dyn Fn(&Unit, &str) -> String| {
            let amounts: Vec<String> = amounts
                .iter()
                .map(|(unit, digits)| show(unit, digits))
                .collect();
            amounts.join(" + ")
        };
        let brief = join(&|unit, digits| unit.brief(digits));
        let node = &graph.nodes[node];
        let FlowNode {
            title,
            subtitle,
            sanctions,
            ..
        } = &node.flow;
        let flag = if sanctions.is_some() { GLYPH_SPACE } else { 0 };
        let room = options.node_width - 2 * PADDING;
        let mut drawn = vec![
            fit_line(title, Face::Bold, SIZES[0], room - GLYPH_SPACE),
            (
                text::fit(&text::visible(&brief), Face::Sans, SIZES[1], room - flag),
                false,
            ),
        ];
        drawn.extend(
            subtitle
                .as_ref()
                .map(|subtitle| fit_line(subtitle, Face::Sans, SIZES[2], room)),
        );
        let title = if node.stands_for > 1 {
            format!("{title} ({brief})")
        } else {
            title.clone()
        };
        let (lines, monospace) = drawn.into_iter().unzip();
        NodeText {
            title,
            amount: join(&Unit::exact),
            lines,
            monospace,
        }
    }
}

/// Cuts foreign text to a line: an address in its middle, other text at its end.
fn fit_line(foreign: &str, face: Face, size: i64, room: i64) -> (String, bool) {
    if text::looks_like_address(foreign) {
        (
            text::fit(&text::shorten(foreign), Face::Mono, size, room),
            true,
        )
    } else {
        (text::fit(&text::visible(foreign), face, size, room), false)
    }
}

/// The boxes column by column, and where each node of the graph stands among them.
fn placed_nodes(
    graph: &Graph,
    ordered: &Ordered,
    placed: &Placed,
    geometry: &Geometry,
    texts: Vec<NodeText>,
) -> (Vec<PlacedNode>, Vec<usize>) {
    let mut position = vec![0; graph.nodes.len()];
    let mut texts: BTreeMap<usize, NodeText> = texts.into_iter().enumerate().collect();
    let mut nodes = Vec::with_capacity(graph.nodes.len());
    for (column, cells) in ordered.columns.iter().enumerate() {
        for &cell in cells {
            let Cell::Node(at) = ordered.cells[cell] else {
                continue;
            };
            let Some(text) = texts.remove(&at) else {
                continue;
            };
            let node = &graph.nodes[at];
            position[at] = nodes.len();
            nodes.push(PlacedNode {
                id: node.flow.id.clone(),
                kind: node.flow.kind,
                title: text.title,
                subtitle: node.flow.subtitle.clone(),
                amount: text.amount,
                sanctions: node.flow.sanctions.clone(),
                stands_for: node.stands_for,
                column,
                x: geometry.column_x(column),
                y: MARGIN + placed.tops[cell],
                width: geometry.node_width,
                height: placed.heights[cell],
                lines: text.lines,
                monospace: text.monospace,
            });
        }
    }
    (nodes, position)
}

/// The bands with their routes, and the bottom of the picture.
fn placed_bands(
    graph: &Graph,
    ordered: &Ordered,
    placed: &Placed,
    geometry: &Geometry,
    position: &[usize],
) -> (Vec<PlacedBand>, i64) {
    let mut stations = forward_stations(graph, ordered, placed, geometry);
    let mut bottom = MARGIN + placed.bottom;
    let mut entering = vec![0_usize; graph.nodes.len()];
    graph.bands.iter().for_each(|band| entering[band.to] += 1);
    let mut bands = Vec::with_capacity(graph.bands.len());
    let mut returned = 0;
    for (at, band) in graph.bands.iter().enumerate() {
        let thickness = placed.widths[at];
        let route = match placed.returns[at] {
            None => Route::Forward(std::mem::take(&mut stations[at])),
            Some(offsets) => {
                let lane = bottom + LANE_SPACE + thickness / 2;
                bottom = lane + thickness - thickness / 2;
                returned += 1;
                return_route(graph, band, placed, geometry, (offsets, lane, returned))
            }
        };
        let label = placed_label(band, &route, thickness, entering[band.to], geometry.gap);
        bands.push(PlacedBand {
            from: position[band.from],
            to: position[band.to],
            amount: band.amount,
            digits: band.digits.clone(),
            unit: band.unit.clone(),
            text: band.label.clone(),
            certainty: band.certainty,
            count: band.count,
            thickness,
            route,
            label,
        });
    }
    (bands, bottom)
}

/// For each band, where it crosses columns and where it ends.
fn forward_stations(
    graph: &Graph,
    ordered: &Ordered,
    placed: &Placed,
    geometry: &Geometry,
) -> Vec<Vec<Station>> {
    let mut stations = vec![Vec::new(); graph.bands.len()];
    for (column, pieces) in ordered.pieces.iter().enumerate() {
        for (piece, offsets) in pieces.iter().zip(&placed.offsets[column]) {
            let right = geometry.column_x(column) + geometry.node_width;
            let top = MARGIN + placed.tops[piece.from] + offsets.0;
            let left = match ordered.cells[piece.from] {
                Cell::Node(_) => right,
                Cell::Via(_) => geometry.column_x(column),
            };
            stations[piece.band].push(Station { left, right, top });
            if let Cell::Node(_) = ordered.cells[piece.to] {
                let left = geometry.column_x(column + 1);
                let top = MARGIN + placed.tops[piece.to] + offsets.1;
                stations[piece.band].push(Station {
                    left,
                    right: left,
                    top,
                });
            }
        }
    }
    stations
}

fn return_route(
    graph: &Graph,
    band: &Band,
    placed: &Placed,
    geometry: &Geometry,
    ((leaves, enters), lane, returned): ((i64, i64), i64, i64),
) -> Route {
    // Nodes are the first cells, at the same positions.
    let top = |node: usize| MARGIN + placed.tops[node];
    let right = geometry.column_x(graph.nodes[band.from].rank) + geometry.node_width;
    let left = geometry.column_x(graph.nodes[band.to].rank);
    // Neighbouring returns turn at different places, so that they can be told apart.
    let turn = TURN + returned % 3 * (TURN / 3);
    Route::Return(Return {
        from: (right, top(band.from) + leaves),
        to: (left, top(band.to) + enters),
        lane,
        turns: (right + turn, left - turn),
    })
}

/// The amount on the band itself: where the box it enters does not already say it, and where it fits.
fn placed_label(
    band: &Band,
    route: &Route,
    thickness: i64,
    entering: usize,
    gap: i64,
) -> Option<PlacedLabel> {
    let Route::Forward(stations) = route else {
        return None;
    };
    let plain = band.unit.exact(&band.digits);
    if thickness < LABEL_HEIGHT || (entering < 2 && band.label == plain) {
        return None;
    }
    // The middle of the last stretch: there the curve is halfway, whatever its slope.
    let [.., before, end] = stations.as_slice() else {
        return None;
    };
    let (x, y) = (
        i64::midpoint(before.right, end.left),
        i64::midpoint(before.top, end.top) + thickness / 2,
    );
    [&band.label, &band.unit.brief(&band.digits)]
        .into_iter()
        .find_map(|text| {
            let text = text::visible(text);
            let width = text::width_of(&text, Face::Sans, LABEL_SIZE);
            (width <= gap - 1_000).then_some(PlacedLabel { x, y, width, text })
        })
}

/// Of labels that would overlap, only the one on the widest band stays.
fn part_labels(bands: &mut [PlacedBand]) {
    let mut order: Vec<usize> = (0..bands.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(bands[at].thickness), at));
    let mut kept: Vec<(i64, i64)> = Vec::new();
    for at in order {
        let Some(label) = &bands[at].label else {
            continue;
        };
        let (x, y) = (label.x, label.y);
        // Labels share the middle of their gap, so only heights can tell them apart.
        if kept
            .iter()
            .any(|other| other.0 == x && (other.1 - y).abs() < LABEL_HEIGHT)
        {
            bands[at].label = None;
        } else {
            kept.push((x, y));
        }
    }
}
