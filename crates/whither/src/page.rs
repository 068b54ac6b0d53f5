//! A finding as a page: what was stolen, where it was last seen, how it got there.
//!
//! Every number is taken from the finding; every word about somebody from the case. Nothing is computed
//! here but sums of what the finding lists.

use std::collections::{BTreeMap, BTreeSet};

use whither_analysis::trace::result::{Basis, Edge, EdgeEnd, Endpoint, EndpointKind, OriginRow};
use whither_casework::claims::{Incident, OriginClaim};
use whither_casework::{Case, Claim};
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::known_tokens;
use whither_report::figure::{Certainty, Flow, FlowBand, FlowNode, NodeKind, Unit};
use whither_report::page::{
    Balance, CaveatText, Headline, SeenGroup, SeenRow, SourceRow, StolenRow, TracePage,
};
use whither_report::text;

use crate::error::Error;
use crate::knowledge::{self, Named};
use crate::question::Finding;

/// What a page says besides the finding.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Paragraphs at the top.
    pub lead: Vec<String>,
    /// Further lines under "method".
    pub method: Vec<(String, String)>,
    /// Where the data came from.
    pub sources: Vec<SourceRow>,
}

/// The page of a finding about an incident.
///
/// # Errors
/// Where a claim of the case cannot be read.
pub fn of_incident(
    finding: &Finding,
    case: &Case,
    claim: &Claim,
    incident: &Incident,
    words: Words,
) -> Result<TracePage, Error> {
    let chain = finding
        .provenance
        .parameters
        .chain
        .parse()
        .map_err(Error::new)?;
    let names = named(case, &chain)?;
    let mut sources = words.sources;
    sources.push(SourceRow {
        what: format!(
            "{}: what was stolen, and where its trace starts (claim {})",
            title(incident),
            claim.name()
        ),
        where_from: [
            claim.marks.source.as_deref(),
            claim.marks.reference.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" — "),
        licence: format!(
            "fact, cited; confidence {}, {}",
            mark(claim.marks.confidence),
            mark(claim.marks.handling)
        ),
    });
    Ok(TracePage {
        title: format!("{}, {}", title(incident), day(claim)),
        headline: headline(finding, claim, incident),
        lead: words.lead,
        stolen: stolen(finding, claim, incident),
        seen: seen(finding, &names),
        caveats: caveats(finding),
        figure: flow(finding, &names),
        figure_options: whither_report::figure::FigureOptions::default(),
        method: method(finding, words.method),
        sources,
    })
}

/// What the case calls each address of a chain; the first name where there are several.
pub(crate) fn named(case: &Case, chain: &Chain) -> Result<BTreeMap<String, Named>, Error> {
    let mut names: BTreeMap<String, Named> = BTreeMap::new();
    for (address, named) in knowledge::names(case, chain)? {
        names.entry(address.display(chain)).or_insert(named);
    }
    Ok(names)
}

/// The date of a theft, to the day.
fn day(claim: &Claim) -> &str {
    let date = date(claim);
    date.get(..10).unwrap_or(date)
}

fn date(claim: &Claim) -> &str {
    claim
        .marks
        .date
        .as_ref()
        .map_or("date not stated", |date| date.as_str())
}

/// What a theft is called, or the id that it has in the case.
fn title(incident: &Incident) -> &str {
    incident
        .title
        .as_deref()
        .unwrap_or(incident.incident.as_str())
}

fn victim(incident: &Incident) -> &str {
    incident
        .victim
        .as_deref()
        .unwrap_or("a victim that is not named")
}

fn mark(mark: Option<impl ToString>) -> String {
    mark.map_or_else(|| "not stated".to_owned(), |mark| mark.to_string())
}

/// How an asset's amounts are written: by its decimals where a standard fixes them or the shipped list of well-known
/// contracts has them, else in smallest units. What a token says of itself is not asked.
#[must_use]
pub fn unit(asset: &str) -> Unit {
    let known: Option<Asset> = asset.parse().ok();
    let decimals = known.as_ref().and_then(Asset::decimals_hint);
    let symbol = known.as_ref().and_then(Asset::unit_name);
    let token = known.as_ref().and_then(known_tokens::known);
    let token = token.map(|token| (token.decimals, token.symbol));
    match decimals.zip(symbol).or(token) {
        Some((decimals, symbol)) => Unit::new(asset, symbol, decimals),
        None => Unit::new(asset, "smallest units", 0),
    }
}

fn headline(finding: &Finding, claim: &Claim, incident: &Incident) -> Headline {
    let Some(totals) = finding.trace.totals.first() else {
        return Headline::default();
    };
    let unit = unit(&totals.asset);
    Headline {
        figure: text::units(&totals.origin, unit.decimals),
        unit: unit.symbol,
        words: format!(
            "followed from the theft from {}, {}",
            victim(incident),
            day(claim)
        ),
    }
}

/// The claim that tells an origin of an incident. Of several transfers that an incident tells of one
/// transaction, the first.
pub(crate) fn claim_of<'a>(row: &OriginRow, incident: &'a Incident) -> Option<&'a OriginClaim> {
    incident.origins.iter().find(|origin| match origin {
        OriginClaim::Transfer(told) => told.transaction == row.what && told.asset == row.asset,
        OriginClaim::Place(place) => place.from == row.what,
    })
}

fn stolen(finding: &Finding, claim: &Claim, incident: &Incident) -> Vec<StolenRow> {
    let row = |row: &OriginRow| {
        let (time, transaction) = match claim_of(row, incident) {
            Some(OriginClaim::Transfer(told)) => {
                (told.time.clone(), Some(told.transaction.clone()))
            }
            _ => (date(claim).to_owned(), None),
        };
        StolenRow {
            time,
            victim: victim(incident).to_owned(),
            amount: unit(&row.asset).exact(&row.amount),
            asset: row.asset.clone(),
            value: None,
            address: row.address.clone(),
            transaction,
        }
    };
    finding.trace.origins.iter().map(row).collect()
}

fn seen(finding: &Finding, names: &BTreeMap<String, Named>) -> Vec<SeenGroup> {
    let trace = &finding.trace;
    let group = |totals: &whither_analysis::trace::result::Totals| SeenGroup {
        unit: unit(&totals.asset),
        rows: trace
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.asset == totals.asset)
            .map(|endpoint| seen_row(endpoint, names))
            .collect(),
        balance: (trace.policy != "poison").then(|| Balance {
            stolen: totals.origin.clone(),
            converted_in: totals.converted_in.clone(),
            converted_out: totals.converted_out.clone(),
        }),
    };
    trace.totals.iter().map(group).collect()
}

fn seen_row(endpoint: &Endpoint, names: &BTreeMap<String, Named>) -> SeenRow {
    let named = endpoint
        .address
        .as_ref()
        .and_then(|address| names.get(address));
    let entity = endpoint
        .entity
        .as_ref()
        .map(|entity| format!("{} ({})", entity.name, entity.category));
    SeenRow {
        kind: node_kind(endpoint.kind),
        kind_words: kind_words(endpoint.kind).to_owned(),
        entity: entity
            .or_else(|| named.map(|named| format!("{}, by claim {}", named.text(), named.claim))),
        address: endpoint.address.clone().or_else(|| endpoint.output.clone()),
        digits: endpoint.amount.clone(),
        first: None,
        last: endpoint.time.clone(),
        transaction: endpoint.transaction.clone(),
        reason: reason(endpoint),
    }
}

fn reason(endpoint: &Endpoint) -> String {
    match endpoint.reason.rule.as_str() {
        "end-of-data" => "the data does not tell what this address did next".to_owned(),
        "held-within-coverage" => {
            "the data holds all rows of this address, and none moves it on".to_owned()
        }
        "unspent-within-coverage" => "no block of the data spends it".to_owned(),
        rule => rule.to_owned(),
    }
}

/// A kind of end in plain words.
#[must_use]
pub fn kind_words(kind: EndpointKind) -> &'static str {
    match kind {
        EndpointKind::Unspent => "not spent",
        EndpointKind::Held => "still held",
        EndpointKind::Service => "received by a service",
        EndpointKind::Mixer => "entered a mixer",
        EndpointKind::Bridge => "entered a bridge",
        EndpointKind::Burn => "destroyed",
        EndpointKind::Fee => "paid as fee",
        EndpointKind::Dust => "too little to follow, as asked",
        EndpointKind::Depth => "as many steps as asked",
        EndpointKind::Time => "as late as asked",
        EndpointKind::Degree => "looks like a service",
        EndpointKind::Horizon => "last seen at",
        EndpointKind::Unresolved => "cannot be followed",
        EndpointKind::Frozen => "frozen",
        EndpointKind::Recovered => "given back",
        EndpointKind::Coinbase => "newly mined",
        EndpointKind::Mint => "newly issued",
        EndpointKind::Opening => "there before the data begins",
    }
}

fn node_kind(kind: EndpointKind) -> NodeKind {
    match kind {
        EndpointKind::Unspent => NodeKind::Unspent,
        EndpointKind::Held | EndpointKind::Frozen => NodeKind::Held,
        EndpointKind::Service | EndpointKind::Degree => NodeKind::Service,
        EndpointKind::Mixer => NodeKind::Mixer,
        EndpointKind::Bridge => NodeKind::Bridge,
        EndpointKind::Burn => NodeKind::Burn,
        EndpointKind::Fee => NodeKind::Fee,
        EndpointKind::Horizon => NodeKind::LastSeen,
        EndpointKind::Unresolved => NodeKind::Unresolved,
        _ => NodeKind::Other,
    }
}

fn caveats(finding: &Finding) -> Vec<CaveatText> {
    let mut grouped: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for caveat in &finding.trace.caveats {
        let about = grouped
            .entry((caveat.kind.clone(), caveat.what.clone()))
            .or_default();
        let amount = match (&caveat.amount, &caveat.asset) {
            (Some(amount), Some(asset)) => Some(unit(asset).exact(amount)),
            _ => None,
        };
        let parts = [caveat.address.clone(), amount]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        about.extend((!parts.is_empty()).then(|| parts.join(": ")));
    }
    let words = |((kind, what), about): ((String, String), Vec<String>)| {
        let about = if about.is_empty() {
            String::new()
        } else {
            format!(" ({})", about.join("; "))
        };
        CaveatText {
            kind: kind.replace('-', " "),
            words: format!("{}.{about}", capital(&what)),
        }
    };
    grouped.into_iter().map(words).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn method(finding: &Finding, further: Vec<(String, String)>) -> Vec<(String, String)> {
    let provenance = &finding.provenance;
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut rows = vec![
        row("Policy", finding.trace.policy),
        row("Direction", finding.trace.direction),
        row("Starting points", &provenance.parameters.from.join(", ")),
        row("Stops", &provenance.parameters.stops.join(", ")),
        row("Chain", &provenance.parameters.chain),
        row("Chain data", &provenance.store),
        row("Case", provenance.case.as_deref().unwrap_or("none")),
        row("Program", &format!("whither {}", provenance.version)),
    ];
    rows.extend(further);
    rows
}

/// Who stands at an end of an edge: an address, or an output that has none.
fn who(end: &EdgeEnd) -> String {
    end.address
        .clone()
        .or_else(|| end.output.clone())
        .unwrap_or_else(|| "several inputs".to_owned())
}

fn flow(finding: &Finding, names: &BTreeMap<String, Named>) -> Flow {
    let trace = &finding.trace;
    let mut bands: BTreeMap<(String, String, String), Vec<&Edge>> = BTreeMap::new();
    for edge in &trace.edges {
        bands
            .entry((who(&edge.from), who(&edge.to), edge.asset.clone()))
            .or_default()
            .push(edge);
    }
    let senders: BTreeSet<&String> = bands.keys().map(|(from, _, _)| from).collect();
    let receivers: BTreeSet<&String> = bands.keys().map(|(_, to, _)| to).collect();
    let mut ends: BTreeMap<String, EndpointKind> = BTreeMap::new();
    for endpoint in &trace.endpoints {
        if let Some(place) = endpoint.address.clone().or_else(|| endpoint.output.clone()) {
            ends.entry(place).or_insert(endpoint.kind);
        }
    }
    // An address that is an origin by itself is where the trace starts, whatever comes back to it.
    let starts: BTreeSet<&String> = trace
        .origins
        .iter()
        .filter_map(|row| {
            row.address
                .as_ref()
                .filter(|address| names_address(&row.what, address))
        })
        .collect();
    let all: BTreeSet<&String> = senders.iter().chain(&receivers).copied().collect();
    let node = |id: &String| {
        let is_start = starts.contains(id) || !receivers.contains(id);
        let kind = match ends.get(id) {
            _ if is_start => NodeKind::Origin,
            Some(kind) if !senders.contains(id) => node_kind(*kind),
            _ => NodeKind::Address,
        };
        let mut node = FlowNode::new(id, id, kind);
        node.column = is_start.then_some(0);
        if let Some(named) = names.get(id) {
            node.subtitle = Some(named.name.clone());
            node.sanctions = (named.category == "sanctioned")
                .then(|| named.source.clone().unwrap_or_else(|| named.claim.clone()));
        }
        node
    };
    let nodes = all.into_iter().map(node).collect();
    let bands = bands
        .iter()
        .map(|((from, to, asset), edges)| band(from, to, asset, edges))
        .collect();
    Flow { nodes, bands }
}

/// Whether an origin was asked for by this address, and not by a transaction or an output.
fn names_address(what: &str, address: &str) -> bool {
    what.rsplit(':')
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(address))
}

fn band(from: &str, to: &str, asset: &str, edges: &[&Edge]) -> FlowBand {
    let digits = edges.iter().fold("0".to_owned(), |sum, edge| {
        text::add_digits(&sum, &edge.amount)
    });
    let transactions: BTreeSet<&String> = edges
        .iter()
        .filter_map(|edge| edge.transaction.as_ref())
        .collect();
    let mut band = FlowBand::new(from, to, digits, &unit(asset));
    band.count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
    band.certainty = match edges.iter().map(|edge| edge.basis).max() {
        Some(Basis::Claim) => Certainty::Claimed,
        Some(Basis::Inference) => Certainty::Inferred,
        _ => Certainty::Observed,
    };
    band
}
