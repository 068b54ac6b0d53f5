//! The page of a trace: one self-contained HTML file that an investigator can keep, print and send.
//!
//! What was stolen, where it was last seen, adding up to 100 %, how it got there, and what limits all this. Sums and
//! shares are computed here from exact amounts, so a page cannot claim a total its rows do not have; where the rows
//! do not account for what was stolen, the page says so itself.
//!
//! Not here: the words of a case (callers bring them), and who may read them (editions). No script, no font, no
//! picture from elsewhere: the content security policy forbids every request.

mod cells;
mod sections;
mod seen;

use crate::figure::{FigureOptions, Flow, NodeKind, Unit};
use crate::text::html;

/// Everything the page of a trace says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TracePage {
    /// The page's title.
    pub title: String,
    /// The one figure the page is about.
    pub headline: Headline,
    /// Paragraphs that say in plain words what was found.
    pub lead: Vec<String>,
    /// What was stolen.
    pub stolen: Vec<StolenRow>,
    /// Where it was last seen, one group per asset.
    pub seen: Vec<SeenGroup>,
    /// What limits the findings.
    pub caveats: Vec<CaveatText>,
    /// How it got there; drawn, and listed whole in the table twin.
    pub figure: Flow,
    /// Measures and limits of the drawing.
    pub figure_options: FigureOptions,
    /// What it takes to compute the page again: policy, store, case revision, version, parameters.
    pub method: Vec<(String, String)>,
    /// Where the data came from.
    pub sources: Vec<SourceRow>,
}

/// The figure that stands large at the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headline {
    /// The number, formatted.
    pub figure: String,
    /// What it counts.
    pub unit: String,
    /// What it is: "stolen from … on …".
    pub words: String,
}

/// One thing stolen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StolenRow {
    /// When, in UTC.
    pub time: String,
    /// From whom.
    pub victim: String,
    /// How much, formatted, with its symbol.
    pub amount: String,
    /// The asset's CAIP-19 id.
    pub asset: String,
    /// Its value, with price source and day, where one is known.
    pub value: Option<String>,
    /// Where it first went, or was taken from.
    pub address: Option<String>,
    /// The transaction that took it.
    pub transaction: Option<String>,
}

/// Where one asset was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenGroup {
    /// What its amounts are counted in.
    pub unit: Unit,
    /// The places.
    pub rows: Vec<SeenRow>,
    /// What the places must account for; none where the amounts are a reach and not parts of a sum (poison).
    pub balance: Option<Balance>,
}

/// What the places must account for, in digits of the smallest unit: stolen + converted in − converted out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What the trace started from.
    pub stolen: String,
    /// What arrived as this asset from another.
    pub converted_in: String,
    /// What left as another asset.
    pub converted_out: String,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// What it is.
    pub kind: NodeKind,
    /// What it is in plain words: "deposited at a service".
    pub kind_words: String,
    /// Who is behind it, if somebody says.
    pub entity: Option<String>,
    /// The whole address.
    pub address: Option<String>,
    /// How much, exact, in digits of the smallest unit.
    pub digits: String,
    /// When money first arrived, in UTC.
    pub first: Option<String>,
    /// When money last arrived.
    pub last: Option<String>,
    /// The transaction that shows it.
    pub transaction: Option<String>,
    /// Why the trace ends there.
    pub reason: String,
}

/// Something that limits the findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaveatText {
    /// Its kind, in a word or two.
    pub kind: String,
    /// What it means, in plain words.
    pub words: String,
}

/// Where data came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRow {
    /// What was taken from it.
    pub what: String,
    /// Where it is.
    pub where_from: String,
    /// Under which licence.
    pub licence: String,
}

/// Forbids every request, script and frame; only the page's own style counts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Renders a page as one HTML file. The same page gives the same bytes.
pub fn render(page: &TracePage) -> String {
    let title = html(&page.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the findings</a>\n",
        include_str!("page.css"),
    );
    sections::header(&mut out, page);
    out.push_str("<main id=\"main\">\n");
    seen::summary(&mut out, page);
    sections::figure(&mut out, page);
    sections::stolen(&mut out, &page.stolen);
    seen::places(&mut out, &page.seen);
    sections::caveats(&mut out, &page.caveats);
    sections::method(&mut out, &page.method);
    sections::sources(&mut out, &page.sources);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}
