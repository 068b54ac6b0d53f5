//! Which price a question gets, and what it is told where there is none.

use whither_casework::valuation::{
    Book, Choice, Convention, Missing, Period, Pricer as _, Pricing, Why,
};
use whither_ledger::U256;
use whither_ledger::asset::Asset;

use crate::{day, series};

const ETHER: &str = "eip155:1/slip44:60";
const ONE: u64 = 1_000_000_000_000_000_000;

fn ether() -> Asset {
    ETHER.parse().unwrap()
}

fn book() -> Book {
    Book::new(vec![
        series(
            ETHER,
            Convention::Open,
            "A",
            "2022-03-23,2900 2022-03-24,3000",
        ),
        series(
            ETHER,
            Convention::Close,
            "B",
            "2022-03-23,3030 2022-03-26,3130",
        ),
        series(
            ETHER,
            Convention::Close,
            "A",
            "2022-03-24,3100 2022-03-26,3140",
        ),
        series(
            "eip155:1/slip44:60 in EUR",
            Convention::Close,
            "C",
            "2022-03-23,2750 2022-03-27,2990",
        ),
        series("iso4217:EUR", Convention::Open, "C", "2022-03-23,1.1"),
    ])
}

/// What one ether is worth, with the source and the convention that say so.
fn worth(book: &Book, on: &str, choice: Choice) -> Result<String, Missing> {
    let pricing = Pricing { book, choice };
    let when = Period::from(day(on));
    let priced = pricing.usd(&ether(), U256::from(ONE), when)?;
    assert_eq!((&priced.low, priced.days), (&priced.high, 1));
    let series = priced.low.series.unwrap();
    Ok(format!(
        "{} {} {}",
        priced.low.usd, series.convention, series.source
    ))
}

#[test]
fn series_are_asked_in_a_fixed_order() {
    let book = book();
    let open = Choice::default;
    assert_eq!(
        worth(&book, "2022-03-26", open()).unwrap(),
        "3140.00 close A"
    );
    assert_eq!(
        worth(&book, "2022-03-23", open()).unwrap(),
        "3030.00 close B"
    );
    let quote = book.quote(&ether(), day("2022-03-23"), &open()).unwrap();
    assert_eq!(quote.passed_over, ["eip155:1/slip44:60 in USD (close, A)"]);
    let by = |convention| Choice {
        convention: Some(convention),
        ..open()
    };
    assert_eq!(
        worth(&book, "2022-03-24", by(Convention::Open)).unwrap(),
        "3000.00 open A"
    );
    let missing = worth(&book, "2022-03-24", by(Convention::Mid)).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "there is no price series eip155:1/slip44:60 in USD (mid)"
    );
    assert!(missing.hint().unwrap().contains("(open, A)"), "{missing:?}");
    let from = Choice {
        source: Some("B".to_owned()),
        ..open()
    };
    assert_eq!(worth(&book, "2022-03-26", from).unwrap(), "3130.00 close B");
}

#[test]
fn another_currency_needs_a_rate_of_the_day_and_names_both() {
    let book = book();
    let euros = Choice {
        quote: Some("EUR".parse().unwrap()),
        ..Choice::default()
    };
    let pricing = Pricing {
        book: &book,
        choice: euros.clone(),
    };
    let priced = pricing
        .usd(&ether(), U256::from(ONE), day("2022-03-23").into())
        .unwrap();
    assert_eq!(priced.low.usd.to_string(), "3025.00");
    let (rate, on, series) = priced.low.rate.unwrap();
    assert_eq!(
        (rate.to_string(), on),
        ("1.1".to_owned(), day("2022-03-23"))
    );
    assert_eq!(
        series.convention,
        Convention::Open,
        "there is no close, and it says so"
    );
    // The price is there, and the rate is not: the rate is what is missing.
    let missing = worth(&book, "2022-03-27", euros.clone()).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the price series iso4217:EUR/USD (open, C) has no price of 2022-03-27; its last day is 2022-03-23"
    );
    let near = Choice {
        nearest: 4,
        ..euros
    };
    assert_eq!(worth(&book, "2022-03-27", near).unwrap(), "3289.00 close C");
    let only = Book::new(
        book.series()[..4]
            .iter()
            .filter(|it| it.key.source == "C")
            .cloned()
            .collect(),
    );
    let missing = worth(&only, "2022-03-23", Choice::default());
    assert!(missing.is_ok() || missing.unwrap_err().series == "iso4217:EUR/USD");
}

#[test]
fn a_missing_day_is_told_with_its_neighbours_and_nothing_is_interpolated() {
    let book = book();
    let close = Choice {
        convention: Some(Convention::Close),
        source: Some("A".to_owned()),
        ..Choice::default()
    };
    let missing = worth(&book, "2022-03-25", close.clone()).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the price series eip155:1/slip44:60 in USD (close, A) has no price of 2022-03-25; the nearest days it has \
         are 2022-03-24 and 2022-03-26"
    );
    let near = Choice {
        nearest: 1,
        ..close
    };
    let quote = book.quote(&ether(), day("2022-03-25"), &near).unwrap();
    assert_eq!(
        (quote.day, quote.price.to_string()),
        (day("2022-03-24"), "3100".to_owned())
    );
}

#[test]
fn a_month_has_the_least_and_the_most_of_its_days() {
    let book = book();
    let pricing = Pricing {
        book: &book,
        choice: Choice::default(),
    };
    let when = Period::parse("2022-03").unwrap();
    let priced = pricing.usd(&ether(), U256::from(2 * ONE), when).unwrap();
    let (low, high) = (priced.low, priced.high);
    assert_eq!(
        (low.usd.to_string(), low.day),
        ("6200.00".to_owned(), day("2022-03-24"))
    );
    assert_eq!(
        (high.usd.to_string(), high.day),
        ("6280.00".to_owned(), day("2022-03-26"))
    );
    assert_eq!((priced.days_priced, priced.days), (2, 31));
    let missing = pricing
        .usd(&ether(), U256::from(1), Period::parse("2021").unwrap())
        .unwrap_err();
    assert!(
        matches!(
            missing.why,
            Why::NoDay {
                before: None,
                after: Some(_),
                ..
            }
        ),
        "{missing}"
    );
}

#[test]
fn dollars_are_dollars_and_tokens_are_not() {
    let book = book();
    let pricing = Pricing {
        book: &book,
        choice: Choice::default(),
    };
    let when = Period::from(day("1999-01-01"));
    let dollars = pricing
        .usd(&Asset::usd(), U256::from(12_345), when)
        .unwrap();
    assert_eq!(
        (dollars.low.usd.to_string(), dollars.low.series),
        ("123.45".to_owned(), None)
    );
    let usdc: Asset = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
        .parse()
        .unwrap();
    let missing = pricing.usd(&usdc, U256::from(1), when).unwrap_err();
    assert!(
        matches!(missing.why, Why::NoSeries { ref held } if held.is_empty()),
        "{missing}"
    );
    let priced = Book::new(vec![series(
        usdc.as_str(),
        Convention::Close,
        "A",
        "1999-01-01,1",
    )]);
    let pricing = Pricing {
        book: &priced,
        choice: Choice::default(),
    };
    let missing = pricing.usd(&usdc, U256::from(1), when).unwrap_err();
    assert_eq!(missing.why, Why::NoDecimals);
}
