//! Tables that are read: what may differ without a difference, and the example of the reference page.

use super::*;

#[test]
fn a_byte_order_mark_windows_line_ends_and_a_missing_last_line_end_are_fine() {
    let plain = around(&format!("2,{A},{B},0.5"));
    let expected = read(&plain).unwrap();
    assert_eq!(
        amounts(&expected),
        [
            "1000000000000000000",
            "500000000000000000",
            "1000000000000000000"
        ]
    );
    for text in [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.trim_end().to_owned(),
        plain
            .replace('\n', "\r\n")
            .trim_end_matches('\n')
            .to_owned(),
        format!("{plain}\n\n"),
        plain.replace(',', " , "),
        plain.replace(A, &format!("\"{A}\"")),
    ] {
        let table = read(&text).unwrap();
        assert_eq!(table.source.rows, expected.source.rows, "{text}");
        assert_eq!(
            table.source.digest,
            <[u8; 32]>::from(Sha256::digest(text.as_bytes()))
        );
    }
}

#[test]
fn columns_that_are_not_mapped_are_ignored_in_any_place() {
    let text = format!("note,to,amount,note,from,time\nx,{B},1e-05,\"y,\n\",{A},7\n");
    let table = read(&text).unwrap();
    let row = &table.source.rows[0];
    assert_eq!(row.from, Address::parse(&ETHEREUM, A).unwrap());
    assert_eq!(row.to, Address::parse(&ETHEREUM, B).unwrap());
    assert_eq!(
        (row.amount, row.time.seconds()),
        (U256::from(10_000_000_000_000_u64), 7)
    );
    assert_eq!(
        (
            row.transaction.as_ref(),
            row.height,
            row.index,
            row.log_index
        ),
        (None, None, None, None)
    );
}

#[test]
fn the_example_of_the_reference_page_is_read_as_the_page_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tables");
    let page = std::fs::read_to_string(repository().join("docs/reference/mappings.md")).unwrap();
    for file in ["desk.toml", "desk.csv"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(
            page.contains(&format!("```\n{text}```"))
                || page.contains(&format!("```toml\n{text}```")),
            "{file}"
        );
    }
    let mapping = Mapping::load(folder.join("desk.toml").to_str().unwrap()).unwrap();
    let bytes = std::fs::File::open(folder.join("desk.csv")).unwrap();
    let table = read_table(bytes, &mapping, None, "desk.csv").unwrap();
    assert_eq!((table.rows, table.labels_ignored, table.rounded), (4, 4, 0));
    let usdt: Asset = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
        .parse()
        .unwrap();
    let eth = ETHEREUM.native_asset().unwrap();
    let shown: Vec<_> = table
        .source
        .rows
        .iter()
        .map(|row| {
            (
                row.kind,
                row.log_index,
                &row.asset,
                row.amount.to_string(),
                row.from.display(&ETHEREUM),
            )
        })
        .collect();
    let account = |digit: &str| format!("0x{}", digit.repeat(40));
    assert_eq!(
        shown,
        [
            (
                RowKind::Fee,
                None,
                &eth,
                "2100000000000000".to_owned(),
                account("1")
            ),
            (
                RowKind::Transfer,
                None,
                &eth,
                "12500000000000000000".to_owned(),
                account("1")
            ),
            (
                RowKind::Fee,
                None,
                &eth,
                "3000000000000000".to_owned(),
                account("4")
            ),
            (
                RowKind::Transfer,
                Some(88),
                &usdt,
                "1000250000".to_owned(),
                account("1")
            ),
            (
                RowKind::Transfer,
                Some(90),
                &usdt,
                "999000000".to_owned(),
                account("3")
            ),
            (
                RowKind::Fee,
                None,
                &eth,
                "1800000000000000".to_owned(),
                account("1")
            ),
        ]
    );
    let last = &table.source.rows[5];
    assert_eq!((last.height, last.index), (Some(18_573_051), Some(2)));
    let Coverage::Addresses {
        addresses,
        internal: false,
        from,
        to,
    } = &table.source.coverage
    else {
        panic!("{:?}", table.source.coverage);
    };
    assert!(
        addresses
            .iter()
            .eq([&Address::parse(&ETHEREUM, A).unwrap()])
    );
    assert_eq!(
        (from.seconds(), to.seconds()),
        (1_700_000_003, 1_700_000_027)
    );
}
