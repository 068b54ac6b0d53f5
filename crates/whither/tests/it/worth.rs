//! What a trace is worth, by each basis, on the theft that is built in.

use std::path::{Path, PathBuf};

use whither::prices::{Choice, Convention, Day, Period, Request as Import, book, import, pair};
use whither::value::bases::{Request, TraceValue, value_trace};
use whither::{Finding, Policy, Question, answer, open_case};

use crate::support::{Desk, desk};

const ETHER: &str = "eip155:1/slip44:60";

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

fn take(desk: &Desk, file: &Path, convention: Convention) {
    let request = Import {
        file: file.to_owned(),
        bytes: None,
        pair: pair(ETHER, None).unwrap(),
        convention,
        source: "Yahoo Finance".to_owned(),
        licence: None,
        decimals: None,
        dry_run: false,
    };
    import(&desk.path("store"), request).unwrap();
}

fn ronin(desk: &mut Desk, from: &str, request: &Request) -> (Finding, TraceValue) {
    desk.ingest(&example("ronin-2022/transfers.csv"));
    let case = open_case(Some(&example("ronin-2022"))).unwrap();
    let question = Question {
        policy: Policy::Fifo,
        ..Question::from(vec![from.to_owned()])
    };
    let finding = answer(&desk.store, case.as_ref(), &question).unwrap();
    let book = book(&desk.path("store")).unwrap();
    let value = value_trace(&book, &desk.store, case.as_ref(), &finding, request).unwrap();
    (finding, value)
}

fn by(convention: Convention) -> Request {
    Request {
        choice: Choice {
            convention: Some(convention),
            ..Choice::default()
        },
        theft: None,
        report: Day::parse("2022-03-29"),
    }
}

fn cents(usd: &str) -> i128 {
    usd.replace('.', "").parse().unwrap()
}

/// 173,600 ether at theft and on the day that the theft was told.
#[test]
fn the_theft_is_valued_at_its_day_and_at_the_report() {
    for (convention, at_theft, at_report) in [
        (Convention::Open, "516137975.39", "578959687.30"),
        (Convention::Close, "526193255.27", "590585080.86"),
    ] {
        let mut desk = desk();
        take(&desk, &example("prices/eth-usd.csv"), convention);
        let (finding, value) = ronin(&mut desk, "incident:ronin-bridge-2022", &by(convention));
        assert_eq!(value.origins.len(), finding.trace.origins.len());
        let first = &value.origins[0];
        assert_eq!(first.amount, "173600000000000000000000");
        assert_eq!(first.when.as_deref(), Some("2022-03-23"));
        assert_eq!(first.usd.as_deref(), Some(at_theft));
        assert_eq!(first.usd_at_report.as_deref(), Some(at_report));
        // The other two origins are addresses: the case dates them.
        assert!(
            value
                .origins
                .iter()
                .all(|origin| origin.when.as_deref() == Some("2022-03-23"))
        );
        let total = &value.totals[0];
        assert_eq!(
            (total.basis, total.priced, total.unpriced),
            ("at-theft", 3, 0)
        );
    }
}

/// Prices end on 30 March, and the money moved until September: what has no price is counted, and is not nothing.
#[test]
fn missing_prices_are_counted_with_their_amounts() {
    let mut desk = desk();
    take(&desk, &example("prices/eth-usd.csv"), Convention::Close);
    let (finding, value) = ronin(
        &mut desk,
        "incident:ronin-bridge-2022",
        &by(Convention::Close),
    );
    let ends = finding.trace.endpoints.len();
    let cash_out = value
        .totals
        .iter()
        .find(|total| total.basis == "at-cash-out")
        .unwrap();
    assert_eq!(cash_out.priced + cash_out.unpriced, ends);
    assert!(cash_out.priced > 0 && cash_out.unpriced > 0);
    let missing = value
        .unpriced
        .iter()
        .find(|row| row.basis == "at-cash-out")
        .unwrap();
    assert_eq!(
        (missing.asset.as_str(), missing.rows),
        (ETHER, cash_out.unpriced)
    );
    let without = finding.trace.endpoints.iter().zip(&value.endpoints);
    let without = without.filter(|(_, worth)| worth.usd.is_none());
    let sum: u128 = without
        .map(|(end, _)| end.amount.parse::<u128>().unwrap())
        .sum();
    assert_eq!(missing.amount, sum.to_string());
    assert!(
        missing.why.contains("has no price of 2022-"),
        "{}",
        missing.why
    );
    // At the report's date all have a price, and what went in came out.
    let total = |basis: &str| {
        let total = value
            .totals
            .iter()
            .find(|total| total.basis == basis)
            .unwrap();
        assert_eq!(total.unpriced, 0, "{basis}");
        cents(total.usd.as_deref().unwrap())
    };
    let (origins, ends) = (total("at-report-date"), total("at-report-date-endpoints"));
    let kinds = i128::try_from(value.totals[3].by_kind.len()).unwrap();
    assert!((origins - ends).abs() <= kinds, "{origins} {ends}");
    let by_kind: i128 = value.totals[3].by_kind.values().map(|usd| cents(usd)).sum();
    assert_eq!(by_kind, ends);
    // Rows are rounded each, the sum once.
    let rows: i128 = value
        .endpoints
        .iter()
        .map(|end| cents(end.usd_at_report.as_deref().unwrap()))
        .sum();
    let count = i128::try_from(value.endpoints.len()).unwrap();
    assert!((rows - ends).abs() <= count, "{rows} {ends}");
}

/// An address alone has no date of a theft: it is asked for, and a month gives an interval.
#[test]
fn an_origin_without_a_date_is_unpriced_until_somebody_dates_it() {
    let mut desk = desk();
    take(&desk, &example("prices/eth-usd.csv"), Convention::Close);
    let from = "ethereum:0x098b716b8aaf21512996dc57eb0615e2383e2f96";
    let (_, value) = ronin(&mut desk, from, &by(Convention::Close));
    assert_eq!((value.totals[0].priced, value.totals[0].unpriced), (0, 1));
    let missing = value
        .unpriced
        .iter()
        .find(|row| row.basis == "at-theft")
        .unwrap();
    assert_eq!(missing.why, "nothing says when it was");
    let dated = Request {
        theft: Period::parse("2022-03"),
        ..by(Convention::Close)
    };
    let (_, value) = ronin(&mut desk, from, &dated);
    let origin = &value.origins[0];
    assert_eq!(origin.when.as_deref(), Some("2022-03-01 to 2022-03-31"));
    assert_eq!(origin.usd, None);
    let (low, high) = (
        origin.usd_low.as_ref().unwrap(),
        origin.usd_high.as_ref().unwrap(),
    );
    assert!(cents(low) < cents(high));
    assert_eq!(
        (&value.totals[0].usd_low, &value.totals[0].usd_high),
        (low, high)
    );
}
