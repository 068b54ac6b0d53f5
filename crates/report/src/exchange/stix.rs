//! A trace as a STIX 2.1 bundle: wallets, transactions between them, and a report that says what it is.
//!
//! Wallets and transactions are the objects that `muchdogesec/stix2extensions` defines (there are none in the standard),
//! with identifiers by the standard's own rule, UUIDv5 over the value: another producer's wallet of the same address is the
//! same object. Amounts are decimal numbers there, which cannot hold a wei; `x_whither_units` has the exact integer.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};
use sha1::{Digest as _, Sha1};

use super::{Edge, Graph};
use crate::text::{units, visible};

const WALLET: &str = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7";
const TRANSACTION: &str = "extension-definition--151d042d-4dcf-5e44-843f-1024440318e5";
const EXTENSIONS: &str = "https://raw.githubusercontent.com/muchdogesec/stix2extensions/main/automodel_generated/schemas/scos/";
/// The namespace of identifiers of observables (STIX 2.1, 2.9).
const NAMESPACE: [u8; 16] = [
    0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7,
];

/// Writes a trace. The same trace gives the same bytes.
pub fn stix(graph: &Graph) -> String {
    let created = millis(&graph.time);
    let marking = marking(&graph.handling);
    let author = identifier("identity", "{\"name\":\"whither\"}");
    let mut objects = vec![json!({
        "type": "identity", "spec_version": "2.1", "id": author, "created": created, "modified": created,
        "name": "whither", "identity_class": "system",
    })];
    for (id, name, file) in [
        (WALLET, "CryptocurrencyWallet", "cryptocurrency-wallet.json"),
        (
            TRANSACTION,
            "CryptocurrencyTransaction",
            "cryptocurrency-transaction.json",
        ),
    ] {
        objects.push(json!({
            "type": "extension-definition", "spec_version": "2.1", "id": id, "created_by_ref": author,
            "created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z", "name": name,
            "schema": format!("{EXTENSIONS}{file}"), "version": "1.0", "extension_types": ["new-sco"],
        }));
    }
    let mut refs = Vec::new();
    for node in &graph.nodes {
        let id = wallet(&node.id);
        refs.push(id.clone());
        let mut object = json!({
            "type": "cryptocurrency-wallet", "spec_version": "2.1", "id": id, "value": visible(&node.id),
            "object_marking_refs": [marking], "extensions": { WALLET: { "extension_type": "new-sco" } },
            "x_whither_chain": node.chain, "x_whither_kind": node.kind,
        });
        if let (Some(name), Some(fields)) = (&node.name, object.as_object_mut()) {
            fields.insert("x_whither_name".to_owned(), Value::String(visible(name)));
        }
        objects.push(object);
    }
    for ((transaction, asset), edges) in transactions(&graph.edges) {
        let object = moved(transaction, asset, &edges, marking);
        refs.push(object["id"].as_str().unwrap_or_default().to_owned());
        objects.push(object);
    }
    objects.push(json!({
        "type": "report", "spec_version": "2.1", "id": identifier("report", &format!("{} {created}", graph.name)),
        "created_by_ref": author, "created": created, "modified": created, "object_marking_refs": [marking],
        "name": visible(&graph.name), "description": visible(&graph.about), "published": graph.time,
        // A report is about something: of an empty trace, about who made it.
        "object_refs": if refs.is_empty() { vec![author.clone()] } else { refs },
    }));
    let bundle = json!({
        "type": "bundle",
        "id": identifier("bundle", &format!("{} {created} {}", graph.name, objects.len())),
        "objects": objects,
    });
    let mut text = serde_json::to_string_pretty(&bundle).unwrap_or_default();
    text.push('\n');
    text
}

/// Edges by transaction and asset: one object has one symbol.
fn transactions(edges: &[Edge]) -> BTreeMap<(&str, &str), Vec<&Edge>> {
    let mut all: BTreeMap<(&str, &str), Vec<&Edge>> = BTreeMap::new();
    for edge in edges {
        if let Some(transaction) = &edge.transaction {
            all.entry((transaction, &edge.asset))
                .or_default()
                .push(edge);
        }
    }
    all
}

fn moved(transaction: &str, asset: &str, edges: &[&Edge], marking: &str) -> Value {
    let side = |who: fn(&Edge) -> &str| -> Vec<Value> {
        let ends = edges.iter().map(|edge| {
            let mut end = Map::new();
            if let Some(amount) = decimal(edge) {
                end.insert("amount".to_owned(), Value::Number(amount));
            }
            end.insert("address_ref".to_owned(), Value::String(wallet(who(edge))));
            end.insert(
                "x_whither_units".to_owned(),
                Value::String(edge.amount.clone()),
            );
            Value::Object(end)
        });
        ends.collect()
    };
    let symbol = edges.first().map_or("", |edge| edge.symbol.as_str());
    let contributing = json!({ "asset": asset, "value": transaction }).to_string();
    let mut object = json!({
        "type": "cryptocurrency-transaction", "spec_version": "2.1",
        "id": identifier("cryptocurrency-transaction", &contributing),
        "symbol": visible(if symbol.is_empty() { asset } else { symbol }), "value": visible(transaction),
        "input": side(|edge| &edge.from), "output": side(|edge| &edge.to),
        "object_marking_refs": [marking], "x_whither_asset": asset,
        "extensions": { TRANSACTION: { "extension_type": "new-sco" } },
    });
    let time = edges.iter().find_map(|edge| edge.time.as_ref());
    if let (Some(time), Some(fields)) = (time, object.as_object_mut()) {
        fields.insert("execution_time".to_owned(), Value::String(time.clone()));
    }
    object
}

/// The amount as the format's decimal number, which may lose digits; the exact one stands beside it.
fn decimal(edge: &Edge) -> Option<Number> {
    let text = units(&edge.amount, edge.decimals).replace(',', "");
    Number::from_f64(text.parse().ok()?)
}

fn wallet(address: &str) -> String {
    identifier(
        "cryptocurrency-wallet",
        &json!({ "value": visible(address) }).to_string(),
    )
}

/// An identifier by the standard's rule for observables.
fn identifier(kind: &str, contributing: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(NAMESPACE);
    hash.update(contributing.as_bytes());
    let mut bytes: [u8; 16] = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{kind}--{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// The marking of TLP 2.0, as OASIS has published them.
fn marking(handling: &str) -> &'static str {
    match handling {
        "TLP:CLEAR" => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        "TLP:GREEN" => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        "TLP:AMBER" => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        "TLP:AMBER+STRICT" => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        _ => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

/// A time with milliseconds, as objects of the standard have it.
fn millis(time: &str) -> String {
    match time.strip_suffix('Z') {
        Some(rest) if !rest.contains('.') => format!("{rest}.000Z"),
        _ => time.to_owned(),
    }
}
