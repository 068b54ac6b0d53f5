//! How a band is drawn: a surface between two lines, one line where it is thin, an arc where it returns.
//!
//! The line style tells how sure a band is, so it must survive every width: a wide band wears it on both edges, a
//! thin one is itself the line.
//!
//! Not here: where bands run (`layout`), and their colours (`theme`).

use super::layout::{Layout, PlacedBand, Return, Route, Station};
use super::svg::{Ids, put, px};
use crate::text::html;

/// Nothing is drawn thinner than this.
const THIN: i64 = 130;

/// Draws a band as a group that says itself in words.
pub(super) fn draw_band(out: &mut String, layout: &Layout, band: &PlacedBand, ids: &mut Ids) {
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
        Route::Return(route) => draw_return(out, route, band.thickness),
    }
    out.push_str("</g>\n");
}

fn draw_forward(out: &mut String, stations: &[Station], thickness: i64) {
    let top = edge(stations, 0, false);
    // A thin band is one line, so that its style can be seen; a wide one is a surface between two lines.
    if thickness < 250 {
        let middle = edge(stations, thickness / 2, false);
        let width = px(thickness.max(THIN));
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

fn draw_return(out: &mut String, route: &Return, thickness: i64) {
    let r = 800;
    let Return {
        from,
        to,
        lane,
        turns,
    } = *route;
    let (down, up) = turns;
    let (leave, enter) = (from.1 + thickness / 2, to.1 + thickness / 2);
    // Straight to each corner, then around it.
    let corners = [
        ((down - r, leave), (down, leave), (down, leave + r)),
        ((down, lane - r), (down, lane), (down - r, lane)),
        ((up + r, lane), (up, lane), (up, lane - r)),
        ((up, enter + r), (up, enter), (up + r, enter)),
    ];
    let at = |(x, y): (i64, i64)| format!("{} {}", px(x), px(y));
    let mut data = format!("M{}", at((from.0, leave)));
    for (before, corner, after) in corners {
        put(
            &mut data,
            format_args!("L{}Q{} {}", at(before), at(corner), at(after)),
        );
    }
    put(&mut data, format_args!("L{}", at((to.0, enter))));
    let width = px(thickness.max(THIN));
    put(
        out,
        format_args!("<path class=\"wf-thin wf-return\" stroke-width=\"{width}\" d=\"{data}\"/>"),
    );
    let back = to.0 - 900;
    let (tip, above, below) = (
        at((to.0, enter)),
        at((back, enter - 500)),
        at((back, enter + 500)),
    );
    put(
        out,
        format_args!("<path class=\"wf-arrow\" d=\"M{tip}L{above}L{below}Z\"/>"),
    );
}

/// Where a band meets its boxes: a strip of full colour on the side.
pub(super) fn draw_ends(out: &mut String, band: &PlacedBand) {
    let (from, to) = match &band.route {
        Route::Forward(stations) => match (stations.first(), stations.last()) {
            (Some(first), Some(last)) => ((first.right, first.top), (last.left, last.top)),
            _ => return,
        },
        Route::Return(Return { from, to, .. }) => (*from, *to),
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
