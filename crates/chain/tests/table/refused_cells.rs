//! Tables that are refused for one cell, and the place they name.

use super::*;

#[test]
fn what_is_no_amount_is_an_error_at_its_place() {
    let two_256 = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    for (text, message) in [
        ("-1", "amount \"-1\" is negative"),
        ("NaN", "\"NaN\" is not a decimal number"),
        ("inf", "\"inf\" is not a decimal number"),
        ("", "the cell is empty"),
        (" ", "the cell is empty"),
        ("\"1,000\"", "\"1,000\" has the separator ',' in it"),
        ("1'000", "\"1'000\" has the separator '\\'' in it"),
        ("$5", "\"$5\" is not a decimal number"),
        (
            "1\u{ff10}",
            "\"1\u{ff10}\" holds U+FF10 at character 2, which no number or time has",
        ),
        (
            "1.0000000000000000001",
            "amount \"1.0000000000000000001\" has more than 18 decimals",
        ),
        ("1e-19", "amount \"1e-19\" has more than 18 decimals"),
        ("1e60", "amount \"1e60\" is 2^256 or more smallest units"),
        (
            two_256,
            &format!("amount {two_256:?} is 2^256 or more smallest units"),
        ),
    ] {
        let result = read(around(&format!("2,{A},{B},{text}")));
        assert_error(result, &format!("t.csv:3: column \"amount\": {message}"));
    }
}

#[test]
fn digits_an_asset_does_not_have_are_rounded_only_as_the_mapping_names() {
    let text = around(&format!("2,{A},{B},0.0000000000000000015"));
    for (rounding, expected) in [("down", "1"), ("half-even", "2"), ("half-up", "2")] {
        let rounded = mapping(&format!("rounding = \"{rounding}\""), "");
        let table = read_table(text.as_bytes(), &rounded, None, "t.csv").unwrap();
        assert_eq!(
            (amounts(&table)[1].as_str(), table.rounded),
            (expected, 1),
            "{rounding}"
        );
    }
    assert!(matches!(
        *read(&text).unwrap_err().fault,
        TableFault::Amount(_)
    ));
}

#[test]
fn what_is_no_address_is_an_error_at_its_place() {
    for (text, message) in [
        (
            "0x1234",
            "\"0x1234\" is not an EVM address of `0x` and 40 hex digits",
        ),
        (
            "0x098B716B8aaf21512996dC57EB0615e2383E2f96",
            "the checksum of \"0x098B716B8aaf21512996dC57EB0615e2383E2f96\", its upper and lower case, is wrong",
        ),
        (
            "0x11111111111111111111\u{200b}11111111111111111111",
            "\"0x11111111111111111111\\u{200b}11111111111111111111\" holds U+200B at character 23, which no id has",
        ),
        (
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "\"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\" is not an EVM address of `0x` and 40 hex digits",
        ),
        ("", "the cell is empty"),
    ] {
        for (column, row) in [
            ("from", format!("2,{text},{B},1")),
            ("to", format!("2,{A},{text},1")),
        ] {
            assert_error(
                read(around(&row)),
                &format!("t.csv:3: column {column:?}: {message}"),
            );
        }
    }
    let long = read(around(&format!("2,{A},{},1", "x".repeat(100_000)))).unwrap_err();
    assert!(
        long.to_string().len() < 400,
        "an offending text is cut: {}",
        long.to_string().len()
    );
}

#[test]
fn what_is_no_time_number_or_id_is_an_error_at_its_place() {
    for (text, message) in [
        (
            "2022-03-23",
            "\"2022-03-23\" is not a time of the form 1648042149",
        ),
        (
            "1648042149000",
            "1648042149000 is not within the years 0 to 9999",
        ),
        ("", "the cell is empty"),
    ] {
        let row = around(&format!("{text},{A},{B},1"));
        assert_error(read(row), &format!("t.csv:3: column \"time\": {message}"));
    }
    let wide = mapping(
        "",
        "block = \"block\"\nindex = \"index\"\ntransaction = \"tx\"\nlog_index = \"log\"",
    );
    let hash = "0x".to_owned() + &"ab".repeat(32);
    let read = |block: &str, index: &str, tx: &str, log: &str| {
        let row = format!(
            "time,from,to,amount,block,index,tx,log\n1,{A},{B},1,{block},{index},{tx},{log}\n"
        );
        read_table(row.as_bytes(), &wide, None, "t.csv")
    };
    let row = read("7", "0", &hash, "").unwrap().source.rows.remove(0);
    assert_eq!(
        (row.height, row.index, row.log_index),
        (Some(7), Some(0), None)
    );
    let number = "is not a whole number from 0 to 4294967295";
    for (result, message) in [
        (
            read("7.0", "0", &hash, "1"),
            format!("column \"block\": \"7.0\" {number}"),
        ),
        (
            read("4294967296", "0", &hash, "1"),
            format!("column \"block\": \"4294967296\" {number}"),
        ),
        (
            read("", "0", &hash, "1"),
            "column \"block\": the cell is empty".to_owned(),
        ),
        (
            read("7", "-1", &hash, "1"),
            format!("column \"index\": \"-1\" {number}"),
        ),
        (
            read("7", "0", &hash, "0x1"),
            format!("column \"log\": \"0x1\" {number}"),
        ),
        (
            read("7", "0", "0xab", "1"),
            "column \"tx\": \"0xab\" is not a transaction id of 64 hex digits".to_owned(),
        ),
        (
            read("7", "0", "", "1"),
            "column \"tx\": the cell is empty".to_owned(),
        ),
    ] {
        assert_error(result, &format!("t.csv:2: {message}"));
    }
}

#[test]
fn an_asset_is_a_caip_id_or_a_contract_on_the_chain() {
    let tokens = mapping(
        "asset_decimals = { \"erc20:0xdac17f958d2ee523a2206206994597c13d831ec7\" = 6 }",
        "asset = \"token\"",
    );
    let read = |token: &str| {
        let row = format!("time,from,to,amount,token\n1,{A},{B},1,{token}\n");
        read_table(row.as_bytes(), &tokens, None, "t.csv")
    };
    let asset = |token: &str| {
        let row = read(token).unwrap().source.rows.remove(0);
        (row.asset.to_string(), row.amount.to_string())
    };
    let usdt = (
        "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7".to_owned(),
        "1000000".to_owned(),
    );
    assert_eq!(asset("0xdAC17F958D2ee523a2206206994597C13D831ec7"), usdt);
    assert_eq!(
        asset("ethereum/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"),
        usdt
    );
    assert_eq!(
        asset(""),
        (
            "eip155:1/slip44:60".to_owned(),
            "1000000000000000000".to_owned()
        )
    );
    assert!(asset(B).0.ends_with(B));
    for (token, message) in [
        (
            "USDT",
            "\"USDT\" is not an EVM address of `0x` and 40 hex digits",
        ),
        (
            "eip155:56/slip44:714",
            "the asset eip155:56/slip44:714 is not on eip155:1, the chain of the table",
        ),
        (
            "eip155:1/erc20:0x12",
            "the contract is not an address of the chain: \"0x12\" is not an EVM address of `0x` and 40 hex digits",
        ),
        (
            "iso4217:USD",
            "the mapping gives amounts of iso4217:USD 18 decimals, and it has 2",
        ),
    ] {
        assert_error(
            read(token),
            &format!("t.csv:2: column \"token\": {message}"),
        );
    }
}
