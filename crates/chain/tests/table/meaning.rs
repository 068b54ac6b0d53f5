//! What rows mean: fees and failures, the chain they are on, the promise made for them.

use super::*;

fn with_fees(rows: &[(&str, &str, &str, &str)]) -> Result<Table, TableError> {
    let fees = mapping(
        "failed = [\"failed\"]",
        "transaction = \"tx\"\nfee = \"fee\"\nstatus = \"status\"",
    );
    let mut text = "time,from,to,amount,tx,fee,status\n".to_owned();
    for (tx, from, fee, status) in rows {
        text.push_str(&format!(
            "1,{from},{B},1,{},{fee},{status}\n",
            tx.repeat(64)
        ));
    }
    read_table(text.as_bytes(), &fees, None, "t.csv")
}

fn kinds(table: &Table) -> Vec<RowKind> {
    table.source.rows.iter().map(|row| row.kind).collect()
}

#[test]
fn a_fee_is_told_once_for_each_transaction() {
    use RowKind::{Fee, Transfer};
    let rows = [
        ("a", A, "0.5", "ok"),
        ("b", A, "0.5", "ok"),
        ("a", A, "0.50", "ok"),
        ("a", A, "", "ok"),
    ];
    let table = with_fees(&rows).unwrap();
    assert_eq!(
        kinds(&table),
        [Fee, Transfer, Fee, Transfer, Transfer, Transfer]
    );
    let fee = &table.source.rows[0];
    assert_eq!(fee.amount, U256::from(500_000_000_000_000_000_u64));
    assert_eq!(fee.asset, ETHEREUM.native_asset().unwrap());
    assert_eq!(fee.from, Address::parse(&ETHEREUM, A).unwrap());
    let differing = [
        ("a", A, "0.5", "ok"),
        ("b", A, "0.5", "ok"),
        ("a", A, "0.6", "ok"),
    ];
    let expected = "t.csv:4: column \"fee\": the fee of the transaction is 600000000000000000 here and \
                    500000000000000000 on line 2";
    assert_error(with_fees(&differing), expected);
    assert_error(
        with_fees(&[("a", A, "-1", "ok")]),
        "t.csv:2: column \"fee\": amount \"-1\" is negative",
    );
}

#[test]
fn a_fee_told_by_several_senders_is_not_charged_to_whoever_comes_first() {
    let error = with_fees(&[("a", A, "0.5", "ok"), ("a", B, "0.5", "ok")]).unwrap_err();
    let expected = format!(
        "t.csv:3: column \"fee\": the fee of the transaction is paid by {B} here and by {A} on line 2"
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().unwrap().contains("fee_payer"));
}

#[test]
fn a_failed_row_pays_its_fee_and_moves_nothing() {
    use RowKind::{Fee, Transfer};
    let rows = [
        ("a", A, "0.5", "failed"),
        ("b", A, "", "failed"),
        ("c", A, "0.5", "Failed"),
        ("d", A, "", ""),
    ];
    let table = with_fees(&rows).unwrap();
    assert_eq!(kinds(&table), [Fee, Fee, Transfer, Transfer]);
    assert_eq!(table.rows, 4);
}

#[test]
fn the_caller_may_name_the_chain_and_someone_must() {
    let text = around(&format!("2,{A},{B},1"));
    let optimism = Chain::Evm(10);
    let table = read_table(text.as_bytes(), &mapping("", ""), Some(&optimism), "t.csv").unwrap();
    assert_eq!(table.chain, optimism);
    assert_eq!(
        table.source.rows[0].asset.to_string(),
        "eip155:10/slip44:60"
    );
    let bitcoin: Chain = "bitcoin".parse().unwrap();
    let error = read_table(text.as_bytes(), &mapping("", ""), Some(&bitcoin), "t.csv").unwrap_err();
    assert!(matches!(*error.fault, TableFault::ChainOfOutputs { .. }));

    let unbound = built_in("mftracer")
        .unwrap()
        .replace("chain = \"eip155:1\"", "");
    let unbound = Mapping::parse(&unbound, "unbound.toml").unwrap();
    let error = read_table(text.as_bytes(), &unbound, None, "t.csv").unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv: neither the mapping \"mftracer\" nor the caller says which chain the table is of"
    );
    assert!(error.hint().unwrap().contains("--chain"));

    let ronin = Mapping::load("ronin-dune").unwrap();
    let error = read_table(text.as_bytes(), &ronin, Some(&Chain::Tron), "t.csv").unwrap_err();
    assert!(matches!(*error.fault, TableFault::Mapping(_)), "{error}");
}

#[test]
fn a_promise_about_addresses_is_not_made_for_a_table_without_them() {
    let text = format!("block_time,from,to,total_eth\n2022-03-29T21:41:18Z,{A},{B},1\n")
        .replace(",0x", ",\\x");
    let ronin = Mapping::load("ronin-dune").unwrap();
    let error = read_table(text.as_bytes(), &ronin, None, "t.csv").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("promises all rows of 8 addresses, and no row has one of them")
    );
    assert!(error.hint().unwrap().contains("rows"));
}
