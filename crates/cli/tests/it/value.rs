//! `prices` and `value`: from a file to a figure that names it, and what is said where there is none.

use crate::whither::{Desk, Done, FIRST_PAYMENT, first_blocks, path, told};

const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93/slip44:0";
const USDC: &str = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";

/// A desk with the example's prices: ether by every convention, the euro and bitcoin by the last price of a day.
pub fn with_prices() -> Desk {
    let desk = Desk::new();
    for (file, asset, convention) in [
        ("eth-usd", "ethereum", "open"),
        ("eth-usd", "ethereum", "mid"),
        ("eth-usd", "ethereum", "close"),
        ("eur-usd", "iso4217:EUR/USD", "close"),
        ("btc-usd", BITCOIN, "close"),
    ] {
        let file = path(&format!("examples/prices/{file}.csv"));
        import(
            &desk,
            &file,
            &["--asset", asset, "--convention", convention],
        )
        .succeeded();
    }
    desk
}

fn import(desk: &Desk, file: &str, arguments: &[&str]) -> Done {
    let source = ["--source", "Yahoo Finance"];
    desk.run(&[&["prices", "import", file], arguments, &source].concat())
}

fn worth(desk: &Desk, arguments: &[&str]) -> String {
    let value = desk
        .run(&[&["value"], arguments].concat())
        .succeeded()
        .json();
    value["usd"].as_str().unwrap().to_owned()
}

/// What left the Ronin bridge is 541.6 or 616.1 million, by the day and the convention.
#[test]
fn the_same_theft_is_worth_what_day_and_convention_say() {
    let desk = with_prices();
    // That a dollar coin is a dollar is somebody's word, and is imported as that.
    let face = desk.file("usdc.csv", "date,price\n2022-03-23,1\n2022-03-29,1\n");
    for convention in ["open", "close"] {
        desk.run(&[
            "prices",
            "import",
            &face,
            "--asset",
            USDC,
            "--decimals",
            "6",
            "--convention",
            convention,
            "--source",
            "face value",
        ])
        .succeeded();
    }
    for (at, convention, ether, together) in [
        ("2022-03-23", "open", "516137975.39", "541.6"),
        ("2022-03-23", "close", "526193255.27", "551.7"),
        ("2022-03-29", "open", "578959687.30", "604.5"),
        ("2022-03-29", "close", "590585080.86", "616.1"),
    ] {
        let when = ["--at", at, "--convention", convention];
        let eth = ["--asset", "ethereum", "--quantity", "173600"];
        let eth = worth(&desk, &[&eth[..], &when].concat());
        let usdc = ["--asset", USDC, "--amount", "25500000000000"];
        let usdc = worth(&desk, &[&usdc[..], &when].concat());
        assert_eq!((eth.as_str(), usdc.as_str()), (ether, "25500000.00"));
        let cents = |usd: &str| usd.replace('.', "").parse::<u64>().unwrap();
        let hundred_thousands = (cents(&eth) + cents(&usdc) + 5_000_000) / 10_000_000;
        let millions = format!("{}.{}", hundred_thousands / 10, hundred_thousands % 10);
        assert_eq!(millions, together);
    }
}

#[test]
fn the_contract_of_a_value() {
    let desk = with_prices();
    let arguments = [
        "--asset",
        BITCOIN,
        "--amount",
        "100800000000",
        "--at",
        "2020-09-25T18:49Z",
    ];
    let value = desk
        .run(&[&["value"], &arguments[..]].concat())
        .succeeded()
        .json();
    assert_eq!(value["schema"], "whither.value/1");
    assert_eq!(value["usd"], "10778258.53");
    assert_eq!(value["price"], "10692.716796875");
    assert_eq!(value["day"], "2020-09-25");
    assert_eq!(value["price_source"], "Yahoo Finance");
    assert_eq!(value["convention"], "close");
}

#[test]
fn for_people_and_for_spreadsheets() {
    let desk = with_prices();
    let ether = [
        "value",
        "--asset",
        "ethereum",
        "--quantity",
        "173600",
        "--at",
        "2022-03-23T13:29:09Z",
    ];
    let euros = desk.file(
        "eth-eur.csv",
        "day;value\n25.03.2022;2822.10\n26.03.2022;2860\n",
    );
    let runs = [
        import(
            &desk,
            &euros,
            &[
                "--asset",
                "ethereum",
                "--quote",
                "EUR",
                "--convention",
                "close",
                "--format",
                "table",
            ],
        ),
        desk.run(&["prices", "status", "--format", "table"]),
        desk.run(&["prices", "status", "--format", "csv"]),
        desk.run(&["prices", "status", "--format", "jsonl"]),
        desk.run(&[&ether[..], &["--format", "table"]].concat()),
        desk.run(&[&ether[..], &["--convention", "open", "--format", "csv"]].concat()),
        desk.run(&[
            "value",
            "--asset",
            "ethereum",
            "--quantity",
            "1",
            "--at",
            "2022-03-25",
            "--quote",
            "EUR",
            "--json",
        ]),
        desk.run(&[
            "value",
            "--asset",
            "ethereum",
            "--quantity",
            "1",
            "--at",
            "2022-03-26",
            "--quote",
            "EUR",
            "--nearest",
            "2",
            "--format",
            "table",
        ]),
        desk.run(&[
            "value",
            "--asset",
            "iso4217:USD",
            "--amount",
            "12345",
            "--at",
            "2022-03-26",
            "--format",
            "table",
        ]),
    ];
    let runs = runs.map(Done::succeeded);
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn what_is_missing_is_named() {
    let desk = with_prices();
    let face = desk.file("usdc.csv", "date,price\n2022-03-23,1\n");
    import(&desk, &face, &["--asset", USDC, "--convention", "close"]).succeeded();
    let lines = [
        "value --asset tron --amount 1 --at 2022-03-23",
        "value --asset ethereum --amount 1 --at 2014-01-01",
        "value --asset ethereum --amount 1 --at 2022-04-09 --nearest 9",
        "value --asset bitcoin --amount 1 --at 2020-09-25 --convention mid",
        "value --asset bitcoin --amount 1 --at 2020-09-25 --source Kraken",
        "value --asset ethereum --amount 1 --at 2022-03-23 --quote EUR",
        "value --asset iso4217:EUR --decimals 2 --amount 100 --at 2022-03-26",
        &format!("value --asset {USDC} --amount 1 --at 2022-03-23"),
        "value --asset USDC --amount 1 --at 2022-03-23",
        "value --asset ethereum --amount 1.5 --at 2022-03-23",
        "value --asset ethereum --quantity 0.0000000000000000001 --at 2022-03-23",
        "value --asset ethereum --amount 1 --at yesterday",
        "value --asset ethereum --at 2022-03-23",
        "value --asset ethereum --amount 1 --quantity 1 --at 2022-03-23",
        "value --asset ethereum --amount 1 --at 2022-03-23 --decimals 8",
    ];
    let runs: Vec<Done> = lines
        .iter()
        .map(|line| desk.run(&line.split(' ').collect::<Vec<_>>()).failed())
        .collect();
    insta::assert_snapshot!(told(&runs));
}

/// A spreadsheet had its way with it: every row is used, or is told with the reason.
#[test]
fn a_damaged_file_is_told_row_by_row() {
    let desk = Desk::new();
    // Where sentences break depends on how long the path is: it is named from here.
    let damaged = "damaged.csv";
    desk.file(
        damaged,
        "\u{feff}Date;Close\r\n2020-01-02;6985.47\r\n2020-01-01;7,200.17\r\n2020-01-03;null\r\n2020-01-04;0\r\n\
         2020-01-05;7,411\r\n2020-01-06;7.77E+03\r\n2020-01-07;8163.69\r\n2020-01-07;8163.70\r\n########;8079.86\r\n\
         2020-01-09;78790\r\n2020-01-10;8166.55\r\n2020-01-12;\u{202e}8192\r\n",
    );
    let of = |file: &str, more: &[&str]| {
        import(
            &desk,
            file,
            &[&["--asset", "bitcoin", "--convention", "close"], more].concat(),
        )
    };
    let empty = desk.file("empty.csv", "date,price\n2020-01-01,null\n");
    let runs = [
        of(damaged, &["--format", "table"]).succeeded(),
        of(damaged, &[]).succeeded(),
        of(&empty, &[]).failed(),
        of("nowhere.csv", &[]).failed(),
        of(&first_blocks(), &[]).failed(),
        of(damaged, &["--quote", "euro"]).failed(),
        of(damaged, &["--decimals", "9"]).failed(),
        desk.run(&[
            "prices",
            "import",
            damaged,
            "--asset",
            "bitcoin",
            "--convention",
            "vwap",
            "--source",
            "x",
        ])
        .failed(),
    ];
    insta::assert_snapshot!(told(&runs));
}

#[test]
fn a_second_file_replaces_nothing() {
    let desk = Desk::new();
    let at = [
        "value",
        "--asset",
        "bitcoin",
        "--quantity",
        "1",
        "--at",
        "2020-01-01",
    ];
    let run = |text: &str| {
        let arguments = [
            "prices",
            "import",
            "-",
            "--asset",
            "bitcoin",
            "--convention",
            "close",
            "--source",
            "x",
        ];
        let done = desk.run_with_input(&arguments, text).succeeded().json();
        let version = done["version"].as_u64().unwrap();
        (
            version,
            done["unchanged"].as_bool().unwrap(),
            worth(&desk, &at[1..]),
        )
    };
    let (one, other) = (
        "date,price\n2020-01-01,7200\n",
        "date,price\n2020-01-01,7300\n",
    );
    assert_eq!(run(one), (1, false, "7200.00".to_owned()));
    assert_eq!(run(one), (1, true, "7200.00".to_owned()));
    assert_eq!(run(other), (2, false, "7300.00".to_owned()));
    assert_eq!(run(one), (3, false, "7200.00".to_owned()));
    let status = desk.run(&["prices", "status"]).succeeded().json();
    let series = status["series"].as_array().unwrap();
    let in_force: Vec<bool> = series
        .iter()
        .map(|row| row["in_force"].as_bool().unwrap())
        .collect();
    assert_eq!(in_force, [false, false, true]);
    let first = &series[0]["price_file"];
    let value = desk.run(&at).succeeded().json();
    assert_eq!(value["price_file"], *first);
}

/// The first payment's coins, at prices made up for their days.
#[test]
fn a_trace_with_its_value() {
    let desk = Desk::with_first_blocks();
    let prices = desk.file(
        "prices.csv",
        "date,price\n2009-01-12,0.001\n2009-01-14,0.002\n2009-01-15,0.003\n2010-01-01,0.05\n",
    );
    import(
        &desk,
        &prices,
        &["--asset", "bitcoin", "--convention", "close"],
    )
    .succeeded();
    let from = format!("{FIRST_PAYMENT}:1");
    let trace = ["trace", &from, "--policy", "fifo"];
    let plain = desk.run(&trace).succeeded().stdout;
    let value = ["--value", "close", "--report-date", "2010-01-01"];
    let done = desk.run(&[&trace[..], &value].concat()).succeeded();
    let mut valued = done.json();
    let value_alone = valued.as_object_mut().unwrap().remove("value").unwrap();
    assert_eq!(
        valued,
        serde_json::from_str::<serde_json::Value>(&plain).unwrap()
    );
    let rows = |name: &str| value_alone[name].as_array().unwrap().len();
    assert_eq!(
        rows("endpoints"),
        valued["endpoints"].as_array().unwrap().len()
    );
    assert_eq!(rows("edges"), valued["edges"].as_array().unwrap().len());
    let with = |format: &str| {
        let more = ["--stop", "depth:2", "--format", format];
        desk.run(&[&trace[..], &value, &more].concat()).succeeded()
    };
    let shown = serde_json::to_string_pretty(&value_alone).unwrap();
    let table = with("table").told();
    let at = table.find("What it is worth").unwrap();
    let text = [
        shown,
        table[at..].to_owned(),
        with("csv").told(),
        with("jsonl").told(),
    ]
    .join("\n");
    insta::assert_snapshot!(text);
    let alone = desk
        .run(&["trace", &from, "--report-date", "2010-01-01"])
        .failed();
    assert!(alone.stderr.contains("--value"), "{}", alone.stderr);
}
