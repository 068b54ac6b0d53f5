//! A trace in the forms of other programs: STIX 2.1, GraphML, CSV, Parquet.
//!
//! The input is plain: who, whom, how much of what. Amounts are whole numbers of the smallest unit, as text; where a form
//! has decimal numbers too, the exact text stands beside them. Foreign text is made harmless for each form: a cell that a
//! spreadsheet would take for a formula is not one.

mod graphml;
mod parquet;
mod stix;

pub use graphml::graphml;
pub use parquet::parquet;
pub use stix::stix;

use crate::text::visible;

/// A trace, plain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// What it is called: the finding's name.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// When it was computed, RFC 3339 in UTC.
    pub time: String,
    /// TLP 2.0.
    pub handling: String,
    /// Addresses and outputs.
    pub nodes: Vec<Node>,
    /// What moved between them.
    pub edges: Vec<Edge>,
}

/// An address or an output.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// The address as its chain writes it, or `txid:vout`.
    pub id: String,
    /// CAIP-2.
    pub chain: String,
    /// What the case calls it. May be hostile.
    pub name: Option<String>,
    /// `origin`, `address`, or the kind of endpoint.
    pub kind: String,
    /// How much of which asset ended there: digits and CAIP-19.
    pub ended: Vec<(String, String)>,
}

/// What moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The transaction; none of an edge that a claim alone tells.
    pub transaction: Option<String>,
    /// When, RFC 3339 in UTC.
    pub time: Option<String>,
    /// From which node.
    pub from: String,
    /// To which node.
    pub to: String,
    /// CAIP-19.
    pub asset: String,
    /// Its symbol, where it is known.
    pub symbol: String,
    /// How many decimals its amounts have.
    pub decimals: u8,
    /// Smallest units, in digits.
    pub amount: String,
    /// `spend`, `transfer`, `conversion`, `bridge`, `claim`.
    pub why: String,
    /// `fact`, `inference`, `claim`.
    pub basis: String,
}

/// The columns of the edges, in CSV and Parquet.
pub(crate) const COLUMNS: [&str; 8] = [
    "transaction",
    "time",
    "from",
    "to",
    "asset",
    "amount",
    "why",
    "basis",
];

impl Edge {
    pub(crate) fn cells(&self) -> [&str; 8] {
        [
            self.transaction.as_deref().unwrap_or_default(),
            self.time.as_deref().unwrap_or_default(),
            &self.from,
            &self.to,
            &self.asset,
            &self.amount,
            &self.why,
            &self.basis,
        ]
    }
}

/// The edges as CSV (RFC 4180, but with `\n`), each cell safe to open in a spreadsheet.
pub fn csv(graph: &Graph) -> String {
    let mut out = COLUMNS.join(",");
    out.push('\n');
    for edge in &graph.edges {
        let cells = edge.cells().map(cell);
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

/// A cell: a spreadsheet takes what begins with `=`, `+`, `-`, `@`, a tab or a return for a formula; an apostrophe makes
/// it text. Tabs and returns are spelled out, like all that hides.
///
/// ```
/// assert_eq!(whither_report::exchange::cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
/// ```
pub fn cell(text: &str) -> String {
    let cell = visible(text);
    // Full-width signs are read as the plain ones by some programs.
    let formula = cell
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let cell = if formula { format!("'{cell}") } else { cell };
    if cell.contains([',', '"', ';']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
