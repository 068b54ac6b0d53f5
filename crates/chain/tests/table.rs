//! The source `transfers` from outside: tables of every kind, damaged in every way, and the real ones.
//!
//! Tables that may not be shipped are looked for in the folder that `WHITHER_TEST_DATA` names.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use whither_chain::sources::table::{Mapping, Table, TableError, TableFault, built_in, guess, read_table};
use whither_ledger::U256;
use whither_ledger::address::Address;
use whither_ledger::asset::Asset;
use whither_ledger::chain::Chain;
use whither_ledger::coverage::Coverage;
use whither_ledger::memory::{MemoryAccounts, RowKind, TableSource};
use whither_ledger::time::Timestamp;
use whither_ledger::transaction_id::TransactionId;
use whither_ledger::view::{AccountView as _, AddressIx, ChainView as _};

const ETHEREUM: Chain = Chain::Evm(1);
const A: &str = "0x1111111111111111111111111111111111111111";
const B: &str = "0x2222222222222222222222222222222222222222";

/// A mapping of four columns of ether with so many decimals, and what a test adds.
fn mapping_with(decimals: usize, top: &str, columns: &str) -> Mapping {
    let text = format!(
        "schema = \"whither.mapping/1\"\nname = \"test\"\nchain = \"ethereum\"\ntime_format = \"epoch-seconds\"\n\
         asset = \"slip44:60\"\ndecimals = {decimals}\n{top}\n[columns]\ntime = \"time\"\nfrom = \"from\"\n\
         to = \"to\"\namount = \"amount\"\n{columns}\n[coverage]\nkind = \"rows\"\n"
    );
    Mapping::parse(&text, "test.toml").unwrap()
}

fn mapping(top: &str, columns: &str) -> Mapping {
    mapping_with(18, top, columns)
}

fn read(text: impl AsRef<[u8]>) -> Result<Table, TableError> {
    read_table(text.as_ref(), &mapping("", ""), None, "t.csv")
}

/// A good row, a row to be tested, a good row.
fn around(row: &str) -> String {
    format!("time,from,to,amount\n1,{A},{B},1\n{row}\n3,{A},{B},1\n")
}

fn amounts(table: &Table) -> Vec<String> {
    table.source.rows.iter().map(|row| row.amount.to_string()).collect()
}

fn sum(table: &Table) -> U256 {
    table.source.rows.iter().map(|row| row.amount).fold(U256::ZERO, |sum, amount| sum + amount)
}

#[track_caller]
fn assert_error(result: Result<Table, TableError>, message: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.to_string(), message);
}

// What is accepted.

#[test]
fn a_byte_order_mark_windows_line_ends_and_a_missing_last_line_end_are_fine() {
    let plain = around(&format!("2,{A},{B},0.5"));
    let expected = read(&plain).unwrap();
    assert_eq!(amounts(&expected), ["1000000000000000000", "500000000000000000", "1000000000000000000"]);
    for text in [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.trim_end().to_owned(),
        plain.replace('\n', "\r\n").trim_end_matches('\n').to_owned(),
        format!("{plain}\n\n"),
        plain.replace(',', " , "),
        plain.replace(A, &format!("\"{A}\"")),
    ] {
        let table = read(&text).unwrap();
        assert_eq!(table.source.rows, expected.source.rows, "{text}");
        assert_eq!(table.source.digest, <[u8; 32]>::from(Sha256::digest(text.as_bytes())));
    }
}

#[test]
fn columns_that_are_not_mapped_are_ignored_in_any_place() {
    let text = format!("note,to,amount,note,from,time\nx,{B},1e-05,\"y,\n\",{A},7\n");
    let table = read(&text).unwrap();
    let row = &table.source.rows[0];
    assert_eq!(row.from, Address::parse(&ETHEREUM, A).unwrap());
    assert_eq!(row.to, Address::parse(&ETHEREUM, B).unwrap());
    assert_eq!((row.amount, row.time.seconds()), (U256::from(10_000_000_000_000_u64), 7));
    assert_eq!((row.transaction.as_ref(), row.height, row.index, row.log_index), (None, None, None, None));
}

#[test]
fn the_example_of_the_reference_page_is_read_as_the_page_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tables");
    let page = std::fs::read_to_string(repository().join("docs/reference/mappings.md")).unwrap();
    for file in ["desk.toml", "desk.csv"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(page.contains(&format!("```\n{text}```")) || page.contains(&format!("```toml\n{text}```")), "{file}");
    }
    let mapping = Mapping::load(folder.join("desk.toml").to_str().unwrap()).unwrap();
    let bytes = std::fs::File::open(folder.join("desk.csv")).unwrap();
    let table = read_table(bytes, &mapping, None, "desk.csv").unwrap();
    assert_eq!((table.rows, table.labels_ignored, table.rounded), (4, 4, 0));
    let usdt: Asset = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7".parse().unwrap();
    let eth = ETHEREUM.native_asset().unwrap();
    let shown: Vec<_> = table
        .source
        .rows
        .iter()
        .map(|row| (row.kind, row.log_index, &row.asset, row.amount.to_string(), row.from.display(&ETHEREUM)))
        .collect();
    let account = |digit: &str| format!("0x{}", digit.repeat(40));
    assert_eq!(
        shown,
        [
            (RowKind::Fee, None, &eth, "2100000000000000".to_owned(), account("1")),
            (RowKind::Transfer, None, &eth, "12500000000000000000".to_owned(), account("1")),
            (RowKind::Fee, None, &eth, "3000000000000000".to_owned(), account("4")),
            (RowKind::Transfer, Some(88), &usdt, "1000250000".to_owned(), account("1")),
            (RowKind::Transfer, Some(90), &usdt, "999000000".to_owned(), account("3")),
            (RowKind::Fee, None, &eth, "1800000000000000".to_owned(), account("1")),
        ]
    );
    let last = &table.source.rows[5];
    assert_eq!((last.height, last.index), (Some(18_573_051), Some(2)));
    let Coverage::Addresses { addresses, internal: false, from, to } = &table.source.coverage else {
        panic!("{:?}", table.source.coverage);
    };
    assert!(addresses.iter().eq([&Address::parse(&ETHEREUM, A).unwrap()]));
    assert_eq!((from.seconds(), to.seconds()), (1_700_000_003, 1_700_000_027));
}

// What is refused: the file.

#[test]
fn a_file_that_is_no_utf8_text_is_refused_by_name() {
    let text = around(&format!("2,{A},{B},1"));
    let utf16 = |order: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
    };
    assert_error(read(utf16(u16::to_le_bytes)), "t.csv: this is UTF-16 text, not UTF-8 text");
    assert_error(read(utf16(u16::to_be_bytes)), "t.csv: this is UTF-16 text, not UTF-8 text");
    assert_error(read(&utf16(u16::to_le_bytes)[2..]), "t.csv: this is UTF-16 text, not UTF-8 text");
    assert_error(read(b"PK\x03\x04..."), "t.csv: this is a ZIP archive, which spreadsheets are, not UTF-8 text");
    let latin1: Vec<u8> = text.replace("\n2,", "\n\u{1},").bytes().map(|b| if b == 1 { 0xe9 } else { b }).collect();
    assert_error(read(latin1), "t.csv:3: byte 1 of the line is not UTF-8");
    assert_error(read(text.replace("\n2", "\n\0")), "t.csv:3: the line holds a NUL byte, which no text has");
    assert_error(read(text.replace('\n', "\r")), "t.csv:1: the line holds a carriage return without a line feed");
}

#[test]
fn a_table_without_rows_is_an_error_that_says_so() {
    assert_error(read("time,from,to,amount\n"), "t.csv: the table has a header and no rows");
    assert_error(read("time,from,to,amount"), "t.csv: the table has a header and no rows");
    assert_error(read(""), "t.csv: the file is empty: it does not even have a header");
    assert_error(read("\u{feff}\n\n"), "t.csv: the file is empty: it does not even have a header");
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let header = "time,From,value \u{200b}\n";
    let error = read(header).unwrap_err();
    let expected = "t.csv:1: the header has no column \"from\", \"to\", \"amount\"; it has \"time\", \"From\", \
                    \"value \\u{200b}\"";
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().unwrap().contains("upper and lower case"));
    let wide = vec!["column"; 5000].join(",");
    assert!(read(&wide).unwrap_err().to_string().len() < 1000);
}

#[test]
fn a_doubled_column_is_an_error_where_it_is_mapped() {
    let header = "time,from,to,amount, to\n";
    assert_error(read(header), "t.csv:1: the header has the column \"to\" twice, as number 3 and 5");
}

#[test]
fn another_delimiter_is_recognised_and_said() {
    let text = around(&format!("2,{A},{B},1"));
    for (delimiter, name) in [(";", "`;`"), ("\t", "a tab"), ("|", "`|`")] {
        let error = read(text.replace(',', delimiter)).unwrap_err();
        let expected = format!("t.csv:1: the cells are parted by {name}, and the mapping says `,`");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.hint().unwrap(), "set `delimiter` in the mapping");
    }
    let quoted = text.replace(',', ";").replace("time;from", "\"time\";\"from\"");
    assert!(matches!(read(quoted).unwrap_err().fault, TableFault::Delimiter { .. }));
    let semicolon = mapping("delimiter = \";\"", "");
    let error = read_table(text.as_bytes(), &semicolon, None, "t.csv").unwrap_err();
    assert_eq!(error.to_string(), "t.csv:1: the cells are parted by `,`, and the mapping says `;`");
}

#[test]
fn a_row_of_another_length_is_an_error_with_its_line() {
    let short = around(&format!("2,{A},{B}"));
    assert_error(read(short), "t.csv:3: the row has 3 cells, and the header 4");
    let long = around(&format!("2,{A},{B},1,"));
    assert_error(read(long), "t.csv:3: the row has 5 cells, and the header 4");
    let european = around(&format!("2,{A},{B},1,5"));
    assert_error(read(european), "t.csv:3: the row has 5 cells, and the header 4");
}

#[test]
fn an_unbalanced_quote_is_an_error_with_its_line() {
    let open = around(&format!("2,{A},{B},\"1"));
    assert_error(read(open), "t.csv:3: the quote opened on this line is not closed");
    let beside = around(&format!("2,{A},{B},\"1\"2"));
    let expected = "t.csv:3: text stands right beside a quoted cell, or a quote inside a cell without quotes";
    assert_error(read(beside), expected);
}

#[test]
fn a_line_over_one_mebibyte_is_an_error() {
    let header = "time,from,to,amount,note\n";
    let row = |note: usize| format!("{header}1,{A},{B},1,{}\n", "x".repeat(note));
    let used = row(0).len() - header.len();
    assert!(read(row((1 << 20) - used)).is_ok());
    assert_error(read(row((1 << 20) - used + 1)), "t.csv:2: the line is longer than 1048576 bytes");
}

#[test]
fn the_line_is_that_of_the_file_and_the_column_that_of_the_header() {
    let notes = mapping("", "labels = [\"note\"]");
    let text = format!("amount,note,time,from,to\r\n\r\n1,\"two\r\nlines\",2,{A},{B}\r\n1,\"a\r\n\r\nb\",x,{A},{B}\r\n");
    let error = read_table(text.as_bytes(), &notes, None, "t.csv").unwrap_err();
    assert_eq!((error.line, error.column.as_deref()), (Some(7), Some("time")));
}

// What is refused: the cells.

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
        ("1\u{ff10}", "\"1\u{ff10}\" is not a decimal number"),
        ("1.0000000000000000001", "amount \"1.0000000000000000001\" has more than 18 decimals"),
        ("1e-19", "amount \"1e-19\" has more than 18 decimals"),
        ("1e60", "amount \"1e60\" is 2^256 or more smallest units"),
        (two_256, &format!("amount {two_256:?} is 2^256 or more smallest units")),
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
        assert_eq!((amounts(&table)[1].as_str(), table.rounded), (expected, 1), "{rounding}");
    }
    assert!(matches!(read(&text).unwrap_err().fault, TableFault::Amount(_)));
}

#[test]
fn what_is_no_address_is_an_error_at_its_place() {
    for (text, message) in [
        ("0x1234", "\"0x1234\" is not an EVM address of `0x` and 40 hex digits"),
        ("0x098B716B8aaf21512996dC57EB0615e2383E2f96", "the checksum of \"0x098B716B8aaf21512996dC57EB0615e2383E2f96\", its upper and lower case, is wrong"),
        ("0x11111111111111111111\u{200b}11111111111111111111", "\"0x11111111111111111111\\u{200b}11111111111111111111\" holds U+200B at character 23, which no id has"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "\"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\" is not an EVM address of `0x` and 40 hex digits"),
        ("", "the cell is empty"),
    ] {
        for (column, row) in [("from", format!("2,{text},{B},1")), ("to", format!("2,{A},{text},1"))] {
            assert_error(read(around(&row)), &format!("t.csv:3: column {column:?}: {message}"));
        }
    }
    let long = read(around(&format!("2,{A},{},1", "x".repeat(100_000)))).unwrap_err();
    assert!(long.to_string().len() < 400, "an offending text is cut: {}", long.to_string().len());
}

#[test]
fn what_is_no_time_number_or_id_is_an_error_at_its_place() {
    for (text, message) in [
        ("2022-03-23", "\"2022-03-23\" is not a time of the form 1648042149"),
        ("1648042149000", "1648042149000 is not within the years 0 to 9999"),
        ("", "the cell is empty"),
    ] {
        let row = around(&format!("{text},{A},{B},1"));
        assert_error(read(row), &format!("t.csv:3: column \"time\": {message}"));
    }
    let wide = mapping("", "block = \"block\"\nindex = \"index\"\ntransaction = \"tx\"\nlog_index = \"log\"");
    let hash = "0x".to_owned() + &"ab".repeat(32);
    let read = |block: &str, index: &str, tx: &str, log: &str| {
        let row = format!("time,from,to,amount,block,index,tx,log\n1,{A},{B},1,{block},{index},{tx},{log}\n");
        read_table(row.as_bytes(), &wide, None, "t.csv")
    };
    let row = read("7", "0", &hash, "").unwrap().source.rows.remove(0);
    assert_eq!((row.height, row.index, row.log_index), (Some(7), Some(0), None));
    let number = "is not a whole number from 0 to 4294967295";
    for (result, message) in [
        (read("7.0", "0", &hash, "1"), format!("column \"block\": \"7.0\" {number}")),
        (read("4294967296", "0", &hash, "1"), format!("column \"block\": \"4294967296\" {number}")),
        (read("", "0", &hash, "1"), "column \"block\": the cell is empty".to_owned()),
        (read("7", "-1", &hash, "1"), format!("column \"index\": \"-1\" {number}")),
        (read("7", "0", &hash, "0x1"), format!("column \"log\": \"0x1\" {number}")),
        (read("7", "0", "0xab", "1"), "column \"tx\": \"0xab\" is not a transaction id of 64 hex digits".to_owned()),
        (read("7", "0", "", "1"), "column \"tx\": the cell is empty".to_owned()),
    ] {
        assert_error(result, &format!("t.csv:2: {message}"));
    }
}

#[test]
fn an_asset_is_a_caip_id_or_a_contract_on_the_chain() {
    let tokens = mapping("asset_decimals = { \"erc20:0xdac17f958d2ee523a2206206994597c13d831ec7\" = 6 }", "asset = \"token\"");
    let read = |token: &str| {
        let row = format!("time,from,to,amount,token\n1,{A},{B},1,{token}\n");
        read_table(row.as_bytes(), &tokens, None, "t.csv")
    };
    let asset = |token: &str| {
        let row = read(token).unwrap().source.rows.remove(0);
        (row.asset.to_string(), row.amount.to_string())
    };
    let usdt = ("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7".to_owned(), "1000000".to_owned());
    assert_eq!(asset("0xdAC17F958D2ee523a2206206994597C13D831ec7"), usdt);
    assert_eq!(asset("ethereum/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"), usdt);
    assert_eq!(asset(""), ("eip155:1/slip44:60".to_owned(), "1000000000000000000".to_owned()));
    assert!(asset(B).0.ends_with(B));
    for (token, message) in [
        ("USDT", "\"USDT\" is not an EVM address of `0x` and 40 hex digits"),
        ("eip155:56/slip44:714", "the asset eip155:56/slip44:714 is not on eip155:1, the chain of the table"),
        ("eip155:1/erc20:0x12", "the contract is not an address of the chain: \"0x12\" is not an EVM address of `0x` and 40 hex digits"),
        ("iso4217:USD", "the mapping gives amounts of iso4217:USD 18 decimals, and it has 2"),
    ] {
        assert_error(read(token), &format!("t.csv:2: column \"token\": {message}"));
    }
}

// Fees and failures.

fn with_fees(rows: &[(&str, &str, &str, &str)]) -> Result<Table, TableError> {
    let fees = mapping("failed = [\"failed\"]", "transaction = \"tx\"\nfee = \"fee\"\nstatus = \"status\"");
    let mut text = "time,from,to,amount,tx,fee,status\n".to_owned();
    for (tx, from, fee, status) in rows {
        text.push_str(&format!("1,{from},{B},1,{},{fee},{status}\n", tx.repeat(64)));
    }
    read_table(text.as_bytes(), &fees, None, "t.csv")
}

fn kinds(table: &Table) -> Vec<RowKind> {
    table.source.rows.iter().map(|row| row.kind).collect()
}

#[test]
fn a_fee_is_told_once_for_each_transaction() {
    use RowKind::{Fee, Transfer};
    let rows = [("a", A, "0.5", "ok"), ("b", A, "0.5", "ok"), ("a", A, "0.50", "ok"), ("a", A, "", "ok")];
    let table = with_fees(&rows).unwrap();
    assert_eq!(kinds(&table), [Fee, Transfer, Fee, Transfer, Transfer, Transfer]);
    let fee = &table.source.rows[0];
    assert_eq!(fee.amount, U256::from(500_000_000_000_000_000_u64));
    assert_eq!(fee.asset, ETHEREUM.native_asset().unwrap());
    assert_eq!(fee.from, Address::parse(&ETHEREUM, A).unwrap());
    let differing = [("a", A, "0.5", "ok"), ("b", A, "0.5", "ok"), ("a", A, "0.6", "ok")];
    let expected = "t.csv:4: column \"fee\": the fee of the transaction is 600000000000000000 here and \
                    500000000000000000 on line 2";
    assert_error(with_fees(&differing), expected);
    assert_error(with_fees(&[("a", A, "-1", "ok")]), "t.csv:2: column \"fee\": amount \"-1\" is negative");
}

#[test]
fn a_fee_told_by_several_senders_is_not_charged_to_whoever_comes_first() {
    let error = with_fees(&[("a", A, "0.5", "ok"), ("a", B, "0.5", "ok")]).unwrap_err();
    let expected = format!("t.csv:3: column \"fee\": the fee of the transaction is paid by {B} here and by {A} on line 2");
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().unwrap().contains("fee_payer"));
}

#[test]
fn a_failed_row_pays_its_fee_and_moves_nothing() {
    use RowKind::{Fee, Transfer};
    let rows = [("a", A, "0.5", "failed"), ("b", A, "", "failed"), ("c", A, "0.5", "Failed"), ("d", A, "", "")];
    let table = with_fees(&rows).unwrap();
    assert_eq!(kinds(&table), [Fee, Fee, Transfer, Transfer]);
    assert_eq!(table.rows, 4);
}

// The chain.

#[test]
fn the_caller_may_name_the_chain_and_someone_must() {
    let text = around(&format!("2,{A},{B},1"));
    let optimism = Chain::Evm(10);
    let table = read_table(text.as_bytes(), &mapping("", ""), Some(&optimism), "t.csv").unwrap();
    assert_eq!(table.chain, optimism);
    assert_eq!(table.source.rows[0].asset.to_string(), "eip155:10/slip44:60");
    let bitcoin: Chain = "bitcoin".parse().unwrap();
    let error = read_table(text.as_bytes(), &mapping("", ""), Some(&bitcoin), "t.csv").unwrap_err();
    assert!(matches!(error.fault, TableFault::ChainOfOutputs { .. }));

    let unbound = built_in("mftracer").unwrap().replace("chain = \"eip155:1\"", "");
    let unbound = Mapping::parse(&unbound, "unbound.toml").unwrap();
    let error = read_table(text.as_bytes(), &unbound, None, "t.csv").unwrap_err();
    assert_eq!(error.to_string(), "t.csv: neither the mapping \"mftracer\" nor the caller says which chain the table is of");
    assert!(error.hint().unwrap().contains("--chain"));

    let ronin = Mapping::load("ronin-dune").unwrap();
    let error = read_table(text.as_bytes(), &ronin, Some(&Chain::Tron), "t.csv").unwrap_err();
    assert!(matches!(error.fault, TableFault::Mapping(_)), "{error}");
}

#[test]
fn a_promise_about_addresses_is_not_made_for_a_table_without_them() {
    let text = format!("block_time,from,to,total_eth\n2022-03-29T21:41:18Z,{A},{B},1\n").replace(",0x", ",\\x");
    let ronin = Mapping::load("ronin-dune").unwrap();
    let error = read_table(text.as_bytes(), &ronin, None, "t.csv").unwrap_err();
    assert!(error.to_string().contains("promises all rows of 8 addresses, and no row has one of them"));
    assert!(error.hint().unwrap().contains("rows"));
}

// Properties.

/// What a random row is made of: the parts, and the texts written into cells nobody maps.
#[derive(Clone, Debug)]
struct Written {
    seconds: u32,
    height: u32,
    log_index: Option<u32>,
    hash: [u8; 32],
    from: [u8; 20],
    to: [u8; 20],
    amount: [u8; 32],
    note: String,
}

fn written() -> impl Strategy<Value = Written> {
    let place = (any::<u32>(), any::<u32>(), any::<Option<u32>>(), any::<[u8; 32]>());
    let content = (any::<[u8; 20]>(), any::<[u8; 20]>(), any::<[u8; 32]>(), "[^\u{0}]{0,12}");
    (place, content).prop_map(|((seconds, height, log_index, hash), (from, to, amount, note))| Written {
        seconds,
        height,
        log_index,
        hash,
        from,
        to,
        amount,
        note,
    })
}

/// The units as a decimal of `decimals` places.
fn decimal(units: U256, decimals: usize) -> String {
    let digits = format!("{units:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

fn write(rows: &[Written], delimiter: u8, decimals: usize, windows: bool) -> Vec<u8> {
    let terminator = if windows { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
    writer.write_record(["note", "time", "block", "tx", "log", "from", "to", "amount"]).unwrap();
    for row in rows {
        let address = |bytes: [u8; 20]| Address::Evm(bytes).display(&ETHEREUM);
        let cells = [
            row.note.clone(),
            row.seconds.to_string(),
            row.height.to_string(),
            TransactionId::Hash(row.hash).to_string(),
            row.log_index.map(|index| index.to_string()).unwrap_or_default(),
            address(row.from),
            address(row.to),
            decimal(U256::from_be_bytes(row.amount), decimals),
        ];
        writer.write_record(cells).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn rows_that_were_written_are_read_back_exactly(
        rows in prop::collection::vec(written(), 1..20),
        delimiter in prop::sample::select(b",;\t|".to_vec()),
        decimals in 0_usize..=18,
        windows: bool,
    ) {
        let top = format!("delimiter = {:?}", char::from(delimiter).to_string());
        let columns = "block = \"block\"\ntransaction = \"tx\"\nlog_index = \"log\"\nlabels = [\"note\"]";
        let mapping = mapping_with(decimals, &top, columns);
        let bytes = write(&rows, delimiter, decimals, windows);
        let table = read_table(bytes.as_slice(), &mapping, None, "t.csv").unwrap();
        prop_assert_eq!(table.source.rows.len(), rows.len());
        for (read, written) in table.source.rows.iter().zip(&rows) {
            prop_assert_eq!(read.time, Timestamp::from(written.seconds));
            prop_assert_eq!(read.height, Some(written.height));
            prop_assert_eq!(read.log_index, written.log_index);
            prop_assert_eq!(&read.transaction, &Some(TransactionId::Hash(written.hash)));
            prop_assert_eq!(&read.from, &Address::Evm(written.from));
            prop_assert_eq!(&read.to, &Address::Evm(written.to));
            prop_assert_eq!(read.amount, U256::from_be_bytes(written.amount));
        }
        let labels = rows.iter().filter(|row| !row.note.trim_ascii().is_empty()).count();
        prop_assert_eq!(table.labels_ignored, u64::try_from(labels).unwrap());
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, text in "[a-z0-9,;\"\r\n]{0,80}") {
        let _ = read(&bytes);
        let _ = read([b"time,from,to,amount\n", bytes.as_slice()].concat());
        let _ = read(format!("time,from,to,amount\n{text}"));
        let _ = Mapping::parse(&text, "t.toml");
    }
}

// Real tables.

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the known cases; none, and a word about it, where they are not at hand.
fn known_case(path: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("WHITHER_TEST_DATA") else {
        eprintln!("skipped: WHITHER_TEST_DATA is not set");
        return None;
    };
    let path = PathBuf::from(folder).join(path);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn read_real(bytes: &[u8], name: &str) -> Table {
    let first_line = std::str::from_utf8(bytes).unwrap().lines().next().unwrap();
    let header: Vec<&str> = first_line.split(',').collect();
    assert_eq!(guess(&header), Some(name));
    read_table(bytes, &Mapping::load(name).unwrap(), None, name).unwrap()
}

fn openings(chain: &Chain, source: &TableSource) -> BTreeMap<(String, String), U256> {
    let view = MemoryAccounts::build(chain.clone(), std::slice::from_ref(source)).unwrap();
    let mut openings = BTreeMap::new();
    for address in 0..view.address_count() {
        let address = AddressIx::of(address);
        for holding in view.holdings(address) {
            let asset = view.asset(view.holding(*holding).1).to_string();
            openings.insert((view.address(address).display(chain), asset), view.opening(*holding));
        }
    }
    openings
}

/// The same rows in other orders, the reverse among them.
fn permutations(source: &TableSource) -> Vec<TableSource> {
    let mut seed = 1_u64;
    let mut draw = move |below: usize| {
        // Knuth's MMIX generator; its high bits are good enough to shuffle with.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut permuted = vec![source.clone()];
    permuted[0].rows.reverse();
    for _ in 0..20 {
        let mut other = source.clone();
        for last in (1..other.rows.len()).rev() {
            other.rows.swap(last, draw(last + 1));
        }
        permuted.push(other);
    }
    permuted
}

fn assert_order_is_irrelevant(table: &Table) {
    let expected = openings(&table.chain, &table.source);
    assert!(expected.values().any(|opening| !opening.is_zero()), "the tables begin in the middle");
    for permuted in permutations(&table.source) {
        assert_eq!(openings(&table.chain, &permuted), expected);
    }
}

// The sums were computed from the files by Python's decimal module, independently of this code:
//   sum(int((Decimal(row["Value_in_USD"]) * 100).to_integral_value(ROUND_HALF_EVEN)) for row in rows)
//   sum(int(Decimal(row["total_eth"]) * 10**18) for row in rows), each row without remainder
// and so were the counts of rows, of cells with labels, of values with more than two decimals, and of
// distinct hashes.

#[test]
fn the_mftracer_tables_are_read_to_the_cent() {
    for (path, rows, cents, labels, rounded, transactions) in [
        ("cases/mftracer-ground-truth/54m/54m.csv", 292, 13_919_732_788_u64, 306, 203, 273),
        ("cases/mftracer-ground-truth/LIFI/LIFI.csv", 135, 2_221_592_408, 113, 133, 133),
    ] {
        let Some(bytes) = known_case(path) else { return };
        let table = read_real(&bytes, "mftracer");
        assert_eq!(table.source.rows.len(), rows);
        assert_eq!(sum(&table), U256::from(cents), "{path}");
        assert_eq!((table.labels_ignored, table.rounded), (labels, rounded), "{path}");
        assert!(table.source.rows.iter().all(|row| row.asset == Asset::usd()));
        assert!(matches!(table.source.coverage, Coverage::Rows { .. }));
        let view = MemoryAccounts::build(table.chain.clone(), std::slice::from_ref(&table.source)).unwrap();
        assert_eq!(view.transaction_count(), transactions);
        assert_order_is_irrelevant(&table);
    }
}

#[test]
fn the_ronin_table_is_read_to_the_wei() {
    let bytes = std::fs::read(repository().join("examples/ronin-2022/transfers.csv")).unwrap();
    let table = read_real(&bytes, "ronin-dune");
    assert_eq!((table.rows, table.source.rows.len(), table.rounded), (436, 436, 0));
    assert_eq!(sum(&table).to_string(), "335425720385774384372600");
    let Coverage::Addresses { addresses, internal, from, to } = &table.source.coverage else {
        panic!("{:?}", table.source.coverage);
    };
    assert_eq!((addresses.len(), *internal), (8, false));
    assert_eq!(from.to_string(), "2022-03-23T13:16:57Z");
    assert_eq!(to.to_string(), "2022-09-27T16:06:23Z");
    let touches = |row: &whither_ledger::memory::TableRow| addresses.contains(&row.from) || addresses.contains(&row.to);
    assert!(table.source.rows.iter().all(touches));
    assert!(table.source.rows.iter().all(|row| row.transaction.is_none() && row.height.is_none()));
    assert_order_is_irrelevant(&table);
}

#[test]
fn the_shipped_ronin_table_and_its_addresses_are_those_of_the_known_case() {
    let Some(original) = known_case("cases/lazarus-ronin-ethdata/LazarusTabularTxs1322519.csv") else { return };
    let shipped = std::fs::read(repository().join("examples/ronin-2022/transfers.csv")).unwrap();
    assert!(shipped == original);
    let list = known_case("cases/lazarus-ronin-ethdata/LazarusGroup.txt").unwrap();
    let listed: std::collections::BTreeSet<Address> = String::from_utf8(list)
        .unwrap()
        .split([',', '\n'])
        .map(|text| text.trim().trim_matches('\''))
        .filter(|text| !text.is_empty())
        .map(|text| Address::parse(&ETHEREUM, &text.replace("\\x", "0x")).unwrap())
        .collect();
    let table = read_real(&shipped, "ronin-dune");
    let Coverage::Addresses { addresses, .. } = &table.source.coverage else { panic!() };
    assert_eq!(*addresses, listed);
}
