//! A saved trace in the forms of other programs.
//!
//! What is exported is what was kept: the finding's own result, with the names that the case gives. A name whose claim is
//! more closed than the mark that was asked for is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use whither_casework::findings::{Kept, kept, named};
use whither_casework::{Case, Handling, Json, Ledger};
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_report::exchange::{Edge, Graph, Node, csv, graphml, parquet, stix};

use crate::error::Error;
use crate::page;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// STIX 2.1.
    Stix,
    /// A table of what moved.
    Csv,
    /// A graph.
    GraphMl,
    /// The table, in columns.
    Parquet,
}

/// A saved trace in a form.
///
/// # Errors
/// Where the case has no saved trace of that name, or not its result.
pub fn export(dir: &Path, name: &str, form: Form, ceiling: Handling) -> Result<Vec<u8>, Error> {
    let graph = graph(dir, name, ceiling)?;
    Ok(match form {
        Form::Stix => stix(&graph).into_bytes(),
        Form::Csv => csv(&graph).into_bytes(),
        Form::GraphMl => graphml(&graph).into_bytes(),
        Form::Parquet => parquet(&graph).map_err(Error::new)?,
    })
}

/// A saved trace, plain.
fn graph(dir: &Path, name: &str, ceiling: Handling) -> Result<Graph, Error> {
    let ledger = Ledger::open(dir)?;
    let case = Case::of(&ledger)?;
    let found = named(&case, name);
    let traced = found.iter().find(|(_, finding)| finding.command == "trace");
    let Some((claim, _)) = traced else {
        return Err(Error::new(format!("the case has no saved trace {name:?}")).with_hint(
            "`whither trace … --save NAME` keeps one; `whither evidence list --kind finding` lists them",
        ));
    };
    let Kept::Here(text) = kept(&ledger, claim)? else {
        return Err(Error::new(format!(
            "the result of {name:?} is not in this copy of the case"
        ))
        .with_hint("ask for a copy that has it"));
    };
    let trace = Json::read(text.as_bytes()).map_err(Error::new)?;
    let provenance = trace.field("provenance");
    let parameters = provenance.and_then(|it| it.field("parameters"));
    let chain = parameters
        .map(|it| text_of(it, "chain"))
        .unwrap_or_default();
    let names = names(&case, chain, ceiling)?;
    let about = format!(
        "A {} trace under {}, from {}; chain data {}, case {}, computed by whither {}.",
        text_of(&trace, "direction"),
        text_of(&trace, "policy"),
        parameters
            .and_then(|it| it.field("from"))
            .map(Json::canonical)
            .unwrap_or_default(),
        provenance
            .map(|it| text_of(it, "store"))
            .unwrap_or_default(),
        provenance.map(|it| text_of(it, "case")).unwrap_or_default(),
        provenance
            .map(|it| text_of(it, "version"))
            .unwrap_or_default(),
    );
    let edges = edges(&trace);
    Ok(Graph {
        name: name.to_owned(),
        about,
        time: claim.time.to_string(),
        handling: ceiling.to_string(),
        nodes: nodes(&trace, &edges, chain, &names),
        edges,
    })
}

fn text_of<'a>(json: &'a Json, key: &str) -> &'a str {
    json.field(key).and_then(Json::text).unwrap_or_default()
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.field(key).and_then(Json::list).unwrap_or_default()
}

/// Names of addresses, of claims that may be shown.
fn names(case: &Case, chain: &str, ceiling: Handling) -> Result<BTreeMap<String, String>, Error> {
    let Ok(chain) = chain.parse::<Chain>() else {
        return Ok(BTreeMap::new());
    };
    let open = |name: &str| {
        let claims = case.named(name);
        let mark = claims.first().and_then(|claim| claim.marks.handling);
        mark.is_some_and(|mark| mark <= ceiling)
    };
    let all = page::named(case, &chain)?.into_iter();
    let all = all.filter(|(_, named)| open(&named.claim));
    Ok(all.map(|(address, named)| (address, named.name)).collect())
}

/// An end of an edge: an address, an output, or several inputs of a transaction.
fn place(edge: &Json, end: &str) -> String {
    let found = edge.field(end);
    let part = |key: &str| {
        found
            .and_then(|found| found.field(key))
            .and_then(Json::text)
    };
    match part("address").or(part("output")) {
        Some(place) => place.to_owned(),
        None => format!("inputs of {}", text_of(edge, "transaction")),
    }
}

fn edges(trace: &Json) -> Vec<Edge> {
    let times: BTreeMap<&str, &str> = list(trace, "transactions")
        .iter()
        .map(|row| (text_of(row, "transaction"), text_of(row, "time")))
        .collect();
    let edge = |edge: &Json| {
        let transaction = edge.field("transaction").and_then(Json::text);
        let asset = text_of(edge, "asset");
        let known: Option<Asset> = asset.parse().ok();
        let time = transaction
            .and_then(|id| times.get(id))
            .filter(|time| !time.is_empty());
        Edge {
            transaction: transaction.map(ToOwned::to_owned),
            time: time.map(ToString::to_string),
            from: place(edge, "from"),
            to: place(edge, "to"),
            asset: asset.to_owned(),
            symbol: known
                .as_ref()
                .and_then(Asset::unit_name)
                .unwrap_or_default()
                .to_owned(),
            decimals: known
                .as_ref()
                .and_then(Asset::decimals_hint)
                .unwrap_or_default(),
            amount: text_of(edge, "amount").to_owned(),
            why: text_of(edge, "why").to_owned(),
            basis: text_of(edge, "basis").to_owned(),
        }
    };
    let mut edges: Vec<Edge> = list(trace, "edges").iter().map(edge).collect();
    edges.sort();
    edges
}

fn nodes(trace: &Json, edges: &[Edge], chain: &str, names: &BTreeMap<String, String>) -> Vec<Node> {
    let mut ended: BTreeMap<String, (String, Vec<(String, String)>)> = BTreeMap::new();
    for end in list(trace, "endpoints") {
        let place = [text_of(end, "address"), text_of(end, "output")];
        let Some(place) = place.into_iter().find(|place| !place.is_empty()) else {
            continue;
        };
        let row = ended.entry(place.to_owned()).or_default();
        text_of(end, "kind").clone_into(&mut row.0);
        row.1.push((
            text_of(end, "amount").to_owned(),
            text_of(end, "asset").to_owned(),
        ));
    }
    let receivers: BTreeSet<&String> = edges.iter().map(|edge| &edge.to).collect();
    let mut all: BTreeSet<&String> = edges.iter().map(|edge| &edge.from).collect();
    all.extend(&receivers);
    all.extend(ended.keys());
    let node = |id: &&String| {
        let (kind, amounts) = ended.get(id.as_str()).cloned().unwrap_or_default();
        let kind = match kind {
            kind if !kind.is_empty() => kind,
            _ if receivers.contains(id) => "address".to_owned(),
            _ => "origin".to_owned(),
        };
        Node {
            id: (*id).clone(),
            chain: chain.to_owned(),
            name: names.get(id.as_str()).cloned(),
            kind,
            ended: amounts,
        }
    };
    all.iter().map(node).collect()
}
