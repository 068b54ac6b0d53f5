//! What explorers export of accounts: exact amounts, failed rows that moved nothing, and what cannot be read is said.

use whither_chain::{Format, IngestRequest, LoadedChain};
use whither_ledger::chain::Chain;
use whither_ledger::view::AccountView as _;

use crate::evm::legs;
use crate::support::{Bench, request};

const A: &str = "0x1111111111111111111111111111111111111111";
const B: &str = "0x2222222222222222222222222222222222222222";

fn hash(number: u8) -> String {
    format!("0x{}", format!("{number:02x}").repeat(32))
}

fn read(bench: &Bench, name: &str, text: &str, chain: Option<Chain>) -> Vec<String> {
    let path = bench.file(name, text.as_bytes());
    let report = bench.ingest(&IngestRequest {
        chain,
        ..request(path)
    });
    let LoadedChain::Account(view) = bench.store().load(&report.chain).unwrap() else {
        panic!("a chain of accounts")
    };
    let mut told = legs(&view);
    told.extend(report.skipped.into_iter().map(|skipped| skipped.why));
    told
}

/// Columns and rows without what every row has alike.
fn short(lines: &[String]) -> Vec<String> {
    let cut = |line: &String| {
        let line = line.replace(A, "A").replace(B, "B");
        line.split_once('#')
            .map_or(line.clone(), |(id, rest)| format!("{} {rest}", &id[2..4]))
    };
    lines.iter().map(cut).collect()
}

#[test]
fn both_generations_of_csv_give_the_same_rows() {
    let old = format!(
        "\"Txhash\",\"Blockno\",\"UnixTimestamp\",\"DateTime\",\"From\",\"To\",\"ContractAddress\",\"Value_IN(ETH)\",\
         \"Value_OUT(ETH)\",\"CurrentValue @ $1,234.5/Eth\",\"TxnFee(ETH)\",\"TxnFee(USD)\",\"Historical $Price/Eth\",\
         \"Status\",\"ErrCode\"\n\
         \"{}\",\"7\",\"1700000000\",\"2023-11-14\",\"{A}\",\"{B}\",\"\",\"0\",\"1,234.5\",\"0\",\"0.000021\",\"0\",\"0\",\"\",\"\"\n\
         \"{}\",\"8\",\"1700000012\",\"2023-11-14\",\"{A}\",\"{B}\",\"\",\"0\",\"3\",\"0\",\"0.00005\",\"0\",\"0\",\"Error(0)\",\"Reverted\"\n",
        hash(1),
        hash(2)
    );
    let new = old
        .replace("\"Txhash\"", "\"Transaction Hash\"")
        .replace("\"DateTime\"", "\"DateTime (UTC)\"")
        .replace("\"ErrCode\"\n", "\"ErrCode\",\"Method\"\n")
        .replace("\"\",\"\"\n", "\"\",\"\",\"Transfer\"\n")
        .replace("\"Reverted\"\n", "\"Reverted\",\"Swap\"\n");
    let told = read(&Bench::new(), "old.csv", &old, Some(Chain::Evm(1)));
    assert_eq!(
        told,
        read(&Bench::new(), "new.csv", &new, Some(Chain::Evm(1)))
    );
    assert_eq!(
        short(&told),
        [
            "01 1 A > fee 21000000000000 eip155:1/slip44:60",
            "01 0 A > B 1234500000000000000000 eip155:1/slip44:60",
            "02 0 A > fee 50000000000000 eip155:1/slip44:60",
        ]
    );
    let bench = Bench::new();
    let path = bench.file("old.csv", old.as_bytes());
    let error = bench.refuse(&request(path));
    assert!(error.hint().unwrap().contains("--chain"), "{error}");
}

#[test]
fn internal_and_token_rows_are_exact_or_left_out() {
    let internal = format!(
        "\"Txhash\",\"Blockno\",\"UnixTimestamp\",\"DateTime\",\"ParentTxFrom\",\"ParentTxTo\",\"ParentTxETH_Value\",\"From\",\
         \"TxTo\",\"ContractAddress\",\"Value_IN(ETH)\",\"Value_OUT(ETH)\",\"CurrentValue @ $1/Eth\",\"Historical $Price/Eth\",\
         \"Status\",\"ErrCode\",\"Type\"\n\
         \"{}\",\"7\",\"1700000000\",\"\",\"{B}\",\"{B}\",\"0\",\"{A}\",\"{B}\",\"\",\"0.5\",\"0\",\"0\",\"0\",\"0\",\"\",\"call\"\n\
         \"{}\",\"7\",\"1700000000\",\"\",\"{B}\",\"{B}\",\"0\",\"{A}\",\"{B}\",\"\",\"0.7\",\"0\",\"0\",\"0\",\"1\",\"Reverted\",\"call\"\n",
        hash(1),
        hash(2)
    );
    let told = read(
        &Bench::new(),
        "internal.csv",
        &internal,
        Some(Chain::Evm(1)),
    );
    assert_eq!(
        short(&told),
        ["01 0 A > B 500000000000000000 eip155:1/slip44:60"]
    );
    let usdt = "0xdac17f958d2ee523a2206206994597c13d831ec7";
    let tokens = format!(
        "\"Txhash\",\"Blockno\",\"UnixTimestamp\",\"DateTime\",\"From\",\"To\",\"TokenValue\",\"USDValueDayOfTx\",\
         \"ContractAddress\",\"TokenName\",\"TokenSymbol\"\n\
         \"{}\",\"7\",\"1700000000\",\"\",\"{A}\",\"{B}\",\"1,500,000.25\",\"\",\"{usdt}\",\"Tether USD\",\"USDT\"\n\
         \"{}\",\"7\",\"1700000000\",\"\",\"{A}\",\"{B}\",\"9\",\"\",\"{B}\",\"Tether USD\",\"USDT\"\n",
        hash(1),
        hash(1)
    );
    let told = read(&Bench::new(), "tokens.csv", &tokens, Some(Chain::Evm(1)));
    assert_eq!(
        short(&told)[0],
        format!("01 0 A > B 1500000250000 eip155:1/erc20:{usdt}")
    );
    assert!(
        told[1].starts_with("1 transfers of tokens whose decimals"),
        "{told:?}"
    );
}

#[test]
fn answers_of_the_api_are_read_and_its_refusals_refused() {
    let normal = format!(
        r#"{{"status":"1","message":"OK","result":[{{"blockNumber":"7","timeStamp":"1700000000","hash":"{}","from":"{A}","to":"{B}",
        "value":"5","gasPrice":"2","gasUsed":"21000","isError":"0","txreceipt_status":"1","transactionIndex":"3"}}]}}"#,
        hash(1)
    );
    let token = format!(
        r#"{{"status":"1","message":"OK","result":[{{"blockNumber":"7","timeStamp":"1700000000","hash":"{0}","from":"{A}","to":"{B}",
        "value":"9","contractAddress":"{B}","tokenName":"x","tokenSymbol":"X","tokenDecimal":"2","gasPrice":"2","gasUsed":"1"}},
        {{"blockNumber":"7","timeStamp":"1700000000","hash":"{0}","from":"{A}","to":"{B}","value":"9","contractAddress":"{B}",
        "tokenName":"x","tokenSymbol":"X","tokenDecimal":"2","gasPrice":"2","gasUsed":"1"}}]}}"#,
        hash(1)
    );
    let bench = Bench::new();
    read(&bench, "normal.json", &normal, Some(Chain::Evm(1)));
    let told = read(&bench, "token.json", &token, Some(Chain::Evm(1)));
    assert_eq!(
        told.len(),
        4,
        "two equal transfers of one transaction are two: {told:?}"
    );
    let LoadedChain::Account(view) = bench.store().load(&Chain::Evm(1)).unwrap() else {
        panic!("a chain of accounts")
    };
    assert_eq!(view.tokens()[0].decimals, Some(2));
    let busy = r#"{"status":"0","message":"NOTOK","result":"Max rate limit reached"}"#;
    let path = bench.file("busy.json", busy.as_bytes());
    let error = bench.refuse(&IngestRequest {
        chain: Some(Chain::Evm(1)),
        format: Some(Format::Etherscan),
        ..request(path)
    });
    assert!(
        error.to_string().contains("Max rate limit reached"),
        "{error}"
    );
}

#[test]
fn answers_of_trongrid_are_read_in_either_spelling_of_addresses() {
    let id = "ab".repeat(32);
    let text = format!(
        r#"{{"success":true,"data":[{{"txID":"{id}","blockNumber":7,"block_timestamp":1700000000999,"ret":[{{"contractRet":"SUCCESS","fee":1100}}],
        "raw_data":{{"contract":[{{"type":"TransferContract","parameter":{{"value":{{"owner_address":"41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
        "to_address":"411111111111111111111111111111111111111111","amount":5000000}}}}}}]}},"internal_transactions":[]}},
        {{"txID":"{}","blockNumber":8,"block_timestamp":1700000003000,"ret":[{{"contractRet":"REVERT","fee":7}}],
        "raw_data":{{"contract":[{{"type":"TransferContract","parameter":{{"value":{{"owner_address":"41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
        "to_address":"411111111111111111111111111111111111111111","amount":9}}}}}}]}}}}]}}"#,
        "cd".repeat(32)
    );
    let told = read(&Bench::new(), "tron.json", &text, None);
    let payer = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].ends_with(&format!("{payer} > fee 1100 tron:0x2b6653dc/slip44:195")),
        "{told:?}"
    );
    assert!(
        told[1].contains(" 5000000 ") && told[2].contains("fee 7 "),
        "{told:?}"
    );
    let tokens = format!(
        r#"{{"success":true,"data":[{{"transaction_id":"{id}","token_info":{{"symbol":"USDT","address":"{payer}","decimals":6,"name":"Tether USD"}},
        "block_timestamp":1700000000000,"from":"{payer}","to":"TJRabPrwbZy45sbavfcjinPJC18kjpRTv8","type":"Transfer","value":"42"}}]}}"#
    );
    let told = read(&Bench::new(), "trc20.json", &tokens, None);
    assert!(
        told[0].ends_with(&format!(" 42 tron:0x2b6653dc/trc20:{payer}")),
        "{told:?}"
    );
}

#[test]
fn pages_that_overlap_in_one_file_count_once_and_may_not_contradict() {
    let row = |number: u8, value: &str| {
        format!(
            r#"{{"blockNumber":"7","timeStamp":"1700000000","hash":"{}","from":"{A}","to":"{B}","value":"{value}","gasPrice":"2",
            "gasUsed":"21000","isError":"0","txreceipt_status":"1","transactionIndex":"3"}}"#,
            hash(number)
        )
    };
    let pages = |rows: &[String]| {
        let rows = rows.join(",");
        format!(r#"{{"status":"1","message":"OK","result":[{rows}]}}"#)
    };
    let once = pages(&[row(1, "5"), row(2, "6")]);
    let twice = pages(&[row(1, "5"), row(2, "6"), row(1, "5")]);
    let told = |text: &str| read(&Bench::new(), "pages.json", text, Some(Chain::Evm(1)));
    assert_eq!(told(&twice), told(&once));
    let bench = Bench::new();
    let path = bench.file("bad.json", pages(&[row(1, "5"), row(1, "6")]).as_bytes());
    let asked = whither_chain::IngestRequest {
        chain: Some(Chain::Evm(1)),
        ..request(path)
    };
    let error = bench.refuse(&asked).to_string();
    assert!(error.contains("is told twice, and differently"), "{error}");
}
