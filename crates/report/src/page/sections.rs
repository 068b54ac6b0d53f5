//! The other sections of the page: header, figure with its table twin, what was stolen, caveats, method, sources.
//!
//! Each leaves itself out when it has nothing to say, except the caveats: their absence is said.
//!
//! Not here: where it was last seen (`seen`).

use std::collections::BTreeMap;

use super::cells::{
    address, amount, close_table, counted, drawn_sign, foreign, open_table, or_dash, put, sign,
};
use super::{CaveatText, SourceRow, StolenRow, TracePage};
use crate::figure::{
    Certainty, FLAG, Flow, FlowBand, FlowNode, Layout, NodeKind, Route, Theme, dashes, layout, svg,
};
use crate::text::html;

/// Caveats of one kind shown before the rest is put behind a disclosure.
const CAVEATS_SHOWN: usize = 6;

/// Title, headline figure, lead.
pub(super) fn header(out: &mut String, page: &TracePage) {
    put(
        out,
        format_args!(
            "<header>\n<p class=\"kicker\">Trace report</p>\n<h1>{}</h1>\n",
            foreign(&page.title)
        ),
    );
    let headline = &page.headline;
    if !headline.figure.is_empty() {
        put(
            out,
            format_args!(
                "<p class=\"headline\"><span class=\"number\">{}</span> <span class=\"unit\">{}</span> \
                 <span class=\"words\">{}</span></p>\n",
                html(&headline.figure),
                foreign(&headline.unit),
                foreign(&headline.words)
            ),
        );
    }
    for paragraph in &page.lead {
        put(
            out,
            format_args!("<p class=\"lead\">{}</p>\n", foreign(paragraph)),
        );
    }
    out.push_str("</header>\n");
}

/// The flow figure, its legend and its table twin.
pub(super) fn figure(out: &mut String, page: &TracePage) {
    if page.figure.bands.is_empty() {
        return;
    }
    let placed = layout(&page.figure, &page.figure_options);
    out.push_str(
        "<section id=\"flow-section\" aria-labelledby=\"flow-h\">\n\
         <h2 id=\"flow-h\">How it moved</h2>\n<figure>\n",
    );
    put(
        out,
        format_args!(
            "<div class=\"scroll drawing\" style=\"--natural:{}px\" role=\"group\" tabindex=\"0\" \
             aria-label=\"Flow figure\">\n",
            placed.width / 100
        ),
    );
    out.push_str(&svg(&placed, &Theme::default()));
    out.push_str("</div>\n<figcaption>");
    let folded = placed
        .nodes
        .iter()
        .filter(|node| node.stands_for > 1)
        .count();
    out.push_str(
        "From left to right; a band is as wide as its amount, hair-thin where the amount is tiny. Addresses are \
         shortened and amounts cut (…) in the drawing; both stand whole in the table.",
    );
    if folded > 0 {
        out.push_str(" The smallest boxes are folded into one that says how many it stands for.");
    }
    legend(out, &page.figure, &placed);
    out.push_str("</figcaption>\n</figure>\n");
    table_twin(out, &page.figure);
    out.push_str("</section>\n");
}

/// The signs that this figure uses.
fn legend(out: &mut String, flow: &Flow, placed: &Layout) {
    out.push_str("\n<ul class=\"legend\" aria-label=\"Signs\">\n");
    for kind in NodeKind::ALL {
        if flow.nodes.iter().any(|node| node.kind == kind) {
            put(
                out,
                format_args!("<li>{}{}</li>\n", sign(kind), kind.words()),
            );
        }
    }
    if placed.nodes.iter().any(|node| node.stands_for > 1) {
        put(
            out,
            format_args!(
                "<li>{}several folded into one</li>\n",
                sign(NodeKind::Other)
            ),
        );
    }
    if flow.nodes.iter().any(|node| node.sanctions.is_some()) {
        put(
            out,
            format_args!("<li>{}on a sanctions list</li>\n", drawn_sign(FLAG)),
        );
    }
    for certainty in [Certainty::Observed, Certainty::Inferred, Certainty::Claimed] {
        if flow.bands.iter().any(|band| band.certainty == certainty) {
            line_sign(out, "line", dashes(certainty), certainty.words());
        }
    }
    if placed
        .bands
        .iter()
        .any(|band| matches!(band.route, Route::Return(_)))
    {
        line_sign(out, "line back", "none", "came back (not to scale)");
    }
    out.push_str("</ul>");
}

fn line_sign(out: &mut String, class: &str, dashes: &str, words: &str) {
    put(
        out,
        format_args!(
            "<li><svg class=\"{class}\" width=\"34\" height=\"8\" aria-hidden=\"true\"><path d=\"M1 4h32\" \
             stroke-dasharray=\"{dashes}\"/></svg>{words}</li>\n"
        ),
    );
}

/// Every band of the flow, unfolded, largest first.
fn table_twin(out: &mut String, flow: &Flow) {
    let nodes: BTreeMap<&str, &FlowNode> = flow
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut bands: Vec<&FlowBand> = flow.bands.iter().collect();
    bands.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.cmp(b)));
    put(
        out,
        format_args!(
            "<details class=\"twin\">\n<summary>The figure as a table: {}</summary>\n",
            counted(bands.len(), "band", "bands")
        ),
    );
    open_table(
        out,
        "bands",
        "Every band of the figure, largest first",
        &["From", "To", "Amount", "Transactions", "Certainty"],
    );
    out.push_str("<tbody>\n");
    for band in bands {
        put(
            out,
            format_args!(
                "<tr><td class=\"k\">{}</td><td class=\"k\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
                 <td>{}</td></tr>\n",
                end(&nodes, &band.from),
                end(&nodes, &band.to),
                amount(&band.label),
                band.count,
                band.certainty
            ),
        );
    }
    out.push_str("</tbody>\n");
    close_table(out);
    out.push_str("</details>\n");
}

/// An end of a band: sign, whole title, subtitle, listing.
fn end(nodes: &BTreeMap<&str, &FlowNode>, id: &str) -> String {
    let Some(node) = nodes.get(id) else {
        return foreign(id);
    };
    let mut cell = format!(
        "{}<span class=\"hidden\">{}: </span>{}",
        sign(node.kind),
        node.kind.words(),
        foreign(&node.title)
    );
    for detail in [&node.subtitle, &node.sanctions].into_iter().flatten() {
        put(
            &mut cell,
            format_args!("<br><small>{}</small>", foreign(detail)),
        );
    }
    cell
}

/// What was stolen.
pub(super) fn stolen(out: &mut String, rows: &[StolenRow]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("<section id=\"stolen\" aria-labelledby=\"stolen-h\">\n<h2 id=\"stolen-h\">What was stolen</h2>\n");
    let valued = rows.iter().any(|row| row.value.is_some());
    let heads = [
        "When",
        "From whom",
        "Amount",
        "Value",
        "Address and transaction",
    ];
    let heads: Vec<&str> = heads
        .into_iter()
        .filter(|head| valued || *head != "Value")
        .collect();
    open_table(out, "stolen", "What was stolen", &heads);
    out.push_str("<tbody>\n");
    for row in rows {
        put(
            out,
            format_args!(
                "<tr><td class=\"when\">{}</td><th scope=\"row\">{}</th><td class=\"n\">{}<br><small>{}</small></td>",
                or_dash(Some(&row.time)),
                foreign(&row.victim),
                amount(&row.amount),
                address(&row.asset)
            ),
        );
        if valued {
            put(
                out,
                format_args!("<td>{}</td>", or_dash(row.value.as_deref())),
            );
        }
        let ids: Vec<String> = [&row.address, &row.transaction]
            .into_iter()
            .flatten()
            .map(|id| address(id))
            .collect();
        let ids = if ids.is_empty() {
            or_dash(None)
        } else {
            ids.join("<br>")
        };
        put(out, format_args!("<td>{ids}</td></tr>\n"));
    }
    out.push_str("</tbody>\n");
    close_table(out);
    out.push_str("</section>\n");
}

/// What limits the findings, by kind in the order given.
pub(super) fn caveats(out: &mut String, caveats: &[CaveatText]) {
    out.push_str("<section id=\"caveats\" aria-labelledby=\"caveats-h\">\n<h2 id=\"caveats-h\">Caveats</h2>\n");
    if caveats.is_empty() {
        out.push_str("<p>The trace recorded none.</p>\n</section>\n");
        return;
    }
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for caveat in caveats {
        match kinds.iter_mut().find(|(kind, _)| *kind == caveat.kind) {
            Some((_, words)) => words.push(&caveat.words),
            None => kinds.push((&caveat.kind, vec![&caveat.words])),
        }
    }
    out.push_str("<dl class=\"caveats\">\n");
    for (kind, words) in kinds {
        put(out, format_args!("<dt>{}</dt>\n<dd>", foreign(kind)));
        let (shown, rest) = words.split_at(words.len().min(CAVEATS_SHOWN));
        shown
            .iter()
            .for_each(|words| put(out, format_args!("<p>{}</p>", foreign(words))));
        if !rest.is_empty() {
            put(
                out,
                format_args!("<details><summary>and {} more</summary>", rest.len()),
            );
            rest.iter()
                .for_each(|words| put(out, format_args!("<p>{}</p>", foreign(words))));
            out.push_str("</details>");
        }
        out.push_str("</dd>\n");
    }
    out.push_str("</dl>\n</section>\n");
}

/// What it takes to compute the page again.
pub(super) fn method(out: &mut String, method: &[(String, String)]) {
    if method.is_empty() {
        return;
    }
    out.push_str(
        "<section id=\"method\" aria-labelledby=\"method-h\">\n<h2 id=\"method-h\">Method</h2>\n\
         <p class=\"note\">With the same data and these settings, every figure on this page can be computed again.</p>\n\
         <dl class=\"method\">\n",
    );
    for (name, value) in method {
        put(
            out,
            format_args!("<dt>{}</dt><dd>{}</dd>\n", foreign(name), foreign(value)),
        );
    }
    out.push_str("</dl>\n</section>\n");
}

/// Where the data came from.
pub(super) fn sources(out: &mut String, sources: &[SourceRow]) {
    if sources.is_empty() {
        return;
    }
    out.push_str("<section id=\"sources\" aria-labelledby=\"sources-h\">\n<h2 id=\"sources-h\">Sources</h2>\n");
    open_table(
        out,
        "sources",
        "Where the data came from",
        &["What", "From", "Licence"],
    );
    out.push_str("<tbody>\n");
    for source in sources {
        put(
            out,
            format_args!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
                foreign(&source.what),
                foreign(&source.where_from),
                foreign(&source.licence)
            ),
        );
    }
    out.push_str("</tbody>\n");
    close_table(out);
    out.push_str("</section>\n");
}
