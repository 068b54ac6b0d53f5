//! Files whole and damaged, as they are handed over.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn close(text: &str) -> Result<Read, SeriesError> {
    read(text.as_bytes(), Convention::Close, &Currency::usd())
}

fn days(read: &Read) -> Vec<String> {
    let days = read.days.iter();
    days.map(|(day, price)| format!("{day} {price}")).collect()
}

fn why(read: &Read) -> Vec<String> {
    let skipped = read.skipped.iter();
    skipped
        .map(|row| format!("{}: {}", row.line, row.why))
        .collect()
}

fn kinds(read: &Read) -> Vec<&'static str> {
    read.remarks.iter().map(|remark| remark.kind).collect()
}

const OHLC: &str = "Date,Open,High,Low,Close,Adj Close,Volume\n\
    2022-03-22,2897.774169921875,3040.3828125,2892.54443359375,2973.131103515625,2973.131103515625,16830539230\n\
    2022-03-23,2973.14501953125,3036.752197265625,2933.306640625,3031.067138671875,3031.067138671875,16008767658\n";

#[test]
fn conventions_take_their_columns() {
    let by = |convention| {
        let read = read(OHLC.as_bytes(), convention, &Currency::usd()).unwrap();
        assert_eq!(
            (read.rows, read.skipped.len(), read.remarks.len()),
            (2, 0, 0)
        );
        (read.column.clone(), days(&read)[1].clone())
    };
    assert_eq!(
        by(Convention::Open),
        ("Open".into(), "2022-03-23 2973.14501953125".into())
    );
    assert_eq!(
        by(Convention::Close),
        ("Close".into(), "2022-03-23 3031.067138671875".into())
    );
    assert_eq!(
        by(Convention::Mid),
        (
            "High and Low".into(),
            "2022-03-23 2985.0294189453125".into()
        )
    );
}

/// Every fault that a file of prices is known to come with, each on a line of its own.
#[test]
fn a_damaged_file_tells_of_every_row() {
    let text = "\u{feff}Date;Close;Note\r\n\
        2020-01-01;7,200.17;\r\n\
        2020-01-02;null;\r\n\
        2020-01-03;0;\r\n\
        2020-01-04;-7410.66;\r\n\
        2020-01-05;7,411;\r\n\
        2020-01-06;7.77E+03;\r\n\
        2020-01-07;8163.69;\r\n\
        2020-01-07;8163.690;\r\n\
        2020-01-09;7879.07;\r\n\
        2020-01-09;7879.08;\r\n\
        2020-01-08;8079.86;\r\n\
        ########;8166.55;\r\n\
        43841;8037.54;\r\n\
        2020-01-12;8192.49\r\n\
        2020-13-01;1;\r\n\
        2020-01-13;81441;\r\n\
        2020-01-14;8827.76;\r\n\
        \r\n\
        2020-01-15;8807.01;;;\r\n\
        2020-01-16;8.723,78;\r\n";
    let read = close(text).unwrap();
    assert_eq!(
        days(&read),
        [
            "2020-01-01 7200.17",
            "2020-01-06 7770",
            "2020-01-07 8163.69",
            "2020-01-08 8079.86",
            "2020-01-11 8037.54",
            "2020-01-13 81441",
            "2020-01-14 8827.76",
            "2020-01-15 8807.01",
        ]
    );
    let told = [
        "3: the price is \"null\": there was none",
        "4: \"0\" is zero, which is no price",
        "5: \"-7410.66\" is below zero",
        "6: \"7,411\" could be thousands or have a decimal comma",
        "10: 2020-01-09 has other prices than 7879.07 on line 11: none is taken",
        "11: 2020-01-09 has other prices than 7879.08 on line 10: none is taken",
        "13: the day is \"########\": a spreadsheet's column was too narrow for it",
        "15: it has 2 cells, and the header 3",
        "16: \"2020-13-01\" is not a day that can be read",
        "21: \"8.723,78\" is not a number",
    ];
    assert_eq!(why(&read), told);
    let odd = [
        "unsorted",
        "repeated",
        "thousands-separators",
        "exponents",
        "serial-days",
        "jump",
    ];
    assert_eq!(kinds(&read), odd);
    assert_eq!(read.rows, 19, "no row is dropped in silence");
}

/// A comma that was not quoted moves every cell behind it.
#[test]
fn an_unquoted_thousand_is_refused_and_not_read_as_ten() {
    let read = close("date,price\n2020-09-25,10,692.72\n2020-09-26,\"10,750.72\"\n").unwrap();
    assert_eq!(days(&read), ["2020-09-26 10750.72"]);
    assert_eq!(why(&read), ["2: it has 3 cells, and the header 2"]);
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_told() {
    let read = close("date,price\n2020-09-25,1\n2020-09-26,\"2\n2020-09-27,3\n").unwrap();
    assert_eq!(days(&read), ["2020-09-25 1"]);
    assert!(
        why(&read)[0].contains("takes in 2 lines"),
        "{:?}",
        why(&read)
    );
}

#[test]
fn the_order_of_day_and_month_is_settled_by_the_whole_file() {
    let us = close("date,price\n9/5/2020,1\n9/25/2020,2\n").unwrap();
    assert_eq!(days(&us), ["2020-09-05 1", "2020-09-25 2"]);
    let british = close("date,price\n5/9/2020,1\n25/9/2020,2\n").unwrap();
    assert_eq!(british.days, us.days);
    for (text, told) in [
        ("date,price\n9/5/2020,1\n9/6/2020,2\n", "nothing tells"),
        (
            "date,price\n9/25/2020,1\n25/9/2020,2\n",
            "line 3 writes the day before the month",
        ),
    ] {
        let error = close(text).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn files_that_are_no_price_files_are_refused() {
    for (bytes, told) in [
        (&b""[..], "no line names a column"),
        (b"a,b\n1,2\n", "no line names a column"),
        (b"Date,Open\n2020-01-01,1\n", "by the convention close"),
        (
            b"date,price\n2020-01-01,null\n",
            "line 2: the price is \"null\"",
        ),
        (b"date,price\n", "no row has a price"),
        (b"\xff\xfed\0", "UTF-16"),
        (b"PK\x03\x04", "workbook"),
        (b"date,price\n2020-01-01,\xff\n", "byte 22"),
    ] {
        let error = read(bytes, Convention::Close, &Currency::usd()).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn a_row_outside_its_own_range_is_remarked() {
    let text = "Date,Open,High,Low,Close\n2020-01-01,1,2,1,3\n2020-01-02,1,1,2,1\n";
    let by_close = close(text).unwrap();
    assert_eq!(
        (days(&by_close).len(), kinds(&by_close)),
        (2, vec!["range"])
    );
    let by_mid = read(text.as_bytes(), Convention::Mid, &Currency::usd()).unwrap();
    assert_eq!(days(&by_mid), ["2020-01-01 1.5"]);
    assert_eq!(by_mid.skipped[0].line, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rows in any order, and any of them twice, give the same prices.
    #[test]
    fn order_changes_nothing(
        rows in prop::collection::vec((0_u32..60, 1_u32..1_000_000), 1..40),
        seed: u64,
    ) {
        let line = |(day, price): &(u32, u32)| {
            let day = Day::from_calendar(2020, 1, 1).unwrap().plus((*day).try_into().unwrap());
            format!("{},{}.{:03}\n", day.unwrap(), price / 1000, price % 1000)
        };
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        let text = |lines: &[String]| format!("date,price\n{}", lines.concat());
        let first = close(&text(&lines));
        let turn = usize::try_from(seed % 40).unwrap() % lines.len();
        lines.rotate_left(turn);
        lines.reverse();
        lines.push(lines[0].clone());
        let second = close(&text(&lines));
        match (first, second) {
            (Ok(first), Ok(second)) => prop_assert_eq!(first.days, second.days),
            (first, second) => prop_assert_eq!(first.is_err(), second.is_err()),
        }
    }

    /// No bytes make it fall over.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, Convention::Mid, &Currency::usd());
        let mut text = b"Date,Open,High,Low,Close\n".to_vec();
        text.extend(bytes);
        let _ = read(&text, Convention::Mid, &Currency::usd());
    }
}
