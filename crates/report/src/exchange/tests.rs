//! Each form says what the trace says, and hostile text stays text.

use serde_json::Value;

use super::*;

fn graph() -> Graph {
    let node = |id: &str, kind: &str| Node {
        id: id.to_owned(),
        chain: "eip155:1".to_owned(),
        name: Some("=cmd|' /C calc'!A0 <img onerror=x>\u{202e}".to_owned()),
        kind: kind.to_owned(),
        ended: vec![("5".to_owned(), "eip155:1/slip44:60".to_owned())],
    };
    Graph {
        name: "trail".to_owned(),
        about: "A trace under fifo.".to_owned(),
        time: "2026-01-01T00:00:00Z".to_owned(),
        handling: "TLP:CLEAR".to_owned(),
        nodes: vec![node("0xaa", "origin"), node("0xbb", "horizon")],
        edges: vec![Edge {
            transaction: Some("0x01".to_owned()),
            time: Some("2022-03-23T13:29:09Z".to_owned()),
            from: "0xaa".to_owned(),
            to: "0xbb".to_owned(),
            asset: "eip155:1/slip44:60".to_owned(),
            symbol: "ETH".to_owned(),
            decimals: 18,
            amount: "173600000000000000000001".to_owned(),
            why: "transfer".to_owned(),
            basis: "fact".to_owned(),
        }],
    }
}

#[test]
fn a_bundle_holds_wallets_and_transactions_with_exact_amounts() {
    let bundle: Value = serde_json::from_str(&stix(&graph())).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    let of = |kind: &str| -> Vec<&Value> {
        let found = objects.iter().filter(|object| object["type"] == kind);
        found.collect()
    };
    assert_eq!(of("cryptocurrency-wallet").len(), 2);
    let moved = of("cryptocurrency-transaction")[0];
    assert_eq!(
        moved["output"][0]["x_whither_units"],
        "173600000000000000000001"
    );
    assert_eq!(
        moved["output"][0]["address_ref"],
        of("cryptocurrency-wallet")[1]["id"]
    );
    assert_eq!(moved["symbol"], "ETH");
    assert!(!bundle.to_string().contains('\u{202e}'));
}

/// The identifier of a wallet is the one that the standard's rule gives, whoever makes it.
#[test]
fn identifiers_are_those_of_the_standard() {
    let bundle: Value = serde_json::from_str(&stix(&graph())).unwrap();
    let id = bundle["objects"][3]["id"].as_str().unwrap();
    // uuid.uuid5(uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7"), '{"value":"0xaa"}')
    assert_eq!(
        id,
        "cryptocurrency-wallet--574bc910-96a6-542c-ae71-831e24ca718e"
    );
}

#[test]
fn a_table_has_no_formula_in_it() {
    let mut graph = graph();
    graph.edges[0].from = "@SUM(1+1)".to_owned();
    graph.edges[0].to = "\t=1+1".to_owned();
    graph.edges[0].why = "a;b".to_owned();
    let text = csv(&graph);
    let row = text.lines().nth(1).unwrap();
    assert!(
        row.contains(",'@SUM(1+1),⟦U+0009⟧=1+1,") && row.contains("\"a;b\""),
        "{row}"
    );
}

#[test]
fn a_graph_is_sound_xml() {
    let text = graphml(&graph());
    assert!(!text.contains("<img") && !text.contains('\u{202e}'));
    assert!(text.contains("<data key=\"edge-amount\">173600000000000000000001</data>"));
    assert_eq!(text.matches("<node ").count(), 2);
}

#[test]
fn a_parquet_file_reads_back() {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::RowAccessor as _;
    let bytes = parquet(&graph()).unwrap();
    assert_eq!(bytes, parquet(&graph()).unwrap());
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let row = reader.get_row_iter(None).unwrap().next().unwrap().unwrap();
    assert_eq!(row.get_string(5).unwrap(), "173600000000000000000001");
}
