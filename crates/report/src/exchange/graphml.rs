//! A trace as GraphML, for Gephi, yEd, Cytoscape and networkx.
//!
//! Amounts are text, since the numbers of these programs do not hold them; a weight for drawing stands beside, cut to what
//! a 64-bit integer holds.

use std::fmt::Write as _;

use super::Graph;
use crate::text::{escape_html, visible, weight};

const KEYS: &[(&str, &str, &str)] = &[
    ("node", "chain", "string"),
    ("node", "name", "string"),
    ("node", "kind", "string"),
    ("node", "ended", "string"),
    ("edge", "transaction", "string"),
    ("edge", "time", "string"),
    ("edge", "asset", "string"),
    ("edge", "amount", "string"),
    ("edge", "weight", "long"),
    ("edge", "why", "string"),
    ("edge", "basis", "string"),
];

/// Writes a trace. The same trace gives the same bytes.
pub fn graphml(graph: &Graph) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (of, key, kind) in KEYS {
        put(
            &mut out,
            format_args!(
                "<key id=\"{of}-{key}\" for=\"{of}\" attr.name=\"{key}\" attr.type=\"{kind}\"/>\n"
            ),
        );
    }
    put(
        &mut out,
        format_args!(
            "<graph id=\"{}\" edgedefault=\"directed\">\n",
            safe(&graph.name)
        ),
    );
    for node in &graph.nodes {
        put(&mut out, format_args!("<node id=\"{}\">", safe(&node.id)));
        data(&mut out, "node-chain", &node.chain);
        data(
            &mut out,
            "node-name",
            node.name.as_deref().unwrap_or_default(),
        );
        data(&mut out, "node-kind", &node.kind);
        let ended: Vec<String> = node
            .ended
            .iter()
            .map(|(amount, asset)| format!("{amount} {asset}"))
            .collect();
        data(&mut out, "node-ended", &ended.join("; "));
        out.push_str("</node>\n");
    }
    for (edge, number) in graph.edges.iter().zip(1..) {
        put(
            &mut out,
            format_args!(
                "<edge id=\"e{number}\" source=\"{}\" target=\"{}\">",
                safe(&edge.from),
                safe(&edge.to)
            ),
        );
        data(
            &mut out,
            "edge-transaction",
            edge.transaction.as_deref().unwrap_or_default(),
        );
        data(
            &mut out,
            "edge-time",
            edge.time.as_deref().unwrap_or_default(),
        );
        data(&mut out, "edge-asset", &edge.asset);
        data(&mut out, "edge-amount", &edge.amount);
        let drawn = i64::try_from(weight(&edge.amount)).unwrap_or(i64::MAX);
        data(&mut out, "edge-weight", &drawn.to_string());
        data(&mut out, "edge-why", &edge.why);
        data(&mut out, "edge-basis", &edge.basis);
        out.push_str("</edge>\n");
    }
    out.push_str("</graph>\n</graphml>\n");
    out
}

fn data(out: &mut String, key: &str, text: &str) {
    if !text.is_empty() {
        put(
            out,
            format_args!("<data key=\"{key}\">{}</data>", safe(text)),
        );
    }
}

/// Control characters cannot stand in XML at all; they are spelled out, as everywhere.
fn safe(text: &str) -> String {
    escape_html(&visible(text))
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
