//! Figures of a saved trace: the waterfall, and the flow.

use std::collections::{BTreeMap, BTreeSet};

use whither_casework::Json;
use whither_ledger::chain::Chain;
use whither_report::edition::Drawn;
use whither_report::figure::chart::{Row, RowKind, WIDTH, row_chart};
use whither_report::figure::{
    Certainty, FigureOptions, Flow, FlowBand, FlowNode, NodeKind, Theme, layout, svg,
};
use whither_report::text;

use super::super::audience::Refusal;
use super::super::desk::Desk;
use super::{list, table, words};
use crate::knowledge::{self, Named};
use crate::page::unit;

/// The stolen sum of one asset, taken down by kind.
pub(super) fn waterfall(trace: &Json, prefix: &str) -> Result<Drawn, Refusal> {
    let refused = |what: &str| Refusal {
        what: what.to_owned(),
        hint: "draw a trace under a policy that conserves value: haircut, fifo, lifo or tiho"
            .to_owned(),
    };
    if words(trace, "policy") == "poison" {
        return Err(refused(
            "poison is a reach and no sum: its endpoints do not add up",
        ));
    }
    let [totals, rest @ ..] = list(trace, "totals") else {
        return Err(refused("the trace has no totals"));
    };
    let unit = unit(words(totals, "asset"));
    let origin = text::add_digits(words(totals, "origin"), words(totals, "converted_in"));
    let parts = parts(totals);
    let whole = text::weight(&origin);
    let mut left = whole;
    let mut rows = vec![Row {
        label: "Stolen and followed".to_owned(),
        begin: 0,
        end: whole,
        text: unit.exact(&origin),
        kind: RowKind::Whole,
    }];
    let mut cells = vec![vec!["stolen and followed".to_owned(), unit.exact(&origin)]];
    for (label, amount) in &parts {
        let end = left;
        left = left.saturating_sub(text::weight(amount));
        rows.push(Row {
            label: label.clone(),
            begin: left,
            end,
            text: unit.exact(amount),
            kind: RowKind::Part,
        });
        cells.push(vec![label.clone(), unit.exact(amount)]);
    }
    let sum = parts.iter().fold("0".to_owned(), |sum, (_, amount)| {
        text::add_digits(&sum, amount)
    });
    let mut note = Vec::new();
    if text::add_digits(&sum, "0") != text::add_digits(&origin, "0") {
        note.push(format!(
            "The parts come to {}, and not to the sum.",
            unit.exact(&sum)
        ));
    }
    if !rest.is_empty() {
        note.push(format!(
            "{} further assets of this trace are not drawn.",
            rest.len()
        ));
    }
    cells.push(vec!["together".to_owned(), unit.exact(&sum)]);
    Ok(Drawn {
        svg: row_chart(prefix, "Where the stolen sum went", &rows, &[]),
        width: WIDTH,
        table: table(&["Where", "Amount"], cells),
        note: (!note.is_empty()).then(|| note.join(" ")),
    })
}

/// What the sum of one asset came to, the largest first.
fn parts(totals: &Json) -> Vec<(String, String)> {
    let kinds = totals.field("by_kind").and_then(Json::object);
    let mut parts: Vec<(String, String)> = kinds
        .into_iter()
        .flatten()
        .filter_map(|(kind, amount)| Some((kind_words(kind).to_owned(), amount.text()?.to_owned())))
        .collect();
    parts.push((
        "exchanged for another asset".to_owned(),
        words(totals, "converted_out").to_owned(),
    ));
    parts.retain(|(_, amount)| text::weight(amount) > 0);
    parts.sort_by(|a, b| {
        text::weight(&b.1)
            .cmp(&text::weight(&a.1))
            .then_with(|| a.0.cmp(&b.0))
    });
    parts
}

/// A kind of endpoint in plain words.
fn kind_words(kind: &str) -> &str {
    match kind {
        "unspent" => "not spent",
        "held" => "still held",
        "service" => "received by a service",
        "mixer" => "entered a mixer",
        "bridge" => "entered a bridge",
        "burn" => "destroyed",
        "fee" => "paid as fee",
        "horizon" => "last seen at",
        "degree" => "looks like a service",
        "unresolved" => "cannot be followed",
        "frozen" => "frozen",
        "recovered" => "given back",
        other => other,
    }
}

fn node_kind(kind: &str) -> NodeKind {
    match kind {
        "unspent" => NodeKind::Unspent,
        "held" | "frozen" => NodeKind::Held,
        "service" | "degree" => NodeKind::Service,
        "mixer" => NodeKind::Mixer,
        "bridge" => NodeKind::Bridge,
        "burn" => NodeKind::Burn,
        "fee" => NodeKind::Fee,
        "horizon" => NodeKind::LastSeen,
        "unresolved" => NodeKind::Unresolved,
        _ => NodeKind::Other,
    }
}

/// Bands by who, whom and in what; each with its amount, how sure it is, and how many edges make it.
type Bands = BTreeMap<(String, String, String), (String, Certainty, u32)>;

fn bands(trace: &Json) -> Bands {
    let mut bands = Bands::new();
    for edge in list(trace, "edges") {
        let who = |end: &str| {
            let end = edge.field(end);
            let place = |key: &str| end.and_then(|end| end.field(key)).and_then(Json::text);
            place("address")
                .or(place("output"))
                .unwrap_or("several inputs")
                .to_owned()
        };
        let certainty = match words(edge, "basis") {
            "claim" => Certainty::Claimed,
            "inference" => Certainty::Inferred,
            _ => Certainty::Observed,
        };
        let key = (who("from"), who("to"), words(edge, "asset").to_owned());
        let band = bands
            .entry(key)
            .or_insert_with(|| ("0".to_owned(), certainty, 0));
        band.0 = text::add_digits(&band.0, words(edge, "amount"));
        band.1 = band.1.max(certainty);
        band.2 += 1;
    }
    bands
}

pub(super) fn flow(desk: &Desk<'_>, trace: &Json, prefix: &str) -> Result<Drawn, Refusal> {
    let bands = bands(trace);
    let names = names(desk, trace)?;
    let ends: BTreeMap<&str, &str> = list(trace, "endpoints")
        .iter()
        .rev()
        .filter_map(|end| {
            let place = end.field("address").and_then(Json::text);
            let place = place.or(end.field("output").and_then(Json::text))?;
            Some((place, words(end, "kind")))
        })
        .collect();
    let senders: BTreeSet<&String> = bands.keys().map(|(from, _, _)| from).collect();
    let receivers: BTreeSet<&String> = bands.keys().map(|(_, to, _)| to).collect();
    let node = |id: &&String| {
        let is_start = !receivers.contains(id);
        let kind = match ends.get(id.as_str()) {
            _ if is_start => NodeKind::Origin,
            Some(kind) if !senders.contains(id) => node_kind(kind),
            _ => NodeKind::Address,
        };
        let mut node = FlowNode::new(id.as_str(), id.as_str(), kind);
        node.column = is_start.then_some(0);
        if let Some(named) = names.get(id.as_str()) {
            node.subtitle = Some(named.name.clone());
            desk.uses_named(&named.claim);
        }
        node
    };
    let all: BTreeSet<&String> = senders.iter().chain(&receivers).copied().collect();
    let flow = Flow {
        nodes: all.iter().map(node).collect(),
        bands: bands
            .iter()
            .map(|((from, to, asset), (digits, certainty, count))| {
                let mut band = FlowBand::new(from, to, digits, &unit(asset));
                band.certainty = *certainty;
                band.count = *count;
                band
            })
            .collect(),
    };
    let placed = layout(&flow, &FigureOptions::default());
    let theme = Theme {
        prefix: prefix.to_owned(),
        ..Theme::default()
    };
    let cells = bands
        .iter()
        .map(|((from, to, asset), (digits, certainty, count))| {
            let amount = unit(asset).exact(digits);
            vec![
                from.clone(),
                to.clone(),
                amount,
                certainty.words().to_owned(),
                count.to_string(),
            ]
        });
    Ok(Drawn {
        svg: svg(&placed, &theme),
        width: placed.width / 100,
        table: table(
            &["From", "To", "Amount", "How sure", "Transfers"],
            cells.collect(),
        ),
        note: None,
    })
}

/// Names of addresses that this edition may show.
fn names(desk: &Desk<'_>, trace: &Json) -> Result<BTreeMap<String, Named>, Refusal> {
    let chain = trace
        .field("provenance")
        .and_then(|it| it.field("parameters"));
    let chain = chain.map(|it| words(it, "chain")).unwrap_or_default();
    let Ok(chain) = chain.parse::<Chain>() else {
        return Ok(BTreeMap::new());
    };
    let all = knowledge::names(desk.case, &chain).map_err(|error| Refusal {
        what: error.to_string(),
        hint: "`whither evidence list` shows the claims".to_owned(),
    })?;
    // The first that may be shown, so that a copy without the others gives the same.
    let mut shown: BTreeMap<String, Named> = BTreeMap::new();
    for (address, named) in all {
        if desk.may_show_named(&named.claim) {
            shown.entry(address.display(&chain)).or_insert(named);
        }
    }
    Ok(shown)
}
