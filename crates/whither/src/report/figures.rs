//! The figures of a report, drawn from findings and totals, each with its table twin.
//!
//! A waterfall takes the stolen sum down to nothing by the kinds of its endpoints, and says so where it does not come out.
//! Names of addresses are the case's; a name whose claim this edition may not show is left out.

mod total;
mod trace;

use whither_casework::Json;
use whither_report::document::{Block, Body, Reference};
use whither_report::edition::Drawn;

use super::audience::Refusal;
use super::desk::Desk;
use total::{thefts, timeline, totals};
use trace::{flow, waterfall};

/// The drawing of a part, if it is a figure.
pub(super) fn drawn(desk: &Desk<'_>, block: &Block) -> Option<Result<Drawn, Refusal>> {
    let Body::Figure {
        drawing, subject, ..
    } = &block.body
    else {
        return None;
    };
    let prefix = format!("figure-{}", block.id);
    Some(draw(desk, drawing, subject, &prefix))
}

fn draw(
    desk: &Desk<'_>,
    drawing: &str,
    subject: &Reference,
    prefix: &str,
) -> Result<Drawn, Refusal> {
    let wrong = |what: &str| Refusal {
        what: format!("`{drawing}` is drawn from {what}, and not from {subject}"),
        hint: "name it after the drawing, as `::: figure waterfall finding:NAME`".to_owned(),
    };
    let json = desk.result(subject)?;
    let schema = json
        .field("schema")
        .and_then(Json::text)
        .unwrap_or_default();
    match (drawing, schema) {
        ("waterfall", "whither.trace/1") => waterfall(&json, prefix),
        ("flow", "whither.trace/1") => flow(desk, &json, prefix),
        ("waterfall" | "flow", _) => Err(wrong("a saved trace")),
        ("thefts", "whither.total/1") => Ok(thefts(desk, &json, prefix)),
        ("timeline", "whither.total/1") => Ok(timeline(desk, &json, prefix)),
        ("totals", "whither.total/1") => totals(desk, &json, prefix),
        _ => Err(wrong("a total")),
    }
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.field(key).and_then(Json::list).unwrap_or_default()
}

fn words<'a>(json: &'a Json, key: &str) -> &'a str {
    json.field(key).and_then(Json::text).unwrap_or_default()
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let head = head.iter().map(ToString::to_string).collect();
    std::iter::once(head).chain(rows).collect()
}
